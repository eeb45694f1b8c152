//! Official: claims to be a brand's own, authorised or partner channel, claims of state backing, and hosts that imitate.
//!
//! Reads `data/official.toml` and `data/brands.toml`. A claim needs its phrase and a brand in one sentence; the product
//! label "官方直充" alone, official chat groups and denials are none. Whether the site *is* a brand's own channel is
//! decided by its domain and the dated list alone, never by its words.

pub mod brands;

use serde::Deserialize;

use self::brands::{Brand, Brands, home_host, is_under};
use super::reading::Kind as PageKind;
use super::reading::{Line, PageReading, Reading, Sighting, place_of};
use super::shown::origin;
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::{Cheap, Hard, Trivial};
use crate::facts::Kind::{Bool, List, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Lexicon, Part, joined};
use crate::page::Region;
use crate::text::Pattern;

const FILE: &str = "official.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "official.claimed",
        Bool,
        Trivial,
        "claims to be an official or authorised channel of a brand, phrase and brand in one sentence; product labels and denials do not count; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "official.brands",
        List,
        Trivial,
        "codes of the brands claimed; empty when none",
    ),
    FactSpec::new(
        "official.claim_kinds",
        List,
        Trivial,
        "kinds of the claims: authorised, partner, direct, self_operated, sole; empty when none",
    ),
    FactSpec::new(
        "official.state_endorsed",
        Bool,
        Trivial,
        "claims the endorsement of a state body or state broadcaster; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "official.evidence",
        List,
        Trivial,
        "what stands beside the claims: brand_link, authorisation_number, dates; only said when something is claimed",
    ),
    FactSpec::new(
        "official.own_brand",
        Bool,
        Hard,
        "the site's domain is on the dated list of official channels; always said",
    ),
    FactSpec::new(
        "official.brand",
        Text,
        Hard,
        "code of the brand whose own channel this is; only when it is one",
    ),
    FactSpec::new(
        "official.lookalike",
        Bool,
        Cheap,
        "the host holds or imitates a brand's domain core without being the brand's; always said",
    ),
    FactSpec::new(
        "official.lookalike_brand",
        Text,
        Cheap,
        "code of the brand the host imitates; only when it does",
    ),
    FactSpec::new(
        "official.lookalike_kind",
        Text,
        Cheap,
        "how the host imitates the brand: confusable (letters that look alike), variant (hyphen, digit, one letter), brand_inside (the name inside another domain); only when it does",
    ),
    FactSpec::new(
        "official.standing",
        Text,
        Cheap,
        "how the site stands to brands: own (the domain is one), lookalike (the host imitates one), claims (says it is an official channel, and is not the brand's own), reseller (sells a brand's goods without such a claim), none; unsaid when neither the host nor the home page tells",
    ),
    FactSpec::new(
        "official.title_as_brand",
        Bool,
        Trivial,
        "the home page's title or site name presents the site as a brand's official site, which it is not; unsaid when the home page was not read",
    ),
];

const STATE: &str = "_state";

#[derive(Debug, Deserialize)]
struct OfficialFile {
    evidence_patterns: Vec<String>,
    date_patterns: Vec<String>,
    not_evidence_hosts: Vec<String>,
    title_roles: Vec<String>,
    title_not: Vec<String>,
    not_resold: Vec<String>,
    brand_kinds: Vec<String>,
    named_kinds: Vec<String>,
}

/// Reads claims and hosts.
#[derive(Debug)]
pub struct Official {
    claims: Lexicon,
    brands: Brands,
    numbers: Vec<Pattern>,
    dates: Vec<Pattern>,
    not_evidence_hosts: Vec<String>,
    title_roles: Vec<String>,
    title_not: Vec<String>,
    not_resold: Vec<String>,
    brand_kinds: Vec<String>,
    named_kinds: Vec<String>,
}

