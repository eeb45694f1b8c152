//! Labels against facts: what was read rightly, what was read that is not there, what was there and not read.
//!
//! A list counts item by item; a wrong value counts as a false alarm and as a miss. Silence, `false`, zero, an empty list,
//! `none` and the values that the terms call silent are all "nothing stated", unless the label itself gives them: the
//! score cannot be raised by stating absences.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::set::{Case, Terms};
use crate::facts::{Facts, Place, Value};

/// Counts of one fact over all pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Read as labelled.
    pub hits: u32,
    /// Stated, and not so.
    pub false_alarms: u32,
    /// Labelled, and not stated.
    pub missed: u32,
}

impl Tally {
    /// Share of what was stated that is so; 1 when nothing was stated.
    pub fn precision(self) -> f64 {
        share(self.hits, self.false_alarms)
    }

    /// Share of what is so that was stated; 1 when there is nothing to state.
    pub fn recall(self) -> f64 {
        share(self.hits, self.missed)
    }

    fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.false_alarms += other.false_alarms;
        self.missed += other.missed;
    }
}

fn share(hits: u32, others: u32) -> f64 {
    if hits + others == 0 {
        return 1.0;
    }
    f64::from(hits) / f64::from(hits + others)
}

/// One disagreement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Miss {
    /// The page.
    pub case: String,
    /// The fact.
    pub fact: String,
    /// What the label says; nothing when it says nothing.
    pub expected: Option<Value>,
    /// What was stated; nothing when nothing was.
    pub stated: Option<Value>,
    /// Where it was read.
    pub at: Option<Place>,
}

/// The measurement.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Score {
    /// Pages measured.
    pub pages: u32,
    /// Pages with nothing to find: their labels hold [`Terms::background`] at most.
    pub empty_pages: u32,
    /// Pages written by somebody who had not read the inspectors.
    pub blind_pages: u32,
    /// Pages by family.
    pub families: BTreeMap<String, u32>,
    /// Counts by fact.
    pub facts: BTreeMap<String, Tally>,
    /// Counts by fact over the blind pages alone.
    pub blind_facts: BTreeMap<String, Tally>,
    /// Every disagreement, in order of page and fact.
    pub misses: Vec<Miss>,
}

impl Score {
    /// Adds one page.
    pub fn add(&mut self, terms: &Terms, case: &Case, facts: &Facts) {
        self.pages += 1;
        self.empty_pages += u32::from(case.expected.keys().all(|name| terms.background.contains(name)));
        self.blind_pages += u32::from(case.blind);
        *self.families.entry(case.family.clone()).or_default() += 1;
        let mut stated: BTreeMap<&str, &Value> = facts
            .iter()
            .map(|fact| (fact.name.as_str(), &fact.value))
            .collect();
        // What says that nothing was found counts only where the label says so too.
        stated.retain(|name, value| {
            let asked = case
                .expected
                .get(*name)
                .is_some_and(|expected| is_silent(terms, name, expected));
            asked || !is_silent(terms, name, value)
        });
        let names: BTreeSet<&str> = stated
            .keys()
            .copied()
            .chain(case.expected.keys().map(String::as_str))
            .collect();
        for name in names.into_iter().filter(|name| is_scored(terms, case, name)) {
            let value = stated.get(name).copied();
            let expected = case
                .expected
                .get(name)
                .filter(|expected| value.is_some() || !is_silent(terms, name, expected));
            let tally = compare(expected, value, terms.tolerance);
            self.facts.entry(name.to_owned()).or_default().add(tally);
            if case.blind {
                self.blind_facts.entry(name.to_owned()).or_default().add(tally);
            }
            if tally.false_alarms + tally.missed > 0 {
                self.misses.push(Miss {
                    case: case.id.clone(),
                    fact: name.to_owned(),
                    expected: expected.cloned(),
                    stated: value.cloned(),
                    at: facts.get(name).and_then(|fact| fact.at.clone()),
                });
            }
        }
    }

