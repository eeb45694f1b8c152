//! One retry, and `Retry-After`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cardvet::evidence::GapReason;
use cardvet::net::{Net, RobotsUse, Settings};

use super::{BUDGET, gap, page, settings, why};
use crate::support::clock::Jumping;
use crate::support::web::{Server, Step, answer, head};

/// A server whose first answer is the given one, and whose later ones are good.
async fn once(first: Vec<Step>) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => first.clone(),
        _ => answer(200, "", "good"),
    })
    .await
}

fn jumping(settings: Settings) -> (Net, Arc<Jumping>) {
    let clock = Arc::new(Jumping::default());
    (Net::with_clock(settings, Arc::clone(&clock) as _).unwrap(), clock)
}

#[tokio::test]
async fn passing_trouble_is_tried_once_more() {
    for (name, first) in [
        ("502", answer(502, "", "")),
        ("503", answer(503, "", "")),
        ("504", answer(504, "", "")),
        ("429", answer(429, "", "")),
        ("reset", vec![Step::Reset]),
        ("closed", vec![]),
        (
            "closed in the head",
            vec![Step::Send(b"HTTP/1.1 200 X\r\nx".to_vec())],
        ),
    ] {
        let server = once(first).await;
        let (net, clock) = jumping(Settings {
            backoff: Duration::from_secs(1),
            ..settings()
        });
        let reply = page(&net, &server.url("/")).await;
        assert_eq!(reply.map(|reply| reply.status), Ok(200), "{name}");
        assert_eq!(clock.waits(), [Duration::from_secs(1)], "{name}");
        assert_eq!(server.paths().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn it_is_tried_only_once_more() {
    for (name, steps, expected) in [
        ("503", answer(503, "", "busy"), Ok(503)),
        ("502", answer(502, "", "busy"), Ok(502)),
        (
            "429",
            answer(429, "", "slow down"),
            Err(gap(GapReason::RateLimited, "status 429")),
        ),
        (
            "reset",
            vec![Step::Reset],
            Err(gap(GapReason::TcpFail, "connection reset")),
        ),
        (
            "closed",
            vec![],
            Err(gap(GapReason::TcpFail, "connection closed")),
        ),
    ] {
        let server = Server::start(move |_| steps.clone()).await;
        let got = page(&jumping(settings()).0, &server.url("/")).await;
        let got = got
            .map(|reply| reply.status)
            .map_err(|failure| (failure.gap.reason, failure.gap.detail));
        assert_eq!(got, expected, "{name}");
        assert_eq!(server.paths().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn lasting_answers_are_not_tried_again() {
    for steps in [
        answer(500, "", ""),
        answer(404, "", ""),
        answer(403, "retry-after: 1\r\n", ""),
    ] {
        let server = Server::start(move |_| steps.clone()).await;
        page(&jumping(settings()).0, &server.url("/")).await.unwrap();
        assert_eq!(server.paths().len(), 1);
    }
}

#[tokio::test]
async fn retry_after_is_kept_where_it_fits() {
    for (status, header, expected, waits) in [
        (429, "7", Ok(200), vec![7]),
        (503, "7", Ok(200), vec![7]),
        (503, "10", Ok(200), vec![10]),
        (503, "Thu, 01 Jan 2026 00:00:05 GMT", Ok(200), vec![5]),
        (503, "Wed, 31 Dec 2025 00:00:05 GMT", Ok(200), vec![]),
        (503, "soon", Ok(200), vec![3]),
        (503, "11", Ok(503), vec![]),
        (503, "Thu, 01 Jan 2026 01:00:00 GMT", Ok(503), vec![]),
        (
            429,
            "3600",
            Err(gap(GapReason::RateLimited, "status 429")),
            vec![],
        ),
    ] {
        let server = once(answer(status, &format!("retry-after: {header}\r\n"), "busy")).await;
        let (net, clock) = jumping(Settings {
            backoff: Duration::from_secs(3),
            ..settings()
        });
        let got = page(&net, &server.url("/")).await;
        let got = got
            .map(|reply| reply.status)
            .map_err(|failure| (failure.gap.reason, failure.gap.detail));
        assert_eq!(got, expected, "{status} {header}");
        let waited: Vec<Duration> = waits.into_iter().map(Duration::from_secs).collect();
        assert_eq!(clock.waits(), waited, "{status} {header}");
    }
}

#[tokio::test]
async fn retry_after_beyond_the_budget_is_not_waited_for() {
    let server = once(answer(503, "retry-after: 7\r\n", "busy")).await;
    let (net, clock) = jumping(settings());
    let visit = net.visit(Duration::from_secs(5)).with_robots(RobotsUse::NotAsked);
    let reply = visit.get(&server.url("/")).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (503, &b"busy"[..]));
    assert_eq!(clock.waits(), [] as [Duration; 0]);
}

#[tokio::test]
async fn a_refused_connection_is_told_and_not_tried_again() {
    let server = Server::start(|_| answer(200, "", "")).await;
    let url = server.url("/");
    server.stop().await;
    let (net, clock) = jumping(settings());
    let visit = net.visit(BUDGET).with_robots(RobotsUse::NotAsked);
    assert_eq!(
        why(visit.get(&url).await),
        gap(GapReason::TcpFail, "connection refused")
    );
    assert_eq!(clock.waits(), [] as [Duration; 0]);
}

#[tokio::test]
async fn a_connection_lost_within_the_body_is_no_reason_to_ask_again() {
    let server = once(vec![
        Step::Send(head(200, "content-length: 100\r\n")),
        Step::Send(b"half".to_vec()),
    ])
    .await;
    let reply = page(&jumping(settings()).0, &server.url("/")).await.unwrap();
    assert_eq!(reply.cut.as_deref(), Some("connection lost"));
    assert_eq!(server.paths().len(), 1);
}
