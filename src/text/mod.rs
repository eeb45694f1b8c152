//! Text: the normal form of Chinese text as shops write it, with every position mapped back to the page.
//!
//! Takes any text and gives a [`Normal`]: NFKC (so full width, ligatures and circled digits are gone), invisible
//! characters dropped, dashes and white space unified, traditional letters folded to simplified ones, and letters of other
//! scripts read as the Latin ones they stand for (`data/letters.toml`, `data/traditional.toml`). From it come a lower-case
//! form, a form for word search in which decorations between letters are gone, and one in which numbers spelled out are
//! digits. A place found in any form can be quoted as it stood on the page.
//!
//! It knows no words and no numbers, and joins nothing across blocks: hand it one block at a time.

mod letters;
mod look_alike;
mod pattern;

use std::ops::Range;
use std::sync::Arc;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use self::letters::{is_simplified, serial_sign, sign, simplified};
pub use self::look_alike::is_look_alike;
pub use self::pattern::{Letters, Pattern};

/// Most decorations in a row that [`Normal::joined`] takes out between two letters.
const MAX_DECORATIONS: usize = 4;

/// A letter that would become more than so many is left as it is: a page of U+FDFA would grow eighteenfold.
const MAX_GROWTH: usize = 4;

/// One piece of text in a normal form. Cheap to copy, and no copy of the text where nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    original: Arc<str>,
    /// Nothing when the text is the original letter for letter.
    changed: Option<Arc<Form>>,
    /// The letters of the text, and maybe of the decorations that a joined form left out.
    letters: Letters,
    /// Whether a letter in it has a lower case, …
    upper: bool,
    /// … and whether a character in it may be a decoration between letters.
    decorated: bool,
}

/// A text that is not the original, and where it came from.
#[derive(Debug, Default, PartialEq, Eq)]
struct Form {
    text: String,
    /// Which bytes of the original the bytes of `text` came from, in order of `text`.
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
        let mut survey = Survey::default();
        let clean = plain_length(original, false, &mut survey);
        if clean == original.len() {
            return Self::seen(Arc::from(original), None, survey);
        }
        let mut form = Form {
            text: String::with_capacity(original.len()),
            runs: Vec::with_capacity(8),
        };
        let (mut at, mut plain, mut odd) = (0, clean, false);
        let mut cluster = Cluster::default();
        loop {
            form.push_stretch(original.get(at..at + plain).unwrap_or_default(), at);
            let known = form.text.len();
            at = cluster.read(original, at + plain, &mut form);
            survey.see(form.text.get(known..).unwrap_or_default());
            let rest = original.get(at..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            odd |= cluster.odd;
            plain = plain_length(rest, form.text.ends_with(' '), &mut survey);
        }
        if survey.saw_more {
            survey = Survey::of(&form.text);
        }
        let normal = Self::seen(Arc::from(original), Some(form), survey);
        if odd || cluster.odd {
            return normal.read_as(&look_alike::readings);
        }
        normal
    }

    /// The same with its letters read as others, one for one.
    fn read_as(&self, readings: &dyn Fn(&[char]) -> Vec<char>) -> Self {
        let letters: Vec<char> = self.text().chars().collect();
        let read = readings(&letters);
        if read == letters {
            return self.clone();
        }
        let mut form = Form::default();
        for ((_, source), c) in self.chars().zip(read) {
            form.push(c, source);
        }
        let survey = Survey::of(&form.text);
        Self::seen(Arc::clone(&self.original), Some(form), survey)
    }

    fn seen(original: Arc<str>, changed: Option<Form>, survey: Survey) -> Self {
        Self {
            original,
            changed: changed.map(Arc::new),
            letters: survey.letters,
            upper: survey.upper,
            decorated: survey.decorated,
        }
    }

