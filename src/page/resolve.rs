//! Addresses as they stand in a page → addresses that can be asked.
//!
//! Pure text work on the page's base; it decides nothing about which address may be fetched. Letters in a query are written
//! in the page's encoding, as browsers do (URL standard, "query state"): a GBK shop knows no other spelling of its words.

use std::borrow::Cow;

use encoding_rs::Encoding;
use url::{Position, Url};

/// Longest address that is taken, in bytes; servers refuse longer ones.
pub(super) const MAX_ADDRESS: usize = 2048;

/// A page's base, ready to resolve many addresses.
#[derive(Debug)]
pub(super) struct Base {
    url: Url,
    /// The page's encoding.
    encoding: &'static Encoding,
    /// Scheme and host, and the same with the path up to its last slash.
    origin: String,
    folder: String,
}

impl Base {
    pub(super) fn new(url: Url, encoding: &'static Encoding) -> Self {
        let origin = url[..Position::BeforePath].to_owned();
        let folder = url.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        Self {
            folder: format!("{origin}{folder}/"),
            origin,
            url,
            // No browser writes UTF-16 into addresses.
            encoding: encoding.output_encoding(),
        }
    }

    fn join(&self, address: &str) -> Option<String> {
        if self.url.scheme().starts_with("http") && is_plain(address) {
            let start = if address.starts_with('/') {
                &self.origin
            } else {
                &self.folder
            };
            return Some([start, address].concat());
        }
        let encode: &dyn Fn(&str) -> Cow<'_, [u8]> = &|text| self.encoding.encode(text).0;
        Url::options()
            .base_url(Some(&self.url))
            .encoding_override((self.encoding != encoding_rs::UTF_8).then_some(encode))
            .parse(address)
            .ok()
            .map(String::from)
    }

    /// Where a link leads; nothing for `#…`, `javascript:`, `data:`, the empty and the unreadable.
    pub(super) fn link(&self, href: &str) -> Option<String> {
        if href.is_empty() || href.starts_with('#') || href.len() > MAX_ADDRESS {
            return None;
        }
        let dead = ["javascript:", "data:", "vbscript:"];
        self.join(href)
            .filter(|url| !dead.iter().any(|scheme| url.starts_with(scheme)))
    }

    /// Where a picture, script, frame or form points: resolved, or as written; `data:` addresses cut to their type.
    pub(super) fn part(&self, address: &str) -> String {
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
        self.join(address).unwrap_or_else(|| address.to_owned())
    }
}

/// Whether resolving an address is no more than putting it behind the base: a path of plain letters without dots that
/// step up, and a query of plain letters. Anything else is for the `url` crate; a test holds the two to each other.
fn is_plain(address: &str) -> bool {
    let (path, query) = match address.split_once('?') {
        Some((path, query)) => (path, query),
        None => (address, ""),
    };
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'.');
    let in_query = |byte: u8| in_path(byte) || matches!(byte, b'=' | b'&' | b'%' | b'?' | b'+' | b',' | b':');
    let steps = path.starts_with("//") || path.starts_with('.') || path.contains("/.");
    !path.is_empty() && !steps && path.bytes().all(in_path) && query.bytes().all(in_query)
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
        let base = Base::new(
            Url::parse("https://shop.example.cn/a/b?x=1").unwrap(),
            encoding_rs::UTF_8,
        );
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
            assert_eq!(base.link(href).as_deref(), expected, "{href}");
        }
        assert_eq!(base.part("data:image/png;base64,AAAA"), "data:image/png");
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
            let base = Base::new(url.clone(), encoding);
            assert_eq!(base.link("/店?kw=店&n=1").as_deref(), Some(expected));
            assert_eq!(base.part("/店?kw=店&n=1"), expected);
            let already = "https://shop.example.cn/?kw=%B5%EA";
            assert_eq!(base.link(already).as_deref(), Some(already));
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

    proptest::proptest! {
        #[test]
        fn the_short_way_leads_where_the_long_one_does(
            base in "https?://[a-z]{1,6}\\.cn(:8080)?/([a-z]{0,3}/){0,2}[a-z.]{0,3}(\\?x=[a-z/?]{0,3})?",
            address in "[/.]{0,2}[a-z0-9_./%-]{0,8}(\\?[a-z0-9=&%?:.,+/]{0,6})?",
        ) {
            let url = Url::parse(&base).unwrap();
            let long = url.join(&address).ok().map(String::from);
            let base = Base::new(url, encoding_rs::UTF_8);
            proptest::prop_assert_eq!(base.join(&address), long);
        }
    }
}
