//! WARC 1.0 and 1.1 files (ISO 28500), plain or gzipped record by record.
//!
//! Takes anything that can be read, gives the answers in it one by one: `response` records of HTTP and `resource` records.
//! All other records are stepped over, blocks beyond the bound are cut. A file that makes no sense any more ends with
//! one error; what came before it stands. Written here because the format is small and the one reader there is on
//! crates.io keeps whole records in memory and leaves HTTP to its caller.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use url::Url;

use super::{MAX_BODY, SavedAnswer, SavedError, http};

/// Longest head of a record, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// Most that is read of one record's block: a body at its bound with its headers, before it is unpacked.
const MAX_BLOCK: usize = MAX_BODY + (64 << 10);

/// Whether bytes begin like a WARC file; a gzipped one is told by what is in it.
pub fn is_warc(bytes: &[u8]) -> bool {
    let mut head = [0; 5];
    if bytes.starts_with(b"\x1f\x8b") {
        return MultiGzDecoder::new(bytes).read_exact(&mut head).is_ok() && &head == b"WARC/";
    }
    bytes.starts_with(b"WARC/")
}

/// The answers in a WARC file, in order.
pub struct Answers<R: BufRead> {
    input: BufReader<Plain<R>>,
    record: usize,
    ended: bool,
}

impl<R: BufRead> std::fmt::Debug for Answers<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

enum Plain<R: BufRead> {
    Bare(R),
    Gzip(Box<MultiGzDecoder<R>>),
}

impl<R: BufRead> Read for Plain<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Bare(input) => input.read(into),
            Self::Gzip(input) => input.read(into),
        }
    }
}

/// Opens a WARC file.
///
/// # Errors
/// When it cannot be read or does not begin like one.
pub fn open<R: BufRead>(mut input: R) -> Result<Answers<R>, SavedError> {
    let gzip = input.fill_buf()?.starts_with(b"\x1f\x8b");
    let plain = if gzip {
        Plain::Gzip(Box::new(MultiGzDecoder::new(input)))
    } else {
        Plain::Bare(input)
    };
    let mut input = BufReader::new(plain);
    if !input.fill_buf().is_ok_and(|start| start.starts_with(b"WARC/")) {
        return Err(SavedError::Other("WARC"));
    }
    Ok(Answers {
        input,
        record: 0,
        ended: false,
    })
}

/// The head of a record.
struct Head {
    kind: String,
    content_type: String,
    length: u64,
    url: Option<Url>,
    at: Option<jiff::Timestamp>,
}

/// What one record came to.
enum Step {
    Answer(Box<SavedAnswer>),
    /// A record that holds no answer.
    Over,
    /// The end of the file.
    End,
}

