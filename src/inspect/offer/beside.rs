//! Beside: words that touch a number, kept by the letter with which they touch it.
//!
//! A number has some three hundred words that may stand before or behind it, and nearly always none of them does: one
//! look at the neighbouring letter tells. Knows no meanings; these are its callers'.

/// Words by their last letter, or by their first one, each with what it means. Of those with the same letter the order is kept.
#[derive(Debug)]
pub(super) struct Beside<T> {
    list: Vec<(char, String, T)>,
    /// The letters as bits, several to a bit: most letters are told to be none of them without a search.
    bits: u64,
}

impl<T: Copy> Beside<T> {
    /// Words that end where a number begins.
    pub(super) fn before(words: impl IntoIterator<Item = (String, T)>) -> Self {
        Self::by(words, |word| word.chars().next_back())
    }

    /// Words that begin where a number ends.
    pub(super) fn behind(words: impl IntoIterator<Item = (String, T)>) -> Self {
        Self::by(words, |word| word.chars().next())
    }

    fn by(words: impl IntoIterator<Item = (String, T)>, letter: impl Fn(&str) -> Option<char>) -> Self {
        let words = words.into_iter();
        let mut list: Vec<(char, String, T)> = words
            .filter_map(|(word, meaning)| Some((letter(&word)?, word, meaning)))
            .collect();
        list.sort_by_key(|(letter, ..)| *letter);
        let bits = list.iter().fold(0, |bits, (letter, ..)| bits | bit(*letter));
        Self { list, bits }
    }

    /// The letters with which they touch it.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        self.list.iter().map(|(letter, ..)| *letter)
    }

    fn with(&self, letter: Option<char>) -> impl Iterator<Item = (&str, T)> {
        let letter = letter.filter(|letter| self.bits & bit(*letter) != 0);
        let from = letter.map_or(self.list.len(), |letter| {
            self.list.partition_point(|(other, ..)| *other < letter)
        });
        let list = self.list.get(from..).unwrap_or_default().iter();
        list.take_while(move |(other, ..)| Some(*other) == letter)
            .map(|(_, word, meaning)| (word.as_str(), *meaning))
    }

    /// The words that a text ends with, each with what stands before it.
    pub(super) fn ending<'t>(&self, text: &'t str) -> impl Iterator<Item = (&str, T, &'t str)> {
        self.with(text.chars().next_back())
            .filter_map(move |(word, meaning)| Some((word, meaning, text.strip_suffix(word)?)))
    }

    /// The words that a text begins with, each with what stands behind it.
    pub(super) fn beginning<'t>(&self, text: &'t str) -> impl Iterator<Item = (&str, T, &'t str)> {
        self.with(text.chars().next())
            .filter_map(move |(word, meaning)| Some((word, meaning, text.strip_prefix(word)?)))
    }

    /// Whether a text begins with one.
    pub(super) fn begins(&self, text: &str) -> bool {
        self.beginning(text).next().is_some()
    }
}

/// The bit of a letter; neighbours in the code table have different ones.
fn bit(letter: char) -> u64 {
    1 << (u32::from(letter) & 63)
}
