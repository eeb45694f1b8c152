//! The whole line against loopback: replay, evidence taken away, addresses as people type them, hostile sites.
//!
//! Every look goes through the real net, crawl, inspectors, rules and score; one line with short limits serves them
//! all. `net/` and `pages.rs` test the rooms alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use cardvet::assessment::Assessment;
use cardvet::crawl::{Plan, SavedFile, saved};
use cardvet::data::DataFiles;
use cardvet::evidence::{Evidence, GapReason, Role, Scope};
use cardvet::finding::{Finding, Outcome};
use cardvet::net::{Net, Settings};
use cardvet::report::{self, Lang, text::Look};
use cardvet::score::{Context, Grade};
use cardvet::store::{self, Store};
use cardvet::target::Target;
use cardvet::vet::Vetter;
use tokio::runtime::Runtime;

use crate::support::dns::{NameServer, Say};
use crate::support::samples::{Vetted, finding, judge, limits, moment, run};
use crate::support::web::{Server, Step, answer, head, missing, redirect};

const HTML: &str = "content-type: text/html; charset=utf-8\r\n";

/// An ordinary page of a shop, long enough to be one.
const SHOP: &str = "<title>Plain Cards 卡密小店</title><h1>卡密小店</h1><p>Steam 充值卡 100 元，售价 ¥99.00</p>\
    <a href=/buy/1>立即购买</a><p>付款后在本页查看卡密，客服电话 021-55512345，周一至周五 9:00-18:00。</p>\
    <p>未使用的卡密七日内可以退款，到账问题请联系客服，我们在一个工作日内答复。</p><footer>Plain Cards</footer>";

/// The line with short limits, and the runtime that its connections live on.
struct Line {
    runtime: Runtime,
    open: Vetter,
    guarded: Vetter,
    _names: NameServer,
}

/// Where names of these tests lead: `private.test` to a private network, all others to loopback.
fn address_of(name: &str) -> Say {
    let address = if name == "private.test" {
        "192.168.7.7"
    } else {
        "127.0.0.1"
    };
    Say::Addresses(vec![address.parse::<IpAddr>().expect("an address")])
}

fn vetter(settings: Settings) -> Vetter {
    let (judge, data) = judge();
    let net = Net::new(settings).expect("these settings are sound");
    Vetter::new(net, judge, &data).expect("the built-in data loads")
}

fn line() -> &'static Line {
    static LINE: OnceLock<Line> = OnceLock::new();
    LINE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let names = runtime.block_on(NameServer::start(|name, _, _| address_of(name)));
        let (rate, short) = (1000.0, Duration::from_millis(1500));
        let open = Settings {
            resolver: Some(names.at),
            allow_private: true,
            host_rate: rate,
            address_rate: rate,
            overall_rate: rate,
            connect_timeout: short,
            request_timeout: short,
            backoff: Duration::from_millis(5),
            ..Settings::default()
        };
        let guarded = Settings {
            allow_private: false,
            allow_networks: vec!["127.0.0.0/8".parse().expect("a network")],
            ..open.clone()
        };
        let (open, guarded) = (vetter(open), vetter(guarded));
        Line {
            runtime,
            open,
            guarded,
            _names: names,
        }
    })
}

/// What came of a look, and the paths that were asked for.
struct Seen {
    evidence: Evidence,
    assessment: Assessment,
    paths: Vec<String>,
}

impl Seen {
    fn grade(&self) -> Grade {
        self.assessment.judgement.grade
    }

    /// Whether such a gap was written down.
    fn has_gap(&self, reason: GapReason, detail: &str) -> bool {
        self.evidence
            .gaps
            .iter()
            .any(|gap| gap.reason == reason && gap.detail.contains(detail))
    }

    fn home_text(&self) -> String {
        self.evidence
            .home()
            .map(|(_, page)| page.text())
            .unwrap_or_default()
    }
}

/// Vets a target. That it ends at all is part of every test: nothing may take longer than ten times its limit.
async fn vet(vetter: &Vetter, typed: &str) -> (Evidence, Assessment) {
    let target = Target::parse(typed, true).expect("a target");
    let limits = limits(6);
    let look = vetter.vet(&target, &limits, Context::Asked, moment());
    tokio::time::timeout(Duration::from_mins(1), look)
        .await
        .expect("the look ends within its limits")
}

