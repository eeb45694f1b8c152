//! Numbers: any text where a shop shows its numbers (footer, link, comment), read by everything that reads facts.

#![no_main]

use std::sync::LazyLock;

use cardvet::data::DataFiles;
use cardvet::evidence::{Evidence, Profile, Role};
use cardvet::inspect::Inspectors;
use cardvet::page::{Block, Hidden, HiddenKind, Link, Page, Region};
use cardvet::target::Target;
use libfuzzer_sys::fuzz_target;

static INSPECTORS: LazyLock<Inspectors> =
    LazyLock::new(|| Inspectors::load(&DataFiles::built_in()).expect("the built-in data loads"));

fuzz_target!(|text: &str| {
    let mut page = Page::default();
    for (index, line) in text.lines().take(40).enumerate() {
        let line: String = line.chars().take(400).collect();
        if line.trim().is_empty() {
            continue;
        }
        match index % 4 {
            3 => page.hidden.push(Hidden {
                kind: HiddenKind::Comment,
                text: line,
            }),
            2 => page.links.push(Link {
                url: url::Url::parse(&line).ok().map(String::from),
                text: line.clone(),
                href: line,
                region: Region::Footer,
                visible: true,
            }),
            odd => page.blocks.push(Block {
                text: line.trim().to_owned(),
                region: if odd == 0 { Region::Footer } else { Region::Main },
                tag: "p".into(),
            }),
        }
    }
    let facts = INSPECTORS.facts(&evidence(page));
    let catalogue = cardvet::inspect::catalogue();
    for fact in facts.iter() {
        assert_eq!(
            catalogue[fact.name.as_str()].kind,
            fact.value.kind(),
            "{}",
            fact.name
        );
    }
});

fn evidence(page: Page) -> Evidence {
    static BARE: LazyLock<Evidence> = LazyLock::new(|| {
        let target = Target::parse("https://shop.example.com/", true).expect("an address");
        let at = jiff::Timestamp::from_second(1_790_000_000).expect("a time");
        let plan = cardvet::crawl::Plan::load(&DataFiles::built_in()).expect("the built-in data loads");
        let file = cardvet::crawl::SavedFile {
            url: None,
            content_type: Some("text/html".to_owned()),
            bytes: b"<p>x</p>".to_vec(),
        };
        cardvet::crawl::saved(&target, vec![file], &plan, at)
    });
    let mut evidence = BARE.clone();
    evidence.profile = Profile::Full;
    for seen in &mut evidence.pages {
        seen.role = Role::Home;
        seen.page = Some(page.clone());
    }
    evidence
}
