//! Goods: what kinds of goods the site sells, which of them are gray, and whether it serves gambling.
//!
//! Reads `data/goods.toml`, and what `offer` said of the goods with a price. Only the site's own offers count, so a list of forbidden goods, a warning or a
//! denial names nothing that is sold. On sites that do not sell the lists are empty; a gambling hall need not sell: several
//! different phrases of its own name it.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::reading::{Reading, Sighting, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, Part};

const FILE: &str = "goods.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "goods.kinds",
        List,
        Trivial,
        "kinds of goods sold: game_card, membership, phone_credit, q_coin, fuel_card, gift_card, software_key, account, service, other; empty when the site sells none",
    ),
    FactSpec::new(
        "goods.gray",
        List,
        Trivial,
        "gray goods sold: cheat_tools, account_trade, real_name_account, fake_engagement, code_receiving, laundering, hacked_goods, network_bypass, invoice, unblocking; empty when none",
    ),
    FactSpec::new(
        "goods.gambling",
        Bool,
        Trivial,
        "offers or tops up gambling; unsaid when the home page was not read",
    ),
];

#[derive(Debug, Deserialize)]
struct GoodsFile {
    gambling: Gambling,
}

/// When a page without goods is one of gambling.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gambling {
    needed: usize,
}

/// Reads goods.
#[derive(Debug)]
pub struct Goods {
    words: Lexicon,
    gambling: Gambling,
}

impl WordInspector for Goods {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self {
            words: Lexicon::load(data, FILE)?,
            gambling: data.read::<GoodsFile>(FILE)?.gambling,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let mut seen: Vec<Sighting<'_>> = reading.own(&self.words);
        let bets: BTreeSet<&str> = seen
            .iter()
            .filter(|sighting| sighting.id == "gambling")
            .map(Sighting::phrase)
            .collect();
        let hall = bets.len() >= self.gambling.needed;
        if !reading.sells {
            seen.retain(|sighting| hall && sighting.id == "gambling");
        }
        let mut kinds = named_kinds(&seen);
        kinds.extend(offered_kinds(facts));
        reading.say_list(facts, "goods.kinds", Firmness::WellFormed, &kinds);
        reading.say_list(
            facts,
            "goods.gray",
            Firmness::WellFormed,
            &codes(seen.iter(), "gray:"),
        );
        reading.say_seen(
            facts,
            "goods.gambling",
            Firmness::WellFormed,
            places(&seen, "gambling"),
        );
    }
}

/// Kinds that lines name. Links that are nothing but a kind ("话费", "点卡") name departments, which most such shops
/// show whether or not anything is in them, and pictures may be those of goods long gone; they count where nothing else tells.
fn named_kinds(seen: &[Sighting<'_>]) -> Vec<(String, Place)> {
    let department = |sighting: &Sighting<'_>| {
        let line = sighting.line;
        line.part == Part::Image
            || (matches!(line.tag.as_str(), "a" | "li") && line.joined.text() == sighting.phrase())
    };
    let told = codes(seen.iter().filter(|sighting| !department(sighting)), "kind:");
    if told.is_empty() {
        codes(seen.iter(), "kind:")
    } else {
        told
    }
}

/// The codes of a group, each with the first place where it was seen: a shop has many goods of few kinds.
fn codes<'s, 'r: 's>(seen: impl Iterator<Item = &'s Sighting<'r>>, group: &str) -> Vec<(String, Place)> {
    let mut codes: Vec<(String, Place)> = Vec::new();
    for sighting in seen {
        if let Some(code) = sighting.id.strip_prefix(group)
            && codes.iter().all(|(known, _)| known != code)
        {
            codes.push((code.to_owned(), sighting.place()));
        }
    }
    codes
}

