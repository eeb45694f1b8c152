//! Manners: what an answer to `/robots.txt` means, by RFC 9309 2.3.1.
//!
//! Takes the last answer of the fetch or the trouble that kept it away, gives what may be asked. Pure: `visit`
//! fetches and keeps it for the length of the visit.

use std::time::Duration;

use url::{Origin, Url};

use super::http::Answer;
use super::robots::{PRODUCT, Rules};
use super::trouble::Trouble;
use crate::evidence::GapReason;

/// What was decided about one origin's robots.txt.
#[derive(Debug, Clone, PartialEq)]
pub struct RobotsSeen {
    /// Where it was asked for.
    pub url: String,
    /// Status of the last answer; nothing when none came.
    pub status: Option<u16>,
    /// What may be asked.
    pub ruling: Ruling,
    /// Least time between two requests as it is kept: the wish of the site, capped.
    pub crawl_delay: Option<Duration>,
}

/// What a robots.txt lets through.
#[derive(Debug, Clone, PartialEq)]
pub enum Ruling {
    /// What its rules say.
    Rules(Rules),
    /// Everything, for a reason: `status 404`, `html`, `too many redirects`.
    AllowAll(String),
    /// Nothing, for a reason.
    DenyAll(GapReason, String),
}

impl RobotsSeen {
    /// Whether an address of this origin may be asked for, or the reason and detail of the gap.
    pub fn check(&self, url: &Url) -> Result<(), (GapReason, String)> {
        match &self.ruling {
            Ruling::Rules(rules) if !rules.allows(url) => {
                Err((GapReason::BlockedByRobots, "robots".to_owned()))
            }
            Ruling::DenyAll(reason, detail) => Err((*reason, detail.clone())),
            Ruling::Rules(_) | Ruling::AllowAll(_) => Ok(()),
        }
    }
}

impl RobotsSeen {
    /// As it is kept in the evidence: `{url, status, says, why, crawl_delay_s}` with `says` one of `rules`, `allow_all`
    /// and `deny_all`, and `why` the reason of the last two.
    pub fn exhibit(&self) -> serde_json::Value {
        let (says, why) = match &self.ruling {
            Ruling::Rules(_) => ("rules", None),
            Ruling::AllowAll(why) => ("allow_all", Some(why.clone())),
            Ruling::DenyAll(reason, why) => ("deny_all", Some(format!("{} {why}", reason.code()))),
        };
        serde_json::json!({
            "url": self.url,
            "status": self.status,
            "says": says,
            "why": why,
            "crawl_delay_s": self.crawl_delay.map(|delay| delay.as_secs_f64()),
        })
    }
}

/// The address of an origin's robots.txt, for an address of http or https.
pub(super) fn robots_url(url: &Url) -> Url {
    let mut robots = url.clone();
    robots.set_path("/robots.txt");
    robots.set_query(None);
    robots.set_fragment(None);
    robots
}

/// What an origin is kept under.
pub(super) fn key(url: &Url) -> String {
    match url.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization(),
        Origin::Opaque(_) => String::new(),
    }
}

/// What came of asking decides what may be asked.
pub(super) fn decide(url: &Url, came: Result<Answer, Trouble>, delay_cap: Duration) -> RobotsSeen {
    let seen = |status, ruling| RobotsSeen {
        url: url.to_string(),
        status,
        ruling,
        crawl_delay: None,
    };
    let answer = match came {
        Ok(answer) => answer,
        // More redirects than are followed count as no robots.txt (RFC 9309 2.3.1.2).
        Err(Trouble {
            reason: GapReason::TooManyRedirects | GapReason::RedirectLoop,
            detail,
            ..
        }) => {
            return seen(None, Ruling::AllowAll(detail));
        }
        Err(trouble) => {
            return seen(
                None,
                Ruling::DenyAll(trouble.reason, format!("robots: {}", trouble.detail)),
            );
        }
    };
    let status = Some(answer.status);
    match answer.status {
        200..=299 => {}
        500.. => return seen(status, Ruling::DenyAll(GapReason::Http5xx, "robots".to_owned())),
        other => return seen(status, Ruling::AllowAll(format!("status {other}"))),
    }
    match answer.cut.as_deref() {
        Some("time") => {
            return seen(
                status,
                Ruling::DenyAll(GapReason::Timeout, "robots: cut off".to_owned()),
            );
        }
        // What fits under the cap is used; a broken rest could hold the rule that matters.
        Some(cut) if !cut.starts_with("body over") => {
            return seen(
                status,
                Ruling::DenyAll(GapReason::TcpFail, format!("robots: {cut}")),
            );
        }
        _ => {}
    }
    if is_html(&answer) {
        return seen(status, Ruling::AllowAll("html".to_owned()));
    }
    let rules = Rules::parse(whole_lines(&answer), PRODUCT);
    let crawl_delay = rules.crawl_delay.map(|delay| delay.min(delay_cap));
    RobotsSeen {
        crawl_delay,
        ..seen(status, Ruling::Rules(rules))
    }
}

