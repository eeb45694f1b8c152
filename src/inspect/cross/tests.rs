//! Tests of the cross-checks. Numbers are the worked examples of public standards and pages; names are invented.

use super::super::shown::tests::{evidence, page};
use super::super::{filing, licence};
use super::*;
use crate::evidence::Role;
use crate::page::Region;

fn footer(text: &str) -> Facts {
    let evidence = evidence(vec![(
        Role::Home,
        page(&[(Region::Main, "商品"), (Region::Footer, text)]),
    )]);
    let data = DataFiles::built_in();
    let mut facts = Facts::default();
    for load in [filing::load, licence::load, load] {
        crate::inspect::fixture::alone(&*load(&data).unwrap(), &evidence, &mut facts);
    }
    facts
}

#[test]
fn provinces_are_held_against_each_other() {
    for (text, provinces, agree) in [
        (
            "91330106673959654P 浙ICP备16025414号 浙公网安备33010602009975号",
            vec!["33"],
            Some(true),
        ),
        (
            "91510100MA00000000 蜀ICP备11004573号 川公网安备51019002006069号",
            vec!["51"],
            Some(true),
        ),
        (
            "91330106673959654P 京ICP备10046444号",
            vec!["11", "33"],
            Some(false),
        ),
        (
            "京ICP备10046444号 浙公网安备33010602009975号",
            vec!["11", "33"],
            Some(false),
        ),
        ("京ICP备10046444号", vec!["11"], None),
        ("京ICP备10046444号 甘公网安备 235487154313号", vec!["11"], None),
        ("川ICP备09150084号 京公网安备11000002000001号", vec!["11"], None),
        ("合字B2-20190051 京公网安备11000002000001号", vec!["11"], None),
        ("版权所有", vec![], None),
    ] {
        let facts = footer(text);
        assert_eq!(facts.list("cross.provinces"), provinces, "{text}");
        assert_eq!(facts.is("cross.provinces_agree"), agree, "{text}");
    }
}

#[test]
fn names_are_held_against_each_other() {
    for (text, agree) in [
        ("青禾（杭州）网络有限公司 青禾(杭州)网络有限责任公司", Some(true)),
        ("青禾网络有限公司 白露信息有限公司", Some(false)),
        ("青禾网络有限公司", None),
    ] {
        assert_eq!(footer(text).is("cross.company_names_agree"), agree, "{text}");
    }
}

#[test]
fn the_filing_is_held_against_the_years_the_site_gives() {
    for (text, after) in [
        ("© 2012-2026 星河数卡 京ICP备2024046444号", Some(true)),
        ("2012-2026 版权所有 京ICP备2024046444号", Some(true)),
        ("版权所有 2012-至今 京ICP备2024046444号", Some(true)),
        ("小店成立于2012年 京ICP备2024046444号", Some(true)),
        ("Since 2012 京ICP备2024046444号", Some(true)),
        ("Since 2012 京ICP备10046444号", Some(false)),
        // Within what is tolerated.
        ("© 2021-2026 京ICP备2024046444号", Some(false)),
        ("© 2020-2026 京ICP备2024046444号", Some(true)),
        // One year is no claim of age, and a firm's years are not the site's.
        ("Copyright © 2012 京ICP备2024046444号", Some(false)),
        ("© 2012-2026 青禾网络有限公司 京ICP备2024046444号", Some(false)),
        ("青禾网络有限公司成立于2003年 京ICP备2024046444号", None),
        ("青禾网络有限公司 since 2003 京ICP备2024046444号", Some(false)),
        ("京网文〔2012〕1039-165号 京ICP备2024046444号", None),
        (
            "Powered by Discuz! © 2001-2024 Discuz! Team. 鲁ICP备14027889号-3",
            None,
        ),
        ("© 2012-2026", None),
        ("© 3012-3026 京ICP备2024046444号", None),
    ] {
        assert_eq!(footer(text).is("cross.filing_after_copyright"), after, "{text}");
    }
}

#[test]
fn subjects_are_counted_by_what_there_is_most_of() {
    for (text, subjects) in [
        ("版权所有", 0),
        ("青禾网络有限公司", 1),
        (
            "青禾网络有限公司 青禾网络有限责任公司 青禾网络有限公司北京分公司",
            1,
        ),
        ("青禾网络有限公司 白露信息有限公司 京ICP备10046444号", 2),
        ("京ICP备10046444号 粤ICP备08130115号", 2),
        (
            "91330106673959654P 91110000802100433B 9144030071526726XG 京ICP备10046444号",
            3,
        ),
        ("91330106673959654P 91330106673959655P", 1),
    ] {
        let facts = footer(text);
        assert_eq!(
            facts.get("cross.subjects").unwrap().value,
            subjects.into(),
            "{text}"
        );
    }
}

