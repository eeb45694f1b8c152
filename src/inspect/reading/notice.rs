//! Notice: what a page shows in a box drawn by script, where the text is a plain string of the script
//! (`var tipsMsg = "客服QQ …"`).
//!
//! Takes a page; gives the lines of such strings, tags taken out. Only strings assigned to a name that says
//! notice are read; messages of errors and templates are not, and no script is run.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use crate::page::{HiddenKind, Page};
use crate::text::is_han;

/// Most strings that are read of a page.
const MAX_NOTICES: usize = 8;
/// Longest string that is read, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Fewest Chinese letters of a line: less is a switch or a class.
const LEAST_LETTERS: usize = 2;

/// What names of such strings hold.
static NAMES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let names = ["tips", "notice", "gonggao", "announce", "anounce"];
    let builder = AhoCorasick::builder().ascii_case_insensitive(true).build(names);
    builder.expect("constant words")
});
/// What follows such a name: ` = "string"`, the quotation marks as in JSON.
static ASSIGNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^(?-u:\s*=\s*)("(?:[^"\\\n]|\\.)*")"#).expect("a constant pattern"));
/// A tag inside such a string; what stands on either side of it are two lines.
static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<[^<>]+>|\n").expect("a constant pattern"));

/// The lines of all notices in scripts of a page.
pub(super) fn lines_of(page: &Page) -> Vec<String> {
    let scripts = page
        .hidden
        .iter()
        .filter(|hidden| hidden.kind == HiddenKind::Script);
    let strings = scripts
        .flat_map(|script| assigned(&script.text))
        .filter(|string| string.len() <= MAX_BYTES)
        .filter_map(|string| serde_json::from_str::<String>(string).ok());
    let mut lines = Vec::new();
    for text in strings.take(MAX_NOTICES) {
        let pieces = TAG.split(&text).map(str::trim);
        let worded = pieces.filter(|piece| piece.chars().filter(|c| is_han(*c)).count() >= LEAST_LETTERS);
        lines.extend(worded.map(str::to_owned));
    }
    lines
}

/// The strings assigned to names of notices in a script, with their quotation marks. Names inside them are not looked at.
fn assigned(script: &str) -> impl Iterator<Item = &str> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let mut read = 0;
    NAMES.find_iter(script).filter_map(move |part| {
        let rest = script.get(part.end()..).filter(|_| part.start() >= read)?;
        // One look for each name, however often it says so.
        let end = rest.bytes().position(|byte| !in_name(byte)).unwrap_or(rest.len());
        read = part.end() + end;
        let string = ASSIGNED.captures(rest.get(end..)?)?.get(1)?;
        read += string.end();
        Some(string.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Hidden;

    #[test]
    fn strings_of_notices_are_lines_and_other_strings_are_none() {
        for (script, expected) in [
            (
                r#"var tipsMsg = "\u5ba2\u670dQQ 4601177320<br>\u5de5\u4f5c\u65f6\u95f4 10:00-22:00";"#,
                vec!["客服QQ 4601177320", "工作时间 10:00-22:00"],
            ),
            (
                r#"window.gonggao="<p class=\"a\">每日九点补货</p>""#,
                vec!["每日九点补货"],
            ),
            (r#"var notice = "on"; var tips = "";"#, vec![]),
            (r#"layer.msg("库存不足"); msg = "订单已过期""#, vec![]),
            (r#"var tips = "没有结束"#, vec![]),
            (r#"noticeText = "a\q 公告公告""#, vec![]),
            (
                r#"tipsTipsNOTICE_1 = "公告 tips = 一";if(tips=="公告公告"){}notice="公告二""#,
                vec!["公告 tips = 一", "公告二"],
            ),
        ] {
            let mut page = Page::default();
            page.hidden.push(Hidden {
                kind: HiddenKind::Script,
                text: script.into(),
            });
            assert_eq!(lines_of(&page), expected, "{script}");
        }
    }
}
