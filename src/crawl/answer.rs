//! One answer of the site → what is kept of it: a page to read, or the reason why it is none.
//!
//! Gates, errors, shells, data, pictures and files that are none of these are told apart here, for one answer alone;
//! soft 404s of pages and repeats need the others and are told apart by the crawl.

use super::gates::Parts;
use super::plan::Plan;
use crate::digest;
use crate::evidence::{Gap, GapReason, Role, SeenPage};
use crate::net::Reply;
use crate::page::{self, HiddenKind, InlineJson, Page};

/// How much of a body is looked at to tell what it is, in bytes.
const SNIFF_BYTES: usize = 512;

/// Longest data that are kept, in bytes: they are part of the stored record.
const DATA_BYTES: usize = 512 * 1024;
/// Deepest data that are kept. A stored record must read back, and readers of JSON stop at 128 levels in all.
const DATA_DEPTH: usize = 48;

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
        match role {
            Role::Data => answer.read_data(&reply.final_url, plan),
            Role::Picture => answer.read_picture(),
            _ => answer.read(&reply.final_url, plan),
        }
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
        if is_json(&decoded.text) {
            // Shop programs answer so, with a friendly status, when there is no such item.
            let reason = match self.seen.role {
                Role::Home | Role::Saved => GapReason::Unparsable,
                _ => GapReason::Soft404,
            };
            return match status_gap(self.seen.status) {
                Some(gap) => self.gap(gap, format!("status {}", self.seen.status)),
                None => self.gap(reason, "data where a page should be".to_owned()),
            };
        }
        let page = page::read_as(&decoded.text, base, decoded.encoding);
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

    /// Reads JSON, whatever the type says; a page in its place is the site's "not found".
    fn read_data(&mut self, base: &url::Url, plan: &Plan) {
        if let Some(gap) = status_gap(self.seen.status) {
            return self.gap(gap, format!("status {}", self.seen.status));
        }
        if self.seen.truncated {
            return;
        }
        if self.body.len() > DATA_BYTES {
            return self.gap(GapReason::TooLarge, format!("data over {DATA_BYTES} bytes"));
        }
        let content_type = self.header("content-type").map(str::to_owned);
        let decoded = page::decode(&self.body, content_type.as_deref());
        let parsed = serde_json::from_str::<serde_json::Value>(&decoded.text);
        if let Ok(value) = parsed
            && is_shallow(&value, DATA_DEPTH)
        {
            let name = "answer".to_owned();
            self.seen.page = Some(Page {
                json: vec![InlineJson { name, value }],
                ..Page::default()
            });
            return;
        }
        let page = page::read(&decoded.text, base);
        let parts = Parts {
            status: self.seen.status,
            headers: &self.seen.headers,
            page: &page,
            raw: &decoded.text,
        };
        if let Some((reason, mark)) = plan.gates.find(parts) {
            return self.gap(reason, mark);
        }
        if decoded.text.trim_start().starts_with('<') {
            return self.gap(GapReason::Soft404, "a page where data should be".to_owned());
        }
        self.gap(GapReason::Unparsable, "no data that can be read".to_owned());
    }

    /// Reads a picture that was asked for.
    fn read_picture(&mut self) {
        if let Some(gap) = status_gap(self.seen.status) {
            return self.gap(gap, format!("status {}", self.seen.status));
        }
        if self.seen.truncated {
            return;
        }
        self.seen.picture = crate::picture::read(&self.body);
        if self.seen.picture.is_some() {
            return;
        }
        let head = self.body.trim_ascii_start();
        if head.starts_with(b"<") {
            return self.gap(GapReason::Soft404, "a page where a picture should be".to_owned());
        }
        self.gap(GapReason::Unparsable, "no picture that can be read".to_owned());
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

/// Whether a text is a JSON object or list, whatever its type says.
fn is_json(text: &str) -> bool {
    let open = text.trim_start().starts_with(['{', '[']);
    open && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether a value nests at most this deep. Recursion is bounded by the limit itself.
fn is_shallow(value: &serde_json::Value, limit: usize) -> bool {
    use serde_json::Value::{Array, Object};
    match value {
        Array(list) => limit > 0 && list.iter().all(|value| is_shallow(value, limit - 1)),
        Object(map) => limit > 0 && map.values().all(|value| is_shallow(value, limit - 1)),
        _ => true,
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
        let answer = answer(Role::Home, status, content_type, body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!(answer.seen.page.is_some(), read, "{content_type:?} {shown}");
        let found: Vec<_> = answer
            .gaps
            .iter()
            .map(|gap| (gap.reason, gap.detail.as_str()))
            .collect();
        assert_eq!(found, gaps, "{content_type:?} {shown}");
    }

    fn answer(role: Role, status: u16, content_type: Option<&str>, body: &[u8]) -> Answer {
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
        Answer::of(reply, role, &plan)
    }

    #[test]
    fn data_are_read_whatever_their_type_says_and_pages_in_their_place_are_none() {
        use GapReason::{Challenge, Http4xx, Soft404, TooLarge, Unparsable};
        let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        let endless = "[".repeat(200_000);
        let large = format!("[\"{}\"]", "x".repeat(DATA_BYTES));
        for (status, kind, body, expected) in [
            (200, Some("application/json"), "{\"code\":0,\"data\":[]}", None),
            (200, Some("text/html"), "\u{feff} [1, 15.8]", None),
            (200, None, "null", None),
            (
                200,
                Some("application/json"),
                "<!doctype html><div id=app></div>",
                Some(Soft404),
            ),
            (
                200,
                Some("text/html"),
                "Click to continue!2026-11-22",
                Some(Challenge),
            ),
            (200, Some("application/json"), "{\"code\":", Some(Unparsable)),
            (200, Some("application/json"), "", Some(Unparsable)),
            (200, Some("application/json"), deep.as_str(), Some(Unparsable)),
            (200, Some("application/json"), endless.as_str(), Some(Unparsable)),
            (200, Some("application/json"), large.as_str(), Some(TooLarge)),
            (404, Some("application/json"), "{}", Some(Http4xx)),
        ] {
            let answer = answer(Role::Data, status, kind, body.as_bytes());
            let reasons: Vec<_> = answer.gaps.iter().map(|gap| gap.reason).collect();
            let shown: String = body.chars().take(40).collect();
            assert_eq!(reasons, expected.into_iter().collect::<Vec<_>>(), "{shown}");
            let page = answer.seen.page.as_ref();
            assert_eq!(page.is_some(), expected.is_none(), "{shown}");
            assert!(page.is_none_or(|page| page.blocks.is_empty() && page.json[0].name == "answer"));
        }
    }

    #[test]
    fn a_picture_is_told_from_a_page_in_its_place() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (status, body, expected) in [
            (200, b"<html>".as_slice(), GapReason::Soft404),
            (200, b"", GapReason::Unparsable),
            (403, png, GapReason::Http4xx),
        ] {
            let answer = answer(Role::Picture, status, Some("image/png"), body);
            assert_eq!(answer.gaps[0].reason, expected);
            assert!(answer.seen.picture.is_none() && answer.seen.page.is_none());
        }
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
        let missing = br#" {"code":0,"msg":"x"}"#;
        check(
            200,
            Some("text/html"),
            missing,
            false,
            &[(Unparsable, "data where a page should be")],
        );
        check(200, Some("text/html"), br"{gone} <p>x", true, &[]);
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