impl WordInspector for Official {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: OfficialFile = data.read(FILE)?;
        let compile = |list: &[String]| -> Result<Vec<Pattern>, DataError> {
            list.iter()
                .map(|text| Pattern::new(text).map_err(|err| DataFiles::bad(FILE, err)))
                .collect()
        };
        Ok(Self {
            claims: Lexicon::load(data, FILE)?,
            brands: Brands::load(data)?,
            numbers: compile(&file.evidence_patterns)?,
            dates: compile(&file.date_patterns)?,
            not_evidence_hosts: file.not_evidence_hosts,
            title_roles: file.title_roles.iter().map(|role| joined(role)).collect(),
            title_not: file.title_not.iter().map(|word| joined(word)).collect(),
            not_resold: file.not_resold.iter().map(|word| joined(word)).collect(),
            brand_kinds: file.brand_kinds,
            named_kinds: file.named_kinds,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let owner = self.brands.owner(reading.evidence);
        let host = self.say_host(reading, owner, facts);
        let claim = self.say_claims(reading, facts);
        let title = if owner.is_some() {
            None
        } else {
            self.title_as_brand(reading)
        };
        let claim = claim.or_else(|| title.clone());
        self.say_standing(reading, (host, claim), facts);
        reading.say_seen(
            facts,
            "official.title_as_brand",
            Firmness::WellFormed,
            title.into_iter().collect(),
        );
    }
}

impl Official {
    /// How the site stands to brands: what its host says comes before what its words claim.
    fn say_standing(
        &self,
        reading: &Reading<'_>,
        (host, claim): (Option<&'static str>, Option<Place>),
        facts: &mut Facts,
    ) {
        let name = "official.standing";
        let firm = Firmness::WellFormed;
        if let Some(code) = host {
            let shown = home_host(reading.evidence).unwrap_or_default();
            let at = Place::new(reading.evidence.target.url.as_str(), "address", &shown);
            return facts.say(name, code, firm, vec![at]);
        }
        if let Some(place) = claim {
            return facts.say(name, "claims", Firmness::Claimed, vec![place]);
        }
        if let Some(place) = self.offered(facts).or_else(|| self.resold(reading)) {
            return facts.say(name, "reseller", firm, vec![place]);
        }
        if reading.may_deny() {
            facts.say(name, "none", firm, Vec::new());
        } else {
            reading.silent(facts, name);
        }
    }

    /// Where goods with a price are a brand's, by what was read of offers before.
    fn offered(&self, facts: &Facts) -> Option<Place> {
        let kinds = facts.list("offer.kinds");
        let sold = |of: &[String]| of.iter().any(|kind| kinds.contains(kind));
        let branded = sold(&self.named_kinds) && !facts.list("offer.brands").is_empty();
        if !branded && !sold(&self.brand_kinds) {
            return None;
        }
        facts.get("offer.kinds")?.at.clone()
    }

    /// Where a shop names a brand's goods.
    fn resold(&self, reading: &Reading<'_>) -> Option<Place> {
        let marks = reading.marks();
        let pages = reading.pages.iter().filter(|page| page.kind == PageKind::Shop);
        pages.filter(|_| reading.sells).find_map(|page| {
            let offers = page.lines.iter().filter(|line| {
                matches!(line.part, Part::Text | Part::Title)
                    && line.region != Region::Footer
                    && !line.told
                    && !line.comment
                    && line.chars <= marks.limits.priced_chars
            });
            let names = |line: &&Line| {
                let text = line.joined.text();
                marks.names_goods(text)
                    && self.brands.are_named(text)
                    && !marks.is_reported(text)
                    && !self.not_resold.iter().any(|word| text.contains(word.as_str()))
            };
            let line = offers.into_iter().find(names)?;
            Some(place_of(page, line, line.joined.source()))
        })
    }

    /// States what the host says, and gives the standing that follows from it.
    fn say_host(
        &self,
        reading: &Reading<'_>,
        owner: Option<&Brand>,
        facts: &mut Facts,
    ) -> Option<&'static str> {
        let host = home_host(reading.evidence).unwrap_or_default();
        let at = || vec![Place::new(reading.evidence.target.url.as_str(), "address", &host)];
        if let Some(brand) = owner {
            facts.say("official.own_brand", true, Firmness::Confirmed, at());
            let since = brand.since.as_deref().unwrap_or_default();
            facts.detail(
                "official.own_brand",
                format!("official-channel list {since}: {}", brand.source),
            );
            facts.say("official.brand", brand.id.as_str(), Firmness::Confirmed, at());
        } else {
            // The list says no as surely as it says yes.
            facts.say("official.own_brand", false, Firmness::Confirmed, Vec::new());
        }
        let imitated = self.brands.imitated(&host);
        facts.say(
            "official.lookalike",
            imitated.is_some(),
            Firmness::WellFormed,
            at(),
        );
        if let Some(imitation) = &imitated {
            facts.detail("official.lookalike", imitation.part.clone());
            for (name, code) in [
                ("official.lookalike_brand", imitation.brand.id.as_str()),
                ("official.lookalike_kind", imitation.likeness.code()),
            ] {
                facts.say(name, code, Firmness::WellFormed, at());
            }
        }
        match (owner, imitated) {
            (Some(_), _) => Some("own"),
            (None, Some(_)) => Some("lookalike"),
            (None, None) => None,
        }
    }

