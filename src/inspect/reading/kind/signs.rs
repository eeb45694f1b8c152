//! Signs: what on a page speaks for a shop, counted, and what speaks for a page about other things.
//!
//! Takes a page with its lines in normal form. Prices, buttons and goods count only in short lines that are not told
//! of others, so an article that quotes every phrase of a shop shows few of them. It decides nothing: `kind` does.

use super::words::Says;
use crate::inspect::reading::marks::Words;
use crate::inspect::reading::{Line, Marks};
use crate::lexicon::{PageHits, Part, SetWord, joined};
use crate::page::{Page, Region};
use crate::text::Letters;

/// More prices than this beside one offer make a price list.
const PRICED_LIST: usize = 2;
/// So many prices make a list that needs no button.
const PRICE_TABLE: usize = 3;
/// More buttons than this, with an order look-up, make a shell of a shop.
const SHELL_BUTTONS: usize = 1;
/// Digits of a bare number from which on it counts views rather than yuan, less one.
const WHOLE_DIGITS: usize = 4;
/// Characters up to which a cell is a bare number.
const CELL_CHARS: usize = 7;

/// Signs on one page.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a sign of its own, seen or not seen; none excludes another"
)]
pub(super) struct Signs {
    /// Goods that only such shops sell.
    goods: Vec<usize>,
    /// Goods that others sell, too.
    weak: Vec<usize>,
    buy: Vec<usize>,
    order: Vec<usize>,
    pitch: Vec<usize>,
    prices: usize,
    /// Phrases that name goods and their price or discount: what a shop without buttons is made of.
    offers: usize,
    /// A form that buys.
    pub(super) form: bool,
    /// The order form of a shop program.
    order_form: bool,
    links: usize,
    /// JSON with the words of goods.
    data: bool,
    /// Products in JSON whose names are goods.
    products: usize,
    reach: bool,
    /// Calls itself a card shop.
    named: bool,
    explains: bool,
    vendors: Vec<usize>,
    directories: Vec<usize>,
}

impl Signs {
    /// Reads the signs of a page.
    pub(super) fn of(marks: &Marks, page: &Page, lines: &[Line], hits: &PageHits) -> Self {
        let mut signs = Self {
            form: marks.has_buying_form(page),
            order_form: page.forms.iter().any(|form| marks.kinds.is_order(form)),
            ..Self::default()
        };
        for (at, line) in lines.iter().enumerate() {
            if line.part == Part::Meta {
                continue;
            }
            let words = hits.sets_in(at);
            signs.add_says(marks, line, words);
            if !line.told && !marks.is_prose(line) {
                signs.add(marks, line, words);
            }
        }
        signs.prices += cells(marks, lines);
        signs.links = product_links(marks, page);
        signs.add_json(marks, page);
        signs
    }

    fn add(&mut self, marks: &Marks, line: &Line, words: &[SetWord]) {
        let reported = marks.reported.is_in(line) || marks.is_headline(line) || line.comment;
        if line.chars <= marks.limits.priced_chars && line.region != Region::Footer && !reported {
            for at in words.iter().filter_map(|word| marks.goods.place_of(word)) {
                let weak = marks.weak.get(at) == Some(&true);
                add(if weak { &mut self.weak } else { &mut self.goods }, at);
            }
            let priced = line.part == Part::Text && marks.has_price(line);
            self.prices += usize::from(priced || marks.ends_in_price(line));
        }
        // In what is taken for a footer, too: the last lines of a short page with no footer of its own are.
        if line.part == Part::Text && !line.comment {
            self.offers += marks.offers(line);
        }
        if line.chars <= marks.limits.short_chars {
            distinct(&marks.buy, words, &mut self.buy);
            distinct(&marks.order, words, &mut self.order);
        }
        if !reported {
            distinct(&marks.pitch, words, &mut self.pitch);
        }
    }

    fn add_says(&mut self, marks: &Marks, line: &Line, words: &[SetWord]) {
        let headed = line.part == Part::Title || line.tag == "h1";
        let heads = headed || line.region == Region::Header;
        for word in words {
            match marks.kinds.says(word) {
                Some(Says::Name) => self.named |= heads,
                Some(Says::Reach) => self.reach |= !line.told,
                Some(Says::Explains) => self.explains |= headed,
                Some(Says::Vendor) => add(&mut self.vendors, word.word),
                Some(Says::Directory) => add(&mut self.directories, word.word),
                None => {}
            }
        }
    }

    fn add_json(&mut self, marks: &Marks, page: &Page) {
        for json in &page.json {
            self.data |= marks
                .sell
                .json_keys
                .iter()
                .any(|key| holds_key(&json.value, key, 4));
            for name in marks.kinds.products(&json.value) {
                let goods = marks.goods.is_match(&joined(name));
                self.products += usize::from(goods);
            }
        }
    }

