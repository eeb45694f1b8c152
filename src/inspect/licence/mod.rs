//! Licence: credit codes, registration numbers, licence links, company names and permits, as the site shows them.
//!
//! Words and labels are `data/licences.toml`; the numbers are checked by [`crate::number`]. Pictures are not read: a
//! licence shown only as a picture is said to be just that. Nothing is looked up, so a number that holds together is
//! `well_formed` at best, `consistent` when the licence link names the same.

mod code;
mod company;
mod links;
mod named;
mod permits;
mod picture;

use std::cell::LazyCell;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use super::filing::{tables, year_of};
use super::shown::{self, Piece};
use super::{DataError, DataFiles, Inspector};
use crate::evidence::{Evidence, Role};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Int, List, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::inspect::reading::Reading;
use crate::licence_pictures::LicencePictures;
use crate::number::licence::Labels;
use crate::number::{Signs, Tables, permit};
use crate::page::Region;
use crate::text::Normal;
pub(super) use company::Names;

/// Most different numbers, links or names of one kind that are kept.
const MAX_THINGS: usize = 100;
/// Most lines at the end of a page where a firm would name itself, and never more than half of them.
const LAST_LINES: usize = 6;

/// What this inspector can state.
pub const PROVIDES: &[FactSpec] = &[
    FactSpec::new(
        "licence.named",
        Bool,
        Trivial,
        "The site speaks of a business licence of its own: such words stand in its footer, head or menu, on a page about the shop, or among its own words; not in articles, advice or reports about others; false only when the home page was read",
    ),
    FactSpec::new(
        "licence.shown",
        Bool,
        Trivial,
        "A credit code, a registration number, an electronic licence link or a local registry's mark is shown, right or wrong; false only when the home page was read",
    ),
    FactSpec::new(
        "licence.uscc",
        Text,
        Trivial,
        "The first credit code (统一社会信用代码) shown, in capitals; taken from the licence link when none stands in the text",
    ),
    FactSpec::new(
        "licence.uscc_problem",
        Text,
        Trivial,
        "Worst failing of the credit codes shown: none, grammar, masked, class, region, organisation_check, check_digit or placeholder",
    ),
    FactSpec::new(
        "licence.subject_class",
        Text,
        Trivial,
        "Kind of body by the code: company, individual, cooperative, public_body or other; unsaid when the code is not well formed",
    ),
    FactSpec::new(
        "licence.region",
        Text,
        Trivial,
        "Province code of the registering office by the code, 00 for the national one; unsaid when the code is not well formed",
    ),
    FactSpec::new(
        "licence.registration_number",
        Text,
        Trivial,
        "The first registration number shown (15 digits, 13 before 2007), the form before credit codes",
    ),
    FactSpec::new(
        "licence.registration_problem",
        Text,
        Trivial,
        "Worst failing of those shown: none, old_form (13 digits), masked, check_digit or placeholder",
    ),
    FactSpec::new(
        "licence.registration_only",
        Bool,
        Trivial,
        "A registration number is shown and neither a credit code nor a licence link, stale since 2017; unsaid when no registration number is shown",
    ),
    FactSpec::new(
        "licence.organisation_code",
        Text,
        Trivial,
        "The first organisation code (组织机构代码, nine characters) shown beside its label, in capitals, without hyphen",
    ),
    FactSpec::new(
        "licence.organisation_problem",
        Text,
        Trivial,
        "Worst failing of those shown: none, grammar, masked, check_digit or placeholder",
    ),
    FactSpec::new(
        "licence.uscc_subjects",
        Int,
        Trivial,
        "How many bodies the well-formed credit codes shown belong to; unsaid when no code is shown",
    ),
    FactSpec::new(
        "licence.hidden",
        Bool,
        Trivial,
        "A credit code or registration number stands only in text that does not show",
    ),
    FactSpec::new(
        "licence.link",
        Text,
        Trivial,
        "Where links to an electronic licence lead: official, local (older marks of local registries), lookalike or none; none only when the home page was read",
    ),
    FactSpec::new(
        "licence.link_problem",
        Text,
        Trivial,
        "How a licence link fails: none, host (an imitation), grammar (names no licence), codes_differ (the two in the link), code (fails its checks), time (before 2018 or after the look), signature (does not decode) or text_differs (the text shows another code); unsaid without a link",
    ),
    FactSpec::new(
        "licence.link_uscc",
        Text,
        Trivial,
        "The credit code that a licence link at the register names; unsaid when none names one",
    ),
    FactSpec::new(
        "licence.link_date",
        Text,
        Trivial,
        "The day that link was made, YYYY-MM-DD in Chinese time",
    ),
    FactSpec::new(
        "licence.link_agrees",
        Bool,
        Trivial,
        "Both codes in the licence link agree, are well formed and equal the code in the text if there is one, and its time is possible; unsaid without such a link",
    ),
    FactSpec::new(
        "licence.picture_only",
        Bool,
        Trivial,
        "A business licence is spoken of, pictures stand with those words, and no number or licence link is shown anywhere, nor read from a QR code in those pictures; needs a person",
    ),
    FactSpec::new(
        "licence.picture_hashes",
        List,
        Trivial,
        "Perceptual hashes (dHash, 16 hex digits) of pictures that stand where a licence would, icons left out; empty when none stands there, unsaid when none of them was fetched",
    ),
    FactSpec::new(
        "licence.picture_link",
        Text,
        Trivial,
        "Where a QR code in such a picture leads: official, local, lookalike or other; unsaid when no code was read",
    ),
    FactSpec::new(
        "licence.picture_uscc",
        Text,
        Trivial,
        "The credit code that a licence link in such a picture's QR code names",
    ),
    FactSpec::new(
        "licence.company_name",
        Text,
        Trivial,
        "The first company name shown in the footer, beside a copyright mark, on a page about the shop or as a party of its terms, else the one that stands alone as the title or among the last lines; not names said to be another's (technical support, partners) or shipped with a shop program",
    ),
    FactSpec::new(
        "licence.company_names",
        List,
        Trivial,
        "All such names, in normal form; empty when none was found where one would stand",
    ),
    FactSpec::new(
        "licence.telecom_number",
        Text,
        Trivial,
        "The first telecom licence number shown, as the register writes it when well formed",
    ),
    FactSpec::new(
        "licence.telecom_problem",
        Text,
        Trivial,
        "Worst failing of those shown: none, irregular, province, class, placeholder or template (ships with a shop program)",
    ),
    FactSpec::new(
        "licence.culture_number",
        Text,
        Trivial,
        "The first 网络文化经营许可证 number (文网文) shown, as its register writes it when well formed",
    ),
    FactSpec::new(
        "licence.culture_problem",
        Text,
        Trivial,
        "Worst failing of those shown: none, grammar, masked, province, year or placeholder",
    ),
    FactSpec::new(
        "licence.publishing_number",
        Text,
        Trivial,
        "The first 网络出版服务许可证 number shown, without blanks",
    ),
    FactSpec::new(
        "licence.audiovisual_number",
        Text,
        Trivial,
        "The first 信息网络传播视听节目许可证 number (seven digits) shown",
    ),
    FactSpec::new(
        "licence.payment_number",
        Text,
        Trivial,
        "The first 支付业务许可证 number (Z and 13 digits) shown",
    ),
    FactSpec::new(
        "licence.payment_problem",
        Text,
        Trivial,
        "Worst failing of those shown: none, grammar or placeholder",
    ),
    FactSpec::new(
        "licence.permits",
        List,
        Trivial,
        "Kinds of other permits whose numbers are shown: audiovisual, book, culture, domain (D1–D3), food, payment, prepaid, publishing, telecom; empty only when the home page was read",
    ),
];

