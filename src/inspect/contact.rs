//! Contact: by what ways the site says it can be reached.
//!
//! Reads `data/contact.toml`. Numbers are read from single lines and from links, never joined across blocks. On articles
//! and forums only headers, footers and overlays count, since their text names other people's numbers. Values
//! that shop programs ship with are noted as placeholders and are no channel. Only what a site publishes as its
//! own contact is kept.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reading::{Line, PageReading, Reading, place_of, places};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, Part};
use crate::page::Region;
use crate::text::{Letters, Pattern as TextPattern};

const FILE: &str = "contact.toml";
/// Most contacts that are kept of one page.
const MAX_FOUND: usize = 200;
const CHAT: [&str; 4] = ["qq", "qq_group", "wechat", "telegram"];
const FIRM: [&str; 5] = ["phone", "landline", "hotline", "email", "address"];

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "contact.channels",
        List,
        Trivial,
        "ways of contact shown: qq, qq_group, wechat, telegram, phone, landline, hotline, email, address, online_chat; empty when the home page was read and none is shown; placeholders do not count",
    ),
    FactSpec::new(
        "contact.any",
        Bool,
        Trivial,
        "any way of contact is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.chat_only",
        Bool,
        Trivial,
        "a chat account (QQ, group, WeChat, Telegram) is shown and no phone, landline, hotline, e-mail or address; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.phone",
        Bool,
        Trivial,
        "a mobile, landline or hotline number is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.address",
        Bool,
        Trivial,
        "a postal address is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.email",
        Bool,
        Trivial,
        "an e-mail address is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.placeholder",
        Bool,
        Trivial,
        "a contact that shop programs ship with is shown (QQ 123456789, demo@demo.com); unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.qq",
        List,
        Trivial,
        "QQ numbers shown, sorted; empty when none",
    ),
    FactSpec::new(
        "contact.hours",
        Bool,
        Trivial,
        "service hours or a time to answer are stated; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.moved_domains",
        Bool,
        Trivial,
        "announces changing domains or addresses to find the site again; unsaid when the home page was not read",
    ),
];

