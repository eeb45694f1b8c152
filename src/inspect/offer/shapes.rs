//! Shapes: goods in JSON, from script variables of pages and answers of product addresses.
//!
//! `data/offers.toml` says for each program where its goods are and what its keys are called; schema.org products are read
//! wherever they stand, and any list of objects with a name and a price is taken for goods when nothing else knows it.
//! The walk is bounded in steps and depth, and believes no number: what is no finite amount is no price.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Words;
use super::amount::ratio;
use super::goods::{Name, Offer, Quote, Source, Spot};
use super::line::Item;
use super::shelf::MAX_ON_PAGE;
use crate::evidence::Role;
use crate::inspect::reading::PageReading;
use crate::lexicon::joined;
use crate::page::InlineJson;
use crate::text::{Letters, Normal};

/// Most values looked at in one page.
const MAX_STEPS: usize = 50_000;
/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 16;
/// Largest price and counter that are believed.
const MOST: f64 = 1e9;
/// Largest price of one product, in yuan.
const MOST_YUAN: f64 = 1e7;
/// Longest text of a number.
const NUMBER_CHARS: usize = 24;

/// In what a shape's prices are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    #[default]
    Yuan,
    Cents,
}

/// What a key of goods holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Price,
    Stock,
    Sold,
    Currency,
}

/// What the keys of goods are called.
#[derive(Debug)]
struct Keys {
    /// Key, what it holds and how many keys for the same come before it; in the order of the keys.
    list: Vec<(String, Field, usize)>,
    /// Marks of the keys: most keys of an object are told to be none of them without a search.
    marks: [bool; MARKS],
}

/// How many marks of keys there are.
const MARKS: usize = 256;

/// The mark of a key, by its first letter and its length.
fn mark(key: &str) -> usize {
    let first = key.bytes().next().map_or(0, usize::from);
    (first + key.len() * 37) % MARKS
}

impl Keys {
    fn of(fields: [(Field, Vec<String>); 5]) -> Self {
        let each = |(field, keys): (Field, Vec<String>)| {
            let keys = keys.into_iter().enumerate();
            keys.map(move |(rank, key)| (key, field, rank))
        };
        let mut list: Vec<(String, Field, usize)> = fields.into_iter().flat_map(each).collect();
        list.sort_by(|a, b| a.0.cmp(&b.0));
        let mut marks = [false; MARKS];
        for (key, ..) in &list {
            if let Some(known) = marks.get_mut(mark(key)) {
                *known = true;
            }
        }
        Self { list, marks }
    }

    /// What an object says of goods: for each field the value of the first key that says something.
    fn found<'v>(&self, map: &'v Map<String, Value>) -> Found<'v> {
        let mut found = Found::default();
        for (key, value) in map {
            if self.marks.get(mark(key)) != Some(&true) {
                continue;
            }
            let from = self.list.partition_point(|(known, ..)| known < key);
            let known = self.list.get(from..).unwrap_or_default().iter();
            for (_, field, rank) in known.take_while(|(known, ..)| known == key) {
                let held = match field {
                    Field::Name => &mut found.name,
                    Field::Price => &mut found.price,
                    Field::Stock => &mut found.stock,
                    Field::Sold => &mut found.sold,
                    Field::Currency => &mut found.currency,
                };
                if held.is_none_or(|(first, _)| *rank < first) && says(value) {
                    *held = Some((*rank, value));
                }
            }
        }
        found
    }
}

