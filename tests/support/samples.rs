//! Every sample platform vetted once over HTTP, for all the modules that look at the results.
//!
//! The samples are served on loopback and vetted at the same time through the real line, at a raised pace. It takes
//! nothing and judges nothing itself; whoever asks first pays for the run.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cardvet::assessment::Assessment;
use cardvet::crawl::Budget;
use cardvet::data::DataFiles;
use cardvet::demo::{HostCount, Sample, Samples, serve, with_channels};
use cardvet::evidence::{Evidence, Profile};
use cardvet::finding::{Finding, Outcome, Status};
use cardvet::net::{Net, Settings};
use cardvet::score::{Context, Policy};
use cardvet::target::Target;
use cardvet::vet::{Judge, Limits, Vetter};
use jiff::Timestamp;

/// One sample and what came out.
#[derive(Debug)]
pub(crate) struct Vetted {
    pub(crate) sample: Sample,
    pub(crate) evidence: Evidence,
    pub(crate) assessment: Assessment,
}

impl Vetted {
    /// The settled rules that hold.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.assessment.findings.iter().map(|placed| &placed.finding);
        findings.filter(|finding| finding.status == Status::Settled && finding.outcome == Outcome::Holds)
    }

    /// The finding of a rule.
    pub(crate) fn finding(&self, rule: &str) -> &Finding {
        finding(&self.assessment, rule)
    }
}

/// All samples, what was asked of them, and what decided.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) vetted: Vec<Vetted>,
    pub(crate) asked: BTreeMap<String, HostCount>,
    pub(crate) judge: Judge,
    pub(crate) policy: Policy,
    /// The port of the demo server, to be left out of what is compared.
    pub(crate) port: u16,
}

impl Run {
    /// The sample of this id.
    pub(crate) fn of(&self, id: &str) -> &Vetted {
        self.vetted
            .iter()
            .find(|vetted| vetted.sample.id == id)
            .expect("a sample of this id")
    }
}

/// The finding of a rule in an assessment.
pub(crate) fn finding<'a>(assessment: &'a Assessment, rule: &str) -> &'a Finding {
    let mut findings = assessment.findings.iter().map(|placed| &placed.finding);
    findings
        .find(|finding| finding.rule == rule)
        .expect("a rule of this id")
}

/// The rules and data in force, with the official channels of the invented brands.
pub(crate) fn judge() -> (Judge, DataFiles) {
    let samples = Samples::built_in().expect("the embedded samples load");
    let data = with_channels(DataFiles::built_in(), &samples);
    let judge = Judge::load(&cardvet::rules::built_in(), &data).expect("the built-in rules load");
    (judge, data)
}

/// The built-in policy.
pub(crate) fn policy() -> Policy {
    Policy::load(&cardvet::rules::built_in()["policy.toml"]).expect("the built-in policy loads")
}

/// Budgets of the full profile.
pub(crate) fn limits(seconds: u64) -> Limits {
    Limits {
        time: Duration::from_secs(seconds),
        budget: Budget::of(Profile::Full),
    }
}

/// The moment that every look of the tests begins at.
pub(crate) fn moment() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().expect("a moment")
}

/// All samples, vetted by whoever asks first.
pub(crate) fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| run_of(Samples::built_in().expect("the embedded samples load")))
}

/// These samples, served and vetted.
pub(crate) fn run_of(samples: Samples) -> Run {
    // A thread of its own, because a test may be inside a runtime already.
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(vet_all(samples))
    })
    .join()
    .expect("the samples can be vetted")
}

async fn vet_all(samples: Samples) -> Run {
    let demo = serve(&samples).await.expect("the demo server is up");
    let (judge, data) = judge();
    let rate = 1000.0;
    let settings = Settings {
        resolver: Some(demo.dns),
        allow_private: true,
        host_rate: rate,
        address_rate: rate,
        overall_rate: rate,
        ..Settings::default()
    };
    let net = Net::new(settings).expect("these settings are sound");
    let vetter = Arc::new(Vetter::new(net, judge, &data).expect("the built-in data loads"));
    let mut tasks = tokio::task::JoinSet::new();
    for sample in samples.iter().cloned() {
        let target = Target::parse(&sample.target(&demo), true).expect("a target");
        let vetter = Arc::clone(&vetter);
        tasks.spawn(async move {
            let (evidence, assessment) = vetter.vet(&target, &limits(120), Context::Asked, moment()).await;
            Vetted {
                sample,
                evidence,
                assessment,
            }
        });
    }
    let mut vetted = tasks.join_all().await;
    vetted.sort_by(|a, b| a.sample.id.cmp(&b.sample.id));
    let (asked, port) = (demo.counters(), demo.http.port());
    demo.stop().await;
    Run {
        vetted,
        asked,
        judge: Arc::into_inner(vetter).expect("all tasks have ended").judge,
        policy: policy(),
        port,
    }
}
