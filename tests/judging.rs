//! Properties of the built-in rules and of the score, over random facts drawn from the real catalogue.
//!
//! Values are drawn by kind and from the codes and limits that stand in the rules themselves, so that rules fire. It
//! looks at no site; what the facts mean plays no part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use cardvet::facts::{Fact, FactSpec, Facts, Fakeability, Firmness, Kind, Value};
use cardvet::finding::{Finding, Outcome, Status};
use cardvet::inspect::catalogue;
use cardvet::rules::{RuleSet, built_in};
use cardvet::score::{ConfirmedIdentity, Context, Grade, Judgement, LineKind, Policy, assess};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use regex::Regex;

use crate::support::samples::policy;

const FIRMNESS: [Firmness; 6] = [
    Firmness::Claimed,
    Firmness::Malformed,
    Firmness::WellFormed,
    Firmness::Consistent,
    Firmness::Confirmed,
    Firmness::Contradicted,
];

/// The real rules and policy, and for every fact the values it may have.
struct Court {
    rules: RuleSet,
    policy: Policy,
    facts: Vec<(FactSpec, Vec<Value>)>,
}

fn court() -> &'static Court {
    static COURT: OnceLock<Court> = OnceLock::new();
    COURT.get_or_init(|| {
        let rules = rules();
        let facts = catalogue()
            .into_values()
            .map(|spec| (spec, values(&spec, &rules)))
            .collect();
        Court {
            rules,
            policy: policy(),
            facts,
        }
    })
}

fn rule_files() -> BTreeMap<String, String> {
    let mut files = built_in();
    files.remove("policy.toml");
    files
}

fn rules() -> RuleSet {
    RuleSet::load(&rule_files(), &catalogue()).expect("the built-in rules load")
}

/// What a fact may say: the codes and limits of the rules that name it, what lies beside them, and a stranger.
fn values(spec: &FactSpec, rules: &RuleSet) -> Vec<Value> {
    let texts: Vec<String> = rules
        .rules()
        .iter()
        .filter(|rule| rule.facts().contains(&spec.name))
        .map(|rule| {
            let applies = rule.file.applies.as_ref().map_or("", |applies| applies.get_ref());
            format!("{applies} {}", rule.file.when.get_ref())
        })
        .collect();
    let found = |pattern: &str| -> BTreeSet<String> {
        let pattern = Regex::new(pattern).expect("a pattern");
        let found = texts.iter().flat_map(|text| pattern.captures_iter(text));
        found.map(|found| found[1].to_owned()).collect()
    };
    let codes: Vec<String> = found(r#"['"]([^'"]+)['"]"#)
        .into_iter()
        .chain(["none".to_owned(), "stranger".to_owned()])
        .collect();
    let limits = found(r"(?:[<>=]|\s)\s*(\d+(?:\.\d+)?)\b");
    let limits = || limits.iter().map(String::as_str).chain(["0", "1"]);
    match spec.kind {
        Kind::Bool => vec![true.into(), false.into()],
        Kind::Int => limits()
            .filter_map(|limit| limit.parse::<i64>().ok())
            .flat_map(|limit| [Value::Int(limit - 1), limit.into(), (limit + 1).into()])
            .collect(),
        Kind::Number => limits()
            .filter_map(|limit| limit.parse::<f64>().ok())
            .flat_map(|limit| [Value::Number(limit - 0.05), limit.into(), (limit + 0.05).into()])
            .collect(),
        Kind::Text => codes.into_iter().map(Value::Text).collect(),
        Kind::List => {
            let alone = codes.iter().map(|code| Value::List(vec![code.clone()]));
            let strangers: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
            alone
                .chain([
                    Value::List(Vec::new()),
                    Value::List(codes.clone()),
                    Value::List(strangers),
                ])
                .collect()
        }
    }
}

/// The facts that are known of a random site, shown in short when a property fails.
#[derive(Clone)]
struct Known(Vec<Fact>);

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let facts = self.0.iter().map(|fact| (&fact.name, &fact.value));
        f.debug_map().entries(facts).finish()
    }
}

/// Draws for every fact of the catalogue a value, and how firm it is or that it is not known; three of four are.
fn draws() -> impl Strategy<Value = Known> {
    let each = proptest::collection::vec((any::<Index>(), 0..40usize), court().facts.len());
    each.prop_map(|draws| {
        let drawn = court().facts.iter().zip(draws).filter(|(_, draw)| draw.1 < 30);
        Known(drawn.map(|(choice, draw)| fact(choice, &draw)).collect())
    })
}

fn fact((spec, values): &(FactSpec, Vec<Value>), (value, firmness): &(Index, usize)) -> Fact {
    Fact {
        name: spec.name.to_owned(),
        value: value.get(values).clone(),
        firmness: FIRMNESS[firmness % FIRMNESS.len()],
        at: None,
        also: Vec::new(),
        detail: None,
    }
}

