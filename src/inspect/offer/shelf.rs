//! Shelf: the goods on one page, from its lines: cards, tables, order forms and product pages.
//!
//! A line may name goods and price together (`line`); otherwise the name of a line that is only a price is looked for
//! among the few lines above it that no other price has taken. Takes pages on which the site speaks of itself, and of
//! those only lines that are its own words; prose, warnings, menus and comments hold no goods. Reads no JSON.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;

use super::goods::{Name, Offer, Quote, Source, Spot};
use super::kinds::KindRow;
use super::line::{Item, LineRead, has_letters, is_letter, read, trimmed};
use super::{FILE, Words, table};
use crate::evidence::Role;
use crate::inspect::reading::{Line, PageReading, Reading};
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{Part, join_all};
use crate::page::Region;
use crate::text::Letters;

/// Most offers read from one page.
pub(super) const MAX_ON_PAGE: usize = 400;
/// Lines behind a price in which its counters, or a name below the price, may stand.
const LOOK_AHEAD: usize = 2;
/// Every name is gone through, and its few letters are read fastest so.
const FAST: Option<AhoCorasickKind> = Some(AhoCorasickKind::DFA);

/// Words about lines, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineWords {
    labels: Vec<String>,
    not_goods: Vec<String>,
    templates: Vec<String>,
    pub(super) name_columns: Vec<String>,
    pub(super) price_columns: Vec<String>,
    pub(super) face_columns: Vec<String>,
    pub(super) before_columns: Vec<String>,
    pub(super) member_columns: Vec<String>,
    variants: Vec<String>,
    pub(super) stock_columns: Vec<String>,
    pub(super) sold_columns: Vec<String>,
    look_back: usize,
    pub(super) name_chars: usize,
    unknown_chars: usize,
}

/// What tells names from labels, ready for use.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) words: LineWords,
    labels: AhoCorasick,
    variants: AhoCorasick,
    /// Words of money that belongs to no goods, and traces of templates.
    not_goods: AhoCorasick,
}

impl Lines {
    pub(super) fn of(mut words: LineWords) -> Result<Self, DataError> {
        let bad = |err: aho_corasick::BuildError| DataFiles::bad(FILE, err);
        for list in [&mut words.labels, &mut words.not_goods, &mut words.variants] {
            join_all(list);
            list.retain(|word| !word.is_empty());
        }
        let longest = |list: &[String]| {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .kind(FAST)
                .build(list)
        };
        let labels = longest(&words.labels).map_err(bad)?;
        let variants = longest(&words.variants).map_err(bad)?;
        let not_goods: Vec<&String> = words.not_goods.iter().chain(&words.templates).collect();
        let not_goods = AhoCorasick::builder().kind(FAST).build(&not_goods).map_err(bad)?;
        Ok(Self {
            words,
            labels,
            variants,
            not_goods,
        })
    }

    /// Whether a name can be that of goods: neither a label nor money of another sort, and no trace of a template.
    pub(super) fn is_name(&self, text: &str) -> bool {
        // A letter has at most four bytes, so only long names need be counted.
        let most = self.words.name_chars;
        let fits = text.len() <= most || text.chars().take(most + 1).count() <= most;
        fits && has_letters(text)
            && !self.not_goods.is_match(text)
            && letters_without(text, &self.labels).nth(1).is_some()
    }

    /// Whether a name is only a choice of something named elsewhere: "100元", "月卡".
    fn is_variant(&self, text: &str) -> bool {
        !text.is_empty() && letters_without(text, &self.variants).next().is_none()
    }

    /// Whether a text is made of nothing but labels.
    fn is_label(&self, text: &str) -> bool {
        without(text, &self.labels).all(str::is_empty)
    }
}

/// What is left of a text without these words, stretch by stretch.
fn without<'t>(text: &'t str, words: &'t AhoCorasick) -> impl Iterator<Item = &'t str> {
    let mut hits = words.find_iter(text);
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let start = from?;
        let hit = hits.next();
        from = hit.map(|hit| hit.end());
        text.get(start..hit.map_or(text.len(), |hit| hit.start()))
    })
}

