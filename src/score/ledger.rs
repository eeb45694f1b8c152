//! The ledger: one line a finding, and one line for each correction, so that the lines add up to the points.
//!
//! Order of steps: replaced → damping → group cap → sum. Nothing is hidden in a line: what damping or a cap
//! takes away is a line of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Context, HardStop, Policy};
use crate::finding::{Finding, Outcome, Status, Text};

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Where the count begins.
    Prior,
    /// A rule that holds.
    Finding,
    /// Taken off because the same group has already spoken.
    Damping,
    /// Taken off because a group counts only so far.
    Cap,
    /// Taken off because a stronger rule explains it.
    Replaced,
    /// A rule that names the grade by itself; 0 points.
    Override,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Which rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Which group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Points; positive is riskier.
    pub points: i64,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<Text>,
    /// Names of the facts it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
}

impl Line {
    fn new(kind: LineKind, points: i64) -> Self {
        Self {
            kind,
            rule: None,
            group: None,
            points,
            says: None,
            facts: Vec::new(),
        }
    }

    fn of(kind: LineKind, finding: &Finding, points: i64) -> Self {
        let (rule, group) = (Some(finding.rule.clone()), Some(finding.group.clone()));
        Self {
            rule,
            group,
            ..Self::new(kind, points)
        }
    }

    pub(super) fn overriding(stop: &HardStop, findings: &[Finding]) -> Self {
        let finding = findings.iter().find(|finding| finding.rule == stop.rule);
        Self {
            rule: Some(stop.rule.clone()),
            group: finding.map(|finding| finding.group.clone()),
            says: finding.and_then(|finding| finding.says.clone()),
            facts: finding.map(|finding| finding.facts.clone()).unwrap_or_default(),
            ..Self::new(LineKind::Override, 0)
        }
    }
}

/// All lines but the override.
pub(super) fn draw_up(findings: &[Finding], policy: &Policy, context: Context) -> Vec<Line> {
    let mut lines = vec![Line::new(LineKind::Prior, policy.prior(context))];
    let mut groups: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings
        .iter()
        .filter(|f| f.outcome == Outcome::Holds && f.status == Status::Settled)
    {
        groups.entry(&finding.group).or_default().push(finding);
    }
    for (group, mut holding) in groups {
        holding.sort_by(|a, b| {
            b.weight
                .abs()
                .cmp(&a.weight.abs())
                .then_with(|| a.rule.cmp(&b.rule))
        });
        lines.extend(group_lines(group, &holding, policy));
    }
    lines
}

fn group_lines(group: &str, holding: &[&Finding], policy: &Policy) -> Vec<Line> {
    let mut lines = Vec::new();
    let replaced: BTreeSet<&str> = holding
        .iter()
        .flat_map(|finding| &finding.replaces)
        .map(String::as_str)
        .collect();
    for finding in holding {
        let line = Line::of(LineKind::Finding, finding, finding.weight);
        lines.push(Line {
            says: finding.says.clone(),
            facts: finding.facts.clone(),
            ..line
        });
        if replaced.contains(finding.rule.as_str()) {
            lines.push(Line::of(LineKind::Replaced, finding, -finding.weight));
        }
    }
    let counting: Vec<&&Finding> = holding
        .iter()
        .filter(|f| !replaced.contains(f.rule.as_str()))
        .collect();
    // Signs for and against are separate series: ten small signs against do not wear out the one for.
    for positive in [true, false] {
        let mut factor = 1.0;
        for finding in counting.iter().filter(|finding| (finding.weight > 0) == positive) {
            let damped = damp(finding.weight, factor);
            factor *= policy.damping;
            if damped != finding.weight {
                lines.push(Line::of(LineKind::Damping, finding, damped - finding.weight));
            }
        }
    }
    let cap = policy.cap(group);
    let sum: i64 = lines.iter().map(|line| line.points).sum();
    let clamped = sum.clamp(cap.min, cap.max);
    if clamped != sum {
        lines.push(Line {
            group: Some(group.to_owned()),
            ..Line::new(LineKind::Cap, clamped - sum)
        });
    }
    lines
}

/// The weight times the factor, rounded half away from zero.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "points are far below 2^52"
)]
fn damp(weight: i64, factor: f64) -> i64 {
    (weight as f64 * factor).round() as i64
}
