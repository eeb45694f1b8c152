//! One visit: pages of a site within a budget of time, robots and redirects and the one retry included.
//!
//! Addresses of a name are resolved and checked once a visit and pinned for its length. robots.txt is fetched once
//! an origin. It chooses no page; `crawl` does. Statuses are passed on as they are, save a 429 that stays.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::timeout;
use url::Url;

use super::guard::Way as Door;
use super::http::{Answer, Channel};
use super::manners::{self, RobotsSeen};
use super::pace::TooLong;
use super::redirect::{self, Way};
use super::trouble::Trouble;
use super::{Failure, Net, Reply, Want, retry};
use crate::evidence::{Gap, GapReason, Hop};

/// What is kept of one origin, fetched once.
type Once<T> = Mutex<BTreeMap<String, Arc<OnceCell<T>>>>;

/// What is done with robots.txt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RobotsUse {
    /// It is asked for and obeyed.
    #[default]
    Obeyed,
    /// It is asked for, and what it forbids is asked for all the same and noted: a look that a person asked for, at what
    /// that person's own browser would fetch. Its crawl-delay is meant for crawlers too.
    Noted,
    /// It is not asked for. For what is no look at a site.
    NotAsked,
}

/// One visit to one site.
#[derive(Debug)]
pub struct Visit<'a> {
    net: &'a Net,
    /// The end of the budget, by the net's clock.
    until: Duration,
    robots_use: RobotsUse,
    channels: Once<Channel>,
    robots: Once<RobotsSeen>,
    /// What was asked for although robots.txt forbids it, in that order.
    overridden: Mutex<Vec<String>>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy)]
enum For {
    /// What a site shows, with the crawl-delay of its host.
    Shown(Want, Option<Duration>),
    /// A robots.txt.
    Robots,
}

impl<'a> Visit<'a> {
    pub(super) fn new(net: &'a Net, budget: Duration) -> Self {
        let until = net.clock.now().saturating_add(budget);
        Self {
            net,
            until,
            robots_use: RobotsUse::default(),
            channels: Mutex::default(),
            robots: Mutex::default(),
            overridden: Mutex::default(),
        }
    }

    /// What is done with robots.txt; it is obeyed unless this says otherwise.
    #[must_use]
    pub fn with_robots(mut self, robots_use: RobotsUse) -> Self {
        self.robots_use = robots_use;
        self
    }

    /// Asks for a page; see [`Visit::get_as`].
    ///
    /// # Errors
    /// As there.
    pub async fn get(&self, url: &Url) -> Result<Reply, Failure> {
        self.get_as(url, Want::Page).await
    }

    /// Asks for what a site shows: robots.txt of each host on the way respected, redirects followed hop by hop, paced,
    /// guarded, capped.
    ///
    /// # Errors
    /// A [`Failure`] when no answer came, with the redirects up to there. Statuses 400–599 are answers, except a
    /// 429 that did not go away (`rate_limited`).
    pub async fn get_as(&self, url: &Url, want: Want) -> Result<Reply, Failure> {
        let mut asked = url.clone();
        asked.set_fragment(None);
        let mut hops = Vec::new();
        let fail = |trouble: Trouble, hops| Failure {
            gap: Gap::new(trouble.reason, trouble.detail, asked.as_str()),
            hops,
        };
        match Box::pin(self.follow(&asked, &mut hops, Some(want))).await {
            Ok((_, answer)) if answer.status == 429 => {
                Err(fail(Trouble::lasting(GapReason::RateLimited, "status 429"), hops))
            }
            Ok((final_url, answer)) => Ok(reply(asked, final_url, hops, answer)),
            Err(trouble) => Err(fail(trouble, hops)),
        }
    }

    /// Whether the visit's time is spent.
    pub fn spent(&self) -> bool {
        self.left().is_zero()
    }

    /// What was decided about each robots.txt that was asked for, by origin.
    pub fn robots(&self) -> Vec<RobotsSeen> {
        let cells = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
        cells.values().filter_map(|cell| cell.get().cloned()).collect()
    }

    /// What was asked for although robots.txt forbids it; empty unless it is only noted.
    pub fn overridden(&self) -> Vec<String> {
        let list = self.overridden.lock().unwrap_or_else(PoisonError::into_inner);
        list.clone()
    }

