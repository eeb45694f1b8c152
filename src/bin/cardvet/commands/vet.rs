//! `vet`: looks at sites, judges them, prints the reports in the order of the input, keeps both.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use cardvet::assessment::Assessment;
use cardvet::evidence::Evidence;
use cardvet::report;
use cardvet::score::Context;
use cardvet::store::{Store, StoreError};
use cardvet::target::{Target, TargetError};
use cardvet::vet::{Limits, Vetter};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::args::{FormatArg, Vet};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Sites looked at side by side; the pace of each host is kept by the net.
const AT_ONCE: usize = 4;

type Looked = (Evidence, Assessment);

/// Runs the command; Ctrl-C ends it, and what was reported as kept stays kept.
pub(crate) async fn run(vet: Vet, settings: &Settings) -> Result<Exit, Failure> {
    if vet.as_visitor && vet.targets.len() > 1 {
        // A person looks at one shop; many shops are a crawl, and crawls obey robots.txt.
        return Err(Failure::new(
            Exit::Usage,
            anyhow::anyhow!(
                "--as-visitor is for one TARGET that you are about to visit yourself, not for {}; leave it out, or vet them one by one",
                vet.targets.len()
            ),
        ));
    }
    let data = setup::data(settings)?;
    let vetter = Arc::new(setup::vetter(settings, &data)?);
    let store = if vet.no_keep { None } else { open_store(settings)? };
    let keeps = store.is_some();
    tokio::select! {
        exit = all(&vet, settings, vetter, store) => exit,
        _ = tokio::signal::ctrl_c() => {
            output::note(if keeps {
                output::say(settings, "已中断；已打印的结果都已保存", "interrupted; every printed result is kept")
            } else {
                output::say(settings, "已中断", "interrupted")
            });
            Ok(Exit::Interrupted)
        }
    }
}

/// The store; nothing, with a warning, when another process holds it.
fn open_store(settings: &Settings) -> Result<Option<Arc<Store>>, Failure> {
    match Store::open(&setup::store_settings(settings)) {
        Ok(store) => Ok(Some(Arc::new(store))),
        Err(error @ StoreError::Locked { .. }) => {
            output::note(&format!(
                "{error}; {}",
                output::say(settings, "本次结果不保存", "nothing of this run is kept")
            ));
            Ok(None)
        }
        Err(error) => {
            output::note(output::say(
                settings,
                "加 --no-keep 可不保存而直接查看",
                "with --no-keep it looks and keeps nothing",
            ));
            Err(setup::store_failure(error))
        }
    }
}

async fn all(
    vet: &Vet,
    settings: &Settings,
    vetter: Arc<Vetter>,
    store: Option<Arc<Store>>,
) -> Result<Exit, Failure> {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let looks: Vec<(&String, Result<JoinHandle<Looked>, TargetError>)> = vet
        .targets
        .iter()
        .map(|typed| {
            (
                typed,
                Target::parse(typed, settings.allow_private)
                    .map(|target| begin(target, limits(vet, settings), settings.context, &vetter, &permits)),
            )
        })
        .collect();
    let progress = Progress::new(settings, looks.len());
    let mut exit = Exit::Done;
    let mut first = true;
    for (typed, look) in looks {
        let end = match look {
            Err(error) => refused(vet.format, typed, &error)?,
            Ok(handle) => {
                progress.on(typed);
                let (evidence, assessment) = handle.await.map_err(anyhow::Error::from)?;
                let kept = keep(store.clone(), evidence, &assessment).await;
                progress.pause(|| print(vet, settings, &assessment, first))?;
                first = false;
                let end = Exit::of(&assessment, settings.fail_at);
                if let Err(error) = kept {
                    end.worst(kept_failed(&error))
                } else {
                    end
                }
            }
        };
        progress.done_one();
        exit = exit.worst(end);
    }
    Ok(exit)
}

fn limits(vet: &Vet, settings: &Settings) -> Limits {
    let mut limits = setup::limits(settings);
    limits.budget.as_visitor = vet.as_visitor;
    limits
}

fn begin(
    target: Target,
    limits: Limits,
    context: Context,
    vetter: &Arc<Vetter>,
    permits: &Arc<Semaphore>,
) -> JoinHandle<Looked> {
    let (vetter, permits) = (Arc::clone(vetter), Arc::clone(permits));
    tokio::spawn(async move {
        // The semaphore is never closed, so a permit always comes.
        let _permit = permits.acquire().await;
        vetter.vet(&target, &limits, context, setup::now()).await
    })
}

fn refused(format: FormatArg, typed: &str, error: &TargetError) -> Result<Exit, Failure> {
    let shown: String = report::escape::terminal(typed).chars().take(80).collect();
    output::note(&format!("could not vet `{shown}`: {error}"));
    if format == FormatArg::Json {
        output::json(&serde_json::json!({ "target": typed, "refused": error.to_string() }).to_string())?;
    }
    Ok(Exit::Usage)
}

async fn keep(store: Option<Arc<Store>>, evidence: Evidence, assessment: &Assessment) -> anyhow::Result<()> {
    let Some(store) = store else { return Ok(()) };
    let bytes = assessment.to_bytes();
    tokio::task::spawn_blocking(move || store.keep(&evidence, &bytes, "vetted", evidence.captured_at))
        .await??;
    Ok(())
}

fn kept_failed(error: &anyhow::Error) -> Exit {
    output::error(&error.context_of("could not keep the result"));
    Exit::Store
}

/// An error with what we were doing, for printing.
trait ContextOf {
    fn context_of(&self, doing: &str) -> anyhow::Error;
}

impl ContextOf for anyhow::Error {
    fn context_of(&self, doing: &str) -> anyhow::Error {
        anyhow::anyhow!("{doing}: {self:#}")
    }
}

fn print(vet: &Vet, settings: &Settings, assessment: &Assessment, first: bool) -> anyhow::Result<()> {
    match vet.format {
        FormatArg::Json => output::data(&report::json(assessment)),
        FormatArg::Text => {
            let gap = if first { "" } else { "\n" };
            output::data(&format!(
                "{gap}{}",
                report::text::render(assessment, output::look(settings, vet.full))
            ))
        }
    }
}

/// A line on stderr that says what is going on, only on a terminal.
struct Progress {
    bar: ProgressBar,
}

impl Progress {
    fn new(settings: &Settings, total: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::new(total as u64);
        let words = output::say(
            settings,
            "{spinner} 正在查看 {msg} ({pos}/{len}, {elapsed})",
            "{spinner} looking at {msg} ({pos}/{len}, {elapsed})",
        );
        if let Ok(style) = ProgressStyle::with_template(words) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    fn on(&self, typed: &str) {
        self.bar.set_message(
            report::escape::terminal(typed)
                .chars()
                .take(60)
                .collect::<String>(),
        );
    }

    fn pause<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    fn done_one(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
