//! States what the police numbers that were sighted say.

use super::super::shown;
use super::sighting::{Sighting, telling_link};
use crate::facts::{Facts, Firmness};
use crate::number::{Police, Problem};

/// States the facts of all numbers shown; nothing when there are none.
pub(super) fn state(numbers: &[Sighting<Police>], facts: &mut Facts) {
    let Some(first) = numbers.first() else { return };
    let seen = Firmness::WellFormed;
    let places = || first.places.clone();
    facts.say("filing.police_shown", true, seen, places());
    let firmness = shown::firmness(first.number.problem.is_none());
    facts.say(
        "filing.police_number",
        first.number.number.as_str(),
        firmness,
        places(),
    );
    if first.number.old {
        facts.detail("filing.police_number", "old form of 12 digits");
    }
    let problem = |sighting: &Sighting<Police>| {
        let differs = sighting.differs.then_some(Problem::LinkDiffers);
        sighting.number.problem.or(differs)
    };
    if let Some(worst) = shown::worst(numbers, problem) {
        let code = problem(worst).map_or("none", Problem::code);
        facts.say("filing.police_problem", code, seen, worst.places.clone());
    }
    if let Some((sighting, link)) = telling_link(numbers) {
        facts.say(
            "filing.police_link",
            link.map_or("none", |(kind, _)| kind.code()),
            seen,
            sighting.places.clone(),
        );
        if let Some((_, host)) = link {
            facts.detail("filing.police_link", format!("leads to {host}"));
        }
    }
}
