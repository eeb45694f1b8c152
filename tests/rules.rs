//! The built-in rules and data as a whole: complete, reached, documented, and read by somebody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cardvet::advice::Advice;
use cardvet::crawl::Plan;
use cardvet::data::DataFiles;
use cardvet::finding::{Outcome, Status};
use cardvet::inspect::{Inspectors, catalogue};
use cardvet::rules::{RuleSet, built_in};
use cardvet::scope::Scopes;
use regex::Regex;

use crate::support::samples::{policy, run};

/// Rules that no sample makes hold, and why.
const UNREACHED: &[(&str, &str)] = &[
    (
        "contact/masked",
        "masks stand in comments and boasts; contact/tests.rs has them",
    ),
    (
        "filing/several-spellings",
        "on trial; the filing tests have two spellings on one page",
    ),
    (
        "integrity/injected",
        "no sample was broken into; inspect/site and tests/extraction have such pages",
    ),
    (
        "licence/link-broken",
        "a garbled link; number_samples.tsv has them",
    ),
    (
        "licence/organisation-check-fails",
        "retired codes; number_samples.tsv has them",
    ),
    ("lure/membership-far-below", "on trial; its own examples"),
    (
        "lure/offers-below",
        "between what honest and bad samples ask; its own examples",
    ),
    (
        "lure/offers-mostly-below",
        "on trial; the samples have few goods each",
    ),
    (
        "terms/short-complaint-window",
        "merchant pages of platforms; tests/programs/fakanet has one",
    ),
    (
        "connection/certificate-fails",
        "the samples are served over plain HTTP; net/tls.rs serves bad certificates",
    ),
    (
        "filing/impossible-year",
        "a slip of digits; the rule's own examples",
    ),
    (
        "filing/malformed",
        "a slip of digits; number/icp.rs has the samples",
    ),
    (
        "filing/police-lookalike-link",
        "as filing/lookalike-link, which a sample reaches",
    ),
    (
        "filing/police-malformed",
        "a slip of digits; number/police.rs has the samples",
    ),
    (
        "filing/police-placeholder",
        "as filing/placeholder-number, which a sample reaches",
    ),
    (
        "filing/police-province-mismatch",
        "filing/police-link-differs takes its place on patchwork-footer",
    ),
    (
        "filing/several-subjects",
        "a page of two companies; inspect/filing has the pages",
    ),
    (
        "goods/gambling",
        "no sample sells games of chance; inspect/goods.rs has the sentences",
    ),
    (
        "licence/class-unusual",
        "a code of another register; number/uscc.rs has the codes",
    ),
    (
        "licence/link-lookalike",
        "as filing/lookalike-link, which a sample reaches",
    ),
    (
        "licence/malformed",
        "a slip of digits; number/uscc.rs has the codes",
    ),
    (
        "licence/placeholder",
        "as filing/placeholder-number, which a sample reaches",
    ),
    (
        "licence/registration-check-fails",
        "only the innocent stale-licence shows an old number, and its digit holds",
    ),
    ("order/custody-unnamed", "no sample claims custody"),
    (
        "review/nondelivery",
        "no sample prints comments of buyers against itself",
    ),
    (
        "terms/refund-refused-in-part",
        "the samples refuse everything or nothing",
    ),
];

/// Facts that rules use and no sample states, and why.
const UNSTATED: &[(&str, &str)] = &[
    (
        "licence.organisation_problem",
        "no sample shows such a code; number_samples.tsv has them",
    ),
    (
        "order.custody_named",
        "said only beside a claim of custody, which no sample makes",
    ),
    (
        "tls.problem",
        "said only of a certificate that fails; the samples are served over plain HTTP",
    ),
];