/// Vets a site of one server by a path; `{}` in the path's text stands for nothing else than the server.
fn look_at(path: &str, handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Seen {
    let line = line();
    line.runtime.block_on(async {
        let server = Server::start(handler).await;
        let (evidence, assessment) = vet(&line.open, server.url(path).as_str()).await;
        let paths = server.paths();
        server.stop().await;
        Seen {
            evidence,
            assessment,
            paths,
        }
    })
}

/// A site whose home page is this answer and that has nothing else.
fn look(home: Vec<Step>) -> Seen {
    look_at(
        "/",
        move |path| if path == "/" { home.clone() } else { missing() },
    )
}

fn page(body: impl AsRef<[u8]>) -> Vec<Step> {
    answer(200, HTML, body)
}

/// Whatever a site does: a judgement that adds up, a report without control characters, and nothing invented.
fn check_sound(seen: &Seen) {
    let judgement = &seen.assessment.judgement;
    assert_eq!(
        judgement.ledger.iter().map(|line| line.points).sum::<i64>(),
        judgement.points
    );
    assert_eq!(judgement.risk.is_none(), judgement.grade == Grade::Inconclusive);
    assert!(
        seen.evidence.pages.len() <= 12,
        "{} pages",
        seen.evidence.pages.len()
    );
    if seen.evidence.home().is_none() {
        assert_eq!(judgement.grade, Grade::Inconclusive);
        assert!(
            !seen.evidence.gaps.is_empty(),
            "what could not be seen has a reason"
        );
    }
    for (lang, full) in [(Lang::Zh, true), (Lang::En, true), (Lang::Zh, false)] {
        let shown = report::text::render(
            &seen.assessment,
            Look {
                lang,
                width: 80,
                colour: false,
                full,
            },
        );
        let bad = shown.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(bad, None, "a control character reached the report");
    }
    let json = report::json(&seen.assessment);
    assert!(
        !json.contains(|c: char| c.is_ascii_control()),
        "JSON on one line without control characters"
    );
}

/// Judges what was read, kept and read back; the same bytes must come out.
fn check_replays(evidence: &Evidence, before: &Assessment) {
    let dir = tempfile::tempdir().expect("a folder");
    let settings = store::Settings {
        dir: dir.path().join("store"),
    };
    let store = Store::open(&settings).expect("a store");
    let kept = store
        .keep(evidence, &before.to_bytes(), "vetted", moment())
        .expect("it can be kept");
    assert!(kept.missing_bodies.is_empty(), "{:?}", kept.missing_bodies);
    let again = store
        .evidence(&evidence.site, &evidence.scope, evidence.captured_at)
        .expect("the store reads");
    let after = run()
        .judge
        .judge(&again.expect("it was kept"), before.context, before.as_of);
    assert!(
        before.to_bytes() == after.to_bytes(),
        "replay moved {}",
        before.site
    );
}

#[test]
fn replaying_every_sample_from_the_store_gives_the_same_bytes() {
    let run = run();
    let dir = tempfile::tempdir().expect("a folder");
    let settings = store::Settings {
        dir: dir.path().join("store"),
    };
    {
        let store = Store::open(&settings).expect("a store");
        for vetted in &run.vetted {
            let bytes = vetted.assessment.to_bytes();
            store
                .keep(&vetted.evidence, &bytes, "vetted", moment())
                .expect("it can be kept");
        }
    }
    // Another process with rules and data of its own: nothing but the store is in common.
    let (judge, _) = judge();
    let store = Store::open(&settings).expect("a store");
    let shelves = store.sites().expect("the store reads");
    assert_eq!(shelves.len(), run.vetted.len());
    for (site, scope) in shelves {
        let entry = store
            .latest(&site, &scope)
            .expect("the store reads")
            .expect("it was kept");
        let evidence = store
            .evidence(&site, &scope, entry.look.captured_at)
            .expect("the store reads");
        let before: Assessment = serde_json::from_slice(&entry.assessment).expect("what we wrote reads");
        let after = judge.judge(&evidence.expect("it was kept"), before.context, before.as_of);
        assert!(entry.assessment == after.to_bytes(), "replay moved {site}");
        let vetted = run
            .vetted
            .iter()
            .find(|vetted| vetted.evidence.site == site)
            .expect("a sample");
        assert!(
            entry.assessment == vetted.assessment.to_bytes(),
            "the store changed {site}"
        );
    }
}

/// The sample judged again without one page, which is said to have timed out.
fn without(vetted: &Vetted, url: &str) -> Assessment {
    let mut evidence = vetted.evidence.clone();
    let pages = evidence.pages.len();
    evidence.take_away(url, GapReason::Timeout, "no answer");
    assert_eq!(evidence.pages.len() + 1, pages, "{url} was read");
    run()
        .judge
        .judge(&evidence, vetted.assessment.context, vetted.assessment.as_of)
}

/// The address of a sample's page.
fn address(vetted: &Vetted, path: &str) -> String {
    let home = url::Url::parse(&vetted.evidence.pages[0].final_url).expect("an address");
    home.join(path).expect("an address").to_string()
}

fn in_ledger(assessment: &Assessment, rule: &str) -> bool {
    assessment
        .judgement
        .ledger
        .iter()
        .any(|line| line.rule.as_deref() == Some(rule))
}

#[test]
fn a_finding_whose_page_is_taken_away_is_unknown_with_the_reason_and_counts_nothing() {
    for (id, path, rule) in [
        ("copied-licence", "/agreement", "terms/refund-refused"),
        ("polished-fraud", "/terms", "terms/refund-refused"),
        ("tencent-impersonation", "/qb", "payment/personal-code"),
    ] {
        let vetted = run().of(id);
        let url = address(vetted, path);
        let places = |placed: &cardvet::assessment::PlacedFinding| {
            placed
                .places
                .iter()
                .map(|place| place.url.clone())
                .collect::<BTreeSet<_>>()
        };
        let placed = vetted
            .assessment
            .findings
            .iter()
            .find(|placed| placed.finding.rule == rule)
            .expect("a rule");
        assert_eq!(placed.finding.outcome, Outcome::Holds, "{id}");
        assert_eq!(
            places(placed),
            BTreeSet::from([url.clone()]),
            "{id}: {rule} rests on this page alone"
        );
        let after = without(vetted, &url);
        let found = finding(&after, rule);
        assert_eq!(found.outcome, Outcome::Unknown, "{id}");
        let reason = found.reason.as_ref().expect("a reason");
        assert_eq!(reason.reason, "timeout", "{id}: {}", reason.detail);
        assert!(reason.detail.contains(&url), "{id}: {}", reason.detail);
        assert!(
            in_ledger(&vetted.assessment, rule) && !in_ledger(&after, rule),
            "{id}"
        );
        assert!(
            after.judgement.points < vetted.assessment.judgement.points,
            "{id}"
        );
        assert!(
            after.judgement.coverage < vetted.assessment.judgement.coverage,
            "{id}"
        );
        assert!(
            after
                .gaps
                .iter()
                .any(|gap| gap.reason == GapReason::Timeout && gap.what == url),
            "{id}"
        );
    }
}

#[test]
fn what_was_not_read_is_kept_with_the_rest_and_replays() {
    let vetted = run().of("xiaohei-kameng");
    let mut evidence = vetted.evidence.clone();
    evidence.take_away(&address(vetted, "/?mod=about"), GapReason::Timeout, "no answer");
    let assessment = run().judge.judge(&evidence, Context::Asked, moment());
    assert_ne!(assessment.findings, vetted.assessment.findings);
    check_replays(&evidence, &assessment);
}

#[test]
fn what_would_stand_on_a_page_that_was_not_read_is_not_denied() {
    for (id, path, rule) in [
        ("xiaohei-kameng", "/?mod=about", "anonymity/chat-only"),
        ("xiaohei-kameng", "/?mod=about", "anonymity/no-licence"),
        ("no-refund-gbk", "/lianxi.asp", "anonymity/chat-only"),
    ] {
        let vetted = run().of(id);
        assert_eq!(vetted.finding(rule).outcome, Outcome::Holds, "{id}");
        let after = without(vetted, &address(vetted, path));
        let found = finding(&after, rule);
        assert_eq!(found.outcome, Outcome::Unknown, "{id} without {path}: {rule}");
        assert_eq!(
            found.reason.as_ref().map(|reason| &*reason.reason),
            Some("timeout"),
            "{id}"
        );
        assert!(!in_ledger(&after, rule), "{id}");
        assert!(
            after.judgement.coverage < vetted.assessment.judgement.coverage,
            "{id}"
        );
    }
}

#[test]
fn without_its_home_page_nothing_is_held_against_a_site() {
    for id in ["xiaohei-kameng", "licensed-topup", "copied-licence"] {
        let vetted = run().of(id);
        let url = vetted.evidence.pages[0].final_url.clone();
        let mut evidence = vetted.evidence.clone();
        for url in vetted.evidence.pages.iter().map(|seen| &seen.final_url) {
            evidence.take_away(url, GapReason::Timeout, "no answer");
        }
        let after = run().judge.judge(&evidence, Context::Asked, moment());
        assert_eq!(after.judgement.grade, Grade::Inconclusive, "{id}");
        assert_eq!(
            (after.judgement.points, after.judgement.risk),
            (-20, None),
            "{id}"
        );
        assert!(after.gaps.iter().any(|gap| gap.what == url), "{id}");
    }
}

/// Of one outcome to another by the loss of a page: what is known may become unknown, never its contrary.
fn is_loss(before: &Finding, after: &Finding) -> bool {
    before.outcome == after.outcome
        || matches!(after.outcome, Outcome::Unknown | Outcome::NotApplicable)
        || matches!(before.outcome, Outcome::Unknown | Outcome::NotApplicable)
            && after.outcome == Outcome::Fails
}

#[test]
fn no_page_that_is_taken_away_turns_an_answer_into_its_contrary() {
    let mut turned = Vec::new();
    for vetted in &run().vetted {
        // The home page has its own test; two more of each sample keep the run short.
        for seen in vetted
            .evidence
            .pages
            .iter()
            .skip(1)
            .filter(|seen| seen.page.is_some())
            .take(2)
        {
            let after = without(vetted, &seen.final_url);
            for (before, after) in vetted.assessment.findings.iter().zip(&after.findings) {
                let (before, after) = (&before.finding, &after.finding);
                if !is_loss(before, after) {
                    let (id, rule) = (&vetted.sample.id, &before.rule);
                    let (before, after) = (before.outcome, after.outcome);
                    turned.push(format!(
                        "{id} without {:?} {}: {rule} {before:?} → {after:?}",
                        seen.role, seen.url
                    ));
                }
            }
        }
    }
    assert!(turned.is_empty(), "\n{}", turned.join("\n"));
}

fn gzip(part: &[u8], times: usize) -> Vec<u8> {
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zip.write_all(SHOP.as_bytes()).expect("memory");
    for _ in 0..times {
        zip.write_all(part).expect("memory");
    }
    zip.finish().expect("memory")
}

#[test]
fn a_bomb_costs_its_cap_and_what_came_before_the_cut_is_used() {
    let bomb = gzip(&vec![b' '; 1 << 20], 12);
    assert!(bomb.len() < 200_000);
    let seen = look(answer(200, &format!("{HTML}content-encoding: gzip\r\n"), bomb));
    check_sound(&seen);
    assert!(seen.has_gap(GapReason::Truncated, ""), "{:?}", seen.evidence.gaps);
    assert_eq!(seen.evidence.pages[0].body_bytes, 2 << 20);
    assert!(seen.home_text().contains("021-55512345"));
    assert_eq!(
        finding(&seen.assessment, "anonymity/no-contact").outcome,
        Outcome::Fails
    );
}

#[test]
fn a_page_without_end_is_cut_and_used() {
    let seen = look_at("/", |path| {
        if path != "/" {
            return missing();
        }
        let line = "<p>这一段没有尽头 0123456789</p>".repeat(100);
        vec![
            Step::Send(head(200, HTML)),
            Step::Send(SHOP.into()),
            Step::Pour(line.into_bytes(), 2500),
        ]
    });
    check_sound(&seen);
    assert!(seen.has_gap(GapReason::Truncated, ""), "{:?}", seen.evidence.gaps);
    assert_eq!(seen.evidence.pages[0].body_bytes, 2 << 20);
    assert!(seen.home_text().contains("021-55512345"));
}

#[test]
fn a_drip_is_cut_off_and_a_silent_server_is_a_timeout() {
    let drip = look_at("/", |path| match path {
        "/" => vec![
            Step::Send(head(200, HTML)),
            Step::Send(SHOP.into()),
            Step::Drip(vec![b' '; 10_000], Duration::from_millis(50)),
        ],
        _ => missing(),
    });
    check_sound(&drip);
    assert!(
        drip.has_gap(GapReason::Truncated, "") || drip.has_gap(GapReason::Timeout, ""),
        "{:?}",
        drip.evidence.gaps
    );
    assert!(
        drip.home_text().contains("021-55512345"),
        "what came before the cut is used"
    );
    let silent = look_at("/", |path| if path == "/" { vec![Step::Hang] } else { missing() });
    check_sound(&silent);
    assert_eq!(
        silent.evidence.home_gap().map(|gap| gap.reason),
        Some(GapReason::Timeout)
    );
    assert_eq!(silent.grade(), Grade::Inconclusive);
}

#[test]
fn redirects_that_lead_nowhere_have_their_reason() {
    let circle = look_at("/", |path| match path {
        "/" => redirect(302, "/a"),
        "/a" => redirect(302, "/"),
        _ => missing(),
    });
    let endless = look_at("/", |path| {
        let step: usize = path.trim_start_matches('/').parse().unwrap_or(0);
        if path == "/robots.txt" {
            missing()
        } else {
            redirect(302, &format!("/{}", step + 1))
        }
    });
    for (seen, reason) in [
        (circle, GapReason::RedirectLoop),
        (endless, GapReason::TooManyRedirects),
    ] {
        check_sound(&seen);
        assert_eq!(
            seen.evidence.home_gap().map(|gap| gap.reason),
            Some(reason),
            "{:?}",
            seen.evidence.gaps
        );
        assert_eq!(seen.grade(), Grade::Inconclusive);
    }
}

#[test]
fn a_redirect_to_a_private_address_is_refused_in_every_spelling() {
    let line = line();
    for to in [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://167772161/",
        "http://0xa000001/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://private.test/",
        "http://[64:ff9b::a00:1]/",
    ] {
        let (evidence, assessment) = line.runtime.block_on(async {
            let server =
                Server::start(move |path| if path == "/" { redirect(302, to) } else { missing() }).await;
            let looked = vet(&line.guarded, server.url("/").as_str()).await;
            server.stop().await;
            looked
        });
        let gap = evidence.home_gap().expect("a reason");
        assert_eq!(gap.reason, GapReason::AddressRefused, "{to}: {gap:?}");
        assert!(evidence.home().is_none(), "{to}");
        assert_eq!(assessment.judgement.grade, Grade::Inconclusive, "{to}");
    }
}

#[test]
fn markup_without_bottom_is_read_and_can_be_kept() {
    let deep = 100_000;
    let nested = format!("{}{SHOP}{}", "<div>".repeat(deep), "</div>".repeat(deep));
    let unclosed = format!("{SHOP}{}", "<table><tr><td><b><a href=#>".repeat(deep / 4));
    let list = format!(
        "{SHOP}<script type='application/ld+json'>{}</script>",
        "[".repeat(deep)
    );
    let open = "{\"a\":".repeat(deep);
    let object = format!(
        "{SHOP}<script type='application/ld+json'>{open}1{}</script>",
        "}".repeat(deep)
    );
    for (name, body) in [
        ("nested", nested),
        ("unclosed", unclosed),
        ("list", list),
        ("object", object),
    ] {
        let seen = look(page(body));
        check_sound(&seen);
        assert!(seen.home_text().contains("021-55512345"), "{name}");
        assert_ne!(seen.grade(), Grade::Inconclusive, "{name}");
        check_replays(&seen.evidence, &seen.assessment);
    }
}

#[test]
fn json_of_a_hostile_depth_in_answers_and_exhibits_can_be_kept() {
    let open = "[".repeat(200_000);
    let seen = look(answer(200, "content-type: application/json\r\n", open));
    check_sound(&seen);
    assert_eq!(seen.grade(), Grade::Inconclusive);
    check_replays(&seen.evidence, &seen.assessment);
}

#[test]
fn a_wrong_label_does_not_hide_what_a_page_says() {
    let gbk = [SHOP.as_bytes()].map(|_| encoding(SHOP)).concat();
    for (label, body) in [
        ("content-type: text/html; charset=utf-8\r\n", gbk.clone()),
        ("content-type: text/html\r\n", gbk),
        (
            "content-type: text/html; charset=gb2312\r\n",
            SHOP.as_bytes().to_vec(),
        ),
        (
            "content-type: text/html; charset=klingon\r\n",
            SHOP.as_bytes().to_vec(),
        ),
    ] {
        let seen = look(answer(200, label, body));
        check_sound(&seen);
        assert!(
            seen.home_text().contains("未使用的卡密七日内可以退款"),
            "{label}: {}",
            seen.home_text()
        );
        assert_eq!(seen.evidence.pages[0].body_sha256.len(), 64);
    }
}

/// The text in GBK, as an old server sends it: by way of the demo's own transcoder there would be no wrong label.
fn encoding(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

#[test]
fn escapes_and_bidi_marks_of_a_site_do_not_reach_the_terminal() {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}evil\u{2066}\u{200b}\u{0}\r\n";
    let body = format!(
        "<title>{evil}卡密小店</title><h1>{evil}</h1>{SHOP}<p>加QQ{evil}204518837</p>\
        <p>腾讯{evil}官方授权，虚拟商品一经售出概不退换{evil}</p><a href='/{evil}'>{evil}关于我们</a>\
        <footer>{evil}京ICP备12345678号{evil}</footer>"
    );
    let handler = move |path: &str| match path {
        "/" => page(&body),
        "/robots.txt" => missing(),
        _ => answer(404, "content-type: text/html\r\nserver: \u{9b}31m\r\n", evil),
    };
    let seen = look_at("/", handler);
    assert!(seen.home_text().contains("owned"), "the page was read");
    let (home, page) = seen.evidence.home().expect("a home page");
    let kept = &seen.evidence.bodies[&home.body_sha256];
    assert!(kept.contains(&0x1b), "the evidence keeps what was there");
    assert!(page.title.contains('\u{202e}'), "{:?}", page.title);
    check_sound(&seen);
}

#[test]
fn random_bytes_are_no_shop() {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    for kind in [
        "content-type: text/html\r\n",
        "",
        "content-type: text/html; charset=gbk\r\n",
    ] {
        let bytes: Vec<u8> = (0..60_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                state.to_le_bytes()[7]
            })
            .collect();
        let seen = look(answer(200, kind, bytes));
        check_sound(&seen);
        assert!(seen.grade() <= Grade::Guarded, "{kind}: {:?}", seen.grade());
        check_replays(&seen.evidence, &seen.assessment);
    }
}