    /// The sum over facts: over numbers alone, or over all others.
    pub fn sum(&self, terms: &Terms, numbers: bool) -> Tally {
        let mut sum = Tally::default();
        for (name, tally) in &self.facts {
            if terms.numbers.contains(name) == numbers {
                sum.add(*tally);
            }
        }
        sum
    }

    /// Facts whose precision or recall is below what the terms ask, by name.
    pub fn below(&self, terms: &Terms) -> Vec<&str> {
        let least = |name: &String| {
            if terms.numbers.contains(name) {
                terms.least.numbers
            } else {
                terms.least.other
            }
        };
        self.facts
            .iter()
            .filter(|(name, tally)| tally.precision().min(tally.recall()) < least(name))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

fn is_scored(terms: &Terms, case: &Case, name: &str) -> bool {
    let group = name.split_inclusive('.').next().unwrap_or_default();
    !terms.not_scored.contains(name)
        && !terms.not_scored.contains(group)
        && !case.not_scored.contains(name)
        && (!terms.when_labelled.contains(name) || case.expected.contains_key(name))
}

/// Whether a value says that nothing was found.
fn is_silent(terms: &Terms, name: &str, value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Int(value) => *value == 0,
        Value::Number(_) => false,
        Value::Text(value) => {
            value == "none"
                || terms
                    .silent
                    .get(name)
                    .is_some_and(|silent| silent.contains(value))
        }
        Value::List(items) => items.is_empty(),
    }
}

fn compare(expected: Option<&Value>, stated: Option<&Value>, tolerance: f64) -> Tally {
    if let (None | Some(Value::List(_)), None | Some(Value::List(_))) = (expected, stated) {
        let [wanted, given] = [expected, stated].map(items);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        return Tally {
            hits: count(wanted.intersection(&given).count()),
            false_alarms: count(given.difference(&wanted).count()),
            missed: count(wanted.difference(&given).count()),
        };
    }
    let right = match (expected, stated) {
        (Some(Value::Number(expected)), Some(Value::Number(stated))) => {
            (expected - stated).abs() <= tolerance
        }
        (expected, stated) => expected == stated,
    };
    Tally {
        hits: u32::from(right && stated.is_some()),
        false_alarms: u32::from(!right && stated.is_some()),
        missed: u32::from(!right && expected.is_some()),
    }
}

fn items(value: Option<&Value>) -> BTreeSet<&String> {
    match value {
        Some(Value::List(items)) => items.iter().collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn lists_count_by_item_and_a_wrong_value_counts_twice() {
        for (expected, stated, tally) in [
            (Some(list(&["a", "b"])), Some(list(&["b", "c"])), (1, 1, 1)),
            (None, Some(list(&["a", "c"])), (0, 2, 0)),
            (Some(list(&["a"])), None, (0, 0, 1)),
            (Some(Value::from("x")), Some(Value::from("x")), (1, 0, 0)),
            (Some(Value::from("x")), Some(Value::from("y")), (0, 1, 1)),
            (Some(Value::from(0.95)), Some(Value::from(0.952)), (1, 0, 0)),
            (Some(Value::from(0.95)), Some(Value::from(0.97)), (0, 1, 1)),
            (None, Some(Value::from(true)), (0, 1, 0)),
        ] {
            let (hits, false_alarms, missed) = tally;
            assert_eq!(
                compare(expected.as_ref(), stated.as_ref(), 0.005),
                Tally {
                    hits,
                    false_alarms,
                    missed
                },
                "{expected:?} {stated:?}"
            );
        }
    }

    #[test]
    fn precision_and_recall_are_shares_of_what_was_stated_and_of_what_is_there() {
        let tally = Tally {
            hits: 3,
            false_alarms: 1,
            missed: 2,
        };
        assert!((tally.precision() - 0.75).abs() < 1e-9 && (tally.recall() - 0.6).abs() < 1e-9);
        assert!((Tally::default().precision() - 1.0).abs() < 1e-9);
    }
}
