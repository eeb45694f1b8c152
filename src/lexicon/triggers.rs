//! Triggers: words of which every match of a pattern holds at least one, so that the pattern need not be tried elsewhere.
//!
//! Read off the pattern's own syntax tree; nobody writes them down. A pattern without any (digits and signs alone) has
//! none and must be tried everywhere.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Most words that are taken for one pattern; more would be looked for dearly.
const MOST: usize = 96;
/// Most letters of a class that are taken for words of one letter.
const CLASS: usize = 12;

/// The words of a pattern, each in UTF-8; nothing when a match may hold none.
pub(super) fn of(pattern: &str) -> Option<Vec<String>> {
    let tree = regex_syntax::parse(pattern).ok()?;
    needed(&tree).filter(|words| words.len() <= MOST)
}

fn needed(tree: &Hir) -> Option<Vec<String>> {
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        HirKind::Literal(literal) => Some(vec![std::str::from_utf8(&literal.0).ok()?.to_owned()]),
        HirKind::Class(Class::Unicode(class)) => {
            let letters: usize = class
                .ranges()
                .iter()
                .map(regex_syntax::hir::ClassUnicodeRange::len)
                .sum();
            let words = || {
                class
                    .ranges()
                    .iter()
                    .flat_map(|range| range.start()..=range.end())
            };
            // Digits and Latin letters are everywhere.
            (letters <= CLASS && words().all(|c| !c.is_ascii())).then(|| words().map(String::from).collect())
        }
        HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Repetition(part) if part.min > 0 => needed(&part.sub),
        HirKind::Repetition(_) => None,
        HirKind::Capture(part) => needed(&part.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(needed).max_by_key(|words| worth(words)),
        HirKind::Alternation(parts) => {
            let words: Option<Vec<Vec<String>>> = parts.iter().map(needed).collect();
            words.map(|words| words.concat())
        }
    }
}

/// Long words are rarer than short ones, then few are better than many.
fn worth(words: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    let shortest = words.iter().map(String::len).min().unwrap_or_default();
    (shortest, std::cmp::Reverse(words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_off_the_pattern() {
        for (pattern, expected) in [
            ("投诉[^。;]{0,8}\\d{4}", Some(vec!["投诉"])),
            ("(?:充值|订单)?失败[^。]*", Some(vec!["失败"])),
            ("(?:一|二)级\\d%", Some(vec!["级"])),
            ("\\d+(?:天|小时)内", Some(vec!["内"])),
            ("\\d+(?:天|日)", Some(vec!["天", "日"])),
            ("(?:支付宝|微信)付", Some(vec!["支付宝", "微信"])),
            ("(?:微信|q)转账", Some(vec!["转账"])),
            ("\\d{3}|转账", None),
            ("[0-9]{3}", None),
            ("(?:退款)*", None),
        ] {
            let words = of(pattern);
            let words: Option<Vec<&str>> = words
                .as_ref()
                .map(|words| words.iter().map(String::as_str).collect());
            assert_eq!(words, expected, "{pattern}");
        }
    }
}
