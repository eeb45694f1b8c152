//! The whole store as lines of JSON, and back: for backups, for moving, for reading with other programs.
//!
//! One line a record: `{"kind":"body","sha256":…,"base64":…}`, `{"kind":"evidence"|"assessment","sha256":…,"record":{…},
//! "payload":…}` and `{"kind":"alias",…}` (for readers; an import makes its own from the evidence). Bodies first, then
//! evidence by site and moment, assessments by number. Same store, same bytes. A payload stands as the JSON it is, byte
//! for byte, and as `payload_base64` when it is not one line of JSON. `sha256` covers record and payload.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

use super::pile::{is_name, name_of};
use super::record::{self, Head, Look};
use super::{Store, StoreError};

/// Longest line that an import takes, in bytes.
const MAX_LINE: u64 = 1 << 30;
/// What stands between record and payload. It cannot stand inside the record: there, quotes are escaped.
const PAYLOAD: &[u8] = br#","payload":"#;
const PAYLOAD_BASE64: &[u8] = br#","payload_base64":"#;

/// What `import` took in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Bodies that were new.
    pub bodies: usize,
    /// Evidence records that were new.
    pub evidence: usize,
    /// Assessments that were new.
    pub assessments: usize,
    /// Records and bodies that were there already.
    pub known: usize,
    /// Looks of which another evidence was there; theirs was left out, with its assessments.
    pub refused: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Store { format: u32 },
    Body { sha256: String, base64: String },
    Evidence { sha256: String, record: Head },
    Assessment { sha256: String, record: Head },
    Alias { from: String, look: Look },
}

impl Store {
    /// Writes everything. Gives the hashes of bodies that records name and that are not there.
    ///
    /// # Errors
    /// [`StoreError::Lost`] at the first damaged file; rebuild first.
    pub fn export(&self, out: &mut impl Write) -> Result<Vec<String>, StoreError> {
        let index = self.reading();
        let heads = self.sound_heads()?;
        put(
            out,
            &Line::Store {
                format: super::folder::FORMAT,
            },
        )?;
        let mut missing = Vec::new();
        for sha256 in heads.values().flat_map(Head::bodies).collect::<BTreeSet<_>>() {
            if !self.bodies.has(sha256) {
                missing.push(sha256.clone());
                continue;
            }
            let base64 = BASE64.encode(self.bodies.read(sha256)?);
            put(
                out,
                &Line::Body {
                    sha256: sha256.clone(),
                    base64,
                },
            )?;
        }
        let mut list: Vec<_> = heads.iter().collect();
        list.sort_by_key(|(name, head)| match head {
            Head::Evidence { look, .. } => (0, Some(look), *name),
            Head::Assessment { number, .. } => (*number, None, *name),
        });
        for (name, head) in list {
            self.put_record(out, name, head)?;
        }
        for alias in index.aliases()? {
            put(
                out,
                &Line::Alias {
                    from: alias.from.as_str().to_owned(),
                    look: alias.look,
                },
            )?;
        }
        out.flush().map_err(broken())?;
        Ok(missing)
    }

    fn put_record(&self, out: &mut impl Write, name: &str, head: &Head) -> Result<(), StoreError> {
        let bytes = self.records.read(name)?;
        let (_, payload) = record::read(&bytes).map_err(|what| self.wrong_record(name, what))?;
        let (sha256, record) = (name.to_owned(), head.clone());
        let line = match head {
            Head::Evidence { .. } => Line::Evidence { sha256, record },
            Head::Assessment { .. } => Line::Assessment { sha256, record },
        };
        let mut text = serde_json::to_vec(&line).expect("lines are plain structs with text keys");
        text.pop();
        if is_one_line_of_json(payload) {
            text.extend_from_slice(PAYLOAD);
            text.extend_from_slice(payload);
        } else {
            text.extend_from_slice(PAYLOAD_BASE64);
            text.push(b'"');
            text.extend_from_slice(BASE64.encode(payload).as_bytes());
            text.push(b'"');
        }
        text.extend_from_slice(b"}\n");
        out.write_all(&text).map_err(broken())
    }

