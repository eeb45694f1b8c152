//! Folded text: white space and control characters to single blanks, trimmed, capped.
//!
//! Text comes in pieces and stays joined as it came. Zero-width and other odd characters stay: telling them apart is
//! the business of `text`.

/// Whether a character is shown as white space, or not at all because it is a control.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c < ' ' || c == '\u{7f}'
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
        for c in piece.chars() {
            if is_blank(c) {
                self.gap = true;
                continue;
            }
            if self.text.len() + c.len_utf8() >= cap {
                return false;
            }
            if self.gap && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.gap = false;
            self.text.push(c);
        }
        true
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
