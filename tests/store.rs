//! The store under SIGKILL: what was reported as kept is there, byte for byte, however the process ended.
//!
//! The parent starts this very test binary again as a child that keeps numbered looks and reports each only after
//! `keep` returned, kills it at a varied moment, opens the store and checks everything reported so far.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its own functions too"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use cardvet::evidence::{Evidence, Profile, Scope};
use cardvet::store::{Retention, Settings, Store, StoreError};
use cardvet::target::{Site, Target};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Names the store's folder for a child; without it the writer works on a folder of its own.
const DIR: &str = "CARDVET_TEST_STORE_DIR";
/// Number of the first look that a child keeps.
const FIRST: &str = "CARDVET_TEST_STORE_FIRST";
/// How a child marks a number that was kept.
const MARK: &str = "kept:";

/// Look, assessment and cause by number: the same in every process.
fn numbered(number: u64) -> (Evidence, Vec<u8>, String) {
    let target = Target::parse(&format!("shop{}.kameng.com", number % 61), true).unwrap();
    let second = i64::try_from(number).unwrap();
    let mut evidence = Evidence::new(target, Timestamp::from_second(second).unwrap(), Profile::Full);
    evidence.scope = Scope::Subsite {
        host: format!("shop{}.kameng.com", number % 61),
    };
    evidence.exhibits.insert(
        "filler".to_owned(),
        "字".repeat(usize::try_from(number % 50).unwrap() * 20).into(),
    );
    for part in 0..number % 4 {
        let size = usize::try_from(1 + number * part % 3).unwrap() * 60;
        let body = format!("body {part} of {number} ").repeat(size).into_bytes();
        evidence.bodies.insert(sha256(&body), body);
    }
    let assessment = format!(
        "{{\"number\":{number},\"text\":\"{}\"}}",
        "评".repeat(usize::try_from(number % 40).unwrap())
    );
    (evidence, assessment.into_bytes(), format!("vetted {number}"))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn keep(store: &Store, number: u64) {
    let (evidence, assessment, cause) = numbered(number);
    store
        .keep(&evidence, &assessment, &cause, evidence.captured_at)
        .unwrap();
}

/// Whether a number is in the store exactly as it was given.
fn check(store: &Store, number: u64) {
    let (evidence, assessment, cause) = numbered(number);
    let mut found = store
        .evidence(&evidence.site, &evidence.scope, evidence.captured_at)
        .unwrap()
        .unwrap();
    assert_eq!(
        store.fill_bodies(&mut found).unwrap(),
        Vec::<String>::new(),
        "{number}"
    );
    assert_eq!(found, evidence, "{number}");
    let history = store.history(&evidence.site, &evidence.scope).unwrap();
    let entries: Vec<_> = history
        .iter()
        .filter(|entry| entry.look.captured_at == evidence.captured_at)
        .collect();
    assert_eq!(entries.len(), 1, "{number}");
    assert_eq!(entries[0].assessment, assessment, "{number}");
    assert_eq!(entries[0].cause, cause, "{number}");
}

fn check_all(store: &Store, numbers: &[u64]) {
    for number in numbers {
        check(store, *number);
    }
}

/// Keeps a look at another site and forgets that site, so that the index is replaced and files are removed.
fn keep_and_forget(store: &Store, number: u64) {
    let (mut evidence, assessment, cause) = numbered(number);
    evidence.site = Site::from_stored("goner.com");
    let body = format!("a body of goner.com {number}").into_bytes();
    evidence.bodies.insert(sha256(&body), body);
    store
        .keep(&evidence, &assessment, &cause, evidence.captured_at)
        .unwrap();
    assert!(store.forget(&evidence.site).unwrap().evidence > 0);
}

/// Run by itself, it keeps a few looks and reads them back; run by the parent below, it keeps looks until it is killed.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how the parent speaks to its child; no setting of cardvet"
)]
fn writer() {
    let own = tempfile::tempdir().unwrap();
    let parents = std::env::var(DIR).ok().map(PathBuf::from);
    let first: u64 = std::env::var(FIRST).map_or(0, |first| first.parse().unwrap());
    let dir = parents.clone().unwrap_or_else(|| own.path().join("store"));
    let last = if parents.is_some() {
        first + 100_000
    } else {
        first + 20
    };
    let store = Store::open(&Settings { dir }).unwrap();
    let mut out = std::io::stdout();
    for number in first..last {
        if number % 10 == 5 {
            keep_and_forget(&store, number);
        }
        keep(&store, number);
        if parents.is_some() {
            writeln!(out, "{MARK}{number}").unwrap();
            out.flush().unwrap();
        }
    }
    (first..last).for_each(|number| check(&store, number));
}

