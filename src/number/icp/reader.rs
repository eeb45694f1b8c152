//! Takes one match of the form apart: which letters are its own, which belong to the words around it.
//!
//! It says nothing about whether the number is a good one; that is `judge`.

use regex::Captures;

use super::{Found, Icp, IcpKind, Problem, Tables, parody};
use crate::text::Normal;

/// One search: the text, what the readers must know, and the year the text was seen.
pub(super) struct Reader<'a> {
    pub(super) text: &'a Normal,
    pub(super) tables: &'a Tables,
    pub(super) now: i16,
}

/// The parts of one match.
pub(super) struct Parts<'a> {
    pub(super) letter: Option<char>,
    pub(super) permit: Option<bool>,
    pub(super) serial: String,
    pub(super) tail: Tail<'a>,
    pub(super) shown: &'a str,
}

/// What follows the serial.
pub(super) struct Tail<'a> {
    pub(super) service: Option<&'a str>,
    pub(super) suffix: Option<char>,
    pub(super) hidden: bool,
    pub(super) end: usize,
}

impl Reader<'_> {
    pub(super) fn read(&self, captures: &Captures<'_>) -> Option<Found<Icp>> {
        let letters = captures.name("letters")?.start();
        let tail = self.tail(captures)?;
        let mut start = captures.get(0)?.start();
        let mut letter = captures
            .name("province")
            .and_then(|letter| letter.as_str().chars().next());
        if captures.name("open").is_none() && letter.is_some_and(|letter| self.is_label_end(letter)) {
            (letter, start) = (None, letters);
        }
        let before = self.text.text().get(..letters)?;
        let parody = letter.and_then(|_| parody::ending(before, &self.tables.registries.parody_prefixes));
        let range = parody.unwrap_or(start)..tail.end;
        let shown = self.text.text().get(range.clone())?;
        if parody.is_some() {
            return Some(Found {
                number: Icp::wrong(IcpKind::Other, shown, Problem::Parody),
                range,
            });
        }
        let parts = Parts {
            letter,
            permit: captures.name("word").map(|word| word.as_str().ends_with('证')),
            serial: captures
                .name("spaced")
                .or_else(|| captures.name("plain"))?
                .as_str()
                .replace(' ', ""),
            tail,
            shown,
        };
        let mut icp = self.judge(&parts);
        icp.written.extend(self.written(captures, range.clone()));
        if icp.written.contains(&"look_alike_letters") && icp.is_well_formed() {
            icp = Icp {
                written: icp.written,
                ..Icp::wrong(icp.kind, shown, Problem::Grammar)
            };
        }
        Some(Found { number: icp, range })
    }

    /// What follows the serial, without what belongs to the words behind it.
    fn tail<'t>(&self, captures: &Captures<'t>) -> Option<Tail<'t>> {
        let part = |name: &str| captures.name(name);
        let goes_on = |end: usize| {
            let rest = self.text.text().get(end..).unwrap_or_default();
            rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        };
        let mut tail = Tail {
            service: None,
            suffix: None,
            hidden: false,
            end: captures.get(0)?.end(),
        };
        let Some(gap) = part("gap") else { return Some(tail) };
        if let Some(mask) = part("hidden") {
            tail.hidden = !goes_on(mask.end());
            if !tail.hidden {
                tail.end = gap.start();
            }
            return Some(tail);
        }
        let service = part("service")?;
        if is_year_behind_a_gap(service.as_str(), gap.as_str()) {
            tail.end = gap.start();
            return Some(tail);
        }
        tail.service = Some(service.as_str());
        if let Some(letter) = part("letter") {
            if goes_on(letter.end()) {
                tail.end = letter.start();
            } else {
                tail.suffix = letter.as_str().chars().next().map(|c| c.to_ascii_uppercase());
            }
        }
        Some(tail)
    }

    /// Whether a letter before `ICP` is the end of a label rather than a province letter.
    fn is_label_end(&self, letter: char) -> bool {
        !self.tables.provinces.knows(letter) && self.tables.registries.label_ends.contains(letter)
    }
}

/// ` - 2024` after a number is a copyright year, not a service.
fn is_year_behind_a_gap(service: &str, gap: &str) -> bool {
    service.len() == 4 && (service.starts_with("19") || service.starts_with("20")) && gap != "-"
}
