//! Tests of the filing inspector. Numbers are public samples; pages are invented.

use std::sync::LazyLock;

use super::super::shown::tests::{evidence, link, page};
use super::*;
use crate::evidence::Role;
use crate::page::{Hidden, HiddenKind, Page, Region};

static INSPECTOR: LazyLock<Box<dyn Inspector>> = LazyLock::new(|| load(&DataFiles::built_in()).unwrap());

fn facts(evidence: &Evidence) -> Facts {
    crate::inspect::fixture::checked(&**INSPECTOR, PROVIDES, evidence)
}

fn home(page: Page) -> Facts {
    facts(&evidence(vec![(Role::Home, page)]))
}

fn footer(text: &str) -> Facts {
    home(page(&[(Region::Main, "商品列表"), (Region::Footer, text)]))
}

#[test]
fn a_plain_footer_gives_every_fact() {
    let mut shop = page(&[(
        Region::Footer,
        "© 2020 京ICP备10046444号-1 京公网安备11000002000001号",
    )]);
    shop.links = vec![
        link(
            Region::Footer,
            "京ICP备10046444号-1",
            "https://beian.miit.gov.cn/",
        ),
        link(
            Region::Footer,
            "京公网安备11000002000001号",
            "https://beian.mps.gov.cn/#/query/webSearch?code=11000002000001",
        ),
    ];
    let facts = home(shop);
    assert_eq!(facts.is("filing.icp_shown"), Some(true));
    assert_eq!(facts.text("filing.icp_number"), Some("京ICP备10046444号-1"));
    assert_eq!(facts.text("filing.icp_problem"), Some("none"));
    assert_eq!(facts.text("filing.icp_kind"), Some("filing"));
    assert_eq!(facts.get("filing.icp_year").unwrap().value, 2010.into());
    assert_eq!(facts.text("filing.icp_province"), Some("11"));
    assert_eq!(facts.get("filing.icp_subjects").unwrap().value, 1.into());
    assert_eq!(facts.text("filing.icp_link"), Some("official"));
    assert_eq!(facts.is("filing.icp_hidden"), Some(false));
    assert_eq!(
        facts.text("filing.police_number"),
        Some("京公网安备11000002000001号")
    );
    assert_eq!(facts.text("filing.police_problem"), Some("none"));
    assert_eq!(facts.text("filing.police_link"), Some("official"));
    let at = facts.get("filing.icp_number").unwrap().at.as_ref().unwrap();
    assert_eq!(at.place, "footer");
    assert!(at.snippet.contains("京ICP备10046444号-1"));
}

#[test]
fn the_problem_is_named() {
    for (text, problem, kind) in [
        ("京ICP备10046444号", "none", "filing"),
        ("川ICP备09150084号", "province", "filing"),
        ("萌ICP备20231033号", "parody", "other"),
        ("京ICP备12345678号", "placeholder", "filing"),
        ("鲁ICP备1101XXXX号-10", "masked", "filing"),
        ("京ICP备1004644号", "grammar", "filing"),
        ("贵ICP备36325334号-6", "year", "filing"),
        ("蒙ICP备15004932号-1", "template", "filing"),
        ("粤B2-20090059-5", "none", "telecom_licence"),
        ("蜀B2-20090059-5", "province", "telecom_licence"),
        ("川B2-20220497", "template", "telecom_licence"),
        ("京ICP证030173号", "none", "permit"),
        ("闽ICP备2026014225号-3X", "none", "mini_program"),
        ("京ICP备10046444号 川ICP备09150084号", "province", "filing"),
    ] {
        let facts = footer(text);
        assert_eq!(facts.is("filing.icp_shown"), Some(true), "{text}");
        assert_eq!(facts.text("filing.icp_problem"), Some(problem), "{text}");
        assert_eq!(facts.text("filing.icp_kind"), Some(kind), "{text}");
        let alone = !text.contains(' ');
        let malformed = facts.get("filing.icp_number").unwrap().firmness == Firmness::Malformed;
        assert_eq!(malformed, alone && problem != "none", "{text}");
    }
    assert_eq!(
        footer("滬icp備16027065號")
            .get("filing.icp_number")
            .unwrap()
            .detail
            .as_deref(),
        Some("written: lower_case, traditional")
    );
}

