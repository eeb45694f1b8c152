//! Filing: ICP filings and permits, and police numbers, as the site shows them.
//!
//! A number counts as shown when it stands where the site speaks of itself (`shown`), or in or beside a
//! link to the register (the true one, an old one, or a look-alike). One that an article quotes does not, and one
//! in hidden text is only noted. Numbers never join across blocks. Nothing is looked up.

mod icp;
mod police;
mod sighting;

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use jiff::tz::Offset;

use super::shown::{self, Piece};
use super::{DataError, DataFiles, Inspector};
use crate::evidence::Evidence;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Int, List, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::inspect::reading::Reading;
use crate::number::{self, Found, Icp, Tables, telecom};
use sighting::{Sighting, sightings};

/// What this inspector can state.
pub const PROVIDES: &[FactSpec] = &[
    FactSpec::new(
        "filing.icp_shown",
        Bool,
        Trivial,
        "An ICP filing or permit number stands where the site speaks of itself, well formed or not; false only when the home page was read",
    ),
    FactSpec::new(
        "filing.icp_number",
        Text,
        Trivial,
        "The first such number, as the register writes it when well formed, else as shown",
    ),
    FactSpec::new(
        "filing.icp_problem",
        Text,
        Trivial,
        "Worst failing of the numbers shown: none, grammar, parody, masked, province, year, placeholder or template; unsaid when none is shown",
    ),
    FactSpec::new(
        "filing.icp_kind",
        Text,
        Trivial,
        "Kind of the first number: filing, permit, telecom_licence, app, mini_program, quick_app or other",
    ),
    FactSpec::new(
        "filing.icp_kinds",
        List,
        Trivial,
        "Kinds of all numbers shown, in the words of filing.icp_kind; unsaid when none is shown",
    ),
    FactSpec::new(
        "filing.icp_year",
        Int,
        Trivial,
        "Year in the first number's serial; unsaid when it is not well formed",
    ),
    FactSpec::new(
        "filing.icp_province",
        Text,
        Trivial,
        "Province code (GB/T 2260, two digits) of the first number; unsaid when it is not well formed",
    ),
    FactSpec::new(
        "filing.icp_subjects",
        Int,
        Trivial,
        "How many different subjects the well-formed numbers shown belong to, counted within one kind of number",
    ),
    FactSpec::new(
        "filing.icp_spellings",
        Int,
        Trivial,
        "How many different spellings the same subject's number is shown in, the -N of a service left aside; the most of any subject; unsaid when no well-formed number is shown",
    ),
    FactSpec::new(
        "filing.icp_link",
        Text,
        Trivial,
        "Where the link at the number leads: official, dated, lookalike, other or none; unsaid when no number is shown",
    ),
    FactSpec::new(
        "filing.icp_hidden",
        Bool,
        Trivial,
        "A number stands only in text that does not show",
    ),
    FactSpec::new(
        "filing.police_shown",
        Bool,
        Trivial,
        "A police number (公网安备) stands where the site speaks of itself; false only when the home page was read",
    ),
    FactSpec::new(
        "filing.police_number",
        Text,
        Trivial,
        "The first such number, as the register writes it when well formed, else as shown",
    ),
    FactSpec::new(
        "filing.police_problem",
        Text,
        Trivial,
        "Worst failing of the police numbers shown: none, grammar, masked, province (the letter is none, or the digits name another), code (02 is not at its place), placeholder or link_differs",
    ),
    FactSpec::new(
        "filing.police_link",
        Text,
        Trivial,
        "Where the link at the police number leads: official, lookalike, other or none",
    ),
    FactSpec::new(
        "filing.police_hidden",
        Bool,
        Trivial,
        "A police number stands only in text that does not show",
    ),
];

/// Builds the inspector.
pub fn load(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    let letters = |list: &[&str]| {
        let letters = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(list);
        letters.map_err(|err| DataFiles::bad("registries.toml", err))
    };
    Ok(Box::new(Filing {
        tables: tables(data)?,
        icp_letters: letters(&["备", "備", "证", "證"])?,
        police_letters: letters(&["备", "備"])?,
    }))
}

/// The tables that numbers are read with.
pub(super) fn tables(data: &DataFiles) -> Result<Tables, DataError> {
    Ok(Tables {
        provinces: data.read("provinces.toml")?,
        registries: data.read("registries.toml")?,
    })
}

/// The year of the look, in Chinese time.
pub(super) fn year_of(evidence: &Evidence) -> i16 {
    Offset::constant(8).to_datetime(evidence.captured_at).year()
}

#[derive(Debug)]
struct Filing {
    tables: Tables,
    /// Letters of which a filing or permit that stands in hidden text holds one, …
    icp_letters: AhoCorasick,
    /// … and a police number.
    police_letters: AhoCorasick,
}

impl Inspector for Filing {
    fn facts(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let evidence = reading.evidence;
        let pieces = reading.pieces();
        let year = year_of(evidence);
        let numbers = self.icp_numbers(pieces, year);
        icp::state(&numbers, &self.tables.registries.template, facts);
        let hosts = &self.tables.registries.police_links;
        let police = sightings(pieces, hosts, |text| {
            number::police::find(text, &self.tables.provinces)
        });
        police::state(&police, facts);
        say_hidden(facts, "filing.icp_hidden", numbers.is_empty(), || {
            let may_hold = |text: &str| holds(text, &self.icp_letters);
            shown::hidden(evidence, may_hold, |text| {
                ranges(number::icp::find(text, &self.tables, year))
            })
        });
        say_hidden(facts, "filing.police_hidden", police.is_empty(), || {
            let may_hold =
                |text: &str| !text.is_ascii() && text.contains('安') && holds(text, &self.police_letters);
            shown::hidden(evidence, may_hold, |text| {
                ranges(number::police::find(text, &self.tables.provinces))
            })
        });
        match shown::home_was_read(evidence) {
            Ok(()) => {
                for name in [
                    "filing.icp_shown",
                    "filing.police_shown",
                    "filing.icp_hidden",
                    "filing.police_hidden",
                ] {
                    shown::deny(facts, name);
                }
            }
            Err(because) => shown::cannot_say(facts, PROVIDES, &because),
        }
    }
}

impl Filing {
    /// Filings, permits and parodies; where there are none, telecom licences that stand in for them.
    fn icp_numbers(&self, pieces: &[Piece<'_>], year: i16) -> Vec<Sighting<Icp>> {
        let hosts = &self.tables.registries.icp_links;
        let numbers = sightings(pieces, hosts, |text| number::icp::find(text, &self.tables, year));
        if !numbers.is_empty() {
            return numbers;
        }
        sightings(pieces, hosts, |text| {
            let licences = telecom::find(text, &self.tables, year).into_iter();
            licences
                .map(|found| Found {
                    number: icp::as_filing(found.number),
                    range: found.range,
                })
                .collect()
        })
    }
}

/// Says that numbers stand only in text that does not show: looked for when `none` is shown, false when one is.
fn say_hidden(facts: &mut Facts, name: &str, none: bool, look: impl FnOnce() -> Vec<Place>) {
    let places = if none { look() } else { Vec::new() };
    if !none || !places.is_empty() {
        facts.say(name, !places.is_empty(), Firmness::WellFormed, places);
    }
}

/// Whether one of some Han letters stands in a text; most scripts have none at all.
fn holds(text: &str, letters: &AhoCorasick) -> bool {
    !text.is_ascii() && letters.is_match(text)
}

fn ranges<T>(found: Vec<Found<T>>) -> Vec<Range<usize>> {
    found.into_iter().map(|found| found.range).collect()
}

#[cfg(test)]
mod tests;
