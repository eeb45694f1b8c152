//! Organisation codes (组织机构代码), GB 11714: eight characters and a check character, often written `71526726-X`.
//!
//! Every firm had one before credit codes came, and every credit code holds one. Reads what stands behind a label and
//! says what is wrong with it; without a label nine characters may be anything, so nothing is searched here.

use super::{Problem, filler};

/// Weights of GB 11714 for the eight characters before the check character.
const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
/// Characters of a code.
const LENGTH: usize = 9;
/// Lengths that what stands behind a label may have and still be meant as a code.
const MEANT: std::ops::RangeInclusive<usize> = 8..=10;

/// An organisation code, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The code in capitals, without hyphen.
    pub code: String,
    /// What is wrong with it: grammar, masked, placeholder or check digit.
    pub problem: Option<Problem>,
}

impl Organisation {
    /// Reads what is announced as an organisation code, blanks and hyphens gone; nothing when it is too short or too long
    /// to be meant as one, or holds no digit.
    pub fn read(text: &str) -> Option<Self> {
        let code = text.to_ascii_uppercase();
        let chars: Vec<char> = code.chars().collect();
        let digits = chars
            .iter()
            .any(|c| c.is_ascii_digit() || (*c != 'X' && filler::MASKS.contains(*c)));
        (MEANT.contains(&chars.len()) && digits).then(|| Self {
            problem: problem(&chars),
            code,
        })
    }
}

fn problem(chars: &[char]) -> Option<Problem> {
    if is_masked(chars) {
        return Some(Problem::Masked);
    }
    let (body, check) = (chars.get(..LENGTH - 1).unwrap_or_default(), chars.get(LENGTH - 1));
    let formed = chars.len() == LENGTH
        && body.iter().all(char::is_ascii_alphanumeric)
        && check.is_some_and(|check| check.is_ascii_digit() || *check == 'X');
    if !formed {
        return Some(Problem::Grammar);
    }
    if filler::is_filler(&body.iter().collect::<String>()) {
        return Some(Problem::Placeholder);
    }
    (!holds(chars)).then_some(Problem::CheckDigit)
}

/// Two X in a row (one may be the check character), or any other mask.
fn is_masked(chars: &[char]) -> bool {
    chars.windows(2).any(|run| run.iter().all(|c| *c == 'X'))
        || chars.iter().any(|c| *c != 'X' && filler::MASKS.contains(*c))
}

/// Whether nine characters are an organisation code with a right check character: `11 − Σ mod 11`, 10 written `X`, 11
/// written `0`; letters count from A = 10.
pub(super) fn holds(chars: &[char]) -> bool {
    let (Some(body), Some(check)) = (chars.get(..LENGTH - 1), chars.get(LENGTH - 1)) else {
        return false;
    };
    let mut sum = 0;
    for (c, weight) in body.iter().zip(WEIGHTS) {
        let Some(value) = c.to_digit(36) else { return false };
        sum += value * weight;
    }
    let expected = match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    };
    chars.len() == LENGTH && expected == Some(*check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_reason() {
        use Problem as P;
        for (text, problem) in [
            ("71526726X", None),
            ("71526726x", None),
            ("802100433", None),
            ("MA003A481", None),
            ("715267260", Some(P::CheckDigit)),
            ("7152672XX", Some(P::Masked)),
            ("71526***X", Some(P::Masked)),
            ("123456789", Some(P::Placeholder)),
            ("000000000", Some(P::Placeholder)),
            ("71526726A", Some(P::Grammar)),
            ("7152672X", Some(P::Grammar)),
            ("71526726XX", Some(P::Masked)),
            ("715267261X", Some(P::Grammar)),
        ] {
            let read = Organisation::read(text).unwrap();
            assert_eq!(read.problem, problem, "{text}");
            assert_eq!(read.code, text.to_ascii_uppercase());
        }
        for text in ["", "7152672", "71526726X00", "PENDINGXY", "91330106673959654P"] {
            assert_eq!(Organisation::read(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn exactly_one_check_character_holds(body in "[0-9A-Z]{8}") {
            let holding = "0123456789X".chars().filter(|last| {
                holds(&format!("{body}{last}").chars().collect::<Vec<_>>())
            });
            proptest::prop_assert_eq!(holding.count(), 1);
        }

        #[test]
        fn never_panics(text in "\\PC{0,12}") {
            let read = Organisation::read(&text);
            proptest::prop_assert!(read.is_none_or(|read| read.problem.is_some() || read.code.len() == 9));
        }
    }
}
