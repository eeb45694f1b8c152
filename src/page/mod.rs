//! A page as read: visible text in blocks, kept apart from what is hidden, with links, forms and images.
//!
//! Bytes in ([`decode()`]), owned plain values out ([`read()`]); no parser types leave this folder. One streaming pass
//! over a tokenizer of its own: a tree for every page would be most of a crawler's bill, and deep trees are dangerous.
//! It reads and does not judge, runs no script and applies no style sheet; it never panics and its work is bounded on
//! any bytes ([`Page::cut`] names the bounds that were met).

mod attributes;
mod decode;
mod entities;
mod fold;
mod reader;
mod region;
mod resolve;
mod script;
mod stack;
mod stream;
mod tag_name;
mod tags;
mod texts;
mod tokens;

pub use decode::{Decoded, decode};
pub use stream::{read, read_as};
pub use tag_name::TagName;

use serde::{Deserialize, Serialize};

/// Which part of the page a thing stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// Title of the document.
    Title,
    /// `<header>`, or an element whose class or id says so.
    Header,
    /// Navigation.
    Nav,
    /// The body of the page.
    #[default]
    Main,
    /// `<footer>`, an element whose class or id says so, or the last blocks of the page.
    Footer,
    /// Pop-ups, modals and notices laid over the page.
    Dialog,
}

impl Region {
    /// The name used in [`crate::facts::Place`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Header => "header",
            Self::Nav => "nav",
            Self::Main => "main",
            Self::Footer => "footer",
            Self::Dialog => "dialog",
        }
    }
}

/// A run of visible text between block boundaries: a paragraph, a cell, a heading, an option.
/// Text of inline elements is joined, white space folded; numbers never join across blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The text as shown, entities decoded, white space folded to single blanks, trimmed, never empty.
    pub text: String,
    /// Part of the page.
    pub region: Region,
    /// Name of the block element that holds it, lower case (`p`, `td`, `h1`, `li`, `div`, …).
    pub tag: TagName,
}

/// Why a piece of text does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenKind {
    /// An HTML comment.
    Comment,
    /// `<script>` of a programming language.
    Script,
    /// `<script>` of a template type, or `<template>`.
    Template,
    /// `<noscript>`.
    Noscript,
    /// `hidden`, `aria-hidden="true"` with `display:none`, `type=hidden`, inline `display:none` or `visibility:hidden`,
    /// or placed far outside every window (`position:absolute;left:-9999px`).
    Element,
}

/// Text that is in the page but does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Why it does not show.
    pub kind: HiddenKind,
    /// The text, capped.
    pub text: String,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `href` as written, trimmed.
    pub href: String,
    /// The address it leads to, resolved against the page's base; nothing for `#…`, `javascript:` and the unreadable.
    pub url: Option<String>,
    /// The anchor's visible text, or the alt texts inside it.
    pub text: String,
    /// Part of the page.
    pub region: Region,
    /// Whether the link itself shows.
    pub visible: bool,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// `name`.
    pub name: String,
    /// `type`, lower case; the element's name for `select` and `textarea`.
    pub kind: String,
    /// `placeholder`, or `value` of buttons.
    pub hint: String,
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// `action`, resolved; as written when it cannot be.
    pub action: String,
    /// `get` or `post`; empty for fields outside any form.
    pub method: String,
    /// Its fields in order. Fields outside any form stand together in a last form with an empty method.
    pub fields: Vec<Field>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Address, resolved; as written when it cannot be. `data:` addresses are cut to their type.
    pub url: String,
    /// `alt`.
    pub alt: String,
    /// `title`.
    pub title: String,
    /// Part of the page.
    pub region: Region,
}

/// A `<meta>` with a name or property and a content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// `name`, `property` or `http-equiv`, lower case.
    pub name: String,
    /// `content`.
    pub content: String,
}

/// JSON found in the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InlineJson {
    /// `ld+json`, `json`, or the name of the script variable it was assigned to.
    pub name: String,
    /// The value.
    pub value: serde_json::Value,
}

/// A page as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// `<title>`, wherever it stands.
    pub title: String,
    /// `lang` of `<html>`.
    pub lang: Option<String>,
    /// Metas in order.
    pub metas: Vec<Meta>,
    /// Visible text in page order.
    pub blocks: Vec<Block>,
    /// Text that does not show.
    pub hidden: Vec<Hidden>,
    /// Links in page order.
    pub links: Vec<Link>,
    /// Forms in page order.
    pub forms: Vec<Form>,
    /// Pictures in page order.
    pub images: Vec<Image>,
    /// Addresses of scripts and style sheets, resolved.
    pub resources: Vec<String>,
    /// Addresses of frames, resolved.
    pub frames: Vec<String>,
    /// JSON in the page.
    pub json: Vec<InlineJson>,
    /// Where a `<meta http-equiv=refresh>` leads, resolved.
    pub refresh: Option<String>,
    /// What was cut by a limit, sorted: `attributes` (an endless tag or comment), `blocks`, `bytes`, `depth`, `fields`,
    /// `forms`, `frames`, `hidden`, `images`, `json`, `links`, `metas`, `resources`.
    pub cut: Vec<String>,
}

impl Page {
    /// The visible text, one line a block.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            text.push_str(&block.text);
            text.push('\n');
        }
        text
    }

    /// Number of visible characters outside white space.
    pub fn visible_chars(&self) -> usize {
        self.blocks
            .iter()
            .map(|block| fold::shown_chars(&block.text))
            .sum()
    }
}
