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
fn a_firm_that_stands_alone_names_itself() {
    let lines = |last: &[&str]| {
        let mut blocks = vec![(Region::Main, "商品列表 Q币 立即购买"); 8];
        blocks.extend(last.iter().map(|text| (Region::Main, *text)));
        home(page(&blocks))
            .text("licence.company_name")
            .map(str::to_owned)
    };
    let titled = |title: &str| {
        let mut page = page(&[(Region::Main, "电脑整机、办公耗材")]);
        page.title = title.to_owned();
        home(page).text("licence.company_name").map(str::to_owned)
    };
    let name = Some("青禾网络有限公司".to_owned());
    assert_eq!(lines(&["青禾网络有限公司", "登录", "注册"]), name);
    assert_eq!(lines(&["与青禾网络有限公司无关"]), None);
    assert_eq!(lines(&["青禾网络有限公司", "白露信息有限公司"]), None, "a list");
    assert_eq!(titled("青禾网络有限公司"), name);
    assert_eq!(titled("青禾网络有限公司被查处"), None);
    assert_eq!(titled("青禾网络有限公司 - 企业大全"), None);
}

#[test]
fn what_programs_ship_with_is_not_the_shops() {
    let residue = footer("© 2020 郑州追梦网络科技有限公司");
    assert_eq!(residue.get("licence.company_name"), None);
    assert_eq!(
        residue.get("licence.company_names").unwrap().value,
        Vec::<String>::new().into()
    );
    let number = footer("增值电信业务经营许可证：川B2-20220497");
    assert_eq!(number.text("licence.telecom_problem"), Some("template"));
    assert_eq!(footer("[公司营业执照]").is("licence.named"), Some(false));
    assert_eq!(footer("公司营业执照").is("licence.named"), Some(true));
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

#[test]
fn what_is_wrong_with_a_licence_link_is_told() {
    const SIGNATURE: &str =
        "MEQCIDru52Fe818w5JtILhXK51AHIB4SYXsP7afhZHeW/wIrAiA7jtAqgqF1kw8jN803lMUiCABtaxrwwMvWJWWKrCyfqg==";
    let display = "https://zzlz.gsxt.gov.cn/businessCheck/verifKey.do?showType=p";
    let good = format!("serial={CODE}-SAIC_SHOW_100000{CODE}1710919400712");
    let other = "91110000802100433B";
    for (href, kind, problem, shown) in [
        (
            format!("{display}&{good}&signData={SIGNATURE}"),
            "official",
            "none",
            true,
        ),
        (
            format!("{display}&{good}&signData=abc"),
            "official",
            "signature",
            true,
        ),
        (format!("{display}&{good}"), "official", "signature", true),
        (
            format!("{display}&serial={other}-SAIC_SHOW_100000{other}1710919400712&signData={SIGNATURE}"),
            "official",
            "text_differs",
            true,
        ),
        (
            format!("{display}&serial={CODE}-SAIC_SHOW_100000{other}1710919400712&signData={SIGNATURE}"),
            "official",
            "codes_differ",
            true,
        ),
        (
            format!("{display}&serial={CODE}-SAIC_SHOW_100000{CODE}2710919400712&signData={SIGNATURE}"),
            "official",
            "time",
            true,
        ),
        (format!("{display}&serial=1"), "official", "grammar", true),
        (
            "https://zzlz.gsxt.gov.cn/businessShow/".into(),
            "official",
            "grammar",
            false,
        ),
        ("https://zzlz-gsxt.example/".into(), "lookalike", "host", false),
        ("https://szcert.ebs.org.cn/abc".into(), "local", "none", true),
        ("https://szcert.ebs.org.cn/".into(), "local", "none", false),
    ] {
        let mut shop = page(&[(Region::Footer, "统一社会信用代码：91330106673959654P")]);
        shop.links.push(link(Region::Footer, "亮照", &href));
        let facts = home(shop);
        assert_eq!(facts.text("licence.link"), Some(kind), "{href}");
        assert_eq!(facts.text("licence.link_problem"), Some(problem), "{href}");
        let mut alone = page(&[(Region::Footer, "版权所有")]);
        alone.links.push(link(Region::Footer, "亮照", &href));
        assert_eq!(home(alone).is("licence.shown"), Some(shown), "{href}");
    }
    let mut shop = page(&[(Region::Footer, "版权所有")]);
    shop.links.push(link(
        Region::Footer,
        "亮照",
        &format!("{display}&{good}&signData={SIGNATURE}"),
    ));
    let facts = home(shop);
    assert_eq!(facts.text("licence.link_uscc"), Some(CODE));
    assert_eq!(facts.text("licence.link_date"), Some("2024-03-20"));
    assert_eq!(footer("版权所有").get("licence.link_problem"), None);
}

#[test]
fn older_numbers_give_their_facts() {
    let facts = footer("组织机构代码：71526726-X 注册号：4403011034486");
    assert_eq!(facts.text("licence.organisation_code"), Some("71526726X"));
    assert_eq!(facts.text("licence.organisation_problem"), Some("none"));
    assert_eq!(facts.text("licence.registration_number"), Some("4403011034486"));
    assert_eq!(facts.text("licence.registration_problem"), Some("old_form"));
    assert_eq!(facts.is("licence.registration_only"), Some(true));
    let both = footer("注册号：440301103448669 统一社会信用代码：91330106673959654P");
    assert_eq!(both.is("licence.registration_only"), Some(false));
    assert_eq!(footer("版权所有").is("licence.registration_only"), None);
    let split = home(page(&[
        (Region::Footer, "组织机构代码："),
        (Region::Footer, "71526726-1"),
    ]));
    assert_eq!(split.text("licence.organisation_problem"), Some("check_digit"));
}

#[test]
fn a_number_in_text_that_does_not_show_is_noted_and_not_shown() {
    use crate::page::{Hidden, HiddenKind};
    for (text, noted) in [
        ("统一社会信用代码：91330106673959654P", true),
        ("{\"code\":\"91330106673959654P\"}", true),
        ("注册号：440301103448669", true),
        ("组织机构代码：71526726-X", false),
        ("var version = '913301066739596';", false),
    ] {
        let mut shop = page(&[(Region::Footer, "版权所有")]);
        shop.hidden.push(Hidden {
            kind: HiddenKind::Script,
            text: text.into(),
        });
        let facts = home(shop.clone());
        assert_eq!(facts.is("licence.hidden"), Some(noted), "{text}");
        assert_eq!(facts.is("licence.shown"), Some(false), "{text}");
        shop.blocks[0].text = "统一社会信用代码：91330106673959654P".into();
        assert_eq!(home(shop).is("licence.hidden"), Some(false), "{text}");
    }
}

#[test]
fn permit_numbers_and_their_failings_are_told() {
    let facts = footer(
        "北网文（2016）0349-219号 支付业务许可证：Z20151234 （总）网出证（京）字第049号 视听许可证0110516",
    );
    for (name, value) in [
        ("licence.culture_number", "北网文(2016)0349-219号"),
        ("licence.culture_problem", "province"),
        ("licence.payment_number", "Z20151234"),
        ("licence.payment_problem", "grammar"),
        ("licence.publishing_number", "(总)网出证(京)字第049号"),
        ("licence.audiovisual_number", "0110516"),
    ] {
        assert_eq!(facts.text(name), Some(value), "{name}");
    }
    assert_eq!(
        footer("浙D3-20210002 JY11101050363440 苏批字第A-243号").list("licence.permits"),
        ["book", "domain", "food"]
    );
    assert_eq!(footer("浙D3-20210002").get("licence.telecom_number"), None);
}

#[test]
fn a_site_that_writes_about_licences_names_none_of_its_own() {
    for (region, text, named) in [
        (Region::Footer, "营业执照", true),
        (Region::Nav, "亮照", true),
        (Region::Main, "本站营业执照齐全", true),
        (Region::Main, "工商注册号：440301210877146", true),
        (Region::Main, "营 业 执 照", true),
        (
            Region::Main,
            "购买之前请先查看商家的营业执照是否真实有效。",
            false,
        ),
        (Region::Main, "某些平台打出“营业执照齐全”的幌子", false),
        (Region::Main, "漂亮照片打印", false),
        (Region::Footer, "漂亮照片打印", false),
    ] {
        let facts = home(page(&[(Region::Main, "商品列表"), (region, text)]));
        assert_eq!(facts.is("licence.named"), Some(named), "{text}");
    }
}

#[test]
fn the_firm_that_an_agreement_names_is_one_of_the_names() {
    let facts = read(&evidence(vec![
        (
            Role::Home,
            page(&[(Region::Footer, "© 2024 杭州青禾网络有限公司")]),
        ),
        (
            Role::Terms,
            page(&[
                (
                    Region::Main,
                    "本协议由白露信息有限公司（以下简称“平台”）与用户订立",
                ),
                (Region::Main, "付款由谷雨支付有限公司处理"),
            ]),
        ),
    ]));
    assert_eq!(
        facts.list("licence.company_names"),
        ["杭州青禾网络有限公司", "白露信息有限公司"]
    );
}

#[test]
fn every_word_for_a_licence_holds_one_of_the_letters_looked_for_first() {
    let words = Vocabulary::read(&DataFiles::built_in()).unwrap();
    for word in &words.licence_words {
        assert!(word.contains(|c| words.licence_letters.contains(c)), "{word}");
    }
    assert_eq!(footer("統一社會信用代碼見下").is("licence.named"), Some(true));
}
