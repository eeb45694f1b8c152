//! Amounts: the numbers of a line of text, and what each of them is by the signs and words beside it.
//!
//! Takes one line in the joined form and `data/offers.toml`; gives prices (`¥19.80`, `￥`, `12.80元`, a bare `19.80`, one
//! behind a sign of an icon font), face values, prices of others ("原价 20"), counters of stock and sales. One pass by hand:
//! it runs over every line of every page that holds a digit. It does not know whose amounts they are, nor what is sold.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;

use super::beside::Beside;
use crate::lexicon::join_all;
use crate::text::Letters;

/// Most amounts read from one line.
const MAX_AMOUNTS: usize = 200;
/// Longest number that is read, in bytes; longer ones are codes.
const MAX_DIGITS: usize = 12;
/// Longest word before a number that is looked for, in characters.
const LABEL_CHARS: usize = 13;

/// Words and signs beside numbers, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignWords {
    yuan_signs: Vec<String>,
    yuan_units: Vec<String>,
    not_yuan: Vec<String>,
    foreign_signs: Vec<String>,
    foreign_units: Vec<String>,
    not_after: Vec<String>,
    now: Vec<String>,
    face: Vec<String>,
    before: Vec<String>,
    other: Vec<String>,
    stock: Vec<String>,
    sold: Vec<String>,
    fillers: Vec<String>,
    ten_thousands: Vec<String>,
    thousands: Vec<String>,
    rates: Vec<String>,
    from: Vec<String>,
    each: Vec<String>,
    ranges: Vec<String>,
}

/// Words and signs beside numbers, ready for use.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "named as the keys of the file")]
pub(super) struct Signs {
    foreign_signs: Beside<()>,
    yuan_signs: Beside<()>,
    /// What a number is, the longest words first.
    labels: Beside<Label>,
    fillers: Beside<()>,
    ten_thousands: Beside<()>,
    thousands: Beside<()>,
    not_yuan: Beside<()>,
    yuan_units: Beside<()>,
    foreign_units: Beside<()>,
    rates: Beside<()>,
    from: Beside<()>,
    each: Beside<()>,
    not_after: Beside<()>,
    /// The letters with which all words begin that stand behind a number: nearly always none follows.
    behind: Letters,
    ranges: Vec<String>,
}

/// What the word before a number says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// No word of these.
    None,
    /// What is paid.
    Now,
    /// A face value.
    Face,
    /// An old price or somebody else's.
    Before,
    /// Money that is no price.
    Other,
    /// Pieces in stock.
    Stock,
    /// Pieces sold.
    Sold,
}

/// In what a number is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nothing says.
    None,
    /// Yuan.
    Yuan,
    /// Money of another country, or coins.
    Foreign,
}

/// One number of a line.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub(super) struct Amount {
    /// Byte range with label, signs and unit.
    pub(super) range: Range<usize>,
    /// Byte range of the number alone.
    pub(super) digits: Range<usize>,
    /// The number.
    pub(super) value: f64,
    /// What the word before it says.
    pub(super) label: Label,
    /// In what it is counted.
    pub(super) unit: Unit,
    /// Whether it could as well be part of a name: whole and without label, "100元" or "HKD 100".
    pub(super) soft: bool,
    /// Whether it is money.
    pub(super) money: bool,
    /// Whether only its two decimals say so.
    pub(super) bare: bool,
    /// Whether it says "this and more".
    pub(super) from: bool,
    /// Whether it is the price of one piece.
    pub(super) each: bool,
}

