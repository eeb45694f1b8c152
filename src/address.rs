//! Which addresses are public at all: the IANA special-purpose registries, and what hides inside IPv6 forms.
//!
//! Pure arithmetic on addresses. It resolves nothing; `net::guard` applies it after resolution and on every hop.
//!
//! Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), the multicast
//! registries and RFC 4291 (only 2000::/3 is global unicast). Ranges the registry calls globally reachable but
//! that serve a protocol and never a shop (AS112, AMT, the anycast addresses of 192.0.0.0/24) are refused too:
//! nobody sells anything there. Forms that carry an IPv4 address are judged by what they carry where such a form
//! is how a network really reaches public sites (IPv4-mapped, NAT64), and refused whole where it is not
//! (IPv4-compatible, 6to4, Teredo).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range by its first address and prefix length, and what it is for.
type Range<A> = (A, u32, &'static str);

const V4: [Range<Ipv4Addr>; 19] = [
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "AS112"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "AMT"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "AS112"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::BROADCAST, 32, "broadcast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

const V6: [Range<Ipv6Addr>; 14] = [
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::UNSPECIFIED, 96, "IPv4-compatible"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "local NAT64"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discard"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "Teredo"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol"),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "documentation",
    ),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4"),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, "AS112"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// Global unicast, the only IPv6 space handed out to sites.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The well-known NAT64 prefix (RFC 6052), how IPv6-only networks reach IPv4 sites.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address may belong to a public site.
pub fn is_public(ip: IpAddr) -> bool {
    reserved_for(ip).is_none()
}

/// What an address that is not public is reserved for, in a word or two; nothing for a public one.
pub fn reserved_for(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(v4) => reserved_v4(v4),
        IpAddr::V6(v6) => reserved_v6(v6),
    }
}

fn reserved_v4(ip: Ipv4Addr) -> Option<&'static str> {
    V4.iter()
        .find(|(first, prefix, _)| within_v4(ip, *first, *prefix))
        .map(|(_, _, name)| *name)
}

fn reserved_v6(ip: Ipv6Addr) -> Option<&'static str> {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return reserved_v4(v4);
    }
    if within_v6(ip, NAT64.0, NAT64.1) {
        let [.., a, b, c, d] = ip.octets();
        return reserved_v4(Ipv4Addr::new(a, b, c, d));
    }
    let named = V6
        .iter()
        .find(|(first, prefix, _)| within_v6(ip, *first, *prefix));
    if let Some((_, _, name)) = named {
        return Some(name);
    }
    (!within_v6(ip, GLOBAL_UNICAST.0, GLOBAL_UNICAST.1)).then_some("unassigned")
}

fn within_v4(ip: Ipv4Addr, first: Ipv4Addr, prefix: u32) -> bool {
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    u32::from(ip) & mask == u32::from(first)
}

