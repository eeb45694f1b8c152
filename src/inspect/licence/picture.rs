//! States whether a licence is spoken of, whether only pictures stand for it, and what those pictures tell a machine.
//!
//! Of a picture that stands where a licence would, the perceptual hash is kept, and where QR codes in it lead, read like
//! links in the text. What is written on it is for a person to read; nothing is guessed.

use std::collections::BTreeSet;

use url::Url;

use super::super::shown::{self, Piece};
use super::Licence;
use crate::evidence::{Evidence, GapReason, Picture, Role, SeenPage};
use crate::facts::{Facts, Firmness, Place};
use crate::number::{LinkKind, link};
use crate::page::Region;
use crate::text::Normal;

/// Longest block that is a heading or a link rather than running text, in characters.
const HEADING_CHARS: usize = 30;
/// Most places told.
const MAX_PLACES: usize = 9;
/// Pictures with a shorter side are icons: the registers' own marks are the same on every site and are no licence.
const LEAST_SIDE: u32 = 100;

/// What a QR code in a licence picture says.
#[derive(Debug)]
struct Code<'a> {
    kind: LinkKind,
    uscc: Option<String>,
    url: &'a str,
    text: &'a str,
}

impl Code<'_> {
    /// The one to be told first: an imitation before the register itself before all else.
    fn rank(&self) -> u8 {
        match self.kind {
            LinkKind::Lookalike => 0,
            LinkKind::Official => 1,
            kind if kind != LinkKind::Other => 2,
            _ => 3,
        }
    }

    fn place(&self) -> Place {
        Place::new(self.url, "picture", self.text)
    }
}