    /// The same in lower case.
    #[must_use]
    pub fn lower(&self) -> Self {
        if !self.upper {
            return self.clone();
        }
        let mut upper = self.text().chars().filter(|c| has_lower(*c));
        if upper.all(|c| c.is_ascii()) {
            let form = Form {
                text: self.text().to_ascii_lowercase(),
                runs: self
                    .runs()
                    .map_or_else(|| vec![Run::even(0, 0, self.original.len())], <[Run]>::to_vec),
            };
            return Self {
                changed: Some(Arc::new(form)),
                upper: false,
                ..self.clone()
            };
        }
        let mut form = Form::default();
        for (c, source) in self.chars() {
            c.to_lowercase().for_each(|c| form.push(c, source.clone()));
        }
        let survey = Survey {
            upper: false,
            ..Survey::of(&form.text)
        };
        Self::seen(Arc::clone(&self.original), Some(form), survey)
    }

    /// The form for word search: lower case, and without decorations (blanks, `·`, `.`, `*`, `-`, stars, emoji; at
    /// most four in a row) between two Han letters, nor blanks between a Han letter and a Latin letter or digit, nor emoji
    /// beside a Latin letter. So `充 * 值 不·到·账` reads `充值不到账`, `QQ 会员` reads `qq会员` and `加v❤x` reads `加vx`.
    /// Not for prices or numbers: it joins those too.
    #[must_use]
    pub fn joined(&self) -> Self {
        let lower = self.lower();
        if !lower.decorated {
            return lower;
        }
        let mut joined: Option<Form> = None;
        let (mut kept, mut cursor) = (0, 0);
        for gap in Gaps::of(lower.text()) {
            let form = joined.get_or_insert_with(|| Form {
                text: String::with_capacity(lower.text().len()),
                runs: Vec::with_capacity(4),
            });
            cursor = form.append(&lower, kept..gap.start, cursor);
            kept = gap.end;
        }
        let Some(mut form) = joined else { return lower };
        form.append(&lower, kept..lower.text().len(), cursor);
        Self {
            changed: Some(Arc::new(form)),
            ..lower
        }
    }

    /// The text in this form; ranges below are byte ranges of it.
    pub fn text(&self) -> &str {
        self.changed
            .as_ref()
            .map_or(&*self.original, |form| form.text.as_str())
    }

    /// Where the text came from; nothing when it is the original.
    fn runs(&self) -> Option<&[Run]> {
        self.changed.as_ref().map(|form| form.runs.as_slice())
    }

    /// The letters that it holds: what a [`Pattern`] asks before it is tried.
    pub fn letters(&self) -> &Letters {
        &self.letters
    }

    /// The text as it was handed in.
    pub fn source(&self) -> &str {
        &self.original
    }

    /// Whether the text was in this form from the start.
    pub fn is_unchanged(&self) -> bool {
        *self.text() == *self.original
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
        if range.start >= range.end || range.end > self.text().len() {
            return None;
        }
        let first = self.source_of(char_start(self.text(), range.start))?;
        let last = self.source_of(char_start(self.text(), range.end - 1))?;
        Some(first.start.min(last.start)..first.end.max(last.end))
    }

    /// What stood on the page around `range`: with up to `around` characters more on either side, trimmed.
    pub fn snippet(&self, range: Range<usize>, around: usize) -> &str {
        let text = self.text();
        if range.start >= range.end || range.end > text.len() {
            return "";
        }
        let start = char_start(text, range.start);
        let before = text.get(..start).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .take(around)
            .last()
            .map_or(start, |(at, _)| at);
        let after = text.get(char_start(text, range.end)..).unwrap_or_default();
        let more: usize = after.chars().take(around).map(char::len_utf8).sum();
        self.original(start..(range.end + more).min(text.len())).trim()
    }

    /// Which bytes of the original the character at this place came from.
    fn source_of(&self, at: usize) -> Option<Range<usize>> {
        let len = self.text().get(at..)?.chars().next()?.len_utf8();
        let Some(runs) = self.runs() else {
            return Some(at..at + len);
        };
        let run = runs.get(runs.partition_point(|run| run.at <= at).checked_sub(1)?)?;
        Some(run.source(at, len))
    }

