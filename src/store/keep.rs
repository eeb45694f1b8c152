//! Keeping one look and its assessment: files first, then one atomic step in the index.
//!
//! A process killed in between leaves files that nothing names; they do no harm, and `verify` counts them.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use jiff::Timestamp;

use crate::evidence::Evidence;

use super::index::Index;
use super::pile::{is_name, name_of};
use super::record::{self, Head, Look};
use super::{Store, StoreError};

/// What `keep` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Place of the assessment in the store's history.
    pub number: u64,
    /// Bodies that were not there before.
    pub new_bodies: usize,
    /// Hashes of bodies that pages name but that were neither given nor there; nothing was promised of them.
    pub missing_bodies: Vec<String>,
}

impl Store {
    /// Keeps an evidence with its bodies, and an assessment of it with the cause and the moment of judging.
    ///
    /// An evidence that is already there is not written again: this is also how an evidence that was judged anew is
    /// appended to the history. Everything is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another evidence of the same site, scope and moment is there,
    /// [`StoreError::WrongHash`] and [`StoreError::Unkeepable`] for an evidence that is not in order; it is then
    /// not to be found in the store.
    pub fn keep(
        &self,
        evidence: &Evidence,
        assessment: &[u8],
        cause: &str,
        at: Timestamp,
    ) -> Result<Kept, StoreError> {
        let payload = record::pack(evidence)?;
        if let Some((hash, _)) = evidence
            .bodies
            .iter()
            .find(|(hash, body)| name_of(body) != **hash)
        {
            return Err(StoreError::WrongHash(hash.clone()));
        }
        let index = self.reading();
        let look = Look::of(evidence);
        let known = self.known(&index, &look, &payload)?;
        let (bodies, absent) = self.bodies_wanted(evidence, known.as_deref())?;
        let missing_bodies = absent.iter().cloned().collect();
        let mut new_bodies = 0;
        for body in evidence.bodies.values() {
            new_bodies += usize::from(self.bodies.put(body)?.1);
        }
        let redirected_from = evidence.redirected_from.clone();
        let mut records = Vec::new();
        let name = if let Some(name) = known {
            name
        } else {
            let redirected_from = redirected_from.clone();
            let head = Head::Evidence {
                look: look.clone(),
                redirected_from,
                bodies,
                absent,
            };
            let (name, _) = self.records.put(&record::write(&head, &payload))?;
            records.push((name.clone(), head));
            name
        };

        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if index.evidence(&look)?.is_some_and(|there| there != name) {
            return Err(StoreError::Taken {
                look: look.to_string(),
            });
        }
        let number = index.next_number()?;
        let cause = cause.to_owned();
        let head = Head::Assessment {
            look,
            redirected_from,
            evidence: name,
            number,
            at,
            cause,
        };
        let (name, _) = self.records.put(&record::write(&head, assessment))?;
        records.push((name, head));
        index.add(&records)?;
        Ok(Kept {
            number,
            new_bodies,
            missing_bodies,
        })
    }

    /// Name of the record of this very evidence, when it is there.
    fn known(&self, index: &Index, look: &Look, payload: &[u8]) -> Result<Option<String>, StoreError> {
        let Some(name) = index.evidence(look)? else {
            return Ok(None);
        };
        let bytes = self.records.read(&name)?;
        let same = record::read(&bytes).is_ok_and(|(_, there)| there == payload);
        if same {
            Ok(Some(name))
        } else {
            Err(StoreError::Taken {
                look: look.to_string(),
            })
        }
    }

    /// Bodies that the record will name (given or there already), and those that pages name in vain.
    fn bodies_wanted(
        &self,
        evidence: &Evidence,
        known: Option<&str>,
    ) -> Result<(BTreeSet<String>, BTreeSet<String>), StoreError> {
        let mut kept: BTreeSet<String> = evidence.bodies.keys().cloned().collect();
        if let Some(name) = known {
            kept.extend(self.bodies_of(name)?);
        }
        let named: BTreeSet<&String> = evidence
            .pages
            .iter()
            .map(|seen| &seen.body_sha256)
            .filter(|hash| is_name(hash))
            .collect();
        let mut absent = BTreeSet::new();
        for hash in named {
            if !kept.contains(hash) && self.bodies.has(hash) {
                kept.insert(hash.clone());
            } else if !kept.contains(hash) {
                absent.insert(hash.clone());
            }
        }
        Ok((kept, absent))
    }
}
