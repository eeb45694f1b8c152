//! One evidence as a WARC 1.1 file (ISO 28500:2017), for web-archive programs. A pure function of the evidence.
//!
//! A `warcinfo`, a `response` for every page, with a `metadata` record on the redirects that led to it, and one `metadata`
//! record that holds the evidence itself as JSON. Bodies stand as they were read, decompressed: headers that spoke of the
//! transfer are renamed to `x-archive-orig-…`. What was sent is not kept, so there are no `request` records.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use crate::evidence::{Evidence, SeenPage};

/// Headers that do not hold for a body that was decompressed and put together.
const OF_TRANSFER: &[&str] = &["content-encoding", "content-length", "transfer-encoding"];

/// Writes an evidence with the bodies it carries; a body that is not there is left empty and marked as cut.
pub fn write(evidence: &Evidence, out: &mut impl Write) -> io::Result<()> {
    let info = info(evidence);
    let date = evidence.captured_at.to_string();
    // Part of every name, so that two looks of one site may stand in one file.
    let look = format!("{} {} {date}", evidence.site, evidence.scope.key());
    let info_id = id(&format!("{look} warcinfo"), &info);
    let fields = [("WARC-Record-ID", info_id.clone()), ("WARC-Date", date.clone())];
    record(out, "warcinfo", "application/warc-fields", &fields, &info)?;
    for (place, seen) in evidence.pages.iter().enumerate() {
        let body = evidence.bodies.get(&seen.body_sha256);
        let block = response(seen, body.map_or(&[], Vec::as_slice));
        let response_id = id(&format!("{look} response {place}"), &block);
        let mut fields = vec![
            ("WARC-Record-ID", response_id.clone()),
            ("WARC-Date", seen.fetched_at.to_string()),
            ("WARC-Target-URI", seen.final_url.clone()),
            ("WARC-Warcinfo-ID", info_id.clone()),
        ];
        fields.extend(seen.address.clone().map(|address| ("WARC-IP-Address", address)));
        fields.extend(body.map(|body| ("WARC-Payload-Digest", digest(body))));
        if seen.truncated || body.is_none() {
            fields.push((
                "WARC-Truncated",
                if seen.truncated { "length" } else { "unspecified" }.to_owned(),
            ));
        }
        record(
            out,
            "response",
            "application/http;msgtype=response",
            &fields,
            &block,
        )?;
        if !seen.hops.is_empty() {
            write_hops(out, seen, &response_id)?;
        }
    }
    let json = serde_json::to_vec(evidence)?;
    let fields = [
        ("WARC-Record-ID", id(&format!("{look} evidence"), &json)),
        ("WARC-Date", date),
        ("WARC-Target-URI", evidence.target.url.to_string()),
        ("WARC-Warcinfo-ID", info_id),
    ];
    record(out, "metadata", "application/json", &fields, &json)
}

