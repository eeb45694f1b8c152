//! Brands: who they are, how pages name them, which sites are their own, and which hosts imitate them.
//!
//! Reads `data/brands.toml` and, when it is handed in, `channels.toml` of the same form. Own sites are compared on
//! label boundaries only. A host imitates a brand when a label or hyphen part of it is the brand's core, a spelling of it
//! with look-alike signs, one letter away from it, or the core with a word of trade beside it.
//!
//! The list is dated and short: absence from it says nothing about a brand.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use crate::evidence::Evidence;
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{automaton, join_all};
use crate::target::registrable_domain;

const FILE: &str = "brands.toml";
/// Further brands; may be missing.
const MORE: &str = "channels.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandFile {
    since: Option<String>,
    #[serde(default)]
    brand: Vec<Brand>,
    lookalike: Option<Lookalike>,
}

/// One brand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// Its code.
    pub id: String,
    /// How pages name it and its goods.
    pub names: Vec<String>,
    /// Its own sites.
    pub domains: Vec<String>,
    /// What look-alike hosts imitate.
    #[serde(default)]
    pub cores: Vec<String>,
    /// Further spellings of its cores.
    #[serde(default)]
    pub swaps: Vec<String>,
    /// Where the list's entry comes from.
    pub source: String,
    /// Day of the entry; the file's day when left out.
    pub since: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookalike {
    affixes: Vec<String>,
    innocent: Vec<String>,
    folds: Vec<(String, String)>,
    confusables: Vec<(String, String)>,
    fuzzy_core_chars: usize,
}

/// All brands, ready to be looked for.
#[derive(Debug)]
pub struct Brands {
    list: Vec<Brand>,
    names: AhoCorasick,
    owners: Vec<usize>,
    lookalike: Lookalike,
    confusables: BTreeMap<char, String>,
}

impl Brands {
    /// Reads the lists.
    pub fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: BrandFile = data.read(FILE)?;
        let more: Option<BrandFile> = match data.read(MORE) {
            Ok(more) => Some(more),
            Err(DataError::Missing(_)) => None,
            Err(err) => return Err(err),
        };
        let day = file.since.clone();
        let mut list = file.brand;
        list.extend(more.into_iter().flat_map(|more| more.brand));
        for brand in &mut list {
            brand.since = brand.since.take().or_else(|| day.clone());
            join_all(&mut brand.names);
        }
        let owners = list
            .iter()
            .enumerate()
            .flat_map(|(at, brand)| brand.names.iter().map(move |_| at))
            .collect();
        let names: Vec<&str> = list
            .iter()
            .flat_map(|brand| brand.names.iter().map(String::as_str))
            .collect();
        let names = automaton(&names).map_err(|err| DataFiles::bad(FILE, err))?;
        let lookalike = file
            .lookalike
            .ok_or_else(|| DataFiles::bad(FILE, "no [lookalike] table"))?;
        let pairs = lookalike.confusables.iter();
        let confusables = pairs
            .filter_map(|(from, to)| Some((from.chars().next()?, to.clone())))
            .collect();
        Ok(Self {
            list,
            names,
            owners,
            lookalike,
            confusables,
        })
    }

    /// The brand whose own site was read, by the host of the home page.
    pub fn owner(&self, evidence: &Evidence) -> Option<&Brand> {
        self.owner_of_host(&home_host(evidence)?)
    }

    /// The brand that a host belongs to.
    pub fn owner_of_host(&self, host: &str) -> Option<&Brand> {
        self.list
            .iter()
            .find(|brand| brand.domains.iter().any(|domain| is_under(host, domain)))
    }

    /// Brands that a text in joined form names, as codes in the order of the list, each once.
    pub fn named(&self, text: &str) -> Vec<&str> {
        let mut found: Vec<usize> = self
            .names
            .find_overlapping_iter(text)
            .filter(|hit| is_word(text, hit.start(), hit.end()))
            .filter_map(|hit| self.owners.get(hit.pattern().as_usize()).copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
            .into_iter()
            .filter_map(|at| self.list.get(at))
            .map(|brand| brand.id.as_str())
            .collect()
    }

    /// The brand that a host imitates, with the part of the host that does; nothing for a brand's own hosts.
    pub fn imitated(&self, host: &str) -> Option<(&Brand, String)> {
        if self.owner_of_host(host).is_some() {
            return None;
        }
        let (shown, _) = idna::domain_to_unicode(host);
        let own = own_labels(host, &shown);
        let parts: Vec<&str> = own
            .iter()
            .flat_map(|label| label.split('-'))
            .filter(|part| !part.is_empty())
            .collect();
        for part in &parts {
            if let Some(brand) = self.list.iter().find(|brand| self.imitates(brand, part)) {
                return Some((brand, (*part).to_owned()));
            }
        }
        None
    }

    fn imitates(&self, brand: &Brand, part: &str) -> bool {
        let part = self.latin(&part.to_lowercase());
        if self.lookalike.innocent.contains(&part) {
            return false;
        }
        let han = |name: &&String| name.chars().count() > 1 && name.chars().all(crate::text::is_han);
        brand
            .names
            .iter()
            .filter(han)
            .any(|name| part.contains(name.as_str()))
            || brand.swaps.contains(&part)
            || brand.cores.iter().any(|core| self.resembles(core, &part))
    }

    /// Whether a part of a host is a core, reads like one, or is one with a word of trade beside it.
    fn resembles(&self, core: &str, part: &str) -> bool {
        let (plain, folded) = (self.folded(core), self.folded(part));
        if part == core || folded == plain {
            return true;
        }
        let affix = |rest: &str| {
            let digits = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit());
            digits && core.chars().any(|c| c.is_ascii_alphabetic())
                || self.lookalike.affixes.iter().any(|word| word == rest)
        };
        let beside = |text: &str, core: &str| {
            text.strip_prefix(core).is_some_and(affix) || text.strip_suffix(core).is_some_and(affix)
        };
        if beside(part, core) {
            return true;
        }
        let least = self.lookalike.fuzzy_core_chars;
        if core.chars().count() < least || !core.chars().all(|c| c.is_ascii_alphabetic()) {
            return false;
        }
        let opens = core.chars().count() > least && part.starts_with(core);
        let near = part.chars().count() >= least && strsim::osa_distance(core, part) == 1;
        opens || near || beside(&folded, &plain)
    }

    /// Look-alike letters of other scripts as Latin ones.
    fn latin(&self, part: &str) -> String {
        let mut plain = String::with_capacity(part.len());
        for c in part.chars() {
            match self.confusables.get(&c) {
                Some(to) => plain.push_str(to),
                None => plain.push(c),
            }
        }
        plain
    }

    fn folded(&self, part: &str) -> String {
        self.lookalike
            .folds
            .iter()
            .fold(part.to_owned(), |text, (from, to)| {
                text.replace(from.as_str(), to)
            })
    }
}

