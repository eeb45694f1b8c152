//! Kind: tells shops, articles, advice, documentation and forums apart, page by page, by `data/site.toml`.
//!
//! Takes a page with its lines in normal form; gives its [`Kind`]. Prices, buttons and goods count only in short lines,
//! so an article that quotes every phrase of a shop is still an article.

mod shape;
mod signs;
mod words;

use self::shape::Shape;
use self::signs::{Signs, count};
pub(super) use self::words::Words;
use super::drawn::PAYMENT;
use super::{Line, Marks, PageReading, Reading};
use crate::evidence::{Role, SeenPage};
use crate::lexicon::{PageHits, Part};
use crate::page::Page;

/// So many words of places that people go to make the page of one.
const VENUES: usize = 2;

/// What a page's make counts for, in words of its kind: a manual's title, a forum's numbered posts.
const MADE_FOR: usize = 2;
/// So many steps in a list make instructions.
const STEPS: usize = 2;
/// So many entries of an order make its page.
const ORDER_ENTRIES: usize = 3;
/// Words of advice that are enough below a heading that instructs.
const ADVICE_HEADED: usize = 2;

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

    /// The kind of a site by the kinds of its pages, home first: what the home page is, unless more than twice as many
    /// pages sell as tell; else a shop if at least as many sell as tell. A newspaper with one page of goods is a
    /// newspaper, and a shop with a blog is a shop.
    pub fn of_site(pages: &[Self]) -> Self {
        let selling = pages.iter().filter(|kind| **kind == Self::Shop).count();
        let telling = pages.iter().filter(|kind| kind.tells()).count();
        let home = pages.first().copied().unwrap_or(Self::Unknown);
        let outweighed = if home.tells() {
            2 * telling >= selling
        } else {
            telling > selling
        };
        if home == Self::Shop || (selling > 0 && !outweighed) {
            return Self::Shop;
        }
        if home.tells() {
            return home;
        }
        let count = |kind: Self| pages.iter().filter(|other| **other == kind).count();
        let common = pages
            .iter()
            .copied()
            .filter(|kind| kind.tells())
            .max_by_key(|kind| (count(*kind), std::cmp::Reverse(*kind)));
        common.or(pages.first().copied()).unwrap_or(Self::Unknown)
    }

    /// Whether such a page speaks of others.
    fn tells(self) -> bool {
        !matches!(self, Self::Shop | Self::Other | Self::Unknown)
    }

    /// Whether words on such a page can be the site's own offer.
    pub fn may_offer(self) -> bool {
        matches!(self, Self::Shop | Self::Other | Self::Unknown)
    }
}

impl Reading<'_> {
    /// Whether a page shows one order: the goods on it were bought and are not offered.
    pub fn shows_order(&self, page: &PageReading<'_>) -> bool {
        let entry = |line: &&Line| {
            matches!(line.tag.as_str(), "dt" | "th" | "td")
                && self.marks.kinds.is_order_entry(line.joined.text())
        };
        page.lines.iter().filter(entry).count() >= ORDER_ENTRIES
    }

    /// Whether one can order or pay on a page of a shop: it has a form that buys, a button to buy with, or channels to pay by that its script draws.
    pub fn can_order(&self, page: &PageReading<'_>) -> bool {
        let button = |line: &Line| {
            line.chars <= self.marks.limits.short_chars
                && matches!(line.part, Part::Text | Part::Form)
                && matches!(line.tag.as_str(), "a" | "button" | "input")
                && self.marks.buy.is_in(line)
        };
        self.sells
            && page.kind == Kind::Shop
            && (self.marks.has_buying_form(page.page)
                || page.page.forms.iter().any(|form| self.marks.kinds.is_order(form))
                || page.lines.iter().any(|line| line.tag == PAYMENT || button(line)))
    }
}

impl Marks {
    /// The kind of a page.
    pub(super) fn kind_of(&self, seen: &SeenPage, page: &Page, lines: &[Line], hits: &PageHits) -> Kind {
        let total: usize = lines
            .iter()
            .filter(|line| line.part == Part::Text)
            .map(|line| line.chars)
            .sum();
        let signs = Signs::of(self, page, lines, hits);
        if total < self.limits.silent_chars && page.forms.is_empty() {
            return if signs.sell() { Kind::Shop } else { Kind::Unknown };
        }
        let shape = Shape::of(self, seen, lines);
        let documents = count(&self.documents, lines, hits) + MADE_FOR * shape.documents;
        let forums = count(&self.forums, lines, hits) + MADE_FOR * shape.forums;
        let many_voices = forums >= self.limits.forum_marks && !signs.form;
        let documented = documents >= self.limits.documentation_marks && !signs.form;
        let articles = count(&self.articles, lines, hits) + MADE_FOR * usize::from(self.says_article(page));
        let posted = many_voices && (forums >= documents || shape.forums > 0);
        // An article on programs stands among other articles.
        if documented && !posted && documents >= articles {
            return Kind::Documentation;
        }
        let advice = count(&self.advices, lines, hits);
        let prose: usize = lines
            .iter()
            .filter(|line| self.is_prose(line) || self.is_sentence(line))
            .map(|line| line.chars)
            .sum();
        let wordy = prose * 100 >= total.max(1) * self.limits.prose_percent;
        if many_voices {
            return Kind::Forum;
        }
        let warns = advice >= self.limits.advice_marks;
        let told = articles >= self.limits.article_marks;
        let venues = count(&self.venues, lines, hits);
        if self.sells_on(&signs, venues, (warns, wordy, told)) {
            return Kind::Shop;
        }
        if matches!(seen.role, Role::Terms | Role::Contact | Role::OrderQuery) {
            return Kind::Other;
        }
        if shape.forums > 0 {
            return Kind::Forum;
        }
        if !warns && self.gives_notice(lines) {
            return Kind::Other;
        }
        // Amid the furniture of a news site or blog a short text is one, too.
        let framed = articles > self.limits.article_marks && prose > 0;
        let instructs = self.asks(lines);
        match (warns, wordy || framed, told) {
            (true, _, false) => Kind::Advice,
            (true, _, true) if instructs => Kind::Advice,
            (true, _, true) => Kind::Article,
            (false, true, true) if shape.steps >= STEPS => Kind::Advice,
            (false, true, true) => Kind::Article,
            _ if instructs && advice >= ADVICE_HEADED && (wordy || shape.steps >= STEPS) => Kind::Advice,
            _ => Kind::Other,
        }
    }

    /// Whether the signs of a shop outweigh those of a page that warns, is wordy or tells.
    fn sells_on(&self, signs: &Signs, venues: usize, (warns, wordy, told): (bool, bool, bool)) -> bool {
        let elsewhere = venues >= VENUES || signs.is_of_others(self);
        let bound = signs.is_bound();
        let sells = signs.sell() && (bound || !(wordy && warns)) && (signs.is_priced() || bound || !warns);
        !elsewhere && (sells || (signs.pitches() && !warns && !told))
    }

    /// Whether the main heading is that of a notice: the site speaks of itself.
    fn gives_notice(&self, lines: &[Line]) -> bool {
        let mut headed = lines.iter().filter(|line| line.tag == "h1");
        headed.any(|line| {
            self.notices
                .iter()
                .any(|word| line.joined.text().ends_with(word.as_str()))
        })
    }

    /// Whether the title or a main heading instructs rather than reports.
    fn asks(&self, lines: &[Line]) -> bool {
        let headed = |line: &&Line| line.part == Part::Title || matches!(line.tag.as_str(), "h1" | "h2");
        lines.iter().filter(headed).any(|line| self.instructs.is_in(line))
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
}
