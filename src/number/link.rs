//! Links to registers: whose host it is, and which number the address itself names.
//!
//! Hosts are compared on label boundaries, never by what they contain: `beian.miit.gov.cn.example.com` belongs to
//! example.com. Nothing is opened.

use std::sync::OnceLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use url::Url;

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// To the register.
    Official,
    /// To where the register was before.
    Dated,
    /// To a local registry's mark of before there was one register.
    Local,
    /// To a host that imitates the register's.
    Lookalike,
    /// Elsewhere.
    Other,
}

impl LinkKind {
    /// The code used in facts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Dated => "dated",
            Self::Local => "local",
            Self::Lookalike => "lookalike",
            Self::Other => "other",
        }
    }
}

/// The hosts of one register.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkHosts {
    /// Hosts of the register; their sub-labels count too.
    pub official: Vec<String>,
    /// Hosts it had before.
    pub dated: Vec<String>,
    /// Hosts of local registries that gave such links before.
    #[serde(default)]
    pub local: Vec<String>,
    /// What a look-alike holds or imitates.
    pub tokens: Vec<String>,
    /// Third parties that are none.
    pub tolerated: Vec<String>,
    /// The tokens as the eye takes them in.
    #[serde(skip)]
    token_shapes: OnceLock<Vec<String>>,
}

impl LinkHosts {
    /// Where an address leads.
    pub fn kind(&self, url: &Url) -> LinkKind {
        let Some(host) = url.domain() else {
            return LinkKind::Other;
        };
        let host = host.trim_end_matches('.');
        let among = |list: &[String]| list.iter().any(|known| is_under(host, known));
        if among(&self.official) {
            return LinkKind::Official;
        }
        if among(&self.dated) {
            return LinkKind::Dated;
        }
        if among(&self.local) {
            return LinkKind::Local;
        }
        if among(&self.tolerated) {
            return LinkKind::Other;
        }
        let shape = skeleton(&idna::domain_to_unicode(host).0);
        let tokens = self
            .token_shapes
            .get_or_init(|| self.tokens.iter().map(|token| skeleton(token)).collect());
        if tokens.iter().any(|token| shape.contains(token.as_str())) {
            LinkKind::Lookalike
        } else {
            LinkKind::Other
        }
    }
}

fn is_under(host: &str, known: &str) -> bool {
    host.strip_suffix(known)
        .is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

/// A host as the eye takes it in: letters that look alike become one.
fn skeleton(host: &str) -> String {
    let letters: String = host
        .to_lowercase()
        .nfkd()
        .filter(|c| c.is_ascii() || c.is_alphabetic())
        .map(seen_as)
        .collect();
    letters.replace("rn", "m").replace("vv", "w")
}

fn seen_as(c: char) -> char {
    match c {
        '1' | 'l' | '|' | 'і' | 'ι' | 'ı' | 'ӏ' | 'ⅼ' => 'i',
        '0' | 'о' | 'ο' => 'o',
        'а' | 'α' => 'a',
        'е' | 'ε' => 'e',
        'м' => 'm',
        'т' | 'τ' => 't',
        'ь' | 'в' => 'b',
        'п' => 'n',
        'ѕ' | '5' => 's',
        'ɡ' | '9' => 'g',
        '2' => 'z',
        other => other,
    }
}

/// The police number that a link to the police register names (`recordcode=` or `code=`, in query or fragment).
pub fn police_code(url: &Url) -> Option<String> {
    let of = |query: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| matches!(name.to_ascii_lowercase().as_str(), "recordcode" | "code"))
            .map(|(_, value)| value.trim().to_owned())
    };
    let fragment = url
        .fragment()
        .and_then(|fragment| fragment.split_once('?'))
        .map(|(_, query)| query);
    let code = url.query().and_then(of).or_else(|| fragment.and_then(of))?;
    (matches!(code.len(), 12..=14) && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

/// What the `serial` of an electronic licence link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceSerial {
    /// The credit code at its head.
    pub head: String,
    /// The credit code in its middle.
    pub middle: String,
    /// When the link was made, milliseconds since 1970.
    pub made_ms: i64,
}

const SERIAL_MARK: &str = "-SAIC_SHOW_100000";

