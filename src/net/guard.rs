//! Guard: which addresses and ports may be contacted at all.
//!
//! Asked before each request for what the URL says (scheme, credentials, port, literal address), and after each
//! name resolution for every address that came back. It resolves nothing itself, and it does not care what a name
//! looks like: only addresses count.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::address::reserved_for;

/// Ports of the web.
const PORTS: [u16; 2] = [80, 443];

/// What may be contacted.
#[derive(Debug, Clone, Default)]
pub(super) struct Guard {
    /// Everything may be.
    pub(super) open: bool,
    /// Networks that may be although they are not public, on any port.
    pub(super) allow: Vec<IpNet>,
}

/// What a URL leads to, once it was let through.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    /// A name to resolve, or the literal address.
    pub(super) host: Result<IpAddr, String>,
    /// The port, the scheme's own when none was written.
    pub(super) port: u16,
}

impl Guard {
    /// Lets a URL through, or says in a few words why not. Names still have to be resolved and checked.
    pub(super) fn url(&self, url: &Url) -> Result<Way, String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("scheme {}", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("credentials in the address".to_owned());
        }
        let port = url.port_or_known_default().ok_or("no port")?;
        let host = match url.host().ok_or("no host")? {
            Host::Domain(name) => Err(name.trim_end_matches('.').to_owned()),
            Host::Ipv4(ip) => Ok(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Ok(IpAddr::V6(ip)),
        };
        match &host {
            Ok(ip) => self.address(*ip, port)?,
            Err(name) if name.is_empty() => return Err("no host".to_owned()),
            // No need to resolve what cannot be let through anyway.
            Err(_) if self.allow.is_empty() => self.port(port)?,
            Err(_) => {}
        }
        Ok(Way { host, port })
    }

    /// Lets an address through, or names it.
    pub(super) fn address(&self, ip: IpAddr, port: u16) -> Result<(), String> {
        let plain = ip.to_canonical();
        if self.open || self.allow.iter().any(|net| net.contains(&plain)) {
            return Ok(());
        }
        if let Some(purpose) = reserved_for(ip) {
            return Err(format!("{ip} ({purpose})"));
        }
        self.port(port)
    }

    fn port(&self, port: u16) -> Result<(), String> {
        if self.open || PORTS.contains(&port) {
            Ok(())
        } else {
            Err(format!("port {port}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(guard: &Guard, text: &str) -> Option<String> {
        guard.url(&Url::parse(text).unwrap()).err()
    }

    #[test]
    fn refuses_by_scheme_credentials_port_and_address_in_every_spelling() {
        let shut = Guard::default();
        for (text, expected) in [
            ("http://shop.test/", None),
            ("https://shop.test:443/", None),
            ("http://shop.test:443/", None),
            ("https://8.8.8.8/", None),
            ("http://shop.test:8080/", Some("port 8080")),
            ("http://8.8.8.8:22/", Some("port 22")),
            ("ftp://shop.test/", Some("scheme ftp")),
            ("weixin://dl/", Some("scheme weixin")),
            ("http://u:p@shop.test/", Some("credentials in the address")),
            ("http://u@shop.test/", Some("credentials in the address")),
            ("http://127.0.0.1/", Some("127.0.0.1 (loopback)")),
            ("http://2130706433/", Some("127.0.0.1 (loopback)")),
            ("http://0x7f000001/", Some("127.0.0.1 (loopback)")),
            ("http://0177.0.0.1/", Some("127.0.0.1 (loopback)")),
            ("http://127.1/", Some("127.0.0.1 (loopback)")),
            ("http://0/", Some("0.0.0.0 (this network)")),
            ("http://①②⑦.0.0.1/", Some("127.0.0.1 (loopback)")),
            ("http://%31%32%37.0.0.1/", Some("127.0.0.1 (loopback)")),
            ("http://127.0.0.1./", Some("127.0.0.1 (loopback)")),
            ("http://[::1]/", Some("::1 (loopback)")),
            ("http://[::ffff:127.0.0.1]/", Some("::ffff:127.0.0.1 (loopback)")),
            (
                "http://[::ffff:a9fe:a9fe]/",
                Some("::ffff:169.254.169.254 (link-local)"),
            ),
            ("http://[64:ff9b::7f00:1]/", Some("64:ff9b::7f00:1 (loopback)")),
            ("http://[2002:7f00:1::]/", Some("2002:7f00:1:: (6to4)")),
            (
                "http://169.254.169.254/latest/",
                Some("169.254.169.254 (link-local)"),
            ),
        ] {
            assert_eq!(refused(&shut, text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn opens_for_all_or_for_some_networks() {
        let open = Guard {
            open: true,
            ..Guard::default()
        };
        assert_eq!(refused(&open, "http://127.0.0.1:8080/"), None);
        assert_eq!(refused(&open, "ftp://127.0.0.1/").as_deref(), Some("scheme ftp"));
        let some = Guard {
            allow: vec!["127.0.0.2/32".parse().unwrap()],
            ..Guard::default()
        };
        assert_eq!(refused(&some, "http://127.0.0.2:8080/"), None);
        assert_eq!(refused(&some, "http://[::ffff:127.0.0.2]:8080/"), None);
        assert_eq!(
            refused(&some, "http://127.0.0.1:8080/").as_deref(),
            Some("127.0.0.1 (loopback)")
        );
        assert_eq!(
            some.address("8.8.8.8".parse().unwrap(), 8080).unwrap_err(),
            "port 8080"
        );
    }
}
