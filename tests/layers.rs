//! House rules that the compiler does not hold: imports point one way, and files stand on their lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The import table: each module of the library and what of ours it may name. A new row or a new entry is a
/// decision; make it in a commit of its own.
const IMPORTS: &[(&str, &[&str])] = &[
    ("address", &[]),
    ("data", &["digest"]),
    ("digest", &[]),
    ("facts", &[]),
    ("page", &[]),
    ("text", &[]),
    ("saved", &[]),
    ("target", &["address"]),
    ("lexicon", &["text", "data"]),
    ("number", &["text", "data"]),
    ("finding", &[]),
    ("evidence", &["target", "page"]),
    ("net", &["address", "digest", "target", "evidence"]),
    ("rules", &["digest", "facts", "finding"]),
    ("score", &["digest", "finding"]),
    ("scope", &["data", "evidence", "target"]),
    ("advice", &["data", "finding", "score"]),
    ("picture", &["evidence"]),
    ("licence_pictures", &["data", "evidence", "page", "text"]),
    (
        "crawl",
        &[
            "data",
            "digest",
            "evidence",
            "licence_pictures",
            "net",
            "page",
            "picture",
            "saved",
            "target",
        ],
    ),
    (
        "inspect",
        &[
            "data",
            "evidence",
            "facts",
            "lexicon",
            "licence_pictures",
            "number",
            "page",
            "target",
            "text",
        ],
    ),
    (
        "assessment",
        &["advice", "evidence", "facts", "finding", "score", "target"],
    ),
    ("store", &["digest", "evidence", "target"]),
    ("report", &["assessment", "evidence", "facts", "finding", "score"]),
    (
        "vet",
        &[
            "advice",
            "assessment",
            "crawl",
            "data",
            "evidence",
            "facts",
            "inspect",
            "net",
            "rules",
            "scope",
            "score",
            "target",
        ],
    ),
    ("demo", &["data"]),
    ("evaluate", &["facts", "target"]),
];

/// Modules that decide or show: they must not be able to do I/O or to read a clock.
const PURE: &[&str] = &[
    "text",
    "number",
    "lexicon",
    "facts",
    "finding",
    "rules",
    "score",
    "advice",
    "assessment",
    "report",
    "inspect",
    "page",
    "licence_pictures",
    "picture",
    "saved",
    "target",
    "address",
    "scope",
    "evidence",
];

/// What gives away I/O, clocks and the environment.
const IMPURE: &[&str] = &[
    "tokio::",
    "reqwest::",
    "std::fs",
    "std::env::",
    "std::net::Tcp",
    "std::net::Udp",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "std::process",
    "std::thread",
];

/// Foreign crates that one module alone names.
const OWNERS: &[(&str, &[&str])] = &[
    ("sled::", &["store/kv.rs"]),
    ("reqwest::", &["net"]),
    // The demo answers names with the same library that asks for them.
    ("hickory_resolver::", &["net", "demo"]),
    ("governor::", &["net"]),
    ("cel::", &["rules/condition.rs"]),
    ("html5ever::", &["page"]),
    ("encoding_rs::", &["page", "demo", "evaluate"]),
    ("axum::", &["demo"]),
    ("psl::", &["target.rs"]),
    ("image::", &["picture.rs"]),
    ("rqrr::", &["picture.rs"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Library files with their module, their path below `src/`, and their code without comments and unit tests.
fn library() -> Vec<(String, String, String)> {
    let src = root().join("src");
    rust_files(&src)
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned(),
                path,
            )
        })
        .filter(|(name, _)| name != "lib.rs" && !name.starts_with("bin/"))
        .filter(|(name, _)| !name.ends_with("tests.rs") && !name.contains("/tests/"))
        .map(|(name, path)| {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let code: Vec<&str> = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            let module = name.split(['/', '.']).next().unwrap().to_owned();
            (module, name, code.join("\n"))
        })
        .collect()
}

/// The modules of ours that a piece of code names as `crate::x`, in groups too.
fn named(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.extend(first_word(&std::mem::take(&mut item))),
                    c if depth == 0 => item.push(c),
                    _ => {}
                }
            }
            found.extend(first_word(&item));
        } else {
            found.extend(first_word(part));
        }
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text
        .trim()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!word.is_empty()).then_some(word)
}

