//! Licence pictures: which pictures of a page hang where a licence would.
//!
//! Takes a page, what it is for, and words of `data/crawl.toml`; gives addresses in page order. By context alone: the
//! words beside a picture (its own text, the link that leads to it, its file name), or a page about licences that shows
//! pictures. It looks into no picture and fetches none. A module of its own, so that inspectors can ask what the crawl
//! asked.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use crate::data::{DataError, DataFiles};
use crate::evidence::Role;
use crate::page::{Page, Region};
use crate::text::Letters;

const FILE: &str = "crawl.toml";

/// Words by which pictures of licences are known.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicencePictures {
    /// Most pictures that are fetched of a site.
    pub at_most: usize,
    /// Longest text that names a picture or heads pictures, in characters; longer ones are prose.
    heading_chars: usize,
    /// Words beside a picture, its link, or in a heading above.
    words: Vec<String>,
    /// Parts of file names.
    names: Vec<String>,
    /// Parts of file names of pictures that are something else.
    others: Vec<String>,
    /// Endings of file names.
    endings: Vec<String>,
    /// The first letters of the words.
    #[serde(skip)]
    openings: OnceLock<Letters>,
    /// The names, in either case; nothing when they are too many for one search.
    #[serde(skip)]
    any_name: OnceLock<Option<AhoCorasick>>,
}

impl LicencePictures {
    /// Reads the words from `crawl.toml`.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        #[derive(Deserialize)]
        struct File {
            pictures: LicencePictures,
        }
        data.read::<File>(FILE).map(|file| file.pictures)
    }

    /// Addresses of the pictures that hang where a licence would, those named as such first, each once.
    pub fn find<'p>(&self, page: &'p Page, role: Role) -> Vec<&'p str> {
        let named = page.images.iter().filter(|image| {
            let titled = || image.title != image.alt && self.speaks(&image.title);
            self.speaks(&image.alt) || titled() || self.is_named(&image.url)
        });
        let named = named.map(|image| image.url.as_str());
        let links = page.links.iter().filter(|link| link.visible);
        let linked = links.filter_map(|link| {
            let url = link.url.as_deref()?;
            // Few links lead to pictures.
            let telling = || self.speaks(&link.text) || self.is_named(url);
            (self.is_picture(url) && telling()).then_some(url)
        });
        let hangs = self.hangs(page, role);
        let hung = page
            .images
            .iter()
            .filter(|image| hangs && image.region == Region::Main)
            .map(|image| image.url.as_str());
        let mut found: Vec<&str> = Vec::new();
        for url in named.chain(linked).chain(hung) {
            if url.starts_with("http") && !self.is_other(url) && !found.contains(&url) {
                found.push(url);
            }
        }
        found
    }

    /// Whether the pictures of the main part stand for licences: on a page that is about them, or below a heading of a
    /// page about the shop.
    fn hangs(&self, page: &Page, role: Role) -> bool {
        match role {
            Role::Licence => true,
            Role::About | Role::Contact => page.blocks.iter().any(|block| self.speaks(&block.text)),
            _ => self.speaks(&page.title),
        }
    }

    /// Whether a short text has one of the words; blanks between letters do not matter.
    fn speaks(&self, text: &str) -> bool {
        // No character has more than four bytes.
        let long = text.len() > 4 * self.heading_chars || text.chars().nth(self.heading_chars).is_some();
        if text.is_empty() || long || !self.may_speak(text) {
            return false;
        }
        let text: String = text.to_lowercase().split_whitespace().collect();
        self.words.iter().any(|word| text.contains(word.as_str()))
    }

    /// Whether a text has the first letter of one of the words: a cheap look before blanks and case are taken away.
    fn may_speak(&self, text: &str) -> bool {
        let openings = self.openings.get_or_init(|| {
            let first = self.words.iter().filter_map(|word| word.chars().next());
            let cases = first.flat_map(|c| c.to_lowercase().chain(c.to_uppercase()));
            Letters::of(&cases.collect::<String>())
        });
        Letters::of(text).meets(openings)
    }

    fn is_named(&self, url: &str) -> bool {
        // Beyond ASCII there are letters whose lower case is in it; such addresses are few.
        let any = self.any_name.get_or_init(|| either_case(&self.names));
        if let Some(any) = any.as_ref().filter(|_| url.is_ascii()) {
            return any.is_match(last_part(url));
        }
        let name = file_name(url);
        self.names.iter().any(|part| name.contains(part.as_str()))
    }

    fn is_other(&self, url: &str) -> bool {
        let name = file_name(url);
        self.others.iter().any(|part| name.contains(part.as_str()))
    }

    /// Whether an address ends as those of pictures do.
    pub fn is_picture(&self, url: &str) -> bool {
        let ends = |name: &str| {
            self.endings.iter().any(|ending| {
                let tail = name.len().checked_sub(ending.len()).and_then(|at| name.get(at..));
                tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
            })
        };
        // Few addresses of links end so, and where the last part begins matters to these only.
        ends(path(url)) && ends(last_part(url))
    }
}

