//! Export and import, and keeping in general, on made-up looks.

use proptest::prelude::*;

use super::*;

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
