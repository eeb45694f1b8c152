//! Registration numbers (注册号): what business licences bore before credit codes came in 2015.
//!
//! GS 15-2006: six digits of the first office, eight of serial, one check digit by ISO 7064 MOD 11,10. Those of before
//! July 2007 have 13 digits and no check digit. Every licence was moved to 18 characters by 2017, so both are stale; that
//! is for others to say.

use super::{Problem, filler};

/// Digits of a number since July 2007.
const LENGTH: usize = 15;
/// Digits of a number before.
const OLD_LENGTH: usize = 13;
/// Fewest digits left open in a number whose others are hidden.
const OPEN_DIGITS: usize = 4;

/// A registration number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The digits, and the masks where some are hidden.
    pub digits: String,
    /// What is wrong with it: old form (13 digits), masked, placeholder or check digit.
    pub problem: Option<Problem>,
}

impl Registration {
    /// Reads exactly 15 or 13 digits, some of which may be hidden; anything else is no registration number.
    pub fn read(text: &str) -> Option<Self> {
        let length = text.chars().count();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let masks = text.chars().filter(|c| filler::MASKS.contains(*c)).count();
        let formed = matches!(length, LENGTH | OLD_LENGTH) && digits + masks == length;
        if !formed || (masks > 0 && digits < OPEN_DIGITS) {
            return None;
        }
        let problem = if masks > 0 {
            Some(Problem::Masked)
        } else if filler::is_filler(text) {
            Some(Problem::Placeholder)
        } else if length == OLD_LENGTH {
            Some(Problem::OldForm)
        } else {
            (!check_holds(text)).then_some(Problem::CheckDigit)
        };
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
    fn the_form_and_the_check_digit_decide() {
        use Problem as P;
        for (text, expected) in [
            ("440301103448669", Some(None)),
            ("110108002734659", Some(None)),
            ("330106000129004", Some(None)),
            ("990106000129004", Some(Some(P::CheckDigit))),
            ("440301103448668", Some(Some(P::CheckDigit))),
            ("4403011034486", Some(Some(P::OldForm))),
            ("44030110344****", Some(Some(P::Masked))),
            ("4403011XXXXXX", Some(Some(P::Masked))),
            ("123456789012345", Some(Some(P::Placeholder))),
            ("440301100000000", Some(Some(P::Placeholder))),
            ("0000000000000", Some(Some(P::Placeholder))),
            ("***************", None),
            ("44030110344866", None),
            ("44030110344866A", None),
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

        #[test]
        fn any_one_changed_digit_is_noticed(body in "[0-9]{14}", at in 0usize..15, to in 0u8..10) {
            let last = (0..10).find(|last| check_holds(&format!("{body}{last}"))).unwrap();
            let mut digits = format!("{body}{last}").into_bytes();
            proptest::prop_assume!(digits[at] != b'0' + to);
            digits[at] = b'0' + to;
            proptest::prop_assert!(!check_holds(std::str::from_utf8(&digits).unwrap()));
        }
    }
}
