//! Links that were met and not yet fetched, and which of them is next.
//!
//! Best-first and the same every time: the first page of each role in order of importance, then the second of each;
//! within a role, page order. It fetches nothing.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::plan::{Plan, pattern};
use crate::evidence::Role;
use crate::page::Page;
use crate::target::Site;

/// Most links that are remembered; the budget is a dozen pages.
const MAX_WAITING: usize = 2000;

/// A link that may be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) url: Url,
    pub(super) role: Role,
    order: usize,
}

/// What waits to be fetched.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    waiting: Vec<Candidate>,
    /// Addresses that were met, without their scheme.
    met: BTreeSet<String>,
    taken: BTreeMap<Role, usize>,
    patterns: BTreeMap<String, usize>,
    order: usize,
}

impl Frontier {
    /// Notes an address that was fetched, or led to, so that it is not asked for again.
    pub(super) fn visited(&mut self, url: &Url, plan: &Plan) {
        let url = plan.canonical(url);
        let key = key(&url);
        self.waiting.retain(|candidate| self::key(&candidate.url) != key);
        self.met.insert(key.to_owned());
    }

    /// Whether an address was fetched, led to, or is waiting no more.
    pub(super) fn was_visited(&self, url: &Url, plan: &Plan) -> bool {
        let url = plan.canonical(url);
        let key = key(&url);
        self.met.contains(key)
            && !self
                .waiting
                .iter()
                .any(|candidate| self::key(&candidate.url) == key)
    }

    /// Adds the links of a page that belong to the site and show.
    pub(super) fn add(&mut self, page: &Page, site: &Site, plan: &Plan) {
        for link in page.links.iter().filter(|link| link.visible) {
            let Some(url) = link.url.as_deref().and_then(|url| Url::parse(url).ok()) else {
                continue;
            };
            if !matches!(url.scheme(), "http" | "https") || !site.holds(&url) {
                continue;
            }
            if let Some(role) = plan.role(&link.text, &url) {
                self.offer(plan.canonical(&url), role);
            }
        }
    }

    /// Adds a picture of this site.
    pub(super) fn add_picture(&mut self, url: &Url, plan: &Plan) {
        self.offer(plan.canonical(url), Role::Picture);
    }

    fn offer(&mut self, url: Url, role: Role) {
        let key = key(&url);
        if self.met.contains(key) {
            // A picture links to the page first, its name later: the telling link counts.
            // Most repeats tell nothing new; a page of thousands must not be searched for each of them.
            if role != Role::Other
                && let Some(known) = self
                    .waiting
                    .iter_mut()
                    .find(|known| known.role == Role::Other && self::key(&known.url) == key)
            {
                known.role = role;
            }
            return;
        }
        if self.waiting.len() >= MAX_WAITING {
            return;
        }
        self.met.insert(key.to_owned());
        self.waiting.push(Candidate {
            url,
            role,
            order: self.order,
        });
        self.order += 1;
    }

    /// Whether nothing that waits is worth more than the first page of a role.
    pub(super) fn is_due(&self, role: Role, plan: &Plan) -> bool {
        let (place, wait, _) = plan.standing(role);
        self.best(plan)
            .is_none_or(|((round, best, _), _)| (wait, place) <= (round, best))
    }

    /// The next link, by standing and place.
    fn best(&self, plan: &Plan) -> Option<((usize, usize, usize), usize)> {
        (0..self.waiting.len())
            .filter_map(|at| Some((self.standing(self.waiting.get(at)?, plan)?, at)))
            .min()
    }

    /// Takes the next link.
    pub(super) fn next(&mut self, plan: &Plan) -> Option<Candidate> {
        let best = self.best(plan)?;
        let candidate = self.waiting.remove(best.1);
        *self.taken.entry(candidate.role).or_default() += 1;
        *self.patterns.entry(pattern(&candidate.url)).or_default() += 1;
        Some(candidate)
    }

    /// Round, importance and page order; nothing for links that are not taken any more.
    fn standing(&self, candidate: &Candidate, plan: &Plan) -> Option<(usize, usize, usize)> {
        let (place, wait, at_most) = plan.standing(candidate.role);
        let taken = self.taken.get(&candidate.role).copied().unwrap_or_default();
        let alike = self
            .patterns
            .get(&pattern(&candidate.url))
            .copied()
            .unwrap_or_default();
        (taken < at_most && alike < plan.per_pattern()).then_some((taken + wait, place, candidate.order))
    }

    /// How many links would still be taken, by role.
    pub(super) fn left(&self, plan: &Plan) -> BTreeMap<Role, usize> {
        let mut left = BTreeMap::new();
        for candidate in self
            .waiting
            .iter()
            .filter(|candidate| self.standing(candidate, plan).is_some())
        {
            *left.entry(candidate.role).or_default() += 1;
        }
        left
    }
}

/// An address without its scheme: http and https links lead to one page.
fn key(url: &Url) -> &str {
    let whole = url.as_str();
    whole.split_once("://").map_or(whole, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFiles;

    fn order(html: &str) -> Vec<String> {
        let plan = Plan::load(&DataFiles::built_in()).unwrap();
        let home = Url::parse("https://shop.example.cn/").unwrap();
        let mut frontier = Frontier::default();
        frontier.visited(&home, &plan);
        frontier.add(&crate::page::read(html, &home), &Site::of(&home).unwrap(), &plan);
        std::iter::from_fn(|| frontier.next(&plan))
            .map(|next| next.url.path().to_owned())
            .collect()
    }

    #[test]
    fn every_role_comes_once_before_any_comes_twice() {
        let html = "<a href=/b/1>购买</a><a href=/b/2>购买</a><a href=/b/3>购买</a><a href=/b/4>购买</a>\
                    <a href=/z>营业执照</a><a href=/x></a><a href=/k>联系我们</a><a href=/g>关于我们</a>";
        assert_eq!(order(html), ["/z", "/g", "/k", "/b/1", "/b/2", "/b/3", "/x"]);
    }

    #[test]
    fn only_this_site_is_followed_and_each_page_once() {
        let html = "<a href=/><img alt=站></a><a href='/#a'>关于</a><a href=http://shop.example.cn/a>关于</a><a href=/a>关于</a>\
                    <a href=https://other.cn/a>关于</a><a href=https://m.example.cn/m>关于</a><a hidden href=/h>关于</a>\
                    <a href=mailto:a@b.cn>联系</a><a href='/s?PHPSESSID=1'>x</a><a href='/s?PHPSESSID=2'>x</a>";
        assert_eq!(order(html), ["/a", "/m", "/s"]);
    }

    #[test]
    fn a_telling_link_gives_its_role_to_one_met_before() {
        assert_eq!(
            order("<a href=/o></a><a href=/n></a><a href=/n>营业执照</a>"),
            ["/n", "/o"]
        );
    }

    #[test]
    fn addresses_that_differ_in_digits_only_are_taken_three_times() {
        let days: Vec<String> = (0..9).map(|n| format!("<a href='/cal?d={n}'>{n}</a>")).collect();
        assert_eq!(order(&days.concat()).len(), 3);
    }
}