/// One search for several words, in either case.
fn either_case(words: &[String]) -> Option<AhoCorasick> {
    let words = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostFirst)
        .build(words);
    words.ok()
}

/// Last part of the path, lower case.
fn file_name(url: &str) -> String {
    last_part(url).to_lowercase()
}

/// An address without what is asked and the part of the page.
fn path(url: &str) -> &str {
    let end = url.bytes().position(|byte| matches!(byte, b'?' | b'#'));
    url.get(..end.unwrap_or(url.len())).unwrap_or(url)
}

fn last_part(url: &str) -> &str {
    let path = path(url);
    let Some((head, name)) = path.rsplit_once('/') else {
        return "";
    };
    // The last stroke may be that before the host.
    let bare = head.ends_with(":/") && path.find("://") == Some(head.len() - 2);
    if bare { "" } else { name }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn check(role: Role, html: &str, expected: &[&str]) {
        let home = Url::parse("https://shop.example.cn/").unwrap();
        let page = crate::page::read(html, &home);
        let pictures = LicencePictures::load(&DataFiles::built_in()).unwrap();
        let found: Vec<_> = pictures
            .find(&page, role)
            .into_iter()
            .map(|url| url.trim_start_matches("https://shop.example.cn"))
            .collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn words_beside_a_picture_its_link_or_its_name_tell() {
        let prose = "我们的营业执照可以在客服处索取，请联系客服获取完整的资料。".repeat(3);
        for (html, expected) in [
            ("<img src=/a.jpg alt=营业执照>", vec!["/a.jpg"]),
            ("<img src=/a.jpg title='营 业 执 照'>", vec!["/a.jpg"]),
            ("<a href=/up/1.PNG>查看营业执照</a>", vec!["/up/1.PNG"]),
            (
                "<a href=/zz/big.jpg><img src=/zz/small.jpg alt=营业执照></a>",
                vec!["/zz/small.jpg", "/zz/big.jpg"],
            ),
            ("<img src=/img/yyzz.png>", vec!["/img/yyzz.png"]),
            ("<img src='/img/YYZZ_1.png?v=3#a'>", vec!["/img/YYZZ_1.png?v=3#a"]),
            (
                "<img src=/a.png?back=/yyzz.png><img src=//zizhi.example.cn>",
                vec![],
            ),
            ("<a href=/licence>营业执照</a>", vec![]),
            (
                "<img src=/logo.png alt=营业执照><img src=/a.svg alt=营业执照>",
                vec![],
            ),
            ("<img src=/a.jpg alt=站点><p>营业执照", vec![]),
            ("<img src='data:image/png;base64,AAAA' alt=营业执照>", vec![]),
        ] {
            check(Role::Home, html, &expected);
        }
        check(Role::About, &format!("<p>{prose}</p><img src=/a.jpg>"), &[]);
    }

    #[test]
    fn pictures_hang_on_pages_about_licences_and_below_their_headings() {
        let html = "<header><img src=/top.jpg></header><main><h2>营业执照</h2><img src=/a.jpg><img src=/b.jpg></main>\
                    <footer><img src=/gongan.png></footer>";
        check(Role::About, html, &["/a.jpg", "/b.jpg"]);
        check(Role::Other, html, &[]);
        check(
            Role::Licence,
            "<main><img src=/qiye.jpg><img src=/x.jpg></main>",
            &["/qiye.jpg", "/x.jpg"],
        );
        check(
            Role::Other,
            "<title>企业资质</title><main><img src=/a.jpg></main>",
            &["/a.jpg"],
        );
    }
}
