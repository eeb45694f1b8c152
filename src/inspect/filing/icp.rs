//! States what the ICP numbers that were sighted say.

use std::collections::BTreeSet;

use super::super::shown;
use super::sighting::{Sighting, telling_link};
use crate::facts::{Facts, Firmness, Place};
use crate::number::{Icp, IcpKind, Problem, Telecom, Template};

/// States the facts of all numbers shown; nothing when there are none.
pub(super) fn state(numbers: &[Sighting<Icp>], templates: &[Template], facts: &mut Facts) {
    let Some(first) = numbers.first() else { return };
    let seen = Firmness::WellFormed;
    facts.say("filing.icp_shown", true, seen, first.places.clone());
    state_first(first, templates, facts);
    state_problem(numbers, templates, facts);
    let places: Vec<Place> = numbers
        .iter()
        .filter_map(|number| number.places.first().cloned())
        .collect();
    facts.say("filing.icp_subjects", subjects(numbers), seen, places);
    if let Some((sighting, link)) = telling_link(numbers) {
        facts.say(
            "filing.icp_link",
            link.map_or("none", |(kind, _)| kind.code()),
            seen,
            sighting.places.clone(),
        );
        if let Some((_, host)) = link {
            facts.detail("filing.icp_link", format!("leads to {host}"));
        }
    }
}

fn state_first(first: &Sighting<Icp>, templates: &[Template], facts: &mut Facts) {
    let icp = &first.number;
    let places = || first.places.clone();
    facts.say(
        "filing.icp_number",
        icp.number.as_str(),
        shown::firmness(icp.is_well_formed()),
        places(),
    );
    if let Some(detail) = detail(icp, templates) {
        facts.detail("filing.icp_number", detail);
    }
    facts.say("filing.icp_kind", icp.kind.code(), Firmness::WellFormed, places());
    if !icp.is_well_formed() {
        return;
    }
    if let Some(year) = icp.year {
        facts.say("filing.icp_year", i64::from(year), Firmness::WellFormed, places());
    }
    if let Some(province) = &icp.province {
        facts.say(
            "filing.icp_province",
            province.as_str(),
            Firmness::WellFormed,
            places(),
        );
    }
}

fn state_problem(numbers: &[Sighting<Icp>], templates: &[Template], facts: &mut Facts) {
    let problem = |sighting: &Sighting<Icp>| sighting.number.problems.first().copied().map(as_shown);
    let Some(worst) = shown::worst(numbers, problem) else {
        return;
    };
    let code = problem(worst).map_or("none", Problem::code);
    facts.say(
        "filing.icp_problem",
        code,
        Firmness::WellFormed,
        worst.places.clone(),
    );
    if let Some(detail) = detail(&worst.number, templates) {
        facts.detail("filing.icp_problem", detail);
    }
}

/// Why a number fails, how it was oddly written, and which software ships with it.
fn detail(icp: &Icp, templates: &[Template]) -> Option<String> {
    let mut parts = Vec::new();
    if !icp.problems.is_empty() {
        let reasons: Vec<&str> = icp.problems.iter().map(|problem| problem.code()).collect();
        parts.push(format!("fails: {}", reasons.join(", ")));
    }
    if !icp.written.is_empty() {
        parts.push(format!("written: {}", icp.written.join(", ")));
    }
    if let Some(template) = templates
        .iter()
        .find(|template| icp.subject.as_deref() == Some(&template.number))
    {
        parts.push(format!("shipped with {}", template.from));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Permits and filings of one firm bear different numbers, so each kind is counted for itself and the larger count told.
fn subjects(numbers: &[Sighting<Icp>]) -> i64 {
    let of = |permit: bool| {
        let kind = numbers
            .iter()
            .filter(|sighting| (sighting.number.kind == IcpKind::Permit) == permit);
        kind.filter_map(|sighting| sighting.number.subject.as_deref())
            .collect::<BTreeSet<&str>>()
            .len()
    };
    i64::try_from(of(true).max(of(false))).unwrap_or(i64::MAX)
}

/// A telecom licence used as a filing.
pub(super) fn as_filing(licence: Telecom) -> Icp {
    let subject = licence
        .number
        .splitn(3, '-')
        .take(2)
        .collect::<Vec<_>>()
        .join("-");
    Icp {
        kind: IcpKind::TelecomLicence,
        subject: licence.problem.is_none().then_some(subject),
        number: licence.number,
        province: licence.province.filter(|code| code != "00"),
        year: licence.year,
        problems: licence.problem.into_iter().collect(),
        written: if licence.hybrid {
            vec!["hybrid"]
        } else {
            Vec::new()
        },
    }
}

/// A problem in the words of `filing.icp_problem`, which knows none that only licences have.
fn as_shown(problem: Problem) -> Problem {
    match problem {
        Problem::Irregular | Problem::Class => Problem::Grammar,
        other => other,
    }
}
