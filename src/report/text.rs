//! The report for a terminal: the answer first, then the reasons, then what could not be seen, then what to do.
//!
//! Width- and colour-aware, plain when told so. Colour is never the only signal. It prints nothing itself.

use unicode_width::UnicodeWidthStr;

use super::escape::terminal;
use super::labels::{Lang, grade_label, grade_meaning, reason_label};
use crate::assessment::{Assessment, PlacedFinding};
use crate::finding::{Outcome, Status};
use crate::score::{Grade, Line, LineKind};

/// How the report should look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Language.
    pub lang: Lang,
    /// Columns to fill.
    pub width: usize,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether the whole ledger, every rule's answer and every fact are shown.
    pub full: bool,
}

/// Reasons shown each way in the short report.
const MOST_REASONS: usize = 5;

/// Writes the report.
pub fn render(assessment: &Assessment, look: Look) -> String {
    let mut report = Report {
        out: String::new(),
        look,
    };
    report.head(assessment);
    report.reasons(assessment);
    report.gaps(assessment);
    if look.full {
        report.ledger(assessment);
        report.rules(assessment);
        report.facts(assessment);
        report.pages(assessment);
    }
    report.advice(assessment);
    report.foot(assessment);
    report.out
}

struct Report {
    out: String,
    look: Look,
}

