//! The labelled set: how well pages are read, page by page, and that the set itself is what it claims to be.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cardvet::crawl::{self, Plan, SavedFile};
use cardvet::data::DataFiles;
use cardvet::evaluate::{Score, Set};
use cardvet::inspect::{Inspectors, catalogue};
use jiff::Timestamp;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extraction")
}

fn measured() -> &'static (Set, Score) {
    static MEASURED: OnceLock<(Set, Score)> = OnceLock::new();
    MEASURED.get_or_init(|| {
        let data = DataFiles::built_in();
        let (plan, inspectors) = (Plan::load(&data).unwrap(), Inspectors::load(&data).unwrap());
        let set = Set::load(&folder(), &catalogue()).unwrap();
        let at: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let mut score = Score::default();
        for case in &set.cases {
            let file = SavedFile {
                url: None,
                content_type: None,
                bytes: case.bytes.clone(),
            };
            let evidence = crawl::saved(&case.target, vec![file], &plan, at);
            score.add(&set.terms, case, &inspectors.facts(&evidence));
        }
        (set, score)
    })
}

#[test]
fn the_set_is_as_large_and_as_mixed_as_it_must_be() {
    let (set, score) = measured();
    assert!(
        score.pages >= 200 && score.families.len() >= 8,
        "{} pages, {:?}",
        score.pages,
        score.families
    );
    assert!(
        score.empty_pages * 3 >= score.pages,
        "{} of {} with nothing to find",
        score.empty_pages,
        score.pages
    );
    assert!(
        score.blind_pages * 4 >= score.pages,
        "{} of {} blind",
        score.blind_pages,
        score.pages
    );
    let gbk = set
        .cases
        .iter()
        .filter(|case| std::str::from_utf8(&case.bytes).is_err())
        .count();
    assert!(gbk >= 20, "{gbk} pages in another charset");
}

#[test]
fn every_fact_reaches_the_precision_and_recall_that_the_terms_ask() {
    let (set, score) = measured();
    let below = score.below(&set.terms);
    let misses: Vec<_> = score
        .misses
        .iter()
        .filter(|miss| below.contains(&miss.fact.as_str()))
        .collect();
    assert!(below.is_empty(), "{below:?}: {misses:#?}");
}
