//! The guard, shut: nothing may reach a server on this machine, whatever it is called.

use std::time::Duration;

use cardvet::evidence::GapReason;
use cardvet::net::{Net, Settings};
use tokio::net::TcpListener;
use url::Url;

use super::{BUDGET, gap, page, settings, why};
use crate::support::dns::{NameServer, Say};
use crate::support::web::{Server, answer, redirect};

/// Shut, but for one address of loopback that plays the public one.
fn shut(names: &NameServer) -> Settings {
    Settings {
        allow_private: false,
        allow_networks: vec!["127.0.0.2/32".parse().unwrap()],
        resolver: Some(names.at),
        ..settings()
    }
}

/// A server on the address that plays the public one, and a forbidden one on 127.0.0.1 with the same port.
async fn pair(to: impl Fn(u16) -> String) -> (Server, Server) {
    // Until a port is free on both.
    loop {
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = inner.local_addr().unwrap().port();
        if let Ok(outer) = TcpListener::bind(("127.0.0.2", port)).await {
            let location = to(port);
            let outer = Server::on(outer, None, move |path| match path {
                "/" => redirect(302, &location),
                _ => answer(200, "", "public"),
            });
            return (outer, Server::on(inner, None, |_| answer(200, "", "secret")));
        }
    }
}

#[tokio::test]
async fn names_that_resolve_to_this_machine_are_refused_without_a_connection() {
    let secret = Server::start(|_| answer(200, "", "secret")).await;
    for (addresses, named) in [
        (&["127.0.0.1"][..], "127.0.0.1 (loopback)"),
        (&["::1"], "::1 (loopback)"),
        (&["::ffff:127.0.0.1"], "::ffff:127.0.0.1 (loopback)"),
        (&["64:ff9b::7f00:1"], "64:ff9b::7f00:1 (loopback)"),
        (&["10.0.0.1", "127.0.0.1"], "10.0.0.1 (private)"),
        (&["169.254.169.254"], "169.254.169.254 (link-local)"),
        (&["0.0.0.0"], "0.0.0.0 (this network)"),
    ] {
        let names = NameServer::always(addresses).await;
        // Some network is open, so that the port alone refuses nothing.
        let net = Net::new(shut(&names)).unwrap();
        let url = Url::parse(&format!("http://shop.test:{}/", secret.port)).unwrap();
        assert_eq!(why(page(&net, &url).await), gap(GapReason::AddressRefused, named));
        // The same by way of robots.txt.
        let asked = net.visit(BUDGET).get(&url).await;
        assert_eq!(
            why(asked),
            gap(GapReason::AddressRefused, &format!("robots: {named}"))
        );
    }
    assert_eq!(secret.connections(), 0);
}

#[tokio::test]
async fn literal_addresses_are_refused_in_every_spelling() {
    let secret = Server::start(|_| answer(200, "", "secret")).await;
    let names = NameServer::always(&["127.0.0.1"]).await;
    let net = Net::new(shut(&names)).unwrap();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::7f00:1]",
        "[64:ff9b::7f00:1]",
    ] {
        let url = Url::parse(&format!("http://{host}:{}/", secret.port)).unwrap();
        let (reason, _) = why(net.visit(BUDGET).get(&url).await);
        assert_eq!(reason, GapReason::AddressRefused, "{host}");
    }
    assert_eq!(secret.connections(), 0);
}

#[tokio::test]
async fn ports_other_than_the_webs_are_refused() {
    let names = NameServer::always(&["127.0.0.1"]).await;
    let net = Net::new(Settings {
        allow_networks: vec![],
        ..shut(&names)
    })
    .unwrap();
    let url = Url::parse("http://shop.test:8080/").unwrap();
    assert_eq!(
        why(page(&net, &url).await),
        gap(GapReason::AddressRefused, "port 8080")
    );
    // Not even asked for.
    assert_eq!(names.asked("shop.test A"), 0);
}

