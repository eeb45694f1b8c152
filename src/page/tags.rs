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

/// What a start tag ends, when it is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    /// Ended on the way to an outer one: cells by a row.
    pub(super) inner: &'static [&'static str],
    /// Ended, and the search is over.
    pub(super) outer: &'static [&'static str],
    /// The search does not go past these, nor past a table.
    pub(super) stops: &'static [&'static str],
}

/// What a start tag of this name ends.
pub(super) fn implied_ends(name: &str) -> Option<Ends> {
    let (inner, outer, stops): (&[&str], &[&str], &[&str]) = match name {
        "li" => (&[], &["li"], &["ul", "ol", "menu", "dir"]),
        "dd" | "dt" => (&[], &["dd", "dt"], &["dl"]),
        "option" => (&[], &["option"], &["select", "optgroup", "datalist"]),
        "optgroup" => (&["option"], &["optgroup"], &["select"]),
        "td" | "th" => (&[], &["td", "th"], &["tr"]),
        "tr" => (&["td", "th", "caption"], &["tr"], &["tbody", "thead", "tfoot"]),
        "tbody" | "thead" | "tfoot" => (&["tr", "td", "th", "caption"], &["tbody", "thead", "tfoot"], &[]),
        _ => return None,
    };
    Some(Ends { inner, outer, stops })
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
