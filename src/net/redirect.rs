//! Redirects: where an answer points, and whether that can be followed. Pure.
//!
//! It opens nothing and does not count hops; `visit` follows, and `guard` checks each address again.

use std::collections::BTreeSet;

use url::{ParseError, Url};

use crate::evidence::GapReason;

/// Whether a status sends on to its `Location`.
pub(super) fn redirects(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// `Location` as text: UTF-8 as it is, other bytes as `%XX` (old shops send GBK paths raw).
pub(super) fn location_text(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => percent_encoding::percent_encode(raw, percent_encoding::CONTROLS).to_string(),
    }
}

/// The address a `Location` means, without its fragment.
pub(super) fn resolve(base: &Url, location: &str) -> Result<Url, ParseError> {
    let mut url = base.join(location)?;
    url.set_fragment(None);
    Ok(url)
}

/// The way that was gone so far, to see loops and to count hops.
#[derive(Debug)]
pub(super) struct Way {
    been: BTreeSet<Url>,
    left: usize,
}

impl Way {
    /// A way that starts at an address and may have so many hops.
    pub(super) fn from(start: &Url, hops: usize) -> Self {
        Self {
            been: BTreeSet::from([start.clone()]),
            left: hops,
        }
    }

    /// Takes one hop, or says why not.
    pub(super) fn take(&mut self, to: &Url) -> Result<(), (GapReason, String)> {
        if !self.been.insert(to.clone()) {
            return Err((GapReason::RedirectLoop, "redirects in a circle".to_owned()));
        }
        let Some(left) = self.left.checked_sub(1) else {
            return Err((GapReason::TooManyRedirects, "too many redirects".to_owned()));
        };
        self.left = left;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_as_browsers_do() {
        let base = Url::parse("https://shop.test/a/b?x=1").unwrap();
        for (location, expected) in [
            (&b"/c#top"[..], Some("https://shop.test/c")),
            (b"c", Some("https://shop.test/a/c")),
            (b"?y", Some("https://shop.test/a/b?y")),
            (b"//other.test", Some("https://other.test/")),
            (b"http://2130706433/", Some("http://127.0.0.1/")),
            (b"http://[::ffff:7f00:1]/", Some("http://[::ffff:7f00:1]/")),
            (b"HTTP:\\\\0x7f.1\\x", Some("http://127.0.0.1/x")),
            (b"weixin://x", Some("weixin://x")),
            (b"/\xd6\xd0", Some("https://shop.test/%D6%D0")),
            ("/中".as_bytes(), Some("https://shop.test/%E4%B8%AD")),
            (b"http://[", None),
            (b"https://", None),
        ] {
            let url = resolve(&base, &location_text(location)).ok();
            assert_eq!(url.as_ref().map(Url::as_str), expected, "{location:?}");
        }
    }

    #[test]
    fn sees_circles_and_counts_hops() {
        let url = |path: &str| Url::parse("http://a.test/").unwrap().join(path).unwrap();
        let mut way = Way::from(&url("/"), 2);
        assert_eq!(way.take(&url("/1")), Ok(()));
        assert_eq!(way.take(&url("/")).unwrap_err().0, GapReason::RedirectLoop);
        assert_eq!(way.take(&url("/2")), Ok(()));
        assert_eq!(way.take(&url("/3")).unwrap_err().0, GapReason::TooManyRedirects);
    }
}
