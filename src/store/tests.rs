//! Tests of the store as its callers see it, on folders of their own.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;

use super::pile::name_of;
use super::*;
use crate::evidence::{Profile, Role, SeenPage};
use crate::target::Target;

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn open(dir: &Path) -> Result<Store, StoreError> {
    Store::open(&Settings {
        dir: dir.join("store"),
    })
}

fn fresh() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    (dir, store)
}

/// A look at a site with one page a body.
fn look(site: &str, second: i64, bodies: &[&[u8]]) -> Evidence {
    let target = Target::parse(site, true).unwrap();
    let mut evidence = Evidence::new(target, moment(second), Profile::Full);
    for body in bodies {
        let hash = name_of(body);
        evidence
            .pages
            .push(page(&format!("https://{site}/"), &hash, body.len(), second));
        evidence.bodies.insert(hash, body.to_vec());
    }
    evidence
}

fn page(url: &str, hash: &str, bytes: usize, second: i64) -> SeenPage {
    SeenPage {
        url: url.to_owned(),
        final_url: url.to_owned(),
        role: Role::Home,
        hops: Vec::new(),
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        address: None,
        tls: None,
        body_sha256: hash.to_owned(),
        body_bytes: u64::try_from(bytes).unwrap(),
        truncated: false,
        encoding: None,
        fetched_at: moment(second),
        page: None,
    }
}

fn keep(store: &Store, evidence: &Evidence, assessment: &str) -> Kept {
    store
        .keep(evidence, assessment.as_bytes(), "vetted", evidence.captured_at)
        .unwrap()
}

fn site(name: &str) -> Site {
    Site::from_stored(name)
}

fn history(store: &Store, name: &str) -> Vec<String> {
    let entries = store.history(&site(name), &Scope::Platform).unwrap();
    entries
        .iter()
        .map(|entry| String::from_utf8(entry.assessment.clone()).unwrap())
        .collect()
}

fn latest(store: &Store, name: &str) -> Option<String> {
    let entry = store.latest(&site(name), &Scope::Platform).unwrap()?;
    Some(String::from_utf8(entry.assessment).unwrap())
}

fn exported(store: &Store) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(store.export(&mut out).unwrap(), Vec::<String>::new());
    out
}

/// Every file below a folder, as it is and, where it is zstd, unpacked.
fn contents(dir: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        found.extend(zstd::stream::decode_all(bytes.as_slice()).ok());
        found.push(path.to_string_lossy().into_owned().into_bytes());
        found.push(bytes);
    }
    found
}

fn says(dir: &Path, marker: &str) -> usize {
    let marker = marker.as_bytes();
    contents(dir)
        .iter()
        .filter(|bytes| bytes.windows(marker.len()).any(|window| window == marker))
        .count()
}

#[test]
fn what_is_kept_is_there_after_opening_again() {
    let (dir, store) = fresh();
    let evidence = look("a.kameng.com", 0, &[b"home", b"about"]);
    let kept = keep(&store, &evidence, "{\"risk\":1.5}");
    assert_eq!(
        (kept.number, kept.new_bodies, kept.missing_bodies),
        (1, 2, Vec::new())
    );
    drop(store);

    let store = open(dir.path()).unwrap();
    assert_eq!(store.sites().unwrap(), [(site("kameng.com"), Scope::Platform)]);
    let entry = store
        .latest(&site("kameng.com"), &Scope::Platform)
        .unwrap()
        .unwrap();
    assert_eq!(
        (entry.assessment.as_slice(), entry.cause.as_str()),
        (&b"{\"risk\":1.5}"[..], "vetted")
    );
    let mut found = store
        .evidence(&entry.look.site, &entry.look.scope, entry.look.captured_at)
        .unwrap()
        .unwrap();
    assert!(found.bodies.is_empty());
    assert_eq!(store.fill_bodies(&mut found).unwrap(), Vec::<String>::new());
    assert_eq!(found, evidence);
    assert_eq!(store.body(&name_of(b"about")).unwrap(), b"about");
}

