//! `vet`: exit codes and their order, lines of JSON, what is refused, what a locked or damaged store changes.

use cardvet::store::{Settings, Store};
use serde_json::Value;

use super::Stage;
use crate::support::web::{Server, answer, missing};

/// The schema that is checked in for every consumer.
fn schema() -> jsonschema::Validator {
    let text = include_str!("../../src/report/assessment.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

#[track_caller]
fn is_valid(line: &Value) {
    let errors: Vec<String> = schema()
        .iter_errors(line)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

fn sum(ledger: &Value) -> i64 {
    ledger
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["points"].as_i64().unwrap())
        .sum()
}

#[test]
fn several_targets_keep_their_order_and_the_weightiest_code_is_the_runs() {
    let stage = Stage::new();
    let [dead, honest, black] =
        ["dead-upstream", "small-honest", "xiaohei-kameng"].map(|id| stage.target(id));
    let run = stage
        .vet(&["--format", "json", &dead, "ftp://shop.test/", &black, &honest])
        .ended(2);
    let lines = run.json();
    lines.iter().for_each(is_valid);
    let typed: Vec<&str> = lines
        .iter()
        .map(|line| line["target"].as_str().unwrap())
        .collect();
    assert_eq!(typed, [&dead, "ftp://shop.test/", &black, &honest]);
    assert!(lines[1]["refused"].as_str().is_some_and(|why| !why.is_empty()));
    assert_eq!(lines[1].as_object().unwrap().len(), 2);
    let refusals: Vec<&str> = run.err.lines().collect();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(refusals[0].contains("`ftp://shop.test/`"), "{refusals:?}");

    let grades = [0, 2, 3].map(|place| lines[place]["grade"].as_str().unwrap());
    assert_eq!(grades, ["inconclusive", "critical", "guarded"]);
    assert_eq!(lines[0]["risk"], Value::Null);
    for line in [&lines[0], &lines[2], &lines[3]] {
        assert_eq!(sum(&line["ledger"]), line["points"].as_i64().unwrap());
    }

    stage.vet(&["--no-keep", &dead, &black, &honest]).ended(1);
    stage.vet(&["--no-keep", &dead, &honest]).ended(3);
}

#[test]
fn fail_at_moves_the_line_between_0_and_1() {
    let stage = Stage::new();
    let honest = stage.target("small-honest");
    stage.vet(&["--no-keep", &honest]).ended(0);
    stage
        .vet(&["--no-keep", "--fail-at", "guarded", &honest])
        .ended(1);
    let black = stage.target("xiaohei-kameng");
    stage
        .vet(&["--no-keep", "--fail-at", "critical", &black])
        .ended(1);
    let high = stage.target("no-refund-gbk");
    stage.vet(&["--no-keep", "--fail-at", "critical", &high]).ended(0);
    let run = stage.vet(&["--fail-at", "inconclusive", &honest]).ended(2);
    assert!(run.out.is_empty());
}

#[test]
fn what_cannot_be_vetted_is_refused_on_one_line_each() {
    let stage = Stage::new();
    let targets = [
        "",
        "http://user:secret@shop.test/",
        "a\u{1b}[31m\u{202e}b:c",
        "localhost",
        "10.0.0.7",
    ];
    let run = super::run(stage.command(&["vet", "--format", "json"]).args(targets)).ended(2);
    assert_eq!(run.json().len(), targets.len());
    run.json().iter().for_each(is_valid);
    assert_eq!(run.err.lines().count(), targets.len(), "{}", run.err);
    assert!(!run.err.contains(['\u{1b}', '\u{202e}']), "{}", run.err);
    assert!(!run.out.contains('\u{1b}'), "JSON escapes it: {}", run.out);
}

#[test]
fn rules_that_do_not_compile_end_with_4_before_anything_is_asked() {
    let stage = Stage::new();
    std::fs::create_dir(stage.path("rules")).unwrap();
    let run = stage
        .vet(&["--rules", "rules", &stage.target("small-honest")])
        .ended(4);
    assert!(run.out.is_empty() && run.err.contains("rule"), "{}", run.err);
    assert!(stage.demo.counters().is_empty(), "no site was asked");
    let run = stage
        .vet(&["--rules", "no-such-folder", &stage.target("small-honest")])
        .ended(2);
    assert!(run.err.contains("no-such-folder"), "{}", run.err);
}

#[test]
fn a_locked_store_is_a_warning_and_a_damaged_one_an_end() {
    let stage = Stage::new();
    let honest = stage.target("small-honest");
    let store = Store::open(&Settings { dir: stage.store() }).unwrap();
    let run = stage.vet(&["--format", "json", &honest]).ended(0);
    assert_eq!(run.json()[0]["grade"], "guarded");
    assert!(run.err.contains("nothing of this run is kept"), "{}", run.err);
    assert!(store.sites().unwrap().is_empty());
    let run = stage.run(&["show", &honest]).ended(5);
    assert!(run.err.contains("--store"), "{}", run.err);
    drop(store);

    std::fs::write(stage.store().join("store.json"), "no JSON").unwrap();
    let run = stage.vet(&[&honest]).ended(5);
    assert!(run.err.contains("store rebuild"), "{}", run.err);
    assert!(run.out.is_empty());
}

#[test]
fn pages_and_time_are_kept_within_what_was_said() {
    let stage = Stage::new();
    let run = stage.vet(&[
        "--format",
        "json",
        "--max-pages",
        "2",
        &stage.target("licensed-topup"),
    ]);
    let lines = run.json();
    let pages = lines[0]["pages"].as_array().unwrap();
    assert!(pages.len() <= 2 && !pages.is_empty(), "{pages:?}");
    assert!(
        lines[0]["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|gap| gap["reason"] == "budget_spent"),
        "{}",
        lines[0]["gaps"]
    );

    let server = stage
        .runtime
        .block_on(Server::start(|_| vec![crate::support::web::Step::Hang]));
    let begun = std::time::Instant::now();
    let run = stage
        .vet(&["--format", "json", "--timeout", "1.5", server.url("/").as_str()])
        .ended(3);
    assert!(begun.elapsed().as_secs() < 15, "the site's time is 1.5 s");
    let lines = run.json();
    assert!(
        lines[0]["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|gap| gap["reason"] == "timeout"),
        "{}",
        lines[0]["gaps"]
    );
    stage.runtime.block_on(server.stop());
}

#[test]
fn what_a_site_writes_never_reaches_the_terminal_raw() {
    let stage = Stage::new();
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m";
    let page = format!(
        "<html><head><title>{evil}卡盟</title></head><body><h1>{evil}Q币 半价 {evil}</h1><p>官方授权{evil} 一经售出概不退换{evil}，\
         加QQ客服：8{evil}00012345{evil} 购买点卡 充值 下单</p><footer>京ICP备{evil}12345678号{evil}</footer></body></html>"
    );
    let server = stage.runtime.block_on(Server::start(move |path| match path {
        "/" => answer(200, "content-type: text/html; charset=utf-8\r\n", &page),
        _ => missing(),
    }));
    let raw = |text: &str| {
        text.chars()
            .any(|c| c != '\n' && (c.is_control() || c == '\u{202e}'))
    };
    let target = server.url("/").to_string();
    let text = stage.vet(&["--full", "--no-keep", &target]);
    assert!(text.out.contains("/100") && !raw(&text.out), "{}", text.out);
    assert!(!raw(&text.err), "{}", text.err);
    let json = stage.vet(&["--format", "json", &target]);
    is_valid(&json.json()[0]);
    assert!(!json.out.contains('\u{1b}'), "{}", json.out);
    stage.runtime.block_on(server.stop());
}

#[test]
fn as_visitor_is_for_one_target_and_is_said_in_every_report() {
    let stage = Stage::new();
    let [one, other] = ["dead-upstream", "small-honest"].map(|id| stage.target(id));
    let run = stage.vet(&["--as-visitor", &one, &other]).ended(2);
    assert!(run.out.is_empty());
    assert!(run.err.contains("--as-visitor is for one TARGET"), "{}", run.err);

    let shell = "<noscript>kamifaka-frontend</noscript><div id=app></div><script src=/app.js></script>";
    let server = stage.runtime.block_on(Server::start(move |path| match path {
        "/" => answer(200, "content-type: text/html\r\n", shell),
        "/robots.txt" => answer(200, "", "User-agent: *\nDisallow: /api/\n"),
        "/api/v2/theme_list" => answer(200, "content-type: application/json\r\n", "[]"),
        _ => missing(),
    }));
    let target = server.url("/").to_string();
    let crawler = &stage.vet(&["--format", "json", "--no-keep", &target]).json()[0];
    is_valid(crawler);
    assert!(crawler.get("as_visitor").is_none() && crawler.get("against_robots").is_none());
    assert!(crawler["gaps"].as_array().unwrap().iter().any(|gap| {
        gap["reason"] == "blocked_by_robots"
            && gap["detail"] == "products are drawn by script and their data path is disallowed to crawlers"
    }));
    let visitor = &stage.vet(&["--format", "json", "--as-visitor", &target]).json()[0];
    is_valid(visitor);
    assert_eq!(visitor["as_visitor"], true);
    let api = |path: &str| server.url(path).to_string();
    assert_eq!(
        visitor["against_robots"],
        serde_json::json!([api("/api/v2/theme_list"), api("/api/v2/get_system")])
    );
    assert!(
        visitor["pages"]
            .as_array()
            .unwrap()
            .iter()
            .any(|page| page["role"] == "data")
    );
    // What was kept says it too, in both languages.
    let kept = stage.run(&["show", &target, "--allow-private"]);
    assert!(
        kept.out.contains("looked at as a visitor"),
        "{}{}",
        kept.out,
        kept.err
    );
    let chinese = stage.run(&["show", &target, "--allow-private", "--lang", "zh"]);
    assert!(chinese.out.contains("以访客方式查看"), "{}", chinese.out);
    assert!(server.heads().iter().all(|head| head.contains("cardvet/")));
    stage.runtime.block_on(server.stop());
}
