//! From a rule as written to a rule in force, or every reason why not, each with file and line.
//!
//! This is where the asymmetry is held: what a cheat can fake for free never lowers the risk. It runs each
//! rule's own examples; it judges no site.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Rule;
use super::condition::{Bound, Condition, placeholders, unknown_fact};
use super::file::{Example, RuleFile};
use crate::facts::{FactSpec, Facts, Fakeability, Firmness, Kind, Value};
use crate::finding::{Outcome, Status};

/// What is wrong with a rule file. Reads `rules/group/name.toml:12: …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rules/{path}:{line}: {message}")]
pub struct RuleError {
    /// `group/name.toml`.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and, where it helps, what to do.
    pub message: String,
}

/// Levels a rule may speak of.
const LEVELS: &[&str] = &["platform", "subsite", "merchant"];

/// Collects problems of one file, turning byte spans into lines.
struct Problems<'a> {
    path: &'a str,
    text: &'a str,
    found: Vec<RuleError>,
}

impl Problems<'_> {
    fn at(&mut self, span: Range<usize>, message: impl Into<String>) {
        let line = 1 + self
            .text
            .bytes()
            .take(span.start)
            .filter(|byte| *byte == b'\n')
            .count();
        self.found.push(RuleError {
            path: self.path.to_owned(),
            line,
            message: message.into(),
        });
    }
}

pub(super) fn compile(
    path: &str,
    text: &str,
    catalogue: &BTreeMap<&'static str, FactSpec>,
) -> Result<Rule, Vec<RuleError>> {
    let mut problems = Problems {
        path,
        text,
        found: Vec::new(),
    };
    let Some((group, name)) = split(path) else {
        problems.at(
            0..0,
            "a rule stands in a folder of its group: rules/<group>/<name>.toml, lower-case words joined by -",
        );
        return Err(problems.found);
    };
    let file: RuleFile = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            problems.at(error.span().unwrap_or(0..0), error.message().to_owned());
            return Err(problems.found);
        }
    };
    if *file.status.get_ref() == Status::Retired {
        let pointer = file.replaced_by.as_deref().unwrap_or("nothing");
        problems.at(
            file.status.span(),
            format!("this rule is retired (replaced by {pointer}); take the file out"),
        );
    }
    check_texts(&file, catalogue, &mut problems);
    let mut condition = |source: &toml::Spanned<String>| match Condition::compile(source.get_ref(), catalogue)
    {
        Ok(condition) => Some(condition),
        Err(messages) => {
            for message in messages {
                problems.at(source.span(), message);
            }
            None
        }
    };
    let applies = file.applies.as_ref().map(&mut condition);
    let when = condition(&file.when);
    let (Some(when), false) = (when, matches!(applies, Some(None))) else {
        return Err(problems.found);
    };
    let rule = Rule {
        id: format!("{group}/{name}"),
        group: group.to_owned(),
        file,
        applies: applies.flatten(),
        when,
    };
    check_asymmetry(&rule, catalogue, &mut problems);
    check_examples(&rule, catalogue, &mut problems);
    if problems.found.is_empty() {
        Ok(rule)
    } else {
        Err(problems.found)
    }
}

fn split(path: &str) -> Option<(&str, &str)> {
    let (group, name) = path.strip_suffix(".toml")?.split_once('/')?;
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    (plain(group) && plain(name)).then_some((group, name))
}

fn check_texts(file: &RuleFile, catalogue: &BTreeMap<&'static str, FactSpec>, problems: &mut Problems<'_>) {
    let says = file.says.get_ref();
    for name in placeholders(&says.zh).into_iter().chain(placeholders(&says.en)) {
        if !catalogue.contains_key(name.as_str()) {
            problems.at(file.says.span(), unknown_fact(&name, catalogue));
        }
    }
    let mut texts = vec![&file.title, &file.question, says, &file.why];
    texts.extend(file.advice.iter().chain(&file.remedy).chain(&file.benign));
    if texts
        .iter()
        .any(|text| text.zh.trim().is_empty() || text.en.trim().is_empty())
    {
        problems.at(file.says.span(), "every text needs both zh and en");
    }
    if file.benign.is_empty() {
        problems.at(0..0, "name at least one innocent explanation in `benign`");
    }
    if file.sources.is_empty() {
        problems.at(
            0..0,
            "name at least one source of the claim or the weight in `sources`",
        );
    }
    if *file.weight.get_ref() == 0 {
        problems.at(
            file.weight.span(),
            "a weight of 0 says nothing; use status = \"trial\" to watch a rule",
        );
    }
    for scope in &file.scope {
        if !LEVELS.contains(&scope.get_ref().as_str()) {
            problems.at(
                scope.span(),
                format!(
                    "`{}` is no level; levels are {}",
                    scope.get_ref(),
                    LEVELS.join(", ")
                ),
            );
        }
    }
    for (fact, age) in &file.max_age {
        if !catalogue.contains_key(fact.as_str()) {
            problems.at(age.span(), unknown_fact(fact, catalogue));
        }
        if age
            .get_ref()
            .strip_suffix('d')
            .is_none_or(|days| days.parse::<u32>().is_err())
        {
            problems.at(
                age.span(),
                format!("`{}` is no age; write whole days as `30d`", age.get_ref()),
            );
        }
    }
}