impl SignWords {
    /// Brings the words to the form that lines are read in, and to where they are looked for.
    pub(super) fn ready(mut self) -> Signs {
        for list in [
            &mut self.now,
            &mut self.face,
            &mut self.before,
            &mut self.other,
            &mut self.stock,
            &mut self.sold,
            &mut self.not_yuan,
        ] {
            join_all(list);
        }
        // Of words of the same length the later list has the last say.
        let labels = [
            (Label::Sold, self.sold),
            (Label::Stock, self.stock),
            (Label::Face, self.face),
            (Label::Now, self.now),
            (Label::Before, self.before),
            (Label::Other, self.other),
        ];
        let each = |(label, words): (Label, Vec<String>)| words.into_iter().map(move |word| (word, label));
        let mut labels: Vec<(String, Label)> = labels.into_iter().flat_map(each).collect();
        labels.retain(|(word, _)| word.chars().count() <= LABEL_CHARS);
        labels.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        let plain = |words: Vec<String>| words.into_iter().map(|word| (word, ()));
        let mut signs = Signs {
            behind: Letters::default(),
            foreign_signs: Beside::before(plain(self.foreign_signs)),
            yuan_signs: Beside::before(plain(self.yuan_signs)),
            labels: Beside::before(labels),
            fillers: Beside::before(plain(self.fillers)),
            ten_thousands: Beside::behind(plain(self.ten_thousands)),
            thousands: Beside::behind(plain(self.thousands)),
            not_yuan: Beside::behind(plain(self.not_yuan)),
            yuan_units: Beside::behind(plain(self.yuan_units)),
            foreign_units: Beside::behind(plain(self.foreign_units)),
            rates: Beside::behind(plain(self.rates)),
            from: Beside::behind(plain(self.from)),
            each: Beside::behind(plain(self.each)),
            not_after: Beside::behind(plain(self.not_after)),
            ranges: self.ranges,
        };
        let behind = [
            &signs.ten_thousands,
            &signs.thousands,
            &signs.not_yuan,
            &signs.yuan_units,
            &signs.foreign_units,
            &signs.rates,
            &signs.from,
            &signs.each,
            &signs.not_after,
        ];
        signs.behind = Letters::of(&behind.into_iter().flat_map(Beside::letters).collect::<String>());
        signs
    }
}

