//! Labels: the words that links are labelled with ("订单查询"), looked for in texts as they stand on the page.
//!
//! A page has hundreds of links and few of them bear such a word, so a text is brought into its normal form only when it may:
//! when it holds a letter that one of the words cannot do without, or a letter that may read as another.

use std::collections::BTreeSet;

use crate::lexicon::joined;
use crate::text::{Letters, is_han};

/// A list of words.
#[derive(Debug)]
pub(super) struct Labels {
    words: Vec<String>,
    /// Letters of which every word holds one; nothing when a word has no letters.
    needed: Option<Vec<char>>,
    /// All letters of all words.
    letters: BTreeSet<char>,
}

impl Labels {
    /// Makes a list ready.
    pub(super) fn of(words: &[String]) -> Self {
        let words: Vec<String> = words.iter().map(|word| joined(word)).collect();
        Self {
            needed: needed(&words),
            letters: words.iter().flat_map(|word| word.chars()).collect(),
            words,
        }
    }

    /// Whether one of the words stands in a text.
    pub(super) fn are_in(&self, text: &str) -> bool {
        if !self.may_be_in(text) {
            return false;
        }
        let text = joined(text);
        self.words.iter().any(|word| text.contains(word.as_str()))
    }

    /// Whether a text is one of the words.
    pub(super) fn hold(&self, text: &str) -> bool {
        !self.is_other(text) && self.may_be_in(text) && self.words.contains(&joined(text))
    }

    /// Whether a Han letter stands in a text that none of the words has, so that the text is none of them: no form of a text
    /// leaves such a letter out.
    fn is_other(&self, text: &str) -> bool {
        let read = text.chars().filter_map(Letters::read_alone);
        read.filter(|c| is_han(*c)).any(|c| !self.letters.contains(&c))
    }

    fn may_be_in(&self, text: &str) -> bool {
        let Some(needed) = &self.needed else {
            return true;
        };
        text.chars()
            .any(|c| Letters::read_alone(c).is_none_or(|c| needed.contains(&c)))
    }
}

/// Whether a word in joined form may stand in a text as it was written: by its first letter.
pub(super) fn may_hold(text: &str, word: &str) -> bool {
    let first = word.chars().find(|c| c.is_alphanumeric());
    let is_first = |c: char| Letters::read_alone(c).is_none_or(|c| first == Some(c));
    first.is_none() || text.chars().any(is_first)
}

/// Few letters of which every word holds one: always the one next that most of the words left hold.
fn needed(words: &[String]) -> Option<Vec<char>> {
    let letters = |word: &String| word.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut left: Vec<BTreeSet<char>> = words.iter().map(letters).collect();
    let mut needed = Vec::new();
    while !left.is_empty() {
        let holding = |c: char| left.iter().filter(|word| word.contains(&c)).count();
        let letters: BTreeSet<char> = left.iter().flatten().copied().collect();
        let most = letters.into_iter().max_by_key(|c| holding(*c))?;
        needed.push(most);
        left.retain(|word| !word.contains(&most));
    }
    Some(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        Labels::of(&["投诉", "订单 查询", "投诉表单", "Terms of"].map(str::to_owned))
    }

    #[test]
    fn labels_are_found_however_they_are_written() {
        for (text, is_in, is_it) in [
            ("投诉", true, true),
            (" 投 诉 ", true, true),
            ("投訴", true, true),
            ("我要投诉", true, false),
            ("訂單查詢", true, true),
            ("ＴＥＲＭＳ of use", true, false),
            ("投\u{200b}诉", true, true),
            ("立即购买", false, false),
            ("", false, false),
        ] {
            assert_eq!(labels().are_in(text), is_in, "{text}");
            assert_eq!(labels().hold(text), is_it, "{text}");
        }
        assert!(may_hold("我要投訴", "投诉") && may_hold("\u{1f150}", "a") && !may_hold("立即购买", "投诉"));
    }

    #[test]
    fn few_letters_tell_that_no_word_is_there() {
        let labels = labels();
        assert_eq!(labels.needed.as_ref().map(Vec::len), Some(3));
        assert!(!labels.may_be_in("立即购买 100元 VIP"));
    }

    proptest::proptest! {
        #[test]
        fn no_label_is_lost(text in "(投|诉|訴|訂|单|單|查询|ｔ|T|erms|OF| |·|ⓣ|т|\u{301}|\\PC){0,10}") {
            let labels = labels();
            let text_joined = joined(&text);
            let in_it = labels.words.iter().any(|word| text_joined.contains(word.as_str()));
            proptest::prop_assert_eq!(labels.are_in(&text), in_it);
            proptest::prop_assert_eq!(labels.hold(&text), labels.words.contains(&text_joined));
            for word in &labels.words {
                proptest::prop_assert!(!text_joined.contains(word.as_str()) || may_hold(&text, word));
            }
        }
    }
}