/// `data/licences.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    number_labels: Vec<String>,
    organisation_labels: Vec<String>,
    label_filler: String,
    label_filler_words: Vec<String>,
    licence_words: Vec<String>,
    licence_letters: String,
    not_licence_words: Vec<String>,
    copyright_words: Vec<String>,
    permits: permit::Words,
    pub(super) cross: CrossWords,
    company: company::Vocabulary,
}

/// What the cross-checks read of `data/licences.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CrossWords {
    pub(super) range_words: Vec<String>,
    pub(super) since_words: Vec<String>,
    pub(super) until_words: Vec<String>,
    pub(super) program_owners: Vec<String>,
    /// Years by which a filing may be younger than the site says it is.
    pub(super) filing_tolerance_years: i16,
    /// Kinds of permits that do not fit a reseller of cards.
    pub(super) misfit_permits: Vec<String>,
    /// So many of them in a row look copied.
    pub(super) unrelated_row: usize,
}

impl Vocabulary {
    pub(super) fn read(data: &DataFiles) -> Result<Self, DataError> {
        data.read("licences.toml")
    }

    pub(super) fn names(&self) -> Result<Names, DataError> {
        Names::new(self.company.clone())
    }

    fn labels(&self) -> Labels {
        Labels {
            words: self.number_labels.clone(),
            organisation: self.organisation_labels.clone(),
            filler: self.label_filler.clone(),
            filler_words: self.label_filler_words.clone(),
        }
    }
}