/// Kinds of the goods with a price, which may be named in data alone.
fn offered_kinds(facts: &Facts) -> Vec<(String, Place)> {
    let Some(fact) = facts.get("offer.kinds") else {
        return Vec::new();
    };
    let places = fact.at.iter().chain(&fact.also);
    let offered = facts.list("offer.kinds").iter().zip(places);
    offered
        .filter(|(kind, _)| kind.as_str() != "other")
        .map(|(kind, place)| {
            let kind = if kind == "data_plan" { "phone_credit" } else { kind };
            (kind.to_owned(), place.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    #[test]
    fn kinds_and_gray_goods_are_read_from_offers_only() {
        for (line, kinds, gray) in [
            ("li 点卡", vec!["membership"], vec![]),
            ("li Q币充值", vec!["membership", "q_coin"], vec![]),
            ("li 移动话费 100元", vec!["membership", "phone_credit"], vec![]),
            ("li 吃鸡辅助 天卡", vec!["membership"], vec!["cheat_tools"]),
            (
                "li 三角洲 透视 自瞄 周卡",
                vec!["membership"],
                vec!["cheat_tools"],
            ),
            ("li 名片赞 1000个", vec!["membership"], vec!["fake_engagement"]),
            (
                "li 抖音实名号 成年实名",
                vec!["membership"],
                vec!["real_name_account"],
            ),
            ("li 接码平台 未接码", vec!["membership"], vec!["code_receiving"]),
            ("p 一手卡商 批发", vec!["membership"], vec![]),
            ("p 卡商直供 接码", vec!["membership"], vec!["code_receiving"]),
            ("td 刷单", vec!["membership"], vec![]),
            (
                "li 店铺刷单 10单套餐",
                vec!["membership"],
                vec!["fake_engagement"],
            ),
            ("p 一团伙洗钱获刑", vec!["membership"], vec![]),
            (
                "li 抖 音 实 名 白 号",
                vec!["membership"],
                vec!["account_trade", "real_name_account"],
            ),
            ("p 严禁出售外挂、黑号、接码等违法商品", vec!["membership"], vec![]),
            (
                "h2 禁售目录\nli 外挂\nli 实名号\nli 跑分",
                vec!["membership"],
                vec![],
            ),
            ("p 本店不卖外挂", vec!["membership"], vec![]),
            ("p 购买前请完成实名认证", vec!["membership"], vec![]),
            ("li 厨房辅助工具", vec!["membership"], vec![]),
            ("p 机场接送服务", vec!["membership"], vec![]),
            ("p 星河点卡 商品分类", vec!["game_card", "membership"], vec![]),
            ("p 小黑卡盟", vec!["membership"], vec![]),
            ("li 外 挂 天卡", vec!["membership"], vec!["cheat_tools"]),
            (
                "p 出售微信号 已实名",
                vec!["membership"],
                vec!["account_trade", "real_name_account"],
            ),
            ("p 本店商家已实名，请放心", vec!["membership"], vec![]),
            ("p 已通过实名认证的商家", vec!["membership"], vec![]),
            ("p 禁止将本店商品用于跑分、洗钱", vec!["membership"], vec![]),
            ("p 卡密来源正规，绝非盗刷、黑卡", vec!["membership"], vec![]),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.list("goods.kinds"), kinds, "{line}");
            assert_eq!(facts.list("goods.gray"), gray, "{line}");
        }
    }

    #[test]
    fn gambling_needs_its_own_words() {
        for (line, expected) in [
            ("li 真人百家乐 代理上分", true),
            ("li 免费开户送体验金", true),
            ("p 免费开户做代理", false),
            ("p 本站拒绝赌博、投注类订单", false),
            ("p 投注意见请联系客服", false),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.is("goods.gambling"), Some(expected), "{line}");
        }
        for (page, expected) in [
            (
                "title 星河棋牌\np 真人视讯 百家乐 电子游艺 体育投注\np 首存送38%",
                true,
            ),
            ("title 星河健身\np 新人体验金限时领取，到店办理", false),
        ] {
            let facts = facts("hall.example.com", &[page]);
            assert_eq!(facts.is("goods.gambling"), Some(expected), "{page}");
        }
    }
}
