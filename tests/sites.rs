//! Every sample platform, vetted over HTTP, gets the grade it names, for the reasons it names.
//!
//! The sums are done again here by a small formula of their own, from the ledger and the policy alone. What was read
//! of each sample stands in `snapshots/`; ports and times are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use cardvet::demo::Cause;
use cardvet::evidence::GapReason;
use cardvet::facts::{Fact, Value};
use cardvet::finding::{Finding, Outcome, Status};
use cardvet::score::{Grade, LineKind, Policy};

use crate::support::samples::{Run, Vetted, run};

/// Which rules can stand for a cause of a sample's label: groups (`lure/`) or single rules.
const FITS: &[(&str, &[&str])] = &[
    (
        "identity",
        &[
            "identity/",
            "licence/",
            "anonymity/",
            "filing/several-subjects",
            "official/",
        ],
    ),
    ("filing", &["filing/", "anonymity/no-filing"]),
    (
        "licence",
        &["licence/", "anonymity/no-licence", "identity/unrelated-permits"],
    ),
    ("official", &["official/"]),
    (
        "contact",
        &[
            "contact/",
            "anonymity/chat-only",
            "anonymity/no-contact",
            "anonymity/no-address",
        ],
    ),
    ("terms", &["terms/"]),
    ("lure", &["lure/", "recruit/guaranteed-profit"]),
    ("recruit", &["recruit/"]),
    ("goods", &["goods/"]),
    ("payment", &["payment/", "terms/balance-locked"]),
    ("order", &["order/"]),
    ("software", &["software/"]),
];

/// What a careful person notes on an innocent sample and rightly holds against nobody.
const NOTED_ONLY: &[(&str, &str)] = &[
    ("consignment-platform", "recruit"),
    ("game-forum", "goods"),
    ("lawful-promotion", "lure"),
    ("sim-card-kameng", "recruit"),
];

/// Causes whose rule is still on trial: it is shown and counts nothing.
const ON_TRIAL: &[(&str, &str, &str)] = &[
    // Ordinary slow top-up is sold at such prices too; the ratio is known for few shops.
    ("lookalike-filing", "lure", "lure/large-discount"),
    // A picture is neutral until somebody has looked at it.
    ("licence-picture", "licence", "licence/picture-only"),
];

fn rules_of(group: &str) -> &'static [&'static str] {
    let row = FITS
        .iter()
        .find(|row| row.0 == group)
        .expect("a row for each group of causes");
    row.1
}

fn stands_for(finding: &Finding, cause: &Cause) -> bool {
    rules_of(&cause.group)
        .iter()
        .any(|rules| match rules.strip_suffix('/') {
            Some(group) => finding.group == group,
            None => finding.rule == *rules,
        })
}

/// Fails with all that was found at once.
fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn held(vetted: &Vetted) -> String {
    let held: Vec<String> = vetted
        .held()
        .map(|finding| format!("{} {:+}", finding.rule, finding.weight))
        .collect();
    held.join(", ")
}

fn is_alarm(grade: Grade) -> bool {
    grade >= Grade::High
}

#[test]
fn every_sample_gets_the_grade_it_names() {
    let run = run();
    let wrong = run
        .vetted
        .iter()
        .filter(|vetted| !vetted.sample.allows(vetted.assessment.judgement.grade.code()));
    let wrong: Vec<String> = wrong
        .map(|vetted| {
            let judgement = &vetted.assessment.judgement;
            format!(
                "{}: {} instead of {} ({} points, coverage {}); held: {}",
                vetted.sample.id,
                judgement.grade.code(),
                vetted.sample.grade,
                judgement.points,
                judgement.coverage,
                held(vetted)
            )
        })
        .collect();
    none(&wrong);
}

#[test]
fn there_are_samples_enough_and_no_innocent_one_is_high() {
    let run = run();
    assert!(run.vetted.len() >= 18, "{}", run.vetted.len());
    let innocent: Vec<&Vetted> = run
        .vetted
        .iter()
        .filter(|vetted| vetted.sample.innocent)
        .collect();
    assert!(innocent.len() >= 8, "{}", innocent.len());
    for vetted in innocent {
        let grade = vetted.assessment.judgement.grade;
        assert!(!is_alarm(grade), "{}: {}", vetted.sample.id, held(vetted));
    }
}

