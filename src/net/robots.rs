//! robots.txt by RFC 9309: bytes → rules, and whether an address may be asked for. Pure; fetching is `manners`'s.
//!
//! Our own matcher, because the library at hand (`texting_robots` 0.2) fails cases of Google's public suite: it
//! compares the whole `User-agent` value where only the product token counts (`cardvet/2.0` is us), applies rules
//! of a file without any `User-agent` line, does not bring `%e4` and `%E4` to one form, does not cut overlong lines,
//! does not know that `index.html` stands for its folder, and drops rules that are not UTF-8.
//!
//! It reads the lines `User-agent`, `Allow`, `Disallow` and `Crawl-delay`; everything else is skipped without ending
//! a group (a `Crawl-delay` ends the list of agents it stands under, since we keep it as a rule). The longest matching rule decides, `Allow` wins a tie. Matching is linear in rule and address.
//! Lenient as Google is: `useragent`, `user agent`, common misspellings of `disallow`, a missing colon.

use std::time::Duration;

use url::{Position, Url};

/// Our product token, the name robots.txt files may address us by.
pub const PRODUCT: &str = "cardvet";

/// How much of a line or an address takes part, in bytes; Google cuts lines at about the same length.
const LINE_BYTES: usize = 2083 * 8;

/// The rules of one robots.txt that are meant for us.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// Longest pattern first, `Allow` before `Disallow`: the first that matches decides.
    rules: Vec<Rule>,
    /// Least time between two requests, as written.
    pub crawl_delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    pattern: String,
    allow: bool,
}

/// What a group is addressed to, as far as it concerns us.
#[derive(Debug, Default)]
struct Collected {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    addressed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Key {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Other,
}

impl Rules {
    /// Reads a robots.txt for the product token given (letters, `-` and `_`; case does not matter).
    pub fn parse(text: &[u8], product: &str) -> Self {
        let mut ours = Collected::default();
        let mut everyone = Collected::default();
        let (mut for_us, mut for_all, mut in_rules) = (false, false, false);
        for line in lines(text) {
            let Some((key, value)) = key_and_value(line) else {
                continue;
            };
            match key {
                Key::UserAgent => {
                    if in_rules {
                        (for_us, for_all, in_rules) = (false, false, false);
                    }
                    let everyone_named = names_everyone(value);
                    for_all |= everyone_named;
                    for_us |= !everyone_named && token(value).eq_ignore_ascii_case(product.as_bytes());
                    ours.addressed |= for_us;
                }
                Key::Other => {}
                Key::Allow | Key::Disallow | Key::CrawlDelay => {
                    in_rules = true;
                    for (wanted, group) in [(for_us, &mut ours), (for_all, &mut everyone)] {
                        if wanted {
                            group.take(key, value);
                        }
                    }
                }
            }
        }
        if ours.addressed {
            ours.into_rules()
        } else {
            everyone.into_rules()
        }
    }

    /// Whether an address may be asked for. `/robots.txt` itself always may.
    pub fn allows(&self, url: &Url) -> bool {
        self.allows_path(&url[Position::BeforePath..Position::AfterQuery])
    }

    /// The same for a path with its query.
    pub fn allows_path(&self, path: &str) -> bool {
        let bytes = path.as_bytes();
        let mut path = normal(bytes.get(..LINE_BYTES).unwrap_or(bytes));
        if !path.starts_with('/') {
            path.insert(0, '/');
        }
        if path == "/robots.txt" {
            return true;
        }
        self.rules
            .iter()
            .find(|rule| matches(&rule.pattern, &path))
            .is_none_or(|rule| rule.allow)
    }

    /// How many rules concern us.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether nothing concerns us.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl Collected {
    fn take(&mut self, key: Key, value: &[u8]) {
        match key {
            // An empty rule is no rule: `Disallow:` keeps nobody out.
            Key::Allow | Key::Disallow if !value.is_empty() => {
                let allow = key == Key::Allow;
                let pattern = normal(value);
                // Google's shorthand: `Allow: /x/index.html` also means `/x/` itself.
                if let Some(folder) = pattern
                    .strip_suffix("index.html")
                    .or(pattern.strip_suffix("index.htm"))
                    && allow
                    && folder.ends_with('/')
                {
                    self.rules.push(Rule {
                        pattern: format!("{folder}$"),
                        allow,
                    });
                }
                self.rules.push(Rule { pattern, allow });
            }
            Key::CrawlDelay if self.crawl_delay.is_none() => self.crawl_delay = delay(value),
            _ => {}
        }
    }

    fn into_rules(self) -> Rules {
        let mut rules = self.rules;
        rules.sort_by(|a, b| {
            b.pattern
                .len()
                .cmp(&a.pattern.len())
                .then_with(|| b.allow.cmp(&a.allow))
        });
        rules.dedup();
        Rules {
            rules,
            crawl_delay: self.crawl_delay,
        }
    }
}

/// Lines ended by CR, LF or both, without a byte order mark or the beginning of one.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut text = text;
    for mark in [0xef, 0xbb, 0xbf] {
        match text.split_first() {
            Some((first, rest)) if *first == mark => text = rest,
            _ => break,
        }
    }
    text.split(|byte| matches!(byte, b'\r' | b'\n'))
        .map(|line| line.get(..LINE_BYTES).unwrap_or(line))
}

