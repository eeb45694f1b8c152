//! Goods: what kinds of goods the site sells, which of them are gray, and whether it serves gambling.
//!
//! Reads `data/goods.toml`. Only the site's own offers count, so a list of forbidden goods, a warning or a
//! denial names nothing that is sold. On sites that do not sell the lists are empty.

use super::reading::{Reading, Sighting, places};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness};
use crate::lexicon::Lexicon;

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
    FactSpec::new("goods.gambling", Bool, Trivial, "offers or tops up gambling; unsaid when the home page was not read"),
];

/// Reads goods.
#[derive(Debug)]
pub struct Goods {
    words: Lexicon,
}

impl WordInspector for Goods {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        Ok(Self { words: Lexicon::load(data, "goods.toml")? })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen: Vec<Sighting<'_>> =
            if reading.sells { reading.own(&self.words) } else { Vec::new() };
        let codes = |group: &str| {
            let of = seen.iter().filter_map(|sighting| Some((sighting.id.strip_prefix(group)?, sighting)));
            of.map(|(code, sighting)| (code.to_owned(), sighting.place())).collect()
        };
        reading.say_list(facts, "goods.kinds", Firmness::WellFormed, codes("kind:"));
        reading.say_list(facts, "goods.gray", Firmness::WellFormed, codes("gray:"));
        reading.say_seen(facts, "goods.gambling", Firmness::WellFormed, places(&seen, "gambling"));
    }
}
