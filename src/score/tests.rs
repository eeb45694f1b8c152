//! What the score promises, over hand-made and random findings.

use proptest::prelude::*;

use super::*;
use crate::finding::{Reason, Text};

const POLICY: &str = r#"
version = "test"
prior = { asked = -20, met = -46 }
damping = 0.5
grades = { guarded = 20.0, high = 60.0, critical = 90.0 }
coverage = { least = 0.35, low = 0.6 }
calibration = { a = 1.0, b = 0.0 }
[groups]
a = { min = -40, max = 40 }
b = { min = 0, max = 15 }
c = { min = -60, max = 60 }
[[hard_stop]]
rule = "c/stop"
grade = "critical"
why = "test"
"#;

fn policy() -> Policy {
    Policy::load(POLICY).unwrap()
}

fn finding(rule: &str, weight: i64, outcome: Outcome) -> Finding {
    Finding {
        rule: rule.to_owned(),
        group: rule.split('/').next().unwrap().to_owned(),
        status: Status::Settled,
        weight,
        outcome,
        reason: (outcome == Unknown).then(|| Reason {
            reason: "not_crawled".into(),
            detail: String::new(),
        }),
        facts: vec![],
        applies: vec![],
        title: Text::default(),
        says: None,
        benign: vec![],
        advice: None,
        replaces: vec![],
    }
}

fn judge(findings: &[Finding]) -> Judgement {
    assess(findings, &policy(), Context::Asked, None)
}

fn lines(findings: &[Finding]) -> Vec<(LineKind, i64)> {
    judge(findings)
        .ledger
        .iter()
        .map(|line| (line.kind, line.points))
        .collect()
}

use LineKind::{Cap as CapLine, Damping, Finding as Found, Override, Prior, Replaced};
use Outcome::{Fails, Holds, NotApplicable, Unknown};

#[test]
fn each_correction_is_a_line_of_its_own() {
    assert_eq!(lines(&[]), [(Prior, -20)]);
    assert_eq!(
        lines(&[
            finding("a/x", 9, Holds),
            finding("a/y", 20, Holds),
            finding("a/z", 9, Holds)
        ]),
        [
            (Prior, -20),
            (Found, 20),
            (Found, 9),
            (Found, 9),
            (Damping, -4),
            (Damping, -7)
        ],
    );
    assert_eq!(
        lines(&[finding("b/x", 20, Holds)]),
        [(Prior, -20), (Found, 20), (CapLine, -5)]
    );
    assert_eq!(
        lines(&[
            finding("a/x", -7, Holds),
            finding("a/y", 20, Holds),
            finding("a/z", -7, Holds)
        ]),
        [(Prior, -20), (Found, 20), (Found, -7), (Found, -7), (Damping, 3)],
    );
}

#[test]
fn rounding_goes_half_away_from_zero() {
    assert_eq!(
        lines(&[finding("a/x", -7, Holds), finding("a/y", -7, Holds)]).last(),
        Some(&(Damping, 3))
    );
    assert_eq!(
        lines(&[finding("a/x", 7, Holds), finding("a/y", 7, Holds)]).last(),
        Some(&(Damping, -3))
    );
}

#[test]
fn a_stronger_rule_replaces_a_weaker_one_before_damping() {
    let stronger = Finding {
        replaces: vec!["a/weak".into()],
        ..finding("a/strong", 20, Holds)
    };
    assert_eq!(
        lines(&[
            stronger,
            finding("a/weak", 12, Holds),
            finding("a/other", 10, Holds)
        ]),
        [
            (Prior, -20),
            (Found, 20),
            (Found, 12),
            (Replaced, -12),
            (Found, 10),
            (Damping, -5)
        ],
    );
}

#[test]
fn only_rules_that_hold_and_are_settled_give_points() {
    let trial = Finding {
        status: Status::Trial,
        ..finding("a/t", 30, Holds)
    };
    let rest = [
        finding("a/x", 9, Fails),
        finding("a/y", 9, Unknown),
        finding("a/z", 9, NotApplicable),
        trial,
    ];
    assert_eq!(lines(&rest), [(Prior, -20)]);
}

#[test]
fn risk_is_the_odds_of_the_points() {
    for (points, expected) in [
        (-20, 20.0),
        (0, 50.0),
        (10, 66.7),
        (-46, 4.0),
        (32, 90.2),
        (100_000, 100.0),
        (-100_000, 0.0),
    ] {
        let risk = risk(points, 0, Calibration { a: 1.0, b: 0.0 });
        assert!((risk - expected).abs() < 0.05, "{points}: {risk}");
    }
    assert!(
        (risk(-20, 20, Calibration { a: 0.5, b: 10.0 }) - 50.0).abs() < 0.05,
        "a and b touch the evidence only"
    );
}

