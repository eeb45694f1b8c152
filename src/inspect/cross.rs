//! Cross: holds what earlier inspectors said against each other. The last stage.
//!
//! Reads facts, and from the evidence only the years that the site itself gives; a comparison is made only when both
//! sides are known and well formed. A difference is no proof: firms move, and have branches.

use std::collections::BTreeSet;

use regex::Regex;

use super::filing::year_of;
use super::licence::{Names, Vocabulary};
use super::shown::{self, Piece};
use super::{DataError, DataFiles, Inspector};
use crate::evidence::Evidence;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{Fact, FactSpec, Facts, Firmness, Place, Value};
use crate::inspect::reading::Reading;
use crate::lexicon;

/// Permits that somebody who resells codes does not need.
const UNRELATED: [&str; 4] = ["audiovisual", "culture", "payment", "publishing"];
/// So many of them in a row look copied.
const UNRELATED_ROW: usize = 3;
/// How far behind a year its owner is named, in characters.
const OWNER_REACH: usize = 24;
/// Before this year there were no such sites.
const FIRST_YEAR: i16 = 1995;

/// What this inspector can state.
pub const PROVIDES: &[FactSpec] = &[
    FactSpec::new(
        "cross.provinces",
        List,
        Trivial,
        "Province codes named by credit code, ICP number and police number, where these are well formed",
    ),
    FactSpec::new(
        "cross.provinces_agree",
        Bool,
        Trivial,
        "They name one province; unsaid when fewer than two name any (the national office names none)",
    ),
    FactSpec::new(
        "cross.company_names_agree",
        Bool,
        Trivial,
        "All company names shown are of one firm or its branch; unsaid when fewer than two were shown",
    ),
    FactSpec::new(
        "cross.filing_after_copyright",
        Bool,
        Trivial,
        "The filing is younger than the earliest year since when the site says it exists; unsaid when one is not known",
    ),
    FactSpec::new(
        "cross.unrelated_permits",
        Bool,
        Trivial,
        "Three or more kinds of permits are shown that a reseller does not need",
    ),
];

/// Builds the inspector.
pub fn load(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    let words = Vocabulary::read(data)?;
    let since = since_pattern(&words).map_err(|err| DataFiles::bad("licences.toml", err))?;
    Ok(Box::new(Cross {
        names: words.names()?,
        since,
        program_owners: words.program_owners,
    }))
}

/// A year behind a word, or a range of years before one.
fn since_pattern(words: &Vocabulary) -> Result<Regex, regex::Error> {
    let any = |list: &[String]| {
        list.iter()
            .map(|word| regex::escape(word))
            .collect::<Vec<_>>()
            .join("|")
    };
    let (since, until) = (any(&words.since_words), any(&words.until_words));
    let year = "(?:19|20)[0-9]{2}";
    Regex::new(&format!(
        r"(?:{since})[^0-9]{{0,24}}(?<after>{year})(?-u:\b)|(?-u:\b)(?<before>{year}) ?- ?(?:{year}|{until})[^0-9]{{0,12}}(?:{since})"
    ))
}

#[derive(Debug)]
struct Cross {
    names: Names,
    since: Regex,
    /// Makers of programs, who print their own years into every footer.
    program_owners: Vec<String>,
}

impl Inspector for Cross {
    fn facts(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let evidence = reading.evidence;
        state_provinces(facts);
        self.state_names(facts);
        self.state_years(evidence, facts);
        state_permits(facts);
        if let Err(because) = shown::home_was_read(evidence) {
            shown::cannot_say(facts, PROVIDES, &because);
        }
    }
}

fn state_provinces(facts: &mut Facts) {
    let named: Vec<(String, Option<Place>)> =
        ["licence.region", "filing.icp_province", "filing.police_number"]
            .into_iter()
            .filter_map(|name| facts.get(name))
            .filter_map(|fact| Some((province_of(fact)?, fact.at.clone())))
            .collect();
    if named.is_empty() {
        return;
    }
    let codes: BTreeSet<String> = named.iter().map(|(code, _)| code.clone()).collect();
    let places: Vec<Place> = named.iter().filter_map(|(_, place)| place.clone()).collect();
    if named.len() >= 2 {
        facts.say(
            "cross.provinces_agree",
            codes.len() == 1,
            Firmness::WellFormed,
            places.clone(),
        );
    }
    facts.say(
        "cross.provinces",
        codes.into_iter().collect::<Vec<_>>(),
        Firmness::WellFormed,
        places,
    );
}

