//! Reading: the shown text of all pages in normal form, once for all word inspectors, and whose voice it has.
//!
//! Takes evidence and `data/site.toml`; gives lines (title, blocks, alternative texts, form hints, metas), the kind
//! of every page and whether the site sells. **Subject test**: a phrase counts only as the site's own. It does not
//! in quotation marks, beside words of report ("so-called", "beware"), below a warning or a list of forbidden goods, on pages
//! that are articles, advice, documentation or forums, in long prose that advises, or inside template residue.
//!
//! It states no facts; inspectors do.

use aho_corasick::AhoCorasick;
use std::ops::Range;

use super::kind::{Kind, Marks};
use super::{DataError, DataFiles};
use crate::evidence::{Evidence, GapReason, Role, SeenPage};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{self, Lexicon, Part};
use crate::page::{Page, Region};
use crate::text::Normal;

/// Characters of the page shown on either side of a phrase.
const AROUND: usize = 24;

/// One line of a page: a block, the title, an alternative text, a form hint or a meta.
#[derive(Debug)]
pub struct Line {
    /// Which part of the page, for groups that are bound to one.
    pub part: Part,
    /// Region, for footers and the like.
    pub region: Region,
    /// Lower-case normal form, blanks kept: for numbers and prices.
    pub lower: Normal,
    /// Normal form for word search.
    pub joined: Normal,
    /// Name of the element.
    pub tag: String,
    /// Length in characters of the joined form.
    pub chars: usize,
    /// Stands below a heading that warns or forbids.
    pub told: bool,
    /// Stands below a heading of comments.
    pub comment: bool,
    /// Stretches of the joined form that every site with this program shows.
    pub residue: Vec<(Range<usize>, usize)>,
}

/// One page of the evidence with its lines.
#[derive(Debug)]
pub struct PageReading<'e> {
    /// The answer it came with.
    pub seen: &'e SeenPage,
    /// The page as read.
    pub page: &'e Page,
    /// Its lines: title, blocks in page order, pictures, forms, metas.
    pub lines: Vec<Line>,
    /// What kind of page it is.
    pub kind: Kind,
    /// Visible characters.
    pub visible_chars: usize,
}

/// All readable pages of one site.
#[derive(Debug)]
pub struct Reading<'e> {
    /// What was seen.
    pub evidence: &'e Evidence,
    /// The pages that were read, in order.
    pub pages: Vec<PageReading<'e>>,
    /// Whether a page offers goods for sale.
    pub sells: bool,
    /// What kind of site this is.
    pub kind: Kind,
    /// Why the shown text of the home page says nothing: reason code and detail.
    pub silence: Option<(&'static str, String)>,
    marks: &'e Marks,
}

/// A phrase seen on a page as the site's own.
#[derive(Debug, Clone)]
pub struct Sighting<'r> {
    /// Id of the phrase's group.
    pub id: &'r str,
    /// The line that holds it.
    pub line: &'r Line,
    /// The page of that line.
    pub page: &'r PageReading<'r>,
    /// Byte range in the joined form of the line.
    pub range: Range<usize>,
}

impl Sighting<'_> {
    /// Where it stands, with what surrounds it as shown.
    pub fn place(&self) -> Place {
        place_of(
            self.page,
            self.line,
            self.line.joined.snippet(self.range.clone(), AROUND),
        )
    }

    /// The phrase in normal form.
    pub fn phrase(&self) -> &str {
        self.line
            .joined
            .text()
            .get(self.range.clone())
            .unwrap_or_default()
    }

    /// The sentence around it in normal form.
    pub fn sentence(&self) -> &str {
        let text = self.line.joined.text();
        text.get(lexicon::sentence_of(text, &self.range)).unwrap_or(text)
    }
}

/// A place on a page.
pub fn place_of(page: &PageReading<'_>, line: &Line, snippet: &str) -> Place {
    let place = match line.part {
        Part::Title => "title",
        Part::Image => "image",
        Part::Form => "form",
        Part::Meta => "meta",
        Part::Text => line.region.name(),
    };
    Place::new(&page.seen.final_url, place, snippet)
}

/// Turns evidence into readings; holds the data that tells kinds and voices apart.
#[derive(Debug)]
pub struct Reader {
    marks: Marks,
}

