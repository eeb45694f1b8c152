//! The crawl against sites held in memory: redirects, failures and budgets at will, no sockets.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use url::Url;

use super::*;
use crate::data::DataFiles;
use crate::evidence::{Gap, GapReason, Hop, Role};

/// What an address answers.
#[derive(Clone)]
enum Says {
    Page(u16, String),
    Redirect(&'static str),
    Fails(GapReason),
    Cut(String),
}

/// A site in memory; addresses it does not know get `otherwise`.
struct Memory {
    pages: BTreeMap<String, Says>,
    otherwise: Box<dyn Fn(&Url) -> Says + Sync + Send>,
    asked: Mutex<Vec<String>>,
    patience: usize,
}

const HOME: &str = "https://shop.example.cn/";

fn html(body: &str) -> Says {
    Says::Page(200, body.to_owned())
}

/// Enough text that no page is taken for a shell or a signpost.
fn filled(title: &str, text: &str) -> String {
    format!(
        "<title>{title}</title><p>{}</p><p>{text}</p>",
        "星河点卡出售各类游戏点卡。".repeat(30)
    )
}

fn site(pages: &[(&str, Says)]) -> Memory {
    let pages = pages.iter().map(|(path, says)| {
        (
            Url::parse(HOME).unwrap().join(path).unwrap().to_string(),
            says.clone(),
        )
    });
    Memory {
        pages: pages.collect(),
        otherwise: Box::new(|_| Says::Page(404, "no".into())),
        asked: Mutex::default(),
        patience: usize::MAX,
    }
}

impl Memory {
    fn otherwise(mut self, says: impl Fn(&Url) -> Says + Sync + Send + 'static) -> Self {
        self.otherwise = Box::new(says);
        self
    }

    fn asked(&self) -> Vec<String> {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .map(|url| url.trim_start_matches("https://shop.example.cn").to_owned())
            .collect()
    }

    fn answer(&self, asked: &Url) -> Result<Reply, Failure> {
        self.asked.lock().unwrap().push(asked.to_string());
        let (mut url, mut hops) = (asked.clone(), Vec::new());
        loop {
            let says = self
                .pages
                .get(url.as_str())
                .cloned()
                .unwrap_or_else(|| (self.otherwise)(&url));
            let (status, body, cut) = match says {
                Says::Fails(reason) => {
                    return Err(Failure {
                        gap: Gap::new(reason, "made to fail", asked.as_str()),
                        hops,
                    });
                }
                Says::Redirect(to) => {
                    let to = url.join(to).unwrap();
                    hops.push(Hop {
                        url: url.to_string(),
                        status: 302,
                        to: to.to_string(),
                        address: None,
                    });
                    url = to;
                    continue;
                }
                Says::Page(status, body) => (status, body, None),
                Says::Cut(body) => (200, body, Some("time".to_owned())),
            };
            let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
            return Ok(Reply {
                url: asked.clone(),
                final_url: url,
                hops,
                status,
                headers,
                address: None,
                tls: None,
                body: body.into_bytes(),
                cut,
                at: Timestamp::UNIX_EPOCH,
            });
        }
    }
}

impl Fetch for Memory {
    async fn get(&self, url: &Url, _: Want) -> Result<Reply, Failure> {
        self.answer(url)
    }