impl Report {
    fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.look.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn paint(&self, style: anstyle::Style, text: &str) -> String {
        if self.look.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn bold(&self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn heading(&mut self, zh: &'static str, en: &'static str) {
        let heading = self.bold(self.say(zh, en));
        self.line("");
        self.line(&heading);
    }

    /// A paragraph with a hanging indent, broken to the width.
    fn hang(&mut self, first: &str, text: &str) {
        let indent = first.width();
        let room = self.look.width.saturating_sub(indent).max(20);
        for (index, part) in wrap(text, room).into_iter().enumerate() {
            let lead = if index == 0 {
                first.to_owned()
            } else {
                " ".repeat(indent)
            };
            self.line(&format!("{lead}{part}"));
        }
    }

    fn head(&mut self, assessment: &Assessment) {
        let judgement = &assessment.judgement;
        let site = terminal(&assessment.site.shown());
        let mut name = vec![self.bold(&site)];
        if site != terminal(assessment.site.as_str()) {
            name.push(format!("({})", terminal(assessment.site.as_str())));
        }
        if assessment.scope != "platform" {
            name.push(format!("[{}]", terminal(&assessment.scope)));
        }
        if let Some(from) = &assessment.redirected_from {
            name.push(format!("← {}", terminal(&from.shown())));
        }
        self.line(&name.join(" "));
        let least = if judgement.at_least {
            self.say("（至少）", " (at least)")
        } else {
            ""
        };
        let label = grade_label(judgement.grade, self.look.lang);
        let grade = format!("{} {label}", mark(judgement.grade));
        let risk = judgement
            .risk
            .map_or_else(|| "—".to_owned(), |risk| format!("{risk:.1}/100"));
        let coverage = format!("{:.0}%", judgement.coverage * 100.0);
        let numbers = match self.look.lang {
            Lang::Zh => format!("风险 {risk} · 已查覆盖 {coverage} · 查看 {}", day(assessment)),
            Lang::En => format!(
                "risk {risk} · coverage {coverage} · looked at {}",
                day(assessment)
            ),
        };
        let fits = grade.width() + least.width() + 2 + numbers.width() <= self.look.width;
        let grade = format!("{}{least}", self.paint(grade_style(judgement.grade), &grade));
        if fits {
            self.line(&format!("{grade}  {numbers}"));
        } else {
            self.line(&grade);
            self.hang("", &numbers);
        }
        self.hang("", grade_meaning(judgement.grade, self.look.lang));
        self.visitor(assessment);
        if let Some(identity) = &assessment.confirmed_identity {
            let text = match self.look.lang {
                Lang::Zh => format!("身份已确认：{}（来源 {}）", identity.subject, identity.by),
                Lang::En => format!("identity confirmed: {} (by {})", identity.subject, identity.by),
            };
            self.hang("", &terminal(&text));
        }
    }

    /// Says that the look was one that a crawler would not have made.
    fn visitor(&mut self, assessment: &Assessment) {
        if !assessment.as_visitor {
            return;
        }
        let asked = assessment.against_robots.len();
        let text = match self.look.lang {
            Lang::Zh => format!(
                "应人要求以访客方式查看：取了这个人的浏览器本来会取的内容，其中 {asked} 个地址 robots.txt 不许爬虫读取"
            ),
            Lang::En => format!(
                "looked at as a visitor, because a person asked: fetched what that person's own browser would fetch, {asked} address(es) of it closed to crawlers by robots.txt"
            ),
        };
        self.hang("", &text);
    }

    fn reasons(&mut self, assessment: &Assessment) {
        let mut holding: Vec<&PlacedFinding> = assessment
            .findings
            .iter()
            .filter(|placed| {
                placed.finding.outcome == Outcome::Holds && placed.finding.status == Status::Settled
            })
            .collect();
        holding.sort_by(|a, b| {
            b.finding
                .weight
                .abs()
                .cmp(&a.finding.weight.abs())
                .then_with(|| a.finding.rule.cmp(&b.finding.rule))
        });
        let pages = assessment
            .pages
            .iter()
            .filter(|page| page.encoding.is_some())
            .count();
        let (against, favour): (Vec<_>, Vec<_>) =
            holding.into_iter().partition(|placed| placed.finding.weight > 0);
        self.heading("提高风险的理由", "Reasons that raise the risk");
        if against.is_empty() {
            let none = self.say("  （没有看到）", "  (none seen)");
            self.line(none);
        }
        self.list(&against, pages);
        if !favour.is_empty() {
            self.heading("降低风险的理由", "Reasons that lower the risk");
            self.list(&favour, pages);
        }
    }

    fn list(&mut self, reasons: &[&PlacedFinding], pages: usize) {
        let shown = if self.look.full {
            reasons.len()
        } else {
            MOST_REASONS
        };
        for placed in reasons.iter().take(shown) {
            let finding = &placed.finding;
            let says = finding.says.as_ref().unwrap_or(&finding.title);
            let text = terminal(self.look.lang.of(says));
            self.hang(&format!("  {:>+4}  ", finding.weight), &text);
            let place = self.place(placed, pages);
            self.small("        ", &place);
            if self.look.full {
                self.small(
                    "        ",
                    &format!("{}{}", self.say("规则 ", "rule "), terminal(&finding.rule)),
                );
            }
            if let Some(benign) = finding.benign.first() {
                self.small(
                    "        ",
                    &format!(
                        "{}{}",
                        self.say("也可能：", "may also be: "),
                        terminal(self.look.lang.of(benign))
                    ),
                );
            }
        }
        if reasons.len() > shown {
            let rest = reasons.len() - shown;
            let more = match self.look.lang {
                Lang::Zh => format!("        另有 {rest} 条，用 --full 查看"),
                Lang::En => format!("        {rest} more with --full"),
            };
            self.line(&more);
        }
    }

    /// Where a finding was seen; for what was looked for and not found, how much was read.
    fn place(&self, placed: &PlacedFinding, pages: usize) -> String {
        let Some(place) = placed.places.first() else {
            return match self.look.lang {
                Lang::Zh => format!("读过 {pages} 页，未见"),
                Lang::En => format!("not found on the {pages} page(s) read"),
            };
        };
        let snippet = terminal(&place.snippet);
        let seen = if snippet.is_empty() {
            String::new()
        } else {
            format!(" “{snippet}”")
        };
        format!(
            "{}{} · {}{seen}",
            self.say("见 ", "seen at "),
            terminal(&place.url),
            terminal(&place.place)
        )
    }

    /// A dimmed paragraph.
    fn small(&mut self, indent: &str, text: &str) {
        let room = self.look.width.saturating_sub(indent.len()).max(20);
        for part in wrap(text, room) {
            let part = self.dim(&part);
            self.line(&format!("{indent}{part}"));
        }
    }

    fn gaps(&mut self, assessment: &Assessment) {
        let count = |outcome| {
            assessment
                .findings
                .iter()
                .filter(|p| p.finding.outcome == outcome)
                .count()
        };
        let (all, unknown) = (assessment.findings.len(), count(Outcome::Unknown));
        let applying = all - count(Outcome::NotApplicable);
        // Most rules are about shops: where few apply, little was asked, and a reader should know.
        let few = 2 * applying < all;
        if assessment.gaps.is_empty() && unknown == 0 && !few {
            return;
        }
        self.heading("没能查到的", "What could not be checked");
        for gap in &assessment.gaps {
            let detail = if gap.detail.is_empty() {
                String::new()
            } else {
                format!(" ({})", terminal(&gap.detail))
            };
            let text = format!(
                "{}{detail}: {}",
                reason_label(gap.reason.code(), self.look.lang),
                terminal(&gap.what)
            );
            self.hang("  - ", &text);
        }
        if few {
            let text = match self.look.lang {
                Lang::Zh => format!(
                    "没有认出在售的商品，{all} 条规则里只有 {applying} 条适用；如果这里在卖东西，本报告不足为凭"
                ),
                Lang::En => format!(
                    "no goods on sale were recognised, so only {applying} of {all} rules apply; if this place sells something, this report is no guide"
                ),
            };
            self.hang("  - ", &text);
        }
        if unknown > 0 {
            let text = match self.look.lang {
                Lang::Zh => format!("{applying} 条适用的规则里有 {unknown} 条因此没有答案"),
                Lang::En => format!("{unknown} of {applying} rules that apply have no answer"),
            };
            self.hang("  - ", &text);
        }
    }

    fn ledger(&mut self, assessment: &Assessment) {
        self.heading(
            "分数账目（10 分 = 风险赔率翻倍）",
            "Ledger (10 points double the odds)",
        );
        for line in &assessment.judgement.ledger {
            let text = self.ledger_text(line, assessment);
            self.hang(&format!("  {:>+4}  ", line.points), &terminal(&text));
        }
        let total = self.bold(&format!("  {:>+4}  ", assessment.judgement.points));
        let words = self.say("合计", "total");
        self.line(&format!("{total}{words}"));
        for (group, share) in &assessment.judgement.coverage_by_group {
            let text = format!(
                "        {} {} {:.0}%",
                self.say("覆盖", "coverage"),
                terminal(group),
                share * 100.0
            );
            let text = self.dim(&text);
            self.line(&text);
        }
    }

    fn ledger_text(&self, line: &Line, assessment: &Assessment) -> String {
        let rule = line.rule.as_deref().unwrap_or_default();
        let group = line.group.as_deref().unwrap_or_default();
        match line.kind {
            LineKind::Prior => match assessment.context {
                crate::score::Context::Asked => self.say(
                    "起点：有人打算付款而来查询",
                    "prior: somebody was about to pay and asked",
                ),
                crate::score::Context::Met => {
                    self.say("起点：抓取中遇到的一家店", "prior: some shop met in a crawl")
                }
            }
            .to_owned(),
            LineKind::Finding => format!(
                "{rule}  {}",
                line.says.as_ref().map_or("", |says| self.look.lang.of(says))
            ),
            LineKind::Damping => format!(
                "{rule}  {}",
                self.say(
                    "同组已有更强的理由，减半计",
                    "damped: its group has a stronger reason"
                )
            ),
            LineKind::Cap => format!(
                "{group}  {}",
                self.say("本组分数封顶", "the group counts only so far")
            ),
            LineKind::Replaced => format!(
                "{rule}  {}",
                self.say("已由更强的规则说明", "explained by a stronger rule")
            ),
            LineKind::Override => format!(
                "{rule}  {}",
                self.say("该规则单独决定等级", "this rule names the grade by itself")
            ),
        }
    }

    fn rules(&mut self, assessment: &Assessment) {
        self.heading("每条规则的答案", "Every rule's answer");
        for placed in &assessment.findings {
            let finding = &placed.finding;
            let outcome = match finding.outcome {
                Outcome::Holds => self.say("成立", "holds"),
                Outcome::Fails => self.say("不成立", "fails"),
                Outcome::Unknown => self.say("未知", "unknown"),
                Outcome::NotApplicable => self.say("不适用", "not applicable"),
            };
            let why = finding.reason.as_ref().map_or_else(String::new, |reason| {
                format!(
                    " ({}: {})",
                    terminal(reason_label(&reason.reason, self.look.lang)),
                    terminal(&reason.detail)
                )
            });
            let trial = if finding.status == Status::Trial {
                self.say(" [试行，不计分]", " [trial, counts nothing]")
            } else {
                ""
            };
            self.hang(
                "  ",
                &format!(
                    "{:>+4} {} — {outcome}{why}{trial}",
                    finding.weight,
                    terminal(&finding.rule)
                ),
            );
        }
    }

    fn facts(&mut self, assessment: &Assessment) {
        self.heading("读到的事实", "Facts read");
        for fact in &assessment.facts {
            let value = serde_json::to_string(&fact.value).unwrap_or_default();
            let firmness = serde_json::to_value(fact.firmness)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default();
            self.hang("  ", &terminal(&format!("{} = {value} [{firmness}]", fact.name)));
        }
    }

    fn pages(&mut self, assessment: &Assessment) {
        self.heading("看过的页面", "Pages read");
        for page in &assessment.pages {
            let hash: String = terminal(&page.hash).chars().take(12).collect();
            self.hang(
                "  ",
                &format!(
                    "{} {} {} B sha256:{hash} {}",
                    page.status,
                    terminal(&page.url),
                    page.bytes,
                    terminal(page.encoding.as_deref().unwrap_or("—"))
                ),
            );
        }
    }

    fn advice(&mut self, assessment: &Assessment) {
        if assessment.advice.is_empty() {
            return;
        }
        self.heading("付款之前", "Before paying");
        for (index, step) in assessment.advice.iter().enumerate() {
            let text = terminal(self.look.lang.of(&step.text));
            self.hang(&format!("  {}. ", index + 1), &text);
        }
    }

    fn foot(&mut self, assessment: &Assessment) {
        let v = &assessment.versions;
        let text = match self.look.lang {
            Lang::Zh => format!(
                "依据 {} 所见内容的机器判断，不是法律认定。cardvet {} · 规则 {} · 数据 {}",
                day(assessment),
                v.program,
                v.rules,
                v.data
            ),
            Lang::En => format!(
                "A program's reading of what was seen on {}, not a legal finding. cardvet {} · rules {} · data {}",
                day(assessment),
                v.program,
                v.rules,
                v.data
            ),
        };
        self.line("");
        self.small("", &terminal(&text));
    }
}

fn day(assessment: &Assessment) -> String {
    assessment.captured_at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A mark that says the grade without colour.
pub(super) fn mark(grade: Grade) -> &'static str {
    match grade {
        Grade::Low => "[○]",
        Grade::Guarded => "[△]",
        Grade::High => "[!]",
        Grade::Critical => "[!!]",
        Grade::Inconclusive => "[?]",
    }
}

pub(super) fn grade_style(grade: Grade) -> anstyle::Style {
    let colour = match grade {
        Grade::Low => anstyle::AnsiColor::Green,
        Grade::Guarded => anstyle::AnsiColor::Yellow,
        Grade::High | Grade::Critical => anstyle::AnsiColor::Red,
        Grade::Inconclusive => anstyle::AnsiColor::Cyan,
    };
    anstyle::Style::new().bold().fg_color(Some(colour.into()))
}

/// Breaks text to a width in columns: at blanks where there are any, else between characters, as Chinese is.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut columns = 0;
    for word in split_keeping(text) {
        let width = word.width();
        if columns + width > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            columns = 0;
            if word.trim().is_empty() {
                continue;
            }
        }
        if width > room {
            for c in word.chars() {
                let one = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
                if columns + one > room {
                    lines.push(std::mem::take(&mut line));
                    columns = 0;
                }
                line.push(c);
                columns += one;
            }
            continue;
        }
        line.push_str(&word);
        columns += width;
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Words, blanks, and wide characters one by one; closing punctuation stays with what it closes.
fn split_keeping(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let wide = unicode_width::UnicodeWidthChar::width(c) == Some(2);
        if wide && "，。；：！？、）】》”’".contains(c) {
            if word.is_empty()
                && let Some(last) = parts.last_mut()
            {
                last.push(c);
            } else {
                word.push(c);
            }
        } else if wide || c == ' ' {
            if !word.is_empty() {
                parts.push(std::mem::take(&mut word));
            }
            parts.push(c.to_string());
        } else {
            word.push(c);
        }
    }
    if !word.is_empty() {
        parts.push(word);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_chinese_between_characters_and_english_at_blanks() {
        assert_eq!(
            wrap("页脚未见备案号，付款前请核对", 10),
            ["页脚未见备", "案号，付款", "前请核对"].map(str::to_owned)
        );
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(
            wrap(&"a".repeat(25), 10),
            ["a".repeat(10), "a".repeat(10), "a".repeat(5)]
        );
        assert_eq!(wrap("", 10), [""]);
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_wider_than_asked_and_no_word_is_lost(text in "[a-z 页脚备案，。]{0,80}", room in 20..60usize) {
            let lines = wrap(&text, room);
            // A closing mark may hang over by one wide character.
            proptest::prop_assert!(lines.iter().all(|line| line.width() <= room + 2));
            let squash = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            proptest::prop_assert_eq!(squash(&lines.concat()), squash(&text));
        }
    }
}
