//! One answer of the site → what is kept of it: a page to read, or the reason why it is none.
//!
//! Gates, errors, shells and files that are no pages are told apart here, for one answer alone; soft 404s and
//! repeats need the others and are told apart by the crawl.

use super::gates::Parts;
use super::plan::Plan;
use crate::digest;
use crate::evidence::{Gap, GapReason, Role, SeenPage};
use crate::net::Reply;
use crate::page::{self, HiddenKind, Page};

/// How much of a body is looked at to tell what it is, in bytes.
const SNIFF_BYTES: usize = 512;

/// An answer as it is kept.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) seen: SeenPage,
    pub(super) gaps: Vec<Gap>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Reads a reply of the site.
    pub(super) fn of(reply: Reply, role: Role, plan: &Plan) -> Self {
        let seen = SeenPage {
            url: reply.url.to_string(),
            final_url: reply.final_url.to_string(),
            role,
            hops: reply.hops,
            status: reply.status,
            headers: reply.headers,
            address: reply.address,
            tls: reply.tls,
            body_sha256: digest::sha256(&reply.body),
            body_bytes: u64::try_from(reply.body.len()).unwrap_or(u64::MAX),
            truncated: reply.cut.is_some(),
            encoding: None,
            fetched_at: reply.at,
            page: None,
            picture: None,
        };
        let mut answer = Self {
            seen,
            gaps: Vec::new(),
            body: reply.body,
        };
        if let Some(why) = reply.cut {
            answer.gap(GapReason::Truncated, why);
        }
        answer.read(&reply.final_url, plan);
        answer
    }

    fn read(&mut self, base: &url::Url, plan: &Plan) {
        let content_type = self.header("content-type").map(str::to_owned);
        if !is_page(&self.body, content_type.as_deref()) {
            if let Some(gap) = status_gap(self.seen.status) {
                self.gap(gap, format!("status {}", self.seen.status));
            } else if matches!(self.seen.role, Role::Home | Role::Saved) {
                self.gap(
                    GapReason::Unparsable,
                    content_type.unwrap_or_else(|| "no page".to_owned()),
                );
            }
            return;
        }
        let decoded = page::decode(&self.body, content_type.as_deref());
        let page = page::read(&decoded.text, base);
        self.seen.encoding = Some(decoded.encoding.to_owned());
        let parts = Parts {
            status: self.seen.status,
            headers: &self.seen.headers,
            page: &page,
            raw: &decoded.text,
        };
        if let Some((reason, mark)) = plan.gates.find(parts) {
            return self.gap(reason, mark);
        }
        if let Some(gap) = status_gap(self.seen.status) {
            return self.gap(gap, format!("status {}", self.seen.status));
        }
        if is_shell(&page, plan) {
            self.gap(
                GapReason::EmptyJsApp,
                format!("{} visible characters", page.visible_chars()),
            );
        }
        self.seen.page = Some(page);
    }

    fn gap(&mut self, reason: GapReason, detail: String) {
        self.gaps.push(Gap::new(reason, detail, self.seen.url.clone()));
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .seen
            .headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The gap of a status that is no page; nothing for 2xx.
fn status_gap(status: u16) -> Option<GapReason> {
    match status {
        200..=299 => None,
        429 => Some(GapReason::RateLimited),
        400..=499 => Some(GapReason::Http4xx),
        500..=599 => Some(GapReason::Http5xx),
        _ => Some(GapReason::Unparsable),
    }
}

/// Scripts and (nearly) nothing to see: an application that draws itself in a browser.
fn is_shell(page: &Page, plan: &Plan) -> bool {
    let scripts = page.hidden.iter().any(|hidden| hidden.kind == HiddenKind::Script)
        || page.resources.iter().any(|address| is_script(address));
    scripts && page.frames.is_empty() && page.visible_chars() < plan.bare_chars()
}

fn is_script(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| matches!(extension, "js" | "mjs"))
}

