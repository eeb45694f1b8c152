//! Matcher: the words of all word files, the triggers of all patterns and other sets of words in one automaton.
//!
//! Takes the lines of a page one by one and gives, for every lexicon, where its words stand and which of its patterns are
//! worth trying: one pass over a page's text, however many files there are. It weighs nothing: that is [`Lexicon`]'s part.

use std::fmt;
use std::ops::Range;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::denial::Denial;
use super::spellings::stands_alone;
use super::{Lexicon, WordFile, prepared, triggers};
use crate::data::{DataError, DataFiles};

/// Most words of one lexicon that are kept for one page. Honest pages hold some hundreds; a flood is seen as well in its beginning.
const MAX_PAGE_HITS: usize = 4096;
/// The same for the words of all sets together.
const MAX_SET_WORDS: usize = 4 * MAX_PAGE_HITS;

/// What a word of the automaton is looked for by.
#[derive(Debug, Clone, Copy)]
enum Use {
    /// A word of a group.
    Word {
        lexicon: usize,
        group: usize,
        /// A further spelling, which must stand alone.
        spelled: bool,
    },
    /// A trigger of a pattern.
    Trigger { lexicon: usize, pattern: usize },
    /// A word of a set: the set's bit and the word's place in it.
    Set(u32, usize),
    /// A word of denial: its number.
    Denial(usize),
}

/// A sign of a lexicon in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// A word of this group stands here.
    Word(usize, Range<usize>),
    /// This pattern may match somewhere in the line.
    Pattern(usize),
}

/// What was found in the lines of one page, by lexicon.
#[derive(Debug, Default)]
pub struct PageHits {
    /// For each lexicon the number of a line and what stands there, in order of lines.
    lexicons: Vec<Vec<(usize, Sign)>>,
    /// The words of denial, in order of lines.
    denials: Vec<Denies>,
    /// The words of sets, in order of lines.
    sets: Vec<SetWord>,
}

/// A word of denial in a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Denies {
    line: usize,
    /// The word's number.
    pub(super) word: usize,
}

/// A word of a set in a line.
#[derive(Debug, Clone, Copy)]
pub struct SetWord {
    /// The set's bit.
    pub set: u32,
    /// The word's place in the set.
    pub word: usize,
    line: usize,
}

impl PageHits {
    /// The lines that hold something of a lexicon, in order, with what they hold.
    pub(super) fn lines(&self, lexicon: usize) -> impl Iterator<Item = (usize, &[(usize, Sign)])> {
        let all = self.lexicons.get(lexicon).map(Vec::as_slice).unwrap_or_default();
        all.chunk_by(|one, other| one.0 == other.0)
            .filter_map(|chunk| Some((chunk.first()?.0, chunk)))
    }

    /// The words of denial that stand in a line.
    pub(super) fn denials_in(&self, line: usize) -> &[Denies] {
        of_line(&self.denials, line, |denies| denies.line)
    }

    /// The words of sets that stand in a line; on a page flooded with them those of its last lines may be missing.
    pub fn sets_in(&self, line: usize) -> &[SetWord] {
        of_line(&self.sets, line, |word| word.line)
    }

    /// How many words and triggers are kept.
    pub fn count(&self) -> usize {
        self.lexicons.iter().map(Vec::len).sum()
    }
}

/// The words of everything that is looked for.
#[derive(Debug)]
pub struct Matcher {
    words: Automaton,
    /// What each word of the automaton is for.
    uses: Vec<Vec<Use>>,
    /// Patterns without triggers: lexicon and pattern.
    everywhere: Vec<(usize, usize)>,
    /// Fingerprints of the lexicons.
    lexicons: Vec<u64>,
}

/// The value of a word is its place among the uses. It steps by letters, not bytes, which makes it several times faster
/// on Chinese text than the automata of `aho-corasick`; those serve the short lists, for which building is what counts.
struct Automaton(CharwiseDoubleArrayAhoCorasick<u32>);

impl fmt::Debug for Automaton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Automaton({} states)", self.0.num_states())
    }
}

impl Matcher {
    /// Gathers the words of all word files, and of further sets; a set's place is its bit.
    pub fn load(data: &DataFiles, sets: &[Vec<String>]) -> Result<Self, DataError> {
        let mut gathered: Vec<(String, Use)> = Vec::new();
        let (mut everywhere, mut lexicons) = (Vec::new(), Vec::new());
        for (lexicon, file) in data.holding("[[group]]").enumerate() {
            let groups = prepared(data, data.read::<WordFile>(file)?.group)?;
            let mut pattern = 0;
            for (group, words) in groups.iter().enumerate() {
                gathered.extend(words.all_words().map(|(word, spelled)| {
                    let purpose = Use::Word {
                        lexicon,
                        group,
                        spelled,
                    };
                    (word.clone(), purpose)
                }));
                for text in &words.patterns {
                    match triggers::of(text) {
                        Some(words) => gathered.extend(
                            words
                                .into_iter()
                                .map(|word| (word, Use::Trigger { lexicon, pattern })),
                        ),
                        None => everywhere.push((lexicon, pattern)),
                    }
                    pattern += 1;
                }
            }
            lexicons.push(super::fingerprint(&groups));
        }
        let denial = Denial::load(data)?;
        let words = denial.words.into_iter().enumerate();
        gathered.extend(words.map(|(number, word)| (word, Use::Denial(number))));
        for (bit, set) in (0..u64::BITS).zip(sets) {
            let words = set.iter().enumerate();
            gathered.extend(words.map(|(at, word)| (word.clone(), Use::Set(bit, at))));
        }
        gathered.retain(|(word, _)| !word.is_empty());
        gathered.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (mut words, mut uses): (Vec<String>, Vec<Vec<Use>>) = (Vec::new(), Vec::new());
        for (word, purpose) in gathered {
            if let Some(last) = uses.last_mut().filter(|_| words.last() == Some(&word)) {
                last.push(purpose);
            } else {
                words.push(word);
                uses.push(vec![purpose]);
            }
        }
        let words =
            CharwiseDoubleArrayAhoCorasick::new(words).map_err(|err| DataFiles::bad("*.toml", err))?;
        let words = Automaton(words);
        Ok(Self {
            words,
            uses,
            everywhere,
            lexicons,
        })
    }

