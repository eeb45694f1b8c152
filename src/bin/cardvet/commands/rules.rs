//! `rules check|list|facts`: work on rules without a site.

use cardvet::inspect;
use cardvet::report::Lang;
use cardvet::report::escape::terminal;
use serde_json::json;

use crate::args::{FactsFormatArg, FormatArg, Rules};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Runs the subcommand.
pub(crate) fn run(rules: &Rules, settings: &Settings) -> Result<Exit, Failure> {
    match rules {
        Rules::Check => check(settings),
        Rules::List { format } => list(*format, settings),
        Rules::Facts { format } => facts(*format),
    }
}

fn check(settings: &Settings) -> Result<Exit, Failure> {
    let judge = setup::judge(settings, &setup::data(settings)?)?;
    let rules = judge.rules.rules();
    let examples: usize = rules.iter().map(|rule| rule.file.example.len()).sum();
    let (count, version) = (rules.len(), &judge.versions().rules);
    let text = match settings.lang {
        Lang::Zh => format!("{count} 条规则，{examples} 个例子，全部通过 (规则包 {version})"),
        Lang::En => {
            format!("{count} rules, {examples} examples, all as they should be (rule pack {version})")
        }
    };
    output::data(&terminal(&text))?;
    Ok(Exit::Done)
}

fn list(format: FormatArg, settings: &Settings) -> Result<Exit, Failure> {
    let judge = setup::judge(settings, &setup::data(settings)?)?;
    for rule in judge.rules.rules() {
        let file = &rule.file;
        if format == FormatArg::Json {
            output::json(&json!({
                "id": rule.id, "group": rule.group, "status": file.status.get_ref(), "weight": file.weight.get_ref(),
                "title": file.title, "question": file.question, "since": file.since, "facts": rule.facts(),
                "why": file.why, "advice": file.advice, "remedy": file.remedy, "benign": file.benign,
                "sources": file.sources,
            })
            .to_string())?;
        } else {
            output::data(&terminal(&format!(
                "{:>+4}  {:<40} {}",
                file.weight.get_ref(),
                rule.id,
                settings.lang.of(&file.title)
            )))?;
        }
    }
    Ok(Exit::Done)
}

fn facts(format: FactsFormatArg) -> Result<Exit, Failure> {
    if format == FactsFormatArg::Markdown {
        output::data(&facts_table())?;
        return Ok(Exit::Done);
    }
    for spec in inspect::catalogue().values() {
        let line = match format {
            FactsFormatArg::Json => serde_json::to_string(spec).map_err(anyhow::Error::from)?,
            FactsFormatArg::Text | FactsFormatArg::Markdown => {
                let [kind, cost] = [
                    serde_json::to_value(spec.kind),
                    serde_json::to_value(spec.fakeability),
                ]
                .map(|code| {
                    code.ok()
                        .and_then(|code| code.as_str().map(str::to_owned))
                        .unwrap_or_default()
                });
                format!("{:<30} {kind:<7} {cost:<8} {}", spec.name, spec.meaning)
            }
        };
        output::data(&line)?;
    }
    Ok(Exit::Done)
}

/// The facts by inspector, in the order these run, as a table.
fn facts_table() -> String {
    let mut table = String::from("| read by | facts |\n|---|---|");
    for entry in inspect::INSPECTORS {
        let names: Vec<String> = entry
            .provides
            .iter()
            .map(|spec| format!("`{}`", spec.name))
            .collect();
        table.push_str("\n| ");
        table.push_str(entry.id);
        table.push_str(" | ");
        table.push_str(&names.join(" "));
        table.push_str(" |");
    }
    table
}
