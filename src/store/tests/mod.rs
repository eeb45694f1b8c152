//! Tests of the store as its callers see it, on folders of their own; here, what they share.

mod keeping;
mod mending;
mod moving;
mod retention;

use std::fs;
use std::path::Path;

use jiff::Timestamp;

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
        picture: None,
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
