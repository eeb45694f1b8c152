//! Review: buyers' comments on the site itself that report non-delivery, refused refunds or silence.
//!
//! Reads `data/reviews.toml`. Subject test: the site may offer goods, the line stands below a heading of comments or bears a
//! date, is short, speaks in the first person or names an amount or a day, and is no rule, answer or advice. Articles and
//! forums are not read: their complaints are about others.

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::reading::Kind as PageKind;
use super::reading::{Line, Reading, place_of};
use super::{DataError, DataFiles, WordInspector};
use crate::facts::Fakeability::Cheap;
use crate::facts::Kind::Bool;
use crate::facts::{FactSpec, Facts, Firmness};
use crate::lexicon::{Lexicon, Part, automaton, join_all};
use crate::page::Region;
use crate::text::Pattern;

const FILE: &str = "reviews.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[FactSpec::new(
    "review.nondelivery",
    Bool,
    Cheap,
    "buyers' comments on the site itself report non-delivery, refused refunds or silence; unsaid when the home page was not read",
)];

#[derive(Debug, Deserialize)]
struct ReviewFile {
    comment_chars: usize,
    person: Vec<String>,
    dated: String,
    not_a_complaint: Vec<String>,
}

/// Reads comments.
#[derive(Debug)]
pub struct Review {
    words: Lexicon,
    comment_chars: usize,
    person: AhoCorasick,
    /// The words of a person as a pattern, which knows their letters.
    person_letters: Pattern,
    dated: Pattern,
    not_a_complaint: AhoCorasick,
}

impl WordInspector for Review {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut file: ReviewFile = data.read(FILE)?;
        for list in [&mut file.person, &mut file.not_a_complaint] {
            join_all(list);
        }
        let dated = Pattern::new(&file.dated).map_err(|err| DataFiles::bad(FILE, err))?;
        let words = |list: &[String]| automaton(list).map_err(|err| DataFiles::bad(FILE, err));
        let person: Vec<String> = file.person.iter().map(|word| regex::escape(word)).collect();
        let person_letters = Pattern::new(&person.join("|")).map_err(|err| DataFiles::bad(FILE, err))?;
        Ok(Self {
            words: Lexicon::load(data, FILE)?,
            comment_chars: file.comment_chars,
            person: words(&file.person)?,
            person_letters,
            dated,
            not_a_complaint: words(&file.not_a_complaint)?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let mut found = Vec::new();
        let pages = reading
            .pages
            .iter()
            .filter(|page| matches!(page.kind, PageKind::Shop | PageKind::Other));
        for page in pages.filter(|_| reading.kind.may_offer()) {
            for line in page.lines.iter().filter(|line| self.is_comment(line)) {
                let hits = self.words.find(line.joined.text(), line.part);
                found.extend(
                    hits.first()
                        .map(|hit| place_of(page, line, line.joined.snippet(hit.range.clone(), 24))),
                );
            }
        }
        reading.say_seen(facts, "review.nondelivery", Firmness::WellFormed, found);
    }
}

impl Review {
    fn is_comment(&self, line: &Line) -> bool {
        let text = line.joined.text();
        let shown = line.part == Part::Text
            && !line.told
            && matches!(line.region, Region::Main)
            && line.chars <= self.comment_chars;
        let person = || self.person_letters.may_be_in(&line.joined) && self.person.is_match(text);
        let may_be_dated = || self.dated.may_be_in(&line.lower);
        let dated = || may_be_dated() && self.dated.is_match(line.lower.text());
        shown
            && if line.comment {
                person() || dated()
            } else {
                may_be_dated() && person() && dated()
            }
            && !self.not_a_complaint.is_match(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    #[test]
    fn only_buyers_comments_on_the_shop_itself_count() {
        for (line, expected) in [
            ("h3 买家评论\nli 我充了50元到现在没到账，客服不理人", true),
            ("h3 留言\nli 2026-03-02 一直不到账，骗子", true),
            ("li 小李 2026-03-02 我的订单没到账，客服把我拉黑", true),
            ("h3 买家评论\nli 我买的很快就到账了，好评", false),
            ("h3 常见问题\np 充值未到账怎么办？请联系客服", false),
            ("h3 买家评论\nli 您的订单未到账可申请全额退款（客服回复）", false),
            ("p 不到账全额退款", false),
            (
                "h3 用户评价\nli 之前在别家买被骗了80块一直不退，这家不错。",
                false,
            ),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.is("review.nondelivery"), Some(expected), "{line}");
        }
    }
}
