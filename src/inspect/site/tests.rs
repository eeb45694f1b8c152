//! Invented sites, most of them in a few lines: shops in odd shapes, and sites that only speak of shops.

use serde_json::json;

use crate::inspect::fixture::{evidence, facts, read};
use crate::inspect::reading::Kind;
use crate::page::InlineJson;

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

#[test]
fn goods_in_the_data_of_a_shell_are_goods() {
    for (value, expected) in [
        (
            json!([{"gd_name": "视频会员月卡", "actual_price": "19.80", "in_stock": 3}]),
            Some(true),
        ),
        (
            json!({"data": [{"name": "Steam钱包充值码", "price": 48}]}),
            Some(true),
        ),
        (json!([{"name": "纯棉短袖", "price": 59}]), None),
        (json!([{"name": "视频会员月卡", "price": 0}]), None),
        (json!({"name": "星河数卡", "theme": "视频会员月卡"}), None),
    ] {
        let mut evidence = evidence("shop.example.com", &["title 星河"]);
        let page = evidence.pages[0].page.as_mut().unwrap();
        page.json.push(InlineJson {
            name: "goods".into(),
            value: value.clone(),
        });
        assert_eq!(read(&evidence).is("site.sells"), expected, "{value}");
    }
}

#[test]
fn a_site_is_what_its_home_page_and_most_of_its_pages_are() {
    use Kind::{Article, Forum, Other, Shop, Unknown};
    for (pages, expected) in [
        (vec![Shop, Article, Article], Shop),
        (vec![Article, Shop], Article),
        (vec![Article, Shop, Shop], Article),
        (vec![Article, Shop, Shop, Shop], Shop),
        (vec![Forum, Other, Shop], Forum),
        (vec![Other, Shop], Shop),
        (vec![Other, Shop, Article], Shop),
        (vec![Other, Shop, Article, Article], Article),
        (vec![Unknown, Shop], Shop),
        (vec![Other, Article], Article),
        (vec![], Unknown),
    ] {
        assert_eq!(Kind::of_site(&pages), expected, "{pages:?}");
    }
}
