//! Payment: by which channels buyers are asked to pay.
//!
//! Reads `data/payment.toml`: words in the site's own offers, and marks in forms, links, scripts and pictures. Only
//! sites that sell are read, so a gateway's documentation is no shop's payment page. Transfers to a person are read
//! before the wallets they name. It follows no payment address and orders nothing.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::reading::{PageReading, Reading, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::Lexicon;

const FILE: &str = "payment.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "payment.channels",
        List,
        Trivial,
        "payment channels shown: alipay, wechat_pay, qq_wallet, bank_card, unionpay, balance, epay, codepay, vmq, paysapi, payjs, xunhupay, personal_code, usdt, gift_code, paypal, stripe, other_gateway; empty when none is shown",
    ),
    FactSpec::new("payment.seen", Bool, Trivial, "any payment channel is shown; unsaid when the home page was not read"),
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
    FactSpec::new("payment.off_site", Bool, Trivial, "asks to pay or order with a person in chat; unsaid when the home page was not read"),
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
    wallets_and_gateways: BTreeSet<String>,
    untraceable: BTreeSet<String>,
    relays: BTreeSet<String>,
    relay_fields: Vec<String>,
    mark: Vec<Mark>,
}

/// Reads payment channels.
#[derive(Debug)]
pub struct Payment {
    words: Lexicon,
    file: PaymentFile,
}

impl WordInspector for Payment {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self { words: Lexicon::load(data, FILE)?, file: data.read(FILE)? })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = if reading.sells { reading.own(&self.words) } else { Vec::new() };
        let words = seen.iter().filter_map(|sighting| Some((sighting.id.strip_prefix("channel:")?, sighting)));
        let mut channels: Vec<(String, Place)> =
            words.map(|(channel, sighting)| (channel.to_owned(), sighting.place())).collect();
        let personal = places(&seen, "personal");
        channels.extend(personal.iter().map(|place| ("personal_code".to_owned(), place.clone())));
        if reading.sells {
            channels.extend(reading.pages.iter().flat_map(|page| self.marks_on(page)));
        }
        let of = |set: &BTreeSet<String>| -> Vec<Place> {
            channels.iter().filter(|(channel, _)| set.contains(channel)).map(|(_, place)| place.clone()).collect()
        };
        let firm = Firmness::WellFormed;
        let untraceable = of(&self.file.untraceable);
        let only = if of(&self.file.wallets_and_gateways).is_empty() { untraceable } else { Vec::new() };
        if reading.may_deny() {
            reading.say_seen(facts, "payment.untraceable_only", firm, only);
        } else {
            reading.silent(facts, "payment.untraceable_only");
        }
        reading.say_seen(facts, "payment.seen", firm, channels.iter().map(|(_, place)| place.clone()).collect());
        reading.say_seen(facts, "payment.aggregator", firm, of(&self.file.relays));
        reading.say_seen(facts, "payment.personal_code", firm, personal);
        reading.say_seen(facts, "payment.off_site", firm, places(&seen, "off_site"));
        reading.say_list(facts, "payment.channels", firm, channels);
    }
}

impl Payment {
    /// Channels that the machinery of a page gives away.
    fn marks_on(&self, page: &PageReading<'_>) -> Vec<(String, Place)> {
        let mut found = Vec::new();
        let mut look = |spot: Spot, name: &str, address: &str| {
            let lower = address.to_ascii_lowercase();
            let holds = |mark: &&Mark| mark.within.contains(&spot) && mark.texts.iter().any(|text| lower.contains(text));
            for mark in self.file.mark.iter().filter(holds) {
                found.push((mark.channel.clone(), Place::new(&page.seen.final_url, name, address)));
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
        page.page.resources.iter().for_each(|url| look(Spot::Script, "script", url));
        page.page.frames.iter().for_each(|url| look(Spot::Frame, "frame", url));
        if let Some(form) = page.page.forms.iter().find(|form| self.is_relay(form)) {
            found.push(("epay".to_owned(), Place::new(&page.seen.final_url, "form", &form.action)));
        }
        found
    }

    fn is_relay(&self, form: &crate::page::Form) -> bool {
        self.file.relay_fields.iter().all(|name| form.fields.iter().any(|field| field.name == *name))
    }
}