impl Signs {
    /// All amounts of a line, in order.
    pub(super) fn amounts<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Amount> + 't {
        let (mut from, mut least) = (0, 0);
        let next = move || loop {
            let rest = text.as_bytes().get(from..)?;
            let at = rest.iter().position(u8::is_ascii_digit)?;
            let digits = number(text, from + at);
            from = digits.end;
            if let Some(amount) = self.amount(text, digits, least) {
                from = from.max(amount.range.end);
                least = amount.range.end;
                return Some(amount);
            }
        };
        std::iter::from_fn(next).take(MAX_AMOUNTS)
    }

    /// Whether what stands between two prices makes them the ends of a range.
    pub(super) fn is_range(&self, between: &str) -> bool {
        self.ranges.iter().any(|sign| sign == between.trim())
    }

    /// The amount that a number is; `least`: where the one before it ended.
    fn amount(&self, text: &str, digits: Range<usize>, least: usize) -> Option<Amount> {
        let mut shown = Cow::Borrowed(text.get(digits.clone())?);
        if shown.contains(',') {
            shown = shown.replace(',', "").into();
        }
        if shown.len() > MAX_DIGITS {
            return None;
        }
        let value: f64 = shown.parse().ok()?;
        let decimals = shown.split_once('.').map_or(0, |(_, after)| after.len());
        let lead = text.get(least..digits.start)?;
        let (sign, before_sign) = self.sign(lead);
        let (label, before_label) = self.label(before_sign);
        let rest = text.get(digits.end..)?;
        let follows = self.may_follow(rest);
        let (times, rest_times) = if follows {
            self.times(rest)
        } else {
            (Times::One, rest)
        };
        let (unit, after) = if follows {
            self.unit(rest_times)
        } else {
            (Unit::None, rest)
        };
        let (from, each, after) = if follows {
            self.tail(after)
        } else {
            (false, false, rest)
        };
        let glued =
            sign == Sign::None && label == Label::None && lead.ends_with(|c: char| c.is_ascii_alphabetic());
        if glued {
            return None;
        }
        let counter = matches!(label, Label::Stock | Label::Sold);
        let counted = match (sign, unit) {
            (Sign::Foreign, _) | (Sign::None | Sign::Icon, Unit::Foreign) => Unit::Foreign,
            (Sign::Yuan, _) | (_, Unit::Yuan) => Unit::Yuan,
            _ => Unit::None,
        };
        let bare = decimals == 2 && times == Times::One && self.ends_well(rest) && begins_well(lead);
        let labelled =
            matches!(label, Label::Now | Label::Before | Label::Face | Label::Other) && self.ends_well(rest);
        let rate = unit != Unit::None && label == Label::None && self.rates.begins(after.trim_start());
        if rate {
            return None;
        }
        let plain = counted != Unit::None || sign == Sign::Icon || labelled;
        Some(Amount {
            range: least + before_label.len()..text.len() - after.len(),
            digits,
            value: value * times.factor(),
            label,
            unit: counted,
            soft: decimals == 0
                && label == Label::None
                && (counted == Unit::Foreign || (sign == Sign::None && unit == Unit::Yuan)),
            money: !counter && (plain || bare),
            bare: bare && !plain,
            from,
            each,
        })
    }

    /// Whether a word of those behind numbers may begin here.
    fn may_follow(&self, rest: &str) -> bool {
        let first = rest.trim_start().chars().next();
        first.is_some_and(|c| self.behind.meets(&Letters::of(c.encode_utf8(&mut [0; 4]))))
    }

    /// The sign of money before a number, and what stands before it.
    fn sign<'t>(&self, lead: &'t str) -> (Sign, &'t str) {
        let lead = lead.trim_end();
        if let Some(rest) = strip_any(lead, &self.foreign_signs) {
            return (Sign::Foreign, rest);
        }
        if let Some(rest) = strip_any(lead, &self.yuan_signs) {
            return (Sign::Yuan, rest);
        }
        let icon = |c: char| ('\u{e000}'..='\u{f8ff}').contains(&c);
        match lead.strip_suffix(icon) {
            Some(rest) => (Sign::Icon, rest),
            None => (Sign::None, lead),
        }
    }

    /// The word before a number, and what stands before that.
    fn label<'t>(&self, lead: &'t str) -> (Label, &'t str) {
        let mut rest = lead.trim_end();
        while let Some((.., shorter)) = self.fillers.ending(rest).next() {
            rest = shorter.trim_end();
        }
        match self.labels.ending(rest).next() {
            Some((_, label, kept)) => (label, kept),
            None => (Label::None, lead),
        }
    }

    fn times<'t>(&self, rest: &'t str) -> (Times, &'t str) {
        let after = rest.trim_start();
        let follows = |words: &Beside<()>| {
            let (.., found) = words.beginning(after).next()?;
            // "5w" is 50 000, "5win" is not.
            (!found.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(found)
        };
        if let Some(rest) = follows(&self.ten_thousands) {
            (Times::TenThousand, rest)
        } else if let Some(rest) = follows(&self.thousands) {
            (Times::Thousand, rest)
        } else {
            (Times::One, rest)
        }
    }

    fn unit<'t>(&self, rest: &'t str) -> (Unit, &'t str) {
        let after = rest.trim_start();
        if self.not_yuan.begins(after) {
            return (Unit::None, rest);
        }
        let follows = |words: &Beside<()>| {
            let (word, (), rest) = words.beginning(after).next()?;
            let latin = word.ends_with(|c: char| c.is_ascii_alphabetic());
            (!latin || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(rest)
        };
        if let Some(rest) = follows(&self.yuan_units) {
            (Unit::Yuan, rest)
        } else if let Some(rest) = follows(&self.foreign_units) {
            (Unit::Foreign, rest)
        } else {
            (Unit::None, rest)
        }
    }

    /// "起", "/个" behind a price.
    fn tail<'t>(&self, rest: &'t str) -> (bool, bool, &'t str) {
        let after = rest.trim_start();
        if let Some((.., rest)) = self.each.beginning(after).next() {
            (false, true, rest)
        } else if let Some((.., rest)) = self.from.beginning(after).next() {
            (true, false, rest)
        } else {
            (false, false, rest)
        }
    }

    /// Whether what follows a number without sign and unit lets it be money.
    fn ends_well(&self, rest: &str) -> bool {
        let after = rest.trim_start();
        let count = after.starts_with(|c: char| c.is_ascii_digit());
        !count && !self.not_after.begins(after)
    }
}

/// Whether what stands right before a bare number lets it be money: no version, date, range of hours or part of a code.
fn begins_well(lead: &str) -> bool {
    !lead.ends_with(|c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_' | '#' | '@' | '+' | '=')
    })
}

/// The sign of money before a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    None,
    Yuan,
    Foreign,
    /// A private-use letter: the ¥ of an icon font.
    Icon,
}

/// What a number is multiplied by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    One,
    Thousand,
    TenThousand,
}

impl Times {
    fn factor(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Thousand => 1e3,
            Self::TenThousand => 1e4,
        }
    }
}

