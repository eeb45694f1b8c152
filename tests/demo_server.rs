//! The demo server over real sockets: every page, wrong hosts, odd charsets, names, counts, and the end of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use cardvet::demo::{Demo, Samples, serve};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

async fn get(demo: &Demo, host: &str, path: &str) -> Reply {
    let mut stream = TcpStream::connect(demo.http)
        .await
        .expect("the demo server is up");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\r\n",
        demo.http.port()
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the demo server is up");
    let mut bytes = Vec::new();
    stream
        .read_to_end(&mut bytes)
        .await
        .expect("the demo server is up");
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("a whole head");
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("a status");
    Reply {
        status,
        head,
        body: bytes[end + 4..].to_vec(),
    }
}

async fn demo() -> (Samples, Demo) {
    let samples = Samples::built_in().expect("the embedded samples load");
    let demo = serve(&samples).await.expect("the demo server is up");
    (samples, demo)
}

#[tokio::test]
async fn every_page_of_every_sample_is_served() {
    let (samples, demo) = demo().await;
    for sample in samples.iter() {
        for path in sample.paths() {
            let reply = get(&demo, &sample.host, path).await;
            let expected = if sample.id == "dead-upstream" { 503 } else { 200 };
            assert_eq!(reply.status, expected, "{}{path}", sample.host);
            assert!(!reply.body.is_empty(), "{}{path}", sample.host);
        }
        let count = demo.counters().remove(&sample.host).unwrap_or_default();
        assert_eq!(count.total, sample.paths().count() as u64, "{}", sample.host);
        assert!(count.max_in_flight <= 1, "one request after the other");
    }
    demo.stop().await;
}

#[tokio::test]
async fn hosts_are_told_apart_and_unknown_ones_are_404() {
    let (samples, demo) = demo().await;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples/small-honest/index.html");
    let shop = samples.get("small-honest").unwrap();
    assert_eq!(
        shop.target(&demo),
        format!("http://xiaoman-dianka.test:{}/", demo.http.port())
    );
    let home = get(&demo, &shop.host.to_uppercase(), "/").await;
    assert_eq!(home.body, std::fs::read(source).unwrap());
    assert!(
        home.head.contains("content-type: text/html; charset=utf-8"),
        "{}",
        home.head
    );
    assert!(home.head.contains("set-cookie: _session="), "{}", home.head);
    for host in ["other.test", "shop.xiaoman-dianka.test", "127.0.0.1"] {
        assert_eq!(get(&demo, host, "/").await.status, 404, "{host}");
        assert!(!demo.counters().contains_key(host), "{host}");
    }
    demo.stop().await;
}

#[tokio::test]
async fn awkward_sites_behave_as_they_say() {
    let (_samples, demo) = demo().await;
    let rows = [
        ("yunque-shop.test", "/robots.txt", 200, "页面没有找到"),
        ("yunque-shop.test", "/about", 200, "页面没有找到"),
        (
            "yunque-shop.test",
            "/user/api/index/commodity?categoryId=0&page=1&limit=20",
            200,
            "\"price\":268",
        ),
        ("feiyu-chongzhi.test", "/", 502, "502 Bad Gateway"),
        ("feiyu-chongzhi.test", "/robots.txt", 503, "502 Bad Gateway"),
        ("xunlu-faka.test", "/anything", 200, "正在加载中"),
        ("xunlu-faka.test", "/robots.txt", 200, "Allow: /"),
        (
            "lingxi-card.test",
            "/products/stream-month",
            200,
            "<div id=\"app\"></div>",
        ),
        ("jingmo-digital.test", "/robots.txt", 200, "Disallow: /\n"),
        ("xiaohei-km.test", "/?mod=buy&cid=1&tid=3", 200, "易支付-支付宝"),
        ("xiaohei-km.test", "/robots.txt", 404, "404"),
    ];
    for (host, path, status, part) in rows {
        let reply = get(&demo, host, path).await;
        assert_eq!(reply.status, status, "{host}{path}");
        assert!(
            String::from_utf8(reply.body).unwrap().contains(part),
            "{host}{path}"
        );
    }
    demo.stop().await;
}

