//! Lexicon: finds the phrases of one word file in text of normal form, and says which of them are denied there.
//!
//! Takes a `data/*.toml` of groups (`id`, `words`, `patterns`, what must stand near, what cancels) and one line of
//! text; gives hits in order of place. All words of a file are one automaton, patterns are linear-time.
//! A longer phrase of a `mask` group covers what it contains, so a good clause is read before the bad words in it.
//!
//! It knows nothing of pages and does not decide whether a phrase is the site's own: that is `inspect::reading`.

mod denial;
mod matcher;
mod spellings;
mod triggers;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use self::denial::Denial;
use self::matcher::{Denies, Sign};
pub use self::matcher::{Matcher, PageHits, SetWord};
use self::spellings::{Spellings, stands_alone};
use crate::data::{DataError, DataFiles};
use crate::text::{Normal, Pattern};

/// Part of a page that a group may be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Title of the document.
    Title,
    /// Visible text of any region.
    Text,
    /// Alternative texts of pictures.
    Image,
    /// Hints and buttons of forms.
    Form,
    /// Description, keywords and names in `<meta>`.
    Meta,
}

/// How far a sentence is looked for on either side of a place, in characters: keeps one endless line from costing
/// its length for every phrase in it.
const SENTENCE_REACH: usize = 240;

/// Most phrases that are weighed in one line. Lines are at most 16 KiB, some five thousand letters; one that holds more
/// is a flood, and weighing each costs a look at the sentence around it.
const MAX_HITS: usize = 256;

/// Parts in which a group is looked for when it names none: all that a visitor sees.
const SHOWN: [Part; 4] = [Part::Title, Part::Text, Part::Image, Part::Form];

/// One group of phrases, as written in a word file. Several groups may share an id.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What the phrases stand for; the inspector looks for this.
    pub id: String,
    /// Plain phrases, in any spelling that has the same normal form.
    #[serde(default)]
    pub words: Vec<String>,
    /// Further spellings of these; see `data/spellings.toml`. Filled in when they are loaded.
    #[serde(skip)]
    spelled: Vec<String>,
    /// Patterns over the joined lower-case form; a group named `v` narrows the hit.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// At least one of these stands in the same sentence.
    #[serde(default)]
    pub near: Vec<String>,
    /// None of these stands in the same sentence.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Whether a denial before or after cancels the phrase; true unless said otherwise.
    pub negatable: Option<bool>,
    /// Whether a hit covers the shorter hits of other groups inside it.
    #[serde(default)]
    pub mask: bool,
    /// Longest line, in characters, in which the phrases count.
    pub max_line: Option<usize>,
    /// Parts of the page; all shown ones when left out.
    pub parts: Option<Vec<Part>>,
}

impl Group {
    /// Its words and their further spellings, which must stand alone.
    fn all_words(&self) -> impl Iterator<Item = (&String, bool)> {
        let words = self.words.iter().map(|word| (word, false));
        words.chain(self.spelled.iter().map(|word| (word, true)))
    }
}

#[derive(Debug, Deserialize)]
struct WordFile {
    #[serde(default)]
    group: Vec<Group>,
}

/// A phrase found in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'l> {
    /// Id of its group.
    pub id: &'l str,
    /// Byte range in the joined form of the line.
    pub range: Range<usize>,
}

/// The phrases of one word file, ready to be looked for.
#[derive(Debug)]
pub struct Lexicon {
    groups: Vec<Group>,
    /// Group of every word of the automaton, and whether it must stand alone.
    owners: Vec<(usize, bool)>,
    words: AhoCorasick,
    patterns: Vec<Phrase>,
    denial: Denial,
    /// For each group what must stand near and what cancels.
    contexts: Vec<Context>,
    /// Tells whether the words of a [`Matcher`] are these.
    fingerprint: u64,
}

impl Lexicon {
    /// Reads the groups of a word file; other keys of the file are left to its inspector.
    pub fn load(data: &DataFiles, file: &str) -> Result<Self, DataError> {
        let groups = data.read::<WordFile>(file)?.group;
        Self::of(data, file, groups)
    }

