//! The text report as printed: both languages as snapshots, the width, and no escape codes where nobody looks at colours.

use unicode_width::UnicodeWidthStr;

use super::{Stage, run};

/// What is different in every run, made the same.
fn redacted(text: &str, stage: &Stage) -> String {
    let text = text.replace(&format!(":{}", stage.demo.http.port()), ":PORT");
    let moment = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC").unwrap();
    // Hashes move with every rule and every word; the report's form does not.
    let version = regex::Regex::new(r"\d+\.\d+\.\d+\+[0-9a-f]{16}|\b[0-9a-f]{16}\b").unwrap();
    let text = moment.replace_all(&text, "DATE").into_owned();
    version.replace_all(&text, "VERSION").into_owned()
}

fn report(stage: &Stage, args: &[&str]) -> String {
    let target = stage.target("xiaohei-kameng");
    let mut command = stage.vet_command(args);
    command.env("COLUMNS", "100").args(["--no-keep", &target]);
    let run = run(&mut command).ended(1);
    assert_eq!(run.err, "");
    redacted(&run.out, stage)
}

#[test]
fn a_report_in_chinese() {
    let stage = Stage::new();
    insta::assert_snapshot!("report_zh", report(&stage, &["--lang", "zh"]));
}

#[test]
fn a_report_in_english() {
    let stage = Stage::new();
    insta::assert_snapshot!("report_en", report(&stage, &["--lang", "en"]));
}

#[test]
fn no_line_is_wider_than_the_terminal_says() {
    let stage = Stage::new();
    for (columns, lang) in [(60, "zh"), (60, "en"), (110, "zh")] {
        let target = stage.target("polished-fraud");
        let mut command = stage.vet_command(&["--full", "--no-keep", "--lang", lang, &target]);
        let run = run(command.env("COLUMNS", columns.to_string())).ended(1);
        let widest = run.out.lines().max_by_key(|line| line.width()).unwrap();
        assert!(widest.width() <= columns, "{columns} {lang}: {widest}");
        assert!(widest.width() > columns - 8, "the width is used: {widest}");
    }
    let mut demo = stage.command(&["demo", "small-honest", "xiaohei-kameng"]);
    let run = run(demo.env("COLUMNS", "80")).ended(0);
    let widest = run.out.lines().max_by_key(|line| line.width()).unwrap();
    assert!(widest.width() <= 80, "{widest}");
}

#[test]
fn nothing_piped_holds_an_escape_code() {
    let stage = Stage::new();
    let target = stage.target("xiaohei-kameng");
    for variables in [
        &[("TERM", "xterm-256color")][..],
        &[("NO_COLOR", "1"), ("TERM", "xterm")],
    ] {
        let mut command = stage.vet_command(&["--no-keep", &target]);
        let run = run(command.envs(variables.iter().copied())).ended(1);
        assert!(
            !run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'),
            "{variables:?}"
        );
    }
    let help = stage.run(&["--help"]).ended(0);
    assert!(!help.out.contains('\u{1b}'));
}
