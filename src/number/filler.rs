//! Filler: tells digits that somebody typed to fill a field from digits that somebody was given.
//!
//! Takes the digits of one number; says nothing about numbers that merely look neat.

/// Characters that stand for hidden digits, in normal form, upper or lower case.
pub const MASKS: &str = "xX*?#×●○■□";

/// Shortest run that counts as filler.
const RUN: usize = 6;

/// Whether some of the characters stand for hidden digits.
pub fn is_masked(serial: &str) -> bool {
    serial.chars().any(|c| MASKS.contains(c))
}

/// Whether the digits are filler: they count up or down (`1234567`), or their last six are all the same or `123456`.
pub fn is_filler(digits: &str) -> bool {
    let bytes: Vec<u8> = digits.bytes().collect();
    let tail = bytes
        .len()
        .checked_sub(RUN)
        .and_then(|start| bytes.get(start..))
        .unwrap_or_default();
    let same = tail.len() == RUN && tail.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
    same || tail == b"123456" || longest_run(&bytes, 1) > RUN || longest_run(&bytes, -1) > RUN
}

/// Length of the longest run in which each digit differs from the one before by `step`.
fn longest_run(digits: &[u8], step: i16) -> usize {
    let mut longest = 0;
    let mut run = 1;
    for pair in digits.windows(2) {
        let follows = matches!(pair, [a, b] if i16::from(*b) - i16::from(*a) == step);
        run = if follows { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_is_told_from_numbers() {
        for digits in [
            "12345678",
            "12345670",
            "2021000000",
            "10000000",
            "00000000",
            "11111111",
            "2020123456",
            "5303810000000",
            "87654321",
        ] {
            assert!(is_filler(digits), "{digits}");
        }
        for digits in [
            "10046444",
            "05000064",
            "2020133024",
            "11000002000001",
            "110000000005",
            "05000593",
            "030173",
            "",
            "12",
            "2026001073",
        ] {
            assert!(!is_filler(digits), "{digits}");
        }
        assert!(is_masked("1101XXXX") && is_masked("**") && !is_masked("1101"));
    }
}