#[test]
fn a_number_that_an_article_quotes_is_not_the_sites_own() {
    let prose = "骗子网站的页脚往往写着别人的备案号，例如某某网站写的京ICP备10046444号，其实查不到，消费者要自己去核对，不要轻信页面上的文字。".repeat(4);
    let article = page(&[
        (Region::Main, &prose),
        (Region::Main, &prose),
        (Region::Main, "京ICP备10046444号"),
    ]);
    assert_eq!(home(article.clone()).is("filing.icp_shown"), Some(false));
    let mut linked = article;
    linked.links.push(link(
        Region::Main,
        "京ICP备10046444号",
        "https://beian.miit.gov.cn/",
    ));
    assert_eq!(home(linked).is("filing.icp_shown"), Some(true));
    let about = evidence(vec![
        (Role::Home, page(&[(Region::Main, "商品")])),
        (Role::About, page(&[(Region::Main, &prose)])),
    ]);
    assert_eq!(facts(&about).is("filing.icp_shown"), Some(true));
}

#[test]
fn numbers_do_not_join_across_blocks() {
    let split = page(&[(Region::Footer, "京ICP备1004"), (Region::Footer, "6444号")]);
    assert_eq!(home(split).is("filing.icp_shown"), Some(false));
}

#[test]
fn the_links_host_decides() {
    for (text, href, kind) in [
        ("京ICP备10046444号", "https://beian.miit.gov.cn/", "official"),
        ("京ICP备10046444号", "http://www.miitbeian.gov.cn/", "dated"),
        (
            "京ICP备10046444号",
            "https://beian.miit.gov.cn.example.net/",
            "lookalike",
        ),
        ("京ICP备10046444号", "https://github.com/", "other"),
        ("京ICP备10046444号", "#", "none"),
        ("工信部备案", "https://beian.miit.gov.cn/", "official"),
        ("首页", "https://beian.miit.gov.cn/", "none"),
    ] {
        let mut shop = page(&[(Region::Footer, "工信部备案 京ICP备10046444号")]);
        shop.links.push(link(Region::Footer, text, href));
        assert_eq!(home(shop).text("filing.icp_link"), Some(kind), "{text} {href}");
    }
    assert_eq!(footer("京ICP备10046444号").text("filing.icp_link"), Some("none"));
}

#[test]
fn a_hidden_number_is_noted_and_not_shown() {
    let mut shop = page(&[(Region::Footer, "版权所有")]);
    shop.hidden.push(Hidden {
        kind: HiddenKind::Comment,
        text: "京ICP备10046444号".into(),
    });
    let facts = home(shop.clone());
    assert_eq!(
        (facts.is("filing.icp_hidden"), facts.is("filing.icp_shown")),
        (Some(true), Some(false))
    );
    assert_eq!(
        facts.get("filing.icp_hidden").unwrap().at.as_ref().unwrap().place,
        "comment"
    );
    shop.blocks[0].text = "京ICP备10046444号".into();
    assert_eq!(home(shop).is("filing.icp_hidden"), Some(false));
}

#[test]
fn a_hidden_police_number_is_noted_and_not_shown() {
    let mut shop = page(&[(Region::Footer, "版权所有")]);
    shop.hidden.push(Hidden {
        kind: HiddenKind::Element,
        text: "京公网安备11000002000001号".into(),
    });
    let facts = home(shop.clone());
    assert_eq!(
        (facts.is("filing.police_hidden"), facts.is("filing.police_shown")),
        (Some(true), Some(false))
    );
    let at = facts.get("filing.police_hidden").unwrap().at.as_ref().unwrap();
    assert_eq!(
        (at.place.as_str(), at.snippet.as_str()),
        ("hidden", "京公网安备11000002000001号")
    );
    shop.blocks[0].text = "京公网安备11000002000001号".into();
    assert_eq!(home(shop).is("filing.police_hidden"), Some(false));
    assert_eq!(footer("版权所有").is("filing.police_hidden"), Some(false));
}

