//! Recruit: whether the site recruits agents and sub-sites, over how many levels, and for money.
//!
//! Reads `data/recruit.toml`. Ordinary words count only inside a recruiting phrase; they raise the density, which is
//! counted over the visible characters of all pages that can carry the site's own offers.

use std::collections::BTreeSet;

use regex::Regex;
use serde::Deserialize;

use super::reading::{Line, PageReading, Reading, Sighting, place_of, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Int, Number};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, Part};

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
        "recruit.levels",
        Int,
        Trivial,
        "how many levels of agents or sub-sites are named (普通, 高级, 钻石 …); 0 when none; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "recruit.commission_percent",
        Number,
        Trivial,
        "highest commission or share of agents stated, in percent; unsaid when none is",
    ),
    FactSpec::new(
        "recruit.density",
        Number,
        Trivial,
        "recruiting phrases per 1000 visible characters of the pages read, two decimals; unsaid when the home page was not read",
    ),
];

const FILE: &str = "recruit.toml";

#[derive(Debug, Deserialize)]
struct RecruitFile {
    level: String,
    level_list: String,
    level_names: String,
    level_alone: Vec<String>,
    commission: Vec<String>,
    most_percent: f64,
    not_commission: Vec<String>,
}

/// Reads recruiting.
#[derive(Debug)]
pub struct Recruit {
    words: Lexicon,
    /// A level beside the word agent, …
    level: Regex,
    /// … a list of levels, …
    level_list: Regex,
    /// … and the levels in it.
    level_names: Regex,
    /// Levels that one alone is no ladder of.
    level_alone: Vec<String>,
    commission: Vec<Regex>,
    most_percent: f64,
    not_commission: Vec<String>,
}

impl WordInspector for Recruit {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: RecruitFile = data.read(FILE)?;
        let regex = |text: &str| Regex::new(text).map_err(|err| DataFiles::bad(FILE, err));
        Ok(Self {
            words: Lexicon::load(data, FILE)?,
            level: regex(&file.level)?,
            level_list: regex(&file.level_list)?,
            level_names: regex(&file.level_names)?,
            level_alone: file.level_alone,
            commission: file
                .commission
                .iter()
                .map(|text| regex(text))
                .collect::<Result<_, _>>()?,
            most_percent: file.most_percent,
            not_commission: file.not_commission,
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
        self.say_levels(reading, facts);
        self.say_commission(reading, facts);
        if !reading.may_deny() {
            return reading.silent(facts, "recruit.density");
        }
        let chars: usize = reading.pages.iter().map(|page| page.visible_chars).sum();
        let places = seen.iter().take(3).map(Sighting::place).collect();
        facts.say(
            "recruit.density",
            per_thousand(seen.len(), chars),
            Firmness::WellFormed,
            places,
        );
    }
}

impl Recruit {
    fn say_levels(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let (mut names, mut places) = (BTreeSet::new(), Vec::new());
        for (page, line) in own_lines(reading) {
            let text = line.joined.text();
            let single = self
                .level
                .captures_iter(text)
                .filter_map(|caught| caught.name("v"));
            let mut found: Vec<regex::Match<'_>> = single.collect();
            for list in self.level_list.find_iter(text) {
                let within = self.level_names.find_iter(text);
                found.extend(within.filter(|name| list.range().contains(&name.start())));
            }
            found.retain(|hit| reading.is_own_at(page, line, hit.range()));
            let known = names.len();
            names.extend(found.iter().map(|hit| hit.as_str().to_owned()));
            if names.len() > known {
                places.push(place_of(page, line, line.joined.source()));
            }
        }
        if names.len() == 1 && names.iter().all(|name| self.level_alone.contains(name)) {
            names.clear();
        }
        if names.is_empty() && !reading.may_deny() {
            return reading.silent(facts, "recruit.levels");
        }
        if names.is_empty() {
            places.clear();
        }
        let levels = i64::try_from(names.len()).unwrap_or(i64::MAX);
        facts.say("recruit.levels", levels, Firmness::WellFormed, places);
    }

    fn say_commission(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let mut best: Option<(f64, Place)> = None;
        for (page, line) in own_lines(reading) {
            let text = line.joined.text();
            for caught in self.commission.iter().flat_map(|regex| regex.captures_iter(text)) {
                let Some((percent, whole)) = caught.name("v").zip(caught.get(0)) else {
                    continue;
                };
                let spoiled = self
                    .not_commission
                    .iter()
                    .any(|word| whole.as_str().contains(word.as_str()));
                let value = percent.as_str().parse::<f64>().unwrap_or(0.0);
                let fits = value > 0.0 && value <= self.most_percent && !spoiled;
                let higher = best.as_ref().is_none_or(|(most, _)| value > *most);
                if fits && higher && reading.is_own_at(page, line, whole.range()) {
                    best = Some((
                        value,
                        place_of(page, line, line.joined.snippet(whole.range(), 12)),
                    ));
                }
            }
        }
        match best {
            Some((percent, place)) => {
                facts.say(
                    "recruit.commission_percent",
                    percent,
                    Firmness::Claimed,
                    vec![place],
                );
            }
            None => reading.silent(facts, "recruit.commission_percent"),
        }
    }
}

/// Lines of shown text on pages that can carry the site's own offers.
fn own_lines<'r>(reading: &'r Reading<'r>) -> impl Iterator<Item = (&'r PageReading<'r>, &'r Line)> {
    let pages = reading.pages.iter().filter(|page| reading.speaks(page));
    pages.flat_map(|page| {
        let shown = page.lines.iter().filter(|line| line.part == Part::Text);
        shown.map(move |line| (page, line))
    })
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
    fn levels_and_commissions_are_counted_where_they_are_named() {
        for (line, levels, percent) in [
            (
                "p 普通代理 98元，高级代理 298元，钻石代理 998元，一级佣金15%，二级佣金5%",
                3,
                Some(15.0),
            ),
            ("p 代理等级：普通、高级、钻石、至尊", 4, None),
            ("p 推广返佣高达30%", 0, Some(30.0)),
            ("p 站长享50%的利润分成", 0, Some(50.0)),
            ("p 一级代理、二级代理、三级代理均可提成", 3, None),
            ("p 腾讯一级代理", 0, None),
            ("p 钻石会员享9折", 0, None),
            ("p 充值返利5%", 0, None),
            ("p 提现手续费2%，佣金次日到账", 0, None),
            ("p 警惕宣称佣金50%的网站", 0, None),
            ("p 欢迎光临", 0, None),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            let got = facts.get("recruit.levels").map(|fact| fact.value.clone());
            assert_eq!(got, Some(Value::Int(levels)), "{line}");
            let got = facts
                .get("recruit.commission_percent")
                .map(|fact| fact.value.clone());
            assert_eq!(got, percent.map(Value::Number), "{line}");
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
