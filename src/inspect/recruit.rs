//! Recruit: whether the site recruits agents and sub-sites, over how many levels, and for money.
//!
//! Reads `data/recruit.toml`. Ordinary words count only inside a recruiting phrase; they raise the density, which is
//! counted over the visible characters of all pages that can carry the site's own offers.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;

use super::reading::{Line, Marks, PageReading, Reading, Sighting, place_of, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Int, Number};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, Part};
use crate::text::{Letters, Normal, Pattern};

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
/// Longest name of a level, in characters.
const LEVEL_CHARS: usize = 4;

#[derive(Debug, Deserialize)]
struct RecruitFile {
    level: String,
    level_list: String,
    level_names: String,
    level_alone: Vec<String>,
    level_ends: Vec<String>,
    edition: String,
    share_heads: Vec<String>,
    share_cell: String,
    commission: Vec<String>,
    most_percent: f64,
    not_commission: Vec<String>,
}

/// Reads recruiting.
#[derive(Debug)]
pub struct Recruit {
    words: Lexicon,
    /// A level beside the word agent, …
    level: Pattern,
    /// … a list of levels, …
    level_list: Pattern,
    /// … and the levels in it.
    level_names: Pattern,
    /// Levels that one alone is no ladder of.
    level_alone: Vec<String>,
    /// What their names end in.
    level_ends: Vec<String>,
    /// An edition of a sub-site with its price.
    edition: Pattern,
    /// Heads of table columns with shares, and the cells below or beside them.
    share_heads: Vec<String>,
    /// All letters of the heads.
    head_letters: Letters,
    share_cell: Pattern,
    commission: Vec<Pattern>,
    most_percent: f64,
    not_commission: Vec<String>,
}

impl WordInspector for Recruit {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: RecruitFile = data.read(FILE)?;
        let regex = |text: &str| Pattern::new(text).map_err(|err| DataFiles::bad(FILE, err));
        Ok(Self {
            words: Lexicon::load(data, FILE)?,
            level: regex(&file.level)?,
            level_list: regex(&file.level_list)?,
            level_names: regex(&file.level_names)?,
            level_alone: file.level_alone,
            level_ends: file.level_ends,
            edition: regex(&file.edition)?,
            head_letters: Letters::of(&file.share_heads.concat()),
            share_heads: file.share_heads,
            share_cell: regex(&file.share_cell)?,
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
        let editions = self.editions(reading, &seen);
        for (name, id) in [
            ("recruit.agents", "agents"),
            ("recruit.multi_level", "multi_level"),
        ] {
            reading.say_seen(facts, name, Firmness::WellFormed, places(&seen, id));
        }
        let mut paid = places(&seen, "paid_joining");
        paid.extend(editions.iter().map(|(_, place)| place.clone()));
        reading.say_seen(facts, "recruit.paid_joining", Firmness::WellFormed, paid);
        // Ranks and shares are those of agents where agents are spoken of, or on a shop; elsewhere they are anybody's.
        let recruits = reading.sells || seen.iter().any(|sighting| !sighting.id.starts_with('_'));
        self.say_levels(reading, recruits, editions, facts);
        self.say_commission(reading, recruits, &seen, facts);
        if !reading.may_deny() {
            return reading.silent(facts, "recruit.density");
        }
        // Nothing in however many characters is nothing.
        let counted = reading.pages.iter().filter(|_| !seen.is_empty());
        let chars: usize = counted.map(|page| page.page.visible_chars()).sum();
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
    /// Editions of sub-sites that are sold, where the line itself, the title or a heading offers sub-sites.
    fn editions(&self, reading: &Reading<'_>, seen: &[Sighting<'_>]) -> Vec<(String, Place)> {
        let mut found = Vec::new();
        let offers: Vec<&Sighting<'_>> = seen.iter().filter(|sighting| sighting.id == "agents").collect();
        if offers.is_empty() {
            return found;
        }
        let likely = |(_, line): &(&PageReading<'_>, &Line)| self.edition.may_be_in(&line.joined);
        for (page, line) in own_lines(reading).filter(likely) {
            let here = |sighting: &&Sighting<'_>| {
                let headed = sighting.line.part == Part::Title || sighting.line.is_heading();
                std::ptr::eq(sighting.page, page) && (headed || std::ptr::eq(sighting.line, line))
            };
            if !offers.iter().any(here) {
                continue;
            }
            for caught in self.edition.captures_iter(line.joined.text()) {
                let Some((name, whole)) = caught.name("v").zip(caught.get(0)) else {
                    continue;
                };
                if reading.is_own_at(page, line, whole.range()) {
                    let shown = line.joined.snippet(whole.range(), 12);
                    found.push((name.as_str().to_owned(), place_of(page, line, shown)));
                }
            }
        }
        found
    }

    /// The names in lists of levels ("商户等级:普通商户、核心商户"), where they are told apart by signs.
    fn listed<'t>(&self, line: &'t Normal) -> Vec<(&'t str, Range<usize>)> {
        let mut found = Vec::new();
        if !self.level_list.may_be_in(line) {
            return found;
        }
        let text = line.text();
        for list in self
            .level_list
            .captures_iter(text)
            .filter_map(|caught| caught.name("v"))
        {
            let known = |item: &str| self.level_names.find(item).map(|name| name.range());
            let mut at = list.start();
            let items: Vec<(&str, usize)> = list
                .as_str()
                .split(['、', '/', ',', '|'])
                .map(|item| {
                    let start = at;
                    at += item.len() + text.get(at + item.len()..).and_then(first_len).unwrap_or(0);
                    (item, start)
                })
                .collect();
            let several = items.len() > 1;
            for (item, start) in items {
                let range = known(item).or_else(|| (several).then(|| self.named(item)).flatten());
                if let Some(range) = range {
                    let name = item.get(range.clone()).unwrap_or_default();
                    found.push((name, start + range.start..start + range.end));
                }
            }
        }
        found
    }

