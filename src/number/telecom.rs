//! Licences for value-added telecom business (B2 numbers), alone or in their hybrid `ICP备B2-…` forms.
//!
//! A number alone cannot tell which business it licenses (B21, B25 …), so this does not try.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::province::Provinces;
use super::{Found, Problem, Tables, filler};
use crate::text::{Letters, Normal};

/// First year of the present numbers.
const FIRST_YEAR: i16 = 1998;
/// Word of licences for more than one province, given by the ministry.
const NATIONAL: &str = "合字";
/// Classes of telecom business.
const CLASSES: [&str; 4] = ["A1", "A2", "B1", "B2"];
/// Classes of licences for domain names, in the same number space.
const DOMAIN_CLASSES: [&str; 3] = ["D1", "D2", "D3"];

/// A telecom licence number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telecom {
    /// The number as the register writes it (`粤B2-20090059-5`) when it is well formed, else as shown.
    pub number: String,
    /// Province code, `00` for licences of the ministry; only when the letter is one that licences use.
    pub province: Option<String>,
    /// Year in the number.
    pub year: Option<i16>,
    /// What is wrong with it: province, class, irregular, placeholder or template.
    pub problem: Option<Problem>,
    /// Whether it was written as an ICP filing or permit.
    pub hybrid: bool,
    /// Whether all its classes are those of licences for domain names (D1–D3), which are no telecom business.
    pub domain: bool,
}

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?<icp>ICP ?[备证] ?)?(?:(?<head>合字|\p{Han}) ?)?(?<inner>ICP ?[备证] ?)?(?:[:号] ?)?",
        r"(?:(?<classes>[ABD][0-9](?: ?[.、,] ?[ABD][0-9]){0,4}) ?- ?(?<serial>[0-9x*]{4,12})",
        r"|(?<short>[0-9]-(?:19|20)[0-9]{6}))",
        r"(?: ?号)?(?:-(?<service>[1-9][0-9]{0,4}[AXK]?))?(?: ?号)?",
    ))
    .expect("a fixed pattern, compiled by every test")
});

/// What stands before every serial.
static HYPHEN: LazyLock<Letters> = LazyLock::new(|| Letters::of("-"));

