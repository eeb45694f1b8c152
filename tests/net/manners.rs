//! robots.txt is asked for first, once an origin, and kept to on every hop.

use std::sync::Arc;
use std::time::Duration;

use cardvet::evidence::GapReason;
use cardvet::net::{Net, RobotsUse, Ruling, Settings};
use url::Url;

use super::{BUDGET, gap, net, settings, why};
use crate::support::clock::Jumping;
use crate::support::dns::NameServer;
use crate::support::web::{Server, Step, answer, missing, redirect};

const CLOSED: &str = "User-agent: *\nDisallow: /closed\n";

/// A server with a robots.txt; every other page is there.
async fn with_robots(robots: Vec<Step>) -> Server {
    Server::start(move |path| match path {
        "/robots.txt" => robots.clone(),
        "/away" => redirect(302, "/closed"),
        _ => answer(200, "", "page"),
    })
    .await
}

#[tokio::test]
async fn rules_are_kept_to_and_fetched_once() {
    let server = with_robots(answer(200, "", CLOSED)).await;
    let net = net();
    let visit = net.visit(BUDGET);
    assert!(visit.robots().is_empty());
    assert_eq!(visit.get(&server.url("/open")).await.unwrap().body, b"page");
    let failure = visit.get(&server.url("/closed/x")).await;
    assert_eq!(
        failure.as_ref().unwrap_err().gap.what,
        server.url("/closed/x").as_str()
    );
    assert_eq!(why(failure), gap(GapReason::BlockedByRobots, "robots"));
    let away = visit.get(&server.url("/away")).await.unwrap_err();
    assert_eq!(
        (away.gap.reason, away.hops.len()),
        (GapReason::BlockedByRobots, 1)
    );
    assert_eq!(server.paths(), ["/robots.txt", "/open", "/away"]);
    let seen = visit.robots().remove(0);
    assert_eq!(
        (seen.status, seen.url.as_str()),
        (Some(200), server.url("/robots.txt").as_str())
    );
    assert!(matches!(seen.ruling, Ruling::Rules(rules) if rules.len() == 1));
}

#[tokio::test]
async fn a_visitor_is_told_what_they_forbid_and_asks_all_the_same() {
    let server = with_robots(answer(200, "", CLOSED)).await;
    let net = net();
    let visit = net.visit(BUDGET).with_robots(RobotsUse::Noted);
    for path in ["/open", "/closed", "/closed"] {
        assert_eq!(visit.get(&server.url(path)).await.unwrap().body, b"page");
    }
    assert_eq!(server.paths(), ["/robots.txt", "/open", "/closed", "/closed"]);
    assert_eq!(visit.overridden(), [server.url("/closed").to_string()]);
    let check = visit.robots().remove(0).check(&server.url("/closed"));
    assert_eq!(check.unwrap_err().0, GapReason::BlockedByRobots);

    let none = net.visit(BUDGET).with_robots(RobotsUse::NotAsked);
    none.get(&server.url("/closed")).await.unwrap();
    assert!(none.robots().is_empty() && none.overridden().is_empty());
}

#[tokio::test]
async fn a_robots_txt_that_cannot_be_had_forbids_a_visitor_nothing() {
    let server = with_robots(answer(500, "", "")).await;
    let net = net();
    let visit = net.visit(BUDGET).with_robots(RobotsUse::Noted);
    assert_eq!(visit.get(&server.url("/any")).await.unwrap().body, b"page");
    assert!(visit.overridden().is_empty());
}

#[tokio::test]
async fn what_comes_instead_of_rules_decides() {
    let oversized = format!("{CLOSED}{}", "# filler line\n".repeat(60_000));
    let late = format!(
        "User-agent: *\n{}Disallow: /closed\n",
        "# filler line\n".repeat(60_000)
    );
    let bare = "<!doctype html><title>404</title>\nUser-agent: *\nDisallow: /";
    let blocked = || Err(gap(GapReason::BlockedByRobots, "robots"));
    for (name, robots, expected) in [
        ("404", missing(), Ok(())),
        ("403", answer(403, "", CLOSED), Ok(())),
        ("html", answer(200, "content-type: text/html\r\n", bare), Ok(())),
        (
            "rules sent as html",
            answer(200, "content-type: text/html\r\n", CLOSED),
            blocked(),
        ),
        ("500", answer(500, "", ""), Err(gap(GapReason::Http5xx, "robots"))),
        (
            "503 twice",
            answer(503, "", ""),
            Err(gap(GapReason::Http5xx, "robots")),
        ),
        (
            "reset",
            vec![Step::Reset],
            Err(gap(GapReason::TcpFail, "robots: connection reset")),
        ),
        ("oversized", answer(200, "", oversized), blocked()),
        ("rule beyond the cap", answer(200, "", late), Ok(())),
        ("redirect", redirect(301, "/moved.txt"), Ok(())),
        ("redirect circle", redirect(301, "/robots.txt"), Ok(())),
        (
            "redirect away from the web",
            redirect(301, "ftp://x/"),
            Err(gap(GapReason::AddressRefused, "robots: scheme ftp")),
        ),
    ] {
        let server = with_robots(robots).await;
        let net = net();
        let visit = net.visit(BUDGET);
        let got = visit.get(&server.url("/closed")).await;
        let got = got
            .map(|_| ())
            .map_err(|failure| (failure.gap.reason, failure.gap.detail));
        assert_eq!(got, expected, "{name}");
    }
}

