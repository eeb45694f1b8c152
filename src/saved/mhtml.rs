//! MHTML: a page with what belongs to it in one file (RFC 2557), as Chrome and Edge save it (`.mhtml`, `.mht`).
//!
//! Takes the bytes, gives the parts that name a web address, the page itself first. Base64, quoted-printable and plain
//! parts are read; parts within parts are not.

use base64::Engine as _;
use url::Url;

use super::{MAX_BODY, SavedAnswer, SavedError, http};

/// Most parts that are read of one file.
const MAX_PARTS: usize = 1000;
/// How much of a file is looked at to tell what it is, in bytes.
const SNIFF_BYTES: usize = 4 << 10;

/// Whether bytes begin like an MHTML file: mail headers with `multipart/related` among them.
pub fn is_mhtml(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    head.first().is_some_and(u8::is_ascii_alphabetic) && boundary(head).is_some()
}

/// The parts of an MHTML file.
///
/// # Errors
/// When it does not begin like one.
pub fn read(bytes: &[u8]) -> Result<Vec<SavedAnswer>, SavedError> {
    let boundary = boundary(bytes).ok_or(SavedError::Other("MHTML"))?;
    let mark = format!("--{boundary}");
    let (_, body) = http::split(bytes);
    let parts = parts(body, mark.as_bytes());
    Ok(parts.into_iter().take(MAX_PARTS).filter_map(part).collect())
}

/// The boundary that the head names.
fn boundary(bytes: &[u8]) -> Option<String> {
    let (head, _) = http::split(bytes.get(..SNIFF_BYTES).unwrap_or(bytes));
    let head = String::from_utf8_lossy(head);
    let headers = http::headers(head.lines());
    let kind = &headers.iter().find(|header| header.0 == "content-type")?.1;
    if !kind.to_ascii_lowercase().starts_with("multipart/related") {
        return None;
    }
    let parameter = kind.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value)
    });
    let boundary = parameter?.trim().trim_matches('"');
    (!boundary.is_empty()).then(|| boundary.to_owned())
}

/// What stands between lines that begin with the mark.
fn parts<'a>(body: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut begun = None;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(mark) {
            parts.extend(begun.and_then(|begun: usize| body.get(begun..at)));
            begun = Some(at + line.len());
        }
        at += line.len();
    }
    parts
}

fn part(bytes: &[u8]) -> Option<SavedAnswer> {
    let (head, body) = http::split(bytes);
    let head = String::from_utf8_lossy(head);
    let headers = http::headers(head.lines());
    let value = |name: &str| {
        headers
            .iter()
            .find(|header| header.0 == name)
            .map(|header| header.1.as_str())
    };
    let url = Url::parse(value("content-location")?).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let coding = value("content-transfer-encoding")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut body = match coding.as_str() {
        "base64" => base64(body)?,
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    };
    let cut = body.len() > MAX_BODY;
    body.truncate(MAX_BODY);
    let kind = value("content-type").unwrap_or_default().to_owned();
    Some(SavedAnswer {
        url,
        status: 200,
        headers: vec![("content-type".to_owned(), kind)],
        body,
        cut: cut.then(|| "body over the limit".to_owned()),
        at: None,
    })
}

fn base64(body: &[u8]) -> Option<Vec<u8>> {
    let plain: Vec<u8> = body
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    base64::engine::general_purpose::STANDARD.decode(plain).ok()
}

/// RFC 2045 6.7: `=` and two hexadecimal digits are a byte, `=` at the end of a line joins it with the next.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        if *byte != b'=' {
            plain.push(*byte);
        } else if let Some(tail) = tail.strip_prefix(b"\r\n").or_else(|| tail.strip_prefix(b"\n")) {
            rest = tail;
        } else if let Some((byte, tail)) = hex(tail) {
            plain.push(byte);
            rest = tail;
        } else {
            plain.push(b'=');
        }
    }
    plain
}

fn hex(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(2)?;
    let digits = std::str::from_utf8(digits)
        .ok()
        .filter(|digits| !digits.starts_with('+'))?;
    Some((u8::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://shop.example/\r\nSubject: =?utf-8?Q?x?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----MultipartBoundary--abc----\"\r\n\r\n\r\n------MultipartBoundary--abc----\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://shop.example/\r\n\r\n<p class=3D\"a\">=E7=82=B9=\r\n=E5=8D=A1 100=\r\n=25=ZZ\r\n------MultipartBoundary--abc----\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Location: https://shop.example/a.png\r\n\r\niVBO\r\nRw==\r\n------MultipartBoundary--abc----\r\nContent-Type: text/css\r\nContent-Location: cid:css-1@mhtml.blink\r\n\r\np{}\r\n------MultipartBoundary--abc------\r\n";

    #[test]
    fn parts_with_a_web_address_are_read() {
        assert!(is_mhtml(FILE.as_bytes()));
        let parts = read(FILE.as_bytes()).unwrap();
        let found: Vec<_> = parts
            .iter()
            .map(|part| (part.url.as_str(), part.body.as_slice()))
            .collect();
        assert_eq!(
            found,
            [
                (
                    "https://shop.example/",
                    "<p class=\"a\">点卡 100%=ZZ\r\n".as_bytes()
                ),
                ("https://shop.example/a.png", b"\x89PNG")
            ]
        );
        assert_eq!(
            parts[0].headers,
            [("content-type".to_owned(), "text/html".to_owned())]
        );
    }

    #[test]
    fn what_is_no_mhtml_is_said_to_be_none() {
        for bytes in [
            "",
            "<html>",
            "Content-Type: text/html\r\n\r\n",
            "Content-Type: multipart/related\r\n\r\n--\r\n",
        ] {
            assert!(
                !is_mhtml(bytes.as_bytes()) && read(bytes.as_bytes()).is_err(),
                "{bytes}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn spoilt_files_are_read_without_panic(at in 0..FILE.len(), byte in proptest::prelude::any::<u8>(), end in 0..FILE.len()) {
            let mut bytes = FILE.as_bytes().to_vec();
            bytes[at] = byte;
            bytes.truncate(end);
            proptest::prop_assert!(read(&bytes).map_or(0, |parts| parts.len()) <= 3);
        }
    }
}
