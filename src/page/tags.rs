//! What the reader must know about tag names: which hold nothing, which end a block, which end each other.
//!
//! From the HTML standard (syntax 13.1.2, rendering 15.3, optional tags 13.1.2.4), cut to what reading text needs. A name
//! is looked up once, where its tag is read; all questions after that are about a number.

/// An element whose tag says nothing to the reader but its name.
const INLINE: u16 = 0;
/// Text does not join at its edges.
const BLOCK: u16 = 1;
/// Its start tag ends an open paragraph.
const ENDS_P: u16 = 1 << 1;
/// It has no end tag.
const VOID: u16 = 1 << 2;
/// End tags of another kind do not reach over its edge: a stray `</div>` in a cell ends nothing outside it.
const SCOPE: u16 = 1 << 3;
/// Its end tag does reach over those edges.
const CROSSES: u16 = 1 << 4;
/// Its content is text with references, …
const RCDATA: u16 = 1 << 5;
/// … text without, …
const RAWTEXT: u16 = 1 << 6;
/// … or a script.
const SCRIPT: u16 = 1 << 7;

/// Names that mean something, with what they mean.
const NAMES: [(&str, u16); 120] = [
    ("a", INLINE),
    ("abbr", INLINE),
    ("address", BLOCK | ENDS_P),
    ("area", VOID),
    ("article", BLOCK | ENDS_P),
    ("aside", BLOCK | ENDS_P),
    ("audio", BLOCK),
    ("b", INLINE),
    ("base", VOID),
    ("basefont", VOID),
    ("bgsound", VOID),
    ("big", INLINE),
    ("blockquote", BLOCK | ENDS_P),
    ("body", BLOCK | ENDS_P | SCOPE | CROSSES),
    ("br", BLOCK | VOID),
    ("button", BLOCK | SCOPE),
    ("canvas", BLOCK),
    ("caption", BLOCK | ENDS_P | SCOPE | CROSSES),
    ("center", BLOCK | ENDS_P),
    ("cite", INLINE),
    ("code", INLINE),
    ("col", BLOCK | ENDS_P | VOID),
    ("colgroup", BLOCK | ENDS_P),
    ("datalist", INLINE),
    ("dd", BLOCK | ENDS_P),
    ("del", INLINE),
    ("details", BLOCK | ENDS_P),
    ("dialog", BLOCK | ENDS_P),
    ("dir", BLOCK | ENDS_P),
    ("div", BLOCK | ENDS_P),
    ("dl", BLOCK | ENDS_P),
    ("dt", BLOCK | ENDS_P),
    ("em", INLINE),
    ("embed", VOID),
    ("fieldset", BLOCK | ENDS_P),
    ("figcaption", BLOCK | ENDS_P),
    ("figure", BLOCK | ENDS_P),
    ("font", INLINE),
    ("footer", BLOCK | ENDS_P),
    ("foreignobject", INLINE),
    ("form", BLOCK | ENDS_P),
    ("frame", BLOCK | ENDS_P | VOID),
    ("frameset", BLOCK | ENDS_P),
    ("h1", BLOCK | ENDS_P),
    ("h2", BLOCK | ENDS_P),
    ("h3", BLOCK | ENDS_P),
    ("h4", BLOCK | ENDS_P),
    ("h5", BLOCK | ENDS_P),
    ("h6", BLOCK | ENDS_P),
    ("head", BLOCK | ENDS_P),
    ("header", BLOCK | ENDS_P),
    ("hgroup", BLOCK | ENDS_P),
    ("hr", BLOCK | ENDS_P | VOID),
    ("html", BLOCK | ENDS_P | SCOPE | CROSSES),
    ("i", INLINE),
    ("iframe", BLOCK | RAWTEXT),
    ("image", VOID),
    ("img", VOID),
    ("input", BLOCK | VOID),
    ("ins", INLINE),
    ("keygen", VOID),
    ("label", INLINE),
    ("legend", BLOCK | ENDS_P),
    ("li", BLOCK | ENDS_P),
    ("link", VOID),
    ("listing", BLOCK | ENDS_P),
    ("main", BLOCK | ENDS_P),
    ("map", INLINE),
    ("mark", INLINE),
    ("math", INLINE),
    ("menu", BLOCK | ENDS_P),
    ("meta", VOID),
    ("nav", BLOCK | ENDS_P),
    ("noembed", RAWTEXT),
    ("noframes", RAWTEXT),
    ("noscript", INLINE),
    ("object", BLOCK | SCOPE),
    ("ol", BLOCK | ENDS_P),
    ("optgroup", BLOCK),
    ("option", BLOCK),
    ("p", BLOCK | ENDS_P),
    ("param", VOID),
    ("pre", BLOCK | ENDS_P),
    ("q", INLINE),
    ("rp", INLINE),
    ("rt", INLINE),
    ("ruby", INLINE),
    ("s", INLINE),
    ("script", SCRIPT),
    ("section", BLOCK | ENDS_P),
    ("select", BLOCK),
    ("small", INLINE),
    ("source", VOID),
    ("span", INLINE),
    ("strike", INLINE),
    ("strong", INLINE),
    ("style", RAWTEXT),
    ("sub", INLINE),
    ("summary", BLOCK | ENDS_P),
    ("sup", INLINE),
    ("svg", BLOCK | SCOPE),
    ("table", BLOCK | ENDS_P | SCOPE | CROSSES),
    ("tbody", BLOCK | ENDS_P | CROSSES),
    ("td", BLOCK | ENDS_P | SCOPE | CROSSES),
    ("template", BLOCK | SCOPE | CROSSES),
    ("text", INLINE),
    ("textarea", BLOCK | RCDATA),
    ("tfoot", BLOCK | ENDS_P | CROSSES),
    ("th", BLOCK | ENDS_P | SCOPE | CROSSES),
    ("thead", BLOCK | ENDS_P | CROSSES),
    ("time", INLINE),
    ("title", BLOCK | RCDATA),
    ("tr", BLOCK | ENDS_P | CROSSES),
    ("track", VOID),
    ("tt", INLINE),
    ("u", INLINE),
    ("ul", BLOCK | ENDS_P),
    ("video", BLOCK),
    ("wbr", VOID),
    ("xmp", BLOCK | ENDS_P | RAWTEXT),
];

