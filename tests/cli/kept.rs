//! `show` and `store`: what was kept is shown, exported, verified, mended, pruned and forgotten.

use std::path::PathBuf;

use serde_json::Value;

use super::Stage;

#[test]
fn what_was_vetted_is_shown_byte_for_byte_with_its_history() {
    let stage = Stage::new();
    let target = stage.target("xiaohei-kameng");
    let first = stage.vet(&["--format", "json", &target]).ended(1);
    let shown = stage.run(&["show", "--format", "json", &target]).ended(1);
    assert_eq!(shown.out, first.out);
    assert_eq!(shown.err, "");
    // The bare name of the site finds the same.
    let by_name = stage
        .run(&["show", "--format", "json", &stage.host("xiaohei-kameng")])
        .ended(1);
    assert_eq!(by_name.out, first.out);
    let text = stage.run(&["show", "--full", &target]).ended(1);
    assert!(
        text.out.contains("Ledger") && text.out.contains("Facts read"),
        "{}",
        text.out
    );

    stage.vetted("xiaohei-kameng");
    let history = stage
        .run(&["show", "--history", "--format", "json", &target])
        .ended(0)
        .json();
    assert_eq!(history.len(), 2);
    assert!(
        history
            .iter()
            .all(|entry| entry["cause"] == "vetted" && entry["grade"] == "critical")
    );
    assert_eq!(history[0]["captured_at"], first.json()[0]["captured_at"]);
    let text = stage.run(&["show", "--history", &target]).ended(0);
    assert_eq!(
        text.out
            .lines()
            .filter(|line| line.contains("critical risk"))
            .count(),
        2
    );

    for args in [
        &["show", "nobody.test"][..],
        &["show", "--history", "nobody.test"],
        &["replay", "nobody.test"],
    ] {
        let run = stage.run(args).ended(2);
        assert!(
            run.err.contains("nothing is stored of nobody.test"),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_mistyped_store_is_told_and_not_made() {
    let stage = Stage::new();
    for args in [
        &["show", "shop.test"][..],
        &["replay", "--all"],
        &["store", "export"],
        &["store", "verify"],
        &["store", "rebuild"],
        &["store", "prune"],
        &["store", "forget", "shop.test"],
    ] {
        let run = super::run(stage.command(args).args(["--store", "mistyped"])).ended(2);
        assert!(run.err.contains("there is no store at mistyped"), "{}", run.err);
    }
    assert!(!stage.path("mistyped").exists());
}

#[test]
fn an_export_says_everything_in_either_form() {
    let stage = Stage::new();
    stage.vetted("small-honest");
    stage.vetted("small-honest");
    let lines = stage.run(&["store", "export"]).ended(0).json();
    let count = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!(
        (count("store"), count("evidence"), count("assessment")),
        (1, 2, 2)
    );
    assert!(count("body") > 1);
    let run = stage.run(&["store", "export", "--out", "backup.jsonl"]).ended(0);
    assert!(run.out.is_empty());
    let file = std::fs::read_to_string(stage.path("backup.jsonl")).unwrap();
    assert_eq!(file, stage.run(&["store", "export"]).out);

    stage
        .run(&["store", "export", "--format", "warc", "--out", "all.warc"])
        .ended(0);
    let warc = String::from_utf8(std::fs::read(stage.path("all.warc")).unwrap()).unwrap();
    let fields = |name: &str| -> Vec<&str> { warc.lines().filter(|line| line.starts_with(name)).collect() };
    assert_eq!(fields("WARC-Type: warcinfo").len(), 2);
    let mut names = fields("WARC-Record-ID:");
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "every record has a name of its own");
    assert!(warc.contains("小满点卡铺"), "bodies are in it");
    stage
        .run(&["store", "export", "--out", "no-such-folder/x"])
        .ended(2);
}

/// The kept bodies.
fn bodies(stage: &Stage) -> Vec<PathBuf> {
    let mut left = vec![stage.store().join("bodies")];
    let mut files = Vec::new();
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn damage_is_found_and_a_rebuild_saves_the_rest() {
    let stage = Stage::new();
    let before = stage.vetted("small-honest");
    let sound: Value = stage.run(&["store", "verify"]).ended(0).json().remove(0);
    assert_eq!(
        (&sound["evidence"], &sound["assessments"], &sound["problems"]),
        (&1.into(), &1.into(), &Value::Array(vec![]))
    );

    std::fs::write(&bodies(&stage)[0], b"not what it was").unwrap();
    let run = stage.run(&["store", "verify"]).ended(5);
    assert_eq!(run.json()[0]["problems"].as_array().unwrap().len(), 1);
    assert!(run.err.contains("bodies"), "{}", run.err);
    stage.run(&["store", "export"]).ended(5);
    let run = stage.run(&["store", "rebuild"]).ended(0);
    assert_eq!(run.json()[0]["lost"].as_array().unwrap().len(), 1);

    std::fs::write(stage.store().join("store.json"), "{").unwrap();
    for args in [
        &["store", "verify"][..],
        &["show", "shop.test"],
        &["replay", "--all"],
    ] {
        let run = stage.run(args).ended(5);
        assert!(
            run.err.contains("store rebuild") && run.out.is_empty(),
            "{}",
            run.err
        );
    }
    stage.run(&["store", "rebuild"]).ended(0);
    let shown = stage
        .run(&["show", "--format", "json", &stage.host("small-honest")])
        .ended(0);
    assert_eq!(shown.json()[0], before);
}

#[test]
fn pruning_takes_evidence_and_forgetting_takes_all() {
    let stage = Stage::new();
    let target = stage.target("small-honest");
    stage.vetted("small-honest");
    stage.vetted("small-honest");
    stage.vetted("soft-404");
    let dry = stage
        .run(&["store", "prune", "--keep-versions", "1", "--dry-run"])
        .ended(0);
    assert_eq!(dry.json()[0]["evidence"], 1);
    let done = stage.run(&["store", "prune", "--keep-versions", "1"]).ended(0);
    assert_eq!(done.json()[0]["evidence"], 1);
    assert_eq!(
        stage
            .run(&["show", "--history", &target])
            .ended(0)
            .out
            .lines()
            .count(),
        2
    );
    let tally = stage.run(&["replay", "--all"]).ended(0);
    assert!(
        tally.out.contains("2 byte-identical, 0 moved, 0 without"),
        "{}",
        tally.out
    );

    stage.run(&["store", "prune", "--keep-days", "0"]).ended(0);
    let tally = stage.run(&["replay", "--all"]).ended(0);
    assert!(
        tally.out.contains("0 byte-identical, 0 moved, 2 without"),
        "{}",
        tally.out
    );

    let run = stage.run(&["store", "forget", &target]).ended(0);
    assert_eq!(run.json()[0]["assessments"], 2);
    stage.run(&["show", &target]).ended(2);
    stage.run(&["show", &stage.target("soft-404")]).ended(0);
    let again = stage.run(&["store", "forget", &target]).ended(0);
    assert!(again.err.contains("nothing was stored"), "{}", again.err);
    let export = stage.run(&["store", "export"]).ended(0);
    assert!(!export.out.contains(&stage.host("small-honest")));
}