    /// The name of a level that stands first in an item of a list, without the word it ends in.
    fn named(&self, item: &str) -> Option<Range<usize>> {
        let han = item.find(|c: char| !crate::text::is_han(c)).unwrap_or(item.len());
        let name = item.get(..han)?;
        let stem = self
            .level_ends
            .iter()
            .find_map(|end| name.strip_suffix(end.as_str()))?;
        (2..=LEVEL_CHARS)
            .contains(&stem.chars().count())
            .then_some(0..stem.len())
    }

    fn say_levels(
        &self,
        reading: &Reading<'_>,
        recruits: bool,
        editions: Vec<(String, Place)>,
        facts: &mut Facts,
    ) {
        let (mut names, mut places) = (BTreeSet::new(), Vec::new());
        for (name, place) in editions {
            names.insert(name);
            places.push(place);
        }
        for (page, line) in own_lines(reading).filter(|_| recruits) {
            let mut found = self.listed(&line.joined);
            if self.level.may_be_in(&line.joined) && self.level.is_match(line.joined.text()) {
                let single = self.level.captures_iter(line.joined.text());
                let single = single.filter_map(|caught| caught.name("v"));
                found.extend(single.map(|name| (name.as_str(), name.range())));
            }
            found.retain(|(_, range)| reading.is_own_at(page, line, range.clone()));
            let known = names.len();
            names.extend(found.iter().map(|(name, _)| (*name).to_owned()));
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

    /// Shares in tables: cells below or beside a head that names them, with the page and line of each.
    fn tabled<'r>(&self, reading: &'r Reading<'r>) -> Vec<(f64, Place)> {
        let mut found = Vec::new();
        for page in reading.pages.iter().filter(|page| reading.speaks(page)) {
            let mut lines: Vec<&Line> = Vec::new();
            let shown = page.lines.iter().filter(|line| line.part == Part::Text);
            for (at, line) in shown.enumerate().filter(|(_, line)| self.is_head(line)) {
                if !reading.is_own_at(page, line, 0..line.joined.text().len()) {
                    continue;
                }
                if lines.is_empty() {
                    lines.extend(page.lines.iter().filter(|line| line.part == Part::Text));
                }
                let cells = cells_of(&lines, at, &self.share_cell);
                found.extend(cells.into_iter().filter_map(|cell| {
                    let caught = self.share_cell.captures(cell.joined.text())?;
                    let value = caught.name("v")?.as_str().parse::<f64>().ok()?;
                    let shown = format!("{} {}", line.joined.source().trim(), cell.joined.source().trim());
                    Some((value, place_of(page, cell, &shown)))
                }));
            }
        }
        found
    }

    /// Whether a line is the head of a column or row of shares.
    fn is_head(&self, line: &Line) -> bool {
        let text = line.joined.text();
        line.joined.letters().meets(&self.head_letters)
            && line.chars <= LEVEL_CHARS * 2
            && matches!(line.tag.as_str(), "th" | "td")
            && self.share_heads.iter().any(|word| text.contains(word.as_str()))
    }

    fn say_commission(
        &self,
        reading: &Reading<'_>,
        recruits: bool,
        seen: &[Sighting<'_>],
        facts: &mut Facts,
    ) {
        let mut best: Option<(f64, Place)> = None;
        let tabled = if recruits {
            self.tabled(reading)
        } else {
            Vec::new()
        };
        for (value, place) in tabled {
            let fits = value > 0.0 && value <= self.most_percent;
            if fits && best.as_ref().is_none_or(|(most, _)| value > *most) {
                best = Some((value, place));
            }
        }
        for (page, line) in own_lines(reading).filter(|_| recruits) {
            let text = line.joined.text();
            let likely = self
                .commission
                .iter()
                .filter(|regex| regex.may_be_in(&line.joined));
            for caught in likely.flat_map(|regex| regex.captures_iter(text)) {
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
                let own = || {
                    reading.is_own_at(page, line, whole.range())
                        || (is_headed(seen, page) && is_plain(reading.marks(), line))
                };
                if fits && higher && own() {
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

/// Whether a page's title or a heading recruits: its paragraphs speak of its own terms.
fn is_headed(seen: &[Sighting<'_>], page: &PageReading<'_>) -> bool {
    seen.iter().any(|sighting| {
        sighting.id == "agents"
            && std::ptr::eq(sighting.page, page)
            && (sighting.line.part == Part::Title || sighting.line.is_heading())
    })
}

/// Whether a line neither reports, advises nor stands below a warning.
fn is_plain(marks: &Marks, line: &Line) -> bool {
    let text = line.joined.text();
    !line.told && !marks.is_reported(text) && !marks.is_reported_clause(text) && !marks.is_advice(text)
}

/// The cells that belong to a head: those of its column where a row of heads has several, else what follows in its row.
fn cells_of<'l>(lines: &[&'l Line], at: usize, cell: &Pattern) -> Vec<&'l Line> {
    let is = |index: usize, tag: &str| lines.get(index).is_some_and(|line| line.tag == tag);
    let first = (0..=at).rev().take_while(|index| is(*index, "th")).last();
    let heads = first.map_or(0, |first| {
        (first..lines.len()).take_while(|index| is(*index, "th")).count()
    });
    if let (Some(first), true) = (first, heads > 1) {
        let body = (first + heads..lines.len()).take_while(|index| is(*index, "td"));
        return body
            .filter(|index| (index - first - heads) % heads == at - first)
            .filter_map(|index| lines.get(index).copied())
            .collect();
    }
    let rest = lines.iter().skip(at + 1);
    rest.take_while(|line| line.tag == "td" && cell.is_match(line.joined.text()))
        .copied()
        .collect()
}

/// Length of the first letter.
fn first_len(text: &str) -> Option<usize> {
    text.chars().next().map(char::len_utf8)
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
            ("p 长期诚招各地代理，免加盟费", true, false, false),
            ("p 招募分站：开通仅需39元", true, false, true),
            (
                "p 搭建分站：入门版 9.9元，旗舰版 99元，旗舰版下级开通你拿 80%",
                true,
                true,
                true,
            ),
            ("p 从未收取任何加盟费", false, false, false),
            ("p 律师代理费怎么算，按标的额收取", false, false, false),
            ("p 点卡充值 话费充值平台 游戏代理加盟 卡盟", false, false, false),
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
            ("p 代理等级：普通代理、金牌代理、城市合伙人", 3, None),
            ("p 诚招代理，商户等级：普通商户、合作商户、核心商户", 3, None),
            (
                "p 搭建分站：入门版 9.9元，专业版29元，旗舰版下级开通你拿80%",
                2,
                Some(80.0),
            ),
            ("li Windows 11 专业版 12元", 0, None),
            (
                "th 等级\nth 下级提成\ntd 高级代理\ntd 5%\ntd 钻石代理\ntd 12%",
                2,
                Some(12.0),
            ),
            ("td 下级提成\ntd -\ntd 50%\ntd 80%", 0, Some(80.0)),
            ("th 渠道\nth 折扣\ntd 代理提成价\ntd 98", 0, None),
            ("p 招募代理，佣金为实付金额的 3%", 0, Some(3.0)),
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
