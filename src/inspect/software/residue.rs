//! Residue: what the templates of shop programs print on every site that runs them, and what was never filled in.
//!
//! Takes a reading and `data/residue.toml`; gives codes and the literal values (numbers, names, accounts), each with
//! its place. The reading has marked the stretches of text already, for the sake of the other inspectors; here they
//! are named, and what stands in links, comments and data is looked for. Pages that tell of programs are left out,
//! save their footers: an article that quotes a default has none.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;
use serde::Deserialize;

use super::pieces;
use crate::facts::Place;
use crate::inspect::reading::{Line, PageReading, Reading, place_of};
use crate::inspect::shown::{leaves, origin};
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{join_all, joined};
use crate::page::{HiddenKind, Region};
use crate::target::{Site, registrable_domain};
use crate::text::Letters;

const FILE: &str = "residue.toml";
/// How far before a number its label is looked for, in characters.
const LABEL_REACH: usize = 12;
/// Text around a value that is quoted, in characters.
const AROUND: usize = 12;
/// What stands in every address of mail.
static AT: LazyLock<Letters> = LazyLock::new(|| Letters::of("@"));

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResidueFile {
    /// Ids whose words are values of the program: numbers, names, addresses.
    values: Vec<String>,
    /// Ids whose words count only in lines of at most `short_chars` characters.
    short: Vec<String>,
    short_chars: usize,
    residue: Vec<Entry>,
    commented: Vec<String>,
    accounts: Accounts,
    seals: Seals,
    dead_links: DeadLinks,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    words: Vec<String>,
}

/// Accounts that programs ship with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accounts {
    qq: Vec<String>,
    qq_labels: Vec<String>,
    qq_links: Vec<String>,
    qq_keys: Vec<String>,
    email: Vec<String>,
}

/// Seals of trust that name the site they were given to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seals {
    hosts: Vec<String>,
    target: String,
}

/// Links to legal documents that lead nowhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadLinks {
    hrefs: Vec<String>,
    words: Vec<String>,
}

/// Finds residue.
#[derive(Debug)]
pub(super) struct Residue {
    file: ResidueFile,
    /// Words of ids in `values`, in normal form, with their spelling in the file.
    values: Vec<(String, String)>,
    /// What stands before the number in links to accounts.
    account_links: AhoCorasick,
    /// Hosts of seals.
    seal_hosts: AhoCorasick,
    seal_target: Regex,
    /// Digits of the shortest account.
    least_digits: usize,
    /// Whether a comment in plain ASCII may hold what is looked for in comments.
    commented_ascii: bool,
}

/// All residue of a site.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Codes.
    pub(super) codes: Vec<(String, Place)>,
    /// Values of the program, as the data file spells them.
    pub(super) values: Vec<(String, Place)>,
    /// Accounts of the program.
    pub(super) accounts: Vec<(String, Place)>,
}

