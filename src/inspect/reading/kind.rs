//! Kind: tells shops, articles, advice, documentation and forums apart, page by page, by `data/site.toml`.
//!
//! Takes a page with its lines in normal form; gives its [`Kind`]. Prices, buttons and goods count only in short lines,
//! so an article that quotes every phrase of a shop is still an article.

use super::marks::Words;
use super::{Line, Marks};
use crate::evidence::{Role, SeenPage};
use crate::lexicon::{Part, joined};
use crate::page::{Page, Region};

/// So many words of places that people go to make the page of one.
const VENUES: usize = 2;
/// More prices than this beside one offer make a price list.
const PRICED_LIST: usize = 2;

/// What kind of page, or site, this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Offers goods for sale.
    Shop,
    /// Tells news or a story.
    Article,
    /// Advises and warns.
    Advice,
    /// Explains an interface to programmers.
    Documentation,
    /// Posts of many people.
    Forum,
    /// None of these.
    Other,
    /// Too little text to tell.
    Unknown,
}

impl Kind {
    /// The public code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Article => "article",
            Self::Advice => "advice",
            Self::Documentation => "documentation",
            Self::Forum => "forum",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of a site by the kinds of its pages, home first: a shop if a page sells, else what the home page is,
    /// else the commonest telling kind.
    pub fn of_site(pages: &[Self]) -> Self {
        if pages.contains(&Self::Shop) {
            return Self::Shop;
        }
        let tells = |kind: &Self| !matches!(kind, Self::Other | Self::Unknown);
        if let Some(home) = pages.first().copied().filter(tells) {
            return home;
        }
        let count = |kind: Self| pages.iter().filter(|other| **other == kind).count();
        let common = pages
            .iter()
            .copied()
            .filter(tells)
            .max_by_key(|kind| (count(*kind), std::cmp::Reverse(*kind)));
        common.or(pages.first().copied()).unwrap_or(Self::Unknown)
    }

    /// Whether words on such a page can be the site's own offer.
    pub fn may_offer(self) -> bool {
        matches!(self, Self::Shop | Self::Other | Self::Unknown)
    }
}

/// Signs of a shop on one page.
#[derive(Debug, Default)]
struct Signs {
    goods: Vec<usize>,
    buy: Vec<usize>,
    order: Vec<usize>,
    pitch: Vec<usize>,
    prices: usize,
    /// Phrases that name goods and their price or discount: what a shop without buttons is made of.
    offers: usize,
    form: bool,
    links: usize,
    data: bool,
}

impl Signs {
    /// Goods, a way to buy, and prices or an order look-up that belong to them.
    fn sell(&self) -> bool {
        if self.goods.is_empty() {
            return false;
        }
        let buys = self.buy.len() + usize::from(self.form) + usize::from(self.links > 1);
        let priced = self.prices > 0 || self.data;
        (buys > 0 && priced)
            || (self.prices > 1 && !self.order.is_empty())
            || (buys > 1 && !self.order.is_empty() && self.goods.len() > 1)
    }

    /// Priced goods, or goods with a sentence that sells them: a shop that is one page and a chat account. Tales of
    /// shops are full of these, so it takes a page that shows no other sign of a tale.
    fn pitches(&self) -> bool {
        let priced = self.prices > 0 || self.data;
        self.offers > 1
            || (self.offers == 1 && self.prices > PRICED_LIST)
            || (!self.pitch.is_empty()
                && !self.goods.is_empty()
                && (priced || self.offers > 0 || self.goods.len() > 1))
    }
}

impl Marks {
    /// The kind of a page.
    pub(super) fn kind_of(&self, seen: &SeenPage, page: &Page, lines: &[Line]) -> Kind {
        let total: usize = lines
            .iter()
            .filter(|line| line.part == Part::Text)
            .map(|line| line.chars)
            .sum();
        if total < self.limits.silent_chars && page.forms.is_empty() {
            return Kind::Unknown;
        }
        if count(&self.documents, lines) >= self.limits.documentation_marks && !has_buying_form(self, page) {
            return Kind::Documentation;
        }
        let advice = count(&self.advices, lines);
        let prose: usize = lines
            .iter()
            .filter(|line| self.is_prose(line) || self.is_sentence(line))
            .map(|line| line.chars)
            .sum();
        let wordy = prose * 100 >= total.max(1) * self.limits.prose_percent;
        let signs = self.signs(page, lines);
        if count(&self.forums, lines) >= self.limits.forum_marks && !signs.form {
            return Kind::Forum;
        }
        let warns = advice >= self.limits.advice_marks;
        let articles = count(&self.articles, lines) + 2 * usize::from(self.says_article(page));
        let told = articles >= self.limits.article_marks;
        let bound = signs.form || signs.links > 1 || signs.prices > 2 || signs.buy.len() > 2;
        if signs.sell() && (bound || !(wordy && warns)) && !(warns && signs.prices == 0 && !bound) {
            return Kind::Shop;
        }
        if signs.pitches() && !warns && !told && count(&self.venues, lines) < VENUES {
            return Kind::Shop;
        }
        if matches!(seen.role, Role::Terms | Role::Contact | Role::OrderQuery) {
            return Kind::Other;
        }
        match (warns, wordy, told) {
            (_, _, true) if wordy && !warns => Kind::Article,
            (true, _, true) => {
                if self.asks(lines) {
                    Kind::Advice
                } else {
                    Kind::Article
                }
            }
            (true, _, false) => Kind::Advice,
            _ => Kind::Other,
        }
    }

