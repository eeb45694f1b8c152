//! Evidence: the case file of one look at one site. What was seen, when, from where, and what was missing and why.
//!
//! Plain values that can be stored, exported and judged again years later. It reads nothing and decides nothing;
//! a site behaving badly is written down here and is never an `Err`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::page::Page;
use crate::target::{Site, Target};

/// Version of the stored form of [`Evidence`].
pub const SCHEMA: u32 = 1;

/// Why something could not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The name does not resolve.
    DnsFail,
    /// No connection to the address.
    TcpFail,
    /// The TLS handshake failed even without verification.
    TlsFail,
    /// No answer in time.
    Timeout,
    /// Status 400–499.
    #[serde(rename = "http_4xx")]
    Http4xx,
    /// Status 500–599.
    #[serde(rename = "http_5xx")]
    Http5xx,
    /// A gate or challenge page stood in the way. Never a sign of fraud.
    Challenge,
    /// robots.txt keeps crawlers out.
    BlockedByRobots,
    /// The address is not one that may be contacted.
    AddressRefused,
    /// Redirects came back to where they had been.
    RedirectLoop,
    /// More redirects than are followed.
    TooManyRedirects,
    /// Headers or body over the limit, nothing usable.
    TooLarge,
    /// The answer was cut; what came before the cut was used.
    Truncated,
    /// The page or time budget was spent.
    BudgetSpent,
    /// The page is the site's "not found" page with a friendly status.
    #[serde(rename = "soft_404")]
    Soft404,
    /// A parked domain.
    Parked,
    /// Shop software that is not installed, closed or frozen.
    NotInstalled,
    /// An application shell without text.
    EmptyJsApp,
    /// The server asked us to slow down and did not recover.
    RateLimited,
    /// A source of outside records is switched off.
    SourceOff,
    /// Too old to be used.
    Stale,
    /// The page was not among those fetched.
    NotCrawled,
    /// The bytes could not be read as what they claim to be.
    Unparsable,
}

impl GapReason {
    /// The public code, as in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::DnsFail => "dns_fail",
            Self::TcpFail => "tcp_fail",
            Self::TlsFail => "tls_fail",
            Self::Timeout => "timeout",
            Self::Http4xx => "http_4xx",
            Self::Http5xx => "http_5xx",
            Self::Challenge => "challenge",
            Self::BlockedByRobots => "blocked_by_robots",
            Self::AddressRefused => "address_refused",
            Self::RedirectLoop => "redirect_loop",
            Self::TooManyRedirects => "too_many_redirects",
            Self::TooLarge => "too_large",
            Self::Truncated => "truncated",
            Self::BudgetSpent => "budget_spent",
            Self::Soft404 => "soft_404",
            Self::Parked => "parked",
            Self::NotInstalled => "not_installed",
            Self::EmptyJsApp => "empty_js_app",
            Self::RateLimited => "rate_limited",
            Self::SourceOff => "source_off",
            Self::Stale => "stale",
            Self::NotCrawled => "not_crawled",
            Self::Unparsable => "unparsable",
        }
    }
}

/// Something that could not be seen, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Code of the reason.
    pub reason: GapReason,
    /// What happened, in a few words: `robots`, `connection refused`, `title 正在加载中`.
    pub detail: String,
    /// What is missing: an address, or the id of a source.
    pub what: String,
}

impl Gap {
    /// A gap.
    pub fn new(reason: GapReason, detail: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            what: what.into(),
        }
    }
}

/// What a fetched page is for, as far as the crawl could tell from anchors and paths (`data/crawl.toml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The page at the address that was given, or where it redirects to.
    Home,
    /// About us.
    About,
    /// Contact and customer service.
    Contact,
    /// Licences and qualifications.
    Licence,
    /// Help and questions.
    Help,
    /// Terms of service, refund rules, agreements.
    Terms,
    /// A list of goods.
    Products,
    /// One product, or its order form.
    Product,
    /// Order look-up.
    OrderQuery,
    /// Announcements and articles.
    Announcement,
    /// Agents, sub-sites, joining.
    Agents,
    /// Anything else.
    Other,
    /// A file given by a person rather than fetched.
    Saved,
    /// An answer of the shop program's own public product addresses (`data/endpoints.toml`): JSON, kept in
    /// [`Page::json`] under the name `answer`, with no visible text.
    Data,
    /// A picture that may hold a licence; see [`SeenPage::picture`].
    Picture,
}

