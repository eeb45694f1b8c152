//! Bodies as they went over the wire → bodies as a browser sees them: chunks joined, compression undone.
//!
//! Programs that save answers often undo both and leave the headers as they were: what does not read as chunked or
//! compressed is taken as it stands. Output is bounded, whatever the input promises.

use std::io::Read;

use super::MAX_BODY;

/// Why a body ends early.
const OVER: &str = "body over the limit";
const TORN: &str = "corrupt encoding";

/// Joins the chunks of a chunked body; nothing when it is not chunked after all. A body that breaks off between chunks
/// gives those before the break.
pub(super) fn joined(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    let mut first = true;
    while let Some(end) = body.windows(2).take(1 << 10).position(|two| two == b"\r\n") {
        let (line, rest) = (body.get(..end)?, body.get(end + 2..)?);
        let Some(length) = chunk_length(line) else {
            return (!first).then_some(whole);
        };
        if length == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(..length).unwrap_or(rest));
        let Some(next) = rest.get(length..).and_then(|rest| rest.strip_prefix(b"\r\n")) else {
            // The last chunk is short: broken off. The first one: the line only looked like a length.
            return (!first || rest.len() < length).then_some(whole);
        };
        body = next;
        first = false;
    }
    (!first).then_some(whole)
}

/// The length on a chunk's first line: hexadecimal, before any `;`.
fn chunk_length(line: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(line).ok()?;
    let digits = text.split(';').next()?.trim();
    let plain =
        !digits.is_empty() && digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| usize::from_str_radix(digits, 16).ok()).flatten()
}

/// Undoes the codings of `Content-Encoding`, the last first. Gives the body and why it is not whole, if it is not.
pub(super) fn decoded(body: Vec<u8>, codings: &str) -> (Vec<u8>, Option<&'static str>) {
    let mut body = body;
    let mut cut = None;
    for coding in codings
        .rsplit(',')
        .map(|coding| coding.trim().to_ascii_lowercase())
    {
        let Some((plain, why)) = one(&body, &coding) else {
            continue;
        };
        body = plain;
        cut = cut.or(why);
    }
    if body.len() > MAX_BODY {
        body.truncate(MAX_BODY);
        cut = Some(OVER);
    }
    (body, cut)
}

/// Undoes one coding; nothing when there is none to undo.
fn one(body: &[u8], coding: &str) -> Option<(Vec<u8>, Option<&'static str>)> {
    match coding {
        "gzip" | "x-gzip" => unpacked(flate2::read::MultiGzDecoder::new(body)),
        "deflate" => unpacked(flate2::read::ZlibDecoder::new(body))
            .or_else(|| unpacked(flate2::read::DeflateDecoder::new(body))),
        "br" => unpacked(brotli_decompressor::Decompressor::new(body, 4 << 10)),
        "zstd" => unpacked(zstd::stream::read::Decoder::new(body).ok()?),
        _ => None,
    }
}

/// What comes out before the end, the limit or an error; nothing when an error comes before the first byte.
fn unpacked(reader: impl Read) -> Option<(Vec<u8>, Option<&'static str>)> {
    let mut plain = Vec::new();
    let limit = u64::try_from(MAX_BODY).ok()?;
    let read = reader.take(limit + 1).read_to_end(&mut plain);
    match read {
        Ok(_) if plain.len() > MAX_BODY => {
            plain.truncate(MAX_BODY);
            Some((plain, Some(OVER)))
        }
        Ok(_) => Some((plain, None)),
        Err(_) if plain.is_empty() => None,
        Err(_) => Some((plain, Some(TORN))),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn chunks_are_joined_and_what_is_not_chunked_is_left_alone() {
        for (body, whole) in [
            (
                &b"4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n"[..],
                Some(&b"Wikipedia"[..]),
            ),
            (b"4\r\nWiki\r\n5\r\npe", Some(b"Wikipe")),
            (b"4\r\nWiki\r\n", Some(b"Wiki")),
            (b"0\r\n\r\n", Some(b"")),
            (b"4\r\nWiki\r\nzz\r\n", Some(b"Wiki")),
            (b"<html>\r\n</html>", None),
            (b"404\r\nnot found", Some(b"not found")),
            (b"4\r\nWikipedia", None),
            (b"fffffffffffffffff\r\nx", None),
            (b"", None),
        ] {
            assert_eq!(
                joined(body).as_deref(),
                whole,
                "{}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn compression_is_undone_where_there_is_some() {
        let text = "点卡商城".repeat(99).into_bytes();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        let gzip = gzip.finish().unwrap();
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        raw.write_all(&text).unwrap();
        let raw = raw.finish().unwrap();
        let zstd = zstd::encode_all(text.as_slice(), 1).unwrap();
        // An uncompressed meta-block of brotli (RFC 7932 9.2): `x` and the end.
        let brotli = [0x0b, 0x00, 0x80, b'x', 0x03];
        for (body, coding, plain) in [
            (gzip.clone(), "gzip", text.clone()),
            (raw, "deflate", text.clone()),
            (zstd, "zstd", text.clone()),
            (brotli.to_vec(), "br", b"x".to_vec()),
            (
                zstd::encode_all(gzip.as_slice(), 1).unwrap(),
                "gzip, zstd",
                text.clone(),
            ),
            (text.clone(), "gzip", text.clone()),
            (text.clone(), "identity", text.clone()),
        ] {
            assert_eq!(decoded(body, coding), (plain, None), "{coding}");
        }
        let (part, cut) = decoded(gzip[..gzip.len() - 9].to_vec(), "gzip");
        assert!(text.starts_with(&part) && cut == Some(TORN));
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let bomb = zstd::encode_all(std::io::repeat(0).take(64 << 20), 1).unwrap();
        assert!(bomb.len() < 10_000);
        let (plain, cut) = decoded(bomb, "zstd");
        assert_eq!((plain.len(), cut), (MAX_BODY, Some(OVER)));
    }
}
