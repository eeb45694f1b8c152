//! Certificates that fail are facts, and never pass as good ones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cardvet::evidence::{GapReason, TlsSeen};
use cardvet::net::{Net, RobotsUse, Settings};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use url::Url;

use super::{BUDGET, gap, page, settings, why};
use crate::support::dns::NameServer;
use crate::support::web::{Server, answer, answer_and_stay, redirect};

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Test Root");
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A leaf for a name, and its key.
fn leaf(name: &str, by: Option<&CertifiedIssuer<'_, KeyPair>>, years: (i32, i32)) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(years.0, 1, 1), date_time_ymd(years.1, 1, 1));
    let cert = match by {
        Some(issuer) => params.signed_by(&key, issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    (cert, key)
}

fn config(
    cert: &Certificate,
    key: &KeyPair,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> rustls::ServerConfig {
    let chain: Vec<CertificateDer<'static>> = vec![cert.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

async fn serve(cert: &Certificate, key: &KeyPair) -> Server {
    Server::start_tls(config(cert, key, rustls::ALL_VERSIONS), |_| {
        answer(200, "", "hello")
    })
    .await
}

/// What is seen at `https://shop.test/` there.
async fn seen(server: &Server, extra: Option<String>) -> TlsSeen {
    let names = NameServer::always(&["127.0.0.1"]).await;
    let net = Net::new(Settings {
        resolver: Some(names.at),
        extra_roots_pem: extra,
        ..settings()
    })
    .unwrap();
    let url = Url::parse(&format!("https://shop.test:{}/", server.port)).unwrap();
    let reply = page(&net, &url).await.unwrap();
    assert_eq!(reply.body, b"hello");
    reply.tls.unwrap()
}

#[tokio::test]
async fn every_failing_certificate_is_read_and_named() {
    let root = authority();
    for (problem, (cert, key)) in [
        ("self_signed", leaf("shop.test", None, (2020, 2090))),
        ("unknown_issuer", leaf("shop.test", Some(&root), (2020, 2090))),
    ] {
        let server = serve(&cert, &key).await;
        let tls = seen(&server, None).await;
        assert_eq!(
            (tls.verified, tls.problem.as_deref(), tls.extra_root),
            (false, Some(problem), false)
        );
        assert_eq!(tls.names, ["shop.test"]);
    }
    // These need a root that is known; the guard of a verified connection is the same for all roots.
    for (problem, name, years) in [
        ("expired", "shop.test", (2020, 2021)),
        ("not_yet_valid", "shop.test", (2080, 2090)),
        ("wrong_name", "other.test", (2020, 2090)),
    ] {
        let (cert, key) = leaf(name, Some(&root), years);
        let server = serve(&cert, &key).await;
        let tls = seen(&server, Some(root.pem())).await;
        assert_eq!(
            (tls.verified, tls.problem.as_deref(), tls.extra_root),
            (false, Some(problem), false)
        );
        assert_eq!(tls.names, [name]);
        assert_eq!(
            tls.not_after.unwrap().to_string(),
            format!("{}-01-01T00:00:00Z", years.1)
        );
        assert!(tls.issuer.unwrap().contains("Test Root"));
    }
}

#[tokio::test]
async fn a_root_that_serves_as_its_own_leaf_is_self_signed() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["shop.test".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let cert = params.self_signed(&key).unwrap();
    let server = serve(&cert, &key).await;
    assert_eq!(seen(&server, None).await.problem.as_deref(), Some("self_signed"));
}

#[tokio::test]
async fn further_roots_verify_and_are_marked() {
    let root = authority();
    let (cert, key) = leaf("shop.test", Some(&root), (2020, 2090));
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let server = Server::start_tls(config(&cert, &key, versions), |_| answer(200, "", "hello")).await;
        let tls = seen(&server, Some(root.pem())).await;
        assert_eq!((tls.verified, tls.problem, tls.extra_root), (true, None, true));
        assert_eq!(tls.leaf_sha256.unwrap().len(), 64);
    }
}

#[tokio::test]
async fn each_answer_speaks_for_its_own_connection() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    // The same name, a good certificate first and a bad one after.
    #[derive(Debug)]
    struct Turns(AtomicUsize, [Arc<rustls::sign::CertifiedKey>; 2]);
    impl rustls::server::ResolvesServerCert for Turns {
        fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
            Some(Arc::clone(&self.1[self.0.fetch_add(1, Ordering::SeqCst).min(1)]))
        }
    }
    let root = authority();
    let certified = |(cert, key): (Certificate, KeyPair)| {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        Arc::new(rustls::sign::CertifiedKey::new(vec![cert.der().clone()], key))
    };
    let good = certified(leaf("shop.test", Some(&root), (2020, 2090)));
    let bad = certified(leaf("shop.test", None, (2020, 2090)));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Turns(AtomicUsize::new(0), [good, bad])));
    let server = Server::start_tls(config, |path| match path {
        "/stay" => answer_and_stay(200, "", "hello"),
        _ => answer(200, "", "hello"),
    })
    .await;
    let names = NameServer::always(&["127.0.0.1"]).await;
    let net = Net::new(Settings {
        resolver: Some(names.at),
        extra_roots_pem: Some(root.pem()),
        ..settings()
    })
    .unwrap();
    let visit = net.visit(BUDGET).with_robots(RobotsUse::NotAsked);
    for (path, verified) in [
        ("/stay", true),
        ("/end", true),
        ("/third", false),
        ("/fourth", false),
    ] {
        let url = Url::parse(&format!("https://shop.test:{}{path}", server.port)).unwrap();
        let tls = visit.get(&url).await.unwrap().tls.unwrap();
        assert_eq!(tls.verified, verified, "{path}");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_name_is_sent_to_the_server() {
    use std::sync::Mutex;
    #[derive(Debug)]
    struct Listening(Arc<Mutex<Vec<Option<String>>>>, Arc<rustls::sign::CertifiedKey>);
    impl rustls::server::ResolvesServerCert for Listening {
        fn resolve(&self, hello: rustls::server::ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
            self.0
                .lock()
                .unwrap()
                .push(hello.server_name().map(str::to_owned));
            Some(Arc::clone(&self.1))
        }
    }
    let (cert, key) = leaf("shop.test", None, (2020, 2090));
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let certified = Arc::new(rustls::sign::CertifiedKey::new(vec![cert.der().clone()], key));
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Listening(Arc::clone(&heard), certified)));
    let server = Server::start_tls(config, |_| answer(200, "", "hello")).await;
    seen(&server, None).await;
    assert_eq!(*heard.lock().unwrap(), [Some("shop.test".to_owned())]);
}

