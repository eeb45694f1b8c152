//! The index: which records there are of which site, newest look first to hand, and which site led to which.
//!
//! It is a pure function of the records' heads ([`rows`]) and can be made again from them at any time; `keep` adds
//! the rows of one look in one atomic step. It holds names of records, never their content.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::Scope;
use crate::target::Site;

use super::StoreError;
use super::kv::{Key, Kv, Pair, Table};
use super::record::{Head, Look};

/// Name of the evidence record, by site, scope and moment.
const EVIDENCE: Table<String> = Table::new(b'e');
/// Assessments, by site, scope, number and name.
const HISTORY: Table<HistoryRow> = Table::new(b'h');
/// What is known under a site and scope, by both.
const SHELVES: Table<Shelf> = Table::new(b's');
/// Looks that began at another site, by that site and the look.
const ALIASES: Table<Alias> = Table::new(b'a');
/// The number that the next assessment gets; one row.
const NEXT: Table<u64> = Table::new(b'n');
/// First byte of the keys of [`NEXT`], the one table that is not a function of what is there now.
pub(super) const NEXT_PREFIX: u8 = b'n';

/// Where an assessment is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct HistoryRow {
    /// Which look it judges.
    pub(super) captured_at: Timestamp,
    /// Place in the store's history.
    pub(super) number: u64,
    /// Name of the record.
    pub(super) record: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Shelf {
    site: Site,
    scope: Scope,
    /// The last assessment of the newest look.
    latest: Option<HistoryRow>,
}

/// A site that led to another: what is kept of the landing site is found under it too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alias {
    /// The site that was asked for.
    pub from: Site,
    /// The look that landed elsewhere.
    pub look: Look,
}

fn shelf_key(site: &Site, scope: &Scope) -> Key {
    Key::all().text(site.as_str()).text(&scope.key())
}

fn look_key(look: &Look) -> Key {
    shelf_key(&look.site, &look.scope).moment(look.captured_at)
}

/// The rows of an index over these records, by key.
pub(super) fn rows(heads: &BTreeMap<String, Head>) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut rows = BTreeMap::new();
    let mut shelves: BTreeMap<Vec<u8>, (Key, Shelf)> = BTreeMap::new();
    let mut next = 1;
    for (name, head) in in_order(heads) {
        rows.extend(own_rows(name, head));
        let look = head.look();
        let key = shelf_key(&look.site, &look.scope);
        let empty = Shelf {
            site: look.site.clone(),
            scope: look.scope.clone(),
            latest: None,
        };
        let slot = shelves
            .entry(SHELVES.pair(&key, &empty).0)
            .or_insert((key, empty));
        slot.1.latest = slot.1.latest.take().max(history_row(name, head));
        if let Head::Assessment { number, .. } = head {
            next = next.max(number.saturating_add(1));
        }
    }
    rows.extend(
        shelves
            .into_values()
            .map(|(key, shelf)| SHELVES.pair(&key, &shelf)),
    );
    rows.extend([NEXT.pair(&Key::all(), &next)]);
    rows
}

/// Records in an order in which, of two evidences of the same look, the one that was judged last comes last.
/// Two there can be only when a process was killed before the first was in the index.
fn in_order(heads: &BTreeMap<String, Head>) -> Vec<(&String, &Head)> {
    let mut judged: BTreeMap<&str, u64> = BTreeMap::new();
    for head in heads.values() {
        if let Head::Assessment { evidence, number, .. } = head {
            let last = judged.entry(evidence).or_default();
            *last = (*last).max(*number);
        }
    }
    let mut list: Vec<_> = heads.iter().collect();
    list.sort_by_key(|(name, _)| (judged.get(name.as_str()).copied(), *name));
    list
}

/// The rows that a record has to itself.
fn own_rows(name: &str, head: &Head) -> Vec<Pair> {
    let look = head.look();
    let mut rows = match head {
        Head::Evidence { .. } => vec![EVIDENCE.pair(&look_key(look), &name.to_owned())],
        Head::Assessment { .. } => Vec::new(),
    };
    if let Some(row) = history_row(name, head) {
        let key = shelf_key(&look.site, &look.scope).number(row.number).text(name);
        rows.push(HISTORY.pair(&key, &row));
    }
    if let Some(from) = head.redirected_from() {
        let key = Key::all()
            .text(from.as_str())
            .text(look.site.as_str())
            .text(&look.scope.key());
        let alias = Alias {
            from: from.clone(),
            look: look.clone(),
        };
        rows.push(ALIASES.pair(&key.moment(look.captured_at), &alias));
    }
    rows
}

fn history_row(name: &str, head: &Head) -> Option<HistoryRow> {
    match head {
        Head::Evidence { .. } => None,
        Head::Assessment { look, number, .. } => Some(HistoryRow {
            captured_at: look.captured_at,
            number: *number,
            record: name.to_owned(),
        }),
    }
}

/// An open index.
#[derive(Debug)]
pub(super) struct Index {
    kv: Kv,
    /// Number of its folder.
    pub(super) folder_number: u64,
}

