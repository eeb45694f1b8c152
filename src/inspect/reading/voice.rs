//! Voice: the subject test, whether a phrase is the site's own words or speaks of others.
//!
//! Takes a reading and a place in it. Words of report, quotation marks, warning headings, template residue, prose that
//! advises and kinds of pages that tell rather than sell take a phrase away from the site. What counts as such stands
//! in `data/site.toml`.

use std::ops::Range;

use super::{Line, PageReading, Reading, Sighting};
use crate::evidence::Role;
use crate::lexicon::{self, Hit, Lexicon};

/// Longest phrase, in characters, that is taken for a word when blanks inside it are weighed.
const WORD_CHARS: usize = 6;

/// How far quotation marks are looked for on either side of a phrase, in characters.
const QUOTE_REACH: usize = 240;

impl Reading<'_> {
    /// All phrases of a lexicon that are the site's own words, in page order.
    pub fn own<'r>(&'r self, lexicon: &'r Lexicon) -> Vec<Sighting<'r>> {
        let mut seen = Vec::new();
        for page in self.pages.iter().filter(|page| self.speaks(page)) {
            let sightings = self.found(page, lexicon).into_iter().filter_map(|(at, hit)| {
                Some(Sighting {
                    id: hit.id,
                    line: page.lines.get(at)?,
                    page,
                    range: hit.range,
                })
            });
            seen.extend(sightings.filter(|sighting| self.is_own(sighting)));
        }
        seen
    }

    /// The phrases of a lexicon on a page by number of line, whoever's words they are.
    fn found<'l>(&self, page: &PageReading<'_>, lexicon: &'l Lexicon) -> Vec<(usize, Hit<'l>)> {
        let line = |at: usize| page.lines.get(at).map(|line| (&line.joined, line.part));
        if let Some(found) = lexicon.find_in(self.marks.matcher(), &page.hits, line) {
            return found;
        }
        // Words of a test or of another set of data files.
        let lines = page.lines.iter().enumerate();
        let found = lines.map(|(at, line)| (at, lexicon.find(line.joined.text(), line.part)));
        found
            .flat_map(|(at, hits)| hits.into_iter().map(move |hit| (at, hit)))
            .collect()
    }

    /// Whether a page can carry the site's own offers at all: none does on sites that tell, advise or explain.
    pub fn speaks(&self, page: &PageReading<'_>) -> bool {
        self.kind.may_offer() && (page.kind.may_offer() || (self.sells && is_own_page(page)))
    }

    /// Whether a stretch of a line is the site's own words, as the subject test has it.
    pub fn is_own_at(&self, page: &PageReading<'_>, line: &Line, range: Range<usize>) -> bool {
        self.speaks(page)
            && self.is_own(&Sighting {
                id: "",
                line,
                page,
                range,
            })
    }

    /// The subject test for one phrase.
    fn is_own(&self, sighting: &Sighting<'_>) -> bool {
        let (line, text) = (sighting.line, sighting.line.joined.text());
        let residue = line
            .residue
            .iter()
            .any(|(range, _)| overlap(range, &sighting.range));
        if line.told || residue || straddles(line, &sighting.range) {
            return false;
        }
        // What the one pass did not see in the line need not be looked for in its sentences.
        if line.sentences && self.is_asked(line, &sighting.range) {
            return false;
        }
        let clause = || {
            text.get(lexicon::clause_of(text, &sighting.range))
                .unwrap_or(text)
        };
        let marks = self.marks;
        if (marks.reported_clause.is_in(line) && marks.is_reported_clause(clause()))
            || (marks.reported.is_in(line) && marks.is_reported(sighting.sentence()))
        {
            return false;
        }
        let own = marks.own.is_in(line) && marks.is_first_person(sighting.sentence());
        // "本站是“腾讯官方授权”平台": quotation marks are no excuse where the site speaks of itself, outside of them.
        if marks.quotations.is_in(line)
            && is_quoted(text, &sighting.range)
            && !(self.sells && own && marks.is_first_person(&unquoted(sighting.sentence())))
        {
            return false;
        }
        // What advises stands beside the phrase: "投诉拉黑" is no advice for the sake of its own "投诉".
        let advises = marks.advice.is_in(line)
            && lexicon::beside(text, &sighting.range)
                .iter()
                .any(|part| marks.is_advice(part));
        let prose = self.marks.is_prose(line);
        let own_page = is_own_page(sighting.page);
        if self.sells && (!prose || own_page) {
            return true;
        }
        if self.sells {
            return own || !advises;
        }
        // A paragraph in which the site speaks of itself is its own to the end.
        !advises && (!prose || (marks.own.is_in(line) && marks.is_first_person(text)))
    }
}

