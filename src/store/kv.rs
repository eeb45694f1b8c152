//! Typed tables over bytes; the only file that names sled.
//!
//! One sled tree, one prefix byte a table, JSON values. What is applied together is there together or not at all,
//! and on disk when `apply` returns. Values stay small: sled 0.34 puts pages over 128 KiB into files of their own
//! that it never syncs. Sled may panic on a damaged file; that is caught here and told as damage.

use std::fs;
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::folder::{FORMAT, entries, sync_dir};

/// Memory that sled may use for its cache.
const CACHE_BYTES: u64 = 32 << 20;
/// How often, and how long each time, a lock of sled's own is waited for. Its threads give it back a little
/// after the handle is dropped; that no other process is there has been settled by our own lock.
const LOCK_TRIES: u32 = 100;
const LOCK_WAIT: Duration = Duration::from_millis(20);
/// Key of the format version; its absence tells an index that lost its content.
const FORMAT_KEY: &[u8] = b"\0format";

/// A key and its value.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// The database of one folder.
#[derive(Debug)]
pub(super) struct Kv {
    db: sled::Db,
    dir: PathBuf,
}

impl Kv {
    /// Makes a database in a folder that has none.
    pub(super) fn create(dir: &Path) -> Result<Self, StoreError> {
        let kv = Self::start(dir)?;
        let format = FORMAT.to_string().into_bytes();
        kv.apply(&[(FORMAT_KEY.to_vec(), format)])?;
        sync_dir(dir)?;
        Ok(kv)
    }

    /// Opens the database of a folder.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        if !dir.join("db").is_file() {
            return Err(damaged(dir, "there is no index in this folder"));
        }
        // A snapshot that was being written when the process was killed: sled would take it for a whole one.
        for path in entries(dir)? {
            if path
                .extension()
                .is_some_and(|extension| extension == "generating")
            {
                fs::remove_file(&path).map_err(StoreError::io(&path))?;
            }
        }
        let kv = Self::start(dir)?;
        match kv.get(FORMAT_KEY)? {
            Some(format) if format == FORMAT.to_string().into_bytes() => Ok(kv),
            Some(_) => Err(damaged(dir, "the index has a format that is not the store's")),
            None => Err(damaged(dir, "the index has lost its content")),
        }
    }

    fn start(dir: &Path) -> Result<Self, StoreError> {
        let config = sled::Config::new().path(dir).cache_capacity(CACHE_BYTES);
        let mut tries = 0;
        loop {
            tries += 1;
            match guarded(dir, || config.open()) {
                Ok(db) => {
                    return Ok(Self {
                        db,
                        dir: dir.to_owned(),
                    });
                }
                Err(err) if is_lock(&err) && tries < LOCK_TRIES => thread::sleep(LOCK_WAIT),
                Err(err) if is_lock(&err) => return Err(StoreError::Locked { dir: store_of(dir) }),
                Err(err) => return Err(err),
            }
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(guarded(&self.dir, || self.db.get(key))?.map(|value| value.to_vec()))
    }

    /// Every pair whose key begins so, in order of keys.
    pub(super) fn scan(&self, prefix: &[u8]) -> Result<Vec<Pair>, StoreError> {
        guarded(&self.dir, || {
            let pairs = self.db.scan_prefix(prefix);
            pairs
                .map(|pair| pair.map(|(key, value)| (key.to_vec(), value.to_vec())))
                .collect()
        })
    }

    /// Every pair of the tables.
    pub(super) fn dump(&self) -> Result<Vec<Pair>, StoreError> {
        let mut pairs = self.scan(b"")?;
        pairs.retain(|(key, _)| key != FORMAT_KEY);
        Ok(pairs)
    }

    /// Writes all of them or none; on disk when this returns.
    pub(super) fn apply(&self, pairs: &[Pair]) -> Result<(), StoreError> {
        guarded(&self.dir, || {
            let mut batch = sled::Batch::default();
            for (key, value) in pairs {
                batch.insert(key.as_slice(), value.as_slice());
            }
            self.db.apply_batch(batch)?;
            self.db.flush().map(|_| ())
        })
    }
}

/// The store's folder, which people know, rather than the index inside it.
fn store_of(dir: &Path) -> PathBuf {
    dir.parent().unwrap_or(dir).to_owned()
}

fn damaged(dir: &Path, what: impl Into<String>) -> StoreError {
    StoreError::damaged(&store_of(dir), what)
}

/// Runs one call into sled; its errors and its panics become ours.
fn guarded<T>(dir: &Path, call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(source))) if !tells_damage(&source) => Err(StoreError::Io {
            path: dir.to_owned(),
            source,
        }),
        Ok(Err(err)) => Err(damaged(dir, err.to_string())),
        Err(_) => Err(damaged(dir, "the index cannot be read")),
    }
}

fn tells_damage(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}

/// Sled gives no kind for a lock that is taken, only this text.
fn is_lock(err: &StoreError) -> bool {
    matches!(err, StoreError::Io { source, .. } if source.to_string().starts_with("could not acquire lock"))
}

