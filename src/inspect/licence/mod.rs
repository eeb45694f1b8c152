//! Licence: credit codes, registration numbers, licence links, company names and permits, as the site shows them.
//!
//! Vocabulary and labels are `data/licences.toml`; the numbers are checked by [`crate::number`]. Pictures are not read: a
//! licence shown only as a picture is said to be just that. Nothing is looked up, so a number that holds together is
//! `well_formed` at best, `consistent` when the licence link names the same.

mod company;

use serde::Deserialize;
use url::Url;

use super::filing::{tables, year_of};
use super::shown::{self, Piece};
use super::{DataError, DataFiles, Inspector};
use crate::evidence::{Evidence, Role};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::number::licence::{self as numbers, Labels, LicenceNumber};
use crate::number::{
    LicenceSerial, LinkKind, Problem, Registration, Tables, Telecom, Uscc, link, permit, telecom,
};
pub(super) use company::Names;

/// Most different numbers, links or names of one kind that are kept.
const MAX_THINGS: usize = 100;

/// What this inspector can state.
pub const PROVIDES: &[FactSpec] = &[
    FactSpec::new(
        "licence.named",
        Bool,
        Trivial,
        "Vocabulary for a business licence stand anywhere visible, link and picture texts included; false only when the home page was read",
    ),
    FactSpec::new(
        "licence.shown",
        Bool,
        Trivial,
        "A credit code, a 15-digit registration number or an electronic licence link is shown, right or wrong; false only when the home page was read",
    ),
    FactSpec::new(
        "licence.uscc",
        Text,
        Trivial,
        "The first credit code (统一社会信用代码) shown, in capitals; taken from the licence link when none stands in the text",
    ),
    FactSpec::new(
        "licence.uscc_problem",
        Text,
        Trivial,
        "Worst failing of the credit codes shown: none, grammar, masked, class, region, organisation_check, check_digit or placeholder",
    ),
    FactSpec::new(
        "licence.subject_class",
        Text,
        Trivial,
        "Kind of body by the code: company, individual, cooperative, public_body or other; unsaid when the code is not well formed",
    ),
    FactSpec::new(
        "licence.region",
        Text,
        Trivial,
        "Province code of the registering office by the code, 00 for the national one; unsaid when the code is not well formed",
    ),
    FactSpec::new(
        "licence.registration_number",
        Text,
        Trivial,
        "The first 15-digit registration number shown, the form before credit codes",
    ),
    FactSpec::new(
        "licence.registration_problem",
        Text,
        Trivial,
        "Failing of that number: none or check_digit",
    ),
    FactSpec::new(
        "licence.link",
        Text,
        Trivial,
        "Where links to an electronic licence lead: official, lookalike or none; none only when the home page was read",
    ),
    FactSpec::new(
        "licence.link_agrees",
        Bool,
        Trivial,
        "Both codes in the licence link agree, are well formed and equal the code in the text if there is one; unsaid without such a link",
    ),
    FactSpec::new(
        "licence.picture_only",
        Bool,
        Trivial,
        "A business licence is spoken of, pictures stand with those words, and no number or licence link is shown anywhere",
    ),
    FactSpec::new(
        "licence.company_name",
        Text,
        Trivial,
        "The first company name shown in the footer, beside a copyright mark or on a page about the shop",
    ),
    FactSpec::new(
        "licence.company_names",
        List,
        Trivial,
        "All such names, in normal form",
    ),
    FactSpec::new(
        "licence.telecom_number",
        Text,
        Trivial,
        "The first telecom licence number shown, as the register writes it when well formed",
    ),
    FactSpec::new(
        "licence.telecom_problem",
        Text,
        Trivial,
        "Worst failing of those shown: none, irregular, province, class or placeholder",
    ),
    FactSpec::new(
        "licence.permits",
        List,
        Trivial,
        "Kinds of other permits whose numbers are shown: audiovisual, culture, payment, publishing, telecom; empty only when the home page was read",
    ),
];

/// `data/licences.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    number_labels: Vec<String>,
    label_filler: String,
    label_filler_words: Vec<String>,
    licence_words: Vec<String>,
    picture_endings: Vec<String>,
    audiovisual_words: Vec<String>,
    pub(super) since_words: Vec<String>,
    pub(super) until_words: Vec<String>,
    copyright_words: Vec<String>,
    company: company::Vocabulary,
}

impl Vocabulary {
    pub(super) fn read(data: &DataFiles) -> Result<Self, DataError> {
        data.read("licences.toml")
    }

