//! Inspectors: any bytes as a saved page, and a second page after the first form feed; the whole way to facts and findings.

#![no_main]

use std::sync::LazyLock;

use cardvet::crawl::{Plan, SavedFile, saved};
use cardvet::data::DataFiles;
use cardvet::score::Context;
use cardvet::target::Target;
use cardvet::vet::Judge;
use libfuzzer_sys::fuzz_target;

static JUDGE: LazyLock<(Judge, Plan, Target)> = LazyLock::new(|| {
    let data = DataFiles::built_in();
    let judge = Judge::load(&cardvet::rules::built_in(), &data).expect("the built-in rules load");
    let plan = Plan::load(&data).expect("the built-in data loads");
    (
        judge,
        plan,
        Target::parse("https://shop.example.com/", true).expect("an address"),
    )
});

fuzz_target!(|bytes: &[u8]| {
    let (judge, plan, target) = &*JUDGE;
    let at = jiff::Timestamp::from_second(1_790_000_000).expect("a time");
    let pages = bytes.splitn(2, |byte| *byte == 0x0c).zip(["/", "/terms.html"]);
    let files = pages.map(|(bytes, path)| SavedFile {
        url: target.url.join(path).ok(),
        content_type: Some("text/html".to_owned()),
        bytes: bytes.to_vec(),
    });
    let evidence = saved(target, files.collect(), plan, at);
    let assessment = judge.judge(&evidence, Context::Asked, at);
    let risk = assessment.judgement.risk;
    assert!(risk.is_none_or(|risk| (0.0..=100.0).contains(&risk)));
});