    /// Builds a lexicon from groups; `file` is named in errors.
    pub fn of(data: &DataFiles, file: &str, groups: Vec<Group>) -> Result<Self, DataError> {
        let denial = Denial::load(data)?;
        let groups = prepared(data, groups)?;
        let (mut owners, mut words, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        for (index, group) in groups.iter().enumerate() {
            if group.words.iter().any(String::is_empty) {
                return Err(DataFiles::bad(
                    file,
                    format!("group `{}` has an empty word", group.id),
                ));
            }
            for (word, spelled) in group.all_words() {
                owners.push((index, spelled));
                words.push(word.as_str());
            }
            for pattern in &group.patterns {
                let pattern = Pattern::new(pattern).map_err(|err| DataFiles::bad(file, err))?;
                patterns.push(Phrase::of(index, pattern));
            }
        }
        let words = automaton(&words).map_err(|err| DataFiles::bad(file, err))?;
        let contexts: Result<_, _> = groups.iter().map(Context::of).collect();
        Ok(Self {
            contexts: contexts.map_err(|err| DataFiles::bad(file, err))?,
            fingerprint: fingerprint(&groups),
            groups,
            owners,
            words,
            patterns,
            denial,
        })
    }

    /// The phrases that stand in a line of text and are not denied there, in order of place.
    pub fn find(&self, text: &str, part: Part) -> Vec<Hit<'_>> {
        let mut found = self.raw(text);
        for pattern in &self.patterns {
            pattern.find(text, &mut found);
        }
        self.weigh(text, part, found, None)
    }

    /// The same for the lines of a page that a matcher has been through, with the number of the line. `line` gives the text
    /// and part of a line; nothing for a line that is not to be read.
    pub fn find_in<'t>(
        &self,
        matcher: &Matcher,
        hits: &PageHits,
        line: impl Fn(usize) -> Option<(&'t Normal, Part)>,
    ) -> Option<Vec<(usize, Hit<'_>)>> {
        let number = matcher.number(self)?;
        let (mut all, mut tried) = (Vec::new(), Vec::new());
        for (at, signs) in hits.lines(number) {
            let Some((line, part)) = line(at) else { continue };
            let mut found = Vec::new();
            tried.clear();
            for (_, sign) in signs {
                match sign {
                    Sign::Word(group, range) => found.push((*group, range.clone())),
                    Sign::Pattern(pattern) if !tried.contains(pattern) => {
                        tried.push(*pattern);
                        let pattern = self.patterns.get(*pattern);
                        if let Some(pattern) = pattern.filter(|known| known.pattern.may_be_in(line)) {
                            pattern.find(line.text(), &mut found);
                        }
                    }
                    Sign::Pattern(_) => {}
                }
            }
            if !found.is_empty() {
                let hits = self.weigh(line.text(), part, found, Some(hits.denials_in(at)));
                all.extend(hits.into_iter().map(|hit| (at, hit)));
            }
        }
        Some(all)
    }

    /// Keeps the phrases that count where they stand. `denials`: the words of denial in the text, if they are known.
    fn weigh(
        &self,
        text: &str,
        part: Part,
        mut found: Vec<(usize, Range<usize>)>,
        denials: Option<&[Denies]>,
    ) -> Vec<Hit<'_>> {
        found.retain(|(group, range)| !range.is_empty() && self.belongs(*group, text, part));
        if found.is_empty() {
            return Vec::new();
        }
        found.sort_by_key(|(group, range)| (range.start, range.end, *group));
        found.dedup();
        found.truncate(MAX_HITS);
        found.retain(|(group, range)| self.counts(*group, text, range, denials));
        let masks: Vec<Range<usize>> = found
            .iter()
            .filter(|(group, _)| self.is_mask(*group))
            .map(|(_, range)| range.clone())
            .collect();
        found
            .into_iter()
            .filter(|(group, range)| self.is_mask(*group) || !masks.iter().any(|mask| covers(mask, range)))
            .filter_map(|(group, range)| {
                Some(Hit {
                    id: self.groups.get(group)?.id.as_str(),
                    range,
                })
            })
            .collect()
    }

    /// Every word, whatever stands around it.
    fn raw(&self, text: &str) -> Vec<(usize, Range<usize>)> {
        self.words
            .find_overlapping_iter(text)
            .filter_map(|hit| {
                let (group, alone) = *self.owners.get(hit.pattern().as_usize())?;
                let counts = !alone || stands_alone(text, hit.start(), hit.end());
                counts.then_some((group, hit.range()))
            })
            .collect()
    }

    fn is_mask(&self, group: usize) -> bool {
        self.groups.get(group).is_some_and(|group| group.mask)
    }

    fn belongs(&self, group: usize, text: &str, part: Part) -> bool {
        let Some(group) = self.groups.get(group) else {
            return false;
        };
        let parts = group.parts.as_deref().unwrap_or(&SHOWN);
        parts.contains(&part)
            && group
                .max_line
                .is_none_or(|most| text.chars().take(most + 1).count() <= most)
    }

    fn counts(&self, index: usize, text: &str, range: &Range<usize>, denials: Option<&[Denies]>) -> bool {
        let (Some(group), Some(context)) = (self.groups.get(index), self.contexts.get(index)) else {
            return false;
        };
        if !context.fits(text, range) {
            return false;
        }
        if !group.negatable.unwrap_or(true) {
            return true;
        }
        match denials {
            Some(known) => !self
                .denial
                .denies(text, range, known.iter().map(|denies| denies.word)),
            None => !self.denial.denies(text, range, 0..self.denial.words.len()),
        }
    }
}

