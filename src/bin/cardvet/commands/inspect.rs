//! `inspect`: facts from saved pages. No network, no judging, nothing kept.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cardvet::crawl::{self, SavedFile};
use cardvet::evidence::Evidence;
use cardvet::facts::Facts;
use cardvet::report::escape::terminal;
use cardvet::target::Target;

use crate::args::{FormatArg, Inspect};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Most that is read of one file, in bytes. Pages saved whole carry their pictures, so it is more than a page may have.
const MAX_BYTES: u64 = 64 << 20;

/// Runs the command.
pub(crate) fn run(inspect: &Inspect, settings: &Settings) -> Result<Exit, Failure> {
    let data = setup::data(settings)?;
    let judge = setup::judge(settings, &data)?;
    let plan = crawl::Plan::load(&data).map_err(|error| Failure::new(Exit::Rules, error))?;
    // A saved page may come from anywhere; nothing is contacted.
    let target = Target::parse(&inspect.url, true).map_err(|error| {
        Failure::new(
            Exit::Usage,
            anyhow::anyhow!("could not use --url {}: {error}", terminal(&inspect.url)),
        )
    })?;
    let mut exit = Exit::Done;
    for path in &inspect.files {
        let files = match read(path, &target) {
            Ok(files) => files,
            Err(error) => {
                output::error(&error);
                exit = exit.worst(Exit::Usage);
                continue;
            }
        };
        let evidence = crawl::saved(&target, files, &plan, setup::now());
        let facts = judge.facts(&evidence);
        print(inspect.format, path, &evidence, &facts)?;
    }
    Ok(exit)
}

/// One file, or all pages of a folder, each at its path below the address.
fn read(path: &Path, target: &Target) -> anyhow::Result<Vec<SavedFile>> {
    let failed = || format!("could not read {}", path.display());
    if !path.is_dir() {
        let bytes = bytes_of(path).with_context(failed)?;
        return Ok(vec![SavedFile {
            url: None,
            content_type: None,
            bytes,
        }]);
    }
    let mut names: Vec<PathBuf> = std::fs::read_dir(path)
        .with_context(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .with_context(failed)?;
    names.retain(|name| name.extension().is_some_and(|ext| ext == "html" || ext == "htm"));
    // The home page first, then by name.
    names.sort_by_key(|name| (!is_home(name), name.clone()));
    if names.is_empty() {
        bail!("{} holds no .html or .htm file", path.display());
    }
    names
        .into_iter()
        .map(|name| {
            let bytes = bytes_of(&name).with_context(|| format!("could not read {}", name.display()))?;
            let file = name
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let url = if is_home(&name) {
                None
            } else {
                Some(target.url.join(&file).with_context(failed)?)
            };
            Ok(SavedFile {
                url,
                content_type: None,
                bytes,
            })
        })
        .collect()
}

/// The first bytes of a saved page; what is beyond them is not read from the net either.
fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_home(path: &Path) -> bool {
    path.file_stem()
        .is_some_and(|stem| stem == "index" || stem == "home")
}

fn print(format: FormatArg, path: &Path, evidence: &Evidence, facts: &Facts) -> anyhow::Result<()> {
    let list: Vec<_> = facts.iter().collect();
    if format == FormatArg::Json {
        let line = serde_json::json!({
            "file": path.to_string_lossy(), "url": evidence.target.url, "facts": list, "gaps": evidence.gaps,
        });
        return output::json(&line.to_string());
    }
    output::data(&format!(
        "{} ({} facts)",
        terminal(&path.to_string_lossy()),
        list.len()
    ))?;
    for fact in list {
        let value = serde_json::to_string(&fact.value)?;
        let place = fact
            .at
            .as_ref()
            .map_or_else(String::new, |at| format!("  · {} “{}”", at.place, at.snippet));
        output::data(&terminal(&format!("  {} = {value}{place}", fact.name)))?;
    }
    for gap in &evidence.gaps {
        output::data(&terminal(&format!(
            "  gap {}: {} {}",
            gap.reason.code(),
            gap.detail,
            gap.what
        )))?;
    }
    Ok(())
}
