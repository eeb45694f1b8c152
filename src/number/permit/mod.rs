//! Other permits that sites show: culture (文网文), publishing, books, audiovisual, payment, food, prepaid cards.
//!
//! None of them has a check digit, so what can be told is form, year, province letter and filler. A shop that resells codes
//! needs none of them; that is for others to judge. Which words announce them is the caller's data ([`Words`]).

mod culture;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::province::Provinces;
use super::{Found, Problem, filler};
use crate::text::Normal;

/// How far behind its word a number may stand, in characters.
const REACH: usize = 24;
/// Digits of an audiovisual permit.
const AUDIOVISUAL_DIGITS: usize = 7;
/// Digits of a payment permit behind its Z.
const PAYMENT_DIGITS: usize = 13;
/// Digits of a food permit behind its JY.
const FOOD_DIGITS: usize = 14;
/// What a payment permit begins with, …
const PAYMENT_LETTER: &str = "Z";
/// … and a food permit.
const FOOD_LETTERS: &str = "JY";
/// A letter in every number of a publishing permit, …
const PUBLISHING_LETTER: &str = "出";
/// … and in every one of a book permit.
const BOOK_LETTER: &str = "字";
/// Fewest digits of what is meant as a number behind a word.
const MEANT_DIGITS: usize = 6;

/// A kind of permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PermitKind {
    /// 信息网络传播视听节目许可证.
    Audiovisual,
    /// 出版物经营许可证.
    Book,
    /// 网络文化经营许可证.
    Culture,
    /// 食品经营许可证.
    Food,
    /// 支付业务许可证.
    Payment,
    /// 单用途商业预付卡 (a filing).
    Prepaid,
    /// 网络出版服务许可证.
    Publishing,
}

impl PermitKind {
    /// The code used in facts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Audiovisual => "audiovisual",
            Self::Book => "book",
            Self::Culture => "culture",
            Self::Food => "food",
            Self::Payment => "payment",
            Self::Prepaid => "prepaid",
            Self::Publishing => "publishing",
        }
    }
}

/// A permit number, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// What it permits.
    pub kind: PermitKind,
    /// The number, as its register writes it when that is known, else as shown without blanks.
    pub number: String,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

/// Words that announce permits whose numbers say little by themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Of audiovisual permits: seven digits behind one of these.
    pub audiovisual: Vec<String>,
    /// Of payment permits.
    pub payment: Vec<String>,
    /// Of prepaid cards …
    pub prepaid: Vec<String>,
    /// … which are filed, so one of these must follow.
    pub filed: Vec<String>,
}

impl Words {
    /// Letters and words, of which a text with a permit's number holds one.
    pub fn signs(&self) -> Vec<&str> {
        let fixed = [
            culture::LITERAL,
            PAYMENT_LETTER,
            FOOD_LETTERS,
            PUBLISHING_LETTER,
            BOOK_LETTER,
        ];
        let words = self.audiovisual.iter().chain(&self.payment).chain(&self.prepaid);
        let words = words.map(String::as_str).filter(|word| !word.is_empty());
        fixed.into_iter().chain(words).collect()
    }
}

/// Every permit number in a text, by kind. `now` is the year the text was seen.
pub fn find(text: &Normal, words: &Words, provinces: &Provinces, now: i16) -> Vec<Found<Permit>> {
    let mut found = culture::find(text.text(), provinces, now);
    found.extend(payment(text.text(), words));
    found.extend(audiovisual(text.text(), words));
    found.extend(prepaid(text.text(), words));
    found.extend(food(text.text()));
    found.extend(papers(text.text()));
    found
}

fn permit(kind: PermitKind, number: String, problem: Option<Problem>, range: Range<usize>) -> Found<Permit> {
    let number = Permit {
        kind,
        number,
        problem,
    };
    Found { number, range }
}

/// A run of letters, digits and masks some way behind a word.
struct Behind<'t> {
    between: &'t str,
    token: &'t str,
    range: Range<usize>,
}

/// What stands behind each of the words in the same sentence.
fn behind<'t>(text: &'t str, words: &[String]) -> Vec<Behind<'t>> {
    let mut list = Vec::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        for (at, _) in text.match_indices(word.as_str()) {
            list.extend(token_behind(text, at + word.len()));
        }
    }
    list
}

