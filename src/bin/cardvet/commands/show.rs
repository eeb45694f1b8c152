//! `show`: what is stored of a site. Judges nothing, touches no network.

use anyhow::{Context as _, anyhow};
use cardvet::assessment::Assessment;
use cardvet::data::DataFiles;
use cardvet::evidence::Scope;
use cardvet::report::{self, grade_label};
use cardvet::scope::Scopes;
use cardvet::store::{Entry, Store};
use cardvet::target::{Site, Target};

use crate::args::{FormatArg, Show};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Runs the command.
pub(crate) fn run(show: &Show, settings: &Settings) -> Result<Exit, Failure> {
    let data = setup::data(settings)?;
    let (site, scope) = shelf(&show.target, &data)?;
    let store = setup::existing_store(settings)?;
    if show.history {
        return history(show, settings, &store, &site, &scope);
    }
    let entry = store
        .latest(&site, &scope)
        .map_err(setup::store_failure)?
        .ok_or_else(|| nothing(&site, &scope))?;
    let assessment = read(&entry)?;
    match show.format {
        FormatArg::Json => output::json(&String::from_utf8_lossy(&entry.assessment))?,
        FormatArg::Text => output::data(&report::text::render(
            &assessment,
            output::look(settings, show.full),
        ))?,
    }
    Ok(Exit::of(&assessment, settings.fail_at))
}

/// Which site and level a typed target means. Stored sites may be local ones, so those are taken here.
pub(crate) fn shelf(typed: &str, data: &DataFiles) -> Result<(Site, Scope), Failure> {
    let target = Target::parse(typed, true).map_err(|error| {
        Failure::new(
            Exit::Usage,
            anyhow!("could not read `{}`: {error}", report::escape::terminal(typed)),
        )
    })?;
    let mut site = target.site.clone();
    // `127.0.0.1:8080` was typed without a scheme; its key names the port that was asked, 80 when none was typed.
    if target.url.host_str().is_some() && target.url.domain().is_none() && target.url.port().is_none() {
        let plain = target.addresses().last().and_then(Site::of);
        site = plain.unwrap_or(site);
    }
    let scopes = Scopes::load(data).map_err(|error| Failure::new(Exit::Rules, error))?;
    let scope = scopes.of(&target.url, &site);
    Ok((site, scope))
}

/// Nothing is stored: a usage error, with what to do.
pub(crate) fn nothing(site: &Site, scope: &Scope) -> Failure {
    let level = if *scope == Scope::Platform {
        String::new()
    } else {
        format!(" [{}]", scope.key())
    };
    Failure::new(
        Exit::Usage,
        anyhow!("nothing is stored of {site}{level}; `cardvet vet {site}` looks at it"),
    )
}

/// Reads a stored assessment.
pub(crate) fn read(entry: &Entry) -> Result<Assessment, Failure> {
    serde_json::from_slice(&entry.assessment)
        .context("a stored assessment does not read; `cardvet store verify` lists everything that is wrong")
        .map_err(|error| Failure::new(Exit::Store, error))
}

fn history(
    show: &Show,
    settings: &Settings,
    store: &Store,
    site: &Site,
    scope: &Scope,
) -> Result<Exit, Failure> {
    let entries = store.history(site, scope).map_err(setup::store_failure)?;
    if entries.is_empty() {
        return Err(nothing(site, scope));
    }
    for entry in entries {
        let assessment = read(&entry)?;
        let judgement = &assessment.judgement;
        match show.format {
            FormatArg::Json => output::json(&serde_json::json!({
                "captured_at": assessment.captured_at, "as_of": assessment.as_of, "cause": entry.cause,
                "grade": judgement.grade, "at_least": judgement.at_least, "risk": judgement.risk,
                "points": judgement.points, "coverage": judgement.coverage, "versions": assessment.versions,
            })
            .to_string())?,
            FormatArg::Text => output::data(&format!(
                "{}  {}  {}  {}  {}",
                assessment.captured_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
                grade_label(judgement.grade, settings.lang),
                judgement
                    .risk
                    .map_or_else(|| "—".to_owned(), |risk| format!("{risk:.1}")),
                report::escape::terminal(&entry.cause),
                report::escape::terminal(&assessment.versions.rules),
            ))?,
        }
    }
    Ok(Exit::Done)
}
