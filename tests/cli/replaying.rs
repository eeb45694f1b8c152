//! `replay`: the same bytes from the same inputs, and what moved, why and by which rule when they are not the same.

use std::collections::BTreeMap;

use super::{Stage, write_folder};

/// A copy of the built-in rules in which a rule that holds weighs one more. Gives its id and both weights.
fn changed_rules(stage: &Stage, rules: &[serde_json::Value]) -> (String, i64) {
    let holding = rules
        .iter()
        .find(|finding| finding["outcome"] == "holds" && finding["weight"].as_i64() > Some(2))
        .unwrap();
    let (id, weight) = (
        holding["rule"].as_str().unwrap(),
        holding["weight"].as_i64().unwrap(),
    );
    let mut files: BTreeMap<String, String> = cardvet::rules::built_in();
    let file = files.get_mut(&format!("{id}.toml")).unwrap();
    let changed = file.replace(
        &format!("\nweight = {weight}\n"),
        &format!("\nweight = {}\n", weight - 1),
    );
    assert_ne!(*file, changed);
    *file = changed;
    write_folder(&stage.path("rules"), &files);
    (id.to_owned(), weight)
}

#[test]
fn nothing_changed_gives_the_same_bytes_and_a_changed_rule_is_named() {
    let stage = Stage::new();
    let assessment = stage.vetted("xiaohei-kameng");
    stage.vetted("dead-upstream");
    let run = stage.run(&["replay", "--all"]).ended(0);
    assert!(
        run.out.contains("2 byte-identical, 0 moved, 0 without"),
        "{}",
        run.out
    );
    for line in stage
        .run(&["replay", "--all", "--format", "json"])
        .ended(0)
        .json()
    {
        assert_eq!(
            (&line["identical"], &line["causes"]),
            (&true.into(), &serde_json::json!([]))
        );
    }

    let (rule, weight) = changed_rules(&stage, assessment["findings"].as_array().unwrap());
    let host = stage.host("xiaohei-kameng");
    let args = ["replay", "--rules", "rules", &host, "--keep"];
    let lines = super::run(stage.command(&args).args(["--format", "json"]))
        .ended(0)
        .json();
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(
        (&line["identical"], &line["causes"]),
        (&false.into(), &serde_json::json!(["rules"]))
    );
    assert_eq!(line["site"], host.as_str());
    let moved = line["rules"].as_array().unwrap();
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0]["rule"], rule.as_str());
    assert_eq!(moved[0]["weight"], serde_json::json!([weight, weight - 1]));

    let causes: Vec<String> = stage
        .run(&["show", "--history", "--format", "json", &host])
        .json()
        .iter()
        .map(|entry| entry["cause"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(causes, ["vetted", "replayed: rules"]);
    // Kept: with the same folder nothing moves any more; back to the built-in rules it does, in words.
    let run = stage.run(&["replay", "--rules", "rules", &host]).ended(0);
    assert!(run.out.contains("1 byte-identical"), "{}", run.out);
    let run = stage.run(&["replay", &host]).ended(0);
    assert!(
        run.out.contains(&rule) && run.out.contains("rules"),
        "{}",
        run.out
    );
    assert!(run.out.contains("0 byte-identical, 1 moved"), "{}", run.out);
}

#[test]
fn another_moment_is_a_cause_and_an_unknown_site_does_not_stop_the_rest() {
    let stage = Stage::new();
    stage.vetted("small-honest");
    let host = stage.host("small-honest");
    let run = stage
        .run(&[
            "replay",
            "--as-of",
            "2031-01-01",
            "--format",
            "json",
            "nobody.test",
            &host,
        ])
        .ended(2);
    assert_eq!(run.json().len(), 1);
    assert_eq!(run.json()[0]["causes"], serde_json::json!(["evidence_age"]));
    assert!(run.err.contains("nobody.test"), "{}", run.err);
    let run = stage.run(&["replay", "--as-of", "tomorrow", &host]).ended(2);
    assert!(run.err.contains("tomorrow"), "{}", run.err);
    stage.run(&["replay", "--all", &host]).ended(2);
    stage.run(&["replay"]).ended(2);
}