/// A pattern of a group.
#[derive(Debug)]
struct Phrase {
    group: usize,
    pattern: Pattern,
    /// Whether a part of it is the phrase, the rest being what must stand around.
    in_part: bool,
}

impl Phrase {
    fn of(group: usize, pattern: Pattern) -> Self {
        Self {
            group,
            in_part: pattern.capture_names().any(|name| name == Some("v")),
            pattern,
        }
    }

    fn find(&self, text: &str, found: &mut Vec<(usize, Range<usize>)>) {
        let group = self.group;
        if self.in_part {
            let caught = self.pattern.captures_iter(text).take(MAX_HITS);
            let whole = caught.filter_map(|caught| caught.name("v").or_else(|| caught.get(0)));
            found.extend(whole.map(|whole| (group, whole.range())));
        } else {
            let whole = self.pattern.find_iter(text).take(MAX_HITS);
            found.extend(whole.map(|whole| (group, whole.range())));
        }
    }
}

/// What a group asks of the sentence around its phrases.
#[derive(Debug)]
struct Context {
    near: Option<AhoCorasick>,
    unless: Option<AhoCorasick>,
}

impl Context {
    fn of(group: &Group) -> Result<Self, aho_corasick::BuildError> {
        let list = |words: &[String]| (!words.is_empty()).then(|| automaton(words)).transpose();
        Ok(Self {
            near: list(&group.near)?,
            unless: list(&group.unless)?,
        })
    }

    fn fits(&self, text: &str, range: &Range<usize>) -> bool {
        if self.near.is_none() && self.unless.is_none() {
            return true;
        }
        let sentence = text.get(sentence_of(text, range)).unwrap_or(text);
        self.near.as_ref().is_none_or(|near| near.is_match(sentence))
            && !self
                .unless
                .as_ref()
                .is_some_and(|unless| unless.is_match(sentence))
    }
}

/// Brings the words of groups to the form that lines are searched in.
fn prepared(data: &DataFiles, mut groups: Vec<Group>) -> Result<Vec<Group>, DataError> {
    let spellings = Spellings::load(data)?;
    for group in &mut groups {
        for list in [&mut group.words, &mut group.near, &mut group.unless] {
            join_all(list);
        }
        group.spelled = spellings.of(&group.words);
    }
    Ok(groups)
}

fn fingerprint(groups: &[Group]) -> u64 {
    let mut hasher = DefaultHasher::new();
    groups.hash(&mut hasher);
    hasher.finish()
}

/// An automaton over words that are in the joined form already; every occurrence counts.
pub fn automaton<W: AsRef<[u8]>>(words: &[W]) -> Result<AhoCorasick, aho_corasick::BuildError> {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .build(words)
}

/// A word in the form that lines are searched in.
pub fn joined(word: &str) -> String {
    Normal::of(word).joined().text().trim().to_owned()
}

/// Brings words to the form that lines are searched in.
pub fn join_all(words: &mut [String]) {
    for word in words {
        *word = joined(word);
    }
}

/// What stands before and behind a place, at most `reach` characters of each.
pub fn around<'t>(text: &'t str, range: &Range<usize>, reach: usize) -> (&'t str, &'t str) {
    let head = text.get(..range.start).unwrap_or_default();
    let tail = text.get(range.end..).unwrap_or_default();
    // Most lines are shorter than that in bytes already.
    let from = if head.len() <= reach {
        0
    } else {
        let mut letters = head.char_indices().rev();
        letters.nth(reach.saturating_sub(1)).map_or(0, |(at, _)| at)
    };
    let to = if tail.len() <= reach {
        tail.len()
    } else {
        tail.char_indices().nth(reach).map_or(tail.len(), |(at, _)| at)
    };
    (
        head.get(from..).unwrap_or_default(),
        tail.get(..to).unwrap_or_default(),
    )
}

/// Whether `outer` holds `inner` and is longer.
fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && outer.len() > inner.len()
}

/// The sentence around a place.
pub fn sentence_of(text: &str, range: &Range<usize>) -> Range<usize> {
    between(text, range, |c| matches!(c, '。' | '!' | '?' | ';' | '\n'))
}

