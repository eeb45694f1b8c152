//! The net against hostile and clumsy servers on loopback.

mod bodies;
mod guard;
mod heads;
mod manners;
mod names;
mod redirects;
mod retries;
mod tls;

use std::time::Duration;

use cardvet::evidence::GapReason;
use cardvet::net::{Failure, Net, Reply, RobotsUse, Settings};
use url::Url;

/// More than any test takes.
const BUDGET: Duration = Duration::from_secs(20);

/// Open to loopback, without pace, quick to give up.
fn settings() -> Settings {
    Settings {
        allow_private: true,
        host_rate: 10_000.0,
        address_rate: 10_000.0,
        overall_rate: 10_000.0,
        backoff: Duration::from_millis(1),
        ..Settings::default()
    }
}

fn net() -> Net {
    Net::new(settings()).unwrap()
}

/// One page, robots left aside.
async fn page(net: &Net, url: &Url) -> Result<Reply, Failure> {
    net.visit(BUDGET).with_robots(RobotsUse::NotAsked).get(url).await
}

/// Reason and detail of a failure.
fn why(result: Result<Reply, Failure>) -> (GapReason, String) {
    let gap = result.unwrap_err().gap;
    (gap.reason, gap.detail)
}

/// The same as one expects it.
fn gap(reason: GapReason, detail: &str) -> (GapReason, String) {
    (reason, detail.to_owned())
}

#[test]
fn answers_can_be_awaited_anywhere() {
    fn movable<T: Send>(_: &T) {}
    let net = net();
    let visit = net.visit(BUDGET);
    let url = Url::parse("http://127.0.0.1/").unwrap();
    movable(&visit.get(&url));
    movable(&net);
}
