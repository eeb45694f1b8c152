//! Character references (`&nbsp;`, `&#20140;`, `&copy`) → the characters they stand for.
//!
//! Takes the text behind an ampersand; follows the HTML standard (13.2.5.72–80), names without a semicolon and the code
//! points of old Windows pages included. The table of names is html5ever's.

use std::borrow::Cow;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Longest name in the table, in bytes.
const LONGEST: usize = 32;

/// What a reference stands for, and how many bytes behind the ampersand it takes. Nothing where the ampersand is just one.
/// In attributes a name without a semicolon is none when more letters or `=` follow: addresses are full of `&copy=1`.
pub(super) fn reference(rest: &str, in_attribute: bool) -> Option<(char, Option<char>, usize)> {
    match rest.as_bytes().first()? {
        b'#' => numeric(rest),
        byte if byte.is_ascii_alphanumeric() => named(rest, in_attribute),
        _ => None,
    }
}

fn numeric(rest: &str) -> Option<(char, Option<char>, usize)> {
    let digits = rest.get(1..)?;
    let (digits, base, before) = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16, 2),
        None => (digits, 10, 1),
    };
    let mut value: u32 = 0;
    let mut count = 0;
    for digit in digits.chars().map_while(|c| c.to_digit(base)) {
        // Beyond the last character any more digits change nothing.
        value = (value * base + digit).min(0x0011_0000);
        count += 1;
    }
    if count == 0 {
        return None;
    }
    let ended = digits.as_bytes().get(count) == Some(&b';');
    Some((character(value), None, before + count + usize::from(ended)))
}

fn character(value: u32) -> char {
    let old = value
        .checked_sub(0x80)
        .and_then(|at| C1_REPLACEMENTS.get(usize::try_from(at).ok()?).copied().flatten());
    old.or_else(|| char::from_u32(value).filter(|c| *c != '\0'))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn named(rest: &str, in_attribute: bool) -> Option<(char, Option<char>, usize)> {
    let mut best = None;
    let ends = rest
        .bytes()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b';');
    for (at, byte) in ends.enumerate() {
        // The table holds every beginning of a name too, with nothing to stand for.
        let Some((first, second)) = rest.get(..=at).and_then(|name| NAMED_ENTITIES.get(name)) else {
            break;
        };
        if let Some(first) = char::from_u32(*first).filter(|c| *c != '\0') {
            best = Some((first, char::from_u32(*second).filter(|c| *c != '\0'), at + 1));
        }
        if byte == b';' {
            break;
        }
    }
    let (first, second, used) = best?;
    let bytes = rest.as_bytes();
    let ended = bytes.get(used - 1) == Some(&b';');
    let goes_on = bytes
        .get(used)
        .is_some_and(|next| *next == b'=' || next.is_ascii_alphanumeric());
    (ended || !in_attribute || !goes_on).then_some((first, second, used))
}

/// A text with its references resolved and NUL replaced, as attributes and titles have them.
pub(super) fn decoded(text: &str, in_attribute: bool) -> Cow<'_, str> {
    let Some(first) = memchr::memchr2(b'&', 0, text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let (head, mut rest) = text.split_at_checked(first).unwrap_or(("", text));
    let mut out = String::with_capacity(text.len());
    out.push_str(head);
    while let Some(at) = memchr::memchr2(b'&', 0, rest.as_bytes()) {
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(head);
        let mut letters = tail.chars();
        let sign = letters.next();
        rest = letters.as_str();
        if sign != Some('&') {
            out.push(char::REPLACEMENT_CHARACTER);
        } else if let Some((first, second, used)) = reference(rest, in_attribute) {
            out.push(first);
            out.extend(second);
            rest = rest.get(used..).unwrap_or_default();
        } else {
            out.push('&');
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A text with NUL replaced, as scripts and comments have it.
pub(super) fn without_nul(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\0', "\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_in_all_their_forms() {
        for (text, shown, in_attribute) in [
            ("1 &amp; 2&nbsp;3", "1 & 2\u{a0}3", "1 & 2\u{a0}3"),
            ("&#20140;&#x4EAC;&#X4eac", "京京京", "京京京"),
            (
                "&#128;&#0;&#xd800;&#99999999999;",
                "€\u{fffd}\u{fffd}\u{fffd}",
                "€\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&copy2026", "©2026", "&copy2026"),
            ("?a=1&copy=2&lt", "?a=1©=2<", "?a=1&copy=2<"),
            ("&notit; &notin;", "¬it; ∉", "&notit; ∉"),
            ("&NotEqualTilde;", "≂\u{338}", "≂\u{338}"),
            ("&;&#;&#x;&q&", "&;&#;&#x;&q&", "&;&#;&#x;&q&"),
            ("a\0b", "a\u{fffd}b", "a\u{fffd}b"),
        ] {
            assert_eq!(decoded(text, false), shown, "{text}");
            assert_eq!(decoded(text, true), in_attribute, "{text}");
        }
    }
}