    /// States what the words claim, and gives the first claim.
    fn say_claims(&self, reading: &Reading<'_>, facts: &mut Facts) -> Option<Place> {
        let seen = reading.own(&self.claims);
        let state: Vec<Place> = seen
            .iter()
            .filter(|claim| claim.id == STATE)
            .map(Sighting::place)
            .collect();
        let (mut brands, mut kinds, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for claim in seen.iter().filter(|claim| !claim.id.starts_with('_')) {
            let named = self.brands.named(claim.sentence());
            if named.is_empty() {
                continue;
            }
            brands.extend(named.into_iter().map(|brand| (brand.to_owned(), claim.place())));
            kinds.push((claim.id.to_owned(), claim.place()));
            places.push(claim.place());
        }
        if !places.is_empty() {
            let codes: Vec<&str> = brands.iter().map(|(brand, _)| brand.as_str()).collect();
            let evidence = self.evidence(reading, &codes);
            reading.say_list(facts, "official.evidence", Firmness::Claimed, &evidence);
        }
        let first = places.first().cloned();
        reading.say_seen(facts, "official.claimed", Firmness::Claimed, places);
        reading.say_list(facts, "official.brands", Firmness::Claimed, &brands);
        reading.say_list(facts, "official.claim_kinds", Firmness::Claimed, &kinds);
        reading.say_seen(facts, "official.state_endorsed", Firmness::Claimed, state);
        first
    }

    /// What the site shows beside its claims.
    fn evidence<'r>(&self, reading: &'r Reading<'_>, brands: &[&str]) -> Vec<(String, Place)> {
        let mut found = Vec::new();
        for page in &reading.pages {
            // The links of a page lead to few hosts, mostly to the same several times on end.
            let mut last = ("", false);
            let mut leads = |url: &'r str| {
                let host = origin(url);
                if last.0 != host {
                    last = (host, self.leads_to(url, brands));
                }
                last.1
            };
            let mut links = page.page.links.iter().filter(|link| link.visible);
            let linked = links.find(|link| link.url.as_deref().is_some_and(&mut leads));
            if let Some(link) = linked {
                let shown = format!("{} {}", link.text, link.href);
                found.push((
                    "brand_link".to_owned(),
                    Place::new(&page.seen.final_url, "link", &shown),
                ));
            }
            for line in page.lines.iter().filter(|line| line.part == Part::Text) {
                let mut add = |code: &str, patterns: &[Pattern]| {
                    let mut likely = patterns.iter().filter(|pattern| pattern.may_be_in(&line.joined));
                    if let Some(hit) = likely.find_map(|regex| regex.find(line.joined.text())) {
                        found.push((
                            code.to_owned(),
                            place_of(page, line, line.joined.snippet(hit.range(), 8)),
                        ));
                    }
                };
                add("authorisation_number", &self.numbers);
                add("dates", &self.dates);
            }
        }
        found
    }

    fn leads_to(&self, url: &str, brands: &[&str]) -> bool {
        let url = url::Url::parse(url).ok();
        let Some(host) = url.as_ref().and_then(url::Url::host_str) else {
            return false;
        };
        if self.not_evidence_hosts.iter().any(|other| is_under(host, other)) {
            return false;
        }
        self.brands
            .owner_of_host(host)
            .is_some_and(|brand| brands.contains(&brand.id.as_str()))
    }

