//! Settings of the net, with the defaults that keep it polite and safe.
//!
//! Plain values, read by `bin/cardvet/config.rs`; nothing here reads files or the environment.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// How the net behaves. Durations are in seconds when written in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Name server to ask instead of the system's; the system's settings and hosts file are then not read.
    pub resolver: Option<SocketAddr>,
    /// Lets non-public addresses and any port through. For tests and the demo.
    pub allow_private: bool,
    /// Networks that may be contacted although they are not public, on any port.
    pub allow_networks: Vec<IpNet>,
    /// Further roots as PEM text. Pages verified by them alone are marked `extra_root`.
    pub extra_roots_pem: Option<String>,
    /// Where a site's owner can read who asks, part of the User-Agent.
    pub contact: String,
    /// Requests per second to one host, evenly spaced.
    pub host_rate: f64,
    /// Requests per second to one address, evenly spaced.
    pub address_rate: f64,
    /// Requests per second over all, evenly spaced.
    pub overall_rate: f64,
    /// Longest a name may take to resolve.
    #[serde(with = "seconds")]
    pub dns_timeout: Duration,
    /// Longest a connection may take, TLS included.
    #[serde(with = "seconds")]
    pub connect_timeout: Duration,
    /// Longest one request may take, from connecting to the last byte.
    #[serde(with = "seconds")]
    pub request_timeout: Duration,
    /// Wait before the one retry, where the server names no time.
    #[serde(with = "seconds")]
    pub backoff: Duration,
    /// Longest `Retry-After` that is waited for.
    #[serde(with = "seconds")]
    pub retry_after_cap: Duration,
    /// Longest crawl-delay that is kept; a longer one counts as this.
    #[serde(with = "seconds")]
    pub crawl_delay_cap: Duration,
    /// Longest body that is kept, in bytes, after decompression.
    pub body_cap: usize,
    /// Most of a robots.txt that is read, in bytes.
    pub robots_cap: usize,
    /// Most headers an answer may have.
    pub header_count_cap: usize,
    /// Most bytes the headers of an answer may have together.
    pub header_bytes_cap: usize,
    /// Most bytes that are kept of one header's value.
    pub header_value_cap: usize,
    /// Most redirects that are followed.
    pub redirect_cap: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            resolver: None,
            allow_private: false,
            allow_networks: Vec::new(),
            extra_roots_pem: None,
            contact: "https://github.com/cardvet/cardvet".to_owned(),
            host_rate: 2.0,
            address_rate: 4.0,
            overall_rate: 50.0,
            dns_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(15),
            backoff: Duration::from_secs(1),
            retry_after_cap: Duration::from_secs(10),
            crawl_delay_cap: Duration::from_secs(10),
            body_cap: 2 << 20,
            robots_cap: 500 << 10,
            header_count_cap: 100,
            header_bytes_cap: 64 << 10,
            header_value_cap: 2 << 10,
            redirect_cap: 5,
        }
    }
}

/// Durations as seconds, whole or with a fraction.
mod seconds {
    use std::time::Duration;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(from)?;
        // A day is more than any of them can sensibly be, and keeps later sums from overflowing.
        if !(0.0..=86_400.0).contains(&seconds) {
            return Err(D::Error::custom(format!(
                "{seconds} is not a number of seconds from 0 to 86400"
            )));
        }
        Ok(Duration::from_secs_f64(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_written_and_keeps_the_rest() {
        let read: Settings =
            toml::from_str("host_rate = 1.5\nconnect_timeout = 2.5\nresolver = '127.0.0.1:53'").unwrap();
        let expected = Settings {
            host_rate: 1.5,
            connect_timeout: Duration::from_millis(2500),
            resolver: Some("127.0.0.1:53".parse().unwrap()),
            ..Settings::default()
        };
        assert_eq!(read, expected);
        let back: Settings = toml::from_str(&toml::to_string(&expected).unwrap()).unwrap();
        assert_eq!(back, expected);
    }

    #[test]
    fn refuses_unknown_keys_and_impossible_times() {
        for text in [
            "hostrate = 1.0",
            "connect_timeout = -1.0",
            "connect_timeout = nan",
            "connect_timeout = 1e300",
        ] {
            assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
        }
    }
}
