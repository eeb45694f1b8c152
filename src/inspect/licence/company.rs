//! Names of firms in text: found by their endings, cut where a name begins.
//!
//! Takes one piece of text and the words of `data/licences.toml`; gives each name with its place. A name that the text
//! says is somebody else's (technical support, partners, the one who provides the payment) is left out. Whether a
//! firm of that name exists is not known here.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use crate::inspect::{DataError, DataFiles};
use crate::text::{Normal, is_han};

/// Longest name, in characters.
const MAX_CHARS: usize = 40;
/// Longest name of a branch's place with the word for branch, in characters.
const MAX_BRANCH_CHARS: usize = 11;
/// Most names taken from one piece of text.
const MAX_NAMES: usize = 20;

/// The words around names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    suffixes: Vec<String>,
    weak_suffixes: Vec<String>,
    same: Vec<(String, String)>,
    branch: String,
    leads: Vec<String>,
    heads: Vec<String>,
    other_leads: Vec<String>,
    partner_words: Vec<String>,
    other_tails: Vec<String>,
    not_names: Vec<String>,
    /// Names of places that begin like one of those.
    place_openings: Vec<String>,
    pub(super) labels: Vec<String>,
    /// What follows a name where an agreement says who its parties are.
    named_as: Vec<String>,
}

/// Finds names.
#[derive(Debug)]
pub(in crate::inspect) struct Names {
    words: Vocabulary,
    endings: AhoCorasick,
}

impl Names {
    pub(super) fn new(words: Vocabulary) -> Result<Self, DataError> {
        let endings = words.suffixes.iter().chain(&words.weak_suffixes);
        let endings = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(endings);
        let endings = endings.map_err(|err| DataFiles::bad("licences.toml", err))?;
        Ok(Self { words, endings })
    }

    /// Whether a text says that the shop's own firm is named in it.
    pub(super) fn is_labelled(&self, text: &Normal) -> bool {
        self.words
            .labels
            .iter()
            .any(|label| text.text().contains(label.as_str()))
    }

    /// Names that an agreement gives a short form to, which makes them its parties: `某某公司(以下简称"本公司")`.
    pub(super) fn parties(&self, text: &Normal) -> Vec<(String, Range<usize>)> {
        let mut names = Vec::new();
        if self
            .words
            .named_as
            .iter()
            .any(|word| text.text().contains(word.as_str()))
        {
            names = self.find(text);
            names.retain(|(_, range)| self.is_named_as(text.text(), range.end));
        }
        names
    }

    fn is_named_as(&self, all: &str, end: usize) -> bool {
        let after = all
            .get(end..)
            .unwrap_or_default()
            .trim_start_matches([' ', '(', ',', '[', '【']);
        self.words
            .named_as
            .iter()
            .any(|word| after.starts_with(word.as_str()))
    }

    /// Whether an ending of names stands in a text as it was written: a cheap look before it is normalised. Longest names
    /// only: what stands alone is no longer.
    pub(super) fn may_be_in(&self, raw: &str) -> bool {
        raw.chars().nth(MAX_CHARS + MAX_BRANCH_CHARS).is_none() && self.endings.is_match(raw)
    }

    /// Names in a text that are not said to be somebody else's, with their places in its normal form.
    pub(in crate::inspect) fn find(&self, text: &Normal) -> Vec<(String, Range<usize>)> {
        let all = text.text();
        if self.endings.find(all).is_none() {
            return Vec::new();
        }
        let partners = self
            .words
            .partner_words
            .iter()
            .filter_map(|word| all.find(word.as_str()))
            .min();
        let mut names = Vec::new();
        let mut from = 0;
        for ending in self.endings.find_iter(all) {
            if partners.is_some_and(|at| ending.start() > at) || names.len() >= MAX_NAMES {
                break;
            }
            let weak = ending.pattern().as_usize() >= self.words.suffixes.len();
            let start = self.start_of(all, from, ending.start());
            let end = self.with_branch(all, ending.end());
            from = end;
            if self.is_name(all, start..ending.start(), weak) && !self.is_others(all, start, end) {
                names.push((all.get(start..end).unwrap_or_default().to_owned(), start..end));
            }
        }
        names
    }

    /// Whether all names are of one firm, branches included.
    pub(in crate::inspect) fn are_one_firm(&self, names: &[String]) -> bool {
        names
            .first()
            .is_some_and(|first| names.iter().all(|name| self.same(first, name)))
    }

