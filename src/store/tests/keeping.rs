//! What is kept and how it is found again.

use super::*;

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