#[test]
fn inconclusive_and_no_risk_go_together_and_where_nothing_was_seen_nothing_is_held() {
    for vetted in &run().vetted {
        let judgement = &vetted.assessment.judgement;
        let inconclusive = judgement.grade == Grade::Inconclusive;
        assert_eq!(inconclusive, judgement.risk.is_none(), "{}", vetted.sample.id);
        if vetted.evidence.home().is_none() {
            assert!(inconclusive, "{}", vetted.sample.id);
            assert!(!vetted.assessment.gaps.is_empty(), "{}", vetted.sample.id);
            assert_eq!(judgement.points, -20, "{}: {}", vetted.sample.id, held(vetted));
        }
    }
}

/// 100 · σ(points · ln 2 / 10), by powers of two: 10 points double the odds.
fn risk(points: i64) -> f64 {
    let odds = 2f64.powf(f64::from(i32::try_from(points).expect("few points")) / 10.0);
    100.0 - 100.0 / (1.0 + odds)
}

/// The grade by the order of the design: hard stop, alarm, too little seen, no reassurance unconfirmed, points.
fn expected_grade(vetted: &Vetted, policy: &Policy) -> Grade {
    let judgement = &vetted.assessment.judgement;
    let stops = judgement
        .ledger
        .iter()
        .filter(|line| line.kind == LineKind::Override);
    let stops = stops.filter_map(|line| {
        policy
            .hard_stop
            .iter()
            .find(|stop| Some(&stop.rule) == line.rule.as_ref())
    });
    if let Some(grade) = stops.map(|stop| stop.grade).max() {
        return grade;
    }
    let risk = (risk(judgement.points) * 10.0).round() / 10.0;
    let limits = policy.grades;
    let steps = [
        (limits.critical, Grade::Critical),
        (limits.high, Grade::High),
        (limits.guarded, Grade::Guarded),
    ];
    let by_points = steps
        .iter()
        .find(|step| risk >= step.0)
        .map_or(Grade::Low, |step| step.1);
    let confirmed = vetted.assessment.confirmed_identity.is_some();
    match by_points {
        Grade::Critical | Grade::High => by_points,
        _ if judgement.coverage < policy.coverage.least => Grade::Inconclusive,
        Grade::Low if !confirmed || judgement.coverage < policy.coverage.low => Grade::Guarded,
        grade => grade,
    }
}

#[test]
fn the_ledger_adds_up_and_the_grade_follows_from_the_policy_alone() {
    let Run { vetted, policy, .. } = run();
    assert_eq!(
        (policy.calibration.a, policy.calibration.b),
        (1.0, 0.0),
        "or the formula below needs both"
    );
    for vetted in vetted {
        let (id, judgement) = (&vetted.sample.id, &vetted.assessment.judgement);
        let sum: i64 = judgement.ledger.iter().map(|line| line.points).sum();
        assert_eq!(sum, judgement.points, "{id}");
        let priors: Vec<i64> = judgement
            .ledger
            .iter()
            .filter(|line| line.kind == LineKind::Prior)
            .map(|line| line.points)
            .collect();
        assert_eq!(priors, [policy.prior(vetted.assessment.context)], "{id}");
        if let Some(shown) = judgement.risk {
            assert!(
                (shown - risk(judgement.points)).abs() <= 0.05 + 1e-9,
                "{id}: {shown}"
            );
        }
        assert_eq!(judgement.grade, expected_grade(vetted, policy), "{id}");
        let listed: BTreeSet<&str> = judgement
            .ledger
            .iter()
            .filter(|line| line.kind == LineKind::Finding)
            .filter_map(|line| line.rule.as_deref())
            .collect();
        let holding: BTreeSet<&str> = vetted.held().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(listed, holding, "{id}");
    }
}

#[test]
fn no_group_gives_more_than_its_cap() {
    let Run { vetted, policy, .. } = run();
    for vetted in vetted {
        let mut groups: BTreeMap<&str, i64> = BTreeMap::new();
        for line in &vetted.assessment.judgement.ledger {
            if let Some(group) = &line.group {
                *groups.entry(group).or_default() += line.points;
            }
        }
        for (group, points) in groups {
            let cap = policy.cap(group);
            assert!(
                (cap.min..=cap.max).contains(&points),
                "{}: {group} {points}",
                vetted.sample.id
            );
        }
    }
}

