//! A table of several assessments, one line a site: for the demo and for several targets.

use comfy_table::{Cell, ContentArrangement, Table, presets};

use super::escape::terminal;
use super::labels::{Lang, grade_label};
use super::text::mark;
use crate::assessment::Assessment;
use crate::finding::Outcome;

/// One line of the table.
#[derive(Debug)]
pub struct Row<'a> {
    /// What the line is called, besides the site.
    pub name: String,
    /// The result.
    pub assessment: &'a Assessment,
}

/// Writes the table; the strongest reason stands in the last column.
pub fn render(rows: &[Row<'_>], lang: Lang, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::ASCII_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    let heads = [
        lang.pick("站点", "site"),
        lang.pick("样本", "sample"),
        lang.pick("等级", "grade"),
        lang.pick("风险", "risk"),
        lang.pick("覆盖", "coverage"),
        lang.pick("最强的理由", "strongest reason"),
    ];
    table.set_header(heads);
    for row in rows {
        let judgement = &row.assessment.judgement;
        table.add_row([
            Cell::new(terminal(&row.assessment.site.shown())),
            Cell::new(terminal(&row.name)),
            Cell::new(format!(
                "{} {}",
                mark(judgement.grade),
                grade_label(judgement.grade, lang)
            )),
            Cell::new(
                judgement
                    .risk
                    .map_or_else(|| "—".to_owned(), |risk| format!("{risk:.1}")),
            ),
            Cell::new(format!("{:.0}%", judgement.coverage * 100.0)),
            Cell::new(terminal(&strongest(row.assessment, lang))),
        ]);
    }
    table.to_string()
}

/// The weightiest rule that holds; else the first gap; else a dash.
fn strongest(assessment: &Assessment, lang: Lang) -> String {
    let holding = assessment
        .findings
        .iter()
        .map(|placed| &placed.finding)
        .filter(|f| f.outcome == Outcome::Holds);
    let strongest =
        holding.max_by_key(|finding| (finding.weight.abs(), std::cmp::Reverse(finding.rule.clone())));
    if let Some(finding) = strongest {
        return lang.of(&finding.title).to_owned();
    }
    assessment.gaps.first().map_or_else(
        || "—".to_owned(),
        |gap| super::reason_label(gap.reason.code(), lang).to_owned(),
    )
}
