//! Making text of strangers harmless for a terminal.
//!
//! Control characters (C0, DEL, C1), bidirectional controls, zero-width and other invisible format characters
//! are shown as `\u{…}`; line feeds and tabs become blanks, so that a site cannot forge lines of a report. JSON is
//! printed to terminals too: there the same characters are written as JSON escapes, which mean the same to a reader.

use std::fmt::Write as _;

/// Whether a character could move the cursor, reorder or hide text.
fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text, harmless on one line of a terminal.
pub fn terminal(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => safe.push(' '),
            c if is_dangerous(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    safe
}

/// JSON whose texts are harmless on a terminal, and which reads back the same. JSON writers escape only what JSON
/// needs (C0); the rest of what is dangerous stands inside texts alone, so it can be escaped wherever it is met.
pub fn json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c < ' ' || !is_dangerous(c) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(safe, "\\u{unit:04x}").expect("a String takes everything");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_move_the_cursor_or_hide_text_is_spelt_out() {
        assert_eq!(terminal("\u{1b}[31m红"), "\\u{1b}[31m红");
        assert_eq!(
            terminal("a\u{202e}b\u{200b}c\u{9b}2J"),
            "a\\u{202e}b\\u{200b}c\\u{9b}2J"
        );
        assert_eq!(terminal("第一行\r\n第二行"), "第一行  第二行");
        assert_eq!(terminal("京ICP备10046444号"), "京ICP备10046444号");
    }

    #[test]
    fn json_is_spelt_out_in_its_own_way() {
        let line = serde_json::json!({ "a\u{9b}": "红\u{202e}\u{e0041}\u{7f}\u{1b}\\" }).to_string();
        assert_eq!(json(&line), r#"{"a\u009b":"红\u202e\udb40\udc41\u007f\u001b\\"}"#);
    }

    proptest::proptest! {
        #[test]
        fn json_stays_what_it_was_and_nothing_dangerous_is_left(text in proptest::prelude::any::<String>()) {
            let value = serde_json::Value::String(text);
            let safe = json(&value.to_string());
            proptest::prop_assert!(!safe.chars().any(is_dangerous));
            proptest::prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        }

        #[test]
        fn nothing_dangerous_is_left(text in proptest::prelude::any::<String>()) {
            proptest::prop_assert!(!terminal(&text).chars().any(is_dangerous));
        }
    }
}
