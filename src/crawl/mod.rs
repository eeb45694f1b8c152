//! Crawl: which pages of a site are fetched, in which order, and what is kept of each answer.
//!
//! Takes a target, a visit to ask through and a plan (data); gives [`Evidence`] with pages and gaps. Home first, then
//! a probe that shows how the site says "not found", then the pages that matter, best first, within a budget; among
//! them the data that the home page's own script would ask for, and pictures that hang where a licence would. Same
//! answers, same order, every time. It waits for nothing, retries nothing and judges nothing: pace, robots.txt and
//! guards belong to `net`.

mod answer;
mod drawn;
mod endpoints;
mod frontier;
mod gates;
mod hung;
mod look;
mod plan;
mod probe;
mod saved;
mod signpost;
#[cfg(test)]
mod tests;

use std::future::Future;

use jiff::Timestamp;
use url::Url;

pub use plan::Plan;
pub use saved::{SavedFile, saved, saved_answers};

use crate::evidence::{Evidence, Profile};
use crate::net::{Failure, Reply, Visit, Want};
use crate::target::Target;

/// How much of a site is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Answers that are kept at most, home included; the probe and repeats of a page do not count.
    pub max_pages: usize,
    /// Which profile the evidence names.
    pub profile: Profile,
    /// Whether home is the very page that was named, as for a merchant, instead of the root of its host.
    pub home_is_named: bool,
    /// Whether a person asked for what their own browser would fetch, robots.txt notwithstanding.
    pub as_visitor: bool,
}

impl Budget {
    /// The budget of a profile: 12 pages, for the live one 6.
    pub fn of(profile: Profile) -> Self {
        let max_pages = match profile {
            Profile::Live => 6,
            Profile::Full | Profile::Saved => 12,
        };
        Self {
            max_pages,
            profile,
            home_is_named: false,
            as_visitor: false,
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(Profile::Full)
    }
}

/// Who fetches. [`Visit`] does; tests answer from memory.
pub trait Fetch: Sync {
    /// Asks for what a site shows, redirects followed.
    fn get(&self, url: &Url, want: Want) -> impl Future<Output = Result<Reply, Failure>> + Send;
    /// Whether the time is spent.
    fn spent(&self) -> bool;
}

impl Fetch for Visit<'_> {
    fn get(&self, url: &Url, want: Want) -> impl Future<Output = Result<Reply, Failure>> + Send {
        Visit::get_as(self, url, want)
    }

    fn spent(&self) -> bool {
        Visit::spent(self)
    }
}

/// Looks at a site.
pub async fn crawl(
    target: &Target,
    fetch: &impl Fetch,
    plan: &Plan,
    captured_at: Timestamp,
    budget: &Budget,
) -> Evidence {
    look::Look::new(target, fetch, plan, captured_at, *budget)
        .run()
        .await
}