fn token_behind(text: &str, from: usize) -> Option<Behind<'_>> {
    let rest = text.get(from..)?;
    let of_token =
        |c: char| c.is_ascii_alphanumeric() || (!c.is_ascii() && filler::MASKS.contains(c)) || c == '*';
    let start = rest.find(of_token)?;
    let (between, tail) = rest.split_at_checked(start)?;
    let length = tail.find(|c| !of_token(c)).unwrap_or(tail.len());
    let near = between.chars().take(REACH + 1).count() <= REACH && !between.contains(['。', ';', '!', '?']);
    near.then_some(Behind {
        between,
        token: tail.get(..length)?,
        range: from + start..from + start + length,
    })
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// `Z` and 13 digits behind its word, or `Z2` and 12 anywhere.
fn payment(text: &str, words: &Words) -> Vec<Found<Permit>> {
    let mut list: Vec<Found<Permit>> = Vec::new();
    let announced = behind(text, &words.payment).into_iter();
    let bare = lettered(text, PAYMENT_LETTER, PAYMENT_DIGITS)
        .into_iter()
        .filter(|(token, _)| token.starts_with("Z2"));
    let all = announced.map(|found| (found.token, found.range)).chain(bare);
    for (token, range) in all {
        let masked = filler::is_masked(token);
        if list.iter().any(|known| known.range == range) || (digits(token) < MEANT_DIGITS && !masked) {
            continue;
        }
        let number = token.to_ascii_uppercase();
        let serial = number.strip_prefix('Z').unwrap_or_default();
        let formed = serial.len() == PAYMENT_DIGITS && digits(serial) == PAYMENT_DIGITS;
        let problem = if masked || filler::is_filler(serial) {
            Some(Problem::Placeholder)
        } else {
            (!formed).then_some(Problem::Grammar)
        };
        list.push(permit(PermitKind::Payment, number, problem, range));
    }
    list
}

fn audiovisual(text: &str, words: &Words) -> Vec<Found<Permit>> {
    let mut list: Vec<Found<Permit>> = Vec::new();
    for found in behind(text, &words.audiovisual) {
        let formed = found.token.len() == AUDIOVISUAL_DIGITS && digits(found.token) == AUDIOVISUAL_DIGITS;
        if formed && !list.iter().any(|known| known.range == found.range) {
            let problem = filler::is_filler(found.token).then_some(Problem::Placeholder);
            let number = found.token.to_owned();
            list.push(permit(PermitKind::Audiovisual, number, problem, found.range));
        }
    }
    list
}

fn prepaid(text: &str, words: &Words) -> Vec<Found<Permit>> {
    let filed = |found: &Behind<'_>| {
        words
            .filed
            .iter()
            .any(|word| found.between.contains(word.as_str()))
    };
    behind(text, &words.prepaid)
        .into_iter()
        .filter(|found| filed(found) && digits(found.token) >= MEANT_DIGITS)
        .map(|found| {
            permit(
                PermitKind::Prepaid,
                found.token.to_ascii_uppercase(),
                None,
                found.range,
            )
        })
        .collect()
}

fn food(text: &str) -> Vec<Found<Permit>> {
    lettered(text, FOOD_LETTERS, FOOD_DIGITS)
        .into_iter()
        .map(|(token, range)| permit(PermitKind::Food, token.to_owned(), None, range))
        .collect()
}

/// Every place of some letters with exactly so many digits behind them, no letter or digit on either side.
fn lettered<'t>(text: &'t str, letters: &str, count: usize) -> Vec<(&'t str, Range<usize>)> {
    let mut list = Vec::new();
    for (at, _) in text.match_indices(letters) {
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let token = rest.get(..length).unwrap_or_default();
        let free = !before.ends_with(|c: char| c.is_ascii_alphanumeric());
        if free && token.len() == letters.len() + count && digits(token) == count {
            list.push((token, at..at + length));
        }
    }
    list
}

static PUBLISHING: LazyLock<Regex> = LazyLock::new(|| {
    let pattern =
        r"(?:[(〔] ?总 ?[)〕] ?)?(?:网出证|新出网证) ?[(〔\[] ?\p{Han} ?[)〕\]] ?字? ?第? ?[0-9]+ ?号";
    Regex::new(pattern).expect("a fixed pattern, compiled by every test")
});

