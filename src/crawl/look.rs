//! One look at one site, step by step: home, signposts, probe, then page after page until the budget is spent.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use url::Url;

use super::answer::Answer;
use super::endpoints::Program;
use super::frontier::Frontier;
use super::plan::Plan;
use super::probe::{self, Probe};
use super::{Budget, Fetch, signpost};
use crate::evidence::{Evidence, Gap, GapReason, Hop, Role, Unread};
use crate::net::Want;
use crate::target::{Site, Target};

/// Frames of one home page that are fetched: the usual frameset has a top, a side and a main one.
const MAX_FRAMES: usize = 3;

/// A look in progress.
pub(super) struct Look<'a, F> {
    pub(super) fetch: &'a F,
    pub(super) plan: &'a Plan,
    pub(super) budget: Budget,
    pub(super) evidence: Evidence,
    pub(super) frontier: Frontier,
    /// Pictures that hang where a licence would, met so far.
    pub(super) hung: BTreeSet<String>,
    /// The program that draws the home page by script, until its data were asked for; with the home page's address.
    pub(super) drawn: Option<(&'a Program, Url)>,
    /// The site asked us to slow down; it is left alone.
    pub(super) slowed: bool,
    /// Bodies of pages that were kept.
    bodies_read: BTreeSet<String>,
    pub(super) asked: usize,
    probe: Option<Probe>,
    home_lines: BTreeSet<String>,
}

/// Why no more pages are fetched.
pub(super) enum Stop {
    Nothing,
    Pages,
    Time,
    Slowed,
}

impl<'a, F: Fetch> Look<'a, F> {
    pub(super) fn new(target: &Target, fetch: &'a F, plan: &'a Plan, at: Timestamp, budget: Budget) -> Self {
        let mut evidence = Evidence::new(target.clone(), at, budget.profile);
        evidence.as_visitor = budget.as_visitor;
        Self {
            fetch,
            plan,
            budget,
            evidence,
            frontier: Frontier::default(),
            hung: BTreeSet::new(),
            drawn: None,
            slowed: false,
            bodies_read: BTreeSet::new(),
            asked: 0,
            probe: None,
            home_lines: BTreeSet::new(),
        }
    }

    pub(super) async fn run(mut self) -> Evidence {
        if let Some(home) = self.home().await {
            self.probe(&home).await;
            self.frames(&home).await;
            self.named().await;
            let stop = self.pages().await;
            self.note_rest(&stop);
        }
        self.evidence
    }

    /// Fetches the home page, at the first of its addresses that answers well; gives its final address when it was read.
    async fn home(&mut self) -> Option<Url> {
        for url in self.homes() {
            if self.spent_before(&url) {
                break;
            }
            match self.fetch.get(&url, Want::Page).await {
                Err(failure) => self.evidence.gaps.push(failure.gap),
                Ok(reply) => {
                    let answer = Answer::of(reply, Role::Home, self.plan);
                    let settled = is_settled(&answer);
                    self.keep(answer);
                    if settled {
                        break;
                    }
                }
            }
        }
        self.land();
        self.signpost().await;
        let home = self
            .evidence
            .pages
            .iter()
            .find(|seen| seen.role == Role::Home && seen.page.is_some())?;
        let url = Url::parse(&home.final_url).ok()?;
        self.home_lines = home
            .page
            .as_ref()
            .map(|page| probe::lines(page, home))
            .unwrap_or_default();
        let program = home
            .page
            .as_ref()
            .and_then(|page| self.plan.endpoints.of(home, page));
        self.drawn = program.map(|program| (program, url.clone()));
        self.frontier.visited(&url, self.plan);
        self.follow(&url);
        Some(url)
    }

    /// The addresses at which home may be, in the order they are tried.
    fn homes(&self) -> Vec<Url> {
        let mut homes = self.evidence.target.addresses();
        if !self.budget.home_is_named {
            for url in &mut homes {
                url.set_path("/");
                url.set_query(None);
            }
        }
        homes
    }

