//! Target: what a person typed, turned into an address that can be asked, or one clear line why not.
//!
//! Takes what people paste: bare names, addresses with paths, full-width letters and dots, Chinese names,
//! surrounding blanks and punctuation. It resolves no name and opens no connection; whether an address may be
//! *contacted* is decided again by `net::guard` after resolution.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Longest text that is accepted as a target, in characters.
pub const MAX_CHARS: usize = 2048;

/// The unit that is judged: a registrable domain as A-label, or `ip:port` for a literal address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Site(String);

impl Site {
    /// The site that an address belongs to.
    ///
    /// The registrable domain by the public suffix list, ICANN and private parts. A host that is itself a
    /// private suffix (`github.io`) is its own site; a bare ICANN suffix (`com.cn`) gives nothing.
    pub fn of(url: &Url) -> Option<Self> {
        match url.host()? {
            Host::Domain(name) => registrable(name.trim_end_matches('.')).map(Self),
            Host::Ipv4(ip) => Some(Self(format!("{ip}:{}", url.port_or_known_default()?))),
            Host::Ipv6(ip) => Some(Self(format!("[{ip}]:{}", url.port_or_known_default()?))),
        }
    }

    /// Whether an address belongs to this site.
    pub fn holds(&self, url: &Url) -> bool {
        Self::of(url).is_some_and(|site| site == *self)
    }

    /// The site as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A site from its stored text; not checked.
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The site as people read it: Chinese names in Chinese.
    pub fn shown(&self) -> String {
        if self.0.contains("xn--") {
            let (name, result) = idna::domain_to_unicode(&self.0);
            if result.is_ok() {
                return name;
            }
        }
        self.0.clone()
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn registrable(name: &str) -> Option<String> {
    if !name.contains('.') {
        // A bare local name is its own site; targets of that kind need `allow_private`.
        return (!name.is_empty()).then(|| name.to_owned());
    }
    if let Some(domain) = psl::domain_str(name) {
        return Some(domain.to_owned());
    }
    let suffix = psl::suffix(name.as_bytes())?;
    (suffix.typ() == Some(psl::Type::Private)).then(|| name.to_owned())
}

/// The registrable domain of a host name, A-label; nothing for bare suffixes and addresses.
pub fn registrable_domain(host: &str) -> Option<String> {
    if host.parse::<IpAddr>().is_ok() {
        return None;
    }
    registrable(host.trim_end_matches('.'))
}

/// Which scheme was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// `http://` was typed.
    Http,
    /// `https://` was typed.
    Https,
    /// None was typed: https is tried first, then http.
    Any,
}

/// An address that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What was typed, trimmed.
    pub typed: String,
    /// The first address to ask; `https` when no scheme was typed.
    pub url: Url,
    /// Which scheme was asked for.
    pub scheme: Scheme,
    /// The site it belongs to.
    pub site: Site,
}

/// Why a text is no target. Each reads after "could not vet …:".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was given.
    #[error("nothing was given; give a site name or address such as shop.example.com")]
    Empty,
    /// Too long.
    #[error("the text is {0} characters long; at most {MAX_CHARS} are taken")]
    Overlong(usize),
    /// A scheme that is not the web's.
    #[error("`{0}:` addresses cannot be vetted; only http and https can")]
    Scheme(String),
    /// User and password in the address.
    #[error("the address carries a user name or password; remove what stands before the @")]
    Credentials,
    /// Not an address at all.
    #[error("this is not a site name or address: {0}")]
    Unreadable(String),
    /// A name that only means something on a local network.
    #[error("`{0}` is a local name; only public sites are vetted (--allow-private opens this for tests)")]
    Local(String),
    /// An address that is not public.
    #[error(
        "{0} is not a public address; only public sites are vetted (--allow-private opens this for tests)"
    )]
    Private(IpAddr),
    /// A bare public suffix.
    #[error("`{0}` is a public suffix, not a site; give the shop's own name")]
    Suffix(String),
    /// A port other than 80 and 443.
    #[error("port {0} is not asked; only 80 and 443 are (--allow-private opens this for tests)")]
    Port(u16),
}

/// Names that never lead to a public site (RFC 6761, RFC 6762, RFC 8375, ICANN `.internal`, RFC 7686).
const LOCAL_SUFFIXES: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "test",
    "example",
    "invalid",
    "onion",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
];

/// What people paste around an address: quotes, brackets, commas, full stops of both scripts.
fn is_wrapping(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{00ad}'
                | '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '{' | '}' | ',' | ';' | '!' | '|' | '*'
                | '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』' | '《' | '》' | '〈' | '〉' | '【' | '】'
                | '（' | '）' | '，' | '；' | '！' | '、' | '…'
        )
}

