//! Tests of marks, versions, themes, residue and notices on small invented pages.

use crate::evidence::{Gap, GapReason, Role};
use crate::inspect::fixture::{PLAIN_SHOP, evidence, facts, read, unread};
use crate::page::InlineJson;

#[test]
fn programs_are_known_by_their_marks() {
    for (lines, expected) in [
        ("footer Powered by @独角数卡", Some("dujiaoka")),
        (
            "resource https://shop.example.com/assets/unicorn/css/a.css",
            Some("dujiaoka"),
        ),
        (
            "form post https://shop.example.com/create-order gid by_amount payway",
            Some("dujiaoka"),
        ),
        ("script setVar(\"_var_item\", {})", Some("acg_faka")),
        ("cookie ACG-SHOP=abc; path=/", Some("acg_faka")),
        (
            "noscript kamifaka-frontend doesn't work properly without JavaScript",
            Some("kamifaka"),
        ),
        ("meta keywords 资料空白,ZFAKA,发卡平台", Some("zfaka")),
        ("script var hashsalt=([]+{})[1]", Some("caihong")),
        (
            "a /?mod=buy&cid=1&tid=3 购买\na /?mod=query 查单",
            Some("caihong"),
        ),
        (
            "a /orderquery.htm 查询\na /tariff.htm 费率\na /qiye.htm 资质",
            Some("fakanet"),
        ),
        ("a /buy/3 购买", None),
        ("p 推荐开源程序 github.com/assimon/dujiaoka", None),
        ("footer 常用的开源程序有独角数卡、ZFAKA等", None),
        ("a /doc.html 文档\na /agreement.html 协议", None),
        ("a /statement.html 声明\na /qualification.html 资质", None),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{lines}")]);
        assert_eq!(facts.text("software.name"), expected, "{lines}");
    }
}

#[test]
fn versions_default_names_residue_and_supply_systems_are_noted() {
    let page = PLAIN_SHOP.replace("title 星河数卡", "title ZFAKA平台");
    let page =
        format!("{page}\nfooter ZFAKA 1.4.4\nfooter 我们保证所售商品均为正品\nmeta keywords 亿乐社区,货源");
    let facts = facts("shop.example.com", &[&page]);
    assert_eq!(
        (facts.text("software.name"), facts.text("software.version")),
        (Some("zfaka"), Some("1.4.4"))
    );
    assert_eq!(facts.is("software.default_name"), Some(true));
    assert_eq!(facts.list("software.residue"), ["boilerplate_promise"]);
    assert_eq!(facts.text("software.supply_platform"), Some("yile"));
}

#[test]
fn a_shop_of_its_own_has_no_program() {
    let facts = facts("shop.example.com", &[PLAIN_SHOP]);
    assert_eq!(
        (facts.get("software.name"), facts.is("software.default_name")),
        (None, Some(false))
    );
    assert!(facts.list("software.residue").is_empty());
}

#[test]
fn whoever_writes_of_a_program_or_has_similar_paths_does_not_run_it() {
    for page in [
        "title 我的博客\np 这里记录我的开源项目\nfooter-a https://github.com/assimon/dujiaoka 独角数卡",
        "title 开发者的说明\nfooter-a https://github.com/hiouttime/dujiaoka 源码\nfooter-a https://dujiaoka.com 文档",
        "title 独角数卡 - 开源发卡程序\nh1 独角数卡\na https://github.com/assimon/dujiaoka 源码\nfooter-a https://dujiaoka.com 官网",
        "title 自营点卡店\na /item/3 月卡 ¥15\na /cat/2 分类\na /user/login 登录",
        "title 自营点卡店\na /buy/3 月卡 ¥15\na /bill/3 账单",
        "title 自营点卡店\na /product/3.html 月卡\na /products/4 年卡\na /categories/2 分类",
        "title 支付接口\na /doc.html 文档\na /agreement.html 协议\np 免签约接口",
        "title 自营点卡店\nresource /tpl/style.css\na /statement.htm 声明\na /useful.htm 帮助",
        "title 自营点卡店\nresource /res/layui/layui.js\na /product/7.html 月卡",
        "title 自营点卡店\nform post /create-order gid num",
        "title 自营点卡店\na /?mod=news 新闻",
        "title 自营点卡店\ncookie _session=1\ncookie XSRF-TOKEN=2",
        "title 自营点卡店\na /user/reg.php 注册\np 自助下单\np 开通分站",
    ] {
        let facts = facts("shop.example.com", &[page]);
        assert_eq!(facts.text("software.name"), None, "{page}");
        assert_eq!(facts.list("software.themes"), [""; 0], "{page}");
    }
}

