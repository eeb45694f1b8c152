//! Tokens → [`Page`]: what is kept of each tag and each piece of text, under limits.
//!
//! Holds the state of the one pass. Addresses are resolved at the end, when the page's base is known.

use encoding_rs::Encoding;
use url::Url;

use super::attributes::{MAX_ATTRIBUTE, Raw, address, attribute, marks, raw_attribute, raw_use, text_of};
use super::fold::{Folded, folded};
use super::resolve::Base;
use super::script::Found;
use super::stack::Stack;
use super::tags::{Content, Name};
use super::texts::Texts;
use super::tokens::{Sink, Tag};
use super::{Field, Form, HiddenKind, Image, Link, Meta, Page, Region, region, resolve};

// Limits: each is several times what the largest honest shop page needs, and together they bound memory.
/// Links kept.
const MAX_LINKS: usize = 5_000;
/// Longest text of a link, in bytes.
const MAX_LINK_TEXT: usize = 600;
/// Pictures, forms, metas, resources and frames kept, of each.
const MAX_PARTS: usize = 2_000;
/// Fields kept over all forms.
const MAX_FIELDS: usize = 2_000;
/// Longest script that is searched for JSON, in bytes.
const MAX_SCRIPT: usize = 1024 * 1024;

/// The link that is open.
#[derive(Debug)]
struct OpenLink {
    at: usize,
    visible: bool,
    text: Folded,
    alt: Folded,
}

/// State of the pass.
#[derive(Debug, Default)]
pub(super) struct Reader<'t> {
    page: Page,
    stack: Stack<'t>,
    raw: Option<Raw>,
    texts: Texts,
    link: Option<OpenLink>,
    /// Whether a link has just ended, with no text behind it yet.
    link_ended: bool,
    /// For each link and picture, how many blocks stood before it.
    link_blocks: Vec<usize>,
    image_blocks: Vec<usize>,
    base: Option<String>,
    refresh: Option<String>,
    form_open: bool,
    loose: Vec<Field>,
    fields: usize,
    json: Found,
}

impl<'t> Sink<'t> for Reader<'t> {
    fn cut(&mut self, what: &'static str) {
        self.texts.cut.insert(what);
    }

    fn comment(&mut self, text: &str) {
        self.texts.keep_hidden(HiddenKind::Comment, text);
    }

    fn start(&mut self, tag: &Tag<'t, '_>) -> Content {
        let name = tag.name.as_str();
        if tag.name.is_block() {
            self.end_block();
        }
        if self.stack.before_start(tag.name) || (name == "a" && self.link.is_some()) {
            self.close_link();
        }
        let outer = self.stack.marks();
        let marks = marks(tag, outer.part);
        let hidden = outer.hidden.or(marks.hidden);
        let region = outer.region.unwrap_or_default();
        match name {
            "a" | "area" => self.open_link(tag, region, hidden.is_none()),
            "img" => self.image(tag, region),
            "form" => self.form(tag),
            "input" | "select" | "textarea" | "button" => self.field(tag),
            "meta" => self.meta(tag),
            "base" if self.base.is_none() => self.base = address(tag, "href"),
            "html" if self.page.lang.is_none() => {
                self.page.lang = attribute(tag, "lang").filter(|lang| !lang.is_empty());
            }
            "iframe" | "frame" => self.frame(tag),
            "link" => self.resource_link(tag),
            "script" => self.resource(address(tag, "src")),
            _ => {}
        }
        let foreign = outer.foreign || marks.foreign;
        if tag.name.is_void() || (foreign && tag.self_closing) {
            return Content::Markup;
        }
        self.stack.start(tag.name, marks);
        if foreign {
            return Content::Markup;
        }
        let content = tag.name.content();
        if content != Content::Markup {
            self.raw = raw_use(tag);
        }
        content
    }

    fn content(&mut self, text: &str) {
        let Some(raw) = self.raw.take() else {
            return self.text(text);
        };
        let text = text.get(..text.floor_char_boundary(MAX_SCRIPT)).unwrap_or(text);
        match raw {
            Raw::Drop => {}
            Raw::Title if self.page.title.is_empty() => self.page.title = folded(text, MAX_ATTRIBUTE),
            Raw::Title => {}
            Raw::Code => {
                self.json.assigned(text);
                self.texts.keep_hidden(HiddenKind::Script, text);
            }
            Raw::Template => self.texts.keep_hidden(HiddenKind::Template, text),
            Raw::Noframes => self.texts.keep_hidden(HiddenKind::Noscript, text),
            Raw::Json(name) => self.json.whole(name, text),
        }
    }

    fn end(&mut self, name: Name<'t>) {
        if name.is_block() {
            self.end_block();
        }
        if name.as_str() == "form" {
            self.form_open = false;
        }
        if self.stack.end(name) {
            self.close_link();
        }
    }

    fn text(&mut self, text: &str) {
        let marks = self.stack.marks();
        if marks.foreign && !marks.drawn_text {
            // Titles, styles and descriptions of drawings do not show.
            return;
        }
        if let Some(link) = self
            .link
            .as_mut()
            .filter(|link| !link.visible || marks.hidden.is_none())
        {
            link.text.push(text, MAX_LINK_TEXT);
        }
        let Some(kind) = marks.hidden else {
            self.link_ended = false;
            let region = marks.region.unwrap_or_default();
            return self.texts.visible(text, region, || self.stack.block());
        };
        self.texts.hidden(kind, text);
    }
}

