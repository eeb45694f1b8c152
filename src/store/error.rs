//! What can go wrong with the store, told apart by what a person can do about it.
//!
//! Texts read after "could not …" and name the file or folder. No site ever causes one of these.

use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another handle of this one, has the store open.
    #[error(
        "the store at {} is held by another cardvet process; let it finish or stop it, or name another folder with --store",
        .dir.display()
    )]
    Locked {
        /// The store's folder.
        dir: PathBuf,
    },
    /// The store cannot be used as it is.
    #[error("the store at {} is damaged ({what}); `cardvet store rebuild` saves what can be read", .dir.display())]
    Damaged {
        /// The store's folder.
        dir: PathBuf,
        /// What is wrong, in a few words.
        what: String,
    },
    /// The store was written by a newer cardvet.
    #[error("the store at {} has format {found}, newer than the {known} that this cardvet knows; use a newer cardvet", .dir.display())]
    Newer {
        /// The store's folder.
        dir: PathBuf,
        /// The format found.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// One kept file is missing or is not what it was.
    #[error("the kept file {} {what}; `cardvet store verify` lists everything that is wrong", .path.display())]
    Lost {
        /// The file.
        path: PathBuf,
        /// `is missing`, `does not match its name`, …
        what: String,
    },
    /// A text that is no SHA-256 in lower-case hex was given as the name of a kept file.
    #[error("`{0}` does not name a kept body")]
    BadName(String),
    /// A body was handed in under a hash that is not its own.
    #[error("the body given as {0} has another hash")]
    WrongHash(String),
    /// Another evidence of the same site, scope and moment is already kept.
    #[error("another look at {look} is already kept")]
    Taken {
        /// Site, scope and moment.
        look: String,
    },
    /// The evidence cannot be written so that it could be read again.
    #[error("the evidence cannot be kept: {0}")]
    Unkeepable(String),
    /// A line of an export file cannot be taken.
    #[error("line {line} of the export cannot be taken: {what}")]
    Import {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The machine failed us: disk full, no permission, and the like.
    #[error("{} cannot be read or written", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl StoreError {
    /// Wraps an I/O failure with the path it happened at; for `map_err`.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(super) fn damaged(dir: &Path, what: impl Into<String>) -> Self {
        Self::Damaged {
            dir: dir.to_owned(),
            what: what.into(),
        }
    }

    pub(super) fn lost(path: &Path, what: impl Into<String>) -> Self {
        Self::Lost {
            path: path.to_owned(),
            what: what.into(),
        }
    }
}
