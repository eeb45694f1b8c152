//! An HTTP answer as WARC files keep it: status line, headers, body.
//!
//! Takes the block of a `response` record; gives status, headers and the body as a browser sees it. Lines may end in LF
//! alone, folded headers are joined, bytes that are no UTF-8 are replaced.

use super::coding;

/// Most headers that are kept, and how much of each value, in characters.
const MAX_HEADERS: usize = 100;
const MAX_VALUE_CHARS: usize = 4 << 10;

/// Status, headers and body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) cut: Option<&'static str>,
}

/// Reads an answer; nothing when the block does not begin with a status line.
pub(super) fn read(block: &[u8]) -> Option<Answer> {
    let (head, body) = split(block);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = status(lines.next()?)?;
    let headers = headers(lines);
    let value = |name: &str| {
        headers
            .iter()
            .rev()
            .find(|header| header.0 == name)
            .map(|header| header.1.as_str())
    };
    let chunked =
        value("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
    let joined = chunked.then(|| coding::joined(body)).flatten();
    let codings = value("content-encoding").unwrap_or_default();
    let (body, cut) = coding::decoded(joined.unwrap_or_else(|| body.to_vec()), codings);
    Some(Answer {
        status,
        headers,
        body,
        cut,
    })
}

/// `HTTP/1.1 200 OK` → 200.
fn status(line: &str) -> Option<u16> {
    let mut words = line.split_ascii_whitespace();
    let version = words.next()?;
    let status = words.next()?.parse().ok()?;
    (version.starts_with("HTTP/") && (100..600).contains(&status)).then_some(status)
}

/// Header lines by lower-case name, in order.
pub(super) fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut().filter(|last| last.1.len() < MAX_VALUE_CHARS) {
                value.push(' ');
                value.extend(line.trim().chars().take(MAX_VALUE_CHARS));
            }
        } else if let Some((name, value)) = line.split_once(':').filter(|_| headers.len() < MAX_HEADERS) {
            let value = value.trim().chars().take(MAX_VALUE_CHARS).collect();
            headers.push((name.trim().to_ascii_lowercase(), value));
        }
    }
    headers
}

/// Head and body, parted at the first empty line; all head when there is none.
pub(super) fn split(block: &[u8]) -> (&[u8], &[u8]) {
    let mut from = 0;
    while let Some(end) = block
        .get(from..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
    {
        let line = block.get(from..from + end).unwrap_or_default();
        let next = from + end + 1;
        if line.is_empty() || line == b"\r" {
            return (
                block.get(..from).unwrap_or_default(),
                block.get(next..).unwrap_or_default(),
            );
        }
        from = next;
    }
    (block, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_they_are_written() {
        let block = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nX-Long: a\r\n  b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<p\r\n1\r\n>\r\n0\r\n\r\n";
        let answer = read(block).unwrap();
        let headers: Vec<_> = answer
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            headers,
            [
                ("server", "nginx"),
                ("x-long", "a b"),
                ("transfer-encoding", "chunked")
            ]
        );
        assert_eq!(
            (answer.status, answer.body.as_slice(), answer.cut),
            (200, &b"<p>"[..], None)
        );
        let plain = read(b"HTTP/2 404\nA: b\n\nx\n\ny").unwrap();
        assert_eq!((plain.status, plain.body.as_slice()), (404, &b"x\n\ny"[..]));
        let head_only = read(b"HTTP/1.0 302 Found\r\nLocation: /").unwrap();
        assert_eq!((head_only.status, head_only.body.len()), (302, 0));
        for block in [
            &b""[..],
            b"\r\n",
            b"<html>",
            b"HTTP/1.1 abc\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"HTTP/1.1 999\r\n\r\n",
        ] {
            assert_eq!(read(block), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_block_is_read_without_panic(block in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), head in "(HTTP/1.1 200\r\n)?(transfer-encoding: chunked\r\n)?(content-encoding: (gzip|br|zstd|deflate)\r\n)?\r\n") {
            let whole = [head.as_bytes(), &block].concat();
            let _answer = read(&whole);
        }
    }
}
