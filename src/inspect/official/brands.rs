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
    /// Hosts below a brand's domain where anybody keeps a page.
    #[serde(default)]
    tenants: Vec<String>,
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
    trade: Vec<String>,
    ordinary: Vec<String>,
    exact: Vec<String>,
    innocent: Vec<String>,
    folds: Vec<(String, String)>,
    confusables: Vec<(String, String)>,
    fuzzy_core_chars: usize,
}

/// How a host imitates a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Letters that look like those of the brand's name.
    Confusable,
    /// The name with a hyphen in it, a digit behind it, or one letter wrong.
    Variant,
    /// The name itself, alone or with a word of trade, inside another registrable domain.
    BrandInside,
}

impl Likeness {
    /// The public code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confusable => "confusable",
            Self::Variant => "variant",
            Self::BrandInside => "brand_inside",
        }
    }
}

/// A brand that a host imitates.
#[derive(Debug)]
pub struct Imitation<'b> {
    /// The brand.
    pub brand: &'b Brand,
    /// The part of the host that does.
    pub part: String,
    /// How it does.
    pub likeness: Likeness,
}

/// All brands, ready to be looked for.
#[derive(Debug)]
pub struct Brands {
    list: Vec<Brand>,
    names: AhoCorasick,
    owners: Vec<usize>,
    tenants: Vec<String>,
    lookalike: Lookalike,
    /// What hosts imitate, brand by brand as in the list.
    shapes: Vec<Shape>,
    confusables: BTreeMap<char, String>,
}

/// What hosts imitate of one brand.
#[derive(Debug)]
struct Shape {
    /// Its names of two Han letters and more.
    han: Vec<String>,
    cores: Vec<Core>,
}

/// A core, and what is asked of it for every part of a host.
#[derive(Debug)]
struct Core {
    text: String,
    /// With signs that are read for one another folded.
    folded: String,
    chars: usize,
    letters: u32,
    folded_letters: u32,
    /// Whether a Latin letter is in it.
    lettered: bool,
    /// Whether one letter of it may be wrong.
    fuzzy: bool,
}

