//! `store export|verify|rebuild|prune|forget`: looking after what is kept.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use cardvet::store::{Retention, Store};

use super::show;
use crate::args::StoreCommand;
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Runs the subcommand.
pub(crate) fn run(command: StoreCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        StoreCommand::Export { out } => export(out.as_deref(), settings),
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

fn export(out: Option<&Path>, settings: &Settings) -> Result<Exit, Failure> {
    let store = setup::store(settings)?;
    let lost = match out {
        None => store
            .export(&mut BufWriter::new(std::io::stdout().lock()))
            .map_err(setup::store_failure)?,
        Some(path) => {
            let failed = || format!("could not write {}", path.display());
            // Written beside and renamed, so that a cut export never looks like a whole one.
            let partial = path.with_extension("partial");
            let file = File::create(&partial).with_context(failed)?;
            let mut writer = BufWriter::new(file);
            let lost = store.export(&mut writer).map_err(setup::store_failure)?;
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

fn verify(settings: &Settings) -> Result<Exit, Failure> {
    let report = setup::store(settings)?.verify().map_err(setup::store_failure)?;
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
    let rebuilt = Store::rebuild(&setup::store_settings(settings)).map_err(setup::store_failure)?;
    for problem in &rebuilt.lost {
        output::note(&format!("lost: {problem}"));
    }
    output::json(&serde_json::to_string(&rebuilt).map_err(anyhow::Error::from)?)?;
    Ok(Exit::Done)
}

fn prune(retention: Retention, dry_run: bool, settings: &Settings) -> Result<Exit, Failure> {
    let pruned = setup::store(settings)?
        .prune(retention, setup::now(), dry_run)
        .map_err(setup::store_failure)?;
    output::json(&serde_json::to_string(&pruned).map_err(anyhow::Error::from)?)?;
    Ok(Exit::Done)
}

fn forget(site: &str, settings: &Settings) -> Result<Exit, Failure> {
    let (site, _) = show::shelf(site, settings, &setup::data(settings)?)?;
    let forgotten = setup::store(settings)?
        .forget(&site)
        .map_err(setup::store_failure)?;
    output::json(&serde_json::to_string(&forgotten).map_err(anyhow::Error::from)?)?;
    Ok(Exit::Done)
}
