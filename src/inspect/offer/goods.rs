//! Goods: one offer as read, and the offers of a whole site with doubles merged.
//!
//! The same product stands on the home page, in its category, on its own page and in the page's JSON; it counts once.
//! Two offers are one when name and price agree, or when they stand at different addresses for the same price and one
//! name is the other with more words. Compares no prices.

use std::collections::BTreeMap;

use super::Words;
use super::line::Item;
use crate::facts::Place;

/// Most offers kept of a site.
const MAX_OFFERS: usize = 4_000;
/// Most offers of one price among which a longer or shorter name is looked for.
const MAX_ALIKE: usize = 40;
/// Longest name that is kept, in characters.
const NAME_CHARS: usize = 120;

/// Where an offer was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A card, list entry or line.
    Card,
    /// A cell of a table.
    Table,
    /// The page of one product.
    ProductPage,
    /// A choice in an order form.
    Form,
    /// JSON in a page.
    InlineJson,
    /// An answer of the program's product address.
    Endpoint,
}

impl Source {
    /// The public code.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Table => "table",
            Self::ProductPage => "product_page",
            Self::Form => "form",
            Self::InlineJson => "inline_json",
            Self::Endpoint => "endpoint",
        }
    }
}

/// Goods on offer.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// Name in the joined form.
    pub(super) text: String,
    /// Name as shown.
    pub(super) name: String,
    /// Code of its kind.
    pub(super) kind: Option<String>,
    /// The price, in yuan when `yuan`.
    pub(super) price: f64,
    pub(super) yuan: bool,
    /// Whether the price is the lower end of a range.
    pub(super) range: bool,
    /// Whether the price could be part of the name.
    pub(super) soft: bool,
    /// Face value in yuan.
    pub(super) face: Option<f64>,
    pub(super) stock: Option<f64>,
    pub(super) sold: Option<f64>,
    pub(super) source: Source,
    pub(super) place: Place,
}

impl Offer {
    /// An offer of this name (in the joined form, and as shown) and price.
    pub(super) fn new(words: &Words, text: &str, shown: &str, item: &Item, place: Place) -> Self {
        let row = words.kinds.of_name(text);
        let named = words.kinds.faces(text).first().map(|face| face.yuan);
        let unit = row.and_then(|row| row.unit_face).filter(|_| item.each);
        Self {
            text: text.to_owned(),
            name: shown.chars().take(NAME_CHARS).collect(),
            kind: row.map(|row| row.id.clone()),
            price: item.price,
            yuan: item.yuan,
            range: item.range,
            soft: item.soft,
            // A price by the piece is compared with the face value of a piece, whatever pack the name speaks of.
            face: unit.or(named).or(item.face),
            stock: item.stock,
            sold: item.sold,
            source: Source::Card,
            place,
        }
    }

    /// Sets another price.
    pub(super) fn reprice(&mut self, item: &Item) {
        (self.price, self.yuan, self.range, self.soft) = (item.price, item.yuan, item.range, false);
    }

    /// The name without signs and blanks.
    fn key(&self) -> String {
        self.text.chars().filter(|c| c.is_alphanumeric()).collect()
    }
}

/// All offers of a site.
#[derive(Debug, Default)]
pub(super) struct Goods {
    pub(super) list: Vec<Offer>,
    keys: Vec<String>,
    /// Offers by their price in hundredths, as text, so that it has an order.
    by_price: BTreeMap<String, Vec<usize>>,
    /// Where all were read.
    pub(super) sources: Vec<(Source, Place)>,
}

impl Goods {
    /// Adds an offer, or what it says to the one it repeats.
    pub(super) fn add(&mut self, offer: Offer) {
        self.sources.push((offer.source, offer.place.clone()));
        let key = offer.key();
        let price = format!("{:.2}{}", offer.price, if offer.yuan { "" } else { "x" });
        let alike = self.by_price.entry(price).or_default();
        let double = alike.iter().take(MAX_ALIKE).copied().find(|index| {
            let (Some(other), Some(name)) = (self.list.get(*index), self.keys.get(*index)) else {
                return false;
            };
            let elsewhere = other.place.url != offer.place.url || other.place.place != offer.place.place;
            let same_value = offer.face.is_some() && other.face == offer.face && other.kind == offer.kind;
            let plain = |name: &str| !name.contains(|c: char| c.is_ascii_digit());
            // "话费慢充", face value 100, on its own page is "慢充话费 100 元" on the list.
            let same_goods = same_value && (plain(name) || plain(&key));
            *name == key || (elsewhere && (same_goods || is_longer(name, &key)))
        });
        if let Some(other) = double.and_then(|index| self.list.get_mut(index)) {
            other.stock = other.stock.or(offer.stock);
            other.sold = other.sold.or(offer.sold);
            other.face = other.face.or(offer.face);
        } else if self.list.len() < MAX_OFFERS {
            alike.push(self.list.len());
            self.keys.push(key);
            self.list.push(offer);
        }
    }
}

/// Whether one name is the other with more words before or behind it.
fn is_longer(one: &str, other: &str) -> bool {
    let (long, short) = if one.len() > other.len() {
        (one, other)
    } else {
        (other, one)
    };
    !short.is_empty() && (long.starts_with(short) || long.ends_with(short))
}
