//! Findings: what one rule says of one site, and because of which facts.
//!
//! A finding carries what the score needs of its rule (group, weight, status), so that the score knows no rules
//! and no facts. It decides nothing itself.

use serde::{Deserialize, Serialize};

/// A text in both languages of the reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// Whether a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Watched, counts nothing.
    Trial,
    /// Counts.
    Settled,
    /// Gone; refused at load with a pointer to what took its place.
    Retired,
}

/// Why a rule cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A gap reason code.
    pub reason: String,
    /// Which fact is missing, and what happened.
    pub detail: String,
}

/// What a rule says of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The claim is true of the site.
    Holds,
    /// The claim is false of the site.
    Fails,
    /// A fact on which the answer depends is not known.
    Unknown,
    /// The question does not arise.
    NotApplicable,
}

/// One rule's answer about one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule id: `group/name`.
    pub rule: String,
    /// The rule's group.
    pub group: String,
    /// Whether the rule counts.
    pub status: Status,
    /// Points when it holds; positive is riskier.
    pub weight: i64,
    /// The answer.
    pub outcome: Outcome,
    /// Why it is unknown; only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Names of the known facts that the claim itself rests on, in the order of the rule's text.
    pub facts: Vec<String>,
    /// Names of the known facts by which the question arises at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applies: Vec<String>,
    /// The rule's title.
    pub title: Text,
    /// The rule's sentence about this site, filled with its facts; only when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<Text>,
    /// Innocent explanations; only when it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benign: Vec<Text>,
    /// What a buyer should do about it; only when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Text>,
    /// Ids of weaker rules of the same group that this one explains; only when it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
}