/// The province that a well-formed fact names: a code, or a number whose first two digits are one.
fn province_of(fact: &Fact) -> Option<String> {
    let Value::Text(text) = &fact.value else {
        return None;
    };
    let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take(2).collect();
    (fact.firmness >= Firmness::WellFormed && fact.firmness != Firmness::Contradicted && digits != "00")
        .then_some(digits)
}

fn state_permits(facts: &mut Facts) {
    let Some(fact) = facts.get("licence.permits") else {
        return;
    };
    let Value::List(permits) = &fact.value else { return };
    let unrelated = permits
        .iter()
        .filter(|permit| UNRELATED.contains(&permit.as_str()))
        .count();
    let places: Vec<Place> = fact.at.iter().chain(&fact.also).cloned().collect();
    facts.say(
        "cross.unrelated_permits",
        unrelated >= UNRELATED_ROW,
        Firmness::WellFormed,
        places,
    );
}

impl Cross {
    fn state_names(&self, facts: &mut Facts) {
        let Some(fact) = facts.get("licence.company_names") else {
            return;
        };
        let names = facts.list("licence.company_names");
        let again = facts
            .get("licence.company_name")
            .map_or(0, |first| first.also.len());
        if names.len() + again < 2 {
            return;
        }
        let agree = self.names.are_one_firm(names);
        let places: Vec<Place> = fact.at.iter().chain(&fact.also).cloned().collect();
        facts.say("cross.company_names_agree", agree, Firmness::WellFormed, places);
    }

    fn state_years(&self, evidence: &Evidence, facts: &mut Facts) {
        let Some(Value::Int(filed)) = facts.get("filing.icp_year").map(|fact| &fact.value) else {
            return;
        };
        let filed = *filed;
        let pieces = shown::pieces(evidence);
        let now = year_of(evidence);
        let years = pieces
            .iter()
            .filter(|piece| piece.is_block() && piece.own)
            .flat_map(|piece| self.years(piece));
        let Some((since, place)) = years
            .filter(|(year, _)| (FIRST_YEAR..=now).contains(year))
            .min_by_key(|(year, _)| *year)
        else {
            return;
        };
        let filing = facts.get("filing.icp_year").and_then(|fact| fact.at.clone());
        let places = std::iter::once(place).chain(filing).collect();
        facts.say(
            "cross.filing_after_copyright",
            filed > i64::from(since),
            Firmness::WellFormed,
            places,
        );
        facts.detail(
            "cross.filing_after_copyright",
            format!("since {since}, filed {filed}"),
        );
    }

