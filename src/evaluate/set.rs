//! A labelled set: a folder of pages, each with what a careful person sees on it, and the terms of the measurement.
//!
//! `set.toml` holds the [`Terms`]; each `<family>/<page>.html` has its label in `<family>/<page>.toml`. Pages are kept in
//! UTF-8 and handed out in the charset their label names. Labels are checked against the catalogue as they are loaded,
//! all problems at once. Nothing is judged here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::facts::{FactSpec, Kind, Value};
use crate::target::Target;

/// Longest page or label that is read, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// A set that cannot be used: every problem, one a line, each with its file.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SetError(pub Vec<String>);

/// Terms of the measurement (`set.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Facts that are numbers of registers: held to [`Least::numbers`].
    pub numbers: BTreeSet<String>,
    /// What precision and recall must reach.
    pub least: Least,
    /// Facts, or groups ending in `.`, that no label speaks of.
    pub not_scored: BTreeSet<String>,
    /// Facts that follow from a labelled one (the province of a number): scored only where the label gives them.
    pub when_labelled: BTreeSet<String>,
    /// Values that say that nothing was found, by fact: they count as silence.
    pub silent: BTreeMap<String, BTreeSet<String>>,
    /// Facts that every page has (its kind): a label with these alone has nothing to find.
    pub background: BTreeSet<String>,
    /// How far a number with a fraction may be off.
    pub tolerance: f64,
}

/// Least precision and recall.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Least {
    /// Of numbers.
    pub numbers: f64,
    /// Of every other fact.
    pub other: f64,
}

/// One labelled page.
#[derive(Debug, Clone)]
pub struct Case {
    /// `family/page`.
    pub id: String,
    /// The folder it stands in.
    pub family: String,
    /// The address it was saved from.
    pub target: Target,
    /// The page, in the charset its label names.
    pub bytes: Vec<u8>,
    /// What a person sees, and what is tricky.
    pub note: String,
    /// Whether it was written by somebody who had not read the inspectors.
    pub blind: bool,
    /// What must be read; nothing else may be stated.
    pub expected: BTreeMap<String, Value>,
    /// Facts that are debatable on this page.
    pub not_scored: BTreeSet<String>,
}

/// What a label says of a fact.
pub type Expectation = Value;

/// A labelled set.
#[derive(Debug, Clone)]
pub struct Set {
    /// How it is measured.
    pub terms: Terms,
    /// The pages, by id.
    pub cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    url: String,
    note: String,
    #[serde(default)]
    blind: bool,
    charset: Option<String>,
    #[serde(default)]
    not_scored: BTreeSet<String>,
    facts: BTreeMap<String, toml::Value>,
}

impl Set {
    /// Loads a folder; labels are checked against the catalogue.
    pub fn load(folder: &Path, catalogue: &BTreeMap<&'static str, FactSpec>) -> Result<Self, SetError> {
        let mut problems = Vec::new();
        let terms = read_terms(folder, catalogue).map_err(|problem| SetError(vec![problem]))?;
        let mut cases = Vec::new();
        for page in pages(folder).map_err(|problem| SetError(vec![problem]))? {
            match read_case(folder, &page, catalogue) {
                Ok(case) => cases.push(case),
                Err(problem) => problems.push(problem),
            }
        }
        if cases.is_empty() && problems.is_empty() {
            problems.push(format!("{}: holds no labelled page", folder.display()));
        }
        if problems.is_empty() {
            Ok(Self { terms, cases })
        } else {
            Err(SetError(problems))
        }
    }
}

fn read_terms(folder: &Path, catalogue: &BTreeMap<&'static str, FactSpec>) -> Result<Terms, String> {
    let path = folder.join("set.toml");
    let terms: Terms = toml::from_str(&text_of(&path)?).map_err(|error| at(&path, error))?;
    let named = terms
        .numbers
        .iter()
        .chain(&terms.when_labelled)
        .chain(&terms.background)
        .chain(terms.silent.keys())
        .chain(terms.not_scored.iter().filter(|name| !name.ends_with('.')));
    for name in named {
        if !catalogue.contains_key(name.as_str()) {
            return Err(at(&path, format!("`{name}` is no fact")));
        }
    }
    Ok(terms)
}

/// All pages of the set, sorted.
fn pages(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for family in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        found.extend(
            entries(&family)?
                .into_iter()
                .filter(|path| path.extension().is_some_and(|extension| extension == "html")),
        );
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let list = std::fs::read_dir(folder).map_err(|error| at(folder, error))?;
    list.map(|entry| entry.map(|entry| entry.path()).map_err(|error| at(folder, error)))
        .collect()
}

fn read_case(
    folder: &Path,
    page: &Path,
    catalogue: &BTreeMap<&'static str, FactSpec>,
) -> Result<Case, String> {
    let path = page.with_extension("toml");
    let label: Label = toml::from_str(&text_of(&path)?).map_err(|error| at(&path, error))?;
    let target = Target::parse(&label.url, true).map_err(|error| at(&path, error))?;
    let mut expected = BTreeMap::new();
    for (name, value) in label.facts {
        let spec = catalogue
            .get(name.as_str())
            .ok_or_else(|| at(&path, format!("`{name}` is no fact")))?;
        let value = value_of(&value, spec.kind)
            .ok_or_else(|| at(&path, format!("`{name}` must be {:?}", spec.kind)))?;
        expected.insert(name, value);
    }
    let text = text_of(page)?;
    let bytes = match &label.charset {
        None => text.into_bytes(),
        Some(name) => encoding_rs::Encoding::for_label(name.as_bytes())
            .map(|encoding| encoding.encode(&text).0.into_owned())
            .ok_or_else(|| at(&path, format!("`{name}` is no charset")))?,
    };
    let id = page
        .with_extension("")
        .strip_prefix(folder)
        .unwrap_or(page)
        .to_string_lossy()
        .replace('\\', "/");
    Ok(Case {
        family: id.split('/').next().unwrap_or_default().to_owned(),
        id,
        target,
        bytes,
        note: label.note,
        blind: label.blind,
        expected,
        not_scored: label.not_scored,
    })
}

/// A label's value as a fact's; nothing when it is of another kind.
fn value_of(value: &toml::Value, kind: Kind) -> Option<Value> {
    match (kind, value) {
        (Kind::Bool, toml::Value::Boolean(value)) => Some(Value::Bool(*value)),
        (Kind::Int, toml::Value::Integer(value)) => Some(Value::Int(*value)),
        (Kind::Number, toml::Value::Float(value)) => Some(Value::Number(*value)),
        (Kind::Number, toml::Value::Integer(value)) => i32::try_from(*value)
            .ok()
            .map(|value| Value::Number(value.into())),
        (Kind::Text, toml::Value::String(value)) => Some(Value::Text(value.clone())),
        (Kind::List, toml::Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(Value::List),
        _ => None,
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| at(path, error))?.len();
    if size > MAX_FILE {
        return Err(at(path, format!("is longer than {MAX_FILE} bytes")));
    }
    std::fs::read_to_string(path).map_err(|error| at(path, error))
}

fn at(path: &Path, what: impl std::fmt::Display) -> String {
    format!("{}: {what}", path.display())
}