/// What an object says of goods, each with the rank of its key.
#[derive(Debug, Default)]
struct Found<'v> {
    name: Option<(usize, &'v Value)>,
    price: Option<(usize, &'v Value)>,
    stock: Option<(usize, &'v Value)>,
    sold: Option<(usize, &'v Value)>,
    currency: Option<(usize, &'v Value)>,
}

/// Whether a value says something.
fn says(value: &Value) -> bool {
    !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty())
}

/// Where a program keeps its goods.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// Code of the program, as in `software.toml`.
    #[expect(
        dead_code,
        reason = "names the row for its readers, as the file's other rows do"
    )]
    program: String,
    variable: Option<String>,
    endpoint: Option<String>,
    #[serde(default = "whole")]
    at: Vec<String>,
    #[serde(default)]
    unit: Unit,
    name: Vec<String>,
    price: Vec<String>,
    #[serde(default)]
    stock: Vec<String>,
    #[serde(default)]
    sold: Vec<String>,
    #[serde(default)]
    currency: Vec<String>,
}

/// The pointer to the whole value.
fn whole() -> Vec<String> {
    vec![String::new()]
}

/// What goods look like in JSON of no known shape.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Generic {
    name: Vec<String>,
    price: Vec<String>,
    stock: Vec<String>,
    sold: Vec<String>,
    currency: Vec<String>,
    not_below: Vec<String>,
}

/// Shapes of JSON, ready for use.
#[derive(Debug)]
pub(super) struct Shapes {
    known: Vec<(Shape, Keys)>,
    generic: Keys,
    not_below: Vec<String>,
}

impl Shapes {
    pub(super) fn of(shapes: Vec<Shape>, generic: Generic) -> Self {
        let known = shapes.into_iter().map(|mut shape| {
            let take = std::mem::take;
            let keys = Keys::of([
                (Field::Name, take(&mut shape.name)),
                (Field::Price, take(&mut shape.price)),
                (Field::Stock, take(&mut shape.stock)),
                (Field::Sold, take(&mut shape.sold)),
                (Field::Currency, take(&mut shape.currency)),
            ]);
            (shape, keys)
        });
        Self {
            known: known.collect(),
            generic: Keys::of([
                (Field::Name, generic.name),
                (Field::Price, generic.price),
                (Field::Stock, generic.stock),
                (Field::Sold, generic.sold),
                (Field::Currency, generic.currency),
            ]),
            not_below: generic.not_below,
        }
    }

    /// The goods in all JSON of a page; `guess`: in JSON of no known shape too.
    pub(super) fn offers<'a>(
        &'a self,
        page: &'a PageReading<'_>,
        words: &'a Words,
        guess: bool,
    ) -> Vec<Offer<'a>> {
        let mut walk = Walk {
            shapes: self,
            words,
            page,
            guess,
            offers: Vec::new(),
            steps: 0,
        };
        for json in &page.page.json {
            walk.json(json);
        }
        walk.offers
    }

    /// Whether no goods stand below a key.
    fn is_below_no_goods(&self, key: &str) -> bool {
        if key.is_ascii() {
            return self.not_below.iter().any(|word| word.eq_ignore_ascii_case(key));
        }
        self.not_below.contains(&key.to_lowercase())
    }

    /// The shape that fits JSON of this name at this address.
    fn of_json(&self, name: &str, url: &str) -> Option<&(Shape, Keys)> {
        self.known.iter().find(|(shape, _)| {
            let variable = shape.variable.as_ref().is_some_and(|variable| variable == name);
            let endpoint = shape
                .endpoint
                .as_ref()
                .is_some_and(|part| url.contains(part.as_str()));
            variable || (endpoint && name == "answer")
        })
    }
}

/// State of the way through a page's JSON.
struct Walk<'a, 'p> {
    shapes: &'a Shapes,
    words: &'a Words,
    page: &'a PageReading<'p>,
    guess: bool,
    offers: Vec<Offer<'a>>,
    steps: usize,
}

/// How values below a place are read.
#[derive(Clone, Copy)]
struct Manner<'a> {
    keys: &'a Keys,
    unit: Unit,
    /// Name of the JSON, for the place.
    json: &'a str,
    /// Whether an object alone is goods; otherwise only in a list.
    alone: bool,
}