    /// How many firms the names are of, branches counted with their firm.
    pub(in crate::inspect) fn firms(&self, names: &[String]) -> usize {
        let mut firms: Vec<&str> = Vec::new();
        for name in names {
            if !firms.iter().any(|firm| self.same(firm, name)) {
                firms.push(name);
            }
        }
        firms.len()
    }

    /// The name as it is compared: without brackets and blanks, and with endings that mean the same made one.
    fn folded(&self, name: &str) -> String {
        let mut folded: String = name.chars().filter(|c| !"()[]（） ".contains(*c)).collect();
        for (from, to) in &self.words.same {
            folded = folded.replace(from.as_str(), to);
        }
        folded.to_lowercase()
    }

    /// Whether two names are of one firm, or of a firm and its branch.
    fn same(&self, one: &str, other: &str) -> bool {
        let (one, other) = (self.folded(one), self.folded(other));
        let branch = |whole: &str, head: &str| whole.starts_with(head) && whole.ends_with(&self.words.branch);
        one == other || branch(&one, &other) || branch(&other, &one)
    }

    /// Walks back from an ending to where the name begins.
    fn start_of(&self, all: &str, from: usize, ending: usize) -> usize {
        let before = all.get(from..ending).unwrap_or_default();
        let mut start = ending;
        for (at, c) in before.char_indices().rev().take(MAX_CHARS) {
            if !(is_han(c) || c.is_ascii_alphanumeric() || "()·&".contains(c)) {
                break;
            }
            start = from + at;
        }
        let name = all.get(start..ending).unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let leads = self
            .words
            .leads
            .iter()
            .filter_map(|lead| lower.rfind(lead.as_str()).map(|at| at + lead.len()));
        start += leads
            .filter(|cut| han_chars(name.get(*cut..)) >= 2)
            .max()
            .unwrap_or(0);
        start += junk(all.get(start..ending).unwrap_or_default());
        let name = all.get(start..ending).unwrap_or_default();
        let head = self
            .words
            .heads
            .iter()
            .find(|head| name.starts_with(head.as_str()));
        start + head.map_or(0, String::len)
    }

    /// Where a name ends when the branch it names is counted in.
    fn with_branch(&self, all: &str, end: usize) -> usize {
        let rest = all.get(end..).unwrap_or_default();
        let place = rest
            .chars()
            .take(MAX_BRANCH_CHARS)
            .take_while(|c| is_han(*c))
            .map(char::len_utf8)
            .sum();
        let place = rest.get(..place).unwrap_or_default();
        place
            .find(self.words.branch.as_str())
            .map_or(end, |at| end + at + self.words.branch.len())
    }

    fn is_name(&self, all: &str, body: Range<usize>, weak: bool) -> bool {
        let body = all.get(body);
        let begins = |words: &[String]| {
            let mut words = words.iter();
            words.any(|word| body.is_some_and(|body| body.starts_with(word.as_str())))
        };
        let phrase = begins(&self.words.not_names) && !begins(&self.words.place_openings);
        !phrase && han_chars(body) >= if weak { 4 } else { 2 }
    }

    /// Whether the words before or after make the name somebody else's.
    fn is_others(&self, all: &str, start: usize, end: usize) -> bool {
        let before = all
            .get(..start)
            .unwrap_or_default()
            .trim_end_matches([' ', ':', '-']);
        let after = all.get(end..).unwrap_or_default();
        self.words
            .other_leads
            .iter()
            .any(|lead| before.ends_with(lead.as_str()))
            || self
                .words
                .other_tails
                .iter()
                .any(|tail| after.starts_with(tail.as_str()))
    }
}

fn han_chars(text: Option<&str>) -> usize {
    text.map_or(0, |text| text.chars().filter(|c| is_han(*c)).count())
}

