//! How a run ends before its end: interrupted, its reader gone, its disk full.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Stage;
use crate::support::web::{Server, Step, head};

/// A child of the stage as a plain process, since it is watched while it runs.
fn child(stage: &Stage, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardvet"));
    command
        .current_dir(stage.home.path())
        .env_clear()
        .env("HOME", stage.home.path())
        .env("LANG", "en_US.UTF-8")
        .env("CARDVET_STORE", stage.store())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .args(args);
    command
}

/// Waits for something that will happen; gives up long after it should have.
#[track_caller]
fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < super::PATIENCE, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_look_at_a_dripping_site_quickly_and_keeps_what_was_printed() {
    let stage = Stage::new();
    let slow = stage.runtime.block_on(Server::start(|path| match path {
        "/robots.txt" => crate::support::web::missing(),
        _ => vec![
            Step::Send(head(200, "content-type: text/html\r\n")),
            Step::Drip(vec![b'a'; 100_000], Duration::from_millis(50)),
        ],
    }));
    let (fast, dripping, resolver) = (
        stage.target("small-honest"),
        slow.url("/").to_string(),
        stage.demo.dns.to_string(),
    );
    let mut child = child(
        &stage,
        &[
            "vet",
            "--format",
            "json",
            "--allow-private",
            "--resolver",
            &resolver,
            "--pace",
            "500",
            "--timeout",
            "600",
            &fast,
            &dripping,
        ],
    )
    .spawn()
    .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert!(first.contains(&fast), "{first}");
    until("a request of the dripping page", || {
        slow.paths().iter().any(|path| path == "/")
    });

    let begun = Instant::now();
    let killed = Command::new("sh")
        .arg("-c")
        .arg(format!("kill -INT {}", child.id()))
        .status()
        .unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let status = child.wait().unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((status.code(), rest.as_str()), (Some(130), ""), "{err}");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "a request alone may take 15 s"
    );
    assert!(err.contains("every printed result is kept"), "{err}");
    stage.runtime.block_on(slow.stop());

    let kept = stage.run(&["show", "--format", "json", &fast]).ended(0);
    assert_eq!(kept.out, first, "what was printed is what was kept");
    stage.run(&["show", &dripping]).ended(2);
    stage.run(&["store", "verify"]).ended(0);
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let stage = Stage::new();
    for args in [
        &["rules", "list", "--format", "json"][..],
        &["rules", "facts"],
        &["man"],
    ] {
        let mut child = child(&stage, args).spawn().unwrap();
        let mut out = BufReader::with_capacity(16, child.stdout.take().unwrap());
        let mut first = [0; 1];
        out.read_exact(&mut first).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_the_output_is_told_and_ends_with_70() {
    let stage = Stage::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = child(&stage, &["rules", "facts"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("cardvet: "));
}