    fn spent(&self) -> bool {
        self.asked.lock().unwrap().len() >= self.patience
    }
}

/// An answer with this body, as if it had just come.
pub(super) fn answered(url: &Url, body: &str) -> crate::evidence::SeenPage {
    let memory = site(&[]);
    let reply = Memory {
        pages: [(url.to_string(), html(body))].into(),
        ..memory
    }
    .answer(url);
    let plan = Plan::load(&DataFiles::built_in()).unwrap();
    answer::Answer::of(reply.unwrap(), Role::Home, &plan).seen
}

async fn look_at(typed: &str, site: &Memory, max_pages: usize) -> Evidence {
    let plan = Plan::load(&DataFiles::built_in()).unwrap();
    let target = Target::parse(typed, false).unwrap();
    let budget = Budget {
        max_pages,
        ..Budget::of(Profile::Full)
    };
    crawl(&target, site, &plan, Timestamp::UNIX_EPOCH, &budget).await
}

async fn look(site: &Memory) -> Evidence {
    look_at(HOME, site, 12).await
}

fn gaps(evidence: &Evidence) -> Vec<(GapReason, &str)> {
    evidence
        .gaps
        .iter()
        .map(|gap| (gap.reason, gap.what.trim_start_matches("https://shop.example.cn")))
        .collect()
}

fn read_paths(evidence: &Evidence) -> Vec<&str> {
    evidence
        .readable()
        .map(|(seen, _)| seen.final_url.trim_start_matches("https://shop.example.cn"))
        .collect()
}

#[tokio::test]
async fn home_first_then_the_pages_that_matter_the_same_every_time() {
    let home = filled(
        "店",
        "<a href=/b/1>购买</a><a href=/b/2>购买</a><a href=/g>关于我们</a><a href=/z>营业执照</a>",
    );
    let pages = [
        ("/", html(&home)),
        ("/b/1", html(&filled("甲", "1"))),
        ("/b/2", html(&filled("乙", "2"))),
        ("/g", html(&filled("关于", "3<a href=/k>联系我们</a>"))),
        ("/k", html(&filled("联系", "4"))),
        ("/z", Says::Page(500, "x".into())),
    ];
    let first = look(&site(&pages)).await;
    let paths: Vec<_> = first
        .pages
        .iter()
        .map(|seen| seen.final_url.rsplit_once("cn").unwrap().1)
        .collect();
    assert_eq!(paths, ["/", "/z", "/g", "/k", "/b/1", "/b/2"]);
    assert_eq!(gaps(&first), [(GapReason::Http5xx, "/z")]);
    assert!(
        first
            .pages
            .iter()
            .all(|seen| first.bodies.contains_key(&seen.body_sha256))
    );
    assert_eq!(first, look(&site(&pages)).await);
}

#[tokio::test]
async fn without_a_scheme_https_is_asked_first_and_its_failure_noted() {
    let memory = site(&[
        ("/", Says::Fails(GapReason::TlsFail)),
        ("http://shop.example.cn/", html(&filled("店", ""))),
    ]);
    let evidence = look_at("shop.example.cn", &memory, 12).await;
    assert_eq!(gaps(&evidence), [(GapReason::TlsFail, "/")]);
    assert_eq!(evidence.home().unwrap().0.url, "http://shop.example.cn/");
    assert_eq!(evidence.home_gap().unwrap().reason, GapReason::TlsFail);

    let memory = site(&[
        ("/", Says::Fails(GapReason::Timeout)),
        ("http://shop.example.cn/", Says::Fails(GapReason::TcpFail)),
    ]);
    let evidence = look_at("shop.example.cn", &memory, 12).await;
    let reasons: Vec<_> = evidence.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(
        (reasons, evidence.pages.len()),
        (vec![GapReason::Timeout, GapReason::TcpFail], 0)
    );
}

#[tokio::test]
async fn a_bare_address_that_answers_http_only_is_no_redirect() {
    let memory = site(&[
        ("https://8.8.8.8/", Says::Fails(GapReason::TcpFail)),
        ("http://8.8.8.8/", html(&filled("店", "1"))),
    ]);
    let evidence = look_at("8.8.8.8", &memory, 12).await;
    assert_eq!(
        (evidence.site.as_str(), evidence.redirected_from),
        ("8.8.8.8:80", None)
    );
}

#[tokio::test]
async fn a_home_page_on_another_site_is_judged_there() {
    let landing = filled(
        "店",
        "<a href=/g>关于我们</a><a href=https://shop.example.cn/k>联系我们</a>",
    );
    let memory = site(&[
        ("/", Says::Redirect("https://www.landing.com/")),
        ("https://www.landing.com/", html(&landing)),
        ("https://www.landing.com/g", html(&filled("关于", "1"))),
    ]);
    let evidence = look(&memory).await;
    assert_eq!(
        (evidence.site.as_str(), evidence.redirected_from.unwrap().as_str()),
        ("landing.com", "example.cn")
    );
    assert_eq!(evidence.pages.len(), 2);
    assert_eq!(evidence.pages[0].hops.len(), 1);
}

#[tokio::test]
async fn a_link_that_redirects_to_another_site_is_not_read() {
    let home = filled("店", "<a href=/g>关于我们</a>");
    let memory = site(&[
        ("/", html(&home)),
        ("/g", Says::Redirect("https://other.com/")),
        ("https://other.com/", html("x")),
    ]);
    let evidence = look(&memory).await;
    assert_eq!(
        (evidence.pages.len(), gaps(&evidence)),
        (1, vec![(GapReason::NotCrawled, "/g")])
    );
}

#[tokio::test]
async fn soft_404s_do_not_count_as_pages() {
    let frame = "<header>星河点卡 游戏点卡 平台公告</header>";
    let home = format!(
        "{frame}{}",
        filled(
            "店",
            "<a href=/g>关于我们</a><a href=/k>联系我们</a><a href=/h>帮助</a>"
        )
    );
    let about = format!("{frame}<title>店</title><p>我们是一家点卡店。</p>");
    // The same words for anything, with the address in them, and the shop's frame around.
    let memory = site(&[("/", html(&home)), ("/g", html(&about))]).otherwise(move |url| {
        html(&format!(
            "{frame}<title>店</title><p>页面没有找到 {}</p>",
            url.path()
        ))
    });
    let evidence = look(&memory).await;
    assert_eq!(read_paths(&evidence), ["/", "/g"]);
    assert_eq!(
        gaps(&evidence),
        [(GapReason::Soft404, "/k"), (GapReason::Soft404, "/h")]
    );
}

#[tokio::test]
async fn a_site_that_sends_everything_home_has_one_page() {
    let home = filled("店", "<a href=/g>关于我们</a><a href=/k>联系我们</a>");
    let memory =
        site(&[("/", html(&home)), ("/k", html(&filled("联系", "电话")))]).otherwise(|_| Says::Redirect("/"));
    let evidence = look(&memory).await;
    assert_eq!(read_paths(&evidence), ["/", "/k"]);
    assert_eq!(gaps(&evidence), [(GapReason::Soft404, "/g")]);

    let shell = "<title></title><div id=app></div><a href=/g>关于</a><script src=/app.js></script>";
    let memory = site(&[]).otherwise(move |url| html(&format!("{shell}<!-- {} -->", url.path())));
    let evidence = look(&memory).await;
    assert_eq!(read_paths(&evidence), ["/"], "the shell itself still counts");
    assert_eq!(
        gaps(&evidence),
        [(GapReason::EmptyJsApp, "/"), (GapReason::Soft404, "/g")]
    );
}

#[tokio::test]
async fn an_honest_404_is_no_reason_for_doubt() {
    let home = filled("店", "<a href=/g>关于我们</a>");
    let memory = site(&[
        ("/", html(&home)),
        ("/g", html(&home.replace("关于我们", "关于"))),
    ]);
    assert_eq!(read_paths(&look(&memory).await), ["/", "/g"]);
}

#[tokio::test]
async fn gates_are_gaps_and_their_text_is_not_read() {
    let memory = site(&[]).otherwise(|_| html("Click to continue!2026-11-22"));
    let evidence = look(&memory).await;
    assert_eq!(gaps(&evidence), [(GapReason::Challenge, "/")]);
    assert_eq!(evidence.gaps[0].detail, "text Click to continue!");
    assert!(evidence.home().is_none());
    assert_eq!(
        (
            evidence.pages.len(),
            evidence.pages[0].status,
            memory.asked().len()
        ),
        (1, 200, 1)
    );
}

#[tokio::test]
async fn identical_pages_under_many_addresses_are_kept_once_and_bounded() {
    let link = |n: usize| format!("<a href=/x{}>x</a><a href=/buy/{n}{n}/a>购买</a>", "y".repeat(n));
    let home = filled("店", &(0..40).map(link).collect::<Vec<_>>().concat());
    let memory = site(&[("/", html(&home))]).otherwise(|url| {
        if url.path().contains("probe") {
            Says::Page(404, String::new())
        } else {
            html(&filled("同", "一样"))
        }
    });
    let evidence = look(&memory).await;
    assert_eq!(evidence.pages.len(), 2);
    assert!(memory.asked().len() <= 12 + 6 + 2);
}

#[tokio::test]
async fn calendars_session_ids_and_self_links_end() {
    let memory = site(&[]).otherwise(|url| {
        if url.path().contains("probe") {
            return Says::Page(404, String::new());
        }
        let day: u32 = url.query_pairs().find(|(name, _)| name == "d").and_then(|(_, d)| d.parse().ok()).unwrap_or(0);
        let visit = format!("{:032x}", day + 7);
        html(&filled(&format!("第{day}天"), &format!(
            "<a href='/cal?d={}&PHPSESSID={visit}'>次日</a><a href='?d={day}#x'>本页</a><a href='/?sid={visit}'>首页</a>", day + 1
        )))
    });
    let evidence = look(&memory).await;
    assert_eq!(
        read_paths(&evidence),
        ["/", "/cal?d=1", "/cal?d=2"],
        "{:?}",
        memory.asked()
    );
}

#[tokio::test]
async fn a_spent_budget_says_what_was_left_out() {
    let home = filled(
        "店",
        "<a href=/g>关于我们</a><a href=/b/1>购买</a><a href=/b/2>购买</a><a href=/k>联系我们</a>",
    );
    let numbered = |url: &Url| html(&filled(url.path(), url.path()));
    let honest = move |url: &Url| {
        if url.path().contains("probe") {
            Says::Page(404, String::new())
        } else {
            numbered(url)
        }
    };
    let memory = site(&[("/", html(&home))]).otherwise(honest);
    let evidence = look_at(HOME, &memory, 3).await;
    assert_eq!(read_paths(&evidence), ["/", "/g", "/k"]);
    let gap = Gap::new(
        GapReason::BudgetSpent,
        "pages; 2 links left: product 2",
        "example.cn",
    );
    assert_eq!(evidence.gaps, [gap]);

    let mut memory = site(&[("/", html(&home))]).otherwise(honest);
    memory.patience = 3;
    let evidence = look(&memory).await;
    assert_eq!(read_paths(&evidence), ["/", "/g"]);
    let gap = Gap::new(
        GapReason::BudgetSpent,
        "time; 3 links left: contact 1, product 2",
        "example.cn",
    );
    assert_eq!(evidence.gaps, [gap]);
}

#[tokio::test]
async fn a_site_that_asks_to_slow_down_is_left_alone() {
    let home = filled("店", "<a href=/g>关于我们</a><a href=/k>联系我们</a>");
    for slow in [
        Says::Fails(GapReason::RateLimited),
        Says::Page(429, "slow".into()),
    ] {
        let memory = site(&[("/", html(&home)), ("/g", slow)]);
        let evidence = look(&memory).await;
        assert_eq!(
            gaps(&evidence),
            [
                (GapReason::RateLimited, "/g"),
                (GapReason::RateLimited, "example.cn")
            ]
        );
        assert_eq!(
            evidence.gaps[1].detail,
            "asked to slow down; 1 links left: contact 1"
        );
    }
}

#[test]
fn a_look_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (memory, plan) = (site(&[]), Plan::load(&DataFiles::built_in()).unwrap());
    let (target, budget) = (Target::parse(HOME, false).unwrap(), Budget::default());
    is_send(&crawl(&target, &memory, &plan, Timestamp::UNIX_EPOCH, &budget));
}