    /// The title or site name of the home page, when it presents the site as a brand's own.
    fn title_as_brand(&self, reading: &Reading<'_>) -> Option<Place> {
        let page = reading
            .pages
            .iter()
            .find(|page| matches!(page.seen.role, Role::Home | Role::Saved))?;
        if matches!(
            page.kind,
            PageKind::Article | PageKind::Advice | PageKind::Documentation | PageKind::Forum
        ) {
            return None;
        }
        let names = page.page.metas.iter().filter(|meta| {
            matches!(
                meta.name.as_str(),
                "og:site_name" | "application-name" | "og:title"
            )
        });
        let headings = page
            .page
            .blocks
            .iter()
            .filter(|block| block.tag == "h1")
            .map(|block| ("header", block.text.as_str()));
        std::iter::once(("title", page.page.title.as_str()))
            .chain(names.map(|meta| ("meta", meta.content.as_str())))
            .chain(headings)
            .find(|(_, text)| {
                text.split(['|', '_', '-', '–', '—', '－', '·', ',', '，'])
                    .any(|part| self.is_brand_title(part))
            })
            .map(|(place, text)| place_on(page, place, text))
    }

    fn is_brand_title(&self, segment: &str) -> bool {
        let text = joined(segment);
        let has = |list: &[String]| list.iter().any(|word| text.contains(word.as_str()));
        has(&self.title_roles) && !has(&self.title_not) && !self.brands.named(&text).is_empty()
    }
}

fn place_on(page: &PageReading<'_>, place: &str, text: &str) -> Place {
    Place::new(&page.seen.final_url, place, text)
}

#[cfg(test)]
mod tests {
    use crate::evidence::Role;
    use crate::facts::Firmness;
    use crate::inspect::fixture::{PLAIN_SHOP, evidence, facts, read};

    fn on_shop(line: &str) -> crate::facts::Facts {
        facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{line}")])
    }

    #[test]
    fn a_claim_needs_its_phrase_and_a_brand_and_no_denial() {
        for (line, claimed) in [
            ("p 本站是腾讯官方授权经销商", true),
            ("p 本站与爱奇艺官方合作，长期稳定供货", true),
            ("p 我们对接三大运营商官方接口，运营商直连", true),
            ("p 腾 讯 官*方*授*权 代理商", true),
            ("p 拥有官方授权", false),
            ("p 本站已获得网易、完美世界正式授权", true),
            ("p 腾讯指定充值平台", true),
            ("p 我们没有获得腾讯的任何授权", false),
            ("p 本店并非腾讯官方授权经销商", false),
            ("p 本站非官方渠道，与腾讯官方无关", false),
            ("li QQ会员 官方直充", false),
            ("li 官方直充", false),
            ("p 腾讯视频会员请加官方Q群", false),
            ("p 建议通过腾讯官方渠道充值", false),
            ("p 警惕自称腾讯官方授权的网站", false),
            ("p 其他平台号称“腾讯官方授权”", false),
        ] {
            assert_eq!(on_shop(line).is("official.claimed"), Some(claimed), "{line}");
        }
    }

    #[test]
    fn claims_are_kept_with_brand_kind_and_what_stands_beside_them() {
        let facts = on_shop(
            "p 本站为腾讯官方授权经销商，授权编号：TX2025-0088，授权期限2025年1月至2026年12月\na https://pay.qq.com/ 腾讯充值\na https://wpa.qq.com/msgrd?uin=1 客服",
        );
        assert_eq!(facts.list("official.brands"), ["tencent"]);
        assert_eq!(facts.list("official.claim_kinds"), ["authorised"]);
        assert_eq!(
            facts.list("official.evidence"),
            ["authorisation_number", "brand_link", "dates"]
        );
        let claimed = facts.get("official.claimed").unwrap();
        assert_eq!(claimed.firmness, Firmness::Claimed);
        assert!(claimed.at.as_ref().unwrap().snippet.contains("腾讯官方授权"));
    }

    #[test]
    fn state_endorsement_is_a_claim_of_its_own() {
        assert_eq!(
            on_shop("p 工信部认证，央视推荐品牌").is("official.state_endorsed"),
            Some(true)
        );
        assert_eq!(
            on_shop("p 本站未获国家认证").is("official.state_endorsed"),
            Some(false)
        );
        assert_eq!(
            on_shop("p 请在工信部网站查询备案").is("official.state_endorsed"),
            Some(false)
        );
    }

