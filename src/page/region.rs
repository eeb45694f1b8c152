//! Which part of the page an element begins: by its name, by the words of its class and id, and, where a page marks
//! no footer at all, by standing last.
//!
//! Words are those of common themes and grids, all ASCII. A `card-footer` or `modal-header` is not the page's.

use super::{Block, Region};

/// What a word of a class or id says.
enum Said {
    /// Names a region wherever it stands.
    Strong(Region),
    /// Names a region only as the first word: `bottom`, but not `margin-bottom`.
    Weak(Region),
    /// Names a part that has a head and a foot of its own.
    Part,
    Nothing,
}

fn said(word: &[u8]) -> Said {
    use Region::{Dialog, Footer, Header, Nav};
    use Said::{Nothing, Part, Strong, Weak};
    match word {
        b"footer" | b"copyright" | b"beian" => Strong(Footer),
        b"header" | b"topbar" => Strong(Header),
        b"nav" | b"navbar" | b"navigation" => Strong(Nav),
        b"modal" | b"popup" | b"dialog" | b"overlay" | b"layer" | b"toast" => Strong(Dialog),
        b"foot" | b"bottom" => Weak(Footer),
        b"head" => Weak(Header),
        b"menu" | b"menus" => Weak(Nav),
        b"pop" => Weak(Dialog),
        b"card" | b"panel" | b"table" | b"list" | b"item" | b"article" | b"post" | b"comment" | b"widget"
        | b"product" | b"goods" | b"form" | b"tab" | b"section" | b"entry" | b"accordion" | b"has"
        | b"no" | b"with" | b"without" | b"hide" | b"sr" => Part,
        _ => Nothing,
    }
}

/// Most class and id words that are looked at; more are decoration.
const MAX_WORDS: usize = 40;
/// How much of a class or id word is looked at, in bytes, …
const WORD_BYTES: usize = 80;
/// … and the longest part of it that could mean something.
const PART_BYTES: usize = 16;
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
    let mut parts = Parts::of(word);
    let (mut buffer, mut first, mut of_part) = ([0; PART_BYTES], true, false);
    let mut found = None;
    while let Some(word) = parts.next(&mut buffer) {
        match said(word) {
            Said::Strong(region) => {
                found = (!of_part).then_some(region);
                break;
            }
            Said::Weak(region) if first => found = Some(region),
            Said::Part => of_part = true,
            Said::Weak(_) | Said::Nothing => {}
        }
        first = false;
    }
    found.filter(|region| !part || !matches!(region, Region::Header | Region::Footer))
}

/// The parts of a class or id word: `site-Footer_inner` → `site`, `footer`, `inner`; `siteFooter` too.
struct Parts<'t> {
    rest: &'t [u8],
    lower_before: bool,
}

impl<'t> Parts<'t> {
    fn of(word: &'t str) -> Self {
        let bytes = word.as_bytes();
        Self {
            rest: bytes.get(..WORD_BYTES).unwrap_or(bytes),
            lower_before: false,
        }
    }

    /// The next part in lower case; overlong ones are cut.
    fn next<'b>(&mut self, buffer: &'b mut [u8; PART_BYTES]) -> Option<&'b [u8]> {
        let mut length = 0;
        while let Some((byte, rest)) = self.rest.split_first() {
            let begins = byte.is_ascii_uppercase() && self.lower_before;
            if length > 0 && (begins || !byte.is_ascii_alphanumeric()) {
                self.lower_before = false;
                break;
            }
            self.rest = rest;
            self.lower_before = byte.is_ascii_lowercase();
            if byte.is_ascii_alphabetic()
                && let Some(letter) = buffer.get_mut(length)
            {
                *letter = byte.to_ascii_lowercase();
                length += 1;
            }
        }
        buffer.get(..length).filter(|part| !part.is_empty())
    }
}

/// The region that holds nearly all of a page's text, if it is not the main one: a wrapper around everything was
/// called `layout-header-fixed` or the like, and its name says nothing.
pub(super) fn swallowing(blocks: &[Block]) -> Option<Region> {
    let regions = [Region::Header, Region::Nav, Region::Footer, Region::Dialog];
    let (mut own, mut total) = ([0; 4], 0);
    for block in blocks.iter().filter(|block| block.region != Region::Title) {
        let chars = block.text.chars().count();
        total += chars;
        let mut counts = regions.iter().zip(&mut own);
        if let Some((_, count)) = counts.find(|(region, _)| **region == block.region) {
            *count += chars;
        }
    }
    let swallows = |count: usize| count * 10 >= total * 9;
    let mut counts = regions.into_iter().zip(own);
    let found = counts.find(|(_, count)| swallows(*count));
    found.map(|(region, _)| region).filter(|_| total >= LEAST_CHARS)
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
