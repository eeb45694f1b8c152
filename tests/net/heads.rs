//! Heads: floods, drips, junk; what we send ourselves; one request at a time.

use std::time::{Duration, Instant};

use cardvet::evidence::GapReason;
use cardvet::net::{Net, RobotsUse, Settings, Want};

use super::{BUDGET, gap, net, page, settings, why};
use crate::support::web::{Server, Step, answer, answer_and_stay, head};

#[tokio::test]
async fn says_what_is_wanted() {
    let server = Server::start(|_| answer(200, "", "hello")).await;
    let net = net();
    let visit = net.visit(BUDGET).with_robots(RobotsUse::NotAsked);
    for (want, expected) in [
        (Want::Page, "accept: text/html,"),
        (Want::Data, "accept: application/json,"),
        (Want::Picture, "accept: image/jpeg,"),
    ] {
        visit.get_as(&server.url("/"), want).await.unwrap();
        let heads = server.heads();
        let head = heads.last().unwrap();
        assert_eq!(head.matches("accept: ").count(), 1, "{head}");
        assert!(head.contains(expected), "{head}");
    }
}

#[tokio::test]
async fn sends_honest_headers_and_nothing_else() {
    let server = Server::start(|_| answer(200, "set-cookie: a=b\r\n", "hello")).await;
    let net = Net::new(Settings {
        contact: "https://example.test/bot".into(),
        ..settings()
    })
    .unwrap();
    let visit = net.visit(BUDGET).with_robots(RobotsUse::NotAsked);
    for path in ["/first#top", "/second"] {
        visit.get(&server.url(path)).await.unwrap();
    }
    let heads = server.heads();
    let mut lines: Vec<&str> = heads[1].lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    let (agent, host) = (
        format!(
            "user-agent: cardvet/{} (+https://example.test/bot)",
            env!("CARGO_PKG_VERSION")
        ),
        format!("host: 127.0.0.1:{}", server.port),
    );
    let mut expected = [
        "GET /second HTTP/1.1",
        "accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "accept-encoding: gzip, br, deflate, zstd",
        "accept-language: zh-CN,zh;q=0.9",
        &agent,
        &host,
    ];
    expected.sort_unstable();
    // The order of the encodings is the client's.
    let sorted = |line: &str| {
        let mut words: Vec<String> = line
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        words
    };
    let normal = |lines: &[&str]| lines.iter().map(|line| sorted(line)).collect::<Vec<_>>();
    assert_eq!(normal(&lines), normal(&expected));
    assert!(heads[0].starts_with("GET /first HTTP/1.1"));
}

#[tokio::test]
async fn header_floods_are_no_answer() {
    let many = "x: y\r\n".repeat(101);
    let heavy = format!("x: {}\r\n", "y".repeat(1200)).repeat(60);
    let endless = format!("x: {}\r\n", "y".repeat(1 << 20));
    for (name, flood) in [("many", many), ("heavy", heavy), ("endless", endless)] {
        let server = Server::start(move |_| answer(200, &flood, "hello")).await;
        let got = why(page(&net(), &server.url("/")).await);
        assert_eq!(got, gap(GapReason::TooLarge, "headers"), "{name}");
        assert_eq!(server.connections(), 1, "{name}");
    }
    let never_ending = Server::start(|_| {
        vec![
            Step::Send(b"HTTP/1.1 200 X\r\n".to_vec()),
            Step::Pour(b"a: b\r\n".to_vec(), 10_000_000),
        ]
    })
    .await;
    assert_eq!(
        why(page(&net(), &never_ending.url("/")).await),
        gap(GapReason::TooLarge, "headers")
    );
}

#[tokio::test]
async fn headers_are_kept_in_order_shortened_and_readable() {
    let long = "y".repeat(5000);
    let flood = format!("X-Long: {long}\r\nServer: caf\u{e9}\r\nx-twice: 1\r\nX-Twice: 2\r\n");
    let server = Server::start(move |_| {
        let mut bytes = head(203, &flood);
        bytes.extend_from_slice(b"hello");
        // The same in Latin-1, which is not UTF-8.
        let at = bytes.windows(2).position(|pair| pair == [0xc3, 0xa9]).unwrap();
        bytes.splice(at..at + 2, [0xe9]);
        vec![Step::Send(bytes)]
    })
    .await;
    let reply = page(&net(), &server.url("/")).await.unwrap();
    let kept: Vec<(&str, usize)> = reply
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.len()))
        .collect();
    assert_eq!(
        kept,
        [
            ("connection", 5),
            ("x-long", 2048),
            ("server", 6),
            ("x-twice", 1),
            ("x-twice", 1)
        ]
    );
    assert_eq!(reply.headers[2].1, "caf\u{fffd}");
    assert_eq!(
        (reply.status, reply.address.as_deref(), reply.tls),
        (203, Some("127.0.0.1"), None)
    );
    assert_eq!(
        (reply.url.as_str(), reply.final_url.as_str()),
        (server.url("/").as_str(), server.url("/").as_str())
    );
}

