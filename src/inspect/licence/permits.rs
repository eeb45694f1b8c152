//! States which permits besides the business licence are shown.

use super::super::shown::{self, Piece};
use super::{Licence, Seen, add, first_places};
use crate::facts::{Facts, Firmness, Place};
use crate::number::{Problem, Telecom, permit, telecom};

impl Licence {
    /// `year` is the year of the look; an empty list is stated only when the home page was `read`.
    pub(super) fn state_permits(&self, pieces: &[Piece<'_>], year: i16, read: bool, facts: &mut Facts) {
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
        state_telecom(&licences, facts);
        if !permits.is_empty() || read {
            let mut list: Vec<String> = permits.iter().map(|(code, _)| (*code).to_owned()).collect();
            list.sort();
            facts.say(
                "licence.permits",
                list,
                Firmness::WellFormed,
                first_places(&permits),
            );
        }
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
