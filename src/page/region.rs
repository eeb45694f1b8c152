//! Which part of the page an element begins: by its name, by the words of its class and id, and, where a page marks
//! no footer at all, by standing last.
//!
//! Words are those of common themes and grids, all ASCII. A `card-footer` or `modal-header` is not the page's.

use super::{Block, Region};

/// Words that name a region wherever they stand in a class or id.
const STRONG: &[(&str, Region)] = &[
    ("footer", Region::Footer),
    ("copyright", Region::Footer),
    ("beian", Region::Footer),
    ("header", Region::Header),
    ("topbar", Region::Header),
    ("nav", Region::Nav),
    ("navbar", Region::Nav),
    ("navigation", Region::Nav),
    ("modal", Region::Dialog),
    ("popup", Region::Dialog),
    ("dialog", Region::Dialog),
    ("overlay", Region::Dialog),
    ("layer", Region::Dialog),
    ("toast", Region::Dialog),
];
/// Words that name a region only as the first of a class or id: `bottom`, but not `margin-bottom`.
const WEAK: &[(&str, Region)] = &[
    ("foot", Region::Footer),
    ("bottom", Region::Footer),
    ("head", Region::Header),
    ("menu", Region::Nav),
    ("menus", Region::Nav),
    ("pop", Region::Dialog),
];
/// Words of parts that have heads and feet of their own.
const PARTS: &[&str] = &[
    "card",
    "panel",
    "table",
    "list",
    "item",
    "article",
    "post",
    "comment",
    "widget",
    "product",
    "goods",
    "form",
    "tab",
    "section",
    "entry",
    "accordion",
    "has",
    "no",
    "with",
    "without",
    "hide",
    "sr",
];
/// Most class and id words that are looked at; more are decoration.
const MAX_WORDS: usize = 40;
/// Most blocks at the end of a page that can be its footer without saying so.
const TAIL_BLOCKS: usize = 6;
/// Longest block that looks like a footer line, in characters.
const TAIL_CHARS: usize = 120;

/// Below this many characters a page may well be nothing but a footer or a notice.
const LEAST_CHARS: usize = 200;

/// The region an element begins. `part`: inside an article, item or cell, whose header and footer are its own.
pub(super) fn of_element(name: &str, class: &str, id: &str, part: bool) -> Option<Region> {
    match name {
        "main" => return Some(Region::Main),
        "nav" => return Some(Region::Nav),
        "dialog" => return Some(Region::Dialog),
        "header" if !part => return Some(Region::Header),
        "footer" if !part => return Some(Region::Footer),
        "html" | "body" | "input" | "img" | "a" | "button" | "option" | "i" => return None,
        _ => {}
    }
    class
        .split_ascii_whitespace()
        .chain([id])
        .take(MAX_WORDS)
        .find_map(|word| of_word(word, part))
}

fn of_word(word: &str, part: bool) -> Option<Region> {
    let words = words(word);
    let first = words.first()?;
    let strong = words
        .iter()
        .position(|word| STRONG.iter().any(|(name, _)| name == word));
    let found = match strong {
        Some(at) if words.iter().take(at).any(|word| PARTS.contains(&word.as_str())) => None,
        Some(at) => words
            .get(at)
            .and_then(|word| STRONG.iter().find(|(name, _)| name == word)),
        None => WEAK.iter().find(|(name, _)| name == first),
    }?;
    let own = part && matches!(found.1, Region::Header | Region::Footer);
    (!own).then_some(found.1)
}

/// `site-Footer_inner` → `site`, `footer`, `inner`; `siteFooter` too.
fn words(word: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut lower_before = false;
    for c in word.chars().take(80) {
        let boundary = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower_before);
        if boundary && words.last().is_some_and(|last| !last.is_empty()) {
            words.push(String::new());
        }
        if c.is_ascii_alphabetic()
            && let Some(last) = words.last_mut()
        {
            last.push(c.to_ascii_lowercase());
        }
        lower_before = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The region that holds nearly all of a page's text, if it is not the main one: a wrapper around everything was
/// called `layout-header-fixed` or the like, and its name says nothing.
pub(super) fn swallowing(blocks: &[Block]) -> Option<Region> {
    let chars = |region: Region| {
        let own = blocks.iter().filter(|block| block.region == region);
        own.map(|block| block.text.chars().count()).sum::<usize>()
    };
    let regions = [Region::Header, Region::Nav, Region::Footer, Region::Dialog];
    let total = regions.iter().map(|region| chars(*region)).sum::<usize>() + chars(Region::Main);
    let swallows = |region: &Region| chars(*region) * 10 >= total * 9;
    regions
        .into_iter()
        .find(swallows)
        .filter(|_| total >= LEAST_CHARS)
}

/// Where the footer begins on a page that marks none: the short blocks after the last long one, at most
/// [`TAIL_BLOCKS`] and never more than half of the page. Index into the blocks.
pub(super) fn unmarked_footer(blocks: &[Block]) -> Option<usize> {
    if blocks.iter().any(|block| block.region == Region::Footer) {
        return None;
    }
    let most = TAIL_BLOCKS.min(blocks.len() / 2);
    let is_line = |block: &&Block| {
        block.region == Region::Main
            && !matches!(block.tag.as_str(), "option" | "button" | "textarea" | "h1" | "h2")
            && block.text.chars().nth(TAIL_CHARS).is_none()
    };
    let lines = blocks.iter().rev().take(most).take_while(is_line).count();
    (lines > 0).then(|| blocks.len() - lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_words_name_regions_and_parts_keep_theirs() {
        for (class, expected) in [
            ("footer", Some(Region::Footer)),
            ("site-footer dark", Some(Region::Footer)),
            ("siteFooter", Some(Region::Footer)),
            ("copyright_box", Some(Region::Footer)),
            ("bottom", Some(Region::Footer)),
            ("margin-bottom", None),
            ("card-footer", None),
            ("table-header", None),
            ("modal-header", Some(Region::Dialog)),
            ("notice-layer", Some(Region::Dialog)),
            ("layui-header", Some(Region::Header)),
            ("navbar-nav", Some(Region::Nav)),
            ("menu", Some(Region::Nav)),
            ("context", None),
            ("", None),
        ] {
            assert_eq!(of_element("div", class, "", false), expected, "{class}");
        }
        assert_eq!(of_element("div", "", "footer", false), Some(Region::Footer));
        assert_eq!(
            of_element("footer", "", "", true),
            None,
            "an article's own footer"
        );
        assert_eq!(of_element("body", "has-header", "", false), None);
    }
}