#[tokio::test]
async fn framesets_and_signposts_lead_on() {
    let frames = "<frameset><frame src=/top><frame src=https://foreign.com/x></frameset>";
    let top = filled("上", "<a href=/g>关于我们</a>");
    let memory = site(&[
        ("/", html(frames)),
        ("/top", html(&top)),
        ("/g", html(&filled("关于", "1"))),
    ]);
    let evidence = look(&memory).await;
    assert_eq!(read_paths(&evidence), ["/", "/top", "/g"]);
    assert_eq!(evidence.pages[1].role, Role::Home);
    assert_eq!(
        gaps(&evidence),
        [(GapReason::NotCrawled, "https://foreign.com/x")]
    );

    let signpost = "<meta http-equiv=refresh content='0;url=/shop/'>";
    let memory = site(&[("/", html(signpost)), ("/shop/", html(&filled("店", signpost)))]);
    let evidence = look(&memory).await;
    let seen: Vec<_> = evidence
        .pages
        .iter()
        .map(|seen| (seen.role, seen.hops.len()))
        .collect();
    assert_eq!(seen, [(Role::Home, 1), (Role::Other, 0)]);
    assert_eq!(evidence.home().unwrap().1.title, "店");
    assert_eq!(memory.asked().len(), 3, "home, where it points, the probe");
}

