//! Looking at every kept file, and making a sound store of a damaged one.
//!
//! `verify` changes nothing. `rebuild` puts aside what cannot be read and makes a new index from the rest; since every
//! record says by itself what it is, a damaged or lost index costs nothing. Neither mends a file: what is lost is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::evidence::Evidence;

use super::folder::{Folder, entries, sync_dir};
use super::index::{self, Index, NEXT_PREFIX};
use super::pile::{Pile, is_name};
use super::record::{self, Head, Look};
use super::{Settings, Store, StoreError, make_index, piles};

/// Something that was kept and is not there as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Problem {
    /// A record cannot be read.
    Record {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A body is missing or not what it was.
    Body {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// Looks that it belongs to.
        looks: Vec<String>,
    },
    /// The index does not agree with the records.
    Index {
        /// In what.
        what: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { path, what } => write!(f, "record {} {what}", path.display()),
            Self::Body { path, what, looks } if looks.is_empty() => {
                write!(f, "body {} {what} (nothing names it)", path.display())
            }
            Self::Body { path, what, looks } => {
                write!(f, "body {} {what} (of {})", path.display(), looks.join(", "))
            }
            Self::Index { what } => write!(f, "index: {what}"),
        }
    }
}

/// What `verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Evidence records that can be read.
    pub evidence: usize,
    /// Assessments that can be read.
    pub assessments: usize,
    /// Bodies that match their names.
    pub bodies: usize,
    /// Redirects from one site to another.
    pub aliases: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Records that the index does not name: left by a killed process, or lost from the index. A rebuild takes them in.
    pub loose_records: usize,
    /// Bodies that no record names: left by a killed process. The next prune removes them.
    pub loose_bodies: usize,
}

/// What `rebuild` did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Evidence records in the new index.
    pub evidence: usize,
    /// Assessments in the new index.
    pub assessments: usize,
    /// What is lost.
    pub lost: Vec<Problem>,
    /// Where the old index and the unreadable files are now.
    pub put_aside: Vec<PathBuf>,
}

impl Store {
    /// Reads every file of the store and compares the index with them.
    pub fn verify(&self) -> Result<Report, StoreError> {
        let index = self.writing();
        let Examined {
            heads,
            records,
            bodies,
            sound_bodies,
        } = examine(&self.records, &self.bodies)?;
        let named: BTreeSet<&String> = heads.values().flat_map(Head::bodies).collect();
        let indexed = index.named()?;
        let mut problems: Vec<Problem> = records.into_values().chain(bodies.into_values()).collect();
        problems.extend(disagreements(&index, &indexed, &heads)?);
        let (evidence, assessments) = count(&heads);
        Ok(Report {
            evidence,
            assessments,
            bodies: sound_bodies.len(),
            aliases: index.aliases()?.len(),
            problems,
            loose_records: heads.keys().filter(|name| !indexed.contains(*name)).count(),
            loose_bodies: sound_bodies.iter().filter(|name| !named.contains(name)).count(),
        })
    }

    /// Makes a sound store of what can be read in a folder. The store must not be open.
    ///
    /// The old index and files that are not what they were go to `*.old-<n>` beside it. Killed at any moment, it leaves the
    /// store as damaged as it was, or sound.
    pub fn rebuild(settings: &Settings) -> Result<Rebuilt, StoreError> {
        let folder = Folder::claim(&settings.dir)?;
        if let Err(err @ StoreError::Newer { .. }) = folder.pointer() {
            return Err(err);
        }
        let (records, bodies) = piles(&folder);
        let examined = examine(&records, &bodies)?;
        let aside = folder.unused_aside()?;
        let mut put_aside = Vec::new();
        for (pile, problems) in [(&records, &examined.records), (&bodies, &examined.bodies)] {
            put_aside.extend(move_aside(pile, problems.keys(), aside)?);
        }
        let number = folder.unused_index()?;
        drop(make_index(&folder, number, &examined.heads)?);
        folder.point_at(number)?;
        put_aside.extend(retire_indexes(&folder, number, aside)?);
        folder.sweep(number)?;
        let (evidence, assessments) = count(&examined.heads);
        let lost = examined
            .records
            .into_values()
            .chain(examined.bodies.into_values())
            .collect();
        Ok(Rebuilt {
            evidence,
            assessments,
            lost,
            put_aside,
        })
    }
}

/// What is in the files.
struct Examined {
    /// Heads of the sound records.
    heads: BTreeMap<String, Head>,
    /// Records that are not sound.
    records: BTreeMap<String, Problem>,
    /// Bodies that are not sound, and those that records name and that are not there.
    bodies: BTreeMap<String, Problem>,
    /// The other bodies.
    sound_bodies: BTreeSet<String>,
}