    /// The characters of this form, each with the bytes of the original that it came from.
    fn chars(&self) -> impl Iterator<Item = (char, Range<usize>)> {
        let mut runs = self.runs().unwrap_or_default().iter().peekable();
        let mut run = Run::even(0, 0, self.original.len());
        self.text().char_indices().map(move |(at, c)| {
            while let Some(next) = runs.next_if(|next| next.at <= at) {
                run = *next;
            }
            (c, run.source(at, c.len_utf8()))
        })
    }
}

impl Run {
    fn even(at: usize, from: usize, len: usize) -> Self {
        Self {
            at,
            from,
            len,
            even: true,
        }
    }

    /// Which bytes of the original a character of the run came from: where it stands in the text and its length.
    fn source(self, at: usize, len: usize) -> Range<usize> {
        if !self.even {
            return self.from..self.from + self.len;
        }
        let from = self.from + (at - self.at);
        from..from + len
    }
}

impl Form {
    fn push(&mut self, c: char, source: Range<usize>) {
        let run = Run {
            at: self.text.len(),
            from: source.start,
            len: source.len(),
            even: source.len() == c.len_utf8(),
        };
        self.text.push(c);
        self.push_run(run);
    }

    /// A stretch of the original as it stands there.
    fn push_stretch(&mut self, text: &str, from: usize) {
        if !text.is_empty() {
            let run = Run::even(self.text.len(), from, text.len());
            self.text.push_str(text);
            self.push_run(run);
        }
    }

    fn push_run(&mut self, run: Run) {
        match self.runs.last_mut() {
            Some(last) if run.even && last.even && last.from + last.len == run.from => last.len += run.len,
            _ => self.runs.push(run),
        }
    }

    /// A part of another form of the same original. `cursor` is what the call for an earlier part gave back.
    fn append(&mut self, other: &Normal, range: Range<usize>, cursor: usize) -> usize {
        let text = other.text().get(range.clone()).unwrap_or_default();
        let Some(runs) = other.runs() else {
            self.push_stretch(text, range.start);
            return 0;
        };
        let (shift, mut cursor) = (self.text.len(), cursor);
        self.text.push_str(text);
        while let Some(run) = runs.get(cursor).filter(|run| run.at < range.end) {
            let end = runs.get(cursor + 1).map_or(other.text().len(), |next| next.at);
            let (from, to) = (run.at.max(range.start), end.min(range.end));
            if from < to {
                let at = shift + (from - range.start);
                self.push_run(if run.even {
                    Run::even(at, run.from + (from - run.at), to - from)
                } else {
                    Run { at, ..*run }
                });
            }
            if end > range.end {
                break;
            }
            cursor += 1;
        }
        cursor
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
    /// Whether a letter was met that may stand for a Latin one.
    odd: bool,
}

impl Cluster {
    /// Reads the cluster that begins here into a form; gives the place behind it.
    fn read(&mut self, original: &str, from: usize, form: &mut Form) -> usize {
        let letters = original.get(from..).unwrap_or_default().char_indices();
        let mut letters = letters.filter(|(_, c)| !is_invisible(*c)).peekable();
        let Some((at, first)) = letters.next() else {
            return original.len();
        };
        let (start, mut end) = (from + at, from + at + first.len_utf8());
        let next = letters.peek().map(|(_, c)| *c);
        if next.is_none_or(|c| !is_mark(c))
            && let Some(c) = at_once(first).or_else(|| in_series(original, start, first, next))
        {
            form.push_letter(c, start..end);
            return end;
        }
        self.text.clear();
        self.text.push(first);
        while let Some((at, mark)) = letters.next_if(|(_, c)| is_mark(*c)) {
            self.text.push(mark);
            end = from + at + mark.len_utf8();
        }
        self.flush(&(start..end), form);
        end
    }

    fn flush(&mut self, source: &Range<usize>, form: &mut Form) {
        let text = std::mem::take(&mut self.text);
        if is_nfkc_quick(text.chars()) == IsNormalized::Yes || grows(&text) {
            self.push_all(text.chars(), source, form);
        } else {
            self.push_all(text.nfkc(), source, form);
        }
        self.text = text;
    }

