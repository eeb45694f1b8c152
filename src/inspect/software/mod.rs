//! Software: which shop program the site runs, what it left unset, and what its templates print everywhere.
//!
//! Reads `data/software.toml` (marks bound to parts of the page) and `data/residue.toml`. Each mark has a weight; a
//! program is named when its different marks together are enough. Neutral in itself: anyone may run these programs.
//! `fingerprints` weighs marks, `pieces` cuts pages for it, `residue` finds what belongs to the program instead of the
//! shop, `gathered` tells which pieces are worth a search, `closed` reads notices that stand in place of a shop, `supply` knows the systems that shops draw their goods from. It asks for no page and tries no path.

mod closed;
mod fingerprints;
mod gathered;
mod pieces;
mod residue;
mod supply;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use self::closed::Closed;
use self::fingerprints::{Fingerprints, Piece, Program, Programs, Theme};
use self::pieces::Datum;
use self::residue::Residue;
use self::supply::{Supplies, Supply};
use super::reading::{PageReading, Reading};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::{Cheap, Trivial};
use crate::facts::Kind::{Bool, List, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};

const FILE: &str = "software.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "software.name",
        Text,
        Cheap,
        "code of the shop program: dujiaoka, dujiao_next, acg_faka, kamifaka, zfaka, card_system, caihong, fakanet, qs_faka, linlinqi, juheshe, epay, vmq, epusdt, …; unsaid when none is recognised",
    ),
    FactSpec::new(
        "software.version",
        Text,
        Trivial,
        "version the program shows; unsaid when it shows none",
    ),
    FactSpec::new(
        "software.themes",
        List,
        Trivial,
        "codes of the themes or skins of that program that were recognised (unicorn, luna, hyper, morpho, material, classic, simple, faka, …); empty when none",
    ),
    FactSpec::new(
        "software.default_name",
        Bool,
        Trivial,
        "the shop still bears its program's default name; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "software.default_contact",
        Bool,
        Trivial,
        "a contact that the program ships with is shown (QQ 123456789, admin@qq.com); unsaid when the home page was not read",
    ),
    FactSpec::new(
        "software.residue",
        List,
        Trivial,
        "template residue seen: default_company, default_address, default_filing, default_licence, default_notice, unset_field, author_disclaimer, boilerplate_promise, licence_heading, commented_licence, foreign_copyright, foreign_seal, dead_legal_link; default names and contacts are facts of their own; empty when none",
    ),
    FactSpec::new(
        "software.residue_values",
        List,
        Trivial,
        "literal numbers, names, addresses and accounts shown that belong to the program, not to the shop, sorted; empty when none",
    ),
    FactSpec::new(
        "software.supply_platform",
        Text,
        Cheap,
        "code of the supply system (社区, 货源) that the site names or links; unsaid when none is seen",
    ),
    FactSpec::new(
        "software.closed",
        Text,
        Cheap,
        "not_installed | frozen | maintenance: in place of the home page the program says that there is no shop; unsaid otherwise",
    ),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SoftwareFile {
    needed: u32,
    hints_at_most: u32,
    name_keys: Vec<String>,
    program: Vec<Program>,
    theme: Vec<Theme>,
    closed: Vec<Closed>,
    supply: Vec<Supply>,
}

/// Recognises shop programs and their residue.
#[derive(Debug)]
pub struct Software {
    fingerprints: Fingerprints,
    /// Keys under which data names the shop: `key` or `parent.key`.
    name_keys: Vec<String>,
    closed: Vec<Closed>,
    supplies: Supplies,
    residue: Residue,
}

