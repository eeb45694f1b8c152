//! Closed: what a shop program says when there is no shop behind it: not installed, frozen, under maintenance.
//!
//! Takes the gaps of the evidence and `[[closed]]` of `data/software.toml`; gives the kind, and the program where the
//! notice is that program's own. Which pages are such notices is told by the crawl's gates, not here.

use serde::Deserialize;

use crate::evidence::{Evidence, GapReason};
use crate::facts::Place;

/// One kind of notice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Closed {
    kind: Kind,
    #[serde(default)]
    program: Option<String>,
    texts: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    NotInstalled,
    Frozen,
    Maintenance,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::NotInstalled => "not_installed",
            Self::Frozen => "frozen",
            Self::Maintenance => "maintenance",
        }
    }
}

/// A notice that stands where the home page would.
#[derive(Debug)]
pub(super) struct Notice<'c> {
    pub(super) kind: &'static str,
    pub(super) program: Option<&'c str>,
    pub(super) place: Place,
}

/// The notice of the home page, if its program gave one.
pub(super) fn notice<'c>(evidence: &Evidence, notices: &'c [Closed]) -> Option<Notice<'c>> {
    if evidence.home().is_some() {
        return None;
    }
    let gap = evidence
        .gaps
        .iter()
        .find(|gap| gap.reason == GapReason::NotInstalled)?;
    let closed = notices
        .iter()
        .find(|closed| closed.texts.iter().any(|text| gap.detail.contains(text.as_str())))?;
    let (part, shown) = gap.detail.split_once(' ').unwrap_or(("main", &gap.detail));
    let part = if part == "title" { "title" } else { "main" };
    Some(Notice {
        kind: closed.kind.code(),
        program: closed.program.as_deref(),
        place: Place::new(&gap.what, part, shown),
    })
}