    fn left(&self) -> Duration {
        self.until.saturating_sub(self.net.clock.now())
    }

    /// Goes hop by hop to an answer that sends nowhere further; without a `want`, to a robots.txt.
    async fn follow(
        &self,
        start: &Url,
        hops: &mut Vec<Hop>,
        want: Option<Want>,
    ) -> Result<(Url, Answer), Trouble> {
        let mut way = Way::from(start, self.net.settings.redirect_cap);
        let mut url = start.clone();
        loop {
            let purpose = match want {
                Some(want) => For::Shown(want, Box::pin(self.admitted(&url)).await?),
                None => For::Robots,
            };
            let answer = self.exchange(&url, purpose).await?;
            let Some(location) = &answer.location else {
                return Ok((url, answer));
            };
            let next = redirect::resolve(&url, location);
            hops.push(Hop {
                url: url.to_string(),
                status: answer.status,
                to: next
                    .as_ref()
                    .map_or_else(|_| location.chars().take(2048).collect(), Url::to_string),
                address: answer.address.map(|ip| ip.to_string()),
            });
            let Ok(next) = next else {
                return Err(Trouble::lasting(GapReason::Unparsable, "redirect to no address"));
            };
            self.net.guard.url(&next).map_err(Trouble::refused)?;
            way.take(&next)
                .map_err(|(reason, detail)| Trouble::lasting(reason, detail))?;
            url = next;
        }
    }

    /// Whether robots.txt lets us ask, and how slowly.
    async fn admitted(&self, url: &Url) -> Result<Option<Duration>, Trouble> {
        if self.robots_use == RobotsUse::NotAsked {
            return Ok(None);
        }
        // What may not be contacted is not asked for its robots.txt either.
        self.net.guard.url(url).map_err(Trouble::refused)?;
        if self.spent() {
            return Err(Trouble::spent());
        }
        let seen = cell(&self.robots, url);
        let seen = seen.get_or_init(|| self.fetch_robots(url)).await;
        match seen.check(url) {
            Err((GapReason::BlockedByRobots, _)) if self.robots_use == RobotsUse::Noted => {
                self.override_for(url);
            }
            // A robots.txt that could not be had forbids a visitor nothing.
            Err(_) if self.robots_use == RobotsUse::Noted => {}
            Err((reason, detail)) => return Err(Trouble::lasting(reason, detail)),
            Ok(()) => {}
        }
        Ok(seen.crawl_delay.filter(|_| self.robots_use == RobotsUse::Obeyed))
    }

    /// Notes that an address is asked for against robots.txt.
    fn override_for(&self, url: &Url) {
        let mut list = self.overridden.lock().unwrap_or_else(PoisonError::into_inner);
        if !list.iter().any(|known| known == url.as_str()) {
            list.push(url.to_string());
        }
    }

    async fn fetch_robots(&self, url: &Url) -> RobotsSeen {
        let robots = manners::robots_url(url);
        let mut hops = Vec::new();
        // Asking for robots.txt needs no leave of robots.txt.
        let came = Box::pin(self.follow(&robots, &mut hops, None)).await;
        let end = came.as_ref().ok().map(|(end, _)| end.clone());
        let seen = manners::decide(
            &robots,
            came.map(|(_, answer)| answer),
            self.net.settings.crawl_delay_cap,
        );
        if let Some(end) = end.filter(|end| *end != robots && *end == manners::robots_url(end)) {
            // The answer was another origin's own robots.txt (http sent on to https): it holds there as well, and
            // need not be asked for again. A fetch of it that is under way is left alone.
            drop(cell(&self.robots, &end).set(RobotsSeen {
                url: end.to_string(),
                ..seen.clone()
            }));
        }
        seen
    }

    /// One request with its one retry, alone at its host.
    async fn exchange(&self, url: &Url, purpose: For) -> Result<Answer, Trouble> {
        let door = self.net.guard.url(url).map_err(Trouble::refused)?;
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let entering = timeout(self.left(), self.net.pace.enter(host)).await;
        let mut slot = entering.or(Err(Trouble::spent()))?;
        let first = self.attempt(url, &door, purpose, &mut slot.last_page).await;
        let Some(wait) = self.second_chance(&first) else {
            return first;
        };
        if self.net.pace.wait(wait, self.until).await.is_err() {
            return first;
        }
        match self.attempt(url, &door, purpose, &mut slot.last_page).await {
            // No time for a second look: the first one stands.
            Err(trouble) if trouble.reason == GapReason::BudgetSpent => first,
            second => second,
        }
    }

