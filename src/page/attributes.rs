//! What a tag says by its name and attributes: addresses, texts, whether it hides, what its raw content is for.
//!
//! Reads one tag at a time and keeps nothing.

use std::borrow::Cow;

use super::entities::decoded;
use super::fold::folded;
use super::stack::Marks;
use super::tokens::Tag;
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
pub(super) fn marks(tag: &Tag<'_, '_>, part: bool) -> Marks {
    let name = tag.name.as_str();
    let said = Said::of(tag);
    // Pages hide themselves until their script has run; that script always runs in a browser.
    let until_loaded = matches!(name, "html" | "body") || said.cloaked;
    let hidden = match name {
        "template" => Some(HiddenKind::Template),
        "noscript" => Some(HiddenKind::Noscript),
        "datalist" => Some(HiddenKind::Element),
        _ => (said.hidden && !until_loaded).then_some(HiddenKind::Element),
    };
    Marks {
        hidden,
        region: region::of_element(name, said.class, said.id, part),
        foreign: matches!(name, "svg" | "math"),
        drawn_text: matches!(name, "text" | "foreignobject" | "math"),
        part: matches!(name, "article" | "blockquote" | "li" | "td" | "th"),
    }
}

/// What is asked of the attributes of every tag, in one look.
#[derive(Default)]
struct Said<'t> {
    class: &'t str,
    id: &'t str,
    hidden: bool,
    cloaked: bool,
}

impl<'t> Said<'t> {
    fn of(tag: &Tag<'t, '_>) -> Self {
        let mut said = Self::default();
        let (mut class, mut id, mut style) = (None, None, None);
        for attribute in tag.attributes {
            let is = |name: &str| attribute.name.eq_ignore_ascii_case(name);
            match attribute.name.len() {
                2 if is("id") => id = id.or(Some(attribute.value)),
                5 if is("class") => class = class.or(Some(attribute.value)),
                5 if is("style") => style = style.or(Some(attribute.value)),
                6 if is("hidden") => said.hidden = true,
                7 if is("v-cloak") => said.cloaked = true,
                _ => {}
            }
        }
        // Words of classes are looked at for ASCII letters; references in them would be for show.
        (said.class, said.id) = (class.unwrap_or_default(), id.unwrap_or_default());
        said.hidden |= style.is_some_and(|style| hides(&decoded(style, true)));
        said
    }
}

/// Whether an inline style hides its element.
fn hides(style: &str) -> bool {
    let style = style
        .get(..style.floor_char_boundary(MAX_ATTRIBUTE))
        .unwrap_or_default();
    let (mut placed, mut away) = (false, false);
    let declarations = style.split(';').filter_map(|said| said.split_once(':'));
    for (name, value) in declarations {
        let value = value.split('!').next().unwrap_or_default().trim();
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        match name.trim().to_ascii_lowercase().as_str() {
            "display" if is("none") => return true,
            "visibility" if is("hidden") || is("collapse") => return true,
            "position" => placed = is("absolute") || is("fixed"),
            "left" | "top" => away |= is_far_away(value),
            _ => {}
        }
    }
    placed && away
}

/// Whether a place lies outside every window: -9999px, -10000px and the like. Strips of sliding pictures stand at odd
/// numbers, and are no such place.
fn is_far_away(value: &str) -> bool {
    let number = value.strip_prefix('-').unwrap_or_default();
    let number = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    number.parse::<u32>().is_ok_and(|number| {
        number.checked_rem(1000) == Some(999) || (number >= 2000 && number.checked_rem(1000) == Some(0))
    })
}

/// What the content of this element is for; nothing where it is visible text.
pub(super) fn raw_use(tag: &Tag<'_, '_>) -> Option<Raw> {
    match tag.name.as_str() {
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

/// An attribute as written, references resolved.
pub(super) fn raw_attribute<'t>(tag: &Tag<'t, '_>, name: &str) -> Option<Cow<'t, str>> {
    tag.value(name)
}

/// An attribute as folded text.
pub(super) fn attribute(tag: &Tag<'_, '_>, name: &str) -> Option<String> {
    tag.value(name).map(|value| folded(&value, MAX_ATTRIBUTE))
}

/// An attribute as folded text; empty when it is not there.
pub(super) fn text_of(tag: &Tag<'_, '_>, name: &str) -> String {
    attribute(tag, name).unwrap_or_default()
}

/// An attribute as an address: trimmed, without the line breaks and tabs that browsers drop. Overlong ones are none.
pub(super) fn address(tag: &Tag<'_, '_>, name: &str) -> Option<String> {
    let value = tag.value(name)?;
    let value = value.trim_matches(|c: char| c <= ' ' || c.is_whitespace());
    (value.len() <= resolve::MAX_ADDRESS).then(|| {
        if value.bytes().any(|byte| byte < b' ') {
            value.replace(|c: char| c < ' ', "")
        } else {
            value.to_owned()
        }
    })
}
