//! Numbers: reads and checks the numbers a site prints: filings, permits, police numbers, licences.
//!
//! Each file takes text in normal form and gives the numbers in it, with every way in which they fail their own
//! grammar. Sources of the formats: GB 32100-2015 and GB 11714 (credit codes), GS 15-2006 (registration numbers), the filing
//! rules of the MIIT, and real strings. It looks nothing up: a number that holds together may still be somebody
//! else's. Which province letters exist, which registries are parodies and which numbers are template residue is
//! data ([`Tables`]).

use std::ops::Range;

use serde::Deserialize;

pub mod filler;
pub mod icp;
pub mod licence;
pub mod licence_link;
pub mod link;
pub mod organisation;
pub mod parody;
pub mod permit;
pub mod police;
pub mod province;
pub mod registration;
pub(crate) mod signs;
pub mod telecom;
pub mod uscc;

pub use icp::{Icp, IcpKind};
pub use licence_link::{LicenceLink, LinkFault};
pub use link::{LicenceSerial, LinkHosts, LinkKind};
pub use organisation::Organisation;
pub use permit::{Permit, PermitKind};
pub use police::Police;
pub use province::{Province, Provinces};
pub use registration::Registration;
pub(crate) use signs::Signs;
pub use telecom::Telecom;
pub use uscc::{Subject, Uscc};

/// How a number fails. Ordered: the later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Of a form that was given out long ago and has been replaced.
    OldForm,
    /// It has not the form such a number has.
    Grammar,
    /// The serial is of a form that is hardly ever given out.
    Irregular,
    /// A hobby registry's number.
    Parody,
    /// Digits are hidden.
    Masked,
    /// A province letter that this register does not use, or that the digits contradict.
    Province,
    /// The class within the register does not exist.
    Class,
    /// The region does not exist.
    Region,
    /// `02` does not stand where it must.
    Code,
    /// The check character of the organisation code inside is wrong.
    OrganisationCheck,
    /// The check character is wrong.
    CheckDigit,
    /// A year before there were such numbers, or in the future.
    Year,
    /// Filler digits: 12345678, 00000000.
    Placeholder,
    /// The number that some shop software ships with.
    Template,
    /// The link beside it names another number.
    LinkDiffers,
}

impl Problem {
    /// The code used in facts.
    pub fn code(self) -> &'static str {
        match self {
            Self::OldForm => "old_form",
            Self::Grammar => "grammar",
            Self::Irregular => "irregular",
            Self::Parody => "parody",
            Self::Masked => "masked",
            Self::Province => "province",
            Self::Class => "class",
            Self::Region => "region",
            Self::Code => "code",
            Self::OrganisationCheck => "organisation_check",
            Self::CheckDigit => "check_digit",
            Self::Year => "year",
            Self::Placeholder => "placeholder",
            Self::Template => "template",
            Self::LinkDiffers => "link_differs",
        }
    }
}

/// A number with its place in the normal form of the text it was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// The number.
    pub number: T,
    /// Byte range in [`crate::text::Normal::text`].
    pub range: Range<usize>,
}

/// What the readers must know beyond grammar.
#[derive(Debug, Clone)]
pub struct Tables {
    /// `data/provinces.toml`.
    pub provinces: Provinces,
    /// `data/registries.toml`.
    pub registries: Registries,
}

/// Registers, their imitators, and numbers that are nobody's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registries {
    /// Words of hobby registries that stand where the province letter would.
    pub parody_prefixes: Vec<String>,
    /// Words of hobby registries that stand alone before digits.
    pub parody_labels: Vec<String>,
    /// Letters that end a label before a number whose province letter is missing.
    pub label_ends: String,
    /// Numbers that shop software ships with.
    pub template: Vec<Template>,
    /// Hosts of links beside ICP numbers.
    pub icp_links: LinkHosts,
    /// Hosts of links beside police numbers.
    pub police_links: LinkHosts,
    /// Hosts of licence links.
    pub licence_links: LinkHosts,
}

/// A number that shop software ships with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Subject or licence number, normalised.
    pub number: String,
    /// The software.
    pub from: String,
}

#[cfg(test)]
mod sample_tests;

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use super::*;

    static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
        provinces: toml::from_str(include_str!("../../data/provinces.toml")).unwrap(),
        registries: toml::from_str(include_str!("../../data/registries.toml")).unwrap(),
    });

    /// The tables that are built in.
    pub(crate) fn tables() -> Tables {
        TABLES.clone()
    }

    #[test]
    fn codes_are_distinct() {
        use Problem as P;
        let all = [
            P::OldForm,
            P::Grammar,
            P::Irregular,
            P::Parody,
            P::Masked,
            P::Province,
            P::Class,
            P::Region,
            P::Code,
            P::OrganisationCheck,
            P::CheckDigit,
            P::Year,
            P::Placeholder,
            P::Template,
            P::LinkDiffers,
        ];
        let codes: std::collections::BTreeSet<&str> = all.iter().map(|problem| problem.code()).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.is_sorted());
    }
}
