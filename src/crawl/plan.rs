//! What the crawl looks for: roles with their words, limits, parameters to drop. Data from `crawl.toml`.
//!
//! It sorts links into roles and says which are never followed; which is taken next is the frontier's business.

use serde::Deserialize;
use url::Url;

use super::endpoints::Endpoints;
use super::gates::Gates;
use crate::data::{DataError, DataFiles};
use crate::evidence::Role;
use crate::licence_pictures::LicencePictures;

const FILE: &str = "crawl.toml";

/// One role with the words by which its links are known.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolePlan {
    name: Role,
    at_most: usize,
    #[serde(default)]
    wait: usize,
    #[serde(default)]
    anchors: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

/// `crawl.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    max_anchor_chars: usize,
    per_pattern: usize,
    bare_chars: usize,
    thin_chars: usize,
    drop_params: Vec<String>,
    drop_long_params: Vec<String>,
    long_value_chars: usize,
    skip_extensions: Vec<String>,
    skip_paths: Vec<String>,
    skip_anchors: Vec<String>,
    role: Vec<RolePlan>,
    pictures: LicencePictures,
}

/// What the crawl looks for and recognises.
#[derive(Debug, Clone)]
pub struct Plan {
    words: Words,
    pub(super) gates: Gates,
    pub(super) endpoints: Endpoints,
}

impl Plan {
    /// Reads `crawl.toml`, `gates.toml` and `endpoints.toml`.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut words: Words = data.read(FILE)?;
        for role in &mut words.role {
            lower(&mut role.anchors);
            lower(&mut role.paths);
        }
        lower(&mut words.drop_params);
        lower(&mut words.drop_long_params);
        lower(&mut words.skip_extensions);
        lower(&mut words.skip_paths);
        lower(&mut words.skip_anchors);
        if !words.role.iter().any(|role| role.name == Role::Other) {
            return Err(DataFiles::bad(
                FILE,
                "there must be a role `other`, for links that no word fits",
            ));
        }
        Ok(Self {
            words,
            gates: Gates::load(data)?,
            endpoints: Endpoints::load(data)?,
        })
    }

    /// How pictures of licences are known.
    pub(super) fn pictures(&self) -> &LicencePictures {
        &self.words.pictures
    }

    /// Most pages whose addresses differ in digits only.
    pub(super) fn per_pattern(&self) -> usize {
        self.words.per_pattern
    }

    /// Below this many visible characters a page with scripts is an empty shell.
    pub(super) fn bare_chars(&self) -> usize {
        self.words.bare_chars
    }

    /// Below this many visible characters a page that refreshes elsewhere is only a signpost.
    pub(super) fn thin_chars(&self) -> usize {
        self.words.thin_chars
    }

    /// Place of a role in the order of importance, rounds it waits, and how many of its pages are taken at most.
    pub(super) fn standing(&self, role: Role) -> (usize, usize, usize) {
        let place = self.words.role.iter().position(|plan| plan.name == role);
        let found = place.and_then(|place| Some((place, self.words.role.get(place)?)));
        found.map_or((usize::MAX, 0, usize::MAX), |(place, plan)| {
            (place, plan.wait, plan.at_most)
        })
    }

    /// What a link is for; nothing when it is never followed.
    pub(super) fn role(&self, anchor: &str, url: &Url) -> Option<Role> {
        let path = address_words(url);
        let extension = url
            .path()
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_ascii_lowercase());
        let anchor = anchor.to_lowercase();
        if extension.is_some_and(|extension| self.words.skip_extensions.contains(&extension))
            || self.words.skip_paths.iter().any(|word| has_word(&path, word))
            || self.words.skip_anchors.iter().any(|word| anchor.trim() == word)
        {
            return None;
        }
        let roles = &self.words.role;
        let short = anchor.chars().nth(self.words.max_anchor_chars).is_none();
        let by_anchor = |plan: &&RolePlan| short && plan.anchors.iter().any(|word| says(&anchor, word));
        let by_path = |plan: &&RolePlan| plan.paths.iter().any(|word| has_word(&path, word));
        let found = roles
            .iter()
            .find(by_anchor)
            .or_else(|| roles.iter().find(by_path));
        Some(found.map_or(Role::Other, |plan| plan.name))
    }

    /// The one spelling of an address: no fragment, no parameter that names a visit. Order of parameters is kept.
    pub(super) fn canonical(&self, url: &Url) -> Url {
        let mut url = url.clone();
        url.set_fragment(None);
        // `/list;jsessionid=1F` carries the visit in the path.
        if let Some((path, parameter)) = url.path().split_once(';')
            && self.is_dropped(parameter)
        {
            let path = path.to_owned();
            url.set_path(&path);
        }
        let Some(query) = url.query() else { return url };
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !self.is_dropped(pair))
            .collect();
        let kept = kept.join("&");
        url.set_query((!kept.is_empty()).then_some(kept.as_str()));
        url
    }

    /// Whether `name=value` names a visit.
    fn is_dropped(&self, pair: &str) -> bool {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.to_ascii_lowercase();
        let long = value.chars().count() >= self.words.long_value_chars;
        let fits = |drop: &String| match drop.strip_suffix('*') {
            Some(head) => name.starts_with(head),
            None => name == *drop,
        };
        self.words.drop_params.iter().any(fits) || (long && self.words.drop_long_params.contains(&name))
    }
}