fn facts(list: impl IntoIterator<Item = Fact>) -> Facts {
    let mut facts = Facts::default();
    for fact in list {
        facts.state(fact);
    }
    facts
}

fn findings(facts: &Facts) -> Vec<Finding> {
    court().rules.judge(facts, "platform")
}

fn judgement(findings: &[Finding]) -> Judgement {
    assess(findings, &court().policy, Context::Asked, None)
}

fn bytes(findings: &[Finding]) -> Vec<u8> {
    serde_json::to_vec(&(findings, judgement(findings))).expect("plain values")
}

fn config() -> Config {
    Config {
        // No file beside the tests: the seed of a failure is printed.
        failure_persistence: None,
        ..Config::with_cases(64)
    }
}

#[test]
fn the_draws_make_every_rule_hold_and_fail() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for _ in 0..500 {
        let draw = draws().new_tree(&mut runner).expect("a draw").current();
        for finding in findings(&facts(draw.0)) {
            seen.insert((finding.rule, format!("{:?}", finding.outcome)));
        }
    }
    let wanted = court()
        .rules
        .rules()
        .iter()
        .flat_map(|rule| ["Holds", "Fails", "Unknown"].map(|out| (rule, out)));
    let never: Vec<String> = wanted
        .filter(|(rule, outcome)| !seen.contains(&(rule.id.clone(), (*outcome).to_owned())))
        .map(|(rule, outcome)| format!("{} {outcome}", rule.id))
        .collect();
    assert!(
        never.is_empty(),
        "the properties below say nothing of: {}",
        never.join(", ")
    );
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_ledger_adds_up_and_names_each_rule_that_holds(draw in draws()) {
        let findings = findings(&facts(draw.0));
        for context in [Context::Asked, Context::Met] {
            let judged = assess(&findings, &court().policy, context, None);
            prop_assert_eq!(judged.ledger.iter().map(|line| line.points).sum::<i64>(), judged.points);
            let lines = judged.ledger.iter().filter(|line| line.kind == LineKind::Finding);
            let named: BTreeSet<&str> = lines.filter_map(|line| line.rule.as_deref()).collect();
            let holding = findings.iter().filter(|f| f.outcome == Outcome::Holds && f.status == Status::Settled);
            prop_assert_eq!(named, holding.map(|finding| &*finding.rule).collect());
        }
    }

    #[test]
    fn the_order_of_facts_and_of_findings_plays_no_part(draw in draws(), keys in proptest::collection::vec(any::<u32>(), 256)) {
        let mut known = draw.0;
        let plain = findings(&facts(known.clone()));
        let mut shuffled: Vec<_> = known.drain(..).zip(&keys).collect();
        shuffled.sort_by_key(|(_, key)| **key);
        let again = findings(&facts(shuffled.into_iter().map(|(fact, _)| fact)));
        prop_assert_eq!(bytes(&plain), bytes(&again));
        let mut mixed: Vec<_> = plain.clone().into_iter().zip(keys.iter().rev()).collect();
        mixed.sort_by_key(|(_, key)| **key);
        let mixed: Vec<Finding> = mixed.into_iter().map(|(finding, _)| finding).collect();
        prop_assert_eq!(judgement(&plain), judgement(&mixed));
    }

    #[test]
    fn what_is_free_or_cheap_to_say_never_takes_points_off(draw in draws(), which in proptest::collection::vec((any::<Index>(), any::<Index>(), 0..6usize), 8)) {
        let known = facts(draw.0);
        for (which, value, firmness) in which {
            let cheap: Vec<_> = court().facts.iter().filter(|choice| choice.0.fakeability < Fakeability::Hard).collect();
            let said = fact(which.get::<&(FactSpec, Vec<Value>)>(&cheap), &(value, firmness));
            let mut without = known.clone();
            without.forget(&said.name);
            let mut with = without.clone();
            with.state(said.clone());
            let (before, after) = (findings(&without), findings(&with));
            let (before, after) = (judgement(&before).points, judgement(&after).points);
            prop_assert!(after >= before, "{} = {:?}: {before} → {after}", said.name, said.value);
        }
    }

    #[test]
    fn a_fact_that_is_taken_away_touches_only_the_rules_that_name_it(draw in draws(), which in any::<Index>()) {
        let known = draw.0;
        prop_assume!(!known.is_empty());
        let name = which.get(&known).name.clone();
        let with = facts(known);
        let mut without = with.clone();
        without.forget(&name);
        for (before, after) in findings(&with).iter().zip(findings(&without)) {
            let rule = court().rules.get(&before.rule).expect("a rule");
            if rule.facts().contains(&name.as_str()) {
                let settled = matches!(after.outcome, Outcome::Unknown) || after.outcome == before.outcome;
                prop_assert!(settled, "{}: {:?} → {:?} without {name}", before.rule, before.outcome, after.outcome);
            } else {
                let says = rule.file.says.get_ref();
                let shown = [&says.zh, &says.en].iter().any(|text| text.contains(&format!("{{{name}}}")));
                let before = Finding { says: before.says.clone().filter(|_| !shown), ..before.clone() };
                let after = Finding { says: after.says.clone().filter(|_| !shown), ..after };
                prop_assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn an_unknown_answer_gives_no_points_and_never_raises_coverage(draw in draws(), which in any::<Index>()) {
        let plain = findings(&facts(draw.0));
        let before = judgement(&plain);
        for finding in plain.iter().filter(|finding| finding.outcome == Outcome::Unknown) {
            let named = before.ledger.iter().any(|line| line.rule.as_ref() == Some(&finding.rule));
            prop_assert!(!named, "{} is unknown and in the ledger", finding.rule);
        }
        let mut silenced = plain;
        let index = which.index(silenced.len());
        let counted = silenced[index].status == Status::Settled
            && matches!(silenced[index].outcome, Outcome::Holds | Outcome::Fails);
        silenced[index].outcome = Outcome::Unknown;
        let after = judgement(&silenced);
        prop_assert!(after.coverage <= before.coverage, "{}", silenced[index].rule);
        let group = &silenced[index].group;
        let share = |judged: &Judgement| judged.coverage_by_group.get(group).copied();
        if let (Some(before), Some(after)) = (share(&before), share(&after)) {
            prop_assert!(after < before || !counted && after <= before, "{group}: {before} → {after}");
        }
    }

    #[test]
    fn on_too_little_nothing_reassuring_is_said(draw in draws(), kept in 0..100usize, keys in proptest::collection::vec(0..100usize, 256)) {
        let known = draw.0.into_iter().zip(keys).filter(|(_, key)| *key < kept);
        let findings = findings(&facts(known.map(|(fact, _)| fact)));
        let issuer = ConfirmedIdentity { by: "official_channels".into(), subject: "a".into() };
        for identity in [None, Some(&issuer)] {
            let policy = &court().policy;
            let judged = assess(&findings, policy, Context::Met, identity);
            if judged.coverage < policy.coverage.least {
                prop_assert!(!matches!(judged.grade, Grade::Low | Grade::Guarded), "{:?}", judged.grade);
            }
            if judged.grade == Grade::Low {
                prop_assert!(identity.is_some() && judged.coverage >= policy.coverage.low);
            }
            prop_assert_eq!(judged.risk.is_none(), judged.grade == Grade::Inconclusive);
        }
    }

    #[test]
    fn a_further_rule_against_a_site_never_lowers_the_points(draw in draws(), which in any::<Index>()) {
        let mut findings = findings(&facts(draw.0));
        let before = judgement(&findings).points;
        let against: Vec<usize> = findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| finding.weight > 0 && finding.outcome != Outcome::Holds)
            .map(|(index, _)| index)
            .collect();
        prop_assume!(!against.is_empty());
        let finding = &mut findings[*which.get(&against)];
        finding.outcome = Outcome::Holds;
        let rule = court().rules.get(&finding.rule).expect("a rule");
        finding.replaces = rule.file.replaces.iter().map(|id| id.get_ref().clone()).collect();
        let rule = finding.rule.clone();
        let after = judgement(&findings).points;
        prop_assert!(after >= before, "{rule}: {before} → {after}");
    }

    #[test]
    fn judging_twice_gives_the_same_bytes(draw in draws()) {
        let facts = facts(draw.0);
        prop_assert_eq!(bytes(&findings(&facts)), bytes(&findings(&facts)));
    }
}

#[test]
fn a_rule_answers_alike_whatever_other_rules_are_loaded() {
    let groups: BTreeSet<String> = court()
        .rules
        .rules()
        .iter()
        .map(|rule| rule.group.clone())
        .collect();
    let mut runner = TestRunner::deterministic();
    let drawn: Vec<Facts> = (0..8)
        .map(|_| facts(draws().new_tree(&mut runner).expect("a draw").current().0))
        .collect();
    for group in groups {
        let mut files = rule_files();
        files.retain(|path, _| path.starts_with(&format!("{group}/")));
        let alone = RuleSet::load(&files, &catalogue()).expect("one group loads");
        for facts in &drawn {
            let mut all = findings(facts);
            all.retain(|finding| finding.group == group);
            assert_eq!(alone.judge(facts, "platform"), all, "{group}");
        }
    }
}