/// Room of the table of names; a good deal more than there are, so that few share a place.
const ROOM: usize = 1024;

/// Where each name stands in [`NAMES`], plus one.
static PLACES: [u8; ROOM] = places();

const fn places() -> [u8; ROOM] {
    let mut table = [0; ROOM];
    let mut at = 0;
    while at < NAMES.len() {
        let mut place = hash(NAMES[at].0.as_bytes());
        while table[place] != 0 {
            place = (place + 1) % ROOM;
        }
        at += 1;
        #[expect(clippy::cast_possible_truncation, reason = "there are fewer names than that")]
        {
            table[place] = at as u8;
        }
    }
    table
}

/// The same for both cases of a letter.
const fn hash(name: &[u8]) -> usize {
    let (mut hash, mut at) = (name.len(), 0);
    while at < name.len() {
        hash = hash.wrapping_mul(37).wrapping_add((name[at] | 0x20) as usize);
        at += 1;
    }
    (hash ^ (hash >> 10)) % ROOM
}

/// What the content of an element is to the tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Tags and text.
    Markup,
    /// Text with references, up to the end tag.
    Rcdata,
    /// Text without references.
    Rawtext,
    /// A script.
    Script,
}

/// Name of an element, in any case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'t> {
    /// Place in [`NAMES`] plus one; 0 for a name that means nothing.
    id: u8,
    written: &'t str,
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && (self.id != 0 || self.written.eq_ignore_ascii_case(other.written))
    }
}

impl<'t> Name<'t> {
    /// Looks a name up.
    pub(super) fn of(written: &'t str) -> Self {
        Self {
            id: id(written),
            written,
        }
    }

