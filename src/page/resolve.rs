//! Addresses as they stand in a page → addresses that can be asked.
//!
//! Pure text work on the page's base; it decides nothing about which address may be fetched. Letters in a query are written
//! in the page's encoding, as browsers do (URL standard, "query state"): a GBK shop knows no other spelling of its words.

use std::borrow::Cow;

use encoding_rs::Encoding;
use url::Url;

/// Longest address that is taken, in bytes; servers refuse longer ones.
pub(super) const MAX_ADDRESS: usize = 2048;

/// What addresses of a page are resolved against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base<'a> {
    pub(super) url: &'a Url,
    /// The page's encoding.
    pub(super) encoding: &'static Encoding,
}

impl Base<'_> {
    fn join(self, address: &str) -> Option<Url> {
        let encode: &dyn Fn(&str) -> Cow<'_, [u8]> = &|text| self.encoding.encode(text).0;
        Url::options()
            .base_url(Some(self.url))
            .encoding_override((self.encoding != encoding_rs::UTF_8).then_some(encode))
            .parse(address)
            .ok()
    }
}

/// Where a link leads; nothing for `#…`, `javascript:`, `data:`, the empty and the unreadable.
pub(super) fn link(base: Base<'_>, href: &str) -> Option<String> {
    if href.is_empty() || href.starts_with('#') || href.len() > MAX_ADDRESS {
        return None;
    }
    let url = base.join(href)?;
    (!matches!(url.scheme(), "javascript" | "data" | "vbscript")).then(|| url.to_string())
}

/// Where a picture, script, frame or form points: resolved, or as written; `data:` addresses cut to their type.
pub(super) fn part(base: Base<'_>, address: &str) -> String {
    if address
        .get(..5)
        .is_some_and(|head| head.eq_ignore_ascii_case("data:"))
    {
        return address
            .split([',', ';'])
            .next()
            .unwrap_or_default()
            .chars()
            .take(80)
            .collect();
    }
    if address.len() > MAX_ADDRESS {
        return address.chars().take(MAX_ADDRESS / 4).collect();
    }
    base.join(address)
        .map_or_else(|| address.to_owned(), |url| url.to_string())
}

/// The address in the content of a refresh: `5; url='/x'`.
pub(super) fn refresh(content: &str) -> Option<&str> {
    let (_, rest) = content.split_once([';', ','])?;
    let rest = rest.trim_start();
    let rest = match rest.get(..3) {
        Some(head) if head.eq_ignore_ascii_case("url") => rest.get(3..)?.trim_start().strip_prefix('=')?,
        _ => rest,
    };
    let address = rest.trim().trim_matches(['"', '\'']).trim();
    (!address.is_empty()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_resolve_and_dead_ones_lead_nowhere() {
        let url = Url::parse("https://shop.example.cn/a/b?x=1").unwrap();
        let base = Base {
            url: &url,
            encoding: encoding_rs::UTF_8,
        };
        for (href, expected) in [
            ("c", Some("https://shop.example.cn/a/c")),
            ("./?mod=help", Some("https://shop.example.cn/a/?mod=help")),
            ("//other.example/x", Some("https://other.example/x")),
            ("?y=2", Some("https://shop.example.cn/a/b?y=2")),
            ("mailto:a@b.c", Some("mailto:a@b.c")),
            ("#top", None),
            ("#!", None),
            ("", None),
            ("JavaScript:void(0)", None),
            ("http://[", None),
        ] {
            assert_eq!(link(base, href).as_deref(), expected, "{href}");
        }
        assert_eq!(part(base, "data:image/png;base64,AAAA"), "data:image/png");
    }

    #[test]
    fn letters_in_a_query_are_written_in_the_encoding_of_the_page() {
        let url = Url::parse("https://shop.example.cn/").unwrap();
        for (encoding, expected) in [
            (
                encoding_rs::UTF_8,
                "https://shop.example.cn/%E5%BA%97?kw=%E5%BA%97&n=1",
            ),
            (
                encoding_rs::GB18030,
                "https://shop.example.cn/%E5%BA%97?kw=%B5%EA&n=1",
            ),
        ] {
            let base = Base { url: &url, encoding };
            assert_eq!(link(base, "/店?kw=店&n=1").as_deref(), Some(expected));
            assert_eq!(part(base, "/店?kw=店&n=1"), expected);
            let already = "https://shop.example.cn/?kw=%B5%EA";
            assert_eq!(link(base, already).as_deref(), Some(already));
        }
    }

    #[test]
    fn refresh_addresses_are_found_in_every_spelling() {
        for (content, expected) in [
            ("0;url=/x", Some("/x")),
            ("3; URL = '/x'", Some("/x")),
            ("0, /x", Some("/x")),
            ("30", None),
            ("0;url=", None),
        ] {
            assert_eq!(refresh(content), expected, "{content}");
        }
    }
}