#[derive(Debug, Deserialize)]
struct ContactFile {
    pattern: Vec<RawPattern>,
    placeholders: BTreeMap<String, Vec<String>>,
    others: Others,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPattern {
    channel: String,
    #[serde(rename = "in")]
    within: Within,
    pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Within {
    Text,
    Link,
    Image,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Others {
    email_hosts: Vec<String>,
    not_before: Vec<String>,
}

#[derive(Debug)]
struct Pattern {
    channel: String,
    within: Within,
    regex: TextPattern,
}

/// Reads contacts.
#[derive(Debug)]
pub struct Contact {
    patterns: Vec<Pattern>,
    placeholders: BTreeMap<String, Vec<String>>,
    others: Others,
    words: Lexicon,
}

/// One contact as read.
#[derive(Debug)]
struct Found {
    channel: String,
    value: String,
    place: Place,
}

impl WordInspector for Contact {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: ContactFile = data.read(FILE)?;
        let compile = |raw: RawPattern| {
            let regex = TextPattern::new(&raw.pattern).map_err(|err| DataFiles::bad(FILE, err))?;
            Ok(Pattern {
                channel: raw.channel,
                within: raw.within,
                regex,
            })
        };
        let patterns = file
            .pattern
            .into_iter()
            .map(compile)
            .collect::<Result<_, DataError>>()?;
        Ok(Self {
            patterns,
            placeholders: file.placeholders,
            others: file.others,
            words: Lexicon::load(data, FILE)?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let found: Vec<Found> = reading.pages.iter().flat_map(|page| self.on_page(page)).collect();
        let (fillers, real): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|found| self.is_placeholder(found));
        let of = |channels: &[&str]| -> Vec<Place> {
            real.iter()
                .filter(|found| channels.contains(&found.channel.as_str()))
                .map(|found| found.place.clone())
                .collect()
        };
        let seen = Firmness::WellFormed;
        let codes: Vec<(String, Place)> = real
            .iter()
            .map(|found| (found.channel.clone(), found.place.clone()))
            .collect();
        reading.say_list(facts, "contact.channels", seen, &codes);
        reading.say_seen(
            facts,
            "contact.any",
            seen,
            real.iter().map(|found| found.place.clone()).collect(),
        );
        let chat_only = if of(&FIRM).is_empty() {
            of(&CHAT)
        } else {
            Vec::new()
        };
        if reading.may_deny() {
            reading.say_seen(facts, "contact.chat_only", seen, chat_only);
        } else {
            reading.silent(facts, "contact.chat_only");
        }
        reading.say_seen(
            facts,
            "contact.phone",
            seen,
            of(&["phone", "landline", "hotline"]),
        );
        reading.say_seen(facts, "contact.address", seen, of(&["address"]));
        reading.say_seen(facts, "contact.email", seen, of(&["email"]));
        reading.say_seen(
            facts,
            "contact.placeholder",
            seen,
            fillers.into_iter().map(|found| found.place).collect(),
        );
        let numbers = real.iter().filter(|found| found.channel == "qq");
        let numbers: Vec<(String, Place)> = numbers
            .map(|found| (found.value.clone(), found.place.clone()))
            .collect();
        reading.say_list(facts, "contact.qq", seen, &numbers);
        let words = reading.own(&self.words);
        reading.say_seen(facts, "contact.hours", seen, places(&words, "hours"));
        reading.say_seen(facts, "contact.moved_domains", seen, places(&words, "moved"));
    }
}

impl Contact {
    fn on_page(&self, page: &PageReading<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for line in page.lines.iter().filter(|line| may_hold(page, line)) {
            let within = if line.part == Part::Image {
                Within::Image
            } else {
                Within::Text
            };
            let text = if within == Within::Image {
                line.joined.text()
            } else {
                line.lower.text()
            };
            let likely =
                |pattern: &&Pattern| pattern.within == within && pattern.regex.may_be_in(&line.lower);
            for pattern in self.patterns.iter().filter(likely) {
                for caught in pattern
                    .regex
                    .captures_iter(text)
                    .take(MAX_FOUND.saturating_sub(found.len()))
                {
                    let Some(value) = caught.name("v").or_else(|| caught.get(0)) else {
                        continue;
                    };
                    let head = text.get(..value.start()).unwrap_or_default();
                    if self.belongs_elsewhere(head) || taken(&found, &pattern.channel, value.as_str()) {
                        continue;
                    }
                    let form = if within == Within::Image {
                        &line.joined
                    } else {
                        &line.lower
                    };
                    let place = place_of(page, line, form.snippet(value.range(), 12));
                    found.push(Found {
                        channel: pattern.channel.clone(),
                        value: value.as_str().trim().to_owned(),
                        place,
                    });
                }
            }
        }
        found.extend(self.in_links(page));
        found
    }

    fn in_links(&self, page: &PageReading<'_>) -> Vec<Found> {
        let own = |region: Region| page.kind.may_offer() || region != Region::Main;
        let links = page
            .page
            .links
            .iter()
            .filter(|link| link.visible && own(link.region));
        let addresses = links
            .map(|link| ("link", link.href.as_str()))
            .chain(page.page.resources.iter().map(|url| ("script", url.as_str())))
            .chain(page.page.frames.iter().map(|url| ("frame", url.as_str())));
        let mut found = Vec::new();
        for (place, address) in addresses {
            let letters = Letters::of(address);
            let likely =
                |pattern: &&Pattern| pattern.within == Within::Link && pattern.regex.may_hold(&letters);
            for pattern in self.patterns.iter().filter(likely) {
                let Some(caught) = pattern.regex.captures(address) else {
                    continue;
                };
                let value = caught.name("v").map_or("", |value| value.as_str());
                let place = Place::new(&page.seen.final_url, place, address);
                found.push(Found {
                    channel: pattern.channel.clone(),
                    value: value.to_owned(),
                    place,
                });
            }
        }
        found
    }

    /// Whether the words just before a number make it something else.
    fn belongs_elsewhere(&self, head: &str) -> bool {
        let near: String = head
            .chars()
            .rev()
            .take(8)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        self.others
            .not_before
            .iter()
            .any(|word| near.contains(word.as_str()))
    }

    fn is_placeholder(&self, found: &Found) -> bool {
        let plain: String = found
            .value
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')'))
            .collect();
        if found.channel == "email" {
            let host = found.value.rsplit('@').next().unwrap_or_default();
            if self
                .others
                .email_hosts
                .iter()
                .any(|other| host.eq_ignore_ascii_case(other))
            {
                return true;
            }
        }
        self.placeholders.get(&found.channel).is_some_and(|list| {
            list.iter()
                .any(|value| value.eq_ignore_ascii_case(&plain) || value.eq_ignore_ascii_case(&found.value))
        })
    }
}

/// Whether a line can hold the site's own contact.
fn may_hold(page: &PageReading<'_>, line: &Line) -> bool {
    let shown = matches!(line.part, Part::Text | Part::Image) || (line.part == Part::Title);
    let own_page = matches!(
        page.seen.role,
        Role::Contact | Role::About | Role::Licence | Role::Terms
    );
    shown && !line.told && !line.comment && (page.kind.may_offer() || own_page || line.region != Region::Main)
}

/// Whether this very number was read in the same line as another channel already.
fn taken(found: &[Found], channel: &str, value: &str) -> bool {
    found.iter().any(|other| {
        other.value == value && (other.channel == channel || (channel == "qq" && other.channel == "qq_group"))
    })
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    #[test]
    fn each_channel_is_read_where_shops_print_it() {
        for (line, expected) in [
            ("footer 客服QQ：204518837", vec!["qq"]),
            ("footer QQ 204518837", vec!["qq"]),
            ("footer 扣扣：２０４５１８８３７", vec!["qq"]),
            (
                "a https://wpa.qq.com/msgrd?v=3&uin=204518837&site=qq 联系客服",
                vec!["qq"],
            ),
            ("footer QQ群：731204556", vec!["qq_group"]),
            ("a https://qm.qq.com/q/AbCd12 加群", vec!["qq_group"]),
            ("footer 微信：xinghe_kf01", vec!["wechat"]),
            ("img 客服微信二维码", vec!["wechat"]),
            ("a https://t.me/xinghe_kf 飞机", vec!["telegram"]),
            ("footer 手机：138 1203 4456", vec!["phone"]),
            ("footer 电话：0571-55550123", vec!["landline"]),
            ("footer 热线 400-820-5512", vec!["hotline"]),
            ("footer 邮箱 kf@xinghe-shuka.cn", vec!["email"]),
            (
                "footer 地址：浙江省杭州市西湖区文三路88号5幢201室",
                vec!["address"],
            ),
            ("footer 浙江省杭州市滨江区江南大道 100 号", vec!["address"]),
            ("footer 香港九龍彌敦道580號12樓", vec!["address"]),
            (
                "resource https://static.meiqia.com/dist/meiqia.js",
                vec!["online_chat"],
            ),
            ("footer 电话：02-2508-1234", vec!["landline"]),
            ("footer 加 V 信：kmkf_8866", vec!["wechat"]),
            ("footer 企 鹅：204518837", vec!["qq"]),
            ("footer 订单号：20451883700", vec![]),
            ("li QQ会员 30 天", vec![]),
            ("li Q币 10000 个", vec![]),
            ("footer ICP备案 20240818号", vec![]),
            ("footer 版权所有 2019-2026", vec![]),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.list("contact.channels"), expected, "{line}");
            assert_eq!(facts.is("contact.any"), Some(!expected.is_empty()), "{line}");
        }
    }

