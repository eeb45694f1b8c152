//! Links to the display of electronic licences: decodes them, and holds them against the codes in the text.

use url::Url;

use super::super::shown::leaves;
use super::code::Shown;
use super::{Licence, Seen, add};
use crate::evidence::Evidence;
use crate::facts::{Facts, Firmness, Place};
use crate::number::licence_link::Serial;
use crate::number::{LicenceLink, LicenceSerial, LinkFault, LinkKind};

/// A link to the display of electronic licences, to an older mark of a local registry, or to an imitation of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) kind: LinkKind,
    /// Whether the address has more than a host.
    deep: bool,
    read: LicenceLink,
}

impl Link {
    /// What a link in the present form says.
    pub(super) fn serial(&self) -> Option<&LicenceSerial> {
        match &self.read.serial {
            Serial::Coded(serial) => Some(serial),
            _ => None,
        }
    }

    /// Whether it leads to one licence at the register or at a local registry rather than to a front page.
    pub(super) fn shows_a_licence(&self) -> bool {
        match self.kind {
            LinkKind::Official => self.read.names_one(),
            LinkKind::Local => self.deep,
            _ => false,
        }
    }
}

impl Licence {
    pub(super) fn links(&self, evidence: &Evidence) -> Seen<Link> {
        let hosts = &self.tables.registries.licence_links;
        let mut links = Vec::new();
        for (seen, page) in evidence.readable() {
            for link in page.links.iter().filter(|link| link.visible) {
                let leaving = link.url.as_deref().filter(|url| leaves(&seen.final_url, url));
                let Some(url) = leaving.and_then(|url| Url::parse(url).ok()) else {
                    continue;
                };
                let kind = hosts.kind(&url);
                if matches!(kind, LinkKind::Official | LinkKind::Local | LinkKind::Lookalike) {
                    let found = Link {
                        kind,
                        deep: url.path().len() > 1 || url.query().is_some(),
                        read: LicenceLink::read(&url),
                    };
                    add(&mut links, found, Place::new(&seen.final_url, "link", &link.href));
                }
            }
        }
        links
    }

    /// Of several links an imitation is told first, then one that shows a licence.
    pub(super) fn state_link(&self, shown: &Shown, evidence: &Evidence, facts: &mut Facts) {
        let lookalike = shown
            .links
            .iter()
            .find(|(link, _)| link.kind == LinkKind::Lookalike);
        let telling = shown.links.iter().find(|(link, _)| link.shows_a_licence());
        let Some((link, places)) = lookalike.or(telling).or(shown.links.first()) else {
            return;
        };
        let seen = Firmness::WellFormed;
        facts.say("licence.link", link.kind.code(), seen, places.clone());
        self.state_problem(shown, evidence, facts);
        let official = || {
            shown
                .links
                .iter()
                .filter(|(link, _)| link.kind == LinkKind::Official)
        };
        if let Some((link, places)) = official().find(|(link, _)| link.read.code().is_some()) {
            facts.say(
                "licence.link_uscc",
                link.read.code().unwrap_or_default(),
                seen,
                places.clone(),
            );
        }
        let dated = official().find_map(|(link, places)| Some((link.read.day()?, places)));
        if let Some((day, places)) = dated {
            facts.say("licence.link_date", day, seen, places.clone());
        }
        // Agreement is of codes and time; whether the signature decodes is told by the problem alone.
        let coded = official().find(|(link, _)| link.serial().is_some());
        if let Some((link, places)) = coded {
            let fault = self.fault(link, shown, evidence);
            let agrees = matches!(fault, None | Some(LinkFault::Signature));
            facts.say("licence.link_agrees", agrees, seen, places.clone());
            if let Some(fault) = fault.filter(|_| !agrees) {
                facts.detail("licence.link_agrees", explain(fault));
            }
        }
    }

    /// The first link that fails, in order of sight; else that none does.
    fn state_problem(&self, shown: &Shown, evidence: &Evidence, facts: &mut Facts) {
        const NAME: &str = "licence.link_problem";
        let faults = shown.links.iter();
        let faults = faults.filter_map(|(link, places)| Some((self.fault(link, shown, evidence)?, places)));
        let Some((fault, places)) = faults.min_by_key(|(fault, _)| *fault) else {
            let places = shown.links.first().map(|(_, places)| places.clone());
            return facts.say(NAME, "none", Firmness::WellFormed, places.unwrap_or_default());
        };
        facts.say(NAME, fault.code(), Firmness::WellFormed, places.clone());
        facts.detail(NAME, explain(fault));
    }

    /// How a link fails, by itself or against the text.
    fn fault(&self, link: &Link, shown: &Shown, evidence: &Evidence) -> Option<LinkFault> {
        match link.kind {
            LinkKind::Lookalike => return Some(LinkFault::Host),
            LinkKind::Official => {}
            // Local marks are of many forms, and not read.
            _ => return None,
        }
        let code = link.read.code();
        let differs = code.is_some_and(|code| {
            !shown.codes.is_empty() && !shown.codes.iter().any(|(known, _)| known.code == code)
        });
        let fault = link
            .read
            .fault(&self.tables.provinces, evidence.captured_at.as_millisecond());
        match fault {
            Some(LinkFault::Signature) | None if differs => Some(LinkFault::TextDiffers),
            other => other,
        }
    }
}

/// Why a licence link does not fit, in words.
fn explain(fault: LinkFault) -> &'static str {
    match fault {
        LinkFault::Host => "the host imitates the register's",
        LinkFault::Grammar => "the link names no licence in any known form",
        LinkFault::CodesDiffer => "the two codes in the link differ",
        LinkFault::Code => "the code in the link is not well formed",
        LinkFault::Time => "the link says that it was made before there were such links, or in the future",
        LinkFault::Signature => "the signature in the link does not decode",
        LinkFault::TextDiffers => "the link names another code than the text",
    }
}