impl Target {
    /// Reads what a person typed. `allow_private` admits local names, non-public addresses and any port.
    pub fn parse(typed: &str, allow_private: bool) -> Result<Self, TargetError> {
        let count = typed.chars().count();
        if count > MAX_CHARS {
            return Err(TargetError::Overlong(count));
        }
        let text = typed.trim_matches(is_wrapping);
        let text = text
            .trim_end_matches(['.', '。', '．', '?', '？'])
            .trim_matches(is_wrapping);
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        let plain = fold_width(text);
        let (scheme, rest) = split_scheme(&plain)?;
        let rest = rest.trim_start_matches('/');
        if rest.is_empty() {
            return Err(TargetError::Empty);
        }
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
        if authority.contains('@') {
            return Err(TargetError::Credentials);
        }
        let first = if scheme == Scheme::Http { "http" } else { "https" };
        let mut url = Url::parse(&format!("{first}://{rest}"))
            .map_err(|err| TargetError::Unreadable(err.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Credentials);
        }
        url.set_fragment(None);
        let site = check_host(&url, allow_private)?;
        Ok(Self {
            typed: text.to_owned(),
            url,
            scheme,
            site,
        })
    }

    /// The addresses to ask, in order: https before http when no scheme was typed.
    pub fn addresses(&self) -> Vec<Url> {
        let mut list = vec![self.url.clone()];
        if self.scheme == Scheme::Any {
            let mut plain = self.url.clone();
            if plain.set_scheme("http").is_ok() {
                list.push(plain);
            }
        }
        list
    }
}

/// Full-width letters, digits and signs to ASCII, ideographic full stops to dots.
fn fold_width(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{00ad}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '。' | '｡' => '.',
            '\u{3000}' => ' ',
            _ => c,
        })
        .collect::<String>()
        .trim()
        .to_owned()
}

fn split_scheme(text: &str) -> Result<(Scheme, &str), TargetError> {
    let Some((head, rest)) = text.split_once(':') else {
        return Ok((Scheme::Any, text));
    };
    let looks_like_scheme = head.starts_with(|c: char| c.is_ascii_alphabetic())
        && head
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !looks_like_scheme {
        return Ok((Scheme::Any, text));
    }
    match head.to_ascii_lowercase().as_str() {
        "http" => return Ok((Scheme::Http, rest)),
        "https" => return Ok((Scheme::Https, rest)),
        _ => {}
    }
    // `shop.example.com:8080/x` is a name and a port; `mailto:x` and `ftp://x` are other schemes.
    let port = rest.split(['/', '?', '#']).next().unwrap_or("");
    if !rest.starts_with("//") && !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()) {
        return Ok((Scheme::Any, text));
    }
    if rest.contains('@') && !head.eq_ignore_ascii_case("mailto") && !rest.starts_with("//") {
        return Err(TargetError::Credentials);
    }
    Err(TargetError::Scheme(head.to_ascii_lowercase()))
}