/// Reads the `serial` of a licence link, new form: `<code>-SAIC_SHOW_100000<code><13 digits>`. The form of 2019
/// names no credit code and gives nothing.
pub fn licence_serial(url: &Url) -> Option<LicenceSerial> {
    let serial = url
        .query_pairs()
        .find(|(name, _)| name == "serial")?
        .1
        .into_owned();
    let (head, rest) = serial.split_once(SERIAL_MARK)?;
    let cut = rest.len().checked_sub(13)?;
    let (middle, time) = (rest.get(..cut)?, rest.get(cut..)?);
    if head.len() != 18 || middle.len() != 18 || !time.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(LicenceSerial {
        head: head.to_owned(),
        middle: middle.to_owned(),
        made_ms: time.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;

    #[test]
    fn hosts_are_compared_on_label_boundaries() {
        use LinkKind as K;
        let hosts = tables().registries;
        for (url, kind) in [
            ("https://beian.miit.gov.cn/", K::Official),
            ("https://www.beian.miit.gov.cn/#/Integrated/index", K::Official),
            ("https://miit.gov.cn./", K::Official),
            ("http://www.miibeian.gov.cn/", K::Dated),
            ("http://www.miitbeian.gov.cn", K::Dated),
            ("https://beian.miit.cn.com/", K::Lookalike),
            ("https://beian.miit.gov.cn.example.com/", K::Lookalike),
            ("https://beian-miit.example/", K::Lookalike),
            ("https://xmiit.gov.cn.cc/", K::Lookalike),
            ("https://beian.mlit-gov.cn/", K::Lookalike),
            ("https://be1an.example/", K::Lookalike),
            ("https://bеian.example/", K::Lookalike),
            ("https://beián.example/", K::Lookalike),
            ("https://beian.aliyun.com/", K::Other),
            ("http://www.beian.gov.cn/", K::Other),
            ("https://icp.gov.moe/", K::Other),
            ("https://shop.example.com/", K::Other),
            ("https://user@beian.miit.gov.cn:443/", K::Official),
            ("https://beian.miit.gov.cn@example.com/", K::Other),
            ("http://127.0.0.1/miit", K::Other),
            ("mailto:beian@miit.gov.cn", K::Other),
        ] {
            assert_eq!(hosts.icp_links.kind(&Url::parse(url).unwrap()), kind, "{url}");
        }
        for (url, kind) in [
            (
                "http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=11000002000001",
                K::Official,
            ),
            (
                "https://beian.mps.gov.cn/#/query/webSearch?code=11000002000001",
                K::Official,
            ),
            ("https://beian.mps.gov.cc/", K::Lookalike),
            ("https://beian.miit.gov.cn/", K::Other),
        ] {
            assert_eq!(hosts.police_links.kind(&Url::parse(url).unwrap()), kind, "{url}");
        }
        for (url, kind) in [
            ("https://zzlz.gsxt.gov.cn/businessCheck/verifKey.do", K::Official),
            (
                "https://zzlz.gsxt.gov.cn.cc/businessCheck/verifKey.do",
                K::Lookalike,
            ),
            ("https://zz1z.example/", K::Lookalike),
            ("https://szcert.ebs.org.cn/1234", K::Local),
            ("http://www.hd315.gov.cn/beian/view.asp?bianhao=1", K::Local),
            ("http://wljg.xjaic.gov.cn/", K::Local),
            ("http://wljg.xjaic.gov.cn.example/", K::Other),
            ("https://zzlz.gsxt.gov.cn.example.net/", K::Lookalike),
            ("https://gsxt.gov.cn/", K::Other),
        ] {
            assert_eq!(hosts.licence_links.kind(&Url::parse(url).unwrap()), kind, "{url}");
        }
    }

    #[test]
    fn police_links_name_their_number() {
        for (url, code) in [
            (
                "http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=11000002000001",
                Some("11000002000001"),
            ),
            (
                "https://beian.mps.gov.cn/#/query/webSearch?code=33010602009975",
                Some("33010602009975"),
            ),
            ("https://beian.mps.gov.cn/#/query/webSearch", None),
            ("http://www.beian.gov.cn/?recordcode=京公网安备", None),
            ("http://www.beian.gov.cn/", None),
        ] {
            assert_eq!(police_code(&Url::parse(url).unwrap()).as_deref(), code, "{url}");
        }
    }

    #[test]
    fn licence_links_name_a_code_twice() {
        let read = |serial: &str| {
            licence_serial(
                &Url::parse(&format!(
                    "https://zzlz.gsxt.gov.cn/businessCheck/verifKey.do?showType=p&serial={serial}&signData=x"
                ))
                .unwrap(),
            )
        };
        let serial = read("91330106673959654P-SAIC_SHOW_10000091330106673959654P1710919400712").unwrap();
        assert_eq!(
            (serial.head.as_str(), serial.middle.as_str(), serial.made_ms),
            ("91330106673959654P", "91330106673959654P", 1_710_919_400_712)
        );
        for serial in [
            "11000020190617181155000003571695-SAIC_SHOW_10002020190618113213545",
            "",
            "京-SAIC_SHOW_100000京",
            "91330106673959654P-SAIC_SHOW_100000171",
        ] {
            assert_eq!(read(serial), None, "{serial}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(tail in "\\PC{0,40}") {
            if let Ok(url) = Url::parse(&format!("https://zzlz.gsxt.gov.cn/?serial={tail}")) {
                proptest::prop_assert!(licence_serial(&url).is_none_or(|serial| serial.head.len() == 18));
                proptest::prop_assert!(police_code(&url).is_none());
            }
        }
    }
}
