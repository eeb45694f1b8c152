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
    async fn get(&self, url: &Url) -> Result<Reply, Failure> {
        self.answer(url)
    }

    fn spent(&self) -> bool {
        self.asked.lock().unwrap().len() >= self.patience
    }
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