/// Data that no loader asks for by name, and who reads it.
const BUILT_IN_ELSEWHERE: &[(&str, &str)] = &[
    ("letters.toml", "src/text/letters.rs"),
    ("traditional.toml", "src/text/letters.rs"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rule_files() -> BTreeMap<String, String> {
    let mut files = built_in();
    files.remove("policy.toml");
    files
}

fn rules() -> RuleSet {
    RuleSet::load(&rule_files(), &catalogue()).expect("the built-in rules load")
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).expect("a file of this repository")
}

fn listed(list: &'static [(&str, &str)]) -> BTreeSet<&'static str> {
    list.iter().map(|row| row.0).collect()
}

#[test]
fn there_are_at_least_thirty_settled_rules() {
    let settled = rules()
        .rules()
        .iter()
        .filter(|rule| *rule.file.status.get_ref() == Status::Settled)
        .count();
    assert!(settled >= 30, "{settled}");
}

#[test]
fn what_is_built_in_is_what_stands_in_the_folders() {
    for (folder, built_in) in [("rules", built_in()), ("data", data())] {
        let mut there = BTreeSet::new();
        for entry in std::fs::read_dir(root().join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let below = if path.is_dir() && folder == "rules" {
                std::fs::read_dir(&path)
                    .expect("a folder")
                    .map(|entry| entry.expect("an entry").path())
                    .collect()
            } else {
                vec![path]
            };
            there.extend(
                below
                    .into_iter()
                    .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
                    .map(|path| {
                        path.strip_prefix(root().join(folder))
                            .expect("below it")
                            .to_string_lossy()
                            .replace('\\', "/")
                    }),
            );
        }
        let built_in: BTreeSet<String> = built_in.into_keys().collect();
        assert_eq!(built_in, there, "{folder}");
    }
}

/// Rows of the first table of the README: check and the text of its rules.
fn readme_rows() -> Vec<(String, String)> {
    let row = Regex::new(r"(?m)^\| (CK\d+|X\d+) [^|]*\| ([^|]*)\|").expect("a pattern");
    let text = read("rules/README.md");
    row.captures_iter(&text)
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        .collect()
}

/// Ids and patterns (`filing/*`) in the words of a row; a name without a group has that of the one before it.
fn named(row: &str) -> Vec<String> {
    let code = Regex::new("`([^`]+)`").expect("a pattern");
    let mut group = "";
    let mut names = Vec::new();
    for found in code.captures_iter(row) {
        let name = found.get(1).expect("a group of the pattern").as_str();
        match name.split_once('/') {
            Some((of, _)) => {
                group = of;
                names.push(name.to_owned());
            }
            None => names.push(format!("{group}/{name}")),
        }
    }
    names
}

fn matches(pattern: &str, id: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == id, |start| id.starts_with(start))
}

#[test]
fn every_check_has_rules_or_is_named_as_out_of_reach() {
    let first_lines: Vec<String> = rule_files()
        .values()
        .map(|text| text.lines().next().unwrap_or_default().to_owned())
        .collect();
    let rows: BTreeMap<String, String> = readme_rows().into_iter().collect();
    for number in 1..=18 {
        let check = Regex::new(&format!(r"\bCK{number}\b")).expect("a pattern");
        let covered = first_lines.iter().any(|line| check.is_match(line));
        let row = &rows[&format!("CK{number}")];
        let out_of_reach = row.starts_with('—');
        assert!(
            covered != out_of_reach,
            "CK{number}: a rule names it: {covered}, the README: {row}"
        );
    }
}

#[test]
fn every_rule_names_the_checks_it_covers_and_stands_in_the_readme() {
    let rules = rules();
    let covers = Regex::new(r"^# Covers (?:(?:CK|X)\d+\b|no CK;)").expect("a pattern");
    for (path, text) in rule_files() {
        assert!(covers.is_match(&text), "{path} begins with the checks it covers");
    }
    let readme = read("rules/README.md");
    let (_, tables) = readme
        .split_once("\n## Which rule covers which check\n")
        .expect("the heading");
    let patterns = named(tables);
    let strangers: Vec<&String> = patterns
        .iter()
        .filter(|name| !rules.rules().iter().any(|rule| matches(name, &rule.id)))
        .collect();
    assert!(strangers.is_empty(), "the README names no rule by {strangers:?}");
    let missing: Vec<&str> = rules
        .rules()
        .iter()
        .map(|rule| rule.id.as_str())
        .filter(|id| !patterns.iter().any(|name| matches(name, id)))
        .collect();
    assert!(missing.is_empty(), "the README's tables lack {missing:?}");
}

#[test]
fn a_rule_covers_the_checks_that_the_readme_gives_it() {
    for (check, row) in readme_rows() {
        let stated = Regex::new(&format!(r"^# Covers .*\b{check}\b")).expect("a pattern");
        for name in named(&row).iter().filter(|name| !name.ends_with('*')) {
            let text = &built_in()[&format!("{name}.toml")];
            assert!(
                stated.is_match(text),
                "{name} does not say that it covers {check}"
            );
        }
    }
}

#[test]
fn every_group_has_a_cap_and_every_cap_a_group() {
    let groups: BTreeSet<String> = rules().rules().iter().map(|rule| rule.group.clone()).collect();
    let capped: BTreeSet<String> = policy().groups.keys().cloned().collect();
    assert_eq!(groups, capped);
}

#[test]
fn every_rule_is_reached_by_a_sample_or_listed() {
    let run = run();
    let reached: BTreeSet<&str> = run
        .vetted
        .iter()
        .flat_map(|vetted| &vetted.assessment.findings)
        .filter(|placed| placed.finding.outcome == Outcome::Holds)
        .map(|placed| placed.finding.rule.as_str())
        .collect();
    let rules = rules();
    let ids: BTreeSet<&str> = rules.rules().iter().map(|rule| rule.id.as_str()).collect();
    let unreached: BTreeSet<&str> = ids.difference(&reached).copied().collect();
    assert_eq!(unreached, listed(UNREACHED));
}

#[test]
fn every_fact_that_rules_use_is_stated_of_a_sample_or_listed() {
    let run = run();
    let stated: BTreeSet<&str> = run
        .vetted
        .iter()
        .flat_map(|vetted| &vetted.assessment.facts)
        .map(|fact| fact.name.as_str())
        .collect();
    let rules = rules();
    let used: BTreeSet<&str> = rules.rules().iter().flat_map(|rule| rule.facts()).collect();
    let unstated: BTreeSet<&str> = used.difference(&stated).copied().collect();
    assert_eq!(unstated, listed(UNSTATED));
}

/// The data files of the program as they stand in the folder.
fn data() -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(root().join("data")).expect("the folder of data");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| {
            (
                path.file_name().expect("a name").to_string_lossy().into_owned(),
                read(&path),
            )
        })
        .collect()
}