    /// The page itself is made to buy: a form, links to products, many prices or many buttons.
    pub(super) fn is_bound(&self) -> bool {
        self.is_wired() || self.prices > 2 || self.buy.len() > 2
    }

    /// A form or links to products.
    fn is_wired(&self) -> bool {
        self.form || self.order_form || self.links > 1
    }

    /// Prices for many things.
    pub(super) fn is_priced(&self) -> bool {
        self.prices > 0
    }

    /// Goods, a way to buy, and prices or an order look-up that belong to them.
    pub(super) fn sell(&self) -> bool {
        if self.products > 0 {
            return true;
        }
        if self.order_form && self.buy.len() + self.goods.len() + self.weak.len() > 0 {
            return true;
        }
        // A shell whose goods are drawn by script: its buttons and its name are all there is.
        let shell = self.buy.len() > SHELL_BUTTONS || self.links > 1;
        if self.named && !self.order.is_empty() && shell {
            return true;
        }
        let named = self.goods.len() + self.weak.len();
        if named == 0 {
            return false;
        }
        let buys = self.buy.len() + usize::from(self.form) + usize::from(self.links > 1);
        let priced = self.prices > 0 || self.data;
        if self.goods.is_empty() {
            // Gyms sell memberships, and hosters VIP.
            let many = self.weak.len() > 2 || (self.weak.len() > 1 && !self.order.is_empty());
            return self.is_wired() && priced && (self.named || (buys > 1 && many));
        }
        (buys > 0 && priced)
            || (self.prices > 1 && !self.order.is_empty())
            || (buys > 1 && (self.offers > 0 || (!self.order.is_empty() && named > 1)))
            || (self.prices >= PRICE_TABLE && self.reach)
    }

    /// Priced goods, or goods with a sentence that sells them: a shop that is one page and a chat account. Tales of
    /// shops are full of these, so it takes a page that shows no other sign of a tale.
    pub(super) fn pitches(&self) -> bool {
        let priced = self.prices > 0 || self.data;
        let named = self.goods.len() + self.weak.len();
        self.offers > 1
            || (self.offers == 1 && self.prices > PRICED_LIST)
            || (!self.pitch.is_empty() && named > 0 && (priced || self.offers > 0 || named > 1))
    }

    /// The page explains, rates or lists what others sell, or sells the program of shops, and nothing on it is wired
    /// to buy.
    pub(super) fn is_of_others(&self, marks: &Marks) -> bool {
        let vendor = self.vendors.len() >= marks.kinds.vendors_needed && !self.order_form && !self.form;
        let lists = self.directories.len() >= marks.kinds.directories_needed && !self.form;
        vendor || lists || (self.explains && !self.is_wired())
    }
}

impl Marks {
    /// Whether a price stands in a line.
    fn has_price(&self, line: &Line) -> bool {
        self.price.may_be_in(&line.lower) && self.price.is_match(line.lower.text())
    }

    /// Whether a text in joined form names goods that card shops sell.
    pub fn names_goods(&self, text: &str) -> bool {
        self.goods.is_match(text)
    }

    /// Whether a line is the headline of something to read: a question, or an entry that ends in a day ("06-11") or its views.
    fn is_headline(&self, line: &Line) -> bool {
        let listed = matches!(line.tag.as_str(), "li" | "a" | "td" | "h1") || line.part == Part::Title;
        listed
            && (self.question_words.is_in(line)
                || (line.lower.letters().digits() > 0
                    && (ends_in_day(line.lower.text()) || ends_in_views(line.lower.text()))))
    }

    /// Whether a short line names goods and ends in a bare number: "648点券 598".
    fn ends_in_price(&self, line: &Line) -> bool {
        if line.part != Part::Text || line.lower.letters().digits() == 0 {
            return false;
        }
        let text = line.lower.text().trim_end();
        let head = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = text.get(head.len()..).unwrap_or_default();
        let stem = head.strip_suffix('-').unwrap_or_default();
        !stem.ends_with(|c: char| c.is_ascii_digit())
            && number
                .split('.')
                .next()
                .is_some_and(|whole| whole.len() <= WHOLE_DIGITS)
            && (1..=CELL_CHARS).contains(&number.len())
            && head.ends_with([' ', ':', '=', '-'])
            && line.chars <= self.limits.priced_chars / 2
            && self.goods.is_in(line)
    }