impl<R: BufRead> Iterator for Answers<R> {
    type Item = Result<SavedAnswer, SavedError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.step() {
                Ok(Step::Answer(answer)) => return Some(Ok(*answer)),
                Ok(Step::Over) => {}
                Ok(Step::End) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl<R: BufRead> Answers<R> {
    /// Reads one record.
    fn step(&mut self) -> Result<Step, SavedError> {
        let Some(head) = self.head()? else {
            return Ok(Step::End);
        };
        let wanted = matches!(head.kind.as_str(), "response" | "resource") && head.url.is_some();
        let (block, whole) = self.block(head.length, wanted)?;
        let answer = answer(head, block, whole);
        Ok(answer.map_or(Step::Over, |answer| Step::Answer(Box::new(answer))))
    }

    fn broken(&self, what: &'static str) -> SavedError {
        SavedError::Broken {
            record: self.record,
            what,
        }
    }

    fn head(&mut self) -> Result<Option<Head>, SavedError> {
        self.record += 1;
        let mut room = MAX_HEAD;
        let mut lines: Vec<String> = Vec::new();
        loop {
            let mut line = Vec::new();
            let most = u64::try_from(room).unwrap_or(u64::MAX);
            let read = (&mut self.input).take(most).read_until(b'\n', &mut line)?;
            room -= read;
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            match (read, text.is_empty(), lines.is_empty()) {
                (0, _, true) if room > 0 => return Ok(None),
                (0, ..) => return Err(self.broken("its head does not end")),
                // Empty lines stand between records.
                (_, true, true) => {}
                (_, true, false) => break,
                (_, false, true) if !text.starts_with("WARC/") => {
                    return Err(self.broken("it does not begin with WARC/"));
                }
                (_, false, _) => lines.push(text.to_owned()),
            }
        }
        let headers = http::headers(lines.iter().skip(1).map(String::as_str));
        let value = |name: &str| {
            headers
                .iter()
                .find(|header| header.0 == name)
                .map(|header| header.1.as_str())
        };
        let length = value("content-length").and_then(|length| length.parse().ok());
        let url = value("warc-target-uri").map(|url| url.trim_start_matches('<').trim_end_matches('>'));
        Ok(Some(Head {
            kind: value("warc-type").unwrap_or_default().to_ascii_lowercase(),
            content_type: value("content-type").unwrap_or_default().to_owned(),
            length: length.ok_or_else(|| self.broken("it does not say how long it is"))?,
            url: url.and_then(|url| Url::parse(url).ok()),
            at: value("warc-date").and_then(|date| date.parse().ok()),
        }))
    }

    /// The block of a record up to the bound, and whether that is all of it; the rest is stepped over.
    fn block(&mut self, length: u64, wanted: bool) -> Result<(Vec<u8>, bool), SavedError> {
        let bound = u64::try_from(MAX_BLOCK).unwrap_or(u64::MAX);
        let kept = if wanted { length.min(bound) } else { 0 };
        let mut block = Vec::new();
        let read = (&mut self.input).take(kept).read_to_end(&mut block)?;
        let left = length - kept;
        let skipped = std::io::copy(&mut (&mut self.input).take(left), &mut std::io::sink())?;
        if u64::try_from(read).ok() != Some(kept) || skipped != left {
            return Err(self.broken("the file ends within it"));
        }
        Ok((block, left == 0))
    }
}

/// The answer in a record, if it holds one of the web.
fn answer(head: Head, block: Vec<u8>, whole: bool) -> Option<SavedAnswer> {
    let url = head.url.filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let found = match head.kind.as_str() {
        "response" => http::read(&block)?,
        "resource" => {
            let (body, cut) = super::coding::decoded(block, "");
            http::Answer {
                status: 200,
                headers: vec![("content-type".to_owned(), head.content_type)],
                body,
                cut,
            }
        }
        _ => return None,
    };
    let cut = found.cut.or((!whole).then_some("record over the limit"));
    Some(SavedAnswer {
        url,
        status: found.status,
        headers: found.headers,
        body: found.body,
        cut: cut.map(str::to_owned),
        at: head.at,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A record of this kind, with CRLF or, as some programs write, LF alone.
    fn record(kind: &str, url: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
        let head = format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-11-20T08:00:00Z\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            block.len()
        );
        [head.as_bytes(), block, b"\r\n\r\n"].concat()
    }

    fn page(text: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: nginx\r\n\r\n{text}").into_bytes()
    }

    fn file() -> Vec<Vec<u8>> {
        vec![
            record("warcinfo", "urn:x", "application/warc-fields", b"software: x\r\n"),
            record(
                "request",
                "https://shop.example/",
                "application/http",
                b"GET / HTTP/1.1\r\n\r\n",
            ),
            record(
                "response",
                "https://shop.example/",
                "application/http; msgtype=response",
                &page("<p>点卡"),
            ),
            record(
                "resource",
                "<https://shop.example/a.txt>",
                "text/plain",
                b"WARC/1.0\r\n\r\n",
            ),
            record("response", "dns:shop.example", "text/dns", b"1.2.3.4"),
            record(
                "revisit",
                "https://shop.example/b",
                "application/http",
                b"HTTP/1.1 200 OK\r\n\r\n",
            ),
            record(
                "response",
                "https://shop.example/c",
                "application/http",
                b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n",
            ),
        ]
    }

    fn gzipped(records: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        for record in records {
            let mut gzip = flate2::write::GzEncoder::new(&mut out, flate2::Compression::fast());
            gzip.write_all(record).unwrap();
            gzip.finish().unwrap();
        }
        out
    }

    fn read(bytes: &[u8]) -> (Vec<SavedAnswer>, Option<String>) {
        let mut answers = Vec::new();
        for answer in open(bytes).unwrap() {
            match answer {
                Ok(answer) => answers.push(answer),
                Err(error) => return (answers, Some(error.to_string())),
            }
        }
        (answers, None)
    }

    #[test]
    fn answers_are_found_plain_and_gzipped() {
        for bytes in [file().concat(), gzipped(&file()), gzipped(&[file().concat()])] {
            assert!(is_warc(&bytes));
            let (answers, error) = read(&bytes);
            assert_eq!(error, None);
            let urls: Vec<_> = answers
                .iter()
                .map(|answer| (answer.url.as_str(), answer.status))
                .collect();
            assert_eq!(
                urls,
                [
                    ("https://shop.example/", 200),
                    ("https://shop.example/a.txt", 200),
                    ("https://shop.example/c", 302)
                ]
            );
            assert_eq!(answers[0].body, "<p>点卡".as_bytes());
            assert_eq!(answers[0].headers[1], ("server".to_owned(), "nginx".to_owned()));
            assert_eq!(answers[0].at.unwrap().to_string(), "2026-11-20T08:00:00Z");
            assert_eq!(answers[1].body, b"WARC/1.0\r\n\r\n");
        }
    }

    #[test]
    fn what_our_own_export_writes_is_read_back() {
        let target = crate::target::Target::parse("https://shop.example/", true).unwrap();
        let mut evidence = crate::evidence::Evidence::new(
            target,
            jiff::Timestamp::UNIX_EPOCH,
            crate::evidence::Profile::Full,
        );
        let url = "https://shop.example/".to_owned();
        let headers = [("content-encoding", "gzip"), ("content-type", "text/html")];
        let mut seen: crate::evidence::SeenPage = serde_json::from_value(serde_json::json!({
            "url": url, "final_url": url, "role": "home", "hops": [], "status": 200, "headers": headers, "address": null,
            "tls": null, "body_sha256": "", "body_bytes": 5, "truncated": false, "encoding": null,
            "fetched_at": evidence.captured_at, "page": null,
        }))
        .unwrap();
        seen.body_sha256 = "00".to_owned();
        evidence.pages.push(seen);
        evidence.bodies.insert("00".to_owned(), b"<p>x".to_vec());
        let mut bytes = Vec::new();
        crate::store::write_warc(&evidence, &mut bytes).unwrap();
        let (answers, error) = read(&bytes);
        assert_eq!((answers.len(), error), (1, None));
        assert_eq!(answers[0].body, b"<p>x");
        assert_eq!(answers[0].at, Some(jiff::Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn a_broken_file_gives_what_stands_before_the_break() {
        let whole = file().concat();
        let (answers, error) = read(&whole[..whole.len() - 20]);
        assert_eq!(
            (answers.len(), error.as_deref()),
            (2, Some("record 7 is broken: the file ends within it"))
        );
        let (answers, error) = read(&[&file()[2][..], b"junk\r\n"].concat());
        assert_eq!(
            (answers.len(), error.as_deref()),
            (1, Some("record 2 is broken: it does not begin with WARC/"))
        );
        let (_, error) = read(b"WARC/1.0\r\nWARC-Type: response\r\n\r\n");
        assert_eq!(
            error.as_deref(),
            Some("record 1 is broken: it does not say how long it is")
        );
        let endless = [b"WARC/1.0\r\n".to_vec(), vec![b'a'; MAX_HEAD + 9]].concat();
        assert_eq!(
            read(&endless).1.as_deref(),
            Some("record 1 is broken: its head does not end")
        );
        let gzip = gzipped(&file());
        assert!(read(&gzip[..gzip.len() - 30]).1.is_some());
        for bytes in [&b""[..], b"<html>", b"\x1f\x8b\x08\0\0"] {
            assert!(!is_warc(bytes) && open(bytes).is_err());
        }
    }

    #[test]
    fn a_block_beyond_the_bound_is_cut_and_the_next_record_is_found() {
        let large = page(&"x".repeat(MAX_BLOCK));
        let bytes = [
            record("response", "https://a.example/", "application/http", &large),
            file().remove(2),
        ]
        .concat();
        let (answers, error) = read(&bytes);
        assert_eq!((answers.len(), error), (2, None));
        assert_eq!(answers[0].body.len(), MAX_BODY);
        assert!(answers[0].cut.is_some() && answers[1].cut.is_none());
    }

    proptest::proptest! {
        #[test]
        fn spoilt_files_are_read_without_panic(changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..9)) {
            let mut bytes = file().concat();
            for (at, byte) in changes {
                let at = at.index(bytes.len() - 5) + 5;
                bytes[at] = byte;
            }
            proptest::prop_assert!(read(&bytes).0.len() <= 7);
        }
    }
}
