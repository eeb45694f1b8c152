//! Licences for culture on the internet (网络文化经营许可证): `京网文〔2020〕1039-165号`, old ones of the ministry
//! `文网文[2010]0387-014号`.
//!
//! The head must be a letter that some province's licences bear, or that of the ministry. Valid for three years; whether one
//! has run out is not told here.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Permit, PermitKind, permit};
use crate::number::province::Provinces;
use crate::number::{Found, Problem, filler};

/// First year in which such licences were given.
const FIRST_YEAR: i16 = 2003;
/// Head of the licences that the ministry gave.
const MINISTRY: &str = "文";
/// Words that hold the same letters and are no number.
pub(super) const LITERAL: &str = "网文";

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?<head>\p{Han})? ?网文 ?(?<open>[〔\[(【<〈])? ?(?<year>[0-9xX*]{2,4}) ?(?<close>[〕\])】>〉])? ?第? ?",
        r"(?<serial>[0-9xX*]{1,6})?(?: ?- ?(?<part>[0-9xX*]{1,4}))? ?(?<sign>号)?",
    ))
    .expect("a fixed pattern, compiled by every test")
});

/// Every such number in a text in normal form.
pub(super) fn find(text: &str, provinces: &Provinces, now: i16) -> Vec<Found<Permit>> {
    if !text.contains(LITERAL) {
        return Vec::new();
    }
    FORM.captures_iter(text)
        .filter_map(|captures| {
            let range = captures.get(0)?.range();
            // "网文 20本" and "网文 2023 100部" are about novels.
            let meant = captures.name("open").is_some()
                || (captures.name("sign").is_some() && captures.name("serial").is_some());
            meant.then(|| {
                let (number, problem) = read(&captures, provinces, now);
                permit(PermitKind::Culture, number, problem, range)
            })
        })
        .collect()
}

fn read(captures: &Captures<'_>, provinces: &Provinces, now: i16) -> (String, Option<Problem>) {
    let part = |name: &str| captures.name(name).map_or("", |part| part.as_str());
    let (head, year, serial, tail) = (part("head"), part("year"), part("serial"), part("part"));
    let problem = problem(captures, provinces, now);
    if problem.is_some() {
        return (part_shown(captures), problem);
    }
    let tail = if tail.is_empty() {
        String::new()
    } else {
        format!("-{tail}")
    };
    (format!("{head}网文〔{year}〕{serial}{tail}号"), None)
}

fn part_shown(captures: &Captures<'_>) -> String {
    captures
        .get(0)
        .map_or_else(String::new, |whole| whole.as_str().replace(' ', ""))
}

fn problem(captures: &Captures<'_>, provinces: &Provinces, now: i16) -> Option<Problem> {
    let part = |name: &str| captures.name(name).map_or("", |part| part.as_str());
    let digits = format!("{}{}", part("serial"), part("part"));
    if filler::is_masked(&format!("{}{digits}", part("year"))) {
        return Some(Problem::Masked);
    }
    if filler::is_filler(&digits) {
        return Some(Problem::Placeholder);
    }
    let head = part("head");
    let letter = head.chars().next();
    let known = head == MINISTRY || letter.is_some_and(|letter| provinces.by_licence(letter).is_some());
    if !head.is_empty() && !known {
        return Some(Problem::Province);
    }
    let formed = known
        && captures.name("open").is_some()
        && captures.name("close").is_some()
        && part("year").len() == 4
        && (3..=5).contains(&part("serial").len())
        && matches!(part("part").len(), 0 | 3);
    if !formed {
        return Some(Problem::Grammar);
    }
    let year = part("year").parse::<i16>().ok();
    (!year.is_some_and(|year| (FIRST_YEAR..=now).contains(&year))).then_some(Problem::Year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;
    use crate::text::Normal;

    fn read(text: &str) -> Vec<(String, Option<Problem>)> {
        find(Normal::of(text).text(), &tables().provinces, 2026)
            .into_iter()
            .map(|found| (found.number.number, found.number.problem))
            .collect()
    }

    #[test]
    fn numbers_are_written_as_the_register_writes_them() {
        for (text, number) in [
            ("京网文〔2020〕1039-165号", "京网文〔2020〕1039-165号"),
            (
                "网络文化经营许可证 浙网文[2018]2411-151号",
                "浙网文〔2018〕2411-151号",
            ),
            ("京網文（2016）6588-901號", "京网文〔2016〕6588-901号"),
            ("苏网文 〔2018〕 10580 - 203 号", "苏网文〔2018〕10580-203号"),
            ("文网文[2010]0387-014号", "文网文〔2010〕0387-014号"),
            ("文网文[2009]024号", "文网文〔2009〕024号"),
            ("粤网文【2023】1034-029", "粤网文〔2023〕1034-029号"),
        ] {
            assert_eq!(read(text), [(number.to_owned(), None)], "{text}");
        }
    }

    #[test]
    fn each_failure_has_its_reason() {
        use Problem as P;
        for (text, problem) in [
            ("北网文（2016）0349-219号", P::Province),
            ("蜀网文〔2020〕1039-165号", P::Province),
            ("京网文〔2031〕1039-165号", P::Year),
            ("京网文〔1999〕1039-165号", P::Year),
            ("京网文〔2020〕XXXX-XXX号", P::Masked),
            ("京网文〔20**〕1039-165号", P::Masked),
            ("京网文〔2020〕1234-567号", P::Placeholder),
            ("京网文〔2020〕0000-000号", P::Placeholder),
            ("京网文〔2020〕1039-16号", P::Grammar),
            ("京网文〔20〕1039-165号", P::Grammar),
            ("京网文2020 1039-165号", P::Grammar),
            ("网文〔2020〕1039-165号", P::Grammar),
        ] {
            let found = read(text);
            assert_eq!(
                found.first().map(|(_, problem)| *problem),
                Some(Some(problem)),
                "{text}"
            );
        }
    }

    #[test]
    fn novels_are_no_licences() {
        for text in ["网文 20本", "经典网文 2023 100部", "互联网文化", "网文"] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