#[test]
fn history_grows_and_latest_is_the_last_judgement_of_the_newest_look() {
    let (_dir, store) = fresh();
    let (first, second) = (look("kameng.com", 0, &[b"1"]), look("kameng.com", 60, &[b"2"]));
    keep(&store, &first, "first");
    keep(&store, &second, "second");
    store
        .keep(&second, b"second again", "replayed: rules", moment(100))
        .unwrap();
    store
        .keep(&first, b"first again", "replayed: rules", moment(200))
        .unwrap();
    assert_eq!(
        history(&store, "kameng.com"),
        ["first", "second", "second again", "first again"]
    );
    assert_eq!(latest(&store, "kameng.com").as_deref(), Some("second again"));
    assert_eq!(latest(&store, "other.com"), None);
    assert_eq!(store.verify().unwrap().evidence, 2);
}

#[test]
fn threads_that_keep_at_once_each_get_a_place_of_their_own() {
    let (_dir, store) = fresh();
    std::thread::scope(|scope| {
        for thread in 0..4_i64 {
            let store = &store;
            scope.spawn(move || {
                for second in 0..5 {
                    let text = format!("{thread} {second}");
                    keep(
                        store,
                        &look("a.com", 10 * second + thread, &[b"shared", text.as_bytes()]),
                        &text,
                    );
                    store.latest(&site("a.com"), &Scope::Platform).unwrap().unwrap();
                    store.prune(Retention::default(), moment(0), false).unwrap();
                }
            });
        }
    });
    let entries = store.history(&site("a.com"), &Scope::Platform).unwrap();
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    assert_eq!(latest(&store, "a.com").as_deref(), Some("3 4"));
    let report = store.verify().unwrap();
    assert_eq!(
        (report.evidence, report.bodies, report.problems.len()),
        (20, 21, 0)
    );
}

#[test]
fn scopes_of_a_site_are_kept_apart() {
    let (_dir, store) = fresh();
    let mut merchant = look("kameng.com", 0, &[]);
    merchant.scope = Scope::Merchant {
        host: "kameng.com".to_owned(),
        path: "/shop/7".to_owned(),
    };
    keep(&store, &merchant, "merchant");
    assert_eq!(latest(&store, "kameng.com"), None);
    keep(&store, &look("kameng.com", 0, &[]), "platform");
    let scopes: Vec<_> = store
        .sites()
        .unwrap()
        .into_iter()
        .map(|(_, scope)| scope.key())
        .collect();
    assert_eq!(scopes, ["merchant:kameng.com/shop/7", "platform"]);
    assert_eq!(history(&store, "kameng.com"), ["platform"]);
    let entry = store
        .latest(&site("kameng.com"), &merchant.scope)
        .unwrap()
        .unwrap();
    assert_eq!(entry.assessment, b"merchant");
}

#[test]
fn a_site_that_led_to_another_finds_what_was_seen_there() {
    let (_dir, store) = fresh();
    keep(&store, &look("old.com", 0, &[b"old"]), "before it moved");
    let mut moved = look("old.com", 60, &[b"new"]);
    moved.site = site("new.com");
    moved.redirected_from = Some(site("old.com"));
    keep(&store, &moved, "after");
    keep(&store, &look("new.com", 120, &[b"new"]), "asked for itself");

    assert_eq!(latest(&store, "old.com").as_deref(), Some("after"));
    assert_eq!(history(&store, "old.com"), ["before it moved", "after"]);
    assert_eq!(history(&store, "new.com"), ["after", "asked for itself"]);
    let found = store
        .evidence(&site("old.com"), &Scope::Platform, moment(60))
        .unwrap()
        .unwrap();
    assert_eq!(found.site, site("new.com"));
    assert_eq!(store.aliases().unwrap().len(), 1);

    keep(&store, &look("old.com", 180, &[b"old"]), "back again");
    assert_eq!(latest(&store, "old.com").as_deref(), Some("back again"));
}

#[test]
fn a_second_handle_is_told_at_once_that_the_store_is_locked() {
    let (dir, store) = fresh();
    let told = open(dir.path()).map(|_| ()).unwrap_err();
    assert!(matches!(told, StoreError::Locked { .. }), "{told:?}");
    assert!(
        told.to_string()
            .contains(&dir.path().join("store").display().to_string()),
        "{told}"
    );
    drop(store);
    assert!(open(dir.path()).is_ok());
}

