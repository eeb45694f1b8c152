//! ICP numbers: filings (ICP备) and permits (ICP证) as sites print them, and the parodies of them.
//!
//! The search is lenient about how a number is written and says so ([`Icp::written`]); what it accepts as
//! well formed is strict: a province letter of the closed list, a serial of the right length, a possible year, no filler.
//! Telecom licences used as a filing (`粤B2-…`, `ICP备B2-…`) are [`super::telecom`]'s.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Captures;

use super::{Found, Problem, Tables, filler, parody};
use crate::text::{Normal, Pattern, is_han};

/// First year in which filings were given.
const FIRST_FILING: i16 = 2005;
/// First year of ten-digit serials, and last of eight-digit ones save stragglers.
const FIRST_LONG: i16 = 2020;

/// What a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcpKind {
    /// A web site's filing.
    Filing,
    /// A permit (ICP证).
    Permit,
    /// A telecom licence standing in for a filing.
    TelecomLicence,
    /// An app's filing (suffix A).
    App,
    /// A mini-program's filing (suffix X).
    MiniProgram,
    /// A quick app's filing (suffix K).
    QuickApp,
    /// None of these, such as a parody.
    Other,
}

impl IcpKind {
    /// The code used in facts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Filing => "filing",
            Self::Permit => "permit",
            Self::TelecomLicence => "telecom_licence",
            Self::App => "app",
            Self::MiniProgram => "mini_program",
            Self::QuickApp => "quick_app",
            Self::Other => "other",
        }
    }
}

/// A number that is meant as an ICP filing or permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icp {
    /// What it is for.
    pub kind: IcpKind,
    /// The number written as the register writes it when it is well formed, else its normal form as shown.
    pub number: String,
    /// The subject's number, without the `-N` of one service; only when well formed.
    pub subject: Option<String>,
    /// Province code (GB/T 2260); only when the letter is one that filings use.
    pub province: Option<String>,
    /// Year in the serial, four digits.
    pub year: Option<i16>,
    /// What is wrong with it, the telling reason first.
    pub problems: Vec<Problem>,
    /// How it was oddly written, though it can be read: `lower_case`, `full_width`, `traditional`, `spaces`, `colon`,
    /// `no_sign`, `suffix_misplaced`, `long_word`, `brackets`, `look_alike_letters`, `rare_length`.
    pub written: Vec<&'static str>,
}

impl Icp {
    /// Whether nothing is wrong with it.
    pub fn is_well_formed(&self) -> bool {
        self.problems.is_empty()
    }

    fn wrong(kind: IcpKind, number: &str, problem: Problem) -> Self {
        Self {
            kind,
            number: number.trim().to_owned(),
            subject: None,
            province: None,
            year: None,
            problems: vec![problem],
            written: Vec::new(),
        }
    }
}

static FORM: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(concat!(
        r"(?i)(?:(?<open>\()?(?<province>\p{Han})\)? ?)?",
        r"(?<letters>[IІΙl1|] ?[CСϹ] ?[PРΡ]) ?(?<word>经营许可证|许可证|备案|备|证)?",
        r"(?<between>(?: ?(?:号码|编号|号|:)){0,6}) ?\(? ?",
        r"(?:(?<spaced>[0-9x*?#×●○■□](?: ?[0-9x*?#×●○■□]){4,19}) ?\)? ?(?<sign>号)|(?<plain>[0-9x*?#×●○■□]{5,20})\)?)",
        r"(?:(?<gap> ?[-_.] ?)(?:(?<service>[0-9]{1,5})(?<letter>[AXK])?|(?<hidden>[x*]{1,4})))?(?<late> ?号)?",
    ))
    .expect("a fixed pattern, compiled by every test")
});

/// Every filing, permit and parody in a text. `now` is the year the text was seen.
pub fn find(text: &Normal, tables: &Tables, now: i16) -> Vec<Found<Icp>> {
    let reader = Reader { text, tables, now };
    let mut found: Vec<Found<Icp>> = Vec::new();
    if FORM.may_be_in(text) {
        let numbers = FORM.captures_iter(text.text());
        found.extend(numbers.filter_map(|captures| reader.read(&captures)));
    }
    let labels = parody::labelled(text.text(), &tables.registries.parody_labels).into_iter();
    found.extend(labels.map(|range| {
        let shown = text.text().get(range.clone()).unwrap_or_default();
        Found {
            number: Icp::wrong(IcpKind::Other, shown, Problem::Parody),
            range,
        }
    }));
    found.sort_by_key(|found| found.range.start);
    found
}

