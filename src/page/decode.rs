//! Bytes → text: byte order mark, labels (`Content-Type`, every `<meta>` near the top), then the bytes themselves.
//!
//! A label is a claim: shops say UTF-8 and send GBK, or the other way round, so a label that does not fit the bytes is
//! overruled. `gb2312` and `gbk` are read as GB18030, which holds both. A last character cut in half is no misfit.
//! It does not look at the language of the text and keeps no bytes.

use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use regex::bytes::Regex;

/// How far into the body labels are looked for, in bytes. The standard says 1024; real heads put scripts first.
const LABEL_BYTES: usize = 4096;
/// How much of the body is shown to the detector, in bytes; more does not change its mind.
const DETECT_BYTES: usize = 256 * 1024;
/// How much of the body decides whether it is UTF-16 without a mark, in bytes.
const WIDE_BYTES: usize = 1024;

/// `<meta charset=…>`, `<meta http-equiv content="…; charset=…">` and `<?xml encoding=…?>`, any case and quotes.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i-u)<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([a-z0-9_:.\-]{2,40})"#,
    )
    .expect("a constant pattern")
});
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)charset\s*=\s*["']?\s*([a-z0-9_:.\-]{2,40})"#).expect("a constant pattern")
});

/// A decoded body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// WHATWG name of the encoding that was used.
    pub encoding: &'static str,
    /// Whether some bytes did not fit it and were lost; a last character cut in half counts.
    pub replaced: bool,
}

/// Decodes a body: byte order mark, `Content-Type`, `<meta>`, then detection; a label that does not fit the bytes is overruled.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Attempt::of(encoding, bytes.get(mark..).unwrap_or_default()).done();
    }
    let labels = labels(bytes, content_type);
    if let Some(wide) = wide_without_mark(bytes) {
        return Attempt::of(wide, bytes).done();
    }
    if bytes.is_ascii() {
        let encoding = labels
            .iter()
            .copied()
            .find(|label| label.is_ascii_compatible())
            .unwrap_or(UTF_8);
        return Attempt::of(encoding, bytes).done();
    }
    // Whether it is sound is quick to tell; what is left of it where it is not is seldom asked.
    let chinese_label = labels
        .first()
        .is_some_and(|label| *label == GB18030 || *label == BIG5);
    if is_sound_utf8(bytes) {
        let utf8 = Attempt::of(UTF_8, bytes);
        if !chinese_label || utf8.text.chars().any(|c| c.len_utf8() > 2) {
            // Two-byte sequences alone prove little: common GBK characters come out as them too.
            return utf8.done();
        }
    }
    for label in labels.iter().copied().filter(|label| believable(label)) {
        let attempt = Attempt::of(label, bytes);
        if attempt.errors == 0 {
            return attempt.done();
        }
    }
    let utf8 = Attempt::of(UTF_8, bytes);
    if labels.contains(&UTF_8) && utf8.mostly_fits() {
        return utf8.done();
    }
    detected(bytes, &labels, utf8)
}

/// Whether all of it is UTF-8, but for a last character cut in half.
fn is_sound_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|err| err.error_len().is_none(), |_| true)
}

/// No label fits: the detector's guess, else GB18030, whichever loses least.
fn detected(bytes: &[u8], labels: &[&'static Encoding], utf8: Attempt) -> Decoded {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(
        bytes.get(..DETECT_BYTES).unwrap_or(bytes),
        bytes.len() <= DETECT_BYTES,
    );
    let guess = widest(detector.guess(Some(b"cn"), Utf8Detection::Deny));
    let mut attempts = vec![Attempt::of(guess, bytes)];
    let others = labels.iter().copied().filter(|label| believable(label));
    for encoding in others.chain([GB18030]) {
        if attempts.iter().all(|attempt| attempt.encoding != encoding) {
            attempts.push(Attempt::of(encoding, bytes));
        }
    }
    if utf8.mostly_fits() {
        attempts.push(utf8);
    }
    // `min_by_key` keeps the first of equals: the guess before the labels before GB18030.
    let best = attempts.into_iter().min_by_key(|attempt| attempt.errors);
    best.expect("the guess is always tried").done()
}

