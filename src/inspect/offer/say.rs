//! Say: states the facts of offers, or why there are none to be read.
//!
//! That a shop has no goods is said only when the place where they stand was read: not when pages of goods were left out,
//! not when goods are drawn by script from data that could not be had.

use std::collections::BTreeMap;

use super::Offers;
use super::compare::{Compared, Look};
use super::goods::{Goods, Offer, Spot, places};
use crate::evidence::{GapReason, Role};
use crate::facts::Fakeability::{Cheap, Trivial};
use crate::facts::Kind::{Bool, Int, List, Number};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::inspect::reading::{Line, PageReading, Reading};
use crate::lexicon::joined;
use crate::page::{Hidden, HiddenKind, Region};

/// Where in a gap's detail it says that goods are meant; written by the crawl.
const GOODS_GAP: &str = "products are drawn by script";
/// Kind of goods whose name says nothing.
const NO_KIND: &str = "other";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "offer.count",
        Int,
        Trivial,
        "goods with a price that could be read, doubles merged; 0 only when the place of the goods was read",
    ),
    FactSpec::new(
        "offer.kinds",
        List,
        Trivial,
        "kinds among them: q_coin, phone_credit, data_plan, fuel_card, gift_card, game_card, membership, software_key, account, service, other; empty when none",
    ),
    FactSpec::new(
        "offer.brands",
        List,
        Trivial,
        "codes of the brands named among them; empty when none",
    ),
    FactSpec::new(
        "offer.comparable",
        Int,
        Trivial,
        "how many of them could be compared with a face value or a dated official price",
    ),
    FactSpec::new(
        "offer.lowest_ratio",
        Number,
        Trivial,
        "lowest price over face value among Q coins, phone credit, fuel cards, gift cards; unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.q_coin_ratio",
        Number,
        Trivial,
        "lowest price over face value among Q coins; unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.phone_credit_ratio",
        Number,
        Trivial,
        "lowest price over face value among phone credit, slow top-ups included; unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.fuel_card_ratio",
        Number,
        Trivial,
        "lowest price over face value among fuel cards; unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.gift_card_ratio",
        Number,
        Trivial,
        "lowest price over face value among gift cards in yuan; unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.game_card_ratio",
        Number,
        Trivial,
        "lowest price over face value among game cards in yuan; unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.membership_ratio",
        Number,
        Trivial,
        "lowest price over the brand's own dated price of the same term among memberships, shared and trial ones left out; unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.below_share",
        Number,
        Trivial,
        "share, 0 to 1, of comparable goods that cost less than the limit of their kind (data/offers.toml); unsaid when none is comparable",
    ),
    FactSpec::new(
        "offer.impossible_stock",
        Bool,
        Trivial,
        "shows a stock counter that no shop has (data/offers.toml says from where)",
    ),
    FactSpec::new(
        "offer.impossible_sales",
        Bool,
        Trivial,
        "shows a sales counter that cannot be, or the same one on every product (data/offers.toml)",
    ),
    FactSpec::new(
        "offer.sources",
        List,
        Trivial,
        "where goods were read: card, table, product_page, form, inline_json, endpoint; empty when none",
    ),
    FactSpec::new(
        "offer.scripted",
        Bool,
        Cheap,
        "goods are drawn by script and were in no page, nor in JSON that could be read",
    ),
];

impl Offers {
    pub(super) fn say_goods(&self, goods: &Goods<'_>, facts: &mut Facts) {
        let list = &goods.list;
        let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
        facts.say("offer.count", count, Firmness::WellFormed, places(list.iter()));
        let kinds = list.iter().map(|offer| (kind_of(offer), &offer.spot));
        say_codes(facts, "offer.kinds", kinds);
        let looks: Vec<Look<'_>> = list.iter().map(|offer| self.compare.look(offer)).collect();
        let brands = list.iter().zip(&looks).flat_map(|(offer, look)| {
            let named = self.brands.named(&offer.text).into_iter();
            named.chain(look.brand).map(|brand| (brand, &offer.spot))
        });
        say_codes(facts, "offer.brands", brands);
        let sources = goods.sources.iter().map(|(source, spot)| (source.code(), spot));
        say_codes(facts, "offer.sources", sources);
        facts.say("offer.scripted", false, Firmness::WellFormed, Vec::new());
        self.say_counters(list, facts);
        say_ratios(list, &looks, facts);
    }

