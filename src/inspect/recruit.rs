//! Recruit: whether the site recruits agents and sub-sites, over how many levels, and for money.
//!
//! Reads `data/recruit.toml`. Ordinary words count only inside a recruiting phrase; they raise the density, which is
//! counted over the visible characters of all pages that can carry the site's own offers.

use super::reading::{Reading, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Number};
use crate::facts::{FactSpec, Facts, Firmness};
use crate::lexicon::Lexicon;

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "recruit.agents",
        Bool,
        Trivial,
        "recruits agents or sub-sites; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "recruit.multi_level",
        Bool,
        Trivial,
        "pays over several levels or asks to recruit below oneself; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "recruit.paid_joining",
        Bool,
        Trivial,
        "asks money to join as an agent, sub-site or partner; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "recruit.density",
        Number,
        Trivial,
        "recruiting phrases per 1000 visible characters of the pages read, two decimals; unsaid when the home page was not read",
    ),
];

/// Reads recruiting.
#[derive(Debug)]
pub struct Recruit {
    words: Lexicon,
}

impl WordInspector for Recruit {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            words: Lexicon::load(data, "recruit.toml")?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.words);
        for (name, id) in [
            ("recruit.agents", "agents"),
            ("recruit.multi_level", "multi_level"),
            ("recruit.paid_joining", "paid_joining"),
        ] {
            reading.say_seen(facts, name, Firmness::WellFormed, places(&seen, id));
        }
        if !reading.may_deny() {
            return reading.silent(facts, "recruit.density");
        }
        let chars: usize = reading.pages.iter().map(|page| page.visible_chars).sum();
        let places = seen.iter().take(3).map(super::reading::Sighting::place).collect();
        facts.say(
            "recruit.density",
            per_thousand(seen.len(), chars),
            Firmness::WellFormed,
            places,
        );
    }
}

/// Hits per 1000 characters, rounded to two decimals; texts shorter than 1000 characters count as 1000.
fn per_thousand(hits: usize, chars: usize) -> f64 {
    let hundredths = hits.saturating_mul(100_000) / chars.max(1000);
    f64::from(u32::try_from(hundredths).unwrap_or(u32::MAX)) / 100.0
}

#[cfg(test)]
mod tests {
    use super::per_thousand;
    use crate::facts::Value;
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    #[test]
    fn recruiting_is_told_from_the_same_words_in_other_use() {
        for (line, agents, levels, paid) in [
            ("p 诚招代理，免费搭建分站", true, false, false),
            ("p 开通分站仅需99元，永久使用", true, false, true),
            ("p 三级分销，发展下级可得团队提成", true, true, false),
            ("p 一级代理提成15%，二级代理提成5%", true, true, false),
            ("p 一级拿15%提成，二级拿8%", false, true, false),
            ("p 加盟费888元", false, false, true),
            ("p 代理加盟，免加盟费", true, false, false),
            ("p 本站不招代理", false, false, false),
            ("p 证券免费开户", false, false, false),
            ("p 警惕三级分销，发展下级的网站", false, false, false),
            ("p 杭州分站客服", false, false, false),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            let got =
                ["recruit.agents", "recruit.multi_level", "recruit.paid_joining"].map(|name| facts.is(name));
            assert_eq!(got, [Some(agents), Some(levels), Some(paid)], "{line}");
        }
    }

    #[test]
    fn density_counts_hits_over_characters() {
        assert_eq!(
            [per_thousand(0, 0), per_thousand(3, 500), per_thousand(3, 2000)].map(|n| n.to_string()),
            ["0", "3", "1.5"]
        );
        let facts = facts("shop.example.com", &[PLAIN_SHOP]);
        assert_eq!(facts.get("recruit.density").unwrap().value, Value::Number(0.0));
    }
}
