//! States what the ICP numbers that were sighted say.

use std::collections::{BTreeMap, BTreeSet};

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
    facts.say("filing.icp_subjects", subjects(numbers), seen, places.clone());
    let kinds: BTreeSet<&str> = numbers.iter().map(|number| number.number.kind.code()).collect();
    let kinds: Vec<String> = kinds.into_iter().map(str::to_owned).collect();
    facts.say("filing.icp_kinds", kinds, seen, places);
    state_spellings(numbers, facts);
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

/// How many spellings the subject has that is spelled most variously. A service's `-N` is no spelling of its own: sites
/// show the subject's number in one place and the service's in another, as they should.
fn state_spellings(numbers: &[Sighting<Icp>], facts: &mut Facts) {
    let mut subjects: BTreeMap<&str, (BTreeSet<&str>, Vec<Place>)> = BTreeMap::new();
    for sighting in numbers {
        let Some(subject) = sighting
            .number
            .subject
            .as_deref()
            .filter(|_| sighting.number.is_well_formed())
        else {
            continue;
        };
        let (spellings, places) = subjects.entry(subject).or_default();
        spellings.extend(
            sighting
                .spellings
                .iter()
                .map(|spelling| without_service(spelling)),
        );
        places.extend(sighting.places.iter().cloned());
    }
    // Of several with the same count the first by number is told.
    let Some((spellings, places)) = subjects
        .into_values()
        .reduce(|most, next| if next.0.len() > most.0.len() { next } else { most })
    else {
        return;
    };
    let count = i64::try_from(spellings.len()).unwrap_or(i64::MAX);
    facts.say("filing.icp_spellings", count, Firmness::WellFormed, places);
    if count > 1 {
        let spellings: Vec<&str> = spellings.into_iter().collect();
        facts.detail("filing.icp_spellings", spellings.join(" / "));
    }
}

/// A number as written, without the `-N` of one service behind it.
fn without_service(spelling: &str) -> &str {
    let head = spelling.trim_end_matches(|c: char| c.is_alphanumeric() && !crate::text::is_han(c));
    let cut = head.trim_end_matches(|c: char| !c.is_alphanumeric());
    if cut.len() < head.len() && cut.ends_with(['号', '號']) {
        cut
    } else {
        spelling
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
