//! `inspect`: facts from saved pages, folders and web archives. No network, no judging, nothing kept.
//!
//! [`gather`] opens what was named and gives its answers site by site; here they become evidence, facts and lines.

mod folder;
mod gather;
mod sites;

use cardvet::crawl::{self, Plan};
use cardvet::evidence::Evidence;
use cardvet::facts::Facts;
use cardvet::inspect;
use cardvet::report::escape::terminal;
use cardvet::report::facts::render;
use cardvet::target::Target;

use crate::args::{FormatArg, Inspect};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};
use sites::SavedSite;

/// Runs the command.
pub(crate) fn run(inspect: &Inspect, settings: &Settings) -> Result<Exit, Failure> {
    let data = setup::data(settings)?;
    let judge = setup::judge(settings, &data)?;
    let plan = Plan::load(&data).map_err(|error| Failure::new(Exit::Rules, error))?;
    let target = inspect.url.as_deref().map(target).transpose()?;
    let mut exit = Exit::Done;
    for path in &inspect.files {
        let read = match gather::read(path, target.as_ref()) {
            Ok(read) => read,
            Err(error) => {
                output::error(&error);
                exit = exit.worst(Exit::Usage);
                continue;
            }
        };
        for note in &read.notes {
            output::note(note);
        }
        for site in read.sites {
            let evidence = evidence(site, &plan);
            let facts = judge.facts(&evidence);
            print(
                inspect.format,
                &path.to_string_lossy(),
                &evidence,
                &facts,
                settings,
            )?;
        }
    }
    Ok(exit)
}

/// The address that was given. A saved page may come from anywhere; nothing is contacted.
fn target(text: &str) -> Result<Target, Failure> {
    Target::parse(text, true).map_err(|error| {
        let error = anyhow::anyhow!("could not use --url {}: {error}", terminal(text));
        Failure::new(Exit::Usage, error)
    })
}

/// What was seen of a site, at the time the archive says it was, else now.
fn evidence(site: SavedSite, plan: &Plan) -> Evidence {
    let saved_at = site.answers.iter().filter_map(|answer| answer.at).min();
    let at = saved_at.unwrap_or_else(setup::now);
    crawl::saved_answers(&site.target, site.answers, plan, at)
}

fn print(
    format: FormatArg,
    file: &str,
    evidence: &Evidence,
    facts: &Facts,
    settings: &Settings,
) -> anyhow::Result<()> {
    let url = &evidence.target.url;
    if format == FormatArg::Json {
        let list: Vec<_> = facts.iter().collect();
        let line = serde_json::json!({ "file": file, "url": url, "facts": list, "gaps": evidence.gaps });
        return output::json(&line.to_string());
    }
    let names = inspect::catalogue().into_keys();
    let title = format!("{file} · {url}");
    let text = render(&title, facts, names, &evidence.gaps, output::look(settings, true));
    output::data(&text)
}
