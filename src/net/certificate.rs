//! What a leaf certificate says: whom it names, who issued it, how long it holds.
//!
//! Takes DER as it came, gives what could be read; a certificate that cannot be parsed gives its hash and nothing
//! else. It verifies nothing; `tls` does.

use jiff::Timestamp;
use sha2::Digest;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use crate::evidence::TlsSeen;

/// A SHA-256.
pub(super) type Sha256 = [u8; 32];

/// Most names that are kept of one certificate.
const NAMES: usize = 100;

/// Longest text that is kept of one field, in characters.
const CHARS: usize = 253;

/// SHA-256 of some bytes.
pub(super) fn sha256(bytes: &[u8]) -> Sha256 {
    sha2::Sha256::digest(bytes).into()
}

/// Whether subject and issuer are the same.
pub(super) fn self_issued(leaf: &[u8]) -> bool {
    X509Certificate::from_der(leaf).is_ok_and(|(_, cert)| cert.subject().as_raw() == cert.issuer().as_raw())
}

/// A leaf as it is shown, with what its verification gave.
pub(super) fn read(leaf: &[u8], problem: Option<String>, extra_root: bool) -> TlsSeen {
    let blank = TlsSeen {
        verified: problem.is_none(),
        problem,
        extra_root,
        leaf_sha256: Some(crate::digest::hex(&sha256(leaf))),
        names: Vec::new(),
        issuer: None,
        organisation: None,
        not_before: None,
        not_after: None,
    };
    let Ok((_, cert)) = X509Certificate::from_der(leaf) else {
        return blank;
    };
    TlsSeen {
        names: names(&cert),
        issuer: text(&cert.issuer().to_string()),
        organisation: first(cert.subject().iter_organization()),
        not_before: Timestamp::from_second(cert.validity().not_before.timestamp()).ok(),
        not_after: Timestamp::from_second(cert.validity().not_after.timestamp()).ok(),
        ..blank
    }
}

/// Alternative names; the common name where there are none.
fn names(cert: &X509Certificate<'_>) -> Vec<String> {
    let listed = cert.subject_alternative_name().ok().flatten();
    let mut names: Vec<String> = listed
        .iter()
        .flat_map(|listed| &listed.value.general_names)
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => text(name),
            GeneralName::IPAddress(octets) => ip(octets),
            _ => None,
        })
        .take(NAMES)
        .collect();
    if names.is_empty() {
        names.extend(common_name(cert.subject()));
    }
    names
}

fn common_name(subject: &X509Name<'_>) -> Option<String> {
    first(subject.iter_common_name())
}

fn first<'a>(
    mut fields: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>,
) -> Option<String> {
    text(fields.next()?.as_str().ok()?)
}

fn ip(octets: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(octets)
        .ok()
        .map(|six| std::net::Ipv6Addr::from(six).to_string())
}

fn text(text: &str) -> Option<String> {
    let kept: String = text.chars().take(CHARS).collect();
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_issuer_organisation_and_validity() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["shop.test".into(), "10.1.2.3".into()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "shop");
        params
            .distinguished_name
            .push(rcgen::DnType::OrganizationName, "示例公司");
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let cert = params.self_signed(&key).unwrap();
        let seen = read(cert.der(), Some("self_signed".into()), false);
        assert!(self_issued(cert.der()));
        assert!(!seen.verified);
        assert_eq!(seen.names, ["shop.test", "10.1.2.3"]);
        assert_eq!(seen.organisation.as_deref(), Some("示例公司"));
        assert!(seen.issuer.unwrap().contains("示例公司"));
        assert_eq!(seen.not_before, Some("2026-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(seen.not_after, Some("2027-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(seen.leaf_sha256.unwrap().len(), 64);
    }

    #[test]
    fn takes_bytes_that_are_no_certificate() {
        let seen = read(b"not a certificate", None, false);
        assert_eq!((seen.names.len(), seen.issuer), (0, None));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            read(&bytes, None, false);
            self_issued(&bytes);
        }
    }
}