/// The letters of a text that stand outside of these words.
fn letters_without<'t>(text: &'t str, words: &'t AhoCorasick) -> impl Iterator<Item = char> {
    without(text, words).flat_map(|part| part.chars().filter(|c| is_letter(*c)))
}

/// Reads the offers of one page.
pub(super) fn offers<'a>(
    reading: &'a Reading<'_>,
    page: &'a PageReading<'_>,
    words: &'a Words,
) -> Vec<Offer<'a>> {
    let lines: Vec<&Line> = page
        .lines
        .iter()
        .filter(|line| line.part == Part::Text && !matches!(line.region, Region::Nav | Region::Title))
        .collect();
    let mut shelf = Shelf {
        names: vec![OnceCell::new(); lines.len()],
        cells: lines.iter().any(|line| matches!(line.tag.as_str(), "td" | "th")),
        reading,
        page,
        words,
        lines,
        offers: Vec::new(),
        used: 0,
        waiting: None,
        priced: None,
        named: None,
        headed: false,
        first_heading: None,
        last_heading: None,
    };
    shelf.walk();
    let mut forms = page.page.forms.iter();
    let ordering = forms.any(|form| form.method == "post" && !form.fields.is_empty());
    let single = shelf.offers.len() == 1 && (ordering || shelf.headed);
    let product = page.seen.role == Role::Product || single;
    let mut offers = shelf.offers;
    for offer in offers
        .iter_mut()
        .filter(|offer| offer.source == Source::Card && product)
    {
        offer.source = Source::ProductPage;
    }
    offers
}

/// A whole line as a name.
#[derive(Debug, Clone, Copy)]
struct WholeLine<'a> {
    /// Whether it can be one.
    is_name: bool,
    /// The kind of goods that it names.
    kind: Option<&'a KindRow>,
}

/// State of the way down a page.
struct Shelf<'a, 'e> {
    reading: &'a Reading<'e>,
    page: &'a PageReading<'e>,
    words: &'a Words,
    lines: Vec<&'a Line>,
    /// What whole lines say as names; looked for once.
    names: Vec<OnceCell<WholeLine<'a>>>,
    /// Whether there are cells of tables.
    cells: bool,
    offers: Vec<Offer<'a>>,
    /// First line that no price has taken yet.
    used: usize,
    /// A price whose name has not come yet, with its line.
    waiting: Option<(Item, usize)>,
    /// Line of the last price.
    priced: Option<usize>,
    /// Where the last name stood that was looked for above its price.
    named: Option<(usize, Range<usize>)>,
    /// Whether such a name was a main heading.
    headed: bool,
    /// The first main heading that could name goods.
    first_heading: Option<usize>,
    /// The last heading.
    last_heading: Option<usize>,
}