/// The body up to the last whole line, when it was cut: half a rule is another rule.
fn whole_lines(answer: &Answer) -> &[u8] {
    let body = answer.body.as_slice();
    if answer.cut.is_none() {
        return body;
    }
    let end = body.iter().rposition(|byte| matches!(byte, b'\r' | b'\n'));
    end.and_then(|end| body.get(..end)).unwrap_or(b"")
}

/// A page in place of a robots.txt: the site's "not found" with a friendly status. The bytes decide, since
/// real robots.txt files are often sent as `text/html`.
fn is_html(answer: &Answer) -> bool {
    let body = answer
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&answer.body)
        .trim_ascii_start();
    body.starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &[u8], cut: Option<&str>) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            location: None,
            retry_after: None,
            address: None,
            tls: None,
            body: body.to_vec(),
            cut: cut.map(str::to_owned),
            at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn gap(came: Result<Answer, Trouble>) -> Option<(GapReason, String)> {
        let url = Url::parse("http://a.test/x").unwrap();
        decide(&robots_url(&url), came, Duration::from_secs(10))
            .check(&url)
            .err()
    }

    #[test]
    fn decides_by_status_and_content() {
        let closed: &[u8] = b"User-agent: *\nDisallow: /";
        let blocked = || Some((GapReason::BlockedByRobots, "robots".to_owned()));
        let because = |reason, detail: &str| Some((reason, detail.to_owned()));
        for (status, body, cut, expected) in [
            (200, closed, None, blocked()),
            (200, b"", None, None),
            (204, b"", None, None),
            (
                200,
                b"\xef\xbb\xbf \n<!DOCTYPE html>\nUser-agent: *\nDisallow: /",
                None,
                None,
            ),
            (301, closed, None, None),
            (401, closed, None, None),
            (403, closed, None, None),
            (404, closed, None, None),
            (429, closed, None, None),
            (500, b"", None, because(GapReason::Http5xx, "robots")),
            (599, b"", None, because(GapReason::Http5xx, "robots")),
            (200, closed, Some("body over 9 bytes"), None),
            (
                200,
                b"User-agent: *\nDisallow: /x\nAllow: /",
                Some("body over 9 bytes"),
                blocked(),
            ),
            (
                200,
                b"",
                Some("time"),
                because(GapReason::Timeout, "robots: cut off"),
            ),
            (
                200,
                b"",
                Some("connection lost"),
                because(GapReason::TcpFail, "robots: connection lost"),
            ),
        ] {
            assert_eq!(
                gap(Ok(answer(status, body, cut))),
                expected,
                "{status} {body:?} {cut:?}"
            );
        }
    }

    #[test]
    fn decides_by_trouble() {
        let gap =
            |reason| gap(Err(Trouble::lasting(reason, "x"))).map(|(reason, detail)| (reason.code(), detail));
        assert_eq!(
            gap(GapReason::TcpFail),
            Some(("tcp_fail", "robots: x".to_owned()))
        );
        assert_eq!(
            gap(GapReason::DnsFail),
            Some(("dns_fail", "robots: x".to_owned()))
        );
        assert_eq!(
            gap(GapReason::AddressRefused),
            Some(("address_refused", "robots: x".to_owned()))
        );
        assert_eq!(gap(GapReason::TooManyRedirects), None);
        assert_eq!(gap(GapReason::RedirectLoop), None);
    }

    #[test]
    fn caps_the_crawl_delay() {
        let url = Url::parse("http://a.test/robots.txt").unwrap();
        for (delay, expected) in [("3", 3_000), ("0.5", 500), ("600", 10_000)] {
            let body = format!("User-agent: *\nCrawl-delay: {delay}");
            let seen = decide(
                &url,
                Ok(answer(200, body.as_bytes(), None)),
                Duration::from_secs(10),
            );
            assert_eq!(seen.crawl_delay, Some(Duration::from_millis(expected)), "{delay}");
        }
    }
}