    fn say_counters(&self, list: &[Offer<'_>], facts: &mut Facts) {
        let limits = &self.counters;
        let too_many = |offer: &&Offer<'_>| offer.stock.is_some_and(|stock| stock >= limits.stock_from);
        let stock = places(list.iter().filter(too_many));
        facts.say(
            "offer.impossible_stock",
            !stock.is_empty(),
            Firmness::WellFormed,
            stock,
        );
        let too_many = |offer: &&Offer<'_>| offer.sold.is_some_and(|sold| sold >= limits.sold_from);
        let sold = list.iter().filter(too_many);
        let mut counters = list.iter().filter_map(|offer| offer.sold);
        let first = counters.next().unwrap_or_default();
        let counted = 1 + counters.clone().count();
        let all = counters.all(|sold| (sold - first).abs() < 0.5);
        let same =
            all && first >= limits.same_from && counted >= limits.same_least && counted * 2 >= list.len();
        let same = list.iter().filter(|offer| same && offer.sold.is_some());
        let sold = places(sold.chain(same));
        facts.say(
            "offer.impossible_sales",
            !sold.is_empty(),
            Firmness::WellFormed,
            sold,
        );
    }

    /// Says that there are no goods, or why none could be read.
    pub(super) fn say_none(&self, reading: &Reading<'_>, facts: &mut Facts) {
        if let Some((reason, detail, place)) = self.drawn_by_script(reading) {
            facts.say(
                "offer.scripted",
                true,
                Firmness::WellFormed,
                place.into_iter().collect(),
            );
            facts.detail("offer.scripted", detail.clone());
            return cannot_say(facts, reason.code(), &detail);
        }
        if let Some((reason, detail)) = &reading.silence {
            return cannot_say(facts, reason, detail);
        }
        let left_out = reading
            .evidence
            .unread
            .iter()
            .find(|unread| matches!(unread.role, Role::Products | Role::Product | Role::Data));
        if let Some(unread) = left_out.filter(|_| reading.kind.may_offer()) {
            return cannot_say(
                facts,
                unread.reason.code(),
                &format!("{}: {}", unread.url, unread.detail),
            );
        }
        for name in ["offer.count", "offer.comparable"] {
            facts.say(name, 0, Firmness::WellFormed, Vec::new());
        }
        for name in ["offer.kinds", "offer.brands", "offer.sources"] {
            facts.say(name, Vec::new(), Firmness::WellFormed, Vec::new());
        }
        for name in [
            "offer.impossible_stock",
            "offer.impossible_sales",
            "offer.scripted",
        ] {
            facts.say(name, false, Firmness::WellFormed, Vec::new());
        }
    }

    /// Why goods that the site draws by script could not be read, and where that shows.
    fn drawn_by_script(&self, reading: &Reading<'_>) -> Option<(GapReason, String, Option<Place>)> {
        let evidence = reading.evidence;
        if let Some(gap) = evidence.gaps.iter().find(|gap| gap.detail.starts_with(GOODS_GAP)) {
            return Some((
                gap.reason,
                format!("{}: {}", gap.what, gap.detail),
                Some(Place::new(&*gap.what, "address", "")),
            ));
        }
        if let Some(unread) = evidence.unread.iter().find(|unread| unread.role == Role::Data) {
            let place = Place::new(&*unread.url, "address", "");
            return Some((
                unread.reason,
                format!("{}: {}", unread.url, unread.detail),
                Some(place),
            ));
        }
        let place = self.mark_of_script(reading)?;
        let detail = format!("{}: {GOODS_GAP}", place.url);
        Some((GapReason::EmptyJsApp, detail, Some(place)))
    }

    /// Where a page shows that its goods are drawn by script.
    fn mark_of_script(&self, reading: &Reading<'_>) -> Option<Place> {
        let lists = |page: &&PageReading<'_>| {
            let empty = page.page.visible_chars() < reading.marks().limits.silent_chars;
            // The last lines of a page without a footer of its own are taken for one.
            let shown = |line: &Line| matches!(line.region, Region::Main | Region::Footer);
            let named = |line: &Line| shown(line) && self.beside.is_match(line.joined.text());
            let asks = |hidden: &Hidden| {
                hidden.kind == HiddenKind::Noscript && self.beside.is_match(&joined(&hidden.text))
            };
            reading.speaks(page)
                && (empty || page.lines.iter().any(named) || page.page.hidden.iter().any(asks))
        };
        reading.pages.iter().filter(lists).find_map(|page| {
            let code = |kind: HiddenKind| {
                matches!(
                    kind,
                    HiddenKind::Script | HiddenKind::Template | HiddenKind::Noscript
                )
            };
            let hidden = page.page.hidden.iter().filter(|hidden| code(hidden.kind));
            let texts = hidden.map(|hidden| hidden.text.as_str());
            let texts = texts.chain(page.page.resources.iter().map(String::as_str));
            let text = texts
                .into_iter()
                .find_map(|text| Some((text, self.scripted.find(text)?)))?;
            let shown = text.0.get(text.1.range()).unwrap_or_default();
            Some(Place::new(&page.seen.final_url, "script", shown))
        })
    }
}

