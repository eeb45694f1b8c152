//! Damage, leftovers of killed processes, and what brings everything back.

use super::*;

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
