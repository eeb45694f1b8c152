//! Where a saved page came from, as the page itself says.
//!
//! [`written`] reads the note that browsers and their add-ons put into what they save: `<!-- saved from url=(0027)… -->`
//! (Internet Explorer, Chrome, Edge) and SingleFile's `url: …`. [`claimed`] reads what the site wrote, `<link rel=canonical>`
//! and `og:url`: good for the path, no proof of the host. Looks at the first part of the file only.

use std::sync::LazyLock;

use regex::bytes::Regex;
use url::Url;

/// How much of a page is looked at, in bytes.
const HEAD_BYTES: usize = 64 << 10;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("written here and tested")
}

/// The address that the program which saved the page noted in it.
pub fn written(bytes: &[u8]) -> Option<Url> {
    static NOTES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [
            pattern(r"(?i)<!--\s*saved from url=\(\d+\)\s*(https?://[^\s<>]+)"),
            pattern(r"(?i)<!--\s*page saved with singlefile\s+url:\s*(https?://[^\s<>]+)"),
        ]
    });
    first(&*NOTES, head(bytes))
}

/// The address that the page claims for itself.
pub fn claimed(bytes: &[u8]) -> Option<Url> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<(?:link|meta)\b[^<>]{0,2000}>"));
    static IS_CLAIM: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(?i)\b(?:rel\s*=\s*["']?canonical\b|property\s*=\s*["']?og:url\b)"#));
    static ADDRESS: LazyLock<[Regex; 1]> = LazyLock::new(|| {
        [pattern(
            r#"(?i)\b(?:href|content)\s*=\s*["']?\s*(https?://[^\s"'<>]+)"#,
        )]
    });
    TAG.find_iter(head(bytes))
        .filter(|tag| IS_CLAIM.is_match(tag.as_bytes()))
        .find_map(|tag| first(&*ADDRESS, tag.as_bytes()))
}

fn head(bytes: &[u8]) -> &[u8] {
    bytes.get(..HEAD_BYTES).unwrap_or(bytes)
}

/// The first address that one of the patterns finds.
fn first(patterns: &[Regex], bytes: &[u8]) -> Option<Url> {
    let found = patterns
        .iter()
        .find_map(|pattern| pattern.captures(bytes)?.get(1));
    let text = std::str::from_utf8(found?.as_bytes()).ok()?;
    let mut url = Url::parse(&text.replace("&amp;", "&")).ok()?;
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_programs_and_claims_of_pages_are_told_apart() {
        for (page, by_program, by_page) in [
            (
                "<!DOCTYPE html>\n<!-- saved from url=(0027)https://shop.example/help?a=1#x -->",
                Some("https://shop.example/help?a=1"),
                None,
            ),
            (
                "<!--\n Page saved with SingleFile \n url: https://shop.example/ \n saved date: x\n-->",
                Some("https://shop.example/"),
                None,
            ),
            (
                "<link href='https://shop.example/a?x=1&amp;y=2' rel=canonical>",
                None,
                Some("https://shop.example/a?x=1&y=2"),
            ),
            (
                "<meta property=\"og:url\" content=\"https://shop.example/b\">",
                None,
                Some("https://shop.example/b"),
            ),
            (
                "<link rel=stylesheet href='https://shop.example/a.css'><meta name=url content='https://x.example/'>",
                None,
                None,
            ),
            ("<p>saved from url=(0027)https://shop.example/</p>", None, None),
            ("<!-- saved from url=(0014)about:internet -->", None, None),
            ("", None, None),
        ] {
            assert_eq!(
                written(page.as_bytes()).as_ref().map(Url::as_str),
                by_program,
                "{page}"
            );
            assert_eq!(
                claimed(page.as_bytes()).as_ref().map(Url::as_str),
                by_page,
                "{page}"
            );
        }
        let far = " ".repeat(HEAD_BYTES) + "<link rel=canonical href=https://shop.example/>";
        assert_eq!(claimed(far.as_bytes()), None);
    }
}