    /// Years since when the site says it exists.
    fn years(&self, piece: &Piece<'_>) -> Vec<(i16, Place)> {
        let text = piece.normal.lower();
        let found = self.since.captures_iter(text.text()).filter_map(|captures| {
            let near = lexicon::around(text.text(), &captures.get(0)?.range(), OWNER_REACH).1;
            if self
                .program_owners
                .iter()
                .any(|owner| near.contains(owner.as_str()))
            {
                return None;
            }
            let year = captures.name("after").or_else(|| captures.name("before"))?;
            let place = Place::new(
                piece.url,
                piece.region.name(),
                text.snippet(captures.get(0)?.range(), 8),
            );
            Some((year.as_str().parse().ok()?, place))
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::shown::tests::{evidence, page};
    use super::super::{filing, licence};
    use super::*;
    use crate::evidence::Role;
    use crate::page::Region;

    fn footer(text: &str) -> Facts {
        let evidence = evidence(vec![(
            Role::Home,
            page(&[(Region::Main, "商品"), (Region::Footer, text)]),
        )]);
        let data = DataFiles::built_in();
        let mut facts = Facts::default();
        for load in [filing::load, licence::load, load] {
            crate::inspect::fixture::alone(&*load(&data).unwrap(), &evidence, &mut facts);
        }
        facts
    }

    #[test]
    fn provinces_are_held_against_each_other() {
        for (text, provinces, agree) in [
            (
                "91330106673959654P 浙ICP备16025414号 浙公网安备33010602009975号",
                vec!["33"],
                Some(true),
            ),
            (
                "91510100MA00000000 蜀ICP备11004573号 川公网安备51019002006069号",
                vec!["51"],
                Some(true),
            ),
            (
                "91330106673959654P 京ICP备10046444号",
                vec!["11", "33"],
                Some(false),
            ),
            (
                "京ICP备10046444号 浙公网安备33010602009975号",
                vec!["11", "33"],
                Some(false),
            ),
            ("京ICP备10046444号", vec!["11"], None),
            ("京ICP备10046444号 甘公网安备 235487154313号", vec!["11"], None),
            ("川ICP备09150084号 京公网安备11000002000001号", vec!["11"], None),
            ("合字B2-20190051 京公网安备11000002000001号", vec!["11"], None),
            ("版权所有", vec![], None),
        ] {
            let facts = footer(text);
            assert_eq!(facts.list("cross.provinces"), provinces, "{text}");
            assert_eq!(facts.is("cross.provinces_agree"), agree, "{text}");
        }
    }

    #[test]
    fn names_are_held_against_each_other() {
        for (text, agree) in [
            ("青禾（杭州）网络有限公司 青禾(杭州)网络有限责任公司", Some(true)),
            ("青禾网络有限公司 白露信息有限公司", Some(false)),
            ("青禾网络有限公司", None),
        ] {
            assert_eq!(footer(text).is("cross.company_names_agree"), agree, "{text}");
        }
    }

    #[test]
    fn the_filing_is_held_against_the_years_the_site_gives() {
        for (text, after) in [
            ("© 2012-2026 京ICP备2024046444号", Some(true)),
            ("2012-2026 版权所有 京ICP备2024046444号", Some(true)),
            ("Since 2012 京ICP备10046444号", Some(false)),
            ("Copyright © 2026 京ICP备2024046444号", Some(false)),
            ("京网文〔2012〕1039-165号 京ICP备2024046444号", None),
            (
                "Powered by Discuz! © 2001-2024 Discuz! Team. 鲁ICP备14027889号-3",
                None,
            ),
            ("© 2012-2026", None),
            ("© 3012 京ICP备2024046444号", None),
        ] {
            assert_eq!(footer(text).is("cross.filing_after_copyright"), after, "{text}");
        }
    }

    #[test]
    fn a_row_of_unrelated_permits_is_noticed() {
        let row = "京网文〔2020〕1039-165号 Z2015044000015 （总）网出证（京）字第049号";
        assert_eq!(footer(row).is("cross.unrelated_permits"), Some(true));
        assert_eq!(
            footer("京B2-20241987 京网文〔2020〕1039-165号 Z2015044000015").is("cross.unrelated_permits"),
            Some(false)
        );
        assert_eq!(footer("版权所有").is("cross.unrelated_permits"), Some(false));
    }

    #[test]
    fn a_lawful_footer_has_no_fault_and_a_copied_one_has_several() {
        let lawful = footer(
            "© 2011-2026 青禾（杭州）网络有限公司 统一社会信用代码：91330106673959654P 浙ICP备11025414号-1 \
             浙公网安备33010602009975号 增值电信业务经营许可证：浙B2-20110349",
        );
        for name in [
            "filing.icp_problem",
            "filing.police_problem",
            "licence.uscc_problem",
            "licence.telecom_problem",
        ] {
            assert_eq!(lawful.text(name), Some("none"), "{name}");
        }
        assert_eq!(lawful.is("cross.provinces_agree"), Some(true));
        assert_eq!(lawful.is("cross.filing_after_copyright"), Some(false));
        assert_eq!(
            lawful.text("licence.company_name"),
            Some("青禾(杭州)网络有限公司")
        );
        let copied = footer(
            "© 2011-2026 青禾网络有限公司 白露科技有限公司 统一社会信用代码：91330106673959655P 川ICP备2025012345号 \
             京公网安备99010602002329号 京B7-20110349",
        );
        for (name, problem) in [
            ("filing.icp_problem", "province"),
            ("filing.police_problem", "code"),
            ("licence.uscc_problem", "check_digit"),
            ("licence.telecom_problem", "class"),
        ] {
            assert_eq!(copied.text(name), Some(problem), "{name}");
        }
        assert_eq!(copied.is("cross.company_names_agree"), Some(false));
        assert_eq!(copied.is("cross.provinces_agree"), None);
    }

    #[test]
    fn data_that_does_not_read_is_refused() {
        for file in ["licences.toml", "provinces.toml", "registries.toml"] {
            let data = DataFiles::built_in().with(file, "unknown = 1");
            let errors = [filing::load, licence::load, load]
                .iter()
                .filter(|load| load(&data).is_err())
                .count();
            assert!(errors > 0, "{file}");
        }
    }

    #[test]
    fn nothing_is_said_of_a_site_that_was_not_read() {
        let mut facts = Facts::default();
        let cross = load(&DataFiles::built_in()).unwrap();
        crate::inspect::fixture::alone(&*cross, &evidence(vec![]), &mut facts);
        assert!(facts.is_empty());
        assert!(PROVIDES.iter().all(|spec| facts.absence(spec.name).is_some()));
    }
}