impl Index {
    /// Opens the index in a folder.
    pub(super) fn open(dir: &Path, folder_number: u64) -> Result<Self, StoreError> {
        Ok(Self {
            kv: Kv::open(dir)?,
            folder_number,
        })
    }

    /// Makes an index over these records in a folder that has none. Nothing points at it yet.
    pub(super) fn create(
        dir: &Path,
        folder_number: u64,
        heads: &BTreeMap<String, Head>,
    ) -> Result<Self, StoreError> {
        let kv = Kv::create(dir)?;
        let pairs: Vec<Pair> = rows(heads).into_iter().collect();
        for chunk in pairs.chunks(500) {
            kv.apply(chunk)?;
        }
        Ok(Self { kv, folder_number })
    }

    /// The number that the next assessment gets.
    pub(super) fn next_number(&self) -> Result<u64, StoreError> {
        Ok(NEXT.get(&self.kv, &Key::all())?.unwrap_or(1))
    }

    /// Adds an evidence and an assessment of it, and moves the site's latest pointer: all of it or nothing.
    pub(super) fn add(&self, records: &[(String, Head)]) -> Result<(), StoreError> {
        let mut pairs = Vec::new();
        for (name, head) in records {
            pairs.extend(own_rows(name, head));
            let Head::Assessment { look, number, .. } = head else {
                continue;
            };
            let key = shelf_key(&look.site, &look.scope);
            let known = SHELVES.get(&self.kv, &key)?.and_then(|shelf| shelf.latest);
            let latest = known.max(history_row(name, head));
            let shelf = Shelf {
                site: look.site.clone(),
                scope: look.scope.clone(),
                latest,
            };
            pairs.push(SHELVES.pair(&key, &shelf));
            pairs.push(NEXT.pair(&Key::all(), &number.saturating_add(1)));
        }
        self.kv.apply(&pairs)
    }

    /// Everything there is, in order.
    pub(super) fn shelves(&self) -> Result<Vec<(Site, Scope)>, StoreError> {
        let shelves = SHELVES.scan(&self.kv, &Key::all())?;
        Ok(shelves
            .into_iter()
            .map(|shelf| (shelf.site, shelf.scope))
            .collect())
    }

    /// Every redirect, in order.
    pub(super) fn aliases(&self) -> Result<Vec<Alias>, StoreError> {
        ALIASES.scan(&self.kv, &Key::all())
    }

    /// Name of the evidence record of exactly this look.
    pub(super) fn evidence(&self, look: &Look) -> Result<Option<String>, StoreError> {
        EVIDENCE.get(&self.kv, &look_key(look))
    }

    /// Looks that are found under this site and scope because the site led there.
    pub(super) fn led_to(&self, site: &Site, scope: &Scope) -> Result<Vec<Look>, StoreError> {
        if *scope != Scope::Platform {
            return Ok(Vec::new());
        }
        let aliases = ALIASES.scan(&self.kv, &Key::all().text(site.as_str()))?;
        Ok(aliases.into_iter().map(|alias| alias.look).collect())
    }

    /// The last assessment of the newest look that is found under this site and scope.
    pub(super) fn latest(&self, site: &Site, scope: &Scope) -> Result<Option<HistoryRow>, StoreError> {
        let own = SHELVES
            .get(&self.kv, &shelf_key(site, scope))?
            .and_then(|shelf| shelf.latest);
        let newest = self
            .led_to(site, scope)?
            .into_iter()
            .max_by_key(|look| look.captured_at);
        let led = match newest {
            Some(look) => self.of_look(&look)?.pop(),
            None => None,
        };
        Ok(own.max(led))
    }

    /// Every assessment that is found under this site and scope, in the order they were kept.
    pub(super) fn history(&self, site: &Site, scope: &Scope) -> Result<Vec<HistoryRow>, StoreError> {
        let mut rows = HISTORY.scan(&self.kv, &shelf_key(site, scope))?;
        for look in self.led_to(site, scope)? {
            rows.extend(self.of_look(&look)?);
        }
        rows.sort_by(|a, b| (a.number, &a.record).cmp(&(b.number, &b.record)));
        rows.dedup();
        Ok(rows)
    }

    /// Assessments of one look, in order.
    fn of_look(&self, look: &Look) -> Result<Vec<HistoryRow>, StoreError> {
        let mut rows = HISTORY.scan(&self.kv, &shelf_key(&look.site, &look.scope))?;
        rows.retain(|row| row.captured_at == look.captured_at);
        Ok(rows)
    }

    /// Names of all records that are in the index.
    pub(super) fn named(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut names: BTreeSet<String> = EVIDENCE.scan(&self.kv, &Key::all())?.into_iter().collect();
        names.extend(
            HISTORY
                .scan(&self.kv, &Key::all())?
                .into_iter()
                .map(|row| row.record),
        );
        Ok(names)
    }

    /// Every row as it stands.
    pub(super) fn dump(&self) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, StoreError> {
        Ok(self.kv.dump()?.into_iter().collect())
    }
}
