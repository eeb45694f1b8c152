//! Cross: holds what earlier inspectors said against each other. The last stage.
//!
//! Reads facts by their names, and from the evidence only the years that the site itself gives; a comparison is made only
//! when both sides are known. A difference is no proof: firms move, and have branches. Which cross-check of the domain
//! notes is which fact:
//!
//! | check | fact |
//! |---|---|
//! | X1 province letter, X11 placeholders | `filing.icp_problem`, `filing.police_problem` and the other `…_problem` facts |
//! | X2 years | `filing.icp_problem` (impossible year), `cross.filing_after_copyright` |
//! | X3 link host | `filing.icp_link`, `filing.police_link`, `licence.link` |
//! | X4 police number and its link | `filing.police_problem` |
//! | X5 both checks of the code, its class | `licence.uscc_problem`, `cross.licence_is_odd` |
//! | X6 licence link | `licence.link_problem`, `licence.link_agrees` |
//! | X7 provinces | `cross.provinces`, `cross.provinces_agree` |
//! | X8 names | `cross.company_names_agree` |
//! | X9 suffix A, X or K | `cross.app_number_on_site` |
//! | X10 spellings, several subjects | `filing.icp_spellings`, `filing.icp_subjects`, `cross.subjects` |
//! | X12 hidden numbers | `filing.icp_hidden`, `filing.police_hidden`, `licence.hidden` |
//! | X13 picture only | `licence.picture_only` |
//! | X14 permits that do not fit | `cross.permit_misfit`, `cross.unrelated_permits` |
//! | X15 claim without link | `cross.claim_without_link` |
//! | X16 price by face value | `offer.lowest_ratio` and its kin |
//! | X17 chat only | `cross.nameless_chat` |
//! | X18 untraceable payment | `payment.untraceable_only` |
//! | X19 recruiting | `recruit.density`, `recruit.levels` |
//! | X20 refusal without cure | `cross.refusal_uncured`, `terms.before_payment` |
//! | X21 gray goods | `goods.gray` |
//! | X22 dead or hijacked | gaps of the evidence; `site.injected` |
//! | X23 order query and complaints | `order.query`, `order.status_words`, `order.complaint_channel` |
//! | X24 ages and place of the host | needs outside data; only the certificate's dates (`tls.…`) are at hand |
//!
//! Beside these, `cross.custody_unsupported` holds a claim of custody against what is named for it.

mod claims;
mod provinces;
mod subjects;
mod years;

use super::licence::{CrossWords, Names, Vocabulary};
use super::shown;
use super::{DataError, DataFiles, Inspector};
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Int, List};
use crate::facts::{Fact, FactSpec, Facts, Place};
use crate::inspect::reading::Reading;

/// What this inspector can state.
pub const PROVIDES: &[FactSpec] = &[
    FactSpec::new(
        "cross.provinces",
        List,
        Trivial,
        "Province codes named by credit code, ICP number and police number, where these are well formed, and by the area codes and addresses shown; hotlines and mobile numbers name none",
    ),
    FactSpec::new(
        "cross.provinces_agree",
        Bool,
        Trivial,
        "One province is named by all of them; unsaid when fewer than two name any (the national office names none)",
    ),
    FactSpec::new(
        "cross.company_names_agree",
        Bool,
        Trivial,
        "All company names shown are of one firm or its branch; unsaid when fewer than two were shown",
    ),
    FactSpec::new(
        "cross.subjects",
        Int,
        Trivial,
        "How many different legal subjects the numbers and names shown belong to: the largest of the counts of credit codes, filing subjects and company names that are not one firm",
    ),
    FactSpec::new(
        "cross.filing_after_copyright",
        Bool,
        Trivial,
        "The filing is younger, by more years than the data tolerate, than the earliest year since when the site says that it exists (a copyright range or \"since\" of the site; a firm's own years and single copyright years never make it hold); unsaid when no year or no filing is known",
    ),
    FactSpec::new(
        "cross.app_number_on_site",
        Bool,
        Trivial,
        "The only filing numbers shown on the web page are those of an app, mini-program or quick app (suffix A, X, K)",
    ),
    FactSpec::new(
        "cross.unrelated_permits",
        Bool,
        Trivial,
        "Three or more kinds of permits are shown that a reseller does not need",
    ),
    FactSpec::new(
        "cross.permit_misfit",
        List,
        Trivial,
        "Kinds of permits shown that do not fit a reseller of cards: audiovisual, culture, domain, food, payment, publishing; empty when none is",
    ),
    FactSpec::new(
        "cross.licence_is_odd",
        Bool,
        Trivial,
        "The credit code shown belongs to a body that runs no shops (department and class other than 91, 92, 93); unsaid when no well-formed code is shown",
    ),
    FactSpec::new(
        "cross.claim_without_link",
        Bool,
        Trivial,
        "A brand's official channel is claimed and no link leads to that brand's own domain; unsaid when nothing is claimed",
    ),
    FactSpec::new(
        "cross.nameless_chat",
        Bool,
        Trivial,
        "Chat accounts are the only contact and no company name, licence or address is shown",
    ),
    FactSpec::new(
        "cross.refusal_uncured",
        Bool,
        Trivial,
        "Refunds are refused and undelivered orders are promised none",
    ),
    FactSpec::new(
        "cross.custody_unsupported",
        Bool,
        Trivial,
        "Custody or escrow of money is claimed and neither bank nor licensed institution is named; unsaid when nothing is claimed",
    ),
];

/// Builds the inspector.
pub fn load(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    let words = Vocabulary::read(data)?;
    let since = years::pattern(&words.cross).map_err(|err| DataFiles::bad("licences.toml", err))?;
    Ok(Box::new(Cross {
        names: words.names()?,
        since,
        words: words.cross,
    }))
}

#[derive(Debug)]
struct Cross {
    names: Names,
    since: crate::text::Pattern,
    words: CrossWords,
}

impl Inspector for Cross {
    fn facts(&self, reading: &Reading<'_>, facts: &mut Facts) {
        provinces::state(facts);
        self.state_subjects(facts);
        self.state_permits(facts);
        self.state_years(reading, facts);
        claims::state(facts);
        if let Err(because) = shown::home_was_read(reading.evidence) {
            shown::cannot_say(facts, PROVIDES, &because);
        }
    }
}

/// All places of a fact.
fn places_of(fact: &Fact) -> Vec<Place> {
    fact.at.iter().chain(&fact.also).cloned().collect()
}

#[cfg(test)]
mod tests;
