//! A table of several assessments, one line each, for the demo.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use super::escape::terminal;
use super::labels::{Lang, grade_label};
use super::text::mark;
use crate::assessment::Assessment;
use crate::finding::{Outcome, Status};

/// One line of the table.
#[derive(Debug)]
pub struct Row<'a> {
    /// The short name by which the line can be asked for again.
    pub id: &'a str,
    /// What it is, in a few words.
    pub title: &'a str,
    /// The result.
    pub assessment: &'a Assessment,
}

/// Writes the table; the strongest reason stands in the last column.
pub fn render(rows: &[Row<'_>], lang: Lang, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header([
        lang.pick("等级", "grade"),
        lang.pick("风险", "risk"),
        lang.pick("覆盖", "seen"),
        lang.pick("样本", "sample"),
        lang.pick("是什么", "what it is"),
        lang.pick("最强的理由", "strongest reason"),
    ]);
    // The numbers and the name to ask by stay on one line; the words share the rest.
    for column in table.column_iter_mut().take(4) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    for row in rows {
        let judgement = &row.assessment.judgement;
        table.add_row([
            format!("{} {}", mark(judgement.grade), grade_label(judgement.grade, lang)),
            judgement
                .risk
                .map_or_else(|| "—".to_owned(), |risk| format!("{risk:.1}")),
            format!("{:.0}%", judgement.coverage * 100.0),
            terminal(row.id),
            terminal(row.title),
            terminal(&strongest(row.assessment, lang)),
        ]);
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The weightiest settled rule that holds; else the first gap; else a dash.
fn strongest(assessment: &Assessment, lang: Lang) -> String {
    let holding = assessment.findings.iter().map(|placed| &placed.finding);
    let holding =
        holding.filter(|finding| finding.outcome == Outcome::Holds && finding.status == Status::Settled);
    if let Some(finding) =
        holding.max_by_key(|finding| (finding.weight.abs(), std::cmp::Reverse(finding.rule.clone())))
    {
        return lang.of(&finding.title).to_owned();
    }
    let gap = assessment
        .gaps
        .first()
        .map(|gap| super::reason_label(gap.reason.code(), lang));
    gap.unwrap_or("—").to_owned()
}