/// A part of a host as it is held against cores.
#[derive(Debug)]
struct Look {
    /// In lower case, letters of other scripts read as Latin ones.
    plain: String,
    folded: String,
    chars: usize,
    letters: u32,
    folded_letters: u32,
    /// Whether letters of other scripts were in it.
    other_script: bool,
    /// Whether an ordinary word there can only mean the brand.
    alone: bool,
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
        let shapes = list.iter().map(|brand| Shape::of(brand, &lookalike)).collect();
        Ok(Self {
            list,
            names,
            owners,
            tenants: file.tenants,
            lookalike,
            shapes,
            confusables,
        })
    }

    /// The brand whose own site was read, by the host of the home page.
    pub fn owner(&self, evidence: &Evidence) -> Option<&Brand> {
        self.owner_of_host(&home_host(evidence)?)
    }

    /// The brand that a host belongs to; none where a brand lends its domain to anybody.
    pub fn owner_of_host(&self, host: &str) -> Option<&Brand> {
        if self.is_tenant(host) {
            return None;
        }
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

    /// Whether a text in joined form names a brand.
    pub fn are_named(&self, text: &str) -> bool {
        let mut hits = self.names.find_overlapping_iter(text);
        hits.any(|hit| is_word(text, hit.start(), hit.end()))
    }

    /// Whether anybody keeps pages on a host below a brand's domain; `*` stands for one run of letters.
    fn is_tenant(&self, host: &str) -> bool {
        self.tenants.iter().any(|tenant| match tenant.split_once('*') {
            Some((head, tail)) => {
                host.len() > head.len() + tail.len() && host.starts_with(head) && host.ends_with(tail)
            }
            None => is_under(host, tenant),
        })
    }

    /// The brand that a host imitates; nothing for a brand's own hosts and those it lends.
    pub fn imitated(&self, host: &str) -> Option<Imitation<'_>> {
        if self.owner_of_host(host).is_some() || self.is_tenant(host) {
            return None;
        }
        let (shown, _) = idna::domain_to_unicode(host);
        let own = own_labels(host, &shown);
        let parts: Vec<&str> = own
            .iter()
            .flat_map(|label| label.split('-'))
            .filter(|part| !part.is_empty())
            .collect();
        for (at, part) in parts.iter().enumerate() {
            let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            let traded = others.map(|(_, other)| *other).any(|other| self.is_trade(other));
            let alone = traded || own.last().is_some_and(|label| label == part);
            if let Some(found) = self.imitation(part, alone) {
                return Some(found);
            }
        }
        own.iter()
            .filter(|label| label.contains('-'))
            .find_map(|label| self.hyphenated(label))
    }

    /// The brand that one part of a host imitates; `alone` when an ordinary word there can only mean the brand.
    fn imitation(&self, part: &str, alone: bool) -> Option<Imitation<'_>> {
        let shown = part.to_lowercase();
        let plain = self.latin(&shown);
        if self.lookalike.innocent.contains(&plain) {
            return None;
        }
        let folded = self.lookalike.folded(&plain);
        let look = Look {
            folded_letters: letters(&folded),
            folded,
            chars: plain.chars().count(),
            letters: letters(&plain),
            other_script: plain != shown,
            plain,
            alone,
        };
        self.list.iter().zip(&self.shapes).find_map(|(brand, shape)| {
            let likeness = self.likeness(brand, shape, &look)?;
            Some(Imitation {
                brand,
                part: part.to_owned(),
                likeness,
            })
        })
    }

    /// A label that is a brand's core once its hyphens are taken out.
    fn hyphenated(&self, label: &str) -> Option<Imitation<'_>> {
        let plain = self.latin(&label.to_lowercase()).replace('-', "");
        let whole = |brand: &&Brand| {
            brand
                .cores
                .iter()
                .any(|core| *core == plain && !self.is_ordinary(core))
        };
        let brand = self.list.iter().find(whole)?;
        Some(Imitation {
            brand,
            part: label.to_owned(),
            likeness: Likeness::Variant,
        })
    }

    fn likeness(&self, brand: &Brand, shape: &Shape, part: &Look) -> Option<Likeness> {
        let plain = &part.plain;
        let inside = |name: &String| plain.contains(name.as_str()) && self.names_it(name, plain, part.alone);
        if !plain.is_ascii() && shape.han.iter().any(inside) {
            return Some(Likeness::BrandInside);
        }
        if brand.swaps.contains(plain) {
            return Some(Likeness::Variant);
        }
        shape.cores.iter().find_map(|core| self.resembles(core, part))
    }

    /// Whether a part that holds a Han name means the brand: ordinary words need a word of trade.
    fn names_it(&self, name: &str, part: &str, alone: bool) -> bool {
        let rest = part.replacen(name, "", 1);
        !self.is_ordinary(name) || (rest.is_empty() && alone) || self.is_trade(&rest)
    }

    fn is_ordinary(&self, core: &str) -> bool {
        self.lookalike.ordinary.iter().any(|word| word == core)
    }

    fn is_trade(&self, word: &str) -> bool {
        self.lookalike.trade.iter().any(|trade| trade == word)
    }

    /// How a part of a host resembles a core: is it, reads like it, or is it with a word of trade beside it.
    fn resembles(&self, core: &Core, part: &Look) -> Option<Likeness> {
        let means_it = || part.alone || !self.is_ordinary(&core.text);
        if part.plain == core.text {
            let inside = means_it().then_some(Likeness::BrandInside);
            return if part.other_script {
                Some(Likeness::Confusable)
            } else {
                inside
            };
        }
        if part.folded == core.folded {
            return Some(Likeness::Confusable);
        }
        let affix = |rest: &str| rest.is_empty() || self.lookalike.affixes.iter().any(|word| word == rest);
        let beside =
            |text: &str, core: &str| rests(text, core).any(|(head, tail)| affix(head) && affix(tail));
        // A part that lacks a letter of the core does not hold it.
        if core.letters & !part.letters == 0 && part.plain.contains(core.text.as_str()) {
            let digits = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit());
            if core.lettered
                && rests(&part.plain, &core.text)
                    .any(|(head, tail)| digits(tail) && head.is_empty() || digits(head) && tail.is_empty())
            {
                return means_it().then_some(Likeness::Variant);
            }
            if beside(&part.plain, &core.text) || self.opens(core, &part.plain) {
                return Some(Likeness::BrandInside);
            }
        }
        if self.is_near(core, part) {
            return Some(Likeness::Variant);
        }
        let long = core.chars >= self.lookalike.fuzzy_core_chars;
        let may_hold = core.folded_letters & !part.folded_letters == 0;
        (long && may_hold && beside(&part.folded, &core.folded)).then_some(Likeness::Confusable)
    }

    /// Whether a part opens with a long core and goes on with a word of trade: "tencentpayhome".
    fn opens(&self, core: &Core, part: &str) -> bool {
        let long = core.chars > self.lookalike.fuzzy_core_chars;
        let rest = part.strip_prefix(core.text.as_str());
        let Some(rest) = rest.filter(|rest| long && !rest.is_empty()) else {
            return false;
        };
        let word = |word: &&String| {
            word.len() > 1 && (rest.starts_with(word.as_str()) || rest.ends_with(word.as_str()))
        };
        self.lookalike.affixes.iter().any(|affix| word(&affix))
    }

    /// Whether a part is one letter away from a core that is no neighbour of lawful words.
    fn is_near(&self, core: &Core, part: &Look) -> bool {
        // One step away there is at most one letter more or fewer, and at most one letter of the core is gone.
        core.fuzzy
            && part.chars >= self.lookalike.fuzzy_core_chars
            && core.chars.abs_diff(part.chars) <= 1
            && (core.letters & !part.letters).count_ones() <= 1
            && strsim::osa_distance(&core.text, &part.plain) == 1
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
}

