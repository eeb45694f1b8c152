//! Advice: what a buyer should do before paying, given what was found.
//!
//! The steps stand in `data/advice.toml` (by grade) and in the rules that hold; this file only chooses and
//! orders them. Help after a loss is not here.

use serde::{Deserialize, Serialize};

use crate::data::{DataError, DataFiles};
use crate::finding::{Finding, Outcome, Status, Text};
use crate::score::Grade;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// In words.
    #[serde(flatten)]
    pub text: Text,
    /// The rules that ask for it; none for general steps.
    pub rules: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdviceFile {
    step: Vec<GeneralStep>,
    most_from_rules: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GeneralStep {
    grades: Vec<Grade>,
    zh: String,
    en: String,
}

/// The general steps.
#[derive(Debug)]
pub struct Advice {
    file: AdviceFile,
}

impl Advice {
    /// Reads `advice.toml`.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            file: data.read("advice.toml")?,
        })
    }

    /// The steps for a grade: those of the weightiest rules that hold, then the general ones, none twice.
    pub fn steps(&self, grade: Grade, findings: &[Finding]) -> Vec<Step> {
        let mut holding: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.outcome == Outcome::Holds && finding.status == Status::Settled)
            .collect();
        holding.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.rule.cmp(&b.rule)));
        let mut steps: Vec<Step> = Vec::new();
        for finding in holding {
            let Some(text) = finding.advice.clone() else {
                continue;
            };
            if let Some(step) = steps.iter_mut().find(|step| step.text == text) {
                step.rules.push(finding.rule.clone());
            } else if steps.len() < self.file.most_from_rules {
                steps.push(Step {
                    text,
                    rules: vec![finding.rule.clone()],
                });
            }
        }
        let general = self.file.step.iter().filter(|step| step.grades.contains(&grade));
        steps.extend(general.map(|step| Step {
            text: Text::new(&*step.zh, &*step.en),
            rules: Vec::new(),
        }));
        steps
    }
}
