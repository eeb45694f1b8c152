//! Facts for a terminal, each beside what was read: `inspect`'s text.
//!
//! A fact is its name, value and firmness on one line, and under it the snippet as it stood on the page with its place.
//! What could not be told stands at the end, by reason. It judges nothing and prints nothing itself.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::escape::terminal;
use super::labels::reason_label;
use super::text::{Look, wrap};
use crate::evidence::Gap;
use crate::facts::{Fact, Facts, Firmness, Place, Value};

/// Columns before a snippet.
const SNIPPET_INDENT: usize = 6;
/// Fewest columns for text, however narrow the terminal.
const LEAST_ROOM: usize = 20;

/// Writes the facts of one site; `names` are those that could have been told.
pub fn render<'a>(
    title: &str,
    facts: &Facts,
    names: impl Iterator<Item = &'a str>,
    gaps: &[Gap],
    look: Look,
) -> String {
    let mut sheet = Sheet {
        out: String::new(),
        look,
    };
    let count = facts.iter().count();
    let heading = match look.lang {
        super::Lang::Zh => format!("{} · {count} 项事实", terminal(title)),
        super::Lang::En => format!("{} · {count} facts", terminal(title)),
    };
    sheet.bold(&heading);
    let mut group = None;
    for fact in facts.iter() {
        let own = fact.name.split('.').next();
        if group != own {
            sheet.line("");
            group = own;
        }
        sheet.fact(fact);
    }
    sheet.unknown(facts, names);
    sheet.gaps(gaps);
    sheet.out
}

struct Sheet {
    out: String,
    look: Look,
}

impl Sheet {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn bold(&mut self, text: &str) {
        let style = anstyle::Style::new().bold();
        if self.look.colour {
            self.line(&format!("{style}{text}{style:#}"));
        } else {
            self.hang("", text, 2);
        }
    }

    /// A text broken to the width; lines after the first are indented so far.
    fn hang(&mut self, first: &str, text: &str, indent: usize) {
        let room = self
            .look
            .width
            .saturating_sub(indent.max(first.width()))
            .max(LEAST_ROOM);
        for (index, part) in wrap(text, room).into_iter().enumerate() {
            let lead = if index == 0 {
                first.to_owned()
            } else {
                " ".repeat(indent)
            };
            self.line(&format!("{lead}{part}"));
        }
    }

    fn fact(&mut self, fact: &Fact) {
        let told = format!(
            "{} = {}  [{}]",
            fact.name,
            value(&fact.value),
            code(fact.firmness)
        );
        self.hang("  ", &terminal(&told), 4);
        if let Some(detail) = &fact.detail {
            self.hang("      ", &terminal(detail), SNIPPET_INDENT);
        }
        if let Some(at) = &fact.at {
            let more = match fact.also.len() {
                0 => String::new(),
                more => format!(" (+{more})"),
            };
            self.hang("      ", &format!("{}{more}", place(at)), SNIPPET_INDENT);
        }
    }

    /// Names that could not be told, those with one reason together.
    fn unknown<'a>(&mut self, facts: &Facts, names: impl Iterator<Item = &'a str>) {
        let mut by_reason: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for name in names.filter(|name| facts.get(name).is_none()) {
            if let Some(absence) = facts.absence(name) {
                let reason = (absence.reason.as_str(), absence.detail.as_str());
                by_reason.entry(reason).or_default().push(name);
            }
        }
        if by_reason.is_empty() {
            return;
        }
        self.line("");
        self.bold(self.look.lang.pick("未能判断", "not known"));
        for ((reason, detail), names) in by_reason {
            let label = reason_label(reason, self.look.lang);
            self.hang("  ", &terminal(&format!("{label} ({reason}) {detail}")), 4);
            self.hang("      ", &names.join(", "), SNIPPET_INDENT);
        }
    }

    fn gaps(&mut self, gaps: &[Gap]) {
        if gaps.is_empty() {
            return;
        }
        self.line("");
        self.bold(self.look.lang.pick("没有读到", "not read"));
        for gap in gaps {
            let label = reason_label(gap.reason.code(), self.look.lang);
            let text = format!("{label} ({}) {} {}", gap.reason.code(), gap.detail, gap.what);
            self.hang("  ", &terminal(&text), 4);
        }
    }
}

