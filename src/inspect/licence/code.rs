//! States what licence numbers and licence links say, and holds the two against each other.

use url::Url;

use super::super::shown::{self, Piece};
use super::{Licence, Seen, add, first_places};
use crate::evidence::{Evidence, Role};
use crate::facts::{Facts, Firmness, Place};
use crate::number::licence::{self, LicenceNumber};
use crate::number::{LicenceSerial, LinkKind, Problem, Registration, Uscc, link};
use crate::text::Normal;

/// Licence links with a code in them were first made in 2018 (milliseconds since 1970).
const FIRST_LINK_MS: i64 = 1_514_764_800_000;

/// A link to the display of electronic licences, or to an imitation of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LicenceLink {
    kind: LinkKind,
    /// Whether it leads to one licence rather than to the display's front page.
    names_one: bool,
    serial: Option<LicenceSerial>,
}

/// All licence numbers and links of one look.
#[derive(Debug, Default)]
struct Shown {
    codes: Seen<Uscc>,
    registrations: Seen<Registration>,
    links: Seen<LicenceLink>,
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
        state_shown(&shown, facts);
        state_registration(&shown.registrations, facts);
        self.state_link(&shown, evidence, facts);
        self.state_code(&shown, facts);
    }

    fn read(&self, piece: &Piece<'_>, shown: &mut Shown) {
        let announced = piece
            .before
            .is_some_and(|before| self.labels.end(Normal::of(before).text()));
        for found in licence::find(&piece.normal, &self.tables.provinces, &self.labels, announced) {
            let place = piece.place(found.range);
            match found.number {
                LicenceNumber::Uscc(code) => add(&mut shown.codes, code, place),
                LicenceNumber::Registration(number) => add(&mut shown.registrations, number, place),
            }
        }
    }

    fn links(&self, evidence: &Evidence) -> Seen<LicenceLink> {
        let hosts = &self.tables.registries.licence_links;
        let mut links = Vec::new();
        for (seen, page) in evidence.readable() {
            for link in page.links.iter().filter(|link| link.visible) {
                let Some(url) = link.url.as_deref().and_then(|url| Url::parse(url).ok()) else {
                    continue;
                };
                let kind = hosts.kind(&url);
                if matches!(kind, LinkKind::Official | LinkKind::Lookalike) {
                    let names_one = url
                        .query_pairs()
                        .any(|(name, value)| name == "serial" && !value.is_empty());
                    let found = LicenceLink {
                        kind,
                        names_one,
                        serial: link::licence_serial(&url),
                    };
                    add(&mut links, found, Place::new(&seen.final_url, "link", &link.href));
                }
            }
        }
        links
    }

    fn state_code(&self, shown: &Shown, facts: &mut Facts) {
        let in_links = official(shown).filter(|_| shown.codes.is_empty());
        let in_links = in_links
            .map(|(serial, places)| (Uscc::read(&serial.head, &self.tables.provinces), places.clone()));
        let codes: Seen<Uscc> = shown.codes.iter().cloned().chain(in_links).collect();
        let Some((first, places)) = codes.first() else {
            return;
        };
        let same = |serial: &LicenceSerial| serial.head == first.code && serial.middle == first.code;
        let confirmed = !shown.codes.is_empty() && official(shown).any(|(serial, _)| same(serial));
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

    fn state_link(&self, shown: &Shown, evidence: &Evidence, facts: &mut Facts) {
        let lookalike = shown
            .links
            .iter()
            .find(|(link, _)| link.kind == LinkKind::Lookalike);
        let Some((link, places)) = lookalike.or(shown.links.first()) else {
            return;
        };
        facts.say(
            "licence.link",
            link.kind.code(),
            Firmness::WellFormed,
            places.clone(),
        );
        let Some((serial, places)) = official(shown).next() else {
            return;
        };
        let failing = self.failing(serial, shown, evidence);
        facts.say(
            "licence.link_agrees",
            failing.is_none(),
            Firmness::WellFormed,
            places.clone(),
        );
        if let Some(failing) = failing {
            facts.detail("licence.link_agrees", failing);
        }
    }

    /// Why a licence link does not fit.
    fn failing(&self, serial: &LicenceSerial, shown: &Shown, evidence: &Evidence) -> Option<&'static str> {
        let possible = FIRST_LINK_MS..=evidence.captured_at.as_millisecond();
        if serial.head != serial.middle {
            Some("the two codes in the link differ")
        } else if !Uscc::read(&serial.head, &self.tables.provinces).is_well_formed() {
            Some("the code in the link is not well formed")
        } else if !possible.contains(&serial.made_ms) {
            Some("the link says that it was made before there were such links, or in the future")
        } else if !shown.codes.is_empty() && !shown.codes.iter().any(|(code, _)| code.code == serial.head) {
            Some("the link names another code than the text")
        } else {
            None
        }
    }
}

/// What true licence links say.
fn official(shown: &Shown) -> impl Iterator<Item = (&LicenceSerial, &Vec<Place>)> {
    let links = shown
        .links
        .iter()
        .filter(|(link, _)| link.kind == LinkKind::Official);
    links.filter_map(|(link, places)| Some((link.serial.as_ref()?, places)))
}

fn state_shown(shown: &Shown, facts: &mut Facts) {
    let mut places = first_places(&shown.codes);
    places.extend(first_places(&shown.registrations));
    let links = shown
        .links
        .iter()
        .filter(|(link, _)| link.kind == LinkKind::Official && link.names_one);
    places.extend(links.filter_map(|(_, places)| places.first().cloned()));
    if !places.is_empty() {
        facts.say("licence.shown", true, Firmness::WellFormed, places);
    }
}

fn state_registration(numbers: &Seen<Registration>, facts: &mut Facts) {
    let Some((number, places)) = numbers.first() else {
        return;
    };
    let firmness = shown::firmness(number.problem.is_none());
    facts.say(
        "licence.registration_number",
        number.digits.as_str(),
        firmness,
        places.clone(),
    );
    let code = number.problem.map_or("none", Problem::code);
    facts.say(
        "licence.registration_problem",
        code,
        Firmness::WellFormed,
        places.clone(),
    );
}