struct Reader<'a> {
    text: &'a Normal,
    tables: &'a Tables,
    now: i16,
}

/// The parts of one match.
struct Parts<'a> {
    letter: Option<char>,
    permit: Option<bool>,
    serial: String,
    tail: Tail<'a>,
    shown: &'a str,
}

/// What follows the serial.
struct Tail<'a> {
    service: Option<&'a str>,
    suffix: Option<char>,
    hidden: bool,
    end: usize,
}

impl Reader<'_> {
    fn read(&self, captures: &Captures<'_>) -> Option<Found<Icp>> {
        let letters = captures.name("letters")?.start();
        let tail = self.tail(captures)?;
        let mut start = captures.get(0)?.start();
        let mut letter = captures
            .name("province")
            .and_then(|letter| letter.as_str().chars().next());
        if captures.name("open").is_none() && letter.is_some_and(|letter| self.is_label_end(letter)) {
            (letter, start) = (None, letters);
        }
        let before = self.text.text().get(..letters)?;
        let parody = letter.and_then(|_| parody::ending(before, &self.tables.registries.parody_prefixes));
        let range = parody.unwrap_or(start)..tail.end;
        let shown = self.text.text().get(range.clone())?;
        if parody.is_some() {
            return Some(Found {
                number: Icp::wrong(IcpKind::Other, shown, Problem::Parody),
                range,
            });
        }
        let parts = Parts {
            letter,
            permit: captures.name("word").map(|word| word.as_str().ends_with('证')),
            serial: captures
                .name("spaced")
                .or_else(|| captures.name("plain"))?
                .as_str()
                .replace(' ', ""),
            tail,
            shown,
        };
        let mut icp = self.judge(&parts);
        icp.written.extend(self.written(captures, range.clone()));
        if icp.written.contains(&"look_alike_letters") && icp.is_well_formed() {
            icp = Icp {
                written: icp.written,
                ..Icp::wrong(icp.kind, shown, Problem::Grammar)
            };
        }
        Some(Found { number: icp, range })
    }

    /// What follows the serial, without what belongs to the words behind it.
    fn tail<'t>(&self, captures: &Captures<'t>) -> Option<Tail<'t>> {
        let part = |name: &str| captures.name(name);
        let goes_on = |end: usize| {
            let rest = self.text.text().get(end..).unwrap_or_default();
            rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        };
        let mut tail = Tail {
            service: None,
            suffix: None,
            hidden: false,
            end: captures.get(0)?.end(),
        };
        let Some(gap) = part("gap") else { return Some(tail) };
        if let Some(mask) = part("hidden") {
            tail.hidden = !goes_on(mask.end());
            if !tail.hidden {
                tail.end = gap.start();
            }
            return Some(tail);
        }
        let service = part("service")?;
        if is_year_behind_a_gap(service.as_str(), gap.as_str()) {
            tail.end = gap.start();
            return Some(tail);
        }
        tail.service = Some(service.as_str());
        if let Some(letter) = part("letter") {
            if goes_on(letter.end()) {
                tail.end = letter.start();
            } else {
                tail.suffix = letter.as_str().chars().next().map(|c| c.to_ascii_uppercase());
            }
        }
        Some(tail)
    }

    fn judge(&self, parts: &Parts<'_>) -> Icp {
        let kind = kind_of(parts);
        let mut icp = Icp::wrong(kind, parts.shown, Problem::Grammar);
        let year = year_of(&parts.serial, parts.permit);
        icp.year = year;
        icp.problems = self.problems(parts, year);
        let province = parts
            .letter
            .and_then(|letter| self.tables.provinces.by_icp(letter));
        icp.province = province.map(|province| province.code.clone());
        let (Some(province), Some(permit)) = (province, parts.permit) else {
            return icp;
        };
        if icp.problems.is_empty() {
            let subject = format!(
                "{}ICP{}{}号",
                province.icp,
                if permit { '证' } else { '备' },
                parts.serial
            );
            icp.number.clone_from(&subject);
            if let Some(service) = parts.tail.service {
                icp.number = format!(
                    "{subject}-{service}{}",
                    parts.tail.suffix.map(String::from).unwrap_or_default()
                );
            }
            if self
                .tables
                .registries
                .template
                .iter()
                .any(|template| template.number == subject)
            {
                icp.problems.push(Problem::Template);
            }
            if !permit && parts.serial.len() == 8 && year.is_some_and(|year| year > FIRST_LONG) {
                icp.written.push("rare_length");
            }
            icp.subject = Some(subject);
        }
        icp
    }

    fn problems(&self, parts: &Parts<'_>, year: Option<i16>) -> Vec<Problem> {
        if filler::is_masked(&parts.serial) {
            return vec![Problem::Masked];
        }
        let mut problems = Vec::new();
        let foreign = parts
            .letter
            .is_some_and(|letter| self.tables.provinces.by_icp(letter).is_none());
        let filler = parts.serial.len() >= 8 && filler::is_filler(&parts.serial);
        // The year of filler digits means nothing.
        if !filler && year.is_some_and(|year| !self.year_is_possible(parts, year)) {
            problems.push(Problem::Year);
        }
        let grammar = parts.letter.is_none()
            || parts.permit.is_none()
            || year.is_none()
            || parts.tail.service.is_some_and(|n| n.starts_with('0'));
        let wrong = [
            (foreign, Problem::Province),
            (filler, Problem::Placeholder),
            (parts.tail.hidden, Problem::Masked),
            (grammar, Problem::Grammar),
        ];
        problems.extend(
            wrong
                .iter()
                .filter(|(holds, _)| *holds)
                .map(|(_, problem)| *problem),
        );
        problems
    }

    fn year_is_possible(&self, parts: &Parts<'_>, year: i16) -> bool {
        let first = match (parts.permit, parts.serial.len()) {
            (Some(true), _) => 2000,
            (_, 10) => FIRST_LONG,
            _ => FIRST_FILING,
        };
        (first..=self.now).contains(&year)
    }

    /// Whether a letter before `ICP` is the end of a label rather than a province letter.
    fn is_label_end(&self, letter: char) -> bool {
        !self.tables.provinces.knows(letter) && self.tables.registries.label_ends.contains(letter)
    }

    fn written(&self, captures: &Captures<'_>, range: Range<usize>) -> Vec<&'static str> {
        let shown = self.text.text().get(range.clone()).unwrap_or_default();
        let part = |name: &str| {
            captures
                .name(name)
                .filter(|part| part.end() <= range.end)
                .map(|part| part.as_str())
        };
        let original = self.text.original(range.clone());
        let letters = part("letters").unwrap_or_default().replace(' ', "");
        let is_wide = |c: char| ('\u{ff01}'..='\u{ff5e}').contains(&c) && c != '：' && !"（）".contains(c);
        let is_traditional = |c: char| is_han(c) && !Normal::of(c.encode_utf8(&mut [0; 4])).is_unchanged();
        [
            ("look_alike_letters", !letters.eq_ignore_ascii_case("icp")),
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

/// ` - 2024` after a number is a copyright year, not a service.
fn is_year_behind_a_gap(service: &str, gap: &str) -> bool {
    service.len() == 4 && (service.starts_with("19") || service.starts_with("20")) && gap != "-"
}

fn kind_of(parts: &Parts<'_>) -> IcpKind {
    match (parts.permit, parts.tail.suffix) {
        (_, Some('A')) => IcpKind::App,
        (_, Some('X')) => IcpKind::MiniProgram,
        (_, Some('K')) => IcpKind::QuickApp,
        (Some(true), _) => IcpKind::Permit,
        (Some(false), _) => IcpKind::Filing,
        (None, _) => IcpKind::Other,
    }
}

/// The year a serial begins with; nothing when its length is none that is given out.
fn year_of(serial: &str, permit: Option<bool>) -> Option<i16> {
    let head = |digits: usize| serial.get(..digits).and_then(|head| head.parse::<i16>().ok());
    match (serial.len(), permit) {
        (8, Some(true)) if serial.starts_with("20") => head(4),
        (6, Some(true)) | (8, _) => head(2).map(|year| 2000 + year),
        (10, Some(false) | None) if serial.starts_with("20") => head(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;
    use crate::number::{police, telecom};

    fn one(text: &str) -> Icp {
        let mut found = find(&Normal::of(text), &tables(), 2026);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0).number
    }

    /// The class of `tests/samples/README.md` that a sample comes out as.
    fn class_of(text: &str) -> String {
        let (normal, tables) = (Normal::of(text), tables());
        if let Some(found) = telecom::find(&normal, &tables.provinces, 2026).first() {
            return if found.number.problem.is_none() {
                "b2"
            } else {
                "b2_odd"
            }
            .to_owned();
        }
        let icp = one(text);
        let permit = icp.kind == IcpKind::Permit;
        match icp.problems.first() {
            None if icp.written.is_empty() => {
                if permit {
                    "icp_cert"
                } else {
                    "filing_strict"
                }
            }
            None => {
                if permit {
                    "icp_cert_lenient"
                } else {
                    "filing_lenient"
                }
            }
            Some(Problem::Province) => "wrong_prefix",
            Some(Problem::Parody) => "joke",
            Some(Problem::Grammar) => "malformed",
            Some(problem) => problem.code(),
        }
        .to_owned()
    }

    #[test]
    fn every_sample_comes_out_as_labelled() {
        let mut rows = 0;
        for line in include_str!("../../tests/samples/icp_samples.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let mut columns = line.split('\t');
            let (text, class) = (columns.next().unwrap(), columns.next().unwrap());
            assert_eq!(class_of(text), class, "{line}");
            assert_eq!(
                class_of(&format!("版权所有 {text} 某某公司")),
                class,
                "{line} among other text"
            );
            rows += 1;
        }
        assert_eq!(rows, 39);
    }

    #[test]
    fn numbers_are_written_as_the_register_writes_them() {
        for (text, number, year, province, written) in [
            ("京icp备14012449号", "京ICP备14012449号", 2014, "11", "lower_case"),
            (
                "滬ICP備16027065號-2",
                "沪ICP备16027065号-2",
                2016,
                "31",
                "traditional",
            ),
            (
                "陇ICP备 05000593",
                "陇ICP备05000593号",
                2005,
                "62",
                "spaces no_sign",
            ),
            (
                "粤ＩＣＰ备：１３００３６０２号",
                "粤ICP备13003602号",
                2013,
                "44",
                "full_width colon",
            ),
            (
                "蜀 ICP 备 1100 4573 号-1",
                "蜀ICP备11004573号-1",
                2011,
                "51",
                "spaces",
            ),
            (
                "黔ICP备2025056580-2号",
                "黔ICP备2025056580号-2",
                2025,
                "52",
                "suffix_misplaced",
            ),
            ("(浙)ICP备16025414号", "浙ICP备16025414号", 2016, "33", "brackets"),
            (
                "浙ICP备案16025414号",
                "浙ICP备16025414号",
                2016,
                "33",
                "long_word",
            ),
            (
                "桂ICP备21002685号-1",
                "桂ICP备21002685号-1",
                2021,
                "45",
                "rare_length",
            ),
            ("辽ICP备2026017437号", "辽ICP备2026017437号", 2026, "21", ""),
            ("京ICP证140622号", "京ICP证140622号", 2014, "11", ""),
            ("京ICP备10\u{200b}046444号", "京ICP备10046444号", 2010, "11", ""),
        ] {
            let icp = one(text);
            assert_eq!(icp.problems, [], "{text}");
            assert_eq!(
                (icp.number.as_str(), icp.year, icp.province.as_deref()),
                (number, Some(year), Some(province)),
                "{text}"
            );
            assert_eq!(icp.written.join(" "), written, "{text}");
        }
        assert_eq!(
            one("粤ICP备08130115号-14").subject.as_deref(),
            Some("粤ICP备08130115号")
        );
        for (text, kind) in [
            ("冀ICP备18017068号-3X", IcpKind::MiniProgram),
            ("辽ICP备2023009191号-2A", IcpKind::App),
            ("京ICP备10046444号-1K", IcpKind::QuickApp),
        ] {
            assert_eq!(one(text).kind, kind, "{text}");
        }
    }

    #[test]
    fn each_failure_has_its_reasons() {
        use Problem as P;
        for (text, problems) in [
            ("贵ICP备36325334号-6", vec![P::Year, P::Province]),
            ("甘ICP备14018586号", vec![P::Province]),
            ("贵ICP备05052049号", vec![P::Province]),
            ("港ICP备14018586号", vec![P::Province]),
            ("云ICP备12345678号", vec![P::Province, P::Placeholder]),
            ("京ICP备12345678号", vec![P::Placeholder]),
            ("京ICP备00000000号", vec![P::Placeholder]),
            ("鲁ICP备1101XXXX号-10", vec![P::Masked]),
            ("蒙ICP备15004932号-1", vec![P::Template]),
            ("青ICP备026000119号-2A", vec![P::Grammar]),
            ("京ICP备04046444号", vec![P::Year]),
            ("京ICP备2027046444号", vec![P::Year]),
            ("京ICP备2015046444号", vec![P::Year]),
            ("ICP备10046444号", vec![P::Grammar]),
            ("备案号ICP备10046444号", vec![P::Grammar]),
            ("京ICP10046444号", vec![P::Grammar]),
            ("京1CP备10046444号", vec![P::Grammar]),
            ("京ІСР备10046444号", vec![P::Grammar]),
            ("京ICP备10046444号-01", vec![P::Grammar]),
            ("星云ICP备20231033号", vec![P::Parody]),
            ("萌ICP备20231033号", vec![P::Parody]),
            ("MIIT备20240818号", vec![P::Parody]),
            ("官码2024000155号", vec![P::Parody]),
        ] {
            assert_eq!(one(text).problems, problems, "{text}");
        }
        assert_eq!(one("备案: 星云ICP备20231033号").number, "星云ICP备20231033号");
    }

    #[test]
    fn what_follows_a_number_is_not_part_of_it() {
        for (text, number) in [
            (
                "京ICP备10046444号 - 2024 All rights reserved",
                "京ICP备10046444号",
            ),
            ("京ICP备10046444号-1 All rights reserved", "京ICP备10046444号-1"),
            ("京ICP备10046444号-1All", "京ICP备10046444号-1"),
            ("京ICP备10046444号-Xiaomi", "京ICP备10046444号"),
            ("京ICP备10046444号 2012-2024", "京ICP备10046444号"),
            ("京ICP备10046444 2012-2024", "京ICP备10046444号"),
            (
                "ICP备案号：京ICP备10046444号 | 京公网安备11000002000001号",
                "京ICP备10046444号",
            ),
        ] {
            assert_eq!(one(text).number, number, "{text}");
        }
    }

    #[test]
    fn other_text_holds_no_number() {
        for text in [
            "ICP备案咨询电话 400-123-4567",
            "ICP备案",
            "粤B2-20090059-5",
            "京公网安备11000002000001号",
            "订单 20240101123456",
            "LICP 1234",
            "",
        ] {
            assert_eq!(find(&Normal::of(text), &tables(), 2026), [], "{text}");
        }
    }

    #[test]
    fn several_numbers_come_in_order() {
        let found = find(
            &Normal::of("京ICP证030173号 萌ICP备20231033号 京ICP备10046444号-1"),
            &tables(),
            2026,
        );
        let numbers: Vec<&str> = found.iter().map(|found| found.number.number.as_str()).collect();
        assert_eq!(
            numbers,
            ["京ICP证030173号", "萌ICP备20231033号", "京ICP备10046444号-1"]
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_ranges_hold(text in "(\\PC|[京萌云ICP备证号0-9xX* -]){0,60}") {
            let normal = Normal::of(&text);
            let tables = tables();
            for found in find(&normal, &tables, 2026) {
                proptest::prop_assert!(normal.text().get(found.range).is_some());
            }
            let count = telecom::find(&normal, &tables.provinces, 2026).len() + police::find(&normal, &tables.provinces).len();
            proptest::prop_assert!(count <= text.len());
        }

        #[test]
        fn a_well_formed_number_reads_as_itself(province in 0usize..31, year in 2020i16..=2026, serial in 1u32..99_999, service in 1u32..9999) {
            let letter = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝蜀黔滇藏陕陇青宁新".chars().nth(province).unwrap();
            proptest::prop_assume!(!filler::is_filler(&format!("{year}{serial:06}")));
            let text = format!("{letter}ICP备{year}{serial:06}号-{service}");
            proptest::prop_assert_eq!(one(&text).number, text);
        }
    }
}
