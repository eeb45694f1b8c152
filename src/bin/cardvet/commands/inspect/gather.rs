//! What was named on the command line → saved answers, site by site.
//!
//! A file is told by what it holds, not by its name: a web archive, a page saved as one file, a picture or a page. Bytes,
//! answers and folders are bounded.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use cardvet::picture;
use cardvet::saved::{SavedAnswer, address, mhtml, warc};
use cardvet::target::Target;
use url::Url;

use super::folder;
use super::sites::{SavedSite, sort};

/// Most that is read of one file, in bytes. Pages saved whole carry their pictures, so it is more than a page may have.
const MAX_BYTES: u64 = 64 << 20;
/// Most that is kept of one web archive or folder, in bytes.
pub(super) const MAX_KEPT: usize = 256 << 20;
/// How much of a file is looked at to tell what it is, in bytes.
const SNIFF_BYTES: usize = 8 << 10;

/// What a file or folder gave.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Site by site.
    pub(super) sites: Vec<SavedSite>,
    /// What a person should know of what could not be read.
    pub(super) notes: Vec<String>,
}

/// Reads one name of the command line; `-` is stdin.
pub(super) fn read(path: &Path, given: Option<&Target>) -> anyhow::Result<Read> {
    let name = path.display();
    let read = if path.is_dir() {
        folder::read(path, given)
    } else if path.as_os_str() == "-" {
        file(std::io::stdin().lock(), given)
    } else {
        let opened = File::open(path).with_context(|| format!("could not read {name}"))?;
        file(BufReader::with_capacity(SNIFF_BYTES, opened), given)
    };
    let mut read = read.with_context(|| format!("could not read {name}"))?;
    for note in &mut read.notes {
        *note = format!("{name}: {note}");
    }
    if read.sites.is_empty() {
        match given {
            Some(target) => bail!("{name} holds no page of {}", target.site.shown()),
            None => bail!("{name} holds no page"),
        }
    }
    Ok(read)
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum Content {
    /// Answers that know their addresses.
    Answers {
        /// In order.
        answers: Vec<SavedAnswer>,
        /// Why the rest could not be read, if it could not.
        note: Option<String>,
        /// Whether the first of them is the page that was saved, with what belongs to it.
        one_page: bool,
    },
    /// A page or a picture.
    Bytes(Vec<u8>),
}

/// Opens a file by what it holds.
pub(super) fn open(mut input: impl BufRead) -> anyhow::Result<Content> {
    let head = input.fill_buf()?;
    if warc::is_warc(head) {
        return Ok(archive(input));
    }
    if head.starts_with(b"\x1f\x8b") {
        bail!("it is gzipped, but no WARC file");
    }
    let mut bytes = Vec::new();
    input.take(MAX_BYTES).read_to_end(&mut bytes)?;
    if mhtml::is_mhtml(&bytes) {
        let answers = mhtml::read(&bytes)?;
        return Ok(Content::Answers {
            answers,
            note: None,
            one_page: true,
        });
    }
    Ok(Content::Bytes(bytes))
}

/// The answers of a web archive up to the bound or to where it breaks.
fn archive(input: impl BufRead) -> Content {
    let (mut answers, mut note, mut kept) = (Vec::new(), None, 0);
    let found = warc::open(input).into_iter().flatten();
    for answer in found {
        match answer {
            Ok(answer) if kept + answer.body.len() <= MAX_KEPT => {
                kept += answer.body.len();
                answers.push(answer);
            }
            Ok(_) => note = Some("it is larger than is read; the rest was left out".to_owned()),
            Err(error) => note = Some(format!("{error}; what stands before was read")),
        }
        if note.is_some() {
            break;
        }
    }
    Content::Answers {
        answers,
        note,
        one_page: false,
    }
}

/// One file: a web archive gives its sites, all else is one page at the given address or at the one noted in it.
fn file(input: impl BufRead, given: Option<&Target>) -> anyhow::Result<Read> {
    match open(input)? {
        Content::Answers {
            answers,
            note,
            one_page: false,
        } => Ok(Read {
            sites: sort(answers, given, true),
            notes: note.into_iter().collect(),
        }),
        Content::Answers { answers, .. } => {
            let Some(first) = answers.first() else {
                return Ok(Read::default());
            };
            let target = match given {
                Some(target) => target.clone(),
                None => Target::parse(first.url.as_str(), true)?,
            };
            Ok(one(target, answers))
        }
        Content::Bytes(bytes) => {
            let target = match given {
                Some(target) => target.clone(),
                None => noted(&bytes)?,
            };
            let answer = plain(target.url.clone(), bytes);
            Ok(one(target, vec![answer]))
        }
    }
}

fn one(target: Target, answers: Vec<SavedAnswer>) -> Read {
    Read {
        sites: vec![SavedSite { target, answers }],
        notes: Vec::new(),
    }
}

/// The address that a page bears; a page without one needs to be told.
fn noted(bytes: &[u8]) -> anyhow::Result<Target> {
    let url = address::written(bytes).or_else(|| address::claimed(bytes));
    let Some(url) = url.filter(|_| !picture::is_picture(bytes)) else {
        bail!("where it was saved from is not known; say so with --url");
    };
    Ok(Target::parse(url.as_str(), true)?)
}

/// A file without headers as an answer.
pub(super) fn plain(url: Url, body: Vec<u8>) -> SavedAnswer {
    SavedAnswer {
        url,
        status: 200,
        headers: Vec::new(),
        body,
        cut: None,
        at: None,
    }
}
