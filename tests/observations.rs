//! What a crawler of card shops must survive: one test for each thing that was observed on running shop programs.
//!
//! Servers on loopback in the shape of those programs, with markup of our own; every look goes through the real net,
//! crawl and judge. What each room does by itself is tested beside its code.

use std::sync::OnceLock;

use cardvet::assessment::Assessment;
use cardvet::evidence::{Evidence, GapReason, Role};
use cardvet::facts::Value;
use cardvet::score::{Context, Grade};
use cardvet::target::Target;
use cardvet::vet::Vetter;
use tokio::runtime::Runtime;

use crate::support::open_net;
use crate::support::samples::{judge, limits, moment};
use crate::support::web::{Server, Step, answer, missing, redirect};

const HTML: &str = "content-type: text/html; charset=utf-8\r\n";
const JSON: &str = "content-type: application/json\r\n";
/// What says that robots keep crawlers from the goods.
const DISALLOWED: &str = "products are drawn by script and their data path is disallowed to crawlers";

/// What came of a look.
struct Seen {
    evidence: Evidence,
    assessment: Assessment,
    /// Heads of all requests, in order.
    heads: Vec<String>,
}

impl Seen {
    fn fact(&self, name: &str) -> Option<&Value> {
        let fact = self.assessment.facts.iter().find(|fact| fact.name == name);
        fact.map(|fact| &fact.value)
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.fact(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn reasons(&self) -> Vec<GapReason> {
        self.evidence.gaps.iter().map(|gap| gap.reason).collect()
    }

    /// Paths that were asked for, without robots.txt and the probe.
    fn paths(&self) -> Vec<&str> {
        let paths = self.heads.iter().filter_map(|head| head.split(' ').nth(1));
        paths
            .filter(|path| *path != "/robots.txt" && !path.starts_with("/cardvet-probe-"))
            .collect()
    }

    /// That the site was not seen, for this reason, and that nothing is said of what would stand there.
    #[track_caller]
    fn is_unseen(&self, reason: GapReason) {
        assert!(self.evidence.home().is_none());
        assert_eq!(self.reasons(), [reason]);
        assert_eq!(self.assessment.judgement.grade, Grade::Inconclusive);
        for name in ["filing.icp_shown", "licence.shown", "contact.any", "site.sells"] {
            assert_eq!(self.fact(name), None, "{name}");
        }
    }
}

/// The line, and the runtime that its connections live on.
fn line() -> &'static (Runtime, Vetter) {
    static LINE: OnceLock<(Runtime, Vetter)> = OnceLock::new();
    LINE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let (judge, data) = judge();
        let vetter = Vetter::new(open_net(), judge, &data).expect("the built-in data load");
        (runtime, vetter)
    })
}

