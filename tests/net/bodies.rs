//! Bodies: bombs, drips, cuts and corruption cost at most the cap, and what came is kept.

use std::io::Write;
use std::time::{Duration, Instant};

use cardvet::net::{RobotsUse, Settings};

use super::{net, page, settings};
use crate::support::web::{Server, Step, answer, head};

const CAP: usize = 2 << 20;

/// 16 MiB of zeros in brotli, quality 11.
const BROTLI: [u8; 27] = [
    0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x2f, 0xff, 0xff, 0xff,
    0xf0, 0x4f, 0x00, 0xc4, 0x61, 0x11, 0x80, 0xee, 0xfd, 0x1f,
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[tokio::test]
async fn a_bomb_costs_at_most_the_cap() {
    let zeros = vec![0; 16 << 20];
    let bombs = [
        ("gzip", gzip(&zeros)),
        ("deflate", deflate(&zeros)),
        ("zstd", zstd::encode_all(zeros.as_slice(), 3).unwrap()),
        ("br", BROTLI.to_vec()),
    ];
    for (encoding, bomb) in bombs {
        assert!(bomb.len() < 64 << 10, "{encoding}");
        let server =
            Server::start(move |_| answer(200, &format!("content-encoding: {encoding}\r\n"), &bomb)).await;
        let reply = page(&net(), &server.url("/")).await.unwrap();
        assert_eq!(reply.body.len(), CAP, "{encoding}");
        assert!(
            reply.body.capacity() <= 2 * CAP,
            "{encoding}: {}",
            reply.body.capacity()
        );
        assert_eq!(
            reply.cut.as_deref(),
            Some("body over 2097152 bytes"),
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_whole() {
    let server =
        Server::start(|path| answer(200, "", vec![b'x'; if path == "/over" { CAP + 1 } else { CAP }])).await;
    let whole = page(&net(), &server.url("/")).await.unwrap();
    assert_eq!((whole.body.len(), whole.cut), (CAP, None));
    let over = page(&net(), &server.url("/over")).await.unwrap();
    assert_eq!(
        (over.body.len(), over.cut.as_deref()),
        (CAP, Some("body over 2097152 bytes"))
    );
}

#[tokio::test]
async fn compressed_pages_are_read() {
    let text = "卡密".repeat(5000);
    let plain = text.clone();
    let server = Server::start(move |path| {
        let body = match path {
            "/gzip" => gzip(text.as_bytes()),
            "/deflate" => deflate(text.as_bytes()),
            _ => zstd::encode_all(text.as_bytes(), 3).unwrap(),
        };
        answer(
            200,
            &format!("content-encoding: {}\r\n", path.trim_start_matches('/')),
            body,
        )
    })
    .await;
    for path in ["/gzip", "/deflate", "/zstd"] {
        let reply = page(&net(), &server.url(path)).await.unwrap();
        assert_eq!(reply.body, plain.as_bytes(), "{path}");
        assert_eq!(reply.cut, None, "{path}");
    }
}

#[tokio::test]
async fn a_body_without_a_length_ends_with_the_connection() {
    let server =
        Server::start(|_| vec![Step::Send(head(200, "")), Step::Send(b"all there is".to_vec())]).await;
    let reply = page(&net(), &server.url("/")).await.unwrap();
    assert_eq!((reply.body.as_slice(), reply.cut), (&b"all there is"[..], None));
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_cap() {
    let server = Server::start(|_| {
        vec![
            Step::Send(head(200, "")),
            Step::Pour(vec![b'x'; 1 << 16], 100_000),
        ]
    })
    .await;
    let reply = page(&net(), &server.url("/")).await.unwrap();
    assert_eq!(
        (reply.body.len(), reply.cut.as_deref()),
        (CAP, Some("body over 2097152 bytes"))
    );
}

#[tokio::test]
async fn what_came_before_a_lost_connection_is_kept() {
    let chunked = "transfer-encoding: chunked\r\n";
    for (headers, sent, kept) in [
        ("content-length: 100\r\n", "half", "half"),
        (chunked, "4\r\nhalf\r\n", "half"),
        (chunked, "4\r\nhalf\r\nzz\r\n", "half"),
    ] {
        let server = Server::start(move |_| {
            vec![
                Step::Send(head(200, headers)),
                Step::Send(sent.as_bytes().to_vec()),
            ]
        })
        .await;
        let reply = page(&net(), &server.url("/")).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&reply.body), kept, "{headers}{sent}");
        assert_eq!(reply.cut.as_deref(), Some("connection lost"), "{headers}{sent}");
    }
}

#[tokio::test]
async fn what_came_before_corrupt_compression_is_kept() {
    let text: Vec<u8> = (0..200_000_u32)
        .flat_map(|number| (number.wrapping_mul(2_654_435_761)).to_le_bytes())
        .collect();
    let mut broken = gzip(&text);
    let half = broken.len() / 2;
    for byte in &mut broken[half..half + 64] {
        *byte ^= 0xff;
    }
    let not_gzip = b"<html>never compressed</html>".to_vec();
    let server = Server::start(move |path| {
        answer(
            200,
            "content-encoding: gzip\r\n",
            if path == "/none" { &not_gzip } else { &broken },
        )
    })
    .await;
    let reply = page(&net(), &server.url("/half")).await.unwrap();
    assert_eq!(reply.cut.as_deref(), Some("corrupt encoding"));
    assert!(reply.body.len() > 1000, "{}", reply.body.len());
    assert!(text.starts_with(&reply.body[..1000]));
    let none = page(&net(), &server.url("/none")).await.unwrap();
    assert_eq!(
        (none.body.as_slice(), none.cut.as_deref()),
        (&b""[..], Some("corrupt encoding"))
    );
}

#[tokio::test]
async fn a_dripping_body_is_cut_off_and_used() {
    let server = Server::start(|_| {
        vec![
            Step::Send(head(200, "content-length: 100000\r\n")),
            Step::Send(b"<title>".to_vec()),
            Step::Drip(vec![b'x'; 100_000], Duration::from_millis(20)),
        ]
    })
    .await;
    let net = cardvet::net::Net::new(Settings {
        request_timeout: Duration::from_secs(1),
        ..settings()
    })
    .unwrap();
    let start = Instant::now();
    let reply = page(&net, &server.url("/")).await.unwrap();
    assert!(reply.body.starts_with(b"<title>"));
    assert_eq!(reply.cut.as_deref(), Some("time"));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn nothing_outlives_the_budget() {
    let server = Server::start(|_| {
        vec![
            Step::Send(head(200, "")),
            Step::Send(b"some".to_vec()),
            Step::Hang,
        ]
    })
    .await;
    let net = net();
    let visit = net.visit(Duration::from_secs(1)).with_robots(RobotsUse::NotAsked);
    let start = Instant::now();
    let reply = visit.get(&server.url("/")).await.unwrap();
    assert_eq!(
        (reply.body.as_slice(), reply.cut.as_deref()),
        (&b"some"[..], Some("time"))
    );
    assert!(visit.spent());
    let second = super::why(visit.get(&server.url("/second")).await);
    assert_eq!(
        second,
        super::gap(cardvet::evidence::GapReason::BudgetSpent, "time")
    );
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(server.paths(), ["/"]);
}
