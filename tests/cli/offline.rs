//! Commands without a shop: rules, saved pages, the demo, help, completions, manual.

use std::collections::BTreeMap;

use super::{Stage, bare, run, write_folder};

#[test]
fn rules_and_facts_are_listed_as_text_and_as_json() {
    let stage = Stage::new();
    let text = stage.run(&["rules", "list"]).ended(0);
    let json = stage.run(&["rules", "list", "--format", "json"]).ended(0).json();
    assert_eq!(text.out.lines().count(), json.len());
    for (line, rule) in text.out.lines().zip(&json) {
        assert!(line.contains(rule["id"].as_str().unwrap()), "{line}");
        assert!(line.contains(rule["title"]["en"].as_str().unwrap()), "{line}");
    }
    let facts = stage.run(&["rules", "facts", "--format", "json"]).ended(0).json();
    let text = stage.run(&["rules", "facts"]).ended(0);
    assert_eq!(text.out.lines().count(), facts.len());
    let names: Vec<&str> = facts.iter().map(|fact| fact["name"].as_str().unwrap()).collect();
    let used = json.iter().flat_map(|rule| rule["facts"].as_array().unwrap());
    for fact in used {
        assert!(names.contains(&fact.as_str().unwrap()), "{fact}");
    }
    let check = stage.run(&["rules", "check"]).ended(0);
    assert!(
        check.out.starts_with(&format!("{} rules, ", json.len())),
        "{}",
        check.out
    );
}

#[test]
fn a_broken_rule_folder_tells_every_problem_with_its_place() {
    let stage = Stage::new();
    let mut files: BTreeMap<String, String> = cardvet::rules::built_in();
    let broken = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let names: Vec<String> = files
        .keys()
        .filter(|name| name.contains('/'))
        .take(3)
        .cloned()
        .collect();
    let line_of = |text: &str, part: &str| 1 + text.lines().position(|line| line.starts_with(part)).unwrap();
    let mut expected = Vec::new();
    for (name, (from, to, part)) in names.iter().zip([
        ("\nwhen = \"", "\nwhen = \"no.such_fact && ", "when"),
        ("\nstatus = ", "\nstatsu = ", "statsu"),
        ("\nwhen = \"", "\nwhen = \"(", "when"),
    ]) {
        let text = broken(&files[name], from, to);
        expected.push(format!("{name}:{}", line_of(&text, part)));
        files.insert(name.clone(), text);
    }
    write_folder(&stage.path("rules"), &files);
    let run = stage.run(&["rules", "check", "--rules", "rules"]).ended(4);
    assert!(run.out.is_empty());
    for place in &expected {
        assert!(run.err.contains(place), "{place} is not in {}", run.err);
    }
    std::fs::write(stage.path("rules/policy.toml"), "version = 1").unwrap();
    stage.run(&["rules", "check", "--rules", "rules"]).ended(4);
}

