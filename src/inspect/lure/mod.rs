//! Lure: what the site promises to draw buyers: low prices, speed, safety, profit, and how deep its discounts go.
//!
//! Reads `data/lures.toml`. A speed word needs a word of recharge in its sentence, since wallets and loans use the
//! same words. Discounts are read by `discount`. A promise is only a claim: nothing here is checked.

mod discount;

use self::discount::Discounts;
use super::reading::{Reading, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List, Number};
use crate::facts::{FactSpec, Facts, Firmness, Place, kept};
use crate::lexicon::Lexicon;

/// Name of the data file.
const FILE: &str = "lures.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "lure.low_price",
        List,
        Trivial,
        "low-price phrases shown, in normal form; empty when none",
    ),
    FactSpec::new(
        "lure.deep_discount",
        Bool,
        Trivial,
        "a price or discount of at most 0.60 of face value is stated for Q coins, phone credit, fuel cards, gift cards; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "lure.discount_ratio",
        Number,
        Trivial,
        "lowest ratio of price and face value stated for such goods, 0 to 1; unsaid when none can be read",
    ),
    FactSpec::new(
        "lure.instant",
        Bool,
        Trivial,
        "promises delivery within seconds beside words of recharge; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "lure.safety",
        List,
        Trivial,
        "phrases that promise safety, in normal form; empty when none",
    ),
    FactSpec::new(
        "lure.guaranteed_profit",
        Bool,
        Trivial,
        "promises a profit to those who join; unsaid when the home page was not read",
    ),
];

/// Reads lures.
#[derive(Debug)]
pub struct Lure {
    words: Lexicon,
    discounts: Discounts,
}

impl WordInspector for Lure {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            words: Lexicon::load(data, FILE)?,
            discounts: Discounts::load(data)?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.words);
        let phrases = |id: &str| -> Vec<(String, Place)> {
            // Each phrase with the first place where it was seen.
            let mut phrases: Vec<(String, Place)> = Vec::new();
            for sighting in seen.iter().filter(|sighting| sighting.id == id) {
                if phrases.iter().all(|(known, _)| known != sighting.phrase()) {
                    phrases.push((sighting.phrase().to_owned(), sighting.place()));
                }
            }
            phrases
        };
        reading.say_list(facts, "lure.low_price", Firmness::Claimed, &phrases("low_price"));
        reading.say_list(facts, "lure.safety", Firmness::Claimed, &phrases("safety"));
        reading.say_seen(facts, "lure.instant", Firmness::Claimed, places(&seen, "instant"));
        reading.say_seen(
            facts,
            "lure.guaranteed_profit",
            Firmness::Claimed,
            places(&seen, "guaranteed_profit"),
        );
        self.say_discounts(reading, facts);
    }
}

impl Lure {
    fn say_discounts(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let mut offers = self.discounts.in_reading(reading);
        offers.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let deep = offers
            .iter()
            .take_while(|offer| offer.ratio <= self.discounts.deep_ratio());
        let places = kept(deep.map(discount::Offer::place));
        reading.say_seen(facts, "lure.deep_discount", Firmness::Claimed, places);
        if let Some(lowest) = offers.first() {
            facts.say(
                "lure.discount_ratio",
                lowest.ratio,
                Firmness::Claimed,
                vec![lowest.place()],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    fn on_shop(line: &str) -> crate::facts::Facts {
        facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")])
    }

    #[test]
    fn lures_are_kept_as_shown_in_normal_form() {
        let facts = on_shop("p 全 网 最 低 价，Q币充值秒到账，绝不跑路，包回本");
        assert!(facts.list("lure.low_price").contains(&"全网最低价".to_owned()));
        assert_eq!(facts.is("lure.instant"), Some(true));
        assert!(facts.list("lure.safety").contains(&"绝不跑路".to_owned()));
        assert_eq!(facts.is("lure.guaranteed_profit"), Some(true));
    }

    #[test]
    fn a_cry_belongs_to_what_follows_it() {
        for (line, name, expected) in [
            ("p 秒 ★ 到 ★ 账！话费自动充值下单即到", "lure.instant", true),
            ("p 秒到账！借款找我", "lure.instant", false),
            (
                "p 零投入零风险，稳赚不赔，新手日入200+",
                "lure.guaranteed_profit",
                true,
            ),
        ] {
            assert_eq!(on_shop(line).is(name), Some(expected), "{line}");
        }
        let page = "title 开通分站\np 零投入零风险，稳赚不赔，新手日入200+。";
        let portal = facts("join.example.com", &[page]);
        assert_eq!(portal.is("lure.guaranteed_profit"), Some(true));
    }

    #[test]
    fn ordinary_promises_are_no_lures() {
        let facts = on_shop("p 贷款秒到账与本店无关\np 本店不承诺稳赚\np 会员限时8折");
        assert_eq!(facts.is("lure.instant"), Some(false));
        assert_eq!(facts.is("lure.guaranteed_profit"), Some(false));
        assert_eq!(facts.is("lure.deep_discount"), Some(false));
        assert!(facts.list("lure.low_price").is_empty());
    }

    #[test]
    fn discounts_on_goods_of_face_value_are_measured() {
        for (line, ratio) in [
            ("li 骏卡100元 库存：60", None),
            ("li 骏卡100元\ntd 60\ntd 99.00元", Some(0.99)),
            ("li 骏卡100元\ntd 60", None),
            ("p 第2件5折：京东E卡贺卡", None),
            ("p 5折话费充值", Some(0.5)),
            ("p 半价Q币", Some(0.5)),
            ("p 话费充值低至三折", Some(0.3)),
            ("p 话费95折", Some(0.95)),
            ("p 京东E卡九五折", Some(0.95)),
            ("p 100元话费 50元", Some(0.5)),
            ("p Q币100个 售价55", Some(0.55)),
            ("p 50元充100元话费", Some(0.5)),
            ("p 全国移动话费100元\np ¥49.90", Some(0.499)),
            ("p 全国移动话费100元\np 售价：98.50元", Some(0.985)),
            ("p 视频会员5折", None),
            ("p 代理拿话费5折提成", None),
            ("p 话费充值", None),
            ("p 100元话费 单价0.98元", None),
            ("p 警惕5折话费", None),
            ("li 5折话费背后：谁在替你付钱", None),
        ] {
            let facts = on_shop(line);
            let found = facts.get("lure.discount_ratio").map(|fact| fact.value.clone());
            assert_eq!(found, ratio.map(crate::facts::Value::Number), "{line}");
            assert_eq!(
                facts.is("lure.deep_discount"),
                Some(ratio.is_some_and(|ratio| ratio <= 0.6)),
                "{line}"
            );
        }
    }
}