/// Builds the inspector.
pub fn load(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    let words = Vocabulary::read(data)?;
    let bad = |err| DataFiles::bad("licences.toml", err);
    let labels: Vec<&String> = words
        .number_labels
        .iter()
        .chain(&words.organisation_labels)
        .collect();
    let letters = words.licence_letters.chars().map(String::from);
    // The leftmost of several is looked for faster, and any will do.
    let letters_of = |letters: Vec<String>| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(letters)
    };
    let label_letters = code::LABEL_LETTERS.map(str::to_owned).to_vec();
    Ok(Box::new(Licence {
        copyrights: Signs::of_either_case(&words.copyright_words).map_err(bad)?,
        permits: Signs::new(&words.permits.signs()).map_err(bad)?,
        number_labels: Signs::new(&labels).map_err(bad)?,
        label_letters: letters_of(label_letters).map_err(bad)?,
        named_by: Signs::new(&words.licence_words).map_err(bad)?,
        named_letters: letters_of(letters.collect()).map_err(bad)?,
        tables: tables(data)?,
        labels: words.labels(),
        names: words.names()?,
        pictures: LicencePictures::load(data)?,
        words,
    }))
}

#[derive(Debug)]
struct Licence {
    tables: Tables,
    labels: Labels,
    names: Names,
    pictures: LicencePictures,
    words: Vocabulary,
    /// Words of copyright, in either case.
    copyrights: Signs,
    /// Words without which there is no number of a permit.
    permits: Signs,
    /// Labels of numbers, of any kind.
    number_labels: Signs,
    /// Letters in which these end, or that stand behind them.
    label_letters: AhoCorasick,
    /// Words for a licence.
    named_by: Signs,
    /// Letters of which each of these words holds one.
    named_letters: AhoCorasick,
}

impl Inspector for Licence {
    fn facts(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let evidence = reading.evidence;
        let pieces = reading.pieces();
        let read = shown::home_was_read(evidence);
        self.state_codes(evidence, pieces, facts);
        let words = self.words_in(reading, pieces);
        named::state(&words, facts);
        self.state_pictures(evidence, &words, facts);
        self.state_names(reading, pieces, read.is_ok(), facts);
        self.state_permits(pieces, year_of(evidence), read.is_ok(), facts);
        if let Err(because) = read {
            return shown::cannot_say(facts, PROVIDES, &because);
        }
        for name in [
            "licence.named",
            "licence.shown",
            "licence.hidden",
            "licence.picture_only",
        ] {
            shown::deny(facts, name);
        }
        if facts.get("licence.link").is_none() {
            facts.say("licence.link", "none", Firmness::WellFormed, Vec::new());
        }
    }
}