impl<'a> Walk<'a, '_> {
    fn json(&mut self, json: &'a InlineJson) {
        if json.name == "ld+json" {
            self.linked(&json.value, 0);
            return;
        }
        let shapes = self.shapes;
        if let Some((shape, keys)) = shapes.of_json(&json.name, &self.page.seen.final_url) {
            let manner = Manner {
                keys,
                unit: shape.unit,
                json: &json.name,
                alone: true,
            };
            let before = self.offers.len();
            for value in shape.at.iter().filter_map(|at| json.value.pointer(at)) {
                self.any(value, manner, 0, true);
            }
            // A price in cents that another reading took for yuan would be worse than none.
            if self.offers.len() > before || shape.unit == Unit::Cents {
                return;
            }
        }
        if !self.guess {
            return;
        }
        let manner = Manner {
            keys: &shapes.generic,
            unit: Unit::Yuan,
            json: &json.name,
            alone: false,
        };
        self.any(&json.value, manner, 0, false);
    }

    /// Goods anywhere below a value; `listed`: whether it stands in a list, or where goods are known to stand.
    fn any(&mut self, value: &'a Value, manner: Manner<'a>, depth: usize, listed: bool) {
        self.steps += 1;
        if self.steps > MAX_STEPS || depth > MAX_DEPTH || self.offers.len() >= MAX_ON_PAGE {
            return;
        }
        match value {
            Value::Array(list) => {
                for inner in list {
                    self.any(inner, manner, depth + 1, true);
                }
            }
            Value::Object(map) => {
                if listed && let Some(offer) = self.offer(map, manner) {
                    self.offers.push(offer);
                    return;
                }
                for (key, inner) in map {
                    let holds = inner.is_array() || inner.is_object();
                    if holds && !self.shapes.is_below_no_goods(key) {
                        self.any(inner, manner, depth + 1, manner.alone && listed);
                    }
                }
            }
            _ => {}
        }
    }

    fn offer(&self, map: &'a Map<String, Value>, manner: Manner<'a>) -> Option<Offer<'a>> {
        let found = manner.keys.found(map);
        let of = |found: Option<(usize, &'a Value)>| found.map(|(_, value)| value);
        let name = of(found.name).and_then(text_of)?;
        let written = of(found.price)?;
        let price = self.price_of(written)?;
        let currency = of(found.currency).and_then(text_of);
        let mut item = Item {
            price,
            yuan: currency.is_none_or(is_yuan),
            stock: of(found.stock).and_then(number_of),
            sold: of(found.sold).and_then(number_of),
            ..Item::default()
        };
        let whole = written.is_u64() || written.as_str().is_some_and(|text| !text.contains('.'));
        if manner.unit == Unit::Cents && whole {
            item.price = self.yuan_of_cents(price, name);
        }
        self.sold_as(name, &item, manner.json)
    }

    /// An offer of JSON, with the amounts that its name may hold left alone.
    fn sold_as(&self, name: &'a str, item: &Item, json: &'a str) -> Option<Offer<'a>> {
        let words = self.words;
        if item.price <= 0.0 || item.price > MOST_YUAN {
            return None;
        }
        let joined = Normal::of(name).joined();
        let text = joined.text().trim();
        if !words.lines.is_name(text) {
            return None;
        }
        let read = Name::of(words, text.to_owned().into(), joined.letters());
        let answer = self.page.seen.role == Role::Data;
        let shown = Quote::Text(name.trim().into());
        let spot = Spot {
            url: &self.page.seen.final_url,
            sort: if answer { "" } else { "json:" },
            name: json,
            head: shown.clone(),
            tail: Some(Quote::Number(item.price)),
        };
        let mut offer = Offer::new(read, shown, item, spot);
        offer.source = if answer {
            Source::Endpoint
        } else {
            Source::InlineJson
        };
        Some(offer)
    }

    /// A whole number of cents, unless the face value in the name shows that it is yuan after all.
    fn yuan_of_cents(&self, price: f64, name: &str) -> f64 {
        let (text, kinds) = (joined(name), &self.words.kinds);
        let face = kinds
            .faces(&text, &Letters::of(&text))
            .first()
            .map(|face| face.yuan);
        let sound = |price: f64| ratio(Some(price), face).is_some_and(|ratio| (0.2..=1.5).contains(&ratio));
        if sound(price) && !sound(price / 100.0) {
            price
        } else {
            price / 100.0
        }
    }

    fn price_of(&self, value: &Value) -> Option<f64> {
        if let Some(number) = number_of(value) {
            return Some(number);
        }
        let text = value
            .as_str()
            .filter(|text| text.chars().take(NUMBER_CHARS + 1).count() <= NUMBER_CHARS)?;
        let text = joined(text);
        let first = self.words.signs.amounts(&text).next();
        first.filter(|amount| amount.money).map(|amount| amount.value)
    }

    /// Products in schema.org's terms.
    fn linked(&mut self, value: &'a Value, depth: usize) {
        self.steps += 1;
        if self.steps > MAX_STEPS || depth > MAX_DEPTH || self.offers.len() >= MAX_ON_PAGE {
            return;
        }
        match value {
            Value::Array(list) => list.iter().for_each(|inner| self.linked(inner, depth + 1)),
            Value::Object(map) if is_product(map) => self.product(map),
            Value::Object(map) => map.values().for_each(|inner| self.linked(inner, depth + 1)),
            _ => {}
        }
    }

    fn product(&mut self, map: &'a Map<String, Value>) {
        let Some(name) = map.get("name").and_then(text_of) else {
            return;
        };
        let list = match map.get("offers") {
            Some(Value::Array(list)) => list.iter().take(MAX_ON_PAGE).collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        for offer in list.into_iter().filter_map(Value::as_object) {
            let specified = offer
                .get("priceSpecification")
                .and_then(Value::as_object)
                .unwrap_or(offer);
            let at = |key: &str| offer.get(key).or_else(|| specified.get(key));
            let low = at("price")
                .or_else(|| at("lowPrice"))
                .and_then(|value| self.price_of(value));
            let Some(price) = low else { continue };
            let high = at("highPrice").and_then(|value| self.price_of(value));
            let item = Item {
                price,
                yuan: at("priceCurrency").and_then(Value::as_str).is_none_or(is_yuan),
                range: high.is_some_and(|high| high > price),
                ..Item::default()
            };
            let name = offer.get("name").and_then(text_of).unwrap_or(name);
            if let Some(offer) = self.sold_as(name, &item, "ld+json") {
                self.offers.push(offer);
            }
        }
    }
}

