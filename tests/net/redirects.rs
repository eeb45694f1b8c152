//! Redirects are followed by us, hop by hop, and each hop is kept.

use cardvet::evidence::{GapReason, Hop};
use url::Url;

use super::{gap, net, page};
use crate::support::web::{Server, answer, redirect};

#[tokio::test]
async fn each_hop_is_kept() {
    let server = Server::start(|path| match path {
        "/" => redirect(301, "/one?x=1#part"),
        "/one?x=1" => redirect(302, "two/../three"),
        "/three" => redirect(308, "?four"),
        _ => answer(200, "", "there"),
    })
    .await;
    let reply = page(&net(), &server.url("/#top")).await.unwrap();
    let hop = |from: &str, status, to: &str| Hop {
        url: server.url(from).into(),
        status,
        to: server.url(to).into(),
        address: Some("127.0.0.1".into()),
    };
    assert_eq!(
        reply.hops,
        [
            hop("/", 301, "/one?x=1"),
            hop("/one?x=1", 302, "/three"),
            hop("/three", 308, "/three?four")
        ]
    );
    assert_eq!(
        (reply.url, reply.final_url),
        (server.url("/"), server.url("/three?four"))
    );
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"there"[..]));
}

#[tokio::test]
async fn five_hops_are_followed_and_six_are_not() {
    let server = Server::start(|path| match path.trim_start_matches('/').parse::<u32>() {
        Ok(0) | Err(_) => answer(200, "", "there"),
        Ok(left) => redirect(302, &format!("/{}", left - 1)),
    })
    .await;
    let five = page(&net(), &server.url("/5")).await.unwrap();
    assert_eq!((five.hops.len(), five.body.as_slice()), (5, &b"there"[..]));
    let six = page(&net(), &server.url("/6")).await.unwrap_err();
    assert_eq!((six.gap.reason, six.hops.len()), (GapReason::TooManyRedirects, 6));
    assert_eq!(six.gap.what, server.url("/6").as_str());
}

#[tokio::test]
async fn circles_are_seen() {
    let server = Server::start(|path| match path {
        "/self" => redirect(302, "/self#again"),
        "/a" => redirect(302, "/b"),
        _ => redirect(302, "/a"),
    })
    .await;
    for (path, hops) in [("/self", 1), ("/a", 2)] {
        let failure = page(&net(), &server.url(path)).await.unwrap_err();
        assert_eq!(
            (failure.gap.reason, failure.hops.len()),
            (GapReason::RedirectLoop, hops),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_leads_nowhere_is_told() {
    for (to, expected) in [
        ("ftp://shop.test/", gap(GapReason::AddressRefused, "scheme ftp")),
        (
            "weixin://dl/business",
            gap(GapReason::AddressRefused, "scheme weixin"),
        ),
        (
            "javascript:alert(1)",
            gap(GapReason::AddressRefused, "scheme javascript"),
        ),
        (
            "data:text/html,hello",
            gap(GapReason::AddressRefused, "scheme data"),
        ),
        (
            "file:///etc/passwd",
            gap(GapReason::AddressRefused, "scheme file"),
        ),
        (
            "http://user:secret@127.0.0.1/",
            gap(GapReason::AddressRefused, "credentials in the address"),
        ),
        ("http://[", gap(GapReason::Unparsable, "redirect to no address")),
        (
            "http://a b/",
            gap(GapReason::Unparsable, "redirect to no address"),
        ),
    ] {
        let server = Server::start(move |_| redirect(302, to)).await;
        let failure = page(&net(), &server.url("/")).await.unwrap_err();
        assert_eq!((failure.gap.reason, failure.gap.detail), expected, "{to}");
        assert_eq!(failure.hops.len(), 1, "{to}");
        assert_eq!(server.paths(), ["/"], "{to}");
    }
}

#[tokio::test]
async fn a_redirect_without_a_location_is_an_answer() {
    let server = Server::start(|path| match path {
        "/304" => answer(304, "location: /x\r\n", ""),
        "/300" => answer(300, "location: /x\r\n", "choose"),
        _ => answer(302, "", "moved"),
    })
    .await;
    for (path, status) in [("/302", 302), ("/304", 304), ("/300", 300)] {
        let reply = page(&net(), &server.url(path)).await.unwrap();
        assert_eq!((reply.status, reply.hops.len()), (status, 0), "{path}");
    }
}

#[tokio::test]
async fn a_location_that_is_not_utf8_is_escaped() {
    let server = Server::start(|path| {
        if path == "/" {
            let mut bytes =
                b"HTTP/1.1 302 X\r\nconnection: close\r\ncontent-length: 0\r\nlocation: /".to_vec();
            bytes.extend_from_slice(b"\xbf\xa8\r\n\r\n");
            return vec![crate::support::web::Step::Send(bytes)];
        }
        answer(200, "", "there")
    })
    .await;
    let reply = page(&net(), &server.url("/")).await.unwrap();
    assert_eq!(reply.final_url, server.url("/%BF%A8"));
}

#[tokio::test]
async fn credentials_in_the_first_address_are_refused_too() {
    let url = Url::parse("http://user:secret@127.0.0.1:9/").unwrap();
    assert_eq!(
        super::why(page(&net(), &url).await),
        gap(GapReason::AddressRefused, "credentials in the address")
    );
}