#[test]
fn a_newer_store_is_left_alone() {
    let (dir, store) = fresh();
    drop(store);
    let pointer = dir.path().join("store/store.json");
    fs::write(&pointer, r#"{"format":2,"index":1}"#).unwrap();
    assert!(matches!(
        open(dir.path()),
        Err(StoreError::Newer {
            found: 2,
            known: 1,
            ..
        })
    ));
    let rebuilt = Store::rebuild(&Settings {
        dir: dir.path().join("store"),
    });
    assert!(matches!(rebuilt, Err(StoreError::Newer { .. })));
    assert_eq!(fs::read_to_string(&pointer).unwrap(), r#"{"format":2,"index":1}"#);
}

#[cfg(unix)]
#[test]
fn the_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, _store) = fresh();
    for part in ["store", "store/bodies", "store/records"] {
        let mode = fs::metadata(dir.path().join(part)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{part}");
    }
}

#[test]
fn evidence_that_is_not_in_order_is_refused() {
    let (_dir, store) = fresh();
    let evidence = look("kameng.com", 0, &[b"1"]);
    keep(&store, &evidence, "x");

    let mut other = evidence;
    other.profile = Profile::Live;
    assert!(matches!(
        store.keep(&other, b"y", "vetted", moment(0)),
        Err(StoreError::Taken { .. })
    ));

    let mut wrong = look("kameng.com", 60, &[b"1"]);
    wrong.bodies.insert(name_of(b"1"), b"2".to_vec());
    assert!(matches!(
        store.keep(&wrong, b"y", "vetted", moment(0)),
        Err(StoreError::WrongHash(_))
    ));

    let mut deep = look("kameng.com", 60, &[]);
    let nested = (0..119).fold(serde_json::Value::Null, |inner, _| serde_json::json!([inner]));
    deep.exhibits.insert("deep".to_owned(), nested);
    assert!(matches!(
        store.keep(&deep, b"y", "vetted", moment(0)),
        Err(StoreError::Unkeepable(_))
    ));

    assert_eq!(history(&store, "kameng.com"), ["x"]);
    assert_eq!(store.verify().unwrap().problems, []);
}

#[test]
fn bodies_that_were_never_given_are_told_and_stay_when_they_come() {
    let (_dir, store) = fresh();
    let mut evidence = look("kameng.com", 0, &[b"1"]);
    let bodies = std::mem::take(&mut evidence.bodies);
    assert_eq!(keep(&store, &evidence, "x").missing_bodies, [name_of(b"1")]);
    assert_eq!(store.verify().unwrap().problems, []);
    evidence.bodies = bodies;
    keep(&store, &evidence, "y");
    store.prune(Retention::default(), moment(0), false).unwrap();
    assert_eq!(store.body(&name_of(b"1")).unwrap(), b"1");
}

#[test]
fn prune_removes_old_looks_and_only_bodies_that_nothing_names() {
    let (_dir, store) = fresh();
    let day = 24 * 3600;
    keep(&store, &look("a.com", 0, &[b"shared", b"a0"]), "a0");
    keep(&store, &look("a.com", 10 * day, &[b"a1"]), "a1");
    keep(&store, &look("a.com", 20 * day, &[b"a2"]), "a2");
    keep(&store, &look("b.com", 20 * day, &[b"shared"]), "b");
    let by_age = Retention {
        keep_days: Some(15),
        ..Retention::default()
    };
    let by_count = Retention {
        keep_versions: Some(1),
        history: true,
        ..Retention::default()
    };
    let now = moment(20 * day);
    assert_eq!(
        store.prune(Retention::default(), now, false).unwrap(),
        Pruned::default()
    );

    let promised = store.prune(by_age, now, true).unwrap();
    assert_eq!(
        (promised.evidence, promised.assessments, promised.bodies),
        (1, 0, 1)
    );
    assert!(
        store
            .evidence(&site("a.com"), &Scope::Platform, moment(0))
            .unwrap()
            .is_some()
    );
    assert_eq!(store.prune(by_age, now, false).unwrap(), promised);
    assert!(
        store
            .evidence(&site("a.com"), &Scope::Platform, moment(0))
            .unwrap()
            .is_none()
    );
    assert_eq!(history(&store, "a.com"), ["a0", "a1", "a2"]);
    assert_eq!(store.body(&name_of(b"shared")).unwrap(), b"shared");
    assert!(matches!(
        store.body(&name_of(b"a0")),
        Err(StoreError::Lost { .. })
    ));
    assert_eq!(store.verify().unwrap().problems, []);

    let pruned = store.prune(by_count, now, false).unwrap();
    assert_eq!((pruned.evidence, pruned.assessments, pruned.bodies), (1, 2, 1));
    assert_eq!(history(&store, "a.com"), ["a2"]);
    assert_eq!(keep(&store, &look("c.com", 0, &[]), "c").number, 5);
    assert_eq!(store.verify().unwrap().problems, []);
}

#[test]
fn a_forgotten_site_is_in_no_file_of_the_store() {
    let (dir, store) = fresh();
    for second in 0..20 {
        keep(
            &store,
            &look(
                "vergissmich.com",
                second,
                &[b"words of vergissmich.com", b"shared"],
            ),
            "vergissmich.com",
        );
    }
    let mut landed = look("vergissmich.com", 50, &[b"landing"]);
    landed.site = site("landing.com");
    landed.redirected_from = Some(site("vergissmich.com"));
    keep(&store, &landed, "landed");
    keep(&store, &look("stays.com", 60, &[b"shared"]), "stays");
    fs::create_dir(dir.path().join("store/index-0.old-1")).unwrap();
    fs::write(dir.path().join("store/index-0.old-1/db"), "vergissmich.com").unwrap();
    assert!(says(dir.path(), "vergissmich") > 40);

    let forgotten = store.forget(&site("vergissmich.com")).unwrap();
    let expected = Forgotten {
        evidence: 21,
        assessments: 21,
        aliases: 1,
        bodies: 2,
        put_aside: 1,
    };
    assert_eq!(forgotten, expected);
    assert_eq!(says(dir.path(), "vergissmich"), 0);
    assert_eq!(
        says(dir.path(), "stays.com") > 0,
        latest(&store, "stays.com").is_some()
    );
    drop(store);
    assert_eq!(says(dir.path(), "vergissmich"), 0);

    let store = open(dir.path()).unwrap();
    assert_eq!(store.sites().unwrap(), [(site("stays.com"), Scope::Platform)]);
    assert_eq!(latest(&store, "vergissmich.com"), None);
    assert_eq!(store.body(&name_of(b"shared")).unwrap(), b"shared");
    assert_eq!(store.verify().unwrap().problems, []);
    assert_eq!(
        store.forget(&site("vergissmich.com")).unwrap(),
        Forgotten::default()
    );
}

#[test]
fn verify_names_every_file_that_is_wrong() {
    let (dir, store) = fresh();
    keep(&store, &look("a.com", 0, &[b"a0", b"a1", b"a2"]), "a");
    keep(&store, &look("b.com", 0, &[]), "b");
    assert_eq!(
        store.verify().unwrap(),
        Report {
            evidence: 2,
            assessments: 2,
            bodies: 3,
            ..Report::default()
        }
    );
    fs::remove_file(store.bodies.path(&name_of(b"a0")).unwrap()).unwrap();
    fs::write(store.bodies.path(&name_of(b"a1")).unwrap(), "x").unwrap();
    let (loose, _) = store.bodies.put(b"loose").unwrap();
    let told: Vec<String> = store
        .verify()
        .unwrap()
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().all(|told| told.contains("a.com (platform)")),
        "{told:?}"
    );
    assert_eq!(store.verify().unwrap().loose_bodies, 1);

    let record = store.records.names().unwrap().remove(0);
    fs::write(store.records.path(&record).unwrap(), "x").unwrap();
    let told: Vec<String> = store
        .verify()
        .unwrap()
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        told.iter()
            .any(|told| told.starts_with("record") && told.contains(&record)),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|told| told.starts_with("index") && told.contains(&record)),
        "{told:?}"
    );
    assert!(matches!(
        store.prune(Retention::default(), moment(0), false),
        Err(StoreError::Lost { .. })
    ));
    assert!(store.bodies.has(&loose));
    drop(dir);
}