/// A text, or the first of a text in several languages (`{"zh-CN": …}`), Chinese before others.
fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(map) => {
            let chinese = map
                .iter()
                .find(|(language, _)| language.to_ascii_lowercase().starts_with("zh"));
            let any = || map.iter().find(|(_, text)| text.is_string());
            chinese.or_else(any).and_then(|(_, text)| text.as_str())
        }
        _ => None,
    }
}

/// A finite number that could be one, written as a number or as a text of nothing else.
fn number_of(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => {
            let text = text.trim();
            let plain =
                text.len() <= NUMBER_CHARS && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            text.parse().ok().filter(|_: &f64| plain)?
        }
        _ => return None,
    };
    (number.is_finite() && (0.0..=MOST).contains(&number)).then_some(number)
}

fn is_yuan(currency: &str) -> bool {
    matches!(
        currency.trim().to_ascii_uppercase().as_str(),
        "CNY" | "RMB" | "¥" | ""
    )
}

fn is_product(map: &Map<String, Value>) -> bool {
    let named = |value: &Value| {
        value.as_str().is_some_and(|kind| {
            let kind = kind.rsplit('/').next().unwrap_or(kind);
            matches!(
                kind,
                "Product" | "ProductModel" | "IndividualProduct" | "SomeProducts"
            )
        })
    };
    map.get("@type").is_some_and(|kind| match kind {
        Value::Array(list) => list.iter().any(named),
        one => named(one),
    })
}
