//! Tests of the licence inspector. Numbers are the worked examples of public standards and pages; names are invented.

use std::sync::LazyLock;

use super::super::shown::tests::{evidence, link, page};
use super::*;
use crate::evidence::Role;
use crate::page::{Image, Page, Region};

const CODE: &str = "91330106673959654P";

static INSPECTOR: LazyLock<Box<dyn Inspector>> = LazyLock::new(|| load(&DataFiles::built_in()).unwrap());

fn read(evidence: &Evidence) -> Facts {
    crate::inspect::fixture::checked(&**INSPECTOR, PROVIDES, evidence)
}

fn home(page: Page) -> Facts {
    read(&evidence(vec![(Role::Home, page)]))
}

fn footer(text: &str) -> Facts {
    home(page(&[(Region::Main, "商品列表"), (Region::Footer, text)]))
}

fn licence_link(head: &str, middle: &str, ms: &str) -> crate::page::Link {
    let href = format!(
        "https://zzlz.gsxt.gov.cn/businessCheck/verifKey.do?showType=p&serial={head}-SAIC_SHOW_100000{middle}{ms}&signData=MEU"
    );
    link(Region::Footer, "电子营业执照", &href)
}

#[test]
fn a_code_in_the_footer_gives_its_facts() {
    let facts = footer("统一社会信用代码：91330106673959654P");
    assert_eq!(facts.is("licence.shown"), Some(true));
    assert_eq!(facts.is("licence.named"), Some(true));
    assert_eq!(facts.text("licence.uscc"), Some(CODE));
    assert_eq!(facts.get("licence.uscc").unwrap().firmness, Firmness::WellFormed);
    assert_eq!(facts.text("licence.uscc_problem"), Some("none"));
    assert_eq!(facts.text("licence.subject_class"), Some("company"));
    assert_eq!(facts.text("licence.region"), Some("33"));
    assert_eq!(facts.text("licence.link"), Some("none"));
    assert_eq!(facts.is("licence.picture_only"), Some(false));
    assert_eq!(facts.get("licence.link_agrees"), None);
}

#[test]
fn the_problem_of_a_code_is_named() {
    for (code, problem) in [
        ("91330106673959655P", "check_digit"),
        ("91110108MA01XXXXXX", "masked"),
        ("91110000123456789X", "placeholder"),
        ("91110108MA01TEST1x", "grammar"),
    ] {
        let facts = footer(&format!("统一社会信用代码：{code}"));
        assert_eq!(facts.text("licence.uscc_problem"), Some(problem), "{code}");
        assert_eq!(
            facts.get("licence.uscc").unwrap().firmness,
            Firmness::Malformed,
            "{code}"
        );
        assert_eq!(facts.get("licence.region"), None, "{code}");
    }
    let wrong = footer("统一社会信用代码：91330106673959654Q");
    let detail = wrong.get("licence.uscc_problem").unwrap().detail.as_deref();
    assert_eq!(detail, Some("fails: check_digit; the last character should be P"));
}

#[test]
fn a_label_in_the_cell_before_announces_a_number() {
    let facts = home(page(&[
        (Region::Footer, "注册号："),
        (Region::Footer, "440301103448669"),
    ]));
    assert_eq!(facts.text("licence.registration_number"), Some("440301103448669"));
    assert_eq!(facts.text("licence.registration_problem"), Some("none"));
    let facts = home(page(&[
        (Region::Footer, "订单："),
        (Region::Footer, "440301103448669"),
    ]));
    assert_eq!(facts.is("licence.shown"), Some(false));
    assert_eq!(
        footer("注册号：990106000129004").text("licence.registration_problem"),
        Some("check_digit")
    );
}

#[test]
fn the_licence_link_is_held_against_the_text() {
    for (head, middle, ms, agrees) in [
        (CODE, CODE, "1710919400712", true),
        (CODE, "91110000802100433B", "1710919400712", false),
        ("91110000802100433B", "91110000802100433B", "1710919400712", false),
        ("91330106673959655P", "91330106673959655P", "1710919400712", false),
        (CODE, CODE, "1210919400712", false),
        (CODE, CODE, "9710919400712", false),
    ] {
        let mut shop = page(&[(Region::Footer, "统一社会信用代码：91330106673959654P")]);
        shop.links.push(licence_link(head, middle, ms));
        let facts = home(shop);
        assert_eq!(
            facts.text("licence.link"),
            Some("official"),
            "{head} {middle} {ms}"
        );
        assert_eq!(
            facts.is("licence.link_agrees"),
            Some(agrees),
            "{head} {middle} {ms}"
        );
    }
    let mut shop = page(&[(Region::Footer, "统一社会信用代码：91330106673959654P")]);
    shop.links.push(licence_link(CODE, CODE, "1710919400712"));
    assert_eq!(
        home(shop).get("licence.uscc").unwrap().firmness,
        Firmness::Consistent
    );
}

#[test]
fn a_licence_link_alone_shows_a_licence() {
    let mut shop = page(&[(Region::Footer, "版权所有")]);
    shop.links.push(licence_link(CODE, CODE, "1710919400712"));
    let facts = home(shop);
    assert_eq!(facts.is("licence.shown"), Some(true));
    assert_eq!(facts.text("licence.uscc"), Some(CODE));
    assert_eq!(facts.get("licence.uscc").unwrap().firmness, Firmness::WellFormed);
    let mut copy = page(&[(Region::Footer, "版权所有")]);
    copy.links.push(link(
        Region::Footer,
        "亮照",
        "https://zzlz.gsxt.gov.cn.example.net/?serial=1",
    ));
    let facts = home(copy);
    assert_eq!(facts.text("licence.link"), Some("lookalike"));
    assert_eq!(
        (facts.is("licence.shown"), facts.is("licence.named")),
        (Some(false), Some(true))
    );
}

