//! Say: states facts from a reading, so that what was looked for and not found is told from what could not be read.
//!
//! A negative statement needs a home page that was read and shows text; otherwise the fact is left out with the reason.

use super::{Reading, Sighting};
use crate::evidence::{Evidence, Gap, GapReason};
use crate::facts::{Facts, Firmness, Place, kept};
use crate::page::Page;

impl Reading<'_> {
    /// Whether looked-for-and-not-found may be stated.
    pub fn may_deny(&self) -> bool {
        self.silence.is_none()
    }

    /// States whether something was seen: true with its places, false when the home page was read, else why not.
    pub fn say_seen(&self, facts: &mut Facts, name: &str, firmness: Firmness, places: Vec<Place>) {
        if !places.is_empty() {
            facts.say(name, true, firmness, places);
        } else if self.may_deny() {
            facts.say(name, false, Firmness::WellFormed, Vec::new());
        } else {
            self.silent(facts, name);
        }
    }

    /// States a list of codes with the places they were seen; the empty list only when the home page was read.
    pub fn say_list(&self, facts: &mut Facts, name: &str, firmness: Firmness, codes: &[(String, Place)]) {
        if codes.is_empty() && !self.may_deny() {
            return self.silent(facts, name);
        }
        let mut list: Vec<String> = codes.iter().map(|(code, _)| code.clone()).collect();
        list.sort_unstable();
        list.dedup();
        let mut told: Vec<&str> = Vec::new();
        let mut places = Vec::new();
        for (code, place) in codes {
            if !told.contains(&code.as_str()) {
                told.push(code);
                places.push(place.clone());
            }
        }
        let firmness = if list.is_empty() {
            Firmness::WellFormed
        } else {
            firmness
        };
        facts.say(name, list, firmness, places);
    }

    /// Says why a fact is left out; nothing when the home page was read.
    pub fn silent(&self, facts: &mut Facts, name: &str) {
        if let Some((reason, detail)) = &self.silence {
            facts.cannot_say(name, *reason, detail.clone());
        }
    }
}

/// Where the phrases of one group were seen, as many places as a fact keeps.
pub fn places(seen: &[Sighting<'_>], id: &str) -> Vec<Place> {
    let of = seen.iter().filter(|sighting| sighting.id == id);
    kept(of.map(Sighting::place))
}

/// Why the home page's text says nothing, if it does not.
pub(super) fn silence(evidence: &Evidence, least: usize) -> Option<(&'static str, String)> {
    let because = |reason: &'static str, gap: &Gap| (reason, format!("{} {}", gap.detail, gap.what));
    let Some((seen, page)) = evidence.home() else {
        return Some(match evidence.home_gap() {
            Some(gap) => because(gap.reason.code(), gap),
            None => (GapReason::NotCrawled.code(), "home page".to_owned()),
        });
    };
    if has_chars(page, least) {
        return None;
    }
    let empty = evidence
        .gaps
        .iter()
        .find(|gap| gap.reason == GapReason::EmptyJsApp);
    Some(match empty {
        Some(gap) => because(gap.reason.code(), gap),
        None => (
            GapReason::EmptyJsApp.code(),
            format!("no visible text {}", seen.final_url),
        ),
    })
}

/// Whether a page shows at least so many characters outside white space; no more of them are counted.
fn has_chars(page: &Page, least: usize) -> bool {
    let shown = page.blocks.iter().flat_map(|block| block.text.chars());
    shown.filter(|c| !c.is_whitespace()).take(least).count() == least
}