    #[test]
    fn the_title_of_a_brand_is_an_imitation_unless_the_domain_is_the_brands() {
        for (host, title, expected) in [
            ("shop.example.com", "腾讯官方充值中心", true),
            ("shop.example.com", "首页 - QQ会员官方网站", true),
            ("shop.example.com", "QQ会员官方直充 - 星河数卡", false),
            ("shop.example.com", "星河数卡官网", false),
            ("pay.qq.com", "腾讯官方充值中心", false),
        ] {
            let page = PLAIN_SHOP.replace("title 星河数卡", &format!("title {title}"));
            assert_eq!(
                facts(host, &[&page]).is("official.title_as_brand"),
                Some(expected),
                "{title}"
            );
        }
    }

    #[test]
    fn own_channels_are_confirmed_by_domain_alone() {
        let own = facts("pay.qq.com", &[PLAIN_SHOP]);
        assert_eq!(
            (own.is("official.own_brand"), own.text("official.brand")),
            (Some(true), Some("tencent"))
        );
        assert_eq!(
            own.get("official.own_brand").unwrap().firmness,
            Firmness::Confirmed
        );
        assert_eq!(own.is("official.lookalike"), Some(false));
        let other = facts("qq-chongzhi.example.com", &[PLAIN_SHOP]);
        assert_eq!(
            (other.is("official.own_brand"), other.is("official.lookalike")),
            (Some(false), Some(true))
        );
        assert_eq!(other.text("official.lookalike_brand"), Some("tencent"));
    }

    #[test]
    fn the_standing_to_brands_goes_from_the_host_to_the_words() {
        for (host, line, expected) in [
            ("pay.qq.com", "li Q币", "own"),
            (
                "qq-chongzhi.example.com",
                "p 本站是腾讯官方授权经销商",
                "lookalike",
            ),
            ("shop.example.com", "p 本站是腾讯官方授权经销商", "claims"),
            ("shop.example.com", "li Q币 100个", "reseller"),
            ("shop.example.com", "li 抖音粉丝 1000个", "none"),
            ("shop.example.com", "p 只收骏网一卡通、京东e卡卡密", "none"),
            ("shop.example.com", "footer 爱奇艺 腾讯视频", "none"),
            ("shop.example.com", "p 请到腾讯官方渠道核实", "none"),
            ("shop.example.com", "p 爱奇艺商标归其权利人所有", "none"),
            ("shop.example.com", "p 本店与腾讯无任何授权关系", "none"),
            ("shop.example.com", "p 欢迎光临", "none"),
        ] {
            let facts = facts(host, &[&format!("{PLAIN_SHOP}\n{line}")]);
            assert_eq!(facts.text("official.standing"), Some(expected), "{host} {line}");
        }
        let kind = facts("tao-bao.example.com", &[PLAIN_SHOP]);
        assert_eq!(kind.text("official.lookalike_kind"), Some("variant"));
    }

    #[test]
    fn a_claim_on_the_about_page_counts_in_long_prose_too() {
        let about = "p 星河数卡成立于2019年，专注于数字商品零售。经过多年发展，本公司已成为腾讯官方授权的渠道经销商，并与多家内容平台保持长期往来，服务了大量的用户。";
        let mut evidence = evidence("shop.example.com", &[PLAIN_SHOP, about]);
        evidence.pages[1].role = Role::About;
        let facts = read(&evidence);
        assert_eq!(facts.is("official.claimed"), Some(true));
    }

    #[test]
    fn a_sole_agent_claims_that_alone_in_any_spelling() {
        for (line, kinds) in [
            ("p 星河数卡是盛趣游戏点卡全国独家总代理。", vec!["sole"]),
            ("p ★騰 訊·官 方·授 權·代 理 商★", vec!["authorised"]),
        ] {
            assert_eq!(on_shop(line).list("official.claim_kinds"), kinds, "{line}");
        }
        let proof =
            "p 我司为网易游戏授权经销商，授权编号 NETEASE-2026-0918，有效期 2026年1月1日至2026年12月31日";
        assert_eq!(
            on_shop(proof).list("official.evidence"),
            ["authorisation_number", "dates"]
        );
    }
}
