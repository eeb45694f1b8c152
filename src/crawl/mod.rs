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
mod signpost;
#[cfg(test)]
mod tests;

use std::future::Future;

use jiff::Timestamp;
use url::Url;

pub use plan::Plan;

use crate::evidence::{Evidence, Profile, Role};
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

/// A file given by a person.
#[derive(Debug, Clone)]
pub struct SavedFile {
    /// The address it was saved from; without one, the target's.
    pub url: Option<Url>,
    /// `Content-Type` it came with, if that is known (WARC files tell).
    pub content_type: Option<String>,
    /// The bytes as saved.
    pub bytes: Vec<u8>,
}

/// Case file of saved pages, in the order given; nothing is fetched. Pages have role [`Role::Saved`] and status 200.
pub fn saved(target: &Target, files: Vec<SavedFile>, plan: &Plan, captured_at: Timestamp) -> Evidence {
    let mut evidence = Evidence::new(target.clone(), captured_at, Profile::Saved);
    for file in files {
        let url = file.url.unwrap_or_else(|| target.url.clone());
        let headers = file
            .content_type
            .map(|kind| ("content-type".to_owned(), kind))
            .into_iter()
            .collect();
        let reply = Reply {
            url: url.clone(),
            final_url: url,
            hops: Vec::new(),
            status: 200,
            headers,
            address: None,
            tls: None,
            body: file.bytes,
            cut: None,
            at: captured_at,
        };
        let answer = answer::Answer::of(reply, Role::Saved, plan);
        evidence.gaps.extend(answer.gaps);
        evidence
            .bodies
            .insert(answer.seen.body_sha256.clone(), answer.body);
        evidence.pages.push(answer.seen);
    }
    evidence
}
