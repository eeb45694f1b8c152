//! Assessment: the whole result of one vetting, in the shape that is public as JSON.
//!
//! Everything a reader needs to cite, replay and defend it: grade, ledger, every rule's answer with its places,
//! every fact, every gap, and the versions of all that decided. No time of judging stands in it, so that the same
//! evidence, rules, data, policy and `as_of` give the same bytes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::advice::Step;
use crate::evidence::{Evidence, Gap, Role};
use crate::facts::{Fact, Facts, Place};
use crate::finding::Finding;
use crate::score::{ConfirmedIdentity, Context, Judgement};
use crate::target::Site;

/// Version of the public JSON.
pub const SCHEMA: u32 = 1;

/// What decided: each part's version or hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Version of the program.
    pub program: String,
    /// Version and hash of the rule pack, `0.1.0+<16 hex>`.
    pub rules: String,
    /// Hash of the policy, 16 hex.
    pub policy: String,
    /// Hash of the data files, 16 hex.
    pub data: String,
}

/// One fetched page, as a reader can check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageLine {
    /// Address that answered.
    pub url: String,
    /// What the page was taken for.
    pub role: Role,
    /// Status.
    pub status: u16,
    /// SHA-256 of the body, hex.
    pub hash: String,
    /// Length of the body in bytes.
    pub bytes: u64,
    /// Encoding it was read with, if it was read.
    pub encoding: Option<String>,
    /// Redirects on the way.
    pub hops: usize,
    /// Whether the certificate verified; nothing over plain HTTP.
    pub tls_verified: Option<bool>,
}

/// A finding with the places its facts were read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Where its facts were read.
    pub places: Vec<Place>,
}

/// The result of one vetting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Version of this shape, [`SCHEMA`].
    pub schema: u32,
    /// What was typed.
    pub target: String,
    /// The site that was judged.
    pub site: Site,
    /// `platform`, `subsite:HOST` or `merchant:HOST/PATH`.
    pub scope: String,
    /// The site that was asked and redirected here.
    pub redirected_from: Option<Site>,
    /// Whether a person asked for what their own browser would fetch, robots.txt notwithstanding; left out when not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_visitor: bool,
    /// Addresses that were asked for although robots.txt closes them to crawlers; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against_robots: Vec<String>,
    /// When the site was looked at.
    pub captured_at: Timestamp,
    /// The moment at which ages were counted.
    pub as_of: Timestamp,
    /// For whom it was judged.
    pub context: Context,
    /// Grade, risk, points, coverage and ledger.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// Who the site is, said by an issuer.
    pub confirmed_identity: Option<ConfirmedIdentity>,
    /// Every rule's answer.
    pub findings: Vec<PlacedFinding>,
    /// Every fact.
    pub facts: Vec<Fact>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// What to do before paying.
    pub advice: Vec<Step>,
    /// The pages it rests on.
    pub pages: Vec<PageLine>,
    /// What decided.
    pub versions: Versions,
}

impl Assessment {
    /// The bytes that are kept and compared: compact JSON in the order of the fields.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain values with text keys always serialise")
    }
}

/// Findings with the places where their facts were read.
pub fn place(findings: Vec<Finding>, facts: &Facts) -> Vec<PlacedFinding> {
    findings
        .into_iter()
        .map(|finding| {
            let known = finding.facts.iter().filter_map(|name| facts.get(name));
            let mut places: Vec<Place> = known
                .flat_map(|fact| fact.at.iter().chain(&fact.also))
                .cloned()
                .collect();
            let mut seen = std::collections::BTreeSet::new();
            places.retain(|place| seen.insert(place.clone()));
            PlacedFinding { finding, places }
        })
        .collect()
}

/// The pages of the evidence, as a reader can check them.
pub fn pages(evidence: &Evidence) -> Vec<PageLine> {
    evidence
        .pages
        .iter()
        .map(|seen| PageLine {
            url: seen.final_url.clone(),
            role: seen.role,
            status: seen.status,
            hash: seen.body_sha256.clone(),
            bytes: seen.body_bytes,
            encoding: seen.encoding.clone(),
            hops: seen.hops.len(),
            tls_verified: seen.tls.as_ref().map(|tls| tls.verified),
        })
        .collect()
}