    /// Phrases of a line that name goods, or a rank among agents, together with a price or a discount.
    fn offers(&self, line: &Line) -> usize {
        if !self.goods.is_in(line) && !self.joining.is_in(line) {
            return 0;
        }
        let text = line.joined.text();
        let (price, discount) = (
            self.price.may_be_in(&line.joined),
            self.discount.may_be_in(&line.joined),
        );
        let priced =
            |text: &str| (price && self.price.is_match(text)) || (discount && self.discount.is_match(text));
        let tells = line.sentences && text.contains('。') && !self.own.is_in(line);
        if tells || !priced(text) || self.reported.is_in(line) || self.advice.is_in(line) {
            return 0;
        }
        let named = |part: &str| {
            let strong =
                |hit: aho_corasick::Match| !self.kinds.is_weak(part.get(hit.range()).unwrap_or_default());
            self.goods.find_overlapping_iter(part).any(strong) || self.joining.is_match(part)
        };
        let short = |part: &str| part.chars().count() <= self.limits.priced_chars;
        let offers = |part: &str| short(part) && named(part) && priced(part);
        // Split before decorations are taken out, which would run "15元 | 接码" together.
        let parts = |c: char| matches!(c, '。' | '!' | '?' | ';' | ',' | '、' | '|' | '丨' | '/');
        let shown = line.lower.text();
        if !shown.contains(parts) {
            return usize::from(offers(text));
        }
        // Most parts hold no price, which their letters tell.
        let may_be_priced = |part: &&str| {
            let letters = Letters::of(part);
            self.price.may_hold(&letters) || self.discount.may_hold(&letters)
        };
        let likely = shown.split(parts).filter(may_be_priced);
        likely.filter(|part| offers(&joined(part))).count()
    }

    /// Whether a page has a form that buys.
    pub(super) fn has_buying_form(&self, page: &Page) -> bool {
        page.forms.iter().any(|form| {
            let field = form
                .fields
                .iter()
                .any(|field| self.sell.form_fields.contains(&field.name));
            field && form.method == "post"
                || self
                    .sell
                    .form_actions
                    .iter()
                    .any(|mark| form.action.contains(mark.as_str()))
        })
    }
}

/// Whether a text ends in a bare whole number that is too long for a price.
fn ends_in_views(text: &str) -> bool {
    let text = text.trim_end();
    let head = text.trim_end_matches(|c: char| c.is_ascii_digit());
    head.ends_with(' ') && text.len() - head.len() > WHOLE_DIGITS
}

/// Whether a text ends in a month and a day behind a blank.
fn ends_in_day(text: &str) -> bool {
    let Some((_, day)) = text.trim_end().rsplit_once(' ') else {
        return false;
    };
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    day.split_once('-')
        .is_some_and(|(month, day)| two(month) && two(day))
}

/// Cells that hold a bare number, on a page with a heading of prices.
fn cells(marks: &Marks, lines: &[Line]) -> usize {
    let shown = || lines.iter().filter(|line| line.part == Part::Text && !line.told);
    if !shown().any(|line| marks.kinds.heads_prices(line.joined.text())) {
        return 0;
    }
    let bare = |line: &&Line| {
        let text = line.lower.text().trim();
        let digits = |c: char| c.is_ascii_digit() || c == '.';
        (1..=CELL_CHARS).contains(&text.len()) && text.chars().all(digits)
    };
    let priced = |line: &&Line| !marks.has_price(line);
    shown().filter(bare).filter(priced).count()
}

/// Number of different addresses of products that a page links to.
fn product_links(marks: &Marks, page: &Page) -> usize {
    let mut addresses: Vec<&str> = page
        .links
        .iter()
        .filter(|link| link.visible)
        .filter_map(|link| link.url.as_deref())
        .filter(|url| marks.product_links.is_match(url))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.len()
}

/// Number of different words that the lines hold.
pub(super) fn count(words: &Words, lines: &[Line], hits: &PageHits) -> usize {
    let mut seen = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.part != Part::Meta && words.is_in(line) {
            distinct(words, hits.sets_in(at), &mut seen);
        }
    }
    seen.len()
}

/// Adds the words of a list that stand in a line.
fn distinct(words: &Words, found: &[SetWord], seen: &mut Vec<usize>) {
    for at in found.iter().filter_map(|word| words.place_of(word)) {
        add(seen, at);
    }
}

fn add(list: &mut Vec<usize>, at: usize) {
    if !list.contains(&at) {
        list.push(at);
    }
}

/// Whether a JSON value holds a key, looking at most `depth` levels down and at the first items of lists.
fn holds_key(value: &serde_json::Value, key: &str, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match value {
        serde_json::Value::Object(map) => {
            map.contains_key(key)
                || map
                    .values()
                    .take(64)
                    .any(|inner| holds_key(inner, key, depth - 1))
        }
        serde_json::Value::Array(list) => list.iter().take(8).any(|inner| holds_key(inner, key, depth - 1)),
        _ => false,
    }
}
