//! Holds the year of the filing against the years since when the site says that it exists.
//!
//! Only a range of years beside a copyright mark, or a year behind "since" and its like, says since when a site exists. Years
//! beside the name of a firm are the firm's, which may be far older than its site: they, and single copyright years, can
//! deny that the filing is too young and never say it. Years beside the name of a program are that program's.

use super::super::filing::year_of;
use super::super::licence::CrossWords;
use super::super::shown::Piece;
use super::Cross;
use crate::facts::{Facts, Firmness, Place, Value};
use crate::inspect::reading::Reading;
use crate::lexicon;
use crate::text::{Normal, Pattern};

/// How far from a year its owner is named, in characters.
const OWNER_REACH: usize = 24;
/// Before this year there were no such sites.
const FIRST_YEAR: i16 = 1995;

/// A year that stands where a site says how old it is.
struct Claim {
    year: i16,
    place: Place,
    /// Whether it is the site that claims it, in so many words.
    own: bool,
}

/// A range of years behind or before a copyright mark, one year behind such a mark, or a year behind "since".
pub(super) fn pattern(words: &CrossWords) -> Result<Pattern, regex::Error> {
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
    let range = format!(r" ?[-~] ?(?:{year}|{until})");
    Pattern::new(&format!(
        r"(?:{mark})[^0-9]{{0,24}}(?:(?<behind>{year}){range}|(?<single>{year})(?-u:\b))|(?-u:\b)(?<before>{year}){range}[^0-9]{{0,12}}(?:{mark})|(?:{since})[^0-9]{{0,6}}(?<since>{year})(?-u:\b)",
    ))
}

impl Cross {
    pub(super) fn state_years(&self, reading: &Reading<'_>, facts: &mut Facts) {
        const NAME: &str = "cross.filing_after_copyright";
        let Some(fact) = facts.get("filing.icp_year") else {
            return;
        };
        let Value::Int(filed) = fact.value else { return };
        let filing = fact.at.clone();
        let now = year_of(reading.evidence);
        let pieces = reading.pieces().iter();
        let claims: Vec<Claim> = pieces
            .filter(|piece| piece.is_block() && piece.own && piece.numeric)
            .flat_map(|piece| self.claims(piece))
            .filter(|claim| (FIRST_YEAR..=now).contains(&claim.year))
            .collect();
        let earliest = |own: bool| {
            let fitting = claims.iter().filter(|claim| claim.own || !own);
            fitting.min_by_key(|claim| claim.year)
        };
        let Some(claim) = earliest(true).or_else(|| earliest(false)) else {
            return;
        };
        let places = std::iter::once(claim.place.clone()).chain(filing).collect();
        let tolerated = i64::from(claim.year) + i64::from(self.words.filing_tolerance_years);
        let after = claim.own && filed > tolerated;
        facts.say(NAME, after, Firmness::WellFormed, places);
        let whose = if claim.own {
            "since"
        } else {
            "since (not the site's own claim)"
        };
        facts.detail(NAME, format!("{whose} {}, filed {filed}", claim.year));
    }

    /// Years that say how old the site is, or its firm.
    fn claims(&self, piece: &Piece<'_>) -> Vec<Claim> {
        // The letters of a text do not depend on its case.
        if !self.since.may_be_in(&piece.normal) {
            return Vec::new();
        }
        let text = piece.normal.lower();
        let found = self.since.captures_iter(text.text()).filter_map(|captures| {
            let range = captures.get(0)?.range();
            let (before, after) = lexicon::around(text.text(), &range, OWNER_REACH);
            let near = format!("{before}|{}|{after}", text.text().get(range.clone())?);
            if self.is_programs(&near) {
                return None;
            }
            let own = ["behind", "before", "since"]
                .iter()
                .find_map(|name| captures.name(name));
            let year = own.or_else(|| captures.name("single"))?;
            Some(Claim {
                year: year.as_str().parse().ok()?,
                place: Place::new(piece.url, piece.region.name(), text.snippet(range, 8)),
                own: own.is_some() && self.names.find(&Normal::of(&near)).is_empty(),
            })
        });
        found.collect()
    }

    /// Whether the maker of a program is named.
    fn is_programs(&self, near: &str) -> bool {
        let mut owners = self.words.program_owners.iter();
        owners.any(|owner| near.contains(owner.as_str()))
    }
}
