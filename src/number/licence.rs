//! Finds what is meant as a business licence number: credit codes and 15-digit registration numbers.
//!
//! Behind a label any code of about the right length counts, so that a wrong one is noticed; without a label only what
//! can hardly be anything else. Which words are labels is the caller's data.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::province::Provinces;
use super::{Found, Problem, Registration, Uscc, filler};
use crate::text::Normal;

/// Most words between a label and its number.
const MAX_FILLER_WORDS: usize = 4;

/// A licence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenceNumber {
    /// A unified social credit code, right or wrong.
    Uscc(Uscc),
    /// A 15-digit registration number, right or wrong.
    Registration(Registration),
}

/// Words that announce a licence number.
#[derive(Debug, Clone)]
pub struct Labels {
    /// The words.
    pub words: Vec<String>,
    /// Characters that may stand between a word and its number.
    pub filler: String,
    /// Words that may stand there.
    pub filler_words: Vec<String>,
}

impl Labels {
    /// Whether a text ends in a label, with filler behind it or not.
    pub fn end(&self, text: &str) -> bool {
        let mut text = text;
        for _ in 0..MAX_FILLER_WORDS {
            text = text.trim_end_matches(|c| self.filler.contains(c));
            if self.words.iter().any(|word| text.ends_with(word.as_str())) {
                return true;
            }
            let Some(shorter) = self
                .filler_words
                .iter()
                .find_map(|word| text.strip_suffix(word.as_str()))
            else {
                break;
            };
            text = shorter;
        }
        false
    }
}

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[0-9A-Za-z*●]+").expect("a fixed pattern, compiled by every test"));

/// Every licence number in a text. `announced` says that a label stands right before the text, in a neighbouring cell.
pub fn find(
    text: &Normal,
    provinces: &Provinces,
    labels: &Labels,
    announced: bool,
) -> Vec<Found<LicenceNumber>> {
    let tokens: Vec<Range<usize>> = TOKEN.find_iter(text.text()).map(|token| token.range()).collect();
    let lead = text.text().len()
        - text
            .text()
            .trim_start_matches(|c| labels.filler.contains(c))
            .len();
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let before = text.text().get(..token.start).unwrap_or_default();
        let labelled = labels.end(before) || (announced && token.start <= lead);
        let (code, last) = if labelled {
            gather(text, &tokens, index)
        } else {
            (slice(text, token).to_owned(), index)
        };
        let number = if labelled {
            read_announced(&code, provinces)
        } else {
            read_bare(&code, provinces)
        };
        if let (Some(number), Some(last)) = (number, tokens.get(last)) {
            found.push(Found {
                number,
                range: token.start..last.end,
            });
        }
        index = last + 1;
    }
    found
}

fn slice<'a>(text: &'a Normal, range: &Range<usize>) -> &'a str {
    text.text().get(range.clone()).unwrap_or_default()
}

/// Joins tokens parted by one blank or hyphen until they are as long as a code; a first token that is itself as long as a
/// number stays alone. Gives the last one's index, too.
fn gather(text: &Normal, tokens: &[Range<usize>], first: usize) -> (String, usize) {
    let mut code = String::new();
    let mut last = first;
    for (index, token) in tokens.iter().enumerate().skip(first) {
        let gap = tokens
            .get(last)
            .and_then(|last| text.text().get(last.end..token.start));
        let part = slice(text, token);
        if index > first
            && ((last == first && code.len() >= 15)
                || code.len() + part.len() > 18
                || !matches!(gap, Some(" " | "-")))
        {
            break;
        }
        code.push_str(part);
        last = index;
    }
    (code, last)
}

fn read_announced(code: &str, provinces: &Provinces) -> Option<LicenceNumber> {
    if let Some(registration) = Registration::read(code) {
        return Some(LicenceNumber::Registration(registration));
    }
    let starts_like_one = code.bytes().take(6).filter(u8::is_ascii_digit).count() >= 5;
    let masked = code.chars().any(|c| c == '*' || c == '●') || code.to_ascii_uppercase().contains("XXX");
    let length = code.chars().count();
    let meant = length == 18
        || ((16..=20).contains(&length) && starts_like_one)
        || (masked && (8..=24).contains(&length));
    meant.then(|| LicenceNumber::Uscc(Uscc::read(code, provinces)))
}

