//! Pictures that hang where a licence would: at most a few of a site, on the same terms as its pages.
//!
//! Pictures on hosts of the same site are fetched; on other sites they are not, and that is said. What a picture shows
//! is read elsewhere.

use url::Url;

use super::Fetch;
use super::answer::Answer;
use super::look::Look;
use crate::evidence::{Gap, GapReason, Role};
use crate::net::Want;

impl<F: Fetch> Look<'_, F> {
    /// Notes pictures to be fetched later, up to the most of a site.
    pub(super) fn hang(&mut self, pictures: &[Url]) {
        for url in pictures {
            if self.hung.len() >= self.plan.pictures().at_most {
                return;
            }
            if !self.hung.insert(url.to_string()) {
                continue;
            }
            if self.evidence.site.holds(url) {
                self.frontier.add_picture(url, self.plan);
            } else {
                let gap = Gap::new(GapReason::NotCrawled, "picture on another site", url.as_str());
                self.evidence.gaps.push(gap);
            }
        }
    }

    /// Fetches one picture.
    pub(super) async fn fetch_picture(&mut self, url: &Url) {
        self.asked += 1;
        self.frontier.visited(url, self.plan);
        let reply = match self.fetch.get(url, Want::Picture).await {
            Ok(reply) => reply,
            Err(failure) => {
                self.slowed |= failure.gap.reason == GapReason::RateLimited;
                return self.evidence.gaps.push(failure.gap);
            }
        };
        if !self.evidence.site.holds(&reply.final_url) {
            let host = reply.final_url.host_str().unwrap_or_default();
            let gap = Gap::new(
                GapReason::NotCrawled,
                format!("redirects to {host}"),
                url.as_str(),
            );
            return self.evidence.gaps.push(gap);
        }
        self.keep(Answer::of(reply, Role::Picture, self.plan));
    }
}