    /// Whether headings or the title ask or instruct rather than report.
    fn asks(&self, lines: &[Line]) -> bool {
        let headed = |line: &&Line| line.part == Part::Title || line.tag.starts_with('h');
        lines
            .iter()
            .filter(headed)
            .any(|line| self.is_advice(line.joined.text()))
    }

    fn says_article(&self, page: &Page) -> bool {
        let named = |text: &str| {
            self.article_types
                .iter()
                .any(|kind| text.eq_ignore_ascii_case(kind))
        };
        page.metas
            .iter()
            .any(|meta| meta.name == "og:type" && named(&meta.content))
            || page.json.iter().any(|json| {
                json.value
                    .get("@type")
                    .and_then(|kind| kind.as_str())
                    .is_some_and(named)
            })
    }

    fn signs(&self, page: &Page, lines: &[Line]) -> Signs {
        let mut signs = Signs {
            form: has_buying_form(self, page),
            ..Signs::default()
        };
        for line in lines.iter().filter(|line| !line.told && !self.is_prose(line)) {
            match line.part {
                Part::Meta => continue,
                Part::Text | Part::Title | Part::Image | Part::Form => {}
            }
            if line.chars <= self.limits.priced_chars
                && line.region != Region::Footer
                && !self.reported.is_in(line)
            {
                distinct(&self.goods, line, &mut signs.goods);
                signs.prices +=
                    usize::from(line.part == Part::Text && self.price.is_match(line.lower.text()));
            }
            // In what is taken for a footer, too: the last lines of a short page with no footer of its own are.
            if line.part == Part::Text {
                signs.offers += self.offers(line);
            }
            if line.chars <= self.limits.short_chars {
                distinct(&self.buy, line, &mut signs.buy);
                distinct(&self.order, line, &mut signs.order);
            }
            if !self.reported.is_in(line) {
                distinct(&self.pitch, line, &mut signs.pitch);
            }
        }
        let mut addresses: Vec<&str> = page
            .links
            .iter()
            .filter(|link| link.visible)
            .filter_map(|link| link.url.as_deref())
            .filter(|url| self.sell.links.iter().any(|mark| url.contains(mark.as_str())))
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        signs.links = addresses.len();
        signs.data = page.json.iter().any(|json| {
            self.sell
                .json_keys
                .iter()
                .any(|key| holds_key(&json.value, key, 4))
        });
        signs
    }
}

impl Marks {
    /// Phrases of a line that name goods, or a rank among agents, together with a price or a discount.
    fn offers(&self, line: &Line) -> usize {
        // Split before decorations are taken out, which would run "15元 | 接码" together.
        let parts = |c: char| matches!(c, '。' | '!' | '?' | ';' | ',' | '、' | '|' | '丨' | '/');
        if !self.goods.is_in(line) && !self.joining.is_in(line) {
            return 0;
        }
        let text = line.joined.text();
        let priced = |text: &str| self.price.is_match(text) || self.discount.is_match(text);
        let tells = text.contains('。') && !self.is_first_person(text);
        if tells || !priced(text) || self.is_reported(text) || self.is_advice(text) {
            return 0;
        }
        let phrases = line.lower.text().split(parts).map(joined);
        phrases
            .filter(|part| part.chars().count() <= self.limits.priced_chars)
            .filter(|part| self.goods.is_match(part) || self.joining.is_match(part))
            .filter(|part| priced(part))
            .count()
    }
}

/// Number of different words that the lines hold.
fn count(words: &Words, lines: &[Line]) -> usize {
    let mut seen = Vec::new();
    for line in lines.iter().filter(|line| line.part != Part::Meta) {
        distinct(words, line, &mut seen);
    }
    seen.len()
}

/// Adds the words of a list that a line holds to those seen.
fn distinct(words: &Words, line: &Line, seen: &mut Vec<usize>) {
    if !words.is_in(line) {
        return;
    }
    for hit in words.find_overlapping_iter(line.joined.text()) {
        let id = hit.pattern().as_usize();
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
}

fn has_buying_form(marks: &Marks, page: &Page) -> bool {
    page.forms.iter().any(|form| {
        let field = form
            .fields
            .iter()
            .any(|field| marks.sell.form_fields.contains(&field.name));
        field && form.method == "post"
            || marks
                .sell
                .form_actions
                .iter()
                .any(|mark| form.action.contains(mark.as_str()))
    })
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
