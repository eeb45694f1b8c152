//! Goods: one offer as read, and the offers of a whole site with doubles merged.
//!
//! The same product stands on the home page, in its category, on its own page and in the page's JSON; it counts once.
//! Two offers are one when name and price agree, or when they stand at different addresses for the same price and one
//! name is the other with more words. Compares no prices.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::Words;
use super::kinds::KindRow;
use super::line::{Item, is_letter};
use crate::facts::{Place, kept};
use crate::inspect::reading::Line;
use crate::text::Letters;

/// Most offers kept of a site.
const MAX_OFFERS: usize = 4_000;
/// Most offers of one price among which a longer or shorter name is looked for.
const MAX_ALIKE: usize = 40;
/// Longest name that is kept, in characters.
const NAME_CHARS: usize = 120;
/// Below this a float holds every whole number.
const EXACT: f64 = 9e15;

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

/// A stretch of what a page shows, quoted when somebody asks for it: few of all offers are named in a fact.
#[derive(Debug, Clone)]
pub(super) enum Quote<'a> {
    /// What stood where the joined form of a line has this range.
    Line(&'a Line, Range<usize>),
    /// A text.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
}

impl Quote<'_> {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Line(line, range) => line.joined.original(range.clone()).into(),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => number.to_string().into(),
        }
    }
}

/// Where an offer stands, and what stood there.
#[derive(Debug, Clone)]
pub(super) struct Spot<'a> {
    /// Address of the page.
    pub(super) url: &'a str,
    /// How the name of the place begins, …
    pub(super) sort: &'static str,
    /// … and how it ends.
    pub(super) name: &'a str,
    /// What stood there; as it is when it is all, …
    pub(super) head: Quote<'a>,
    /// … and trimmed when this stood elsewhere.
    pub(super) tail: Option<Quote<'a>>,
}

impl Spot<'_> {
    /// Writes it out.
    pub(super) fn place(&self) -> Place {
        let head = self.head.text();
        let shown = match &self.tail {
            Some(tail) => [head.trim(), tail.text().trim()].join(" ").into(),
            None => head,
        };
        Place::new(self.url, [self.sort, self.name].concat(), &shown)
    }

    fn is_beside(&self, other: &Self) -> bool {
        self.url == other.url && self.sort == other.sort && self.name == other.name
    }
}

/// The places of these offers as far as a fact keeps them.
pub(super) fn places<'o, 'a: 'o>(offers: impl Iterator<Item = &'o Offer<'a>>) -> Vec<Place> {
    kept(offers.map(|offer| offer.spot.place()))
}

/// A name of goods with what its words say.
#[derive(Debug, Clone)]
pub(super) struct Name<'a> {
    /// In the joined form.
    pub(super) text: Cow<'a, str>,
    /// The kind of the goods.
    pub(super) kind: Option<&'a KindRow>,
    /// The first face value in it.
    pub(super) face: Option<f64>,
}

impl<'a> Name<'a> {
    /// Reads a name; `letters`: those of the name, or more.
    pub(super) fn of(words: &'a Words, text: Cow<'a, str>, letters: &Letters) -> Self {
        let (kind, face) = words.kinds.read(&text, letters);
        Self { text, kind, face }
    }
}

/// Goods on offer.
#[derive(Debug, Clone)]
pub(super) struct Offer<'a> {
    /// Name in the joined form.
    pub(super) text: Cow<'a, str>,
    /// Name as shown.
    shown: Quote<'a>,
    /// Its kind.
    pub(super) kind: Option<&'a KindRow>,
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
    pub(super) spot: Spot<'a>,
}

impl<'a> Offer<'a> {
    /// An offer of this name (and as shown) and price.
    pub(super) fn new(name: Name<'a>, shown: Quote<'a>, item: &Item, spot: Spot<'a>) -> Self {
        let Name { text, kind, face } = name;
        let unit = kind.and_then(|row| row.unit_face).filter(|_| item.each);
        // A price by the piece is compared with the face value of a piece, whatever pack the name speaks of.
        let face = unit.or(face).or(item.face);
        Self {
            text,
            shown,
            kind,
            price: item.price,
            yuan: item.yuan,
            range: item.range,
            soft: item.soft,
            face,
            stock: item.stock,
            sold: item.sold,
            source: Source::Card,
            spot,
        }
    }

