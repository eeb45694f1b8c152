//! States which permits besides the business licence are shown, and their numbers.

use super::super::shown::{self, Piece};
use super::{Licence, Seen, add, first_places};
use crate::facts::{Facts, Firmness, Place};
use crate::number::{Permit, PermitKind, Problem, Telecom, permit, telecom};

/// Code of telecom licences among permits.
const TELECOM: &str = "telecom";
/// Code of licences for domain names among permits.
const DOMAIN: &str = "domain";

/// All permits shown.
#[derive(Debug, Default)]
struct Shown {
    /// Kinds, in order of sight.
    kinds: Seen<&'static str>,
    telecom: Seen<Telecom>,
    others: Seen<Permit>,
}

impl Licence {
    /// `year` is the year of the look; an empty list is stated only when the home page was `read`.
    pub(super) fn state_permits(&self, pieces: &[Piece<'_>], year: i16, read: bool, facts: &mut Facts) {
        let mut shown = Shown::default();
        for piece in pieces.iter().filter(|piece| piece.own && piece.numeric) {
            self.read_permits(piece, year, &mut shown);
        }
        state_telecom(&shown.telecom, facts);
        for (kind, number, problem) in [
            (
                PermitKind::Culture,
                "licence.culture_number",
                Some("licence.culture_problem"),
            ),
            (
                PermitKind::Payment,
                "licence.payment_number",
                Some("licence.payment_problem"),
            ),
            (PermitKind::Publishing, "licence.publishing_number", None),
            (PermitKind::Audiovisual, "licence.audiovisual_number", None),
        ] {
            state_number(&shown.others, kind, number, problem, facts);
        }
        if !shown.kinds.is_empty() || read {
            let mut list: Vec<String> = shown.kinds.iter().map(|(code, _)| (*code).to_owned()).collect();
            list.sort();
            let places = first_places(&shown.kinds);
            facts.say("licence.permits", list, Firmness::WellFormed, places);
        }
    }

    fn read_permits(&self, piece: &Piece<'_>, year: i16, shown: &mut Shown) {
        let provinces = &self.tables.provinces;
        for found in telecom::find(&piece.normal, &self.tables, year) {
            let place = piece.place(found.range);
            if found.number.domain {
                add(&mut shown.kinds, DOMAIN, place);
            } else {
                add(&mut shown.kinds, TELECOM, place.clone());
                add(&mut shown.telecom, found.number, place);
            }
        }
        if !self.permits.are_in(&piece.normal) {
            return;
        }
        for found in permit::find(&piece.normal, &self.words.permits, provinces, year) {
            let place = piece.place(found.range);
            add(&mut shown.kinds, found.number.kind.code(), place.clone());
            add(&mut shown.others, found.number, place);
        }
    }
}

/// The first number of a kind, and the worst failing of all of that kind.
fn state_number(
    permits: &Seen<Permit>,
    kind: PermitKind,
    number: &str,
    problem: Option<&str>,
    facts: &mut Facts,
) {
    let of_kind: Vec<&(Permit, Vec<Place>)> =
        permits.iter().filter(|(permit, _)| permit.kind == kind).collect();
    let Some((first, places)) = of_kind.first() else {
        return;
    };
    let firmness = shown::firmness(first.problem.is_none());
    facts.say(number, first.number.as_str(), firmness, places.clone());
    let failing = |permit: &&(Permit, Vec<Place>)| permit.0.problem;
    if let (Some(name), Some(worst)) = (problem, shown::worst(&of_kind, failing)) {
        let code = failing(worst).map_or("none", Problem::code);
        facts.say(name, code, Firmness::WellFormed, worst.1.clone());
    }
}

fn state_telecom(licences: &Seen<Telecom>, facts: &mut Facts) {
    let Some((first, places)) = licences.first() else {
        return;
    };
    let firmness = shown::firmness(first.problem.is_none());
    facts.say(
        "licence.telecom_number",
        first.number.as_str(),
        firmness,
        places.clone(),
    );
    let problem = |licence: &(Telecom, Vec<Place>)| licence.0.problem;
    if let Some(worst) = shown::worst(licences, problem) {
        let code = problem(worst).map_or("none", Problem::code);
        facts.say(
            "licence.telecom_problem",
            code,
            Firmness::WellFormed,
            worst.1.clone(),
        );
    }
}