#[tokio::test]
async fn a_cut_page_is_used_and_said_to_be_cut() {
    let memory = site(&[("/", Says::Cut(filled("店", "")))]);
    let evidence = look(&memory).await;
    assert_eq!(gaps(&evidence), [(GapReason::Truncated, "/")]);
    assert!(evidence.pages[0].truncated && evidence.home().is_some());
}

#[test]
fn saved_files_become_evidence_without_a_network() {
    let plan = Plan::load(&DataFiles::built_in()).unwrap();
    let target = Target::parse(HOME, false).unwrap();
    let file = |bytes: &[u8]| SavedFile {
        url: None,
        content_type: None,
        bytes: bytes.to_vec(),
    };
    let files = vec![file("<meta charset=gbk><p>a".as_bytes()), file(b"%PDF-1.4")];
    let evidence = saved(&target, files, &plan, Timestamp::UNIX_EPOCH);
    assert_eq!(
        (evidence.profile, evidence.pages.len(), evidence.bodies.len()),
        (Profile::Saved, 2, 2)
    );
    assert_eq!(evidence.home().unwrap().0.encoding.as_deref(), Some("gb18030"));
    assert_eq!(gaps(&evidence), [(GapReason::Unparsable, "/")]);
}

/// The shell of a program that draws everything by script.
const SHELL: &str = "<noscript>kamifaka-frontend needs JavaScript</noscript><div id=app></div><script src=/static/user/js/app.1.js></script>";

