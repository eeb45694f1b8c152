//! Registration numbers (注册号): the 15-digit numbers of business licences before credit codes came in 2015.
//!
//! GS 15-2006: six digits of the first office, eight of serial, one check digit by ISO 7064 MOD 11,10. The 13-digit
//! numbers of before 2007 are not read.

use super::Problem;

/// A 15-digit registration number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The 15 digits.
    pub digits: String,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

impl Registration {
    /// Reads exactly 15 digits; anything else is no registration number.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() != 15 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let problem = (!check_holds(text)).then_some(Problem::CheckDigit);
        Some(Self {
            digits: text.to_owned(),
            problem,
        })
    }
}

/// ISO 7064 MOD 11,10 over all digits, the check digit last.
fn check_holds(digits: &str) -> bool {
    let values: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((check, body)) = values.split_last() else {
        return false;
    };
    let carry = body.iter().fold(10, |carry, digit| {
        let sum = (carry + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - carry) % 10 == *check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_decides() {
        for (text, expected) in [
            ("440301103448669", Some(None)),
            ("110108002734659", Some(None)),
            ("330106000129004", Some(None)),
            ("990106000129004", Some(Some(Problem::CheckDigit))),
            ("440301103448668", Some(Some(Problem::CheckDigit))),
            ("44030110344866", None),
            ("44030110344866X", None),
            ("", None),
        ] {
            assert_eq!(
                Registration::read(text).map(|number| number.problem),
                expected,
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn exactly_one_last_digit_holds(body in "[0-9]{14}") {
            let holding = (0..10).filter(|last| check_holds(&format!("{body}{last}"))).count();
            proptest::prop_assert_eq!(holding, 1);
        }
    }
}