#[test]
fn every_rule_that_holds_names_facts_that_were_seen_and_where() {
    for vetted in &run().vetted {
        let facts: BTreeMap<&str, &Fact> = vetted
            .assessment
            .facts
            .iter()
            .map(|fact| (fact.name.as_str(), fact))
            .collect();
        for placed in &vetted.assessment.findings {
            let finding = &placed.finding;
            if finding.outcome != Outcome::Holds {
                continue;
            }
            assert!(
                !finding.facts.is_empty(),
                "{}: {}",
                vetted.sample.id,
                finding.rule
            );
            for name in &finding.facts {
                let fact = facts.get(name.as_str());
                let fact =
                    fact.unwrap_or_else(|| panic!("{}: {} lacks {name}", vetted.sample.id, finding.rule));
                if let Some(place) = &fact.at {
                    assert!(
                        placed.places.contains(place),
                        "{}: {}",
                        vetted.sample.id,
                        finding.rule
                    );
                }
            }
            let says = finding.says.as_ref().expect("a rule that holds says so");
            assert!(
                !says.zh.contains(['{', '—']) && !says.en.contains(['{', '—']),
                "{}: {says:?}",
                finding.rule
            );
        }
    }
}

#[test]
fn an_alarm_rests_on_several_independent_causes_or_on_a_decisive_one() {
    let Run { vetted, policy, .. } = run();
    for vetted in vetted {
        let stopped = vetted
            .held()
            .any(|finding| policy.hard_stop.iter().any(|stop| stop.rule == finding.rule));
        let groups: BTreeSet<&str> = vetted.held().map(|finding| finding.group.as_str()).collect();
        let against = vetted.held().filter(|finding| finding.weight > 0).count();
        let alarm = is_alarm(vetted.assessment.judgement.grade)
            || matches!(&*vetted.sample.grade, "high" | "critical");
        assert!(
            !alarm || stopped || (against >= 3 && groups.len() >= 2),
            "{}: {}",
            vetted.sample.id,
            held(vetted)
        );
    }
}

#[test]
fn the_reasons_shown_are_the_true_ones() {
    let mut noted: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut missed = Vec::new();
    for vetted in &run().vetted {
        for cause in &vetted.sample.causes {
            if vetted.held().any(|finding| stands_for(finding, cause)) {
                continue;
            }
            let trial = ON_TRIAL
                .iter()
                .find(|row| row.0 == vetted.sample.id && row.1 == cause.group);
            if let Some((_, _, rule)) = trial {
                let finding = vetted.finding(rule);
                assert_eq!(
                    (finding.status, finding.outcome),
                    (Status::Trial, Outcome::Holds),
                    "{rule}"
                );
            } else if vetted.sample.innocent {
                noted.insert((&vetted.sample.id, &cause.group));
            } else {
                missed.push(format!(
                    "{}: {} ({}); held: {}",
                    vetted.sample.id,
                    cause.en,
                    cause.group,
                    held(vetted)
                ));
            }
        }
    }
    none(&missed);
    assert_eq!(noted, NOTED_ONLY.iter().copied().collect());
}

#[test]
fn a_guarded_doubt_shows_the_one_weak_cause() {
    for (id, rule) in [
        ("wrong-province", "filing/wrong-province-character"),
        ("joke-registry", "filing/parody-registry"),
    ] {
        let vetted = run().of(id);
        assert_eq!(vetted.assessment.judgement.grade, Grade::Guarded, "{id}");
        assert_eq!(
            vetted.finding(rule).outcome,
            Outcome::Holds,
            "{id}: {}",
            held(vetted)
        );
    }
}

#[test]
fn a_gap_names_the_true_reason_where_nothing_could_be_seen() {
    for (id, reason) in [
        ("dead-upstream", GapReason::Http5xx),
        ("challenge", GapReason::Challenge),
        ("scanner-gate", GapReason::Challenge),
        ("js-shell", GapReason::EmptyJsApp),
        ("not-installed", GapReason::NotInstalled),
        ("robots-closed", GapReason::BlockedByRobots),
    ] {
        let vetted = run().of(id);
        let gap = vetted.evidence.home_gap().map(|gap| gap.reason);
        assert_eq!(gap, Some(reason), "{id}: {:?}", vetted.evidence.gaps);
        let unknown = vetted.assessment.findings.iter().map(|placed| &placed.finding);
        let unknown: Vec<&Finding> = unknown
            .filter(|finding| finding.outcome == Outcome::Unknown)
            .collect();
        assert!(unknown.len() > 20, "{id}: {}", unknown.len());
        let told = unknown.iter().filter(|finding| {
            finding
                .reason
                .as_ref()
                .is_some_and(|said| said.reason == reason.code())
        });
        assert!(
            told.count() * 2 > unknown.len(),
            "{id}: most unknown rules say {}",
            reason.code()
        );
    }
}

