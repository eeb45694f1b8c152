//! Counts the subjects that numbers and names belong to, and tells what does not fit one who resells cards.

use super::{Cross, places_of};
use crate::facts::{Facts, Firmness, Place, Value};

/// Kinds of bodies, in the words of `licence.subject_class`, that run no shops.
const ODD: [&str; 2] = ["public_body", "other"];
/// Kinds of filings, in the words of `filing.icp_kind`, that are no web site's.
const OF_PROGRAMS: [&str; 3] = ["app", "mini_program", "quick_app"];

impl Cross {
    pub(super) fn state_subjects(&self, facts: &mut Facts) {
        self.state_names(facts);
        state_app_number(facts);
        if let Some(class) = facts.get("licence.subject_class") {
            let odd = matches!(&class.value, Value::Text(class) if ODD.contains(&class.as_str()));
            let places = places_of(class);
            facts.say("cross.licence_is_odd", odd, Firmness::WellFormed, places);
        }
        let counted = [
            ("filing.icp_subjects", count(facts, "filing.icp_subjects")),
            ("licence.uscc_subjects", count(facts, "licence.uscc_subjects")),
            ("licence.company_names", self.firms(facts)),
        ];
        // Of equal counts the first is told.
        let most = counted
            .into_iter()
            .filter_map(|(name, count)| Some((name, count?)))
            .reduce(|most, next| if next.1 > most.1 { next } else { most });
        let Some((name, most)) = most else { return };
        let places = facts.get(name).map(places_of).unwrap_or_default();
        facts.say("cross.subjects", most, Firmness::WellFormed, places);
        if most > 1 {
            facts.detail("cross.subjects", format!("counted by {name}"));
        }
    }

    fn state_names(&self, facts: &mut Facts) {
        let Some(fact) = facts.get("licence.company_names") else {
            return;
        };
        let names = facts.list("licence.company_names");
        let again = facts
            .get("licence.company_name")
            .map_or(0, |first| first.also.len());
        if names.len() + again < 2 {
            return;
        }
        let agree = self.names.are_one_firm(names);
        let places = places_of(fact);
        facts.say("cross.company_names_agree", agree, Firmness::WellFormed, places);
    }

    /// How many firms the company names are of.
    fn firms(&self, facts: &Facts) -> Option<i64> {
        facts.get("licence.company_names")?;
        i64::try_from(self.names.firms(facts.list("licence.company_names"))).ok()
    }

    pub(super) fn state_permits(&self, facts: &mut Facts) {
        let Some(fact) = facts.get("licence.permits") else {
            return;
        };
        let places: Vec<Place> = places_of(fact);
        let permits = facts.list("licence.permits").iter();
        let misfit = permits.filter(|permit| self.words.misfit_permits.contains(permit));
        let misfit: Vec<String> = misfit.cloned().collect();
        let seen = Firmness::WellFormed;
        let row = misfit.len() >= self.words.unrelated_row;
        facts.say("cross.unrelated_permits", row, seen, places.clone());
        facts.say("cross.permit_misfit", misfit, seen, places);
    }
}

fn count(facts: &Facts, name: &str) -> Option<i64> {
    match facts.get(name)?.value {
        Value::Int(count) => Some(count),
        _ => None,
    }
}

fn state_app_number(facts: &mut Facts) {
    const NAME: &str = "cross.app_number_on_site";
    if let Some(fact) = facts.get("filing.icp_kinds") {
        let kinds = facts.list("filing.icp_kinds");
        let only = !kinds.is_empty() && kinds.iter().all(|kind| OF_PROGRAMS.contains(&kind.as_str()));
        let places = places_of(fact);
        facts.say(NAME, only, Firmness::WellFormed, places);
    } else if facts.is("filing.icp_shown") == Some(false) {
        facts.say(NAME, false, Firmness::WellFormed, Vec::new());
    }
}