/// Without a label: a code that holds, or one that starts like a company's, has letters and only its checks fail.
fn read_bare(code: &str, provinces: &Provinces) -> Option<LicenceNumber> {
    if code.len() != 18 {
        return None;
    }
    let uscc = Uscc::read(code, provinces);
    let head = ["91", "92", "93"].iter().any(|head| uscc.code.starts_with(head));
    let letters = uscc.code.bytes().any(|byte| byte.is_ascii_alphabetic());
    let typed = head && letters && uscc.region.is_some() && uscc.problems.first() != Some(&Problem::Grammar);
    let masked = uscc.code.chars().filter(|c| filler::MASKS.contains(*c)).count() > 10;
    (uscc.is_well_formed() || (typed && !masked)).then_some(LicenceNumber::Uscc(uscc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;

    fn labels() -> Labels {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Labels {
            words: words(&["统一社会信用代码", "营业执照", "注册号"]),
            filler: " :()-".into(),
            filler_words: words(&["号码", "号", "为", "注册号"]),
        }
    }

    #[test]
    fn labels_may_have_filler_behind_them() {
        let labels = labels();
        for text in [
            "营业执照",
            "营业执照注册号：",
            "营业执照 (号码为) ",
            "注册号",
            "注册号: ",
        ] {
            assert!(labels.end(Normal::of(text).text()), "{text}");
        }
        for text in ["", "号", "订单号：", "营业执照见下：", "编号为"] {
            assert!(!labels.end(Normal::of(text).text()), "{text}");
        }
    }

    fn read(text: &str, announced: bool) -> Vec<String> {
        let normal = Normal::of(text);
        find(&normal, &tables().provinces, &labels(), announced)
            .into_iter()
            .map(|found| match found.number {
                LicenceNumber::Uscc(uscc) => format!(
                    "{} {}",
                    uscc.code,
                    uscc.problems.first().map_or("ok", |problem| problem.code())
                ),
                LicenceNumber::Registration(number) => {
                    format!("{} {}", number.digits, number.problem.map_or("ok", Problem::code))
                }
            })
            .collect()
    }

    #[test]
    fn labelled_numbers_are_read_however_wrong() {
        for (text, expected) in [
            ("统一社会信用代码：91110000802100433B", "91110000802100433B ok"),
            ("统一社会信用代码:9111 0000 8021 0043 3B", "91110000802100433B ok"),
            (
                "统一社会信用代码 91110000-802100433-B ICP",
                "91110000802100433B ok",
            ),
            (
                "統一社會信用代碼：９１１１００００８０２１００４３３ｂ",
                "91110000802100433B ok",
            ),
            (
                "统一社会信用代码：91110000802100433B 12345",
                "91110000802100433B ok",
            ),
            (
                "统一社会信用代码：91110000802100434B",
                "91110000802100434B check_digit",
            ),
            (
                "统一社会信用代码：91110108MA01XXXXXX",
                "91110108MA01XXXXXX masked",
            ),
            ("统一社会信用代码：91420100XXXXXXXX", "91420100XXXXXXXX masked"),
            ("统一社会信用代码：9111000080210043B", "9111000080210043B grammar"),
            ("营业执照注册号：440301103448669", "440301103448669 ok"),
            ("注册号 990106000129004", "990106000129004 check_digit"),
        ] {
            assert_eq!(read(text, false), [expected], "{text}");
        }
        assert_eq!(
            read("91110000802100434B", true),
            ["91110000802100434B check_digit"]
        );
        assert_eq!(read("440301103448669", true), ["440301103448669 ok"]);
    }

    #[test]
    fn bare_numbers_count_when_they_can_hardly_be_anything_else() {
        assert_eq!(
            read("版权所有 91110000802100433B", false),
            ["91110000802100433B ok"]
        );
        assert_eq!(
            read("91110105MA003A482G", false),
            ["91110105MA003A482G check_digit"]
        );
        for text in [
            "440301103448669",
            "订单号 202401011234567890",
            "身份证 110101199003070000",
            "营业执照 2019 年办理",
            "营业执照：点击查看",
            "91110000802100433BB",
            "ABCDEFGHJKLMNPQRST",
            "sha1 91d3c2a0b4e5f60718293a4b5c6d7e8f90a1b2c3",
            "",
        ] {
            assert_eq!(read(text, false), Vec::<String>::new(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_ranges_hold(text in "(\\PC|[0-9A-Z *-]|注册号:){0,60}", announced: bool) {
            let normal = Normal::of(&text);
            for found in find(&normal, &tables().provinces, &labels(), announced) {
                proptest::prop_assert!(normal.text().get(found.range).is_some());
            }
        }
    }
}
