//! Holds what a site claims against what it shows for it.
//!
//! Each fact here rests on others being true and on others being denied. When one of these is not known, neither is the
//! fact, for the same reason.

use super::places_of;
use crate::facts::{Facts, Firmness, Place, Value};

/// What `official.evidence` calls a link to the brand's own domain.
const BRAND_LINK: &str = "brand_link";

/// One condition: a fact, and whether it must hold or be denied.
struct Need(&'static str, bool);

pub(super) fn state(facts: &mut Facts) {
    weigh(
        facts,
        "cross.nameless_chat",
        &[
            Need("contact.chat_only", true),
            Need("licence.company_names", false),
            Need("licence.shown", false),
            Need("licence.picture_only", false),
            Need("contact.address", false),
        ],
    );
    weigh(
        facts,
        "cross.refusal_uncured",
        &[
            Need("terms.refund_refused", true),
            Need("terms.refund_promised", false),
        ],
    );
    if facts.is("order.custody_claimed") == Some(true) {
        weigh(
            facts,
            "cross.custody_unsupported",
            &[
                Need("order.custody_claimed", true),
                Need("order.custody_named", false),
            ],
        );
    }
    state_claim(facts);
}

fn state_claim(facts: &mut Facts) {
    const NAME: &str = "cross.claim_without_link";
    let Some(claim) = facts
        .get("official.claimed")
        .filter(|fact| fact.value == Value::Bool(true))
    else {
        return;
    };
    let places = places_of(claim);
    let own = facts.is("official.own_brand") == Some(true);
    if !own && facts.get("official.evidence").is_none() {
        return because_of(facts, NAME, "official.evidence");
    }
    let linked = facts
        .list("official.evidence")
        .iter()
        .any(|kind| kind == BRAND_LINK);
    facts.say(NAME, !own && !linked, Firmness::WellFormed, places);
}

/// Whether a fact holds: a yes-or-no fact by its value, a list when something is in it.
fn holds(facts: &Facts, name: &str) -> Option<bool> {
    match &facts.get(name)?.value {
        Value::Bool(holds) => Some(*holds),
        Value::List(list) => Some(!list.is_empty()),
        _ => None,
    }
}

/// States that all conditions are met, that one is not, or why it is not known.
fn weigh(facts: &mut Facts, name: &str, needs: &[Need]) {
    let met: Vec<Option<bool>> = needs
        .iter()
        .map(|need| holds(facts, need.0).map(|holds| holds == need.1))
        .collect();
    if met.contains(&Some(false)) {
        return facts.say(name, false, Firmness::WellFormed, Vec::new());
    }
    if let Some(unknown) = met.iter().position(Option::is_none) {
        let missing = needs.get(unknown).map_or("", |need| need.0);
        return because_of(facts, name, missing);
    }
    let places: Vec<Place> = needs
        .iter()
        .filter(|need| need.1)
        .filter_map(|need| facts.get(need.0))
        .flat_map(places_of)
        .collect();
    facts.say(name, true, Firmness::WellFormed, places);
}

/// Says that a fact is not known for the reason that another is not.
fn because_of(facts: &mut Facts, name: &str, missing: &str) {
    if let Some(absence) = facts.absence(missing).cloned() {
        facts.cannot_say(name, absence.reason, absence.detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(values: &[(&str, Value)]) -> Facts {
        let mut facts = Facts::default();
        for (name, value) in values {
            facts.say(name, value.clone(), Firmness::WellFormed, Vec::new());
        }
        state(&mut facts);
        facts
    }

    fn list(items: &[&str]) -> Value {
        items
            .iter()
            .map(|item| (*item).to_owned())
            .collect::<Vec<_>>()
            .into()
    }

    #[test]
    fn a_chat_account_without_a_name_is_told() {
        let nameless = |chat: bool, names: &[&str], shown: bool, address: bool| {
            given(&[
                ("contact.chat_only", chat.into()),
                ("licence.company_names", list(names)),
                ("licence.shown", shown.into()),
                ("licence.picture_only", false.into()),
                ("contact.address", address.into()),
            ])
            .is("cross.nameless_chat")
        };
        assert_eq!(nameless(true, &[], false, false), Some(true));
        assert_eq!(nameless(false, &[], false, false), Some(false));
        assert_eq!(nameless(true, &["青禾网络有限公司"], false, false), Some(false));
        assert_eq!(nameless(true, &[], true, false), Some(false));
        assert_eq!(nameless(true, &[], false, true), Some(false));
        let picture = given(&[
            ("contact.chat_only", true.into()),
            ("licence.picture_only", true.into()),
        ]);
        assert_eq!(picture.is("cross.nameless_chat"), Some(false));
    }

    #[test]
    fn what_is_not_known_has_the_reason_of_what_it_rests_on() {
        let mut facts = Facts::default();
        facts.say("terms.refund_refused", true, Firmness::WellFormed, Vec::new());
        facts.cannot_say(
            "terms.refund_promised",
            "http_5xx",
            "https://shop.example.com/terms",
        );
        state(&mut facts);
        assert_eq!(facts.is("cross.refusal_uncured"), None);
        assert_eq!(facts.absence("cross.refusal_uncured").unwrap().reason, "http_5xx");
        assert!(facts.absence("cross.nameless_chat").is_none());
        for (refused, promised, uncured) in [(true, false, true), (true, true, false), (false, false, false)]
        {
            let facts = given(&[
                ("terms.refund_refused", refused.into()),
                ("terms.refund_promised", promised.into()),
            ]);
            assert_eq!(facts.is("cross.refusal_uncured"), Some(uncured));
        }
    }

    #[test]
    fn claims_are_held_against_what_is_shown_for_them() {
        for (claimed, own, evidence, told) in [
            (true, false, Some(&["dates"][..]), Some(true)),
            (true, false, Some(&["brand_link", "dates"]), Some(false)),
            (true, true, None, Some(false)),
            (true, false, None, None),
            (false, false, None, None),
        ] {
            let mut values = vec![
                ("official.claimed", claimed.into()),
                ("official.own_brand", own.into()),
            ];
            values.extend(evidence.map(|evidence| ("official.evidence", list(evidence))));
            assert_eq!(given(&values).is("cross.claim_without_link"), told, "{values:?}");
        }
        for (claimed, named, told) in [
            (true, Some(false), Some(true)),
            (true, Some(true), Some(false)),
            (true, None, None),
            (false, None, None),
        ] {
            let mut values = vec![("order.custody_claimed", claimed.into())];
            values.extend(named.map(|named: bool| ("order.custody_named", named.into())));
            assert_eq!(given(&values).is("cross.custody_unsupported"), told, "{values:?}");
        }
    }
}