#[test]
fn saved_pages_become_facts_a_file_or_a_folder_each() {
    let stage = Stage::new();
    let page = "<html><head><meta charset=gb2312><title>点卡</title></head><body>充值 点卡 购买<footer>京ICP备10046444号</footer></body></html>";
    let (gbk, _, _) = encoding_rs::GBK.encode(page);
    std::fs::write(stage.path("gbk.html"), gbk).unwrap();
    std::fs::create_dir(stage.path("saved")).unwrap();
    std::fs::write(
        stage.path("saved/index.html"),
        "<h1>点卡商城</h1><p>购买 充值</p>",
    )
    .unwrap();
    std::fs::write(
        stage.path("saved/about.htm"),
        "<footer>京ICP备10046444号</footer>",
    )
    .unwrap();
    std::fs::write(stage.path("saved/notes.txt"), "not a page").unwrap();
    std::fs::create_dir(stage.path("empty")).unwrap();

    let run = stage
        .run(&[
            "inspect",
            "absent.html",
            "gbk.html",
            "empty",
            "saved",
            "--url",
            "https://shop.test/",
            "--format",
            "json",
        ])
        .ended(2);
    let lines = run.json();
    assert_eq!(
        lines.iter().map(|line| &line["file"]).collect::<Vec<_>>(),
        ["gbk.html", "saved"]
    );
    for line in &lines {
        assert_eq!(
            line.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["facts", "file", "gaps", "url"]
        );
        assert_eq!(line["url"], "https://shop.test/");
        let number = line["facts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|fact| fact["name"] == "filing.icp_number");
        assert!(
            number.unwrap()["value"].as_str().unwrap().contains("10046444"),
            "{line}"
        );
    }
    let place = lines[1]["facts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fact| fact["name"] == "filing.icp_number")
        .unwrap();
    assert_eq!(place["at"]["url"], "https://shop.test/about.htm");
    assert!(
        run.err.contains("absent.html") && run.err.contains("empty"),
        "{}",
        run.err
    );

    let text = stage.run(&["inspect", "gbk.html", "--url", "shop.test"]).ended(0);
    assert!(text.out.contains("filing.icp_number = "), "{}", text.out);
    let refused = stage
        .run(&["inspect", "gbk.html", "--url", "ftp://shop.test"])
        .ended(2);
    assert!(
        refused.out.is_empty() && refused.err.contains("--url"),
        "{}",
        refused.err
    );
    assert!(!stage.store().exists(), "nothing is kept");
}

/// One fact of a line of `inspect --format json`.
fn fact<'a>(line: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    line["facts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fact| fact["name"] == name)
}

#[test]
fn a_folder_is_one_evidence_a_site_with_the_addresses_that_its_files_name() {
    let stage = Stage::new();
    let page = |note: &str, text: &str| format!("{note}<html><body><p>{text}</p></body></html>");
    let files = BTreeMap::from([
        (
            "s/index.html".to_owned(),
            page("", "<a href=/p/7.html>关于我们</a> 点卡 充值 购买"),
        ),
        (
            "s/店.html".to_owned(),
            page(
                "<!-- saved from url=(0033)https://shop.test/p/7.html -->",
                "营业执照 <img alt=营业执照 src='店_files/1.png'>",
            ),
        ),
        ("s/other.html".to_owned(), page("", "点卡 充值 购买")),
        (
            "s/urls.tsv".to_owned(),
            "# where\nother.html\thttps://other.test/\n".to_owned(),
        ),
    ]);
    write_folder(&stage.path("."), &files);
    std::fs::create_dir_all(stage.path("s/店_files/deep")).unwrap();
    std::fs::copy("tests/pictures/licence.png", stage.path("s/店_files/1.png")).unwrap();
    let lines = stage
        .run(&["inspect", "s", "--url", "https://shop.test/", "--format", "json"])
        .ended(0)
        .json();
    let urls: Vec<_> = lines.iter().map(|line| line["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["https://shop.test/", "https://other.test/"]);
    assert_eq!(
        fact(&lines[0], "licence.picture_link").unwrap()["value"],
        "official"
    );
    let hashes = fact(&lines[0], "licence.picture_hashes").unwrap();
    assert_eq!(hashes["value"].as_array().unwrap().len(), 1);
    assert!(
        hashes["at"]["url"]
            .as_str()
            .unwrap()
            .starts_with("https://shop.test/p/")
    );
    assert_eq!(
        fact(&lines[1], "licence.picture_hashes").unwrap()["value"]
            .as_array()
            .unwrap()
            .len(),
        0
    );

    let untold = stage.run(&["inspect", "s"]).ended(2);
    assert!(
        untold.out.is_empty() && untold.err.contains("say so with --url"),
        "{}",
        untold.err
    );
    let alone = stage
        .run(&["inspect", "s/店_files/1.png", "--url", "shop.test"])
        .ended(0);
    assert!(
        alone
            .out
            .contains("licence.picture_uscc = \"91330106673959654P\""),
        "{}",
        alone.out
    );
}

#[test]
fn a_web_archive_gives_its_sites_and_says_where_it_breaks() {
    let stage = Stage::new();
    let record = |url: &str, text: &str| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{text}</p>");
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2025-01-02T03:04:05Z\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    };
    let both = record("https://shop.test/", "点卡 购买 京ICP备10046444号")
        + &record("https://other.test/", "点卡 购买");
    std::fs::write(stage.path("both.warc"), &both).unwrap();
    std::fs::write(stage.path("torn.warc"), &both.as_bytes()[..both.len() - 6]).unwrap();
    std::fs::write(stage.path("not.warc.gz"), b"\x1f\x8b\x08\0").unwrap();
    std::fs::write(
        stage.path("none.warc"),
        "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
    )
    .unwrap();
    let lines = stage
        .run(&["inspect", "both.warc", "--format", "json"])
        .ended(0)
        .json();
    let urls: Vec<_> = lines.iter().map(|line| line["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["https://other.test/", "https://shop.test/"]);
    assert!(fact(&lines[1], "filing.icp_number").is_some());
    let one = stage
        .run(&["inspect", "torn.warc", "--url", "https://shop.test/"])
        .ended(0);
    assert!(
        one.err.contains("record 2 is broken") && one.out.contains("filing.icp_number = "),
        "{}",
        one.err
    );
    assert!(
        one.out.contains("“") && one.out.contains("京ICP备10046444号"),
        "{}",
        one.out
    );
    for (file, complaint) in [
        ("not.warc.gz", "it is gzipped, but no WARC file"),
        ("none.warc", "none.warc holds no page"),
        ("both.warc", "both.warc holds no page of third.test"),
        ("absent.warc", "could not read absent.warc"),
    ] {
        let run = stage.run(&["inspect", file, "--url", "https://third.test/"]);
        let run = run.ended(2);
        assert!(run.out.is_empty() && run.err.contains(complaint), "{}", run.err);
    }
}

#[test]
fn the_demo_vets_its_samples_and_keeps_nothing() {
    let stage = Stage::new();
    let run = stage
        .run(&["demo", "small-honest", "xiaohei-kameng", "--format", "json"])
        .ended(0);
    let lines = run.json();
    let sites: Vec<&str> = lines.iter().map(|line| line["site"].as_str().unwrap()).collect();
    assert_eq!(sites, [stage.host("small-honest"), stage.host("xiaohei-kameng")]);
    assert_eq!(
        (&lines[0]["grade"], &lines[1]["grade"]),
        (&"guarded".into(), &"critical".into())
    );
    let text = stage
        .run(&["demo", "small-honest", "--report", "small-honest"])
        .ended(0);
    assert!(text.out.contains("full report: small-honest"), "{}", text.out);
    for args in [
        &["demo", "no-such-sample"][..],
        &["demo", "small-honest", "--report", "xiaohei-kameng"],
    ] {
        let run = stage.run(args).ended(2);
        assert!(
            run.out.is_empty() && run.err.contains("small-honest"),
            "{}",
            run.err
        );
    }
    assert!(!stage.store().exists());
}

#[test]
fn every_command_has_help_that_fits() {
    let home = tempfile::tempdir().unwrap();
    let help = |args: &[&str]| run(bare(home.path()).args(args).arg("--help")).ended(0).out;
    let commands = |text: &str| -> Vec<String> {
        let list = text.lines().skip_while(|line| *line != "Commands:").skip(1);
        let names = list.take_while(|line| line.starts_with("  ")).filter_map(|line| {
            let name = line
                .split_whitespace()
                .next()
                .filter(|_| !line.starts_with("   "));
            name.filter(|name| *name != "help").map(str::to_owned)
        });
        names.collect()
    };
    let top = help(&[]);
    let names = commands(&top);
    assert_eq!(
        names,
        [
            "demo",
            "vet",
            "inspect",
            "show",
            "replay",
            "rules",
            "evaluate",
            "store",
            "completions",
            "man"
        ]
    );
    let mut pages = vec![top];
    for name in &names {
        let page = help(&[name]);
        for below in commands(&page) {
            pages.push(help(&[name, &below]));
        }
        pages.push(page);
    }
    for page in &pages {
        assert!(
            page.contains("Usage: cardvet") && page.contains("--resolver"),
            "{page}"
        );
        assert!(page.lines().all(|line| line.chars().count() <= 110), "{page}");
    }
    let words: Vec<&str> = pages[0].split_whitespace().collect();
    assert!(words.join(" ").contains("130 interrupted"), "{}", pages[0]);
    let version = run(bare(home.path()).arg("--version")).ended(0);
    assert_eq!(version.out, concat!("cardvet ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let home = tempfile::tempdir().unwrap();
    let rows = [
        (&["completions", "bash"][..], "complete -F _cardvet"),
        (&["completions", "zsh"], "#compdef cardvet"),
        (&["completions", "fish"], "complete -c cardvet"),
        (&["man"], ".TH cardvet 1"),
    ];
    for (args, mark) in rows {
        let run = run(bare(home.path()).args(args)).ended(0);
        assert!(run.out.contains(mark), "{args:?}");
        for name in ["inspect", "replay", "forget", "fail-at"] {
            assert!(run.out.replace("\\-", "-").contains(name), "{args:?} {name}");
        }
    }
    run(bare(home.path()).args(["completions", "tcsh"])).ended(2);
}

#[test]
fn the_readme_lists_what_is_read_as_the_catalogue_has_it() {
    let table = Stage::new()
        .run(&["rules", "facts", "--format", "markdown"])
        .ended(0);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let shown = readme
        .split_once("<!-- facts -->\n")
        .and_then(|(_, rest)| rest.split_once("<!-- /facts -->"))
        .map(|(shown, _)| shown)
        .unwrap();
    assert_eq!(shown.trim(), table.out.trim(), "put this table into README.md");
}
