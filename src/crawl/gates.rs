//! Gate, challenge, closed and parked pages, known by the marks in `gates.toml`.
//!
//! A gate is no sign of anything but that the site was not seen. Each mark is bound to its part of the answer, so
//! that a page quoting it does not match; the loader refuses marks that are not.

use serde::Deserialize;

use crate::data::{DataError, DataFiles};
use crate::evidence::GapReason;
use crate::page::Page;

const FILE: &str = "gates.toml";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    reason: GapReason,
    #[serde(default)]
    status: Vec<u16>,
    header: Option<String>,
    header_has: Option<String>,
    #[serde(default)]
    titles: Vec<String>,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    raw: Vec<String>,
    max_chars: Option<usize>,
    max_links: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    gate: Vec<Gate>,
}

/// The gates that are known.
#[derive(Debug, Clone)]
pub(super) struct Gates(Vec<Gate>);

/// The parts of an answer that marks are bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a [(String, String)],
    pub(super) page: &'a Page,
    /// The body as text, tags and scripts included.
    pub(super) raw: &'a str,
}

impl Gates {
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: File = data.read(FILE)?;
        for (at, gate) in file.gate.iter().enumerate() {
            if let Some(problem) = gate.problem() {
                return Err(DataFiles::bad(FILE, format!("gate {}: {problem}", at + 1)));
            }
        }
        Ok(Self(file.gate))
    }

    /// The gate that an answer is, with the mark that gave it away.
    pub(super) fn find(&self, parts: Parts<'_>) -> Option<(GapReason, String)> {
        let chars = parts.page.visible_chars();
        let text = parts.page.text();
        self.0
            .iter()
            .find_map(|gate| Some((gate.reason, gate.mark(parts, chars, &text)?)))
    }
}

impl Gate {
    fn problem(&self) -> Option<&'static str> {
        let reasons = [GapReason::Challenge, GapReason::NotInstalled, GapReason::Parked];
        if !reasons.contains(&self.reason) {
            return Some("`reason` must be challenge, not_installed or parked");
        }
        if self.titles.is_empty() && self.texts.is_empty() && self.raw.is_empty() && self.header.is_none() {
            return Some("it has no mark: titles, texts, raw or header");
        }
        if self.header_has.is_some() && self.header.is_none() {
            return Some("`header_has` needs `header`");
        }
        if !self.texts.is_empty() && self.max_chars.is_none() {
            return Some("`texts` need `max_chars`, or any article quoting them would match");
        }
        if !self.raw.is_empty() && self.max_chars.is_none() && self.header.is_none() {
            return Some("`raw` needs `max_chars` or `header`");
        }
        None
    }

    /// The mark, when every part holds: the first found of title, text, raw, header.
    fn mark(&self, parts: Parts<'_>, chars: usize, text: &str) -> Option<String> {
        if self.max_chars.is_some_and(|most| chars > most) {
            return None;
        }
        if self.max_links.is_some_and(|most| parts.page.links.len() > most) {
            return None;
        }
        if !self.status.is_empty() && !self.status.contains(&parts.status) {
            return None;
        }
        let mut marks = Vec::new();
        if let Some(name) = &self.header {
            let wanted = self.header_has.as_deref().unwrap_or_default();
            parts
                .headers
                .iter()
                .find(|(header, value)| header.eq_ignore_ascii_case(name) && value.contains(wanted))?;
            marks.push(format!("header {name}"));
        }
        for (part, list, found) in [
            (
                "raw",
                &self.raw,
                self.raw.iter().find(|word| parts.raw.contains(word.as_str())),
            ),
            (
                "text",
                &self.texts,
                self.texts.iter().find(|word| text.contains(word.as_str())),
            ),
            (
                "title",
                &self.titles,
                self.titles.iter().find(|title| same(title, &parts.page.title)),
            ),
        ] {
            if !list.is_empty() {
                marks.push(format!("{part} {}", found?));
            }
        }
        marks.pop()
    }
}