    /// Takes in what `export` wrote, beside what is there. Numbers of the history are kept where they are free and
    /// later than all that is there; otherwise the entries follow in their own order. Taking the same in twice, or
    /// again after being killed, changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Import`] with the number of the first line that cannot be taken.
    pub fn import(&self, input: &mut impl BufRead) -> Result<Imported, StoreError> {
        let mut index = self.writing();
        let mut intake = Intake::new(self, self.sound_heads()?);
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            let read = input
                .by_ref()
                .take(MAX_LINE)
                .read_until(b'\n', &mut line)
                .map_err(broken())?;
            if read == 0 {
                break;
            }
            number += 1;
            let text = line.strip_suffix(b"\n").unwrap_or(&line).trim_ascii();
            if !text.is_empty() {
                intake.take(text).map_err(|err| match err {
                    Fault::Line(what) => StoreError::Import { line: number, what },
                    Fault::Store(err) => err,
                })?;
            }
        }
        self.replace_index(&mut index, &intake.heads)?;
        Ok(intake.done)
    }
}

fn put(out: &mut impl Write, line: &Line) -> Result<(), StoreError> {
    let mut text = serde_json::to_vec(line).expect("lines are plain structs with text keys");
    text.push(b'\n');
    out.write_all(&text).map_err(broken())
}

fn broken() -> impl FnOnce(std::io::Error) -> StoreError {
    StoreError::io(Path::new("the export"))
}

fn is_one_line_of_json(payload: &[u8]) -> bool {
    !payload.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
        && serde_json::from_slice::<IgnoredAny>(payload).is_ok()
}

/// Why a line was not taken.
enum Fault {
    /// It is not what an export writes.
    Line(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(err: StoreError) -> Self {
        Self::Store(err)
    }
}

/// An import under way.
struct Intake<'a> {
    store: &'a Store,
    /// Records that are there by now.
    heads: BTreeMap<String, Head>,
    /// The evidence of each look.
    looks: BTreeMap<Look, String>,
    /// The assessments of each look.
    judged: BTreeMap<Look, Vec<String>>,
    /// Evidence that was left out.
    refused: BTreeSet<String>,
    /// Greatest number of the history by now.
    last: u64,
    done: Imported,
}

impl<'a> Intake<'a> {
    fn new(store: &'a Store, heads: BTreeMap<String, Head>) -> Self {
        let (mut looks, mut judged) = (BTreeMap::new(), BTreeMap::<Look, Vec<String>>::new());
        for (name, head) in &heads {
            match head {
                Head::Evidence { look, .. } => drop(looks.insert(look.clone(), name.clone())),
                Head::Assessment { look, .. } => judged.entry(look.clone()).or_default().push(name.clone()),
            }
        }
        let last = heads.values().filter_map(number_of).max().unwrap_or(0);
        Self {
            store,
            heads,
            looks,
            judged,
            refused: BTreeSet::new(),
            last,
            done: Imported::default(),
        }
    }

    fn take(&mut self, text: &[u8]) -> Result<(), Fault> {
        let (line, payload) = read_line(text).map_err(Fault::Line)?;
        match line {
            Line::Store { format } if format > super::folder::FORMAT => Err(Fault::Line(format!(
                "it has format {format}, which this cardvet does not know"
            ))),
            Line::Store { .. } | Line::Alias { .. } => Ok(()),
            Line::Body { sha256, base64 } => self.take_body(&sha256, &base64),
            Line::Evidence { sha256, record } | Line::Assessment { sha256, record } => {
                let payload = payload.ok_or_else(|| Fault::Line("it has no payload".to_owned()))?;
                if name_of(&record::write(&record, &payload)) != sha256 {
                    return Err(Fault::Line("the record does not match its sha256".to_owned()));
                }
                if self.heads.contains_key(&sha256) {
                    self.done.known += 1;
                    return Ok(());
                }
                match record {
                    Head::Evidence { .. } => self.take_evidence(sha256, record, &payload),
                    Head::Assessment { .. } => self.take_assessment(record, &payload),
                }
            }
        }
    }

    fn take_body(&mut self, sha256: &str, base64: &str) -> Result<(), Fault> {
        let body = BASE64
            .decode(base64)
            .map_err(|err| Fault::Line(format!("the body is no base64: {err}")))?;
        if name_of(&body) != sha256 {
            return Err(Fault::Line("the body does not match its sha256".to_owned()));
        }
        let new = self.store.bodies.put(&body)?.1;
        *(if new {
            &mut self.done.bodies
        } else {
            &mut self.done.known
        }) += 1;
        Ok(())
    }