impl Licence {
    /// Runs after the numbers: a picture stands for the licence only when `licence.shown` was not stated.
    pub(super) fn state_words(&self, evidence: &Evidence, pieces: &[Piece<'_>], facts: &mut Facts) {
        let named: Vec<(&Piece<'_>, Place)> = pieces
            .iter()
            .filter_map(|piece| Some((piece, self.word_in(piece)?)))
            .collect();
        let addresses = self.addresses(evidence, &named);
        let seen = pictures_at(evidence, &addresses);
        let codes = self.codes(&seen);
        state_hashes(evidence, &seen, &addresses, facts);
        state_code(&codes, facts);
        if named.is_empty() {
            return;
        }
        let linked = codes.iter().any(|code| code.kind != LinkKind::Other);
        let pictures = if linked || facts.is("licence.shown") == Some(true) {
            Vec::new()
        } else {
            self.pictures(evidence, &named)
        };
        if !pictures.is_empty() {
            facts.say("licence.picture_only", true, Firmness::WellFormed, pictures);
        }
        let places = named
            .into_iter()
            .map(|(_, place)| place)
            .take(MAX_PLACES)
            .collect();
        facts.say("licence.named", true, Firmness::WellFormed, places);
    }

    /// Addresses of pictures that stand where a licence would: with such words as their text or in their own address,
    /// behind links with such words, and in the main part of pages about the shop under a heading with such words.
    fn addresses<'a>(&self, evidence: &'a Evidence, named: &[(&Piece<'a>, Place)]) -> BTreeSet<&'a str> {
        let mut addresses = BTreeSet::new();
        let mut under_heading = BTreeSet::new();
        for (piece, _) in named {
            addresses.extend(piece.image.map(|image| image.url.as_str()));
            let link = piece.link.and_then(|link| link.url.as_deref());
            addresses.extend(link.filter(|url| self.leads_to_picture(Some(url))));
            if piece.is_block() && piece.is_about() {
                under_heading.insert(piece.page);
            }
        }
        for (index, (seen, page)) in evidence.readable().enumerate() {
            let whole = seen.role == Role::Licence || under_heading.contains(&index);
            let fits = |url: &str, region: Region| (whole && region == Region::Main) || self.is_named_in(url);
            let images = page.images.iter();
            addresses.extend(
                images
                    .filter(|image| fits(&image.url, image.region))
                    .map(|image| image.url.as_str()),
            );
            let links = page.links.iter().filter_map(|link| link.url.as_deref());
            addresses.extend(links.filter(|url| self.leads_to_picture(Some(url)) && self.is_named_in(url)));
        }
        addresses
    }

    /// Whether the path of an address has a word for a licence, as files are called.
    fn is_named_in(&self, url: &str) -> bool {
        if !self.paths.is_match(url) {
            return false;
        }
        let path = Url::parse(url).map(|url| url.path().to_ascii_lowercase());
        path.is_ok_and(|path| {
            let words = self.words.picture_paths.iter();
            words.into_iter().any(|word| path.contains(word.as_str()))
        })
    }

    /// What the QR codes in these pictures say, the one to be told first in front.
    fn codes<'a>(&self, seen: &[(&'a SeenPage, &'a Picture)]) -> Vec<Code<'a>> {
        let texts = seen.iter().flat_map(|(seen, picture)| {
            let texts = picture.codes.iter();
            texts.map(|text| (seen.final_url.as_str(), text.as_str()))
        });
        let code = |(url, text): (&'a str, &'a str)| {
            let to = Url::parse(text.trim()).ok();
            let hosts = &self.tables.registries.licence_links;
            Code {
                kind: to.as_ref().map_or(LinkKind::Other, |to| hosts.kind(to)),
                uscc: to
                    .as_ref()
                    .and_then(link::licence_serial)
                    .map(|serial| serial.head),
                url,
                text,
            }
        };
        let mut codes: Vec<Code<'a>> = texts.map(code).collect();
        codes.sort_by_key(Code::rank);
        codes
    }

    /// Where a word for a licence stands in a piece, written plainly or with decorations between its letters.
    fn word_in(&self, piece: &Piece<'_>) -> Option<Place> {
        if !self.may_name(piece.normal.raw()) {
            return None;
        }
        let within = |form: &Normal| {
            let found = self.words.licence_words.iter().filter_map(|word| {
                let at = form.text().find(word.as_str())?;
                Some(at..at + word.len())
            });
            found
                .min_by_key(|range| range.start)
                .map(|range| piece.place_in(form, range))
        };
        within(&piece.normal).or_else(|| within(&piece.normal.joined()))
    }

    /// Where words for a licence stand with a picture: its own text, a link that leads to one, or a heading on a page
    /// about the shop that has pictures in its main part. Nothing when the words also stand in running text.
    fn pictures(&self, evidence: &Evidence, named: &[(&Piece<'_>, Place)]) -> Vec<Place> {
        let with_pictures: Vec<bool> = evidence
            .readable()
            .map(|(_, page)| page.images.iter().any(|image| image.region == Region::Main))
            .collect();
        let mut places = Vec::new();
        for (piece, place) in named {
            let short = piece.normal.text().chars().count() <= HEADING_CHARS;
            if piece.is_block() && !short && piece.region != Region::Footer {
                return Vec::new();
            }
            let heading =
                piece.is_block() && piece.is_about() && with_pictures.get(piece.page) == Some(&true);
            let linked = || {
                piece
                    .link
                    .is_some_and(|link| self.leads_to_picture(link.url.as_deref()))
            };
            if heading || piece.image.is_some() || linked() {
                places.push(place.clone());
            }
        }
        places
    }

    fn leads_to_picture(&self, url: Option<&str>) -> bool {
        // Most lead to pages, which their last letters tell before the address is taken apart.
        let ends = |url: &&str| {
            let path = url.split(['?', '#']).next().unwrap_or_default().as_bytes();
            self.words.picture_endings.iter().any(|ending| {
                let tail = path.len().checked_sub(ending.len()).and_then(|at| path.get(at..));
                tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending.as_bytes()))
            })
        };
        let url = url.filter(ends).and_then(|url| Url::parse(url).ok());
        let path = url.map(|url| url.path().to_ascii_lowercase()).unwrap_or_default();
        self.words
            .picture_endings
            .iter()
            .any(|ending| path.ends_with(ending.as_str()))
    }
}

/// Pictures that were fetched because a licence may be in them, and saved ones that stand where one would.
fn pictures_at<'a>(evidence: &'a Evidence, addresses: &BTreeSet<&str>) -> Vec<(&'a SeenPage, &'a Picture)> {
    let asked_for = |seen: &SeenPage| {
        seen.role == Role::Picture
            || addresses.contains(seen.url.as_str())
            || addresses.contains(seen.final_url.as_str())
    };
    let answered = |seen: &SeenPage| (200..300).contains(&seen.status);
    let pictures = evidence
        .pages
        .iter()
        .filter(|seen| answered(seen) && asked_for(seen));
    pictures
        .filter_map(|seen| Some((seen, seen.picture.as_ref()?)))
        .collect()
}

fn state_hashes(
    evidence: &Evidence,
    seen: &[(&SeenPage, &Picture)],
    addresses: &BTreeSet<&str>,
    facts: &mut Facts,
) {
    const NAME: &str = "licence.picture_hashes";
    let mut hashes = Vec::new();
    let mut places = Vec::new();
    for (page, picture) in seen {
        let large = picture.width.min(picture.height) >= LEAST_SIDE;
        if let Some(hash) = picture
            .hash
            .as_ref()
            .filter(|hash| large && !hashes.contains(*hash))
        {
            hashes.push(hash.clone());
            let size = format!("{} {}×{}", picture.format, picture.width, picture.height);
            places.push(Place::new(&page.final_url, "picture", &size));
        }
    }
    hashes.sort_unstable();
    if let (true, Some(address)) = (seen.is_empty(), addresses.first()) {
        let gap = evidence.gaps.iter().find(|gap| gap.what == *address);
        let reason = gap.map_or(GapReason::NotCrawled, |gap| gap.reason);
        return facts.cannot_say(NAME, reason.code(), format!("picture {address}"));
    }
    if !seen.is_empty() || shown::home_was_read(evidence).is_ok() {
        facts.say(NAME, hashes, Firmness::WellFormed, places);
    }
}

fn state_code(codes: &[Code<'_>], facts: &mut Facts) {
    let Some(first) = codes.first() else { return };
    let places = codes.iter().map(Code::place).collect();
    facts.say(
        "licence.picture_link",
        first.kind.code(),
        Firmness::WellFormed,
        places,
    );
    let named = codes
        .iter()
        .filter(|code| code.kind == LinkKind::Official)
        .find_map(|code| Some((code, code.uscc.as_deref()?)));
    if let Some((code, uscc)) = named {
        facts.say(
            "licence.picture_uscc",
            uscc,
            Firmness::WellFormed,
            vec![code.place()],
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::super::super::shown::tests::{evidence, link, page};
    use super::super::{Inspector, PROVIDES, load};
    use super::*;
    use crate::inspect::{DataFiles, fixture};
    use crate::page::{Image, Page};

    const CODE: &str = "91330106673959654P";
    const AT: &str = "https://shop.example.com/up/1.jpg";

    static INSPECTOR: LazyLock<Box<dyn Inspector>> = LazyLock::new(|| load(&DataFiles::built_in()).unwrap());

    fn image(url: &str, alt: &str) -> Image {
        Image {
            url: url.into(),
            alt: alt.into(),
            title: String::new(),
            region: Region::Main,
        }
    }

    /// A shop with a page about it, and this picture fetched or saved beside it.
    fn read(about: Page, picture: Option<(&str, Role, Picture)>) -> Facts {
        let home = page(&[(Region::Main, "商品列表 Q币 立即购买")]);
        let mut evidence = evidence(vec![(Role::Home, home), (Role::About, about)]);
        if let Some((url, role, picture)) = picture {
            let mut seen = fixture::page_at(url.to_owned(), role, evidence.captured_at, None);
            seen.picture = Some(picture);
            evidence.pages.push(seen);
        }
        fixture::checked(&**INSPECTOR, PROVIDES, &evidence)
    }

    fn picture(codes: &[&str]) -> Picture {
        Picture {
            format: "jpeg".into(),
            width: 600,
            height: 800,
            hash: Some("00ff00ff00ff00ff".into()),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    fn with_image(url: &str, alt: &str) -> Page {
        let mut about = page(&[(Region::Main, "客服在线时间 9 点到 22 点")]);
        about.images.push(image(url, alt));
        about
    }

    fn hashes(facts: &Facts) -> Option<usize> {
        facts.get("licence.picture_hashes")?;
        Some(facts.list("licence.picture_hashes").len())
    }

    #[test]
    fn pictures_are_hashed_where_a_licence_would_stand_and_nowhere_else() {
        let other = "https://shop.example.com/up/2.jpg";
        let by_name = "https://shop.example.com/img/YYZZ_2.png";
        let mut linked = page(&[(Region::Main, "客服在线")]);
        linked.links.push(link(Region::Footer, "营业执照", AT));
        let mut heading = page(&[(Region::Main, "公司营业执照")]);
        heading.images.push(image(AT, ""));
        for (about, url, found) in [
            (with_image(AT, "营业执照"), AT, Some(1)),
            (linked, AT, Some(1)),
            (heading, AT, Some(1)),
            (with_image(by_name, ""), by_name, Some(1)),
            // Saved with the page, but a banner; the licence itself was not saved.
            (with_image(AT, "营业执照"), other, None),
            (with_image(AT, "店铺横幅"), AT, Some(0)),
        ] {
            let facts = read(about.clone(), Some((url, Role::Other, picture(&[]))));
            assert_eq!(hashes(&facts), found, "{:?} {url}", about.images);
        }
        let fetched = read(with_image(other, ""), Some((AT, Role::Picture, picture(&[]))));
        assert_eq!(hashes(&fetched), Some(1), "the crawl had its reason");
        let place = fetched.get("licence.picture_hashes").unwrap().at.clone().unwrap();
        assert_eq!((place.url.as_str(), place.snippet.as_str()), (AT, "jpeg 600×800"));
        let icon = Picture {
            height: 40,
            ..picture(&[])
        };
        assert_eq!(
            hashes(&read(with_image(AT, "亮照"), Some((AT, Role::Picture, icon)))),
            Some(0)
        );
    }

    #[test]
    fn a_picture_that_was_not_fetched_is_unknown_and_not_absent() {
        let facts = read(with_image(AT, "营业执照"), None);
        let absence = facts.absence("licence.picture_hashes").unwrap();
        assert_eq!(
            (absence.reason.as_str(), absence.detail.as_str()),
            ("not_crawled", format!("picture {AT}").as_str())
        );
        assert_eq!(facts.is("licence.picture_only"), Some(true));
        assert_eq!(facts.get("licence.picture_link"), None);
    }

    #[test]
    fn codes_in_pictures_are_read_like_links() {
        let official = format!(
            "https://zzlz.gsxt.gov.cn/businessCheck/verifKey.do?serial={CODE}-SAIC_SHOW_100000{CODE}1710919400712"
        );
        let lookalike =
            format!("https://zzlz-gsxt.example/?serial={CODE}-SAIC_SHOW_100000{CODE}1710919400712");
        let shop = "https://shop.example.com/app";
        for (codes, kind, uscc, only) in [
            (&[official.as_str()][..], Some("official"), Some(CODE), false),
            (&[shop, &official], Some("official"), Some(CODE), false),
            (&[&official, &lookalike], Some("lookalike"), Some(CODE), false),
            (&[&lookalike], Some("lookalike"), None, false),
            (&[shop], Some("other"), None, true),
            (&["营业执照 zzlz.gsxt.gov.cn"], Some("other"), None, true),
            (&[], None, None, true),
        ] {
            let facts = read(
                with_image(AT, "营业执照"),
                Some((AT, Role::Picture, picture(codes))),
            );
            assert_eq!(facts.text("licence.picture_link"), kind, "{codes:?}");
            assert_eq!(facts.text("licence.picture_uscc"), uscc, "{codes:?}");
            assert_eq!(facts.is("licence.picture_only"), Some(only), "{codes:?}");
            let at = facts
                .get("licence.picture_link")
                .and_then(|fact| fact.at.as_ref());
            assert!(
                at.is_none_or(|at| at.url == AT && at.place == "picture"),
                "{at:?}"
            );
        }
    }
}