#[test]
fn the_number_of_an_app_alone_is_told() {
    for (text, only) in [
        ("浙ICP备2024071295号-2A", true),
        ("闽ICP备2026014225号-3X 浙ICP备2024071295号-2A", true),
        ("浙ICP备2024071295号-2A 浙ICP备2024071295号-1", false),
        ("浙ICP备2024071295号", false),
        ("版权所有", false),
    ] {
        assert_eq!(footer(text).is("cross.app_number_on_site"), Some(only), "{text}");
    }
}

#[test]
fn a_code_of_a_public_body_is_odd_on_a_shop() {
    for (text, odd) in [
        ("91330106673959654P", Some(false)),
        ("12330106673959654W", Some(true)),
        ("91330106673959655P", None),
        ("版权所有", None),
    ] {
        assert_eq!(footer(text).is("cross.licence_is_odd"), odd, "{text}");
    }
}

#[test]
fn a_row_of_unrelated_permits_is_noticed() {
    let row = "京网文〔2020〕1039-165号 Z2015044000015 （总）网出证（京）字第049号";
    assert_eq!(footer(row).is("cross.unrelated_permits"), Some(true));
    assert_eq!(
        footer("京B2-20241987 京网文〔2020〕1039-165号 Z2015044000015").is("cross.unrelated_permits"),
        Some(false)
    );
    assert_eq!(footer("版权所有").is("cross.unrelated_permits"), Some(false));
    assert_eq!(
        footer(row).list("cross.permit_misfit"),
        ["culture", "payment", "publishing"]
    );
    assert_eq!(
        footer("京B2-20241987 浙D3-20210002").list("cross.permit_misfit"),
        ["domain"]
    );
    assert!(footer("京B2-20241987").list("cross.permit_misfit").is_empty());
}

#[test]
fn a_lawful_footer_has_no_fault_and_a_copied_one_has_several() {
    let lawful = footer(
        "© 2011-2026 青禾（杭州）网络有限公司 统一社会信用代码：91330106673959654P 浙ICP备11025414号-1 \
         浙公网安备33010602009975号 增值电信业务经营许可证：浙B2-20110349",
    );
    for name in [
        "filing.icp_problem",
        "filing.police_problem",
        "licence.uscc_problem",
        "licence.telecom_problem",
    ] {
        assert_eq!(lawful.text(name), Some("none"), "{name}");
    }
    assert_eq!(lawful.is("cross.provinces_agree"), Some(true));
    assert_eq!(lawful.is("cross.filing_after_copyright"), Some(false));
    assert_eq!(
        lawful.text("licence.company_name"),
        Some("青禾(杭州)网络有限公司")
    );
    let copied = footer(
        "© 2011-2026 青禾网络有限公司 白露科技有限公司 统一社会信用代码：91330106673959655P 川ICP备2025012345号 \
         京公网安备99010602002329号 京B7-20110349",
    );
    for (name, problem) in [
        ("filing.icp_problem", "province"),
        ("filing.police_problem", "province"),
        ("licence.uscc_problem", "check_digit"),
        ("licence.telecom_problem", "class"),
    ] {
        assert_eq!(copied.text(name), Some(problem), "{name}");
    }
    assert_eq!(copied.is("cross.company_names_agree"), Some(false));
    assert_eq!(copied.is("cross.provinces_agree"), None);
}

#[test]
fn data_that_does_not_read_is_refused() {
    for file in ["licences.toml", "provinces.toml", "registries.toml"] {
        let data = DataFiles::built_in().with(file, "unknown = 1");
        let errors = [filing::load, licence::load, load]
            .iter()
            .filter(|load| load(&data).is_err())
            .count();
        assert!(errors > 0, "{file}");
    }
}

#[test]
fn nothing_is_said_of_a_site_that_was_not_read() {
    let mut facts = Facts::default();
    let cross = load(&DataFiles::built_in()).unwrap();
    crate::inspect::fixture::alone(&*cross, &evidence(vec![]), &mut facts);
    assert!(facts.is_empty());
    assert!(PROVIDES.iter().all(|spec| facts.absence(spec.name).is_some()));
}
