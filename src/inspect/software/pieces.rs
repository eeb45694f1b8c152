//! Pieces: cuts the pages of a site into the parts that marks are bound to.
//!
//! Takes a reading; gives borrowed pieces in page order. Pages that tell of programs or explain them (articles, advice,
//! documentation, forums) give their machinery only, never their words: whoever writes about a program or links to it
//! does not therefore run it. Nothing is looked for here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::fingerprints::{Part, Piece};
use crate::inspect::reading::{PageReading, Reading};
use crate::inspect::shown::{leaves, origin};
use crate::page::{HiddenKind, Region};

/// Levels of an answer or an inline value that are looked at.
const DEPTH: usize = 3;
/// Keys looked at in one value.
const MAX_KEYS: usize = 256;
/// Longest text of a value that is looked at, in characters.
const MAX_VALUE: usize = 80;
/// Pieces of a page that room is made for besides its blocks, links, pictures and scripts.
const SMALL_PARTS: usize = 64;

/// All pieces of all pages.
pub(super) fn of<'e>(reading: &Reading<'e>) -> Vec<Piece<'e>> {
    let parts = |page: &PageReading<'e>| {
        let page = page.page;
        page.blocks.len() + 3 * page.links.len() + page.images.len() + page.hidden.len() + SMALL_PARTS
    };
    let mut pieces = Vec::with_capacity(reading.pages.iter().map(parts).sum());
    for page in &reading.pages {
        let mut cutter = Cutter {
            pieces: &mut pieces,
            url: page.seen.final_url.as_str(),
            tells: !page.kind.may_offer(),
        };
        cutter.words(page);
        cutter.addresses(reading, page);
        cutter.machinery(page);
    }
    pieces
}

struct Cutter<'p, 'e> {
    pieces: &'p mut Vec<Piece<'e>>,
    url: &'e str,
    tells: bool,
}

impl<'e> Cutter<'_, 'e> {
    fn add(&mut self, part: Part, shown: impl Into<Cow<'e, str>>) {
        let (shown, url) = (shown.into(), self.url);
        self.pieces.push(Piece { part, shown, url });
    }

    /// What a visitor reads.
    fn words(&mut self, page: &PageReading<'e>) {
        if self.tells {
            return;
        }
        let page = page.page;
        self.add(Part::Title, page.title.as_str());
        for block in &page.blocks {
            let part = if block.region == Region::Footer {
                Part::Footer
            } else {
                Part::Text
            };
            self.add(part, block.text.as_str());
        }
        for meta in &page.metas {
            self.add(Part::Meta, format!("{}={}", meta.name, meta.content));
        }
        for link in &page.links {
            self.add(Part::Link, link.href.as_str());
            if link.region == Region::Footer {
                self.add(Part::Footer, link.href.as_str());
            }
        }
    }

    /// Addresses of this site: of the page itself, of links, forms, scripts, style sheets and pictures.
    fn addresses(&mut self, reading: &Reading<'e>, page: &PageReading<'e>) {
        self.add(Part::Path, self.url);
        let page = page.page;
        // Whether a host is the site's is asked once: pages have hundreds of links and few hosts.
        let is_site = |url: &str| url::Url::parse(url).is_ok_and(|url| reading.evidence.site.holds(&url));
        let own = is_site(self.url);
        let mut known: BTreeMap<&str, bool> = BTreeMap::new();
        let here = self.url;
        let mut is_here = |url: &'e str| {
            if leaves(here, url) {
                *known.entry(origin(url)).or_insert_with(|| is_site(url))
            } else {
                own
            }
        };
        for link in &page.links {
            match link.url.as_deref() {
                Some(url) if is_here(url) => self.add(Part::Path, url),
                Some(_) => {}
                None => self.add(Part::Path, link.href.as_str()),
            }
        }
        let images = page.images.iter().map(|image| &image.url);
        for address in page.resources.iter().chain(images) {
            self.add(Part::Resource, address.as_str());
        }
        for form in &page.forms {
            self.add(Part::Form, form.action.as_str());
            for field in &form.fields {
                self.add(Part::Field, field.name.as_str());
            }
        }
    }

    /// What programs leave behind that nobody reads: scripts, comments, headers, cookies, values.
    fn machinery(&mut self, page: &PageReading<'e>) {
        for hidden in &page.page.hidden {
            match hidden.kind {
                HiddenKind::Script => self.add(Part::Script, hidden.text.as_str()),
                HiddenKind::Noscript => self.add(Part::Noscript, hidden.text.as_str()),
                HiddenKind::Comment => self.add(Part::Comment, hidden.text.as_str()),
                HiddenKind::Template | HiddenKind::Element => {}
            }
        }
        for (name, value) in &page.seen.headers {
            if name == "set-cookie" {
                self.add(Part::Cookie, value.split('=').next().unwrap_or(value));
            } else {
                self.add(Part::Header, format!("{name}: {value}"));
            }
        }
        for json in &page.page.json {
            if json.name == "answer" {
                self.values(&json.value, DEPTH, &mut 0);
            } else {
                self.add(Part::Variable, json.name.as_str());
                let members = json.value.as_object().into_iter().flatten().take(MAX_KEYS);
                for (key, _) in members.filter(|(_, value)| !is_empty(value)) {
                    self.add(Part::Json, format!("{}.{key}", json.name));
                }
            }
        }
    }

    /// `key=value` for short values, `key=` for the others, a few levels deep.
    fn values(&mut self, value: &Value, depth: usize, seen: &mut usize) {
        if depth == 0 {
            return;
        }
        for (key, inner) in entries(value) {
            *seen += 1;
            if *seen > MAX_KEYS {
                return;
            }
            if !key.is_empty() {
                self.add(Part::Answer, format!("{key}={}", short(inner)));
            }
            self.values(inner, depth - 1, seen);
        }
    }
}

/// The members of an object; the first item of a list, without a key.
fn entries(value: &Value) -> Vec<(&str, &Value)> {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        Value::Array(list) => list.first().map(|first| ("", first)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a value holds nothing: its key is then a word that any script may use.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// A short scalar as text; nothing for all else.
fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().take(MAX_VALUE).collect(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

/// A text in the values of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Datum<'p> {
    /// Key of the object that holds it; empty at the top.
    pub(super) parent: &'p str,
    pub(super) key: &'p str,
    pub(super) text: &'p str,
    /// `answer` or `json`.
    pub(super) place: &'static str,
}

/// Every text in the values of a page, a few levels deep: for names and accounts that stand in data instead of words.
pub(super) fn texts<'p>(page: &'p PageReading<'_>) -> Vec<Datum<'p>> {
    let mut found = Vec::new();
    for json in &page.page.json {
        let place = if json.name == "answer" { "answer" } else { "json" };
        gather(&json.value, "", DEPTH + 1, place, &mut found);
    }
    found
}

fn gather<'p>(
    value: &'p Value,
    parent: &'p str,
    depth: usize,
    place: &'static str,
    found: &mut Vec<Datum<'p>>,
) {
    if depth == 0 || found.len() >= MAX_KEYS {
        return;
    }
    for (key, inner) in entries(value) {
        if let Value::String(text) = inner {
            found.push(Datum {
                parent,
                key,
                text,
                place,
            });
        }
        gather(inner, key, depth - 1, place, found);
    }
}