fn lower(list: &mut [String]) {
    for word in list {
        *word = word.to_lowercase();
    }
}

/// Path and query, lower case.
fn address_words(url: &Url) -> String {
    let query = url.query().unwrap_or_default();
    format!("{}?{query}", url.path()).to_lowercase()
}

/// Whether an anchor has a word, or is it when the word is written `=word`.
fn says(anchor: &str, word: &str) -> bool {
    word.strip_prefix('=')
        .map_or_else(|| anchor.contains(word), |whole| anchor.trim() == whole)
}

/// Whether a word stands in an address with no letter or digit right before it and no letter right behind it; where
/// the word itself begins or ends with a sign, that side is free.
fn has_word(address: &str, word: &str) -> bool {
    let (open_before, open_behind) = (
        !word.starts_with(char::is_alphanumeric),
        !word.ends_with(char::is_alphanumeric),
    );
    address.match_indices(word).any(|(at, found)| {
        let before = address.get(..at).and_then(|head| head.chars().next_back());
        let behind = address
            .get(at + found.len()..)
            .and_then(|tail| tail.chars().next());
        (open_before || !before.is_some_and(char::is_alphanumeric))
            && (open_behind || !behind.is_some_and(char::is_alphabetic))
    })
}

/// The address with every run of digits folded: pages of one calendar, pager or catalogue share it.
pub(super) fn pattern(url: &Url) -> String {
    let mut out = String::new();
    let mut in_digits = false;
    let whole = format!(
        "{}{}?{}",
        url.host_str().unwrap_or_default(),
        url.path(),
        url.query().unwrap_or_default()
    );
    for c in whole.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !in_digits {
            out.push('#');
        }
        in_digits = c.is_ascii_digit();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan::load(&DataFiles::built_in()).unwrap()
    }

    fn url(path: &str) -> Url {
        Url::parse("https://shop.example.cn").unwrap().join(path).unwrap()
    }

    #[test]
    fn links_are_sorted_by_anchor_then_path() {
        let plan = plan();
        for (anchor, path, expected) in [
            ("营业执照", "/x", Some(Role::Licence)),
            ("关于我们", "/help", Some(Role::About)),
            ("", "/about-us.html", Some(Role::About)),
            ("", "/?mod=help", Some(Role::Help)),
            ("游戏点卡", "/?mod=buy&cid=1&tid=3", Some(Role::Product)),
            ("", "/item/3", Some(Role::Product)),
            ("", "/cat/3", Some(Role::Products)),
            ("退款说明", "/a/1", Some(Role::Terms)),
            ("", "/order-search", Some(Role::OrderQuery)),
            ("开通分站", "/user/x", Some(Role::Agents)),
            (
                "关于近期有人冒充本平台客服实施诈骗的严正声明及处理办法",
                "/a/2",
                Some(Role::Other),
            ),
            ("", "/roundabout", Some(Role::Other)),
            ("关于春节放假", "/a/3", Some(Role::Other)),
            ("关于", "/a/3", Some(Role::About)),
            ("", "/shop/c/3", Some(Role::Products)),
            (
                "",
                "/index.php?m=home&c=article&a=detail",
                Some(Role::Announcement),
            ),
            ("订单查询", "/user/index/query", Some(Role::OrderQuery)),
            ("", "/user/regsite.php", Some(Role::Agents)),
            ("登录", "/x", None),
            ("", "/user/login.php", None),
            ("营业执照", "/zz.jpg", None),
        ] {
            assert_eq!(plan.role(anchor, &url(path)), expected, "{anchor} {path}");
        }
    }

    #[test]
    fn canonical_addresses_drop_visits_and_keep_routes() {
        let plan = plan();
        for (path, expected) in [
            ("/?mod=buy&cid=1#top", "/?mod=buy&cid=1"),
            ("/a?b=2&PHPSESSID=x&a=1", "/a?b=2&a=1"),
            ("/a?utm_source=x", "/a"),
            ("/a;jsessionid=1F?x=1", "/a?x=1"),
            ("/a;v=1", "/a;v=1"),
            ("/a?", "/a"),
            ("/a?sid=3", "/a?sid=3"),
            ("/a?sid=9f86d081884c7d65", "/a"),
        ] {
            assert_eq!(plan.canonical(&url(path)), url(expected), "{path}");
        }
        assert_eq!(pattern(&url("/cal/2026?d=12")), pattern(&url("/cal/1?d=3")));
    }
}
