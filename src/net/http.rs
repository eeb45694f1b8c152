//! HTTP: one request over one channel, everything about the answer capped.
//!
//! A [`Channel`] is a client for one origin (scheme, host, port) whose addresses have been checked; it connects to
//! those and nothing else. It follows no redirect, keeps no cookie, sends no referrer, knows no proxy and does not
//! try again; `visit` does what is needed of that. What was cut is said in `cut`, and what came before is kept.
//!
//! Bodies are decompressed on the way (gzip, deflate, brotli, zstd) chunk by chunk and reading stops at the cap, so
//! a bomb costs at most the cap. `Content-Encoding` and `Content-Length` of a decompressed body are not kept.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::tls::TlsInfo;
use reqwest::{Client, Response};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::clock::Clock;
use super::dns::Pinned;
use super::redirect;
use super::settings::Settings;
use super::tls::{Trust, Witness};
use super::trouble::{Trouble, cut_by};
use super::{NetError, Want};
use crate::evidence::{GapReason, TlsSeen};

/// One answer, not followed.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// `Location` of a redirect, as text.
    pub(super) location: Option<String>,
    /// `Retry-After`, as written.
    pub(super) retry_after: Option<String>,
    pub(super) address: Option<IpAddr>,
    pub(super) tls: Option<TlsSeen>,
    /// Empty for a redirect that can be followed: nobody reads it.
    pub(super) body: Vec<u8>,
    pub(super) cut: Option<String>,
    pub(super) at: Timestamp,
}

/// A client for one origin and its checked addresses.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    client: Client,
    witness: Arc<Witness>,
    /// The address that is tried first.
    pub(super) address: IpAddr,
}

impl Channel {
    /// A channel to addresses that have been checked. `first` is one of them.
    pub(super) fn open(
        pinned: Pinned,
        first: IpAddr,
        trust: &Arc<Trust>,
        settings: &Settings,
    ) -> Result<Self, NetError> {
        let witness = trust.witness();
        let client = Client::builder()
            .tls_backend_preconfigured(witness.config()?)
            .tls_info(true)
            .dns_resolver(pinned)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .user_agent(user_agent(&settings.contact)?)
            .default_headers(HeaderMap::from_iter([(
                ACCEPT_LANGUAGE,
                HeaderValue::from_static("zh-CN,zh;q=0.9"),
            )]))
            .connect_timeout(settings.connect_timeout)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_secs(15))
            .http1_only()
            .http1_max_headers(settings.header_count_cap)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .build()
            .map_err(|err| NetError::Client(err.to_string()))?;
        Ok(Self {
            client,
            witness,
            address: first,
        })
    }

    /// Asks once. Nothing is awaited beyond `within`.
    pub(super) async fn ask(
        &self,
        url: &Url,
        want: Want,
        cap: usize,
        within: Duration,
        settings: &Settings,
        clock: &dyn Clock,
    ) -> Result<Answer, Trouble> {
        let deadline = Instant::now() + within;
        let request = self.client.get(url.clone()).header(ACCEPT, want.accepted());
        let mut response = match timeout_at(deadline, request.send()).await {
            Ok(answered) => answered.map_err(|err| Trouble::of(&err))?,
            Err(_) => return Err(Trouble::lasting(GapReason::Timeout, "waiting for the answer")),
        };
        let at = clock.timestamp();
        let mut answer = self.head(&response, at, settings)?;
        if answer.location.is_none() {
            (answer.body, answer.cut) = read(&mut response, cap, deadline).await;
        }
        Ok(answer)
    }

    fn head(&self, response: &Response, at: Timestamp, settings: &Settings) -> Result<Answer, Trouble> {
        let status = response.status().as_u16();
        let map = response.headers();
        let raw = |name| map.get(name).map(HeaderValue::as_bytes);
        let leaf = response
            .extensions()
            .get::<TlsInfo>()
            .and_then(TlsInfo::peer_certificate);
        Ok(Answer {
            status,
            headers: kept_headers(map, settings)?,
            location: raw(LOCATION)
                .filter(|_| redirect::redirects(status))
                .map(redirect::location_text),
            retry_after: raw(RETRY_AFTER).map(|value| String::from_utf8_lossy(value).into_owned()),
            address: response.remote_addr().map(|at| at.ip()),
            tls: leaf.map(|leaf| self.witness.testify(leaf)),
            body: Vec::new(),
            cut: None,
            at,
        })
    }
}

/// The name we go by, with where to complain.
fn user_agent(contact: &str) -> Result<HeaderValue, NetError> {
    let agent = format!("cardvet/{} (+{contact})", env!("CARGO_PKG_VERSION"));
    HeaderValue::from_str(&agent).map_err(|source| NetError::Contact {
        contact: contact.to_owned(),
        source,
    })
}

/// Headers in order, values shortened; too many of them is no answer.
fn kept_headers(map: &HeaderMap, settings: &Settings) -> Result<Vec<(String, String)>, Trouble> {
    // 4 for the colon, the blank and the line's end.
    let bytes: usize = map
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if map.len() > settings.header_count_cap || bytes > settings.header_bytes_cap {
        return Err(Trouble::lasting(GapReason::TooLarge, "headers"));
    }
    let kept = |value: &HeaderValue| {
        let bytes = value.as_bytes();
        String::from_utf8_lossy(bytes.get(..settings.header_value_cap).unwrap_or(bytes)).into_owned()
    };
    Ok(map
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), kept(value)))
        .collect())
}

/// What comes of a body before the cap, the deadline or the connection's end, and which of them it was.
async fn read(response: &mut Response, cap: usize, deadline: Instant) -> (Vec<u8>, Option<String>) {
    let mut body = Vec::new();
    loop {
        let chunk = match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return (body, None),
            Ok(Err(err)) => return (body, Some(cut_by(&err).to_owned())),
            Err(_) => return (body, Some("time".to_owned())),
        };
        let room = cap - body.len();
        if let Some(fitting) = chunk.get(..room).filter(|_| chunk.len() > room) {
            body.extend_from_slice(fitting);
            return (body, Some(format!("body over {cap} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
}
