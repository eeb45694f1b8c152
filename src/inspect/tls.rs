//! TLS: whether the home page was read over https and whether its certificate verified.
//!
//! Reads the first answer that stands for the home page, whatever its status; saved files tell nothing. The certificate
//! itself was judged when the page was fetched.

use super::{DataError, DataFiles, Inspector};
use crate::evidence::{Evidence, GapReason, Role, SeenPage};
use crate::facts::Fakeability::Cheap;
use crate::facts::Kind::{Bool, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::inspect::reading::Reading;

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "site.https",
        Bool,
        Cheap,
        "the home page was read over https; unsaid when it did not answer or was saved by a person",
    ),
    FactSpec::new(
        "tls.verified",
        Bool,
        Cheap,
        "the certificate of the home page verified against public roots; only over https",
    ),
    FactSpec::new(
        "tls.problem",
        Text,
        Cheap,
        "why the certificate did not verify: none, expired, not_yet_valid, wrong_name, self_signed, unknown_issuer, revoked, bad_encoding, bad_signature, other; only over https",
    ),
];

/// Reads the connection.
#[derive(Debug)]
pub struct Tls;

/// Builds the inspector; it needs no data.
pub fn load(_data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    Ok(Box::new(Tls))
}

impl Inspector for Tls {
    fn facts(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let evidence = reading.evidence;
        let Some(home) = evidence
            .pages
            .iter()
            .find(|seen| matches!(seen.role, Role::Home | Role::Saved))
        else {
            return no_home(evidence, facts);
        };
        if home.role == Role::Saved {
            let why = GapReason::NotCrawled.code();
            return FACTS
                .iter()
                .for_each(|spec| facts.cannot_say(spec.name, why, "read from a saved file"));
        }
        let at = || vec![Place::new(&home.final_url, "address", &home.final_url)];
        let https = home.final_url.starts_with("https:");
        facts.say("site.https", https, Firmness::WellFormed, at());
        if https {
            say_certificate(home, facts);
        }
    }
}

fn say_certificate(home: &SeenPage, facts: &mut Facts) {
    let Some(tls) = &home.tls else { return };
    let at = || {
        let issuer = tls.issuer.as_deref().unwrap_or_default();
        vec![Place::new(
            &home.final_url,
            "certificate",
            &format!("{} {issuer}", tls.names.join(" ")),
        )]
    };
    facts.say("tls.verified", tls.verified, Firmness::WellFormed, at());
    if tls.extra_root {
        facts.detail(
            "tls.verified",
            "only thanks to a root certificate that was handed in",
        );
    }
    let problem = if tls.verified {
        "none"
    } else {
        tls.problem.as_deref().unwrap_or("other")
    };
    facts.say("tls.problem", problem, Firmness::WellFormed, at());
}

fn no_home(evidence: &Evidence, facts: &mut Facts) {
    let (reason, detail) = match evidence.home_gap() {
        Some(gap) => (gap.reason.code(), format!("{} {}", gap.detail, gap.what)),
        None => (GapReason::NotCrawled.code(), "home page".to_owned()),
    };
    for spec in FACTS {
        facts.cannot_say(spec.name, reason, detail.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::TlsSeen;
    use crate::inspect::fixture::{self, PLAIN_SHOP, evidence};

    fn read(change: impl FnOnce(&mut SeenPage)) -> Facts {
        let mut evidence = evidence("shop.example.com", &[PLAIN_SHOP]);
        change(&mut evidence.pages[0]);
        let mut facts = Facts::default();
        fixture::alone(&Tls, &evidence, &mut facts);
        facts
    }

    fn certificate(problem: Option<&str>) -> TlsSeen {
        TlsSeen {
            verified: problem.is_none(),
            problem: problem.map(str::to_owned),
            extra_root: false,
            leaf_sha256: None,
            names: vec!["shop.example.com".into()],
            issuer: None,
            organisation: None,
            not_before: None,
            not_after: None,
        }
    }

    #[test]
    fn https_and_its_certificate_are_told() {
        let good = read(|page| page.tls = Some(certificate(None)));
        assert_eq!(
            (
                good.is("site.https"),
                good.is("tls.verified"),
                good.text("tls.problem")
            ),
            (Some(true), Some(true), Some("none"))
        );
        let bad = read(|page| page.tls = Some(certificate(Some("expired"))));
        assert_eq!(
            (bad.is("tls.verified"), bad.text("tls.problem")),
            (Some(false), Some("expired"))
        );
        let plain = read(|page| page.final_url = "http://shop.example.com/".into());
        assert_eq!(
            (plain.is("site.https"), plain.get("tls.verified")),
            (Some(false), None)
        );
    }

    #[test]
    fn a_saved_page_tells_nothing_about_the_connection() {
        let saved = read(|page| page.role = Role::Saved);
        assert!(saved.is_empty() && saved.absence("site.https").is_some());
    }
}