#[test]
fn themes_speak_for_their_program() {
    for (lines, program, themes) in [
        (
            "resource https://shop.example.com/assets/unicorn/css/main.css",
            "dujiaoka",
            vec!["unicorn"],
        ),
        (
            "resource https://shop.example.com/assets/luna/main.js",
            "dujiaoka",
            vec!["luna"],
        ),
        (
            "resource https://shop.example.com/assets/hyper/css/hyper.css?v=1",
            "dujiaoka",
            vec!["hyper"],
        ),
        (
            "footer Powered by 独角数卡 Theme by @Riniba",
            "dujiaoka",
            vec!["morpho"],
        ),
        (
            "resource https://shop.example.com/shop_theme/material/js/app.js",
            "card_system",
            vec!["material"],
        ),
        (
            "resource https://shop.example.com/assets/faka/css/a.css\na /?mod=query 查单",
            "caihong",
            vec!["faka"],
        ),
        (
            "resource https://shop.example.com/assets/simple/a.css\nscript var hashsalt=1",
            "caihong",
            vec!["simple"],
        ),
        (
            "resource https://shop.example.com/templates/hyacinth/css/style.css\na /product/query 查单",
            "zfaka",
            vec!["hyacinth"],
        ),
        (
            "resource https://shop.example.com/tpl/slwka/a.css\na /orderquery.htm 查单",
            "fakanet",
            vec!["slwka"],
        ),
        ("cookie dujiaoka_orders=1", "dujiaoka", vec![]),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{lines}")]);
        assert_eq!(facts.text("software.name"), Some(program), "{lines}");
        assert_eq!(facts.list("software.themes"), themes, "{lines}");
    }
}

#[test]
fn one_program_excludes_another_whose_marks_it_carries() {
    let page =
        format!("{PLAIN_SHOP}\na /user/reg.php 注册\na /submit.php 支付\nscript var hashsalt=1;\np 免签约");
    let program = |page: &str| {
        let facts = facts("shop.example.com", &[page]);
        facts.text("software.name").map(str::to_owned)
    };
    assert_eq!(program(&page).as_deref(), Some("caihong"));
    let page = format!(
        "{PLAIN_SHOP}\ncookie dujiaoka_orders=1\na /payPage/pay.html?orderId=1 付款\nresource /enQrcode?url=a\nscript $.post('/checkOrder')"
    );
    assert_eq!(
        program(&page).as_deref(),
        Some("dujiaoka"),
        "a shop outranks its gateway"
    );
}

#[test]
fn answers_of_product_endpoints_speak_for_their_program() {
    let value: serde_json::Value = serde_json::from_str(
        r#"{"kamiFaka":"ok","kamiFaka_v":"1.85","web_name":"KAMIFAKA","kfqq":"123456"}"#,
    )
    .unwrap();
    let mut evidence = evidence("shop.example.com", &[PLAIN_SHOP, "p x"]);
    let seen = &mut evidence.pages[1];
    seen.role = Role::Data;
    let page = seen.page.as_mut().unwrap();
    page.blocks.clear();
    page.json.push(InlineJson {
        name: "answer".into(),
        value,
    });
    let facts = read(&evidence);
    assert_eq!(facts.text("software.name"), Some("kamifaka"));
    assert_eq!(facts.text("software.version"), Some("1.85"));
    assert_eq!(facts.is("software.default_name"), Some(true));
    assert_eq!(facts.is("software.default_contact"), Some(true));
    assert_eq!(facts.list("software.residue_values"), ["123456", "KAMIFAKA"]);
}