/// Host of the page that was judged: the home page's final address, else the target's.
pub fn home_host(evidence: &Evidence) -> Option<String> {
    let home = evidence
        .home()
        .and_then(|(seen, _)| url::Url::parse(&seen.final_url).ok());
    home.as_ref()
        .unwrap_or(&evidence.target.url)
        .host_str()
        .map(|host| host.trim_end_matches('.').to_lowercase())
}

/// Whether a host is a domain or stands below it.
pub fn is_under(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|head| head.ends_with('.'))
}

/// Labels of a host that its owner chose: all but the public suffix, in Unicode.
fn own_labels(host: &str, shown: &str) -> Vec<String> {
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return Vec::new();
    }
    let all = shown.split('.').count();
    let below = registrable_domain(host).map_or(1, |domain| domain.split('.').count().saturating_sub(1));
    shown
        .split('.')
        .take(all.saturating_sub(below.max(1)))
        .map(str::to_owned)
        .collect()
}

/// Whether a Latin name stands alone: no letter or digit touches it.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let latin = |c: char| c.is_ascii_alphanumeric();
    let (head, tail) = (
        text.get(..start).unwrap_or_default(),
        text.get(end..).unwrap_or_default(),
    );
    let name = text.get(start..end).unwrap_or_default();
    let open = name.starts_with(latin) && head.ends_with(|c: char| c.is_ascii_alphabetic());
    let close = name.ends_with(latin) && tail.starts_with(|c: char| c.is_ascii_alphabetic());
    !open && !close
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::joined;

    fn brands() -> Brands {
        Brands::load(&DataFiles::built_in()).unwrap()
    }

    #[test]
    fn hosts_that_imitate_a_brand_are_told_from_its_own_and_from_strangers() {
        let brands = brands();
        for (host, expected) in [
            ("pay.qq.com", None),
            ("qq.com", None),
            ("qq.com.pay-center.cn", Some("tencent")),
            ("qq-chongzhi.cn", Some("tencent")),
            ("qqchongzhi.com", Some("tencent")),
            ("www.q0-vip.com", Some("tencent")),
            ("tencentpay.com", Some("tencent")),
            ("tencemt.com", Some("tencent")),
            ("ta0bao.shop", Some("taobao")),
            ("jd-eka.com", Some("jd")),
            ("iqiyivip.cn", Some("iqiyi")),
            ("a1ipay.net", Some("alipay")),
            ("xn--pple-43d.com", Some("apple")),
            ("腾讯充值.com", Some("tencent")),
            ("xn--sjqx0e8vj9vo.com", None),
            ("xinghe-shop.cn", None),
            ("pineapple.com", None),
            ("stream-team.com", None),
            ("faka1.com", None),
            ("qqx.com", None),
            ("127.0.0.1", None),
            ("com", None),
        ] {
            let ascii = idna::domain_to_ascii(host).unwrap();
            let found = brands.imitated(&ascii).map(|(brand, _)| brand.id.as_str());
            assert_eq!(found, expected, "{host}");
        }
    }

    #[test]
    fn names_are_whole_words() {
        let brands = brands();
        for (text, expected) in [
            ("腾讯视频会员", vec!["tencent"]),
            ("qb充值", vec!["tencent"]),
            ("abcqbx", vec![]),
            ("爱奇艺与优酷", vec!["iqiyi", "youku"]),
            ("普通商品", vec![]),
        ] {
            assert_eq!(brands.named(&joined(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_further_list_adds_own_channels() {
        let more = "[[brand]]\nid = \"xingyao\"\nnames = [\"星遥互娱\"]\ndomains = [\"xingyao.test\"]\nsource = \"invented\"\nsince = \"2026-01-01\"\n";
        let brands = Brands::load(&DataFiles::built_in().with(MORE, more)).unwrap();
        assert_eq!(
            brands
                .owner_of_host("pay.xingyao.test")
                .map(|brand| brand.id.as_str()),
            Some("xingyao")
        );
        assert!(brands.owner_of_host("notxingyao.test").is_none());
    }

    #[test]
    fn every_brand_has_names_a_source_and_a_day() {
        for brand in &brands().list {
            assert!(
                !brand.names.is_empty() && !brand.source.is_empty() && brand.since.is_some(),
                "{}",
                brand.id
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_host_is_read_without_panic(host in "(\\PC|[a-zé一-龥.0-9-]){0,40}") {
            static BRANDS: std::sync::LazyLock<Brands> = std::sync::LazyLock::new(brands);
            let brands = &*BRANDS;
            let _seen = brands.imitated(&host);
            let _owner = brands.owner_of_host(&host);
        }
    }
}