#[tokio::test]
async fn what_the_shells_own_script_asks_for_is_asked_for_and_kept_as_data() {
    let goods = r#"[{"name":"游戏点卡","price":9.5}]"#;
    let memory = site(&[("/", html(SHELL)), ("/api/v2/theme_list", html(goods))]);
    let evidence = look(&memory).await;
    assert_eq!(memory.asked()[2..], ["/api/v2/theme_list", "/api/v2/get_system"]);
    let seen = &evidence.pages[1];
    assert_eq!(seen.role, Role::Data);
    let page = seen.page.as_ref().unwrap();
    assert_eq!((page.visible_chars(), page.json.len()), (0, 1));
    assert_eq!(page.json[0].value[0]["price"], 9.5);
    assert!(evidence.bodies.contains_key(&seen.body_sha256));
    assert_eq!(
        gaps(&evidence),
        [
            (GapReason::EmptyJsApp, "/"),
            (GapReason::Http4xx, "/api/v2/get_system")
        ]
    );
}

#[tokio::test]
async fn data_that_robots_keeps_from_crawlers_are_one_gap_with_its_reason() {
    let memory = site(&[("/", html(SHELL))]).otherwise(|url| {
        if url.path().starts_with("/api/") {
            Says::Fails(GapReason::BlockedByRobots)
        } else {
            Says::Page(404, String::new())
        }
    });
    let evidence = look(&memory).await;
    assert_eq!(
        gaps(&evidence)[1..],
        [(GapReason::BlockedByRobots, "/api/v2/theme_list")]
    );
    assert_eq!(
        evidence.gaps[1].detail,
        "products are drawn by script and their data path is disallowed to crawlers"
    );
    let unread: Vec<_> = evidence
        .unread
        .iter()
        .map(|unread| (unread.role, unread.reason))
        .collect();
    assert_eq!(unread, [(Role::Data, GapReason::BlockedByRobots)]);
}

