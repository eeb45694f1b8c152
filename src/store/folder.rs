//! The store's folder on disk: its lock, its pointer file, its parts, and writing so that a power cut loses nothing.
//!
//! ```text
//! lock          held (flock) while a Store is open
//! store.json    {"format":1,"index":3}: format of the store, and which index is the current one
//! index-3/      the index (see `kv`); others are leftovers of a change that was cut short
//! records/      evidence and assessments, content-addressed (see `pile`)
//! bodies/       bodies of answers, content-addressed
//! tmp/          files being written; emptied on opening
//! *.old-1       what a rebuild put aside
//! ```
//! It knows nothing of what the files say.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::StoreError;

/// Version of the form of the whole folder.
pub(super) const FORMAT: u32 = 1;

/// What `store.json` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pointer {
    /// Format of the store.
    pub(super) format: u32,
    /// Number of the current index.
    pub(super) index: u64,
}

/// The folder, held by this process until dropped.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Closing it gives the lock back.
    _lock: File,
}

impl Folder {
    /// Makes the folder if need be (0700) and takes its lock, or fails at once.
    pub(super) fn claim(root: &Path) -> Result<Self, StoreError> {
        make_dir(root)?;
        let path = root.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(StoreError::io(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { dir: root.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(StoreError::Io { path, source }),
        }
        let folder = Self {
            root: root.to_owned(),
            _lock: lock,
        };
        for part in [folder.records(), folder.bodies(), folder.tmp()] {
            make_dir(&part)?;
        }
        sync_dir(root)?;
        Ok(folder)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn records(&self) -> PathBuf {
        self.root.join("records")
    }

    pub(super) fn bodies(&self) -> PathBuf {
        self.root.join("bodies")
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub(super) fn index(&self, number: u64) -> PathBuf {
        self.root.join(format!("index-{number}"))
    }

    /// What `store.json` says; nothing when there is none.
    pub(super) fn pointer(&self) -> Result<Option<Pointer>, StoreError> {
        let path = self.root.join("store.json");
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(StoreError::io(&path))?;
        let unreadable = |err| StoreError::damaged(&self.root, format!("store.json cannot be read: {err}"));
        let pointer: Pointer = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if pointer.format > FORMAT {
            return Err(StoreError::Newer {
                dir: self.root.clone(),
                found: pointer.format,
                known: FORMAT,
            });
        }
        Ok(Some(pointer))
    }

    /// Makes an index the current one, in one step that happens whole or not at all.
    pub(super) fn point_at(&self, index: u64) -> Result<(), StoreError> {
        let path = self.root.join("store.json");
        let text = serde_json::to_vec(&Pointer {
            format: FORMAT,
            index,
        })
        .expect("two numbers are always JSON");
        write_whole(&self.tmp(), &path, &text)
    }

    /// A number that no index in the folder has.
    pub(super) fn unused_index(&self) -> Result<u64, StoreError> {
        let numbers = self.indexes()?.into_iter().map(|(number, _)| number);
        Ok(numbers.max().unwrap_or(0).saturating_add(1))
    }

    /// Removes what a killed process left behind: half-written files and indexes that are not the current one.
    pub(super) fn sweep(&self, current: u64) -> Result<(), StoreError> {
        for path in entries(&self.tmp())? {
            fs::remove_file(&path).map_err(StoreError::io(&path))?;
        }
        for (number, path) in self.indexes()? {
            if number != current && path == self.index(number) {
                fs::remove_dir_all(&path).map_err(StoreError::io(&path))?;
            }
        }
        Ok(())
    }

    /// What rebuilds put aside.
    pub(super) fn put_aside(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut found = entries(&self.root)?;
        found.retain(|path| file_name(path).is_some_and(|name| name.contains(".old-")));
        Ok(found)
    }

    /// Names for what a rebuild puts aside: the first `<what>.old-<n>` with an `n` that is free for everything.
    pub(super) fn unused_aside(&self) -> Result<u64, StoreError> {
        let taken = self.put_aside()?;
        let numbers = taken
            .iter()
            .filter_map(|path| file_name(path)?.rsplit_once(".old-")?.1.parse::<u64>().ok());
        Ok(numbers.max().unwrap_or(0).saturating_add(1))
    }

    /// Every index, those put aside included, with its number.
    fn indexes(&self) -> Result<Vec<(u64, PathBuf)>, StoreError> {
        let numbered = |path: PathBuf| {
            let number = file_name(&path)?
                .strip_prefix("index-")?
                .split('.')
                .next()?
                .parse()
                .ok()?;
            Some((number, path))
        };
        Ok(entries(&self.root)?.into_iter().filter_map(numbered).collect())
    }
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// What a folder holds, in order of names; nothing when there is no such folder.
pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(StoreError::io(dir))? {
        found.push(entry.map_err(StoreError::io(dir))?.path());
    }
    found.sort();
    Ok(found)
}

/// Makes a folder that only its owner may enter; one that is there is left as it is.
pub(super) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(StoreError::io(dir))
}

/// Writes a file so that it is there whole, under its name, when this returns, whatever happens to the machine.
/// `tmp` is on the same file system and takes the file while it is incomplete.
pub(super) fn write_whole(tmp: &Path, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = tempfile::NamedTempFile::new_in(tmp).map_err(StoreError::io(tmp))?;
    file.write_all(bytes).map_err(StoreError::io(file.path()))?;
    file.as_file().sync_all().map_err(StoreError::io(file.path()))?;
    file.persist(path).map_err(|err| StoreError::Io {
        path: path.to_owned(),
        source: err.error,
    })?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes names in a folder durable. Only Unix needs and allows it.
pub(super) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(StoreError::io(dir))?;
    }
    Ok(())
}