    /// The page that was named, when it is not home itself.
    async fn named(&mut self) {
        let mut url = self.plan.canonical(&self.evidence.target.url);
        let home = self
            .evidence
            .pages
            .first()
            .and_then(|home| Url::parse(&home.final_url).ok());
        let Some(home) =
            home.filter(|_| !self.budget.home_is_named && (url.path() != "/" || url.query().is_some()))
        else {
            return;
        };
        // Home has shown which scheme the site answers.
        if url.host_str() == home.host_str() && url.set_scheme(home.scheme()).is_err() {
            return;
        }
        if self.room().is_none()
            && self.evidence.site.holds(&url)
            && !self.frontier.was_visited(&url, self.plan)
        {
            let role = self.plan.role("", &url).unwrap_or(Role::Other);
            self.fetch_page(&url, role).await;
        }
    }

    fn spent_before(&mut self, url: &Url) -> bool {
        let spent = self.fetch.spent();
        if spent {
            self.evidence
                .gaps
                .push(Gap::new(GapReason::BudgetSpent, "time", url.as_str()));
        }
        spent
    }

    /// The site that is judged is the one where the home page's redirects end.
    fn land(&mut self) {
        let homes = self.evidence.pages.iter().filter(|seen| seen.role == Role::Home);
        let best = homes
            .clone()
            .find(|seen| seen.page.is_some())
            .or_else(|| homes.clone().next_back());
        let asked = &self.evidence.target;
        let landed = best.and_then(|seen| {
            let url = Url::parse(&seen.final_url).ok()?;
            Some((Site::of(&url)?, url))
        });
        let Some((site, url)) = landed.filter(|(site, _)| *site != asked.site) else {
            return;
        };
        // The site of a bare address names its port: one that answers http only is no redirect.
        if url.host() != asked.url.host() {
            self.evidence.redirected_from = Some(asked.site.clone());
        }
        self.evidence.site = site;
    }

    /// A home page that shows little and sends elsewhere: the page it points to is home. Followed once.
    async fn signpost(&mut self) {
        let found = self
            .evidence
            .pages
            .iter()
            .position(|seen| seen.role == Role::Home && seen.page.is_some());
        let Some((at, seen)) = found.and_then(|at| Some((at, self.evidence.pages.get(at)?))) else {
            return;
        };
        let Some(to) = signpost::sends_to(seen, self.plan) else {
            return;
        };
        if self.fetch.spent() {
            return;
        }
        let hop = Hop {
            url: seen.final_url.clone(),
            status: seen.status,
            to: to.to_string(),
            address: seen.address.clone(),
        };
        let mut hops = seen.hops.clone();
        match self.fetch.get(&to, Want::Page).await {
            Err(failure) => self.evidence.gaps.push(failure.gap),
            Ok(mut reply) => {
                hops.push(hop);
                hops.append(&mut reply.hops);
                reply.hops = hops;
                if let Some(seen) = self.evidence.pages.get_mut(at) {
                    seen.role = Role::Other;
                }
                self.keep(Answer::of(reply, Role::Home, self.plan));
                // Home first: the signpost goes behind it.
                let signpost = self.evidence.pages.remove(at);
                self.evidence.pages.push(signpost);
                self.land();
            }
        }
    }

    /// Asks for what cannot exist.
    async fn probe(&mut self, home: &Url) {
        if self.room().is_some() {
            return;
        }
        let Some(url) = probe::address(home, &self.evidence.site) else {
            return;
        };
        if let Ok(reply) = self.fetch.get(&url, Want::Page).await {
            let answer = Answer::of(reply, Role::Other, self.plan);
            let gate = answer.gaps.iter().any(|gap| is_gate(gap.reason));
            self.probe = Probe::of(&answer.seen).filter(|_| !gate);
        }
    }

