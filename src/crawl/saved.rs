//! Files given by a person → evidence, as if the pages in them had just been fetched. Nothing is fetched.
//!
//! The page at the root of the site is home, else the first one. The others get the roles that the crawl would have given
//! them, from the words of home's links to them and from their addresses, so that a refund rule is known for what it is.
//! Pictures are read too; which of them may hold a licence is told by where they stand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use super::answer::Answer;
use super::plan::Plan;
use crate::evidence::{Evidence, Profile, Role};
use crate::net::Reply;
use crate::picture;
use crate::saved::SavedAnswer;
use crate::target::Target;

/// Most pictures that are read of one site; decoding one is work.
const MAX_PICTURES: usize = 100;

/// A file given by a person.
#[derive(Debug, Clone)]
pub struct SavedFile {
    /// The address it was saved from; without one, the target's.
    pub url: Option<Url>,
    /// `Content-Type` it came with, if that is known.
    pub content_type: Option<String>,
    /// The bytes as saved.
    pub bytes: Vec<u8>,
}

/// Case file of saved pages. Home has role [`Role::Saved`], as has every page at home's address.
pub fn saved(target: &Target, files: Vec<SavedFile>, plan: &Plan, captured_at: Timestamp) -> Evidence {
    let answer = |file: SavedFile| SavedAnswer {
        url: file.url.unwrap_or_else(|| target.url.clone()),
        status: 200,
        headers: file
            .content_type
            .map(|kind| ("content-type".to_owned(), kind))
            .into_iter()
            .collect(),
        body: file.bytes,
        cut: None,
        at: None,
    };
    saved_answers(target, files.into_iter().map(answer).collect(), plan, captured_at)
}

/// Case file of saved answers of one site, in the order given but home first.
pub fn saved_answers(
    target: &Target,
    mut answers: Vec<SavedAnswer>,
    plan: &Plan,
    captured_at: Timestamp,
) -> Evidence {
    let mut evidence = Evidence::new(target.clone(), captured_at, Profile::Saved);
    let root = answers
        .iter()
        .position(|answer| is_root(&answer.url) && !picture::is_picture(&answer.body));
    if let Some(root) = root {
        let home = answers.remove(root);
        answers.insert(0, home);
    }
    let home = answers.first().map(|answer| answer.url.clone());
    let mut anchors = BTreeMap::new();
    let mut pictures = 0;
    for saved in answers {
        let is_home = home.as_ref() == Some(&saved.url);
        let role = if is_home {
            Role::Saved
        } else {
            let anchor = anchors.get(plan.canonical(&saved.url).as_str());
            plan.role(anchor.map_or("", String::as_str), &saved.url)
                .unwrap_or(Role::Other)
        };
        let mut answer = Answer::of(reply(saved, captured_at), role, plan);
        if anchors.is_empty() {
            anchors = anchors_of(&answer, plan);
        }
        if answer.seen.page.is_none() && pictures < MAX_PICTURES {
            answer.seen.picture = picture::read(&answer.body);
        }
        if answer.seen.picture.is_some() {
            pictures += 1;
            // A picture alone was given because a person wonders what is in it.
            answer.seen.role = if is_home { Role::Picture } else { Role::Other };
            answer.gaps.clear();
        }
        evidence.gaps.extend(answer.gaps);
        evidence
            .bodies
            .insert(answer.seen.body_sha256.clone(), answer.body);
        evidence.pages.push(answer.seen);
    }
    evidence
}

/// Words of a page's links by the address they lead to, the first of each.
fn anchors_of(answer: &Answer, plan: &Plan) -> BTreeMap<String, String> {
    let mut anchors = BTreeMap::new();
    for link in answer.seen.page.iter().flat_map(|page| &page.links) {
        if let Some(url) = link.url.as_deref().and_then(|url| Url::parse(url).ok()) {
            anchors
                .entry(plan.canonical(&url).to_string())
                .or_insert_with(|| link.text.clone());
        }
    }
    anchors
}

fn is_root(url: &Url) -> bool {
    url.path() == "/" && url.query().is_none()
}

fn reply(saved: SavedAnswer, captured_at: Timestamp) -> Reply {
    Reply {
        url: saved.url.clone(),
        final_url: saved.url,
        hops: Vec::new(),
        status: saved.status,
        headers: saved.headers,
        address: None,
        tls: None,
        body: saved.body,
        cut: saved.cut,
        at: saved.at.unwrap_or(captured_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFiles;

    const HOST: &str = "https://shop.example.com";

    fn look(pages: &[(&str, &[u8])]) -> Evidence {
        let plan = Plan::load(&DataFiles::built_in()).unwrap();
        let target = Target::parse(HOST, true).unwrap();
        let answers = pages.iter().map(|(path, body)| SavedAnswer {
            url: Url::parse(&format!("{HOST}{path}")).unwrap(),
            status: 200,
            headers: vec![("server".to_owned(), "nginx".to_owned())],
            body: body.to_vec(),
            cut: None,
            at: None,
        });
        saved_answers(&target, answers.collect(), &plan, Timestamp::UNIX_EPOCH)
    }

    fn roles(evidence: &Evidence) -> Vec<(&str, Role)> {
        let pages = evidence.pages.iter();
        pages
            .map(|seen| (seen.url.strip_prefix(HOST).unwrap(), seen.role))
            .collect()
    }

    #[test]
    fn pages_get_the_roles_that_the_crawl_would_give_them() {
        let picture = include_bytes!("../../tests/pictures/licence.png");
        let home = "<p>点卡商城</p><a href=/p/7.html>购买须知</a><a href=/p/8.html>关于我们</a>";
        let page = "<p>客服在线时间 9 点到 22 点</p>".as_bytes();
        let evidence = look(&[
            ("/contact.html", page),
            ("/up/1.png", picture),
            ("/p/8.html", page),
            ("/", home.as_bytes()),
            ("/x", page),
        ]);
        assert_eq!(
            roles(&evidence),
            [
                ("/", Role::Saved),
                ("/contact.html", Role::Contact),
                ("/up/1.png", Role::Other),
                ("/p/8.html", Role::About),
                ("/x", Role::Other)
            ]
        );
        assert_eq!(evidence.pages[2].picture.as_ref().unwrap().codes.len(), 1);
        assert_eq!(evidence.pages[0].headers.len(), 1);
        assert!(evidence.gaps.is_empty() && evidence.home().is_some());
    }

    #[test]
    fn without_a_page_at_the_root_the_first_is_home() {
        let page = "<p>客服在线</p>".as_bytes();
        let evidence = look(&[("/buy/1", page), ("/contact", page)]);
        assert_eq!(
            roles(&evidence),
            [("/buy/1", Role::Saved), ("/contact", Role::Contact)]
        );
        let picture = include_bytes!("../../tests/pictures/plain.png");
        let alone = look(&[("/", picture)]);
        assert_eq!(roles(&alone), [("/", Role::Picture)]);
        assert!(alone.home().is_none() && alone.gaps.is_empty());
        assert!(look(&[]).pages.is_empty());
    }
}
