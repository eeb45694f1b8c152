//! What is kept: evidence, assessments with their whole history, and the bodies they were read from.
//!
//! A [`Store`] is one folder held by one process. `keep` returns only when everything it was given is on disk; what was
//! kept is never changed. Records and bodies are content-addressed files, and an index in sled finds them; the index can
//! always be made again from the files (`rebuild`). Everything here blocks: callers use `spawn_blocking`. It reads no clock
//! and no settings, judges nothing, and takes assessments as bytes, so it knows nothing of how they come about.

mod error;
mod export;
mod folder;
mod index;
mod keep;
mod kv;
mod pile;
mod record;
mod retention;
mod verify;
mod warc;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Scope};
use crate::target::Site;

pub use self::error::StoreError;
pub use self::export::Imported;
pub use self::index::Alias;
pub use self::keep::Kept;
pub use self::record::Look;
pub use self::retention::{Forgotten, Pruned, Retention};
pub use self::verify::{Problem, Rebuilt, Report};
pub use self::warc::write as write_warc;

use self::folder::Folder;
use self::index::{HistoryRow, Index};
use self::pile::{Pile, is_name};
use self::record::Head;

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The store's own folder. Made, for its owner only, when it is not there.
    pub dir: PathBuf,
}

/// One assessment in the history of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The look that was judged. Its site is the landing site when another one led there.
    pub look: Look,
    /// The site that led there.
    pub redirected_from: Option<Site>,
    /// Place in the store's history; later ones are greater.
    pub number: u64,
    /// When it was judged.
    pub at: Timestamp,
    /// Why it was judged: `vetted`, `replayed: rules`, …
    pub cause: String,
    /// The assessment, byte for byte as it was given.
    pub assessment: Vec<u8>,
}

/// The store: one folder, held until dropped.
#[derive(Debug)]
pub struct Store {
    /// Read while looking up and keeping; written while the index is replaced and files are removed.
    /// Dropped before the folder, whose lock is given back last.
    index: RwLock<Index>,
    /// Held while a number of the history is taken and used.
    turn: Mutex<()>,
    records: Pile,
    bodies: Pile,
    folder: Folder,
}

