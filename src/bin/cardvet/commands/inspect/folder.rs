//! A folder of saved pages, with its sub-folders.
//!
//! A file's address is, in this order: what `urls.tsv` in the folder says (`path<TAB>address` a line), the note of the
//! program that saved it, the address the page claims when that is of the given site, and its path below the given address.
//! What was saved along with a page (`page_files/…`) lies beside that page's address. Links to elsewhere are not followed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cardvet::saved::{SavedAnswer, address};
use cardvet::target::Target;
use url::Url;

use super::gather::{Content, MAX_KEPT, Read, open, plain};
use super::sites::sort;

/// Most files that are read of one folder, and how deep it is followed.
const MAX_FILES: usize = 2000;
const MAX_DEPTH: usize = 16;
/// Endings of the files that are read.
const ENDINGS: &[&str] = &["html", "htm", "xhtml", "shtml", "mhtml", "mht", "warc", "warc.gz"];
const PICTURE_ENDINGS: &[&str] = &["jpg", "jpeg", "png", "gif", "webp"];
/// The list of addresses.
const LIST: &str = "urls.tsv";

/// A file that holds one page or picture.
struct Saved {
    /// Its path below the folder, with `/`.
    path: String,
    bytes: Vec<u8>,
    is_picture: bool,
}

/// Reads a folder.
pub(super) fn read(root: &Path, given: Option<&Target>) -> anyhow::Result<Read> {
    let list = list(root)?;
    let mut paths = Vec::new();
    walk(root, &mut Vec::new(), &mut paths)?;
    paths.retain(|path| is_wanted(path) || list.contains_key(path));
    // Home first, then by name, pictures last.
    let order = |path: &String| {
        let depth = path.matches('/').count();
        (
            has_ending(path, PICTURE_ENDINGS),
            !is_home(path),
            depth,
            path.clone(),
        )
    };
    paths.sort_by_key(order);
    let mut notes = Vec::new();
    if paths.len() > MAX_FILES {
        notes.push(format!("{} files were left out", paths.len() - MAX_FILES));
        paths.truncate(MAX_FILES);
    }
    if paths.is_empty() {
        bail!("it holds no .html, .mhtml or .warc file");
    }
    let (mut files, mut answers, mut kept) = (Vec::new(), Vec::new(), 0);
    for path in paths {
        if kept > MAX_KEPT {
            notes.push(format!(
                "it is larger than is read; {path} and what follows was left out"
            ));
            break;
        }
        match open_one(&root.join(&path)) {
            Ok(Content::Bytes(bytes)) => {
                kept += bytes.len();
                let is_picture = has_ending(&path, PICTURE_ENDINGS);
                files.push(Saved {
                    path,
                    bytes,
                    is_picture,
                });
            }
            Ok(Content::Answers {
                answers: more, note, ..
            }) => {
                kept += more.iter().map(|answer| answer.body.len()).sum::<usize>();
                notes.extend(note.map(|note| format!("{path}: {note}")));
                answers.extend(more);
            }
            Err(error) => notes.push(format!("{path}: {error:#}")),
        }
    }
    let mut placed = placed(files, given, &list)?;
    placed.append(&mut answers);
    Ok(Read {
        sites: sort(placed, given, false),
        notes,
    })
}

