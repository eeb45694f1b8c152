//! What would stand on a page that was not read is not known to be absent.
//!
//! One place for all inspectors: they deny what they did not find on the pages there are; here those denials are
//! taken back that rest on a page the site links to and that was not read. It finds nothing itself and adds no fact.

use crate::evidence::{Evidence, GapReason, Role, Unread};
use crate::facts::{Facts, Value};

/// Where the things of a group of facts, or of one fact, would stand, besides the home page.
const STANDS_ON: &[(&str, &[Role])] = &[
    ("contact", &[Role::Contact, Role::About, Role::Help]),
    ("terms", &[Role::Terms, Role::Help]),
    ("licence", &[Role::Licence, Role::About]),
    (
        "lure",
        &[Role::Products, Role::Product, Role::Announcement, Role::Data],
    ),
    ("goods", &[Role::Products, Role::Product, Role::Data]),
    ("offer", &[Role::Products, Role::Product, Role::Data]),
    ("payment", &[Role::Product, Role::Help, Role::Terms]),
    ("recruit", &[Role::Agents]),
    ("official", &[Role::About]),
    (
        "order",
        &[Role::OrderQuery, Role::Help, Role::Contact, Role::Terms],
    ),
    ("review", &[Role::Product]),
    ("site", &[Role::Products, Role::Product, Role::Data]),
    ("software", &[]),
    ("terms.before_payment", &[]),
];

/// Groups whose facts may as well stand on a page that the crawl could not put a name to. Such a page counts when it was
/// asked for and could not be read; those that the budget left out do not, or no large site could be denied anything.
const ON_UNNAMED_PAGES: &[&str] = &["lure", "goods", "payment", "terms", "official", "recruit"];

/// Groups whose facts may stand on any page that was asked for and could not be read.
const ON_ANY_PAGE: &[&str] = &["software", "terms.before_payment"];

/// Facts that say "nothing but this": a `true` denies everything else, a `false` may deny even this.
const ONLY: &[&str] = &[
    "contact.chat_only",
    "payment.untraceable_only",
    "licence.picture_only",
];

/// Comparisons of the last stage that one more page could turn: what agrees on the pages read may be contradicted there.
const COMPARED: &[&str] = &[
    "cross.company_names_agree",
    "cross.provinces_agree",
    "cross.subjects",
];

/// Facts that rest on the address or the connection, not on what pages say.
const NOT_ON_PAGES: &[&str] = &[
    "site.https",
    "official.own_brand",
    "official.lookalike",
    "official.lookalike_brand",
    "official.brand",
    "offer.scripted",
];

/// Takes back denials that rest on pages that were not read, with the reason why those were not.
pub(super) fn take_back(evidence: &Evidence, facts: &mut Facts) {
    for (group, roles) in STANDS_ON {
        let Some(unread) = missing(evidence, group, roles) else {
            continue;
        };
        let denied: Vec<String> = facts
            .iter()
            .filter(|fact| is_of(&fact.name, group) && !NOT_ON_PAGES.contains(&fact.name.as_str()))
            .filter(|fact| is_denial(&fact.name, &fact.value))
            .map(|fact| fact.name.clone())
            .collect();
        for name in denied {
            leave_open(&name, unread, facts);
        }
    }
}

/// Takes back what the last stage found to agree, when a page that would show the shop's particulars was not read.
pub(super) fn take_back_agreements(evidence: &Evidence, facts: &mut Facts) {
    let licence = STANDS_ON.iter().find(|(group, _)| *group == "licence");
    let Some(unread) = licence.and_then(|(group, roles)| missing(evidence, group, roles)) else {
        return;
    };
    for name in COMPARED {
        let agrees = facts
            .get(name)
            .is_some_and(|fact| matches!(fact.value, Value::Bool(true) | Value::Int(..=1)));
        if agrees {
            leave_open(name, unread, facts);
        }
    }
}

/// The page that was not read and would show the things of a group.
fn missing<'a>(evidence: &'a Evidence, group: &str, roles: &[Role]) -> Option<&'a Unread> {
    evidence
        .unread
        .iter()
        .find(|unread| may_hold(group, roles, unread))
}

fn leave_open(name: &str, unread: &Unread, facts: &mut Facts) {
    facts.forget(name);
    facts.cannot_say(
        name,
        unread.reason.code(),
        format!("{}: {}", unread.url, unread.detail),
    );
}