/// What stands in the sentence of a place before and behind it.
pub fn beside<'t>(text: &'t str, range: &Range<usize>) -> [&'t str; 2] {
    let sentence = sentence_of(text, range);
    [
        text.get(sentence.start..range.start).unwrap_or_default(),
        text.get(range.end..sentence.end).unwrap_or_default(),
    ]
}

/// The clause around a place: a sentence cut at commas and colons too, but not at enumeration commas.
pub fn clause_of(text: &str, range: &Range<usize>) -> Range<usize> {
    between(text, range, |c| {
        matches!(c, '。' | '!' | '?' | ';' | '\n' | ',' | ':' | '|')
    })
}

fn between(text: &str, range: &Range<usize>, ends: impl Fn(char) -> bool + Copy) -> Range<usize> {
    let (head, tail) = around(text, range, SENTENCE_REACH);
    let open = head.char_indices().rev().find(|(_, c)| ends(*c));
    let back = open.map_or(head.len(), |(at, c)| head.len() - at - c.len_utf8());
    let ahead = tail.find(ends).unwrap_or(tail.len());
    range.start - back..range.end + ahead
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = r#"
        [[group]]
        id = "good"
        mask = true
        patterns = ['未到账[^。;不]{0,6}退款']
        [[group]]
        id = "bad"
        words = ["不退款", "未到账", "外挂", "跑路"]
        [[group]]
        id = "fast"
        words = ["秒到账"]
        near = ["充值", "话费"]
        unless = ["贷款"]
        [[group]]
        id = "flat"
        words = ["概不退换"]
        negatable = false
        parts = ["text"]
        max_line = 20
    "#;

    fn ids(text: &str, part: Part) -> Vec<String> {
        let data = DataFiles::built_in().with("test.toml", WORDS);
        let lexicon = Lexicon::load(&data, "test.toml").unwrap();
        lexicon
            .find(&joined(text), part)
            .iter()
            .map(|hit| hit.id.to_owned())
            .collect()
    }

    #[test]
    fn words_count_only_where_their_group_lets_them() {
        for (text, part, expected) in [
            ("下单后不 退 款", Part::Text, vec!["bad"]),
            ("未到账全额退款", Part::Text, vec!["good"]),
            ("未到账概不处理", Part::Text, vec!["bad"]),
            ("话费充值秒到账", Part::Text, vec!["fast"]),
            ("提现秒到账", Part::Text, vec![]),
            ("充值。提现秒到账", Part::Text, vec![]),
            ("贷款充值秒到账", Part::Text, vec![]),
            ("本店概不退换", Part::Text, vec!["flat"]),
            ("本店概不退换", Part::Title, vec![]),
            (
                "本店的所有虚拟商品自售出之日起由于特殊原因概不退换",
                Part::Text,
                vec![],
            ),
            ("外挂充值秒到账", Part::Meta, vec![]),
        ] {
            assert_eq!(ids(text, part), expected, "{text}");
        }
    }

    #[test]
    fn a_denial_reaches_its_object_and_no_further() {
        for (text, counts) in [
            ("绝不跑路", false),
            ("本站不卖外挂", false),
            ("严禁出售黑号、木马、钓鱼工具、外挂", false),
            ("外挂勿扰", false),
            ("严禁骂人,出售外挂", true),
            ("出售外挂", true),
            ("差不多外挂", true),
            ("禁止发布:代练、账号租赁,外挂", false),
            ("禁止接入的商品:外挂", false),
            ("不支持退款。热卖:外挂", true),
            ("本店不会以任何理由要求您购买外挂", false),
            ("本店不会以任何理由拒绝,出售外挂", true),
        ] {
            assert_eq!(!ids(text, Part::Text).is_empty(), counts, "{text}");
        }
    }

    #[test]
    fn an_endless_line_is_searched_within_bounds() {
        let data = DataFiles::built_in().with("test.toml", WORDS);
        let lexicon = Lexicon::load(&data, "test.toml").unwrap();
        let hits = lexicon.find(&"外挂".repeat(200_000), Part::Text).len();
        assert_eq!(hits, MAX_HITS);
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_searched_without_panic(text in "(\\PC|[未到账退款不外挂秒充值,。;、]){0,80}") {
            static LEXICON: std::sync::LazyLock<Lexicon> = std::sync::LazyLock::new(|| {
                Lexicon::load(&DataFiles::built_in().with("test.toml", WORDS), "test.toml").unwrap()
            });
            let text = joined(&text);
            for hit in LEXICON.find(&text, Part::Text) {
                proptest::prop_assert!(text.get(hit.range).is_some());
            }
        }
    }
}