#[test]
fn a_row_that_says_what_no_record_says_is_found() {
    let (_dir, store) = fresh();
    keep(&store, &look("a.com", 0, &[]), "a");
    let evidence = look("b.com", 0, &[]);
    let name = store.records.names().unwrap().remove(0);
    let head = Head::Evidence {
        look: Look::of(&evidence),
        redirected_from: Some(site("c.com")),
        bodies: std::collections::BTreeSet::new(),
        absent: std::collections::BTreeSet::new(),
    };
    store.reading().add(&[(name, head)]).unwrap();
    let problems = store.verify().unwrap().problems;
    assert!(
        matches!(problems.as_slice(), [Problem::Index { .. }]),
        "{problems:?}"
    );
}

#[test]
fn rebuild_saves_everything_that_can_be_read() {
    let (dir, store) = fresh();
    keep(&store, &look("a.com", 0, &[b"a0"]), "a0");
    keep(&store, &look("a.com", 60, &[b"a1"]), "a1");
    keep(&store, &look("b.com", 0, &[b"b"]), "b");
    let before = exported(&store);
    let bad_body = store.bodies.path(&name_of(b"b")).unwrap();
    drop(store);

    let settings = Settings {
        dir: dir.path().join("store"),
    };
    for (round, harm) in ["db", "conf", "pointer", "index"].into_iter().enumerate() {
        let index = fs::read_dir(&settings.dir)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let index = index.filter(|path| path.to_string_lossy().contains("index-"));
        let index = index
            .filter(|path| !path.to_string_lossy().contains(".old-"))
            .last()
            .unwrap();
        match harm {
            "pointer" => fs::remove_file(settings.dir.join("store.json")).unwrap(),
            "index" => fs::remove_dir_all(&index).unwrap(),
            file => fs::write(index.join(file), "no more").unwrap(),
        }
        if harm != "conf" {
            let told = Store::open(&settings).map(|_| ()).unwrap_err();
            assert!(matches!(told, StoreError::Damaged { .. }), "{harm} {told:?}");
            assert!(told.to_string().contains("cardvet store rebuild"), "{told}");
        }
        let rebuilt = Store::rebuild(&settings).unwrap();
        assert_eq!(
            (rebuilt.evidence, rebuilt.assessments, rebuilt.lost.len()),
            (3, 3, 0),
            "{harm}"
        );
        assert_eq!(
            rebuilt.put_aside.len(),
            usize::from(harm != "index"),
            "{harm} {round}"
        );
        assert!(rebuilt.put_aside.iter().all(|path| path.exists()));
        let store = Store::open(&settings).unwrap();
        assert_eq!(exported(&store), before, "{harm}");
        assert_eq!(store.verify().unwrap().problems, []);
    }

    fs::write(&bad_body, "x").unwrap();
    let rebuilt = Store::rebuild(&settings).unwrap();
    assert!(
        matches!(rebuilt.lost.as_slice(), [Problem::Body { .. }]),
        "{rebuilt:?}"
    );
    let store = Store::open(&settings).unwrap();
    keep(&store, &look("b.com", 60, &[b"b"]), "b, seen again");
    assert_eq!(store.verify().unwrap().problems, []);
}

