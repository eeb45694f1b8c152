//! THE LINE: Target → Evidence → Facts → Findings → Assessment.
//!
//! `capture` touches the network and writes down what it saw; `judge` is a pure function of what was written
//! down. This file only puts the steps in order; each of them is somewhere else.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::advice::Advice;
use crate::assessment::{self, Assessment, Versions};
use crate::crawl::{self, Budget, Plan};
use crate::data::{DataError, DataFiles};
use crate::evidence::{Evidence, Profile, Scope};
use crate::facts::{Facts, Firmness, Value};
use crate::inspect::{self, Inspectors};
use crate::net::{Net, RobotsSeen, RobotsUse, Visit};
use crate::rules::{RuleError, RuleSet};
use crate::scope::Scopes;
use crate::score::{self, ConfirmedIdentity, Context, Policy, PolicyError};
use crate::target::Target;

/// Under which id the evidence keeps what robots.txt said.
const ROBOTS: &str = "robots";

/// What decides: inspectors, rules, policy. Pure, no net, no clock, no store.
#[derive(Debug)]
pub struct Judge {
    inspectors: Inspectors,
    /// The rules in force.
    pub rules: RuleSet,
    policy: Policy,
    advice: Advice,
    versions: Versions,
}

/// Rules, policy or data that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// Rules that do not compile, all problems at once.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Rules(Vec<RuleError>),
    /// No rule at all.
    #[error("no rule was found; a rules folder holds <group>/<name>.toml and policy.toml")]
    NoRules,
    /// A policy that makes no sense.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A data file that cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl Judge {
    /// Builds the deciding half from rule files (`group/name.toml` and `policy.toml`, by path) and data files.
    pub fn load(rule_files: &BTreeMap<String, String>, data: &DataFiles) -> Result<Self, JudgeError> {
        let mut rule_files = rule_files.clone();
        let policy = rule_files.remove("policy.toml").unwrap_or_default();
        let policy = Policy::load(&policy)?;
        if rule_files.is_empty() {
            return Err(JudgeError::NoRules);
        }
        let rules = RuleSet::load(&rule_files, &inspect::catalogue()).map_err(JudgeError::Rules)?;
        check_policy(&policy, &rules)?;
        let versions = Versions {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            rules: format!("{}+{}", policy.version, short(rules.hash())),
            policy: short(policy.hash()),
            data: short(&data.hash()),
        };
        let inspectors = Inspectors::load(data)?;
        Ok(Self {
            inspectors,
            rules,
            policy,
            advice: Advice::load(data)?,
            versions,
        })
    }

    /// Reads evidence into facts. What was not read over a verified connection confirms nothing.
    pub fn facts(&self, evidence: &Evidence) -> Facts {
        let mut facts = self.inspectors.facts(evidence);
        if evidence.profile == Profile::Saved {
            facts.cap_firmness(Firmness::WellFormed, "not_crawled", "read from saved files");
        } else if evidence
            .pages
            .iter()
            .filter_map(|seen| seen.tls.as_ref())
            .any(|tls| !tls.verified || tls.extra_root)
        {
            facts.cap_firmness(
                Firmness::WellFormed,
                "tls_fail",
                "read over TLS that no public root verifies",
            );
        }
        facts
    }

    /// Everything that decides. The same inputs give the same bytes.
    pub fn judge(&self, evidence: &Evidence, context: Context, as_of: Timestamp) -> Assessment {
        let facts = self.facts(evidence);
        let findings = self.rules.judge(&facts, evidence.scope.level());
        let identity = confirmed_identity(&facts, &self.policy);
        let judgement = score::assess(&findings, &self.policy, context, identity.as_ref());
        let advice = self.advice.steps(judgement.grade, &findings);
        Assessment {
            schema: assessment::SCHEMA,
            target: evidence.target.typed.clone(),
            site: evidence.site.clone(),
            scope: evidence.scope.key(),
            redirected_from: evidence.redirected_from.clone(),
            as_visitor: evidence.as_visitor,
            against_robots: against_robots(evidence),
            captured_at: evidence.captured_at,
            as_of,
            context,
            judgement,
            confirmed_identity: identity,
            findings: assessment::place(findings, &facts),
            facts: facts.iter().cloned().collect(),
            gaps: evidence.gaps.clone(),
            advice,
            pages: assessment::pages(evidence),
            versions: self.versions.clone(),
        }
    }

    /// The versions that its assessments name.
    pub fn versions(&self) -> &Versions {
        &self.versions
    }
}