#[tokio::test]
async fn redirects_into_this_machine_are_refused_without_a_connection() {
    let names = NameServer::start(|name, _, _| match name {
        "public.test" => Say::Addresses(vec!["127.0.0.2".parse().unwrap()]),
        _ => Say::Addresses(vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()]),
    })
    .await;
    for host in [
        "inner.test",
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::1]",
        "localhost",
        "public.test@127.0.0.1",
    ] {
        let (outer, inner) = pair(|port| format!("http://{host}:{port}/x")).await;
        let net = Net::new(shut(&names)).unwrap();
        let url = Url::parse(&format!("http://public.test:{}/", outer.port)).unwrap();
        let failure = page(&net, &url).await.unwrap_err();
        assert_eq!(failure.gap.reason, GapReason::AddressRefused, "{host}");
        assert_eq!(failure.hops.len(), 1, "{host}");
        assert_eq!(failure.hops[0].address.as_deref(), Some("127.0.0.2"), "{host}");
        assert_eq!((outer.connections(), inner.connections()), (1, 0), "{host}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_port_is_refused() {
    let names = NameServer::start(|name, _, _| match name {
        "public.test" => Say::Addresses(vec!["127.0.0.2".parse().unwrap()]),
        // A public address: only the port is wrong, and nothing is sent there.
        _ => Say::Addresses(vec!["8.8.8.8".parse().unwrap()]),
    })
    .await;
    let (outer, _inner) = pair(|_| "http://other.test:6379/".to_owned()).await;
    let net = Net::new(shut(&names)).unwrap();
    let url = Url::parse(&format!("http://public.test:{}/", outer.port)).unwrap();
    assert_eq!(
        why(page(&net, &url).await),
        gap(GapReason::AddressRefused, "port 6379")
    );
}

#[tokio::test]
async fn a_name_that_resolves_differently_the_second_time_gains_nothing() {
    let names = NameServer::start(|_, six, before| match before {
        _ if six => Say::Addresses(vec![]),
        0 => Say::Addresses(vec!["127.0.0.2".parse().unwrap()]),
        _ => Say::Addresses(vec!["127.0.0.1".parse().unwrap()]),
    })
    .await;
    let (outer, inner) = pair(|_| "/second".to_owned()).await;
    let net = Net::new(shut(&names)).unwrap();
    let visit = net.visit(BUDGET);
    let url = Url::parse(&format!("http://rebind.test:{}/", outer.port)).unwrap();
    // robots.txt, the page, its redirect and another page, each over a connection of its own.
    for path in ["/", "/third"] {
        let reply = visit.get(&url.join(path).unwrap()).await.unwrap();
        assert_eq!(
            (reply.body.as_slice(), reply.address.as_deref()),
            (&b"public"[..], Some("127.0.0.2"))
        );
    }
    assert_eq!(inner.connections(), 0);
    // A later visit asks again, gets the other address, and stops there.
    let later = why(page(&net, &url).await);
    assert_eq!(later, gap(GapReason::AddressRefused, "127.0.0.1 (loopback)"));
    assert_eq!((names.asked("rebind.test A"), inner.connections()), (2, 0));
}

#[tokio::test]
async fn of_mixed_addresses_only_the_open_ones_are_used() {
    let names = NameServer::always(&["127.0.0.1", "127.0.0.2"]).await;
    let (outer, inner) = pair(|_| "/second".to_owned()).await;
    let net = Net::new(shut(&names)).unwrap();
    let url = Url::parse(&format!("http://mixed.test:{}/", outer.port)).unwrap();
    assert_eq!(
        page(&net, &url).await.unwrap().address.as_deref(),
        Some("127.0.0.2")
    );
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn the_environments_proxies_are_ignored() {
    const MARK: &str = "CARDVET_TEST_BEHIND_A_PROXY";
    let here = "net::guard::the_environments_proxies_are_ignored";
    let server = Server::start(|_| answer(200, "", "direct")).await;
    if std::env::var_os(MARK).is_some() {
        assert_eq!(
            page(&super::net(), &server.url("/")).await.unwrap().body,
            b"direct"
        );
        return;
    }
    // The same test again in a process whose proxies lead nowhere.
    let proxy = Server::start(|_| answer(502, "", "proxied")).await;
    let mut child = assert_cmd::Command::new(std::env::current_exe().unwrap());
    child
        .args([here, "--exact", "--nocapture"])
        .timeout(Duration::from_mins(1));
    child.env(MARK, "1").env_remove("NO_PROXY").env_remove("no_proxy");
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, format!("http://127.0.0.1:{}", proxy.port));
    }
    let ran = tokio::task::spawn_blocking(move || child.output())
        .await
        .unwrap()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"));
    assert_eq!(proxy.connections(), 0);
}
