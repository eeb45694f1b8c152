//! `store export|verify|rebuild|prune|forget`: looking after what is kept.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use cardvet::store::{Look, Retention, Store, write_warc};

use super::show;
use crate::args::{ExportArg, StoreCommand};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Runs the subcommand.
pub(crate) fn run(command: StoreCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        StoreCommand::Export { format, out } => export(format, out.as_deref(), settings),
        StoreCommand::Verify => verify(settings),
        StoreCommand::Rebuild => rebuild(settings),
        StoreCommand::Prune {
            keep_days,
            keep_versions,
            history,
            dry_run,
        } => {
            let retention = Retention {
                keep_days: Some(keep_days),
                keep_versions,
                history,
            };
            prune(retention, dry_run, settings)
        }
        StoreCommand::Forget { site } => forget(&site, settings),
    }
}

fn export(format: ExportArg, out: Option<&Path>, settings: &Settings) -> Result<Exit, Failure> {
    let store = setup::existing_store(settings)?;
    let lost = match out {
        None => write(&store, format, &mut BufWriter::new(std::io::stdout().lock()))?,
        Some(path) => {
            let failed = || format!("could not write {}", path.display());
            // Written beside and renamed, so that a cut export never looks like a whole one.
            let partial = path.with_extension("partial");
            let file = File::create(&partial)
                .with_context(failed)
                .map_err(|error| Failure::new(Exit::Usage, error))?;
            let mut writer = BufWriter::new(file);
            let lost = write(&store, format, &mut writer)?;
            writer.flush().with_context(failed)?;
            writer.get_ref().sync_all().with_context(failed)?;
            std::fs::rename(&partial, path).with_context(failed)?;
            lost
        }
    };
    for line in &lost {
        output::note(&format!("not in the export: {line}"));
    }
    Ok(if lost.is_empty() { Exit::Done } else { Exit::Store })
}

/// Writes everything in one form. Gives the hashes of bodies that are named and not there.
fn write(store: &Store, format: ExportArg, out: &mut impl Write) -> Result<Vec<String>, Failure> {
    match format {
        ExportArg::Jsonl => store.export(out).map_err(setup::store_failure),
        ExportArg::Warc => warc(store, out),
    }
}

/// Every look that is kept, by site, scope and moment; one evidence is held at a time.
fn warc(store: &Store, out: &mut impl Write) -> Result<Vec<String>, Failure> {
    let mut looks: BTreeSet<Look> = BTreeSet::new();
    for (site, scope) in store.sites().map_err(setup::store_failure)? {
        let history = store.history(&site, &scope).map_err(setup::store_failure)?;
        looks.extend(history.into_iter().map(|entry| entry.look));
    }
    let mut lost = Vec::new();
    for look in looks {
        let found = store.evidence(&look.site, &look.scope, look.captured_at);
        // Retention takes evidence and leaves its assessments.
        let Some(mut evidence) = found.map_err(setup::store_failure)? else {
            continue;
        };
        lost.extend(store.fill_bodies(&mut evidence).map_err(setup::store_failure)?);
        write_warc(&evidence, out).context("could not write the WARC file")?;
    }
    out.flush().context("could not write the WARC file")?;
    Ok(lost)
}

fn verify(settings: &Settings) -> Result<Exit, Failure> {
    let report = setup::existing_store(settings)?
        .verify()
        .map_err(setup::store_failure)?;
    for problem in &report.problems {
        output::note(&problem.to_string());
    }
    output::json(&serde_json::to_string(&report).map_err(anyhow::Error::from)?)?;
    Ok(if report.problems.is_empty() {
        Exit::Done
    } else {
        Exit::Store
    })
}

fn rebuild(settings: &Settings) -> Result<Exit, Failure> {
    // Not opened first: a damaged store may not open.
    setup::store_is_there(settings)?;
    let rebuilt = Store::rebuild(&setup::store_settings(settings)).map_err(setup::store_failure)?;
    for problem in &rebuilt.lost {
        output::note(&format!("lost: {problem}"));
    }
    output::json(&serde_json::to_string(&rebuilt).map_err(anyhow::Error::from)?)?;
    Ok(Exit::Done)
}

fn prune(retention: Retention, dry_run: bool, settings: &Settings) -> Result<Exit, Failure> {
    let pruned = setup::existing_store(settings)?
        .prune(retention, setup::now(), dry_run)
        .map_err(setup::store_failure)?;
    output::json(&serde_json::to_string(&pruned).map_err(anyhow::Error::from)?)?;
    Ok(Exit::Done)
}

fn forget(site: &str, settings: &Settings) -> Result<Exit, Failure> {
    let (site, _) = show::shelf(site, &setup::data(settings)?)?;
    let forgotten = setup::existing_store(settings)?
        .forget(&site)
        .map_err(setup::store_failure)?;
    if forgotten.evidence + forgotten.assessments + forgotten.aliases == 0 {
        output::note(&format!(
            "nothing was stored of {}",
            cardvet::report::escape::terminal(site.as_str())
        ));
    }
    output::json(&serde_json::to_string(&forgotten).map_err(anyhow::Error::from)?)?;
    Ok(Exit::Done)
}