#[test]
fn opening_takes_in_what_a_killed_process_had_not_indexed() {
    let (dir, store) = fresh();
    let evidence = look("a.com", 0, &[b"a"]);
    keep(&store, &evidence, "kept");
    let heads = store.heads().unwrap().0;
    let Some(Head::Assessment {
        look,
        redirected_from,
        evidence,
        ..
    }) = heads
        .into_values()
        .find(|head| matches!(head, Head::Assessment { .. }))
    else {
        panic!("an assessment was kept");
    };
    let (at, cause) = (moment(5), "killed".to_owned());
    let head = Head::Assessment {
        look,
        redirected_from,
        evidence,
        number: 2,
        at,
        cause,
    };
    store.records.put(&record::write(&head, b"loose")).unwrap();
    let report = store.verify().unwrap();
    assert_eq!((report.problems.len(), report.loose_records), (0, 1));
    assert_eq!(history(&store, "a.com"), ["kept"]);
    drop(store);
    let store = open(dir.path()).unwrap();
    assert_eq!(history(&store, "a.com"), ["kept", "loose"]);
    assert_eq!(keep(&store, &self::look("b.com", 0, &[]), "next").number, 3);
    let report = store.verify().unwrap();
    assert_eq!((report.problems.len(), report.loose_records), (0, 0));
}