impl Reader {
    /// Reads `site.toml` and `residue.toml`.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            marks: Marks::load(data)?,
        })
    }

    /// Reads all pages of the evidence.
    pub fn read<'e>(&'e self, evidence: &'e Evidence) -> Reading<'e> {
        let pages: Vec<PageReading<'e>> = evidence
            .readable()
            .map(|(seen, page)| self.read_page(seen, page))
            .collect();
        let kind = Kind::of_site(&pages.iter().map(|page| page.kind).collect::<Vec<_>>());
        let sells = kind == Kind::Shop;
        let silence = silence(evidence, self.marks.limits.silent_chars);
        Reading {
            evidence,
            pages,
            sells,
            kind,
            silence,
            marks: &self.marks,
        }
    }

    fn read_page<'e>(&self, seen: &'e SeenPage, page: &'e Page) -> PageReading<'e> {
        let lines = self.lines(page);
        let visible_chars = page.visible_chars();
        let kind = self.marks.kind_of(seen, page, &lines);
        PageReading {
            seen,
            page,
            lines,
            kind,
            visible_chars,
        }
    }

    fn lines(&self, page: &Page) -> Vec<Line> {
        let mut lines = Vec::with_capacity(page.blocks.len() + 8);
        let mut push = |part, region, text: &str, tag: &str, under: (bool, bool)| {
            if !text.trim().is_empty() {
                lines.push(self.line(part, region, text, tag, under));
            }
        };
        push(Part::Title, Region::Title, &page.title, "title", (false, false));
        let mut under = (false, false);
        for block in page.blocks.iter().filter(|block| block.region != Region::Title) {
            if is_heading(&block.tag) {
                let heading = lexicon::joined(&block.text);
                under = (
                    self.marks.told_heading(&heading),
                    self.marks.comment_heading(&heading),
                );
            } else if block.region == Region::Footer {
                under = (false, false);
            }
            push(Part::Text, block.region, &block.text, &block.tag, under);
        }
        for image in &page.images {
            push(Part::Image, image.region, &image.alt, "img", (false, false));
            if image.title != image.alt {
                push(Part::Image, image.region, &image.title, "img", (false, false));
            }
        }
        for field in page
            .forms
            .iter()
            .flat_map(|form| &form.fields)
            .filter(|field| field.kind != "hidden")
        {
            push(Part::Form, Region::Main, &field.hint, "input", (false, false));
        }
        for meta in page.metas.iter().filter(|meta| Marks::is_worded(&meta.name)) {
            push(
                Part::Meta,
                Region::Title,
                &meta.content,
                &meta.name,
                (false, false),
            );
        }
        lines
    }

    fn line(&self, part: Part, region: Region, text: &str, tag: &str, under: (bool, bool)) -> Line {
        let normal = Normal::of(text);
        let joined = normal.joined();
        let residue = self.marks.residue_in(joined.text());
        let chars = joined.text().chars().count();
        let (told, comment) = under;
        Line {
            part,
            region,
            lower: normal.lower(),
            joined,
            tag: tag.to_owned(),
            chars,
            told,
            comment,
            residue,
        }
    }
}

/// Whether an element is a heading.
fn is_heading(tag: &str) -> bool {
    matches!(
        tag,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend" | "caption" | "summary" | "dt"
    )
}

/// Why the home page's text says nothing, if it does not.
fn silence(evidence: &Evidence, least: usize) -> Option<(&'static str, String)> {
    let because =
        |reason: &'static str, gap: &crate::evidence::Gap| (reason, format!("{} {}", gap.detail, gap.what));
    let Some((seen, page)) = evidence.home() else {
        return Some(match evidence.home_gap() {
            Some(gap) => because(gap.reason.code(), gap),
            None => (GapReason::NotCrawled.code(), "home page".to_owned()),
        });
    };
    if page.visible_chars() >= least {
        return None;
    }
    let empty = evidence
        .gaps
        .iter()
        .find(|gap| gap.reason == GapReason::EmptyJsApp);
    Some(match empty {
        Some(gap) => because(gap.reason.code(), gap),
        None => (
            GapReason::EmptyJsApp.code(),
            format!("no visible text {}", seen.final_url),
        ),
    })
}

impl<'e> Reading<'e> {
    /// All phrases of a lexicon that are the site's own words, in page order.
    pub fn own<'r>(&'r self, lexicon: &'r Lexicon) -> Vec<Sighting<'r>> {
        let mut seen = Vec::new();
        for page in self.pages.iter().filter(|page| self.speaks(page)) {
            for line in &page.lines {
                for hit in lexicon.find(line.joined.text(), line.part) {
                    let sighting = Sighting {
                        id: hit.id,
                        line,
                        page,
                        range: hit.range,
                    };
                    if self.is_own(&sighting) {
                        seen.push(sighting);
                    }
                }
            }
        }
        seen
    }

    /// Whether a page can carry the site's own offers at all: none does on sites that tell, advise or explain.
    pub fn speaks(&self, page: &PageReading<'_>) -> bool {
        self.kind.may_offer() && (page.kind.may_offer() || (self.sells && is_own_page(page)))
    }

    /// Whether a stretch of a line is the site's own words, as the subject test has it.
    pub fn is_own_at(&self, page: &PageReading<'_>, line: &Line, range: Range<usize>) -> bool {
        self.speaks(page)
            && self.is_own(&Sighting {
                id: "",
                line,
                page,
                range,
            })
    }

