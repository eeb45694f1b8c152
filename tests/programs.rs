//! Shops in the shape of every shop program, served over loopback, vetted by the real line and read as expected.
//!
//! Each folder of `tests/programs/` is a sample (see `data/samples/README.md`; labels are left out) with an
//! `expected.toml`: `[facts]` exact values, `[holds]` and `[lacks]` items of lists, `[unsaid]` facts that are left out
//! and for which reasons (none given: any), `[[gaps]]` that must be there. All misses of all folders are told at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cardvet::demo::Samples;
use cardvet::evidence::Gap;
use cardvet::facts::{Fact, Value};
use cardvet::inspect::{DataFiles, Inspectors, catalogue};
use serde::Deserialize;

use crate::support::samples::{Run, Vetted, run_of};

type Folders = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Whether the folder is one that runs no shop program.
    #[serde(default)]
    innocent: bool,
    #[serde(default)]
    facts: BTreeMap<String, toml::Value>,
    #[serde(default)]
    holds: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    lacks: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    unsaid: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    gaps: Vec<ExpectedGap>,
}

/// A gap with this reason whose detail and address contain these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedGap {
    reason: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    what: String,
}

impl ExpectedGap {
    fn fits(&self, gap: &Gap) -> bool {
        gap.reason.code() == self.reason && gap.detail.contains(&self.detail) && gap.what.contains(&self.what)
    }
}

/// The folders below `tests/programs`, read when the test runs.
fn folders() -> Folders {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut folders = Folders::new();
    for entry in fs::read_dir(root).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let mut files = BTreeMap::new();
            gather(&path, "", &mut files);
            folders.insert(name, files);
        }
    }
    folders
}

fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            gather(&path, &format!("{prefix}{name}/"), files);
        } else {
            files.insert(
                format!("{prefix}{name}"),
                fs::read(&path).expect("it can be read"),
            );
        }
    }
}

fn expected(id: &str, files: &BTreeMap<String, Vec<u8>>) -> Expected {
    let text = files
        .get("expected.toml")
        .and_then(|text| std::str::from_utf8(text).ok());
    let text = text.ok_or_else(|| format!("{id} has no readable expected.toml"));
    text.and_then(|text| toml::from_str(text).map_err(|err| format!("{id}/expected.toml: {err}")))
        .unwrap()
}

/// What was read otherwise than expected, one line each.
fn misses(expected: &Expected, vetted: &Vetted, absent: &BTreeMap<String, String>) -> Vec<String> {
    let facts: BTreeMap<&str, &Fact> = vetted
        .assessment
        .facts
        .iter()
        .map(|fact| (fact.name.as_str(), fact))
        .collect();
    let value = |name: &str| facts.get(name).map(|fact| &fact.value);
    let shown = |name: &str| match (value(name), absent.get(name)) {
        (Some(value), _) => format!("{value:?}"),
        (None, Some(reason)) => format!("unsaid, {reason}"),
        (None, None) => "unsaid".to_owned(),
    };
    let list = |name: &str| match value(name) {
        Some(Value::List(items)) => items.clone(),
        _ => Vec::new(),
    };
    let mut missed = Vec::new();
    for (name, wanted) in &expected.facts {
        if value(name).is_none_or(|value| !same(value, wanted)) {
            missed.push(format!("{name} = {wanted}, but is {}", shown(name)));
        }
    }
    for (name, wanted) in &expected.holds {
        for item in wanted.iter().filter(|item| !list(name).contains(item)) {
            missed.push(format!("{name} holds {item}, but is {}", shown(name)));
        }
    }
    for (name, unwanted) in &expected.lacks {
        for item in unwanted.iter().filter(|item| list(name).contains(item)) {
            missed.push(format!("{name} lacks {item}, but is {}", shown(name)));
        }
    }
    for (name, reasons) in &expected.unsaid {
        let because = absent.get(name);
        let right = reasons.is_empty() || because.is_some_and(|because| reasons.contains(because));
        if value(name).is_some() || !right {
            missed.push(format!("{name} is unsaid {reasons:?}, but is {}", shown(name)));
        }
    }
    for gap in &expected.gaps {
        if !vetted.evidence.gaps.iter().any(|seen| gap.fits(seen)) {
            missed.push(format!("{gap:?} is not among {:?}", vetted.evidence.gaps));
        }
    }
    missed
}

fn same(value: &Value, wanted: &toml::Value) -> bool {
    match (value, wanted) {
        (Value::Bool(one), toml::Value::Boolean(other)) => one == other,
        (Value::Int(one), toml::Value::Integer(other)) => one == other,
        (Value::Number(one), toml::Value::Float(other)) => (one - other).abs() < 0.005,
        (Value::Text(one), toml::Value::String(other)) => one == other,
        (Value::List(one), toml::Value::Array(other)) => {
            let other: BTreeSet<&str> = other.iter().filter_map(toml::Value::as_str).collect();
            one.iter().map(String::as_str).collect::<BTreeSet<_>>() == other
        }
        _ => false,
    }
}

/// Why facts were left out, by name.
fn absences(vetted: &Vetted, inspectors: &Inspectors) -> BTreeMap<String, String> {
    let facts = inspectors.facts(&vetted.evidence);
    catalogue()
        .keys()
        .filter_map(|name| Some(((*name).to_owned(), facts.absence(name)?.reason.clone())))
        .collect()
}

#[test]
fn shops_of_every_program_and_their_look_alikes_are_read_rightly() {
    let folders = folders();
    let run: Run = run_of(Samples::of(&folders).expect("the folders are samples"));
    let inspectors = Inspectors::load(&DataFiles::built_in()).expect("the built-in data loads");
    let mut told = Vec::new();
    for vetted in &run.vetted {
        let id = vetted.sample.id.as_str();
        let expected = expected(id, &folders[id]);
        let missed = misses(&expected, vetted, &absences(vetted, &inspectors));
        told.extend(missed.into_iter().map(|miss| format!("{id}: {miss}")));
    }
    assert!(told.is_empty(), "{} misses:\n{}", told.len(), told.join("\n"));
}

#[test]
fn expectations_name_facts_of_the_catalogue_and_half_of_the_folders_are_look_alikes() {
    let folders = folders();
    let catalogue = catalogue();
    let (mut innocent, mut programs) = (0, BTreeSet::new());
    for (id, files) in &folders {
        let expected = expected(id, files);
        innocent += usize::from(expected.innocent);
        assert_eq!(expected.innocent, id.starts_with("not-"), "{id}");
        if let Some(name) = expected.facts.get("software.name").and_then(toml::Value::as_str) {
            programs.insert(name.to_owned());
        }
        let lists = expected.holds.keys().chain(expected.lacks.keys());
        let names = expected.facts.keys().chain(lists).chain(expected.unsaid.keys());
        for name in names {
            assert!(catalogue.contains_key(name.as_str()), "{id}: no fact {name}");
        }
    }
    assert!(innocent * 2 >= folders.len(), "{innocent} of {}", folders.len());
    for program in [
        "dujiaoka",
        "dujiao_next",
        "acg_faka",
        "kamifaka",
        "zfaka",
        "card_system",
        "caihong",
        "fakanet",
        "qs_faka",
        "juheshe",
        "epay",
        "vmq",
        "epusdt",
    ] {
        assert!(programs.contains(program), "no folder for {program}");
    }
}
