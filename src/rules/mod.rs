//! Rules: judgement as data. Compiles rule files against the fact catalogue and applies them to facts.
//!
//! Takes texts, not folders: the binary reads a folder or hands over the copy built in. It knows how no fact was
//! found out, and adds nothing up; a rule gives a [`Finding`], the score does the rest.

mod compile;
mod condition;
mod file;

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

pub use compile::RuleError;
pub use file::{Example, RuleFile};

use condition::{Bound, Condition, Truth};

use crate::facts::{Fact, FactSpec, Facts, Firmness, Value};
use crate::finding::{Finding, Outcome, Reason, Text};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// The rule files built into the binary by path, `policy.toml` among them.
pub fn built_in() -> BTreeMap<String, String> {
    let folders = BUILT_IN.dirs().flat_map(Dir::files);
    BUILT_IN
        .files()
        .chain(folders)
        .filter(|file| file.path().extension().is_some_and(|ext| ext == "toml"))
        .filter_map(|file| Some((file.path().to_str()?.to_owned(), file.contents_utf8()?.to_owned())))
        .collect()
}

/// One compiled rule.
#[derive(Debug)]
pub struct Rule {
    /// `group/name`, the path of its file.
    pub id: String,
    /// The folder.
    pub group: String,
    /// As written.
    pub file: RuleFile,
    applies: Option<Condition>,
    when: Condition,
}

/// All rules in force, in order of their ids.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    hash: String,
}

impl RuleSet {
    /// Compiles rule files, given by path (`group/name.toml`) and text, against the catalogue.
    ///
    /// Every problem of every file comes back at once; a set with any problem is not usable.
    pub fn load(
        files: &BTreeMap<String, String>,
        catalogue: &BTreeMap<&'static str, FactSpec>,
    ) -> Result<Self, Vec<RuleError>> {
        let mut rules = Vec::new();
        let mut errors = Vec::new();
        for (path, text) in files {
            match compile::compile(path, text, catalogue) {
                Ok(rule) => rules.push(rule),
                Err(problems) => errors.extend(problems),
            }
        }
        errors.extend(compile::cross_check(&rules, files));
        if !errors.is_empty() {
            errors.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
            return Err(errors);
        }
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self {
            rules,
            hash: crate::digest::of_texts(files),
        })
    }

    /// The rules in order of their ids.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules
            .binary_search_by(|rule| rule.id.as_str().cmp(id))
            .ok()
            .and_then(|index| self.rules.get(index))
    }

    /// SHA-256 over paths and texts, hex.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Applies every rule that speaks of this scope level to the facts. Pure; the order is that of the ids.
    pub fn judge(&self, facts: &Facts, level: &str) -> Vec<Finding> {
        let all = Bound::of(facts, |_| true);
        // What lowers the risk must have been said by an issuer: a fact that is not confirmed counts as not known.
        let confirmed = Bound::of(facts, |fact| fact.firmness == Firmness::Confirmed);
        self.rules
            .iter()
            .map(|rule| rule.judge(facts, level, if rule.lowers() { &confirmed } else { &all }))
            .collect()
    }
}

impl Rule {
    /// Whether it lowers the risk when it holds.
    pub fn lowers(&self) -> bool {
        *self.file.weight.get_ref() < 0
    }