    fn push_all(&mut self, letters: impl Iterator<Item = char>, source: &Range<usize>, form: &mut Form) {
        let mut last = ' ';
        for c in letters.filter(|c| !is_invisible(*c)).map(plain) {
            // Lines struck through letters only hide them from a search; those through digits take a price back.
            if is_mark(c) && (last.is_ascii_alphabetic() || is_han(last)) {
                continue;
            }
            last = c;
            if let Some(text) = sign(c) {
                text.chars().for_each(|c| form.push_letter(c, source.clone()));
                continue;
            }
            self.odd |= look_alike::is_odd(c);
            form.push_letter(c, source.clone());
        }
    }
}

/// What a sign stands for that is one of several side by side.
fn in_series(original: &str, at: usize, c: char, next: Option<char>) -> Option<char> {
    let meant = serial_sign(c)?;
    let before = original.get(..at).and_then(|head| head.chars().next_back());
    let mut beside = [before, next].into_iter().flatten();
    beside.any(|c| serial_sign(c).is_some()).then_some(meant)
}

impl Form {
    /// A letter, unless it is a blank behind another one.
    fn push_letter(&mut self, c: char, source: Range<usize>) {
        if c != ' ' || !self.text.ends_with(' ') {
            self.push(c, source);
        }
    }
}

fn grows(text: &str) -> bool {
    text.nfkc().count() > MAX_GROWTH * text.chars().count()
}

fn is_mark(c: char) -> bool {
    // Neither Han letters nor forms of another width are; a page has few other letters.
    let is_none = matches!(c, '\0'..='\u{2ff}' | '\u{2000}'..='\u{20cf}' | '\u{3000}'..='\u{3029}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    !is_none && canonical_combining_class(c) != 0
}

/// What one walk over a text tells of it.
#[derive(Debug, Clone, Copy, Default)]
struct Survey {
    letters: Letters,
    upper: bool,
    decorated: bool,
    /// Whether a letter was shown to it that does not stand in the text.
    saw_more: bool,
}

impl Survey {
    fn of(text: &str) -> Self {
        let mut survey = Self::default();
        survey.see(text);
        survey
    }

    fn see(&mut self, text: &str) {
        for c in text.chars() {
            self.letters.add(c);
            self.upper |= has_lower(c);
            self.decorated |= is_decoration(c);
        }
    }

    /// Looks at a letter that is its own normal form: of those only ASCII has cases, and no picture is among them.
    fn see_plain(&mut self, c: char) {
        self.letters.add(c);
        self.upper |= c.is_ascii_uppercase();
        self.decorated |= is_decoration_sign(c);
    }
}

/// How many bytes at the start of a text stay as they are; `blank`: whether a blank stands before it. `survey` is shown
/// each letter there.
fn plain_length(text: &str, blank: bool, survey: &mut Survey) -> usize {
    let (mut blank, mut last) = (blank, 0);
    for (at, c) in text.char_indices() {
        if is_plain(c) || (c == ' ' && !blank) {
            survey.see_plain(c);
            blank = c == ' ';
            last = at;
            continue;
        }
        // What may belong to the letter before it takes that along.
        if is_invisible(c) || is_mark(c) {
            survey.saw_more = true;
            return last;
        }
        return at;
    }
    text.len()
}

/// Whether a letter is its own normal form, as nearly all on a page are: printable ASCII, simplified Han letters and their
/// common punctuation. A blank is not, for what stands before it counts.
fn is_plain(c: char) -> bool {
    match c {
        '!'..='~' => true,
        '\u{4e00}'..='\u{9fff}' => is_simplified(c),
        '、' | '。' | '\u{3008}'..='\u{3011}' | '‘' | '’' | '“' | '”' | '·' | '¥' | '©' => true,
        _ => false,
    }
}

/// The normal form of a letter of another width and of a traditional one, without the tables of normalisation.
fn at_once(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{4e00}'..='\u{9fff}' => Some(simplified(c)),
        '\u{3000}' | ' ' => Some(' '),
        '￥' => Some('¥'),
        _ => None,
    }
}

/// Whether a letter has a lower case, asked of every letter of a page.
fn has_lower(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_uppercase(),
        '\u{2010}'..='\u{206f}' | '\u{3000}'..='\u{9fff}' => false,
        _ => c.to_lowercase().ne(std::iter::once(c)),
    }
}