    pub(super) fn names(&self) -> Result<Names, DataError> {
        Names::new(self.company.clone())
    }
}

/// Builds the inspector.
pub fn load(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    let words = Vocabulary::read(data)?;
    let labels = Labels {
        words: words.number_labels.clone(),
        filler: words.label_filler.clone(),
        filler_words: words.label_filler_words.clone(),
    };
    Ok(Box::new(Licence {
        tables: tables(data)?,
        labels,
        names: words.names()?,
        words,
    }))
}

#[derive(Debug)]
struct Licence {
    tables: Tables,
    labels: Labels,
    names: Names,
    words: Vocabulary,
}

/// Something shown and where, the first place first.
type Seen<T> = Vec<(T, Vec<Place>)>;

fn add<T: PartialEq>(list: &mut Seen<T>, thing: T, place: Place) {
    let Some((_, places)) = list.iter_mut().find(|(known, _)| *known == thing) else {
        if list.len() < MAX_THINGS {
            list.push((thing, vec![place]));
        }
        return;
    };
    if !places
        .iter()
        .any(|at| at.url == place.url && at.place == place.place)
    {
        places.push(place);
    }
}

/// All numbers and links of one look.
#[derive(Debug, Default)]
struct Shown {
    codes: Seen<Uscc>,
    registrations: Seen<Registration>,
    /// Links to the licence display, or imitations of it, with what their address says.
    links: Seen<(LinkKind, Option<LicenceSerial>)>,
}

impl Inspector for Licence {
    fn facts(&self, evidence: &Evidence, facts: &mut Facts) {
        let pieces = shown::pieces(evidence);
        let shown = self.shown(evidence, &pieces);
        let read = shown::home_was_read(evidence);
        let named = self.named(&pieces);
        let any = state_shown(&shown, facts);
        self.state_code(&shown, facts);
        self.state_link(&shown, evidence, facts);
        self.state_names(&pieces, facts);
        self.state_permits(&pieces, year_of(evidence), read.is_ok(), facts);
        let pictures = if any || named.is_empty() {
            Vec::new()
        } else {
            self.pictures(evidence, &pieces)
        };
        let seen = Firmness::WellFormed;
        for (name, places) in [("licence.named", named), ("licence.picture_only", pictures)] {
            if !places.is_empty() || read.is_ok() {
                facts.say(name, !places.is_empty(), seen, places);
            }
        }
        match read {
            Ok(()) if !any => facts.say("licence.shown", false, seen, Vec::new()),
            Ok(()) => {}
            Err(because) => return shown::cannot_say(facts, PROVIDES, &because),
        }
        if shown.links.is_empty() {
            facts.say("licence.link", "none", seen, Vec::new());
        }
    }
}

