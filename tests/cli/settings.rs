//! Settings: defaults < file < environment < flags, each mistake named with its place; the language of the locale.

use super::{Stage, bare, run};

/// Whether `rules check` speaks Chinese.
fn is_chinese(variables: &[(&str, &str)], args: &[&str]) -> bool {
    let home = tempfile::tempdir().unwrap();
    let mut command = bare(home.path());
    command
        .envs(variables.iter().copied())
        .args(args)
        .args(["rules", "check"]);
    run(&mut command).ended(0).out.contains("条规则")
}

#[test]
fn the_language_is_the_flags_then_the_locales_then_chinese() {
    assert!(is_chinese(&[], &[]));
    assert!(is_chinese(&[("LANG", "C.UTF-8")], &[]));
    assert!(is_chinese(&[("LANG", "zh_CN.UTF-8")], &[]));
    assert!(!is_chinese(&[("LANG", "en_US.UTF-8")], &[]));
    assert!(is_chinese(
        &[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_TW.UTF-8")],
        &[]
    ));
    assert!(is_chinese(&[("LANG", "en_US.UTF-8")], &["--lang", "zh"]));
    assert!(!is_chinese(
        &[("CARDVET_LANG", "en"), ("LANG", "zh_CN.UTF-8")],
        &[]
    ));
}

/// How many pages a look at a sample took.
fn pages(stage: &Stage, variables: &[(&str, &str)], args: &[&str]) -> usize {
    let target = stage.target("licensed-topup");
    let mut command = stage.vet_command(args);
    command
        .envs(variables.iter().copied())
        .args(["--no-keep", "--format", "json", &target]);
    let run = run(&mut command).ended(0);
    run.json()[0]["pages"].as_array().unwrap().len()
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let stage = Stage::new();
    std::fs::write(stage.path("cardvet.toml"), "max_pages = 3\ntimeout = 40\n").unwrap();
    let user = stage.path("config/cardvet");
    std::fs::create_dir_all(&user).unwrap();
    std::fs::write(user.join("cardvet.toml"), "max_pages = 5\n").unwrap();
    std::fs::write(stage.path("named.toml"), "max_pages = 4\n").unwrap();
    assert_eq!(pages(&stage, &[], &[]), 3);
    assert_eq!(pages(&stage, &[], &["--config", "named.toml"]), 4);
    assert_eq!(pages(&stage, &[("CARDVET_MAX_PAGES", "2")], &[]), 2);
    assert_eq!(
        pages(&stage, &[("CARDVET_MAX_PAGES", "2")], &["--max-pages", "1"]),
        1
    );
    assert_eq!(pages(&stage, &[("CARDVET_MAX_PAGES", "")], &[]), 3);
    std::fs::remove_file(stage.path("cardvet.toml")).unwrap();
    assert_eq!(pages(&stage, &[], &[]), 5);
}

#[test]
fn a_setting_that_cannot_be_used_is_refused_where_it_stands() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cardvet.toml");
    for (text, parts) in [
        ("max_page = 3", &["cardvet.toml", "max_page", "max_pages"][..]),
        ("max_pages = 0", &["cardvet.toml", "at least 1"]),
        ("max_pages = \"many\"", &["cardvet.toml", "many"]),
        ("timeout = -1", &["cardvet.toml", "timeout"]),
        ("pace = nan", &["cardvet.toml", "pace"]),
        ("lang = \"fr\"", &["cardvet.toml", "fr"]),
        ("fail_at = \"inconclusive\"", &["cardvet.toml", "fail_at"]),
        ("max_pages = [", &["cardvet.toml"]),
    ] {
        std::fs::write(&path, text).unwrap();
        let run = run(bare(home.path()).args(["rules", "facts"])).ended(2);
        assert!(run.out.is_empty(), "{text}");
        assert!(
            parts.iter().all(|part| run.err.contains(part)),
            "{text}: {}",
            run.err
        );
    }
    std::fs::remove_file(&path).unwrap();
    for (name, value) in [
        ("CARDVET_MAX_PAGE", "3"),
        ("CARDVET_MAX_PAGES", "0"),
        ("CARDVET_TIMEOUT", "soon"),
        ("CARDVET_ALLOW_PRIVATE", "perhaps"),
        ("CARDVET_RESOLVER", "8.8.8.8"),
    ] {
        let run = run(bare(home.path()).env(name, value).args(["rules", "facts"])).ended(2);
        assert!(run.err.contains(name), "{name}: {}", run.err);
    }
    for good in [
        ("CARDVET_ALLOW_PRIVATE", "1"),
        ("CARDVET_STORE", "2026"),
        ("CARDVET_TIMEOUT", "30"),
    ] {
        run(bare(home.path()).envs([good]).args(["rules", "facts"])).ended(0);
    }
    for args in [
        &["--config", "absent.toml", "rules", "facts"][..],
        &["--timeout", "0", "rules", "facts"],
        &["--max-pages", "0", "rules", "facts"],
        &["--pace", "1001", "rules", "facts"],
        &["--log", "==", "rules", "facts"],
        &["--resolver", "nowhere", "rules", "facts"],
        &["vet"],
        &["no-such-command"],
        &[],
    ] {
        let run = run(bare(home.path()).args(args)).ended(2);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{args:?}: {}", run.err);
    }
}