#[tokio::test]
async fn a_dripping_head_is_a_timeout() {
    let slowly = |text: String| vec![Step::Drip(text.into_bytes(), Duration::from_millis(20))];
    let hanging = Server::start(|_| vec![Step::Hang]).await;
    let status = Server::start(move |_| slowly(format!("HTTP/1.1 200 {}", "X".repeat(1000)))).await;
    let header = Server::start(move |_| slowly(format!("HTTP/1.1 200 X\r\nx: {}", "y".repeat(1000)))).await;
    let patient = Server::start(move |_| slowly("HTTP/1.1 100 Continue\r\n\r\n".repeat(100))).await;
    let net = Net::new(Settings {
        request_timeout: Duration::from_millis(500),
        ..settings()
    })
    .unwrap();
    for server in [hanging, status, header, patient] {
        let start = Instant::now();
        let got = why(page(&net, &server.url("/")).await);
        assert_eq!(got, gap(GapReason::Timeout, "waiting for the answer"));
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn what_is_not_http_is_unparsable() {
    let server = Server::start(|_| vec![Step::Send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec())]).await;
    assert_eq!(
        why(page(&net(), &server.url("/")).await),
        gap(GapReason::Unparsable, "not HTTP")
    );
}

#[tokio::test]
async fn statuses_are_answers_and_their_bodies_are_kept() {
    for status in [200, 204, 404, 403, 451, 500, 503, 521] {
        let server =
            Server::start(move |_| answer(status, "", if status == 204 { "" } else { "why not" })).await;
        let reply = page(&net(), &server.url("/")).await.unwrap();
        assert_eq!(reply.status, status);
        assert_eq!(reply.body.is_empty(), status == 204, "{status}");
    }
}

#[tokio::test]
async fn no_more_than_one_request_is_in_flight_at_a_host() {
    let server = Server::start(|_| {
        let mut steps = answer(200, "", "hello");
        steps.insert(0, Step::Pause(Duration::from_millis(20)));
        steps
    })
    .await;
    let (net, other) = (net(), net());
    let visits = [
        net.visit(BUDGET).with_robots(RobotsUse::NotAsked),
        net.visit(BUDGET).with_robots(RobotsUse::NotAsked),
    ];
    let url = server.url("/");
    let (a, b, c, d) = tokio::join!(
        visits[0].get(&url),
        visits[0].get(&url),
        visits[1].get(&url),
        visits[1].get(&url)
    );
    for reply in [a, b, c, d] {
        assert_eq!(reply.unwrap().body, b"hello");
    }
    assert_eq!(server.most_at_once(), 1);
    // The server can count: two nets know nothing of each other.
    let (first, second) = tokio::join!(page(&net, &url), page(&other, &url));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(server.most_at_once(), 2);
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start(|_| answer_and_stay(200, "", "hello")).await;
    let net = net();
    let visit = net.visit(BUDGET).with_robots(RobotsUse::NotAsked);
    for _ in 0..4 {
        assert_eq!(visit.get(&server.url("/")).await.unwrap().body, b"hello");
    }
    assert_eq!((server.connections(), server.paths().len()), (1, 4));
}

#[tokio::test]
async fn requests_are_paced_by_the_clock_that_was_given() {
    let server = Server::start(|_| answer(200, "", "hello")).await;
    let clock = std::sync::Arc::new(crate::support::clock::Jumping::default());
    let settings = Settings {
        allow_private: true,
        ..Settings::default()
    };
    let net = Net::with_clock(settings, std::sync::Arc::clone(&clock) as _).unwrap();
    let visit = net.visit(BUDGET).with_robots(RobotsUse::NotAsked);
    for _ in 0..4 {
        visit.get(&server.url("/")).await.unwrap();
    }
    assert_eq!(clock.waits(), [Duration::from_millis(500); 3]);
}
