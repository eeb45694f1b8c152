//! Inspectors: each asks what it must, then reads the evidence into facts.
//!
//! One file an inspector. `facts` is handed the evidence and what the other inspectors of earlier stages
//! said only in the last stage (`cross`); it has no net, no clock and no store. What an inspector cannot tell
//! it leaves unsaid, and where it knows why, it says so with [`Facts::cannot_say`].

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::facts::{FactSpec, Facts};

pub mod cross;
pub mod filing;
pub mod licence;
mod shown;

pub use crate::data::{DataError, DataFiles};

/// Reads evidence into facts.
pub trait Inspector: Send + Sync + std::fmt::Debug {
    /// Reads the evidence. Pure: no net, no clock; ages are counted from `evidence.captured_at`.
    fn facts(&self, evidence: &Evidence, facts: &mut Facts);
}

/// One inspector in the register.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Name under which its exhibit is kept and its file stands. Never changes once released.
    pub id: &'static str,
    /// The facts it can state.
    pub provides: &'static [FactSpec],
    /// Builds it from the data files it reads.
    pub load: fn(&DataFiles) -> Result<Box<dyn Inspector>, DataError>,
}

/// Every inspector, in the order they run; the cross-checks come last.
pub const INSPECTORS: &[Entry] = &[
    Entry { id: "filing", provides: filing::PROVIDES, load: filing::load },
    Entry { id: "licence", provides: licence::PROVIDES, load: licence::load },
    // The last stage: reads what the others said.
    Entry { id: "cross", provides: cross::PROVIDES, load: cross::load },
];

/// The catalogue: every fact that any inspector can state, by name.
pub fn catalogue() -> BTreeMap<&'static str, FactSpec> {
    INSPECTORS
        .iter()
        .flat_map(|entry| entry.provides)
        .map(|spec| (spec.name, *spec))
        .collect()
}

/// All inspectors with their data, ready to read evidence.
#[derive(Debug)]
pub struct Inspectors {
    list: Vec<Box<dyn Inspector>>,
}

impl Inspectors {
    /// Builds every inspector from the data files; reports the first file that cannot be used.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        let list = INSPECTORS
            .iter()
            .map(|entry| (entry.load)(data))
            .collect::<Result<_, _>>()?;
        Ok(Self { list })
    }

    /// Reads evidence into facts.
    pub fn facts(&self, evidence: &Evidence) -> Facts {
        let mut facts = Facts::default();
        for inspector in &self.list {
            inspector.facts(evidence, &mut facts);
        }
        facts
    }
}
