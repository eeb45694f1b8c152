//! The records themselves: one file an evidence, one file an assessment, each saying by itself what it is.
//!
//! A record is one line of JSON (the head) and then the payload exactly as it was given. The files are what the store
//! knows; the index only makes them quick to find and can be made again from the heads. Bytes in, values out, no disk.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Scope};
use crate::target::Site;

use super::StoreError;

/// How deep an evidence may nest: serde_json reads 127 levels, and what cannot be read again must not be kept.
const MAX_DEPTH: usize = 120;

/// One look at one site: what an evidence is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Look {
    /// The site that was judged.
    pub site: Site,
    /// Which level.
    pub scope: Scope,
    /// When the look began.
    pub captured_at: Timestamp,
}

impl Look {
    /// The look that an evidence is of.
    pub fn of(evidence: &Evidence) -> Self {
        Self {
            site: evidence.site.clone(),
            scope: evidence.scope.clone(),
            captured_at: evidence.captured_at,
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) of {}", self.site, self.scope.key(), self.captured_at)
    }
}

/// First line of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Head {
    /// The payload is an [`Evidence`] as JSON.
    Evidence {
        /// Which look.
        look: Look,
        /// The site that redirected here.
        redirected_from: Option<Site>,
        /// Bodies that were kept with it.
        bodies: BTreeSet<String>,
        /// Bodies that its pages name but that were not there when it was kept. They may have come since.
        absent: BTreeSet<String>,
    },
    /// The payload is an assessment, opaque.
    Assessment {
        /// Which look it judges.
        look: Look,
        /// The site that redirected to the judged one; kept here too, for the history outlives the evidence.
        redirected_from: Option<Site>,
        /// Name of the evidence record.
        evidence: String,
        /// Place in the store's history; later ones are greater.
        number: u64,
        /// When it was judged.
        at: Timestamp,
        /// Why it was judged: `vetted`, `replayed: rules`, …
        cause: String,
    },
}

impl Head {
    pub(super) fn look(&self) -> &Look {
        match self {
            Self::Evidence { look, .. } | Self::Assessment { look, .. } => look,
        }
    }

    pub(super) fn redirected_from(&self) -> Option<&Site> {
        match self {
            Self::Evidence { redirected_from, .. } | Self::Assessment { redirected_from, .. } => {
                redirected_from.as_ref()
            }
        }
    }

    /// Bodies that must not be removed while the record is there.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &String> {
        let (bodies, absent) = match self {
            Self::Evidence { bodies, absent, .. } => (Some(bodies), Some(absent)),
            Self::Assessment { .. } => (None, None),
        };
        bodies.into_iter().chain(absent).flatten()
    }

    /// Whether the record is about a site: it was judged, or it led to the one that was.
    pub(super) fn concerns(&self, site: &Site) -> bool {
        self.look().site == *site || self.redirected_from() == Some(site)
    }

    pub(super) fn read(line: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(line).map_err(|err| format!("has a head that cannot be read: {err}"))
    }
}

/// The bytes of a record.
pub(super) fn write(head: &Head, payload: &[u8]) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(head).expect("heads are plain structs with text keys");
    bytes.push(b'\n');
    bytes.extend_from_slice(payload);
    bytes
}

/// Head and payload of a record's bytes.
pub(super) fn read(bytes: &[u8]) -> Result<(Head, &[u8]), String> {
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or("has no head")?;
    let (line, rest) = bytes.split_at(end);
    Ok((Head::read(line)?, rest.strip_prefix(b"\n").unwrap_or(rest)))
}

/// An evidence as the payload of its record; refuses one that could not be read again.
pub(super) fn pack(evidence: &Evidence) -> Result<Vec<u8>, StoreError> {
    let bytes = serde_json::to_vec(evidence).map_err(|err| StoreError::Unkeepable(err.to_string()))?;
    if depth(&bytes) > MAX_DEPTH {
        return Err(StoreError::Unkeepable(format!(
            "it nests deeper than {MAX_DEPTH} levels"
        )));
    }
    Ok(bytes)
}

/// How deep a JSON text nests. Linear.
fn depth(json: &[u8]) -> usize {
    let (mut deepest, mut now, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_texts() {
        for (json, expected) in [
            ("1", 0),
            ("[]", 1),
            (r#"{"a":[1,{"b":[]}],"c":[]}"#, 4),
            (r#"["[[[[", "\"[[[", "\\"]"#, 1),
            (r#"["\\",[]]"#, 2),
        ] {
            assert_eq!(depth(json.as_bytes()), expected, "{json}");
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let look = Look {
            site: Site::from_stored("shop.example"),
            scope: Scope::Platform,
            captured_at: Timestamp::UNIX_EPOCH,
        };
        let head = Head::Assessment {
            look,
            redirected_from: Some(Site::from_stored("old.example")),
            evidence: "0".repeat(64),
            number: 3,
            at: Timestamp::UNIX_EPOCH,
            cause: "replayed:\nrules".to_owned(),
        };
        for payload in [&b""[..], b"\n", b"{}\n{}", &[0xff, 0, b'\n']] {
            let bytes = write(&head, payload);
            assert_eq!(read(&bytes).unwrap(), (head.clone(), payload));
        }
        for bytes in [&b""[..], b"{}", b"{}\n", b"\n\n", &[0xff, b'\n']] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }
}
