//! The open elements: what each says about the text inside it (hidden or not, which region, which block).
//!
//! Not the tree builder of the standard, on purpose: depth and work per tag are bounded, and an unclosed element ends
//! with its ancestor. Beyond [`MAX_DEPTH`] elements are counted, not kept.

use super::tags::{BUCKETS, Name};
use super::{HiddenKind, Region};

/// Deepest nesting that is kept; real pages stay below 60. Each end tag looks through it at most once.
pub(super) const MAX_DEPTH: usize = 256;

/// One open element.
#[derive(Debug)]
struct Open<'t> {
    name: Name<'t>,
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
    /// Inside the parts of a drawing that are text.
    pub(super) drawn_text: bool,
    /// Inside an article, a list item or a cell, where `<header>` and `<footer>` are not the page's.
    pub(super) part: bool,
}

impl Marks {
    fn inherit(self, from: Self) -> Self {
        Self {
            hidden: from.hidden.or(self.hidden),
            region: nested(from.region, self.region),
            foreign: from.foreign || self.foreign,
            drawn_text: from.drawn_text || self.drawn_text,
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
#[derive(Debug)]
pub(super) struct Stack<'t> {
    open: Vec<Open<'t>>,
    /// How many elements are open in each bucket of names, so that most searches need not begin.
    counts: [u16; BUCKETS],
    /// Elements opened beyond the depth that is kept and not closed yet.
    beyond: usize,
    /// Whether the depth was ever met.
    pub(super) overflowed: bool,
}

impl Default for Stack<'_> {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            counts: [0; BUCKETS],
            beyond: 0,
            overflowed: false,
        }
    }
}

impl<'t> Stack<'t> {
    /// What holds here.
    pub(super) fn marks(&self) -> Marks {
        self.open.last().map(|open| open.all).unwrap_or_default()
    }

    /// Name of the nearest block element.
    pub(super) fn block(&self) -> &'static str {
        let mut blocks = self.open.iter().rev();
        blocks.find_map(|open| open.name.block()).unwrap_or("body")
    }

    /// Ends what a start tag of this name ends. Says whether a link was among it.
    pub(super) fn before_start(&mut self, name: Name<'t>) -> bool {
        let paragraph = name.ends_paragraph() && self.end_within(Name::of("p"), |open| open.name.is_scope());
        let Some(ends) = name.implied_ends() else {
            return paragraph;
        };
        let any_open = |names: &[&'static str]| names.iter().any(|name| self.is_open(Name::of(name)));
        if !any_open(ends.inner) && !any_open(ends.outer) {
            return paragraph;
        }
        let mut ended = None;
        for (at, open) in self.open.iter().enumerate().rev() {
            let name = open.name.as_str();
            if ends.stops.contains(&name) || name == "table" {
                break;
            }
            if ends.outer.contains(&name) {
                ended = Some(at);
                break;
            }
            if ends.inner.contains(&name) {
                ended = Some(at);
            }
        }
        paragraph | ended.is_some_and(|at| self.cut(at))
    }

    /// Opens an element.
    pub(super) fn start(&mut self, name: Name<'t>, own: Marks) {
        if self.open.len() >= MAX_DEPTH {
            self.beyond += 1;
            self.overflowed = true;
            return;
        }
        if let Some(count) = self.counts.get_mut(name.bucket()) {
            *count += 1;
        }
        self.open.push(Open {
            name,
            own,
            all: own.inherit(self.marks()),
        });
    }

    /// Closes by an end tag. Says whether a link was closed.
    pub(super) fn end(&mut self, name: Name<'t>) -> bool {
        if self.beyond > 0 {
            self.beyond -= 1;
            return false;
        }
        if name.is_block() {
            let reaches = name.crosses_scopes();
            return self.end_within(name, |open| !reaches && open.name.is_scope());
        }
        // An inline end tag takes only its own element out: `<b><div></b>` leaves the div open.
        let Some(at) = self.find(name, |open| open.name.is_scope()) else {
            return false;
        };
        let open = self.open.remove(at);
        self.uncount(open.name);
        self.reinherit(at);
        is_link(open.name)
    }

    fn end_within(&mut self, name: Name<'t>, stop: impl Fn(&Open<'t>) -> bool) -> bool {
        self.find(name, stop).is_some_and(|at| self.cut(at))
    }

    /// Whether an element of this name may be open.
    fn is_open(&self, name: Name<'_>) -> bool {
        self.counts.get(name.bucket()).is_some_and(|count| *count > 0)
    }

    /// The innermost open element of this name, not looking past an element that stops the search.
    fn find(&self, name: Name<'t>, stop: impl Fn(&Open<'t>) -> bool) -> Option<usize> {
        if !self.is_open(name) {
            return None;
        }
        let at = self
            .open
            .iter()
            .rposition(|open| open.name == name || stop(open))?;
        self.open
            .get(at)
            .is_some_and(|open| open.name == name)
            .then_some(at)
    }

    /// Closes this element and all inside it.
    fn cut(&mut self, at: usize) -> bool {
        let mut link = false;
        while self.open.len() > at
            && let Some(open) = self.open.pop()
        {
            link |= is_link(open.name);
            self.uncount(open.name);
        }
        link
    }

    fn uncount(&mut self, name: Name<'_>) {
        if let Some(count) = self.counts.get_mut(name.bucket()) {
            *count = count.saturating_sub(1);
        }
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

fn is_link(name: Name<'_>) -> bool {
    name.as_str() == "a"
}
