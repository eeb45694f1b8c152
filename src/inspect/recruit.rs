//! Recruit: whether the site recruits agents and sub-sites, over how many levels, and for money.
//!
//! Reads `data/recruit.toml`. Ordinary words count only inside a recruiting phrase; they raise the density, which is
//! counted over the visible characters of all pages that can carry the site's own offers.

use super::reading::{Reading, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Number};
use crate::facts::{FactSpec, Facts, Firmness};
use crate::lexicon::Lexicon;

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new("recruit.agents", Bool, Trivial, "recruits agents or sub-sites; unsaid when the home page was not read"),
    FactSpec::new(
        "recruit.multi_level",
        Bool,
        Trivial,
        "pays over several levels or asks to recruit below oneself; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "recruit.paid_joining",
        Bool,
        Trivial,
        "asks money to join as an agent, sub-site or partner; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "recruit.density",
        Number,
        Trivial,
        "recruiting phrases per 1000 visible characters of the pages read, two decimals; unsaid when the home page was not read",
    ),
];

/// Reads recruiting.
#[derive(Debug)]
pub struct Recruit {
    words: Lexicon,
}

impl WordInspector for Recruit {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self { words: Lexicon::load(data, "recruit.toml")? })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.words);
        for (name, id) in [
            ("recruit.agents", "agents"),
            ("recruit.multi_level", "multi_level"),
            ("recruit.paid_joining", "paid_joining"),
        ] {
            reading.say_seen(facts, name, Firmness::WellFormed, places(&seen, id));
        }
        if !reading.may_deny() {
            return reading.silent(facts, "recruit.density");
        }
        let chars: usize = reading.pages.iter().map(|page| page.visible_chars).sum();
        let places = seen.iter().take(3).map(super::reading::Sighting::place).collect();
        facts.say("recruit.density", per_thousand(seen.len(), chars), Firmness::WellFormed, places);
    }
}

/// Hits per 1000 characters, rounded to two decimals; texts shorter than 1000 characters count as 1000.
fn per_thousand(hits: usize, chars: usize) -> f64 {
    let hundredths = hits.saturating_mul(100_000) / chars.max(1000);
    f64::from(u32::try_from(hundredths).unwrap_or(u32::MAX)) / 100.0
}