#[test]
fn what_belongs_to_the_program_is_told_with_its_values() {
    for (lines, codes, values) in [
        (
            "footer 郑州追梦网络科技有限公司",
            vec!["default_company"],
            vec!["郑州追梦网络科技有限公司"],
        ),
        (
            "footer 蒙ICP备15004932号-1",
            vec!["default_filing"],
            vec!["蒙ICP备15004932号"],
        ),
        (
            "footer 鲁ICP备1101XXXX号-10",
            vec!["default_filing"],
            vec!["鲁ICP备1101XXXX号"],
        ),
        (
            "comment 电信增值业务许可证：川B2-20220497",
            vec!["commented_licence"],
            vec![],
        ),
        (
            "footer 川B2-20220497",
            vec!["default_licence"],
            vec!["川B2-20220497"],
        ),
        (
            "a https://webscan.360.cn/index/checkwebsite/url/www.other-shop.cn 360认证",
            vec!["foreign_seal"],
            vec![],
        ),
        (
            "a https://webscan.360.cn/index/checkwebsite/url/www.example.com 360认证",
            vec![],
            vec![],
        ),
        (
            "a https://www.anquan.org/authenticate/cert/?site=other-shop.cn&at=business 安全联盟",
            vec!["foreign_seal"],
            vec![],
        ),
        ("footer-a #! 使用条款", vec!["dead_legal_link"], vec![]),
        ("footer-a #! 返回顶部", vec![], vec![]),
        ("p 请在后台设置", vec!["unset_field"], vec![]),
        (
            "p 购买之后请登录您自己的主机面板，并请在后台设置域名与证书，具体步骤见随货文档。",
            vec![],
            vec![],
        ),
        ("p 客服QQ：123456789", vec![], vec!["123456789"]),
        (
            "a http://wpa.qq.com/msgrd?v=3&uin=123456&site=qq 联系我们",
            vec![],
            vec!["123456"],
        ),
        ("p 邮箱 admin@qq.com", vec![], vec!["admin@qq.com"]),
        ("p 邮箱 shopadmin@qq.com", vec![], vec![]),
        ("p 订单号 123456789", vec![], vec![]),
        ("p 初始密码123456，客服QQ：204518837", vec![], vec![]),
        ("p 客服QQ：1234567890", vec![], vec![]),
    ] {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{lines}")]);
        assert_eq!(facts.list("software.residue"), codes, "{lines}");
        assert_eq!(facts.list("software.residue_values"), values, "{lines}");
        let accounts = values
            .iter()
            .any(|value| value.contains("123456") || value.contains('@'));
        assert_eq!(facts.is("software.default_contact"), Some(accounts), "{lines}");
    }
}

#[test]
fn an_article_that_quotes_defaults_has_none() {
    let text = "很多站长装好程序之后就不再修改设置，页脚里还写着郑州追梦网络科技有限公司，客服QQ：123456789，备案号京ICP备12345678号。记者采访的消费者表示，遇到这样的网站应当提高警惕，谨防上当受骗。";
    let article = format!(
        "title 记者调查：没改过设置的发卡网\nmeta og:type article\nh1 记者调查\np 来源：某某报 记者 某某 2026-11-02\np {text}\np {text}\np 责任编辑：某某"
    );
    let facts = facts("news.example.com", &[&article]);
    assert_ne!(facts.text("site.kind"), Some("shop"));
    assert!(
        facts.list("software.residue").is_empty(),
        "{:?}",
        facts.get("software.residue")
    );
    assert!(facts.list("software.residue_values").is_empty());
}

