//! Facts: named, typed statements about a site, each with where it was read and how firmly it stands.
//!
//! This is the narrow waist of cardvet: inspectors write facts and do not know what is risky; rules read
//! facts and do not know how a thing was found out. It deliberately knows nothing of pages, rules or scores.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number; the unit stands in the fact's name.
    Int(i64),
    /// A number with a fraction; the unit stands in the fact's name.
    Number(f64),
    /// One piece of text.
    Text(String),
    /// Several pieces of text, sorted and without repeats unless the fact's meaning says otherwise.
    List(Vec<String>),
}

impl Value {
    /// The type of this value.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::List(_) => Kind::List,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<Vec<String>> for Value {
    fn from(value: Vec<String>) -> Self {
        Self::List(value)
    }
}

/// The type of a fact's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Number,
    /// One piece of text.
    Text,
    /// Several pieces of text.
    List,
}

/// How firmly a fact stands (levels E1–E5 and EX of the domain notes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    /// The site says so (E1).
    Claimed,
    /// Shown, but its format fails (E2).
    Malformed,
    /// Shown and its format holds; nobody else was asked (E3). Also: plainly seen on a page.
    WellFormed,
    /// Agrees with other things seen on the site (E4).
    Consistent,
    /// Said by the issuer (E5).
    Confirmed,
    /// Said otherwise by the issuer, or by the site itself (EX).
    Contradicted,
}

/// What it costs a cheat to make a fact come out in his favour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fakeability {
    /// Typed into a page.
    Trivial,
    /// Bought or copied for little money or in an hour.
    Cheap,
    /// Needs an issuer, or years.
    Hard,
}

/// One entry of the catalogue: what a fact means, before any site was looked at.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FactSpec {
    /// `group.thing_unit`; public, never renamed.
    pub name: &'static str,
    /// Type of the value.
    pub kind: Kind,
    /// What it says, in one line, with the unit and when it is left unsaid.
    pub meaning: &'static str,
    /// What it costs to fake.
    pub fakeability: Fakeability,
}

impl FactSpec {
    /// A catalogue entry; `const` so that an inspector's list can be a constant.
    pub const fn new(
        name: &'static str,
        kind: Kind,
        fakeability: Fakeability,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            meaning,
            fakeability,
        }
    }
}

/// Where a fact was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The page's final address.
    pub url: String,
    /// Which part of the page: `footer`, `main`, `title`, `link`, `script`, …
    pub place: String,
    /// What stood there, as shown, at most [`SNIPPET_CHARS`] characters.
    pub snippet: String,
}

/// Longest snippet kept with a fact, in characters.
pub const SNIPPET_CHARS: usize = 120;

/// Most places kept with a fact.
const MOST_PLACES: usize = 9;

/// The places that a fact keeps of these, in order: the first ones, the same one not twice in a row. The rest is not
/// even asked for.
pub fn kept(places: impl IntoIterator<Item = Place>) -> Vec<Place> {
    let mut kept: Vec<Place> = Vec::new();
    for place in places {
        if kept.last() != Some(&place) {
            kept.push(place);
        }
        if kept.len() == MOST_PLACES {
            break;
        }
    }
    kept
}

impl Place {
    /// A place; cuts the snippet to [`SNIPPET_CHARS`] characters.
    pub fn new(url: impl Into<String>, place: impl Into<String>, snippet: &str) -> Self {
        let mut cut: String = snippet.chars().take(SNIPPET_CHARS).collect();
        if cut.len() < snippet.len() {
            cut.push('…');
        }
        Self {
            url: url.into(),
            place: place.into(),
            snippet: cut,
        }
    }
}

/// One statement about one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Name in the catalogue.
    pub name: String,
    /// What it says.
    pub value: Value,
    /// How firmly it stands.
    pub firmness: Firmness,
    /// Where it was read first; nothing for facts about the whole of what was read.
    #[serde(default)]
    pub at: Option<Place>,
    /// Further places, in page order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Place>,
    /// What else a reader should know: how it was written, why it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Why a fact could not be stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// A gap reason code (`blocked_by_robots`, `not_crawled`, …).
    pub reason: String,
    /// Which page or source, and what happened.
    pub detail: String,
}

/// All that is known about one site, by name, and why the rest is not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// In boxes, since the tree moves what it holds as it grows.
    known: BTreeMap<String, Box<Fact>>,
    absent: BTreeMap<String, Absence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    capped: Option<Absence>,
}

impl Facts {
    /// States a fact. A second statement under the same name replaces the first.
    pub fn state(&mut self, fact: Fact) {
        self.absent.remove(&fact.name);
        self.known.insert(fact.name.clone(), Box::new(fact));
    }

    /// States a fact in short: name, value, firmness and the places it was read, in order.
    pub fn say(&mut self, name: &str, value: impl Into<Value>, firmness: Firmness, places: Vec<Place>) {
        let mut places = kept(places).into_iter();
        let at = places.next();
        self.state(Fact {
            name: name.to_owned(),
            value: value.into(),
            firmness,
            at,
            also: places.collect(),
            detail: None,
        });
    }

    /// Adds a detail to a fact already stated; nothing happens when it is not there.
    pub fn detail(&mut self, name: &str, detail: impl Into<String>) {
        if let Some(fact) = self.known.get_mut(name) {
            fact.detail = Some(detail.into());
        }
    }

    /// Says why a fact could not be stated. Ignored when the fact is known.
    pub fn cannot_say(&mut self, name: &str, reason: impl Into<String>, detail: impl Into<String>) {
        if !self.known.contains_key(name) {
            self.absent.insert(
                name.to_owned(),
                Absence {
                    reason: reason.into(),
                    detail: detail.into(),
                },
            );
        }
    }

    /// Lowers the firmness of every fact to at most `cap`, save contradictions, and remembers why (pages read
    /// unverified, saved files).
    pub fn cap_firmness(&mut self, cap: Firmness, reason: impl Into<String>, detail: impl Into<String>) {
        self.capped = Some(Absence {
            reason: reason.into(),
            detail: detail.into(),
        });
        for fact in self.known.values_mut() {
            if fact.firmness != Firmness::Contradicted && fact.firmness > cap {
                fact.firmness = cap;
            }
        }
    }

    /// Why the firmness of all facts was capped, if it was.
    pub fn capped(&self) -> Option<&Absence> {
        self.capped.as_ref()
    }

    /// Takes a fact away, as if it had never been read. For tests and what-if questions.
    pub fn forget(&mut self, name: &str) -> Option<Fact> {
        self.known.remove(name).map(|fact| *fact)
    }

    /// The fact of that name, if it is known.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.known.get(name).map(Box::as_ref)
    }

    /// The value of a yes-or-no fact, if it is known.
    pub fn is(&self, name: &str) -> Option<bool> {
        match self.known.get(name)?.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a text fact, if it is known.
    pub fn text(&self, name: &str) -> Option<&str> {
        match &self.known.get(name)?.value {
            Value::Text(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a list fact; empty when it is not known.
    pub fn list(&self, name: &str) -> &[String] {
        match self.known.get(name).map(|fact| &fact.value) {
            Some(Value::List(value)) => value,
            _ => &[],
        }
    }

    /// Why the fact of that name is not known, where somebody said so.
    pub fn absence(&self, name: &str) -> Option<&Absence> {
        self.absent.get(name)
    }

    /// All known facts, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.known.values().map(Box::as_ref)
    }

    /// How many facts are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}
