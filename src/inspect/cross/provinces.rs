//! Holds the provinces against each other that numbers, area codes and addresses name.

use std::collections::BTreeSet;

use crate::facts::{Fact, Facts, Firmness, Place, Value};

/// Facts that name a province by their first two digits, …
const NUMBERS: [&str; 3] = ["licence.region", "filing.icp_province", "filing.police_number"];
/// … and facts that list province codes: a firm may have offices in several.
const LISTS: [&str; 2] = ["contact.landline_provinces", "contact.address_provinces"];
/// What the national office names.
const NATIONAL: &str = "00";

pub(super) fn state(facts: &mut Facts) {
    let named: Vec<(BTreeSet<String>, Option<Place>)> = NUMBERS
        .iter()
        .chain(&LISTS)
        .filter_map(|name| facts.get(name))
        .map(|fact| (named_by(fact), fact.at.clone()))
        .filter(|(codes, _)| !codes.is_empty())
        .collect();
    let all: BTreeSet<String> = named.iter().flat_map(|(codes, _)| codes.clone()).collect();
    if all.is_empty() {
        return;
    }
    let places: Vec<Place> = named.iter().filter_map(|(_, place)| place.clone()).collect();
    if named.len() >= 2 {
        let agree = all
            .iter()
            .any(|code| named.iter().all(|(codes, _)| codes.contains(code)));
        facts.say(
            "cross.provinces_agree",
            agree,
            Firmness::WellFormed,
            places.clone(),
        );
        if !agree {
            facts.detail("cross.provinces_agree", detail(facts));
        }
    }
    let list: Vec<String> = all.into_iter().collect();
    facts.say("cross.provinces", list, Firmness::WellFormed, places);
}

/// The provinces that a well-formed fact names.
fn named_by(fact: &Fact) -> BTreeSet<String> {
    if fact.firmness == Firmness::Malformed || fact.firmness == Firmness::Contradicted {
        return BTreeSet::new();
    }
    let codes: Vec<String> = match &fact.value {
        Value::Text(text) => {
            let digits = text.chars().skip_while(|c| !c.is_ascii_digit());
            vec![digits.take(2).collect()]
        }
        Value::List(list) => list.clone(),
        _ => Vec::new(),
    };
    codes
        .into_iter()
        .filter(|code| code.len() == 2 && code != NATIONAL)
        .collect()
}

/// Which fact names which province.
fn detail(facts: &Facts) -> String {
    let told = NUMBERS.iter().chain(&LISTS).filter_map(|name| {
        let codes: Vec<String> = named_by(facts.get(name)?).into_iter().collect();
        (!codes.is_empty()).then(|| format!("{name}: {}", codes.join(", ")))
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree(icp: &str, landlines: &[&str], addresses: &[&str]) -> (Option<bool>, Vec<String>) {
        let mut facts = Facts::default();
        let seen = Firmness::WellFormed;
        if !icp.is_empty() {
            facts.say("filing.icp_province", icp, seen, Vec::new());
        }
        let list = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        facts.say("contact.landline_provinces", list(landlines), seen, Vec::new());
        facts.say("contact.address_provinces", list(addresses), seen, Vec::new());
        state(&mut facts);
        (
            facts.is("cross.provinces_agree"),
            facts.list("cross.provinces").to_vec(),
        )
    }

    #[test]
    fn area_codes_and_addresses_are_held_against_numbers() {
        for (icp, landlines, addresses, expected, codes) in [
            ("33", &["33"][..], &["33"][..], Some(true), vec!["33"]),
            ("33", &["11"], &[], Some(false), vec!["11", "33"]),
            ("33", &[], &["44"], Some(false), vec!["33", "44"]),
            (
                "33",
                &["11", "33"],
                &["33", "44"],
                Some(true),
                vec!["11", "33", "44"],
            ),
            ("33", &["11", "33"], &["11"], Some(false), vec!["11", "33"]),
            ("", &["11"], &["11"], Some(true), vec!["11"]),
            ("33", &[], &[], None, vec!["33"]),
            ("00", &["11"], &[], None, vec!["11"]),
            ("", &[], &[], None, vec![]),
        ] {
            let found = agree(icp, landlines, addresses);
            assert_eq!(found.0, expected, "{icp} {landlines:?} {addresses:?}");
            assert_eq!(found.1, codes, "{icp} {landlines:?} {addresses:?}");
        }
    }
}
