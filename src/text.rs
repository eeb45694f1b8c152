//! Text: the normal form of Chinese text as shops write it, with every position mapped back to the page.
//!
//! Takes any text and gives a [`Normal`]: NFKC (so full width, ligatures and circled digits are gone), invisible
//! characters dropped, dashes and white space unified, traditional letters folded to simplified ones
//! (`data/letters.toml`). From it come a lower-case form and a form for word search in which decorations between
//! letters are gone. A place found in any form can be quoted as it stood on the page.
//!
//! It knows no words and no numbers, and joins nothing across blocks: hand it one block at a time.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Most decorations in a row that [`Normal::joined`] takes out between two letters.
const MAX_DECORATIONS: usize = 4;

/// A letter that would become more than so many is left as it is: a page of U+FDFA would grow eighteenfold.
const MAX_GROWTH: usize = 4;

/// One piece of text in a normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    original: Arc<str>,
    text: String,
    /// Which bytes of `original` the bytes of `text` came from, in order of `text`.
    runs: Vec<Run>,
}

/// A stretch of text that came from one stretch of the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Where it starts in the text, …
    at: usize,
    /// … and in the original.
    from: usize,
    /// Its length in the original.
    len: usize,
    /// Whether it is as long in the original, letter for letter, so that places within it correspond. Otherwise it
    /// is what one letter became and counts whole.
    even: bool,
}

impl Normal {
    /// The normal form of a text. Case is kept; runs of white space become one blank.
    pub fn of(original: &str) -> Self {
        let mut normal = Self::empty(Arc::from(original));
        let mut cluster = Cluster::default();
        for (at, c) in original.char_indices().filter(|(_, c)| !is_invisible(*c)) {
            if canonical_combining_class(c) == 0 {
                cluster.flush(&mut normal);
                cluster.from = at;
            }
            cluster.to = at + c.len_utf8();
            cluster.text.push(c);
        }
        cluster.flush(&mut normal);
        normal
    }

    fn empty(original: Arc<str>) -> Self {
        Self {
            text: String::with_capacity(original.len()),
            runs: Vec::new(),
            original,
        }
    }

    /// The same in lower case.
    #[must_use]
    pub fn lower(&self) -> Self {
        let mut lower = Self::empty(Arc::clone(&self.original));
        for (c, source) in self.chars() {
            c.to_lowercase().for_each(|c| lower.push(c, source.clone()));
        }
        lower
    }

    /// The form for word search: lower case, and without decorations (blanks, `·`, `.`, `*`, `-`, stars, emoji; at
    /// most four in a row) between two Han letters, nor blanks between a Han letter and a Latin letter or digit.
    /// So `充 * 值 不·到·账` reads `充值不到账` and `QQ 会员` reads `qq会员`. Not for prices or numbers: it joins those too.
    #[must_use]
    pub fn joined(&self) -> Self {
        let lower = self.lower();
        let chars: Vec<(char, Range<usize>)> = lower.chars().collect();
        let mut joined = Self::empty(Arc::clone(&self.original));
        let mut index = 0;
        while let Some((c, source)) = chars.get(index) {
            joined.push(*c, source.clone());
            index += 1 + decorations(*c, chars.get(index + 1..).unwrap_or_default());
        }
        joined
    }

    /// The text in this form; ranges below are byte ranges of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as it was handed in.
    pub fn source(&self) -> &str {
        &self.original
    }

    /// Whether the text was in this form from the start.
    pub fn is_unchanged(&self) -> bool {
        *self.text == *self.original
    }

    /// What stood on the page where this form has `range`. Characters that are touched count whole; a range
    /// outside the text gives nothing.
    pub fn original(&self, range: Range<usize>) -> &str {
        self.source_range(range)
            .and_then(|range| self.original.get(range))
            .unwrap_or_default()
    }

    /// The byte range of the original text that `range` of this form came from.
    pub fn source_range(&self, range: Range<usize>) -> Option<Range<usize>> {
        if range.start >= range.end || range.end > self.text.len() {
            return None;
        }
        let first = self.source_of(char_start(&self.text, range.start))?;
        let last = self.source_of(char_start(&self.text, range.end - 1))?;
        Some(first.start.min(last.start)..first.end.max(last.end))
    }