    /// The subject test for one phrase.
    fn is_own(&self, sighting: &Sighting<'_>) -> bool {
        let (line, text) = (sighting.line, sighting.line.joined.text());
        if line.told
            || line
                .residue
                .iter()
                .any(|(range, _)| overlap(range, &sighting.range))
        {
            return false;
        }
        let sentence = sighting.sentence();
        if straddles(line, &sighting.range) {
            return false;
        }
        let clause = text
            .get(lexicon::clause_of(text, &sighting.range))
            .unwrap_or(text);
        if self.marks.is_reported_clause(clause)
            || self.marks.is_reported(sentence)
            || is_quoted(text, &sighting.range)
        {
            return false;
        }
        let prose = self.marks.is_prose(line);
        let own_page = is_own_page(sighting.page);
        if self.sells && (!prose || own_page) {
            return true;
        }
        let own = self.marks.is_first_person(sentence);
        if self.sells {
            return own || !self.marks.is_advice(sentence);
        }
        !self.marks.is_advice(sentence) && (own || !prose)
    }

    /// Whether looked-for-and-not-found may be stated.
    pub fn may_deny(&self) -> bool {
        self.silence.is_none()
    }

    /// States whether something was seen: true with its places, false when the home page was read, else why not.
    pub fn say_seen(&self, facts: &mut Facts, name: &str, firmness: Firmness, places: Vec<Place>) {
        if !places.is_empty() {
            facts.say(name, true, firmness, places);
        } else if self.may_deny() {
            facts.say(name, false, Firmness::WellFormed, Vec::new());
        } else {
            self.silent(facts, name);
        }
    }

    /// States a list of codes with the places they were seen; the empty list only when the home page was read.
    pub fn say_list(&self, facts: &mut Facts, name: &str, firmness: Firmness, codes: &[(String, Place)]) {
        if codes.is_empty() && !self.may_deny() {
            return self.silent(facts, name);
        }
        let mut list: Vec<String> = codes.iter().map(|(code, _)| code.clone()).collect();
        list.sort_unstable();
        list.dedup();
        let mut told: Vec<&str> = Vec::new();
        let mut places = Vec::new();
        for (code, place) in codes {
            if !told.contains(&code.as_str()) {
                told.push(code);
                places.push(place.clone());
            }
        }
        facts.say(name, list, firmness, places);
    }

    /// Says why a fact is left out; nothing when the home page was read.
    pub fn silent(&self, facts: &mut Facts, name: &str) {
        if let Some((reason, detail)) = &self.silence {
            facts.cannot_say(name, *reason, detail.clone());
        }
    }

    /// Says of every fact why it is left out, when the home page was not read.
    pub fn all_silent(&self, facts: &mut Facts, specs: &[FactSpec]) {
        for spec in specs {
            self.silent(facts, spec.name);
        }
    }

    /// The data that tells voices apart.
    pub fn marks(&self) -> &'e Marks {
        self.marks
    }
}

/// Sightings of one group.
pub fn places(seen: &[Sighting<'_>], id: &str) -> Vec<Place> {
    seen.iter()
        .filter(|sighting| sighting.id == id)
        .map(Sighting::place)
        .collect()
}

/// Whether a page is where sites speak of themselves.
fn is_own_page(page: &PageReading<'_>) -> bool {
    matches!(
        page.seen.role,
        Role::Terms | Role::Help | Role::Contact | Role::About
    )
}

/// Whether a phrase came about only by joining two words that a blank kept apart ("点卡 商品" holds no "卡商"):
/// it takes part of a longer word on one side of a blank. Words whose letters stand apart one by one are none.
fn straddles(line: &Line, range: &Range<usize>) -> bool {
    let Some(at) = line.joined.source_range(range.clone()) else {
        return false;
    };
    let source = line.joined.source();
    let (head, tail) = (
        source.get(..at.start).unwrap_or_default(),
        source.get(at.end..).unwrap_or_default(),
    );
    let shown = source.get(at).unwrap_or_default();
    let (Some(first), Some(last)) = (shown.split_whitespace().next(), shown.split_whitespace().last()) else {
        return false;
    };
    if shown.chars().all(|c| !c.is_whitespace()) {
        return false;
    }
    let goes_on = |c: Option<char>| c.is_some_and(crate::text::is_han);
    let starts_inside = goes_on(head.chars().next_back());
    let ends_inside = goes_on(tail.chars().next());
    let letters = |part: &str| part.chars().count();
    (starts_inside && (letters(last) > 1 || ends_inside))
        || (ends_inside && (letters(first) > 1 || starts_inside))
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Whether a place stands between quotation marks that open before it and close behind it in the same line.
fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    const PAIRS: [(char, char); 6] = [
        ('“', '”'),
        ('「', '」'),
        ('『', '』'),
        ('《', '》'),
        ('‘', '’'),
        ('〝', '〞'),
    ];
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let paired = PAIRS.iter().any(|(open, close)| {
        let opened = before
            .rfind(*open)
            .is_some_and(|at| before.rfind(*close).is_none_or(|end| end < at));
        opened && after.contains(*close)
    });
    paired || (before.matches('"').count() % 2 == 1 && after.contains('"'))
}

/// Number of different words of an automaton in a text.
pub(super) fn distinct(words: &AhoCorasick, text: &str, seen: &mut Vec<usize>) {
    for hit in words.find_overlapping_iter(text) {
        let id = hit.pattern().as_usize();
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
}
