//! Tests of all readers of numbers over `tests/samples/number_samples.tsv`: worked examples of the standards, public strings, and
//! the ways in which they fail.

use super::licence::{Labels, LicenceNumber};
use super::permit::Words;
use super::tests::tables;
use super::{Problem, icp, licence, permit, police, telecom};
use crate::text::Normal;

/// Number and problem.
type Read = (String, Option<Problem>);

fn list(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn labels() -> Labels {
    Labels {
        words: list(&["信用代码", "注册号"]),
        organisation: list(&["组织机构代码"]),
        filler: " :".into(),
        filler_words: Vec::new(),
    }
}

fn permits(kind: &str, text: &Normal) -> Vec<Read> {
    let words = Words {
        audiovisual: list(&["视听"]),
        payment: list(&["支付业务许可证"]),
        prepaid: list(&["预付卡"]),
        filed: list(&["备案"]),
    };
    permit::find(text, &words, &tables().provinces, 2026)
        .into_iter()
        .filter(|found| found.number.kind.code() == kind)
        .map(|found| (found.number.number, found.number.problem))
        .collect()
}

fn licences(text: &Normal) -> Vec<Read> {
    licence::find(text, &tables().provinces, &labels(), None)
        .into_iter()
        .map(|found| match found.number {
            LicenceNumber::Uscc(uscc) => (uscc.code, uscc.problems.first().copied()),
            LicenceNumber::Registration(number) => (number.digits, number.problem),
            LicenceNumber::Organisation(number) => (number.code, number.problem),
        })
        .collect()
}

/// What the reader of a kind makes of a text.
fn read(kind: &str, text: &str) -> Vec<Read> {
    let label = match kind {
        "uscc" => "信用代码：",
        "registration" => "注册号：",
        "organisation" => "组织机构代码：",
        _ => "",
    };
    let (normal, tables) = (Normal::of(&format!("{label}{text}")), tables());
    match kind {
        "icp" => icp::find(&normal, &tables, 2026)
            .into_iter()
            .map(|found| (found.number.number, found.number.problems.first().copied()))
            .collect(),
        "police" => police::find(&normal, &tables.provinces)
            .into_iter()
            .map(|found| (found.number.number, found.number.problem))
            .collect(),
        "telecom" => telecom::find(&normal, &tables, 2026)
            .into_iter()
            .map(|found| (found.number.number, found.number.problem))
            .collect(),
        "uscc" | "registration" | "organisation" => licences(&normal),
        kind => permits(kind, &normal),
    }
}

#[test]
fn every_number_comes_out_as_labelled() {
    let rows = include_str!("../../tests/samples/number_samples.tsv").lines();
    let mut count = 0;
    for row in rows.filter(|row| !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (kind, text, shown, problem) = (columns[0], columns[1], columns[2], columns[3]);
        for around in [text.to_owned(), format!("{text} 青禾"), format!("{text}；客服")] {
            let found = read(kind, &around);
            assert_eq!(found.len(), 1, "{row}: {found:?}");
            let (number, failing) = &found[0];
            assert_eq!(failing.map_or("none", Problem::code), problem, "{row}");
            assert_eq!(number, shown, "{row}");
        }
        count += 1;
    }
    assert_eq!(count, 104);
}

/// Ways to write a number that change nothing: width, a traditional letter, blanks, case.
fn rewritten(text: &str, [wide, traditional, lower, spaced]: [bool; 4]) -> String {
    let mut written = String::new();
    for c in text.chars() {
        let c = match c {
            '备' if traditional => '備',
            '号' if traditional => '號',
            '证' if traditional => '證',
            '网' if traditional => '網',
            c if lower => c.to_ascii_lowercase(),
            c => c,
        };
        let wide = wide && c.is_ascii_graphic();
        let shown = if wide {
            char::from_u32(u32::from(c) + 0xfee0)
        } else {
            Some(c)
        };
        written.extend(shown);
        if spaced && matches!(c, '备' | '備' | 'P' | 'p') {
            written.push(' ');
        }
    }
    written
}

proptest::proptest! {
    #[test]
    fn a_number_is_read_however_lawfully_it_is_written(wide: bool, traditional: bool, lower: bool, spaced: bool) {
        for (kind, text) in [
            ("icp", "京ICP备10046444号-1"),
            ("icp", "闽ICP备2026014225号-3X"),
            ("icp", "京ICP证030173号"),
            ("police", "浙公网安备33010602009975号"),
            ("telecom", "粤B2-20090059-5"),
            ("culture", "京网文[2020]1039-165号"),
        ] {
            let written = rewritten(text, [wide, traditional, lower && kind != "culture", spaced]);
            proptest::prop_assert_eq!(read(kind, &written), read(kind, text), "{}", written);
        }
    }

    #[test]
    fn what_is_well_formed_reads_as_itself(province in 0usize..31, serial in 1u32..99_999, year in 5u32..20) {
        let provinces = tables().provinces;
        let codes = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65";
        let row = provinces.by_code(codes.split(' ').nth(province).unwrap()).unwrap();
        let digits = format!("{year:02}{serial:06}");
        proptest::prop_assume!(!super::filler::is_filler(&digits));
        let icp = format!("{}ICP备{digits}号", row.icp);
        proptest::prop_assert_eq!(read("icp", &icp), [(icp, None)]);
        let digits = format!("{}010102{serial:06}", row.code);
        proptest::prop_assume!(!super::filler::is_filler(&digits));
        let police = format!("{}公网安备{digits}号", row.police);
        proptest::prop_assert_eq!(read("police", &police), [(police, None)]);
    }

    #[test]
    fn random_text_never_panics(text in "\\PC{0,80}") {
        for kind in ["icp", "police", "telecom", "uscc", "registration", "organisation", "culture", "payment"] {
            read(kind, &text);
        }
    }
}
