//! Kind: tells shops, articles, advice, documentation and forums apart, page by page, by `data/site.toml`.
//!
//! Takes a page with its lines in normal form; gives its [`Kind`]. Prices, buttons and goods count only in short lines,
//! so an article that quotes every phrase of a shop is still an article. Also holds the words that tell whose voice a
//! sentence has; the test itself stands in `reading`.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;

use super::reading::{Line, distinct};
use super::{DataError, DataFiles};
use crate::evidence::{Role, SeenPage};
use crate::lexicon::{Part, automaton, joined};
use crate::page::{Page, Region};

/// Name of the data file.
const FILE: &str = "site.toml";

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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteFile {
    voice: Voice,
    sell: Sell,
    marks: PageMarks,
    limits: Limits,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Voice {
    reported: Vec<String>,
    reported_clause: Vec<String>,
    advice: Vec<String>,
    own: Vec<String>,
    told_headings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sell {
    goods: Vec<String>,
    buy: Vec<String>,
    order: Vec<String>,
    pitch: Vec<String>,
    form_fields: Vec<String>,
    form_actions: Vec<String>,
    links: Vec<String>,
    json_keys: Vec<String>,
    price: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageMarks {
    article: Vec<String>,
    advice: Vec<String>,
    documentation: Vec<String>,
    forum: Vec<String>,
    article_types: Vec<String>,
    comment_headings: Vec<String>,
}

/// Thresholds of the kinds; meanings stand in the file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Characters from which a paragraph is prose.
    pub prose_chars: usize,
    /// Characters up to which a line is a label.
    pub short_chars: usize,
    /// Characters up to which a line may carry a price.
    pub priced_chars: usize,
    /// Visible characters below which a page says nothing.
    pub silent_chars: usize,
    documentation_marks: usize,
    forum_marks: usize,
    article_marks: usize,
    advice_marks: usize,
    prose_percent: usize,
}

#[derive(Debug, Deserialize)]
struct ResidueFile {
    residue: Vec<Residue>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Residue {
    id: String,
    words: Vec<String>,
}

/// The data of kinds and voices, ready for use.
#[derive(Debug)]
pub struct Marks {
    /// Thresholds.
    pub limits: Limits,
    reported: AhoCorasick,
    reported_clause: AhoCorasick,
    advice: AhoCorasick,
    own: AhoCorasick,
    told_headings: AhoCorasick,
    comment_headings: AhoCorasick,
    goods: AhoCorasick,
    buy: AhoCorasick,
    order: AhoCorasick,
    pitch: AhoCorasick,
    articles: AhoCorasick,
    advices: AhoCorasick,
    documents: AhoCorasick,
    forums: AhoCorasick,
    residue: AhoCorasick,
    residue_ids: Vec<String>,
    residue_owners: Vec<usize>,
    price: Regex,
    sell: Sell,
    article_types: Vec<String>,
}

/// Signs of a shop on one page.
#[derive(Debug, Default)]
struct Signs {
    goods: Vec<usize>,
    buy: Vec<usize>,
    order: Vec<usize>,
    pitch: Vec<usize>,
    prices: usize,
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
            || (!self.pitch.is_empty() && (priced || self.goods.len() > 1))
    }
}

impl Marks {
    /// Reads `site.toml` and `residue.toml`.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: SiteFile = data.read(FILE)?;
        let residue: ResidueFile = data.read("residue.toml")?;
        let (mut owners, mut words) = (Vec::new(), Vec::new());
        for (index, entry) in residue.residue.iter().enumerate() {
            owners.extend(entry.words.iter().map(|_| index));
            words.extend(entry.words.iter().cloned());
        }
        let (voice, sell, marks) = (file.voice, file.sell, file.marks);
        Ok(Self {
            limits: file.limits,
            reported: ready(&voice.reported)?,
            reported_clause: ready(&voice.reported_clause)?,
            advice: ready(&voice.advice)?,
            own: ready(&voice.own)?,
            told_headings: ready(&voice.told_headings)?,
            comment_headings: ready(&marks.comment_headings)?,
            goods: ready(&sell.goods)?,
            buy: ready(&sell.buy)?,
            order: ready(&sell.order)?,
            pitch: ready(&sell.pitch)?,
            articles: ready(&marks.article)?,
            advices: ready(&marks.advice)?,
            documents: ready(&marks.documentation)?,
            forums: ready(&marks.forum)?,
            residue: ready(&words)?,
            residue_ids: residue.residue.into_iter().map(|entry| entry.id).collect(),
            residue_owners: owners,
            price: Regex::new(&sell.price).map_err(|err| DataFiles::bad(FILE, err))?,
            sell,
            article_types: marks.article_types,
        })
    }

    /// Whether a sentence speaks of others wherever it stands.
    pub fn is_reported(&self, sentence: &str) -> bool {
        self.reported.is_match(sentence)
    }

    /// Whether a clause speaks of others.
    pub fn is_reported_clause(&self, clause: &str) -> bool {
        self.reported_clause.is_match(clause)
    }

    /// Whether a sentence advises or warns.
    pub fn is_advice(&self, sentence: &str) -> bool {
        self.advice.is_match(sentence)
    }

    /// Whether the site speaks of itself in a sentence.
    pub fn is_first_person(&self, sentence: &str) -> bool {
        self.own.is_match(sentence)
    }

    /// Whether a line is long prose.
    pub fn is_prose(&self, line: &Line) -> bool {
        let ends = |c: char| matches!(c, '。' | '!' | '?' | ';');
        line.part == Part::Text && line.chars >= self.limits.prose_chars && line.joined.text().contains(ends)
    }

    /// Whether a line sells goods of these shops by name.
    pub fn names_goods(&self, text: &str) -> bool {
        self.goods.is_match(text)
    }

    /// Ids of template residue, by number.
    pub fn residue_id(&self, index: usize) -> &str {
        self.residue_ids.get(index).map_or("", String::as_str)
    }

    pub(super) fn told_heading(&self, heading: &str) -> bool {
        self.told_headings.is_match(heading)
    }

    pub(super) fn comment_heading(&self, heading: &str) -> bool {
        self.comment_headings.is_match(heading)
    }

    pub(super) fn residue_in(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        self.residue
            .find_overlapping_iter(text)
            .filter_map(|hit| {
                Some((
                    hit.start()..hit.end(),
                    *self.residue_owners.get(hit.pattern().as_usize())?,
                ))
            })
            .collect()
    }

    /// Whether a meta carries words of the shop.
    pub(super) fn is_worded(name: &str) -> bool {
        matches!(
            name,
            "description"
                | "keywords"
                | "og:site_name"
                | "og:title"
                | "og:description"
                | "application-name"
                | "author"
        )
    }

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
            .filter(|line| self.is_prose(line))
            .map(|line| line.chars)
            .sum();
        let wordy = prose * 100 >= total.max(1) * self.limits.prose_percent;
        let signs = self.signs(page, lines);
        if count(&self.forums, lines) >= self.limits.forum_marks && !signs.form {
            return Kind::Forum;
        }
        let warns = advice >= self.limits.advice_marks;
        let bound = signs.form || signs.links > 1 || signs.prices > 2 || signs.buy.len() > 2;
        if signs.sell() && (bound || !(wordy && warns)) && !(warns && signs.prices == 0 && !bound) {
            return Kind::Shop;
        }
        if matches!(seen.role, Role::Terms | Role::Contact | Role::OrderQuery) {
            return Kind::Other;
        }
        let articles = count(&self.articles, lines) + 2 * usize::from(self.says_article(page));
        match (warns, wordy, articles >= self.limits.article_marks) {
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
            let text = line.joined.text();
            match line.part {
                Part::Meta => continue,
                Part::Text | Part::Title | Part::Image | Part::Form => {}
            }
            if line.chars <= self.limits.priced_chars
                && line.region != Region::Footer
                && !self.is_reported(text)
            {
                distinct(&self.goods, text, &mut signs.goods);
                signs.prices +=
                    usize::from(line.part == Part::Text && self.price.is_match(line.lower.text()));
            }
            if line.chars <= self.limits.short_chars {
                distinct(&self.buy, text, &mut signs.buy);
                distinct(&self.order, text, &mut signs.order);
            }
            if !self.is_reported(text) {
                distinct(&self.pitch, text, &mut signs.pitch);
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

/// Number of different words that the lines hold.
fn count(words: &AhoCorasick, lines: &[Line]) -> usize {
    let mut seen = Vec::new();
    for line in lines.iter().filter(|line| line.part != Part::Meta) {
        distinct(words, line.joined.text(), &mut seen);
    }
    seen.len()
}

fn ready(words: &[String]) -> Result<AhoCorasick, DataError> {
    let words: Vec<String> = words.iter().map(|word| joined(word)).collect();
    automaton(&words).map_err(|err| DataFiles::bad(FILE, err))
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