impl Reading<'_> {
    /// Whether a place stands in a question that is answered ("问：收USDT吗？答：不收"): asking claims nothing. A question
    /// without question mark, mark of an answer or heading is rhetoric, and counts.
    fn is_asked(&self, line: &Line, range: &Range<usize>) -> bool {
        let text = line.joined.text();
        let sentence = lexicon::sentence_of(text, range);
        let asked = text.get(sentence.clone()).unwrap_or_default();
        let Some(rest) = text.get(sentence.end..).and_then(|rest| rest.strip_prefix('?')) else {
            return false;
        };
        self.marks.opens_question(asked)
            || self.marks.opens_answer(rest)
            || (self.marks.is_question(asked) && super::is_heading(&line.tag))
    }
}

/// Whether a page is where sites speak of themselves.
fn is_own_page(page: &PageReading<'_>) -> bool {
    matches!(
        page.seen.role,
        Role::Terms | Role::Help | Role::Contact | Role::About
    )
}

/// Whether a phrase came about only by joining two words that a blank kept apart ("点卡 商品" holds no "卡商"):
/// it takes part of a longer word on one side of a blank. Words whose letters stand apart one by one are none.
fn straddles(line: &Line, range: &Range<usize>) -> bool {
    // Where nothing was left out no blank was.
    if line.joined.text().len() == line.lower.text().len() {
        return false;
    }
    let Some(at) = line.joined.source_range(range.clone()) else {
        return false;
    };
    let source = line.joined.source();
    let (head, tail) = (
        source.get(..at.start).unwrap_or_default(),
        source.get(at.end..).unwrap_or_default(),
    );
    let shown = source.get(at).unwrap_or_default();
    let (Some(first), Some(last)) = (shown.split_whitespace().next(), shown.split_whitespace().last()) else {
        return false;
    };
    let phrase = line.joined.text().get(range.clone()).unwrap_or_default();
    let is_word = phrase.chars().count() <= WORD_CHARS && phrase.chars().all(crate::text::is_han);
    if !is_word || shown.chars().all(|c| !c.is_whitespace()) {
        return false;
    }
    let goes_on = |c: Option<char>| c.is_some_and(crate::text::is_han);
    let starts_inside = goes_on(head.chars().next_back());
    let ends_inside = goes_on(tail.chars().next());
    let letters = |part: &str| part.chars().count();
    (starts_inside && (letters(last) > 1 || ends_inside))
        || (ends_inside && (letters(first) > 1 || starts_inside))
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

const PAIRS: [(char, char); 6] = [
    ('“', '”'),
    ('「', '」'),
    ('『', '』'),
    ('《', '》'),
    ('‘', '’'),
    ('〝', '〞'),
];

/// The quotation marks, one by one.
pub(super) fn quotation_marks() -> Vec<String> {
    let paired = PAIRS.iter().flat_map(|(open, close)| [*open, *close]);
    paired.chain(['"']).map(String::from).collect()
}

/// A sentence without what stands in quotation marks.
fn unquoted(text: &str) -> String {
    let mut closing = None;
    let mut plain = String::new();
    for c in text.chars() {
        if closing == Some(c) {
            closing = None;
        } else if closing.is_none() {
            let pair = PAIRS.iter().find(|(open, _)| *open == c);
            closing = pair.map(|(_, close)| *close).or((c == '"').then_some('"'));
            if closing.is_none() {
                plain.push(c);
            }
        }
    }
    plain
}

/// Whether a place stands between quotation marks that open before it and close behind it in the same line.
fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = lexicon::around(text, range, QUOTE_REACH);
    let paired = PAIRS.iter().any(|(open, close)| {
        let opened = before
            .rfind(*open)
            .is_some_and(|at| before.rfind(*close).is_none_or(|end| end < at));
        opened && after.contains(*close)
    });
    paired || (before.matches('"').count() % 2 == 1 && after.contains('"'))
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    /// Whether a line of a shop counts as its own lure and claim.
    fn is_own(lines: &str) -> bool {
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{lines}")]);
        facts.list("lure.low_price").contains(&"全网最低价".to_owned())
    }

    #[test]
    fn a_shops_own_words_are_told_from_what_it_says_of_others() {
        for (lines, expected) in [
            ("p 全网最低价", true),
            ("p 本站承诺“全网最低价”", true),
            ("p 全网最低价，其他网站均为假冒", true),
            ("p 谨防骗子，认准本站，全网最低价", true),
            ("p 请认准本店\np 全网最低价", true),
            ("p 请看常见句子：“本店承诺全网最低价”，它有何问题", false),
            ("p 某些平台打出“全网最低价”", false),
            ("p 不要轻信“全网最低价”", false),
            ("p 警惕全网最低价的骗局", false),
            ("p 冒充本站的网站以全网最低价为由要求转账", false),
            ("h2 防骗提醒\nli 全网最低价", false),
            ("h2 防骗提醒\nli 请勿私下交易\nh2 今日特惠\nli 全网最低价", true),
        ] {
            assert_eq!(is_own(lines), expected, "{lines}");
        }
    }

    #[test]
    fn a_threat_is_no_advice_for_its_own_words() {
        let line = "p 尊敬的用户，感谢您的信任与支持，祝您使用愉快。如未经沟通即向监管部门投诉，将冻结您的账户及余额，请您理解。";
        let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
        assert_eq!(facts.is("terms.complaint_threat"), Some(true));
    }

    #[test]
    fn what_is_called_unlawful_elsewhere_is_not_on_offer_here() {
        for line in [
            "p 市面上五折的慢充话费多为违法资金，请勿贪图便宜。",
            "p 本店不会以任何理由让您转账到个人账户。",
            "p 禁止发布：游戏外挂、账号租赁、实名微信号、代刷、翻墙工具。",
            "p 让你加微信转账的都是骗子",
            "p 问：可以加微信转账吗？答：不可以。",
            "h3 卖外挂、实名号吗？",
            "p Q：Q币五折收吗？",
            "p 问：为什么有的网站Q币卖五折？答：五折Q币多半来自盗刷，我们不做这种生意。",
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.is("lure.deep_discount"), Some(false), "{line}");
            assert_eq!(facts.is("payment.personal_code"), Some(false), "{line}");
            assert!(facts.list("goods.gray").is_empty(), "{line}");
        }
    }

    #[test]
    fn a_warning_heading_does_not_excuse_a_whole_page() {
        let page = format!("h2 防骗提醒\n{}p 全网最低价", "li 会员月卡\n".repeat(60));
        assert!(is_own(&page));
    }

    #[test]
    fn a_shop_that_quotes_warnings_is_still_a_shop() {
        let warnings = "p 消费提示：警惕骗局，谨防诈骗套路，消费者应注意识别骗术，常见话术请勿相信，建议拨打12315维权投诉。以上内容由本站整理，请各位消费者注意防骗，谨防上当受骗，避免损失，祝您购物愉快。";
        let facts = facts(
            "shop.example.com",
            &[&format!("{PLAIN_SHOP}\n{warnings}\np 全网最低价")],
        );
        assert_eq!(facts.text("site.kind"), Some("shop"));
        assert!(!facts.list("lure.low_price").is_empty());
    }
}
