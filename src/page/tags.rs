//! What the reader must know about tag names: which hold nothing, which end a block, which end each other.
//!
//! From the HTML standard (syntax 13.1.2, rendering 15.3, optional tags 13.1.2.4), cut to what reading text needs.

use html5ever::tokenizer::states::RawKind;

/// Elements without an end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements at whose edges text does not join. Everything else is inline.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "audio"
            | "blockquote"
            | "body"
            | "br"
            | "button"
            | "canvas"
            | "caption"
            | "center"
            | "col"
            | "colgroup"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "frame"
            | "frameset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "iframe"
            | "input"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "object"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "select"
            | "summary"
            | "svg"
            | "table"
            | "tbody"
            | "td"
            | "template"
            | "textarea"
            | "tfoot"
            | "th"
            | "thead"
            | "title"
            | "tr"
            | "ul"
            | "video"
            | "xmp"
    )
}

/// Elements whose content is text to the tokenizer.
pub(super) fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "title" | "textarea" => Some(RawKind::Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
        "script" => Some(RawKind::ScriptData),
        _ => None,
    }
}

/// For a start tag: names it ends when they are open, and names the search stops at.
pub(super) fn implied_ends(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "li" => (&["li"], &["ul", "ol", "menu", "dir"]),
        "dd" | "dt" => (&["dd", "dt"], &["dl"]),
        "option" => (&["option"], &["select", "optgroup", "datalist"]),
        "optgroup" => (&["option", "optgroup"], &["select"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tr" => (
            &["tr", "td", "th", "caption"],
            &["table", "tbody", "thead", "tfoot"],
        ),
        "tbody" | "thead" | "tfoot" => (
            &["tbody", "thead", "tfoot", "tr", "td", "th", "caption"],
            &["table"],
        ),
        _ => (&[], &[]),
    }
}

/// Whether a start tag ends an open paragraph.
pub(super) fn ends_paragraph(name: &str) -> bool {
    is_block(name)
        && !matches!(
            name,
            "br" | "button"
                | "input"
                | "select"
                | "option"
                | "optgroup"
                | "textarea"
                | "object"
                | "video"
                | "audio"
                | "canvas"
                | "iframe"
                | "svg"
                | "template"
                | "title"
        )
}

/// Elements over whose edge an end tag of another kind does not reach: a stray `</div>` in a cell ends nothing outside it.
pub(super) fn is_scope(name: &str) -> bool {
    matches!(
        name,
        "td" | "th" | "caption" | "table" | "template" | "button" | "object" | "html" | "body" | "svg"
    )
}

/// End tags that do reach over the edges of [`is_scope`].
pub(super) fn crosses_scopes(name: &str) -> bool {
    matches!(
        name,
        "table" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th" | "caption" | "template" | "html" | "body"
    )
}
