//! STUB of net: the interface crawl is written against.
#![allow(missing_docs, clippy::all, clippy::pedantic)]
use crate::evidence::{Gap, GapReason, Hop, TlsSeen};
use jiff::Timestamp;
use std::time::Duration;
use url::Url;

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub url: Url,
    pub final_url: Url,
    pub hops: Vec<Hop>,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub address: Option<String>,
    pub tls: Option<TlsSeen>,
    pub body: Vec<u8>,
    /// Why the body was cut, if it was: `body over 2097152 bytes`, `time`, `connection lost`.
    pub cut: Option<String>,
    pub at: Timestamp,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub gap: Gap,
    pub hops: Vec<Hop>,
}

#[derive(Debug)]
pub struct Net {
    client: reqwest::Client,
}
#[derive(Debug)]
pub struct Visit<'a> {
    net: &'a Net,
}

impl Net {
    pub fn stub() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
        }
    }
    /// Begins a visit to one site; everything asked through it must be answered within `budget`.
    pub fn visit(&self, _budget: Duration) -> Visit<'_> {
        Visit { net: self }
    }
}

impl Visit<'_> {
    /// Asks for a page: robots.txt of each host on the way respected, redirects followed hop by hop, paced, guarded, capped.
    pub async fn get(&self, url: &Url) -> Result<Reply, Failure> {
        let mut response = self
            .net
            .client
            .get(url.clone())
            .send()
            .await
            .map_err(|e| Failure {
                gap: Gap::new(GapReason::TcpFail, e.to_string(), url.as_str()),
                hops: vec![],
            })?;
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > 2 << 20 {
                break;
            }
        }
        Ok(Reply {
            url: url.clone(),
            final_url: response.url().clone(),
            hops: vec![],
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
                .collect(),
            address: None,
            tls: None,
            body,
            cut: None,
            at: Timestamp::UNIX_EPOCH,
        })
    }
    /// Whether the visit's time is spent.
    pub fn spent(&self) -> bool {
        false
    }
}
