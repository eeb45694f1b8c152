//! From settings to working parts: rules and data from folders or built in, the net, the store, the log.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use cardvet::crawl::Budget;
use cardvet::data::DataFiles;
use cardvet::evidence::Profile;
use cardvet::net::{self, Net};
use cardvet::store::{self, Store, StoreError};
use cardvet::vet::{Judge, JudgeError, Limits, Vetter};

use crate::config::Settings;
use crate::exit::{Exit, Failure};

/// Longest file of rules or data that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Sets up the log on stderr.
pub(crate) fn log(filter: &str) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .with_context(|| format!("could not read the log filter `{filter}`"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    Ok(())
}

/// The asynchronous runtime.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("could not start the runtime")
}

/// The data files in force.
pub(crate) fn data(settings: &Settings) -> Result<DataFiles, Failure> {
    match &settings.data {
        None => Ok(DataFiles::built_in()),
        Some(dir) => Ok(DataFiles::from_texts(
            read_folder(dir, false).map_err(|error| Failure::new(Exit::Usage, error))?,
        )),
    }
}

/// The rule files in force, by path below the folder, `policy.toml` among them.
pub(crate) fn rule_files(settings: &Settings) -> Result<BTreeMap<String, String>, Failure> {
    match &settings.rules {
        None => Ok(cardvet::rules::built_in()),
        Some(dir) => read_folder(dir, true).map_err(|error| Failure::new(Exit::Usage, error)),
    }
}

/// The deciding half.
pub(crate) fn judge(settings: &Settings, data: &DataFiles) -> Result<Judge, Failure> {
    Judge::load(&rule_files(settings)?, data).map_err(|error| match error {
        JudgeError::Rules(problems) => {
            let count = problems.len();
            let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Failure::new(
                Exit::Rules,
                anyhow!("{}\n{count} problem(s) in the rules", list.join("\n")),
            )
        }
        error => Failure::new(Exit::Rules, error),
    })
}

/// The whole line.
pub(crate) fn vetter(settings: &Settings, data: &DataFiles) -> Result<Vetter, Failure> {
    let judge = judge(settings, data)?;
    let net = Net::new(net_settings(settings)?).map_err(|error| Failure::new(Exit::Usage, error))?;
    Vetter::new(net, judge, data).map_err(|error| Failure::new(Exit::Rules, error))
}

fn net_settings(settings: &Settings) -> Result<net::Settings, Failure> {
    let mut net = net::Settings {
        resolver: settings.resolver,
        allow_private: settings.allow_private,
        ..net::Settings::default()
    };
    if let Some(path) = &settings.ca_file {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read the root certificates {}", path.display()))
            .map_err(|error| Failure::new(Exit::Usage, error))?;
        net.extra_roots_pem = Some(text);
    }
    if let Some(contact) = &settings.contact {
        net.contact.clone_from(contact);
    }
    if let Some(pace) = settings.pace {
        // An address may serve several hosts, so its pace rises only with that of its hosts.
        net.address_rate = (2.0 * pace).max(net.address_rate);
        net.host_rate = pace;
        net.overall_rate = net.overall_rate.max(2.0 * pace);
    }
    Ok(net)
}

/// Budgets of the profile, with what the settings say otherwise.
pub(crate) fn limits(settings: &Settings) -> Limits {
    let mut budget = Budget::of(settings.profile);
    budget.max_pages = settings.max_pages.unwrap_or(budget.max_pages);
    let seconds = if settings.profile == Profile::Live {
        10.0
    } else {
        45.0
    };
    Limits {
        time: Duration::from_secs_f64(settings.timeout.unwrap_or(seconds)),
        budget,
    }
}

/// Opens the store.
pub(crate) fn store(settings: &Settings) -> Result<Store, Failure> {
    Store::open(&store_settings(settings)).map_err(store_failure)
}

/// Opens the store for a command that only works on what was kept: a mistyped folder is told, not made.
pub(crate) fn existing_store(settings: &Settings) -> Result<Store, Failure> {
    store_is_there(settings)?;
    store(settings)
}

/// Refuses a folder that does not exist.
pub(crate) fn store_is_there(settings: &Settings) -> Result<(), Failure> {
    if settings.store.is_dir() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        anyhow!(
            "there is no store at {}; `cardvet vet TARGET` makes one, --store names another folder",
            settings.store.display()
        ),
    ))
}

/// Where the store is.
pub(crate) fn store_settings(settings: &Settings) -> store::Settings {
    store::Settings {
        dir: settings.store.clone(),
    }
}

/// A store's error with its exit code.
pub(crate) fn store_failure(error: StoreError) -> Failure {
    Failure::new(Exit::Store, error)
}

/// Every `.toml` of a folder by its path below it; with folders one level down when `deep`.
fn read_folder(dir: &Path, deep: bool) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let entries =
        std::fs::read_dir(dir).with_context(|| format!("could not read the folder {}", dir.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("could not read the folder {}", dir.display()))?
            .path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            continue;
        };
        if path.is_dir() && deep {
            let below = read_folder(&path, false)?;
            files.extend(
                below
                    .into_iter()
                    .map(|(file, text)| (format!("{name}/{file}"), text)),
            );
        } else if path.extension().is_some_and(|ext| ext == "toml") {
            let text = read_text(&path).with_context(|| format!("could not read {}", path.display()))?;
            files.insert(name, text);
        }
    }
    Ok(files)
}

/// A file of rules or data, which may be a stranger's: no device or pipe, and not endless.
fn read_text(path: &Path) -> Result<String> {
    if !path.is_file() {
        bail!("it is no file");
    }
    let mut text = String::new();
    let read = File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_FILE {
        bail!("it is longer than {MAX_FILE} bytes");
    }
    Ok(text)
}

/// The one place where the program reads the clock; everything below is handed the moment.
#[expect(clippy::disallowed_methods, reason = "somebody must read the clock once")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