impl Store {
    /// Opens the store, making it when there is none. Fails at once with [`StoreError::Locked`] when it is held elsewhere.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let folder = Folder::claim(&settings.dir)?;
        let (records, bodies) = piles(&folder);
        let number = match folder.pointer()? {
            Some(pointer) => pointer.index,
            None => begin(&folder, &records)?,
        };
        folder.sweep(number)?;
        let index = Index::open(&folder.index(number), number)?;
        let store = Self {
            index: RwLock::new(index),
            turn: Mutex::new(()),
            records,
            bodies,
            folder,
        };
        store.take_in_loose()?;
        Ok(store)
    }

    /// Puts records into the index that it does not name. A killed process leaves such records, and sled opens a log
    /// with a damaged end as if what it cannot read had never been written, without a word.
    fn take_in_loose(&self) -> Result<(), StoreError> {
        let mut index = self.writing();
        let indexed = index.named()?;
        let mut loose = self.records.names()?;
        loose.retain(|name| !indexed.contains(name));
        if !loose.iter().any(|name| self.head(name).is_ok()) {
            return Ok(());
        }
        tracing::info!(
            records = loose.len(),
            "records that the index did not name are taken in"
        );
        let (heads, _) = self.heads()?;
        self.replace_index(&mut index, &heads)
    }

    /// Every site and scope there is something of, in order.
    pub fn sites(&self) -> Result<Vec<(Site, Scope)>, StoreError> {
        self.reading().shelves()
    }

    /// Every look that began at one site and landed at another, in order of the first.
    pub fn aliases(&self) -> Result<Vec<Alias>, StoreError> {
        self.reading().aliases()
    }

    /// The last assessment of the newest look at a site, looks that it led to included.
    pub fn latest(&self, site: &Site, scope: &Scope) -> Result<Option<Entry>, StoreError> {
        let index = self.reading();
        index.latest(site, scope)?.map(|row| self.entry(&row)).transpose()
    }

    /// Every assessment of a site in the order they were kept, newest last; looks that it led to included.
    pub fn history(&self, site: &Site, scope: &Scope) -> Result<Vec<Entry>, StoreError> {
        let index = self.reading();
        index
            .history(site, scope)?
            .iter()
            .map(|row| self.entry(row))
            .collect()
    }

    /// The evidence of one look, without its bodies; nothing when there is none, or no more.
    pub fn evidence(
        &self,
        site: &Site,
        scope: &Scope,
        captured_at: Timestamp,
    ) -> Result<Option<Evidence>, StoreError> {
        let index = self.reading();
        let mut looks = index.led_to(site, scope)?;
        looks.retain(|look| look.captured_at == captured_at);
        looks.insert(
            0,
            Look {
                site: site.clone(),
                scope: scope.clone(),
                captured_at,
            },
        );
        for look in looks {
            if let Some(name) = index.evidence(&look)? {
                return self.read_evidence(&name).map(Some);
            }
        }
        Ok(None)
    }

    /// Puts the kept bodies into an evidence that was read from here. Gives the hashes of those that are not kept.
    pub fn fill_bodies(&self, evidence: &mut Evidence) -> Result<Vec<String>, StoreError> {
        let index = self.reading();
        let mut missing = Vec::new();
        let mut wanted: Vec<String> = evidence
            .pages
            .iter()
            .map(|seen| seen.body_sha256.clone())
            .collect();
        if let Some(name) = index.evidence(&Look::of(evidence))? {
            wanted.extend(self.bodies_of(&name)?);
        }
        wanted.retain(|hash| is_name(hash));
        wanted.sort();
        wanted.dedup();
        for hash in wanted {
            if self.bodies.has(&hash) {
                let body = self.bodies.read(&hash)?;
                evidence.bodies.insert(hash, body);
            } else {
                missing.push(hash);
            }
        }
        Ok(missing)
    }

    /// One body by its SHA-256, checked against it. A wrong or missing file is [`StoreError::Lost`].
    pub fn body(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let _index = self.reading();
        self.bodies.read(hash)
    }

    fn entry(&self, row: &HistoryRow) -> Result<Entry, StoreError> {
        let bytes = self.records.read(&row.record)?;
        match record::read(&bytes) {
            Ok((
                Head::Assessment {
                    look,
                    redirected_from,
                    number,
                    at,
                    cause,
                    ..
                },
                payload,
            )) => {
                let assessment = payload.to_vec();
                Ok(Entry {
                    look,
                    redirected_from,
                    number,
                    at,
                    cause,
                    assessment,
                })
            }
            Ok((Head::Evidence { .. }, _)) => Err(self.wrong_record(&row.record, "is no assessment")),
            Err(what) => Err(self.wrong_record(&row.record, what)),
        }
    }

    fn read_evidence(&self, name: &str) -> Result<Evidence, StoreError> {
        let bytes = self.records.read(name)?;
        let (_, payload) = record::read(&bytes).map_err(|what| self.wrong_record(name, what))?;
        let unreadable =
            |err| self.wrong_record(name, format!("holds an evidence that cannot be read: {err}"));
        serde_json::from_slice(payload).map_err(unreadable)
    }

    fn bodies_of(&self, name: &str) -> Result<Vec<String>, StoreError> {
        match self.head(name)? {
            head @ Head::Evidence { .. } => Ok(head.bodies().cloned().collect()),
            Head::Assessment { .. } => Err(self.wrong_record(name, "is no evidence")),
        }
    }

    fn wrong_record(&self, name: &str, what: impl Into<String>) -> StoreError {
        self.records
            .path(name)
            .map_or_else(|err| err, |path| StoreError::lost(&path, what))
    }

    fn head(&self, name: &str) -> Result<Head, StoreError> {
        let line = self.records.first_line(name)?;
        Head::read(&line).map_err(|what| self.wrong_record(name, what))
    }

    /// Heads of all records that can be read, by name, and the errors of those that cannot.
    fn heads(&self) -> Result<(BTreeMap<String, Head>, Vec<StoreError>), StoreError> {
        let (mut heads, mut unreadable) = (BTreeMap::new(), Vec::new());
        for name in self.records.names()? {
            match self.head(&name) {
                Ok(head) => {
                    heads.insert(name, head);
                }
                Err(err @ StoreError::Io { .. }) => return Err(err),
                Err(err) => unreadable.push(err),
            }
        }
        Ok((heads, unreadable))
    }

    /// Makes a new index over these records, flips the pointer to it and removes the old one, which is thereby
    /// compacted: nothing of what it said is left in the folder.
    fn replace_index(&self, index: &mut Index, heads: &BTreeMap<String, Head>) -> Result<(), StoreError> {
        let number = self.folder.unused_index()?;
        let fresh = make_index(&self.folder, number, heads)?;
        self.folder.point_at(number)?;
        let old = std::mem::replace(index, fresh).folder_number;
        self.folder.sweep(number)?;
        tracing::debug!(old, new = number, "store index replaced");
        Ok(())
    }

    /// The index may be used again after a panic elsewhere: every change to it is one atomic step.
    fn reading(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn piles(folder: &Folder) -> (Pile, Pile) {
    (
        Pile::new(folder.records(), folder.tmp()),
        Pile::new(folder.bodies(), folder.tmp()),
    )
}

/// Makes the first index of a new store. A folder with records but no pointer has lost it and is no new store.
fn begin(folder: &Folder, records: &Pile) -> Result<u64, StoreError> {
    if !records.names()?.is_empty() {
        return Err(StoreError::damaged(folder.root(), "store.json is missing"));
    }
    let number = folder.unused_index()?;
    drop(make_index(folder, number, &BTreeMap::new())?);
    folder.point_at(number)?;
    Ok(number)
}

/// Makes an index in its folder, durable, with nothing pointing at it yet.
fn make_index(folder: &Folder, number: u64, heads: &BTreeMap<String, Head>) -> Result<Index, StoreError> {
    let index = Index::create(&folder.index(number), number, heads)?;
    folder::sync_dir(folder.root())?;
    Ok(index)
}

#[cfg(test)]
mod tests;
