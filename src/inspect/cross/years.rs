//! Holds the year of the filing against the years since when the site says that it exists.
//!
//! Only a range of years beside a copyright mark, or a year behind "since" and its like, says since when a site exists. Years
//! beside the name of a firm are the firm's, which may be far older than its site; years beside the name of a program are that
//! program's.

use regex::Regex;

use super::super::filing::year_of;
use super::super::licence::CrossWords;
use super::super::shown::{self, Piece};
use super::Cross;
use crate::evidence::Evidence;
use crate::facts::{Facts, Firmness, Place, Value};
use crate::lexicon;
use crate::text::Normal;

/// How far from a year its owner is named, in characters.
const OWNER_REACH: usize = 24;
/// Before this year there were no such sites.
const FIRST_YEAR: i16 = 1995;

/// A range of years behind or before a word, or a year behind one.
pub(super) fn pattern(words: &CrossWords) -> Result<Regex, regex::Error> {
    let any = |list: &[String]| {
        list.iter()
            .map(|word| regex::escape(word))
            .collect::<Vec<_>>()
            .join("|")
    };
    let (mark, since, until) = (
        any(&words.range_words),
        any(&words.since_words),
        any(&words.until_words),
    );
    let year = "(?:19|20)[0-9]{2}";
    let range = |name: &str| format!(r"(?<{name}>{year}) ?(?:-|~|至|到) ?(?:{year}|{until})");
    Regex::new(&format!(
        r"(?:{mark})[^0-9]{{0,24}}{}|(?-u:\b){}[^0-9]{{0,12}}(?:{mark})|(?:{since})[^0-9]{{0,6}}(?<since>{year})(?-u:\b)",
        range("behind"),
        range("before"),
    ))
}

impl Cross {
    pub(super) fn state_years(&self, evidence: &Evidence, facts: &mut Facts) {
        const NAME: &str = "cross.filing_after_copyright";
        let Some(fact) = facts.get("filing.icp_year") else {
            return;
        };
        let Value::Int(filed) = fact.value else { return };
        let filing = fact.at.clone();
        let pieces = shown::pieces(evidence);
        let now = year_of(evidence);
        let years = pieces
            .iter()
            .filter(|piece| piece.is_block() && piece.own && piece.numeric)
            .flat_map(|piece| self.years(piece));
        let Some((since, place)) = years
            .filter(|(year, _)| (FIRST_YEAR..=now).contains(year))
            .min_by_key(|(year, _)| *year)
        else {
            return;
        };
        let places = std::iter::once(place).chain(filing).collect();
        let tolerated = i64::from(since) + i64::from(self.words.filing_tolerance_years);
        facts.say(NAME, filed > tolerated, Firmness::WellFormed, places);
        facts.detail(NAME, format!("since {since}, filed {filed}"));
    }

    /// Years since when the site says it exists.
    fn years(&self, piece: &Piece<'_>) -> Vec<(i16, Place)> {
        let text = piece.normal.lower();
        let found = self.since.captures_iter(text.text()).filter_map(|captures| {
            let range = captures.get(0)?.range();
            if self.is_others(text.text(), &range) {
                return None;
            }
            let year = ["behind", "before", "since"]
                .iter()
                .find_map(|name| captures.name(name))?;
            let place = Place::new(piece.url, piece.region.name(), text.snippet(range, 8));
            Some((year.as_str().parse().ok()?, place))
        });
        found.collect()
    }

    /// Whether a firm or the maker of a program stands beside a year.
    fn is_others(&self, text: &str, range: &std::ops::Range<usize>) -> bool {
        let (before, after) = lexicon::around(text, range, OWNER_REACH);
        let near = format!("{before}|{}|{after}", text.get(range.clone()).unwrap_or_default());
        let program = self
            .words
            .program_owners
            .iter()
            .any(|owner| near.contains(owner.as_str()));
        program || !self.names.find(&Normal::of(&near)).is_empty()
    }
}