#[test]
fn imports_point_one_way() {
    let table: BTreeMap<&str, &[&str]> = IMPORTS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (module, name, code) in library() {
        let Some(allowed) = table.get(module.as_str()) else {
            wrong.push(format!(
                "{name}: the module `{module}` has no row in the import table"
            ));
            continue;
        };
        for other in named(&code)
            .iter()
            .filter(|other| **other != module && table.contains_key(other.as_str()))
        {
            if !allowed.contains(&other.as_str()) {
                wrong.push(format!("{name}: {module} may not use {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_import_table_has_no_cycle_and_no_dead_row() {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut left: Vec<_> = IMPORTS.to_vec();
    while !left.is_empty() {
        let (ready, rest): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|(_, uses)| uses.iter().all(|used| done.contains(used)));
        assert!(
            !ready.is_empty(),
            "a cycle among {:?}",
            rest.iter().map(|row| row.0).collect::<Vec<_>>()
        );
        done.extend(ready.iter().map(|row| row.0));
        left = rest;
    }
    let modules: BTreeSet<String> = library().into_iter().map(|file| file.0).collect();
    let rows: BTreeSet<String> = IMPORTS.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(rows, modules, "rows of the table and modules of the library");
}

#[test]
fn what_decides_does_no_io_and_reads_no_clock() {
    for (module, name, code) in library() {
        if PURE.contains(&module.as_str()) {
            for sign in IMPURE {
                assert!(!code.contains(sign), "{name} names {sign}");
            }
        }
    }
}

#[test]
fn foreign_crates_stay_with_their_owners() {
    for (module, name, code) in library() {
        for (sign, owners) in OWNERS {
            let owns = owners.iter().any(|owner| *owner == module || *owner == name);
            let used = code.lines().any(|line| {
                line.match_indices(sign).any(|(at, _)| {
                    !line
                        .as_bytes()
                        .get(at.wrapping_sub(1))
                        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
                })
            });
            assert!(owns || !used, "{name} names {sign}, which belongs to {owners:?}");
        }
    }
}

#[test]
fn every_inspector_file_is_on_the_register() {
    let ids: BTreeSet<&str> = cardvet::inspect::INSPECTORS
        .iter()
        .map(|entry| entry.id)
        .collect();
    let files: Vec<String> = std::fs::read_dir(root().join("src/inspect"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "mod")
        .collect();
    for file in &files {
        let text = std::fs::read_to_string(root().join(format!("src/inspect/{file}.rs")))
            .or_else(|_| std::fs::read_to_string(root().join(format!("src/inspect/{file}/mod.rs"))))
            .unwrap();
        if text.contains("impl Inspector for") {
            assert!(
                ids.contains(file.as_str()),
                "src/inspect/{file} is not on INSPECTORS"
            );
        }
    }
    for id in ids {
        assert!(
            files.iter().any(|file| file == id),
            "the inspector {id} has no file of its name"
        );
    }
}

#[test]
fn every_fact_stands_once_in_the_catalogue_with_its_group_and_meaning() {
    let mut names = BTreeSet::new();
    for spec in cardvet::inspect::INSPECTORS
        .iter()
        .flat_map(|entry| entry.provides)
    {
        assert!(
            names.insert(spec.name),
            "{} is stated by two inspectors",
            spec.name
        );
        assert!(
            spec.name
                .split_once('.')
                .is_some_and(|(group, name)| !group.is_empty() && !name.contains('.')),
            "{}",
            spec.name
        );
        assert!(spec.meaning.len() > 10, "{} needs a meaning", spec.name);
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for path in rust_files(&root().join("src"))
        .into_iter()
        .chain(rust_files(&root().join("tests")))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} opens without a //! line",
            path.display()
        );
    }
}

#[test]
fn no_chinese_word_list_stands_in_rust() {
    // Grammar words of numbers and the report's own words are allowed; lists of shop vocabulary are not: more than a few
    // Chinese string literals in a recognising file is a list that belongs to data/.
    for (module, name, code) in library() {
        if !matches!(
            module.as_str(),
            "inspect" | "lexicon" | "crawl" | "page" | "number" | "text"
        ) {
            continue;
        }
        let literals = code
            .lines()
            .flat_map(|line| line.split('"').skip(1).step_by(2))
            .filter(|literal| literal.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
            .count();
        assert!(
            literals <= 12,
            "{name} holds {literals} Chinese literals; word lists belong to data/"
        );
    }
}
