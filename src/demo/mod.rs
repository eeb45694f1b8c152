//! The sample platforms: invented shops, good and bad, served over real HTTP on loopback.
//!
//! For `cardvet demo` and the golden tests. Takes the folders of `data/samples`, each a `sample.toml` beside the
//! files it serves; gives [`Samples`] with the grade every sample should get and why, and [`serve`], which puts
//! them on 127.0.0.1 with a DNS responder of their own. Labels are written down before any rule is weighed, so
//! this module knows nothing of facts, rules or scores, and it does not fetch anything itself.

mod dns;
mod server;
mod site;

use std::collections::BTreeMap;

use include_dir::Dir;
use serde::Deserialize;

use crate::data::{self, DataFiles};

pub use server::{Demo, HostCount, serve};
use site::{PageEntry, ServerSettings, Site};

/// Folder of the samples below `data/`.
const FOLDER: &str = "samples";

/// The grades a sample may name, as codes.
pub const GRADES: [&str; 5] = ["low", "guarded", "high", "critical", "inconclusive"];

/// The groups a cause may belong to.
pub const CAUSE_GROUPS: [&str; 12] = [
    "identity", "filing", "licence", "official", "contact", "terms", "lure", "recruit", "goods", "payment",
    "order", "software",
];

/// A sample folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// No `sample.toml` in the folder, or it is no text.
    #[error("sample `{0}` has no readable sample.toml")]
    NoDescription(String),
    /// The description does not read.
    #[error("sample `{id}`: sample.toml does not read")]
    Description {
        /// The folder.
        id: String,
        /// Place and cause.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The description reads but cannot be served.
    #[error("sample `{id}`: {message}")]
    Unservable {
        /// The folder.
        id: String,
        /// What does not fit.
        message: String,
    },
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One cause that a careful person would see on the sample.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// One of [`CAUSE_GROUPS`].
    pub group: String,
    /// The cause in Chinese.
    pub zh: String,
    /// The cause in English.
    pub en: String,
    /// Whether it settles the matter by itself (a contradiction, not a mere sign).
    #[serde(default)]
    pub decisive: bool,
}

/// `sample.toml` as written. Labels may be left out by folders that are not shown to people; tests hold the built-in
/// samples to all of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    host: String,
    #[serde(default)]
    title: Text,
    #[serde(default)]
    innocent: bool,
    #[serde(default)]
    grade: String,
    #[serde(default)]
    also_ok: Vec<String>,
    #[serde(default)]
    why: Text,
    #[serde(default)]
    causes: Vec<Cause>,
    #[serde(default)]
    server: ServerSettings,
    #[serde(default, rename = "page")]
    pages: Vec<PageEntry>,
}

/// One invented platform.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Name of its folder.
    pub id: String,
    /// Host under `.test` at which it is served.
    pub host: String,
    /// What it is, in a few words.
    pub title: Text,
    /// Whether nothing is wrong with it; such a sample must never come out `high` or worse.
    pub innocent: bool,
    /// The grade it should get, a code of [`GRADES`].
    pub grade: String,
    /// Other grades that are right as well.
    pub also_ok: Vec<String>,
    /// Why it should get that grade.
    pub why: Text,
    /// What a careful person would hold against it; empty where there is nothing.
    pub causes: Vec<Cause>,
    site: Site,
}

impl Sample {
    /// Whether `grade` (a code) is the one that the sample should get, or one that is right as well.
    pub fn allows(&self, grade: &str) -> bool {
        self.grade == grade || self.also_ok.iter().any(|other| other == grade)
    }

    /// The address to vet while `demo` serves it: `http://HOST:PORT/`.
    pub fn target(&self, demo: &Demo) -> String {
        format!("http://{}:{}/", self.host, demo.http.port())
    }

    /// The paths (with query) that have an answer of their own, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.site.paths()
    }

    /// Reads a folder: its name, and its files by path below it with `/`.
    fn of(id: &str, mut files: BTreeMap<String, &[u8]>) -> Result<Self, SampleError> {
        let id = id.to_owned();
        let text = files
            .remove("sample.toml")
            .and_then(|text| std::str::from_utf8(text).ok())
            .ok_or_else(|| SampleError::NoDescription(id.clone()))?;
        files.remove("expected.toml");
        let read: Description = toml::from_str(text).map_err(|source| SampleError::Description {
            id: id.clone(),
            source: Box::new(source),
        })?;
        let site =
            Site::new(files, &read.server, &read.pages).map_err(|message| SampleError::Unservable {
                id: id.clone(),
                message,
            })?;
        Ok(Self {
            id,
            host: read.host,
            title: read.title,
            innocent: read.innocent,
            grade: read.grade,
            also_ok: read.also_ok,
            why: read.why,
            causes: read.causes,
            site,
        })
    }
}

/// All sample platforms, sorted by id.
#[derive(Debug, Clone)]
pub struct Samples {
    list: Vec<Sample>,
    channels: String,
}

impl Samples {
    /// The samples built into the binary.
    pub fn built_in() -> Result<Self, SampleError> {
        let folder = data::folder(FOLDER).expect("data/samples is built in");
        let mut list = folder
            .dirs()
            .map(|dir| Sample::of(&folder_name(dir), site_files(dir)))
            .collect::<Result<Vec<_>, _>>()?;
        list.sort_by(|a, b| a.id.cmp(&b.id));
        let channels = folder
            .get_file(folder.path().join("channels.toml"))
            .and_then(|file| file.contents_utf8())
            .unwrap_or_default();
        Ok(Self {
            list,
            channels: channels.to_owned(),
        })
    }

    /// Samples of folders of the same shape (by name; files by path below), which may leave out all labels. A file
    /// `expected.toml` belongs to whoever asks and is never served.
    pub fn of(folders: &BTreeMap<String, BTreeMap<String, Vec<u8>>>) -> Result<Self, SampleError> {
        let read = |(id, files): (&String, &BTreeMap<String, Vec<u8>>)| {
            let files = files.iter();
            Sample::of(
                id,
                files
                    .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
                    .collect(),
            )
        };
        let list = folders.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self {
            list,
            channels: String::new(),
        })
    }

    /// The samples in order of id.
    pub fn iter(&self) -> impl Iterator<Item = &Sample> {
        self.list.iter()
    }

    /// The sample of this id.
    pub fn get(&self, id: &str) -> Option<&Sample> {
        self.list.iter().find(|sample| sample.id == id)
    }

    /// The official channels of the invented brands (TOML, `[[brand]]` tables), to stand beside the built-in list.
    pub fn channels(&self) -> &str {
        &self.channels
    }
}

/// The data files with the invented brands' official channels beside the built-in list.
pub fn with_channels(data: DataFiles, samples: &Samples) -> DataFiles {
    data.with("channels.toml", samples.channels())
}

/// Last part of the folder's path; the embedded names are ours and plain ASCII.
fn folder_name(dir: &Dir<'_>) -> String {
    dir.path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Everything in the folder and below, by path relative to the folder, with `/`.
fn site_files<'a>(dir: &'a Dir<'_>) -> BTreeMap<String, &'a [u8]> {
    let mut files = BTreeMap::new();
    let mut left = vec![dir];
    while let Some(folder) = left.pop() {
        left.extend(folder.dirs());
        for file in folder.files() {
            let Ok(path) = file.path().strip_prefix(dir.path()) else {
                continue;
            };
            files.insert(path.to_string_lossy().replace('\\', "/"), file.contents());
        }
    }
    files
}

#[cfg(test)]
mod tests;