/// Equal but for case and white space around.
fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, headers: &[(&str, &str)], body: &str, expected: Option<(GapReason, &str)>) {
        let gates = Gates::load(&DataFiles::built_in()).unwrap();
        let headers: Vec<_> = headers
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        let page = crate::page::read(body, &url::Url::parse("https://shop.example.cn/").unwrap());
        let found = gates.find(Parts {
            status,
            headers: &headers,
            page: &page,
            raw: body,
        });
        let found = found.as_ref().map(|(reason, mark)| (*reason, mark.as_str()));
        assert_eq!(found, expected, "{body}");
    }

    #[test]
    fn gates_of_shop_programs_and_protection_services_are_known() {
        use GapReason::{Challenge, NotInstalled, Parked};
        for (status, headers, body, expected) in [
            (
                200,
                vec![],
                "Click to continue!2026-11-22",
                (Challenge, "text Click to continue!"),
            ),
            (200, vec![], "欢迎使用！", (Challenge, "text 欢迎使用！")),
            (
                200,
                vec![],
                "您当前浏览器不支持或操作系统语言设置非中文，无法访问本站",
                (Challenge, "text 您当前浏览器不支持或操作系统语言设置非中文"),
            ),
            (
                200,
                vec![],
                "<title>正在加载中</title><script>x</script>",
                (Challenge, "title 正在加载中"),
            ),
            (
                521,
                vec![("X-Via-JSL", "ab")],
                "<script>1</script>",
                (Challenge, "header x-via-jsl"),
            ),
            (
                403,
                vec![("cf-mitigated", "challenge")],
                "<p>x",
                (Challenge, "header cf-mitigated"),
            ),
            (
                503,
                vec![],
                "<title>Just a moment...</title>",
                (Challenge, "title Just a moment..."),
            ),
            (
                200,
                vec![],
                "<noscript>x</noscript><p>请开启JavaScript并刷新",
                (Challenge, "text 请开启JavaScript"),
            ),
            (200, vec![], "<p>请拖动滑块完成拼图", (Challenge, "text 拖动滑块")),
            (
                200,
                vec![],
                "<title>正在进行伪静态探测..</title>",
                (NotInstalled, "title 正在进行伪静态探测.."),
            ),
            (
                200,
                vec![],
                "你还没安装！<a href=/install>点此安装</a>",
                (NotInstalled, "text 你还没安装"),
            ),
            (
                200,
                vec![],
                "<title>店铺已被冻结</title>",
                (NotInstalled, "title 店铺已被冻结"),
            ),
            (
                200,
                vec![],
                "<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>",
                (NotInstalled, "title Welcome to nginx!"),
            ),
            (
                200,
                vec![],
                "<p>您正在访问的域名可以转让",
                (Parked, "text 您正在访问的域名可以转让"),
            ),
        ] {
            check(status, &headers, body, Some(expected));
        }
    }

    #[test]
    fn a_page_that_quotes_the_marks_is_no_gate() {
        let long = "这是一篇介绍常见拦截页面的文章。".repeat(60);
        let quotes =
            "Click to continue! 请开启JavaScript 店铺已被冻结 拖动滑块 域名转让 sedoparking.com sec_defend";
        check(
            200,
            &[],
            &format!("<title>如何看待“正在加载中”</title><p>{long}{quotes}"),
            None,
        );
        check(
            200,
            &[],
            "<title>星河点卡</title><p>欢迎使用！本店出售游戏点卡",
            None,
        );
        check(521, &[], "<title>星河点卡</title><p>服务器错误", None);
        let links = "<a href=/buy>购买</a>".repeat(5);
        check(200, &[], &format!("<p>公告：客服系统维护中{links}"), None);
    }

    #[test]
    fn loose_marks_are_refused() {
        for text in [
            "[[gate]]\nreason = 'challenge'\ntexts = ['x']",
            "[[gate]]\nreason = 'challenge'\nraw = ['x']",
            "[[gate]]\nreason = 'challenge'\nstatus = [521]",
            "[[gate]]\nreason = 'timeout'\ntitles = ['x']",
            "[[gate]]\nreason = 'challenge'\nheader_has = 'x'\ntitles = ['x']",
            "[[gate]]\nreason = 'challenge'\ntitle = ['x']",
        ] {
            let refused = Gates::load(&DataFiles::built_in().with(FILE, text));
            assert!(matches!(refused, Err(DataError::Bad { .. })), "{text}");
        }
    }
}