    fn take_evidence(&mut self, sha256: String, head: Head, payload: &[u8]) -> Result<(), Fault> {
        if let Some(wrong) = head.bodies().find(|body| !is_name(body)) {
            return Err(Fault::Line(format!("`{wrong}` does not name a body")));
        }
        let unreadable = |err| Fault::Line(format!("the evidence cannot be read: {err}"));
        let evidence: Evidence = serde_json::from_slice(payload).map_err(unreadable)?;
        let look = Look::of(&evidence);
        if look != *head.look() || evidence.redirected_from.as_ref() != head.redirected_from() {
            return Err(Fault::Line(
                "the record is not of the evidence it holds".to_owned(),
            ));
        }
        if self.looks.contains_key(&look) {
            self.done.refused.push(look.to_string());
            self.refused.insert(sha256);
            return Ok(());
        }
        self.store.records.put(&record::write(&head, payload))?;
        self.done.evidence += 1;
        self.looks.insert(look, sha256.clone());
        self.heads.insert(sha256, head);
        Ok(())
    }

    fn take_assessment(&mut self, head: Head, payload: &[u8]) -> Result<(), Fault> {
        let Head::Assessment {
            look,
            redirected_from,
            evidence,
            number,
            at,
            cause,
        } = head
        else {
            return Err(Fault::Line("it is no assessment".to_owned()));
        };
        if self.refused.contains(&evidence) {
            return Ok(());
        }
        let number = number.max(self.last.saturating_add(1));
        let head = Head::Assessment {
            look,
            redirected_from,
            evidence,
            number,
            at,
            cause,
        };
        if self.has_under_another_number(&head, payload)? {
            self.done.known += 1;
            return Ok(());
        }
        let (name, _) = self.store.records.put(&record::write(&head, payload))?;
        self.done.assessments += 1;
        self.last = number;
        self.judged
            .entry(head.look().clone())
            .or_default()
            .push(name.clone());
        self.heads.insert(name, head);
        Ok(())
    }

    /// Whether the same assessment was taken in before and got another number then.
    fn has_under_another_number(&self, head: &Head, payload: &[u8]) -> Result<bool, StoreError> {
        for name in self.judged.get(head.look()).into_iter().flatten() {
            if self
                .heads
                .get(name)
                .is_some_and(|known| same_but_for_number(known, head))
            {
                let bytes = self.store.records.read(name)?;
                if record::read(&bytes).is_ok_and(|(_, there)| there == payload) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn number_of(head: &Head) -> Option<u64> {
    match head {
        Head::Evidence { .. } => None,
        Head::Assessment { number, .. } => Some(*number),
    }
}

fn same_but_for_number(a: &Head, b: &Head) -> bool {
    let mut a = a.clone();
    if let (Head::Assessment { number, .. }, Some(other)) = (&mut a, number_of(b)) {
        *number = other;
    }
    a == *b
}

/// A line as what it says, and the payload's bytes when it has one.
fn read_line(text: &[u8]) -> Result<(Line, Option<Vec<u8>>), String> {
    let unreadable = |err: serde_json::Error| format!("it cannot be read: {err}");
    let is_record =
        text.starts_with(br#"{"kind":"evidence""#) || text.starts_with(br#"{"kind":"assessment""#);
    if !is_record {
        return Ok((serde_json::from_slice(text).map_err(unreadable)?, None));
    }
    let (front, rest, encoded) = match (cut(text, PAYLOAD), cut(text, PAYLOAD_BASE64)) {
        (Some((front, rest)), _) => (front, rest, false),
        (None, Some((front, rest))) => (front, rest, true),
        (None, None) => return Err("it has no payload".to_owned()),
    };
    let payload = rest.strip_suffix(b"}").ok_or("it is cut")?;
    let mut front = front.to_vec();
    front.push(b'}');
    let line = serde_json::from_slice(&front).map_err(unreadable)?;
    if !encoded {
        return Ok((line, Some(payload.to_vec())));
    }
    let base64: String = serde_json::from_slice(payload).map_err(unreadable)?;
    let payload = BASE64
        .decode(base64)
        .map_err(|err| format!("the payload is no base64: {err}"))?;
    Ok((line, Some(payload)))
}

/// What stands before and after the first place of a mark.
fn cut<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(mark.len()).position(|window| window == mark)?;
    let (front, rest) = text.split_at(at);
    Some((front, rest.strip_prefix(mark)?))
}