/// Files with their addresses.
fn placed(
    files: Vec<Saved>,
    given: Option<&Target>,
    list: &BTreeMap<String, Url>,
) -> anyhow::Result<Vec<SavedAnswer>> {
    let mut addresses: BTreeMap<String, Url> = BTreeMap::new();
    let mut answers = Vec::new();
    for file in files {
        let Saved {
            path,
            bytes,
            is_picture,
        } = file;
        let url = list.get(&path).cloned();
        let url = url.or_else(|| if is_picture { None } else { noted(&bytes, given) });
        let url = url.or_else(|| beside_page(&path, &addresses));
        let url = url.or_else(|| given.and_then(|target| below(target, &path)));
        let Some(url) = url else {
            if is_picture {
                continue;
            }
            bail!("where {path} was saved from is not known; say so with --url");
        };
        if !is_picture {
            addresses.insert(path.clone(), url.clone());
        }
        let mut answer = plain(url, bytes);
        if !is_picture {
            answer
                .headers
                .push(("content-type".to_owned(), "text/html".to_owned()));
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// The address that a page bears; its own claim is believed for the path alone.
fn noted(bytes: &[u8], given: Option<&Target>) -> Option<Url> {
    let claimed = || address::claimed(bytes).filter(|url| given.is_none_or(|target| target.site.holds(url)));
    address::written(bytes).or_else(claimed)
}

/// The address of what was saved along with a page, in `page_files/` or `page.files/` beside it.
fn beside_page(path: &str, addresses: &BTreeMap<String, Url>) -> Option<Url> {
    addresses.iter().find_map(|(page, url)| {
        let (folder, name) = page
            .rsplit_once('/')
            .map_or(("", page.as_str()), |(folder, name)| (folder, name));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let inside = path.strip_prefix(folder)?.trim_start_matches('/');
        let of_page = inside
            .strip_prefix(stem)
            .is_some_and(|rest| rest.starts_with("_files/") || rest.starts_with(".files/"));
        of_page.then(|| joined(url, inside)).flatten()
    })
}

/// The address of a file by its path below the given one; `index.html` stands for its folder.
fn below(target: &Target, path: &str) -> Option<Url> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if !is_home(path) {
        return joined(&target.url, path);
    }
    if folder.is_empty() {
        return Some(target.url.clone());
    }
    joined(&target.url, &format!("{folder}/"))
}

/// A path of the file system joined to an address; nothing in it is taken for a query, a fragment or a host.
fn joined(base: &Url, path: &str) -> Option<Url> {
    let mut url = base.join(".").ok()?;
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(path.split('/'));
    Some(url)
}

/// `urls.tsv`, if there is one.
fn list(root: &Path) -> anyhow::Result<BTreeMap<String, Url>> {
    let file = root.join(LIST);
    if !file.is_file() {
        return Ok(BTreeMap::new());
    }
    let text = std::fs::read_to_string(&file).with_context(|| format!("could not read {LIST}"))?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            let (path, url) = line
                .split_once('\t')
                .with_context(|| format!("{LIST}:{}: no tab", index + 1))?;
            let url =
                Url::parse(url.trim()).with_context(|| format!("{LIST}:{}: {}", index + 1, url.trim()))?;
            Ok((path.trim().to_owned(), url))
        })
        .collect()
}

fn open_one(path: &Path) -> anyhow::Result<Content> {
    open(BufReader::new(File::open(path)?))
}

/// Paths of all files below a folder, by name; links are left alone, they may lead in circles.
fn walk(folder: &Path, below: &mut Vec<String>, paths: &mut Vec<String>) -> anyhow::Result<()> {
    let mut entries: Vec<(PathBuf, std::fs::FileType)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        entries.push((entry.path(), entry.file_type()?));
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    for (path, kind) in entries {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if kind.is_dir() && below.len() < MAX_DEPTH {
            below.push(name);
            walk(&path, below, paths)?;
            below.pop();
        } else if kind.is_file() {
            let inside: Vec<&str> = below.iter().map(String::as_str).chain([name.as_str()]).collect();
            paths.push(inside.join("/"));
        }
    }
    Ok(())
}

fn is_wanted(path: &str) -> bool {
    has_ending(path, ENDINGS) || has_ending(path, PICTURE_ENDINGS)
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    let lower = path.to_lowercase();
    endings
        .iter()
        .any(|ending| lower.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')))
}

fn is_home(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name.split('.').next(), Some("index" | "home"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_from_paths_and_from_pages() {
        let target = Target::parse("https://shop.example.com/x/", true).unwrap();
        for (path, url) in [
            ("index.html", "https://shop.example.com/x/"),
            ("a?b#c.html", "https://shop.example.com/x/a%3Fb%23c.html"),
            ("help/index.htm", "https://shop.example.com/x/help/"),
            ("关于.html", "https://shop.example.com/x/%E5%85%B3%E4%BA%8E.html"),
        ] {
            assert_eq!(below(&target, path).unwrap().as_str(), url);
        }
        let pages = BTreeMap::from([(
            "s/店.html".to_owned(),
            "https://shop.example.com/p/1.html".parse().unwrap(),
        )]);
        let beside = |path: &str| beside_page(path, &pages).map(String::from);
        assert_eq!(
            beside("s/店_files/1.png").as_deref(),
            Some("https://shop.example.com/p/%E5%BA%97_files/1.png")
        );
        assert_eq!(beside("店_files/1.png"), None);
        assert_eq!(beside("s/另_files/1.png"), None);
        for (path, wanted) in [
            ("a.HTML", true),
            ("a.warc.gz", true),
            ("b/c.jpg", true),
            ("html", false),
            ("a.gz", false),
            ("x.tsv", false),
        ] {
            assert_eq!(is_wanted(path), wanted, "{path}");
        }
    }
}
