//! Denial: whether the words around a phrase deny it (`data/negation.toml`): "本站不卖外挂", "严禁出售黑号、外挂", "外挂勿扰".
//!
//! Takes a line, the place of a phrase and which words of denial stand in the line, since most lines hold none. It does not
//! look beyond the sentence.

use std::cell::LazyCell;
use std::ops::Range;

use serde::Deserialize;

use super::{clause_of, join_all, sentence_of};
use crate::data::{DataError, DataFiles};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DenialFile {
    adjacent: Vec<String>,
    scoped: Vec<String>,
    throughout: Vec<String>,
    listing: Vec<String>,
    after: Vec<String>,
    not_denials: Vec<String>,
    reach_chars: usize,
    list_signs: Vec<char>,
}

/// How far a word denies.
#[derive(Debug, Clone, Copy)]
enum Reach {
    /// What follows at once.
    Adjacent,
    /// What follows within a few characters, or along an enumeration.
    Scoped,
    /// All that follows in the clause.
    Throughout,
    /// The list behind a colon, standing at the end of what is before it.
    Listing,
    /// What stands just before it.
    After,
}

/// Words that deny what stands beside them.
#[derive(Debug)]
pub(super) struct Denial {
    /// The words; one that denies in several ways stands here several times.
    pub(super) words: Vec<String>,
    /// How each of them denies.
    reaches: Vec<Reach>,
    /// Look like a denial and are none.
    not_denials: Vec<String>,
    /// How far a scoped denial reaches, in characters.
    reach_chars: usize,
    /// Signs that carry a denial on to the next item of a list.
    list_signs: Vec<char>,
}

impl Denial {
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: DenialFile = data.read("negation.toml")?;
        let (mut words, mut reaches) = (Vec::new(), Vec::new());
        for (reach, list) in [
            (Reach::After, file.after),
            (Reach::Adjacent, file.adjacent),
            (Reach::Throughout, file.throughout),
            (Reach::Listing, file.listing),
            (Reach::Scoped, file.scoped),
        ] {
            for word in ready(list) {
                words.push(word);
                reaches.push(reach);
            }
        }
        Ok(Self {
            words,
            reaches,
            not_denials: ready(file.not_denials),
            reach_chars: file.reach_chars,
            list_signs: file.list_signs,
        })
    }

    /// Whether the words around a place deny it. `known`: the numbers of the words that stand in the text, or more.
    pub(super) fn denies(
        &self,
        text: &str,
        range: &Range<usize>,
        known: impl Iterator<Item = usize>,
    ) -> bool {
        let clause = LazyCell::new(|| clause_of(text, range));
        let before = LazyCell::new(|| text.get(clause.start..range.start).unwrap_or_default());
        let head = LazyCell::new(|| head_of_list(text, range));
        let mut denied = false;
        for number in known {
            let (Some(word), Some(reach)) = (self.words.get(number), self.reaches.get(number)) else {
                continue;
            };
            denied |= match reach {
                Reach::After => {
                    let after = text.get(range.end..clause.end).unwrap_or_default();
                    if after.starts_with(word.as_str()) {
                        return true;
                    }
                    false
                }
                Reach::Adjacent => before.ends_with(word.as_str()),
                Reach::Throughout => before.contains(word.as_str()),
                Reach::Listing => head.is_some_and(|head| self.ends_near(head, word)),
                Reach::Scoped => self.reaches(&before, word),
            };
        }
        let looks = |word: &String| before.ends_with(word.as_str());
        denied && !self.not_denials.iter().any(looks)
    }

    /// Whether the last `word` stands at most the reach of a denial before the end of a text.
    fn ends_near(&self, text: &str, word: &str) -> bool {
        text.rsplit_once(word)
            .is_some_and(|(_, rest)| rest.chars().count() <= self.reach_chars)
    }

    /// Whether the last `word` in `before` reaches to its end.
    fn reaches(&self, before: &str, word: &str) -> bool {
        let Some(at) = before.rfind(word) else {
            return false;
        };
        let head = before.get(..at).unwrap_or_default();
        if self
            .not_denials
            .iter()
            .any(|look| look.ends_with(word) && head.ends_with(look.trim_end_matches(word)))
        {
            return false;
        }
        let between = before.get(at + word.len()..).unwrap_or_default();
        between.chars().count() <= self.reach_chars || between.contains(self.list_signs.as_slice())
    }
}

/// The clause before a colon earlier in the sentence, which may open a list of what is refused: "禁止发布：外挂、代刷".
fn head_of_list<'t>(text: &'t str, range: &Range<usize>) -> Option<&'t str> {
    let sentence = sentence_of(text, range);
    let before = text.get(sentence.start..range.start)?;
    let (head, _) = before.rsplit_once(':')?;
    head.rsplit([',', ':', '|']).next()
}

fn ready(mut list: Vec<String>) -> Vec<String> {
    join_all(&mut list);
    list.retain(|word| !word.is_empty());
    list
}
