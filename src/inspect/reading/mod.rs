//! Reading: the shown text of all pages in normal form, once for all word inspectors, and whose voice it has.
//!
//! Takes evidence and `data/site.toml`; gives lines (title, blocks, notices drawn by script, alternative texts, form hints, metas), the kind
//! of every page and whether the site sells. **Subject test**: a phrase counts only as the site's own. It does not
//! in quotation marks, beside words of report ("so-called", "beware"), below a warning or a list of forbidden goods, on pages
//! that are articles, advice, documentation or forums, in long prose that advises, or inside template residue.
//!
//! It states no facts; inspectors do.

mod drawn;
mod kind;
mod marks;
mod notice;
mod say;
mod voice;

use std::ops::Range;
use std::sync::LazyLock;

pub use self::kind::Kind;
pub use self::marks::{Limits, Marks};
pub use self::say::places;
use super::shown::{self, Piece};
use super::{DataError, DataFiles};
use crate::evidence::{Evidence, SeenPage};
use crate::facts::Place;
use crate::lexicon::{self, PageHits, Part};
use crate::page::{Page, Region, TagName};
use crate::text::{Letters, Normal};

/// Lines below a heading that warns or forbids which are told of others; more than that is the page itself.
const HEADED_LINES: usize = 40;

/// What ends a sentence.
static SENTENCE_ENDS: LazyLock<Letters> = LazyLock::new(|| Letters::of("。!?;"));

/// Characters of the page shown on either side of a phrase.
const AROUND: usize = 24;

/// One line of a page: a block, the title, an alternative text, a form hint or a meta.
#[derive(Debug)]
pub struct Line {
    /// Which part of the page, for groups that are bound to one.
    pub part: Part,
    /// Region, for footers and the like.
    pub region: Region,
    /// Normal form, case and blanks kept.
    pub(in crate::inspect) plain: Normal,
    /// Lower-case normal form, blanks kept: for numbers and prices.
    pub lower: Normal,
    /// Normal form for word search.
    pub joined: Normal,
    /// Name of the element.
    pub tag: TagName,
    /// Length in characters of the joined form.
    pub chars: usize,
    /// Whether a sentence ends in it; asked for every phrase, so it is looked for once.
    pub sentences: bool,
    /// Stands below a heading that warns or forbids.
    pub told: bool,
    /// Stands below a heading of comments.
    pub comment: bool,
    /// The sets of words that it holds one of, as bits; see [`Marks`].
    pub(in crate::inspect) sets: u64,
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
    /// Its lines: title, blocks in page order, pictures, forms, metas, notices that its scripts draw.
    pub lines: Vec<Line>,
    /// What kind of page it is.
    pub kind: Kind,
    /// Where the words of all word files stand in the lines.
    hits: PageHits,
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
    pieces: Vec<Piece<'e>>,
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
        let silence = say::silence(evidence, self.marks.limits.silent_chars);
        let pieces = shown::pieces(&pages);
        Reading {
            evidence,
            pages,
            sells,
            kind,
            silence,
            marks: &self.marks,
            pieces,
        }
    }

    fn read_page<'e>(&self, seen: &'e SeenPage, page: &'e Page) -> PageReading<'e> {
        let (lines, shown, hits) = self.lines(seen, page);
        let kind = self
            .marks
            .kind_of(seen, page, lines.get(..shown).unwrap_or(&lines), &hits);
        PageReading {
            seen,
            page,
            lines,
            kind,
            hits,
        }
    }

    /// The lines of a page, and how many of them it shows without its scripts.
    fn lines(&self, seen: &SeenPage, page: &Page) -> (Vec<Line>, usize, PageHits) {
        let mut lines = Lines {
            marks: &self.marks,
            list: Vec::with_capacity(page.blocks.len() + 8),
            hits: self.marks.page_hits(),
        };
        lines.push(Part::Title, Region::Title, &page.title, "title");
        let (mut under, mut left) = ((false, false), 0_usize);
        for block in page.blocks.iter().filter(|block| block.region != Region::Title) {
            let Some(line) = lines.push(Part::Text, block.region, &block.text, block.tag.clone()) else {
                continue;
            };
            if is_heading(&block.tag) {
                under = (
                    self.marks.told_headings.is_in(line),
                    self.marks.comment_headings.is_in(line),
                );
                left = HEADED_LINES;
            } else if block.region == Region::Footer {
                under = (false, false);
            } else {
                under.0 &= left > 0;
                left = left.saturating_sub(1);
            }
            (line.told, line.comment) = under;
        }
        for text in notice::lines_of(page) {
            lines.push(Part::Text, Region::Dialog, &text, "script");
        }
        for image in &page.images {
            lines.push(Part::Image, image.region, &image.alt, "img");
            if image.title != image.alt {
                lines.push(Part::Image, image.region, &image.title, "img");
            }
        }
        for field in page
            .forms
            .iter()
            .flat_map(|form| &form.fields)
            .filter(|field| field.kind != "hidden")
        {
            lines.push(Part::Form, Region::Main, &field.hint, "input");
        }
        for meta in page.metas.iter().filter(|meta| Marks::is_worded(&meta.name)) {
            lines.push(Part::Meta, Region::Title, &meta.content, meta.name.clone());
        }
        let shown = lines.list.len();
        for (text, tag) in drawn::texts(page, &seen.final_url, &self.marks.drawn) {
            lines.push(Part::Text, Region::Main, &text, tag);
        }
        (lines.list, shown, lines.hits)
    }
}

/// The lines of a page so far, with what the one pass over their words found.
struct Lines<'m> {
    marks: &'m Marks,
    list: Vec<Line>,
    hits: PageHits,
}

impl Lines<'_> {
    /// Adds a line, unless it is blank.
    fn push(&mut self, part: Part, region: Region, text: &str, tag: impl Into<TagName>) -> Option<&mut Line> {
        if text.trim().is_empty() {
            return None;
        }
        let plain = Normal::of(text);
        let lower = plain.lower();
        let joined = lower.joined();
        let shown = joined.text();
        let sets = self.marks.matcher().scan(self.list.len(), shown, &mut self.hits);
        let residue = if self.marks.has_residue(sets) {
            self.marks.residue_in(shown)
        } else {
            Vec::new()
        };
        self.list.push(Line {
            part,
            region,
            chars: shown.chars().count(),
            sentences: joined.letters().meets(&SENTENCE_ENDS) && shown.contains(['。', '!', '?', ';']),
            plain,
            lower,
            joined,
            tag: tag.into(),
            told: false,
            comment: false,
            sets,
            residue,
        });
        self.list.last_mut()
    }
}

impl Line {
    /// Whether the line is a heading's.
    pub fn is_heading(&self) -> bool {
        is_heading(&self.tag)
    }
}

/// Whether an element is a heading.
fn is_heading(tag: &str) -> bool {
    matches!(
        tag,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend" | "caption" | "summary" | "dt"
    )
}

impl<'e> Reading<'e> {
    /// The data that tells voices apart.
    pub fn marks(&self) -> &'e Marks {
        self.marks
    }

    /// The pieces of text of all pages, made once for those that ask.
    pub(in crate::inspect) fn pieces(&self) -> &[Piece<'e>] {
        &self.pieces
    }
}