/// One redirect on the way to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The address that answered with a redirect.
    pub url: String,
    /// Its status.
    pub status: u16,
    /// Where it pointed, resolved; as written when it could not be resolved.
    pub to: String,
    /// The address (IP) that answered.
    pub address: Option<String>,
}

/// How the connection of a page was secured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSeen {
    /// Whether the certificate verified against public roots for this name.
    pub verified: bool,
    /// Why it did not: `expired`, `not_yet_valid`, `wrong_name`, `self_signed`, `unknown_issuer`, `revoked`, `bad_encoding`, `bad_signature`, `other`.
    pub problem: Option<String>,
    /// Whether it verified only thanks to `--ca-file`.
    pub extra_root: bool,
    /// SHA-256 of the leaf certificate, hex.
    pub leaf_sha256: Option<String>,
    /// Names the leaf covers, as written.
    pub names: Vec<String>,
    /// Issuer as text.
    pub issuer: Option<String>,
    /// Organisation in the subject, if any.
    pub organisation: Option<String>,
    /// Validity, RFC 3339.
    pub not_before: Option<Timestamp>,
    /// Validity, RFC 3339.
    pub not_after: Option<Timestamp>,
}

/// One answer of the site, as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenPage {
    /// Address that was asked for.
    pub url: String,
    /// Address that answered, after redirects.
    pub final_url: String,
    /// What the page is for.
    pub role: Role,
    /// Redirects on the way.
    pub hops: Vec<Hop>,
    /// Status of the last answer.
    pub status: u16,
    /// Headers of the last answer, lower-case names, in order, capped.
    pub headers: Vec<(String, String)>,
    /// The address (IP) that answered.
    pub address: Option<String>,
    /// How the connection was secured; nothing over plain HTTP or for saved files.
    pub tls: Option<TlsSeen>,
    /// SHA-256 of the body after decompression, hex.
    pub body_sha256: String,
    /// Length of the body after decompression, in bytes.
    pub body_bytes: u64,
    /// Whether the body was cut.
    pub truncated: bool,
    /// The encoding the text was read with (WHATWG label), when it was read as text.
    pub encoding: Option<String>,
    /// When the answer came.
    pub fetched_at: Timestamp,
    /// The page as read; nothing when the body is no page.
    pub page: Option<Page>,
    /// The picture as read, when the body is one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

/// What a machine can tell of a picture without guessing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// `jpeg`, `png`, `gif` or `webp`.
    pub format: String,
    /// Size in pixels.
    pub width: u32,
    /// Size in pixels.
    pub height: u32,
    /// Perceptual hash, 64 bits in hex; nothing when the picture could not be decoded within its bounds.
    pub hash: Option<String>,
    /// Texts of the QR codes in it, in the order they were found, each capped.
    pub codes: Vec<String>,
}

/// Which budgets the look was made with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// 12 pages, 45 s.
    #[default]
    Full,
    /// 6 pages, 10 s.
    Live,
    /// Saved files; nothing was fetched.
    Saved,
}

/// Which level of a platform was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "level", rename_all = "snake_case")]
pub enum Scope {
    /// The whole site.
    #[default]
    Platform,
    /// A sub-site (分站) with a host of its own.
    Subsite {
        /// The host, A-label.
        host: String,
    },
    /// One merchant under a shared host.
    Merchant {
        /// The host, A-label.
        host: String,
        /// The path that names the merchant.
        path: String,
    },
}