fn examine(records: &Pile, bodies: &Pile) -> Result<Examined, StoreError> {
    let (mut heads, mut bad_records) = (BTreeMap::new(), BTreeMap::new());
    for name in records.names()? {
        match sound_record(records, &name) {
            Ok(head) => {
                heads.insert(name, head);
            }
            Err(StoreError::Lost { path, what }) => {
                bad_records.insert(name, Problem::Record { path, what });
            }
            Err(err) => return Err(err),
        }
    }
    let mut looks: BTreeMap<String, BTreeSet<&Look>> = BTreeMap::new();
    for head in heads.values() {
        if let Head::Evidence { look, bodies, .. } = head {
            for body in bodies {
                looks.entry(body.clone()).or_default().insert(look);
            }
        }
    }
    let mut sound_bodies = BTreeSet::new();
    let mut bad_bodies = BTreeMap::new();
    let all: BTreeSet<String> = bodies.names()?.into_iter().chain(looks.keys().cloned()).collect();
    for name in all {
        match bodies.read(&name) {
            Ok(_) => {
                sound_bodies.insert(name);
            }
            Err(StoreError::Lost { path, what }) => {
                let looks = looks
                    .get(&name)
                    .into_iter()
                    .flatten()
                    .map(ToString::to_string)
                    .collect();
                bad_bodies.insert(name, Problem::Body { path, what, looks });
            }
            Err(err) => return Err(err),
        }
    }
    Ok(Examined {
        heads,
        records: bad_records,
        bodies: bad_bodies,
        sound_bodies,
    })
}

/// The head of a record that matches its name and holds what it says.
fn sound_record(records: &Pile, name: &str) -> Result<Head, StoreError> {
    let bytes = records.read(name)?;
    let path = records.path(name)?;
    let lost = |what: String| StoreError::lost(&path, what);
    let (head, payload) = record::read(&bytes).map_err(lost)?;
    if let Some(wrong) = head.bodies().find(|body| !is_name(body)) {
        return Err(lost(format!("names a body `{wrong}` that there cannot be")));
    }
    if let Head::Evidence { look, .. } = &head {
        let unreadable = |err| lost(format!("holds an evidence that cannot be read: {err}"));
        let evidence: Evidence = serde_json::from_slice(payload).map_err(unreadable)?;
        if Look::of(&evidence) != *look {
            return Err(lost("holds the evidence of another look".to_owned()));
        }
    }
    Ok(head)
}

fn count(heads: &BTreeMap<String, Head>) -> (usize, usize) {
    let evidence = heads
        .values()
        .filter(|head| matches!(head, Head::Evidence { .. }))
        .count();
    (evidence, heads.len() - evidence)
}

/// Where the index says other than the records it names.
fn disagreements(
    index: &Index,
    indexed: &BTreeSet<String>,
    heads: &BTreeMap<String, Head>,
) -> Result<Vec<Problem>, StoreError> {
    let gone = indexed.iter().filter(|name| !heads.contains_key(*name));
    let told = gone.map(|name| format!("record {name} is named and cannot be read"));
    let problems: Vec<_> = told.map(|what| Problem::Index { what }).collect();
    if !problems.is_empty() {
        return Ok(problems);
    }
    let there = heads.iter().filter(|(name, _)| indexed.contains(*name));
    let mut expected = index::rows(&there.map(|(name, head)| (name.clone(), head.clone())).collect());
    let mut found = index.dump()?;
    for rows in [&mut expected, &mut found] {
        rows.retain(|key, _| key.first() != Some(&NEXT_PREFIX));
    }
    let wrong = found
        .iter()
        .filter(|(key, value)| expected.get(*key) != Some(value))
        .count();
    let missing = expected.keys().filter(|key| !found.contains_key(*key)).count();
    if wrong + missing == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![Problem::Index {
        what: format!("{wrong} rows say what no record says, {missing} are missing"),
    }])
}

/// Moves files that are not sound out of a pile; those that are missing stay missing.
fn move_aside<'a>(
    pile: &Pile,
    names: impl Iterator<Item = &'a String>,
    aside: u64,
) -> Result<Option<PathBuf>, StoreError> {
    let dir = pile.dir().with_extension(format!("old-{aside}"));
    let mut moved = None;
    for name in names.filter(|name| pile.has(name)) {
        pile.move_to(name, &dir)?;
        moved = Some(dir.clone());
    }
    Ok(moved)
}

/// Renames every index but one.
fn retire_indexes(folder: &Folder, current: u64, aside: u64) -> Result<Vec<PathBuf>, StoreError> {
    let mut retired = Vec::new();
    let is_index = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("index-") && !name.contains(".old-"))
    };
    for path in entries(folder.root())?.into_iter().filter(is_index) {
        if path != folder.index(current) {
            let to: &Path = &path.with_extension(format!("old-{aside}"));
            fs::rename(&path, to).map_err(StoreError::io(&path))?;
            retired.push(to.to_owned());
        }
    }
    sync_dir(folder.root())?;
    Ok(retired)
}