/// Labels in the order of their say: header, then metas as they stand.
fn labels(bytes: &[u8], content_type: Option<&str>) -> Vec<&'static Encoding> {
    let head = bytes.get(..LABEL_BYTES).unwrap_or(bytes);
    let header = content_type.and_then(|value| HEADER.captures(value.as_bytes()));
    let names = header.into_iter().chain(LABEL.captures_iter(head));
    let mut found: Vec<&'static Encoding> = Vec::new();
    for encoding in names
        .filter_map(|name| Encoding::for_label(name.get(1)?.as_bytes()))
        .map(widest)
    {
        if !found.contains(&encoding) {
            found.push(encoding);
        }
    }
    found
}

fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// Whether a label says something: one-byte encodings fit any bytes (servers send `iso-8859-1` unasked), and a
/// readable label in the bytes themselves rules UTF-16 out.
fn believable(label: &'static Encoding) -> bool {
    !label.is_single_byte() && label.is_ascii_compatible() && label != UTF_8
}

/// UTF-16 without a mark: tags are ASCII, so every second byte of them is zero.
fn wide_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..WIDE_BYTES).unwrap_or(bytes);
    let zeros = |offset: usize| {
        head.iter()
            .skip(offset)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    let many = |count: usize| pairs >= 4 && count * 3 >= pairs;
    match (many(even), many(odd)) {
        (false, true) if even * 8 <= odd => Some(UTF_16LE),
        (true, false) if odd * 8 <= even => Some(UTF_16BE),
        _ => None,
    }
}

/// One reading of the bytes.
struct Attempt {
    encoding: &'static Encoding,
    text: String,
    /// Malformed sequences before the end.
    errors: usize,
    /// The last character was cut in half.
    torn: bool,
}

impl Attempt {
    fn of(encoding: &'static Encoding, bytes: &[u8]) -> Self {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 16);
        let (mut errors, mut torn, mut rest, mut last) = (0, false, bytes, false);
        loop {
            let (result, used) = decoder.decode_to_string_without_replacement(rest, &mut text, last);
            rest = rest.get(used..).unwrap_or_default();
            match result {
                DecoderResult::OutputFull => text.reserve(rest.len() * 2 + 64),
                DecoderResult::Malformed(..) if last => torn = true,
                DecoderResult::Malformed(..) => {
                    errors += 1;
                    text.push(char::REPLACEMENT_CHARACTER);
                }
                DecoderResult::InputEmpty if last => break,
                // Everything was taken; asking once more with `last` tells whether half a character is left over.
                DecoderResult::InputEmpty => last = true,
            }
        }
        Self {
            encoding,
            text,
            errors,
            torn,
        }
    }

    /// Whether a few bytes are damaged, rather than the encoding being another one.
    fn mostly_fits(&self) -> bool {
        let wide = self
            .text
            .chars()
            .filter(|c| c.len_utf8() > 2 && *c != char::REPLACEMENT_CHARACTER)
            .count();
        self.errors * 10 <= wide
    }