#[tokio::test]
async fn a_handshake_that_fails_is_told() {
    for (name, reply, expected) in [
        (
            "plain http",
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            gap(GapReason::TlsFail, "not TLS"),
        ),
        (
            "alert",
            &[21, 3, 3, 0, 2, 2, 40],
            gap(GapReason::TlsFail, "alert HandshakeFailure"),
        ),
        (
            "closed",
            &[],
            gap(GapReason::TlsFail, "handshake: connection closed"),
        ),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!(
            "https://127.0.0.1:{}/",
            listener.local_addr().unwrap().port()
        ))
        .unwrap();
        let server = async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut hello = [0; 4096];
                let read = stream.read(&mut hello).await.unwrap();
                assert!(read > 0);
                stream.write_all(reply).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        };
        let net = super::net();
        let got = tokio::select! {
            got = page(&net, &url) => got,
            () = server => unreachable!("it serves until it is dropped"),
        };
        assert_eq!(why(got), expected, "{name}");
    }
}

#[test]
fn roots_that_cannot_be_read_are_told() {
    for pem in [
        "",
        "not pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let settings = Settings {
            extra_roots_pem: Some(pem.to_owned()),
            ..settings()
        };
        assert!(Net::new(settings).is_err(), "{pem:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_not_answered_costs_the_time_to_connect() {
    // Nobody accepts: the kernel takes the connection, and nothing comes back.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    let net = Net::new(Settings {
        connect_timeout: Duration::from_millis(200),
        ..settings()
    })
    .unwrap();
    let start = Instant::now();
    assert_eq!(why(page(&net, &url).await), gap(GapReason::Timeout, "connecting"));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_final_dot_and_a_literal_address_are_verified_too() {
    let root = authority();
    for (named, host, problem) in [
        ("shop.test", "shop.test.", None),
        ("127.0.0.1", "127.0.0.1", None),
        ("shop.test", "127.0.0.1", Some("wrong_name")),
    ] {
        let (cert, key) = leaf(named, Some(&root), (2020, 2090));
        let server = serve(&cert, &key).await;
        let names = NameServer::always(&["127.0.0.1"]).await;
        let settings = Settings {
            resolver: Some(names.at),
            extra_roots_pem: Some(root.pem()),
            ..settings()
        };
        let url = Url::parse(&format!("https://{host}:{}/", server.port)).unwrap();
        let tls = page(&Net::new(settings).unwrap(), &url)
            .await
            .unwrap()
            .tls
            .unwrap();
        assert_eq!(tls.problem.as_deref(), problem, "{named} at {host}");
    }
}

#[tokio::test]
async fn a_way_from_https_to_http_is_visible() {
    let plain = Server::start(|_| answer(200, "", "plain")).await;
    let (cert, key) = leaf("127.0.0.1", None, (2020, 2090));
    let to = plain.url("/");
    let secure = Server::start_tls(config(&cert, &key, rustls::ALL_VERSIONS), move |_| {
        redirect(302, to.as_str())
    })
    .await;
    let url = Url::parse(&format!("https://127.0.0.1:{}/", secure.port)).unwrap();
    let reply = page(&super::net(), &url).await.unwrap();
    assert_eq!((reply.body.as_slice(), reply.tls), (&b"plain"[..], None));
    assert_eq!((reply.hops.len(), reply.hops[0].url.as_str()), (1, url.as_str()));
    assert_eq!(reply.final_url.scheme(), "http");
}