fn check_host(url: &Url, allow_private: bool) -> Result<Site, TargetError> {
    let unreadable = || TargetError::Unreadable("it has no host name".to_owned());
    let host = url.host().ok_or_else(unreadable)?;
    if !allow_private {
        if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
            return Err(TargetError::Port(port));
        }
        match &host {
            Host::Ipv4(ip) if !crate::address::is_public(IpAddr::V4(*ip)) => {
                return Err(TargetError::Private(IpAddr::V4(*ip)));
            }
            Host::Ipv6(ip) if !crate::address::is_public(IpAddr::V6(*ip)) => {
                return Err(TargetError::Private(IpAddr::V6(*ip)));
            }
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                let local = LOCAL_SUFFIXES.iter().any(|suffix| {
                    name == *suffix || name.strip_suffix(suffix).is_some_and(|head| head.ends_with('.'))
                });
                if local || !name.contains('.') {
                    return Err(TargetError::Local(name.to_owned()));
                }
            }
            _ => {}
        }
    }
    match &host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            if name.is_empty()
                || name.split('.').any(|label| label.is_empty() || label.len() > 63)
                || name.len() > 253
                || !name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            {
                return Err(TargetError::Unreadable(format!("`{name}` is no host name")));
            }
            Site::of(url).ok_or_else(|| TargetError::Suffix(name.to_owned()))
        }
        _ => Site::of(url).ok_or_else(unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(typed: &str) -> String {
        Target::parse(typed, false).map_or_else(|err| format!("! {err}"), |target| target.url.to_string())
    }

    #[test]
    fn takes_what_people_paste() {
        for (typed, expected) in [
            ("shop.example.cn", "https://shop.example.cn/"),
            (
                "  http://Shop.Example.CN/buy/1?x=2#top  ",
                "http://shop.example.cn/buy/1?x=2",
            ),
            ("ｗｗｗ．ｋａｍｅｎｇ．ｃｏｍ", "https://www.kameng.com/"),
            ("www。kameng。com", "https://www.kameng.com/"),
            ("《kameng.com》，", "https://kameng.com/"),
            ("“https://kameng.com/a”。", "https://kameng.com/a"),
            ("中文卡盟.com", "https://xn--fiqs0khusqlq.com/"),
            ("https:kameng.com", "https://kameng.com/"),
            ("http:\\\\kameng.com\\a", "http://kameng.com/a"),
            ("kameng.com:443/x", "https://kameng.com/x"),
            ("//kameng.com/x", "https://kameng.com/x"),
            ("8.8.8.8", "https://8.8.8.8/"),
            ("kameng.com\u{200b}", "https://kameng.com/"),
        ] {
            assert_eq!(url(typed), expected, "{typed}");
        }
    }

    #[test]
    fn refuses_with_one_line() {
        use TargetError as E;
        for (typed, expected) in [
            ("", E::Empty),
            (" 。，", E::Empty),
            ("https://", E::Empty),
            ("ftp://kameng.com/", E::Scheme("ftp".into())),
            ("javascript:alert(1)", E::Scheme("javascript".into())),
            ("mailto:a@b.com", E::Scheme("mailto".into())),
            ("https://user:pass@kameng.com", E::Credentials),
            ("user@kameng.com", E::Credentials),
            ("user:pass@kameng.com", E::Credentials),
            ("localhost", E::Local("localhost".into())),
            ("router.lan", E::Local("router.lan".into())),
            ("nas", E::Local("nas".into())),
            ("com.cn", E::Suffix("com.cn".into())),
            ("kameng.com:8080", E::Port(8080)),
        ] {
            assert_eq!(Target::parse(typed, false), Err(expected), "{typed}");
        }
        assert!(matches!(
            Target::parse(&"a".repeat(3000), false),
            Err(E::Overlong(3000))
        ));
        for typed in [
            "a b.com",
            "..",
            "[::1",
            "http://a..b.com",
            "http://$(id)`x`.com/",
            "a\"b.com",
            &format!("{}.com", "a".repeat(64)),
        ] {
            assert!(Target::parse(typed, false).is_err(), "{typed}");
        }
    }

    #[test]
    fn refuses_addresses_that_are_not_public_in_every_spelling() {
        for typed in [
            "127.0.0.1",
            "http://2130706433/",
            "0x7f.1",
            "0177.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "10.1.2.3",
            "[64:ff9b::7f00:1]",
            "169.254.169.254",
            "１２７.０.０.１",
            "http://①②⑦.⓪.⓪.①/",
            "0",
        ] {
            let refused = Target::parse(typed, false);
            assert!(
                matches!(refused, Err(TargetError::Private(_) | TargetError::Local(_))),
                "{typed}: {refused:?}"
            );
            assert!(Target::parse(typed, true).is_ok(), "{typed}");
        }
    }

    #[test]
    fn site_is_the_registrable_domain() {
        for (typed, expected) in [
            ("a.b.kameng.com.cn", "kameng.com.cn"),
            ("shop.github.io", "shop.github.io"),
            ("github.io", "github.io"),
            ("中文.公司.cn", "xn--fiq228c.xn--55qx5d.cn"),
            ("http://8.8.8.8/", "8.8.8.8:80"),
            ("https://[2400:cb00::1]/", "[2400:cb00::1]:443"),
            ("kameng.com.", "kameng.com"),
        ] {
            assert_eq!(
                Target::parse(typed, false).unwrap().site.as_str(),
                expected,
                "{typed}"
            );
        }
    }

    #[test]
    fn asks_https_first_when_no_scheme_was_typed() {
        let list = |typed: &str| -> Vec<String> {
            Target::parse(typed, true)
                .unwrap()
                .addresses()
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!(list("a.com/x"), ["https://a.com/x", "http://a.com/x"]);
        assert_eq!(list("http://a.com"), ["http://a.com/"]);
        assert_eq!(list("https://a.com"), ["https://a.com/"]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            drop(Target::parse(&text, true));
            drop(Target::parse(&text, false));
        }
    }
}
