//! The score: findings and a policy in, a judgement out whose ledger adds up.
//!
//! A weight-of-evidence scorecard. Points are whole numbers, 10 points double the odds, positive is riskier:
//!
//! ```text
//! evidence = Σ over groups of clamp( damped weights of the rules that hold, [group min, group max] )
//! points   = prior + evidence
//! risk     = 100 · σ( (prior + a·evidence + b) · ln2/10 )
//! ```
//!
//! It knows no facts and no rules, only findings; every number it uses stands in the policy or in a finding.

mod ledger;
mod policy;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use ledger::{Line, LineKind};
pub use policy::{
    Calibration, Cap, Context, Coverage, Grade, HardStop, Identity, Limits, Policy, PolicyError,
};

use crate::finding::{Finding, Outcome, Status};

/// Who the site is, said by an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedIdentity {
    /// Which issuer: `official_channels`, …
    pub by: String,
    /// Whom it names.
    pub subject: String,
}

/// What the findings come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The grade.
    pub grade: Grade,
    /// Whether the true grade may be higher: an alarming one on little evidence.
    pub at_least: bool,
    /// 0 to 100, one decimal; nothing when inconclusive.
    pub risk: Option<f64>,
    /// Sum of the ledger.
    pub points: i64,
    /// Share of what could be asked that was answered, 0 to 1, three decimals.
    pub coverage: f64,
    /// The same by group.
    pub coverage_by_group: BTreeMap<String, f64>,
    /// Lines whose points add up to `points`.
    pub ledger: Vec<Line>,
    /// Rules that were left out because their source is switched off.
    pub sources_off: Vec<String>,
}

/// Adds up findings under a policy.
pub fn assess(
    findings: &[Finding],
    policy: &Policy,
    context: Context,
    identity: Option<&ConfirmedIdentity>,
) -> Judgement {
    let mut ledger = ledger::draw_up(findings, policy, context);
    let points = ledger.iter().map(|line| line.points).sum();
    let prior = policy.prior(context);
    let risk = risk(prior, points - prior, policy.calibration);
    let (coverage, coverage_by_group) = coverage(findings, policy);
    let stop = policy
        .hard_stop
        .iter()
        .filter(|stop| holds(findings, &stop.rule))
        .max_by_key(|stop| stop.grade);
    if let Some(stop) = stop {
        ledger.push(Line::overriding(stop, findings));
    }
    let by_points = grade_of(risk, policy.grades);
    let grade = grade(
        by_points,
        coverage,
        identity.is_some(),
        stop.map(|stop| stop.grade),
        policy,
    );
    Judgement {
        grade,
        at_least: stop.is_none() && grade >= Grade::High && coverage < policy.coverage.least,
        risk: (grade != Grade::Inconclusive).then_some(risk),
        points,
        coverage,
        coverage_by_group,
        ledger,
        sources_off: findings
            .iter()
            .filter(|finding| is_source_off(finding))
            .map(|finding| finding.rule.clone())
            .collect(),
    }
}

fn holds(findings: &[Finding], rule: &str) -> bool {
    findings
        .iter()
        .any(|f| f.rule == rule && f.outcome == Outcome::Holds && f.status == Status::Settled)
}

/// The grade, in the order that the design lays down.
fn grade(by_points: Grade, coverage: f64, identified: bool, stop: Option<Grade>, policy: &Policy) -> Grade {
    if let Some(grade) = stop {
        return grade;
    }
    if by_points >= Grade::High {
        return by_points;
    }
    if coverage < policy.coverage.least {
        return Grade::Inconclusive;
    }
    if by_points == Grade::Low && (!identified || coverage < policy.coverage.low) {
        return Grade::Guarded;
    }
    by_points
}

fn grade_of(risk: f64, limits: Limits) -> Grade {
    match risk {
        risk if risk >= limits.critical => Grade::Critical,
        risk if risk >= limits.high => Grade::High,
        risk if risk >= limits.guarded => Grade::Guarded,
        _ => Grade::Low,
    }
}

/// 100 · σ((prior + a·evidence + b) · ln2/10), one decimal.
#[expect(clippy::cast_precision_loss, reason = "points are far below 2^52")]
fn risk(prior: i64, evidence: i64, calibration: Calibration) -> f64 {
    let points = prior as f64 + calibration.a * evidence as f64 + calibration.b;
    let odds = (points * std::f64::consts::LN_2 / 10.0).exp();
    let risk = if odds.is_finite() {
        100.0 * odds / (1.0 + odds)
    } else {
        100.0
    };
    (risk * 10.0).round() / 10.0
}

fn is_source_off(finding: &Finding) -> bool {
    finding.outcome == Outcome::Unknown
        && finding
            .reason
            .as_ref()
            .is_some_and(|reason| reason.reason == "source_off")
}

/// Share of the weight of settled, applicable rules that was answered; each group counts at most to its cap.
#[expect(clippy::cast_precision_loss, reason = "points are far below 2^52")]
fn coverage(findings: &[Finding], policy: &Policy) -> (f64, BTreeMap<String, f64>) {
    let mut groups: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for finding in findings {
        if finding.status != Status::Settled
            || finding.outcome == Outcome::NotApplicable
            || is_source_off(finding)
        {
            continue;
        }
        let (seen, all) = groups.entry(&finding.group).or_default();
        *all += finding.weight.abs();
        if matches!(finding.outcome, Outcome::Holds | Outcome::Fails) {
            *seen += finding.weight.abs();
        }
    }
    let mut by_group = BTreeMap::new();
    let (mut seen_total, mut all_total) = (0.0, 0.0);
    for (group, (seen, all)) in groups {
        let cap = policy.cap(group);
        let size = all.min(cap.max.max(-cap.min)) as f64;
        let share = if all == 0 { 0.0 } else { seen as f64 / all as f64 };
        seen_total += share * size;
        all_total += size;
        by_group.insert(group.to_owned(), three_decimals(share));
    }
    let coverage = if all_total == 0.0 {
        0.0
    } else {
        seen_total / all_total
    };
    (three_decimals(coverage), by_group)
}

fn three_decimals(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
