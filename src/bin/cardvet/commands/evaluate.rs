//! `evaluate`: how well pages are read, measured on a labelled set. No network, nothing kept.

use anyhow::{Context as _, anyhow};
use cardvet::crawl::{self, Plan, SavedFile};
use cardvet::evaluate::{Miss, Score, Set, Tally, Terms};
use cardvet::facts::Value;
use cardvet::inspect;
use cardvet::report::escape::terminal;
use serde_json::json;

use crate::args::{Evaluate, FormatArg};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Runs the command: 0 when every fact reaches what the set's terms ask, else 1.
pub(crate) fn run(evaluate: &Evaluate, settings: &Settings) -> Result<Exit, Failure> {
    let data = setup::data(settings)?;
    let judge = setup::judge(settings, &data)?;
    let plan = Plan::load(&data).map_err(|error| Failure::new(Exit::Rules, error))?;
    let set = Set::load(&evaluate.set, &inspect::catalogue())
        .with_context(|| format!("could not use the labelled set {}", evaluate.set.display()))
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let mut score = Score::default();
    for case in &set.cases {
        let file = SavedFile {
            url: None,
            content_type: None,
            bytes: case.bytes.clone(),
        };
        let evidence = crawl::saved(&case.target, vec![file], &plan, setup::now());
        score.add(&set.terms, case, &judge.facts(&evidence));
    }
    print(evaluate.format, &set.terms, &score)?;
    Ok(if score.below(&set.terms).is_empty() {
        Exit::Done
    } else {
        Exit::AtOrAbove
    })
}

fn print(format: FormatArg, terms: &Terms, score: &Score) -> anyhow::Result<()> {
    let below = score.below(terms);
    if format == FormatArg::Json {
        let value = serde_json::to_value(score).context("could not write the score")?;
        let line = json!({ "score": value, "below": below, "least": { "numbers": terms.least.numbers, "other": terms.least.other } });
        return output::json(&line.to_string());
    }
    output::data(&format!(
        "{} pages of {} families; {} with nothing to find; {} written without knowledge of the inspectors",
        score.pages,
        score.families.len(),
        score.empty_pages,
        score.blind_pages
    ))?;
    output::data(&format!(
        "{:<32} {:>5} {:>5} {:>6}  {:>9} {:>6}",
        "fact", "hits", "false", "missed", "precision", "recall"
    ))?;
    for (name, tally) in &score.facts {
        let mark = if below.contains(&name.as_str()) { " !" } else { "" };
        output::data(&format!("{}{mark}", line(name, *tally)))?;
    }
    output::data(&line("all numbers", score.sum(terms, true)))?;
    output::data(&line("all other facts", score.sum(terms, false)))?;
    if !score.misses.is_empty() {
        output::data(&format!("\n{} disagreements:", score.misses.len()))?;
    }
    for miss in &score.misses {
        output::data(&terminal(&told(miss)))?;
    }
    if !below.is_empty() {
        output::error(&anyhow!(
            "{} fact(s) below precision or recall {} (numbers {}): {}",
            below.len(),
            terms.least.other,
            terms.least.numbers,
            below.join(", ")
        ));
    }
    Ok(())
}

fn line(name: &str, tally: Tally) -> String {
    format!(
        "{name:<32} {:>5} {:>5} {:>6}  {:>9.3} {:>6.3}",
        tally.hits,
        tally.false_alarms,
        tally.missed,
        tally.precision(),
        tally.recall()
    )
}

fn told(miss: &Miss) -> String {
    let value = |value: &Option<Value>| {
        value
            .as_ref()
            .and_then(|value| serde_json::to_string(value).ok())
            .unwrap_or_else(|| "nothing".to_owned())
    };
    let place = miss
        .at
        .as_ref()
        .filter(|_| miss.stated.is_some())
        .map_or_else(String::new, |at| format!("  · {} “{}”", at.place, at.snippet));
    format!(
        "  {} {}: labelled {}, read {}{place}",
        miss.case,
        miss.fact,
        value(&miss.expected),
        value(&miss.stated)
    )
}