/// The stretches of decorations that the joined form leaves out.
struct Gaps<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Gaps<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Gaps<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut before = None;
        let mut letters = self.text.get(self.at..)?.char_indices();
        while let Some((at, c)) = letters.next() {
            if !is_decoration(c) {
                before = Some(c);
                continue;
            }
            let start = self.at + at;
            let run = Decorations::at(self.text.get(start..)?);
            if run.between(before) {
                self.at = start + run.length;
                return Some(start..self.at);
            }
            // Nothing within this run can be left out by itself.
            letters = self.text.get(start + run.length..)?.char_indices();
            self.at = start + run.length;
            before = None;
        }
        self.at = self.text.len();
        None
    }
}

/// A run of decorations.
struct Decorations {
    /// Its length in bytes and in characters.
    length: usize,
    count: usize,
    /// Whether it is blanks only, …
    blanks: bool,
    /// … pictures only, or pictures and blanks.
    pictures: bool,
    mixed: bool,
    next: Option<char>,
}

impl Decorations {
    fn at(text: &str) -> Self {
        let mut run = Self {
            length: text.len(),
            count: 0,
            blanks: true,
            pictures: true,
            mixed: true,
            next: None,
        };
        for (at, c) in text.char_indices() {
            if !is_decoration(c) {
                (run.length, run.next) = (at, Some(c));
                break;
            }
            run.count += 1;
            run.blanks &= c == ' ';
            run.pictures &= is_picture(c);
            run.mixed &= c == ' ' || is_picture(c);
        }
        run
    }

