//! Signs: words of which a text must hold one, looked for at little cost, since most texts hold none.
//!
//! First the letters of a text are asked for those of each word, which is a matter of bits; only a text that has all letters
//! of some word is searched. Says nothing of where a word stands or what it means.

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use crate::text::{Letters, Normal};

/// Words to be looked for, in normal form.
#[derive(Debug)]
pub(crate) struct Signs {
    /// The letters of each word.
    letters: Vec<Letters>,
    /// Letters of which every word holds one; nothing when a word has none.
    needed: Option<Letters>,
    words: AhoCorasick,
}

impl Signs {
    /// Signs whose case counts.
    pub(crate) fn new<W: AsRef<str>>(words: &[W]) -> Result<Self, BuildError> {
        Self::build(words, false)
    }

    /// Signs in upper and lower case.
    pub(crate) fn of_either_case<W: AsRef<str>>(words: &[W]) -> Result<Self, BuildError> {
        Self::build(words, true)
    }

    fn build<W: AsRef<str>>(words: &[W], either_case: bool) -> Result<Self, BuildError> {
        let texts = words.iter().map(AsRef::as_ref);
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(either_case)
            // Any will do, and the leftmost is looked for faster.
            .match_kind(MatchKind::LeftmostFirst)
            .build(texts.clone())?;
        Ok(Self {
            letters: texts.clone().map(Letters::of).collect(),
            needed: needed(&texts.collect::<Vec<_>>()),
            words,
        })
    }

    /// Whether a text has the letters of one of the words. Where it has not, none stands in it.
    pub(crate) fn may_be_in(&self, text: &Normal) -> bool {
        let letters = text.letters();
        self.needed.is_none_or(|needed| letters.meets(&needed))
            && self.letters.iter().any(|word| letters.holds(word))
    }

    /// Whether one of the words stands in a text.
    pub(crate) fn are_in(&self, text: &Normal) -> bool {
        self.may_be_in(text) && self.words.is_match(text.text())
    }
}

/// Few letters of which every word holds one: of each word the one that most words hold.
fn needed(words: &[&str]) -> Option<Letters> {
    let holding = |c: &char| words.iter().filter(|word| word.contains(*c)).count();
    let each = words.iter().map(|word| word.chars().max_by_key(holding));
    each.collect::<Option<String>>()
        .map(|letters| Letters::of(&letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_seen_wherever_it_stands() {
        let signs = Signs::of_either_case(&["(c)", "版权", "reserved"]).unwrap();
        for (text, seen) in [
            ("(C) 2024", true),
            ("某某店版权所有", true),
            ("All Rights RESERVED", true),
            ("权版", false),
            ("c", false),
            ("", false),
        ] {
            let normal = Normal::of(text);
            assert_eq!(signs.are_in(&normal), seen, "{text}");
        }
        assert!(!Signs::new(&["Z2"]).unwrap().are_in(&Normal::of("z2")));
    }

    #[test]
    fn no_words_are_nowhere() {
        let none = Signs::new::<&str>(&[]).unwrap();
        assert!(!none.are_in(&Normal::of("a")));
    }
}
