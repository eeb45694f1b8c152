//! The open elements: what each says about the text inside it (hidden or not, which region, which block).
//!
//! Not the tree builder of the standard, on purpose: depth and work per tag are bounded, and an unclosed element ends
//! with its ancestor. Beyond [`MAX_DEPTH`] elements are counted, not kept.

use html5ever::LocalName;

use super::tags;
use super::{HiddenKind, Region};

/// Deepest nesting that is kept; real pages stay below 60. Each end tag looks through it at most once.
pub(super) const MAX_DEPTH: usize = 256;

/// One open element.
#[derive(Debug)]
struct Open {
    name: LocalName,
    block: bool,
    own: Marks,
    /// With what it inherits.
    all: Marks,
}

/// What an element says about the text inside it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    /// Why the text does not show.
    pub(super) hidden: Option<HiddenKind>,
    /// Which region begins here.
    pub(super) region: Option<Region>,
    /// Inside `<svg>` or `<math>`, where `<title>` and `<style>` mean other things.
    pub(super) foreign: bool,
    /// Inside an article, a list item or a cell, where `<header>` and `<footer>` are not the page's.
    pub(super) part: bool,
}

impl Marks {
    fn inherit(self, from: Self) -> Self {
        Self {
            hidden: from.hidden.or(self.hidden),
            region: nested(from.region, self.region),
            foreign: from.foreign || self.foreign,
            part: from.part || self.part,
        }
    }
}

/// The region of an element with a region of its own inside another one.
fn nested(outer: Option<Region>, own: Option<Region>) -> Option<Region> {
    match (outer, own) {
        (_, None) => outer,
        (_, Some(Region::Main | Region::Dialog)) => own,
        (Some(Region::Dialog | Region::Footer), _) => outer,
        (Some(Region::Nav), Some(Region::Header)) => outer,
        _ => own,
    }
}

/// The open elements, outermost first.
#[derive(Debug, Default)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// Elements opened beyond the depth that is kept and not closed yet.
    beyond: usize,
    /// Whether the depth was ever met.
    pub(super) overflowed: bool,
}

impl Stack {
    /// What holds here.
    pub(super) fn marks(&self) -> Marks {
        self.open.last().map(|open| open.all).unwrap_or_default()
    }

    /// Name of the nearest block element.
    pub(super) fn block(&self) -> &str {
        self.open
            .iter()
            .rev()
            .find(|open| open.block)
            .map_or("body", |open| &*open.name)
    }

    /// Whether an element of this name is open.
    pub(super) fn has(&self, name: &str) -> bool {
        self.open.iter().any(|open| &*open.name == name)
    }

    /// Ends what a start tag of this name ends. Says whether a link was among it.
    pub(super) fn before_start(&mut self, name: &str) -> bool {
        let mut link = false;
        if tags::ends_paragraph(name) {
            link |= self.end_within("p", tags::is_scope);
        }
        let (ended, stops) = tags::implied_ends(name);
        if ended.is_empty() {
            return link;
        }
        let mut outermost = None;
        for (at, open) in self.open.iter().enumerate().rev() {
            if stops.contains(&&*open.name) || &*open.name == "table" {
                break;
            }
            if ended.contains(&&*open.name) {
                outermost = Some(at);
            }
        }
        link | outermost.is_some_and(|at| self.cut(at))
    }

    /// Opens an element.
    pub(super) fn start(&mut self, name: LocalName, own: Marks) {
        if self.open.len() >= MAX_DEPTH {
            self.beyond += 1;
            self.overflowed = true;
            return;
        }
        let block = tags::is_block(&name);
        self.open.push(Open {
            name,
            block,
            own,
            all: own.inherit(self.marks()),
        });
    }

    /// Closes by an end tag. Says whether a link was closed.
    pub(super) fn end(&mut self, name: &str) -> bool {
        if self.beyond > 0 {
            self.beyond -= 1;
            return false;
        }
        if tags::is_block(name) {
            let reaches = tags::crosses_scopes(name);
            return self.end_within(name, |open| !reaches && tags::is_scope(open));
        }
        // An inline end tag takes only its own element out: `<b><div></b>` leaves the div open.
        let Some(at) = self.find(name, tags::is_scope) else {
            return false;
        };
        let link = &*self.open.remove(at).name == "a";
        self.reinherit(at);
        link
    }

    fn end_within(&mut self, name: &str, stop: impl Fn(&str) -> bool) -> bool {
        self.find(name, stop).is_some_and(|at| self.cut(at))
    }

    /// The innermost open element of this name, not looking past an element that stops the search.
    fn find(&self, name: &str, stop: impl Fn(&str) -> bool) -> Option<usize> {
        let at = self
            .open
            .iter()
            .rposition(|open| &*open.name == name || stop(&open.name))?;
        self.open
            .get(at)
            .is_some_and(|open| &*open.name == name)
            .then_some(at)
    }

    fn cut(&mut self, at: usize) -> bool {
        let link = self.open.iter().skip(at).any(|open| &*open.name == "a");
        self.open.truncate(at);
        link
    }

    fn reinherit(&mut self, from: usize) {
        let mut outer = from
            .checked_sub(1)
            .and_then(|at| self.open.get(at))
            .map(|open| open.all)
            .unwrap_or_default();
        for open in self.open.iter_mut().skip(from) {
            open.all = open.own.inherit(outer);
            outer = open.all;
        }
    }
}