impl Licence {
    fn state_names(&self, reading: &Reading<'_>, pieces: &[Piece<'_>], read: bool, facts: &mut Facts) {
        let others = LazyCell::new(|| others(reading.evidence, pieces));
        let shipped = |name: &str| reading.marks().is_residue(name);
        let mut names: Seen<String> = Vec::new();
        for piece in pieces.iter().filter(|piece| piece.is_block()) {
            let found = if self.may_name_the_firm(piece) {
                self.names.find(&piece.normal)
            } else if piece.role == Role::Terms {
                self.names.parties(&piece.normal)
            } else {
                continue;
            };
            if found.is_empty() || others.contains(piece.normal.text()) {
                continue;
            }
            for (name, range) in found.into_iter().filter(|(name, _)| !shipped(name)) {
                add(&mut names, name, piece.place(range));
            }
        }
        if names.is_empty() {
            let alone = self.name_alone(reading, &others);
            names.extend(alone.map(|(name, place)| (name, vec![place])));
        }
        if names.is_empty() {
            // A page about the shop that names a firm in running text: the first one is most likely its own.
            let mut about = pieces.iter().filter(|piece| piece.is_block() && piece.is_about());
            let first =
                about.find_map(|piece| Some((piece, self.names.find(&piece.normal).into_iter().next()?)));
            names.extend(first.map(|(piece, (name, range))| (name, vec![piece.place(range)])));
        }
        let Some((first, places)) = names.first() else {
            // Looked for and not found, where a firm would name itself.
            if read {
                facts.say(
                    "licence.company_names",
                    Vec::<String>::new(),
                    Firmness::WellFormed,
                    Vec::new(),
                );
            }
            return;
        };
        facts.say(
            "licence.company_name",
            first.as_str(),
            Firmness::WellFormed,
            places.clone(),
        );
        let places = first_places(&names);
        let mut list: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        list.sort();
        facts.say("licence.company_names", list, Firmness::WellFormed, places);
    }

    /// The name that stands alone, as the title of the first page or among the last lines of any, where a footer would
    /// be; nothing when several do, which makes a list of others.
    fn name_alone(&self, reading: &Reading<'_>, others: &BTreeSet<&str>) -> Option<(String, Place)> {
        let whole = |text: &str| {
            let text = Normal::of(text.trim());
            let (name, range) = self.names.find(&text).into_iter().next()?;
            let alone = range == (0..text.text().len()) && !others.contains(text.text());
            (alone && !reading.marks().is_residue(&name)).then_some(name)
        };
        let mut names: Seen<String> = Vec::new();
        for (index, page) in reading.pages.iter().enumerate() {
            let blocks = &page.page.blocks;
            let lines = blocks.iter().rev().take(LAST_LINES.min(blocks.len() / 2));
            let title = (index == 0).then_some((page.page.title.as_str(), Region::Title));
            let texts = title
                .into_iter()
                .chain(lines.map(|block| (block.text.as_str(), block.region)));
            for (text, region) in
                texts.filter(|(text, _)| page.kind.may_offer() && self.names.may_be_in(text))
            {
                if let Some(name) = whole(text) {
                    add(
                        &mut names,
                        name,
                        Place::new(&page.seen.final_url, region.name(), text),
                    );
                }
            }
        }
        let [(name, places)] = names.as_slice() else {
            return None;
        };
        Some((name.clone(), places.first()?.clone()))
    }

    fn may_name_the_firm(&self, piece: &Piece<'_>) -> bool {
        let is_marked = || self.copyrights.are_in(&piece.normal);
        piece.region == Region::Footer
            || (piece.is_about() && self.names.is_labelled(&piece.normal))
            || (!piece.article && is_marked())
    }
}

/// Texts of links to other sites: a block that is nothing else names a friend, not the shop.
fn others<'a>(evidence: &Evidence, pieces: &'a [Piece<'_>]) -> BTreeSet<&'a str> {
    let links = pieces
        .iter()
        .filter(|piece| piece.leaving().is_some_and(|url| !evidence.site.holds(url)));
    links.map(|piece| piece.normal.text()).collect()
}

/// Things shown, each once, and where, in page order.
type Seen<T> = Vec<(T, Vec<Place>)>;

fn add<T: PartialEq>(list: &mut Seen<T>, thing: T, place: Place) {
    let Some((_, places)) = list.iter_mut().find(|(known, _)| *known == thing) else {
        if list.len() < MAX_THINGS {
            list.push((thing, vec![place]));
        }
        return;
    };
    if !places
        .iter()
        .any(|at| at.url == place.url && at.place == place.place)
    {
        places.push(place);
    }
}

fn first_places<T>(list: &Seen<T>) -> Vec<Place> {
    list.iter()
        .filter_map(|(_, places)| places.first().cloned())
        .collect()
}

#[cfg(test)]
mod tests;