#[test]
fn grades_come_in_the_order_of_the_design() {
    let identity = ConfirmedIdentity {
        by: "x".into(),
        subject: "y".into(),
    };
    let grade = |findings: &[Finding], identity: Option<&ConfirmedIdentity>| {
        let judgement = assess(findings, &policy(), Context::Asked, identity);
        (judgement.grade, judgement.at_least)
    };
    let seen = |rule, weight, outcome| finding(rule, weight, outcome);
    // (1) a hard stop names the grade, at any coverage, and shows as a line of 0 points.
    let stop = [seen("c/stop", 1, Holds), seen("a/u", 40, Unknown)];
    assert_eq!(grade(&stop, None), (Grade::Critical, false));
    assert_eq!(
        judge(&stop).ledger.last().map(|line| (line.kind, line.points)),
        Some((Override, 0))
    );
    // (2) an alarming grade stands at any coverage, marked.
    assert_eq!(
        grade(&[seen("a/x", 40, Holds), seen("c/u", 60, Unknown)], None),
        (Grade::High, false)
    );
    let little = [
        seen("b/x", 15, Holds),
        seen("a/x", 40, Unknown),
        seen("c/x", 8, Holds),
        seen("c/u", 60, Unknown),
    ];
    assert!(judge(&little).coverage < 0.35, "{}", judge(&little).coverage);
    assert_eq!(grade(&little, None), (Grade::Inconclusive, false));
    let more = [
        seen("b/x", 15, Holds),
        seen("a/x", 40, Unknown),
        seen("c/x", 30, Holds),
        seen("c/u", 90, Unknown),
    ];
    assert!(judge(&more).coverage < 0.35, "{}", judge(&more).coverage);
    assert_eq!(grade(&more, None), (Grade::High, true));
    // (3) nothing seen: no grade and no risk.
    assert_eq!(
        grade(&[seen("a/u", 40, Unknown)], None),
        (Grade::Inconclusive, false)
    );
    assert_eq!(judge(&[seen("a/u", 40, Unknown)]).risk, None);
    assert_eq!(judge(&[]).grade, Grade::Inconclusive);
    // (4) low needs a confirmed identity and coverage.
    let low = [seen("a/x", -20, Holds), seen("c/x", 10, Fails)];
    assert_eq!(grade(&low, None).0, Grade::Guarded);
    assert_eq!(grade(&low, Some(&identity)).0, Grade::Low);
    let half = [seen("a/x", -20, Holds), seen("c/x", 20, Unknown)];
    assert_eq!(grade(&half, Some(&identity)).0, Grade::Guarded);
    // (5) otherwise by points.
    assert_eq!(grade(&[seen("a/x", 10, Holds)], None).0, Grade::Guarded);
}

#[test]
fn coverage_counts_each_group_to_its_cap_and_leaves_out_what_does_not_apply() {
    assert!((judge(&[finding("a/x", 10, Fails), finding("a/y", 10, Unknown)]).coverage - 0.5).abs() < 1e-9);
    assert!(
        (judge(&[finding("a/x", 10, Fails), finding("a/y", 10, NotApplicable)]).coverage - 1.0).abs() < 1e-9
    );
    // b is capped at 15: 30 points of b weigh as much as 15 of a.
    assert!((judge(&[finding("a/x", 15, Fails), finding("b/y", 30, Unknown)]).coverage - 0.5).abs() < 1e-9);
    let off = Finding {
        reason: Some(Reason {
            reason: "source_off".into(),
            detail: String::new(),
        }),
        ..finding("a/off", 30, Unknown)
    };
    let judgement = judge(&[finding("a/x", 10, Fails), off]);
    assert!((judgement.coverage - 1.0).abs() < 1e-9);
    assert_eq!(judgement.sources_off, ["a/off"]);
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    for (from, to, expected) in [
        ("high = 60.0", "high = 95.0", "must rise"),
        ("damping = 0.5", "damping = 1.5", "damping"),
        ("least = 0.35", "least = 0.7", "coverage must rise"),
        ("a = 1.0", "a = 0.0", "calibration"),
        ("min = 0, max = 15", "min = 3, max = 15", "group b"),
        (", met = -46", "", "met"),
        ("version", "versoin", "unknown field"),
    ] {
        let error = Policy::load(&POLICY.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let outcome = prop_oneof![Just(Holds), Just(Fails), Just(Unknown), Just(NotApplicable)];
    ("[abc]/[a-f]", -40..40i64, outcome).prop_map(|(rule, weight, outcome)| finding(&rule, weight, outcome))
}

fn any_findings() -> impl Strategy<Value = Vec<Finding>> {
    proptest::collection::vec(any_finding(), 0..20).prop_map(|mut list| {
        list.sort_by(|a, b| a.rule.cmp(&b.rule));
        list.dedup_by(|a, b| a.rule == b.rule);
        list
    })
}

proptest! {
    #[test]
    fn the_ledger_adds_up(findings in any_findings()) {
        let judgement = judge(&findings);
        prop_assert_eq!(judgement.ledger.iter().map(|line| line.points).sum::<i64>(), judgement.points);
    }

    #[test]
    fn the_order_of_findings_is_irrelevant(findings in any_findings()) {
        let reversed: Vec<_> = findings.iter().rev().cloned().collect();
        prop_assert_eq!(judge(&findings), judge(&reversed));
    }

    #[test]
    fn a_further_finding_against_a_site_never_lowers_its_points(findings in any_findings(), weight in 1..40i64) {
        let mut more = findings.clone();
        more.push(finding("a/zz", weight, Holds));
        prop_assert!(judge(&more).points >= judge(&findings).points);
    }

    #[test]
    fn an_answer_that_becomes_unknown_gives_no_points_and_never_raises_coverage(findings in any_findings(), index in 0..20usize) {
        let mut less = findings.clone();
        let Some(lost) = less.get_mut(index).filter(|f| matches!(f.outcome, Holds | Fails)) else { return Ok(()) };
        lost.outcome = Unknown;
        let rule = lost.rule.clone();
        let judgement = judge(&less);
        prop_assert!(judgement.coverage <= judge(&findings).coverage);
        prop_assert!(!judgement.ledger.iter().any(|line| line.rule.as_ref() == Some(&rule)));
    }

    #[test]
    fn below_the_least_coverage_no_reassuring_grade_comes_out(findings in any_findings()) {
        let judgement = judge(&findings);
        if judgement.coverage < 0.35 {
            prop_assert!(judgement.grade >= Grade::High || judgement.grade == Grade::Inconclusive);
        }
        prop_assert_eq!(judgement.risk.is_none(), judgement.grade == Grade::Inconclusive);
    }
}