    /// A home page that is nothing but frames: those of this site are fetched next, others are noted.
    async fn frames(&mut self, home: &Url) {
        let bare = self.plan.bare_chars();
        let found = self
            .evidence
            .pages
            .iter()
            .find(|seen| seen.final_url == home.as_str());
        let page = found
            .and_then(|seen| seen.page.as_ref())
            .filter(|page| page.visible_chars() < bare);
        let frames: Vec<Url> = page
            .iter()
            .flat_map(|page| &page.frames)
            .filter_map(|url| Url::parse(url).ok())
            .collect();
        for url in frames
            .into_iter()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .take(MAX_FRAMES)
        {
            if !self.evidence.site.holds(&url) {
                let gap = Gap::new(GapReason::NotCrawled, "frame of another site", url.as_str());
                self.evidence.gaps.push(gap);
            } else if self.room().is_none() {
                self.fetch_page(&self.plan.canonical(&url), Role::Home).await;
            }
        }
    }

    async fn pages(&mut self) -> Stop {
        loop {
            if let Some(stop) = self.room() {
                return stop;
            }
            if self.drawn.is_some() && self.frontier.is_due(Role::Data, self.plan) {
                self.product_data().await;
                continue;
            }
            let Some(next) = self.frontier.next(self.plan) else {
                return Stop::Nothing;
            };
            if next.role == Role::Picture {
                self.fetch_picture(&next.url).await;
            } else {
                self.fetch_page(&next.url, next.role).await;
            }
        }
    }

    /// Whether another page may be fetched; if not, why.
    pub(super) fn room(&self) -> Option<Stop> {
        // Repeats and failures do not count as pages, so they need a bound of their own.
        let most_asked = self.budget.max_pages + self.budget.max_pages / 2;
        if self.evidence.pages.len() >= self.budget.max_pages || self.asked >= most_asked {
            return Some(Stop::Pages);
        }
        if self.slowed {
            return Some(Stop::Slowed);
        }
        self.fetch.spent().then_some(Stop::Time)
    }

    async fn fetch_page(&mut self, url: &Url, role: Role) {
        self.asked += 1;
        self.frontier.visited(url, self.plan);
        let reply = match self.fetch.get(url, Want::Page).await {
            Ok(reply) => reply,
            Err(failure) => {
                self.slowed |= failure.gap.reason == GapReason::RateLimited;
                self.miss(url, role, &failure.gap);
                return self.evidence.gaps.push(failure.gap);
            }
        };
        let final_url = reply.final_url.clone();
        self.frontier.visited(&final_url, self.plan);
        if !self.evidence.site.holds(&final_url) {
            let host = final_url.host_str().unwrap_or_default();
            let detail = format!("redirects to {host}");
            return self
                .evidence
                .gaps
                .push(Gap::new(GapReason::NotCrawled, detail, url.as_str()));
        }
        let mut answer = Answer::of(reply, role, self.plan);
        let good =
            (200..300).contains(&answer.seen.status) && !answer.gaps.iter().any(|gap| is_gate(gap.reason));
        if good
            && self
                .probe
                .as_ref()
                .is_some_and(|probe| probe.resembles(&answer.seen, &self.home_lines))
        {
            answer.seen.page = None;
            answer.gaps = vec![Gap::new(
                GapReason::Soft404,
                "answers like a page that cannot exist",
                url.as_str(),
            )];
        } else if good && self.bodies_read.contains(&answer.seen.body_sha256) {
            return;
        }
        let blocking = answer
            .gaps
            .iter()
            .find(|gap| is_blocking(gap, answer.seen.status));
        if let (None, Some(gap)) = (&answer.seen.page, blocking) {
            let gap = gap.clone();
            self.miss(url, role, &gap);
        }
        self.keep(answer);
        self.follow(&final_url);
    }

    /// Remembers a page that is there and was not read, so that nobody takes its content for absent.
    pub(super) fn miss(&mut self, url: &Url, role: Role, gap: &Gap) {
        self.evidence.unread.push(Unread {
            url: url.to_string(),
            role,
            reason: gap.reason,
            detail: gap.detail.clone(),
        });
    }

