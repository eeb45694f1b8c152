//! Payment: by which channels buyers are asked to pay.
//!
//! Reads `data/payment.toml`: words that are the site's own, and marks in forms, links, scripts and pictures of sites
//! that sell. Pages that tell, advise or explain are not read, so a gateway's documentation is no shop's payment page. Transfers to a person are read
//! before the wallets they name. It follows no payment address and orders nothing.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;

use super::reading::{PageReading, Reading, Sighting, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness, Place, kept};
use crate::lexicon::{Lexicon, clause_of};

const FILE: &str = "payment.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "payment.channels",
        List,
        Trivial,
        "payment channels shown: alipay, wechat_pay, qq_wallet, bank_card, unionpay, balance, epay, codepay, vmq, cloud_free_sign, paysapi, payjs, xunhupay, yungouos, mugglepay, other_relay, personal_code, usdt, tokenpay, coinbase, gift_code, paypal, stripe, other_gateway; empty when none is shown",
    ),
    FactSpec::new(
        "payment.kinds",
        List,
        Trivial,
        "kinds of the channels shown: licensed (wallets and banks themselves, contracted gateways), aggregator, personal_code, coins, gift_code, balance; empty when none is shown",
    ),
    FactSpec::new(
        "payment.seen",
        Bool,
        Trivial,
        "any payment channel is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "payment.untraceable_only",
        Bool,
        Trivial,
        "channels are shown, and only coins, gift codes or transfers to a person; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "payment.personal_code",
        Bool,
        Trivial,
        "asks to scan or transfer to a person's code or account; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "payment.aggregator",
        Bool,
        Trivial,
        "a relay such as 易支付, 码支付, V免签 is seen; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "payment.off_site",
        Bool,
        Trivial,
        "asks to pay or order with a person in chat; unsaid when the home page was not read",
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Spot {
    Form,
    Link,
    Script,
    Image,
    Frame,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    channel: String,
    #[serde(rename = "in")]
    within: Vec<Spot>,
    texts: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct PaymentFile {
    /// Kind → its channels.
    kinds: BTreeMap<String, BTreeSet<String>>,
    wallets_and_gateways: BTreeSet<String>,
    untraceable: BTreeSet<String>,
    relays: BTreeSet<String>,
    relay_fields: Vec<String>,
    wallets: BTreeSet<String>,
    asks: String,
    mark: Vec<Mark>,
}

/// Reads payment channels.
#[derive(Debug)]
pub struct Payment {
    words: Lexicon,
    asks: Regex,
    file: PaymentFile,
    /// All texts of all marks, in either case: most addresses hold none.
    texts: AhoCorasick,
}

impl WordInspector for Payment {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: PaymentFile = data.read(FILE)?;
        let texts = file.mark.iter().flat_map(|mark| &mark.texts);
        let texts = AhoCorasick::builder().ascii_case_insensitive(true).build(texts);
        Ok(Self {
            words: Lexicon::load(data, FILE)?,
            asks: Regex::new(&file.asks).map_err(|err| DataFiles::bad(FILE, err))?,
            file,
            texts: texts.map_err(|err| DataFiles::bad(FILE, err))?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.words);
        let words = seen
            .iter()
            .filter_map(|sighting| Some((sighting.id.strip_prefix("channel:")?, sighting)))
            .filter(|(_, sighting)| reading.sells || self.asks.is_match(sighting.sentence()))
            .filter(|(channel, sighting)| {
                !(self.file.wallets.contains(*channel) && is_persons(sighting, &seen))
            });
        let mut channels: Vec<(String, Place)> = words
            .map(|(channel, sighting)| (channel.to_owned(), sighting.place()))
            .collect();
        let personal = places(&seen, "personal");
        channels.extend(
            personal
                .iter()
                .map(|place| ("personal_code".to_owned(), place.clone())),
        );
        if reading.sells {
            channels.extend(reading.pages.iter().flat_map(|page| self.marks_on(page)));
        }
        let of = |set: &BTreeSet<String>| -> Vec<Place> {
            let of = channels.iter().filter(|(channel, _)| set.contains(channel));
            kept(of.map(|(_, place)| place.clone()))
        };
        let firm = Firmness::WellFormed;
        let untraceable = of(&self.file.untraceable);
        let only = if of(&self.file.wallets_and_gateways).is_empty() {
            untraceable
        } else {
            Vec::new()
        };
        if reading.may_deny() {
            reading.say_seen(facts, "payment.untraceable_only", firm, only);
        } else {
            reading.silent(facts, "payment.untraceable_only");
        }
        reading.say_seen(
            facts,
            "payment.seen",
            firm,
            kept(channels.iter().map(|(_, place)| place.clone())),
        );
        reading.say_seen(facts, "payment.aggregator", firm, of(&self.file.relays));
        reading.say_seen(facts, "payment.personal_code", firm, personal);
        reading.say_seen(facts, "payment.off_site", firm, places(&seen, "off_site"));
        reading.say_list(facts, "payment.channels", firm, &channels);
        reading.say_list(facts, "payment.kinds", firm, &self.kinds(&channels));
    }
}

impl Payment {
    /// The kinds of channels, with the places of these.
    fn kinds(&self, channels: &[(String, Place)]) -> Vec<(String, Place)> {
        let of = |(kind, codes): (&String, &BTreeSet<String>)| {
            let shown = channels.iter().find(|(channel, _)| codes.contains(channel));
            shown.map(|(_, place)| (kind.clone(), place.clone()))
        };
        self.file.kinds.iter().filter_map(of).collect()
    }

    /// Channels that the machinery of a page gives away.
    fn marks_on(&self, page: &PageReading<'_>) -> Vec<(String, Place)> {
        let mut found = Vec::new();
        let mut look = |spot: Spot, name: &str, address: &str| {
            if !self.texts.is_match(address) {
                return;
            }
            let lower = address.to_ascii_lowercase();
            let holds = |mark: &&Mark| {
                mark.within.contains(&spot) && mark.texts.iter().any(|text| lower.contains(text))
            };
            for mark in self.file.mark.iter().filter(holds) {
                found.push((
                    mark.channel.clone(),
                    Place::new(&page.seen.final_url, name, address),
                ));
            }
        };
        for form in &page.page.forms {
            look(Spot::Form, "form", &form.action);
        }
        for link in page.page.links.iter().filter(|link| link.visible) {
            look(Spot::Link, "link", &link.href);
        }
        for image in &page.page.images {
            look(Spot::Image, "image", &image.url);
        }
        page.page
            .resources
            .iter()
            .for_each(|url| look(Spot::Script, "script", url));
        page.page
            .frames
            .iter()
            .for_each(|url| look(Spot::Frame, "frame", url));
        if let Some(form) = page.page.forms.iter().find(|form| self.is_relay(form)) {
            found.push((
                "epay".to_owned(),
                Place::new(&page.seen.final_url, "form", &form.action),
            ));
        }
        found
    }

    fn is_relay(&self, form: &crate::page::Form) -> bool {
        self.file
            .relay_fields
            .iter()
            .all(|name| form.fields.iter().any(|field| field.name == *name))
    }
}

/// Whether a wallet is named in the clause of a transfer to a person ("扫个人收款码(微信/支付宝均可)").
fn is_persons(wallet: &Sighting<'_>, seen: &[Sighting<'_>]) -> bool {
    let clause = clause_of(wallet.line.joined.text(), &wallet.range);
    seen.iter().any(|other| {
        other.id == "personal" && std::ptr::eq(other.line, wallet.line) && clause.contains(&other.range.start)
    })
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    #[test]
    fn channels_are_read_from_words_and_from_the_machinery() {
        for (line, expected) in [
            ("li 支付宝", vec!["alipay"]),
            ("p 支持支付宝、微信付款", vec!["alipay", "wechat_pay"]),
            ("p 付款方式：微信支付 / 云闪付", vec!["unionpay", "wechat_pay"]),
            ("p USDT-TRC20 收款", vec!["usdt"]),
            ("p 请扫描下方收款码付款，转账备注订单号", vec!["personal_code"]),
            ("p 支付宝转账到个人账户", vec!["personal_code"]),
            (
                "form post https://pay.example.net/submit.php pid type out_trade_no notify_url sign",
                vec!["epay"],
            ),
            ("a https://codepay.fateqq.com/ 支付", vec!["codepay"]),
            ("resource https://js.stripe.com/v3/", vec!["stripe"]),
            (
                "p 付款请添加财务微信 xh_cw0001 转账，到账后发货",
                vec!["personal_code"],
            ),
            ("p 微信支付特约商户", vec![]),
            ("p 官方微信公众号", vec![]),
            ("li 云免签", vec!["cloud_free_sign"]),
            (
                "li 虎皮椒 / PAYJS / YunGouOS",
                vec!["payjs", "xunhupay", "yungouos"],
            ),
            ("li Epusdt", vec!["usdt"]),
            ("li TokenPay-TRX", vec!["tokenpay"]),
            ("a /pay/checkout-counter/2026 去支付", vec!["usdt"]),
            ("a /pay/yipay/2 去支付", vec!["epay"]),
            ("footer 地址：江州市中国银行大厦八楼", vec![]),
            ("p 不支持USDT", vec![]),
            ("li 微信扫码", vec!["wechat_pay"]),
            ("p 支付方式 支付宝当面付 微信扫码", vec!["alipay", "wechat_pay"]),
            ("p 微信扫码关注我们，使用支付宝小程序", vec!["alipay"]),
            ("li 余额", vec!["balance"]),
            ("p 预存款由江州农商银行资金存管，平台不经手", vec![]),
            (
                "p Payments: Alipay, WeChat Pay, PayPal",
                vec!["alipay", "paypal", "wechat_pay"],
            ),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.list("payment.channels"), expected, "{line}");
            assert_eq!(facts.is("payment.seen"), Some(!expected.is_empty()), "{line}");
        }
    }

    #[test]
    fn a_site_without_goods_asks_for_money_in_so_many_words() {
        for (line, seen) in [
            ("p 支持 USDT-TRC20 充值", true),
            ("p 平台收款：支付宝、微信", true),
            ("li 修复：支付宝回调偶发验签失败", false),
            ("p 请先解绑银行卡与支付工具", false),
        ] {
            let page = format!("title 星河之家\np 欢迎来到星河之家，这里记录我们的日常。\n{line}");
            let facts = facts("home.example.com", &[&page]);
            assert_eq!(facts.is("site.sells"), Some(false), "{line}");
            assert_eq!(facts.is("payment.seen"), Some(seen), "{line}");
        }
    }

    #[test]
    fn channels_have_kinds() {
        for (line, expected) in [
            ("p 支持支付宝、微信付款", vec!["licensed"]),
            ("p 易支付通道", vec!["aggregator"]),
            ("p 请扫描下方收款码付款，转账备注订单号", vec!["personal_code"]),
            ("p 仅支持USDT", vec!["coins"]),
            ("p 京东E卡付款也可以", vec!["gift_code"]),
            ("p 支付宝付款或余额支付", vec!["balance", "licensed"]),
            ("p 欢迎光临", vec![]),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.list("payment.kinds"), expected, "{line}");
        }
    }

    #[test]
    fn every_channel_of_the_data_has_one_kind() {
        let data = crate::inspect::DataFiles::built_in();
        let file: super::PaymentFile = data.read(super::FILE).unwrap();
        let words = crate::lexicon::Lexicon::load(&data, super::FILE);
        assert!(words.is_ok());
        for mark in &file.mark {
            let kinds = file.kinds.values().filter(|codes| codes.contains(&mark.channel));
            assert_eq!(kinds.count(), 1, "{}", mark.channel);
        }
        let listed = file
            .relays
            .iter()
            .chain(&file.untraceable)
            .chain(&file.wallets_and_gateways);
        for code in listed {
            assert!(file.kinds.values().any(|codes| codes.contains(code)), "{code}");
        }
    }

    #[test]
    fn money_to_a_person_is_told_from_money_to_a_merchant() {
        for (line, only, personal, relay, off_site) in [
            ("p 仅支持USDT", true, false, false, false),
            ("p 扫码转账到个人收款码，付款后联系客服", true, true, false, false),
            ("p 支持USDT，支付宝扫码支付", false, false, false, false),
            ("p 易支付通道", false, false, true, false),
            ("p 加QQ付款，量大从优", false, false, false, true),
            ("p 添加客服索取付款二维码", false, false, false, true),
            (
                "p 付款请扫店主个人收款码（微信/支付宝均可）",
                true,
                true,
                false,
                false,
            ),
            ("p 付完发截图到飞机群登记", false, false, false, true),
            ("p 谨防私下交易，不要加QQ付款", false, false, false, false),
            (
                "p 请转账至：农业银行 张** 尾号6610的个人账户",
                true,
                true,
                false,
                false,
            ),
            ("p 对公转账：某某公司账户", false, false, false, false),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            let got = [
                "payment.untraceable_only",
                "payment.personal_code",
                "payment.aggregator",
                "payment.off_site",
            ]
            .map(|name| facts.is(name));
            assert_eq!(
                got,
                [Some(only), Some(personal), Some(relay), Some(off_site)],
                "{line}"
            );
        }
    }
}