impl Licence {
    fn shown(&self, evidence: &Evidence, pieces: &[Piece<'_>]) -> Shown {
        let mut shown = Shown::default();
        for piece in pieces
            .iter()
            .filter(|piece| piece.own || (!piece.article && piece.role == Role::Terms))
        {
            let announced = piece
                .before
                .is_some_and(|before| self.labels.end(crate::text::Normal::of(before).text()));
            for found in numbers::find(&piece.normal, &self.tables.provinces, &self.labels, announced) {
                let place = piece.place(found.range);
                match found.number {
                    LicenceNumber::Uscc(uscc) => add(&mut shown.codes, uscc, place),
                    LicenceNumber::Registration(number) => add(&mut shown.registrations, number, place),
                }
            }
        }
        let hosts = &self.tables.registries.licence_links;
        for (seen, page) in evidence.readable() {
            for link in page.links.iter().filter(|link| link.visible) {
                let Some(url) = link.url.as_deref().and_then(|url| Url::parse(url).ok()) else {
                    continue;
                };
                let kind = hosts.kind(&url);
                if matches!(kind, LinkKind::Official | LinkKind::Lookalike) {
                    add(
                        &mut shown.links,
                        (kind, link::licence_serial(&url)),
                        Place::new(&seen.final_url, "link", &link.href),
                    );
                }
            }
        }
        shown
    }

    fn state_code(&self, shown: &Shown, facts: &mut Facts) {
        let from_link =
            shown
                .links
                .iter()
                .filter(|_| shown.codes.is_empty())
                .filter_map(|((_, serial), places)| {
                    let code = &serial.as_ref()?.head;
                    Some((Uscc::read(code, &self.tables.provinces), places.clone()))
                });
        let codes: Seen<Uscc> = shown.codes.iter().cloned().chain(from_link).collect();
        let Some((first, places)) = codes.first() else {
            return;
        };
        let linked = shown.links.iter().any(|((kind, serial), _)| {
            let same = |serial: &LicenceSerial| serial.head == first.code && serial.middle == first.code;
            *kind == LinkKind::Official && serial.as_ref().is_some_and(same)
        });
        let firmness = match (first.is_well_formed(), linked && !shown.codes.is_empty()) {
            (false, _) => Firmness::Malformed,
            (true, true) => Firmness::Consistent,
            (true, false) => Firmness::WellFormed,
        };
        facts.say("licence.uscc", first.code.as_str(), firmness, places.clone());
        if let Some(detail) = self.code_detail(first) {
            facts.detail("licence.uscc", detail);
        }
        if let Some((worst, places)) = codes
            .iter()
            .max_by_key(|(code, _)| code.problems.first().copied())
        {
            let code = worst.problems.first().map_or("none", |problem| problem.code());
            facts.say("licence.uscc_problem", code, Firmness::WellFormed, places.clone());
            if let Some(detail) = self.code_detail(worst) {
                facts.detail("licence.uscc_problem", detail);
            }
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
    }

    fn code_detail(&self, code: &Uscc) -> Option<String> {
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
            .find(|((kind, _), _)| *kind == LinkKind::Lookalike);
        let Some(((kind, _), places)) = lookalike.or(shown.links.first()) else {
            return;
        };
        facts.say("licence.link", kind.code(), Firmness::WellFormed, places.clone());
        let decoded = shown
            .links
            .iter()
            .filter_map(|((kind, serial), places)| Some((kind, serial.as_ref()?, places)));
        let Some((_, serial, places)) = decoded
            .into_iter()
            .find(|(kind, ..)| **kind == LinkKind::Official)
        else {
            return;
        };
        let failing = self.link_failing(serial, shown, evidence);
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
    fn link_failing(
        &self,
        serial: &LicenceSerial,
        shown: &Shown,
        evidence: &Evidence,
    ) -> Option<&'static str> {
        // Licence links of this form were first made in 2018.
        const FIRST_MS: i64 = 1_514_764_800_000;
        let made = FIRST_MS..=evidence.captured_at.as_millisecond();
        if serial.head != serial.middle {
            Some("the two codes in the link differ")
        } else if !Uscc::read(&serial.head, &self.tables.provinces).is_well_formed() {
            Some("the code in the link is not well formed")
        } else if !made.contains(&serial.made_ms) {
            Some("the link says that it was made before there were such links, or in the future")
        } else if !shown.codes.is_empty() && !shown.codes.iter().any(|(code, _)| code.code == serial.head) {
            Some("the link names another code than the text")
        } else {
            None
        }
    }

    fn state_names(&self, pieces: &[Piece<'_>], facts: &mut Facts) {
        let mut names: Seen<String> = Vec::new();
        for piece in pieces
            .iter()
            .filter(|piece| piece.is_block() && self.may_name_the_firm(piece))
        {
            for (name, range) in self.names.find(&piece.normal) {
                add(&mut names, name, piece.place(range));
            }
        }
        if names.is_empty() {
            // A page about the shop that names a firm in running text: the first one is most likely its own.
            let about = pieces.iter().filter(|piece| piece.is_block() && piece.is_about());
            let mut about = about;
            let first =
                about.find_map(|piece| Some((piece, self.names.find(&piece.normal).into_iter().next()?)));
            names.extend(first.map(|(piece, (name, range))| (name, vec![piece.place(range)])));
        }
        let Some((first, places)) = names.first() else {
            return;
        };
        facts.say(
            "licence.company_name",
            first.as_str(),
            Firmness::WellFormed,
            places.clone(),
        );
        let places: Vec<Place> = names
            .iter()
            .filter_map(|(_, places)| places.first().cloned())
            .collect();
        let mut list: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        list.sort();
        facts.say("licence.company_names", list, Firmness::WellFormed, places);
    }

    fn may_name_the_firm(&self, piece: &Piece<'_>) -> bool {
        let marked = || {
            let lower = piece.normal.lower();
            self.words
                .copyright_words
                .iter()
                .any(|word| lower.text().contains(word.as_str()))
        };
        piece.region == crate::page::Region::Footer
            || (piece.is_about() && self.names.is_labelled(&piece.normal))
            || (!piece.article && marked())
    }

    fn state_permits(&self, pieces: &[Piece<'_>], year: i16, read: bool, facts: &mut Facts) {
        let mut licences: Seen<Telecom> = Vec::new();
        let mut permits: Seen<&'static str> = Vec::new();
        for piece in pieces.iter().filter(|piece| piece.own) {
            for found in telecom::find(&piece.normal, &self.tables.provinces, year) {
                add(&mut permits, "telecom", piece.place(found.range.clone()));
                add(&mut licences, found.number, piece.place(found.range));
            }
            for found in permit::find(&piece.normal, &self.words.audiovisual_words) {
                add(&mut permits, found.number.code(), piece.place(found.range));
            }
        }
        if let Some((first, places)) = licences.first() {
            let firmness = if first.problem.is_none() {
                Firmness::WellFormed
            } else {
                Firmness::Malformed
            };
            facts.say(
                "licence.telecom_number",
                first.number.as_str(),
                firmness,
                places.clone(),
            );
        }
        if let Some((worst, places)) = licences.iter().max_by_key(|(licence, _)| licence.problem) {
            let code = worst.problem.map_or("none", Problem::code);
            facts.say(
                "licence.telecom_problem",
                code,
                Firmness::WellFormed,
                places.clone(),
            );
        }
        if !permits.is_empty() || read {
            let places = permits
                .iter()
                .filter_map(|(_, places)| places.first().cloned())
                .collect();
            let mut list: Vec<String> = permits.iter().map(|(code, _)| (*code).to_owned()).collect();
            list.sort();
            facts.say("licence.permits", list, Firmness::WellFormed, places);
        }
    }

    fn word_in(&self, piece: &Piece<'_>) -> Option<std::ops::Range<usize>> {
        let text = piece.normal.text();
        let words = self.words.licence_words.iter();
        words
            .filter_map(|word| text.find(word.as_str()).map(|at| at..at + word.len()))
            .min_by_key(|range| range.start)
    }

    fn named(&self, pieces: &[Piece<'_>]) -> Vec<Place> {
        pieces
            .iter()
            .filter_map(|piece| Some(piece.place(self.word_in(piece)?)))
            .take(9)
            .collect()
    }

    /// Where words for a licence stand with a picture: its own text, a link that leads to one, or a heading on a page
    /// that has pictures in its main part. Nothing when the words also stand in running text.
    fn pictures(&self, evidence: &Evidence, pieces: &[Piece<'_>]) -> Vec<Place> {
        let is_heading = |piece: &Piece<'_>| piece.normal.text().chars().count() <= 30;
        let with_pictures: Vec<bool> = evidence
            .readable()
            .map(|(_, page)| {
                page.images
                    .iter()
                    .any(|image| image.region == crate::page::Region::Main)
            })
            .collect();
        let mut places = Vec::new();
        for piece in pieces {
            let Some(range) = self.word_in(piece) else {
                continue;
            };
            if piece.is_block() && !is_heading(piece) && piece.region != crate::page::Region::Footer {
                return Vec::new();
            }
            let beside = piece.is_block() && piece.is_about() && with_pictures.get(piece.page) == Some(&true);
            if beside
                || piece.image.is_some()
                || piece
                    .link
                    .is_some_and(|link| self.leads_to_picture(link.url.as_deref()))
            {
                places.push(piece.place(range));
            }
        }
        places
    }

    fn leads_to_picture(&self, url: Option<&str>) -> bool {
        let path = url
            .and_then(|url| Url::parse(url).ok())
            .map(|url| url.path().to_ascii_lowercase());
        path.is_some_and(|path| {
            self.words
                .picture_endings
                .iter()
                .any(|ending| path.ends_with(ending.as_str()))
        })
    }
}

/// States what is shown at all; says whether anything is.
fn state_shown(shown: &Shown, facts: &mut Facts) -> bool {
    let codes = shown.codes.iter().map(|(_, places)| places);
    let registrations = shown.registrations.iter().map(|(_, places)| places);
    let links = shown
        .links
        .iter()
        .filter(|((kind, serial), _)| *kind == LinkKind::Official && serial.is_some());
    let places: Vec<Place> = codes
        .chain(registrations)
        .chain(links.map(|(_, places)| places))
        .filter_map(|places| places.first().cloned())
        .collect();
    let any = !places.is_empty();
    if any {
        facts.say("licence.shown", true, Firmness::WellFormed, places);
    }
    if let Some((number, places)) = shown.registrations.first() {
        let firmness = if number.problem.is_none() {
            Firmness::WellFormed
        } else {
            Firmness::Malformed
        };
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
    any
}

#[cfg(test)]
mod tests;
