//! ICP numbers: filings (ICP备) and permits (ICP证) as sites print them, and the parodies of them.
//!
//! The search is lenient about how a number is written and says so ([`Icp::written`]); what it accepts as
//! well formed is strict: a province letter of the closed list, a serial of the right length, a possible year, no filler.
//! The steps: find candidates (here), take a match apart (`reader`), judge its parts (`judge`), tell how it was written
//! (`spelling`). Telecom licences used as a filing (`粤B2-…`, `ICP备B2-…`) are [`super::telecom`]'s.

mod judge;
mod reader;
mod spelling;

use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Problem, Tables, parody};
use crate::text::{Letters, Normal};

/// What a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcpKind {
    /// A web site's filing.
    Filing,
    /// A permit (ICP证).
    Permit,
    /// A telecom licence standing in for a filing.
    TelecomLicence,
    /// An app's filing (suffix A).
    App,
    /// A mini-program's filing (suffix X).
    MiniProgram,
    /// A quick app's filing (suffix K).
    QuickApp,
    /// None of these, such as a parody.
    Other,
}

impl IcpKind {
    /// The code used in facts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Filing => "filing",
            Self::Permit => "permit",
            Self::TelecomLicence => "telecom_licence",
            Self::App => "app",
            Self::MiniProgram => "mini_program",
            Self::QuickApp => "quick_app",
            Self::Other => "other",
        }
    }
}

/// A number that is meant as an ICP filing or permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icp {
    /// What it is for.
    pub kind: IcpKind,
    /// The number written as the register writes it when it is well formed, else its normal form as shown.
    pub number: String,
    /// The subject's number, without the `-N` of one service; only when well formed.
    pub subject: Option<String>,
    /// Province code (GB/T 2260); only when the letter is one that filings use.
    pub province: Option<String>,
    /// Year in the serial, four digits.
    pub year: Option<i16>,
    /// What is wrong with it, the telling reason first.
    pub problems: Vec<Problem>,
    /// How it was oddly written, though it can be read: `lower_case`, `full_width`, `traditional`, `spaces`, `colon`,
    /// `no_sign`, `suffix_misplaced`, `long_word`, `brackets`, `look_alike_letters`, `rare_length`.
    pub written: Vec<&'static str>,
}

impl Icp {
    /// Whether nothing is wrong with it.
    pub fn is_well_formed(&self) -> bool {
        self.problems.is_empty()
    }

    fn wrong(kind: IcpKind, number: &str, problem: Problem) -> Self {
        Self {
            kind,
            number: number.trim().to_owned(),
            subject: None,
            province: None,
            year: None,
            problems: vec![problem],
            written: Vec::new(),
        }
    }
}

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:(?<open>\()?(?<province>\p{Han})\)? ?)?",
        r"(?<letters>[IІΙl1|] ?[CСϹ] ?[PРΡ]) ?(?<word>经营许可证|许可证|备案|备|证)?",
        r"(?<between>(?: ?(?:号码|编号|号|:)){0,6}) ?\(? ?",
        r"(?:(?<spaced>[0-9x*?#×●○■□](?: ?[0-9x*?#×●○■□]){4,19}) ?\)? ?(?<sign>号)|(?<plain>[0-9x*?#×●○■□]{5,20})\)?)",
        r"(?:(?<gap> ?[-_.] ?)(?:(?<service>[0-9]{1,5})(?<letter>[AXK])?|(?<hidden>[x*]{1,4})))?(?<late> ?号)?",
    ))
    .expect("a fixed pattern, compiled by every test")
});

/// What may be read as the last two letters of `ICP`.
static LETTERS: LazyLock<(Letters, Letters)> =
    LazyLock::new(|| (Letters::of("CcСсϹϲ"), Letters::of("PpРрΡρ")));

/// Every filing, permit and parody in a text. `now` is the year the text was seen.
pub fn find(text: &Normal, tables: &Tables, now: i16) -> Vec<Found<Icp>> {
    let reader = reader::Reader { text, tables, now };
    let mut found: Vec<Found<Icp>> = Vec::new();
    let lettered = text.letters().meets(&LETTERS.0) && text.letters().meets(&LETTERS.1);
    if lettered && may_hold(text.text()) {
        found.extend(
            FORM.captures_iter(text.text())
                .filter_map(|captures| reader.read(&captures)),
        );
    }
    let numbered = text.letters().digits() >= parody::MIN_DIGITS;
    let labels = tables.registries.parody_labels.iter().filter(|_| numbered);
    // A label whose letters the text has not need not be searched.
    let labels = labels.filter(|label| text.letters().holds(&Letters::of(label)));
    let labelled = labels.flat_map(|label| parody::labelled(text.text(), label));
    found.extend(labelled.map(|range| {
        let shown = text.text().get(range.clone()).unwrap_or_default();
        Found {
            number: Icp::wrong(IcpKind::Other, shown, Problem::Parody),
            range,
        }
    }));
    found.sort_by_key(|found| found.range.start);
    found
}

/// Whether the letters of `ICP` may stand in a text: a cheap look before the pattern runs.
fn may_hold(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars().filter(|c| *c != ' ') {
        if matches!(c, 'P' | 'p' | 'Р' | 'р' | 'Ρ' | 'ρ')
            && matches!(before, 'C' | 'c' | 'С' | 'с' | 'Ϲ' | 'ϲ')
        {
            return true;
        }
        before = c;
    }
    false
}

#[cfg(test)]
mod tests;