#[test]
fn spellings_of_one_subject_are_counted() {
    for (text, spellings) in [
        ("京ICP备10046444号", Some(1)),
        ("京ICP备10046444号 京ICP备10046444号-2", Some(1)),
        ("京ICP备10046444号 京icp備10046444號-1", Some(2)),
        ("京ICP备10046444号 京ICP备 10046444 京ＩＣＰ备10046444号", Some(3)),
        ("京ICP备10046444号 粤ICP备08130115号", Some(1)),
        (
            "京ICP备10046444号 粤ICP备08130115号 粤ICP备：08130115号-14",
            Some(2),
        ),
        ("川ICP备09150084号", None),
        ("版权所有", None),
    ] {
        let facts = footer(text);
        let value = facts.get("filing.icp_spellings").map(|fact| fact.value.clone());
        assert_eq!(value, spellings.map(|count: i64| count.into()), "{text}");
    }
}

#[test]
fn kinds_of_all_numbers_are_listed() {
    for (text, kinds) in [
        ("京ICP证030173号 京ICP备10046444号", vec!["filing", "permit"]),
        (
            "闽ICP备2026014225号-3X 浙ICP备2024071295号-2A",
            vec!["app", "mini_program"],
        ),
        ("版权所有", vec![]),
    ] {
        assert_eq!(footer(text).list("filing.icp_kinds"), kinds, "{text}");
    }
}

#[test]
fn several_subjects_are_counted() {
    for (text, subjects) in [
        ("京ICP备10046444号-1 京ICP备10046444号-2", 1),
        ("京ICP备10046444号 粤ICP备08130115号", 2),
        ("京ICP证030173号 京ICP备10046444号", 1),
        ("川ICP备09150084号", 0),
    ] {
        assert_eq!(
            footer(text).get("filing.icp_subjects").unwrap().value,
            subjects.into(),
            "{text}"
        );
    }
}

#[test]
fn police_numbers_are_checked_against_their_link() {
    for (href, problem, kind) in [
        (
            "http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=11000002000001",
            "none",
            "official",
        ),
        (
            "http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=33010602009975",
            "link_differs",
            "official",
        ),
        (
            "https://beian.mps.gov.example/?code=11000002000001",
            "none",
            "lookalike",
        ),
        ("https://shop.example.com/", "none", "other"),
    ] {
        let mut shop = page(&[(Region::Footer, "京公网安备11000002000001号")]);
        shop.links
            .push(link(Region::Footer, "京公网安备 11000002000001号", href));
        let facts = home(shop);
        assert_eq!(facts.text("filing.police_problem"), Some(problem), "{href}");
        assert_eq!(facts.text("filing.police_link"), Some(kind), "{href}");
    }
    let old = footer("京公网安备110105000655号");
    assert!(old.get("filing.police_number").unwrap().detail.is_some());
    assert_eq!(
        footer("蜀公网安备51010602000097号").text("filing.police_problem"),
        Some("province")
    );
    for (text, problem) in [
        ("辽公网安备51021102000418号", "province"),
        ("辽公网安备21021103000418号", "code"),
    ] {
        assert_eq!(
            footer(text).text("filing.police_problem"),
            Some(problem),
            "{text}"
        );
    }
}

#[test]
fn nothing_is_denied_of_a_page_that_was_not_read() {
    let facts = facts(&evidence(vec![]));
    assert!(facts.is_empty());
    for spec in PROVIDES {
        assert_eq!(
            facts.absence(spec.name).unwrap().reason,
            "not_crawled",
            "{}",
            spec.name
        );
    }
    let facts = home(page(&[(Region::Footer, "版权所有")]));
    assert_eq!(facts.is("filing.police_shown"), Some(false));
    assert!(facts.absence("filing.icp_problem").is_none() && facts.get("filing.icp_problem").is_none());
}
