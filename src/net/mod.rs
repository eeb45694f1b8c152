//! Net: the only way out of the machine, made polite and safe.
//!
//! [`Net`] holds what all visits share (resolver, roots, pace); a [`Visit`] is one look at one site within a budget
//! of time. [`Visit::get`] gives a [`Reply`], whatever its status, or a [`Failure`] with the gap that explains it.
//! Robots, redirects, pace, guard, caps and the retry happen inside, so that no caller can forget them.
//!
//! A request's way: `visit` (hops, robots, one retry) → `guard` (may this address be contacted?) → `dns` →
//! `pace` → `http` and `tls` (one request, capped) → `trouble` (what an error means). Pure parts: `guard`,
//! `redirect`, `retry`, `robots`, `manners`, `certificate`.
//!
//! It reads no page and judges nothing; it only asks with GET, keeps no cookie and sends nothing about its user.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::evidence::{Gap, Hop, TlsSeen};

mod certificate;
mod clock;
mod dns;
mod guard;
mod http;
mod manners;
mod pace;
mod redirect;
mod retry;
pub mod robots;
mod settings;
mod tls;
mod trouble;
mod visit;

pub use clock::{Clock, Sleeping, SystemClock};
pub use manners::{RobotsSeen, Ruling};
pub use settings::Settings;
pub use visit::{RobotsUse, Visit};

/// Why the net cannot be set up. Never about a site.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// A rate that makes no sense.
    #[error("{field} must lie between one a day and a million a second, not {rate}")]
    Rate {
        /// The setting.
        field: &'static str,
        /// What it was.
        rate: f64,
    },
    /// The contact cannot be sent in a header.
    #[error("contact `{contact}` cannot be part of a User-Agent")]
    Contact {
        /// The contact.
        contact: String,
        /// Why.
        source: reqwest::header::InvalidHeaderValue,
    },
    /// The roots cannot be read.
    #[error("could not read the root certificates: {0}")]
    Roots(String),
    /// The resolver cannot be set up.
    #[error("could not set up the resolver: {0}")]
    Resolver(String),
    /// The HTTP client cannot be set up.
    #[error("could not set up the HTTP client: {0}")]
    Client(String),
}

/// What is asked for, as the `Accept` header says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Want {
    /// A page. Some shop programs answer a request that does not say so with a gate page.
    #[default]
    Page,
    /// Data that a page's own script would ask for.
    Data,
    /// A picture.
    Picture,
}

impl Want {
    fn accepted(self) -> &'static str {
        match self {
            Self::Page => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Self::Data => "application/json,text/plain;q=0.9,*/*;q=0.8",
            Self::Picture => "image/jpeg,image/png,image/webp,image/gif,*/*;q=0.5",
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Address that was asked for, without its fragment.
    pub url: Url,
    /// Address that answered, after redirects.
    pub final_url: Url,
    /// Redirects on the way.
    pub hops: Vec<Hop>,
    /// Status of the last answer.
    pub status: u16,
    /// Headers of the last answer, lower-case names, in order, values capped.
    pub headers: Vec<(String, String)>,
    /// The address (IP) that answered.
    pub address: Option<String>,
    /// How the connection was secured; nothing over plain HTTP.
    pub tls: Option<TlsSeen>,
    /// The body after decompression, up to the cap.
    pub body: Vec<u8>,
    /// Why the body was cut, if it was: `body over 2097152 bytes`, `time`, `connection lost`, `corrupt encoding`.
    pub cut: Option<String>,
    /// When the answer came.
    pub at: Timestamp,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What is missing and why; `what` is the address that was asked for.
    pub gap: Gap,
    /// Redirects up to the one that led nowhere.
    pub hops: Vec<Hop>,
}

/// What all visits share.
#[derive(Debug)]
pub struct Net {
    settings: Settings,
    clock: Arc<dyn Clock>,
    guard: guard::Guard,
    dns: dns::Dns,
    trust: Arc<tls::Trust>,
    pace: pace::Pace,
}

impl Net {
    /// A net by the settings.
    ///
    /// # Errors
    /// When a setting makes no sense, or roots or resolver cannot be set up. A machine without a resolver of its
    /// own is no error: names are then asked of the name server on this machine, and fail as gaps.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        Self::with_clock(settings, Arc::new(SystemClock::default()))
    }

    /// The same, by another clock.
    pub fn with_clock(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, NetError> {
        let net = Self {
            guard: guard::Guard {
                open: settings.allow_private,
                allow: settings.allow_networks.clone(),
            },
            dns: dns::Dns::new(&settings)?,
            trust: Arc::new(tls::Trust::new(settings.extra_roots_pem.as_deref())?),
            pace: pace::Pace::new(&settings, &clock)?,
            clock,
            settings,
        };
        // A channel that cannot be opened is our fault, and better told before the first visit than during it.
        net.channel_to("cardvet.invalid", vec![[0, 0, 0, 0].into()])?;
        Ok(net)
    }

    /// Begins a visit to one site; everything asked through it must be answered within `budget`.
    pub fn visit(&self, budget: Duration) -> Visit<'_> {
        Visit::new(self, budget)
    }

    fn channel_to(&self, host: &str, addresses: Vec<std::net::IpAddr>) -> Result<http::Channel, NetError> {
        let first = addresses.first().copied().unwrap_or([0, 0, 0, 0].into());
        let pinned = dns::Pinned {
            host: host.to_owned(),
            addresses,
        };
        http::Channel::open(pinned, first, &self.trust, &self.settings)
    }
}
