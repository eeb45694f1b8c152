//! Inspectors: each asks what it must, then reads the evidence into facts.
//!
//! One file an inspector. `facts` is handed the evidence and what the other inspectors of earlier stages
//! said only in the last stage (`cross`); it has no net, no clock and no store. What an inspector cannot tell
//! it leaves unsaid, and where it knows why, it says so with [`Facts::cannot_say`].

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::facts::{FactSpec, Facts};

pub mod brands;
pub mod contact;
pub mod data;
pub mod goods;
pub mod kind;
pub mod lure;
pub mod official;
pub mod order;
pub mod payment;
pub mod reading;
pub mod recruit;
pub mod review;
pub mod site;
pub mod software;
pub mod terms;
pub mod tls;
pub use data::{DataError, DataFiles};

use reading::{Reader, Reading};

/// Reads evidence into facts.
pub trait Inspector: Send + Sync + std::fmt::Debug {
    /// Reads the evidence. Pure: no net, no clock; ages are counted from `evidence.captured_at`.
    fn facts(&self, evidence: &Evidence, facts: &mut Facts);

    /// The same over text that was brought to normal form once for all; word inspectors read this.
    fn facts_of(&self, reading: &Reading<'_>, facts: &mut Facts) {
        self.facts(reading.evidence, facts);
    }
}

/// An inspector of words: reads shown text in normal form, knowing which of it is the site's own.
pub trait WordInspector: Send + Sync + std::fmt::Debug + Sized + 'static {
    /// Builds it from the data files it reads.
    fn load(data: &DataFiles) -> Result<Self, DataError>;

    /// Reads the text. Pure, as [`Inspector::facts`].
    fn read(&self, reading: &Reading<'_>, facts: &mut Facts);
}

/// A word inspector as an inspector that can also be asked alone.
#[derive(Debug)]
struct Words<W> {
    reader: Reader,
    inspector: W,
}

impl<W: WordInspector> Inspector for Words<W> {
    fn facts(&self, evidence: &Evidence, facts: &mut Facts) {
        self.inspector.read(&self.reader.read(evidence), facts);
    }

    fn facts_of(&self, reading: &Reading<'_>, facts: &mut Facts) {
        self.inspector.read(reading, facts);
    }
}

/// Loads a word inspector for the register.
fn words<W: WordInspector>(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    Ok(Box::new(Words { reader: Reader::load(data)?, inspector: W::load(data)? }))
}

/// One inspector in the register.
#[derive(Clone, Copy)]
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
    Entry { id: "site", provides: site::FACTS, load: words::<site::SiteKind> },
    Entry { id: "tls", provides: tls::FACTS, load: tls::load },
    Entry { id: "official", provides: official::FACTS, load: words::<official::Official> },
    Entry { id: "contact", provides: contact::FACTS, load: words::<contact::Contact> },
    Entry { id: "terms", provides: terms::FACTS, load: words::<terms::Terms> },
    Entry { id: "lure", provides: lure::FACTS, load: words::<lure::Lure> },
    Entry { id: "recruit", provides: recruit::FACTS, load: words::<recruit::Recruit> },
    Entry { id: "goods", provides: goods::FACTS, load: words::<goods::Goods> },
    Entry { id: "payment", provides: payment::FACTS, load: words::<payment::Payment> },
    Entry { id: "order", provides: order::FACTS, load: words::<order::Order> },
    Entry { id: "review", provides: review::FACTS, load: words::<review::Review> },
    Entry { id: "software", provides: software::FACTS, load: words::<software::Software> },
];

/// The catalogue: every fact that any inspector can state, by name.
pub fn catalogue() -> BTreeMap<&'static str, FactSpec> {
    INSPECTORS.iter().flat_map(|entry| entry.provides).map(|spec| (spec.name, *spec)).collect()
}

/// All inspectors with their data, ready to read evidence.
#[derive(Debug)]
pub struct Inspectors {
    reader: Reader,
    list: Vec<Box<dyn Inspector>>,
}

impl Inspectors {
    /// Builds every inspector from the data files; reports the first file that cannot be used.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        let list = INSPECTORS.iter().map(|entry| (entry.load)(data)).collect::<Result<_, _>>()?;
        Ok(Self { reader: Reader::load(data)?, list })
    }

    /// Reads evidence into facts.
    pub fn facts(&self, evidence: &Evidence) -> Facts {
        let mut facts = Facts::default();
        let reading = self.reader.read(evidence);
        for inspector in &self.list {
            inspector.facts_of(&reading, &mut facts);
        }
        facts
    }
}
