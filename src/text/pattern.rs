//! Pattern: a regular expression that knows which letters every match of it holds, so that most lines need not be tried.
//!
//! What a match must hold is read off the expression's own syntax tree; nobody writes it down. A page has hundreds of
//! lines and there are hundreds of expressions: asking for letters first is what keeps their product small. It never
//! changes what is found (a property of the tests).

use std::ops::Deref;

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::Normal;

/// Most letters of a class that are told apart, …
const MOST_LETTERS: usize = 12;
/// … and most ways to match that are.
const MOST_WAYS: usize = 96;

/// The letters of a text as bits, several letters to a bit, cases alike; and how many digits it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Letters {
    bits: [u64; 4],
    digits: u32,
}

impl Letters {
    /// The letters of a text.
    pub fn of(text: &str) -> Self {
        let mut letters = Self::default();
        text.chars().for_each(|c| letters.add(c));
        letters
    }

    pub(super) fn add(&mut self, c: char) {
        let code = u32::from(c.to_ascii_lowercase());
        // Neighbours in the code table are not neighbours in words; a multiplication spreads both well.
        let place = if c.is_ascii() {
            code & 127
        } else {
            128 | (code.wrapping_mul(0x9e37_79b1) >> 25)
        };
        if let Some(bits) = self.bits.get_mut((place >> 6) as usize) {
            *bits |= 1 << (place & 63);
        }
        let digit = c.is_ascii_digit() || (!c.is_ascii() && !super::is_han(c) && c.is_numeric());
        self.digits = self.digits.saturating_add(u32::from(digit));
    }

    fn with(mut self, other: &Self) -> Self {
        for (bits, more) in self.bits.iter_mut().zip(other.bits) {
            *bits |= more;
        }
        self
    }

    /// Whether all letters of another text may be among these; where they may not, this text does not hold that one.
    pub fn holds(&self, other: &Self) -> bool {
        self.bits
            .iter()
            .zip(other.bits)
            .all(|(bits, needed)| bits & needed == needed)
    }

    /// Whether one of the letters of another text may be among these; where none may, none is.
    pub fn meets(&self, other: &Self) -> bool {
        self.bits
            .iter()
            .zip(other.bits)
            .any(|(bits, more)| bits & more != 0)
    }

    /// What a letter of a page reads as wherever it stands, in lower case; nothing when that takes a look at its neighbours
    /// or at tables. A text of such letters only has no others in any of its normal forms.
    pub fn read_alone(c: char) -> Option<char> {
        if c.is_ascii() {
            return Some(c.to_ascii_lowercase());
        }
        let read = super::at_once(c).or_else(|| super::is_plain(c).then_some(c))?;
        Some(read.to_ascii_lowercase())
    }

    /// How many digits there are, of any script and width.
    pub fn digits(&self) -> u32 {
        self.digits
    }

    fn is_empty(&self) -> bool {
        self.bits == [0; 4]
    }
}

/// A regular expression with the letters that its matches hold.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    /// Of one of these a match holds all letters; none when nothing is known.
    ways: Vec<Letters>,
    /// Of each of these a match holds one letter at least. Says more than the ways where these would be too many.
    each: Vec<Letters>,
    /// So many digits at least, …
    digits: u32,
    /// … and so many bytes.
    length: usize,
}

impl Pattern {
    /// Compiles an expression.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        let regex = Regex::new(text)?;
        let tree = regex_syntax::parse(text).unwrap_or_else(|_| Hir::empty());
        let ways = ways(&tree);
        Ok(Self {
            regex,
            ways: if ways.iter().any(Letters::is_empty) {
                Vec::new()
            } else {
                ways
            },
            each: each(&tree),
            digits: digits(&tree),
            length: tree.properties().minimum_len().unwrap_or_default(),
        })
    }

    /// Whether a text has the letters of a match. Where it has not, there is none.
    pub fn may_be_in(&self, text: &Normal) -> bool {
        text.text().len() >= self.length && self.may_hold(text.letters())
    }

    /// The same for a text whose letters are known.
    pub fn may_hold(&self, letters: &Letters) -> bool {
        letters.digits >= self.digits
            && self.each.iter().all(|some| letters.meets(some))
            && (self.ways.is_empty() || self.ways.iter().any(|way| letters.holds(way)))
    }

    /// How many digits every match holds at least.
    pub fn least_digits(&self) -> u32 {
        self.digits
    }
}

impl Deref for Pattern {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        &self.regex
    }
}

/// The letters of each way to match; an empty one says nothing.
fn ways(tree: &Hir) -> Vec<Letters> {
    let nothing = || vec![Letters::default()];
    match tree.kind() {
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => vec![Letters::of(text)],
            Err(_) => nothing(),
        },
        HirKind::Class(Class::Unicode(class)) => {
            let letters: usize = class
                .ranges()
                .iter()
                .map(regex_syntax::hir::ClassUnicodeRange::len)
                .sum();
            if letters > MOST_LETTERS || letters == 0 {
                return nothing();
            }
            let each = class
                .ranges()
                .iter()
                .flat_map(|range| range.start()..=range.end());
            let mut ways: Vec<Letters> = Vec::new();
            for c in each {
                let letters = Letters::of(c.encode_utf8(&mut [0; 4]));
                if !ways.contains(&letters) {
                    ways.push(letters);
                }
            }
            ways
        }
        HirKind::Repetition(part) if part.min > 0 => ways(&part.sub),
        HirKind::Capture(part) => ways(&part.sub),
        HirKind::Concat(parts) => parts.iter().map(ways).fold(nothing(), both),
        HirKind::Alternation(parts) => {
            let all = parts.iter().map(ways).collect::<Vec<_>>().concat();
            let telling = all.len() <= MOST_WAYS && !all.iter().any(Letters::is_empty);
            if telling { all } else { nothing() }
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) | HirKind::Repetition(_) => {
            nothing()
        }
    }
}

