//! What goes, and that nothing else does.

use super::*;

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
