//! Contact: by what ways the site says it can be reached.
//!
//! Reads `data/contact.toml` and `data/areas.toml`. Numbers are read from single lines and from links, never joined across blocks. On articles
//! and forums only headers, footers and overlays count, since their text names other people's numbers. Values
//! that shop programs ship with are noted as placeholders and are no channel. Only what a site publishes as its
//! own contact is kept.

mod areas;

use std::collections::BTreeMap;

use serde::Deserialize;

use self::areas::Areas;
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
        "contact.wechat",
        List,
        Trivial,
        "WeChat accounts shown, sorted; empty when none; placeholders do not count",
    ),
    FactSpec::new(
        "contact.telegram",
        List,
        Trivial,
        "Telegram accounts shown, sorted, lower case; empty when none",
    ),
    FactSpec::new(
        "contact.qq_groups",
        List,
        Trivial,
        "QQ groups shown, sorted: their numbers, or the keys of links to join them; empty when none",
    ),
    FactSpec::new(
        "contact.masked",
        Bool,
        Trivial,
        "a contact with signs replaced by stars is shown (加q:56793.***6); unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.landline_provinces",
        List,
        Trivial,
        "codes of the provinces (two digits of GB/T 2260) that the area codes of landlines shown belong to; empty when none",
    ),
    FactSpec::new(
        "contact.address_provinces",
        List,
        Trivial,
        "codes of the provinces that postal addresses shown name; empty when none; Hong Kong, Macau, Taiwan and foreign countries have none",
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
    masked: Masked,
}

/// Contacts with signs replaced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Masked {
    pattern: String,
    not_beside: Vec<String>,
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
    masked: TextPattern,
    not_masked: Vec<String>,
    areas: Areas,
    words: Lexicon,
}

/// One contact as read.
#[derive(Debug)]
struct Found {
    channel: String,
    value: String,
    /// Whether the value is the account, not just a word or address that says there is one.
    named: bool,
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
            masked: TextPattern::new(&file.masked.pattern).map_err(|err| DataFiles::bad(FILE, err))?,
            not_masked: file.masked.not_beside,
            areas: Areas::load(data)?,
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
        for (name, channel) in [
            ("contact.qq", "qq"),
            ("contact.wechat", "wechat"),
            ("contact.telegram", "telegram"),
            ("contact.qq_groups", "qq_group"),
        ] {
            reading.say_list(facts, name, seen, &accounts(&real, channel));
        }
        let landlines = of_provinces(&real, "landline", |value| self.areas.of_landline(value));
        reading.say_list(facts, "contact.landline_provinces", seen, &landlines);
        let addresses = of_provinces(&real, "address", |value| self.areas.of_address(value));
        reading.say_list(facts, "contact.address_provinces", seen, &addresses);
        reading.say_seen(facts, "contact.masked", seen, self.masked(reading));
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
            let form = if within == Within::Image {
                line.joined.clone()
            } else {
                line.lower.dialled()
            };
            let text = form.text();
            let likely = |pattern: &&Pattern| pattern.within == within && pattern.regex.may_be_in(&form);
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
                    let place = place_of(page, line, form.snippet(value.range(), 12));
                    found.push(Found {
                        channel: pattern.channel.clone(),
                        value: value.as_str().trim().to_owned(),
                        named: caught.name("v").is_some(),
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
                    named: !value.is_empty(),
                    place,
                });
            }
        }
        found
    }

    /// Contacts with signs replaced, except the names of buyers in feeds of orders.
    fn masked(&self, reading: &Reading<'_>) -> Vec<Place> {
        let mut found = Vec::new();
        for page in &reading.pages {
            let own = |line: &&Line| reading.speaks(page) || line.region != Region::Main;
            for line in page.lines.iter().filter(|line| may_hold(page, line)).filter(own) {
                let text = line.lower.text();
                if !text.contains("**") || self.not_masked.iter().any(|word| text.contains(word.as_str())) {
                    continue;
                }
                let hit = self.masked.find(text);
                found.extend(hit.map(|hit| place_of(page, line, line.lower.snippet(hit.range(), 12))));
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

/// Accounts of one channel.
fn accounts(real: &[Found], channel: &str) -> Vec<(String, Place)> {
    let of = real
        .iter()
        .filter(|found| found.channel == channel && found.named);
    of.map(|found| {
        let account = if channel == "telegram" {
            found.value.to_lowercase()
        } else {
            found.value.clone()
        };
        (account, found.place.clone())
    })
    .collect()
}

/// Provinces that the contacts of one channel name.
fn of_provinces<'a>(
    real: &[Found],
    channel: &str,
    province: impl Fn(&str) -> Option<&'a str>,
) -> Vec<(String, Place)> {
    real.iter()
        .filter(|found| found.channel == channel)
        .filter_map(|found| Some((province(&found.value)?.to_owned(), found.place.clone())))
        .collect()
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
mod tests;