#[tokio::test]
async fn robots_may_move_up_to_five_times() {
    for (moves, expected) in [(5, Err(GapReason::BlockedByRobots)), (6, Ok(()))] {
        let server = Server::start(move |path| match path {
            "/robots.txt" => redirect(302, &format!("/r/{}", moves - 1)),
            "/r/0" => answer(200, "", CLOSED),
            path => match path.strip_prefix("/r/").and_then(|left| left.parse::<u32>().ok()) {
                Some(left) => redirect(302, &format!("/r/{}", left - 1)),
                None => answer(200, "", "page"),
            },
        })
        .await;
        let net = net();
        let got = net.visit(BUDGET).get(&server.url("/closed")).await;
        assert_eq!(
            got.map(|_| ()).map_err(|failure| failure.gap.reason),
            expected,
            "{moves}"
        );
    }
}

#[tokio::test]
async fn each_hop_is_checked_against_the_robots_of_its_own_host() {
    let inner = Server::start(|path| match path {
        "/robots.txt" => answer(200, "", CLOSED),
        _ => answer(200, "", "inner"),
    })
    .await;
    let port = inner.port;
    let outer = Server::start(move |path| match path {
        "/robots.txt" => missing(),
        path => redirect(302, &format!("http://other.test:{port}{path}")),
    })
    .await;
    let names = NameServer::always(&["127.0.0.1"]).await;
    let net = Net::new(Settings {
        resolver: Some(names.at),
        ..settings()
    })
    .unwrap();
    let visit = net.visit(BUDGET);
    let at = |path: &str| Url::parse(&format!("http://shop.test:{}{path}", outer.port)).unwrap();
    assert_eq!(visit.get(&at("/open")).await.unwrap().body, b"inner");
    let failure = visit.get(&at("/closed")).await.unwrap_err();
    assert_eq!(
        (failure.gap.reason, failure.hops.len()),
        (GapReason::BlockedByRobots, 1)
    );
    assert_eq!(inner.paths(), ["/robots.txt", "/open"]);
    assert_eq!(outer.paths(), ["/robots.txt", "/open", "/closed"]);
}

#[tokio::test]
async fn a_crawl_delay_is_kept_and_capped() {
    for (wish, kept) in [("3", 3), ("600", 10)] {
        let server = with_robots(answer(200, "", format!("User-agent: *\nCrawl-delay: {wish}\n"))).await;
        let clock = Arc::new(Jumping::default());
        let net = Net::with_clock(settings(), Arc::clone(&clock) as _).unwrap();
        let visit = net.visit(Duration::from_secs(25));
        for path in ["/1", "/2", "/3"] {
            visit.get(&server.url(path)).await.unwrap();
        }
        assert_eq!(clock.waits(), [Duration::from_secs(kept); 2], "{wish}");
        let seen = visit.robots().remove(0);
        assert_eq!(seen.crawl_delay, Some(Duration::from_secs(kept)));
        if kept == 10 {
            // The next turn lies beyond the budget: told at once, nothing asked.
            let late = visit.get(&server.url("/4")).await;
            assert_eq!(why(late), gap(GapReason::BudgetSpent, "time"));
            assert_eq!(server.paths(), ["/robots.txt", "/1", "/2", "/3"]);
        }
    }
}

#[tokio::test]
async fn robots_that_moved_to_another_origin_hold_there_too() {
    let inner = Server::start(|path| match path {
        "/robots.txt" => answer(200, "", CLOSED),
        _ => answer(200, "", "inner"),
    })
    .await;
    let base = inner.url("");
    let outer = Server::start(move |path| redirect(301, base.join(path).unwrap().as_str())).await;
    let net = net();
    let visit = net.visit(BUDGET);
    assert_eq!(visit.get(&outer.url("/open")).await.unwrap().body, b"inner");
    assert_eq!(inner.paths(), ["/robots.txt", "/open"]);
    let seen = visit.robots();
    let inner_robots = inner.url("/robots.txt");
    assert!(
        seen.iter().any(|seen| seen.url == inner_robots.as_str()),
        "{seen:?}"
    );
    assert!(visit.get(&inner.url("/closed")).await.is_err());
}
