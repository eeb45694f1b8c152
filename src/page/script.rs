//! JSON inside scripts: whole JSON scripts, and objects or arrays assigned to names or handed to `setVar("name", …)`.
//!
//! No script is run or understood: where a value is strict JSON it is read, otherwise it is left alone.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::InlineJson;

/// Most values kept from a page.
const MAX_VALUES: usize = 64;
/// Longest value that is read, in bytes of its text.
const MAX_BYTES: usize = 512 * 1024;
/// Bytes of JSON text kept from a page in all.
const MAX_TOTAL: usize = 1024 * 1024;
/// Most places in a page where reading is tried: most assignments in scripts are not JSON.
const MAX_TRIES: usize = 400;
/// Deepest value that is kept. A stored record must read back, and readers of JSON stop at 128 levels in all.
const MAX_DEPTH: usize = 48;

/// How far before a bracket its name is looked for, in bytes.
const NAME_BYTES: usize = 256;

/// `name = ` · `a.b["name"] = ` · `setVar("name", `, up to a bracket.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?:\bsetVar\(\s*["'](?<set>[^"'\s]{1,64})["']\s*,|(?<name>[A-Za-z_$][\w$]{0,63})(?:["']\])?\s*=)\s*$"#,
    )
    .expect("a constant pattern")
});

/// JSON gathered from a page.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) values: Vec<InlineJson>,
    bytes: usize,
    tries: usize,
    /// Whether a limit was met.
    pub(super) cut: bool,
}

impl Found {
    /// A script whose type says that it is JSON.
    pub(super) fn whole(&mut self, name: &str, text: &str) {
        let text = text.trim();
        if self.try_again()
            && text.len() <= MAX_BYTES
            && let Ok(value) = serde_json::from_str(text)
        {
            self.keep(name, value, text.len());
        }
    }

    /// A script in a programming language.
    pub(super) fn assigned(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut from = 0;
        while let Some(at) = bytes
            .get(from..)
            .and_then(|rest| memchr::memchr2(b'{', b'[', rest))
        {
            let start = from + at;
            from = start + 1;
            let Some(name) = name_before(text, start) else {
                continue;
            };
            if !self.try_again() {
                return;
            }
            let used = text.get(start..).and_then(|rest| self.value(name, rest));
            from = start + used.unwrap_or(1);
        }
    }

    /// Reads the value that begins here; gives its length in bytes.
    fn value(&mut self, name: &str, rest: &str) -> Option<usize> {
        let within = rest.get(..rest.floor_char_boundary(MAX_BYTES)).unwrap_or(rest);
        let mut stream = serde_json::Deserializer::from_str(within).into_iter::<Value>();
        let value = stream.next()?.ok()?;
        let used = stream.byte_offset();
        let empty = value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            self.keep(name, value, used);
        }
        Some(used)
    }

    fn keep(&mut self, name: &str, value: Value, bytes: usize) {
        let fits = self.values.len() < MAX_VALUES
            && self.bytes + bytes <= MAX_TOTAL
            && depth_within(&value, MAX_DEPTH);
        if !fits {
            self.cut = true;
            return;
        }
        self.bytes += bytes;
        self.values.push(InlineJson {
            name: name.to_owned(),
            value,
        });
    }

    fn try_again(&mut self) -> bool {
        self.tries += 1;
        self.cut |= self.tries > MAX_TRIES;
        self.tries <= MAX_TRIES
    }
}

/// The name that a value beginning here is assigned to.
fn name_before(text: &str, bracket: usize) -> Option<&str> {
    let before = text.get(..bracket)?;
    // Most brackets of scripts open blocks; these two signs are looked for before anything dear is done.
    if !before.trim_end().ends_with(['=', ',']) {
        return None;
    }
    let near = before.get(before.ceil_char_boundary(bracket.saturating_sub(NAME_BYTES))..)?;
    let found = ASSIGNED.captures(near)?;
    found
        .name("set")
        .or_else(|| found.name("name"))
        .map(|name| name.as_str())
}

/// Whether a value nests at most this deep. Recursion is bounded by the limit itself.
fn depth_within(value: &Value, limit: usize) -> bool {
    match value {
        Value::Array(list) => limit > 0 && list.iter().all(|value| depth_within(value, limit - 1)),
        Value::Object(map) => limit > 0 && map.values().all(|value| depth_within(value, limit - 1)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let mut found = Found::default();
        found.assigned(text);
        found
            .values
            .iter()
            .map(|json| format!("{}={}", json.name, json.value))
            .collect()
    }

    #[test]
    fn strict_json_is_read_and_anything_else_is_left() {
        for (text, expected) in [
            (
                r#"var config = {"shop":{"qq":"1"}};"#,
                vec![r#"config={"shop":{"qq":"1"}}"#],
            ),
            (
                r#"setVar("_var_item",{"price":15.8})"#,
                vec![r#"_var_item={"price":15.8}"#],
            ),
            (
                r#"goodsMsg = [{"gd_name":"\u70b9"}]"#,
                vec![r#"goodsMsg=[{"gd_name":"点"}]"#],
            ),
            (
                r#"window.__X__={"a":1};window["y"] = [2]"#,
                vec![r#"__X__={"a":1}"#, "y=[2]"],
            ),
            (r#"a={b:{"c":1}}; d={'e':1}; if (x == [1]) {}"#, vec![]),
            (r"a = {}; b = []; c = [1", vec![]),
            (r#"a={"b=[1]":2}"#, vec![r#"a={"b=[1]":2}"#]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        assert!(names(&format!("a={}", "[".repeat(100_000))).is_empty());
        assert!(names(&format!("a={}1{}", "[".repeat(60), "]".repeat(60))).is_empty());
        assert_eq!(names(&"a=[1];".repeat(1000)).len(), MAX_VALUES);
    }

    proptest::proptest! {
        #[test]
        fn numbers_read_back_as_they_were_stored(digits in "-?[1-9][0-9]{0,25}(\\.[0-9]{1,25})?(e-?[0-9]{1,2})?") {
            let mut found = Found::default();
            found.assigned(&format!("a=[{digits}]"));
            let stored = serde_json::to_string(&found.values).unwrap();
            let back: Vec<InlineJson> = serde_json::from_str(&stored).unwrap();
            proptest::prop_assert_eq!(back, found.values);
        }
    }
}
