//! Tests of the ICP reader. Numbers are public samples.

use super::*;
use crate::number::filler;
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
    if let Some(found) = telecom::find(&normal, &tables, 2026).first() {
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
    for line in include_str!("../../../tests/samples/icp_samples.tsv")
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
    /// The cheap look never says no where the pattern would find something.
    #[test]
    fn the_cheap_look_loses_nothing(text in "[京IΙІl1|iCСсcPРρp 备证号0-9:]{0,24}") {
        let normal = Normal::of(&text);
        proptest::prop_assert!(may_hold(normal.text()) || !FORM.is_match(normal.text()), "{}", text);
    }

    #[test]
    fn never_panics_and_ranges_hold(text in "(\\PC|[京萌云ICP备证号0-9xX* -]){0,60}") {
        let normal = Normal::of(&text);
        let tables = tables();
        for found in find(&normal, &tables, 2026) {
            proptest::prop_assert!(normal.text().get(found.range).is_some());
        }
        let count = telecom::find(&normal, &tables, 2026).len() + police::find(&normal, &tables.provinces).len();
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
