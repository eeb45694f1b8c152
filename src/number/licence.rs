//! Finds what is meant as a business licence number: credit codes, registration numbers of 15 or 13 digits, organisation
//! codes.
//!
//! Behind a label any code of about the right length counts, so that a wrong one is noticed; without a label only what
//! can hardly be anything else. Which words are labels is the caller's data.

use std::ops::Range;

use super::province::Provinces;
use super::{Found, Organisation, Problem, Registration, Uscc, filler, organisation};
use crate::text::Normal;

/// Most words between a label and its number.
const MAX_FILLER_WORDS: usize = 4;
/// Characters of a credit code.
const CODE: usize = 18;
/// Characters of an organisation code.
const ORGANISATION: usize = 9;
/// Fewest letters, digits and masks that any of these numbers has.
const LEAST: usize = 8;

/// A licence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenceNumber {
    /// A unified social credit code, right or wrong.
    Uscc(Uscc),
    /// A registration number, right or wrong.
    Registration(Registration),
    /// An organisation code, right or wrong.
    Organisation(Organisation),
}

/// What a label announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// A credit code or registration number.
    Licence,
    /// An organisation code.
    Organisation,
}

/// Words that announce a licence number.
#[derive(Debug, Clone)]
pub struct Labels {
    /// Those of credit codes and registration numbers.
    pub words: Vec<String>,
    /// Those of organisation codes.
    pub organisation: Vec<String>,
    /// Characters that may stand between a word and its number.
    pub filler: String,
    /// Words that may stand there.
    pub filler_words: Vec<String>,
}

impl Labels {
    /// What a text announces that ends in a label, with filler behind it or not.
    pub fn at_end(&self, text: &str) -> Option<Label> {
        let mut text = text;
        for _ in 0..MAX_FILLER_WORDS {
            text = text.trim_end_matches(|c| self.filler.contains(c));
            let ends = |words: &[String]| words.iter().any(|word| text.ends_with(word.as_str()));
            if ends(&self.organisation) {
                return Some(Label::Organisation);
            }
            if ends(&self.words) {
                return Some(Label::Licence);
            }
            text = self
                .filler_words
                .iter()
                .find_map(|word| text.strip_suffix(word.as_str()))?;
        }
        None
    }
}

/// Whether a text has as many letters and digits as a number needs: a cheap look before it is normalised and read.
pub fn may_hold(text: &str) -> bool {
    let in_number = |c: &char| {
        // Most letters of a page are Han ones, and these are no numbers.
        !matches!(c, '\u{4e00}'..='\u{9fff}')
            && (is_token(*c) || c.is_numeric() || ('\u{ff21}'..='\u{ff5a}').contains(c))
    };
    text.len() >= LEAST
        && text.chars().filter(in_number).take(LEAST).count() == LEAST
        && text.contains(|c: char| c.is_numeric() || is_mask(c))
}

/// Whether a run of letters and digits in a text is as long as a firm's credit code and starts like one: a cheap look for
/// scripts, where hardly anything has a label.
pub fn may_stand_bare(text: &str) -> bool {
    let bytes = text.as_bytes();
    let of_run = |byte: &u8| byte.is_ascii_alphanumeric();
    text.match_indices('9').any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let run = bytes.get(at..).unwrap_or_default();
        !before.is_some_and(of_run)
            && run.iter().take(CODE + 1).take_while(|byte| of_run(byte)).count() == CODE
    })
}

/// Whether a run of letters, digits and masks in a text is as long as a credit code: of text without a label nothing else
/// is read.
pub fn may_hold_bare(text: &str) -> bool {
    let mut runs = text
        .as_bytes()
        .split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'*');
    runs.any(|run| run.len() == CODE)
}

/// Whether a text opens with what may be a number: only that can be announced by what stands before the text.
pub fn opens(text: &Normal, labels: &Labels) -> bool {
    let rest = text.text().trim_start_matches(|c| labels.filler.contains(c));
    rest.starts_with(is_token)
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_mask(c)
}

/// Masks that are no letters.
fn is_mask(c: char) -> bool {
    matches!(c, '*' | '×' | '●' | '○' | '■' | '□')
}

