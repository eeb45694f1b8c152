//! States what licence numbers say. Links are `links`.

use std::collections::BTreeSet;

use super::super::shown::{self, Piece};
use super::links::Link;
use super::{Licence, Seen, add, first_places};
use crate::evidence::{Evidence, Role};
use crate::facts::{Facts, Firmness, Place};
use crate::number::licence::{self, Label, LicenceNumber};
use crate::number::{LicenceSerial, LinkKind, Organisation, Problem, Registration, Uscc};
use crate::text::Normal;

/// Letters in which labels of licence numbers end, or that stand behind these.
pub(super) const LABEL_LETTERS: [&str; 5] = ["码", "碼", "号", "號", "照"];

/// How far behind its label a number begins at most, in bytes: filler words and brackets stand between them.
const LABEL_REACH: usize = 160;

/// All licence numbers and links of one look.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) codes: Seen<Uscc>,
    registrations: Seen<Registration>,
    organisations: Seen<Organisation>,
    pub(super) links: Seen<Link>,
}

impl Shown {
    /// What is told of a licence when it is shown: numbers, and links that lead to one licence.
    fn places(&self) -> Vec<Place> {
        let mut places = first_places(&self.codes);
        places.extend(first_places(&self.registrations));
        let links = self.links.iter().filter(|(link, _)| link.shows_a_licence());
        places.extend(links.filter_map(|(_, places)| places.first().cloned()));
        places
    }
}