/// Whether a body is to be read as a page: by its type, unless the bytes say otherwise.
fn is_page(body: &[u8], content_type: Option<&str>) -> bool {
    let kind = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let head = body.get(..SNIFF_BYTES).unwrap_or(body);
    if is_binary(head) {
        return false;
    }
    match kind.as_str() {
        "text/html" | "application/xhtml+xml" | "text/plain" => true,
        "" | "application/octet-stream" | "unknown/unknown" => looks_like_text(head),
        // Mislabelled pages begin with a tag all the same.
        "application/xml" | "text/xml" => {
            let lower = head.to_ascii_lowercase();
            lower.windows(5).any(|five| five == b"<html")
        }
        _ => false,
    }
}

/// First bytes of pictures, archives, programs and documents.
fn is_binary(head: &[u8]) -> bool {
    let marks: [&[u8]; 11] = [
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"RIFF",
        b"BM",
        b"%PDF",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"\x7fELF",
        b"MZ\x90",
        b"\0\0\x01\0",
    ];
    // `BM` alone begins words too; a bitmap has zero bytes soon after.
    marks
        .iter()
        .any(|mark| head.starts_with(mark) && (mark.len() > 2 || *mark == b"\x1f\x8b" || head.contains(&0)))
}

/// Text without a type: no control bytes, or the zero bytes of UTF-16 tags.
fn looks_like_text(head: &[u8]) -> bool {
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    let controls = head
        .iter()
        .filter(|byte| **byte < 9 || (14..=31).contains(*byte))
        .count();
    first.is_some_and(|byte| !matches!(byte, b'{' | b'[')) && (controls == 0 || head.contains(&b'<'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFiles;

    fn check(status: u16, content_type: Option<&str>, body: &[u8], read: bool, gaps: &[(GapReason, &str)]) {
        let plan = Plan::load(&DataFiles::built_in()).unwrap();
        let url = url::Url::parse("https://shop.example.cn/").unwrap();
        let headers = content_type
            .map(|kind| ("content-type".to_owned(), kind.to_owned()))
            .into_iter()
            .collect();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let reply = Reply {
            url: url.clone(),
            final_url: url,
            hops: vec![],
            status,
            headers,
            address: None,
            tls: None,
            body: body.to_vec(),
            cut: None,
            at,
        };
        let answer = Answer::of(reply, Role::Home, &plan);
        let shown = String::from_utf8_lossy(body);
        assert_eq!(answer.seen.page.is_some(), read, "{content_type:?} {shown}");
        let found: Vec<_> = answer
            .gaps
            .iter()
            .map(|gap| (gap.reason, gap.detail.as_str()))
            .collect();
        assert_eq!(found, gaps, "{content_type:?} {shown}");
    }

    #[test]
    fn pages_are_read_and_all_else_is_kept_with_its_reason() {
        use GapReason::{Challenge, EmptyJsApp, Http4xx, Http5xx, RateLimited, Unparsable};
        let text = "<p>星河点卡出售各类游戏点卡</p>".repeat(5);
        check(200, Some("text/html"), text.as_bytes(), true, &[]);
        check(200, None, text.as_bytes(), true, &[]);
        check(200, Some("Text/Plain"), text.as_bytes(), true, &[]);
        check(
            404,
            Some("text/html"),
            text.as_bytes(),
            false,
            &[(Http4xx, "status 404")],
        );
        check(503, None, b"", false, &[(Http5xx, "status 503")]);
        check(
            429,
            Some("text/html"),
            b"slow",
            false,
            &[(RateLimited, "status 429")],
        );
        check(
            200,
            Some("image/png"),
            text.as_bytes(),
            false,
            &[(Unparsable, "image/png")],
        );
        check(
            200,
            Some("text/html"),
            b"\x89PNG\r\n",
            false,
            &[(Unparsable, "text/html")],
        );
        check(
            200,
            Some("application/json"),
            b"{}",
            false,
            &[(Unparsable, "application/json")],
        );
        check(200, None, b"{\"code\":0}", false, &[(Unparsable, "no page")]);
        check(
            503,
            Some("text/html"),
            b"<title>Just a moment...</title>",
            false,
            &[(Challenge, "title Just a moment...")],
        );
        let shell = b"<div id=app></div><script src=/app.js></script>";
        check(
            200,
            Some("text/html"),
            shell,
            true,
            &[(EmptyJsApp, "0 visible characters")],
        );
    }
}