impl WordInspector for Software {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: SoftwareFile = data.read(FILE)?;
        let programs = Programs {
            needed: file.needed,
            hints_at_most: file.hints_at_most,
            program: file.program,
            theme: file.theme,
        };
        let supplies = Supplies::of(file.supply)?;
        Ok(Self {
            fingerprints: Fingerprints::of(programs, &supplies.marks())?,
            name_keys: file.name_keys,
            closed: file.closed,
            supplies,
            residue: Residue::load(data)?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let pieces = pieces::of(reading);
        let likely = self.fingerprints.likely(&pieces);
        self.say_program(&pieces, &likely, reading, facts);
        self.say_closed(reading, facts);
        self.say_residue(reading, facts);
        match self.supplies.find(reading, &pieces, &likely) {
            Some((id, place)) => facts.say("software.supply_platform", id, Firmness::WellFormed, vec![place]),
            None => reading.silent(facts, "software.supply_platform"),
        }
    }
}

impl Software {
    /// Where the site shows that it runs a shop's program; gateways and the like are none.
    pub(super) fn shop_program(&self, reading: &Reading<'_>) -> Option<Place> {
        let pieces = pieces::of(reading);
        let program = self
            .fingerprints
            .recognise(&pieces, &self.fingerprints.likely(&pieces))?;
        let places = program.places;
        places.into_iter().next().filter(|_| program.shop)
    }

    fn say_program(&self, pieces: &[Piece<'_>], likely: &[usize], reading: &Reading<'_>, facts: &mut Facts) {
        let seen = Firmness::WellFormed;
        let Some(program) = self.fingerprints.recognise(pieces, likely) else {
            reading.silent(facts, "software.name");
            reading.silent(facts, "software.version");
            return reading.say_list(facts, "software.themes", seen, &[]);
        };
        facts.say("software.name", program.id, seen, program.places);
        reading.say_list(facts, "software.themes", seen, &program.themes);
        if let Some((version, place)) = program.version {
            facts.say("software.version", version, seen, vec![place]);
        }
    }

    fn say_closed(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let Some(notice) = closed::notice(reading.evidence, &self.closed) else {
            return;
        };
        let seen = Firmness::WellFormed;
        facts.say("software.closed", notice.kind, seen, vec![notice.place.clone()]);
        if let Some(program) = notice.program.filter(|_| facts.get("software.name").is_none()) {
            facts.say("software.name", program, seen, vec![notice.place]);
        }
    }

    fn say_residue(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let seen = Firmness::WellFormed;
        let found = self.residue.find(reading);
        let names = self.default_names(reading);
        let of = |list: &[(String, Place)]| list.iter().map(|(_, place)| place.clone()).collect();
        reading.say_seen(facts, "software.default_name", seen, of(&names));
        reading.say_seen(facts, "software.default_contact", seen, of(&found.accounts));
        reading.say_list(facts, "software.residue", seen, &found.codes);
        let values = [names, found.values, found.accounts].concat();
        reading.say_list(facts, "software.residue_values", seen, &values);
    }

    /// The title or site name of the home page, or the shop's name in its data, as far as it is a program's default.
    fn default_names(&self, reading: &Reading<'_>) -> Vec<(String, Place)> {
        let mut found = Vec::new();
        for page in reading.pages.iter().filter(|page| page.kind.may_offer()) {
            if matches!(page.seen.role, Role::Home | Role::Saved) {
                self.names_in(titles(page), page, &mut found);
            }
            let data = pieces::texts(page).into_iter();
            let data = data.filter(|datum| self.names_shop(datum));
            self.names_in(data.map(|datum| (datum.place, datum.text)), page, &mut found);
        }
        found
    }

    fn names_shop(&self, datum: &Datum<'_>) -> bool {
        self.name_keys.iter().any(|name| match name.split_once('.') {
            Some((parent, key)) => datum.parent == parent && datum.key == key,
            None => datum.key == name,
        })
    }

    fn names_in<'p>(
        &self,
        texts: impl Iterator<Item = (&'static str, &'p str)>,
        page: &PageReading<'_>,
        found: &mut Vec<(String, Place)>,
    ) {
        for (place, text) in texts {
            if let Some(name) = self.fingerprints.default_name(text) {
                found.push((name.to_owned(), Place::new(&page.seen.final_url, place, text)));
            }
        }
    }
}

/// Where a page names its shop.
fn titles<'p>(page: &'p PageReading<'_>) -> impl Iterator<Item = (&'static str, &'p str)> {
    let names = page.page.metas.iter();
    let names = names.filter(|meta| matches!(meta.name.as_str(), "og:site_name" | "application-name"));
    std::iter::once(("title", page.page.title.as_str()))
        .chain(names.map(|meta| ("meta", meta.content.as_str())))
}