/// Vets a site that answers by the head of the request.
fn look_by_head(handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Seen {
    let (runtime, vetter) = line();
    runtime.block_on(async {
        let server = Server::start_by_head(handler).await;
        let target = Target::parse(server.url("/").as_str(), true).expect("a target");
        let (evidence, assessment) = vetter.vet(&target, &limits(60), Context::Asked, moment()).await;
        let heads = server.heads();
        server.stop().await;
        Seen {
            evidence,
            assessment,
            heads,
        }
    })
}

/// Vets a site that answers by path.
fn look(handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Seen {
    look_by_head(move |head| handler(head.split(' ').nth(1).unwrap_or_default()))
}

/// Vets a site of one page.
fn look_at(body: &str) -> Seen {
    let body = body.to_owned();
    look(move |path| if path == "/" { page(&body) } else { missing() })
}

fn page(body: impl AsRef<[u8]>) -> Vec<Step> {
    answer(200, HTML, body)
}

/// A shop's page, long enough to be one.
fn shop(body: &str) -> String {
    format!(
        "<title>星河点卡</title><h1>星河点卡</h1><p>{}</p>{body}<footer>客服电话 021-55512345</footer>",
        "本店出售各类游戏点卡和会员卡密，付款后自动发货。".repeat(12)
    )
}

/// A header of a request, lower-case name.
fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The gate of observation 1, by what it looks at.
fn gate(head: &str) -> Option<&'static str> {
    let agent = header(head, "user-agent").unwrap_or_default();
    let scanners = [
        "python",
        "Go-http-client",
        "libcurl/",
        "HeadlessChrome",
        "manager",
        "wechatdevtools",
    ];
    let referrer = header(head, "referer").unwrap_or_default();
    let language = header(head, "accept-language").unwrap_or_default();
    let Some(accept) = header(head, "accept") else {
        return Some("Click to continue!2026-11-22");
    };
    if agent.is_empty() || scanners.iter().any(|name| agent.contains(name)) || referrer.contains("qq.com") {
        return Some("Click to continue!2026-11-22");
    }
    let foreign = language.contains("en") && !language.contains("zh");
    let bare = agent.contains("Mobile") && accept == "*/*";
    (foreign || bare).then_some("您当前浏览器不支持或操作系统语言设置非中文，无法访问本站")
}

#[test]
fn o1_the_anti_scanner_gate_lets_an_honest_request_in_and_is_never_taken_for_the_shop() {
    let seen = look_by_head(|head| match (gate(head), head.split(' ').nth(1)) {
        (Some(body), _) => page(body),
        (None, Some("/")) => page(shop("<footer>京ICP备20018836号</footer>")),
        _ => missing(),
    });
    assert_eq!(seen.evidence.home().unwrap().1.title, "星河点卡");
    for head in &seen.heads {
        let agent = header(head, "user-agent").unwrap();
        assert!(agent.starts_with("cardvet/") && agent.contains("(+"), "{agent}");
        assert!(header(head, "accept").unwrap().starts_with("text/html"), "{head}");
        assert_eq!(header(head, "accept-language"), Some("zh-CN,zh;q=0.9"));
        assert_eq!(header(head, "referer"), None);
    }
    for body in [
        "Click to continue!2026-11-22",
        "欢迎使用！",
        "您当前浏览器不支持或操作系统语言设置非中文，无法访问本站",
    ] {
        look_at(body).is_unseen(GapReason::Challenge);
    }
}

#[test]
fn o2_a_script_that_sets_a_cookie_and_reloads_is_a_challenge_and_no_empty_shop() {
    let script = "<script>var _=([]+{})[!+[]+!+[]];document.cookie='sec_defend='+_;setTimeout(function(){location.reload()},9)</script>";
    look_at(&format!(
        "<html><head><title>正在加载中</title></head><body>{script}</body></html>"
    ))
    .is_unseen(GapReason::Challenge);
    look_at(&format!("<html><body>{script}</body></html>")).is_unseen(GapReason::Challenge);
    look_at("<p>浏览器不支持COOKIE或者不正常访问！</p>").is_unseen(GapReason::Challenge);
}

#[test]
fn o3_a_shop_that_shuts_out_chat_browsers_is_seen_by_an_honest_name_and_asked_once() {
    let seen = look_by_head(|head| {
        let agent = header(head, "user-agent").unwrap_or_default();
        match head.split(' ').nth(1) {
            Some("/") if agent.contains("MicroMessenger") || agent.contains("QQ/") => {
                page("<p>请复制链接到浏览器打开</p>")
            }
            Some("/") => page(shop("")),
            _ => missing(),
        }
    });
    assert!(seen.evidence.home().is_some());
    assert_eq!(seen.paths(), ["/"]);
    let other = look_at("<title>提示</title><p>请复制链接到浏览器打开</p>");
    other.is_unseen(GapReason::Challenge);
}

#[test]
fn o4_a_friendly_not_found_is_no_page_and_no_robots_txt() {
    let nothing = "<title>页面没有找到</title><p>页面没有找到，请返回首页</p>";
    let seen = look(move |path| match path {
        "/" => page(shop(
            "<nav><a href=/about>关于我们</a><a href=/terms>用户协议</a><a href=/item/9>购买</a></nav>",
        )),
        "/item/9" => answer(200, JSON, r#"{"code":0,"msg":"商品不存在"}"#),
        _ => page(nothing),
    });
    let said = &seen.evidence.exhibits["robots"]["said"][0];
    assert_eq!(
        (&said["says"], &said["why"]),
        (&"allow_all".into(), &"html".into())
    );
    assert_eq!(seen.paths(), ["/", "/about", "/terms", "/item/9"]);
    assert_eq!(seen.evidence.readable().count(), 1);
    assert_eq!(seen.reasons(), [GapReason::Soft404, GapReason::Soft404]);
    assert_ne!(seen.fact("terms.page_shown"), Some(&Value::Bool(true)));

    // The same said as HTML, a shell for everything, and everything sent home.
    let typed = look(|path| match path {
        "/" => page(shop("<a href=/item/9>购买</a>")),
        "/item/9" => page(r#"{"code":0,"msg":"商品不存在"}"#),
        _ => missing(),
    });
    assert_eq!(typed.reasons(), [GapReason::Soft404]);
    let shell = look(|_| {
        page("<html lang=en><title></title><a href=/terms>t</a><div id=app></div><script src=/a.js></script>")
    });
    assert_eq!(shell.reasons(), [GapReason::EmptyJsApp, GapReason::Soft404]);
    let home = look(|path| match path {
        "/" => page(shop("<a href=/about>关于我们</a>")),
        _ => redirect(302, "/"),
    });
    assert_eq!(home.reasons(), [GapReason::Soft404]);
}

#[test]
fn o5_a_title_below_a_body_that_opens_before_the_head_is_read() {
    let body = shop("").replace("<title>", "<html><body><head><title>");
    let seen = look_at(&body.replace("</title>", "</title></head>"));
    let (_, page) = seen.evidence.home().unwrap();
    assert_eq!(page.title, "星河点卡");
    assert!(page.text().contains("客服电话 021-55512345"));
}

#[test]
fn o6_prices_in_every_spelling_come_whole_and_numbers_of_scripts_stay_numbers() {
    let seen = look_at(&shop(
        "<ul><li>月卡 ¥<b>19</b>.80</li><li>季卡 ￥58.00</li><li>年卡 12.80元</li><li>周卡 <i class=icon>\u{e6a2}</i>19.90</li></ul>\
         <a href=/buy/1>立即购买</a><script>setVar(\"_var_item\",{\"name\":\"日卡\",\"price\":15.8})</script>",
    ));
    let (_, page) = seen.evidence.home().unwrap();
    let items: Vec<&str> = page
        .blocks
        .iter()
        .filter(|block| block.tag == "li")
        .map(|block| block.text.as_str())
        .collect();
    assert_eq!(
        items,
        [
            "月卡 ¥19.80",
            "季卡 ￥58.00",
            "年卡 12.80元",
            "周卡 \u{e6a2}19.90"
        ]
    );
    assert_eq!(page.json[0].value["price"], 15.8);
    assert_eq!(seen.fact("site.sells"), Some(&Value::Bool(true)));
}

#[test]
fn o7_a_shop_that_lives_in_its_query_is_more_than_one_page() {
    let seen = look(|path| match path {
        "/" => page(shop(
            "<a href='/?mod=buy&cid=1&tid=3'>购买</a><a href='./?mod=help'>帮助</a><a href='?mod=about'>关于我们</a>",
        )),
        "/?mod=buy&cid=1&tid=3" => page(shop("<p>商品三</p>")),
        "/?mod=help" => page(shop("<p>帮助一</p>")),
        "/?mod=about" => page(shop("<p>关于二</p>")),
        _ => missing(),
    });
    assert_eq!(
        seen.paths(),
        ["/", "/?mod=about", "/?mod=buy&cid=1&tid=3", "/?mod=help"]
    );
    let roles: Vec<Role> = seen.evidence.readable().map(|(seen, _)| seen.role).collect();
    assert_eq!(roles, [Role::Home, Role::About, Role::Product, Role::Help]);
}

#[test]
fn o8_links_to_the_registers_of_old_are_dated_and_not_false() {
    for (host, expected) in [
        ("www.miibeian.gov.cn", "dated"),
        ("www.miitbeian.gov.cn", "dated"),
        ("beian.miit.gov.cn", "official"),
    ] {
        let seen = look_at(&shop(&format!(
            "<footer><a href=http://{host}/>京ICP备20018836号-1</a></footer>"
        )));
        assert_eq!(seen.text("filing.icp_link"), Some(expected), "{host}");
        assert_eq!(seen.text("filing.icp_problem"), Some("none"), "{host}");
    }
}

#[test]
fn o9_a_link_that_goes_nowhere_is_no_document() {
    let seen = look_at(&shop(
        "<footer><a href='#!'>用户隐私</a> <a href='#!'>法律适用</a> <a href='javascript:;'>使用条款</a></footer>",
    ));
    assert_eq!(seen.paths(), ["/"]);
    assert_eq!(seen.fact("terms.page_shown"), Some(&Value::Bool(false)));
}

#[test]
fn o10_a_licence_in_a_comment_is_not_shown() {
    let number = "电信增值业务许可证：川B2-20220497";
    let shown = look_at(&shop(&format!("<footer><p>{number}</p></footer>")));
    assert_eq!(shown.text("licence.telecom_number"), Some("川B2-20220497"));
    let hidden = look_at(&shop(&format!(
        "<footer><!-- <a href=/>{number}</a> --><p>合作</p></footer>"
    )));
    assert_eq!(hidden.fact("licence.telecom_number"), None);
    assert!(!hidden.evidence.home().unwrap().1.text().contains("川B2"));
}

#[test]
fn o11_what_a_template_or_a_script_holds_is_not_what_the_page_shows() {
    let seen = look_at(&format!(
        "<title>企业介绍</title><p>{}</p><script type='text/html' id=goods><li>{{{{d.name}}}} ¥{{{{d.price}}}} 立即购买</li></script>\
         <script type='text/x-template'><b><< d.gd_name >></b> ¥<< d.actual_price >></script>\
         <template><p>Q币 100 元 售价 60 元 立即购买</p></template>\
         <script>var notice = {{\"ops\":[{{\"insert\":\"本店出售Q币，立即购买\"}}]}};</script>",
        "我们公司成立于上海，做仓储和运输，欢迎来厂参观交流。".repeat(12)
    ));
    let (_, page) = seen.evidence.home().unwrap();
    let text = page.text();
    for held in ["d.name", "d.gd_name", "Q币", "立即购买"] {
        assert!(!text.contains(held), "{held}: {text}");
    }
    assert_eq!(page.json[0].value["ops"][0]["insert"], "本店出售Q币，立即购买");
    assert_eq!(seen.fact("site.sells"), Some(&Value::Bool(false)));
}

#[test]
fn o12_a_shop_that_is_not_installed_or_closed_has_a_status_of_its_own_and_no_score() {
    for body in [
        "<title>正在进行伪静态探测..</title><script>probe()</script>",
        "<title>安装程序</title><form><input name=db></form>",
        "你还没安装！<a href=/install>点此安装</a>",
        "<title>店铺已被冻结</title><p>店铺已被冻结</p>",
        "<title>星河点卡</title><p>店铺正在维护，请稍后再来</p>",
    ] {
        let seen = look_at(body);
        seen.is_unseen(GapReason::NotInstalled);
        assert_eq!(seen.assessment.judgement.risk, None, "{body}");
    }
}

/// A shell of today's programs: no title, a language that nobody set, everything drawn by script.
const SHELL: &str = "<!doctype html><html lang=\"en\"><head><title></title><link rel=modulepreload href=/assets/vendor-vue-i18n-1a2b.js>\
    <script type=module src=/assets/index-3c.js></script></head><body><div id=app></div></body></html>";

fn spa(robots: &'static str) -> Seen {
    look(move |path| match path {
        "/robots.txt" => answer(200, "content-type: text/plain\r\n", robots),
        "/api/v1/public/products?page=1&page_size=20" => answer(
            200,
            JSON,
            r#"{"status_code":0,"data":[{"title":{"zh-CN":"Q币 100"},"price":95}]}"#,
        ),
        "/api/v1/public/config" => answer(200, JSON, r#"{"status_code":0,"data":{"brand":{}}}"#),
        _ => page(SHELL),
    })
}

#[test]
fn o13_a_chinese_shop_that_says_it_is_english_and_has_no_title_is_read_by_its_data() {
    let seen = spa("User-agent: *\nDisallow: /guest/\n");
    let (_, home) = seen.evidence.home().unwrap();
    assert_eq!(
        (home.lang.as_deref(), home.title.as_str(), home.visible_chars()),
        (Some("en"), "", 0)
    );
    assert_eq!(
        seen.paths(),
        [
            "/",
            "/api/v1/public/products?page=1&page_size=20",
            "/api/v1/public/config"
        ]
    );
    let data = seen
        .evidence
        .pages
        .iter()
        .find(|seen| seen.role == Role::Data)
        .unwrap();
    let value = &data.page.as_ref().unwrap().json[0].value;
    assert_eq!(value["data"][0]["title"]["zh-CN"], "Q币 100");
    let head = seen.heads.iter().find(|head| head.contains("/products")).unwrap();
    assert!(header(head, "accept").unwrap().starts_with("application/json"));
    assert_eq!(seen.reasons(), [GapReason::EmptyJsApp]);
    assert_eq!(
        seen.fact("filing.icp_shown"),
        None,
        "nothing is denied of a page that shows nothing"
    );

    let closed = spa("User-agent: *\nDisallow: /api/\n");
    assert_eq!(closed.paths(), ["/"]);
    assert_eq!(
        closed.reasons(),
        [GapReason::EmptyJsApp, GapReason::BlockedByRobots]
    );
    assert_eq!(closed.assessment.gaps[1].detail, DISALLOWED);
    assert!(
        closed.assessment.gaps[1]
            .what
            .ends_with("/api/v1/public/products?page=1&page_size=20")
    );
}

#[test]
fn a_shell_with_a_title_from_the_server_is_still_read_for_its_title() {
    let seen = look_at(
        "<html lang=zh-CN><head><title>星河点卡寄售平台</title><meta name=keywords content='点卡,寄售'></head>\
         <body><div id=app></div><noscript>请启用 JavaScript</noscript><script type=module src=/web/assets/index-9c.js></script></body></html>",
    );
    let (_, home) = seen.evidence.home().unwrap();
    assert_eq!(
        (home.title.as_str(), home.visible_chars()),
        ("星河点卡寄售平台", 0)
    );
    assert_eq!(home.metas[0].content, "点卡,寄售");
    assert_eq!(seen.reasons()[0], GapReason::EmptyJsApp);
}

#[test]
fn links_of_a_gbk_shop_are_asked_for_in_its_own_encoding() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let home = gbk(&format!(
        "<meta charset=gbk>{}",
        shop("<a href='/list.asp?kw=点卡&p=1'>全部商品</a>")
    ));
    let list = gbk(&format!("<meta charset=gbk>{}", shop("<p>列表</p>")));
    let seen = look(move |path| match path {
        "/" => answer(200, "content-type: text/html\r\n", &home),
        "/list.asp?kw=%B5%E3%BF%A8&p=1" => answer(200, "content-type: text/html\r\n", &list),
        _ => missing(),
    });
    assert_eq!(seen.paths(), ["/", "/list.asp?kw=%B5%E3%BF%A8&p=1"]);
    assert_eq!(seen.evidence.readable().count(), 2);
}