/// How many bytes at the head of a name are no part of it: a year, closing brackets, an opening bracket left alone.
fn junk(name: &str) -> usize {
    let trimmed = name.trim_start_matches([')', '·', '&']);
    let digits = trimmed.chars().take_while(char::is_ascii_digit).count();
    let year = digits == 4 && (trimmed.starts_with("19") || trimmed.starts_with("20"));
    let rest = if year {
        trimmed.trim_start_matches(|c: char| c.is_ascii_digit())
    } else {
        trimmed
    };
    // An opening bracket without its other half belongs to the text before.
    let rest = if rest.starts_with('(') && !rest.contains(')') {
        rest.trim_start_matches('(')
    } else {
        rest
    };
    name.len() - rest.len()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static NAMES: LazyLock<Names> = LazyLock::new(|| {
        let words = super::super::Vocabulary::read(&DataFiles::built_in()).unwrap();
        words.names().unwrap()
    });

    #[test]
    fn names_are_cut_out_of_the_words_around_them() {
        let names = &NAMES;
        for (text, expected) in [
            (
                "© 2012-2024 杭州青禾网络科技有限公司 版权所有",
                vec!["杭州青禾网络科技有限公司"],
            ),
            (
                "Copyright2024杭州青禾网络科技有限公司",
                vec!["杭州青禾网络科技有限公司"],
            ),
            (
                "版权所有杭州青禾网络科技有限责任公司",
                vec!["杭州青禾网络科技有限责任公司"],
            ),
            (
                "公司名称：青禾（杭州）网络有限公司",
                vec!["青禾(杭州)网络有限公司"],
            ),
            ("本站由青禾网络有限公司运营", vec!["青禾网络有限公司"]),
            (
                "青禾网络股份有限公司北京分公司",
                vec!["青禾网络股份有限公司北京分公司"],
            ),
            ("由青禾网络有限公司运营", vec!["青禾网络有限公司"]),
            ("(青禾网络有限公司)", vec!["青禾网络有限公司"]),
            ("甲市乙区青禾电子商务商行", vec!["甲市乙区青禾电子商务商行"]),
            (
                "青禾网络有限公司 白露信息有限公司",
                vec!["青禾网络有限公司", "白露信息有限公司"],
            ),
            ("4399网络有限公司", vec!["4399网络有限公司"]),
            ("技术支持：白露信息有限公司", vec![]),
            ("支付服务由白露支付有限公司提供", vec![]),
            (
                "青禾网络有限公司 友情链接 白露信息有限公司",
                vec!["青禾网络有限公司"],
            ),
            ("贵阳青禾数据服务有限公司", vec!["贵阳青禾数据服务有限公司"]),
            ("如皋市青禾网络有限公司", vec!["如皋市青禾网络有限公司"]),
            ("如贵方为有限公司", vec![]),
            ("我们工作室招人", vec![]),
            ("正规有限公司", vec![]),
            ("有限公司", vec![]),
            ("本公司是一家有限公司", vec![]),
            ("", vec![]),
        ] {
            let found: Vec<String> = names
                .find(&Normal::of(text))
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn the_parties_of_an_agreement_have_a_short_form() {
        for (text, expected) in [
            (
                "本协议由杭州青禾网络有限公司（以下简称“本公司”）与用户订立",
                vec!["杭州青禾网络有限公司"],
            ),
            ("青禾网络有限公司，下称平台方", vec!["青禾网络有限公司"]),
            ("由白露支付有限公司提供的支付服务（以下简称“支付”）", vec![]),
            ("青禾网络有限公司与您订立", vec![]),
        ] {
            let found: Vec<String> = NAMES
                .parties(&Normal::of(text))
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn firms_are_counted_with_their_branches() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (list, firms) in [
            (
                &["青禾有限公司", "青禾有限责任公司", "青禾有限公司北京分公司"][..],
                1,
            ),
            (&["青禾有限公司", "白露有限公司"], 2),
            (&[], 0),
        ] {
            assert_eq!(NAMES.firms(&names(list)), firms, "{list:?}");
        }
    }

    #[test]
    fn names_are_compared_without_brackets_and_with_endings_folded() {
        let names = &NAMES;
        for (one, other, same) in [
            ("青禾（杭州）有限公司", "青禾(杭州)有限责任公司", true),
            ("青禾有限公司", "青禾有限公司北京分公司", true),
            ("青禾有限公司", "白露有限公司", false),
            ("青禾有限公司", "青禾股份有限公司", false),
        ] {
            assert_eq!(names.same(one, other), same, "{one} {other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_ranges_hold(text in "(\\PC|有限公司|工作室|分公司|版权所有|[青禾()©2]){0,40}") {
            let normal = Normal::of(&text);
            for (name, range) in NAMES.find(&normal) {
                proptest::prop_assert_eq!(normal.text().get(range), Some(name.as_str()));
            }
        }
    }
}
