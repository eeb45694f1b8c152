//! `demo`: serves the bundled sample platforms on this machine and vets them for real over HTTP.
//!
//! The samples are invented; their names end in `.test` and only the demo's own little resolver knows them. Nothing
//! leaves the machine and nothing is kept.

use std::time::Instant;

use anyhow::anyhow;
use cardvet::assessment::Assessment;
use cardvet::demo::{self, Sample, Samples};
use cardvet::report::table::{self, Row};
use cardvet::report::{self, Lang};
use cardvet::target::Target;

use crate::args::{Demo, FormatArg};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{output, setup};

/// Requests a second: the samples are on this machine and ours, so the polite pace would only make people wait.
const PACE: f64 = 400.0;

/// Runs the command.
pub(crate) async fn run(args: Demo, settings: &Settings) -> Result<Exit, Failure> {
    let samples = Samples::built_in().map_err(anyhow::Error::from)?;
    let chosen = choose(&samples, &args.only)?;
    if let Some(id) = args
        .report
        .as_deref()
        .filter(|id| !chosen.iter().any(|sample| sample.id == *id))
    {
        return Err(unknown(id, &chosen));
    }
    let service = demo::serve(&samples).await.map_err(anyhow::Error::from)?;
    let settings = Settings {
        resolver: Some(service.dns),
        allow_private: true,
        pace: Some(settings.pace.unwrap_or(PACE)),
        ..settings.clone()
    };
    let data = demo::with_channels(setup::data(&settings)?, &samples);
    let vetter = setup::vetter(&settings, &data)?;
    let begun = Instant::now();
    output::note(&match settings.lang {
        Lang::Zh => format!(
            "在 {} 提供 {} 个虚构样本站点，逐个经 HTTP 实查（不联网）",
            service.http,
            chosen.len()
        ),
        Lang::En => format!(
            "serving {} invented sample sites at {} and vetting each over HTTP (no internet)",
            chosen.len(),
            service.http
        ),
    });
    let mut results = Vec::new();
    for sample in chosen {
        let target = Target::parse(&sample.target(&service), true).map_err(anyhow::Error::from)?;
        let (_, assessment) = vetter
            .vet(&target, &setup::limits(&settings), settings.context, setup::now())
            .await;
        if args.format == FormatArg::Json {
            output::data(&report::json(&assessment))?;
        }
        results.push((sample, assessment));
    }
    service.stop().await;
    if args.format == FormatArg::Text {
        print(&args, &settings, &results, begun)?;
    }
    Ok(Exit::Done)
}

fn choose<'a>(samples: &'a Samples, only: &[String]) -> Result<Vec<&'a Sample>, Failure> {
    if only.is_empty() {
        return Ok(samples.iter().collect());
    }
    only.iter()
        .map(|id| {
            samples
                .get(id)
                .ok_or_else(|| unknown(id, &samples.iter().collect::<Vec<_>>()))
        })
        .collect()
}

/// A usage error that names what there is.
fn unknown(id: &str, samples: &[&Sample]) -> Failure {
    let known: Vec<&str> = samples.iter().map(|sample| sample.id.as_str()).collect();
    Failure::new(
        Exit::Usage,
        anyhow!("there is no sample `{id}` here; there are {}", known.join(", ")),
    )
}

fn print(
    args: &Demo,
    settings: &Settings,
    results: &[(&Sample, Assessment)],
    begun: Instant,
) -> Result<(), Failure> {
    let mut sorted: Vec<&(&Sample, Assessment)> = results.iter().collect();
    sorted.sort_by_key(|(sample, assessment)| {
        (
            std::cmp::Reverse((assessment.judgement.grade, assessment.judgement.points)),
            &sample.id,
        )
    });
    let titles: Vec<&str> = sorted
        .iter()
        .map(|(sample, _)| settings.lang.pick(&sample.title.zh, &sample.title.en))
        .collect();
    let rows: Vec<Row<'_>> = sorted
        .iter()
        .zip(&titles)
        .map(|((sample, assessment), title)| Row {
            id: &sample.id,
            title,
            assessment,
        })
        .collect();
    output::data(&table::render(&rows, settings.lang, output::width()))?;
    let shown = match &args.report {
        None => sorted.first(),
        Some(id) => sorted.iter().find(|(sample, _)| sample.id == *id),
    };
    if let Some((sample, assessment)) = shown {
        let words = output::say(settings, "完整报告", "full report");
        output::data(&format!("\n── {words}: {} ──\n", sample.id))?;
        output::data(&report::text::render(assessment, output::look(settings, true)))?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    output::note(&match settings.lang {
        Lang::Zh => format!(
            "{} 个样本，用时 {seconds:.1} 秒；查真实站点：cardvet vet 网址",
            results.len()
        ),
        Lang::En => format!(
            "{} samples in {seconds:.1} s; for a real site: cardvet vet ADDRESS",
            results.len()
        ),
    });
    Ok(())
}
