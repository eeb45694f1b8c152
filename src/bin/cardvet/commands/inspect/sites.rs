//! Saved answers → one bundle a site.
//!
//! A page belongs to the site of its address. Pictures and data follow the pages: to their own site, and where all pages
//! are of one site to that one, since shops keep pictures elsewhere. What holds no page is no site.

use std::collections::BTreeMap;

use cardvet::picture;
use cardvet::saved::SavedAnswer;
use cardvet::target::{Site, Target};

/// Most answers that are taken of one site.
const MAX_ANSWERS: usize = 500;

/// What was saved of one site.
#[derive(Debug)]
pub(super) struct SavedSite {
    /// The site, by the address that was given or by its first page.
    pub(super) target: Target,
    /// Its pages and pictures.
    pub(super) answers: Vec<SavedAnswer>,
}

/// Sorts answers into sites: the given one first, the others by name. With `only`, the given one alone.
pub(super) fn sort(answers: Vec<SavedAnswer>, given: Option<&Target>, only: bool) -> Vec<SavedSite> {
    let mut pages: BTreeMap<Site, Vec<SavedAnswer>> = BTreeMap::new();
    let mut pictures = Vec::new();
    for answer in answers {
        if picture::is_picture(&answer.body) {
            pictures.extend(Some(answer).filter(is_good));
        } else if let Some(site) = Site::of(&answer.url).filter(|_| is_page(&answer)) {
            add(pages.entry(site).or_default(), answer);
        }
    }
    // Of several sites' pictures nobody can say whose they are, even when one site alone is wanted.
    let alone = pages.len() == 1;
    let mut sites = Vec::new();
    if let Some((target, answers)) = given.and_then(|target| Some((target, pages.remove(&target.site)?))) {
        let target = target.clone();
        sites.push(SavedSite { target, answers });
    }
    if !only || given.is_none() {
        sites.extend(pages.into_values().filter_map(named));
    }
    for picture in pictures {
        let owner = sites
            .iter_mut()
            .find(|site| alone || site.target.site.holds(&picture.url));
        if let Some(owner) = owner {
            add(&mut owner.answers, picture);
        }
    }
    sites
}

/// Adds an answer unless there is one of its address already.
fn add(answers: &mut Vec<SavedAnswer>, answer: SavedAnswer) {
    if answers.len() < MAX_ANSWERS && answers.iter().all(|known| known.url != answer.url) {
        answers.push(answer);
    }
}

/// A site without a given address: the root of its first page's host.
fn named(answers: Vec<SavedAnswer>) -> Option<SavedSite> {
    let mut url = answers.first()?.url.clone();
    url.set_path("/");
    url.set_query(None);
    let target = Target::parse(url.as_str(), true).ok()?;
    Some(SavedSite { target, answers })
}

/// Whether an answer is a page that was shown, or the home page that was not: neither redirects, nor errors elsewhere,
/// nor what a page is made of.
fn is_page(answer: &SavedAnswer) -> bool {
    let kind = answer.headers.iter().find(|header| header.0 == "content-type");
    let kind = kind
        .map(|header| header.1.to_ascii_lowercase())
        .unwrap_or_default();
    let html = kind.contains("html") || (kind.is_empty() && answer.body.trim_ascii_start().starts_with(b"<"));
    html && (is_good(answer) || (answer.status >= 400 && answer.url.path() == "/"))
}

fn is_good(answer: &SavedAnswer) -> bool {
    (200..300).contains(&answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(url: &str, status: u16, kind: &str, body: &[u8]) -> SavedAnswer {
        SavedAnswer {
            url: url.parse().unwrap(),
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.to_vec(),
            cut: None,
            at: None,
        }
    }

    fn sorted(answers: &[SavedAnswer], given: Option<&str>, only: bool) -> Vec<(String, Vec<String>)> {
        let given = given.map(|url| Target::parse(url, true).unwrap());
        let sites = sort(answers.to_vec(), given.as_ref(), only).into_iter();
        sites
            .map(|site| {
                let urls = site.answers.iter().map(|answer| answer.url.to_string());
                (site.target.url.to_string(), urls.collect())
            })
            .collect()
    }

    #[test]
    fn pages_go_to_their_site_and_pictures_follow() {
        let png = b"\x89PNG\r\n\x1a\n";
        let shop = answer(
            "https://shop.example.com/a",
            200,
            "text/html; charset=utf-8",
            b"<p>",
        );
        let again = answer("https://shop.example.com/a", 200, "text/html", b"<p>later");
        let moved = answer("https://shop.example.com/", 301, "text/html", b"");
        let lost = answer("https://shop.example.com/x", 404, "text/html", b"<p>");
        let script = answer("https://shop.example.com/a.js", 200, "text/javascript", b"x");
        let picture = answer("https://pictures.example.net/1.png", 200, "image/png", png);
        let other = answer("https://other.example.org/", 503, "text/html", b"<p>");
        let mine = [shop, again, moved, lost, script, picture];
        let alone = [(
            "https://shop.example.com/".to_owned(),
            vec![
                "https://shop.example.com/a".to_owned(),
                "https://pictures.example.net/1.png".to_owned(),
            ],
        )];
        assert_eq!(sorted(&mine, None, false), alone);
        let both = [&mine[..], &[other]].concat();
        let names = |given, only| -> Vec<(String, usize)> {
            sorted(&both, given, only)
                .into_iter()
                .map(|(name, answers)| (name, answers.len()))
                .collect()
        };
        let (shop, other) = (
            ("https://shop.example.com/".to_owned(), 1),
            ("https://other.example.org/".to_owned(), 1),
        );
        assert_eq!(names(None, false), [shop.clone(), other.clone()]);
        assert_eq!(
            names(Some("https://other.example.org/"), false),
            [other.clone(), shop]
        );
        assert_eq!(names(Some("https://other.example.org/"), true), [other]);
        assert_eq!(names(Some("https://none.example.io/"), true), []);
        assert_eq!(sorted(&[], None, false), []);
    }
}