    /// What stood on the page around `range`: with up to `around` characters more on either side, trimmed.
    pub fn snippet(&self, range: Range<usize>, around: usize) -> &str {
        if range.start >= range.end || range.end > self.text.len() {
            return "";
        }
        let start = char_start(&self.text, range.start);
        let before = self.text.get(..start).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .take(around)
            .last()
            .map_or(start, |(at, _)| at);
        let after = self
            .text
            .get(char_start(&self.text, range.end)..)
            .unwrap_or_default();
        let more: usize = after.chars().take(around).map(char::len_utf8).sum();
        self.original(start..(range.end + more).min(self.text.len()))
            .trim()
    }

    /// Which bytes of the original the character at this place came from.
    fn source_of(&self, at: usize) -> Option<Range<usize>> {
        let run = self
            .runs
            .get(self.runs.partition_point(|run| run.at <= at).checked_sub(1)?)?;
        if !run.even {
            return Some(run.from..run.from + run.len);
        }
        let from = run.from + (at - run.at);
        let len = self.text.get(at..)?.chars().next()?.len_utf8();
        Some(from..from + len)
    }

    /// The characters of this form, each with the bytes of the original that it came from.
    fn chars(&self) -> impl Iterator<Item = (char, Range<usize>)> {
        let mut runs = self.runs.iter().peekable();
        let mut run = None;
        self.text.char_indices().filter_map(move |(at, c)| {
            while let Some(next) = runs.next_if(|next| next.at <= at) {
                run = Some(next);
            }
            let run = run?;
            let from = if run.even {
                run.from + (at - run.at)
            } else {
                run.from
            };
            Some((c, from..from + if run.even { c.len_utf8() } else { run.len }))
        })
    }

    fn push(&mut self, c: char, source: Range<usize>) {
        let even = source.len() == c.len_utf8();
        let at = self.text.len();
        self.text.push(c);
        match self.runs.last_mut() {
            Some(last) if even && last.even && last.from + last.len == source.start => {
                last.len += source.len();
            }
            _ => self.runs.push(Run {
                at,
                from: source.start,
                len: source.len(),
                even,
            }),
        }
    }
}