impl Scope {
    /// The level alone: `platform`, `subsite` or `merchant`.
    pub fn level(&self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Subsite { .. } => "subsite",
            Self::Merchant { .. } => "merchant",
        }
    }

    /// One short line for keys and output: `platform`, `subsite:HOST`, `merchant:HOST/PATH`.
    pub fn key(&self) -> String {
        match self {
            Self::Platform => "platform".to_owned(),
            Self::Subsite { host } => format!("subsite:{host}"),
            Self::Merchant { host, path } => format!("merchant:{host}{path}"),
        }
    }
}

/// A page that the site links to and that was not read, with what it would have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Its address.
    pub url: String,
    /// What it would have been.
    pub role: Role,
    /// Why it was not read.
    pub reason: GapReason,
    /// What happened, in a few words.
    pub detail: String,
}

/// The case file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Version of this form, [`SCHEMA`].
    pub schema: u32,
    /// What was asked for.
    pub target: Target,
    /// The site that was judged: after the home page's redirects.
    pub site: Site,
    /// Which level.
    pub scope: Scope,
    /// The site that redirected here, when it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirected_from: Option<Site>,
    /// When the look began.
    pub captured_at: Timestamp,
    /// Which budgets.
    pub profile: Profile,
    /// Whether a person asked for what their own browser would fetch, robots.txt notwithstanding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_visitor: bool,
    /// Pages in the order they were fetched, home first.
    pub pages: Vec<SeenPage>,
    /// Pages the site links to that were not read; a thing that would stand there is not known to be absent.
    #[serde(default)]
    pub unread: Vec<Unread>,
    /// What outside sources said, by inspector id; under `robots` what robots.txt said and what was asked for against it.
    #[serde(default)]
    pub exhibits: BTreeMap<String, serde_json::Value>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// Bodies by SHA-256 (hex); kept beside the record as files, never inside it.
    #[serde(skip)]
    pub bodies: BTreeMap<String, Vec<u8>>,
}

impl Evidence {
    /// Case file of a look that has seen nothing yet.
    pub fn new(target: Target, captured_at: Timestamp, profile: Profile) -> Self {
        Self {
            schema: SCHEMA,
            site: target.site.clone(),
            scope: Scope::Platform,
            target,
            redirected_from: None,
            captured_at,
            profile,
            as_visitor: false,
            pages: Vec::new(),
            unread: Vec::new(),
            exhibits: BTreeMap::new(),
            gaps: Vec::new(),
            bodies: BTreeMap::new(),
        }
    }

    /// The home page, if it was read as a page.
    pub fn home(&self) -> Option<(&SeenPage, &Page)> {
        self.readable()
            .find(|(seen, _)| matches!(seen.role, Role::Home | Role::Saved))
    }

    /// Pages that were read as pages with a good status, in order.
    pub fn readable(&self) -> impl Iterator<Item = (&SeenPage, &Page)> {
        self.pages
            .iter()
            .filter(|seen| (200..300).contains(&seen.status))
            .filter_map(|seen| seen.page.as_ref().map(|page| (seen, page)))
    }

    /// Takes a page away, as if it could not have been read, and writes down why. Nothing happens when it is not there.
    pub fn take_away(&mut self, final_url: &str, reason: GapReason, detail: &str) {
        let Some(index) = self.pages.iter().position(|seen| seen.final_url == final_url) else {
            return;
        };
        let seen = self.pages.remove(index);
        self.bodies.remove(&seen.body_sha256);
        self.gaps.push(Gap::new(reason, detail, &*seen.final_url));
        self.unread.push(Unread {
            url: seen.final_url,
            role: seen.role,
            reason,
            detail: detail.to_owned(),
        });
    }

    /// Why the home page could not be read: the first gap that names it, else the first gap of all.
    pub fn home_gap(&self) -> Option<&Gap> {
        let home = self.target.url.as_str();
        self.gaps
            .iter()
            .find(|gap| gap.what == home)
            .or_else(|| self.gaps.first())
    }
}