    #[test]
    fn chat_accounts_alone_are_told_from_firm_contacts() {
        for (line, expected) in [
            ("footer 客服QQ：204518837", true),
            ("footer 客服QQ：204518837 邮箱 kf@xinghe-shuka.cn", false),
            ("footer 邮箱 kf@xinghe-shuka.cn", false),
            ("footer 暂无", false),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.is("contact.chat_only"), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_programs_ship_with_is_no_contact() {
        for line in [
            "footer 客服QQ：123456789",
            "footer 邮箱：demo@demo.com",
            "footer 电话：13800138000",
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(
                (facts.is("contact.placeholder"), facts.is("contact.any")),
                (Some(true), Some(false)),
                "{line}"
            );
            assert!(facts.list("contact.qq").is_empty());
        }
    }

    #[test]
    fn qq_numbers_hours_and_moving_domains_are_kept() {
        let page = format!(
            "{PLAIN_SHOP}\nfooter 客服QQ：604518837 售后QQ：204518837\np 服务时间：9:00-22:00\np 防失联地址发布页，请收藏备用域名"
        );
        let facts = facts("shop.example.com", &[&page]);
        assert_eq!(facts.list("contact.qq"), ["204518837", "604518837"]);
        assert_eq!(
            (facts.is("contact.hours"), facts.is("contact.moved_domains")),
            (Some(true), Some(true))
        );
        let plain = crate::inspect::fixture::facts("shop.example.com", &[PLAIN_SHOP]);
        assert_eq!(
            (plain.is("contact.hours"), plain.is("contact.moved_domains")),
            (Some(false), Some(false))
        );
    }
}
