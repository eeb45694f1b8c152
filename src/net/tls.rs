//! TLS: connections that are made either way, and what each one's certificate was worth.
//!
//! A certificate that does not verify is a fact about the shop, not a reason to stop: nothing secret is sent. So the
//! verifier lets every certificate through and writes down what it thought of it, by the leaf's SHA-256. The
//! answer names the leaf of the very connection it came over, and is judged by what was written down for it.
//!
//! An unverified page can never pass as verified: each verifier serves one origin in one visit, a leaf that once
//! failed stays failed for it, sessions are never resumed, and the handshake signature of a leaf that verified
//! must verify too, or there is no connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::NetError;
use super::certificate::{self, Sha256};
use crate::evidence::TlsSeen;

/// Whom we trust, shared by all connections.
#[derive(Debug)]
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    public: Arc<WebPkiServerVerifier>,
    extra: Option<Arc<WebPkiServerVerifier>>,
}

impl Trust {
    /// The public roots, and further ones from PEM text.
    pub(super) fn new(extra_pem: Option<&str>) -> Result<Self, NetError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let public = verifier(roots, &provider)?;
        let extra = extra_pem
            .map(|pem| verifier(roots_of(pem)?, &provider))
            .transpose()?;
        Ok(Self {
            provider,
            public,
            extra,
        })
    }

    /// A verifier of its own for one origin.
    pub(super) fn witness(self: &Arc<Self>) -> Arc<Witness> {
        Arc::new(Witness {
            trust: Arc::clone(self),
            seen: Mutex::default(),
        })
    }
}

fn verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, NetError> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|err| NetError::Roots(err.to_string()))
}

fn roots_of(pem: &str) -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore::empty();
    for der in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let der = der.map_err(|err| NetError::Roots(err.to_string()))?;
        roots.add(der).map_err(|err| NetError::Roots(err.to_string()))?;
    }
    Ok(roots)
}

/// What a certificate was worth; the later, the less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    Public,
    ExtraRoot,
    Nothing(&'static str),
}

/// Lets every certificate through and remembers what it was worth.
#[derive(Debug)]
pub(super) struct Witness {
    trust: Arc<Trust>,
    seen: Mutex<BTreeMap<Sha256, Worth>>,
}