/// Whether the whole line loads with these data files; if not, why.
fn load(files: &BTreeMap<String, String>) -> Result<(), String> {
    let data = DataFiles::from_texts(files.clone());
    Inspectors::load(&data).map_err(|error| error.to_string())?;
    Advice::load(&data).map_err(|error| error.to_string())?;
    Plan::load(&data).map_err(|error| error.to_string())?;
    Scopes::load(&data).map_err(|error| error.to_string())?;
    Ok(())
}

#[test]
fn every_data_file_is_read_by_somebody() {
    let files = data();
    assert_eq!(load(&files), Ok(()));
    let elsewhere = listed(BUILT_IN_ELSEWHERE);
    for name in files.keys().filter(|name| !elsewhere.contains(name.as_str())) {
        let mut broken = files.clone();
        broken.insert(name.clone(), "= no toml".to_owned());
        let error = load(&broken).expect_err(name);
        assert!(error.contains(name.as_str()), "{error}");
    }
    for (name, reader) in BUILT_IN_ELSEWHERE {
        assert!(read(reader).contains(name), "{reader} reads {name}");
    }
}

/// The Rust text of a file, or of all files of a folder.
fn rust_text(path: &str) -> Option<String> {
    let path = root().join(path);
    if path.is_file() {
        return Some(read(path));
    }
    let entries = std::fs::read_dir(path).ok()?;
    Some(
        entries
            .map(|entry| read(entry.expect("an entry").path()))
            .collect(),
    )
}

#[test]
fn the_first_line_of_a_data_file_names_its_readers() {
    let source = Regex::new(r"src/[a-z_/]+(?:\.rs)?").expect("a pattern");
    for (name, text) in data() {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with('#'), "{name} begins with a comment");
        let readers: Vec<&str> = source.find_iter(first).map(|found| found.as_str()).collect();
        assert!(!readers.is_empty(), "{name} names its reader: {first}");
        for reader in readers {
            let rust = rust_text(reader).unwrap_or_else(|| panic!("{name}: there is no {reader}"));
            assert!(
                rust.contains(&format!("{name}\"")),
                "{name} is not read by {reader}"
            );
        }
    }
}