/// A child that is killed when this goes, whatever happens.
struct Writer(Child);

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(dir: &Path, first: u64) -> (Writer, mpsc::Receiver<u64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["store::writer", "--exact", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            // The harness may print its own words before ours on the same line.
            let number = line.split_once(MARK).and_then(|(_, number)| number.parse().ok());
            if number.is_some_and(|number| send.send(number).is_err()) {
                break;
            }
        }
    });
    (Writer(child), receive)
}

#[test]
fn a_killed_process_loses_nothing_that_was_reported_as_kept() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        dir: folder.path().join("store"),
    };
    let mut kept: Vec<u64> = Vec::new();
    let mut first = 0;
    for round in 0..12_u64 {
        let (mut writer, numbers) = start(&settings.dir, first);
        let mut reported = Vec::new();
        // Round 0 dies at once, perhaps before the store is there; later ones after some looks and some time more.
        let wanted = usize::try_from(round * 5 % 11).unwrap();
        let given_up = Instant::now() + Duration::from_secs(10);
        while reported.len() < wanted {
            let left = given_up.saturating_duration_since(Instant::now());
            reported.push(
                numbers
                    .recv_timeout(left)
                    .expect("the child keeps looks until it is killed"),
            );
        }
        let more = Duration::from_micros(round * round * 2_311 % 19_000);
        let until = Instant::now() + more;
        while let Ok(number) = numbers.recv_timeout(until.saturating_duration_since(Instant::now())) {
            reported.push(number);
        }
        writer.0.kill().unwrap();
        assert!(!writer.0.wait().unwrap().success(), "the child ended by itself");
        reported.extend(numbers.iter());

        kept.extend(&reported);
        // The one after the last reported may be there or not; the next child begins behind it.
        first = kept.last().map_or(first, |last| last + 1).max(first) + 1;
        let store = Store::open(&settings).unwrap();
        check_all(&store, &kept);
        let report = store.verify().unwrap();
        assert_eq!(report.problems, [], "round {round}");
    }
    assert!(
        kept.len() > 50,
        "only {} looks were kept in all rounds",
        kept.len()
    );

    let store = Store::open(&settings).unwrap();
    store
        .prune(Retention::default(), Timestamp::from_second(0).unwrap(), false)
        .unwrap();
    check_all(&store, &kept);
    drop(store);
    let rebuilt = Store::rebuild(&settings).unwrap();
    assert_eq!(rebuilt.lost, []);
    let store = Store::open(&settings).unwrap();
    check_all(&store, &kept);
    assert_eq!(store.verify().unwrap().loose_records, 0);
}

#[test]
fn a_process_that_is_killed_while_it_forgets_can_be_finished() {
    // A killed `forget` is one that stopped after any of its steps; each leaves one of these states behind.
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        dir: folder.path().join("store"),
    };
    let store = Store::open(&settings).unwrap();
    (0..20).for_each(|number| keep(&store, number));
    let before = files(&settings.dir);
    store.forget(&Site::from_stored("kameng.com")).unwrap();
    drop(store);
    let after = files(&settings.dir);
    let removed: Vec<_> = before
        .iter()
        .filter(|(path, _)| !after.contains_key(*path))
        .collect();
    let removed = removed
        .into_iter()
        .filter(|(path, _)| !path.to_string_lossy().contains("index-"));
    for (path, bytes) in removed.step_by(3) {
        std::fs::write(path, bytes).unwrap();
    }
    let store = Store::open(&settings).unwrap();
    // What is left is in sight, so that forgetting again finds it.
    assert!(!store.sites().unwrap().is_empty());
    store.forget(&Site::from_stored("kameng.com")).unwrap();
    assert_eq!(store.sites().unwrap(), []);
    drop(store);
    let store_files = files(&settings.dir);
    assert!(
        !store_files
            .keys()
            .any(|path| path.extension().is_some_and(|extension| extension == "zst"))
    );
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn another_process_is_told_at_once_that_the_store_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        dir: folder.path().join("store"),
    };
    let (mut writer, numbers) = start(&settings.dir, 0);
    let number = numbers
        .recv_timeout(Duration::from_secs(10))
        .expect("the child keeps looks until it is killed");
    let asked = Instant::now();
    let told = Store::open(&settings).map(|_| ());
    assert!(matches!(told, Err(StoreError::Locked { .. })), "{told:?}");
    assert!(
        asked.elapsed() < Duration::from_secs(2),
        "it waited {:?}",
        asked.elapsed()
    );
    writer.0.kill().unwrap();
    writer.0.wait().unwrap();
    check(&Store::open(&settings).unwrap(), number);
}
