//! Police numbers (公网安备): 14 digits, or the 12 of old ones, behind a province letter.
//!
//! Digits 1–2 name the province of the letter, digits 7–8 of the long form are always `02`. Digits 3–6 are not
//! tested: development zones have codes of their own.

use std::sync::LazyLock;

use regex::Regex;

use super::province::Provinces;
use super::{Found, Problem, filler};
use crate::text::{Letters, Normal};

/// A police number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Police {
    /// The number as the register writes it when it is well formed, else as shown.
    pub number: String,
    /// The digits alone.
    pub digits: String,
    /// Province code of the letter, if police numbers use it.
    pub province: Option<String>,
    /// What is wrong with it.
    pub problem: Option<Problem>,
    /// Whether it is of the old 12-digit form.
    pub old: bool,
}

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:\(?(?<province>\p{Han})\)? ?)?公 ?网 ?安 ?备(?: ?(?:案|号|:)){0,6} ?\(? ?",
        r"(?:(?<spaced>[0-9x*?#×●○■□](?: ?[0-9x*?#×●○■□]){4,19}) ?\)? ?号|(?<plain>[0-9x*?#×●○■□]{5,24})\)?)",
    ))
    .expect("a fixed pattern, compiled by every test")
});

/// Letters that every such number holds.
static LETTERS: LazyLock<Letters> = LazyLock::new(|| Letters::of("公网安备"));

/// Every police number in a text.
pub fn find(text: &Normal, provinces: &Provinces) -> Vec<Found<Police>> {
    // A cheap look before the pattern runs.
    if !text.letters().holds(&LETTERS) || !text.text().contains('安') {
        return Vec::new();
    }
    FORM.captures_iter(text.text())
        .filter_map(|captures| {
            let whole = captures.get(0)?;
            let letter = captures
                .name("province")
                .and_then(|letter| letter.as_str().chars().next());
            let digits = captures
                .name("spaced")
                .or_else(|| captures.name("plain"))?
                .as_str()
                .replace(' ', "");
            Some(Found {
                number: read(letter, digits, whole.as_str(), provinces),
                range: whole.range(),
            })
        })
        .collect()
}

fn read(letter: Option<char>, digits: String, shown: &str, provinces: &Provinces) -> Police {
    let province = letter.and_then(|letter| provinces.by_police(letter));
    let code = province.map(|province| province.code.clone());
    let foreign = letter.is_some() && province.is_none();
    let problem = problem(code.as_deref(), foreign, &digits);
    let number = match (problem, letter) {
        (None, Some(letter)) => format!("{letter}公网安备{digits}号"),
        _ => shown.trim().to_owned(),
    };
    Police {
        number,
        old: problem.is_none() && digits.len() == 12,
        digits,
        province: code,
        problem,
    }
}

fn problem(province: Option<&str>, foreign: bool, digits: &str) -> Option<Problem> {
    if filler::is_masked(digits) {
        return Some(Problem::Masked);
    }
    if filler::is_filler(digits) {
        return Some(Problem::Placeholder);
    }
    if foreign {
        return Some(Problem::Province);
    }
    let Some(province) = province.filter(|_| matches!(digits.len(), 12 | 14)) else {
        return Some(Problem::Grammar);
    };
    if !digits.starts_with(province) {
        return Some(Problem::Province);
    }
    let marked = digits.len() == 12 || digits.get(6..8) == Some("02");
    (!marked).then_some(Problem::Code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;

    fn one(text: &str) -> Police {
        let mut found = find(&Normal::of(text), &tables().provinces);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0).number
    }

    #[test]
    fn every_sample_comes_out_as_labelled() {
        let mut rows = 0;
        for line in include_str!("../../tests/samples/police_samples.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let mut columns = line.split('\t');
            let (text, class) = (columns.next().unwrap(), columns.next().unwrap());
            let police = one(text);
            let got = match police.problem {
                None if police.old => "police_old",
                None => "police",
                Some(problem) => problem.code(),
            };
            assert_eq!(got, class, "{line}");
            rows += 1;
        }
        assert_eq!(rows, 17);
    }

    #[test]
    fn numbers_are_written_as_the_register_writes_them() {
        for (text, number) in [
            ("滇公网安备53030202000521", "滇公网安备53030202000521号"),
            ("川公网安备 51010602000097号", "川公网安备51010602000097号"),
            ("京公網安備11010502030143號", "京公网安备11010502030143号"),
            ("川公网安备51010602000097 2020-2024", "川公网安备51010602000097号"),
            (
                "浙 公 网 安 备 3301 0602 0099 75 号",
                "浙公网安备33010602009975号",
            ),
        ] {
            assert_eq!(
                (one(text).number.as_str(), one(text).problem),
                (number, None),
                "{text}"
            );
        }
    }

    #[test]
    fn each_failure_has_its_reason() {
        use Problem as P;
        for (text, problem) in [
            ("甘公网安备 235487154313号", P::Province),
            ("京公网安备 99010602002329号", P::Province),
            ("京公网安备11010503030143号", P::Code),
            ("蜀公网安备51010602000097号", P::Province),
            ("黔公网安备52038202001008号", P::Province),
            ("陇公网安备62090202000584号", P::Province),
            ("京公网安备12345678901234号", P::Placeholder),
            ("京公网安备1101050200000000号", P::Placeholder),
            ("京公网安备1101050203XXXX号", P::Masked),
            ("京公网安备1101050203014号", P::Grammar),
            ("公网安备11010502030143号", P::Grammar),
        ] {
            assert_eq!(one(text).problem, Some(problem), "{text}");
        }
    }

    #[test]
    fn other_text_holds_no_number() {
        for text in ["公网安备", "京ICP备10046444号", "公安备案 1234567", ""] {
            assert_eq!(find(&Normal::of(text), &tables().provinces), [], "{text}");
        }
    }
}
