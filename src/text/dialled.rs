//! Dialled: the form in which numbers of contacts are digits, however they were spelled.
//!
//! `一三八❤零零…` is how shops write a number that filters shall not see. Only rows of several digits are touched, since
//! Han numerals are words, too; prices and years are read from the other forms.

use std::ops::Range;

use super::letters::numeral;
use super::{Form, Letters, Normal, is_picture};

/// Fewest digits in a row that are taken for a number: the shortest QQ numbers have five.
const MIN_DIGITS: usize = 5;

impl Normal {
    /// The form for numbers of contacts: where at least five digits stand in a row, Han numerals among them are digits and
    /// single emoji between them are gone. The text itself where that changes nothing.
    #[must_use]
    pub fn dialled(&self) -> Self {
        if !is_spelled(self.text().chars()) {
            return self.clone();
        }
        let letters: Vec<(char, Range<usize>)> = self.chars().collect();
        let (mut form, mut at, mut changed) = (Form::default(), 0, false);
        while at < letters.len() {
            let (length, digits) = row(letters.iter().skip(at).map(|(c, _)| *c));
            let row = letters.iter().skip(at).take(length.max(1));
            let spelled = digits >= MIN_DIGITS && is_spelled(row.clone().map(|(c, _)| *c));
            changed |= spelled;
            for (c, source) in row {
                let shown = if spelled { digit(*c) } else { Some(*c) };
                if let Some(c) = shown {
                    form.push(c, source.clone());
                }
            }
            at += length.max(1);
        }
        if !changed {
            return self.clone();
        }
        let letters = Letters::of(&form.text);
        self.with(form, letters)
    }
}

/// Whether a digit spelled out, or a picture, stands behind another digit. "群二12345" is the second group.
fn is_spelled(mut letters: impl Iterator<Item = char>) -> bool {
    let mut before = ' ';
    letters.any(|c| {
        let odd = !c.is_ascii() && digit(before).is_some() && (numeral(c).is_some() || is_picture(c));
        before = c;
        odd
    })
}

fn digit(c: char) -> Option<char> {
    if c.is_ascii_digit() { Some(c) } else { numeral(c) }
}

/// How long a row of digits is, with the single pictures between them, and how many digits it has.
fn row(letters: impl Iterator<Item = char>) -> (usize, usize) {
    let (mut length, mut digits, mut skipped) = (0, 0, 0);
    for (at, c) in letters.enumerate() {
        if digit(c).is_some() {
            (length, digits, skipped) = (at + 1, digits + 1, 0);
        } else if is_picture(c) && skipped == 0 && digits > 0 {
            skipped = 1;
        } else {
            break;
        }
    }
    (length, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_spelled_digits_become_digits_and_all_else_stays() {
        for (shown, dialled) in [
            ("电话:一三八零零一三八零零零", "电话:13800138000"),
            ("QQ：壹贰叁肆伍陆 微信", "QQ:123456 微信"),
            ("QQ 1❤2❤3❤4❤5❤6", "QQ 123456"),
            ("幺三八〇〇1234五六", "13800123456"),
            ("1️⃣3️⃣8️⃣0️⃣0️⃣", "13800"),
            ("群二12345678", "群二12345678"),
            ("二〇二六年", "二〇二六年"),
            ("一二级代理，三五个", "一二级代理,三五个"),
            ("评分 5⭐4⭐", "评分 5⭐4⭐"),
            ("12345 元⭐67890", "12345 元⭐67890"),
            ("12345❤", "12345❤"),
        ] {
            assert_eq!(Normal::of(shown).dialled().text(), dialled, "{shown}");
        }
    }

    #[test]
    fn a_number_is_quoted_as_it_was_spelled() {
        let normal = Normal::of("加微信 一三八❤零零一三八零零零").dialled();
        let at = normal.text().find("13800138000").unwrap();
        assert_eq!(normal.original(at..at + 11), "一三八❤零零一三八零零零");
    }

    proptest::proptest! {
        #[test]
        fn every_place_maps_back_and_a_second_time_changes_nothing(text in "[一二三零〇0-9❤★ 充值:]{0,40}") {
            let once = Normal::of(&text).dialled();
            proptest::prop_assert!(once.chars().all(|(_, source)| text.get(source).is_some()));
            let twice = Normal::of(once.text()).dialled();
            proptest::prop_assert_eq!(twice.text(), once.text());
        }
    }
}
