//! Reading: what a page costs from bytes to facts, stage by stage, beside the bare parse of a tree by `scraper`.
//!
//! A plain program: `cargo bench --bench reading` prints MB/s and pages/s of one core, and the ratio that the project
//! holds itself to (all of our work ÷ the tree alone, at most 1). Time is CPU time of the thread,
//! so a busy machine does not spoil the numbers.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(
    clippy::cast_precision_loss,
    reason = "counts of pages and bytes are far below what a float holds"
)]

#[path = "pages.rs"]
mod pages;

use std::hint::black_box;
use std::time::Duration;

use cardvet::evidence::{Evidence, Profile, Role, SeenPage};
use cardvet::facts::Facts;
use cardvet::inspect::reading::Reader;
use cardvet::inspect::{DataFiles, INSPECTORS, Inspectors};
use cardvet::page;
use cardvet::target::Target;
use jiff::Timestamp;
use pages::Sample;
use rustix::time::{ClockId, clock_gettime};

/// Rounds over all pages; the median counts.
const ROUNDS: usize = 21;
const STAGES: [&str; 6] = [
    "scraper parse",
    "decode",
    "page::read",
    "normalise, lines, kind",
    "inspectors",
    "floods",
];

fn main() {
    let samples = pages::samples();
    let data = DataFiles::built_in();
    let inspectors = Inspectors::load(&data).expect("the built-in data files load");
    let reader = Reader::load(&data).expect("the built-in data files load");
    describe(&samples);
    let mut rounds: Vec<[Duration; 5]> = Vec::new();
    let profiled = std::env::var_os("CARDVET_BENCH_PROFILE").is_some();
    for _ in 0..if profiled { 400 } else { ROUNDS } {
        rounds.push(round(&samples, &reader, &inspectors, profiled));
    }
    report(&samples, &rounds);
    each_inspector(&samples, &data, &reader);
    floods(&inspectors);
}

fn describe(samples: &[Sample]) {
    let bytes: usize = samples.iter().map(|sample| sample.bytes.len()).sum();
    let (mut nodes, mut links) = (0, 0);
    let mut families: Vec<&str> = samples.iter().map(|sample| sample.family).collect();
    families.dedup();
    families.truncate(4);
    println!("families: {}", families.join(", "));
    for sample in samples {
        let text = page::decode(&sample.bytes, Some(sample.content_type)).text;
        nodes += scraper::Html::parse_document(&text).tree.nodes().count();
        links += page::read(&text, &base()).links.len();
    }
    let count = samples.len();
    println!(
        "{count} pages, mean {} bytes, {} nodes, {} links",
        bytes / count,
        nodes / count,
        links / count
    );
}

/// One time over all pages: what each stage took. `inspectors` is all of `Inspectors::facts` without the reading of
/// lines, which is measured by itself.
fn round(samples: &[Sample], reader: &Reader, inspectors: &Inspectors, profiled: bool) -> [Duration; 5] {
    let mut spent = [Duration::ZERO; 5];
    for sample in samples {
        let (text, decode) = timed(|| page::decode(&sample.bytes, Some(sample.content_type)).text);
        let tree = if profiled {
            Duration::ZERO
        } else {
            timed(|| scraper::Html::parse_document(&text)).1
        };
        let (read, reading) = timed(|| page::read(&text, &base()));
        let evidence = evidence(read);
        let lines = if profiled {
            Duration::ZERO
        } else {
            timed(|| reader.read(&evidence).pages.len()).1
        };
        let facts = timed(|| inspectors.facts(&evidence)).1;
        for (sum, part) in spent
            .iter_mut()
            .zip([tree, decode, reading, lines, facts.saturating_sub(lines)])
        {
            *sum += part;
        }
    }
    spent
}

