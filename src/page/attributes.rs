//! What a tag says by its name and attributes: addresses, texts, whether it hides, what its raw content is for.
//!
//! Reads one tag at a time and keeps nothing.

use html5ever::tokenizer::Tag;

use super::fold::folded;
use super::stack::Marks;
use super::{HiddenKind, region, resolve};

/// Longest attribute that is kept as text, in bytes.
pub(super) const MAX_ATTRIBUTE: usize = 4096;

/// What the content of an element that is text to the tokenizer is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Drop,
    Title,
    Code,
    Template,
    Json(&'static str),
    Noframes,
}

/// What an element says about the text inside it.
pub(super) fn marks(tag: &Tag, part: bool) -> Marks {
    let name = &*tag.name;
    let styled = raw_attribute(tag, "hidden").is_some() || raw_attribute(tag, "style").is_some_and(hides);
    // Pages hide themselves until their script has run; that script always runs in a browser.
    let until_loaded = matches!(name, "html" | "body") || raw_attribute(tag, "v-cloak").is_some();
    let hidden = match name {
        "template" => Some(HiddenKind::Template),
        "noscript" => Some(HiddenKind::Noscript),
        "datalist" => Some(HiddenKind::Element),
        _ => (styled && !until_loaded).then_some(HiddenKind::Element),
    };
    let class = raw_attribute(tag, "class").unwrap_or_default();
    let id = raw_attribute(tag, "id").unwrap_or_default();
    Marks {
        hidden,
        region: region::of_element(name, class, id, part),
        foreign: matches!(name, "svg" | "math"),
        drawn_text: matches!(name, "text" | "foreignobject" | "math"),
        part: matches!(name, "article" | "blockquote" | "li" | "td" | "th"),
    }
}

/// Whether an inline style hides its element.
fn hides(style: &str) -> bool {
    let style = style
        .get(..style.floor_char_boundary(MAX_ATTRIBUTE))
        .unwrap_or_default();
    style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .any(|(name, value)| {
            let value = value.split('!').next().unwrap_or_default().trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "display" => value.eq_ignore_ascii_case("none"),
                "visibility" => {
                    value.eq_ignore_ascii_case("hidden") || value.eq_ignore_ascii_case("collapse")
                }
                _ => false,
            }
        })
}

/// What the content of this element is for; nothing where it is visible text.
pub(super) fn raw_use(tag: &Tag) -> Option<Raw> {
    match &*tag.name {
        "title" => Some(Raw::Title),
        "textarea" | "xmp" => None,
        "noframes" => Some(Raw::Noframes),
        "script" => Some(script_use(&text_of(tag, "type").to_ascii_lowercase())),
        _ => Some(Raw::Drop),
    }
}

fn script_use(kind: &str) -> Raw {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind {
        "" | "module" => Raw::Code,
        "application/ld+json" => Raw::Json("ld+json"),
        "application/json" | "text/json" | "importmap" | "speculationrules" => Raw::Json("json"),
        _ if kind.contains("javascript") || kind.contains("ecmascript") || kind.contains("babel") => {
            Raw::Code
        }
        _ => Raw::Template,
    }
}

/// An attribute as written.
pub(super) fn raw_attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| &*attribute.value)
}

/// An attribute as folded text.
pub(super) fn attribute(tag: &Tag, name: &str) -> Option<String> {
    raw_attribute(tag, name).map(|value| folded(value, MAX_ATTRIBUTE))
}

/// An attribute as folded text; empty when it is not there.
pub(super) fn text_of(tag: &Tag, name: &str) -> String {
    attribute(tag, name).unwrap_or_default()
}

/// An attribute as an address: trimmed, without the line breaks and tabs that browsers drop. Overlong ones are none.
pub(super) fn address(tag: &Tag, name: &str) -> Option<String> {
    let value = raw_attribute(tag, name)?;
    let value = value.trim_matches(|c: char| c <= ' ' || c.is_whitespace());
    (value.len() <= resolve::MAX_ADDRESS).then(|| value.replace(|c: char| c < ' ', ""))
}