#[test]
fn what_a_damaged_index_drops_without_a_word_is_there_all_the_same() {
    let (dir, store) = fresh();
    for second in 0..30 {
        keep(&store, &look("a.com", second, &[]), &second.to_string());
    }
    let settings = Settings {
        dir: dir.path().join("store"),
    };
    let (before, index) = (exported(&store), store.folder.index(1));
    drop(store);
    let whole = fs::read(index.join("db")).unwrap();
    let conf = fs::read(index.join("conf")).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let (mut opened, mut refused) = (0, 0);
    for part in 1..16 {
        for entry in fs::read_dir(&settings.dir).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains("index-") {
                fs::remove_dir_all(path).unwrap();
            }
        }
        fs::create_dir_all(index.join("blobs")).unwrap();
        let mut harmed = whole.clone();
        harmed[used * part / 16] ^= 0x55;
        fs::write(index.join("db"), harmed).unwrap();
        fs::write(index.join("conf"), &conf).unwrap();
        fs::write(settings.dir.join("store.json"), r#"{"format":1,"index":1}"#).unwrap();
        match open(dir.path()) {
            Ok(store) => {
                assert_eq!(exported(&store), before, "{part}");
                assert_eq!(history(&store, "a.com").len(), 30, "{part}");
                opened += 1;
            }
            Err(err) => {
                assert!(matches!(err, StoreError::Damaged { .. }), "{part} {err:?}");
                assert_eq!(Store::rebuild(&settings).unwrap().lost, []);
                assert_eq!(exported(&open(dir.path()).unwrap()), before, "{part}");
                refused += 1;
            }
        }
    }
    assert!(opened > 0, "{opened} {refused}");
}