    /// The name in lower case if it is known, as written if not.
    pub(super) fn as_str(self) -> &'t str {
        self.known().map_or(self.written, |(name, _)| name)
    }

    /// A number below [`BUCKETS`] that equal names share.
    pub(super) fn bucket(self) -> usize {
        if self.id != 0 {
            return usize::from(self.id);
        }
        128 + hash(self.written.as_bytes()) % 128
    }

    fn known(self) -> Option<&'static (&'static str, u16)> {
        NAMES.get(usize::from(self.id).checked_sub(1)?)
    }

    fn is(self, property: u16) -> bool {
        self.known().is_some_and(|(_, known)| known & property != 0)
    }

    /// Elements without an end tag.
    pub(super) fn is_void(self) -> bool {
        self.is(VOID)
    }

    /// Elements at whose edges text does not join. Everything else is inline.
    pub(super) fn is_block(self) -> bool {
        self.is(BLOCK)
    }

    /// The name, where it is that of a block.
    pub(super) fn block(self) -> Option<&'static str> {
        let (name, known) = self.known()?;
        (known & BLOCK != 0).then_some(*name)
    }

    /// Whether a start tag ends an open paragraph.
    pub(super) fn ends_paragraph(self) -> bool {
        self.is(ENDS_P)
    }

    /// Elements over whose edge an end tag of another kind does not reach.
    pub(super) fn is_scope(self) -> bool {
        self.is(SCOPE)
    }

    /// End tags that do reach over the edges of [`Self::is_scope`].
    pub(super) fn crosses_scopes(self) -> bool {
        self.is(CROSSES)
    }

    /// What the element's content is to the tokenizer.
    pub(super) fn content(self) -> Content {
        let (_, known) = self.known().copied().unwrap_or_default();
        match known & (RCDATA | RAWTEXT | SCRIPT) {
            RCDATA => Content::Rcdata,
            RAWTEXT => Content::Rawtext,
            SCRIPT => Content::Script,
            _ => Content::Markup,
        }
    }

    /// What a start tag of this name ends.
    pub(super) fn implied_ends(self) -> Option<Ends> {
        let (inner, outer, stops): (Names, Names, Names) = match self.as_str() {
            "li" => (&[], &["li"], &["ul", "ol", "menu", "dir"]),
            "dd" | "dt" => (&[], &["dd", "dt"], &["dl"]),
            "option" => (&[], &["option"], &["select", "optgroup", "datalist"]),
            "optgroup" => (&["option"], &["optgroup"], &["select"]),
            "td" | "th" => (&[], &["td", "th"], &["tr"]),
            "tr" => (&["td", "th", "caption"], &["tr"], &["tbody", "thead", "tfoot"]),
            "tbody" | "thead" | "tfoot" => {
                (&["tr", "td", "th", "caption"], &["tbody", "thead", "tfoot"], &[])
            }
            _ => return None,
        };
        Some(Ends { inner, outer, stops })
    }
}

/// Numbers that [`Name::bucket`] gives.
pub(super) const BUCKETS: usize = 256;

fn id(name: &str) -> u8 {
    let mut place = hash(name.as_bytes());
    // The table is mostly empty, so this ends at once.
    while let Some(id) = PLACES.get(place).copied().filter(|id| *id != 0) {
        let known = usize::from(id).checked_sub(1).and_then(|at| NAMES.get(at));
        if known.is_some_and(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return id;
        }
        place = (place + 1) % ROOM;
    }
    0
}

type Names = &'static [&'static str];

/// What a start tag ends, when it is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    /// Ended on the way to an outer one: cells by a row.
    pub(super) inner: Names,
    /// Ended, and the search is over.
    pub(super) outer: Names,
    /// The search does not go past these, nor past a table.
    pub(super) stops: Names,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_no_other() {
        for (name, _) in NAMES {
            assert_eq!(Name::of(name).known().map(|(known, _)| *known), Some(name));
            assert_eq!(Name::of(&name.to_uppercase()).as_str(), name);
            assert!(Name::of(name).bucket() < 128);
        }
        for name in ["", "x", "tableau", "h7", "新", "sectio", "divdiv"] {
            assert_eq!(Name::of(name).known(), None, "{name}");
            assert!(Name::of(name).bucket() < BUCKETS);
        }
        assert_eq!(Name::of("X-Y"), Name::of("x-y"));
        assert_ne!(Name::of("x-y"), Name::of("x-z"));
    }
}
