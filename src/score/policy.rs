//! The policy: every number that moves a score and belongs to no single rule, as read from `rules/policy.toml`.
//!
//! It checks that the numbers make sense; it holds none of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// For whom a site is judged, which decides the prior.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// Somebody was about to pay and asked.
    #[default]
    Asked,
    /// Some shop met in a crawl.
    Met,
}

/// Grades, from reassuring to alarming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// 证据不足: too little was seen to say.
    Inconclusive,
    /// 低.
    Low,
    /// 留意.
    Guarded,
    /// 高.
    High,
    /// 极高.
    Critical,
}

impl Grade {
    /// The public code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Inconclusive => "inconclusive",
            Self::Low => "low",
            Self::Guarded => "guarded",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Where the grades begin, as risk from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// First risk that is guarded.
    pub guarded: f64,
    /// First risk that is high.
    pub high: f64,
    /// First risk that is critical.
    pub critical: f64,
}

/// How much evidence must have been seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Below it no reassuring grade is given: 0 to 1.
    pub least: f64,
    /// Below it `low` becomes `guarded`: 0 to 1.
    pub low: f64,
}

/// The least and the most points a group may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// At most this far down; 0 or negative.
    pub min: i64,
    /// At most this far up; 0 or positive.
    pub max: i64,
}

/// The straight line fitted to the evidence, never to the prior.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Factor of the evidence; 1 until calibrated.
    pub a: f64,
    /// Points added; 0 until calibrated.
    pub b: f64,
}

/// A rule that names the grade by itself when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardStop {
    /// Rule id.
    pub rule: String,
    /// The grade.
    pub grade: Grade,
    /// Why no sum is needed.
    pub why: String,
}

/// A fact by which an issuer confirms who the site is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// A yes-or-no fact; counts when true and confirmed.
    pub fact: String,
    /// The fact that names the subject.
    pub subject: String,
    /// What the issuer is called in results.
    pub by: String,
}

/// The whole policy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Version of the rule pack.
    pub version: String,
    /// Points before any evidence, by context.
    pub prior: BTreeMap<Context, i64>,
    /// Factor from one finding of a group to the next.
    pub damping: f64,
    /// Grade limits.
    pub grades: Limits,
    /// Coverage limits.
    pub coverage: Coverage,
    /// Calibration.
    pub calibration: Calibration,
    /// Points by group.
    pub groups: BTreeMap<String, Cap>,
    /// Rules that name the grade.
    #[serde(default)]
    pub hard_stop: Vec<HardStop>,
    /// Facts that confirm who the site is, strongest first.
    #[serde(default)]
    pub identity: Vec<Identity>,
    #[serde(skip)]
    hash: String,
}

/// A policy that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rules/policy.toml: {0}")]
pub struct PolicyError(String);

impl PolicyError {
    /// An error about the policy's text.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Policy {
    /// Reads and checks a policy.
    pub fn load(text: &str) -> Result<Self, PolicyError> {
        let mut policy: Self = toml::from_str(text).map_err(|error| PolicyError(error.to_string()))?;
        policy.hash = crate::digest::sha256(text.as_bytes());
        policy.check().map_err(PolicyError)?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), String> {
        for context in [Context::Asked, Context::Met] {
            if !self.prior.contains_key(&context) {
                return Err(format!("prior has no entry for {context:?}").to_lowercase());
            }
        }
        let Limits {
            guarded,
            high,
            critical,
        } = self.grades;
        if !(0.0 < guarded && guarded < high && high < critical && critical < 100.0) {
            return Err("grades must rise: 0 < guarded < high < critical < 100".to_owned());
        }
        if !(0.0..=1.0).contains(&self.damping) {
            return Err("damping must lie between 0 and 1".to_owned());
        }
        if !(0.0 <= self.coverage.least
            && self.coverage.least <= self.coverage.low
            && self.coverage.low <= 1.0)
        {
            return Err("coverage must rise: 0 <= least <= low <= 1".to_owned());
        }
        if !(self.calibration.a > 0.0 && self.calibration.a.is_finite() && self.calibration.b.is_finite()) {
            return Err("calibration: a must be positive, b finite".to_owned());
        }
        match self.groups.iter().find(|(_, cap)| cap.min > 0 || cap.max < 0) {
            Some((group, _)) => Err(format!("group {group}: min is at most 0 and max at least 0")),
            None => Ok(()),
        }
    }

    /// SHA-256 of the policy's text, hex.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Points before any evidence.
    pub fn prior(&self, context: Context) -> i64 {
        self.prior.get(&context).copied().unwrap_or_default()
    }

    /// The group's cap; a group that the policy does not name gives nothing.
    pub fn cap(&self, group: &str) -> Cap {
        self.groups.get(group).copied().unwrap_or(Cap { min: 0, max: 0 })
    }
}
