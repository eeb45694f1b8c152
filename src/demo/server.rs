//! The loopback server: one HTTP port for all samples, told apart by `Host`, and the DNS responder beside it.
//!
//! Takes the samples; gives a running [`Demo`] with both addresses and a count of what was asked. It binds to
//! 127.0.0.1 only, on ports the system chooses. Both services end when the `Demo` is stopped or dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::site::Site;
use super::{Samples, dns};

/// How long every answer takes, so that requests which overlap are seen to overlap.
const THINKING: Duration = Duration::from_millis(3);

/// What was asked of one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostCount {
    /// Requests in all.
    pub total: u64,
    /// The most requests that were being answered at one moment.
    pub max_in_flight: u64,
    /// Requests by path with query.
    pub paths: BTreeMap<String, u64>,
    in_flight: u64,
}

/// The samples being served.
#[derive(Debug)]
pub struct Demo {
    /// Where HTTP is answered.
    pub http: SocketAddr,
    /// Where DNS is answered, over UDP.
    pub dns: SocketAddr,
    hall: Arc<Hall>,
    stop: watch::Sender<()>,
    tasks: JoinSet<()>,
}

impl Demo {
    /// What was asked so far, by host; a host nobody asked for is absent.
    pub fn counters(&self) -> BTreeMap<String, HostCount> {
        self.hall.counts().clone()
    }

    /// Stops both services and waits until they have ended.
    pub async fn stop(mut self) {
        self.stop.send_replace(());
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::warn!(%error, "a demo service did not end by itself");
            }
        }
    }
}

/// Serves the samples until the returned [`Demo`] is stopped or dropped. Fails when no loopback port is to be had.
pub async fn serve(samples: &Samples) -> io::Result<Demo> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let (http, dns) = (listener.local_addr()?, socket.local_addr()?);
    let sites: BTreeMap<_, _> = samples
        .iter()
        .map(|sample| (sample.host.clone(), sample.site.clone()))
        .collect();
    let names: BTreeSet<_> = sites.keys().cloned().collect();
    let hall = Arc::new(Hall {
        sites,
        counts: Mutex::default(),
    });
    let app = Router::new().fallback(respond).with_state(Arc::clone(&hall));
    let (stop, stopped) = watch::channel(());
    let mut end = stopped.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        // An error means that the sender is gone, which ends the service just the same.
        let ended = async move { end.changed().await.unwrap_or_default() };
        if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(ended).await {
            tracing::warn!(%error, "the demo server failed");
        }
    });
    tasks.spawn(dns::answer(socket, names, stopped));
    Ok(Demo {
        http,
        dns,
        hall,
        stop,
        tasks,
    })
}

/// What the handlers share.
#[derive(Debug)]
struct Hall {
    sites: BTreeMap<String, Site>,
    counts: Mutex<BTreeMap<String, HostCount>>,
}

impl Hall {
    fn counts(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, HostCount>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(self: &Arc<Self>, host: &str, path: &str) -> Asked {
        let mut counts = self.counts();
        let count = counts.entry(host.to_owned()).or_default();
        count.total += 1;
        count.in_flight += 1;
        count.max_in_flight = count.max_in_flight.max(count.in_flight);
        *count.paths.entry(path.to_owned()).or_default() += 1;
        Asked {
            hall: Arc::clone(self),
            host: host.to_owned(),
        }
    }
}

/// A request being answered; counted out when dropped, also when the client goes away in between.
struct Asked {
    hall: Arc<Hall>,
    host: String,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(count) = self.hall.counts().get_mut(&self.host) {
            count.in_flight = count.in_flight.saturating_sub(1);
        }
    }
}

async fn respond(State(hall): State<Arc<Hall>>, uri: Uri, headers: HeaderMap) -> Response {
    let host = host_of(&headers);
    let Some(site) = hall.sites.get(&host) else {
        let mut unknown = Response::new(Body::from("no such host here"));
        *unknown.status_mut() = StatusCode::NOT_FOUND;
        return unknown;
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let _asked = hall.enter(&host, path);
    tokio::time::sleep(THINKING).await;
    let answer = site.answer(path);
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = answer.status;
    response.headers_mut().extend(answer.headers.iter().cloned());
    response
}

/// The host that a request names, lower-cased and without its port; empty when it names none.
fn host_of(headers: &HeaderMap) -> String {
    let named = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    named.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_requests_are_counted_at_their_peak() {
        let hall = Arc::new(Hall {
            sites: BTreeMap::new(),
            counts: Mutex::default(),
        });
        let first = hall.enter("shop.test", "/");
        let second = hall.enter("shop.test", "/a?b=c");
        drop(first);
        let third = hall.enter("shop.test", "/");
        drop((second, third));
        let counts = hall.counts();
        let count = counts.get("shop.test").expect("the host was asked");
        assert_eq!((count.total, count.max_in_flight, count.in_flight), (3, 2, 0));
        assert_eq!(
            count.paths,
            [("/".to_owned(), 2), ("/a?b=c".to_owned(), 1)].into()
        );
    }

    #[test]
    fn the_host_is_read_without_case_and_port() {
        for (sent, host) in [
            ("Shop.Test:8080", "shop.test"),
            ("shop.test", "shop.test"),
            ("", ""),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, sent.parse().expect("a header value"))]);
            assert_eq!(host_of(&headers), host);
        }
        assert_eq!(host_of(&HeaderMap::new()), "");
    }
}
