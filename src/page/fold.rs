//! Folded text: white space and control characters to single blanks, trimmed, capped.
//!
//! Text comes in pieces and stays joined as it came. Zero-width and other odd characters stay: telling them apart is
//! the business of `text`.

/// Whether a character is shown as white space, or not at all because it is a control.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c < ' ' || c == '\u{7f}'
}

/// Where the first blank of a text stands; its length when it has none.
fn blank_at(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            0..=b' ' | 0x7f => return at,
            // First bytes of the characters beyond ASCII that may be blank.
            0xc2 | 0xe1..=0xe3
                if text
                    .get(at..)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(is_blank) =>
            {
                return at;
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Number of characters of a text outside white space.
pub(super) fn shown_chars(text: &str) -> usize {
    let blanks = text.bytes().filter(|byte| matches!(byte, b'\t'..=b'\r' | b' '));
    let shown = text.chars().count() - blanks.count();
    // White space beyond ASCII begins with one of these bytes.
    let odd = |byte: u8| matches!(byte, 0xc2 | 0xe1..=0xe3);
    if !text.bytes().any(odd) {
        return shown;
    }
    let places = text.bytes().enumerate().filter(|(_, byte)| odd(*byte));
    let wide = places.filter(|(at, _)| {
        let letter = text.get(*at..).and_then(|rest| rest.chars().next());
        letter.is_some_and(char::is_whitespace)
    });
    shown - wide.count()
}

/// Length of the character at the start of a text, where a blank stands; nothing at the end of the text.
fn wide_blank(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// Text being put together.
#[derive(Debug, Default)]
pub(super) struct Folded {
    text: String,
    gap: bool,
}

impl Folded {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Length in bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Adds a piece; characters that would take it over `cap` bytes are dropped and false is given back.
    pub(super) fn push(&mut self, piece: &str, cap: usize) -> bool {
        let mut rest = piece;
        while !rest.is_empty() {
            let (word, after) = rest.split_at_checked(blank_at(rest)).unwrap_or((rest, ""));
            if !word.is_empty() && !self.push_word(word, cap) {
                return false;
            }
            // Indentation is a run of plain blanks.
            let plain = after.bytes().position(|byte| !matches!(byte, 0..=b' ' | 0x7f));
            let blanks = plain.unwrap_or(after.len()).max(wide_blank(after));
            self.gap |= blanks > 0;
            rest = after.get(blanks..).unwrap_or_default();
        }
        true
    }

    fn push_word(&mut self, word: &str, cap: usize) -> bool {
        let fits = self.text.len() + 1 + word.len() < cap;
        if fits {
            self.push_gap();
            self.text.push_str(word);
            return true;
        }
        for c in word.chars() {
            if self.text.len() + c.len_utf8() >= cap {
                return false;
            }
            self.push_gap();
            self.text.push(c);
        }
        true
    }

    fn push_gap(&mut self) {
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = false;
    }

    /// The text so far, leaving nothing.
    pub(super) fn take(&mut self) -> String {
        self.gap = false;
        std::mem::take(&mut self.text)
    }
}

/// One text folded.
pub(super) fn folded(text: &str, cap: usize) -> String {
    let mut out = Folded::default();
    out.push(text, cap);
    out.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_controls_become_one_blank_and_odd_characters_stay() {
        for (text, expected) in [
            ("  a \t\n b\u{0}c\u{a0}\u{3000}d ", "a b c d"),
            ("a\u{200b}b", "a\u{200b}b"),
            (" \u{1} ", ""),
        ] {
            assert_eq!(folded(text, 100), expected);
        }
    }

    #[test]
    fn every_blank_is_seen_wherever_it_stands() {
        for c in (0..=0x3100).chain(0xfe00..0x1_0100).filter_map(char::from_u32) {
            let mut letters = [0; 4];
            let text = c.encode_utf8(&mut letters);
            assert_eq!(blank_at(text) == 0, is_blank(c), "{c:?}");
            assert_eq!(shown_chars(text) == 0, c.is_whitespace(), "{c:?}");
        }
    }

    #[test]
    fn pieces_join_unless_a_blank_stands_between() {
        let mut text = Folded::default();
        for piece in ["¥", "19", ".80", " ", "元"] {
            assert!(text.push(piece, 100));
        }
        assert_eq!(text.take(), "¥19.80 元");
        assert!(!text.push("abcdef", 4));
        assert_eq!(text.take(), "abc");
    }
}
