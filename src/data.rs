//! Data files: recognition as data. Named TOML texts with one hash over all of them.
//!
//! Holds text and parses it on request; it does not know what any file means, and reads no disk. The files
//! built into the binary come from `data/`; another folder's texts can be handed in instead.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// A folder below `data/`, as built into the binary.
pub(crate) fn folder(name: &str) -> Option<&'static Dir<'static>> {
    BUILT_IN.get_dir(name)
}

/// A data file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file is not there.
    #[error("data file `{0}` is missing")]
    Missing(String),
    /// The file does not read.
    #[error("data file `{file}`: {message}")]
    Bad {
        /// Name of the file.
        file: String,
        /// Place and cause.
        message: String,
    },
}

/// The data files by name (`words.toml`).
#[derive(Debug, Clone)]
pub struct DataFiles {
    files: BTreeMap<String, String>,
}

impl DataFiles {
    /// The files built into the binary: every `data/*.toml`.
    pub fn built_in() -> Self {
        let files = BUILT_IN
            .files()
            .filter(|file| file.path().extension().is_some_and(|ext| ext == "toml"))
            .filter_map(|file| Some((file.path().to_str()?.to_owned(), file.contents_utf8()?.to_owned())))
            .collect();
        Self { files }
    }

    /// These files instead.
    pub fn from_texts(files: BTreeMap<String, String>) -> Self {
        Self { files }
    }

    /// The same files with one put in or replaced.
    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Self {
        self.files.insert(name.to_owned(), text.into());
        self
    }

    /// Names of the files that hold a line, in order.
    pub fn holding(&self, line: &str) -> impl Iterator<Item = &str> {
        let holds = move |text: &str| text.lines().any(|other| other.trim() == line);
        self.files
            .iter()
            .filter(move |(_, text)| holds(text))
            .map(|(name, _)| name.as_str())
    }

    /// Reads one file as the type its reader wants.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, DataError> {
        let text = self
            .files
            .get(name)
            .ok_or_else(|| DataError::Missing(name.to_owned()))?;
        toml::from_str(text).map_err(|err| DataError::Bad {
            file: name.to_owned(),
            message: err.to_string(),
        })
    }

    /// An error about one of these files.
    pub fn bad(name: &str, message: impl std::fmt::Display) -> DataError {
        DataError::Bad {
            file: name.to_owned(),
            message: message.to_string(),
        }
    }

    /// SHA-256 over names and texts, hex; the data version that assessments name.
    pub fn hash(&self) -> String {
        crate::digest::of_texts(&self.files)
    }
}