/// Every licence number in a text. `announced` is what a label right before the text says, in a neighbouring cell.
pub fn find(
    text: &Normal,
    provinces: &Provinces,
    labels: &Labels,
    announced: Option<Label>,
) -> Vec<Found<LicenceNumber>> {
    let all = text.text();
    let tokens = tokens(all);
    let lead = all.len() - all.trim_start_matches(|c| labels.filler.contains(c)).len();
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let before = all.get(..token.start).unwrap_or_default();
        let label = labels
            .at_end(before)
            .or(announced.filter(|_| token.start <= lead));
        let (code, last) = match label {
            Some(label) => gather(text, &tokens, index, label),
            None => (slice(text, token).to_owned(), index),
        };
        let number = match label {
            Some(Label::Licence) => read_announced(&code, provinces),
            Some(Label::Organisation) => read_organisation(&code, provinces),
            None => read_bare(&code, provinces).map(LicenceNumber::Uscc),
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

/// Runs of letters, digits and masks.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (start, is_token(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                tokens.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    tokens.extend(start.map(|from| from..text.len()));
    tokens
}

fn slice<'a>(text: &'a Normal, range: &Range<usize>) -> &'a str {
    text.text().get(range.clone()).unwrap_or_default()
}

/// Joins tokens parted by one blank or hyphen until they are as long as a code; a first token that is itself a number stays
/// alone. Gives the last one's index, too.
fn gather(text: &Normal, tokens: &[Range<usize>], first: usize, label: Label) -> (String, usize) {
    let mut code = String::new();
    let mut last = first;
    for (index, token) in tokens.iter().enumerate().skip(first) {
        let gap = tokens
            .get(last)
            .and_then(|last| text.text().get(last.end..token.start));
        let part = slice(text, token);
        let full = match label {
            Label::Licence => last == first && is_alone(&code),
            Label::Organisation => code.len() >= ORGANISATION,
        };
        let near = matches!(gap, Some(" " | "-")) || (label == Label::Organisation && gap == Some(" - "));
        if index > first && (full || code.len() + part.len() > CODE || !near) {
            break;
        }
        code.push_str(part);
        last = index;
    }
    (code, last)
}

/// Whether a token is a registration number by itself. No region begins with 9, and nearly every credit code does.
fn is_alone(code: &str) -> bool {
    Registration::read(code).is_some() && !code.starts_with('9')
}

/// Behind the label of an organisation code; where one number serves for all papers, a credit code may stand there.
fn read_organisation(code: &str, provinces: &Provinces) -> Option<LicenceNumber> {
    if code.chars().count() == CODE {
        return Some(LicenceNumber::Uscc(Uscc::read(code, provinces)));
    }
    Organisation::read(code).map(LicenceNumber::Organisation)
}

fn read_announced(code: &str, provinces: &Provinces) -> Option<LicenceNumber> {
    let masked = code.chars().any(is_mask) || code.to_ascii_uppercase().contains("XXX");
    if let Some(registration) = Registration::read(code)
        && !(masked && code.starts_with('9'))
    {
        let taxed = registration.problem == Some(Problem::CheckDigit) && is_tax_number(code);
        return (!taxed).then_some(LicenceNumber::Registration(registration));
    }
    let starts_like_one = code.bytes().take(6).filter(u8::is_ascii_digit).count() >= 5;
    let length = code.chars().count();
    let meant = length == CODE
        || ((16..=20).contains(&length) && starts_like_one)
        || (masked && (LEAST..=24).contains(&length));
    meant.then(|| LicenceNumber::Uscc(Uscc::read(code, provinces)))
}

/// Whether 15 digits are the tax number of before 2015: a region of six digits and an organisation code.
fn is_tax_number(digits: &str) -> bool {
    let tail: Vec<char> = digits.chars().skip(6).collect();
    organisation::holds(&tail)
}