#[test]
fn links_without_number_are_followed_within_the_budget() {
    let links: Vec<String> = (0..5000).map(|n| format!("<a href=/{n}>{n}</a>")).collect();
    let home = format!("{SHOP}{}", links.join(" "));
    let seen = look_at("/", move |path| match path {
        "/" => page(&home),
        "/robots.txt" => missing(),
        path if path.contains("probe") => missing(),
        path => page(format!("{SHOP}<h2>{path}</h2>")),
    });
    check_sound(&seen);
    let pages = seen.evidence.pages.len();
    assert!((4..=12).contains(&pages), "{pages} pages");
    assert!(seen.paths.len() <= 20, "{:?}", seen.paths);
}

#[test]
fn a_million_filing_marks_are_read_in_linear_time() {
    let seen = look(page(format!(
        "{SHOP}<footer>{}</footer>",
        "ICP备".repeat(1_000_000)
    )));
    check_sound(&seen);
    assert!(seen.has_gap(GapReason::Truncated, ""), "{:?}", seen.evidence.gaps);
    assert!(seen.grade() <= Grade::Guarded, "{:?}", seen.grade());
}

#[test]
fn robots_that_cannot_be_read_keep_us_out() {
    let seen = look_at("/", |path| {
        if path == "/robots.txt" {
            answer(503, "", "down")
        } else {
            page(SHOP)
        }
    });
    check_sound(&seen);
    let asked: BTreeSet<&str> = seen.paths.iter().map(String::as_str).collect();
    assert_eq!(asked, BTreeSet::from(["/robots.txt"]));
    assert!(
        seen.has_gap(GapReason::Http5xx, "robots"),
        "{:?}",
        seen.evidence.gaps
    );
    assert_eq!(seen.grade(), Grade::Inconclusive);
}