    fn done(self) -> Decoded {
        let replaced = self.errors > 0 || self.torn;
        Decoded {
            text: self.text,
            encoding: self.encoding.name(),
            replaced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "<title>星河点卡</title><p>本店出售游戏点卡，售出不退，客服在线时间每天早九点到晚九点。</p>";

    fn gbk(text: &str) -> Vec<u8> {
        GBK.encode(text).0.into_owned()
    }

    fn wide(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    fn check(name: &str, bytes: &[u8], content_type: Option<&str>, encoding: &str, text: &str) {
        let decoded = decode(bytes, content_type);
        assert_eq!(
            (decoded.encoding, decoded.text.as_str(), decoded.replaced),
            (encoding, text, false),
            "{name}"
        );
    }

    #[test]
    fn a_right_label_is_followed_wherever_it_stands() {
        check(
            "header",
            &gbk(TEXT),
            Some("text/html; charset=GBK"),
            "gb18030",
            TEXT,
        );
        check(
            "quoted header",
            &gbk(TEXT),
            Some("text/html;CHARSET='gb2312'"),
            "gb18030",
            TEXT,
        );
        for meta in [
            "<meta charset=gb2312>",
            "<META CharSet='gbk' />",
            r#"<meta http-equiv="Content-Type" content="text/html; charset=gb2312">"#,
            r#"<?xml version="1.0" encoding="gb2312"?>"#,
            r#"<meta name=a content=b><meta charset="gb18030">"#,
        ] {
            let text = format!("{meta}{TEXT}");
            check(meta, &gbk(&text), None, "gb18030", &text);
        }
        let taiwan = "<p>本店販售遊戲點數與儲值卡，購買後恕不退換貨</p>";
        check(
            "big5",
            &BIG5.encode(taiwan).0,
            Some("text/html; charset=big5"),
            "Big5",
            taiwan,
        );
        check("ascii", b"<p>hello</p>", None, "UTF-8", "<p>hello</p>");
    }

    #[test]
    fn a_wrong_label_is_overruled() {
        check(
            "utf-8 said, gbk sent",
            &gbk(TEXT),
            Some("text/html; charset=utf-8"),
            "gb18030",
            TEXT,
        );
        check(
            "gbk said, utf-8 sent",
            TEXT.as_bytes(),
            Some("text/html; charset=gbk"),
            "UTF-8",
            TEXT,
        );
        check(
            "latin said, gbk sent",
            &gbk(TEXT),
            Some("text/html; charset=iso-8859-1"),
            "gb18030",
            TEXT,
        );
        check(
            "latin said, utf-8 sent",
            TEXT.as_bytes(),
            Some("text/html; charset=iso-8859-1"),
            "UTF-8",
            TEXT,
        );
        let both = format!("<meta charset=utf-8><meta charset=gbk>{TEXT}");
        check("two labels", &gbk(&both), None, "gb18030", &both);
        // 一些 in GBK is valid UTF-8 too, so the label decides.
        check(
            "short",
            &gbk("一些"),
            Some("text/html; charset=gbk"),
            "gb18030",
            "一些",
        );
    }

    #[test]
    fn without_a_label_the_bytes_decide() {
        check("utf-8", TEXT.as_bytes(), None, "UTF-8", TEXT);
        check("gbk", &gbk(TEXT), None, "gb18030", TEXT);
        let four = "<p>本店出售游戏点卡，店主姓㐀㐁，售出不退。</p>";
        check("four bytes", &GB18030.encode(four).0, None, "gb18030", four);
        check("utf-16le", &wide(TEXT, false), None, "UTF-16LE", TEXT);
        check("utf-16be", &wide(TEXT, true), None, "UTF-16BE", TEXT);
    }

    #[test]
    fn a_byte_order_mark_wins() {
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        check(
            "utf-8",
            &marked(&[0xef, 0xbb, 0xbf], TEXT.as_bytes()),
            Some("charset=gbk"),
            "UTF-8",
            TEXT,
        );
        check(
            "utf-16le",
            &marked(&[0xff, 0xfe], &wide(TEXT, false)),
            Some("charset=gbk"),
            "UTF-16LE",
            TEXT,
        );
        check(
            "utf-16be",
            &marked(&[0xfe, 0xff], &wide(TEXT, true)),
            None,
            "UTF-16BE",
            TEXT,
        );
    }

    #[test]
    fn a_last_character_cut_in_half_does_not_overrule() {
        for cut in 1..3 {
            let bytes = "<p>本店出售游戏点卡".as_bytes();
            let decoded = decode(
                bytes.get(..bytes.len() - cut).unwrap(),
                Some("text/html; charset=utf-8"),
            );
            assert_eq!(
                (decoded.encoding, decoded.text.as_str()),
                ("UTF-8", "<p>本店出售游戏点")
            );
            assert!(decoded.replaced);
        }
        let bytes = gbk("<p>本店出售游戏点卡");
        let decoded = decode(
            bytes.get(..bytes.len() - 1).unwrap(),
            Some("text/html; charset=gbk"),
        );
        assert_eq!(
            (decoded.encoding, decoded.text.as_str()),
            ("gb18030", "<p>本店出售游戏点")
        );
    }

    #[test]
    fn a_few_damaged_bytes_do_not_change_the_encoding() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.extend([0xff, b'<', b'p', b'>']);
        let decoded = decode(&bytes, Some("text/html; charset=utf-8"));
        assert_eq!(decoded.encoding, "UTF-8");
        assert!(decoded.replaced && decoded.text.starts_with(TEXT));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, header in "(charset=)?[a-z0-9-]{0,10}") {
            let decoded = decode(&bytes, Some(&header));
            proptest::prop_assert!(Encoding::for_label(decoded.encoding.as_bytes()).is_some());
        }

        #[test]
        fn utf_8_with_chinese_comes_back_whole(text in "[一-龥a-z<> ]{1,60}") {
            let decoded = decode(text.as_bytes(), None);
            proptest::prop_assert_eq!(decoded.text, text);
        }
    }
}