/// What a cheat can fake for free or cheaply may raise the risk and never lowers it.
fn check_asymmetry(rule: &Rule, catalogue: &BTreeMap<&'static str, FactSpec>, problems: &mut Problems<'_>) {
    if !rule.lowers() {
        return;
    }
    for name in rule.facts() {
        if let Some(spec) = catalogue
            .get(name)
            .filter(|spec| spec.fakeability != Fakeability::Hard)
        {
            let cost = if spec.fakeability == Fakeability::Trivial {
                "trivial"
            } else {
                "cheap"
            };
            problems.at(
                rule.file.weight.span(),
                format!("a negative weight may not rest on `{name}`, which is {cost} to fake"),
            );
        }
    }
}

fn check_examples(rule: &Rule, catalogue: &BTreeMap<&'static str, FactSpec>, problems: &mut Problems<'_>) {
    let mut shown = Vec::new();
    for example in &rule.file.example {
        let span = example.span();
        let example = example.get_ref();
        shown.push(example.expect);
        match given(example, catalogue) {
            Err(messages) => messages
                .into_iter()
                .for_each(|message| problems.at(span.clone(), message)),
            Ok(facts) => {
                let outcome = rule.outcome(&Bound::of(&facts, |_| true));
                if outcome != example.expect {
                    let name = example.name.as_deref().unwrap_or("without a name");
                    problems.at(
                        span,
                        format!(
                            "the example {name} expects {:?} but comes out as {outcome:?}",
                            example.expect
                        ),
                    );
                }
            }
        }
    }
    let mut wanted = vec![Outcome::Holds, Outcome::Fails, Outcome::Unknown];
    if rule.applies.is_some() {
        wanted.push(Outcome::NotApplicable);
    }
    for outcome in wanted {
        if !shown.contains(&outcome) {
            problems.at(
                rule.file.when.span(),
                format!("an example that expects {outcome:?} is missing"),
            );
        }
    }
}

/// The facts of an example, checked against the catalogue.
fn given(example: &Example, catalogue: &BTreeMap<&'static str, FactSpec>) -> Result<Facts, Vec<String>> {
    let mut facts = Facts::default();
    let mut problems = Vec::new();
    for (name, value) in &example.given {
        match catalogue.get(name.as_str()) {
            None => problems.push(unknown_fact(name, catalogue)),
            Some(spec) if !fits(value, spec.kind) => {
                problems.push(format!(
                    "`{name}` is {:?}, the example gives {:?}",
                    spec.kind,
                    value.kind()
                ));
            }
            Some(_) => facts.say(name, value.clone(), Firmness::Confirmed, Vec::new()),
        }
    }
    if problems.is_empty() {
        Ok(facts)
    } else {
        Err(problems)
    }
}

fn fits(value: &Value, kind: Kind) -> bool {
    value.kind() == kind
}

