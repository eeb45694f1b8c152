//! The crawl over real sockets: hostile little sites on loopback, each served for one test.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cardvet::crawl::{self, Budget, Plan};
use cardvet::data::DataFiles;
use cardvet::evidence::{Evidence, GapReason, Profile};
use cardvet::target::Target;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A site on loopback that stops when it is dropped.
struct Site {
    address: String,
    asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `answer(path)` as (status, body); robots.txt is an honest 404.
async fn serve(answer: impl Fn(&str) -> (u16, Vec<u8>) + Send + Sync + 'static) -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, answer) = (Arc::clone(&asked), Arc::new(answer));
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (count, answer) = (Arc::clone(&count), Arc::clone(&answer));
            tokio::spawn(async move { one(stream, &count, answer.as_ref()).await.ok() });
        }
    });
    Site { address, asked, task }
}

/// Answers one request and closes.
async fn one(
    mut stream: TcpStream,
    asked: &AtomicUsize,
    answer: &(impl Fn(&str) -> (u16, Vec<u8>) + Sync),
) -> io::Result<()> {
    let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
    while !head.windows(4).any(|four| four == b"\r\n\r\n") && head.len() < 64 * 1024 {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            n => head.extend(buffer.iter().take(n)),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("/");
    let (status, body) = if path == "/robots.txt" {
        (404, Vec::new())
    } else {
        answer(path)
    };
    if path != "/robots.txt" {
        asked.fetch_add(1, Ordering::SeqCst);
    }
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await
}

async fn look(site: &Site) -> Evidence {
    let net = crate::support::open_net();
    let plan = Plan::load(&DataFiles::built_in()).unwrap();
    let target = Target::parse(&site.address, true).unwrap();
    let visit = net.visit(Duration::from_secs(45));
    let budget = Budget::of(Profile::Full);
    crawl::crawl(&target, &visit, &plan, Timestamp::UNIX_EPOCH, &budget).await
}

fn paths(evidence: &Evidence) -> Vec<String> {
    let path = |url: &str| url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    evidence.pages.iter().map(|seen| path(&seen.final_url)).collect()
}

fn page(title: &str, text: &str) -> (u16, Vec<u8>) {
    let filler = "星河点卡出售各类游戏点卡。".repeat(30);
    (
        200,
        format!("<title>{title}</title><p>{filler}</p><p>{text}</p>").into_bytes(),
    )
}

#[tokio::test]
async fn a_shop_is_read_in_the_same_order_every_time() {
    let site = serve(|path| match path {
        "/" => page("店", "<a href='/?mod=buy&cid=1'>购买</a><a href='/?mod=help'>帮助</a><a href='/?mod=about'>关于我们</a>"),
        "/?mod=buy&cid=1" => page("买", "1"),
        "/?mod=help" => page("帮", "2"),
        "/?mod=about" => page("关", "3"),
        _ => (404, b"no".to_vec()),
    })
    .await;
    let first = look(&site).await;
    assert_eq!(paths(&first), ["", "?mod=about", "?mod=buy&cid=1", "?mod=help"]);
    assert!(first.gaps.is_empty(), "{:?}", first.gaps);
    let second = look(&site).await;
    assert_eq!(paths(&second), paths(&first));
    assert_eq!(second.site, first.site);
}

#[tokio::test]
async fn endless_calendars_and_session_ids_cost_a_bounded_number_of_requests() {
    let site = serve(|path| {
        if path.contains("probe") {
            return (404, Vec::new());
        }
        let day: u64 = path
            .rsplit("d=")
            .next()
            .and_then(|day| day.parse().ok())
            .unwrap_or(0);
        let link = |n: u64| format!("<a href='/cal?PHPSESSID={day}{n}&d={}'>x</a>", day * 50 + n);
        page(
            &format!("第{day}天"),
            &(1..50).map(link).collect::<Vec<_>>().concat(),
        )
    })
    .await;
    let evidence = look(&site).await;
    assert_eq!(
        evidence.pages.len(),
        4,
        "home and three days: {:?}",
        paths(&evidence)
    );
    assert!(evidence.pages.iter().all(|seen| !seen.url.contains("PHPSESSID")));
    assert!(site.asked.load(Ordering::SeqCst) <= 5);
}

#[tokio::test]
async fn a_page_of_ten_megabytes_is_survived() {
    let site = serve(|path| match path {
        "/" => {
            let mut body = page("店", "<a href=/g>关于我们</a>").1;
            body.extend("<p>点卡".repeat(1_000_000).bytes());
            (200, body)
        }
        "/g" => page("关于", "1"),
        _ => (404, Vec::new()),
    })
    .await;
    let evidence = look(&site).await;
    assert_eq!(paths(&evidence), ["", "g"]);
    let home = evidence.home().unwrap().1;
    assert_eq!(home.title, "店");
    assert!(!home.cut.is_empty() || evidence.gaps.iter().any(|gap| gap.reason == GapReason::Truncated));
}

#[tokio::test]
async fn soft_404s_frames_and_repeats_are_told_apart() {
    let site = serve(|path| match path {
        "/" => (200, b"<frameset><frame src=/top></frameset>".to_vec()),
        "/top" => page(
            "店",
            "<a href=/g>关于我们</a><a href=/g2>关于本站</a><a href=/k>联系我们</a>",
        ),
        "/g" | "/g2" => page("关于", "1"),
        _ => (
            200,
            "<title>页面没有找到</title><p>页面没有找到，请返回首页。</p>"
                .as_bytes()
                .to_vec(),
        ),
    })
    .await;
    let evidence = look(&site).await;
    assert_eq!(paths(&evidence), ["", "top", "g", "k"]);
    assert_eq!(evidence.readable().count(), 3);
    let reasons: Vec<_> = evidence.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::Soft404]);
}

#[tokio::test]
async fn nobody_listening_is_a_gap() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let site = Site {
        address,
        asked: Arc::default(),
        task: tokio::spawn(async {}),
    };
    let evidence = look(&site).await;
    assert_eq!((evidence.pages.len(), evidence.gaps.len()), (0, 1));
    assert_eq!(evidence.gaps[0].reason, GapReason::TcpFail);
}