fn info(evidence: &Evidence) -> Vec<u8> {
    let lines = [
        (
            "software",
            concat!("cardvet/", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        ("format", "WARC File Format 1.1".to_owned()),
        ("isPartOf", format!("{} {}", evidence.site, evidence.scope.key())),
        (
            "description",
            "bodies are decompressed; the last record is the evidence as JSON".to_owned(),
        ),
    ];
    lines.iter().flat_map(|(name, value)| line(name, value)).collect()
}

/// The answer as HTTP/1.1: status, headers as kept, body.
fn response(seen: &SeenPage, body: &[u8]) -> Vec<u8> {
    let mut block = format!("HTTP/1.1 {} \r\n", seen.status).into_bytes();
    for (name, value) in &seen.headers {
        if OF_TRANSFER.contains(&name.as_str()) {
            block.extend(line(&format!("x-archive-orig-{name}"), value));
        } else {
            block.extend(line(name, value));
        }
    }
    block.extend(line("content-length", &body.len().to_string()));
    block.extend_from_slice(b"\r\n");
    block.extend_from_slice(body);
    block
}

fn write_hops(out: &mut impl Write, seen: &SeenPage, response_id: &str) -> io::Result<()> {
    let hops = seen.hops.iter();
    let lines = hops.flat_map(|hop| line("redirect", &format!("{} {} {}", hop.status, hop.url, hop.to)));
    let block: Vec<u8> = lines.collect();
    let fields = [
        ("WARC-Record-ID", id(&format!("hops {response_id}"), &block)),
        ("WARC-Date", seen.fetched_at.to_string()),
        ("WARC-Target-URI", seen.final_url.clone()),
        ("WARC-Refers-To", response_id.to_owned()),
    ];
    record(out, "metadata", "application/warc-fields", &fields, &block)
}

fn record(
    out: &mut impl Write,
    kind: &str,
    content_type: &str,
    fields: &[(&str, String)],
    block: &[u8],
) -> io::Result<()> {
    out.write_all(b"WARC/1.1\r\n")?;
    out.write_all(&line("WARC-Type", kind))?;
    for (name, value) in fields {
        out.write_all(&line(name, value))?;
    }
    out.write_all(&line("WARC-Block-Digest", &digest(block)))?;
    out.write_all(&line("Content-Type", content_type))?;
    out.write_all(&line("Content-Length", &block.len().to_string()))?;
    out.write_all(b"\r\n")?;
    out.write_all(block)?;
    out.write_all(b"\r\n\r\n")
}

/// A header line; control characters become blanks, so that no value of a site begins a line of its own.
fn line(name: &str, value: &str) -> Vec<u8> {
    let plain = |text: &str| text.replace(char::is_control, " ");
    format!("{}: {}\r\n", plain(name), plain(value)).into_bytes()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha-256:{}", BASE64.encode(Sha256::digest(bytes)))
}

/// A record's name: a UUID of version 8 (RFC 9562 5.8) made of a hash, so that the same evidence gives the same file.
fn id(what: &str, block: &[u8]) -> String {
    let hash = Sha256::new()
        .chain_update(what)
        .chain_update([0])
        .chain_update(block)
        .finalize();
    let bits = hash
        .iter()
        .take(16)
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | 8 << 76 | 0b10 << 62;
    let part = |shift: u32, digits: u32| bits >> shift & ((1 << (4 * digits)) - 1);
    format!(
        "<urn:uuid:{:08x}-{:04x}-{:04x}-{:04x}-{:012x}>",
        part(96, 8),
        part(80, 4),
        part(64, 4),
        part(48, 4),
        part(0, 12)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Hop, Profile, Role};
    use crate::target::Target;

    fn evidence() -> Evidence {
        let target = Target::parse("http://kameng.com/", true).unwrap();
        let at = jiff::Timestamp::from_second(1_790_000_000).unwrap();
        let mut evidence = Evidence::new(target, at, Profile::Full);
        let body = "\r\n\r\nWARC/1.1\r\n卡".as_bytes().to_vec();
        let hash = crate::store::pile::name_of(&body);
        evidence.pages.push(SeenPage {
            url: "http://kameng.com/".to_owned(),
            final_url: "https://kameng.com/".to_owned(),
            role: Role::Home,
            hops: vec![Hop {
                url: "http://kameng.com/".to_owned(),
                status: 301,
                to: "https://kameng.com/\r\nWARC-Type: x".to_owned(),
                address: None,
            }],
            status: 200,
            headers: vec![
                ("content-encoding".to_owned(), "gzip".to_owned()),
                ("x-evil".to_owned(), "a\r\n\r\nWARC/1.1".to_owned()),
            ],
            address: Some("203.0.113.7".to_owned()),
            tls: None,
            body_sha256: hash.clone(),
            body_bytes: u64::try_from(body.len()).unwrap(),
            truncated: false,
            encoding: None,
            fetched_at: at,
            page: None,
            picture: None,
        });
        evidence.bodies.insert(hash, body);
        evidence
    }

    fn written(evidence: &Evidence) -> Vec<u8> {
        let mut out = Vec::new();
        write(evidence, &mut out).unwrap();
        out
    }

    /// Records as header lines and block, cut by `Content-Length` as a reader of the format would.
    fn parse(mut bytes: &[u8]) -> Vec<(Vec<String>, Vec<u8>)> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
            let lines = std::str::from_utf8(&bytes[..end])
                .unwrap()
                .split("\r\n")
                .map(str::to_owned);
            let lines: Vec<String> = lines.collect();
            let length = lines
                .iter()
                .find_map(|line| line.strip_prefix("Content-Length: "))
                .unwrap();
            let (block, rest) = bytes[end + 4..].split_at(length.parse().unwrap());
            assert_eq!(lines[0], "WARC/1.1");
            records.push((lines, block.to_vec()));
            bytes = rest.strip_prefix(b"\r\n\r\n").unwrap();
        }
        records
    }

    #[test]
    fn a_reader_finds_every_record_and_the_body_as_it_was() {
        let evidence = evidence();
        let records = parse(&written(&evidence));
        let kinds: Vec<&str> = records
            .iter()
            .map(|(lines, _)| lines[1].strip_prefix("WARC-Type: ").unwrap())
            .collect();
        assert_eq!(kinds, ["warcinfo", "response", "metadata", "metadata"]);

        let (lines, block) = &records[1];
        let body = evidence.bodies.values().next().unwrap();
        let (head, kept) = block.split_at(block.len() - body.len());
        assert_eq!(kept, body);
        assert_eq!(
            String::from_utf8_lossy(head),
            format!(
                "HTTP/1.1 200 \r\nx-archive-orig-content-encoding: gzip\r\nx-evil: a    WARC/1.1\r\ncontent-length: {}\r\n\r\n",
                body.len()
            )
        );
        for expected in [
            "WARC-Target-URI: https://kameng.com/",
            "WARC-IP-Address: 203.0.113.7",
            "WARC-Date: 2026-09-21T14:13:20Z",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{lines:?}");
        }
        let hops = "redirect: 301 http://kameng.com/ https://kameng.com/  WARC-Type: x\r\n";
        assert_eq!(records[2].1, hops.as_bytes());
        let mut read: Evidence = serde_json::from_slice(&records[3].1).unwrap();
        read.bodies.clone_from(&evidence.bodies);
        assert_eq!(read, evidence);
    }

    #[test]
    fn the_same_evidence_gives_the_same_bytes_and_every_record_its_own_name() {
        let bytes = written(&evidence());
        assert_eq!(bytes, written(&evidence()));
        let mut names: Vec<String> = parse(&bytes)
            .into_iter()
            .map(|(lines, _)| lines[2].clone())
            .collect();
        names.dedup();
        assert_eq!(names.len(), 4);
        for name in names {
            let uuid = name
                .strip_prefix("WARC-Record-ID: <urn:uuid:")
                .and_then(|rest| rest.strip_suffix('>'));
            let parts: Vec<&str> = uuid.unwrap().split('-').collect();
            assert_eq!(
                parts.iter().map(|part| part.len()).collect::<Vec<_>>(),
                [8, 4, 4, 4, 12],
                "{name}"
            );
            assert!(
                parts[2].starts_with('8') && parts[3].starts_with(['8', '9', 'a', 'b']),
                "{name}"
            );
        }
    }

    #[test]
    fn a_body_that_is_not_there_is_marked() {
        let mut evidence = evidence();
        evidence.bodies.clear();
        let records = parse(&written(&evidence));
        assert!(
            records[1]
                .0
                .iter()
                .any(|line| line == "WARC-Truncated: unspecified")
        );
    }
}