#[test]
fn a_licence_that_is_only_a_picture_is_said_to_be_one() {
    let image = Image {
        url: "https://shop.example.com/yyzz.jpg".into(),
        alt: "营业执照".into(),
        title: String::new(),
        region: Region::Footer,
    };
    let mut shop = page(&[(Region::Main, "商品")]);
    shop.images.push(image.clone());
    assert_eq!(home(shop.clone()).is("licence.picture_only"), Some(true));
    shop.blocks.push(
        page(&[(Region::Footer, "统一社会信用代码：91330106673959654P")])
            .blocks
            .remove(0),
    );
    assert_eq!(home(shop).is("licence.picture_only"), Some(false));
    let mut linked = page(&[(Region::Footer, "营业执照")]);
    linked.links.push(link(
        Region::Footer,
        "营业执照",
        "https://shop.example.com/a/yyzz.JPG?v=2",
    ));
    assert_eq!(home(linked).is("licence.picture_only"), Some(true));
    let mut advice = page(&[(
        Region::Main,
        "购买之前请先查看商家的营业执照是否真实有效，必要时到公示系统查询核对。",
    )]);
    advice.images.push(image);
    assert_eq!(home(advice).is("licence.picture_only"), Some(false));
    assert_eq!(footer("版权所有").is("licence.named"), Some(false));
}

#[test]
fn company_names_come_from_footers_and_pages_about_the_shop() {
    let facts = read(&evidence(vec![
        (
            Role::Home,
            page(&[
                (Region::Main, "合作伙伴甲乙有限公司"),
                (
                    Region::Footer,
                    "© 2024 杭州青禾网络有限公司 技术支持：白露信息有限公司",
                ),
            ]),
        ),
        (
            Role::About,
            page(&[
                (Region::Main, "公司名称：杭州青禾网络有限责任公司"),
                (Region::Main, "我们与丙丁科技有限公司有往来"),
            ]),
        ),
    ]));
    assert_eq!(facts.text("licence.company_name"), Some("杭州青禾网络有限公司"));
    assert_eq!(
        facts.list("licence.company_names"),
        ["杭州青禾网络有限公司", "杭州青禾网络有限责任公司"]
    );
    let about = evidence(vec![(
        Role::About,
        page(&[(Region::Main, "青禾网络有限公司创立于甲市")]),
    )]);
    assert_eq!(
        read(&about).text("licence.company_name"),
        Some("青禾网络有限公司")
    );
    assert_eq!(
        home(page(&[(Region::Main, "甲乙有限公司")])).get("licence.company_name"),
        None
    );
}

#[test]
fn a_link_to_another_site_names_a_friend() {
    let mut shop = page(&[
        (Region::Footer, "白露信息有限公司"),
        (Region::Footer, "青禾网络有限公司"),
    ]);
    shop.links.push(link(
        Region::Footer,
        "白露信息有限公司",
        "https://friend.example.org/",
    ));
    shop.links.push(link(
        Region::Footer,
        "青禾网络有限公司",
        "https://www.example.com/about",
    ));
    assert_eq!(home(shop).list("licence.company_names"), ["青禾网络有限公司"]);
}

#[test]
fn permits_are_listed() {
    let facts = footer("京B2-20241987 京网文〔2020〕1039-165号 支付业务许可证Z2015044000015");
    assert_eq!(facts.list("licence.permits"), ["culture", "payment", "telecom"]);
    assert_eq!(facts.text("licence.telecom_number"), Some("京B2-20241987"));
    assert_eq!(facts.text("licence.telecom_problem"), Some("none"));
    assert_eq!(
        footer("豫B7-20090329").text("licence.telecom_problem"),
        Some("class")
    );
    assert_eq!(
        footer("京ICP备10046444号").get("licence.permits").unwrap().value,
        Vec::<String>::new().into()
    );
}

#[test]
fn nothing_is_denied_of_a_page_that_was_not_read() {
    let facts = read(&evidence(vec![]));
    assert!(facts.is_empty());
    for spec in PROVIDES {
        assert_eq!(
            facts.absence(spec.name).unwrap().reason,
            "not_crawled",
            "{}",
            spec.name
        );
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "(\\PC|营业执照|统一社会信用代码|91330106673959654P|有限公司|©|[0-9-]){0,40}", href in "\\PC{0,30}") {
        let mut shop = page(&[(Region::Footer, text.as_str()), (Region::Main, text.as_str())]);
        shop.links.push(link(Region::Footer, &text, &format!("https://zzlz.gsxt.gov.cn/?serial={href}")));
        let again = shop.clone();
        proptest::prop_assert_eq!(home(shop), home(again));
    }
}

#[test]
fn no_name_where_one_would_stand_is_a_fact_and_an_unread_home_page_is_none() {
    let none = home(page(&[
        (Region::Main, "商品列表"),
        (Region::Footer, "© 2026 小店"),
    ]));
    assert_eq!(
        none.get("licence.company_names").map(|fact| &fact.value),
        Some(&Vec::<String>::new().into())
    );
    let unread = read(&evidence(vec![]));
    assert!(unread.get("licence.company_names").is_none());
}