impl Residue {
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut file: ResidueFile = data.read(FILE)?;
        let seal_target = Regex::new(&file.seals.target).map_err(|err| DataFiles::bad(FILE, err))?;
        let valued = file
            .residue
            .iter()
            .filter(|entry| file.values.contains(&entry.id));
        let values = valued
            .flat_map(|entry| &entry.words)
            .map(|word| (joined(word), word.clone()))
            .collect();
        join_all(&mut file.commented);
        join_all(&mut file.dead_links.words);
        let automaton = |words: &[String]| {
            // Any will do, and the leftmost is looked for faster.
            let leftmost = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(words);
            leftmost.map_err(|err| DataFiles::bad(FILE, err))
        };
        Ok(Self {
            values,
            account_links: automaton(&file.accounts.qq_links)?,
            seal_hosts: automaton(&file.seals.hosts)?,
            seal_target,
            least_digits: file.accounts.qq.iter().map(String::len).min().unwrap_or_default(),
            commented_ascii: file.commented.iter().any(|word| word.is_ascii()),
            file,
        })
    }

    /// Everything on all pages; a code once a page.
    pub(super) fn find(&self, reading: &Reading<'_>) -> Found {
        let mut found = Found::default();
        for page in &reading.pages {
            self.in_lines(reading, page, &mut found);
            if page.kind.may_offer() {
                self.in_links(reading, page, &mut found);
                self.in_comments(page, &mut found);
                self.in_data(page, &mut found);
            }
        }
        found
    }

    fn in_lines<'s>(&'s self, reading: &'s Reading<'_>, page: &PageReading<'_>, found: &mut Found) {
        // A code and a value once a page: a page may hold thousands.
        let mut told: BTreeSet<&'s str> = BTreeSet::new();
        let own = |line: &&Line| !line.told && (page.kind.may_offer() || line.region == Region::Footer);
        for line in page.lines.iter().filter(own) {
            for (range, index) in &line.residue {
                let id = reading.marks().residue_id(*index);
                let long =
                    line.chars > self.file.short_chars && self.file.short.iter().any(|short| short == id);
                if id.starts_with('_') || long {
                    continue;
                }
                let place = || place_of(page, line, line.joined.snippet(range.clone(), AROUND));
                let word = line.joined.text().get(range.clone()).unwrap_or_default();
                let value = self.values.iter().find(|(normal, _)| normal == word);
                if let Some((_, value)) = value.filter(|(normal, _)| told.insert(normal)) {
                    found.values.push((value.clone(), place()));
                }
                if told.insert(id) {
                    found.codes.push((id.to_owned(), place()));
                }
            }
            self.accounts_in(page, line, &mut told, found);
        }
    }

    /// Default QQ numbers behind their label, and default addresses of mail.
    fn accounts_in<'s>(
        &'s self,
        page: &PageReading<'_>,
        line: &Line,
        told: &mut BTreeSet<&'s str>,
        found: &mut Found,
    ) {
        let letters = line.lower.letters();
        let numbered = usize::try_from(letters.digits()).is_ok_and(|digits| digits >= self.least_digits);
        let mailed = letters.holds(&AT);
        if !numbered && !mailed {
            return;
        }
        let text = line.lower.text();
        let mut push = |account: &'s str, start: usize| {
            if told.insert(account) {
                let snippet = line.lower.snippet(start..start + account.len(), AROUND);
                found
                    .accounts
                    .push((account.to_owned(), place_of(page, line, snippet)));
            }
        };
        for (start, number) in digit_runs(text).filter(|_| numbered) {
            let Some(account) = self.file.accounts.qq.iter().find(|qq| *qq == number) else {
                continue;
            };
            if self.is_labelled(text.get(..start).unwrap_or_default()) {
                push(account, start);
            }
        }
        if !mailed {
            return;
        }
        for email in &self.file.accounts.email {
            for (start, _) in text.match_indices(email.as_str()) {
                if stands_alone(text, start, start + email.len()) {
                    push(email, start);
                }
            }
        }
    }

    /// Whether a number that begins here is called a QQ number.
    fn is_labelled(&self, head: &str) -> bool {
        let near: Vec<char> = head.chars().rev().take(LABEL_REACH).collect();
        let near: String = near.into_iter().rev().collect();
        let near = near
            .rsplit(|c: char| c.is_ascii_digit())
            .next()
            .unwrap_or_default();
        let labels = &self.file.accounts.qq_labels;
        labels.iter().any(|label| near.contains(label.as_str()))
    }

    fn in_links(&self, reading: &Reading<'_>, page: &PageReading<'_>, found: &mut Found) {
        let at = |href: &str| Place::new(&page.seen.final_url, "link", href);
        // Most links lead to the page's own host, of which this need be asked once.
        let sealed_here = self.may_be_seal(origin(&page.seen.final_url));
        for link in page.page.links.iter().filter(|link| link.visible) {
            let number = |mark: &String| {
                let rest = link.href.split_once(mark.as_str())?.1;
                Some(rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(rest))
            };
            let named = if self.account_links.is_match(&link.href) {
                self.file.accounts.qq_links.iter().find_map(number)
            } else {
                None
            };
            if let Some(number) = named.filter(|number| self.file.accounts.qq.iter().any(|qq| qq == number)) {
                found.accounts.push((number.to_owned(), at(&link.href)));
            }
            let mail = link.href.strip_prefix("mailto:");
            let mail = mail.map(str::to_ascii_lowercase);
            if let Some(mail) = mail.filter(|mail| self.file.accounts.email.contains(mail)) {
                found.accounts.push((mail, at(&link.href)));
            }
            if self.is_dead(&link.href, &link.text) {
                found.codes.push(("dead_legal_link".to_owned(), at(&link.text)));
            }
            let url = link.url.as_deref().filter(|url| {
                let away = leaves(&page.seen.final_url, url);
                if away { self.may_be_seal(url) } else { sealed_here }
            });
            let url = url.and_then(|url| url::Url::parse(url).ok());
            if url.is_some_and(|url| self.is_foreign_seal(&url, &reading.evidence.site)) {
                found.codes.push(("foreign_seal".to_owned(), at(&link.href)));
            }
        }
    }

    /// Whether the host of a seal stands in an address; hosts that are not ASCII are for the parser to read.
    fn may_be_seal(&self, url: &str) -> bool {
        !url.is_ascii() || self.seal_hosts.is_match(url) || url.bytes().any(|byte| byte.is_ascii_uppercase())
    }

    fn is_dead(&self, href: &str, text: &str) -> bool {
        let dead = self.file.dead_links.hrefs.iter().any(|dead| dead == href);
        dead && self.file.dead_links.words.contains(&joined(text))
    }

    /// Whether a link leads to a seal that was given to another site.
    fn is_foreign_seal(&self, url: &url::Url, site: &Site) -> bool {
        let host = url.host_str().unwrap_or_default();
        let seals = &self.file.seals.hosts;
        if !seals.iter().any(|seal| is_below(host, seal)) {
            return false;
        }
        let target = self
            .seal_target
            .captures(url.as_str())
            .and_then(|caught| caught.name("host"));
        let target = target.and_then(|host| registrable_domain(&host.as_str().to_ascii_lowercase()));
        target.is_some_and(|target| target != site.as_str())
    }

    /// A licence that the template carries in a comment.
    fn in_comments(&self, page: &PageReading<'_>, found: &mut Found) {
        let comments = page.page.hidden.iter();
        for hidden in comments.filter(|hidden| hidden.kind == HiddenKind::Comment) {
            if !self.commented_ascii && hidden.text.is_ascii() {
                continue;
            }
            let text = joined(&hidden.text);
            if let Some(word) = self
                .file
                .commented
                .iter()
                .find(|word| text.contains(word.as_str()))
            {
                let place = Place::new(&page.seen.final_url, "comment", word);
                return found.codes.push(("commented_licence".to_owned(), place));
            }
        }
    }

    /// Values and accounts in inline data and endpoint answers, which scripts would show.
    fn in_data(&self, page: &PageReading<'_>, found: &mut Found) {
        let accounts = &self.file.accounts;
        for datum in pieces::texts(page) {
            let keyed = || accounts.qq_keys.contains(&datum.key.to_ascii_lowercase());
            let is_qq = accounts.qq.iter().any(|qq| qq == datum.text) && keyed();
            if is_qq || accounts.email.iter().any(|email| email == datum.text) {
                let shown = format!("{}: {}", datum.key, datum.text);
                let place = Place::new(&page.seen.final_url, datum.place, &shown);
                found.accounts.push((datum.text.to_owned(), place));
            }
        }
    }
}

/// Whether a host is this one or below it.
fn is_below(host: &str, parent: &str) -> bool {
    let head = host.strip_suffix(parent);
    head.is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

/// Whether no letter or sign of an address stands on either side.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let before = text.get(..start).and_then(|head| head.chars().next_back());
    let behind = text.get(end..).and_then(|tail| tail.chars().next());
    !before.is_some_and(part) && !behind.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Runs of digits with their places.
fn digit_runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let start = from + rest.find(|c: char| c.is_ascii_digit())?;
        let rest = text.get(start..)?;
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        from = start + length;
        Some((start, text.get(start..from)?))
    })
}
