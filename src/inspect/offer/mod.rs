//! Offer: what the shop sells for how much, and how that compares with face values and the brands' own prices.
//!
//! Reads `data/offers.toml` and `data/prices.toml`. Goods come from lines of pages (`shelf`, `line`, `table`), from JSON in
//! pages and from answers of the program's product addresses (`shapes`); doubles are merged (`goods`) and compared
//! (`compare`). Only what the site itself offers counts: pages and lines that tell of others hold no goods. Merchants on a
//! marketplace count as the platform's goods.
//!
//! Discounts that are only *stated* ("5折话费") are the business of `lure`. Nothing here says what is too cheap.

mod amount;
mod beside;
mod compare;
mod goods;
mod kinds;
mod line;
mod say;
mod shapes;
mod shelf;
mod table;
#[cfg(test)]
mod tests;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

pub(in crate::inspect) use self::amount::ratio;
use self::amount::{SignWords, Signs};
use self::compare::Compare;
use self::goods::{Goods, Offer};
use self::kinds::{KindRow, Kinds};
pub use self::say::FACTS;
use self::shapes::{Generic, Shape, Shapes};
use self::shelf::{LineWords, Lines};
use super::official::brands::Brands;
use super::reading::{PageReading, Reading};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Facts;
use crate::lexicon::{automaton, join_all};

const FILE: &str = "offers.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferFile {
    amount: SignWords,
    lines: LineWords,
    scripted: Scripted,
    counters: Counters,
    kind: Vec<KindRow>,
    shape: Vec<Shape>,
    generic: Generic,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scripted {
    beside: Vec<String>,
    marks: Vec<String>,
}

/// From where counters cannot be; meanings stand in the file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counters {
    stock_from: f64,
    sold_from: f64,
    same_least: usize,
    same_from: f64,
}

/// What goods, amounts and lines are known by, ready for use.
#[derive(Debug)]
struct Words {
    signs: Signs,
    kinds: Kinds,
    lines: Lines,
}

/// Reads offers.
#[derive(Debug)]
pub struct Offers {
    words: Words,
    shapes: Shapes,
    counters: Counters,
    scripted: AhoCorasick,
    beside: AhoCorasick,
    compare: Compare,
    brands: Brands,
}

impl WordInspector for Offers {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: OfferFile = data.read(FILE)?;
        let scripted = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&file.scripted.marks)
            .map_err(|err| DataFiles::bad(FILE, err))?;
        let mut beside = file.scripted.beside;
        join_all(&mut beside);
        let beside = automaton(&beside).map_err(|err| DataFiles::bad(FILE, err))?;
        Ok(Self {
            words: Words {
                signs: file.amount.ready(),
                kinds: Kinds::of(file.kind)?,
                lines: Lines::of(file.lines)?,
            },
            shapes: Shapes::of(file.shape, file.generic),
            counters: file.counters,
            scripted,
            beside,
            compare: Compare::load(data)?,
            brands: Brands::load(data)?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let goods = self.goods(reading);
        if goods.list.is_empty() {
            self.say_none(reading, facts);
        } else {
            self.say_goods(&goods, facts);
        }
    }
}

impl Offers {
    /// All goods of the site, in page order, doubles merged.
    fn goods<'a>(&'a self, reading: &'a Reading<'_>) -> Goods<'a> {
        let mut goods = Goods::default();
        let offering = |page: &&PageReading<'_>| reading.speaks(page) && !reading.shows_order(page);
        for page in reading.pages.iter().filter(offering) {
            let guess = reading.sells || page.seen.role == Role::Data;
            for offer in shelf::offers(reading, page, &self.words) {
                // A price list without any other sign of a shop counts for goods that only such shops sell.
                if reading.sells || self.is_card(&offer) {
                    goods.add(offer);
                }
            }
            for offer in self.shapes.offers(page, &self.words, guess) {
                // A program's data on a page that shows no shop: other trades run it, too.
                if guess || offer.kind.is_some() {
                    goods.add(offer);
                }
            }
        }
        goods
    }

    /// Whether goods are of a kind with a face value, or name a brand.
    fn is_card(&self, offer: &Offer<'_>) -> bool {
        offer.kind.is_some_and(|row| row.strict) || self.brands.are_named(&offer.text)
    }
}