/// A value as JSON writes it; lists without brackets, numbers without noise.
fn value(value: &Value) -> String {
    match value {
        Value::Bool(said) => said.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(items) if items.is_empty() => "[]".to_owned(),
        Value::List(items) => items
            .iter()
            .map(|item| quoted(item))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `footer “京ICP备…号” https://…`
fn place(at: &Place) -> String {
    let snippet = if at.snippet.is_empty() {
        String::new()
    } else {
        format!(" “{}”", at.snippet)
    };
    terminal(&format!("{}{snippet}  {}", at.place, at.url))
}

fn code(firmness: Firmness) -> &'static str {
    match firmness {
        Firmness::Claimed => "claimed",
        Firmness::Malformed => "malformed",
        Firmness::WellFormed => "well_formed",
        Firmness::Consistent => "consistent",
        Firmness::Confirmed => "confirmed",
        Firmness::Contradicted => "contradicted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::GapReason;
    use crate::report::Lang;

    fn look(lang: Lang, width: usize) -> Look {
        Look {
            lang,
            width,
            colour: false,
            full: false,
        }
    }

    fn facts() -> Facts {
        let mut facts = Facts::default();
        let at = |place: &str, snippet: &str| vec![Place::new("https://shop.example/", place, snippet)];
        facts.say(
            "contact.qq",
            vec!["10001".to_owned(), "10002".to_owned()],
            Firmness::WellFormed,
            at("main", "加q 10001"),
        );
        facts.say(
            "filing.icp_number",
            "京ICP备1号",
            Firmness::Malformed,
            at("footer", "京ICP备1号\u{1b}[31m"),
        );
        facts.detail("filing.icp_number", "too short");
        facts.say(
            "filing.icp_shown",
            true,
            Firmness::WellFormed,
            at("footer", &"京ICP备10046444号 ".repeat(7)),
        );
        facts.cannot_say("tls.verified", "not_crawled", "saved file");
        facts.cannot_say("tls.kind", "not_crawled", "saved file");
        facts
    }

    #[test]
    fn every_fact_stands_beside_its_snippet() {
        let gaps = [Gap::new(
            GapReason::Unparsable,
            "application/pdf",
            "https://shop.example/a",
        )];
        let names = ["contact.qq", "tls.kind", "tls.verified"].into_iter();
        let text = render("a.html", &facts(), names, &gaps, look(Lang::En, 80));
        let expected = "a.html · 3 facts

  contact.qq = \"10001\", \"10002\"  [well_formed]
      main “加q 10001”  https://shop.example/

  filing.icp_number = \"京ICP备1号\"  [malformed]
      too short
      footer “京ICP备1号\\u{1b}[31m”  https://shop.example/
  filing.icp_shown = true  [well_formed]
      footer “京ICP备10046444号 京ICP备10046444号 京ICP备10046444号 京ICP备
      10046444号 京ICP备10046444号 京ICP备10046444号 京ICP备10046444号 ”
      https://shop.example/

not known
  not read (not_crawled) saved file
      tls.kind, tls.verified

not read
  could not be read (unparsable) application/pdf https://shop.example/a
";
        assert_eq!(text, expected);
        let zh = render("a.html", &facts(), std::iter::empty(), &[], look(Lang::Zh, 80));
        assert!(zh.starts_with("a.html · 3 项事实\n") && !zh.contains("未能判断"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [40, 80] {
            let names = ["tls.kind", "tls.verified"].into_iter();
            let text = render(
                &"很长的文件名".repeat(20),
                &facts(),
                names,
                &[],
                look(Lang::Zh, width),
            );
            // A closing mark may hang over by one wide character.
            assert!(text.lines().all(|line| line.width() <= width + 2), "{text}");
        }
    }
}