/// Every telecom licence number in a text. `now` is the year the text was seen.
pub fn find(text: &Normal, tables: &Tables, now: i16) -> Vec<Found<Telecom>> {
    let letters = text.letters();
    if letters.digits() == 0 || !letters.holds(&HYPHEN) || !may_hold(text.text()) {
        return Vec::new();
    }
    FORM.captures_iter(text.text())
        .filter_map(|captures| {
            let range = captures.get(0)?.range();
            let number = read(&captures, tables, now)?;
            let longer = text
                .text()
                .get(range.end..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            (!longer).then_some(Found { number, range })
        })
        .collect()
}

/// Whether a hyphen stands between a digit and what may be a serial: a cheap look before the pattern runs.
fn may_hold(text: &str) -> bool {
    let mut before = ' ';
    let mut chars = text.chars().filter(|c| *c != ' ').peekable();
    while let Some(c) = chars.next() {
        let serial = |c: &char| c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*');
        if c == '-' && before.is_ascii_digit() && chars.peek().is_some_and(serial) {
            return true;
        }
        before = c;
    }
    false
}

fn read(captures: &Captures<'_>, tables: &Tables, now: i16) -> Option<Telecom> {
    let provinces = &tables.provinces;
    let hybrid = captures.name("icp").or_else(|| captures.name("inner")).is_some();
    let head = captures.name("head").map(|head| head.as_str());
    let letter = head.and_then(|head| head.chars().next());
    let known = head == Some(NATIONAL) || letter.is_some_and(|letter| provinces.knows(letter));
    // Without a head that some register uses, and not called a licence either, `A1-2023` may be anything.
    if !known && !hybrid {
        return None;
    }
    let classes = captures
        .name("classes")
        .map(|classes| plain_classes(classes.as_str()));
    if classes.is_none() && !known {
        return None;
    }
    let serial = captures.name("serial").map_or("", |serial| serial.as_str());
    let year = serial
        .get(..4)
        .and_then(|year| year.parse().ok())
        .filter(|_| serial.len() == 8);
    let province = province_code(head, provinces);
    let all = |known: &[&str]| {
        let classes = classes.as_deref().unwrap_or_default();
        classes.split('.').all(|class| known.contains(&class))
    };
    let domain = all(&DOMAIN_CLASSES);
    let problem = match &classes {
        _ if is_placeholder(serial) => Some(Problem::Placeholder),
        _ if province.is_none() => Some(Problem::Province),
        None => Some(Problem::Irregular),
        Some(_) if !domain && !all(&CLASSES) => Some(Problem::Class),
        Some(_) if !year.is_some_and(|year| (FIRST_YEAR..=now).contains(&year)) => Some(Problem::Irregular),
        Some(_) => None,
    };
    let shown = captures.get(0)?.as_str().trim();
    let subject = match (&problem, head, &classes) {
        (None, Some(head), Some(classes)) => Some(format!("{head}{classes}-{serial}")),
        _ => None,
    };
    let shipped = subject.as_ref().is_some_and(|subject| {
        let mut templates = tables.registries.template.iter();
        templates.any(|template| template.number == *subject)
    });
    let problem = if shipped { Some(Problem::Template) } else { problem };
    let with_service = |subject| match captures.name("service") {
        Some(service) => format!("{subject}-{}", service.as_str().to_uppercase()),
        None => subject,
    };
    let number = subject.map_or_else(|| shown.to_owned(), with_service);
    Some(Telecom {
        number,
        province,
        year,
        problem,
        hybrid,
        domain,
    })
}

fn plain_classes(shown: &str) -> String {
    shown
        .to_ascii_uppercase()
        .replace(' ', "")
        .replace(['、', ','], ".")
}

fn province_code(head: Option<&str>, provinces: &Provinces) -> Option<String> {
    let head = head?;
    if head == NATIONAL {
        return Some("00".to_owned());
    }
    provinces
        .by_licence(head.chars().next()?)
        .map(|province| province.code.clone())
}

fn is_placeholder(serial: &str) -> bool {
    filler::is_masked(serial) || filler::is_filler(serial) || (serial.len() == 8 && serial.ends_with("0000"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;

    fn check(text: &str, number: &str, province: Option<&str>, problem: Option<Problem>) {
        let found = find(&Normal::of(text), &tables(), 2026);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let telecom = &found[0].number;
        assert_eq!(
            (
                telecom.number.as_str(),
                telecom.province.as_deref(),
                telecom.problem
            ),
            (number, province, problem),
            "{text}"
        );
    }

    #[test]
    fn licences_are_read() {
        check("京B2-20241987", "京B2-20241987", Some("11"), None);
        check("川B2-20260779", "川B2-20260779", Some("51"), None);
        check("黔B2-20010020-102", "黔B2-20010020-102", Some("52"), None);
        check(
            "增值电信业务经营许可证：合字B2-20190051",
            "合字B2-20190051",
            Some("00"),
            None,
        );
        check("合字A1.B1.B2-20180017", "合字A1.B1.B2-20180017", Some("00"), None);
        check("粤B2-20090059-1626x", "粤B2-20090059-1626X", Some("44"), None);
        check("粤ICP备B2-20090059-69", "粤B2-20090059-69", Some("44"), None);
        check("苏ICP备B2-20110079号", "苏B2-20110079", Some("32"), None);
        check("ICP证合字B2-20070004号", "合字B2-20070004", Some("00"), None);
        check("浙Ｂ２－２０１１０３４９", "浙B2-20110349", Some("33"), None);
    }

    #[test]
    fn odd_ones_are_told() {
        check(
            "川B2-140912-1",
            "川B2-140912-1",
            Some("51"),
            Some(Problem::Irregular),
        );
        check(
            "京2-20110349",
            "京2-20110349",
            Some("11"),
            Some(Problem::Irregular),
        );
        check("豫B7-20090329", "豫B7-20090329", Some("41"), Some(Problem::Class));
        check(
            "浙B2.D3-20210002",
            "浙B2.D3-20210002",
            Some("33"),
            Some(Problem::Class),
        );
        check("浙D4-20210002", "浙D4-20210002", Some("33"), Some(Problem::Class));
        check(
            "电信增值业务许可证：川B2-20220497",
            "川B2-20220497",
            Some("51"),
            Some(Problem::Template),
        );
        check("蜀B2-20170060", "蜀B2-20170060", None, Some(Problem::Province));
        check("贵B2-20170060", "贵B2-20170060", None, Some(Problem::Province));
        check(
            "京B2-2024XXXX",
            "京B2-2024XXXX",
            Some("11"),
            Some(Problem::Placeholder),
        );
        check(
            "京B2-12345678",
            "京B2-12345678",
            Some("11"),
            Some(Problem::Placeholder),
        );
        check(
            "京B2-20310001",
            "京B2-20310001",
            Some("11"),
            Some(Problem::Irregular),
        );
    }

    #[test]
    fn licences_for_domain_names_are_told_from_telecom_business() {
        for (text, domain) in [
            ("浙D3-20210002", true),
            ("京D1.D2-20210002", true),
            ("浙B2-20110349", false),
            ("合字A1.B1.B2-20180017", false),
            ("浙B2.D3-20210002", false),
            ("京2-20110349", false),
        ] {
            let found = find(&Normal::of(text), &tables(), 2026);
            assert_eq!(found[0].number.domain, domain, "{text}");
        }
        check("浙D3-20210002", "浙D3-20210002", Some("33"), None);
    }

    proptest::proptest! {
        /// The cheap look never says no where the pattern would find something.
        #[test]
        fn the_cheap_look_loses_nothing(text in "[京合字ABD0-9xX*.、 -]{0,30}") {
            let normal = Normal::of(&text);
            proptest::prop_assert!(may_hold(normal.text()) || !FORM.is_match(normal.text()), "{}", text);
        }

        #[test]
        fn a_well_formed_number_reads_as_itself(letter in "[京津冀沪苏浙粤川黔琼]", class in "(B1|B2|A2\\.B1\\.B2)", year in 1998i16..=2026, serial in 1u32..9999, service in 1u32..9999) {
            let text = format!("{letter}{class}-{year}{serial:04}-{service}");
            proptest::prop_assume!(!is_placeholder(&format!("{year}{serial:04}")));
            let found = find(&Normal::of(&text), &tables(), 2026);
            proptest::prop_assert_eq!(found.len(), 1);
            proptest::prop_assert_eq!(&found[0].number.number, &text);
            proptest::prop_assert_eq!(found[0].number.problem, None);
        }
    }

    #[test]
    fn other_text_holds_no_licence() {
        for text in [
            "型号A1-20231212",
            "B2-2009",
            "房号3-20231212",
            "京ICP备10046444号-1",
            "订单B2-123456789012345",
            "",
        ] {
            assert_eq!(find(&Normal::of(text), &tables(), 2026), [], "{text}");
        }
    }
}
