//! Kinds: what goods are, by the words of their name, and the face value they name.
//!
//! Takes text in the joined form and the `[[kind]]` tables of `data/offers.toml`; gives the first kind that fits and the
//! places of face values ("话费100元", "100 Q币"), which are numbers of the name and no prices. Knows no official prices.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Deserialize;

use super::FILE;
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::join_all;
use crate::text::{Letters, Pattern};

/// One kind of goods, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindRow {
    /// Its code.
    pub(super) id: String,
    /// Whether it is sold at face value everywhere.
    #[serde(default)]
    pub(super) strict: bool,
    /// Ratio below which an offer is remarkable.
    pub(super) flag: Option<f64>,
    /// Face value of one piece when the name names none and the price is that of one piece.
    pub(super) unit_face: Option<f64>,
    words: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    face: Vec<String>,
}

/// Most rows: as many as a [`Held`] has bits.
const MAX_ROWS: usize = 64;

/// All kinds, ready to be looked for.
#[derive(Debug)]
pub(super) struct Kinds {
    rows: Vec<KindRow>,
    /// Words of all rows, and those that rule rows out.
    words: AhoCorasick,
    /// The row of every word as a bit, and whether it rules the row out.
    owners: Vec<(u64, bool)>,
    /// Patterns of face values with the bits of their rows.
    faces: Vec<(u64, Pattern)>,
}

/// What the words of a text say of its kind: one look at it.
#[derive(Debug, Clone, Copy)]
struct Held<'k> {
    /// Rows one of whose words stands in the text, as bits.
    rows: u64,
    /// The kind of goods of this name: the first in the file one of whose words it holds and that none rules out.
    kind: Option<&'k KindRow>,
}

/// A face value in a line.
#[derive(Debug, Clone)]
pub(super) struct Face {
    /// Byte range of its number.
    pub(super) digits: Range<usize>,
    /// The value in yuan.
    pub(super) yuan: f64,
}

impl Kinds {
    pub(super) fn of(mut rows: Vec<KindRow>) -> Result<Self, DataError> {
        let (mut words, mut owners, mut faces) = (Vec::new(), Vec::new(), Vec::new());
        if rows.len() > MAX_ROWS {
            return Err(DataFiles::bad(FILE, format!("more than {MAX_ROWS} kinds")));
        }
        for at in 0..rows.len() {
            // Rows of the same code are judged as the first of them.
            let judged = rows
                .iter()
                .find(|row| rows.get(at).is_some_and(|this| this.id == row.id));
            let judged = judged.map(|row| (row.strict, row.flag));
            if let (Some(row), Some((strict, flag))) = (rows.get_mut(at), judged) {
                (row.strict, row.flag) = (strict, flag);
            }
        }
        for (at, row) in rows.iter_mut().enumerate() {
            let bit = 1 << at;
            join_all(&mut row.words);
            join_all(&mut row.not);
            let all = row.words.iter().map(|word| (word, false));
            for (word, ruled_out) in all.chain(row.not.iter().map(|word| (word, true))) {
                owners.push((bit, ruled_out));
                words.push(word.clone());
            }
            for pattern in &row.face {
                let regex = Pattern::new(pattern).map_err(|err| DataFiles::bad(FILE, err))?;
                faces.push((bit, regex));
            }
        }
        if words.iter().any(String::is_empty) {
            return Err(DataFiles::bad(FILE, "a kind has an empty word"));
        }
        // Every name is gone through, and its few letters are read fastest so.
        let words = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words)
            .map_err(|err| DataFiles::bad(FILE, err))?;
        Ok(Self {
            rows,
            words,
            owners,
            faces,
        })
    }

    /// The kind of goods of this name.
    pub(super) fn of_name(&self, name: &str) -> Option<&KindRow> {
        self.held(name).kind
    }

    /// The kind of goods of this name and the first face value in it: one look for both.
    pub(super) fn read(&self, name: &str, letters: &Letters) -> (Option<&KindRow>, Option<f64>) {
        let held = self.held(name);
        let may = letters.digits() > 0 && may_stand_alone(name);
        let faces = may.then(|| self.faces_of(name, letters, held.rows));
        let first = faces.and_then(|faces| faces.first().map(|face| face.yuan));
        (held.kind, first)
    }

    /// Where a line names face values of its goods; `letters`: those of the text, or more.
    pub(super) fn faces(&self, text: &str, letters: &Letters) -> Vec<Face> {
        // Most numbers of a page are prices with their sign.
        if letters.digits() == 0
            || !may_stand_alone(text)
            || !self.faces.iter().any(|(_, regex)| regex.may_hold(letters))
        {
            return Vec::new();
        }
        self.faces_of(text, letters, self.held(text).rows)
    }

    /// The face values in a text of goods of these rows.
    fn faces_of(&self, text: &str, letters: &Letters, rows: u64) -> Vec<Face> {
        let mut found: Vec<(Range<usize>, Face)> = Vec::new();
        let regexes = self.faces.iter().filter(|(bit, _)| rows & bit != 0);
        for (_, regex) in regexes.filter(|(_, regex)| regex.may_hold(letters)) {
            for caught in regex.captures_iter(text) {
                let (Some(whole), Some(number)) = (caught.get(0), caught.name("face")) else {
                    continue;
                };
                // In "100元话费 98元" the goods have their face value before them; what follows is the price.
                let taken = |other: &Range<usize>| other.start < whole.end() && whole.start() < other.end;
                let free =
                    !found.iter().any(|(other, _)| taken(other)) && stands_alone(text, &number.range());
                // "1 0 0元": spaced out to escape filters.
                let shown: String = number.as_str().chars().filter(|c| *c != ' ').collect();
                if let Some(yuan) = shown.parse().ok().filter(|_| free) {
                    let digits = number.range();
                    found.push((whole.range(), Face { digits, yuan }));
                }
            }
        }
        found.sort_by_key(|(whole, _)| whole.start);
        found.into_iter().map(|(_, face)| face).collect()
    }

    /// Looks for the words of all rows in a text.
    fn held(&self, text: &str) -> Held<'_> {
        let (mut rows, mut ruled_out) = (0, 0);
        for hit in self.words.find_overlapping_iter(text) {
            match self.owners.get(hit.pattern().as_usize()) {
                Some((bit, true)) => ruled_out |= bit,
                Some((bit, false)) if rows & bit == 0 && is_word(text, hit.start(), hit.end()) => rows |= bit,
                _ => {}
            }
        }
        let first = usize::try_from((rows & !ruled_out).trailing_zeros()).unwrap_or(usize::MAX);
        Held {
            rows,
            kind: self.rows.get(first),
        }
    }
}