fn within_v6(ip: Ipv6Addr, first: Ipv6Addr, prefix: u32) -> bool {
    let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
    u128::from(ip) & mask == u128::from(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_every_special_range_at_both_ends_and_not_beyond() {
        for (first, last, before, after) in [
            ("0.0.0.0", "0.255.255.255", None, Some("1.0.0.0")),
            (
                "10.0.0.0",
                "10.255.255.255",
                Some("9.255.255.255"),
                Some("11.0.0.0"),
            ),
            (
                "100.64.0.0",
                "100.127.255.255",
                Some("100.63.255.255"),
                Some("100.128.0.0"),
            ),
            (
                "127.0.0.0",
                "127.255.255.255",
                Some("126.255.255.255"),
                Some("128.0.0.0"),
            ),
            (
                "169.254.0.0",
                "169.254.255.255",
                Some("169.253.255.255"),
                Some("169.255.0.0"),
            ),
            (
                "172.16.0.0",
                "172.31.255.255",
                Some("172.15.255.255"),
                Some("172.32.0.0"),
            ),
            (
                "192.0.0.0",
                "192.0.0.255",
                Some("191.255.255.255"),
                Some("192.0.1.0"),
            ),
            ("192.0.2.0", "192.0.2.255", Some("192.0.1.255"), Some("192.0.3.0")),
            (
                "192.31.196.0",
                "192.31.196.255",
                Some("192.31.195.255"),
                Some("192.31.197.0"),
            ),
            (
                "192.52.193.0",
                "192.52.193.255",
                Some("192.52.192.255"),
                Some("192.52.194.0"),
            ),
            (
                "192.88.99.0",
                "192.88.99.255",
                Some("192.88.98.255"),
                Some("192.88.100.0"),
            ),
            (
                "192.168.0.0",
                "192.168.255.255",
                Some("192.167.255.255"),
                Some("192.169.0.0"),
            ),
            (
                "192.175.48.0",
                "192.175.48.255",
                Some("192.175.47.255"),
                Some("192.175.49.0"),
            ),
            (
                "198.18.0.0",
                "198.19.255.255",
                Some("198.17.255.255"),
                Some("198.20.0.0"),
            ),
            (
                "198.51.100.0",
                "198.51.100.255",
                Some("198.51.99.255"),
                Some("198.51.101.0"),
            ),
            (
                "203.0.113.0",
                "203.0.113.255",
                Some("203.0.112.255"),
                Some("203.0.114.0"),
            ),
            ("224.0.0.0", "255.255.255.255", Some("223.255.255.255"), None),
            ("::", "::ffff", None, None),
            (
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                Some("::ffff:126.255.255.255"),
                Some("::ffff:11.0.0.0"),
            ),
            (
                "64:ff9b::7f00:1",
                "64:ff9b::a00:1",
                Some("64:ff9b::808:808"),
                Some("64:ff9b::b00:0"),
            ),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", None, None),
            ("100::", "100::ffff:ffff:ffff:ffff", None, None),
            (
                "2001::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("2000:ffff::1"),
                Some("2001:200::"),
            ),
            (
                "2001:db8::",
                "2001:db8:ffff::1",
                Some("2001:db7:ffff::"),
                Some("2001:db9::"),
            ),
            ("2002::", "2002:ffff::1", Some("2001:ffff::1"), Some("2003::")),
            ("2002:808:808::1", "2002:7f00:1::", None, None),
            (
                "2620:4f:8000::",
                "2620:4f:8000:ffff::1",
                Some("2620:4f:7fff::1"),
                Some("2620:4f:8001::"),
            ),
            (
                "3fff::",
                "3fff:fff:ffff::1",
                Some("3ffe:ffff::1"),
                Some("3fff:1000::"),
            ),
            ("4000::", "5f00::1", Some("2400:cb00::1"), None),
            ("fc00::", "fdff::1", None, None),
            ("fe80::1", "fec0::1", None, None),
            ("ff00::", "ffff::1", None, None),
            ("64:ff9b:2::1", "1fff::1", None, None),
        ] {
            let public = |text: &str| is_public(text.parse().unwrap());
            assert!(!public(first), "{first}");
            assert!(!public(last), "{last}");
            for neighbour in [before, after].into_iter().flatten() {
                assert!(public(neighbour), "{neighbour}");
            }
        }
    }

    #[test]
    fn names_what_an_address_is_reserved_for() {
        for (ip, expected) in [
            ("127.0.0.1", Some("loopback")),
            ("::ffff:169.254.169.254", Some("link-local")),
            ("64:ff9b::a9fe:a9fe", Some("link-local")),
            ("::1", Some("loopback")),
            ("::7f00:1", Some("IPv4-compatible")),
            ("2001:0:7f00:1::", Some("Teredo")),
            ("5f00::1", Some("unassigned")),
            ("8.8.8.8", None),
        ] {
            assert_eq!(reserved_for(ip.parse().unwrap()), expected, "{ip}");
        }
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_the_standard_library_where_it_knows(bits in proptest::prelude::any::<u32>()) {
            let ip = Ipv4Addr::from(bits);
            let known = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast()
                || ip.is_unspecified() || ip.is_broadcast() || ip.is_documentation();
            proptest::prop_assert!(!(known && is_public(IpAddr::V4(ip))));
            proptest::prop_assert_eq!(is_public(IpAddr::V4(ip)), is_public(IpAddr::V6(ip.to_ipv6_mapped())));
        }
    }
}
