//! Marks: the data that tells kinds of pages and voices apart (`data/site.toml`, `data/residue.toml`), ready for use.
//!
//! Holds automata and thresholds and answers about single sentences, headings and lines; the judgements made of them
//! stand in `kind` and `voice`.

use std::ops::{Deref, Range};

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::Line;
use super::voice::quotation_marks;
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{Matcher, PageHits, Part, SetWord, automaton, joined};
use crate::page::Region;
use crate::text::Pattern;

/// Name of the data file.
const FILE: &str = "site.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteFile {
    voice: Voice,
    sell: Sell,
    drawn: Drawn,
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
    instructs: Vec<String>,
    notices: Vec<String>,
    told_headings: Vec<String>,
    question_openings: Vec<String>,
    answer_openings: Vec<String>,
    question_words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sell {
    pub(super) goods: Vec<String>,
    pub(super) buy: Vec<String>,
    pub(super) order: Vec<String>,
    pub(super) pitch: Vec<String>,
    pub(super) form_fields: Vec<String>,
    pub(super) form_actions: Vec<String>,
    pub(super) links: Vec<String>,
    pub(super) json_keys: Vec<String>,
    pub(super) price: String,
    pub(super) joining: Vec<String>,
    pub(super) venues: Vec<String>,
    pub(super) discount: String,
}

/// Keys of JSON whose texts a script draws.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drawn {
    pub(super) notices: Vec<String>,
    pub(super) payments: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageMarks {
    article: Vec<String>,
    advice: Vec<String>,
    documentation: Vec<String>,
    forum: Vec<String>,
    documentation_titles: Vec<String>,
    forum_hosts: Vec<String>,
    documentation_hosts: Vec<String>,
    article_types: Vec<String>,
    comment_headings: Vec<String>,
}

/// Thresholds of the kinds; meanings stand in the file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Characters from which a paragraph is prose.
    pub prose_chars: usize,
    /// Characters from which a line with a full stop is a sentence, as the paragraphs of articles are.
    pub sentence_chars: usize,
    /// Characters up to which a line is a label.
    pub short_chars: usize,
    /// Characters up to which a line may carry a price.
    pub priced_chars: usize,
    /// Visible characters below which a page says nothing.
    pub silent_chars: usize,
    pub(super) documentation_marks: usize,
    pub(super) forum_marks: usize,
    pub(super) article_marks: usize,
    pub(super) advice_marks: usize,
    pub(super) prose_percent: usize,
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
    /// All of these words, and those of the word files, in one automaton.
    matcher: Matcher,
    pub(super) reported: Words,
    pub(super) reported_clause: Words,
    pub(super) advice: Words,
    pub(super) quotations: Words,
    pub(super) own: Words,
    pub(super) told_headings: Words,
    pub(super) question_openings: Vec<String>,
    pub(super) answer_openings: Vec<String>,
    pub(super) question_words: Words,
    pub(super) venues: Words,
    pub(super) comment_headings: Words,
    pub(super) goods: Words,
    /// Of each of these goods, whether other trades sell them, too.
    pub(super) weak: Vec<bool>,
    pub(super) buy: Words,
    pub(super) order: Words,
    pub(super) pitch: Words,
    pub(super) articles: Words,
    pub(super) advices: Words,
    pub(super) documents: Words,
    pub(super) forums: Words,
    pub(super) residue: Words,
    pub(super) residue_ids: Vec<String>,
    pub(super) residue_owners: Vec<usize>,
    pub(super) price: Pattern,
    pub(super) joining: Words,
    pub(super) discount: Pattern,
    /// Parts of addresses of products.
    pub(super) product_links: AhoCorasick,
    pub(super) sell: Sell,
    pub(super) drawn: Drawn,
    pub(super) article_types: Vec<String>,
    pub(super) forum_hosts: Vec<String>,
    pub(super) documentation_hosts: Vec<String>,
    pub(super) documentation_titles: Words,
    pub(super) instructs: Words,
    pub(super) notices: Vec<String>,
    pub(super) kinds: super::kind::Words,
}

/// A list of words: one of the sets of the page's matcher, and an automaton of its own for parts of lines.
#[derive(Debug)]
pub(super) struct Words {
    automaton: AhoCorasick,
    /// Its bit among the sets that a line holds words of.
    bit: u32,
}

impl Words {
    /// Whether a line holds one; told by the one pass over the page.
    pub(super) fn is_in(&self, line: &Line) -> bool {
        line.sets & (1 << self.bit) != 0
    }

    /// The place in the list of a word that the one pass found, if it is of this list.
    pub(super) fn place_of(&self, found: &SetWord) -> Option<usize> {
        (found.set == self.bit).then_some(found.word)
    }
}

impl Deref for Words {
    type Target = AhoCorasick;

    fn deref(&self) -> &AhoCorasick {
        &self.automaton
    }
}

/// Builds the lists of words one after the other.
#[derive(Default)]
pub(super) struct Sets(Vec<Vec<String>>);

