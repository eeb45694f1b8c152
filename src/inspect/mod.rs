//! Inspectors: each asks what it must, then reads the evidence into facts.
//!
//! One file an inspector. `facts` is handed the evidence and what the other inspectors of earlier stages
//! said only in the last stage (`cross`); it has no net, no clock and no store. What an inspector cannot tell
//! it leaves unsaid, and where it knows why, it says so with [`Facts::cannot_say`].

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::facts::{FactSpec, Facts};

pub mod contact;
pub mod cross;
pub mod filing;
#[cfg(test)]
mod fixture;
pub mod goods;
mod labels;
pub mod licence;
pub mod lure;
pub mod offer;
pub mod official;
pub mod order;
pub mod payment;
pub mod reading;
pub mod recruit;
pub mod review;
mod shown;
pub mod site;
pub mod software;
pub mod terms;
pub mod tls;
mod unread;

pub use crate::data::{DataError, DataFiles};

use reading::{Reader, Reading};

/// Reads evidence into facts.
pub trait Inspector: Send + Sync + std::fmt::Debug {
    /// Reads the evidence, which comes with its text in normal form. Pure: no net, no clock; ages are counted from
    /// `reading.evidence.captured_at`.
    fn facts(&self, reading: &Reading<'_>, facts: &mut Facts);
}

/// An inspector of words: reads shown text in normal form, knowing which of it is the site's own.
pub trait WordInspector: Send + Sync + std::fmt::Debug + Sized + 'static {
    /// Builds it from the data files it reads.
    fn load(data: &DataFiles) -> Result<Self, DataError>;

    /// Reads the text. Pure, as [`Inspector::facts`].
    fn read(&self, reading: &Reading<'_>, facts: &mut Facts);
}

impl<W: WordInspector> Inspector for W {
    fn facts(&self, reading: &Reading<'_>, facts: &mut Facts) {
        self.read(reading, facts);
    }
}

/// Loads a word inspector for the register.
fn words<W: WordInspector>(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    Ok(Box::new(W::load(data)?))
}

/// One inspector in the register.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Name under which its exhibit is kept and its file stands. Never changes once released.
    pub id: &'static str,
    /// The facts it can state.
    pub provides: &'static [FactSpec],
    /// Builds it from the data files it reads.
    pub load: fn(&DataFiles) -> Result<Box<dyn Inspector>, DataError>,
}

/// Every inspector, in the order they run; the cross-checks come last.
pub const INSPECTORS: &[Entry] = &[
    Entry {
        id: "filing",
        provides: filing::PROVIDES,
        load: filing::load,
    },
    Entry {
        id: "licence",
        provides: licence::PROVIDES,
        load: licence::load,
    },
    Entry {
        id: "site",
        provides: site::FACTS,
        load: words::<site::SiteKind>,
    },
    Entry {
        id: "tls",
        provides: tls::FACTS,
        load: tls::load,
    },
    // Before `official`, which looks at what is offered.
    Entry {
        id: "offer",
        provides: offer::FACTS,
        load: words::<offer::Offers>,
    },
    Entry {
        id: "official",
        provides: official::FACTS,
        load: words::<official::Official>,
    },
    Entry {
        id: "contact",
        provides: contact::FACTS,
        load: words::<contact::Contact>,
    },
    Entry {
        id: "terms",
        provides: terms::FACTS,
        load: words::<terms::Terms>,
    },
    Entry {
        id: "lure",
        provides: lure::FACTS,
        load: words::<lure::Lure>,
    },
    Entry {
        id: "recruit",
        provides: recruit::FACTS,
        load: words::<recruit::Recruit>,
    },
    Entry {
        id: "payment",
        provides: payment::FACTS,
        load: words::<payment::Payment>,
    },
    Entry {
        id: "order",
        provides: order::FACTS,
        load: words::<order::Order>,
    },
    Entry {
        id: "review",
        provides: review::FACTS,
        load: words::<review::Review>,
    },
    Entry {
        id: "software",
        provides: software::FACTS,
        load: words::<software::Software>,
    },
    // Reads what the offers are.
    Entry {
        id: "goods",
        provides: goods::FACTS,
        load: words::<goods::Goods>,
    },
    // The last stage: reads what the others said.
    Entry {
        id: "cross",
        provides: cross::PROVIDES,
        load: cross::load,
    },
];

/// The catalogue: every fact that any inspector can state, by name.
pub fn catalogue() -> BTreeMap<&'static str, FactSpec> {
    INSPECTORS
        .iter()
        .flat_map(|entry| entry.provides)
        .map(|spec| (spec.name, *spec))
        .collect()
}

/// All inspectors with their data, ready to read evidence.
#[derive(Debug)]
pub struct Inspectors {
    reader: Reader,
    list: Vec<Box<dyn Inspector>>,
}

