//! Spoken: numbers that are written in words of digits (壹伍肆 零零零贰) to slip past filters, put back into digits.
//!
//! Takes `[spoken]` of `data/contact.toml` and the normal form of a line; gives the line with such runs in digits, or nothing when
//! it holds none. It reads digit by digit: amounts with tens and hundreds (五十) are no such runs.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::{Letters, Normal};

/// `[spoken]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSpoken {
    /// The letters of each digit, from 0.
    digits: Vec<String>,
    /// Fewest letters that are a number.
    least: usize,
}

/// Reads numbers written in words.
#[derive(Debug)]
pub(super) struct Spoken {
    digits: BTreeMap<char, char>,
    /// All letters of digits: a line without them need not be walked through, …
    letters: Letters,
    /// … and whether one ends in this byte of its code: few others do.
    endings: [bool; 256],
    least: usize,
}

impl Spoken {
    /// Makes the table ready.
    pub(super) fn new(raw: &RawSpoken) -> Self {
        let digits = raw.digits.iter().zip('0'..='9');
        let letters = raw.digits.concat();
        let mut endings = [false; 256];
        letters.chars().for_each(|c| endings[ending(c)] = true);
        Self {
            digits: digits
                .flat_map(|(letters, digit)| letters.chars().map(move |letter| (letter, digit)))
                .collect(),
            letters: Letters::of(&letters),
            endings,
            least: raw.least,
        }
    }

    /// The text with numbers in words turned into digits; nothing when there are none.
    pub(super) fn read(&self, line: &Normal) -> Option<String> {
        let text = line.text();
        if !line.letters().meets(&self.letters) || !self.may_have_run(text) || !self.has_run(text) {
            return None;
        }
        let (mut whole, mut run) = (String::with_capacity(text.len()), String::new());
        let mut turned = false;
        for c in text.chars() {
            if self.digits.contains_key(&c) || (c == ' ' && !run.is_empty()) {
                run.push(c);
                continue;
            }
            turned |= self.close(&mut run, &mut whole);
            whole.push(c);
        }
        turned |= self.close(&mut run, &mut whole);
        turned.then_some(whole)
    }

    /// Whether a run that is a number may stand in a text: by a look at every `least`-th letter, since every such run holds
    /// one of these. It is a digit, or a blank with the run going on behind it.
    fn may_have_run(&self, text: &str) -> bool {
        let step = self.least.saturating_sub(1);
        let mut letters = text.chars();
        while let Some(c) = letters.nth(step) {
            let next = || letters.clone().next().unwrap_or_default();
            if self.is_digit(c) || (c == ' ' && (self.is_digit(next()) || next() == ' ')) {
                return true;
            }
        }
        false
    }

    fn is_digit(&self, c: char) -> bool {
        self.endings[ending(c)] && self.digits.contains_key(&c)
    }

    /// Whether a run that is a number stands in a text.
    fn has_run(&self, text: &str) -> bool {
        let mut run = 0;
        text.chars().any(|c| {
            if self.is_digit(c) {
                run += 1;
            } else if c != ' ' {
                run = 0;
            }
            run >= self.least
        })
    }

    /// Ends a run; says whether it was a number.
    fn close(&self, run: &mut String, whole: &mut String) -> bool {
        let is_number = run.chars().filter(|c| *c != ' ').count() >= self.least;
        if is_number {
            whole.extend(run.chars().map(|c| self.digits.get(&c).copied().unwrap_or(c)));
        } else {
            whole.push_str(run);
        }
        run.clear();
        is_number
    }
}

/// Last byte of a letter's code.
fn ending(c: char) -> usize {
    (u32::from(c) & 0xff) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_runs_of_digits_are_numbers() {
        let raw = RawSpoken {
            digits: [
                "零〇", "一壹", "二贰", "三", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖",
            ]
            .map(str::to_owned)
            .to_vec(),
            least: 4,
        };
        let spoken = Spoken::new(&raw);
        for (text, expected) in [
            ("手机壹伍肆 零零零贰 柒柒壹捌", Some("手机154 0002 7718")),
            ("扣扣 肆陆零玖 8812 07", Some("扣扣 4609 8812 07")),
            ("二〇二六", Some("2026")),
            ("三五折一百五十元", None),
            ("第一第二第三第四第五", None),
            ("", None),
        ] {
            assert_eq!(spoken.read(&Normal::of(text)).as_deref(), expected, "{text}");
        }
    }
}