/// Without a label: a code that holds, or one that starts like a company's, has letters and only its checks fail.
fn read_bare(code: &str, provinces: &Provinces) -> Option<Uscc> {
    if code.len() != CODE || !code.is_ascii() {
        return None;
    }
    let uscc = Uscc::read(code, provinces);
    let head = ["91", "92", "93"].iter().any(|head| uscc.code.starts_with(head));
    let letters = uscc.code.bytes().any(|byte| byte.is_ascii_alphabetic());
    let typed = head && letters && uscc.region.is_some() && uscc.problems.first() != Some(&Problem::Grammar);
    let masked = uscc.code.chars().filter(|c| filler::MASKS.contains(*c)).count() > 10;
    (uscc.is_well_formed() || (typed && !masked)).then_some(uscc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;

    fn labels() -> Labels {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Labels {
            words: words(&["统一社会信用代码", "营业执照", "注册号", "税号"]),
            organisation: words(&["组织机构代码", "组织机构代码证"]),
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
            assert_eq!(
                labels.at_end(Normal::of(text).text()),
                Some(Label::Licence),
                "{text}"
            );
        }
        for text in ["组织机构代码", "組織機構代碼：", "组织机构代码证号: "] {
            assert_eq!(
                labels.at_end(Normal::of(text).text()),
                Some(Label::Organisation),
                "{text}"
            );
        }
        for text in ["", "号", "订单号：", "营业执照见下：", "编号为"] {
            assert_eq!(labels.at_end(Normal::of(text).text()), None, "{text}");
        }
    }

    fn read(text: &str, announced: bool) -> Vec<String> {
        let normal = Normal::of(text);
        let announced = announced.then_some(Label::Licence);
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
                LicenceNumber::Organisation(number) => {
                    format!("{} {}", number.code, number.problem.map_or("ok", Problem::code))
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
            ("注册号：4403011034486", "4403011034486 old_form"),
            ("注册号：44030110344****", "44030110344**** masked"),
            ("注册号：440301×××××××××", "440301××××××××× masked"),
            ("营业执照注册号：000000000000000", "000000000000000 placeholder"),
            ("营业执照：9133010667395****", "9133010667395**** masked"),
            ("组织机构代码：71526726-X", "71526726X ok"),
            ("組織機構代碼證：71526726-x", "71526726X ok"),
            ("组织机构代码 71526726 - X 2012", "71526726X ok"),
            ("组织机构代码证号：802100433", "802100433 ok"),
            ("组织机构代码：71526726-1", "715267261 check_digit"),
            ("组织机构代码：7152****-X", "7152****X masked"),
            ("组织机构代码：12345678-9", "123456789 placeholder"),
            ("组织机构代码：91330106673959654P", "91330106673959654P ok"),
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
            "71526726-X",
            "税号 110000802100433",
            "组织机构代码证见下",
            "组织机构代码 2019",
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
        /// However lawfully it is written: width, case, blanks, hyphens, a traditional label.
        #[test]
        fn a_code_is_read_however_it_is_written(wide: bool, lower: bool, traditional: bool, gap in "( |-|　|－)?", at in proptest::collection::btree_set(4usize..18, 0..4)) {
            let mut code: String = String::new();
            for (index, c) in "91330106673959654P".chars().enumerate() {
                if at.contains(&index) && index % 2 == 0 {
                    code.push_str(&gap);
                }
                code.push(if lower { c.to_ascii_lowercase() } else { c });
            }
            if wide {
                code = code.chars().map(|c| if c.is_ascii_alphanumeric() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c }).collect();
            }
            let label = if traditional { "統一社會信用代碼" } else { "统一社会信用代码" };
            proptest::prop_assert_eq!(read(&format!("{label}：{code}"), false), ["91330106673959654P ok"]);
        }

        /// The cheap look never says no where the search would find something.
        #[test]
        fn the_cheap_look_loses_nothing(text in "(统一社会信用代码|组织机构代码|注册号)?[:： ]?[0-9A-Z０-９Ａ-Ｚ*×● -]{0,24}") {
            let found = find(&Normal::of(&text), &tables().provinces, &labels(), None);
            proptest::prop_assert!(found.is_empty() || may_hold(&text), "{}", text);
        }

        #[test]
        fn never_panics_and_ranges_hold(text in "(\\PC|[0-9A-Z *-]|注册号:|组织机构代码:){0,60}", announced: bool) {
            let normal = Normal::of(&text);
            let announced = announced.then_some(Label::Licence);
            for found in find(&normal, &tables().provinces, &labels(), announced) {
                proptest::prop_assert!(normal.text().get(found.range).is_some());
            }
        }
    }
}
