//! Shape: what the make of a page says of its kind, whatever its words are.
//!
//! Takes the page's address and lines; gives counts: pieces of code and a manual's title, numbered posts and a forum's
//! host, steps of a list. Weighs nothing: `kind` does.

use crate::evidence::SeenPage;
use crate::inspect::reading::{Line, Marks};
use crate::lexicon::Part;
use crate::page::Region;

/// So many numbered posts are a thread.
const POSTS: usize = 2;
/// Mark of a post's number: "3楼".
const FLOOR: char = '\u{697c}';

/// What a page is made like.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Code blocks, a manual's title, a manual's host: how many of these three.
    pub(super) documents: usize,
    /// Numbered posts, a forum's host: how many of these two.
    pub(super) forums: usize,
    /// Entries of lists that end as steps do.
    pub(super) steps: usize,
}

impl Shape {
    pub(super) fn of(marks: &Marks, seen: &SeenPage, lines: &[Line]) -> Self {
        let label = first_label(&seen.final_url);
        let shown = || lines.iter().filter(|line| line.part == Part::Text);
        let code = shown().any(|line| matches!(line.tag.as_str(), "pre" | "code"));
        let manual = lines
            .iter()
            .any(|line| line.part == Part::Title && marks.documentation_titles.is_in(line));
        let posts = shown().filter(|line| is_post(line.joined.text())).count();
        let step = |line: &&Line| {
            line.tag == "li" && line.region == Region::Main && line.joined.text().ends_with(';')
        };
        Self {
            documents: usize::from(code)
                + usize::from(manual)
                + usize::from(marks.documentation_hosts.contains(&label)),
            forums: usize::from(posts >= POSTS) + usize::from(marks.forum_hosts.contains(&label)),
            steps: shown().filter(step).count(),
        }
    }
}

/// The first label of an address's host.
fn first_label(url: &str) -> String {
    let host = url.split_once("//").map_or(url, |(_, rest)| rest);
    let end = host.find(['.', '/', ':']).unwrap_or(host.len());
    host.get(..end).unwrap_or_default().to_ascii_lowercase()
}

/// Whether a line opens with the number of a post.
fn is_post(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && text.len() - rest.len() <= POST_DIGITS && rest.starts_with(FLOOR)
}

/// Most digits of a post's number.
const POST_DIGITS: usize = 4;
