//! A rule and the policy as they are written in TOML.
//!
//! Only the shape of the files: what a field means is said here, whether it makes sense is decided in `compile`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::facts::Value;
use crate::finding::{Outcome, Status, Text};

/// One rule file, `rules/<group>/<name>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The claim, as a heading.
    pub title: Text,
    /// The claim as a question that can be answered yes or no.
    pub question: Text,
    /// Whether it counts.
    pub status: Spanned<Status>,
    /// Program version it came with.
    pub since: String,
    /// Points when it holds: whole, 10 double the odds, positive is riskier.
    pub weight: Spanned<i64>,
    /// How unsure the weight is, in points (one standard deviation).
    pub weight_sd: f64,
    /// CEL: to which sites the question applies; to all when left out.
    pub applies: Option<Spanned<String>>,
    /// CEL: when the claim is true.
    pub when: Spanned<String>,
    /// Weaker rules of the same group that this one explains.
    #[serde(default)]
    pub replaces: Vec<Spanned<String>>,
    /// Levels of a platform it speaks of: `platform`, `subsite`, `merchant`; all when left out.
    #[serde(default)]
    pub scope: Vec<Spanned<String>>,
    /// Oldest age of outside records it may rest on, `30d`, by fact name. Checked at load; it has no effect until there
    /// are facts of dated outside records.
    #[serde(default)]
    pub max_age: BTreeMap<String, Spanned<String>>,
    /// The sentence about a site of which it holds; `{fact.name}` is filled in.
    pub says: Spanned<Text>,
    /// Why it matters.
    pub why: Text,
    /// What a buyer should do when it holds.
    pub advice: Option<Text>,
    /// What the owner can do about it.
    pub remedy: Option<Text>,
    /// Innocent explanations.
    pub benign: Vec<Text>,
    /// Law or source of the claim and of the weight.
    pub sources: Vec<String>,
    /// For retired rules: what took its place.
    pub replaced_by: Option<String>,
    /// Worked examples, at least one for each outcome it can have.
    #[serde(default)]
    pub example: Vec<Spanned<Example>>,
}

/// One worked example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: Option<String>,
    /// The facts that are known; all others are not.
    pub given: BTreeMap<String, Value>,
    /// What must come out.
    pub expect: Outcome,
}