#[test]
fn leftovers_of_a_killed_process_are_swept_on_opening() {
    let (dir, store) = fresh();
    drop(store);
    let root = dir.path().join("store");
    fs::write(root.join("tmp/half"), "x").unwrap();
    fs::create_dir(root.join("index-7")).unwrap();
    fs::create_dir(root.join("index-0.old-1")).unwrap();
    let current = fs::read_dir(&root).unwrap().count();
    let store = open(dir.path()).unwrap();
    assert_eq!(fs::read_dir(root.join("tmp")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(&root).unwrap().count(), current - 1);
    assert!(root.join("index-0.old-1").is_dir());
    drop(store);
}

#[test]
fn an_import_refuses_lines_that_no_export_writes() {
    let (_dir, store) = fresh();
    keep(&store, &look("a.com", 0, &[b"a"]), "{}");
    let whole = String::from_utf8(exported(&store)).unwrap();
    for (from, to) in [
        ("\"format\":1", "\"format\":9"),
        ("\"kind\":\"body\"", "\"kind\":\"soul\""),
        ("\"base64\":\"", "\"base64\":\"!"),
        ("\"base64\":\"", "\"base64\":\"QUJD"),
        ("\"profile\":\"full\"", "\"profile\":\"live\""),
        ("\"payload\":{}", "\"payload\":{ }"),
        (",\"payload\":", ",\"load\":"),
    ] {
        let (_dir, other) = fresh();
        assert!(whole.contains(from), "{from}");
        let told = other.import(&mut whole.replace(from, to).as_bytes());
        assert!(matches!(told, Err(StoreError::Import { .. })), "{from} {told:?}");
        assert_eq!(other.sites().unwrap(), [], "{from}");
    }
}

#[test]
fn an_import_adds_to_what_is_there_and_twice_is_once() {
    let (_here, here) = fresh();
    let (_there, there) = fresh();
    keep(&here, &look("a.com", 0, &[b"a"]), "{\"n\":1}");
    keep(&here, &look("b.com", 0, &[b"b"]), "not json\n");
    keep(&there, &look("a.com", 60, &[b"a"]), "[]");
    let mut conflict = look("b.com", 0, &[]);
    conflict.profile = Profile::Saved;
    keep(&there, &conflict, "of another look");
    let first = there.import(&mut exported(&here).as_slice()).unwrap();
    assert_eq!((first.bodies, first.evidence, first.assessments), (1, 1, 1));
    assert_eq!(first.refused.len(), 1);
    assert_eq!(history(&there, "a.com"), ["[]", "{\"n\":1}"]);
    assert_eq!(latest(&there, "a.com").as_deref(), Some("[]"));
    assert_eq!(history(&there, "b.com"), ["of another look"]);
    let before = exported(&there);
    let second = there.import(&mut exported(&here).as_slice()).unwrap();
    assert_eq!((second.bodies, second.evidence, second.assessments), (0, 0, 0));
    assert_eq!(exported(&there), before);
    assert_eq!(there.verify().unwrap().problems, []);
}

fn any_look() -> impl Strategy<Value = (Evidence, Vec<u8>, String)> {
    let bodies = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4);
    let scope = prop_oneof![
        Just(Scope::Platform),
        "\\PC{0,12}".prop_map(|host| Scope::Subsite { host }),
        ("\\PC{0,8}", "\\PC{0,8}").prop_map(|(host, path)| Scope::Merchant { host, path }),
    ];
    let from = prop::option::of("\\PC{1,8}".prop_map(|name| Site::from_stored(&name)));
    let payload = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        Just(br#"{"payload":1,"payload_base64":2}"#.to_vec()),
        Just(br#" [1,"payload":"#.to_vec()),
        "\\PC{0,20}".prop_map(|text| serde_json::to_vec(&text).unwrap()),
    ];
    (
        ("[a-c\u{0}]{1,2}", scope, -5_i64..5, bodies),
        (from, payload, "[ -~,\":]{0,20}|,\"payload\":"),
    )
        .prop_map(|((name, scope, second, bodies), (from, payload, cause))| {
            let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
            let mut evidence = look("shop.kameng.com", second, &bodies);
            evidence.site = Site::from_stored(&name);
            evidence.scope = scope;
            evidence.redirected_from = from;
            (evidence, payload, cause)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_read_back_and_moves_whole(looks in prop::collection::vec(any_look(), 1..6)) {
        let (dir, store) = fresh();
        let mut kept: Vec<&(Evidence, Vec<u8>, String)> = Vec::new();
        for one in &looks {
            match store.keep(&one.0, &one.1, &one.2, one.0.captured_at) {
                Ok(_) => kept.push(one),
                Err(StoreError::Taken { .. }) => {
                    prop_assert!(kept.iter().any(|other| Look::of(&other.0) == Look::of(&one.0)));
                }
                Err(err) => prop_assert!(false, "{}", err),
            }
        }
        drop(store);
        let store = open(dir.path()).unwrap();
        for (evidence, assessment, cause) in &kept {
            let look = Look::of(evidence);
            let mut found = store.evidence(&look.site, &look.scope, look.captured_at).unwrap().unwrap();
            prop_assert_eq!(store.fill_bodies(&mut found).unwrap(), Vec::<String>::new());
            prop_assert_eq!(&found, evidence);
            let history = store.history(&look.site, &look.scope).unwrap();
            let there = history.iter().any(|entry| {
                entry.look == look && entry.assessment == *assessment && entry.cause == *cause
            });
            prop_assert!(there);
            prop_assert!(history.windows(2).all(|pair| pair[0].number < pair[1].number));
        }
        let report = store.verify().unwrap();
        prop_assert_eq!((report.problems, report.assessments), (Vec::new(), kept.len()));

        let bytes = exported(&store);
        let (_other, other) = fresh();
        other.import(&mut bytes.as_slice()).unwrap();
        prop_assert_eq!(exported(&other), bytes);
        prop_assert_eq!(other.sites().unwrap(), store.sites().unwrap());
        prop_assert_eq!(other.reading().dump().unwrap(), store.reading().dump().unwrap());
    }
}