    /// Its name as shown.
    pub(super) fn name(&self) -> String {
        self.shown.text().trim().chars().take(NAME_CHARS).collect()
    }

    /// Code of its kind.
    pub(super) fn code(&self) -> Option<&'a str> {
        self.kind.map(|row| row.id.as_str())
    }

    /// Sets another price.
    pub(super) fn reprice(&mut self, item: &Item) {
        (self.price, self.yuan, self.range, self.soft) = (item.price, item.yuan, item.range, false);
    }

    /// The letters and digits of the name, without signs and blanks.
    fn key(&self) -> impl DoubleEndedIterator<Item = char> {
        self.text.chars().filter(|c| is_letter(*c) || c.is_alphanumeric())
    }

    /// Whether the name holds no number.
    fn is_plain(&self) -> bool {
        !self.text.bytes().any(|byte| byte.is_ascii_digit())
    }

    /// Whether another offer of the same price is the same goods.
    fn repeats(&self, other: &Self) -> bool {
        let same_value = self.face.is_some() && other.face == self.face && other.code() == self.code();
        self.key().eq(other.key())
            || (!self.spot.is_beside(&other.spot)
                // "话费慢充", face value 100, on its own page is "慢充话费 100 元" on the list.
                && ((same_value && (self.is_plain() || other.is_plain()))
                    || opens_or_ends(self, other)
                    || opens_or_ends(other, self)))
    }
}

/// Whether one name is the other with more words before or behind it.
fn opens_or_ends(long: &Offer<'_>, short: &Offer<'_>) -> bool {
    let (mut head, mut tail) = (long.key(), long.key().rev());
    short.key().next().is_some()
        && (short.key().all(|c| head.next() == Some(c)) || short.key().rev().all(|c| tail.next() == Some(c)))
}

/// All offers of a site.
#[derive(Debug, Default)]
pub(super) struct Goods<'a> {
    pub(super) list: Vec<Offer<'a>>,
    /// Offers by their price in hundredths, and whether it is in yuan.
    by_price: BTreeMap<(u64, bool), Vec<usize>>,
    /// Where all were read, each with the first place.
    pub(super) sources: Vec<(Source, Spot<'a>)>,
}

impl<'a> Goods<'a> {
    /// Adds an offer, or what it says to the one it repeats.
    pub(super) fn add(&mut self, offer: Offer<'a>) {
        if self.sources.iter().all(|(source, _)| *source != offer.source) {
            self.sources.push((offer.source, offer.spot.clone()));
        }
        let price = (hundredths(offer.price), offer.yuan);
        let alike = self.by_price.entry(price).or_default();
        let mut near = alike.iter().take(MAX_ALIKE).copied();
        let double = near.find(|index| self.list.get(*index).is_some_and(|other| offer.repeats(other)));
        if let Some(other) = double.and_then(|index| self.list.get_mut(index)) {
            other.stock = other.stock.or(offer.stock);
            other.sold = other.sold.or(offer.sold);
            other.face = other.face.or(offer.face);
        } else if self.list.len() < MAX_OFFERS {
            alike.push(self.list.len());
            self.list.push(offer);
        }
    }
}

/// A price as written with two decimals, without its point.
fn hundredths(price: f64) -> u64 {
    let nearest = (price * 100.0).round();
    // Halves are rounded as they are written out, and what is too large to be exact is, too.
    if (price * 100.0 - nearest).abs() < 0.25 && (0.0..EXACT).contains(&nearest) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number in the range of whole numbers"
        )]
        return nearest as u64;
    }
    let written = format!("{price:.2}").replace('.', "");
    written.parse().unwrap_or(u64::MAX)
}
