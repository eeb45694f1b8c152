//! Names: by the resolver that was given, A-only names at once, failures told apart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cardvet::evidence::GapReason;
use cardvet::net::{Net, RobotsUse, Settings};
use url::Url;

use super::{BUDGET, gap, page, settings, why};
use crate::support::clock::Jumping;
use crate::support::dns::{NameServer, Say};
use crate::support::web::{Server, answer};

fn by(names: &NameServer) -> Net {
    let settings = Settings {
        resolver: Some(names.at),
        dns_timeout: Duration::from_secs(10),
        ..settings()
    };
    Net::new(settings).unwrap()
}

fn url(server: &Server) -> Url {
    Url::parse(&format!("http://shop.test:{}/", server.port)).unwrap()
}

#[tokio::test]
async fn names_with_one_kind_of_address_work_whatever_the_other_says() {
    let server = Server::start(|_| answer(200, "", "hello")).await;
    for other in [Say::Addresses(vec![]), Say::NoName, Say::Fail, Say::Silence] {
        let quiet = matches!(other, Say::Silence);
        let said = format!("{other:?}");
        let names = NameServer::start(move |_, six, _| {
            if six {
                other.clone()
            } else {
                Say::Addresses(vec!["127.0.0.1".parse().unwrap()])
            }
        })
        .await;
        let start = Instant::now();
        let reply = page(&by(&names), &url(&server)).await.unwrap();
        assert_eq!(reply.address.as_deref(), Some("127.0.0.1"), "{said}");
        assert!(
            !quiet || start.elapsed() < Duration::from_secs(4),
            "{said}: {:?}",
            start.elapsed()
        );
    }
}

#[tokio::test]
async fn failures_are_told_apart_and_only_a_failing_server_is_asked_again() {
    for (say, detail, asked) in [
        (Say::NoName, "no such name", 1),
        (Say::Addresses(vec![]), "no address", 1),
        (Say::Fail, "name server fails", 2),
    ] {
        let said = format!("{say:?}");
        let names = NameServer::start(move |_, _, _| say.clone()).await;
        let failure = page(&by(&names), &Url::parse("http://shop.test/").unwrap()).await;
        assert_eq!(why(failure), gap(GapReason::DnsFail, detail), "{said}");
        assert_eq!(names.asked("shop.test A"), asked, "{said}");
    }
}

#[tokio::test]
async fn a_failing_name_server_gets_a_second_chance() {
    let server = Server::start(|_| answer(200, "", "hello")).await;
    let names = NameServer::start(|_, _, before| match before {
        0 => Say::Fail,
        _ => Say::Addresses(vec!["127.0.0.1".parse().unwrap()]),
    })
    .await;
    assert_eq!(page(&by(&names), &url(&server)).await.unwrap().body, b"hello");
}

#[tokio::test]
async fn a_silent_name_server_costs_no_more_than_its_time() {
    let names = NameServer::start(|_, _, _| Say::Silence).await;
    let brief = Settings {
        resolver: Some(names.at),
        dns_timeout: Duration::from_millis(400),
        ..settings()
    };
    let net = Net::new(brief).unwrap();
    let start = Instant::now();
    let failure = page(&net, &Url::parse("http://shop.test/").unwrap()).await;
    assert_eq!(
        why(failure),
        gap(GapReason::DnsFail, "name server does not answer")
    );
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    // By a clock that stands still, so that only the waiting for the name server can end the visit.
    let settings = Settings {
        resolver: Some(names.at),
        ..settings()
    };
    let net = Net::with_clock(settings, Arc::new(Jumping::default())).unwrap();
    let visit = net
        .visit(Duration::from_millis(50))
        .with_robots(RobotsUse::NotAsked);
    let hurried = visit.get(&Url::parse("http://other.test/").unwrap()).await;
    assert_eq!(why(hurried), gap(GapReason::Timeout, "resolving the name"));
}

#[tokio::test]
async fn a_name_is_resolved_once_a_visit() {
    let server = Server::start(|_| answer(200, "", "hello")).await;
    let names = NameServer::always(&["127.0.0.1"]).await;
    let net = by(&names);
    let visit = net.visit(BUDGET);
    for path in ["/", "/a", "/b"] {
        visit.get(&url(&server).join(path).unwrap()).await.unwrap();
    }
    assert_eq!(names.asked("shop.test A"), 1);
    assert_eq!(server.paths(), ["/robots.txt", "/", "/a", "/b"]);
}

#[tokio::test]
async fn the_final_dot_and_case_of_a_name_do_not_matter() {
    let server = Server::start(|_| answer(200, "", "hello")).await;
    let names = NameServer::always(&["127.0.0.1"]).await;
    for host in ["SHOP.test", "shop.test.", "中文.test", "under_score.test"] {
        let url = Url::parse(&format!("http://{host}:{}/", server.port)).unwrap();
        assert_eq!(page(&by(&names), &url).await.unwrap().body, b"hello", "{host}");
    }
    assert_eq!(names.asked("xn--fiq228c.test A"), 1);
}
