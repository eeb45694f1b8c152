//! Injected: hijacked pages, that is words of gambling and the like, or link farms, on a site that sells something else.
//!
//! Reads `data/injected.toml`. Hidden text, titles that promise what the text below does not hold, pages of another kind
//! or in another script than the home page, and crowds of links that do not show. A site whose home page shows such
//! words itself is no victim, and pages that tell of them are articles. It does not say who put them there.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use crate::evidence::Role;
use crate::facts::Place;
use crate::inspect::reading::{Line, PageReading, Reading};
use crate::inspect::shown::leaves;
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{Part, automaton, joined};
use crate::page::HiddenKind;
use crate::target::registrable_domain;

const FILE: &str = "injected.toml";
/// Longest piece of a hidden text that is quoted.
const QUOTE_CHARS: usize = 60;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectedFile {
    words: Vec<String>,
    languages: Vec<String>,
    needed: usize,
    title_needed: usize,
    farm_links: usize,
    farm_sites: usize,
    foreign_letters: usize,
}

/// Looks for what hijackers leave.
#[derive(Debug)]
pub(super) struct Injected {
    words: AhoCorasick,
    file: InjectedFile,
}

/// Scripts that Chinese pages do not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Kana,
    Hangul,
    Thai,
    Cyrillic,
    Arabic,
}

impl Injected {
    /// Reads the file.
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: InjectedFile = data.read(FILE)?;
        let words: Vec<String> = file.words.iter().map(|word| joined(word)).collect();
        Ok(Self {
            words: automaton(&words).map_err(|err| DataFiles::bad(FILE, err))?,
            file,
        })
    }

    /// Where something was put in.
    pub(super) fn places(&self, reading: &Reading<'_>) -> Vec<Place> {
        let is_home = |page: &&PageReading<'_>| matches!(page.seen.role, Role::Home | Role::Saved);
        let home = reading.pages.iter().find(is_home);
        let mut found = Vec::new();
        for page in &reading.pages {
            found.extend(self.in_hidden(page));
            found.extend(self.link_farm(page));
            if page.kind.may_offer() {
                found.extend(self.in_title(page));
            }
        }
        let others = |home: &PageReading<'_>, page: &PageReading<'_>| {
            !std::ptr::eq(home, page) && page.kind.may_offer()
        };
        for (home, page) in home
            .iter()
            .flat_map(|home| reading.pages.iter().map(move |page| (*home, page)))
        {
            if others(home, page) {
                found.extend(self.of_another_trade(page));
                found.extend(self.in_another_script(home, page));
            }
        }
        // Asked last, since all that the home page shows must be gone through for it.
        if !found.is_empty() && home.is_some_and(|home| self.count(shown(home)) >= self.file.needed) {
            return Vec::new();
        }
        found
    }

    fn in_hidden(&self, page: &PageReading<'_>) -> Option<Place> {
        let texts = page
            .page
            .hidden
            .iter()
            .filter(|hidden| hidden.kind == HiddenKind::Element);
        // Every link of a hidden list is a piece of its own.
        let texts: Vec<String> = texts.map(|hidden| joined(&hidden.text)).collect();
        if self.count(texts.iter().map(String::as_str)) < self.file.needed {
            return None;
        }
        let hit = texts.iter().find(|text| self.words.is_match(text.as_str()))?;
        let quote: String = hit.chars().take(QUOTE_CHARS).collect();
        Some(Place::new(&page.seen.final_url, "hidden", &quote))
    }

    /// A title and description full of such words over a text without them.
    fn in_title(&self, page: &PageReading<'_>) -> Option<Place> {
        let held = |parts: &[Part]| self.count(of_parts(page, parts)) >= self.file.title_needed;
        let held = held(&[Part::Title, Part::Meta]) && !held(&[Part::Text]);
        held.then(|| Place::new(&page.seen.final_url, "title", &page.page.title))
    }

    /// A page of such words under a home page that has none.
    fn of_another_trade(&self, page: &PageReading<'_>) -> Option<Place> {
        let titled = of_parts(page, &[Part::Title]).any(|text| self.words.is_match(text));
        let full = || self.count(shown(page)) >= self.file.needed;
        (titled && full()).then(|| Place::new(&page.seen.final_url, "title", &page.page.title))
    }

    fn in_another_script(&self, home: &PageReading<'_>, page: &PageReading<'_>) -> Option<Place> {
        let mut letters: Vec<Script> = page.page.title.chars().filter_map(script).collect();
        let first = *letters.first()?;
        letters.retain(|other| *other == first);
        if letters.len() < self.file.foreign_letters {
            return None;
        }
        let foreign = !home.lines.iter().any(|line| {
            let text = line.joined.text();
            text.chars().any(|c| script(c) == Some(first))
                || self
                    .file
                    .languages
                    .iter()
                    .any(|name| text.contains(name.as_str()))
        });
        foreign.then(|| Place::new(&page.seen.final_url, "title", &page.page.title))
    }

    /// Links that do not show, to many foreign sites.
    fn link_farm(&self, page: &PageReading<'_>) -> Option<Place> {
        let hidden = page.page.links.iter().filter(|link| !link.visible);
        let hidden: Vec<&str> = hidden.filter_map(|link| link.url.as_deref()).collect();
        if hidden.len() < self.file.farm_links {
            return None;
        }
        let own = url::Url::parse(&page.seen.final_url).ok();
        let own = own
            .as_ref()
            .and_then(url::Url::host_str)
            .and_then(registrable_domain);
        // The page's own host is of its own domain, so an address there need not be taken apart.
        let leaving = hidden
            .into_iter()
            .filter(|link| leaves(&page.seen.final_url, link));
        let hosts: Vec<String> = leaving
            .filter_map(|link| url::Url::parse(link).ok())
            .filter_map(|url| registrable_domain(url.host_str()?))
            .filter(|domain| own.as_ref().is_none_or(|own| *own != domain.as_str()))
            .collect();
        let sites: BTreeSet<&String> = hosts.iter().collect();
        let farm = hosts.len() >= self.file.farm_links && sites.len() >= self.file.farm_sites;
        let quote = || {
            sites
                .iter()
                .take(3)
                .map(|site| site.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        farm.then(|| Place::new(&page.seen.final_url, "hidden", &quote()))
    }

    /// Number of different words in some texts.
    fn count<'t>(&self, texts: impl Iterator<Item = &'t str>) -> usize {
        let hits = texts.flat_map(|text| self.words.find_overlapping_iter(text));
        hits.map(|hit| hit.pattern().as_usize())
            .collect::<BTreeSet<_>>()
            .len()
    }
}