impl Reader<'_> {
    fn end_block(&mut self) {
        self.texts.end_block();
        // A link around a whole card: name and price stay apart in its text too.
        if let Some(link) = &mut self.link {
            link.text.push(" ", MAX_LINK_TEXT);
        }
    }

    fn open_link(&mut self, tag: &Tag<'_, '_>, region: Region, visible: bool) {
        let Some(href) = address(tag, "href") else { return };
        if self.page.links.len() >= MAX_LINKS {
            self.cut("links");
            return;
        }
        if self.link_ended && visible {
            // A menu in one line: what stands in two links is not one word.
            self.texts.gap();
        }
        let alt = text_of(tag, "alt");
        self.link_blocks.push(self.texts.blocks.len());
        if tag.name.as_str() == "a" {
            self.link = Some(OpenLink {
                at: self.page.links.len(),
                visible,
                text: Folded::default(),
                alt: Folded::default(),
            });
        }
        self.page.links.push(Link {
            href,
            url: None,
            text: alt,
            region,
            visible,
        });
    }

    fn close_link(&mut self) {
        let Some(mut open) = self.link.take() else { return };
        self.link_ended = true;
        let Some(link) = self.page.links.get_mut(open.at) else {
            return;
        };
        let text = open.text.take();
        link.text = if text.is_empty() { open.alt.take() } else { text };
    }

    fn image(&mut self, tag: &Tag<'_, '_>, region: Region) {
        let (alt, title) = (text_of(tag, "alt"), text_of(tag, "title"));
        if let Some(link) = &mut self.link {
            link.alt.push(&alt, MAX_LINK_TEXT);
            link.alt.push(" ", MAX_LINK_TEXT);
        }
        let mut sources = ["data-src", "data-original", "src"]
            .iter()
            .filter_map(|name| raw_attribute(tag, name));
        // Lazy loaders keep the real address beside a placeholder.
        let Some(source) = sources.find(|source| !source.trim().is_empty()) else {
            return;
        };
        let source = source.trim();
        if self.page.images.len() >= MAX_PARTS {
            self.cut("images");
            return;
        }
        self.image_blocks.push(self.texts.blocks.len());
        // Cut before it is copied: pictures written into the page are long.
        let url = source
            .get(..source.floor_char_boundary(resolve::MAX_ADDRESS))
            .unwrap_or_default()
            .to_owned();
        self.page.images.push(Image {
            url,
            alt,
            title,
            region,
        });
    }

    fn form(&mut self, tag: &Tag<'_, '_>) {
        if self.form_open {
            return;
        }
        if self.page.forms.len() >= MAX_PARTS {
            self.cut("forms");
            return;
        }
        self.form_open = true;
        let method = match text_of(tag, "method").to_ascii_lowercase().as_str() {
            "post" => "post",
            _ => "get",
        };
        let action = address(tag, "action").unwrap_or_default();
        self.page.forms.push(Form {
            action,
            method: method.to_owned(),
            fields: Vec::new(),
        });
    }

    fn field(&mut self, tag: &Tag<'_, '_>) {
        let given = text_of(tag, "type").to_ascii_lowercase();
        let kind = match (tag.name.as_str(), given.as_str()) {
            ("input", "") => "text",
            ("button", "") => "submit",
            ("input" | "button", given) => given,
            (name, _) => name,
        };
        let value = text_of(tag, "value");
        if kind == "hidden" {
            self.texts.keep_hidden(HiddenKind::Element, &value);
        }
        let hint = match kind {
            "submit" | "button" | "reset" => value,
            _ => text_of(tag, "placeholder"),
        };
        if self.fields >= MAX_FIELDS {
            self.cut("fields");
            return;
        }
        self.fields += 1;
        let field = Field {
            name: text_of(tag, "name"),
            kind: kind.to_owned(),
            hint,
        };
        match self.page.forms.last_mut().filter(|_| self.form_open) {
            Some(form) => form.fields.push(field),
            None => self.loose.push(field),
        }
    }

    fn meta(&mut self, tag: &Tag<'_, '_>) {
        let name = ["name", "property", "http-equiv", "itemprop"]
            .iter()
            .map(|name| text_of(tag, name));
        let Some(name) = name.map(|name| name.to_lowercase()).find(|name| !name.is_empty()) else {
            return;
        };
        let content = text_of(tag, "content");
        if name == "refresh" && self.refresh.is_none() {
            self.refresh = resolve::refresh(&content).map(str::to_owned);
        }
        if self.page.metas.len() >= MAX_PARTS {
            self.cut("metas");
            return;
        }
        self.page.metas.push(Meta { name, content });
    }

    fn frame(&mut self, tag: &Tag<'_, '_>) {
        let Some(source) = address(tag, "src").filter(|source| !source.is_empty()) else {
            return;
        };
        if self.page.frames.len() >= MAX_PARTS {
            self.cut("frames");
            return;
        }
        self.page.frames.push(source);
    }

    fn resource_link(&mut self, tag: &Tag<'_, '_>) {
        let rel = text_of(tag, "rel").to_ascii_lowercase();
        let wanted = [
            "stylesheet",
            "icon",
            "apple-touch-icon",
            "modulepreload",
            "preload",
        ];
        if rel.split(' ').any(|word| wanted.contains(&word)) {
            self.resource(address(tag, "href"));
        }
    }

    fn resource(&mut self, source: Option<String>) {
        let Some(source) = source.filter(|source| !source.is_empty()) else {
            return;
        };
        if self.page.resources.len() >= MAX_PARTS {
            self.cut("resources");
            return;
        }
        self.page.resources.push(source);
    }

    /// Ends the pass.
    pub(super) fn finish(mut self, asked: &Url, encoding: &'static Encoding) -> Page {
        self.texts.end_block();
        self.close_link();
        if self.stack.overflowed {
            self.cut("depth");
        }
        if self.json.cut {
            self.cut("json");
        }
        let base = self.base.as_deref().and_then(|base| asked.join(base).ok());
        // `data:` and the like as base make every address unreadable; the page's own address then serves better.
        let base = base
            .filter(|base| !base.cannot_be_a_base())
            .unwrap_or_else(|| asked.clone());
        let base = Base::new(base, encoding);
        if !self.loose.is_empty() {
            self.page.forms.push(Form {
                action: String::new(),
                method: String::new(),
                fields: self.loose,
            });
        }
        let mut page = self.page;
        page.json = self.json.values;
        page.blocks = self.texts.blocks;
        page.hidden = self.texts.hidden;
        page.refresh = self.refresh.and_then(|to| base.link(&to));
        if let Some(wrong) = region::swallowing(&page.blocks) {
            unmark(&mut page, wrong);
        }
        if let Some(from) = region::unmarked_footer(&page.blocks) {
            mark_footer(&mut page, from, &self.link_blocks, &self.image_blocks);
        }
        for link in &mut page.links {
            link.url = base.link(&link.href);
        }
        let images = page.images.iter_mut().map(|image| &mut image.url);
        let forms = page
            .forms
            .iter_mut()
            .filter(|form| !form.method.is_empty())
            .map(|form| &mut form.action);
        for address in images
            .chain(forms)
            .chain(&mut page.resources)
            .chain(&mut page.frames)
        {
            *address = base.part(address);
        }
        page.cut = self.texts.cut.into_iter().map(str::to_owned).collect();
        page
    }
}

/// Makes everything of a region part of the main text.
fn unmark(page: &mut Page, wrong: Region) {
    let blocks = page.blocks.iter_mut().map(|block| &mut block.region);
    let links = page.links.iter_mut().map(|link| &mut link.region);
    let images = page.images.iter_mut().map(|image| &mut image.region);
    for region in blocks
        .chain(links)
        .chain(images)
        .filter(|region| **region == wrong)
    {
        *region = Region::Main;
    }
}

/// Makes the blocks from `from` on the footer, with the links and pictures among them.
fn mark_footer(page: &mut Page, from: usize, link_blocks: &[usize], image_blocks: &[usize]) {
    for block in page.blocks.iter_mut().skip(from) {
        block.region = Region::Footer;
    }
    for (link, at) in page.links.iter_mut().zip(link_blocks) {
        if *at >= from && link.region == Region::Main {
            link.region = Region::Footer;
        }
    }
    for (image, at) in page.images.iter_mut().zip(image_blocks) {
        if *at >= from && image.region == Region::Main {
            image.region = Region::Footer;
        }
    }
}