#[test]
fn at_most_one_request_is_in_flight_at_a_host_and_robots_are_obeyed() {
    let Run { vetted, asked, .. } = run();
    for vetted in vetted {
        let count = &asked[&vetted.sample.host];
        assert_eq!(count.max_in_flight, 1, "{}", vetted.sample.id);
        // One more where the server fails: trouble that may pass is retried once.
        let most = if vetted.sample.id == "dead-upstream" { 2 } else { 1 };
        let robots = count.paths.get("/robots.txt").copied().unwrap_or_default();
        assert!(
            (1..=most).contains(&robots),
            "{}: {:?}",
            vetted.sample.id,
            count.paths
        );
        assert!(
            count.total <= 20,
            "{}: {} requests",
            vetted.sample.id,
            count.total
        );
    }
    let paths = |id: &str| -> Vec<&str> {
        asked[&run().of(id).sample.host]
            .paths
            .keys()
            .map(String::as_str)
            .collect()
    };
    assert_eq!(paths("robots-closed"), ["/robots.txt"]);
    for (id, closed) in [
        ("js-shell", "/api/"),
        ("abroad-honest", "/cart/"),
        ("zfaka-shop", "/member/"),
        ("zfaka-shop", "/api/"),
        ("brand-official", "/order/create"),
        ("scanner-gate", "/admin/"),
    ] {
        let asked = paths(id);
        assert!(
            !asked.iter().any(|path| path.starts_with(closed)),
            "{id}: {asked:?}"
        );
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(items) => format!("[{}]", items.join(", ")),
        other => serde_json::to_string(other).expect("a plain value"),
    }
}

/// What a reviewer should see of a sample, without ports and times.
fn summary(vetted: &Vetted, port: u16) -> String {
    let mut out = String::new();
    let judgement = &vetted.assessment.judgement;
    let mut line = |text: String| writeln!(out, "{text}").expect("a string grows");
    line(format!("grade {}", judgement.grade.code()));
    line(format!("points {}", judgement.points));
    line(format!(
        "risk {:?}, coverage {}",
        judgement.risk, judgement.coverage
    ));
    line("\nholds".to_owned());
    for Finding {
        rule, weight, status, ..
    } in vetted
        .assessment
        .findings
        .iter()
        .map(|placed| &placed.finding)
        .filter(|f| f.outcome == Outcome::Holds)
    {
        let trial = if *status == Status::Trial { " (trial)" } else { "" };
        line(format!("  {rule} {weight:+}{trial}"));
    }
    line("\nunknown".to_owned());
    for finding in vetted.assessment.findings.iter().map(|placed| &placed.finding) {
        if let Some(reason) = &finding.reason {
            line(format!(
                "  {}: {} ({})",
                finding.rule, reason.reason, reason.detail
            ));
        }
    }
    line("\nfacts".to_owned());
    for fact in &vetted.assessment.facts {
        let firmness = serde_json::to_value(fact.firmness).expect("a code");
        let firmness = firmness.as_str().expect("a code").to_owned();
        line(format!("  {} = {} [{firmness}]", fact.name, value(&fact.value)));
    }
    line("\npages".to_owned());
    for page in &vetted.assessment.pages {
        line(format!("  {:?} {} {}", page.role, page.status, page.url));
    }
    line("\ngaps".to_owned());
    for gap in &vetted.assessment.gaps {
        line(format!("  {} {} ({})", gap.reason.code(), gap.what, gap.detail));
    }
    out.replace(&format!(":{port}"), "")
}

#[test]
fn what_is_read_of_every_sample_is_as_reviewed() {
    let Run { vetted, port, .. } = run();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let changed = settings.bind(|| {
        let changed = vetted.iter().filter(|vetted| {
            // All of them, so that one run shows everything there is to review.
            std::panic::catch_unwind(|| {
                insta::assert_snapshot!(vetted.sample.id.as_str(), summary(vetted, *port));
            })
            .is_err()
        });
        changed.map(|vetted| vetted.sample.id.clone()).collect::<Vec<_>>()
    });
    assert!(
        changed.is_empty(),
        "review these snapshots: {}",
        changed.join(", ")
    );
    let kept = std::fs::read_dir(folder).expect("the folder of snapshots");
    let kept: BTreeSet<String> = kept
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !name.ends_with(".snap.new"))
        .collect();
    let wanted = vetted
        .iter()
        .map(|vetted| format!("{}.snap", vetted.sample.id))
        .collect();
    assert_eq!(kept, wanted, "one snapshot a sample");
}