/// Where the character starts that holds a byte of the text.
fn char_start(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A letter with the marks that belong to it: the smallest piece that normalisation may merge.
#[derive(Debug, Default)]
struct Cluster {
    text: String,
    from: usize,
    to: usize,
}

impl Cluster {
    fn flush(&mut self, normal: &mut Normal) {
        let text = &self.text;
        if is_nfkc_quick(text.chars()) == IsNormalized::Yes || grows(text) {
            self.push(text.chars(), normal);
        } else {
            self.push(text.nfkc(), normal);
        }
        // Emptied, not given up: there is one for nearly every letter of a page.
        self.text.clear();
    }

    fn push(&self, letters: impl Iterator<Item = char>, normal: &mut Normal) {
        for c in letters.filter(|c| !is_invisible(*c)).map(plain) {
            if c != ' ' || !normal.text.ends_with(' ') {
                normal.push(c, self.from..self.to);
            }
        }
    }
}

fn grows(text: &str) -> bool {
    text.nfkc().count() > MAX_GROWTH * text.chars().count()
}

/// How many of the characters that follow `before` are decorations to be taken out.
fn decorations(before: char, after: &[(char, Range<usize>)]) -> usize {
    let run = after
        .iter()
        .take(MAX_DECORATIONS + 1)
        .take_while(|(c, _)| is_decoration(*c))
        .count();
    if run == 0 || run > MAX_DECORATIONS {
        return 0;
    }
    let Some((next, _)) = after.get(run) else { return 0 };
    let blanks = after.iter().take(run).all(|(c, _)| *c == ' ');
    let letter = |c: char| is_han(c) || (blanks && c.is_ascii_alphanumeric());
    let takes = (is_han(before) || is_han(*next)) && letter(before) && letter(*next);
    if takes { run } else { 0 }
}

/// Whether a character is a Han letter.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character takes no room or only steers how others are shown.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

fn is_decoration(c: char) -> bool {
    matches!(c,
        ' ' | '·' | '•' | '・' | '.' | '*' | '-' | '_' | '~' | '^' | '\u{2190}'..='\u{21ff}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{2e3a}'
        | '\u{2e3b}'
        | '\u{fe58}'
        | '\u{fe63}' => '-',
        _ if c.is_whitespace() => ' ',
        _ if c.is_ascii() => c,
        _ => LETTERS.get(&c).copied().unwrap_or(c),
    }
}

/// Traditional letter → simplified letter.
static LETTERS: LazyLock<BTreeMap<char, char>> = LazyLock::new(|| {
    let table: Letters = toml::from_str(include_str!("../data/letters.toml"))
        .expect("data/letters.toml is built in and read by a test");
    let pairs = table.pairs.iter().flat_map(|line| line.split_whitespace());
    pairs
        .filter_map(|pair| Some((pair.chars().next()?, pair.chars().nth(1)?)))
        .collect()
});

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Letters {
    pairs: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_width_case_dashes_and_traditional_letters() {
        for (shown, text, lower) in [
            ("京ＩＣＰ备１２３号－２", "京ICP备123号-2", "京icp备123号-2"),
            ("粵ICP備11018438號", "粤ICP备11018438号", "粤icp备11018438号"),
            ("京ICP\u{200b}备\u{ad}1\u{202e}0", "京ICP备10", "京icp备10"),
            ("a ‐‑–—―−﹣ b", "a ------- b", "a ------- b"),
            ("客服\u{3000}\t\u{a0} QQ：①②③", "客服 QQ:123", "客服 qq:123"),
            ("ﬁ ㎡ e\u{301}", "fi m2 é", "fi m2 é"),
            ("ᎠÀ", "ᎠÀ", "ꭰà"),
            ("", "", ""),
        ] {
            let normal = Normal::of(shown);
            assert_eq!(normal.text(), text, "{shown}");
            assert_eq!(normal.lower().text(), lower, "{shown}");
        }
    }

    #[test]
    fn joins_what_decorations_split_for_word_search_only() {
        for (shown, joined) in [
            ("充 * 值 不·到·账", "充值不到账"),
            ("全🔥网🔥最★低", "全网最低"),
            ("QQ 会员 5 折", "qq会员5折"),
            ("Q Q", "q q"),
            ("退款. 不退", "退款不退"),
            ("a.b 充.1", "a.b充.1"),
            ("上----------下", "上----------下"),
            ("下，单", "下,单"),
        ] {
            assert_eq!(Normal::of(shown).joined().text(), joined, "{shown}");
        }
    }

    #[test]
    fn quotes_what_stood_on_the_page() {
        let normal = Normal::of("备案：京ＩＣＰ備\u{200b}１２号  完");
        let at = normal.text().find("京ICP备12号").unwrap();
        let range = at..at + "京ICP备12号".len();
        assert_eq!(normal.original(range.clone()), "京ＩＣＰ備\u{200b}１２号");
        assert_eq!(normal.snippet(range.clone(), 1), "：京ＩＣＰ備\u{200b}１２号");
        assert_eq!(normal.snippet(range, 99), normal.source());
        let joined = Normal::of("请 充 * 值。").joined();
        let at = joined.text().find("充值").unwrap();
        assert_eq!(joined.original(at..at + "充值".len()), "充 * 值");
    }

    #[test]
    fn a_range_outside_the_text_quotes_nothing() {
        let normal = Normal::of("京号");
        for range in [0..0, 3..3, 0..7, 9..12] {
            assert_eq!(normal.original(range.clone()), "");
            assert_eq!(normal.snippet(range, 3), "");
        }
        assert_eq!(normal.original(1..4), "京号");
    }

    #[test]
    fn text_does_not_grow_without_bound() {
        let normal = Normal::of(&"\u{fdfa}".repeat(100));
        assert_eq!(normal.text().chars().count(), 100);
        assert_eq!(Normal::of("㍿①").text(), "株式会社1");
        assert_eq!(Normal::of(&"备案号".repeat(1000)).runs.len(), 1);
    }

    #[test]
    fn no_letter_is_folded_twice() {
        assert!(LETTERS.len() > 100);
        for (from, to) in LETTERS.iter() {
            assert!(
                !LETTERS.contains_key(to) && is_han(*from) && is_han(*to),
                "{from}{to}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn every_range_maps_back_into_the_original(text in "(\\PC|[充值 *·备號\u{200b}\u{301}ＡＢＣ]){0,60}", from in 0usize..80, len in 0usize..20) {
            for form in [Normal::of(&text), Normal::of(&text).lower(), Normal::of(&text).joined()] {
                let part = form.original(from..from + len);
                proptest::prop_assert!(text.contains(part));
                proptest::prop_assert_eq!(form.chars().count(), form.text().chars().count());
                proptest::prop_assert!(form.runs.iter().all(|run| text.get(run.from..run.from + run.len).is_some()));
                if let Some(range) = form.source_range(0..form.text().len()) {
                    proptest::prop_assert!(text.get(range).is_some());
                }
            }
        }

        #[test]
        fn the_normal_form_of_plain_text_is_itself(text in "[ -~一-龥]{0,60}") {
            let once = Normal::of(&text);
            let twice = Normal::of(once.text());
            proptest::prop_assert_eq!(once.text(), twice.text());
        }
    }
}
