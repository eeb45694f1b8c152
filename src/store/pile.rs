//! A pile of content-addressed files: `ab/abcdef….zst`, each named by the SHA-256 of what it holds, zstd-compressed.
//!
//! Bytes in, name out; a file is written beside, synced, renamed and the folder synced before its name is given.
//! Reading checks the hash, so nobody ever gets other bytes than were put in. It knows nothing of what refers to what.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::folder::{entries, make_dir, sync_dir, write_whole};

/// Most bytes one file may unpack to; a damaged or planted file costs at most this.
const MAX_UNPACKED: u64 = 512 << 20;
/// zstd's own default: most of the gain for little time.
const LEVEL: i32 = 3;

/// The pile in one folder.
#[derive(Debug)]
pub(super) struct Pile {
    dir: PathBuf,
    tmp: PathBuf,
}

/// The name of a file: the SHA-256 of its content in lower-case hex.
pub(super) fn name_of(bytes: &[u8]) -> String {
    crate::digest::sha256(bytes)
}

/// Whether a text can name a file of a pile.
pub(super) fn is_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Pile {
    pub(super) fn new(dir: PathBuf, tmp: PathBuf) -> Self {
        Self { dir, tmp }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where a file stands, whether it is there or not. Refuses what is no hash, so no name leads out of the folder.
    pub(super) fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        match name.get(..2).filter(|_| is_name(name)) {
            Some(shelf) => Ok(self.dir.join(shelf).join(format!("{name}.zst"))),
            None => Err(StoreError::BadName(name.to_owned())),
        }
    }

    /// Keeps bytes and gives their name and whether they were new. On disk when this returns.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<(String, bool), StoreError> {
        if u64::try_from(bytes.len()).is_ok_and(|bytes| bytes > MAX_UNPACKED) {
            return Err(StoreError::Unkeepable(format!(
                "one file would be {} bytes long",
                bytes.len()
            )));
        }
        let name = name_of(bytes);
        let path = self.path(&name)?;
        let packed = zstd::bulk::compress(bytes, LEVEL).map_err(StoreError::io(&path))?;
        let there = fs::metadata(&path).is_ok_and(|meta| usize::try_from(meta.len()) == Ok(packed.len()));
        if there {
            // Whoever wrote it may not have come to this yet, or been killed before.
            path.parent().map_or(Ok(()), sync_dir)?;
            return Ok((name, false));
        }
        if let Some(shelf) = path.parent().filter(|shelf| !shelf.is_dir()) {
            make_dir(shelf)?;
            sync_dir(&self.dir)?;
        }
        write_whole(&self.tmp, &path, &packed)?;
        Ok((name, true))
    }

    /// Whether a file of this name is there; says nothing about what it holds.
    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).is_ok_and(|path| path.is_file())
    }

    /// The bytes of that name, checked.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(name)?;
        let mut bytes = Vec::new();
        let unreadable = |err| StoreError::lost(&path, format!("cannot be unpacked: {err}"));
        unpack(&path)?.read_to_end(&mut bytes).map_err(unreadable)?;
        if name_of(&bytes) == name {
            return Ok(bytes);
        }
        Err(StoreError::lost(&path, "does not match its name"))
    }

    /// The first line of a file, without its end; not checked against the name.
    pub(super) fn first_line(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(name)?;
        let mut line = Vec::new();
        let unreadable = |err| StoreError::lost(&path, format!("cannot be unpacked: {err}"));
        BufReader::new(unpack(&path)?)
            .read_until(b'\n', &mut line)
            .map_err(unreadable)?;
        if line.pop() == Some(b'\n') {
            return Ok(line);
        }
        Err(StoreError::lost(&path, "has no first line"))
    }

    /// All names, in order. Files that are not named like ours are passed over.
    pub(super) fn names(&self) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for shelf in entries(&self.dir)? {
            for path in entries(&shelf)? {
                let name = path
                    .file_name()
                    .and_then(|name| name.to_str()?.strip_suffix(".zst"));
                names.extend(name.filter(|name| is_name(name)).map(str::to_owned));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Size on disk.
    pub(super) fn size(&self, name: &str) -> u64 {
        self.path(name)
            .ok()
            .and_then(|path| fs::metadata(path).ok())
            .map_or(0, |meta| meta.len())
    }

    /// Removes files; one that is not there is as good as removed. Gone for good when this returns.
    pub(super) fn remove<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Result<(), StoreError> {
        let mut shelves = BTreeSet::new();
        for name in names {
            let path = self.path(name)?;
            match fs::remove_file(&path) {
                Err(source) if source.kind() != ErrorKind::NotFound => {
                    return Err(StoreError::Io { path, source });
                }
                _ => shelves.extend(path.parent().filter(|shelf| shelf.is_dir()).map(Path::to_owned)),
            }
        }
        shelves.iter().try_for_each(|shelf| sync_dir(shelf))
    }

    /// Moves a file into another folder, under its own name.
    pub(super) fn move_to(&self, name: &str, dir: &Path) -> Result<PathBuf, StoreError> {
        make_dir(dir)?;
        let from = self.path(name)?;
        let to = dir.join(format!("{name}.zst"));
        fs::rename(&from, &to).map_err(StoreError::io(&from))?;
        Ok(to)
    }
}

fn unpack(path: &Path) -> Result<impl Read, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == ErrorKind::NotFound => {
            return Err(StoreError::lost(path, "is missing"));
        }
        Err(source) => {
            return Err(StoreError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    let unpacked = zstd::stream::read::Decoder::new(file).map_err(StoreError::io(path))?;
    Ok(unpacked.take(MAX_UNPACKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pile() -> (tempfile::TempDir, Pile) {
        let dir = tempfile::tempdir().unwrap();
        let tmp = dir.path().join("tmp");
        make_dir(&tmp).unwrap();
        let pile = Pile::new(dir.path().join("pile"), tmp);
        make_dir(&pile.dir).unwrap();
        (dir, pile)
    }

    #[test]
    fn gives_back_what_was_put_in_under_its_sha256() {
        let (_dir, pile) = pile();
        let (name, new) = pile.put(b"abc").unwrap();
        assert_eq!(
            name,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(new);
        assert_eq!(pile.read(&name).unwrap(), b"abc");
        assert_eq!(pile.names().unwrap(), std::slice::from_ref(&name));
        assert!(!pile.put(b"abc").unwrap().1);
        pile.remove([&name]).unwrap();
        pile.remove([&name]).unwrap();
        assert!(pile.names().unwrap().is_empty());
    }

    #[test]
    fn a_changed_cut_or_missing_file_is_an_error_that_names_it() {
        let (_dir, pile) = pile();
        let (name, _) = pile.put(&b"some words ".repeat(100)).unwrap();
        let path = pile.path(&name).unwrap();
        let whole = fs::read(&path).unwrap();
        let cut = whole.split_at(whole.len() / 2).0;
        for (bytes, expected) in [
            (
                zstd::bulk::compress(b"other words", LEVEL).unwrap(),
                "does not match its name",
            ),
            (cut.to_vec(), "cannot be unpacked"),
            (b"no zstd at all".to_vec(), "cannot be unpacked"),
        ] {
            fs::write(&path, bytes).unwrap();
            let told = pile.read(&name).unwrap_err().to_string();
            assert!(told.contains(expected) && told.contains(&name), "{told}");
        }
        fs::remove_file(&path).unwrap();
        let told = pile.read(&name).unwrap_err().to_string();
        assert!(told.contains("is missing") && told.contains(&name), "{told}");
    }

    #[test]
    fn a_cut_file_is_written_again() {
        let (_dir, pile) = pile();
        let (name, _) = pile.put(b"abc").unwrap();
        fs::write(pile.path(&name).unwrap(), b"").unwrap();
        assert!(pile.put(b"abc").unwrap().1);
        assert_eq!(pile.read(&name).unwrap(), b"abc");
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let (_dir, pile) = pile();
        for name in [
            "",
            "..",
            "../../etc/passwd",
            &"A".repeat(64),
            &"/".repeat(64),
            &"中".repeat(64),
        ] {
            assert!(matches!(pile.read(name), Err(StoreError::BadName(_))), "{name}");
        }
    }
}