    pub(super) fn keep(&mut self, answer: Answer) {
        self.slowed |= answer.gaps.iter().any(|gap| gap.reason == GapReason::RateLimited);
        self.evidence.gaps.extend(answer.gaps);
        if answer.seen.page.is_some() {
            self.bodies_read.insert(answer.seen.body_sha256.clone());
        }
        self.evidence
            .bodies
            .insert(answer.seen.body_sha256.clone(), answer.body);
        self.evidence.pages.push(answer.seen);
    }

    /// Adds the links of the page at this final address to the frontier.
    fn follow(&mut self, final_url: &Url) {
        let found = self
            .evidence
            .pages
            .iter()
            .rev()
            .find(|seen| seen.final_url == final_url.as_str());
        let Some((page, role)) = found.and_then(|seen| Some((seen.page.as_ref()?, seen.role))) else {
            return;
        };
        self.frontier.add(page, &self.evidence.site, self.plan);
        let pictures = self.plan.pictures().find(page, role);
        let pictures: Vec<Url> = pictures.iter().filter_map(|url| Url::parse(url).ok()).collect();
        self.hang(&pictures);
    }

    /// Of the roles that were left out, those of which no page was read at all.
    fn miss_roles(&mut self, left: &BTreeMap<Role, usize>, reason: GapReason, why: &str) {
        for role in left.keys() {
            let pages = &self.evidence.pages;
            if !pages.iter().any(|seen| seen.role == *role && seen.page.is_some()) {
                self.evidence.unread.push(Unread {
                    url: self.evidence.site.to_string(),
                    role: *role,
                    reason,
                    detail: why.to_owned(),
                });
            }
        }
    }

    /// Says what was left out, if the look stopped before the links ended.
    fn note_rest(&mut self, stop: &Stop) {
        let (reason, why) = match stop {
            Stop::Nothing => return,
            Stop::Pages => (GapReason::BudgetSpent, "pages"),
            Stop::Time => (GapReason::BudgetSpent, "time"),
            Stop::Slowed => (GapReason::RateLimited, "asked to slow down"),
        };
        self.note_drawn(reason, why);
        let left = self.frontier.left(self.plan);
        if left.is_empty() {
            return;
        }
        self.miss_roles(&left, reason, why);
        let roles: Vec<String> = left
            .iter()
            .map(|(role, count)| format!("{} {count}", name(*role)))
            .collect();
        let total: usize = left.values().sum();
        let detail = format!("{why}; {total} links left: {}", roles.join(", "));
        self.evidence
            .gaps
            .push(Gap::new(reason, detail, self.evidence.site.as_str()));
    }
}

/// Whether a page that was not read may hold something: a refusal or an error, not a plain "not there".
pub(super) fn is_blocking(gap: &Gap, status: u16) -> bool {
    match gap.reason {
        GapReason::Soft404 => false,
        GapReason::Http4xx => !matches!(status, 404 | 410),
        _ => true,
    }
}

/// Whether the home page was found, or stands behind a gate that another scheme would not open.
fn is_settled(answer: &Answer) -> bool {
    let closed = |gap: &Gap| matches!(gap.reason, GapReason::NotInstalled | GapReason::Parked);
    (200..300).contains(&answer.seen.status) && !answer.gaps.iter().any(closed)
        || answer.gaps.iter().any(|gap| gap.reason == GapReason::Challenge)
}

fn is_gate(reason: GapReason) -> bool {
    matches!(
        reason,
        GapReason::Challenge | GapReason::NotInstalled | GapReason::Parked
    )
}

/// The public code of a role, as in JSON.
fn name(role: Role) -> &'static str {
    match role {
        Role::Home => "home",
        Role::About => "about",
        Role::Contact => "contact",
        Role::Licence => "licence",
        Role::Help => "help",
        Role::Terms => "terms",
        Role::Products => "products",
        Role::Product => "product",
        Role::OrderQuery => "order_query",
        Role::Announcement => "announcement",
        Role::Agents => "agents",
        Role::Other => "other",
        Role::Saved => "saved",
        Role::Data => "data",
        Role::Picture => "picture",
    }
}
