//! Terms: what the site says about refunds, liability, complaints and balances, good and bad.
//!
//! Reads `data/terms.toml`. A clause that promises, or that refuses only after delivery or for the buyer's own mistake, is
//! read before the blanket refusals it may contain. Says also whether any terms were shown; a link that
//! leads nowhere is no terms.

use serde::Deserialize;

use super::reading::{PageReading, Reading, Sighting, place_of, places};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::Bool;
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, Part};

const FILE: &str = "terms.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "terms.refund_refused",
        Bool,
        Trivial,
        "a blanket clause refuses refunds; refusals only after delivery or for the buyer's own mistake do not count; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.refund_promised",
        Bool,
        Trivial,
        "failed or undelivered orders are promised a refund; unsaid when the home page was not read",
    ),
    FactSpec::new("terms.liability_excluded", Bool, Trivial, "a blanket clause excludes liability; unsaid when the home page was not read"),
    FactSpec::new("terms.final_say", Bool, Trivial, "the site keeps the last word on what its rules mean; unsaid when the home page was not read"),
    FactSpec::new(
        "terms.complaint_threat",
        Bool,
        Trivial,
        "those who complain are threatened with a ban or loss; unsaid when the home page was not read",
    ),
    FactSpec::new("terms.balance_locked", Bool, Trivial, "a balance cannot be withdrawn or refunded; unsaid when the home page was not read"),
    FactSpec::new(
        "terms.page_shown",
        Bool,
        Trivial,
        "a terms, refund or after-sales page or section was read; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "terms.risk_rules",
        Bool,
        Trivial,
        "says in advance when orders are intercepted or refused; unsaid when the home page was not read",
    ),
];

#[derive(Debug, Deserialize)]
struct TermsFile {
    section_chars: usize,
    page_chars: usize,
}

/// Reads terms.
#[derive(Debug)]
pub struct Terms {
    clauses: Lexicon,
    limits: TermsFile,
}

impl WordInspector for Terms {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self { clauses: Lexicon::load(data, FILE)?, limits: data.read(FILE)? })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.clauses);
        for (name, id) in [
            ("terms.refund_refused", "refund_refused"),
            ("terms.refund_promised", "refund_promised"),
            ("terms.liability_excluded", "liability_excluded"),
            ("terms.final_say", "final_say"),
            ("terms.complaint_threat", "complaint_threat"),
            ("terms.balance_locked", "balance_locked"),
            ("terms.risk_rules", "risk_rules"),
        ] {
            reading.say_seen(facts, name, Firmness::WellFormed, places(&seen, id));
        }
        reading.say_seen(facts, "terms.page_shown", Firmness::WellFormed, self.shown(reading, &seen));
    }
}

impl Terms {
    /// Pages of terms that were read, and headings of terms with a text below them.
    fn shown(&self, reading: &Reading<'_>, seen: &[Sighting<'_>]) -> Vec<Place> {
        let pages = reading.pages.iter().filter(|page| page.seen.role == Role::Terms);
        let mut shown: Vec<Place> = pages
            .filter(|page| page.visible_chars >= self.limits.page_chars)
            .map(|page| Place::new(&page.seen.final_url, "title", &page.page.title))
            .collect();
        for heading in seen.iter().filter(|sighting| sighting.id == "heading") {
            if self.has_text_below(heading.page, heading) {
                shown.push(place_of(heading.page, heading.line, heading.line.joined.source()));
            }
        }
        shown
    }

    fn has_text_below(&self, page: &PageReading<'_>, heading: &Sighting<'_>) -> bool {
        let below = page.lines.iter().skip_while(|line| !std::ptr::eq(*line, heading.line)).skip(1).take(2);
        heading.line.part == Part::Text
            && below.filter(|line| line.part == Part::Text).any(|line| line.chars >= self.limits.section_chars)
    }
}