/// Whether a number is whole: no part of a fraction, a price with its sign, a discount or a percentage.
fn stands_alone(text: &str, digits: &Range<usize>) -> bool {
    begins_alone(text.get(..digits.start).unwrap_or_default())
        && ends_alone(text.get(digits.end..).unwrap_or_default())
}

/// Whether what stands before a number leaves it whole.
fn begins_alone(before: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let tied = before
        .strip_suffix(is_point)
        .is_some_and(|rest| rest.ends_with(digit));
    !tied && !before.ends_with(|c: char| digit(c) || matches!(c, '¥' | '$'))
}

/// Whether what stands behind a number leaves it whole.
fn ends_alone(after: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let tied = after
        .strip_prefix(is_point)
        .is_some_and(|rest| rest.starts_with(digit));
    !tied && !after.starts_with(|c: char| digit(c) || matches!(c, '%' | '折'))
}

fn is_point(c: char) -> bool {
    matches!(c, '.' | ',')
}

/// Whether some number of a text can stand alone: what is read as one begins and ends with a plain digit, so a run of
/// digits must begin as one may, and that run or, spaced out, a later one must end so.
fn may_stand_alone(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut begun) = (0, false);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(start) = rest.iter().position(u8::is_ascii_digit) else {
            return false;
        };
        let digits = rest.iter().skip(start).take_while(|byte| byte.is_ascii_digit());
        let run = at + start..at + start + digits.count();
        begun = begun || begins_alone(text.get(..run.start).unwrap_or_default());
        if begun && ends_alone(text.get(run.end..).unwrap_or_default()) {
            return true;
        }
        at = run.end;
    }
}

/// Whether a Latin word stands alone; Chinese ones always do.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic();
    let word = text.get(start..end).unwrap_or_default();
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    !(word.starts_with(letter) && before.ends_with(letter)
        || word.ends_with(letter) && after.starts_with(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::joined;

    fn kinds() -> Kinds {
        #[derive(Deserialize)]
        struct File {
            kind: Vec<KindRow>,
        }
        Kinds::of(DataFiles::built_in().read::<File>(FILE).unwrap().kind).unwrap()
    }

    #[test]
    fn goods_are_known_by_their_names_and_face_values_by_their_place() {
        let kinds = kinds();
        for (name, kind, face) in [
            ("100 Q币", "q_coin", Some(100.0)),
            ("Q币卡密 10 元", "q_coin", Some(10.0)),
            ("QB 50个", "q_coin", Some(50.0)),
            ("三网话费 100 元", "phone_credit", Some(100.0)),
            ("话 费 ① ⓪ ⓪ 元", "phone_credit", Some(100.0)),
            ("话费 100 元（三网通用）", "phone_credit", Some(100.0)),
            ("移动200元话费慢充", "phone_credit", Some(200.0)),
            ("话费代充服务费", "phone_credit", None),
            ("中石化加油卡 1000 元", "fuel_card", Some(1000.0)),
            ("京东E卡 500元", "gift_card", Some(500.0)),
            ("100元京东E卡 卡密", "gift_card", Some(100.0)),
            ("Steam 钱包充值码 100 元", "game_card", Some(100.0)),
            ("骏网一卡通 50 元 卡密", "game_card", Some(50.0)),
            ("60 星遥币", "game_card", None),
            ("视频会员月卡", "membership", None),
            ("豪华绿钻 年费", "membership", None),
            ("全国流量包 10GB", "data_plan", None),
            ("QQ 实名号 带太阳", "account", None),
            ("吃鸡辅助 周卡", "other", None),
            ("名片赞 1 万", "service", None),
            ("番茄时钟专业版 激活码", "software_key", None),
            ("PPT 模板合集下载码", "other", None),
        ] {
            let text = joined(name);
            assert_eq!(
                kinds.of_name(&text).map(|row| row.id.as_str()),
                Some(kind),
                "{name}"
            );
            assert_eq!(
                kinds
                    .faces(&text, &Letters::of(&text))
                    .first()
                    .map(|face| face.yuan),
                face,
                "{name}"
            );
        }
        assert!(kinds.of_name("天气预报").is_none());
        for (text, may) in [
            ("话费充值 ¥98.00", false),
            ("19.80元", true),
            ("¥19.80 话费100", true),
            ("q币9.5折", false),
            ("1 0 0元话费", true),
            ("话费", false),
        ] {
            assert_eq!(may_stand_alone(text), may, "{text}");
        }
        let text = "q币9.5折 q币 0.95元";
        assert!(kinds.faces(text, &Letters::of(text)).is_empty());
    }
}
