//! Order: whether a buyer can follow an order, complain about it, and learn how money and delivery are handled.
//!
//! Reads `data/orders.toml`. A look-up is a form or a live link (a dead `#` is none), or its page that was read.
//! Custody is a claim; a named institution is noted beside it. Nothing is ordered or looked up.

use serde::Deserialize;

use super::reading::{Reading, Sighting, places};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, joined};
use crate::page::{Form, Link};

const FILE: &str = "orders.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "order.query",
        Bool,
        Trivial,
        "an order look-up exists: a form, a live link or its page; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "order.status_words",
        List,
        Trivial,
        "delivery states shown: unpaid, pending, paid, sent_to_supplier, supplier_processing, supplier_refused, delivered, closed, payment_failed, not_found, failed, processing, refunding, refunded; empty when none",
    ),
    FactSpec::new(
        "order.complaint_channel",
        Bool,
        Trivial,
        "a form, link, phone or other channel for complaints or after-sales is shown; unsaid when the home page was not read",
    ),
    FactSpec::new("order.custody_claimed", Bool, Trivial, "escrow or custody of money is claimed; unsaid when the home page was not read"),
    FactSpec::new(
        "order.custody_named",
        Bool,
        Trivial,
        "the claim of custody names a bank or licensed institution; only said when custody is claimed",
    ),
    FactSpec::new(
        "order.delay_warned",
        Bool,
        Trivial,
        "admits delays or lost orders as normal; unsaid when the home page was not read",
    ),
    FactSpec::new("order.supplier_named", Bool, Trivial, "names a company it is supplied by; unsaid when the home page was not read"),
    FactSpec::new("order.reconciliation", Bool, Trivial, "says how orders are reconciled; unsaid when the home page was not read"),
];

#[derive(Debug, Deserialize)]
struct OrderFile {
    query_fields: Vec<String>,
    query_addresses: Vec<String>,
    query_texts: Vec<String>,
    complaint_texts: Vec<String>,
    complaint_addresses: Vec<String>,
}

/// Reads order-tracking signs.
#[derive(Debug)]
pub struct Order {
    words: Lexicon,
    file: OrderFile,
}

impl WordInspector for Order {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut file: OrderFile = data.read(FILE)?;
        for list in [&mut file.query_texts, &mut file.complaint_texts] {
            list.iter_mut().for_each(|text| *text = joined(text));
        }
        Ok(Self { words: Lexicon::load(data, FILE)?, file })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = reading.own(&self.words);
        let firm = Firmness::WellFormed;
        reading.say_seen(facts, "order.query", firm, self.queries(reading));
        let states = seen.iter().filter_map(|sighting| Some((sighting.id.strip_prefix("status:")?, sighting)));
        let states = if reading.sells { states.map(|(code, seen)| (code.to_owned(), seen.place())).collect() } else { Vec::new() };
        reading.say_list(facts, "order.status_words", firm, states);
        let mut complaints = places(&seen, "complaint");
        complaints.extend(self.complaint_links(reading));
        reading.say_seen(facts, "order.complaint_channel", firm, complaints);
        say_custody(reading, &seen, facts);
        for (name, id) in [
            ("order.delay_warned", "delay"),
            ("order.supplier_named", "supplier"),
            ("order.reconciliation", "reconciliation"),
        ] {
            reading.say_seen(facts, name, firm, places(&seen, id));
        }
    }
}

impl Order {
    fn queries(&self, reading: &Reading<'_>) -> Vec<Place> {
        let mut found = Vec::new();
        for page in reading.pages.iter().filter(|page| reading.speaks(page)) {
            if page.seen.role == Role::OrderQuery {
                found.push(Place::new(&page.seen.final_url, "title", &page.page.title));
            }
            let form = page.page.forms.iter().find(|form| self.is_query(form));
            found.extend(form.map(|form| Place::new(&page.seen.final_url, "form", &form.action)));
            let link = page.page.links.iter().find(|link| is_live(link) && self.leads_to_query(link));
            found.extend(link.map(|link| Place::new(&page.seen.final_url, "link", &format!("{} {}", link.text, link.href))));
        }
        found
    }

    fn is_query(&self, form: &Form) -> bool {
        let fields = &self.file.query_fields;
        let named = form.fields.iter().any(|field| fields.contains(&field.name.to_ascii_lowercase()));
        named || holds(&form.action, &self.file.query_addresses)
    }

    fn leads_to_query(&self, link: &Link) -> bool {
        let text = joined(&link.text);
        self.file.query_texts.iter().any(|word| text.contains(word.as_str()))
    }

    fn complaint_links(&self, reading: &Reading<'_>) -> Vec<Place> {
        let mut found = Vec::new();
        for page in reading.pages.iter().filter(|page| reading.speaks(page)) {
            let links = page.page.links.iter().filter(|link| is_live(link) && on_site(reading, link));
            found.extend(links.filter(|link| self.leads_to_complaint(link)).map(|link| {
                Place::new(&page.seen.final_url, "link", &format!("{} {}", link.text, link.href))
            }));
            let forms = page.page.forms.iter().filter(|form| holds(&form.action, &self.file.complaint_addresses));
            found.extend(forms.map(|form| Place::new(&page.seen.final_url, "form", &form.action)));
        }
        found
    }

    fn leads_to_complaint(&self, link: &Link) -> bool {
        let text = joined(&link.text);
        self.file.complaint_texts.contains(&text) || holds(&link.href, &self.file.complaint_addresses)
    }
}

/// Custody claimed, and whether the claim names who holds the money.
fn say_custody(reading: &Reading<'_>, seen: &[Sighting<'_>], facts: &mut Facts) {
    let claims: Vec<&Sighting<'_>> = seen.iter().filter(|sighting| sighting.id == "custody").collect();
    let named = seen.iter().filter(|sighting| sighting.id == "_institution");
    let named: Vec<Place> = named
        .filter(|name| claims.iter().any(|claim| std::ptr::eq(claim.line, name.line)))
        .map(Sighting::place)
        .collect();
    if !claims.is_empty() {
        reading.say_seen(facts, "order.custody_named", Firmness::Claimed, named);
    }
    let places = claims.iter().map(|claim| claim.place()).collect();
    reading.say_seen(facts, "order.custody_claimed", Firmness::Claimed, places);
}

fn is_live(link: &Link) -> bool {
    link.visible && link.url.is_some()
}

/// Whether a link stays on the site: an outside complaint authority is no channel of the shop.
fn on_site(reading: &Reading<'_>, link: &Link) -> bool {
    let url = link.url.as_deref().and_then(|url| url::Url::parse(url).ok());
    url.is_some_and(|url| reading.evidence.site.holds(&url))
}

fn holds(address: &str, marks: &[String]) -> bool {
    let lower = address.to_ascii_lowercase();
    marks.iter().any(|mark| lower.contains(mark.as_str()))
}