impl Witness {
    /// Settings of a connection that this verifier watches.
    pub(super) fn config(self: &Arc<Self>) -> Result<ClientConfig, NetError> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.trust.provider))
            .with_safe_default_protocol_versions()
            .map_err(|err| NetError::Client(err.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(self) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A resumed session skips the certificate, and what is not looked at cannot be vouched for.
        config.resumption = Resumption::disabled();
        Ok(config)
    }

    /// What there is to say about a connection with this leaf.
    pub(super) fn testify(&self, leaf: &[u8]) -> TlsSeen {
        let worth = self
            .worth(&certificate::sha256(leaf))
            .unwrap_or(Worth::Nothing("other"));
        let problem = match worth {
            Worth::Public | Worth::ExtraRoot => None,
            Worth::Nothing(problem) => Some(problem.to_owned()),
        };
        certificate::read(leaf, problem, worth == Worth::ExtraRoot)
    }

    fn worth(&self, leaf: &Sha256) -> Option<Worth> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(leaf)
            .copied()
    }

    fn remember(&self, leaf: &[u8], worth: Worth) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = seen.entry(certificate::sha256(leaf)).or_insert(worth);
        if worth > *kept && !matches!(kept, Worth::Nothing(_)) {
            *kept = worth;
        }
    }

    /// A leaf that is worth nothing may sign as it likes: the page counts as unverified anyway.
    fn signature(
        &self,
        leaf: &CertificateDer<'_>,
        verified: Result<HandshakeSignatureValid, rustls::Error>,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match self.worth(&certificate::sha256(leaf)) {
            Some(Worth::Nothing(_)) => Ok(HandshakeSignatureValid::assertion()),
            _ => verified,
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let extra = || self.trust.extra.as_ref();
        let worth = match self.trust.public.verify_server_cert(leaf, chain, name, ocsp, now) {
            Ok(_) => Worth::Public,
            Err(err) => match extra().map(|roots| roots.verify_server_cert(leaf, chain, name, ocsp, now)) {
                Some(Ok(_)) => Worth::ExtraRoot,
                // The extra roots know this issuer, so they know better what is wrong.
                Some(Err(better)) if problem(&err, leaf) == "unknown_issuer" => {
                    Worth::Nothing(problem(&better, leaf))
                }
                _ => Worth::Nothing(problem(&err, leaf)),
            },
        };
        self.remember(leaf, worth);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        self.signature(leaf, verify_tls12_signature(message, leaf, signed, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        self.signature(leaf, verify_tls13_signature(message, leaf, signed, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust
            .provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The code of what is wrong with a certificate, as in [`TlsSeen::problem`].
fn problem(err: &rustls::Error, leaf: &CertificateDer<'_>) -> &'static str {
    use CertificateError as E;
    let rustls::Error::InvalidCertificate(err) = err else {
        return "other";
    };
    match err {
        E::Expired | E::ExpiredContext { .. } => "expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "not_yet_valid",
        E::NotValidForName | E::NotValidForNameContext { .. } => "wrong_name",
        E::Revoked => "revoked",
        E::BadEncoding => "bad_encoding",
        // A root that serves as its own leaf is refused for that before its issuer is looked for.
        E::UnknownIssuer | E::Other(_) | E::BadSignature if certificate::self_issued(leaf) => "self_signed",
        E::UnknownIssuer => "unknown_issuer",
        E::BadSignature => "bad_signature",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn leaf(issuer: &CertifiedIssuer<'_, KeyPair>) -> CertificateDer<'static> {
        let params = CertificateParams::new(vec!["shop.test".to_owned()]).unwrap();
        params
            .signed_by(&KeyPair::generate().unwrap(), issuer)
            .unwrap()
            .der()
            .clone()
    }

    /// A witness that trusts the one publicly and the other only further.
    fn witness(public: &CertifiedIssuer<'_, KeyPair>, extra: &CertifiedIssuer<'_, KeyPair>) -> Arc<Witness> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = |pem: String| verifier(roots_of(&pem).unwrap(), &provider).unwrap();
        let (public, extra) = (roots(public.pem()), Some(roots(extra.pem())));
        Arc::new(Trust {
            provider: Arc::clone(&provider),
            public,
            extra,
        })
        .witness()
    }

    fn meet(witness: &Witness, leaf: &CertificateDer<'_>, name: &str) {
        let name = ServerName::try_from(name).unwrap();
        witness
            .verify_server_cert(leaf, &[], &name, &[], UnixTime::now())
            .unwrap();
    }

    #[test]
    fn tells_public_roots_from_further_ones_and_from_none() {
        let (public, extra, unknown) = (authority("public"), authority("extra"), authority("unknown"));
        let witness = witness(&public, &extra);
        for (issuer, expected) in [
            (&public, (true, false, None)),
            (&extra, (true, true, None)),
            (&unknown, (false, false, Some("unknown_issuer"))),
        ] {
            let leaf = leaf(issuer);
            meet(&witness, &leaf, "shop.test");
            let seen = witness.testify(&leaf);
            assert_eq!(
                (seen.verified, seen.extra_root, seen.problem.as_deref()),
                expected
            );
        }
    }

    #[test]
    fn a_leaf_that_failed_once_stays_failed() {
        let root = authority("public");
        let (witness, leaf) = (witness(&root, &authority("extra")), leaf(&root));
        for (name, verified) in [("shop.test", true), ("other.test", false), ("shop.test", false)] {
            meet(&witness, &leaf, name);
            assert_eq!(witness.testify(&leaf).verified, verified);
        }
        assert_eq!(witness.testify(&leaf).problem.as_deref(), Some("wrong_name"));
    }

    #[test]
    fn a_leaf_that_nobody_looked_at_is_not_verified() {
        let root = authority("public");
        let witness = witness(&root, &authority("extra"));
        assert!(!witness.testify(&leaf(&root)).verified);
    }

    #[test]
    fn only_a_leaf_worth_nothing_may_sign_as_it_likes() {
        let root = authority("public");
        let (witness, leaf) = (witness(&root, &authority("extra")), leaf(&root));
        let bad = || Err(rustls::Error::InvalidCertificate(CertificateError::BadSignature));
        assert!(witness.signature(&leaf, bad()).is_err());
        meet(&witness, &leaf, "shop.test");
        assert!(witness.signature(&leaf, bad()).is_err());
        meet(&witness, &leaf, "other.test");
        assert!(witness.signature(&leaf, bad()).is_ok());
    }
}