    /// Whether the run stands between letters that belong together.
    fn between(&self, before: Option<char>) -> bool {
        let (Some(before), Some(next)) = (before, self.next) else {
            return false;
        };
        if self.count > MAX_DECORATIONS {
            return false;
        }
        if !is_han(before) && !is_han(next) {
            return self.pictures && before.is_ascii_alphabetic() && next.is_ascii_alphabetic();
        }
        // "充值⭐5折": a picture before a digit parts.
        let latin =
            |c: char| (self.blanks && c.is_ascii_alphanumeric()) || (self.mixed && c.is_ascii_alphabetic());
        [before, next].into_iter().all(|c| is_han(c) || latin(c))
    }
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
        | '\u{20dd}'..='\u{20e4}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

fn is_decoration(c: char) -> bool {
    is_decoration_sign(c) || is_picture(c)
}

fn is_decoration_sign(c: char) -> bool {
    matches!(c, ' ' | '·' | '•' | '・' | '.' | '*' | '-' | '_' | '~' | '^')
}

/// Whether a character is an emoji, an arrow or another small drawing.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{2190}'..='\u{21ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
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
        _ => simplified(c),
    }
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
            ("加V❤X 加 🔥 微信", "加vx加微信"),
            ("Q⭐Q 充值⭐5折 5⭐5", "qq充值⭐5折5⭐5"),
        ] {
            assert_eq!(Normal::of(shown).joined().text(), joined, "{shown}");
        }
    }

    #[test]
    fn reads_letters_of_other_scripts_and_signs_as_what_they_stand_for() {
        for (shown, text) in [
            ("京ІСР备１号", "京ICP备1号"),
            ("Β2-20201234 增值", "B2-20201234 增值"),
            ("ԛԛ: 123456", "qq: 123456"),
            ("加 ᴠx 咨询", "加 vx 咨询"),
            ("加❤ѵх", "加❤vx"),
            ("➕VX 🆀🆀 🅥🅧", "+VX QQ VX"),
            ("𝐐𝐐 ⓥⓧ ᵛˣ 𝟙𝟛𝟠", "QQ vx vx 138"),
            ("①⓷❽➉🔟", "1381010"),
            ("⑴⑶⑻ ⒈⒊⒏ ⒬⒬", "138 138 qq"),
            ("⑴下单 ⒉付款", "(1)下单 2.付款"),
            ("1️⃣3️⃣8️⃣", "138"),
            ("🇶🇶 🇻🇽 🇻 🇨🇳中国", "QQ VX V 🇨🇳中国"),
            ("微̶信̶ q̶q̶ ¥̶1̶9̶", "微信 qq ¥̶1̶9̶"),
            ("Это сор, ВКонтакте", "Это сор, ВКонтакте"),
            ("α版 β测试 αβγ", "α版 β测试 αβγ"),
            ("售後客服 裡面 乾隆", "售后客服 里面 乾隆"),
        ] {
            assert_eq!(
                Normal::of(shown).lower().text(),
                Normal::of(text).lower().text(),
                "{shown}"
            );
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
        assert!(Normal::of(&"备案号".repeat(1000)).runs().is_none());
        assert_eq!(
            Normal::of(&"备案号 ICP".repeat(1000))
                .lower()
                .runs()
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn every_mark_is_known() {
        for c in (0..=0x1_ffff).filter_map(char::from_u32) {
            assert_eq!(is_mark(c), canonical_combining_class(c) != 0, "{c:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_range_maps_back_into_the_original(text in "(\\PC|[充值 *·备號\u{200b}\u{301}ＡＢＣ]){0,60}", from in 0usize..80, len in 0usize..20) {
            for form in [Normal::of(&text), Normal::of(&text).lower(), Normal::of(&text).joined()] {
                let part = form.original(from..from + len);
                proptest::prop_assert!(text.contains(part));
                proptest::prop_assert_eq!(form.chars().count(), form.text().chars().count());
                proptest::prop_assert!(form.chars().all(|(_, source)| text.get(source).is_some()));
                if let Some(range) = form.source_range(0..form.text().len()) {
                    proptest::prop_assert!(text.get(range).is_some());
                }
            }
        }

        #[test]
        fn what_the_walk_tells_of_a_text_changes_no_form(text in "(\\PC|[充值 *·.-ABＡÀЖ⭐q1]){0,40}") {
            let known = Normal::of(&text);
            let asked = Normal { upper: true, decorated: true, ..known.clone() };
            let (lower, joined) = (asked.lower(), asked.joined());
            proptest::prop_assert!(known.lower().text() == lower.text());
            proptest::prop_assert!(known.joined().text() == joined.text());
            proptest::prop_assert!(known.lower().joined().text() == joined.text());
            proptest::prop_assert!(*known.letters() == Letters::of(known.text()));
        }

        #[test]
        fn the_normal_form_of_plain_text_is_itself(text in "[ -~一-龥]{0,60}") {
            let once = Normal::of(&text);
            let twice = Normal::of(once.text());
            proptest::prop_assert_eq!(once.text(), twice.text());
        }

        #[test]
        fn simplified_text_and_ascii_are_their_own_normal_form(letters in proptest::collection::vec(0usize..GB.len(), 0..60)) {
            let text: String = letters.iter().filter_map(|at| GB.get(*at)).collect();
            proptest::prop_assert!(Normal::of(&text).is_unchanged(), "{}", text);
        }
    }

    /// Printable ASCII but blanks, and the letters of GB 2312, which simplified text is written with, but for the
    /// variants that shops write.
    static GB: std::sync::LazyLock<Vec<char>> = std::sync::LazyLock::new(|| {
        let pair = |lead: u8| (0xa1..=0xfe_u8).map(move |trail| [lead, trail]);
        let han = (0xb0..=0xf7_u8).flat_map(pair).filter_map(|bytes| {
            let text = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&bytes)?;
            text.chars().next().filter(|c| is_han(*c) && !"帐後".contains(*c))
        });
        ('!'..='~').chain(han).collect()
    });
}