/// A table: keys that begin with one byte, values of one type.
#[derive(Debug)]
pub(super) struct Table<V> {
    prefix: u8,
    value: PhantomData<fn() -> V>,
}

impl<V: Serialize + DeserializeOwned> Table<V> {
    /// The table of a prefix; each has its own.
    pub(super) const fn new(prefix: u8) -> Self {
        Self {
            prefix,
            value: PhantomData,
        }
    }

    /// The pair to apply.
    pub(super) fn pair(&self, key: &Key, value: &V) -> Pair {
        (
            self.key(key),
            serde_json::to_vec(value).expect("rows are plain structs with text keys"),
        )
    }

    /// The value of a key.
    pub(super) fn get(&self, kv: &Kv, key: &Key) -> Result<Option<V>, StoreError> {
        kv.get(&self.key(key))?
            .map(|value| self.read(kv, &value))
            .transpose()
    }

    /// Every value whose key begins so, in order of keys.
    pub(super) fn scan(&self, kv: &Kv, key: &Key) -> Result<Vec<V>, StoreError> {
        kv.scan(&self.key(key))?
            .iter()
            .map(|(_, value)| self.read(kv, value))
            .collect()
    }

    fn key(&self, key: &Key) -> Vec<u8> {
        let mut bytes = vec![self.prefix];
        bytes.extend_from_slice(&key.0);
        bytes
    }

    fn read(&self, kv: &Kv, value: &[u8]) -> Result<V, StoreError> {
        let unreadable = |err| {
            let table = char::from(self.prefix);
            damaged(&kv.dir, format!("a row of table {table} cannot be read: {err}"))
        };
        serde_json::from_slice(value).map_err(unreadable)
    }
}

/// A key made of parts; keys sort as their parts do, and no part runs into the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Key(Vec<u8>);

impl Key {
    /// The key that every key begins with.
    pub(super) fn all() -> Self {
        Self::default()
    }

    /// With a text: NUL escaped, NUL at the end.
    pub(super) fn text(mut self, text: &str) -> Self {
        for byte in text.bytes() {
            self.0.push(byte);
            if byte == 0 {
                self.0.push(0xff);
            }
        }
        self.0.extend_from_slice(&[0, 0]);
        self
    }

    /// With a moment, to the nanosecond.
    pub(super) fn moment(mut self, moment: jiff::Timestamp) -> Self {
        let sortable = moment.as_nanosecond().cast_unsigned() ^ (1 << 127);
        self.0.extend_from_slice(&sortable.to_be_bytes());
        self
    }

    /// With a number.
    pub(super) fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_parts_do() {
        let moment = |second| jiff::Timestamp::from_second(second).unwrap();
        let keys = [
            Key::all(),
            Key::all().text(""),
            Key::all().text("").number(7),
            Key::all().text("\0"),
            Key::all().text("a"),
            Key::all().text("a").text("b").moment(moment(-5)),
            Key::all().text("a").text("b").moment(moment(0)),
            Key::all().text("a").text("b").moment(moment(1_700_000_000)),
            Key::all().text("a").text("b0"),
            Key::all().text("a\0"),
            Key::all().text("a-b"),
            Key::all().text("ab"),
        ];
        for pair in keys.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn an_index_is_opened_again_at_once_and_has_what_was_applied() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("index");
        let table: Table<String> = Table::new(b't');
        drop(Kv::create(&dir).unwrap());
        for round in 0..10_u64 {
            let kv = Kv::open(&dir).unwrap();
            kv.apply(&[table.pair(&Key::all().number(round), &format!("{round}"))])
                .unwrap();
            let expected: Vec<String> = (0..=round).map(|number| number.to_string()).collect();
            assert_eq!(table.scan(&kv, &Key::all()).unwrap(), expected);
            assert_eq!(table.get(&kv, &Key::all().number(99)).unwrap(), None);
        }
    }

    #[test]
    fn a_snapshot_that_was_being_written_does_not_stand_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("index");
        let kv = Kv::create(&dir).unwrap();
        kv.apply(&[(b"a".to_vec(), b"b".to_vec())]).unwrap();
        drop(kv);
        fs::write(dir.join("snap.FFFFFFFFFFFFFFF0.generating"), "half").unwrap();
        assert_eq!(Kv::open(&dir).unwrap().get(b"a").unwrap(), Some(b"b".to_vec()));
    }

    #[test]
    fn bytes_that_are_no_index_are_told_as_damage() {
        for (file, bytes) in [
            ("db", &b""[..]),
            ("db", &[0xff; 5000]),
            ("conf", b"x"),
            ("conf", &[7; 64]),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let dir = dir.path().join("index");
            let kv = Kv::create(&dir).unwrap();
            kv.apply(&[(b"a".to_vec(), b"b".to_vec())]).unwrap();
            drop(kv);
            fs::write(dir.join(file), bytes).unwrap();
            let told = Kv::open(&dir).map(|kv| kv.dump());
            assert!(
                matches!(told, Err(StoreError::Damaged { .. }) | Ok(Ok(_))),
                "{file} {told:?}"
            );
            if file == "db" {
                assert!(matches!(told, Err(StoreError::Damaged { .. })), "{told:?}");
            }
        }
    }
}
