//! Sightings: one number with all the places where it was shown and the links at it.
//!
//! The one way by which ICP and police numbers alike come from pieces of text to facts: a number counts where the site
//! speaks of itself, and in or beside a link to its register or to an imitation of that.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use url::Url;

use super::super::shown::Piece;
use crate::facts::Place;
use crate::number::{Found, Icp, LinkHosts, LinkKind, Police, link};
use crate::text::Normal;

/// Most different numbers that are kept; a page with more is no shop's footer.
const MAX_NUMBERS: usize = 200;
/// Most spellings of one number that are kept.
const MAX_SPELLINGS: usize = 20;
/// Most links to registers that are compared with the blocks around them.
const MAX_LINKS: usize = 60;

/// A link at a number: where it leads, and to which host.
pub(super) type HostLink = (LinkKind, String);

/// One number with all the places where it was shown.
#[derive(Debug)]
pub(super) struct Sighting<T> {
    pub(super) number: T,
    /// Where, in page order, never empty.
    pub(super) places: Vec<Place>,
    /// The links whose text it is, or that stand in the same block, one of a kind: kind and host.
    pub(super) links: Vec<HostLink>,
    /// Whether a link at it names another number.
    pub(super) differs: bool,
    /// The ways in which it was written, as on the page.
    pub(super) spellings: BTreeSet<String>,
}

/// A number that can be told from others.
pub(super) trait Named {
    fn name(&self) -> &str;
    /// Whether a link at the number names another one.
    fn differs_from(&self, url: &Url) -> bool;
}

impl Named for Icp {
    fn name(&self) -> &str {
        &self.number
    }
    fn differs_from(&self, _: &Url) -> bool {
        false
    }
}

impl Named for Police {
    fn name(&self) -> &str {
        &self.number
    }
    fn differs_from(&self, url: &Url) -> bool {
        link::police_code(url).is_some_and(|code| code != self.digits)
    }
}

/// All numbers that count, each once, in page order.
pub(super) fn sightings<T: Named>(
    pieces: &[Piece<'_>],
    hosts: &LinkHosts,
    find: impl Fn(&Normal) -> Vec<Found<T>>,
) -> Vec<Sighting<T>> {
    // Asked for where a number is found only.
    let register = LazyCell::new(|| register_links(pieces, hosts));
    let mut list = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.numeric) {
        let found = find(&piece.normal);
        if found.is_empty() {
            continue;
        }
        let target = target_of(piece);
        let mut links: Vec<HostLink> = target.iter().map(|url| described(url, hosts)).collect();
        links.extend(beside(piece, &register));
        if !piece.own && links.iter().all(|(kind, _)| *kind == LinkKind::Other) {
            continue;
        }
        for found in found {
            let differs = target.as_ref().is_some_and(|url| found.number.differs_from(url));
            let spelling = piece.normal.original(found.range.clone()).trim().to_owned();
            let places = vec![piece.place(found.range)];
            add(
                &mut list,
                Sighting {
                    number: found.number,
                    places,
                    links: links.clone(),
                    differs,
                    spellings: BTreeSet::from([spelling]),
                },
            );
        }
    }
    list
}

fn target_of(piece: &Piece<'_>) -> Option<Url> {
    Url::parse(piece.link?.url.as_deref()?).ok()
}

fn described(url: &Url, hosts: &LinkHosts) -> HostLink {
    (hosts.kind(url), url.host_str().unwrap_or_default().to_owned())
}

/// Adds a sighting, to the one of the same number when there is one.
fn add<T: Named>(list: &mut Vec<Sighting<T>>, new: Sighting<T>) {
    let Some(known) = list
        .iter_mut()
        .find(|known| known.number.name() == new.number.name())
    else {
        if list.len() < MAX_NUMBERS {
            list.push(new);
        }
        return;
    };
    for place in new.places {
        if !known
            .places
            .iter()
            .any(|at| at.url == place.url && at.place == place.place)
        {
            known.places.push(place);
        }
    }
    for (kind, host) in new.links {
        if !known.links.iter().any(|(known, _)| *known == kind) {
            known.links.push((kind, host));
        }
    }
    known.differs |= new.differs;
    if known.spellings.len() < MAX_SPELLINGS {
        known.spellings.extend(new.spellings);
    }
}

/// A link to the register, or to an imitation of it.
struct RegisterLink<'a> {
    piece: &'a Piece<'a>,
    kind: LinkKind,
    host: String,
}

fn register_links<'a>(pieces: &'a [Piece<'a>], hosts: &LinkHosts) -> Vec<RegisterLink<'a>> {
    let links = pieces.iter().filter_map(|piece| {
        let url = piece.leaving()?;
        let kind = hosts.kind(url);
        let host = || url.host_str().unwrap_or_default().to_owned();
        (kind != LinkKind::Other).then(|| RegisterLink {
            piece,
            kind,
            host: host(),
        })
    });
    links.take(MAX_LINKS).collect()
}

/// The register links that stand inside a block: their text is part of its text.
fn beside(piece: &Piece<'_>, register: &[RegisterLink<'_>]) -> Vec<HostLink> {
    if !piece.is_block() {
        return Vec::new();
    }
    let near = register
        .iter()
        .filter(|link| link.piece.page == piece.page && link.piece.region == piece.region);
    let inside = near.filter(|link| piece.normal.text().contains(link.piece.normal.text()));
    inside.map(|link| (link.kind, link.host.clone())).collect()
}

/// Of all sightings the one whose link is to be told, and that link: a look-alike anywhere, else the first number's.
pub(super) fn telling_link<T>(list: &[Sighting<T>]) -> Option<(&Sighting<T>, Option<&HostLink>)> {
    let of_kind =
        |sighting: &Sighting<T>, kind: LinkKind| sighting.links.iter().any(|(known, _)| *known == kind);
    let sighting = list
        .iter()
        .find(|sighting| of_kind(sighting, LinkKind::Lookalike))
        .or(list.first())?;
    let order = [
        LinkKind::Lookalike,
        LinkKind::Official,
        LinkKind::Dated,
        LinkKind::Other,
    ];
    let link = order
        .iter()
        .find_map(|kind| sighting.links.iter().find(|(known, _)| known == kind));
    Some((sighting, link))
}
