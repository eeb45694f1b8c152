//! Parodies: numbers of hobby registries, which look like filings and are none.
//!
//! Which words they use is the caller's data; here they are only found. They are never filings, however well formed.

use std::ops::Range;

/// Fewest digits of such a number.
pub(super) const MIN_DIGITS: u32 = 6;

/// Where one of the words starts that a text ends in; the longest when several do.
pub fn ending(text: &str, prefixes: &[String]) -> Option<usize> {
    let text = text.trim_end_matches([' ', ')']);
    let fitting = prefixes
        .iter()
        .filter(|prefix| !prefix.is_empty() && text.ends_with(prefix.as_str()));
    fitting.map(|prefix| text.len() - prefix.len()).min()
}

/// Places of a label followed by at least six digits, with the sign `号` behind them.
pub fn labelled(text: &str, label: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if label.is_empty() {
        return found;
    }
    for (start, _) in text.match_indices(label) {
        let behind = text.get(start + label.len()..).unwrap_or_default();
        let number = behind.trim_start_matches([' ', ':', '号']);
        let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
        if number.len() - rest.len() >= MIN_DIGITS as usize {
            let rest = rest.strip_prefix('号').unwrap_or(rest);
            found.push(start..text.len() - rest.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_word_before_a_number_is_found() {
        let prefixes = words(&["云", "星云", ""]);
        assert_eq!(ending("见星云", &prefixes), Some("见".len()));
        assert_eq!(ending("(云) ", &prefixes), Some(1));
        assert_eq!(ending("星云见", &prefixes), None);
        assert_eq!(ending("", &prefixes), None);
    }

    #[test]
    fn a_label_needs_digits_behind_it() {
        assert!(labelled("官码2024000155号", "").is_empty());
        for (text, expected) in [
            ("官码2024000155号", vec!["官码2024000155号"]),
            (
                "见官码: 202400 和官码号123456",
                vec!["官码: 202400", "官码号123456"],
            ),
            ("官码12345号", vec![]),
            ("官码", vec![]),
        ] {
            let found: Vec<&str> = labelled(text, "官码")
                .into_iter()
                .filter_map(|range| text.get(range))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