#[test]
fn a_notice_in_place_of_the_shop_says_why_it_is_closed() {
    for (detail, kind, program) in [
        (
            "title 正在进行伪静态探测..",
            Some("not_installed"),
            Some("acg_faka"),
        ),
        ("text 你还没安装", Some("not_installed"), None),
        ("title 店铺已被冻结", Some("frozen"), Some("card_system")),
        ("text 系统维护中", Some("maintenance"), None),
        ("title Welcome to nginx!", None, None),
    ] {
        let mut evidence = unread("shop.example.com", GapReason::NotInstalled);
        evidence.gaps = vec![Gap::new(
            GapReason::NotInstalled,
            detail,
            "https://shop.example.com/",
        )];
        let facts = read(&evidence);
        assert_eq!(facts.text("software.closed"), kind, "{detail}");
        assert_eq!(facts.text("software.name"), program, "{detail}");
    }
    let open = facts(
        "shop.example.com",
        &[&format!("{PLAIN_SHOP}\np 系统维护中的订单会顺延")],
    );
    assert_eq!(open.text("software.closed"), None);
}

#[test]
fn themes_and_exclusions_of_unknown_programs_are_refused() {
    use super::{FILE, Software};
    use crate::inspect::{DataFiles, WordInspector};
    let head = "needed = 4\nhints_at_most = 2\nname_keys = []\nclosed = []\nsupply = []\n";
    for tail in [
        "program = []\ntheme = [{ id = 'a', implies = 'b', marks = [] }]",
        "theme = []\nprogram = [{ id = 'a', names = [], excludes = ['b'], marks = [] }]",
        "theme = []\nprogram = [{ id = 'a', names = [], marks = [{ part = 'title', weight = 4, texts = [''] }] }]",
        "theme = []\nprogram = [{ id = 'a', names = [], marks = [], version = [{ part = 'title', pattern = '(' }] }]",
    ] {
        let data = DataFiles::built_in().with(FILE, format!("{head}{tail}"));
        assert!(Software::load(&data).is_err(), "{tail}");
    }
}

#[test]
fn default_names_are_told_from_ordinary_words() {
    for (title, expected) in [
        ("异次元店铺", true),
        ("首页 - 异次元店铺", true),
        ("acg-faka", true),
        ("自动发卡平台", true),
        ("星河数卡 - 自动发卡平台", false),
        ("易支付接口 - 星河支付", false),
        ("", false),
    ] {
        let page = PLAIN_SHOP.replace("title 星河数卡", &format!("title {title}"));
        let facts = facts("shop.example.com", &[&page]);
        assert_eq!(facts.is("software.default_name"), Some(expected), "{title}");
    }
}

#[test]
fn goods_that_bear_the_name_of_a_program_are_no_default_name() {
    let value = serde_json::json!({"shop": {"name": "星河数卡"}, "categories": [{"name": "源码", "products": [{"name": "彩虹云商城"}]}]});
    let mut evidence = evidence("shop.example.com", &[PLAIN_SHOP]);
    let page = evidence.pages[0].page.as_mut().unwrap();
    page.json.push(InlineJson {
        name: "config".into(),
        value,
    });
    assert_eq!(read(&evidence).is("software.default_name"), Some(false));
}

#[test]
fn keys_that_hold_nothing_tell_no_program() {
    let recognised = |value: serde_json::Value| {
        let mut evidence = evidence("shop.example.com", &[PLAIN_SHOP]);
        let page = evidence.pages[0].page.as_mut().unwrap();
        page.json.push(InlineJson {
            name: "config".into(),
            value,
        });
        read(&evidence).text("software.name").map(str::to_owned)
    };
    for (value, expected) in [
        (
            serde_json::json!({"categories": [], "pays": [], "functions": ["record"], "captcha": {"driver": "code"}}),
            Some("card_system"),
        ),
        (
            serde_json::json!({"categories": [{"id": 1}], "pays": [], "functions": ["chart"], "captcha": false}),
            None,
        ),
        (
            serde_json::json!({"categories": [{"id": 1}], "pays": [], "functions": [], "captcha": null}),
            None,
        ),
    ] {
        assert_eq!(recognised(value.clone()).as_deref(), expected, "{value}");
    }
}

#[test]
fn a_flood_of_residue_is_told_once() {
    let flood = "川B2-20220497 客服QQ：123456789 ".repeat(400);
    let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\np {flood}")]);
    let fact = facts.get("software.residue_values").unwrap();
    assert_eq!(
        facts.list("software.residue_values"),
        ["123456789", "川B2-20220497"]
    );
    assert!(fact.also.len() < 2, "{fact:?}");
}
