//! The probe: one address that cannot exist, to know how the site answers when there is nothing.
//!
//! Many shop programs answer 200 for anything. A later answer that looks like the probe's is no page. What every
//! page of the site shows (its frame, as seen on the home page) is left out of the comparison.

use std::collections::BTreeSet;

use url::Url;

use crate::digest;
use crate::evidence::SeenPage;
use crate::page::Page;
use crate::target::Site;

/// Share of text in common from which two answers are one.
const SAME: f64 = 0.9;
/// The same, when the titles are equal too.
const SAME_WITH_TITLE: f64 = 0.75;

/// An address on this origin that no site has; the same for a site every time.
pub(super) fn address(home: &Url, site: &Site) -> Option<Url> {
    let hash = digest::sha256(site.as_str().as_bytes());
    home.join(&format!("/cardvet-probe-{}", hash.get(..16)?)).ok()
}

/// How the site answers when there is nothing.
#[derive(Debug)]
pub(super) struct Probe {
    sha256: String,
    /// Where the probe was redirected, if it was.
    landed: Option<String>,
    title: String,
    lines: BTreeSet<String>,
}

impl Probe {
    /// What the probe's answer tells; nothing when the site says honestly that there is nothing.
    pub(super) fn of(seen: &SeenPage) -> Option<Self> {
        if !(200..300).contains(&seen.status) {
            return None;
        }
        let (title, lines) = seen
            .page
            .as_ref()
            .map(|page| (page.title.clone(), lines(page, seen)))
            .unwrap_or_default();
        let landed = (seen.url != seen.final_url).then(|| seen.final_url.clone());
        Some(Self {
            sha256: seen.body_sha256.clone(),
            landed,
            title,
            lines,
        })
    }

    /// Whether an answer looks like the probe's. `home`: what the home page shows.
    pub(super) fn resembles(&self, seen: &SeenPage, home: &BTreeSet<String>) -> bool {
        if seen.body_sha256 == self.sha256 {
            return true;
        }
        if self.landed.as_deref() == Some(seen.final_url.as_str()) && seen.url != seen.final_url {
            return true;
        }
        let Some(page) = &seen.page else { return false };
        let same_title = page.title == self.title;
        let (page_lines, nothing) = (lines(page, seen), self.lines.is_empty());
        if nothing || page_lines.is_empty() {
            // Shells differ in nonces only.
            return nothing && page_lines.is_empty() && same_title;
        }
        let own: BTreeSet<&String> = page_lines.difference(home).collect();
        let probe: BTreeSet<&String> = self.lines.difference(home).collect();
        if own.is_empty() || probe.is_empty() {
            // The probe showed the home page: so does this answer, or it is a page of its own.
            return own.is_empty() && probe.is_empty() && same_title;
        }
        let alike = share(&own, &probe);
        alike >= SAME || (same_title && alike >= SAME_WITH_TITLE)
    }
}

/// What a page shows, line by line, without its own address, which "not found" pages like to repeat.
pub(super) fn lines(page: &Page, seen: &SeenPage) -> BTreeSet<String> {
    let addresses: Vec<Url> = [&seen.url, &seen.final_url]
        .iter()
        .filter_map(|url| Url::parse(url).ok())
        .collect();
    let mut own: Vec<&str> = Vec::new();
    for url in &addresses {
        own.push(url.as_str());
        own.push(url.path());
        own.extend(
            url.path_segments()
                .and_then(|mut parts| parts.next_back())
                .filter(|name| name.len() > 3),
        );
    }
    own.retain(|text| text.len() > 1);
    let without = |text: &str| {
        own.iter()
            .fold(text.to_owned(), |text, address| text.replace(address, ""))
    };
    page.blocks
        .iter()
        .map(|block| without(&block.text).trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Characters in lines that both have, as a share of the larger.
#[expect(
    clippy::cast_precision_loss,
    reason = "a page has far fewer characters than f64 counts exactly"
)]
fn share(one: &BTreeSet<&String>, other: &BTreeSet<&String>) -> f64 {
    let chars =
        |lines: &mut dyn Iterator<Item = &&String>| lines.map(|line| line.chars().count()).sum::<usize>();
    let both = chars(&mut one.intersection(other));
    let most = chars(&mut one.iter()).max(chars(&mut other.iter()));
    both as f64 / most.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_is_the_same_for_a_site_every_time_and_differs_between_sites() {
        let home = Url::parse("https://shop.example.cn/a/b?c=1").unwrap();
        let probe = |site: &str| address(&home, &Site::from_stored(site)).unwrap().to_string();
        assert_eq!(probe("example.cn"), probe("example.cn"));
        assert_ne!(probe("example.cn"), probe("example.com"));
        let name = probe("example.cn");
        let hex = name
            .strip_prefix("https://shop.example.cn/cardvet-probe-")
            .unwrap();
        assert!(hex.len() == 16 && hex.chars().all(|c| c.is_ascii_hexdigit()));
    }

    #[test]
    fn likeness_is_the_share_of_characters_in_common() {
        let set = |lines: &[&str]| {
            lines
                .iter()
                .map(|line| (*line).to_owned())
                .collect::<BTreeSet<String>>()
        };
        let compare = |one: &[&str], other: &[&str]| {
            let (one, other) = (set(one), set(other));
            share(&one.iter().collect(), &other.iter().collect())
        };
        assert!(compare(&["没有找到"], &["没有找到"]) >= SAME);
        assert!(compare(&["没有找到", "返回首页"], &["没有找到", "关于我们的长文"]) < SAME_WITH_TITLE);
        assert!(compare(&[], &[]) < SAME);
    }
}