impl<'a> Shelf<'a, '_> {
    fn walk(&mut self) {
        let mut at = 0;
        while at < self.lines.len() && self.offers.len() < MAX_ON_PAGE {
            if self.cells
                && let Some((offers, end)) = table::offers(&self.lines, at, self.page, self.words)
            {
                for (offer, line) in offers {
                    self.keep(offer, line, None);
                }
                (self.used, self.priced) = (end, Some(end.saturating_sub(1)));
                at = end;
                continue;
            }
            self.line(at);
            at += 1;
        }
    }

    fn line(&mut self, at: usize) {
        let Some(line) = self.lines.get(at).copied() else {
            return;
        };
        self.name_below(at, line);
        self.note_heading(at, line);
        let text = line.joined.text();
        // Letters are known already, but digits of all scripts alike.
        let digits = line.joined.letters().digits() > 0 && text.bytes().any(|byte| byte.is_ascii_digit());
        if !digits || self.is_foreign(line) {
            return;
        }
        let read = read(&line.joined, &self.words.signs, &self.words.kinds);
        if read.items.is_empty() {
            self.counters(at, &read);
            return;
        }
        // "自动发货 库存:57 ¥96.80": what stands before the counter is a label, and the name stands above.
        let mut items = read.items;
        if let [item] = items.as_mut_slice()
            && self
                .words
                .lines
                .is_label(text.get(item.name.clone()).unwrap_or_default())
        {
            item.name = item.name.start..item.name.start;
        }
        let named = items.iter().any(|item| !item.name.is_empty());
        for item in items {
            if item.name.is_empty() {
                self.price_only(at, item);
            } else if !self.variant(at, &item) {
                let name = item.name.clone();
                self.sell(at, &item, at, name);
            }
        }
        if named {
            self.used = at + 1;
        }
        self.priced = Some(at);
    }

    /// Whether a line holds no goods of the site: prose, comments, what is told of others.
    fn is_foreign(&self, line: &Line) -> bool {
        let marks = self.reading.marks();
        line.told || line.comment || marks.is_prose(line)
    }

    /// A choice of the goods that the heading above names: "话费充值", then "100元 ¥98.00". Says whether it was one.
    fn variant(&mut self, at: usize, item: &Item) -> bool {
        let Some(line) = self.lines.get(at).copied() else {
            return false;
        };
        let Some(heading_at) = self.last_heading else {
            return false;
        };
        let Some(heading) = self.lines.get(heading_at).copied() else {
            return false;
        };
        // The same heading is asked for all that stands below it, so it is known nearly always.
        let text = line.joined.text().get(item.name.clone()).unwrap_or_default();
        if !self.names_goods(heading_at) || !self.words.lines.is_variant(text) {
            return false;
        }
        let head = heading.joined.text();
        if self.is_foreign(heading) || !self.reading.is_own_at(self.page, line, item.whole.clone()) {
            return true;
        }
        let name = format!("{head}{text}");
        let shown = format!(
            "{} {}",
            heading.joined.source().trim(),
            line.joined.original(item.name.clone()).trim()
        );
        let place = format!(
            "{shown} {}",
            line.joined.original(item.name.end..item.whole.end).trim()
        );
        let spot = spot_of(self.page, line, Quote::Text(place.into()), None);
        let letters = Letters::of(&name);
        let name = Name::of(self.words, Cow::from(name), &letters);
        let mut offer = Offer::new(name, Quote::Text(shown.into()), item, spot);
        offer.source = source_of(&line.tag);
        self.keep(offer, at, Some(item));
        true
    }

    /// A price without a name.
    fn price_only(&mut self, at: usize, item: Item) {
        let above = self
            .name_above(at)
            .filter(|(line, _)| !self.stands_below(*line, at));
        if let Some((line, name)) = above {
            self.used = at + 1;
            self.headed |= self
                .lines
                .get(line)
                .is_some_and(|line| matches!(line.tag.as_str(), "h1" | "h2"));
            self.named = Some((line, name.clone()));
            self.sell(at, &item, line, name);
        } else if let Some((line, name)) = self
            .named
            .clone()
            .filter(|_| item.face.is_some() && self.follows(at))
        {
            // "面值 200 元 特价 ¥100" below "面值 100 元 特价 ¥50": another choice of the same goods.
            self.used = at + 1;
            self.sell(at, &item, line, name);
        } else if self.waiting.is_none() && (self.follows(at) || self.completes(at, &item)) {
            self.used = at + 1;
            self.further_price(at, &item);
        } else if let Some((line, name)) = self.heading().filter(|_| self.offers.is_empty()) {
            self.used = at + 1;
            self.sell(at, &item, line, name);
        } else {
            self.used = at + 1;
            self.waiting = Some((item, at));
        }
    }

    /// Whether the name of a first price rather stands in the next line: goods, while what stands above names none.
    fn stands_below(&self, above: usize, at: usize) -> bool {
        self.offers.is_empty() && !self.names_goods(above) && self.names_goods(at + 1)
    }

    /// What the whole of a line says as a name.
    fn whole(&self, index: usize) -> Option<WholeLine<'a>> {
        let line = self.lines.get(index)?;
        let whole = self.names.get(index)?.get_or_init(|| {
            let (text, words) = (line.joined.text(), self.words);
            let is_name = words.lines.is_name(text);
            let kind = if is_name { words.kinds.of_name(text) } else { None };
            WholeLine { is_name, kind }
        });
        whole.is_name.then_some(*whole)
    }

    /// What a stretch of a line says as a name; nothing when it cannot be one.
    fn name_of(&self, index: usize, range: &Range<usize>) -> Option<Name<'a>> {
        let line = self.lines.get(index).copied()?;
        let (whole, words) = (line.joined.text(), self.words);
        let text = whole.get(range.clone())?;
        if text.len() < whole.len() {
            let is_name = words.lines.is_name(text);
            return is_name.then(|| Name::of(words, text.into(), line.joined.letters()));
        }
        let kind = self.whole(index)?.kind;
        let faces = words.kinds.faces(text, line.joined.letters());
        Some(Name {
            text: text.into(),
            kind,
            face: faces.first().map(|face| face.yuan),
        })
    }

    /// Whether the whole of a line is a name of goods of a known kind.
    fn names_goods(&self, index: usize) -> bool {
        self.whole(index).is_some_and(|name| name.kind.is_some())
    }

    /// Whether the last price stands in the line before.
    fn follows(&self, at: usize) -> bool {
        self.priced.is_some_and(|priced| priced + 1 == at)
    }

    /// Whether goods whose name ends in an amount stand a few labels above, still without their price.
    fn completes(&self, at: usize, item: &Item) -> bool {
        let soft = self.offers.last().is_some_and(|last| last.soft);
        soft && !item.soft && self.priced.is_some_and(|priced| at <= priced + LOOK_AHEAD)
    }

    /// A second price right below the first: an old price and a new one in some order, or the price of goods whose name
    /// ends in an amount.
    fn further_price(&mut self, at: usize, item: &Item) {
        let Some(last) = self.offers.last_mut() else {
            return;
        };
        if last.soft && !item.soft {
            let line = self.priced.and_then(|above| self.lines.get(above).copied());
            let Some(line) = line.filter(|line| line.joined.text().starts_with(&*last.text)) else {
                return;
            };
            let text = line.joined.text();
            let range = trimmed(text, 0..text.len());
            let price = self.lines.get(at).map_or("", |line| line.joined.source());
            let place = format!("{} {price}", line.joined.original(range.clone()));
            let spot = spot_of(self.page, line, Quote::Text(place.into()), None);
            let name = Name::of(self.words, text.into(), line.joined.letters());
            let mut offer = Offer::new(name, Quote::Line(line, range), item, spot);
            offer.source = last.source;
            *last = offer;
        } else if item.price < last.price && item.yuan == last.yuan {
            last.reprice(item);
        }
    }

    /// Where a price stands above its name: gives the price that waits to the first name that follows.
    fn name_below(&mut self, at: usize, line: &Line) {
        let Some((item, price_at)) = self.waiting.take() else {
            return;
        };
        if at > price_at + LOOK_AHEAD {
            return;
        }
        let text = line.joined.text();
        let good = self.names_goods(at)
            && read(&line.joined, &self.words.signs, &self.words.kinds)
                .items
                .is_empty();
        if good && !self.is_foreign(line) {
            self.used = at + 1;
            let name = trimmed(text, 0..text.len());
            self.sell(price_at, &item, at, name);
        } else {
            self.waiting = Some((item, price_at));
        }
    }

    /// Counters, or a face value, in a line of their own.
    fn counters(&mut self, at: usize, read: &LineRead) {
        let near = self
            .priced
            .is_some_and(|priced| at <= priced + LOOK_AHEAD && self.used == priced + 1);
        let Some(last) = self.offers.last_mut().filter(|_| near) else {
            return;
        };
        last.stock = last.stock.or(read.stock);
        last.sold = last.sold.or(read.sold);
        last.face = last.face.or(read.face);
    }

    /// The likeliest name among the lines above a price.
    fn name_above(&self, at: usize) -> Option<(usize, Range<usize>)> {
        let from = self.used.max(at.saturating_sub(self.words.lines.words.look_back));
        let first_wins = !self.offers.is_empty();
        let price = self.lines.get(at)?;
        let in_cell = price.tag == "td";
        let mut best: Option<(i32, usize)> = None;
        for index in from..at {
            let Some(line) = self.lines.get(index) else {
                continue;
            };
            let apart = line.region == Region::Footer && price.region != Region::Footer;
            if apart || (in_cell && line.tag != "td") {
                continue;
            }
            let Some(score) = self.name_score(index, line) else {
                continue;
            };
            if best.is_none_or(|(most, _)| score > most || (score == most && !first_wins && !in_cell)) {
                best = Some((score, index));
            }
        }
        let (_, index) = best?;
        let text = self.lines.get(index)?.joined.text();
        Some((index, trimmed(text, 0..text.len())))
    }

    /// How much a line looks like the name of goods; nothing when it cannot be one.
    fn name_score(&self, index: usize, line: &Line) -> Option<i32> {
        if self.is_foreign(line) || (line.sentences && line.joined.text().contains('。')) {
            return None;
        }
        let name = self.whole(index)?;
        let goods = if name.kind.is_some() { 4 } else { 0 };
        let tag = match line.tag.as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "a" | "dt" | "li" | "td" => 1,
            "p" => -1,
            _ => 0,
        };
        let long = if line.chars > 30 { -2 } else { 0 };
        Some(goods + tag + long)
    }

    /// The page's own heading: what a product page sells.
    fn heading(&self) -> Option<(usize, Range<usize>)> {
        let forms = &self.page.page.forms;
        let ordering = self.page.seen.role == Role::Product || forms.iter().any(|form| form.method == "post");
        let found = self.first_heading.filter(|_| ordering)?;
        let text = self.lines.get(found)?.joined.text();
        Some((found, trimmed(text, 0..text.len())))
    }

    /// Remembers headings on the way.
    fn note_heading(&mut self, at: usize, line: &Line) {
        let level = match line.tag.as_str() {
            "h1" | "h2" | "h3" => 1,
            "h4" | "h5" => 2,
            _ => return,
        };
        if level == 1 && self.first_heading.is_none() && self.name_score(at, line).is_some() {
            self.first_heading = Some(at);
        }
        self.last_heading = Some(at);
    }

    /// Keeps goods whose name stands in line `named` and whose price stands in line `at`.
    fn sell(&mut self, at: usize, item: &Item, named: usize, name: Range<usize>) {
        let (Some(line), Some(name_line)) = (self.lines.get(at).copied(), self.lines.get(named).copied())
        else {
            return;
        };
        let Some(read) = self.name_of(named, &name).filter(|_| item.price > 0.0) else {
            return;
        };
        let sentence = line.sentences && self.reading.marks().is_sentence(line);
        let wordy = sentence || line.chars > self.words.lines.words.unknown_chars;
        let doubtful =
            (read.kind.is_none() && (wordy || item.bare)) || (sentence && item.soft && item.face.is_none());
        if doubtful || (sentence && !self.reading.sells) {
            return;
        }
        let own = self.reading.is_own_at(self.page, name_line, name.clone());
        if !own || (at != named && !self.reading.is_own_at(self.page, line, item.whole.clone())) {
            return;
        }
        let shown = Quote::Line(name_line, name.clone());
        let spot = if at == named {
            let both = item.whole.start.min(name.start)..item.whole.end.max(name.end);
            spot_of(self.page, line, Quote::Line(line, both), None)
        } else {
            let price = Quote::Line(line, item.whole.clone());
            spot_of(self.page, line, shown.clone(), Some(price))
        };
        let mut offer = Offer::new(read, shown, item, spot);
        offer.source = source_of(&line.tag);
        self.keep(offer, at, Some(item));
    }

    fn keep(&mut self, offer: Offer<'a>, at: usize, item: Option<&Item>) {
        if self.offers.len() < MAX_ON_PAGE {
            self.offers.push(offer);
            if let (Some(last), Some(item)) = (self.offers.last_mut(), item) {
                last.soft = item.soft;
            }
        }
        self.priced = Some(at);
    }
}

/// Where something stands in a line of shown text.
pub(super) fn spot_of<'a>(
    page: &'a PageReading<'_>,
    line: &'a Line,
    head: Quote<'a>,
    tail: Option<Quote<'a>>,
) -> Spot<'a> {
    Spot {
        url: &page.seen.final_url,
        sort: "",
        name: line.region.name(),
        head,
        tail,
    }
}

fn source_of(tag: &str) -> Source {
    match tag {
        "td" | "th" | "tr" => Source::Table,
        "option" | "select" | "label" | "optgroup" => Source::Form,
        _ => Source::Card,
    }
}
