//! `replay`: judges stored evidence again with today's rules, and says what moved and why. No network.

use anyhow::Context as _;
use cardvet::assessment::Assessment;
use cardvet::evidence::Scope;
use cardvet::finding::Outcome;
use cardvet::report::Lang;
use cardvet::report::escape::terminal;
use cardvet::report::moves::{self, Cause, Moves};
use cardvet::store::Store;
use cardvet::target::Site;
use cardvet::vet::Judge;
use jiff::Timestamp;

use super::show;
use crate::args::{FormatArg, Replay};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Runs the command.
pub(crate) fn run(replay: &Replay, settings: &Settings) -> Result<Exit, Failure> {
    let data = setup::data(settings)?;
    let judge = setup::judge(settings, &data)?;
    let as_of = replay
        .as_of
        .as_deref()
        .map(moment)
        .transpose()
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let store = setup::existing_store(settings)?;
    let shelves = if replay.all {
        store.sites().map_err(setup::store_failure)?
    } else {
        replay
            .targets
            .iter()
            .map(|typed| show::shelf(typed, &data))
            .collect::<Result<_, _>>()?
    };
    let mut tally = Tally::default();
    let mut exit = Exit::Done;
    for (site, scope) in shelves {
        let shelf = (&site, &scope);
        match one(replay, settings, &judge, &store, shelf, as_of, &mut tally) {
            Ok(()) => {}
            Err(failure) if failure.exit == Exit::Usage => {
                output::error(&failure.error);
                exit = Exit::Usage;
            }
            Err(failure) => return Err(failure),
        }
    }
    if replay.format == FormatArg::Text {
        output::data(&tally.sentence(settings.lang))?;
    }
    Ok(exit)
}

/// `2026-11-22` or a whole RFC 3339 moment.
fn moment(text: &str) -> anyhow::Result<Timestamp> {
    text.parse()
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .with_context(|| format!("`{text}` is no date; write 2026-11-22 or 2026-11-22T08:00:00Z"))
}

#[derive(Default)]
struct Tally {
    same: usize,
    moved: usize,
    gone: usize,
}

impl Tally {
    fn sentence(&self, lang: Lang) -> String {
        let Self { same, moved, gone } = self;
        match lang {
            Lang::Zh => format!("逐字节相同 {same} 个，有变化 {moved} 个，证据已不在 {gone} 个"),
            Lang::En => format!("{same} byte-identical, {moved} moved, {gone} without stored evidence"),
        }
    }
}

fn one(
    replay: &Replay,
    settings: &Settings,
    judge: &Judge,
    store: &Store,
    (site, scope): (&Site, &Scope),
    as_of: Option<Timestamp>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let entry = store
        .latest(site, scope)
        .map_err(setup::store_failure)?
        .ok_or_else(|| show::nothing(site, scope))?;
    let before = show::read(&entry)?;
    let look = &entry.look;
    let evidence = store
        .evidence(&look.site, &look.scope, look.captured_at)
        .map_err(setup::store_failure)?;
    let Some(evidence) = evidence else {
        tally.gone += 1;
        let words = output::say(
            settings,
            "证据已按保留期删除",
            "its evidence was removed by retention",
        );
        match replay.format {
            FormatArg::Text => output::data(&format!("{}  {words}", terminal(site.as_str())))?,
            FormatArg::Json => output::note(&format!("{}: {words}", terminal(site.as_str()))),
        }
        return Ok(());
    };
    let after = judge.judge(&evidence, before.context, as_of.unwrap_or(before.as_of));
    let moves = Moves {
        // What is stored decides, not what reads the same.
        identical: entry.assessment == after.to_bytes(),
        ..moves::compare(&before, &after)
    };
    if moves.identical {
        tally.same += 1;
    } else {
        tally.moved += 1;
    }
    print(replay.format, settings, &after, &moves)?;
    if replay.keep && !moves.identical {
        let cause = format!("replayed: {}", causes(&moves));
        store
            .keep(&evidence, &after.to_bytes(), &cause, setup::now())
            .context("could not keep the replayed assessment")
            .map_err(|error| Failure::new(Exit::Store, error))?;
    }
    Ok(())
}

fn print(format: FormatArg, settings: &Settings, after: &Assessment, moves: &Moves) -> anyhow::Result<()> {
    if format == FormatArg::Json {
        let site = serde_json::json!({ "site": after.site, "scope": after.scope });
        let mut line = serde_json::to_value(moves)?;
        if let (Some(line), Some(site)) = (line.as_object_mut(), site.as_object()) {
            line.extend(site.clone());
        }
        return output::json(&line.to_string());
    }
    let scope = if after.scope == "platform" {
        String::new()
    } else {
        format!(" [{}]", terminal(&after.scope))
    };
    if moves.identical {
        let words = output::say(settings, "逐字节相同", "byte-identical");
        return output::data(&format!("{}{scope}  {words}", terminal(after.site.as_str())));
    }
    let mut lines = vec![format!(
        "{}{scope}  {} → {}  ({:+} → {:+})  {}",
        terminal(after.site.as_str()),
        moves.grade.0,
        moves.grade.1,
        moves.points.0,
        moves.points.1,
        causes(moves)
    )];
    let name = |outcome: Option<Outcome>| {
        outcome.map_or_else(|| "—".to_owned(), |outcome| format!("{outcome:?}").to_lowercase())
    };
    lines.extend(moves.rules.iter().map(|step| {
        let (before, after) = (name(step.before), name(step.after));
        format!(
            "    {}: {before} → {after} ({:+} → {:+})",
            terminal(&step.rule),
            step.weight.0,
            step.weight.1
        )
    }));
    output::data(&lines.join("\n"))
}

/// Why it moved, as codes joined by commas. With the same inputs a difference can only come from the program.
fn causes(moves: &Moves) -> String {
    let names: Vec<&str> = moves
        .causes
        .iter()
        .map(|cause| match cause {
            Cause::Site => "site",
            Cause::EvidenceAge => "evidence_age",
            Cause::Rules => "rules",
            Cause::Data => "data",
            Cause::Program => "program",
            Cause::Context => "context",
        })
        .collect();
    if names.is_empty() {
        "program".to_owned()
    } else {
        names.join(",")
    }
}
