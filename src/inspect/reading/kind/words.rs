//! Words: what else tells a shop from a page that only speaks of goods (`data/kinds.toml`), ready for use.
//!
//! One automaton over all its word lists. It judges nothing: `signs` counts, `kind` decides.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::inspect::reading::marks::{self, Sets};
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{SetWord, joined};
use crate::page::Form;

const FILE: &str = "kinds.toml";
/// How deep JSON is searched for products, and how many items of each list.
const JSON_DEPTH: usize = 6;
const JSON_ITEMS: usize = 64;
/// So many fields of a shop program's order form make one.
const ORDER_FIELDS: usize = 3;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    weak_goods: Vec<String>,
    names: Vec<String>,
    reach: Vec<String>,
    price_headings: Vec<String>,
    order_entries: Vec<String>,
    json_names: BTreeSet<String>,
    json_prices: BTreeSet<String>,
    order_fields: BTreeSet<String>,
    explains: Listed,
    vendors: Counted,
    directories: Counted,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    needed: usize,
    words: Vec<String>,
}

/// What a word of the file says of the page it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// In a title or page head: what card shops call themselves.
    Name,
    /// The seller can be reached so.
    Reach,
    /// In a title: the page explains or reports.
    Explains,
    /// Sells the program or the payment interface.
    Vendor,
    /// Lists or rates other people's shops or posts.
    Directory,
}

/// The words of `kinds.toml`, ready for use.
#[derive(Debug)]
pub(in crate::inspect::reading) struct Words {
    all: marks::Words,
    says: Vec<Says>,
    weak_goods: BTreeSet<String>,
    price_headings: BTreeSet<String>,
    /// In bytes.
    longest_heading: usize,
    order_entries: BTreeSet<String>,
    json_names: BTreeSet<String>,
    json_prices: BTreeSet<String>,
    order_fields: BTreeSet<String>,
    pub(super) vendors_needed: usize,
    pub(super) directories_needed: usize,
}

impl Words {
    /// Reads the file.
    pub(in crate::inspect::reading) fn load(data: &DataFiles, sets: &mut Sets) -> Result<Self, DataError> {
        let file: KindFile = data.read(FILE)?;
        let lists = [
            (Says::Name, &file.names),
            (Says::Reach, &file.reach),
            (Says::Explains, &file.explains.words),
            (Says::Vendor, &file.vendors.words),
            (Says::Directory, &file.directories.words),
        ];
        let of = |list: &[String]| list.iter().map(|word| joined(word)).collect::<Vec<_>>();
        let words: Vec<String> = lists.iter().flat_map(|(_, list)| of(list)).collect();
        let says = lists
            .iter()
            .flat_map(|(says, list)| list.iter().map(|_| *says))
            .collect();
        let price_headings: BTreeSet<String> = of(&file.price_headings).into_iter().collect();
        Ok(Self {
            all: sets.add(&words)?,
            says,
            weak_goods: of(&file.weak_goods).into_iter().collect(),
            longest_heading: price_headings.iter().map(String::len).max().unwrap_or_default(),
            price_headings,
            order_entries: of(&file.order_entries).into_iter().collect(),
            json_names: file.json_names,
            json_prices: file.json_prices,
            order_fields: file.order_fields,
            vendors_needed: file.vendors.needed,
            directories_needed: file.directories.needed,
        })
    }

    /// What a word found in a line says, if it is one of these.
    pub(super) fn says(&self, found: &SetWord) -> Option<Says> {
        let word = self.all.place_of(found)?;
        self.says.get(word).copied()
    }

    /// Whether other trades sell these goods, too.
    pub(in crate::inspect::reading) fn is_weak(&self, goods: &str) -> bool {
        self.weak_goods.contains(goods)
    }

    /// Whether a line heads a column of prices.
    pub(super) fn heads_prices(&self, text: &str) -> bool {
        text.len() <= self.longest_heading && self.price_headings.contains(text)
    }

    /// Whether a line is an entry on the page of one order.
    pub(super) fn is_order_entry(&self, text: &str) -> bool {
        self.order_entries.contains(text.trim_end_matches(':'))
    }

    /// Whether a form is the order form of a shop program.
    pub(super) fn is_order(&self, form: &Form) -> bool {
        let known = form
            .fields
            .iter()
            .filter(|field| self.order_fields.contains(&field.name));
        form.method == "post" && known.count() >= ORDER_FIELDS
    }

    /// Names of the products in a JSON value: of objects that have a name and a price.
    pub(super) fn products<'v>(&self, value: &'v Value) -> Vec<&'v str> {
        let mut names = Vec::new();
        self.collect(value, JSON_DEPTH, &mut names);
        names
    }

    fn collect<'v>(&self, value: &'v Value, depth: usize, names: &mut Vec<&'v str>) {
        if depth == 0 || names.len() >= JSON_ITEMS {
            return;
        }
        match value {
            Value::Object(map) => {
                let lower = |key: &String| key.to_ascii_lowercase();
                let mut keys = map.iter();
                let name = keys.find_map(|(key, value)| {
                    self.json_names
                        .contains(&lower(key))
                        .then(|| value.as_str())
                        .flatten()
                });
                let priced = map
                    .iter()
                    .any(|(key, value)| self.json_prices.contains(&lower(key)) && is_amount(value));
                names.extend(name.filter(|_| priced));
                map.values()
                    .take(JSON_ITEMS)
                    .for_each(|inner| self.collect(inner, depth - 1, names));
            }
            Value::Array(list) => list
                .iter()
                .take(JSON_ITEMS)
                .for_each(|inner| self.collect(inner, depth - 1, names)),
            _ => {}
        }
    }
}

/// Whether a JSON value is a number above nothing, or a text that begins like one.
fn is_amount(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number > 0.0),
        Value::String(text) => text
            .trim_start_matches(['¥', '￥', '$', ' '])
            .starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    }
}
