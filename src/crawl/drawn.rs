//! Goods that a page draws by script: asks for the data that the page's own script would ask for.
//!
//! A step of the look, on the same terms as its pages: same host, same pace and robots, and each answer counts as a
//! page. What could not be had is a gap that says why; what an answer means is not read here.

use serde_json::Value;
use url::Url;

use super::Fetch;
use super::answer::Answer;
use super::endpoints::Ask;
use super::look::{Look, is_blocking};
use crate::evidence::{Gap, GapReason, Role};
use crate::net::Want;

/// What a robots.txt that keeps crawlers from the data means for the look. Public: reports and facts quote it.
const DISALLOWED: &str = "products are drawn by script and their data path is disallowed to crawlers";

/// The requests of one program in progress.
#[derive(Debug, Default)]
struct Asked {
    /// Answers that may serve later requests, by the name of their ask.
    answers: Vec<(String, Value)>,
    requests: usize,
    /// Whether robots.txt was said to be in the way; once is enough.
    blocked: bool,
}

impl<F: Fetch> Look<'_, F> {
    /// Asks for the goods of the program that was recognised, best first, up to their share of the budget.
    pub(super) async fn product_data(&mut self) {
        let Some((program, home)) = self.drawn.take() else {
            return;
        };
        let most = self.plan.endpoints.share_of(self.budget.max_pages);
        if most == 0 {
            self.drawn = Some((program, home));
            return self.note_drawn(GapReason::BudgetSpent, "pages");
        }
        let mut asked = Asked::default();
        for ask in &program.asks {
            for value in ask.values(&asked.answers) {
                self.pages_of(ask, value.as_deref(), &home, most, &mut asked)
                    .await;
            }
        }
    }

    /// Asks for the pages of one list until one is not full.
    async fn pages_of(&mut self, ask: &Ask, value: Option<&str>, home: &Url, most: usize, asked: &mut Asked) {
        for page in 1..=ask.pages {
            let Some(url) = ask.address(home, value, page) else {
                return;
            };
            if asked.requests >= most || self.room().is_some() {
                return;
            }
            asked.requests += 1;
            let Some(answer) = self.datum(&url, &mut asked.blocked).await else {
                return;
            };
            let full = ask.is_full(&answer);
            if let Some(name) = &ask.name {
                asked.answers.push((name.clone(), answer));
            }
            if !full {
                return;
            }
        }
    }

    /// Fetches one answer; nothing when it is no data.
    async fn datum(&mut self, url: &Url, blocked: &mut bool) -> Option<Value> {
        self.asked += 1;
        let reply = match self.fetch.get(url, Want::Data).await {
            Ok(reply) => reply,
            Err(failure) => {
                self.no_datum(url, failure.gap, blocked);
                return None;
            }
        };
        if reply.final_url.host() != url.host() {
            let host = reply.final_url.host_str().unwrap_or_default();
            let gap = Gap::new(
                GapReason::NotCrawled,
                format!("redirects to {host}"),
                url.as_str(),
            );
            self.no_datum(url, gap, blocked);
            return None;
        }
        let answer = Answer::of(reply, Role::Data, self.plan);
        let blocking = answer
            .gaps
            .iter()
            .find(|gap| is_blocking(gap, answer.seen.status))
            .cloned();
        let read = answer.seen.page.as_ref().and_then(|page| page.json.first());
        let value = read.map(|json| json.value.clone());
        if let (None, Some(gap)) = (&value, blocking) {
            self.miss(url, Role::Data, &gap);
        }
        self.keep(answer);
        value
    }

    /// Writes down why there is no answer.
    fn no_datum(&mut self, url: &Url, mut gap: Gap, blocked: &mut bool) {
        self.slowed |= gap.reason == GapReason::RateLimited;
        if gap.reason == GapReason::BlockedByRobots {
            // One gap for the program: its data stand side by side.
            if std::mem::replace(blocked, true) {
                return;
            }
            DISALLOWED.clone_into(&mut gap.detail);
        }
        self.miss(url, Role::Data, &gap);
        self.evidence.gaps.push(gap);
    }

    /// Says that the budget ended before the data were asked for.
    pub(super) fn note_drawn(&mut self, reason: GapReason, why: &str) {
        let Some((program, home)) = self.drawn.take() else {
            return;
        };
        let first = program.asks.first().and_then(|ask| ask.address(&home, None, 1));
        let Some(url) = first else { return };
        let gap = Gap::new(
            reason,
            format!("{why}; product data were not asked for"),
            url.as_str(),
        );
        self.miss(&url, Role::Data, &gap);
        self.evidence.gaps.push(gap);
    }
}
