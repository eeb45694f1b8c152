//! Site: what kind of site this is and whether it sells, from the kinds of its pages.
//!
//! Reads `data/site.toml` (through the reading) and the official-channel list. A site sells when at least one page
//! shows goods, a way to buy and prices or an order look-up; the kinds themselves are told apart in `kind`.

use super::brands::Brands;
use super::kind::Kind;
use super::reading::Reading;
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Kind::{Bool, Text};
use crate::facts::{Fakeability::Cheap, FactSpec, Facts, Firmness, Place};

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "site.sells",
        Bool,
        Cheap,
        "sells virtual goods: goods, a way to buy and prices or an order look-up on one page; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "site.kind",
        Text,
        Cheap,
        "kind of the site: shop, brand, article, advice, documentation, forum, other or unknown; unsaid when the home page was not read",
    ),
];

/// Tells the kind of a site.
#[derive(Debug)]
pub struct SiteKind {
    brands: Brands,
}

impl WordInspector for SiteKind {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self { brands: Brands::load(data)? })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let selling = reading.pages.iter().find(|page| page.kind == Kind::Shop);
        let at = selling.map(|page| Place::new(&page.seen.final_url, "main", &page.page.title));
        reading.say_seen(facts, "site.sells", Firmness::WellFormed, at.clone().into_iter().collect());
        if !reading.may_deny() && selling.is_none() {
            return reading.silent(facts, "site.kind");
        }
        let kind = if self.brands.owner(reading.evidence).is_some() { "brand" } else { kind_of(reading).code() };
        facts.say("site.kind", kind, Firmness::WellFormed, at.into_iter().collect());
    }
}

/// Shop if a page sells, else the kind of the home page, else the commonest telling kind.
fn kind_of(reading: &Reading<'_>) -> Kind {
    if reading.sells {
        return Kind::Shop;
    }
    let told = |kind: &Kind| !matches!(kind, Kind::Other | Kind::Unknown);
    let kinds: Vec<Kind> = reading.pages.iter().map(|page| page.kind).collect();
    if let Some(home) = kinds.first().copied().filter(told) {
        return home;
    }
    let count = |kind: Kind| kinds.iter().filter(|other| **other == kind).count();
    let common = kinds.iter().copied().filter(told).max_by_key(|kind| (count(*kind), std::cmp::Reverse(*kind)));
    common.or(kinds.first().copied()).unwrap_or(Kind::Unknown)
}