/// Whether the things of a group would stand on this page, had it been read.
fn may_hold(group: &str, roles: &[Role], unread: &Unread) -> bool {
    let asked = unread.reason != GapReason::BudgetSpent;
    roles.contains(&unread.role)
        || asked && unread.role == Role::Other && ON_UNNAMED_PAGES.contains(&group)
        || asked && unread.role != Role::Data && ON_ANY_PAGE.contains(&group)
}

/// Whether a fact is one of a group, or the one named.
fn is_of(name: &str, group: &str) -> bool {
    name.strip_prefix(group)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a fact says that something was not found.
fn is_denial(name: &str, value: &Value) -> bool {
    match value {
        Value::Bool(said) => !said || ONLY.contains(&name),
        Value::List(items) => items.is_empty(),
        Value::Text(text) => text == "none",
        Value::Int(_) => false,
        Value::Number(number) => *number == 0.0,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::evidence::{GapReason, Profile, Unread};
    use crate::facts::Firmness;
    use crate::target::Target;

    #[test]
    fn only_denials_that_rest_on_the_unread_page_are_taken_back() {
        let target = Target::parse("shop.example.cn", false).unwrap();
        let mut evidence = Evidence::new(target, Timestamp::UNIX_EPOCH, Profile::Full);
        let mut facts = Facts::default();
        let said: [(&str, Value); 8] = [
            ("contact.phone", false.into()),
            ("contact.chat_only", true.into()),
            ("contact.qq", Value::List(vec!["123".into()])),
            ("contact.any", true.into()),
            ("terms.refund_refused", false.into()),
            ("filing.icp_shown", false.into()),
            ("recruit.density", 0.0.into()),
            ("official.own_brand", false.into()),
        ];
        for (name, value) in said.clone() {
            facts.say(name, value, Firmness::WellFormed, vec![]);
        }
        let untouched = facts.clone();
        take_back(&evidence, &mut facts);
        assert_eq!(facts, untouched, "everything was read");
        for (role, reason) in [
            (Role::Contact, GapReason::Timeout),
            (Role::About, GapReason::BudgetSpent),
        ] {
            let url = "https://shop.example.cn/contact".to_owned();
            evidence.unread.push(Unread {
                url,
                role,
                reason,
                detail: "body".into(),
            });
        }
        take_back(&evidence, &mut facts);
        let gone: Vec<&str> = said
            .iter()
            .map(|said| said.0)
            .filter(|name| facts.get(name).is_none())
            .collect();
        assert_eq!(gone, ["contact.phone", "contact.chat_only"]);
        let absence = facts.absence("contact.phone").unwrap();
        assert_eq!(
            (absence.reason.as_str(), absence.detail.as_str()),
            ("timeout", "https://shop.example.cn/contact: body")
        );
    }

    #[test]
    fn what_agrees_stays_open_while_the_licence_page_is_unread_and_what_differs_stands() {
        let target = Target::parse("shop.example.cn", false).unwrap();
        let mut evidence = Evidence::new(target, Timestamp::UNIX_EPOCH, Profile::Full);
        let said: [(&str, Value); 3] = [
            ("cross.subjects", 1.into()),
            ("cross.provinces_agree", false.into()),
            ("cross.company_names_agree", true.into()),
        ];
        let mut facts = Facts::default();
        for (name, value) in said {
            facts.say(name, value, Firmness::WellFormed, vec![]);
        }
        let untouched = facts.clone();
        take_back_agreements(&evidence, &mut facts);
        assert_eq!(facts, untouched, "everything was read");
        evidence.unread.push(Unread {
            url: "https://shop.example.cn/licence".to_owned(),
            role: Role::Licence,
            reason: GapReason::Http5xx,
            detail: "503".into(),
        });
        take_back_agreements(&evidence, &mut facts);
        let left: Vec<&str> = facts.iter().map(|fact| fact.name.as_str()).collect();
        assert_eq!(left, ["cross.provinces_agree"]);
        assert_eq!(facts.absence("cross.subjects").unwrap().reason, "http_5xx");
    }

    #[test]
    fn every_name_here_is_in_the_catalogue() {
        let catalogue = crate::inspect::catalogue();
        assert!(
            ONLY.iter()
                .chain(NOT_ON_PAGES)
                .chain(COMPARED)
                .all(|name| catalogue.contains_key(name))
        );
        for (group, _) in STANDS_ON {
            assert!(catalogue.keys().any(|name| is_of(name, group)), "{group}");
        }
    }
}
