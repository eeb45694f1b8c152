//! Compare: what an offer asks for, as a part of its face value or of the brand's own dated price.
//!
//! Reads `data/prices.toml`. Goods with a face value need no table; memberships are compared only with the price of the
//! same brand, item and term. Shared, rented and trial variants, ranges of prices, foreign money and test goods are not
//! compared. It does not judge: thresholds are data, and what is below one is counted, not weighed.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::amount::ratio;
use super::goods::Offer;
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{automaton, join_all};

const FILE: &str = "prices.toml";
/// Kind of goods that have a dated price by brand and term.
const MEMBERSHIP: &str = "membership";

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

/// Numbers of the words of one list, in the order in which all words of the file are looked for.
type Numbers = Range<usize>;

/// Prices to compare with.
#[derive(Debug)]
pub(super) struct Compare {
    file: PriceFile,
    /// All words of the file: a name is gone through once.
    words: AhoCorasick,
    not: Numbers,
    foreign: Numbers,
    terms: Vec<Numbers>,
    prices: Vec<PriceNumbers>,
}

/// The words of a price.
#[derive(Debug)]
struct PriceNumbers {
    words: Numbers,
    with: Numbers,
    not: Numbers,
}

/// Numbers of the words that a name holds.
struct Held(Vec<usize>);

impl Held {
    fn one(&self, list: &Numbers) -> bool {
        self.0.iter().any(|number| list.contains(number))
    }

    fn all(&self, list: &Numbers) -> bool {
        list.clone().all(|number| self.0.contains(&number))
    }
}

/// What an offer was compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'c> {
    /// Price over the other.
    pub(super) ratio: f64,
    /// What it was compared with.
    pub(super) with: With<'c>,
}

/// What an offer says beside the prices of others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'c> {
    /// What it was compared with; nothing when it has nothing to be compared with.
    pub(super) compared: Option<Compared<'c>>,
    /// Code of the brand whose membership it is.
    pub(super) brand: Option<&'c str>,
}

/// A price to compare with; shown for the reader as `face value 100`, `爱奇艺黄金会员 month 25 (2025-06, background)`.
#[derive(Debug, Clone, Copy)]
pub(super) enum With<'c> {
    /// The face value of the goods.
    Face(f64),
    /// A brand's own price, with the term and what is asked for it.
    Dated(&'c Price, &'c str, f64),
}

impl With<'_> {
    fn yuan(self) -> f64 {
        match self {
            Self::Face(yuan) | Self::Dated(_, _, yuan) => yuan,
        }
    }
}

impl fmt::Display for With<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Face(yuan) => write!(to, "face value {yuan}"),
            Self::Dated(price, term, yuan) => write!(
                to,
                "{} {term} {yuan} ({}, {})",
                price.item, price.seen, price.source
            ),
        }
    }
}

impl Compare {
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut file: PriceFile = data.read(FILE)?;
        let mut words: Vec<String> = Vec::new();
        let mut add = |list: &mut Vec<String>| -> Numbers {
            join_all(list);
            let from = words.len();
            words.append(list);
            from..words.len()
        };
        let not = add(&mut file.compare.not);
        let foreign = add(&mut file.compare.foreign);
        let terms = file.term.iter_mut().map(|term| add(&mut term.words)).collect();
        let mut prices = Vec::new();
        for price in &mut file.price {
            prices.push(PriceNumbers {
                words: add(&mut price.words),
                with: add(&mut price.with),
                not: add(&mut price.not),
            });
            let known = |id: &String| file.term.iter().any(|term| term.id == *id);
            if let Some(unknown) = price.yuan.keys().find(|id| !known(id)) {
                return Err(DataFiles::bad(
                    FILE,
                    format!("no term `{unknown}` for {}", price.item),
                ));
            }
        }
        let words = automaton(&words).map_err(|err| DataFiles::bad(FILE, err))?;
        Ok(Self {
            file,
            words,
            not,
            foreign,
            terms,
            prices,
        })
    }

    /// The dated prices.
    #[cfg(test)]
    pub(super) fn prices(&self) -> &[Price] {
        &self.file.price
    }

    /// Compares an offer, and says whose membership it is.
    pub(super) fn look(&self, offer: &Offer<'_>) -> Look<'_> {
        if offer.code() != Some(MEMBERSHIP) {
            return Look {
                compared: self.with_face(offer),
                brand: None,
            };
        }
        // The name of a membership is gone through once for both.
        let held = self.held(&offer.text);
        Look {
            compared: self.dated(&held).and_then(|with| self.compared(offer, with)),
            brand: self.price(&held).map(|price| price.brand.as_str()),
        }
    }

    /// Compares an offer that is no membership with its face value.
    fn with_face(&self, offer: &Offer<'_>) -> Option<Compared<'_>> {
        offer.kind?.flag?;
        let compared = self.compared(offer, With::Face(offer.face?))?;
        (!self.held(&offer.text).one(&self.foreign)).then_some(compared)
    }

    /// The ratio of an offer's price to another, where both can be compared.
    fn compared<'c>(&self, offer: &Offer<'_>, with: With<'c>) -> Option<Compared<'c>> {
        let limits = &self.file.compare;
        if !offer.yuan || offer.range || offer.price <= limits.least_yuan {
            return None;
        }
        let ratio = ratio(Some(offer.price), Some(with.yuan()))?;
        let sound = (limits.least_ratio..=limits.most_ratio).contains(&ratio);
        sound.then_some(Compared { ratio, with })
    }

    /// The brand's own price of a membership whose name holds these words.
    fn dated(&self, held: &Held) -> Option<With<'_>> {
        if held.one(&self.not) {
            return None;
        }
        let mut terms = self.file.term.iter().zip(&self.terms);
        let (term, _) = terms.find(|(_, words)| held.one(words))?;
        let price = self.price(held)?;
        let yuan = *price.yuan.get(&term.id)?;
        Some(With::Dated(price, &term.id, yuan))
    }

    fn price(&self, held: &Held) -> Option<&Price> {
        if held.0.is_empty() {
            return None;
        }
        let mut prices = self.file.price.iter().zip(&self.prices);
        let fits =
            |words: &PriceNumbers| held.one(&words.words) && !held.one(&words.not) && held.all(&words.with);
        prices.find(|(_, words)| fits(words)).map(|(price, _)| price)
    }

    /// The words of the file that a name holds.
    fn held(&self, name: &str) -> Held {
        let hits = self.words.find_overlapping_iter(name);
        Held(hits.map(|hit| hit.pattern().as_usize()).collect())
    }
}