static BOOKS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?:新出发 ?\p{Han}{1,3}|\p{Han}批)字 ?第 ?[\p{Han}A-Za-z0-9-]{1,10}号";
    Regex::new(pattern).expect("a fixed pattern, compiled by every test")
});

/// Numbers of the press authority; told by their words, so each has a literal to look for first.
fn papers(text: &str) -> Vec<Found<Permit>> {
    let mut list = Vec::new();
    let kinds = [
        (PermitKind::Publishing, PUBLISHING_LETTER, &PUBLISHING),
        (PermitKind::Book, BOOK_LETTER, &BOOKS),
    ];
    for (kind, literal, form) in kinds {
        if !text.contains(literal) || !text.contains('号') {
            continue;
        }
        for found in form.find_iter(text) {
            let number = found.as_str().replace(' ', "");
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            let filler = filler::is_filler(&digits).then_some(Problem::Placeholder);
            list.push(permit(kind, number, filler, found.range()));
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;

    /// Words as `data/licences.toml` has them.
    fn words() -> Words {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Words {
            audiovisual: list(&["视听"]),
            payment: list(&["支付业务许可证"]),
            prepaid: list(&["预付卡"]),
            filed: list(&["备案"]),
        }
    }

    fn read(text: &str) -> Vec<(&'static str, String, Option<Problem>)> {
        find(&Normal::of(text), &words(), &tables().provinces, 2026)
            .into_iter()
            .map(|found| {
                (
                    found.number.kind.code(),
                    found.number.number,
                    found.number.problem,
                )
            })
            .collect()
    }

    #[test]
    fn permits_are_recognised() {
        use Problem as P;
        for (text, kind, number, problem) in [
            ("支付业务许可证Z2015044000015", "payment", "Z2015044000015", None),
            ("Z2004951000010", "payment", "Z2004951000010", None),
            (
                "支付业务许可证编号：Z2000133000019",
                "payment",
                "Z2000133000019",
                None,
            ),
            (
                "支付业务许可证：Z201504400001",
                "payment",
                "Z201504400001",
                Some(P::Grammar),
            ),
            (
                "支付业务许可证：2015044000015",
                "payment",
                "2015044000015",
                Some(P::Grammar),
            ),
            (
                "支付业务许可证：Z2015XXXXXXXXX",
                "payment",
                "Z2015XXXXXXXXX",
                Some(P::Placeholder),
            ),
            (
                "支付业务许可证：Z1234567890123",
                "payment",
                "Z1234567890123",
                Some(P::Placeholder),
            ),
            (
                "信息网络传播视听节目许可证：0110516",
                "audiovisual",
                "0110516",
                None,
            ),
            ("网络视听许可证1109364号", "audiovisual", "1109364", None),
            (
                "（总）网出证（京）字第049号",
                "publishing",
                "(总)网出证(京)字第049号",
                None,
            ),
            ("新出网证(京)字150号", "publishing", "新出网证(京)字150号", None),
            ("新出发京批字第直0673号", "book", "新出发京批字第直0673号", None),
            ("苏批字第A-243号", "book", "苏批字第A-243号", None),
            (
                "食品经营许可证 JY11101050363440",
                "food",
                "JY11101050363440",
                None,
            ),
            (
                "单用途商业预付卡备案号：440300AAC0001",
                "prepaid",
                "440300AAC0001",
                None,
            ),
        ] {
            assert_eq!(read(text), [(kind, number.to_owned(), problem)], "{text}");
        }
    }

    #[test]
    fn other_text_holds_no_permit() {
        for text in [
            "经营许可证：1234567",
            "AZ2015044000015",
            "Z20150440000151",
            "Z1015044000015",
            "视听会员 19.90 元",
            "网络视听。热线 4001234",
            "支付业务许可证见下",
            "JY1110105036344",
            "商业预付卡 6 折，卡号 12345678",
            "第一号公告",
            "",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_ranges_hold(text in "(\\PC|网文|视听|支付业务许可证|网出证|批字第|JY|Z2|[〔〕()0-9号京-]){0,50}") {
            let normal = Normal::of(&text);
            for found in find(&normal, &words(), &tables().provinces, 2026) {
                proptest::prop_assert!(normal.text().get(found.range).is_some());
            }
        }
    }
}
