//! Look-alikes: letters of other scripts, and flag letters, that stand for Latin ones.
//!
//! Takes a text letter by letter and says which letters are to be read as others. A letter alone proves nothing: Russian
//! and Greek are written with the same ones. A word of nothing but look-alikes and Latin letters counts, where a
//! Latin letter is in it or Han letters, digits, `:` or `+` stand beside it. It changes no text itself.

use std::ops::Range;

use super::letters::{is_flag_word, look_alike};
use super::{is_decoration, is_han};

/// First of the flag letters, which stand for A to Z.
const FLAG_A: u32 = 0x1f1e6;

/// Whether a letter may stand for a Latin one.
pub(super) fn is_odd(c: char) -> bool {
    !c.is_ascii() && !is_han(c) && (flag_letter(c).is_some() || look_alike(c).is_some())
}

/// Whether a letter is of another script and looks like a Latin one.
pub fn is_look_alike(c: char) -> bool {
    !c.is_ascii() && look_alike(c).is_some()
}

fn flag_letter(c: char) -> Option<char> {
    let at = u8::try_from(u32::from(c).checked_sub(FLAG_A)?).ok()?;
    (at < 26).then_some(char::from(b'a' + at))
}

/// The Latin letters of a text's letters, where they stand for such.
pub(super) fn readings(letters: &[char]) -> Vec<char> {
    let mut read = letters.to_vec();
    let mut at = 0;
    while let Some(c) = letters.get(at) {
        let belongs: fn(char) -> bool = if flag_letter(*c).is_some() {
            |c| flag_letter(c).is_some()
        } else {
            is_word_letter
        };
        let rest = letters.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|c| belongs(**c)).count();
        let word = at..at + length;
        if length > 0 && is_meant(letters, &word) {
            for c in read.get_mut(word).into_iter().flatten() {
                *c = look_alike(*c).or_else(|| flag_letter(*c)).unwrap_or(*c);
            }
        }
        at += length.max(1);
    }
    read
}

fn is_word_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && !is_han(c) && c.is_alphabetic())
}

/// Whether a word is to be read with Latin letters.
fn is_meant(letters: &[char], word: &Range<usize>) -> bool {
    let inner = letters.get(word.clone()).unwrap_or_default();
    if inner.iter().any(|c| flag_letter(*c).is_some()) {
        return spells(inner);
    }
    let is_known = |c: &char| c.is_ascii() || look_alike(*c).is_some();
    if inner.iter().all(char::is_ascii) || !inner.iter().all(is_known) {
        return false;
    }
    // "α版" and "β测试" are words of Chinese; their capitals are not.
    let greek = |c: &char| matches!(c, 'α'..='ω');
    if inner.len() == 1 && inner.iter().all(greek) {
        return false;
    }
    inner.iter().any(char::is_ascii) || has_company(letters, word)
}

/// Whether flag letters spell something: flags come in pairs.
fn spells(flags: &[char]) -> bool {
    let word: String = flags.iter().take(3).filter_map(|c| flag_letter(*c)).collect();
    flags.len() % 2 == 1 || (flags.len() == 2 && is_flag_word(&word))
}

/// Whether what a number or a Chinese word is written with stands beside a word, over a blank or a picture at most.
fn has_company(letters: &[char], word: &Range<usize>) -> bool {
    let tells = |c: &char| is_han(*c) || c.is_ascii_digit() || matches!(c, ':' | '+');
    let skips = |c: &&char| !is_decoration(**c);
    let before = letters.get(..word.start).unwrap_or_default();
    let behind = letters.get(word.end..).unwrap_or_default();
    before.iter().rev().take(2).find(skips).is_some_and(tells)
        || behind.iter().take(2).find(skips).is_some_and(tells)
}
