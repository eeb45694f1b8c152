//! How long things are kept: `prune` removes what is old, `forget` removes a site whole.
//!
//! Both decide from the records themselves, make a new index without what goes, flip to it, and only then remove files:
//! first records, then bodies that no record names any more. Killed in between, they are finished by running them again.
//! Neither overwrites the disk's free space.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::target::Site;

use super::index::Index;
use super::record::{Head, Look};
use super::{Store, StoreError};

/// What `prune` keeps. A look goes when any of the limits that are set says so; with none set, nothing goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Looks older than this many days go, the newest of a site not excepted.
    pub keep_days: Option<u32>,
    /// Of each site and scope, this many newest looks stay.
    pub keep_versions: Option<u32>,
    /// Whether the assessments of a look go with its evidence. Otherwise the history stays whole.
    pub history: bool,
}

/// What `prune` removed, or would remove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Evidence records.
    pub evidence: usize,
    /// Assessments.
    pub assessments: usize,
    /// Bodies that nothing names any more.
    pub bodies: usize,
    /// Size of all these on disk, in bytes.
    pub bytes: u64,
}

/// What `forget` removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Evidence records.
    pub evidence: usize,
    /// Assessments.
    pub assessments: usize,
    /// Redirects from or to the site.
    pub aliases: usize,
    /// Bodies that nothing names any more.
    pub bodies: usize,
    /// Folders that earlier rebuilds had put aside; they may say anything about any site.
    pub put_aside: usize,
}

impl Store {
    /// Removes looks that are older than is kept, counted at `now`; with `dry_run` only counts them.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when a record cannot be read: what it names is then unknown, and nothing is removed.
    pub fn prune(&self, retention: Retention, now: Timestamp, dry_run: bool) -> Result<Pruned, StoreError> {
        let mut index = self.writing();
        let heads = self.sound_heads()?;
        let looks = outlived(&heads, retention, now);
        let goes = |head: &Head| match head {
            Head::Evidence { look, .. } => looks.contains(look),
            Head::Assessment { look, .. } => retention.history && looks.contains(look),
        };
        let (going, staying) = split(heads, goes);
        let bodies = self.unnamed_bodies(&staying)?;
        let (evidence, assessments) = count(&going);
        let bytes = going.keys().map(|name| self.records.size(name)).sum::<u64>()
            + bodies.iter().map(|name| self.bodies.size(name)).sum::<u64>();
        if !dry_run {
            if !going.is_empty() {
                self.drop_records(&mut index, &going, &staying)?;
            }
            self.bodies.remove(&bodies)?;
        }
        Ok(Pruned {
            evidence,
            assessments,
            bodies: bodies.len(),
            bytes,
        })
    }

    /// Removes everything that was kept of a site: looks at it, and looks that it led to.
    ///
    /// What other sites' pages say about it stays with them. The index is written anew and what rebuilds had put aside
    /// is removed, so that no file of the store names the site on account of its own records.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when a record cannot be read, for it may be the site's: rebuild first.
    pub fn forget(&self, site: &Site) -> Result<Forgotten, StoreError> {
        let mut index = self.writing();
        let heads = self.sound_heads()?;
        let aliases = index.aliases()?;
        let aliases = aliases
            .iter()
            .filter(|alias| alias.from == *site || alias.look.site == *site)
            .count();
        let (going, staying) = split(heads, |head| head.concerns(site));
        let (evidence, assessments) = count(&going);
        self.drop_records(&mut index, &going, &staying)?;
        let bodies = self.unnamed_bodies(&staying)?;
        self.bodies.remove(&bodies)?;
        let put_aside = self.folder.put_aside()?;
        for dir in &put_aside {
            fs::remove_dir_all(dir).map_err(StoreError::io(dir))?;
        }
        Ok(Forgotten {
            evidence,
            assessments,
            aliases,
            bodies: bodies.len(),
            put_aside: put_aside.len(),
        })
    }

    fn drop_records(
        &self,
        index: &mut Index,
        going: &BTreeMap<String, Head>,
        staying: &BTreeMap<String, Head>,
    ) -> Result<(), StoreError> {
        self.replace_index(index, staying)?;
        self.records.remove(going.keys())
    }

    /// All heads, or the error of the first record that cannot be read.
    pub(super) fn sound_heads(&self) -> Result<BTreeMap<String, Head>, StoreError> {
        let (heads, unreadable) = self.heads()?;
        match unreadable.into_iter().next() {
            Some(err) => Err(err),
            None => Ok(heads),
        }
    }

    /// Bodies that no record names, in order.
    fn unnamed_bodies(&self, heads: &BTreeMap<String, Head>) -> Result<Vec<String>, StoreError> {
        let named: BTreeSet<&String> = heads.values().flat_map(Head::bodies).collect();
        let mut bodies = self.bodies.names()?;
        bodies.retain(|name| !named.contains(name));
        Ok(bodies)
    }
}

fn split(
    heads: BTreeMap<String, Head>,
    goes: impl Fn(&Head) -> bool,
) -> (BTreeMap<String, Head>, BTreeMap<String, Head>) {
    heads.into_iter().partition(|(_, head)| goes(head))
}

fn count(heads: &BTreeMap<String, Head>) -> (usize, usize) {
    let evidence = heads
        .values()
        .filter(|head| matches!(head, Head::Evidence { .. }))
        .count();
    (evidence, heads.len() - evidence)
}

/// Looks that are beyond a limit.
fn outlived(heads: &BTreeMap<String, Head>, retention: Retention, now: Timestamp) -> BTreeSet<Look> {
    let oldest = retention.keep_days.map(|days| {
        let age = SignedDuration::from_hours(24 * i64::from(days));
        now.checked_sub(age).unwrap_or(Timestamp::MIN)
    });
    let mut shelves: BTreeMap<_, BTreeSet<&Look>> = BTreeMap::new();
    for look in heads.values().map(Head::look) {
        shelves.entry((&look.site, &look.scope)).or_default().insert(look);
    }
    let mut outlived = BTreeSet::new();
    for looks in shelves.into_values() {
        for (place, look) in looks.into_iter().rev().enumerate() {
            let too_many = retention
                .keep_versions
                .is_some_and(|most| usize::try_from(most).is_ok_and(|most| place >= most));
            if too_many || oldest.is_some_and(|oldest| look.captured_at < oldest) {
                outlived.insert(look.clone());
            }
        }
    }
    outlived
}
