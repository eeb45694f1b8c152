//! Spellings: other ways to write a word that shops use to slip past filters (`data/spellings.toml`), given to every
//! word of a word file that holds it.
//!
//! Only whole words are put in place of whole words; what cannot be mistaken for something else is the data's business.

use serde::Deserialize;

use super::joined;
use crate::data::{DataError, DataFiles};

/// Name of the data file.
const FILE: &str = "spellings.toml";
/// Most further spellings of one word of a word file.
const MOST: usize = 24;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpellingFile {
    #[serde(default)]
    spelling: Vec<Spelling>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelling {
    /// The word as the word files write it.
    word: String,
    /// Other ways to write it.
    also: Vec<String>,
}

/// Other spellings of words, in the form that lines are searched in.
#[derive(Debug, Default)]
pub(super) struct Spellings(Vec<Spelling>);

impl Spellings {
    /// Reads the file; there are none without it.
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut list = match data.read::<SpellingFile>(FILE) {
            Ok(file) => file.spelling,
            Err(DataError::Missing(_)) => Vec::new(),
            Err(other) => return Err(other),
        };
        for spelling in &mut list {
            spelling.word = joined(&spelling.word);
            for also in &mut spelling.also {
                *also = joined(also);
            }
            spelling
                .also
                .retain(|also| !also.is_empty() && *also != spelling.word);
        }
        list.retain(|spelling| !spelling.word.is_empty());
        Ok(Self(list))
    }

    /// The further spellings of these words, sorted, without any that is too short to mean something or stands among them.
    pub(super) fn of(&self, words: &[String]) -> Vec<String> {
        let mut all: Vec<String> = words.iter().flat_map(|word| self.of_word(word)).collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|word| !words.contains(word));
        all
    }

    fn of_word(&self, word: &str) -> Vec<String> {
        let mut found = vec![word.to_owned()];
        for spelling in &self.0 {
            // "微信支付宝" may be spelled oddly in one part or in both.
            for at in 0..found.len() {
                let Some(known) = found
                    .get(at)
                    .filter(|known| known.contains(&spelling.word))
                    .cloned()
                else {
                    continue;
                };
                found.extend(
                    spelling
                        .also
                        .iter()
                        .map(|also| known.replace(&spelling.word, also)),
                );
            }
            found.truncate(MOST + 1);
        }
        found
            .into_iter()
            .skip(1)
            .filter(|spelled| is_telling(spelled))
            .collect()
    }
}

/// Whether a spelling is long enough to be looked for by itself: two Han letters, one beside a Latin one (v信), or four Latin ones.
fn is_telling(word: &str) -> bool {
    let han = word.chars().filter(|c| crate::text::is_han(*c)).count();
    let latin = word.chars().filter(char::is_ascii_alphanumeric).count();
    // A Han letter says as much as two Latin ones.
    let plus = usize::from(word.starts_with('+'));
    2 * (han + plus) + latin >= if han > 0 { 3 } else { 4 }
}

/// Whether a spelling found here is a word of its own: no Latin letter goes on where it begins or ends with one, and a plus
/// that it begins with adds it to nothing (支付宝+微信).
pub(super) fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let latin = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    let last = end.checked_sub(1).and_then(|at| bytes.get(at));
    let head = text.get(..start).unwrap_or_default();
    if bytes.get(start) == Some(&b'+') && head.ends_with(char::is_alphanumeric) {
        return false;
    }
    let goes_on = (latin(bytes.get(start)) && latin(before)) || (latin(last) && latin(bytes.get(end)));
    !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Lexicon, Part};

    const FILES: [(&str, &str); 2] = [
        (
            "spellings.toml",
            r#"
            [[spelling]]
            word = "支付宝"
            also = ["支fu宝", "ZhiFuBao", "zf"]
            [[spelling]]
            word = "微信"
            also = ["薇信", "v信"]
            "#,
        ),
        (
            "test.toml",
            r#"
            [[group]]
            id = "pay"
            words = ["支付宝", "加微信"]
            "#,
        ),
    ];

    #[test]
    fn every_word_is_found_in_its_other_spellings_too() {
        let data = FILES
            .iter()
            .fold(DataFiles::built_in(), |data, (name, text)| data.with(name, *text));
        let lexicon = Lexicon::load(&data, "test.toml").unwrap();
        for (text, found) in [
            ("支付宝付款", true),
            ("支 Fu 宝付款", true),
            ("用zhifubao付款", true),
            ("xzhifubao", false),
            ("zhifubaox", false),
            ("加薇信", true),
            ("加V信", true),
            ("zf付款", false),
            ("v信", false),
        ] {
            let hits = lexicon.find(&joined(text), Part::Text).len();
            assert_eq!(hits > 0, found, "{text}");
        }
    }

    #[test]
    fn the_spellings_of_the_data_files_are_found_and_latin_ones_only_as_words() {
        let words = r#"
            [[group]]
            id = "pay"
            words = ["支付宝", "微信", "加qq", "加微信", "qq客服", "退款"]
            "#;
        let data = DataFiles::built_in().with("test.toml", words);
        let lexicon = Lexicon::load(&data, "test.toml").unwrap();
        for (text, found) in [
            ("支fu宝收款", true),
            ("用zhifubao付款", true),
            ("用 ZHIFUBAO 付款", true),
            ("user_zhifubaopay", false),
            ("myzhifubao", false),
            ("威信同号", true),
            ("V信同号", true),
            ("微❤信同号", true),
            ("扣扣客服", true),
            ("➕QQ", true),
            ("联系:+微信", true),
            ("加 q q", false),
            ("爱奇艺+QQ音乐会员", false),
            ("企鹅馆门票", false),
            ("tuikuan", true),
            ("tuikuanshu", false),
            ("投诉", false),
        ] {
            let hits = lexicon.find(&joined(text), Part::Text).len();
            assert_eq!(hits > 0, found, "{text}");
        }
    }

    #[test]
    fn spellings_of_one_word_are_bounded() {
        let also: Vec<String> = (0..100).map(|n| format!("字{n}字")).collect();
        let list = Spellings(vec![Spelling {
            word: "充值".to_owned(),
            also,
        }]);
        assert_eq!(list.of(&["充值充值".to_owned()]).len(), MOST);
    }
}