/// The rules, groups and facts that the policy names must exist, and every rule's group must have a cap.
fn check_policy(policy: &Policy, rules: &RuleSet) -> Result<(), PolicyError> {
    let catalogue = inspect::catalogue();
    let mut problems = Vec::new();
    for stop in policy
        .hard_stop
        .iter()
        .filter(|stop| rules.get(&stop.rule).is_none())
    {
        problems.push(format!("hard_stop: there is no rule `{}`", stop.rule));
    }
    for name in policy
        .identity
        .iter()
        .flat_map(|identity| [&identity.fact, &identity.subject])
    {
        if !catalogue.contains_key(name.as_str()) {
            problems.push(format!("identity: no inspector states the fact `{name}`"));
        }
    }
    for rule in rules
        .rules()
        .iter()
        .filter(|rule| !policy.groups.contains_key(&rule.group))
    {
        problems.push(format!("groups: `{}` of rule {} has no cap", rule.group, rule.id));
    }
    for group in policy
        .groups
        .keys()
        .filter(|group| !rules.rules().iter().any(|rule| rule.group == **group))
    {
        problems.push(format!("groups: no rule stands in `{group}`"));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(PolicyError::new(problems.join("; ")))
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(16).collect()
}

/// What the visit did with robots.txt, as it is kept: what each one said, and what was asked for against it.
fn robots_exhibit(visit: &Visit<'_>) -> serde_json::Value {
    let said: Vec<serde_json::Value> = visit.robots().iter().map(RobotsSeen::exhibit).collect();
    serde_json::json!({ "said": said, "overridden": visit.overridden() })
}

/// The addresses that were asked for although robots.txt closes them to crawlers.
fn against_robots(evidence: &Evidence) -> Vec<String> {
    let exhibit = evidence.exhibits.get(ROBOTS);
    let list = exhibit.and_then(|robots| robots.get("overridden")?.as_array());
    let texts = list.into_iter().flatten().filter_map(serde_json::Value::as_str);
    texts.map(str::to_owned).collect()
}

/// Who the site is, by the first fact of the policy's list that an issuer confirms.
fn confirmed_identity(facts: &Facts, policy: &Policy) -> Option<ConfirmedIdentity> {
    policy.identity.iter().find_map(|identity| {
        let fact = facts.get(&identity.fact)?;
        (fact.value == Value::Bool(true) && fact.firmness == Firmness::Confirmed).then(|| ConfirmedIdentity {
            by: identity.by.clone(),
            subject: facts.text(&identity.subject).unwrap_or_default().to_owned(),
        })
    })
}

/// Looks at sites and judges them.
#[derive(Debug)]
pub struct Vetter {
    net: Net,
    plan: Plan,
    scopes: Scopes,
    /// The deciding half.
    pub judge: Judge,
}

impl Vetter {
    /// Puts the two halves together.
    pub fn new(net: Net, judge: Judge, data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            net,
            plan: Plan::load(data)?,
            scopes: Scopes::load(data)?,
            judge,
        })
    }

    /// Everything that touches the network. Never fails because of a site: trouble is inside, as gaps.
    pub async fn capture(&self, target: &Target, limits: &Limits, captured_at: Timestamp) -> Evidence {
        let robots_use = if limits.budget.as_visitor {
            RobotsUse::Noted
        } else {
            RobotsUse::Obeyed
        };
        let visit = self.net.visit(limits.time).with_robots(robots_use);
        let scope = self.scopes.of(&target.url, &target.site);
        let budget = Budget {
            home_is_named: matches!(scope, Scope::Merchant { .. }),
            ..limits.budget
        };
        let mut evidence = crawl::crawl(target, &visit, &self.plan, captured_at, &budget).await;
        let landing = evidence
            .home()
            .and_then(|(seen, _)| url::Url::parse(&seen.final_url).ok());
        evidence.scope = self
            .scopes
            .of(landing.as_ref().unwrap_or(&target.url), &evidence.site);
        evidence
            .exhibits
            .insert(ROBOTS.to_owned(), robots_exhibit(&visit));
        evidence
    }

    /// Looks at a site and judges it.
    pub async fn vet(
        &self,
        target: &Target,
        limits: &Limits,
        context: Context,
        now: Timestamp,
    ) -> (Evidence, Assessment) {
        let evidence = self.capture(target, limits, now).await;
        let assessment = self.judge.judge(&evidence, context, evidence.captured_at);
        (evidence, assessment)
    }
}

/// How much a look at one site may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Time for the whole site.
    pub time: Duration,
    /// Pages, and the profile they follow.
    pub budget: Budget,
}