fn say_ratios(list: &[Offer<'_>], looks: &[Look<'_>], facts: &mut Facts) {
    let compared = list
        .iter()
        .zip(looks)
        .filter_map(|(offer, look)| Some((offer, look.compared?)));
    let mut compared: Vec<(&Offer<'_>, Compared<'_>)> = compared.collect();
    compared.sort_by(|a, b| a.1.ratio.total_cmp(&b.1.ratio));
    let count = i64::try_from(compared.len()).unwrap_or(i64::MAX);
    let all = places(compared.iter().map(|(offer, _)| *offer));
    facts.say("offer.comparable", count, Firmness::WellFormed, all);
    if compared.is_empty() {
        return;
    }
    let strict = |offer: &Offer<'_>| offer.kind.is_some_and(|row| row.strict);
    say_lowest(
        facts,
        "offer.lowest_ratio",
        compared.iter().find(|(offer, _)| strict(offer)),
    );
    for kind in [
        "q_coin",
        "phone_credit",
        "fuel_card",
        "gift_card",
        "game_card",
        "membership",
    ] {
        let lowest = compared.iter().find(|(offer, _)| kind_of(offer) == kind);
        say_lowest(facts, &format!("offer.{kind}_ratio"), lowest);
    }
    let below = compared.iter().filter(|(offer, compared)| {
        let flag = offer.kind.and_then(|row| row.flag);
        flag.is_some_and(|flag| compared.ratio < flag)
    });
    facts.say(
        "offer.below_share",
        share(below.clone().count(), compared.len()),
        Firmness::WellFormed,
        places(below.map(|(offer, _)| *offer)),
    );
}

/// The code of an offer's kind.
fn kind_of<'a>(offer: &Offer<'a>) -> &'a str {
    offer.code().unwrap_or(NO_KIND)
}

/// States codes in order, the place of each at its number.
fn say_codes<'c, 's, 'a: 's>(
    facts: &mut Facts,
    name: &str,
    codes: impl Iterator<Item = (&'c str, &'s Spot<'a>)>,
) {
    let mut first: BTreeMap<&str, &Spot<'_>> = BTreeMap::new();
    for (code, spot) in codes {
        first.entry(code).or_insert(spot);
    }
    let (list, places): (Vec<String>, Vec<Place>) = first
        .into_iter()
        .map(|(code, spot)| (code.to_owned(), spot.place()))
        .unzip();
    facts.say(name, list, Firmness::WellFormed, places);
}

fn say_lowest(facts: &mut Facts, name: &str, lowest: Option<&(&Offer<'_>, Compared<'_>)>) {
    if let Some((offer, compared)) = lowest {
        facts.say(
            name,
            compared.ratio,
            Firmness::WellFormed,
            vec![offer.spot.place()],
        );
        facts.detail(
            name,
            format!("{} {} against {}", offer.name(), offer.price, compared.with),
        );
    }
}

fn cannot_say(facts: &mut Facts, reason: &str, detail: &str) {
    for spec in FACTS {
        facts.cannot_say(spec.name, reason, detail);
    }
}

/// A part of a whole, rounded to three decimals.
fn share(part: usize, whole: usize) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    (count(part) / count(whole.max(1)) * 1000.0).round() / 1000.0
}