fn key_and_value(line: &[u8]) -> Option<(Key, &[u8])> {
    let line = line
        .split(|byte| *byte == b'#')
        .next()
        .unwrap_or(line)
        .trim_ascii();
    let colon = line.iter().position(|byte| *byte == b':');
    // `Disallow /path`: a blank stands for the colon when exactly two words are there.
    let cut = colon.or_else(|| {
        let blank = line.iter().position(u8::is_ascii_whitespace)?;
        let value = line.get(blank..)?.trim_ascii();
        (!value.is_empty() && !value.iter().any(u8::is_ascii_whitespace)).then_some(blank)
    })?;
    let key = line.get(..cut)?.trim_ascii();
    let value = line.get(cut + 1..)?.trim_ascii();
    Some((key_of(&key.to_ascii_lowercase()), value))
}

fn key_of(lower: &[u8]) -> Key {
    match lower {
        b"user-agent" | b"useragent" | b"user agent" => Key::UserAgent,
        b"allow" => Key::Allow,
        b"disallow" | b"dissallow" | b"dissalow" | b"disalow" | b"diasllow" | b"disallaw" => Key::Disallow,
        b"crawl-delay" | b"crawldelay" | b"crawl delay" => Key::CrawlDelay,
        _ => Key::Other,
    }
}

/// `*`, or `*` and then a blank and whatever.
fn names_everyone(value: &[u8]) -> bool {
    value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace)
}

/// The product token at the start of a `User-agent` value: letters, `-` and `_`.
fn token(value: &[u8]) -> &[u8] {
    let end = value
        .iter()
        .position(|byte| !(byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_')));
    end.and_then(|end| value.get(..end)).unwrap_or(value)
}

/// Seconds, whole or with a fraction; anything else says nothing. An hour at most: the caller caps it anyway.
fn delay(value: &[u8]) -> Option<Duration> {
    let seconds: f64 = std::str::from_utf8(value)
        .ok()?
        .split_ascii_whitespace()
        .next()?
        .parse()
        .ok()?;
    (seconds.is_finite() && seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(3600.0)))
}

/// One form for rule and address: bytes outside ASCII and blanks as `%XX`, hex digits in capitals, and what is
/// written as `%XX` without need (letters, digits, `-._~`) as itself.
fn normal(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            rest = after;
            let decoded = u8::try_from(high * 16 + low).unwrap_or(b'%');
            if decoded.is_ascii_alphanumeric() || matches!(decoded, b'-' | b'.' | b'_' | b'~') {
                out.push(char::from(decoded));
            } else {
                push_escaped(&mut out, decoded);
            }
        } else if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            push_escaped(&mut out, byte);
        }
    }
    out
}

fn push_escaped(out: &mut String, byte: u8) {
    out.push('%');
    for nibble in [byte >> 4, byte & 15] {
        out.push(
            char::from_digit(u32::from(nibble), 16)
                .unwrap_or('0')
                .to_ascii_uppercase(),
        );
    }
}

/// Whether a pattern (`*` any run, `$` at the end the end) matches the start of a path.
///
/// Leftmost placing of each piece between stars is enough for a pattern without alternatives, and each piece is
/// searched once, so the work is linear.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, anchored) = pattern
        .strip_suffix('$')
        .map_or((pattern, false), |head| (head, true));
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = path.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return !anchored || rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if anchored && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_by_prefix_star_and_end() {
        for (pattern, path, expected) in [
            ("/", "/x", true),
            ("/fish", "/fish/salmon", true),
            ("/fish", "/Fish", false),
            ("/fish*", "/fishheads", true),
            ("/fish/", "/fish", false),
            ("/*.php", "/folder/any.php.file.html", true),
            ("/*.php", "/windows.PHP", false),
            ("/*.php$", "/filename.php", true),
            ("/*.php$", "/filename.php?x", false),
            ("/*.php$", "/a.php/b.php", true),
            ("/fish*.php", "/fishheads/catfish.php?id=1", true),
            ("/a$", "/a", true),
            ("/a$", "/ab", false),
            ("*/x*y$", "/q/x/y/y", true),
            ("*/x*y$", "/q/x", false),
            ("/a*a$", "/a", false),
            ("**a**", "/bab", true),
            ("$", "/", false),
            ("*$", "/", true),
            ("/a$b", "/a$b/c", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} on {path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_a_pattern_written_as_a_regular_expression(pattern in "/?[ab*]{0,6}\\$?", path in "/[ab/]{0,8}") {
            let (head, end) = pattern.strip_suffix('$').map_or((pattern.as_str(), ""), |head| (head, "$"));
            let written = format!("^{}{end}", head.split('*').map(regex::escape).collect::<Vec<_>>().join(".*"));
            let reference = regex::Regex::new(&written).unwrap();
            proptest::prop_assert_eq!(matches(&pattern, &path), reference.is_match(&path));
        }

        #[test]
        fn takes_any_bytes(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let rules = Rules::parse(&text, PRODUCT);
            rules.allows_path("/x?y");
        }
    }
}