    /// The facts it refers to, in the order of its text: `applies` first.
    pub fn facts(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.applies.iter().chain([&self.when]).flat_map(Condition::facts) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    fn outcome(&self, bound: &Bound<'_>) -> Outcome {
        match self.applies.as_ref().map(|applies| applies.truth(bound)) {
            Some(Truth::False) => return Outcome::NotApplicable,
            Some(Truth::Unknown) => return Outcome::Unknown,
            Some(Truth::True) | None => {}
        }
        match self.when.truth(bound) {
            Truth::True => Outcome::Holds,
            Truth::False => Outcome::Fails,
            Truth::Unknown => Outcome::Unknown,
        }
    }

    fn judge(&self, facts: &Facts, level: &str, bound: &Bound<'_>) -> Finding {
        let speaks =
            self.file.scope.is_empty() || self.file.scope.iter().any(|scope| scope.get_ref() == level);
        let outcome = if speaks {
            self.outcome(bound)
        } else {
            Outcome::NotApplicable
        };
        let holds = outcome == Outcome::Holds;
        let known = |condition: &Condition| -> Vec<String> {
            condition
                .facts()
                .iter()
                .filter(|name| facts.get(name).is_some())
                .cloned()
                .collect()
        };
        Finding {
            rule: self.id.clone(),
            group: self.group.clone(),
            status: *self.file.status.get_ref(),
            weight: *self.file.weight.get_ref(),
            outcome,
            reason: (outcome == Outcome::Unknown).then(|| self.reason(facts)),
            facts: known(&self.when),
            applies: self.applies.as_ref().map(known).unwrap_or_default(),
            title: self.file.title.clone(),
            says: holds.then(|| fill(self.file.says.get_ref(), facts)),
            benign: if holds {
                self.file.benign.clone()
            } else {
                Vec::new()
            },
            advice: self.file.advice.clone().filter(|_| holds),
            replaces: if holds { self.replaces() } else { Vec::new() },
        }
    }

    fn replaces(&self) -> Vec<String> {
        self.file.replaces.iter().map(|id| id.get_ref().clone()).collect()
    }

    /// Why the rule is unknown: the first fact it refers to that is missing, and what was said about that.
    fn reason(&self, facts: &Facts) -> Reason {
        let names = self.facts();
        let absent = names.iter().find(|name| facts.get(name).is_none());
        if let Some(absence) = absent.and_then(|name| facts.absence(name)) {
            return Reason {
                reason: absence.reason.clone(),
                detail: absence.detail.clone(),
            };
        }
        if let Some(name) = absent {
            return Reason {
                reason: "not_crawled".to_owned(),
                detail: format!("nothing read says {name}"),
            };
        }
        // All facts are there, so they were not firm enough for a rule that lowers the risk.
        facts.capped().map_or_else(
            || Reason {
                reason: "not_crawled".to_owned(),
                detail: "not confirmed by an issuer".to_owned(),
            },
            |absence| Reason {
                reason: absence.reason.clone(),
                detail: absence.detail.clone(),
            },
        )
    }
}

/// Puts the facts into a sentence.
fn fill(says: &Text, facts: &Facts) -> Text {
    Text::new(
        fill_one(&says.zh, facts, "、", ["是", "否"]),
        fill_one(&says.en, facts, ", ", ["yes", "no"]),
    )
}

fn fill_one(sentence: &str, facts: &Facts, comma: &str, yes_no: [&str; 2]) -> String {
    let mut parts = sentence.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    // In one pass: what a site wrote may hold braces, and is not filled again.
    for part in parts {
        let Some((name, rest)) = part.split_once('}') else {
            filled.push('{');
            filled.push_str(part);
            continue;
        };
        match facts.get(name) {
            Some(fact) => filled.push_str(&show(fact, comma, yes_no)),
            None => filled.push('—'),
        }
        filled.push_str(rest);
    }
    filled
}

fn show(fact: &Fact, comma: &str, [yes, no]: [&str; 2]) -> String {
    match &fact.value {
        Value::Bool(value) => if *value { yes } else { no }.to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => format!("{value:.2}"),
        Value::Text(value) => value.clone(),
        Value::List(items) if items.is_empty() => "—".to_owned(),
        Value::List(items) => items.join(comma),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_site_wrote_is_not_filled_again() {
        let mut facts = Facts::default();
        facts.say("a.name", "{b.name}", Firmness::Claimed, Vec::new());
        facts.say("b.name", "乙", Firmness::Claimed, Vec::new());
        for (sentence, expected) in [
            ("见 {a.name} 与 {b.name}", "见 {b.name} 与 乙"),
            ("{c.name}{b.name", "—{b.name"),
            ("无", "无"),
            ("", ""),
        ] {
            assert_eq!(fill_one(sentence, &facts, "、", ["是", "否"]), expected);
        }
    }
}
