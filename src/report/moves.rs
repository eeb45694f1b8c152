//! What moved between two assessments of one site, and why: site, evidence age, rules, or outside records.
//!
//! Compares what is stored with what comes out today; it judges nothing itself.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::assessment::Assessment;
use crate::finding::Outcome;

/// Why a result can differ from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The site was looked at again.
    Site,
    /// Ages are counted at another moment.
    EvidenceAge,
    /// Another rule pack or policy.
    Rules,
    /// Other data files.
    Data,
    /// Another version of the program.
    Program,
    /// Judged for somebody else.
    Context,
}

/// One rule whose answer moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Rule id.
    pub rule: String,
    /// Answer before; nothing when the rule is new.
    pub before: Option<Outcome>,
    /// Answer after; nothing when the rule is gone.
    pub after: Option<Outcome>,
    /// Weight before and after.
    pub weight: (i64, i64),
}

/// What moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moves {
    /// Whether every byte is the same.
    pub identical: bool,
    /// Points before and after.
    pub points: (i64, i64),
    /// Grades before and after, as codes.
    pub grade: (&'static str, &'static str),
    /// Why they can differ.
    pub causes: Vec<Cause>,
    /// Rules whose answer or weight moved.
    pub rules: Vec<Move>,
}

/// Compares two assessments.
pub fn compare(before: &Assessment, after: &Assessment) -> Moves {
    let mut causes = Vec::new();
    let mut note = |differs: bool, cause| causes.extend(differs.then_some(cause));
    note(before.captured_at != after.captured_at, Cause::Site);
    note(
        before.as_of != after.as_of && before.captured_at == after.captured_at,
        Cause::EvidenceAge,
    );
    note(
        before.versions.rules != after.versions.rules || before.versions.policy != after.versions.policy,
        Cause::Rules,
    );
    note(before.versions.data != after.versions.data, Cause::Data);
    note(before.versions.program != after.versions.program, Cause::Program);
    note(before.context != after.context, Cause::Context);
    Moves {
        identical: before.to_bytes() == after.to_bytes(),
        points: (before.judgement.points, after.judgement.points),
        grade: (before.judgement.grade.code(), after.judgement.grade.code()),
        causes,
        rules: moved_rules(before, after),
    }
}

fn moved_rules(before: &Assessment, after: &Assessment) -> Vec<Move> {
    let answers = |assessment: &Assessment| -> BTreeMap<String, (Outcome, i64)> {
        assessment
            .findings
            .iter()
            .map(|p| (p.finding.rule.clone(), (p.finding.outcome, p.finding.weight)))
            .collect()
    };
    let (old, new) = (answers(before), answers(after));
    let mut rules: Vec<&String> = old.keys().chain(new.keys()).collect();
    rules.sort();
    rules.dedup();
    rules
        .into_iter()
        .filter(|rule| old.get(*rule) != new.get(*rule))
        .map(|rule| {
            let (was, is) = (old.get(rule), new.get(rule));
            Move {
                rule: rule.clone(),
                before: was.map(|answer| answer.0),
                after: is.map(|answer| answer.0),
                weight: (was.map_or(0, |answer| answer.1), is.map_or(0, |answer| answer.1)),
            }
        })
        .collect()
}