/// What a visitor reads on a page, and its title.
fn shown<'p>(page: &'p PageReading<'_>) -> impl Iterator<Item = &'p str> {
    of_parts(page, &[Part::Title, Part::Text])
}

fn of_parts<'p>(page: &'p PageReading<'_>, parts: &[Part]) -> impl Iterator<Item = &'p str> {
    let of = move |line: &&Line| parts.contains(&line.part);
    page.lines.iter().filter(of).map(|line| line.joined.text())
}

fn script(c: char) -> Option<Script> {
    match c {
        // Not the middle dot and the long-vowel mark, which Chinese pages use as decoration.
        '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' => Some(Script::Kana),
        '\u{ac00}'..='\u{d7a3}' => Some(Script::Hangul),
        '\u{e01}'..='\u{e5b}' => Some(Script::Thai),
        '\u{400}'..='\u{4ff}' => Some(Script::Cyrillic),
        '\u{621}'..='\u{64a}' => Some(Script::Arabic),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, evidence, facts, read};
    use crate::page::{Hidden, HiddenKind, Link};

    #[test]
    fn pages_of_another_trade_under_a_shop_are_injected() {
        for (page, expected) in [
            (
                "title 澳门新葡京_真人娱乐官网\np 百家乐 老虎机 体育投注 注册送彩金",
                true,
            ),
            (
                "title 北京赛车pk10开奖结果\nmeta keywords 时时彩,六合彩\np 会员月卡",
                true,
            ),
            ("title ブランドコピー時計の通販サイト\np コピー時計", true),
            (
                "title 警方捣毁六合彩、百家乐、博彩团伙\nmeta og:type article\np 来源：江州晚报 记者 李某 发布于2026-03-02\np 近日，警方捣毁一个以六合彩、百家乐为名的博彩团伙，抓获犯罪嫌疑人十二名，冻结资金三百余万元。",
                false,
            ),
            ("title 会员年卡\np 年卡抽奖 开奖结果每月公布", false),
            ("title テスト\np 月卡", false),
            ("title 充值说明\np 充值失败原路退回", false),
        ] {
            let facts = facts("shop.example.com", &[PLAIN_SHOP, page]);
            assert_eq!(facts.is("site.injected"), Some(expected), "{page}");
        }
    }

    #[test]
    fn a_site_that_lives_of_it_is_no_victim() {
        let home = "title 澳门娱乐城\np 百家乐 老虎机 体育投注 注册送彩金";
        let facts = facts("shop.example.com", &[home]);
        assert_eq!(facts.is("site.injected"), Some(false));
    }

    #[test]
    fn hidden_words_and_hidden_link_farms_are_injected() {
        let hidden = |text: &str, links: usize| {
            let mut evidence = evidence("shop.example.com", &[PLAIN_SHOP]);
            let page = evidence.pages[0].page.as_mut().unwrap();
            page.hidden.push(Hidden {
                kind: HiddenKind::Element,
                text: text.into(),
            });
            page.links.extend((0..links).map(|n| Link {
                href: String::new(),
                url: Some(format!("https://farm{n}.example/")),
                text: String::new(),
                region: crate::page::Region::Main,
                visible: false,
            }));
            read(&evidence).is("site.injected")
        };
        assert_eq!(hidden("百家乐 六合彩 时时彩 真人娱乐", 0), Some(true));
        assert_eq!(hidden("", 20), Some(true));
        let mut links = evidence("shop.example.com", &[PLAIN_SHOP]);
        let page = links.pages[0].page.as_mut().unwrap();
        page.hidden
            .extend(["百家乐在线", "casino bonus", "时时彩计划"].map(|text| Hidden {
                kind: HiddenKind::Element,
                text: text.into(),
            }));
        assert_eq!(read(&links).is("site.injected"), Some(true));
        assert_eq!(hidden("登录 注册 投诉", 3), Some(false));
    }
}