impl Inspectors {
    /// Builds every inspector from the data files; reports the first file that cannot be used.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        let list = INSPECTORS
            .iter()
            .map(|entry| (entry.load)(data))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            reader: Reader::load(data)?,
            list,
        })
    }

    /// Reads evidence into facts.
    pub fn facts(&self, evidence: &Evidence) -> Facts {
        let mut facts = Facts::default();
        let reading = self.reader.read(evidence);
        let (last, earlier) = self
            .list
            .split_last()
            .map_or((None, &[][..]), |(last, rest)| (Some(last), rest));
        for inspector in earlier {
            inspector.facts(&reading, &mut facts);
        }
        // The last stage weighs denials against each other, so those that rest on unread pages must be gone by then.
        unread::take_back(evidence, &mut facts);
        if let Some(last) = last {
            last.facts(&reading, &mut facts);
            unread::take_back_agreements(evidence, &mut facts);
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::GapReason;
    use crate::facts::{Firmness, Kind, Value};

    fn check_kinds(facts: &Facts) {
        let catalogue = catalogue();
        for fact in facts.iter() {
            let spec = catalogue
                .get(fact.name.as_str())
                .unwrap_or_else(|| panic!("{} is in no catalogue", fact.name));
            assert_eq!(fact.value.kind(), spec.kind, "{}", fact.name);
        }
    }

    #[test]
    fn every_inspector_loads_and_no_fact_has_two_owners() {
        Inspectors::load(&DataFiles::built_in()).unwrap();
        let provided: usize = INSPECTORS.iter().map(|entry| entry.provides.len()).sum();
        assert_eq!(catalogue().len(), provided);
        for spec in catalogue().values() {
            assert!(spec.meaning.chars().count() > 20, "{}", spec.name);
        }
    }

    #[test]
    fn facts_keep_to_their_catalogue() {
        for pages in [
            vec![],
            vec![fixture::PLAIN_SHOP],
            vec![fixture::PLAIN_SHOP, "p 官方授权的腾讯经销商，Q币半价，加QQ付款"],
        ] {
            check_kinds(&fixture::facts("shop.example.com", &pages));
        }
    }

    #[test]
    fn a_home_page_that_was_not_read_leaves_every_shown_fact_unsaid_with_its_reason() {
        let evidence = fixture::unread("shop.example.com", GapReason::Http5xx);
        let facts = fixture::read(&evidence);
        check_kinds(&facts);
        let known: Vec<&str> = facts.iter().map(|fact| fact.name.as_str()).collect();
        assert_eq!(
            known,
            ["official.lookalike", "official.own_brand"],
            "only the host speaks"
        );
        let bools = catalogue()
            .into_values()
            .filter(|spec| spec.kind == Kind::Bool && facts.get(spec.name).is_none());
        for spec in bools.filter(|spec| !matches!(spec.name, "tls.verified" | "order.custody_named")) {
            assert_eq!(
                facts.absence(spec.name).map(|absence| absence.reason.as_str()),
                Some("http_5xx"),
                "{}",
                spec.name
            );
        }
    }

    #[test]
    fn an_empty_shell_says_nothing_about_its_text() {
        let mut evidence = fixture::evidence("shop.example.com", &["title x\nscript app()"]);
        evidence.gaps.push(crate::evidence::Gap::new(
            GapReason::EmptyJsApp,
            "div app",
            "https://shop.example.com/",
        ));
        let facts = fixture::read(&evidence);
        for name in [
            "site.sells",
            "contact.any",
            "terms.page_shown",
            "payment.seen",
            "order.query",
            "recruit.density",
        ] {
            assert_eq!(
                facts.absence(name).map(|absence| absence.reason.as_str()),
                Some("empty_js_app"),
                "{name}"
            );
        }
    }

    #[test]
    fn every_positive_word_fact_names_the_place_it_was_read() {
        let page = "title 星河数卡\nli Q币 半价 秒到账\nli ¥5.00\na /buy/1 立即购买\na /buy/2 立即购买\np 本站诚招代理，加QQ下单，客服QQ：204518837\nfooter 虚拟商品一经售出概不退换";
        let facts = fixture::facts("shop.example.com", &[page]);
        let seen: Vec<_> = facts
            .iter()
            .filter(|fact| fact.value == Value::Bool(true))
            .collect();
        assert!(seen.len() > 8, "{seen:#?}");
        for fact in seen {
            let place = fact
                .at
                .as_ref()
                .unwrap_or_else(|| panic!("{} has no place", fact.name));
            assert!(
                place.url.starts_with("https://shop.example.com/") && !place.place.is_empty(),
                "{}",
                fact.name
            );
            assert!(fact.firmness <= Firmness::WellFormed, "{}", fact.name);
        }
    }

    #[test]
    fn the_same_evidence_gives_the_same_bytes() {
        let read =
            || serde_json::to_string(&fixture::facts("shop.example.com", &[fixture::PLAIN_SHOP])).unwrap();
        assert_eq!(read(), read());
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(48))]
        #[test]
        fn any_text_is_read_without_panic(lines in proptest::collection::vec("(title|p|li|footer|h2|meta|script) (\\PC|[官方授权腾讯q币半折退款未到账不加付元¥0-9:,。、“”]){0,60}", 0..12)) {
            let page = format!("{}\n{}", fixture::PLAIN_SHOP, lines.join("\n"));
            check_kinds(&fixture::facts("shop.example.com", &[&page]));
        }
    }
}