/// One after the other: the letters of both, as long as the ways are not too many.
fn both(first: Vec<Letters>, second: Vec<Letters>) -> Vec<Letters> {
    if first.len() * second.len() > MOST_WAYS {
        // The fewer ways, the more they say.
        return if first.len() <= second.len() && !first.iter().any(Letters::is_empty) {
            first
        } else {
            second
        };
    }
    let pair = |one: &Letters| second.iter().map(|other| one.with(other)).collect::<Vec<_>>();
    first.iter().flat_map(pair).collect()
}

/// The sets of letters of each of which every match holds one, from each part that stands in every match.
fn each(tree: &Hir) -> Vec<Letters> {
    match tree.kind() {
        HirKind::Capture(part) => each(&part.sub),
        HirKind::Repetition(part) if part.min > 0 => each(&part.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(each).collect(),
        HirKind::Alternation(_) | HirKind::Class(_) | HirKind::Literal(_) => {
            one_of(tree).map(|some| Letters::of(&some)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Letters of which every match holds one, as few as there are.
fn one_of(tree: &Hir) -> Option<String> {
    match tree.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let telling = text.chars().find(|c| super::is_han(*c));
            telling.or_else(|| text.chars().next()).map(String::from)
        }
        HirKind::Class(Class::Unicode(class)) => {
            let letters: usize = class
                .ranges()
                .iter()
                .map(regex_syntax::hir::ClassUnicodeRange::len)
                .sum();
            let each = class
                .ranges()
                .iter()
                .flat_map(|range| range.start()..=range.end());
            (1..=MOST_LETTERS).contains(&letters).then(|| each.collect())
        }
        HirKind::Repetition(part) if part.min > 0 => one_of(&part.sub),
        HirKind::Capture(part) => one_of(&part.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(one_of).min_by_key(String::len),
        HirKind::Alternation(parts) => parts.iter().map(one_of).collect(),
        _ => None,
    }
}

/// How many digits every match holds at least.
fn digits(tree: &Hir) -> u32 {
    match tree.kind() {
        HirKind::Literal(literal) => {
            let digits = literal.0.iter().filter(|byte| byte.is_ascii_digit()).count();
            u32::try_from(digits).unwrap_or(u32::MAX)
        }
        HirKind::Class(Class::Unicode(class)) => {
            let digit = |c: char| c.is_numeric() && !super::is_han(c);
            let mut ranges = class.ranges().iter();
            u32::from(ranges.all(|range| (range.start()..=range.end()).take(64).all(digit)))
        }
        HirKind::Repetition(part) => part.min.saturating_mul(digits(&part.sub)),
        HirKind::Capture(part) => digits(&part.sub),
        HirKind::Concat(parts) => parts.iter().map(digits).fold(0, u32::saturating_add),
        HirKind::Alternation(parts) => parts.iter().map(digits).min().unwrap_or_default(),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_without_the_letters_of_a_match_need_not_be_tried() {
        for (pattern, text, tried) in [
            ("公 ?网 ?安 ?备[0-9]{5,}", "京公网安备 11010502000001号", true),
            ("公 ?网 ?安 ?备[0-9]{5,}", "网络安全备案指南 2026", false),
            ("1[3-9]\\d{9}", "价格 13.80 库存 100", false),
            ("1[3-9]\\d{9}", "13812034456", true),
            ("(?i)(?:t\\.me|telegram)/x", "HTTPS://T.ME/X", true),
            ("(?i)(?:t\\.me|telegram)/x", "/goods/12.html", false),
            ("(?:微信|wx)\\s*[:：]", "微信: abc", true),
            ("(?:微信|wx)\\s*[:：]", "首页", false),
            ("[^a]*", "", true),
            ("(?:退款|)x?", "", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).unwrap().may_be_in(&Normal::of(text)),
                tried,
                "{pattern} {text}"
            );
        }
    }

    fn expression() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "b",
            "退款",
            "[ab退0]",
            "[0-9]",
            "\\d",
            "(?:ab|退)",
            ".",
            "款?",
            "0{2}",
            "(?:退款|0)+",
            "\\s*",
            "|",
            "(?i)",
        ]);
        prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_match_is_lost(expression in expression(), text in "[abAB退款0-9 ]{0,8}") {
            let pattern = Pattern::new(&expression).unwrap();
            let normal = Normal::of(&text);
            for form in [&normal, &normal.lower(), &normal.joined()] {
                prop_assert!(!pattern.is_match(form.text()) || pattern.may_be_in(form), "{}", expression);
            }
        }
    }
}