fn report(samples: &[Sample], rounds: &[[Duration; 5]]) {
    let bytes: usize = samples.iter().map(|sample| sample.bytes.len()).sum();
    let line = |name: &str, time: Duration| {
        let seconds = time.as_secs_f64();
        println!(
            "{name:24} {:8.1} us/page {:8.1} MB/s {:8.0} pages/s",
            seconds * 1e6 / samples.len() as f64,
            bytes as f64 / 1e6 / seconds,
            samples.len() as f64 / seconds
        );
    };
    for (stage, name) in STAGES.iter().take(5).enumerate() {
        line(name, median(rounds.iter().map(|round| round[stage]).collect()));
    }
    let total = |round: &[Duration; 5]| round.iter().skip(1).sum::<Duration>();
    line("total", median(rounds.iter().map(total).collect()));
    let mut ratios: Vec<f64> = rounds
        .iter()
        .map(|round| total(round).as_secs_f64() / round[0].as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "ratio total / scraper parse: {:.2} (median of {}; {:.2} to {:.2})",
        ratios[ratios.len() / 2],
        ratios.len(),
        ratios[0],
        ratios[ratios.len() - 1]
    );
}

/// What each inspector takes of a page by itself.
fn each_inspector(samples: &[Sample], data: &DataFiles, reader: &Reader) {
    let pages: Vec<Evidence> = samples
        .iter()
        .map(|sample| page::decode(&sample.bytes, Some(sample.content_type)).text)
        .map(|text| evidence(page::read(&text, &base())))
        .collect();
    let readings: Vec<_> = pages.iter().map(|page| reader.read(page)).collect();
    for entry in INSPECTORS {
        let inspector = (entry.load)(data).expect("the built-in data files load");
        let time = median(
            (0..ROUNDS)
                .map(|_| {
                    timed(|| {
                        for reading in &readings {
                            inspector.facts(reading, &mut Facts::default());
                        }
                    })
                    .1
                })
                .collect(),
        );
        println!(
            "  {:22} {:8.1} us/page",
            entry.id,
            time.as_secs_f64() * 1e6 / samples.len() as f64
        );
    }
}

/// Bodies made to cost much: each must stay cheap.
fn floods(inspectors: &Inspectors) {
    const SIZE: usize = 2 * 1024 * 1024;
    for (name, piece) in [
        ("lure word", "全网最低价"),
        ("ampersands", "&"),
        ("open tags", "<div>"),
        ("less-than", "<"),
        ("quotes", "<a href=\"x\" '"),
        ("goods", "Q币半价"),
        ("digits", "138 1203 4456 "),
        ("entities", "&#20140;"),
        ("comments", "<!--a--"),
        ("ICP", "京ICP备"),
    ] {
        let body = piece.repeat(SIZE / piece.len());
        let (_, time) = timed(|| {
            let text = page::decode(body.as_bytes(), Some("text/html; charset=utf-8")).text;
            inspectors.facts(&evidence(page::read(&text, &base())))
        });
        println!("2 MiB of {name:12} {:8.1} ms", time.as_secs_f64() * 1e3);
    }
}

fn base() -> url::Url {
    "https://shop.example.com/".parse().expect("a constant address")
}

fn evidence(page: page::Page) -> Evidence {
    let target = Target::parse("https://shop.example.com/", false).expect("a constant address");
    let mut evidence = Evidence::new(target, Timestamp::UNIX_EPOCH, Profile::Full);
    evidence.pages.push(SeenPage {
        url: base().into(),
        final_url: base().into(),
        role: Role::Home,
        hops: Vec::new(),
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        address: None,
        tls: None,
        body_sha256: String::new(),
        body_bytes: 0,
        truncated: false,
        encoding: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        page: Some(page),
        picture: None,
    });
    evidence
}

/// What a piece of work gives and the CPU time of this thread that it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let before = cpu_time();
    let result = black_box(work());
    (result, cpu_time().saturating_sub(before))
}

fn cpu_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime)
        .try_into()
        .expect("clocks do not run backwards from zero")
}

fn median(mut list: Vec<Duration>) -> Duration {
    list.sort_unstable();
    list[list.len() / 2]
}
