//! Letters: what each odd letter is read as, by `data/letters.toml` and `data/traditional.toml`.
//!
//! Takes single letters and gives single answers; what stands around a letter is the business of its callers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// First letter of the main block of Han letters, …
const MAIN_BLOCK: u32 = 0x4e00;
/// … and how many places it has.
const MAIN_LETTERS: u32 = 0x5200;

/// The tables of both files.
#[derive(Debug)]
struct Tables {
    /// Traditional letter → simplified letter.
    simplified: BTreeMap<char, char>,
    signs: BTreeMap<char, String>,
    serial_signs: BTreeMap<char, char>,
    look_alikes: BTreeMap<char, char>,
    flag_words: BTreeSet<String>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let own: LetterFile = toml::from_str(include_str!("../../data/letters.toml"))
        .expect("data/letters.toml is built in and read by a test");
    let table: PairFile = toml::from_str(include_str!("../../data/traditional.toml"))
        .expect("data/traditional.toml is built in and read by a test");
    Tables {
        simplified: pairs(&table.pairs).chain(pairs(&own.pairs)).collect(),
        signs: entries(&own.signs)
            .map(|(sign, text)| (sign, text.to_owned()))
            .collect(),
        serial_signs: pairs(&own.serial_signs).collect(),
        look_alikes: pairs(&own.look_alikes).collect(),
        flag_words: own.flag_words.into_iter().collect(),
    }
});

/// The simplified letter of every letter of the main block: asked for every letter of a page.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let block = (MAIN_BLOCK..MAIN_BLOCK + MAIN_LETTERS).filter_map(char::from_u32);
    block
        .map(|c| TABLES.simplified.get(&c).copied().unwrap_or(c))
        .collect()
});

/// Which letters of the main block are simplified ones already, a bit each: asked for every letter of a page, and small
/// enough to stay at hand where the table above does not.
static ARE_SIMPLIFIED: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let words = SIMPLIFIED.chunks(64).zip((MAIN_BLOCK..).step_by(64));
    words
        .map(|(letters, first)| {
            let same = letters.iter().zip(first..).enumerate();
            let same = same.filter(|(_, (letter, code))| u32::from(**letter) == *code);
            same.fold(0, |bits, (at, _)| bits | 1 << at)
        })
        .collect()
});

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LetterFile {
    pairs: Vec<String>,
    signs: Vec<String>,
    serial_signs: Vec<String>,
    look_alikes: Vec<String>,
    flag_words: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PairFile {
    pairs: Vec<String>,
}

/// What stands in lines of entries: a letter, and what it is read as.
fn entries(lines: &[String]) -> impl Iterator<Item = (char, &str)> {
    let words = lines.iter().flat_map(|line| line.split_whitespace());
    words.filter_map(|entry| {
        let mut letters = entry.chars();
        Some((letters.next()?, letters.as_str()))
    })
}

fn pairs(lines: &[String]) -> impl Iterator<Item = (char, char)> {
    entries(lines).filter_map(|(from, to)| Some((from, to.chars().next()?)))
}

/// The simplified letter of a Han letter of the main block; any other letter as it is.
pub(super) fn simplified(c: char) -> char {
    let at = usize::try_from(u32::from(c).wrapping_sub(MAIN_BLOCK)).unwrap_or(usize::MAX);
    SIMPLIFIED.get(at).copied().unwrap_or(c)
}

/// Whether a Han letter of the main block is its own simplified letter.
pub(super) fn is_simplified(c: char) -> bool {
    let at = u32::from(c).wrapping_sub(MAIN_BLOCK);
    let word = usize::try_from(at / 64)
        .ok()
        .and_then(|word| ARE_SIMPLIFIED.get(word));
    word.is_some_and(|bits| bits & (1 << (at % 64)) != 0)
}

/// What a sign stands for wherever it is: `❶`, `🆀`, `➕`.
pub(super) fn sign(c: char) -> Option<&'static str> {
    TABLES.signs.get(&c).map(String::as_str)
}

/// What a sign stands for beside another one of its kind: `⑴`, `⒈`, `⒬`.
pub(super) fn serial_sign(c: char) -> Option<char> {
    TABLES.serial_signs.get(&c).copied()
}

/// The Latin letter that a letter of another script looks like.
pub(super) fn look_alike(c: char) -> Option<char> {
    TABLES.look_alikes.get(&c).copied()
}

/// Whether flag letters spell this word, rather than a country's flag.
pub(super) fn is_flag_word(word: &str) -> bool {
    TABLES.flag_words.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::is_han;

    #[test]
    fn the_bits_say_what_the_table_says() {
        for c in (MAIN_BLOCK..MAIN_BLOCK + MAIN_LETTERS).filter_map(char::from_u32) {
            assert_eq!(is_simplified(c), simplified(c) == c, "{c}");
        }
        assert!(!is_simplified('a') && !is_simplified('\u{a000}'));
    }

    #[test]
    fn no_letter_is_folded_twice() {
        assert!(TABLES.simplified.len() > 2500);
        for (from, to) in &TABLES.simplified {
            assert!(
                !TABLES.simplified.contains_key(to) && is_han(*from) && is_han(*to),
                "{from}{to}"
            );
        }
    }

    /// Letters that the other direction of the table writes, and that are left alone or have another simplified form, too.
    const LEFT: &str = "帳瞭讎剋祇賙伕牠牴暱瀋穭揹諮鉅鍊鍾鏇餘麼";

    #[test]
    fn all_simplified_letters_fold_from_how_traditional_text_writes_them() {
        let written = include_str!("written_traditional.txt");
        let lines: Vec<String> = written.lines().skip(1).map(str::to_owned).collect();
        let mut count = 0;
        for (shown, read) in pairs(&lines).filter(|(shown, _)| !LEFT.contains(*shown)) {
            assert_eq!(simplified(shown), read, "{shown}");
            count += 1;
        }
        assert!(count > 2400, "{count}");
    }

    #[test]
    fn no_letter_has_two_readings_and_every_reading_is_plain() {
        let files = [
            include_str!("../../data/letters.toml"),
            include_str!("../../data/traditional.toml"),
        ];
        let own: LetterFile = toml::from_str(files[0]).unwrap();
        let table: PairFile = toml::from_str(files[1]).unwrap();
        let lists = [
            own.pairs,
            table.pairs,
            own.signs,
            own.serial_signs,
            own.look_alikes,
        ];
        let mut known = BTreeSet::new();
        for (letter, text) in lists.iter().flat_map(|list| entries(list)) {
            assert!(known.insert(letter), "{letter}");
            assert!(
                !text.is_empty() && text.chars().all(|c| c.is_ascii() || is_han(c)),
                "{letter}{text}"
            );
        }
    }
}
