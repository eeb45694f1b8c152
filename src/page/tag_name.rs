//! Tag names: of elements, lower case. Nearly all are names that HTML knows, and those are not copied for every block.

use std::borrow::Cow;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Name of an element, lower case; reads and is written as a string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagName(Cow<'static, str>);

impl TagName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for TagName {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&'static str> for TagName {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for TagName {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl PartialEq<str> for TagName {
    fn eq(&self, name: &str) -> bool {
        self.as_str() == name
    }
}

impl PartialEq<&str> for TagName {
    fn eq(&self, name: &&str) -> bool {
        self.as_str() == *name
    }
}