#[tokio::test]
async fn the_gbk_sample_is_really_gbk() {
    let (_samples, demo) = demo().await;
    let reply = get(&demo, "laozihao-kamen.test", "/gouka.asp").await;
    assert!(
        reply.head.contains("content-type: text/html\r\n"),
        "no charset in the header: {}",
        reply.head
    );
    assert!(String::from_utf8(reply.body.clone()).is_err(), "not UTF-8");
    let (text, _, damaged) = encoding_rs::GBK.decode(&reply.body);
    assert!(
        !damaged && text.contains("一经售出概不退换") && text.contains("charset=gb2312"),
        "{text}"
    );
    demo.stop().await;
}

async fn ask(
    socket: &UdpSocket,
    dns: SocketAddr,
    name: &str,
    kind: RecordType,
) -> (ResponseCode, Vec<String>) {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(
        Name::from_ascii(name).expect("the test's own name"),
        kind,
    ));
    socket
        .send_to(&message.to_vec().expect("a plain question"), dns)
        .await
        .expect("loopback UDP works");
    let mut packet = [0; 512];
    let (length, _) = socket.recv_from(&mut packet).await.expect("loopback UDP works");
    let said = Message::from_vec(&packet[..length]).expect("a message");
    assert_eq!(said.metadata.id, 4711);
    (
        said.metadata.response_code,
        said.answers
            .iter()
            .map(|record| record.data.to_string())
            .collect(),
    )
}

#[tokio::test]
async fn names_resolve_to_loopback_and_broken_packets_are_ignored() {
    let (samples, demo) = demo().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(b"\xff\x00not a question", demo.dns).await.unwrap();
    let loopback = (ResponseCode::NoError, vec!["127.0.0.1".to_owned()]);
    for sample in samples.iter() {
        assert_eq!(
            ask(&socket, demo.dns, &format!("{}.", sample.host), RecordType::A).await,
            loopback
        );
    }
    assert_eq!(
        ask(&socket, demo.dns, "a.xiaohei-km.test.", RecordType::A).await,
        loopback
    );
    let empty = (ResponseCode::NoError, vec![]);
    assert_eq!(
        ask(&socket, demo.dns, "xiaohei-km.test.", RecordType::AAAA).await,
        empty
    );
    let unknown = (ResponseCode::NXDomain, vec![]);
    assert_eq!(
        ask(&socket, demo.dns, "example.org.", RecordType::A).await,
        unknown
    );
    demo.stop().await;
}

#[tokio::test]
async fn after_the_stop_nothing_answers() {
    let (samples, demo) = demo().await;
    let (http, dns, host) = (demo.http, demo.dns, &samples.get("soft-404").unwrap().host);
    assert_eq!(get(&demo, host, "/").await.status, 200);
    demo.stop().await;
    assert!(TcpStream::connect(http).await.is_err(), "the port is closed");
    assert!(UdpSocket::bind(dns).await.is_ok(), "the port is free again");
}

#[tokio::test]
async fn dropping_the_demo_closes_its_connections() {
    let (_samples, demo) = demo().await;
    let mut stream = TcpStream::connect(demo.http).await.unwrap();
    stream
        .write_all(b"GET /robots.txt HTTP/1.1\r\nHost: jingmo-digital.test\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    drop(demo);
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "a kept-alive connection is closed with the demo");
}

#[tokio::test]
async fn an_ordinary_resolver_finds_every_sample() {
    let (samples, demo) = demo().await;
    let mut udp = ConnectionConfig::udp();
    udp.port = demo.dns.port();
    let server = NameServerConfig::new(demo.dns.ip(), true, vec![udp]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .build()
        .unwrap();
    for host in samples
        .iter()
        .map(|sample| sample.host.as_str())
        .chain(["sub.xiaohei-km.test"])
    {
        let found = resolver.lookup_ip(format!("{host}.")).await.unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), [Ipv4Addr::LOCALHOST], "{host}");
    }
    let unknown = resolver.lookup_ip("no-such-shop.test.").await.unwrap_err();
    assert!(unknown.is_nx_domain(), "{unknown}");
    demo.stop().await;
}
