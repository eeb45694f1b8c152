//! DNS: names to addresses, by hickory.
//!
//! Asks A and AAAA at once; a name with an A record does not wait long for a resolver that stalls on AAAA. IPv4
//! comes first, because a machine without IPv6 routes is common and shops without IPv4 are not. A failing name
//! server is asked once more, a name that does not exist is not. It checks no address; `visit` does, by `guard`.
//!
//! [`Pinned`] hands the HTTP client the addresses that were checked and nothing else, so a name that resolves
//! differently the second time gains nothing.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError as HickoryError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::time::timeout;

use super::NetError;
use super::settings::Settings;
use super::trouble::Trouble;
use crate::evidence::GapReason;

/// How long AAAA may be behind A (the "resolution delay" of RFC 8305, generous).
const GRACE: Duration = Duration::from_millis(150);

/// Most addresses of a name that are used.
const ADDRESSES: usize = 8;

/// The resolver.
#[derive(Clone)]
pub(super) struct Dns {
    resolver: TokioResolver,
    timeout: Duration,
}

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dns")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Dns {
    /// A resolver by the settings: the one named, else the system's, else the one on this machine, as libc does.
    pub(super) fn new(settings: &Settings) -> Result<Self, NetError> {
        let (config, mut options) = match settings.resolver {
            Some(at) => (only(at), by_itself()),
            None => hickory_resolver::system_conf::read_system_conf().unwrap_or_else(|_| {
                (
                    only(SocketAddr::from(([127, 0, 0, 1], 53))),
                    ResolverOpts::default(),
                )
            }),
        };
        options.timeout = settings.dns_timeout / 2;
        options.attempts = 0;
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options;
        let resolver = builder
            .build()
            .map_err(|err| NetError::Resolver(err.to_string()))?;
        Ok(Self {
            resolver,
            timeout: settings.dns_timeout,
        })
    }

    /// Addresses of a name, IPv4 first, at least one; or trouble that is not worth another try.
    pub(super) async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, Trouble> {
        let trouble = |detail| Trouble::lasting(GapReason::DnsFail, detail);
        let mut name = Name::from_ascii(host).or(Err(trouble("not a name")))?;
        name.set_fqdn(true);
        match timeout(self.timeout, self.both(&name)).await {
            Ok(Ok(list)) => Ok(list),
            Ok(Err(no)) => Err(trouble(no.text())),
            Err(_) => Err(trouble(No::Answer.text())),
        }
    }

    async fn both(&self, name: &Name) -> Result<Vec<IpAddr>, No> {
        let four = self.persist(name, RecordType::A);
        let six = self.persist(name, RecordType::AAAA);
        tokio::pin!(four, six);
        let (four, six) = tokio::select! {
            biased;
            four = &mut four => match four {
                Ok(list) => (Ok(list), timeout(GRACE, six).await.unwrap_or(Err(No::Answer))),
                no => (no, six.await),
            },
            six = &mut six => (four.await, six),
        };
        let mut list: Vec<IpAddr> = four.iter().chain(&six).flatten().copied().collect();
        list.truncate(ADDRESSES);
        match (list.is_empty(), four, six) {
            (false, ..) => Ok(list),
            (_, Err(no), Ok(_)) | (_, Ok(_), Err(no)) => Err(no),
            // What went wrong says more than "no such record".
            (_, Err(four), Err(six)) => Err(four.max(six)),
            _ => Err(No::Address),
        }
    }

    /// One lookup, and one more when the server failed.
    async fn persist(&self, name: &Name, kind: RecordType) -> Result<Vec<IpAddr>, No> {
        match self.ask(name, kind).await {
            Err(No::Answer | No::Service) => self.ask(name, kind).await,
            answer => answer,
        }
    }

    async fn ask(&self, name: &Name, kind: RecordType) -> Result<Vec<IpAddr>, No> {
        let found = self
            .resolver
            .lookup(name.clone(), kind)
            .await
            .map_err(|err| No::of(&err))?;
        let addresses = found.answers().iter().filter_map(|record| match &record.data {
            RData::A(a) if kind == RecordType::A => Some(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) if kind == RecordType::AAAA => Some(IpAddr::V6(aaaa.0)),
            _ => None,
        });
        let mut list: Vec<IpAddr> = addresses.collect();
        // One order whatever order the server rotates to.
        list.sort_unstable();
        list.dedup();
        if list.is_empty() {
            Err(No::Address)
        } else {
            Ok(list)
        }
    }
}

/// What there was none of; the later, the more it says when both record types fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum No {
    Address,
    Answer,
    Service,
    Name,
}

impl No {
    fn of(err: &HickoryError) -> Self {
        match err {
            err if err.is_nx_domain() => Self::Name,
            err if err.is_no_records_found() => Self::Address,
            HickoryError::Timeout => Self::Answer,
            _ => Self::Service,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Address => "no address",
            Self::Answer => "name server does not answer",
            Self::Service => "name server fails",
            Self::Name => "no such name",
        }
    }
}

fn only(at: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = at.port();
        connection
    });
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(at.ip(), true, connections.into())])
}

/// Options of a resolver that looks nowhere but at its name server.
fn by_itself() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    options
}

/// The addresses of one name, checked once and the same ever after.
#[derive(Debug, Clone)]
pub(super) struct Pinned {
    pub(super) host: String,
    pub(super) addresses: Vec<IpAddr>,
}

impl reqwest::dns::Resolve for Pinned {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let own = name
            .as_str()
            .trim_end_matches('.')
            .eq_ignore_ascii_case(&self.host);
        let addresses = if own { self.addresses.clone() } else { Vec::new() };
        Box::pin(async move {
            if addresses.is_empty() {
                return Err("not the name that was checked".into());
            }
            // Port 0 is filled in by the client, from the URL.
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use reqwest::dns::Resolve;

    use super::*;

    #[tokio::test]
    async fn pinned_addresses_are_those_of_their_own_name_and_no_other() {
        let pinned = Pinned {
            host: "shop.test".to_owned(),
            addresses: vec![[8, 8, 8, 8].into()],
        };
        for (name, own) in [
            ("shop.test", true),
            ("SHOP.test.", true),
            ("www.shop.test", false),
            ("127.0.0.1", false),
        ] {
            let resolved = pinned.resolve(name.parse().unwrap()).await;
            let addresses: Vec<SocketAddr> = resolved.into_iter().flatten().collect();
            let expected = own.then(|| SocketAddr::from(([8, 8, 8, 8], 0)));
            assert_eq!(addresses, Vec::from_iter(expected), "{name}");
        }
    }

    #[test]
    fn what_went_wrong_says_more_than_no_such_record() {
        assert_eq!(No::Address.max(No::Service), No::Service);
        assert_eq!(No::Address.max(No::Answer), No::Answer);
        assert_eq!(No::Service.max(No::Name), No::Name);
    }
}