#[test]
fn a_refusal_on_the_home_page_has_its_own_reason() {
    for (status, reason) in [
        (403, GapReason::Http4xx),
        (500, GapReason::Http5xx),
        (429, GapReason::RateLimited),
    ] {
        let seen = look(answer(status, HTML, SHOP));
        check_sound(&seen);
        assert_eq!(
            seen.evidence.home_gap().map(|gap| gap.reason),
            Some(reason),
            "{status}: {:?}",
            seen.evidence.gaps
        );
        assert_eq!(seen.grade(), Grade::Inconclusive, "{status}");
    }
}

/// Vets what was typed, with the server's port in place of `PORT`.
fn look_typed(typed: &str, handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Seen {
    let line = line();
    line.runtime.block_on(async {
        let server = Server::start(handler).await;
        let typed = typed.replace("PORT", &server.port.to_string());
        let (evidence, assessment) = vet(&line.open, &typed).await;
        let paths = server.paths();
        server.stop().await;
        Seen {
            evidence,
            assessment,
            paths,
        }
    })
}

#[test]
fn without_a_scheme_https_is_tried_first_and_both_are_recorded() {
    let seen = look_typed(" plain-cards.test:PORT ", |path| {
        if path == "/" { page(SHOP) } else { missing() }
    });
    check_sound(&seen);
    let first = seen.evidence.gaps.first().expect("the attempt is written down");
    assert!(first.what.starts_with("https://plain-cards.test"), "{first:?}");
    // The server waits for a request that never comes; others hang up at once.
    assert!(
        matches!(first.reason, GapReason::Timeout | GapReason::TlsFail),
        "{first:?}"
    );
    assert!(
        seen.evidence.pages[0]
            .final_url
            .starts_with("http://plain-cards.test")
    );
    assert_ne!(seen.grade(), Grade::Inconclusive);
}

#[test]
fn a_pasted_deep_link_is_read_beside_the_home_page() {
    let seen = look_typed(
        "http://www.plain-cards.test:PORT/goods/7.html?from=chat",
        |path| match path {
            "/" => page(SHOP),
            "/goods/7.html?from=chat" => page(format!("{SHOP}<h2>商品七</h2>")),
            _ => missing(),
        },
    );
    check_sound(&seen);
    let (home, _) = seen.evidence.home().expect("a home page");
    assert!(
        home.final_url.ends_with('/') && home.role == Role::Home,
        "{}",
        home.final_url
    );
    let named = seen
        .evidence
        .pages
        .iter()
        .find(|seen| seen.final_url.contains("/goods/7.html"));
    assert!(named.is_some_and(|seen| seen.page.is_some() && seen.role != Role::Home));
    assert_eq!(seen.evidence.scope, Scope::Platform);
    assert_eq!(seen.evidence.site.as_str(), "plain-cards.test");
}

#[test]
fn a_merchant_under_a_shared_host_is_judged_alone() {
    let seen = look_typed("http://www.plain-cards.test:PORT/shop/a2217", |path| match path {
        "/" => page("<title>平台首页</title><p>平台自己的首页，与商家无关。</p>"),
        "/shop/a2217" => page(SHOP),
        _ => missing(),
    });
    check_sound(&seen);
    let merchant = Scope::Merchant {
        host: "www.plain-cards.test".into(),
        path: "/shop/a2217".into(),
    };
    assert_eq!(seen.evidence.scope, merchant);
    assert_eq!(seen.assessment.scope, "merchant:www.plain-cards.test/shop/a2217");
    let (home, _) = seen.evidence.home().expect("a home page");
    assert!(home.final_url.ends_with("/shop/a2217"), "{}", home.final_url);
}

#[test]
fn a_home_page_that_leads_to_another_site_is_judged_as_that_one() {
    let line = line();
    let (evidence, assessment) = line.runtime.block_on(async {
        let landing = Server::start(|path| if path == "/" { page(SHOP) } else { missing() }).await;
        let to = format!("http://new-cards.test:{}/", landing.port);
        let first = Server::start(move |path| {
            if path == "/" {
                redirect(301, &to)
            } else {
                missing()
            }
        })
        .await;
        let typed = format!("http://old-cards.test:{}/", first.port);
        let looked = vet(&line.open, &typed).await;
        first.stop().await;
        landing.stop().await;
        looked
    });
    assert_eq!(assessment.site.as_str(), "new-cards.test");
    let from = assessment.redirected_from.as_ref().expect("where it came from");
    assert_eq!(from.as_str(), "old-cards.test");
    assert_eq!(evidence.pages[0].hops.len(), 1);
    let settings_dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(&store::Settings {
        dir: settings_dir.path().join("store"),
    })
    .expect("a store");
    store
        .keep(&evidence, &assessment.to_bytes(), "vetted", moment())
        .expect("it can be kept");
    for site in [&assessment.site, from] {
        let entry = store.latest(site, &evidence.scope).expect("the store reads");
        assert!(
            entry.is_some_and(|entry| entry.assessment == assessment.to_bytes()),
            "kept under {site}"
        );
    }
}

#[test]
fn saved_pages_confirm_nothing_and_are_judged_without_a_net() {
    let run = run();
    let brand = run.of("brand-official");
    assert!(brand.assessment.confirmed_identity.is_some());
    let plan = Plan::load(&DataFiles::built_in()).expect("the built-in data loads");
    let files: Vec<SavedFile> = brand
        .evidence
        .pages
        .iter()
        .map(|seen| SavedFile {
            url: url::Url::parse(&seen.final_url).ok(),
            content_type: Some("text/html; charset=utf-8".into()),
            bytes: brand.evidence.bodies[&seen.body_sha256].clone(),
        })
        .collect();
    let evidence = saved(&brand.evidence.target, files, &plan, moment());
    let assessment = run.judge.judge(&evidence, Context::Asked, moment());
    assert_eq!(assessment.confirmed_identity, None);
    assert!(
        assessment.judgement.grade >= Grade::Guarded,
        "{:?}",
        assessment.judgement.grade
    );
    let firm: BTreeMap<&str, _> = assessment
        .facts
        .iter()
        .map(|fact| (&*fact.name, fact.firmness))
        .collect();
    let confirmed = firm
        .iter()
        .filter(|(_, firmness)| **firmness == cardvet::facts::Firmness::Confirmed);
    assert_eq!(confirmed.count(), 0, "{firm:?}");
}

/// A shop whose goods and licence page robots.txt closes to crawlers.
fn closed_to_crawlers(path: &str, robots: &str) -> Vec<Step> {
    let closed = "Disallow: /api/\nDisallow: /zz\n";
    match path {
        "/robots.txt" => answer(200, "", format!("User-agent: *\n{robots}{closed}")),
        "/" => page(format!(
            "{SHOP}<a href=/zz>营业执照</a><script>fetch('/api/v2/theme_list')</script>"
        )),
        "/zz" => page(format!("<title>营业执照</title>{SHOP}")),
        "/api/v2/theme_list" => answer(200, "content-type: application/json\r\n", r#"[{"name":"点卡"}]"#),
        _ => missing(),
    }
}

#[test]
fn a_visitor_gets_what_crawlers_may_not_and_the_evidence_says_so_for_ever() {
    let line = line();
    let (evidence, assessment, address) = line.runtime.block_on(async {
        let server = Server::start(|path| closed_to_crawlers(path, "Crawl-delay: 60\n")).await;
        let target = Target::parse(server.url("/").as_str(), true).expect("a target");
        let mut limits = limits(120);
        limits.budget.as_visitor = true;
        let (evidence, assessment) = line.open.vet(&target, &limits, Context::Asked, moment()).await;
        let heads = server.heads();
        assert!(heads.iter().all(|head| head.contains("user-agent: cardvet/")));
        assert!(heads.iter().all(|head| head.starts_with("GET ")));
        let address = server.url("").to_string();
        server.stop().await;
        (evidence, assessment, address)
    });
    let closed = ["zz", "api/v2/theme_list", "api/v2/get_system"].map(|path| format!("{address}{path}"));
    assert!(evidence.as_visitor && assessment.as_visitor);
    assert_eq!(assessment.against_robots, closed);
    assert_eq!(evidence.exhibits["robots"]["said"][0]["crawl_delay_s"], 10.0);
    let roles: BTreeSet<Role> = evidence.readable().map(|(seen, _)| seen.role).collect();
    assert!(
        roles.contains(&Role::Data) && roles.contains(&Role::Licence),
        "{roles:?}"
    );
    assert!(
        !evidence
            .gaps
            .iter()
            .any(|gap| gap.reason == GapReason::BlockedByRobots)
    );
    check_replays(&evidence, &assessment);
    for (lang, said) in [(Lang::Zh, "其中 3 个地址"), (Lang::En, "3 address(es)")] {
        let look = Look {
            lang,
            width: 400,
            colour: false,
            full: false,
        };
        let shown = report::text::render(&assessment, look);
        assert!(shown.contains(said), "{shown}");
    }

    let crawler = look_at("/", |path| closed_to_crawlers(path, ""));
    assert!(!crawler.evidence.as_visitor && crawler.assessment.against_robots.is_empty());
    assert!(crawler.has_gap(GapReason::BlockedByRobots, "products are drawn by script"));
    check_sound(&crawler);
    check_replays(&crawler.evidence, &crawler.assessment);
}

#[test]
fn licence_pictures_come_from_hosts_of_the_site_where_their_own_robots_allow() {
    let line = line();
    let evidence = line.runtime.block_on(async {
        let server = Server::start_by_head(|head| {
            let path = head.split(' ').nth(1).unwrap_or_default();
            let pictures = head.to_ascii_lowercase().contains("host: img.picshop.test");
            match (pictures, path) {
                (true, "/robots.txt") => answer(200, "", "User-agent: *\nDisallow: /closed/\n"),
                (_, "/a.png" | "/closed/b.png") => {
                    answer(200, "content-type: image/png\r\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
                }
                (false, "/") => page(format!("{SHOP}<a href=/zz>营业执照</a>")),
                (false, "/zz") => {
                    let port = head
                        .lines()
                        .find_map(|line| line.to_ascii_lowercase().strip_prefix("host: ")?.rsplit_once(':').map(|(_, port)| port.to_owned()))
                        .unwrap_or_default();
                    page(format!(
                        "<title>营业执照</title><main><img src=http://img.picshop.test:{port}/closed/b.png>\
                         <img src=http://img.picshop.test:{port}/a.png><img src=http://other.test:{port}/a.png></main>{SHOP}"
                    ))
                }
                _ => missing(),
            }
        })
        .await;
        let typed = format!("http://www.picshop.test:{}/", server.port);
        let (evidence, _) = vet(&line.open, &typed).await;
        server.stop().await;
        evidence
    });
    let pictures: Vec<&str> = evidence
        .pages
        .iter()
        .filter(|seen| seen.role == Role::Picture)
        .map(|seen| seen.final_url.rsplit('/').next().unwrap_or_default())
        .collect();
    assert_eq!(pictures, ["a.png"], "{:?}", evidence.gaps);
    let gaps: Vec<(GapReason, bool)> = evidence
        .gaps
        .iter()
        .filter(|gap| gap.what.contains(".png"))
        .map(|gap| (gap.reason, gap.what.contains("img.picshop.test")))
        .collect();
    assert_eq!(
        gaps,
        [(GapReason::NotCrawled, false), (GapReason::BlockedByRobots, true)]
    );
    let asked = evidence.exhibits["robots"]["said"].as_array().expect("a list");
    assert_eq!(asked.len(), 2, "{asked:?}");
}