impl Lookalike {
    fn folded(&self, part: &str) -> String {
        self.folds.iter().fold(part.to_owned(), |text, (from, to)| {
            text.replace(from.as_str(), to)
        })
    }
}

impl Shape {
    fn of(brand: &Brand, words: &Lookalike) -> Self {
        let han = |name: &&String| name.chars().count() > 1 && name.chars().all(crate::text::is_han);
        Self {
            han: brand.names.iter().filter(han).cloned().collect(),
            cores: brand.cores.iter().map(|core| Core::of(core, words)).collect(),
        }
    }
}

impl Core {
    fn of(core: &str, words: &Lookalike) -> Self {
        let chars = core.chars().count();
        let folded = words.folded(core);
        Self {
            text: core.to_owned(),
            folded_letters: letters(&folded),
            folded,
            chars,
            letters: letters(core),
            lettered: core.chars().any(|c| c.is_ascii_alphabetic()),
            fuzzy: chars >= words.fuzzy_core_chars
                && core.chars().all(|c| c.is_ascii_alphabetic())
                && !words.exact.iter().any(|word| word == core),
        }
    }
}

/// Which letters are in a text, a bit each; all that is no small Latin letter shares the rest.
fn letters(text: &str) -> u32 {
    let bit = |byte: u8| match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => 26,
        0..=0x7f => 27,
        _ => 28,
    };
    text.bytes().fold(0, |letters, byte| letters | 1 << bit(byte))
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

/// What stands before and behind a core in a text, for each place of it.
fn rests<'t>(text: &'t str, core: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    text.match_indices(core).filter_map(move |(at, _)| {
        let tail = text.get(at + core.len()..)?;
        Some((text.get(..at)?, tail)).filter(|(head, tail)| !head.is_empty() || !tail.is_empty())
    })
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
            ("qq.com.pay-center.cn", Some(("tencent", "brand_inside"))),
            ("qq-chongzhi.cn", Some(("tencent", "brand_inside"))),
            ("qqchongzhi.com", Some(("tencent", "brand_inside"))),
            ("vipqqcz.com", Some(("tencent", "brand_inside"))),
            ("www.q0-vip.com", Some(("tencent", "variant"))),
            ("qq88.com", Some(("tencent", "variant"))),
            ("tencentpay.com", Some(("tencent", "brand_inside"))),
            ("tencemt.com", Some(("tencent", "variant"))),
            ("ta0bao.shop", Some(("taobao", "confusable"))),
            ("tao-bao.shop", Some(("taobao", "variant"))),
            ("jd-eka.com", Some(("jd", "brand_inside"))),
            ("iqiyivip.cn", Some(("iqiyi", "brand_inside"))),
            ("iqiyl.com", Some(("iqiyi", "confusable"))),
            ("a1ipay.net", Some(("alipay", "confusable"))),
            ("xn--pple-43d.com", Some(("apple", "confusable"))),
            ("apple-id.top", Some(("apple", "brand_inside"))),
            ("腾讯充值.com", Some(("tencent", "brand_inside"))),
            ("苹果充值.com", Some(("apple", "brand_inside"))),
            ("xn--sjqx0e8vj9vo.com", None),
            ("xinghe-shop.cn", None),
            ("pineapple.com", None),
            ("apple-farm.com", None),
            ("苹果园.com", None),
            ("jd-machinery.com", None),
            ("stream-team.com", None),
            ("steam-cleaning.com", None),
            ("steamboat.cn", None),
            ("sinopecker.com", None),
            ("qqtn.com", None),
            ("small.com", None),
            ("cloud.cn", None),
            ("himalaya.com", None),
            ("tengxin.cn", None),
            ("weixing.cn", None),
            ("meitan.com", None),
            ("zidian.cn", None),
            ("shop88.taobao.com", None),
            ("docs.qq.com", None),
            ("faka1.com", None),
            ("qqx.com", None),
            ("127.0.0.1", None),
            ("com", None),
        ] {
            let ascii = idna::domain_to_ascii(host).unwrap();
            let found = brands.imitated(&ascii);
            let found = found
                .as_ref()
                .map(|found| (found.brand.id.as_str(), found.likeness.code()));
            assert_eq!(found, expected, "{host}");
        }
        assert!(brands.owner_of_host("docs.qq.com").is_none());
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
