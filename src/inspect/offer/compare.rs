//! Compare: what an offer asks for, as a part of its face value or of the brand's own dated price.
//!
//! Reads `data/prices.toml`. Goods with a face value need no table; memberships are compared only with the price of the
//! same brand, item and term. Shared, rented and trial variants, ranges of prices, foreign money and test goods are not
//! compared. It does not judge: thresholds are data, and what is below one is counted, not weighed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Words;
use super::amount::ratio;
use super::goods::Offer;
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::join_all;

const FILE: &str = "prices.toml";
/// Kind of goods that have a dated price by brand and term.
pub(super) const MEMBERSHIP: &str = "membership";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    term: Vec<Term>,
    compare: Limits,
    price: Vec<Price>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    id: String,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    not: Vec<String>,
    foreign: Vec<String>,
    least_ratio: f64,
    most_ratio: f64,
    least_yuan: f64,
}

/// A brand's own price.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    /// Code in the list of brands.
    pub(super) brand: String,
    /// What is sold.
    pub(super) item: String,
    words: Vec<String>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    /// Price by term.
    yuan: BTreeMap<String, f64>,
    /// Month in which it was known to hold.
    pub(super) seen: String,
    source: String,
}

/// Prices to compare with.
#[derive(Debug)]
pub(super) struct Compare {
    file: PriceFile,
}

/// What an offer was compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    /// Price over the other.
    pub(super) ratio: f64,
    /// What it was compared with, for the reader: `face value 100`, `爱奇艺黄金会员 month 25 (2025-06, background)`.
    pub(super) with: String,
}

impl Compare {
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut file: PriceFile = data.read(FILE)?;
        join_all(&mut file.compare.not);
        join_all(&mut file.compare.foreign);
        for term in &mut file.term {
            join_all(&mut term.words);
        }
        for price in &mut file.price {
            for list in [&mut price.words, &mut price.with, &mut price.not] {
                join_all(list);
            }
            let known = |id: &String| file.term.iter().any(|term| term.id == *id);
            if let Some(unknown) = price.yuan.keys().find(|id| !known(id)) {
                return Err(DataFiles::bad(
                    FILE,
                    format!("no term `{unknown}` for {}", price.item),
                ));
            }
        }
        Ok(Self { file })
    }

    /// The dated prices.
    #[cfg(test)]
    pub(super) fn prices(&self) -> &[Price] {
        &self.file.price
    }

    /// Code of the brand whose membership a name means.
    pub(super) fn brand(&self, name: &str) -> Option<&str> {
        self.price(name).map(|price| price.brand.as_str())
    }

    /// Compares an offer; nothing when it has nothing to be compared with.
    pub(super) fn compare(&self, offer: &Offer, words: &Words) -> Option<Compared> {
        let row = words.kinds.row(offer.kind.as_deref()?)?;
        let limits = &self.file.compare;
        if !offer.yuan || offer.range || offer.price <= limits.least_yuan {
            return None;
        }
        let (other, with) = if row.id == MEMBERSHIP {
            self.dated(&offer.text)?
        } else {
            row.flag?;
            if limits
                .foreign
                .iter()
                .any(|word| offer.text.contains(word.as_str()))
            {
                return None;
            }
            let face = offer.face?;
            (face, format!("face value {face}"))
        };
        let ratio = ratio(Some(offer.price), Some(other))?;
        let sound = (limits.least_ratio..=limits.most_ratio).contains(&ratio);
        sound.then_some(Compared { ratio, with })
    }

    /// The brand's own price of a membership of this name.
    fn dated(&self, name: &str) -> Option<(f64, String)> {
        let held = |words: &[String]| words.iter().any(|word| name.contains(word.as_str()));
        if held(&self.file.compare.not) {
            return None;
        }
        let term = self.file.term.iter().find(|term| held(&term.words))?;
        let price = self.price(name)?;
        let yuan = *price.yuan.get(&term.id)?;
        let with = format!(
            "{} {} {yuan} ({}, {})",
            price.item, term.id, price.seen, price.source
        );
        Some((yuan, with))
    }

    fn price(&self, name: &str) -> Option<&Price> {
        let held = |words: &[String]| words.iter().any(|word| name.contains(word.as_str()));
        let all = |words: &[String]| words.iter().all(|word| name.contains(word.as_str()));
        let mut prices = self.file.price.iter();
        prices.find(|price| held(&price.words) && !held(&price.not) && all(&price.with))
    }
}