#[tokio::test]
async fn values_of_one_answer_make_the_next_requests() {
    let home = filled(
        "店",
        "<a href=/g>关于我们</a><script>$.get('ajax.php?act=getclass')</script>",
    );
    let classes = r#"{"code":0,"data":[{"cid":7},{"cid":"8"},{"cid":9},{"cid":10}]}"#;
    let memory = site(&[
        ("/", html(&home)),
        ("/g", html(&filled("关于", "1"))),
        ("/ajax.php?act=getclass", html(classes)),
    ])
    .otherwise(|url| match url.query() {
        Some(query) if query.contains("gettool") => html(&format!(r#"{{"data":["{query}"]}}"#)),
        _ => Says::Page(404, String::new()),
    });
    let evidence = look(&memory).await;
    let tools = ["7", "8", "9"].map(|cid| format!("/ajax.php?act=gettool&cid={cid}"));
    assert_eq!(memory.asked()[2], "/g");
    assert_eq!(memory.asked()[3], "/ajax.php?act=getclass");
    assert_eq!(memory.asked()[4..], tools);
    let data = evidence.pages.iter().filter(|seen| seen.role == Role::Data);
    assert_eq!(data.count(), 4);
    assert!(evidence.gaps.is_empty(), "{:?}", evidence.gaps);

    // Six pages hold two of them: the third part of the budget.
    let small = look_at(HOME, &memory, 6).await;
    let data = small.pages.iter().filter(|seen| seen.role == Role::Data);
    assert_eq!(data.count(), 2);
}

#[tokio::test]
async fn a_list_goes_on_while_its_pages_are_full_and_pages_are_no_data() {
    let home = filled(
        "店",
        "<script src=/assets/user/controller/index/index.js></script>",
    );
    let list = |n: usize| {
        let goods: Vec<String> = (1..=n).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        html(&format!(r#"{{"code":200,"data":[{}]}}"#, goods.join(",")))
    };
    let (full, short) = (list(20), list(3));
    let answer = move |url: &Url| match url.query() {
        Some(query) if query.contains("page=1") => full.clone(),
        Some(query) if query.contains("page=2") => short.clone(),
        _ if url.path().ends_with("/pay") => html("<title>页面没有找到</title>"),
        _ => Says::Page(404, String::new()),
    };
    let memory = site(&[("/", html(&home))]).otherwise(answer);
    let evidence = look(&memory).await;
    assert_eq!(
        memory.asked()[2..],
        [
            "/user/api/index/commodity?categoryId=0&page=1&limit=20",
            "/user/api/index/commodity?categoryId=0&page=2&limit=20",
            "/user/api/index/pay?itemId=1"
        ]
    );
    assert_eq!(
        gaps(&evidence),
        [(GapReason::Soft404, "/user/api/index/pay?itemId=1")]
    );
    assert!(evidence.unread.is_empty());
}

#[tokio::test]
async fn a_live_look_asks_for_goods_before_terms_and_says_what_it_left() {
    let home = filled(
        "店",
        "<a href=/z>营业执照</a><a href=/g>关于我们</a><a href=/k>联系我们</a><a href=/t>用户协议</a><a href=/b>公告</a>\
         <script>fetch('/api/v2/theme_list')</script>",
    );
    let memory = site(&[("/", html(&home))]).otherwise(|url| match url.path() {
        path if path.contains("probe") => Says::Page(404, String::new()),
        path if path.starts_with("/api/") => html(&format!("[\"{path}\"]")),
        path => html(&filled(path, path)),
    });
    let evidence = look_at(HOME, &memory, Budget::of(Profile::Live).max_pages).await;
    let paths: Vec<_> = memory.asked().split_off(2);
    assert_eq!(
        paths,
        ["/z", "/g", "/k", "/api/v2/theme_list", "/api/v2/get_system"]
    );
    assert_eq!(evidence.pages.len(), 6);

    let least = look_at(HOME, &memory, 2).await;
    assert_eq!(least.gaps[0].reason, GapReason::BudgetSpent);
    assert_eq!(least.gaps[0].what, "https://shop.example.cn/api/v2/theme_list");

    let tiny = look_at(HOME, &memory, 3).await;
    let said: Vec<_> = tiny.gaps.iter().map(|gap| gap.detail.as_str()).collect();
    assert_eq!(
        said,
        [
            "pages; product data were not asked for",
            "pages; 3 links left: contact 1, terms 1, announcement 1"
        ]
    );
}

#[tokio::test]
async fn data_on_another_host_are_not_read() {
    let memory = site(&[
        ("/", html(SHELL)),
        (
            "/api/v2/theme_list",
            Says::Redirect("https://api.example.cn/goods"),
        ),
        ("https://api.example.cn/goods", html("[1]")),
        ("/api/v2/get_system", html("{}")),
    ]);
    let evidence = look(&memory).await;
    assert_eq!(
        gaps(&evidence)[1..],
        [(GapReason::NotCrawled, "/api/v2/theme_list")]
    );
    assert_eq!(evidence.gaps[1].detail, "redirects to api.example.cn");
}

#[tokio::test]
async fn a_script_that_sends_on_is_followed_once() {
    let signpost = "<script>window.location.replace('/home')</script>";
    let memory = site(&[
        ("/", html(signpost)),
        ("/home", html("<script>location.href='/third'</script>正在进入")),
    ]);
    let evidence = look(&memory).await;
    let seen: Vec<_> = evidence
        .pages
        .iter()
        .map(|seen| {
            (
                seen.role,
                seen.final_url.trim_start_matches("https://shop.example.cn"),
            )
        })
        .collect();
    assert_eq!(seen, [(Role::Home, "/home"), (Role::Other, "/")]);
    assert_eq!(evidence.pages[0].hops[0].to, "https://shop.example.cn/home");
}

/// A page about licences with pictures of this site, of its picture host, and of another site.
const LICENCES: &str = "<main><h1>营业执照</h1><img src=/up/1.png><img src=https://img.example.cn/2.png>\
    <img src=https://cdn.example.com/3.png><img src=/up/4.png></main>";

#[tokio::test]
async fn pictures_that_hang_where_a_licence_would_are_fetched_and_kept() {
    let home = filled("店", "<a href=/z>营业执照</a><a href=/g>公告</a>");
    let png = "\u{89}PNG";
    let memory = site(&[
        ("/", html(&home)),
        ("/z", html(LICENCES)),
        ("/g", html(&filled("公告", "1"))),
        ("/up/1.png", html("GIF89a")),
        ("https://img.example.cn/2.png", html(png)),
    ]);
    let evidence = look(&memory).await;
    assert_eq!(
        memory.asked()[2..],
        ["/z", "/up/1.png", "/g", "https://img.example.cn/2.png"]
    );
    let pictures: Vec<_> = evidence
        .pages
        .iter()
        .filter(|seen| seen.role == Role::Picture)
        .map(|seen| seen.picture.as_ref().map(|picture| picture.format.as_str()))
        .collect();
    assert_eq!(pictures, [Some("gif"), None]);
    assert!(
        evidence
            .pages
            .iter()
            .all(|seen| evidence.bodies.contains_key(&seen.body_sha256))
    );
    assert_eq!(
        gaps(&evidence),
        [
            (GapReason::NotCrawled, "https://cdn.example.com/3.png"),
            (GapReason::Unparsable, "https://img.example.cn/2.png")
        ]
    );
}
