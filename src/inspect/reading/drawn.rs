//! Drawn: texts that a page's own script draws from JSON in the page: the shop's notices and its payment channels.
//!
//! Takes a page and the keys of `data/site.toml`; gives plain texts in the order of the JSON. Notices hold HTML and are
//! read as pages are. Goods in JSON are the business of `offer`; answers of other addresses are not read here.

use serde_json::Value;
use url::Url;

use super::marks::Drawn;
use crate::page::{Page, read};

/// How deep notices are looked for in JSON.
const MAX_DEPTH: usize = 6;
/// Most texts taken from a page.
const MAX_TEXTS: usize = 64;
/// What stands for the element of a notice, and of a list of channels.
const NOTICE: &str = "notice";
pub(super) const PAYMENT: &str = "payment";
/// Names that channels go by in their lists.
const NAMES: [&str; 2] = ["name", "title"];

/// The texts of a page at this address, each with the name that stands for its element.
pub(super) fn texts(page: &Page, url: &str, keys: &Drawn) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for json in page.json.iter().filter(|json| json.name != "ld+json") {
        walk(&json.value, keys, MAX_DEPTH, &mut found);
    }
    found.truncate(MAX_TEXTS);
    found
        .into_iter()
        .flat_map(|(text, tag)| {
            let lines = if text.contains('<') {
                plain(&text, url)
            } else {
                vec![text]
            };
            lines.into_iter().map(move |line| (line, tag))
        })
        .take(MAX_TEXTS)
        .collect()
}

fn walk(value: &Value, keys: &Drawn, depth: usize, found: &mut Vec<(String, &'static str)>) {
    if depth == 0 || found.len() >= MAX_TEXTS {
        return;
    }
    let is = |list: &[String], key: &str| list.iter().any(|known| known == key);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, keys, depth - 1, found)),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if is(&keys.notices, key) => found.push((text.clone(), NOTICE)),
                    Value::Array(items) if is(&keys.payments, key) => {
                        found.extend(names(items).map(|line| (line, PAYMENT)));
                    }
                    _ => walk(value, keys, depth - 1, found),
                }
            }
        }
        _ => {}
    }
}

/// The names in a list of payment channels as one line; none when it holds none.
fn names(items: &[Value]) -> Option<String> {
    let name = |item: &Value| {
        NAMES
            .iter()
            .find_map(|key| Some(item.get(key)?.as_str()?.to_owned()))
    };
    let names: Vec<String> = items.iter().filter_map(name).take(MAX_TEXTS).collect();
    (!names.is_empty()).then(|| names.join("、"))
}

/// The lines of a piece of HTML.
fn plain(html: &str, url: &str) -> Vec<String> {
    let Ok(base) = Url::parse(url) else {
        return Vec::new();
    };
    read(html, &base)
        .blocks
        .into_iter()
        .map(|block| block.text)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(html: &str) -> Vec<String> {
        let keys = Drawn {
            notices: vec!["ann".to_owned()],
            payments: vec!["pays".to_owned()],
        };
        let base = Url::parse("https://shop.example.com/").unwrap();
        let texts = texts(&read(html, &base), base.as_str(), &keys);
        texts.into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn notices_and_channels_are_read_from_json_without_their_markup() {
        for (script, expected) in [
            (
                r#"var config = {"shop":{"ann":"<p>售出概不<b>退</b>换</p><p>请核对</p>"},"pays":[{"id":1,"name":"支付宝"},{"name":"微信"}]};"#,
                vec!["支付宝、微信", "售出概不退换", "请核对"],
            ),
            (r#"var config = {"shop":{"ann":"概不退换"}};"#, vec!["概不退换"]),
            (
                r#"var config = {"shop":{"name":"星河"},"pays":[{"id":1}]};"#,
                vec![],
            ),
        ] {
            let html = format!("<p>星河数卡</p><script>{script}</script>");
            let mut got = drawn(&html);
            let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            got.sort();
            expected.sort();
            assert_eq!(got, expected, "{script}");
        }
    }
}
