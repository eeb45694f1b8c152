//! Invented sites, most of them in a few lines: shops in odd shapes, and sites that only speak of shops.

use crate::inspect::fixture::facts;

const SHOPS: &str = include_str!("shops.txt");
const OTHERS: &str = include_str!("others.txt");

/// The sites of a corpus: name and pages.
pub(super) fn sites(corpus: &str) -> Vec<(&str, Vec<&str>)> {
    let sites = corpus.split("\n## ").skip(1);
    sites
        .filter_map(|site| site.split_once('\n'))
        .map(|(name, pages)| (name, pages.split("\n---\n").collect()))
        .collect()
}

fn check(corpus: &str, sells: bool) {
    let all = sites(corpus);
    assert!(all.len() > 20);
    let wrong: Vec<String> = all
        .iter()
        .filter_map(|(name, pages)| {
            let facts = facts("site.example.com", pages);
            (facts.is("site.sells") != Some(sells)).then(|| format!("{name}: {:?}", facts.text("site.kind")))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), all.len());
}

#[test]
fn shops_in_odd_shapes_sell() {
    check(SHOPS, true);
}

#[test]
fn sites_that_speak_of_shops_sell_nothing() {
    check(OTHERS, false);
}