    /// How long to wait before trying once more, when that makes sense.
    fn second_chance(&self, first: &Result<Answer, Trouble>) -> Option<Duration> {
        let settings = &self.net.settings;
        match first {
            Err(trouble) => trouble.passing.then_some(settings.backoff),
            Ok(answer) if retry::passing(answer.status) => {
                let asked = answer.retry_after.as_deref();
                let wait = asked.and_then(|value| retry::wait(value, self.net.clock.timestamp()));
                Some(wait.unwrap_or(settings.backoff)).filter(|wait| *wait <= settings.retry_after_cap)
            }
            Ok(_) => None,
        }
    }

    /// One request: addresses, pace, answer.
    async fn attempt(
        &self,
        url: &Url,
        door: &Door,
        purpose: For,
        last_page: &mut Option<Duration>,
    ) -> Result<Answer, Trouble> {
        let net = self.net;
        if self.spent() {
            return Err(Trouble::spent());
        }
        let channel = self.channel(url, door).await?;
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        if let (For::Shown(_, Some(delay)), Some(last)) = (purpose, *last_page) {
            let rest = (last + delay).saturating_sub(net.clock.now());
            net.pace
                .wait(rest, self.until)
                .await
                .map_err(|TooLong| Trouble::spent())?;
        }
        net.pace
            .turn(host, channel.address, self.until)
            .await
            .map_err(|TooLong| Trouble::spent())?;
        let (want, cap) = match purpose {
            For::Shown(want, _) => {
                *last_page = Some(net.clock.now());
                (want, net.settings.body_cap)
            }
            For::Robots => (Want::Page, net.settings.robots_cap),
        };
        let within = net.settings.request_timeout.min(self.left());
        channel
            .ask(url, want, cap, within, &net.settings, &*net.clock)
            .await
    }

    /// The channel to an origin, opened once a visit; a name that does not resolve is asked again next time.
    async fn channel(&self, url: &Url, door: &Door) -> Result<Channel, Trouble> {
        let channel = cell(&self.channels, url);
        channel.get_or_try_init(|| self.open(door)).await.cloned()
    }

    async fn open(&self, door: &Door) -> Result<Channel, Trouble> {
        let (host, addresses) = match &door.host {
            Ok(ip) => (String::new(), vec![*ip]),
            Err(name) => (name.clone(), self.resolve(name, door.port).await?),
        };
        // The same settings opened a channel when the net was set up.
        self.net
            .channel_to(&host, addresses)
            .map_err(|err| Trouble::lasting(GapReason::TcpFail, err.to_string()))
    }

    /// The addresses of a name that may be contacted.
    async fn resolve(&self, name: &str, port: u16) -> Result<Vec<IpAddr>, Trouble> {
        let looked_up = timeout(self.left(), self.net.dns.lookup(name)).await;
        let all = looked_up.or(Err(Trouble::lasting(GapReason::Timeout, "resolving the name")))??;
        let mut refusal = None;
        let mut open = all;
        open.retain(|ip| match self.net.guard.address(*ip, port) {
            Ok(()) => true,
            Err(why) => {
                refusal.get_or_insert(why);
                false
            }
        });
        match refusal {
            Some(why) if open.is_empty() => Err(Trouble::refused(why)),
            _ => Ok(open),
        }
    }
}

/// The cell of an address's origin, made when it is first asked for.
fn cell<T>(cells: &Once<T>, url: &Url) -> Arc<OnceCell<T>> {
    let mut cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(
        cells
            .entry(manners::key(url))
            .or_insert_with(|| Arc::new(OnceCell::new())),
    )
}

fn reply(url: Url, final_url: Url, hops: Vec<Hop>, answer: Answer) -> Reply {
    Reply {
        url,
        final_url,
        hops,
        status: answer.status,
        headers: answer.headers,
        address: answer.address.map(|ip| ip.to_string()),
        tls: answer.tls,
        body: answer.body,
        cut: answer.cut,
        at: answer.at,
    }
}