impl Sets {
    pub(super) fn add(&mut self, words: &[String]) -> Result<Words, DataError> {
        let words: Vec<String> = words.iter().map(|word| joined(word)).collect();
        let automaton = automaton(&words).map_err(|err| DataFiles::bad(FILE, err))?;
        let bit = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(words);
        Ok(Words { automaton, bit })
    }
}

impl Marks {
    /// Reads `site.toml`, `kinds.toml` and `residue.toml`.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: SiteFile = data.read(FILE)?;
        let residue: ResidueFile = data.read("residue.toml")?;
        let (mut owners, mut words) = (Vec::new(), Vec::new());
        for (index, entry) in residue.residue.iter().enumerate() {
            owners.extend(entry.words.iter().map(|_| index));
            words.extend(entry.words.iter().cloned());
        }
        let (voice, sell, marks) = (file.voice, file.sell, file.marks);
        let mut sets = Sets::default();
        let kinds = super::kind::Words::load(data, &mut sets)?;
        let mut ready = |words: &[String]| sets.add(words);
        Ok(Self {
            limits: file.limits,
            reported: ready(&voice.reported)?,
            reported_clause: ready(&voice.reported_clause)?,
            advice: ready(&voice.advice)?,
            quotations: ready(&quotation_marks())?,
            own: ready(&voice.own)?,
            told_headings: ready(&voice.told_headings)?,
            question_openings: voice.question_openings,
            answer_openings: voice.answer_openings,
            question_words: ready(&voice.question_words)?,
            venues: ready(&sell.venues)?,
            comment_headings: ready(&marks.comment_headings)?,
            goods: ready(&sell.goods)?,
            weak: sell
                .goods
                .iter()
                .map(|word| kinds.is_weak(&joined(word)))
                .collect(),
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
            joining: ready(&sell.joining)?,
            discount: Pattern::new(&sell.discount).map_err(|err| DataFiles::bad(FILE, err))?,
            price: Pattern::new(&sell.price).map_err(|err| DataFiles::bad(FILE, err))?,
            documentation_titles: ready(&marks.documentation_titles)?,
            notices: voice.notices,
            instructs: ready(&voice.instructs)?,
            matcher: Matcher::load(data, &sets.0)?,
            product_links: automaton(&sell.links).map_err(|err| DataFiles::bad(FILE, err))?,
            sell,
            drawn: file.drawn,
            article_types: marks.article_types,
            forum_hosts: marks.forum_hosts,
            documentation_hosts: marks.documentation_hosts,
            kinds,
        })
    }

    /// The one matcher of all words.
    pub(super) fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// No hits yet of a page.
    pub(super) fn page_hits(&self) -> PageHits {
        self.matcher.page()
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

    /// Whether a sentence begins as questions in lists of questions do.
    pub fn opens_question(&self, sentence: &str) -> bool {
        begins(sentence, &self.question_openings)
    }

    /// Whether what follows a question begins as an answer.
    pub fn opens_answer(&self, rest: &str) -> bool {
        begins(rest, &self.answer_openings)
    }

    /// Whether a sentence holds a word of asking.
    pub fn is_question(&self, sentence: &str) -> bool {
        self.question_words.is_match(sentence)
    }

    /// Whether the site speaks of itself in a sentence.
    pub fn is_first_person(&self, sentence: &str) -> bool {
        self.own.is_match(sentence)
    }

    /// Whether a line is long prose.
    pub fn is_prose(&self, line: &Line) -> bool {
        line.part == Part::Text && line.chars >= self.limits.prose_chars && line.sentences
    }

    /// Whether a line is a whole sentence of running text.
    pub fn is_sentence(&self, line: &Line) -> bool {
        line.part == Part::Text
            && line.region != Region::Footer
            && line.chars >= self.limits.sentence_chars
            && line.joined.text().contains('。')
    }

    /// Ids of template residue, by number.
    pub fn residue_id(&self, index: usize) -> &str {
        self.residue_ids.get(index).map_or("", String::as_str)
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

    /// Whether a name or number is one that a program prints on every site.
    pub fn is_residue(&self, text: &str) -> bool {
        let text = joined(text);
        self.is_residue_at(&text, &(0..text.len()))
    }

    /// Whether a stretch of a text in joined form overlaps with what a program prints on every site.
    pub fn is_residue_at(&self, text: &str, range: &Range<usize>) -> bool {
        let found = self.residue_in(text).into_iter();
        let mut found = found.filter(|(_, index)| !self.residue_id(*index).starts_with('_'));
        found.any(|(at, _)| at.start < range.end && range.start < at.end)
    }

    /// The part of a line's sets that its words of residue are.
    pub(super) fn has_residue(&self, sets: u64) -> bool {
        sets & (1 << self.residue.bit) != 0
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
}

fn begins(text: &str, openings: &[String]) -> bool {
    let text = text.trim_start();
    openings.iter().any(|opening| text.starts_with(opening.as_str()))
}