    /// The number of a lexicon, if its words are here.
    pub(super) fn number(&self, lexicon: &Lexicon) -> Option<usize> {
        self.lexicons
            .iter()
            .position(|known| *known == lexicon.fingerprint)
    }

    fn uses_of(&self, word: u32) -> &[Use] {
        let at = usize::try_from(word).unwrap_or(usize::MAX);
        self.uses.get(at).map(Vec::as_slice).unwrap_or_default()
    }

    /// Hits of a page that has no lines yet.
    pub fn page(&self) -> PageHits {
        PageHits {
            lexicons: self.lexicons.iter().map(|_| Vec::with_capacity(64)).collect(),
            denials: Vec::new(),
            sets: Vec::new(),
        }
    }

    /// Looks through the next line of a page, in joined form; gives the sets that have a word in it, as bits.
    pub fn scan(&self, line: usize, text: &str, hits: &mut PageHits) -> u64 {
        let mut sets = 0;
        let mut keep = |lexicon: usize, sign: Sign| {
            if let Some(list) = hits
                .lexicons
                .get_mut(lexicon)
                .filter(|list| list.len() < MAX_PAGE_HITS)
            {
                list.push((line, sign));
            }
        };
        for (lexicon, pattern) in &self.everywhere {
            keep(*lexicon, Sign::Pattern(*pattern));
        }
        for hit in self.words.0.find_overlapping_iter(text) {
            for purpose in self.uses_of(hit.value()) {
                match *purpose {
                    Use::Word { spelled: true, .. } if !stands_alone(text, hit.start(), hit.end()) => {}
                    Use::Word { lexicon, group, .. } => {
                        keep(lexicon, Sign::Word(group, hit.start()..hit.end()));
                    }
                    Use::Trigger { lexicon, pattern } => keep(lexicon, Sign::Pattern(pattern)),
                    Use::Set(set, word) => {
                        sets |= 1 << set;
                        if hits.sets.len() < MAX_SET_WORDS {
                            hits.sets.push(SetWord { set, word, line });
                        }
                    }
                    Use::Denial(word) => {
                        // Once a line, or a flood of them would be gone through for every phrase.
                        let mut here = hits.denials.iter().rev().take_while(|known| known.line == line);
                        if here.all(|known| known.word != word) {
                            hits.denials.push(Denies { line, word });
                        }
                    }
                }
            }
        }
        sets
    }
}

/// The part of a list in order of lines that is of one line.
fn of_line<T>(list: &[T], line: usize, line_of: impl Fn(&T) -> usize) -> &[T] {
    let from = list.partition_point(|word| line_of(word) < line);
    let rest = list.get(from..).unwrap_or_default();
    let to = rest.partition_point(|word| line_of(word) == line);
    rest.get(..to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::lexicon::Part;
    use crate::text::Normal;

    static DATA: LazyLock<DataFiles> = LazyLock::new(DataFiles::built_in);
    static MATCHER: LazyLock<Matcher> =
        LazyLock::new(|| Matcher::load(&DATA, &[vec!["首页".to_owned()], vec!["订单".to_owned()]]).unwrap());
    static LEXICONS: LazyLock<Vec<Lexicon>> = LazyLock::new(|| {
        let files = DATA.holding("[[group]]");
        files.map(|file| Lexicon::load(&DATA, file).unwrap()).collect()
    });

    #[test]
    fn sets_are_told_by_their_bits() {
        let mut hits = MATCHER.page();
        for (line, (text, sets)) in [("首页", 1), ("订单查询", 2), ("首页订单", 3), ("", 0)]
            .into_iter()
            .enumerate()
        {
            assert_eq!(MATCHER.scan(line, text, &mut hits), sets, "{text}");
        }
    }

    #[test]
    fn a_flood_of_words_is_kept_in_bounds() {
        let mut hits = MATCHER.page();
        let line = "全网最低价不退款".repeat(600);
        for at in 0..200 {
            MATCHER.scan(at, &line, &mut hits);
        }
        assert!(hits.count() > MAX_PAGE_HITS);
        assert!(hits.lexicons.iter().all(|list| list.len() <= MAX_PAGE_HITS));
    }

    proptest::proptest! {
        #[test]
        fn the_one_pass_finds_what_each_lexicon_finds_by_itself(
            text in "(未到账|充值失败|订单|全额|退款|不退换|概不|投诉|拉黑|加|微信|qq|转账|余额|提现|一级|代理|提成|官方|合作|与|由|银行|供货商:|有限公司|24小时|客服|不|不支持|严禁|勿扰|差不多|工作时间|支付宝|、|5折|[0-9:%元,。 ]|\\PC){0,14}",
        ) {
            let line = Normal::of(&text).joined();
            let text = line.text();
            let mut hits = MATCHER.page();
            MATCHER.scan(0, text, &mut hits);
            for lexicon in LEXICONS.iter() {
                let shared = lexicon.find_in(&MATCHER, &hits, |_| Some((&line, Part::Text))).unwrap();
                let shared: Vec<_> = shared.into_iter().map(|(_, hit)| hit).collect();
                proptest::prop_assert_eq!(shared, lexicon.find(text, Part::Text));
            }
        }
    }
}
