//! How a number was oddly written, though it can be read.

use std::ops::Range;

use regex::Captures;

use super::reader::Reader;
use crate::text::{Normal, is_han, is_look_alike};

impl Reader<'_> {
    /// Codes of [`super::Icp::written`].
    pub(super) fn written(&self, captures: &Captures<'_>, range: Range<usize>) -> Vec<&'static str> {
        let shown = self.text.text().get(range.clone()).unwrap_or_default();
        let part = |name: &str| {
            captures
                .name(name)
                .filter(|part| part.end() <= range.end)
                .map(|part| part.as_str())
        };
        let original = self.text.original(range.clone());
        let letters = part("letters").unwrap_or_default().replace(' ', "");
        // Letters of other scripts are Latin ones in the normal form already.
        let looks_alike = original.chars().any(is_look_alike) || !letters.eq_ignore_ascii_case("icp");
        let is_wide = |c: char| ('\u{ff01}'..='\u{ff5e}').contains(&c) && c != '：' && !"（）".contains(c);
        let is_traditional = |c: char| is_han(c) && !Normal::of(c.encode_utf8(&mut [0; 4])).is_unchanged();
        [
            ("look_alike_letters", looks_alike),
            ("lower_case", letters.chars().any(|c| c.is_ascii_lowercase())),
            ("full_width", original.chars().any(is_wide)),
            ("traditional", original.chars().any(is_traditional)),
            ("spaces", shown.trim().contains(' ')),
            ("colon", shown.contains(':')),
            ("brackets", shown.contains('(')),
            (
                "long_word",
                part("word").is_some_and(|word| word.chars().count() > 1),
            ),
            (
                "no_sign",
                part("sign").is_none()
                    && part("late").is_none()
                    && !part("between").is_some_and(|between| between.contains('号')),
            ),
            (
                "suffix_misplaced",
                part("sign").is_none() && part("service").is_some() && part("late").is_some(),
            ),
        ]
        .iter()
        .filter(|(_, holds)| *holds)
        .map(|(code, _)| *code)
        .collect()
    }
}