impl Licence {
    pub(super) fn state_codes(&self, evidence: &Evidence, pieces: &[Piece<'_>], facts: &mut Facts) {
        let mut shown = Shown {
            links: self.links(evidence),
            ..Shown::default()
        };
        for piece in pieces
            .iter()
            .filter(|piece| piece.own || (!piece.article && matches!(piece.role, Role::Terms | Role::Help)))
        {
            self.read(piece, &mut shown);
        }
        let places = shown.places();
        if !places.is_empty() {
            facts.say("licence.shown", true, Firmness::WellFormed, places);
        }
        state_registration(&shown, facts);
        state_organisation(&shown.organisations, facts);
        self.state_link(&shown, evidence, facts);
        self.state_code(&shown, facts);
        self.state_hidden(&shown, evidence, facts);
    }

    fn read(&self, piece: &Piece<'_>, shown: &mut Shown) {
        // All these numbers have digits, or masks for them.
        if !piece.numeric || !licence::may_hold(piece.normal.raw()) {
            return;
        }
        let opens = || licence::opens(&piece.normal, &self.labels);
        let announced = piece.before.filter(|_| opens());
        let announced = announced.and_then(|before| self.announced(before));
        let labelled = announced.is_some() || self.number_labels.are_in(&piece.normal);
        if !labelled && !licence::may_hold_bare(piece.normal.text()) {
            return;
        }
        for found in licence::find(&piece.normal, &self.tables.provinces, &self.labels, announced) {
            let place = piece.place(found.range);
            match found.number {
                LicenceNumber::Uscc(code) => add(&mut shown.codes, code, place),
                LicenceNumber::Registration(number) => add(&mut shown.registrations, number, place),
                LicenceNumber::Organisation(number) => add(&mut shown.organisations, number, place),
            }
        }
    }

    /// What the cell before a number announces.
    fn announced(&self, before: &str) -> Option<Label> {
        if !self.label_letters.is_match(before) {
            return None;
        }
        self.labels.at_end(Normal::of(before).text())
    }

    /// Numbers in text that does not show, when none is shown.
    fn state_hidden(&self, shown: &Shown, evidence: &Evidence, facts: &mut Facts) {
        const NAME: &str = "licence.hidden";
        if !shown.codes.is_empty() || !shown.registrations.is_empty() {
            return facts.say(NAME, false, Firmness::WellFormed, Vec::new());
        }
        let may_hold = |text: &str| self.is_labelled(text) || licence::may_stand_bare(text);
        let places = shown::hidden(evidence, may_hold, |text| {
            if !self.number_labels.are_in(text) && !licence::may_hold_bare(text.text()) {
                return Vec::new();
            }
            let found = licence::find(text, &self.tables.provinces, &self.labels, None).into_iter();
            let of_firms = found.filter(|found| !matches!(found.number, LicenceNumber::Organisation(_)));
            of_firms.map(|found| found.range).collect()
        });
        if !places.is_empty() {
            facts.say(NAME, true, Firmness::WellFormed, places);
        }
    }

    fn state_code(&self, shown: &Shown, facts: &mut Facts) {
        let official = || {
            let links = shown
                .links
                .iter()
                .filter(|(link, _)| link.kind == LinkKind::Official);
            links.filter_map(|(link, places)| Some((link.serial()?, places)))
        };
        let in_links = official().filter(|_| shown.codes.is_empty());
        let in_links = in_links
            .map(|(serial, places)| (Uscc::read(&serial.head, &self.tables.provinces), places.clone()));
        let codes: Seen<Uscc> = shown.codes.iter().cloned().chain(in_links).collect();
        state_subjects(&codes, facts);
        let Some((first, places)) = codes.first() else {
            return;
        };
        let same = |serial: &LicenceSerial| serial.head == first.code && serial.middle == first.code;
        let confirmed = !shown.codes.is_empty() && official().any(|(serial, _)| same(serial));
        let firmness = match shown::firmness(first.is_well_formed()) {
            Firmness::WellFormed if confirmed => Firmness::Consistent,
            other => other,
        };
        facts.say("licence.uscc", first.code.as_str(), firmness, places.clone());
        if let Some(detail) = self.detail(first) {
            facts.detail("licence.uscc", detail);
        }
        if first.is_well_formed() {
            facts.say(
                "licence.subject_class",
                first.subject.code(),
                firmness,
                places.clone(),
            );
            if let Some(region) = &first.region {
                facts.say("licence.region", region.as_str(), firmness, places.clone());
            }
        }
        let problem = |code: &(Uscc, Vec<Place>)| code.0.problems.first().copied();
        let Some(worst) = shown::worst(&codes, problem) else {
            return;
        };
        let code = problem(worst).map_or("none", Problem::code);
        facts.say(
            "licence.uscc_problem",
            code,
            Firmness::WellFormed,
            worst.1.clone(),
        );
        if let Some(detail) = self.detail(&worst.0) {
            facts.detail("licence.uscc_problem", detail);
        }
    }

    /// Whether a letter of a label stands in a text with a digit, or a mask for one, near behind it: a cheap look at scripts.
    fn is_labelled(&self, text: &str) -> bool {
        let followed = |at: usize| {
            let end = text.floor_char_boundary(at + LABEL_REACH);
            shown::is_numeric(text.get(at..end).unwrap_or_default())
        };
        !text.is_ascii()
            && self
                .label_letters
                .find_iter(text)
                .any(|letter| followed(letter.start()))
    }

    /// Why a code fails.
    fn detail(&self, code: &Uscc) -> Option<String> {
        if code.is_well_formed() {
            return None;
        }
        let reasons: Vec<&str> = code.problems.iter().map(|problem| problem.code()).collect();
        let mut parts = vec![format!("fails: {}", reasons.join(", "))];
        if let Some(expected) = code
            .expected
            .filter(|_| code.problems.contains(&Problem::CheckDigit))
        {
            parts.push(format!("the last character should be {expected}"));
        }
        if code.looks_mistyped(&self.tables.provinces) {
            parts.push("looks mistyped: O for 0 or I for 1".to_owned());
        }
        Some(parts.join("; "))
    }
}

/// How many bodies the well-formed codes belong to.
fn state_subjects(codes: &Seen<Uscc>, facts: &mut Facts) {
    let good = codes.iter().filter(|(code, _)| code.is_well_formed());
    let subjects: BTreeSet<&str> = good.clone().map(|(code, _)| code.code.as_str()).collect();
    if !codes.is_empty() {
        let places = good.filter_map(|(_, places)| places.first().cloned()).collect();
        let count = i64::try_from(subjects.len()).unwrap_or(i64::MAX);
        facts.say("licence.uscc_subjects", count, Firmness::WellFormed, places);
    }
}

fn state_registration(shown: &Shown, facts: &mut Facts) {
    let Some((number, places)) = shown.registrations.first() else {
        return;
    };
    let firmness = shown::firmness(matches!(number.problem, None | Some(Problem::OldForm)));
    facts.say(
        "licence.registration_number",
        number.digits.as_str(),
        firmness,
        places.clone(),
    );
    let problem = |number: &(Registration, Vec<Place>)| number.0.problem;
    if let Some(worst) = shown::worst(&shown.registrations, problem) {
        let code = problem(worst).map_or("none", Problem::code);
        facts.say(
            "licence.registration_problem",
            code,
            Firmness::WellFormed,
            worst.1.clone(),
        );
    }
    let linked = shown.links.iter().any(|(link, _)| link.shows_a_licence());
    let only = shown.codes.is_empty() && !linked;
    facts.say(
        "licence.registration_only",
        only,
        Firmness::WellFormed,
        if only { places.clone() } else { Vec::new() },
    );
}

fn state_organisation(numbers: &Seen<Organisation>, facts: &mut Facts) {
    let Some((number, places)) = numbers.first() else {
        return;
    };
    let firmness = shown::firmness(number.problem.is_none());
    facts.say(
        "licence.organisation_code",
        number.code.as_str(),
        firmness,
        places.clone(),
    );
    let problem = |number: &(Organisation, Vec<Place>)| number.0.problem;
    if let Some(worst) = shown::worst(numbers, problem) {
        let code = problem(worst).map_or("none", Problem::code);
        facts.say(
            "licence.organisation_problem",
            code,
            Firmness::WellFormed,
            worst.1.clone(),
        );
    }
}