/// Checks that need all rules: what is replaced must exist, stand in the same group and not weigh more.
pub(super) fn cross_check(rules: &[Rule], files: &BTreeMap<String, String>) -> Vec<RuleError> {
    let mut found = Vec::new();
    for rule in rules.iter().filter(|rule| !rule.file.replaces.is_empty()) {
        let path = format!("{}.toml", rule.id);
        let text = files.get(&path).map_or("", String::as_str);
        let mut problems = Problems {
            path: &path,
            text,
            found: Vec::new(),
        };
        let weight = *rule.file.weight.get_ref();
        let mut total = 0;
        for id in &rule.file.replaces {
            match rules.iter().find(|other| other.id == *id.get_ref()) {
                None => problems.at(
                    id.span(),
                    format!("there is no rule `{}` to replace", id.get_ref()),
                ),
                Some(other) if other.group != rule.group => {
                    problems.at(id.span(), "a rule replaces only rules of its own group");
                }
                Some(other)
                    if other.id == rule.id
                        || other.file.replaces.iter().any(|back| *back.get_ref() == rule.id) =>
                {
                    problems.at(id.span(), "rules may not replace each other");
                }
                Some(other) => total += *other.file.weight.get_ref(),
            }
        }
        // Otherwise a site could lower its risk by earning a further finding against it.
        if weight < total {
            problems.at(
                rule.file.weight.span(),
                format!("it weighs {weight}, less than the {total} points it replaces"),
            );
        }
        found.extend(problems.found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::RuleSet;
    use super::*;

    fn catalogue() -> BTreeMap<&'static str, FactSpec> {
        [
            FactSpec::new("filing.icp_shown", Kind::Bool, Fakeability::Trivial, "x"),
            FactSpec::new("register.filed", Kind::Bool, Fakeability::Hard, "x"),
            FactSpec::new("filing.icp_number", Kind::Text, Fakeability::Trivial, "x"),
        ]
        .into_iter()
        .map(|spec| (spec.name, spec))
        .collect()
    }

    const GOOD: &str = r#"
title = { zh = "未见备案号", en = "No filing number seen" }
question = { zh = "首页是否没有备案号？", en = "Is there no filing number on the home page?" }
status = "settled"
since = "0.1.0"
weight = 8
weight_sd = 3.0
when = "!filing.icp_shown"
says = { zh = "页脚未见备案号", en = "no filing number in the footer" }
why = { zh = "少了一条联系真人的公开线索", en = "one public link to a real person is missing" }
benign = [{ zh = "境外主机无须备案", en = "sites hosted abroad need none" }]
sources = ["互联网信息服务管理办法 art. 12"]
[[example]]
given = { "filing.icp_shown" = false }
expect = "holds"
[[example]]
given = { "filing.icp_shown" = true }
expect = "fails"
[[example]]
given = {}
expect = "unknown"
"#;

    fn errors(text: &str) -> String {
        let files = BTreeMap::from([("filing/none.toml".to_owned(), text.to_owned())]);
        RuleSet::load(&files, &catalogue())
            .err()
            .map(|list| {
                list.iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .unwrap_or_default()
    }

    #[test]
    fn a_good_rule_loads() {
        assert_eq!(errors(GOOD), "");
    }

    #[test]
    fn refusals_name_file_and_line() {
        for (from, to, expected) in [
            (
                "!filing.icp_shown\"",
                "!filing.icp_show\"",
                "rules/filing/none.toml:8: no inspector states the fact `filing.icp_show`; did you mean `filing.icp_shown`?",
            ),
            (
                "weight = 8",
                "wieght = 8",
                "rules/filing/none.toml:6: unknown field",
            ),
            (
                "weight = 8",
                "weight = -8",
                "rules/filing/none.toml:6: a negative weight may not rest on `filing.icp_shown`, which is trivial to fake",
            ),
            ("weight = 8", "weight = 0", "a weight of 0 says nothing"),
            (
                "expect = \"fails\"",
                "expect = \"holds\"",
                "expects Holds but comes out as Fails",
            ),
            (
                "status = \"settled\"",
                "status = \"retired\"\nreplaced_by = \"filing/other\"",
                "rules/filing/none.toml:4: this rule is retired (replaced by filing/other)",
            ),
            (
                "页脚未见备案号\"",
                "页脚未见 {filing.nmber}\"",
                "no inspector states the fact `filing.nmber`",
            ),
            (
                "when =",
                "applies = \"filing.icp_shown || register.filed\"\nwhen =",
                "expects NotApplicable is missing",
            ),
            ("when =", "scope = [\"shop\"]\nwhen =", "`shop` is no level"),
            (
                "when =",
                "replaces = [\"filing/other\"]\nwhen =",
                "there is no rule `filing/other`",
            ),
            (
                "given = { \"filing.icp_shown\" = false }",
                "given = { \"filing.icp_shown\" = 1 }",
                "the example gives Int",
            ),
            (
                "en = \"no filing number in the footer\"",
                "en = \"\"",
                "every text needs both zh and en",
            ),
        ] {
            let changed = GOOD.replacen(from, to, 1);
            assert_ne!(changed, GOOD, "{from}");
            assert!(errors(&changed).contains(expected), "{to}\n{}", errors(&changed));
        }
    }

    #[test]
    fn a_missing_example_is_refused() {
        let (without, _) = GOOD.rsplit_once("[[example]]").unwrap();
        assert!(errors(without).contains("expects Unknown is missing"));
    }

    #[test]
    fn all_files_are_reported_together() {
        let files = BTreeMap::from([
            (
                "filing/a.toml".to_owned(),
                GOOD.replace("weight = 8", "weight = 0"),
            ),
            (
                "filing/b.toml".to_owned(),
                GOOD.replace("!filing.icp_shown", "nothing"),
            ),
            ("Filing/c.toml".to_owned(), GOOD.to_owned()),
        ]);
        assert_eq!(RuleSet::load(&files, &catalogue()).err().unwrap().len(), 3);
    }

    #[test]
    fn a_rule_that_lowers_needs_a_confirmed_fact() {
        let text = GOOD
            .replace("weight = 8", "weight = -8")
            .replace("!filing.icp_shown", "register.filed")
            .replace("\"filing.icp_shown\" = false", "\"register.filed\" = true")
            .replace("\"filing.icp_shown\" = true", "\"register.filed\" = false");
        let files = BTreeMap::from([("filing/filed.toml".to_owned(), text)]);
        let rules = RuleSet::load(&files, &catalogue()).unwrap();
        let outcome = |firmness| {
            let mut facts = Facts::default();
            facts.say("register.filed", true, firmness, vec![]);
            rules.judge(&facts, "platform").remove(0).outcome
        };
        assert_eq!(outcome(Firmness::Confirmed), Outcome::Holds);
        assert_eq!(outcome(Firmness::WellFormed), Outcome::Unknown);
    }
}