/// The number that begins at a digit: `1,299.00`, `19.8`, `0571`.
fn number(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or_default().as_bytes();
    let digit = |at: usize| rest.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end)
        || (end > 0
            && rest.get(end) == Some(&b',')
            && (1..=3).all(|more| digit(end + more))
            && !digit(end + 4))
    {
        end += 1;
    }
    if rest.get(end) == Some(&b'.') && digit(end + 1) {
        end += 1;
        while digit(end) {
            end += 1;
        }
    }
    at..at + end
}

/// What a text is without one of these at its end; Latin ones only as whole words.
fn strip_any<'t>(text: &'t str, ends: &Beside<()>) -> Option<&'t str> {
    let mut found = ends.ending(text).filter(|(end, (), rest)| {
        let latin = end.starts_with(|c: char| c.is_ascii_alphabetic());
        !latin || !rest.ends_with(|c: char| c.is_ascii_alphanumeric())
    });
    found.next().map(|(.., rest)| rest)
}

/// Price over face value, rounded to three decimals; nothing when either is missing or the ratio cannot be stored.
pub(in crate::inspect) fn ratio(price: Option<f64>, face: Option<f64>) -> Option<f64> {
    let (price, face) = (price?, face?);
    let ratio = (price / face * 1000.0).round() / 1000.0;
    // A number of four hundred digits is infinite, and what is not finite cannot be stored.
    (face > 0.0 && price > 0.0 && ratio.is_finite()).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::inspect::DataFiles;
    use crate::lexicon::joined;

    static SIGNS: LazyLock<Signs> = LazyLock::new(|| {
        #[derive(Deserialize)]
        struct File {
            amount: SignWords,
        }
        DataFiles::built_in()
            .read::<File>("offers.toml")
            .unwrap()
            .amount
            .ready()
    });

    fn read(line: &str) -> Vec<String> {
        let text = joined(line);
        let shown = |amount: &Amount| {
            let kind = match (amount.money, amount.label) {
                (false, Label::Stock) => "stock",
                (false, Label::Sold) => "sold",
                (false, _) => "-",
                (true, Label::Now) => "now",
                (true, Label::Face) => "face",
                (true, Label::Before) => "before",
                (true, Label::Other) => "other",
                (true, _) => "money",
            };
            let more = if amount.unit == Unit::Foreign {
                " foreign"
            } else {
                ""
            };
            let from = if amount.from {
                " from"
            } else if amount.each {
                " each"
            } else {
                ""
            };
            format!("{kind} {}{more}{from}", amount.value)
        };
        SIGNS.amounts(&text).map(|amount| shown(&amount)).collect()
    }

    #[test]
    fn numbers_are_money_by_their_signs_units_labels_or_decimals() {
        for (line, expected) in [
            ("¥19.80", vec!["money 19.8"]),
            ("￥ 1,299", vec!["money 1299"]),
            ("12.80元", vec!["money 12.8"]),
            ("RMB 30", vec!["money 30"]),
            ("19.80", vec!["money 19.8"]),
            ("\u{e65e} 19.8", vec!["money 19.8"]),
            ("售价：55", vec!["now 55"]),
            ("库存：7", vec!["stock 7"]),
            ("已售 21 万", vec!["sold 210000"]),
            ("面值 ¥100 特价 ¥60", vec!["face 100", "now 60"]),
            ("原价 20 现价 15", vec!["before 20", "now 15"]),
            ("¥50.00（官方 100 元）", vec!["money 50", "before 100"]),
            ("HK$102", vec!["money 102 foreign"]),
            ("15 USDT", vec!["money 15 foreign"]),
            ("¥9.9起", vec!["money 9.9 from"]),
            ("0.95元/个", vec!["money 0.95 each"]),
            ("60元宝", vec!["- 60"]),
            ("9.50折", vec!["- 9.5"]),
            ("v3.14", vec![]),
            ("100个", vec!["- 100"]),
            ("2.50GB", vec!["- 2.5"]),
            ("满100减10元", vec!["other 100", "other 10"]),
            ("0571-5555 0123", vec!["- 571", "- 5555", "- 123"]),
            ("123456789012345678", vec![]),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read_without_panic(text in "(\\PC|[¥元万起价原售库存.,0-9 ]){0,60}") {
            let text = joined(&text);
            for amount in SIGNS.amounts(&text) {
                proptest::prop_assert!(text.get(amount.range.clone()).is_some(), "{text}");
                proptest::prop_assert!(text.get(amount.digits).is_some() && amount.value.is_finite());
            }
        }
    }
}
