//! Filing: ICP filings and permits, and police numbers, as the site shows them.
//!
//! A number counts as shown when it stands where the site speaks of itself ([`super::shown`]), or in or beside a
//! link to the register (the true one, an old one, or a look-alike). One that an article quotes does not, and one
//! in hidden text is only noted. Numbers never join across blocks. Nothing is looked up.

use jiff::tz::Offset;
use url::Url;

use super::shown::{self, Piece};
use super::{DataError, DataFiles, Inspector};
use crate::evidence::Evidence;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, Int, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::number::{
    Found, Icp, IcpKind, LinkHosts, LinkKind, Police, Problem, Tables, Telecom, icp, link, police, telecom,
};
use crate::text::Normal;

/// Most different numbers that are kept; a page with more is no shop's footer.
const MAX_NUMBERS: usize = 200;
/// Most links to registers that are compared with the blocks around them.
const MAX_LINKS: usize = 60;

/// What this inspector can state.
pub const PROVIDES: &[FactSpec] = &[
    FactSpec::new(
        "filing.icp_shown",
        Bool,
        Trivial,
        "An ICP filing or permit number stands where the site speaks of itself, well formed or not; false only when the home page was read",
    ),
    FactSpec::new(
        "filing.icp_number",
        Text,
        Trivial,
        "The first such number, as the register writes it when well formed, else as shown",
    ),
    FactSpec::new(
        "filing.icp_problem",
        Text,
        Trivial,
        "Worst failing of the numbers shown: none, grammar, parody, masked, province, year, placeholder or template; unsaid when none is shown",
    ),
    FactSpec::new(
        "filing.icp_kind",
        Text,
        Trivial,
        "Kind of the first number: filing, permit, telecom_licence, app, mini_program, quick_app or other",
    ),
    FactSpec::new(
        "filing.icp_year",
        Int,
        Trivial,
        "Year in the first number's serial; unsaid when it is not well formed",
    ),
    FactSpec::new(
        "filing.icp_province",
        Text,
        Trivial,
        "Province code (GB/T 2260, two digits) of the first number; unsaid when it is not well formed",
    ),
    FactSpec::new(
        "filing.icp_subjects",
        Int,
        Trivial,
        "How many different subjects the well-formed numbers shown belong to, counted within one kind of number",
    ),
    FactSpec::new(
        "filing.icp_link",
        Text,
        Trivial,
        "Where the link at the number leads: official, dated, lookalike, other or none; unsaid when no number is shown",
    ),
    FactSpec::new(
        "filing.icp_hidden",
        Bool,
        Trivial,
        "A number stands only in text that does not show",
    ),
    FactSpec::new(
        "filing.police_shown",
        Bool,
        Trivial,
        "A police number (公网安备) stands where the site speaks of itself; false only when the home page was read",
    ),
    FactSpec::new(
        "filing.police_number",
        Text,
        Trivial,
        "The first such number, as the register writes it when well formed, else as shown",
    ),
    FactSpec::new(
        "filing.police_problem",
        Text,
        Trivial,
        "Worst failing of the police numbers shown: none, grammar, masked, province, code, placeholder or link_differs",
    ),
    FactSpec::new(
        "filing.police_link",
        Text,
        Trivial,
        "Where the link at the police number leads: official, lookalike, other or none",
    ),
];

/// Builds the inspector.
pub fn load(data: &DataFiles) -> Result<Box<dyn Inspector>, DataError> {
    Ok(Box::new(Filing {
        tables: tables(data)?,
    }))
}

/// The tables that numbers are read with.
pub(super) fn tables(data: &DataFiles) -> Result<Tables, DataError> {
    Ok(Tables {
        provinces: data.read("provinces.toml")?,
        registries: data.read("registries.toml")?,
    })
}

/// The year of the look, in Chinese time.
pub(super) fn year_of(evidence: &Evidence) -> i16 {
    Offset::constant(8).to_datetime(evidence.captured_at).year()
}

#[derive(Debug)]
struct Filing {
    tables: Tables,
}

/// One number with all the places where it was shown.
#[derive(Debug)]
struct Sighting<T> {
    number: T,
    places: Vec<Place>,
    /// Kinds of the links whose text it is, then of links beside it.
    links: Vec<LinkKind>,
    /// Whether a link at it names another number.
    differs: bool,
}

/// A number that can be told from others.
trait Named {
    fn name(&self) -> &str;
    /// Whether a link at the number names another one.
    fn differs_from(&self, url: &Url) -> bool;
}

impl Named for Icp {
    fn name(&self) -> &str {
        &self.number
    }
    fn differs_from(&self, _: &Url) -> bool {
        false
    }
}

impl Named for Police {
    fn name(&self) -> &str {
        &self.number
    }
    fn differs_from(&self, url: &Url) -> bool {
        link::police_code(url).is_some_and(|code| code != self.digits)
    }
}

impl Inspector for Filing {
    fn facts(&self, evidence: &Evidence, facts: &mut Facts) {
        let pieces = shown::pieces(evidence);
        let year = year_of(evidence);
        let read = shown::home_was_read(evidence);
        let numbers = self.icp_numbers(&pieces, year);
        self.state_icp(&numbers, facts);
        self.state_hidden(evidence, year, &numbers, read.is_ok(), facts);
        let hosts = &self.tables.registries.police_links;
        let police = sightings(&pieces, hosts, |text| police::find(text, &self.tables.provinces));
        state_police(&police, facts);
        match read {
            Ok(()) => {
                for (name, shown) in [
                    ("filing.icp_shown", !numbers.is_empty()),
                    ("filing.police_shown", !police.is_empty()),
                ] {
                    if !shown {
                        facts.say(name, false, Firmness::WellFormed, Vec::new());
                    }
                }
            }
            Err(because) => shown::cannot_say(facts, PROVIDES, &because),
        }
    }
}

impl Filing {
    /// Filings, permits and parodies; where there are none, telecom licences that stand in for them.
    fn icp_numbers(&self, pieces: &[Piece<'_>], year: i16) -> Vec<Sighting<Icp>> {
        let hosts = &self.tables.registries.icp_links;
        let numbers = sightings(pieces, hosts, |text| icp::find(text, &self.tables, year));
        if !numbers.is_empty() {
            return numbers;
        }
        sightings(pieces, hosts, |text| {
            let licences = telecom::find(text, &self.tables.provinces, year).into_iter();
            licences
                .map(|found| Found {
                    number: as_filing(found.number),
                    range: found.range,
                })
                .collect()
        })
    }

    fn state_icp(&self, numbers: &[Sighting<Icp>], facts: &mut Facts) {
        let Some(first) = numbers.first() else { return };
        let seen = Firmness::WellFormed;
        let icp = &first.number;
        let places = || first.places.clone();
        facts.say("filing.icp_shown", true, seen, places());
        let firmness = if icp.is_well_formed() {
            Firmness::WellFormed
        } else {
            Firmness::Malformed
        };
        facts.say("filing.icp_number", icp.number.as_str(), firmness, places());
        if let Some(detail) = self.detail(icp) {
            facts.detail("filing.icp_number", detail);
        }
        facts.say("filing.icp_kind", icp.kind.code(), seen, places());
        let worst = numbers
            .iter()
            .max_by_key(|number| number.number.problems.first().copied().map(shown_as));
        if let Some(worst) = worst {
            let problem = worst
                .number
                .problems
                .first()
                .map_or("none", |problem| shown_as(*problem).code());
            facts.say("filing.icp_problem", problem, seen, worst.places.clone());
            if let Some(detail) = self.detail(&worst.number) {
                facts.detail("filing.icp_problem", detail);
            }
        }
        if icp.is_well_formed() {
            if let Some(year) = icp.year {
                facts.say("filing.icp_year", i64::from(year), seen, places());
            }
            if let Some(province) = &icp.province {
                facts.say("filing.icp_province", province.as_str(), seen, places());
            }
        }
        let all: Vec<Place> = numbers
            .iter()
            .filter_map(|number| number.places.first().cloned())
            .collect();
        facts.say("filing.icp_subjects", subjects(numbers), seen, all);
        let lookalike = numbers
            .iter()
            .find(|number| number.links.contains(&LinkKind::Lookalike));
        let linked = lookalike.unwrap_or(first);
        facts.say(
            "filing.icp_link",
            best_link(&linked.links),
            seen,
            linked.places.clone(),
        );
    }

    /// Why a number fails, or how it was oddly written.
    fn detail(&self, icp: &Icp) -> Option<String> {
        let reasons: Vec<&str> = icp.problems.iter().map(|problem| problem.code()).collect();
        let mut parts = Vec::new();
        if !reasons.is_empty() {
            parts.push(format!("fails: {}", reasons.join(", ")));
        }
        if !icp.written.is_empty() {
            parts.push(format!("written: {}", icp.written.join(", ")));
        }
        let templates = &self.tables.registries.template;
        if let Some(template) = templates
            .iter()
            .find(|template| icp.subject.as_deref() == Some(&template.number))
        {
            parts.push(format!("shipped with {}", template.from));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn state_hidden(
        &self,
        evidence: &Evidence,
        year: i16,
        shown: &[Sighting<Icp>],
        read: bool,
        facts: &mut Facts,
    ) {
        let mut places = Vec::new();
        for (seen, page) in evidence.readable() {
            for hidden in &page.hidden {
                let text = Normal::of(&hidden.text);
                let numbers = icp::find(&text, &self.tables, year).into_iter();
                let new = numbers.filter(|found| {
                    !shown
                        .iter()
                        .any(|number| number.number.number == found.number.number)
                });
                places.extend(new.map(|found| {
                    Place::new(
                        &seen.final_url,
                        hidden_place(hidden.kind),
                        text.snippet(found.range, 16),
                    )
                }));
            }
        }
        let hidden = shown.is_empty() && !places.is_empty();
        if hidden || !shown.is_empty() || read {
            facts.say(
                "filing.icp_hidden",
                hidden,
                Firmness::WellFormed,
                if hidden { places } else { Vec::new() },
            );
        }
    }
}

fn hidden_place(kind: crate::page::HiddenKind) -> &'static str {
    use crate::page::HiddenKind as K;
    match kind {
        K::Comment => "comment",
        K::Script => "script",
        K::Template => "template",
        K::Noscript => "noscript",
        K::Element => "hidden",
    }
}

fn state_police(numbers: &[Sighting<Police>], facts: &mut Facts) {
    let Some(first) = numbers.first() else { return };
    let seen = Firmness::WellFormed;
    facts.say("filing.police_shown", true, seen, first.places.clone());
    let firmness = if first.number.problem.is_none() {
        Firmness::WellFormed
    } else {
        Firmness::Malformed
    };
    facts.say(
        "filing.police_number",
        first.number.number.as_str(),
        firmness,
        first.places.clone(),
    );
    if first.number.old {
        facts.detail("filing.police_number", "old form of 12 digits");
    }
    let problem = |number: &Sighting<Police>| {
        number
            .number
            .problem
            .or(number.differs.then_some(Problem::LinkDiffers))
    };
    if let Some(worst) = numbers.iter().max_by_key(|number| problem(number)) {
        let code = problem(worst).map_or("none", Problem::code);
        facts.say("filing.police_problem", code, seen, worst.places.clone());
    }
    let lookalike = numbers
        .iter()
        .find(|number| number.links.contains(&LinkKind::Lookalike));
    let linked = lookalike.unwrap_or(first);
    facts.say(
        "filing.police_link",
        best_link(&linked.links),
        seen,
        linked.places.clone(),
    );
}

/// The one place where shown numbers of either kind come from: each number once, in page order.
fn sightings<T: Named>(
    pieces: &[Piece<'_>],
    hosts: &LinkHosts,
    find: impl Fn(&Normal) -> Vec<Found<T>>,
) -> Vec<Sighting<T>> {
    let register = register_links(pieces, hosts);
    let mut list: Vec<Sighting<T>> = Vec::new();
    for piece in pieces {
        let found = find(&piece.normal);
        if found.is_empty() {
            continue;
        }
        let target = piece
            .link
            .and_then(|link| link.url.as_deref())
            .and_then(|url| Url::parse(url).ok());
        let mut links: Vec<LinkKind> = target.iter().map(|url| hosts.kind(url)).collect();
        links.extend(beside(piece, &register));
        if !piece.own && links.iter().all(|kind| *kind == LinkKind::Other) {
            continue;
        }
        for found in found {
            let differs = target.as_ref().is_some_and(|url| found.number.differs_from(url));
            let place = piece.place(found.range);
            add(
                &mut list,
                Sighting {
                    number: found.number,
                    places: vec![place],
                    links: links.clone(),
                    differs,
                },
            );
        }
    }
    list
}

/// Adds a sighting, to the one of the same number when there is one.
fn add<T: Named>(list: &mut Vec<Sighting<T>>, new: Sighting<T>) {
    let Some(known) = list
        .iter_mut()
        .find(|known| known.number.name() == new.number.name())
    else {
        if list.len() < MAX_NUMBERS {
            list.push(new);
        }
        return;
    };
    for place in new.places {
        if !known
            .places
            .iter()
            .any(|at| at.url == place.url && at.place == place.place)
        {
            known.places.push(place);
        }
    }
    known.links.extend(
        new.links
            .into_iter()
            .filter(|kind| !known.links.contains(kind))
            .collect::<Vec<_>>(),
    );
    known.differs |= new.differs;
}

/// The links that lead to the register or imitate it.
fn register_links<'a>(pieces: &'a [Piece<'a>], hosts: &LinkHosts) -> Vec<(&'a Piece<'a>, LinkKind)> {
    let links = pieces.iter().filter_map(|piece| {
        let url = Url::parse(piece.link?.url.as_deref()?).ok()?;
        Some((piece, hosts.kind(&url)))
    });
    links
        .filter(|(_, kind)| *kind != LinkKind::Other)
        .take(MAX_LINKS)
        .collect()
}

/// Kinds of the register links that stand inside a block: their text is part of its text.
fn beside(piece: &Piece<'_>, register: &[(&Piece<'_>, LinkKind)]) -> Vec<LinkKind> {
    if !piece.is_block() {
        return Vec::new();
    }
    let near = register
        .iter()
        .filter(|(link, _)| link.page == piece.page && link.region == piece.region);
    near.filter(|(link, _)| piece.normal.text().contains(link.normal.text()))
        .map(|(_, kind)| *kind)
        .collect()
}

/// The kind of link a fact names: a look-alike first, then the register, then the rest.
fn best_link(links: &[LinkKind]) -> &'static str {
    use LinkKind as K;
    let order = [K::Lookalike, K::Official, K::Dated, K::Other];
    order
        .iter()
        .find(|kind| links.contains(kind))
        .map_or("none", |kind| kind.code())
}

fn subjects(numbers: &[Sighting<Icp>]) -> i64 {
    let of = |permit: bool| -> usize {
        let kind = numbers
            .iter()
            .filter(|number| (number.number.kind == IcpKind::Permit) == permit);
        let subjects: std::collections::BTreeSet<&str> = kind
            .filter_map(|number| number.number.subject.as_deref())
            .collect();
        subjects.len()
    };
    i64::try_from(of(true).max(of(false))).unwrap_or(i64::MAX)
}

/// A telecom licence used as a filing.
fn as_filing(licence: Telecom) -> Icp {
    let well_formed = licence.problem.is_none();
    Icp {
        kind: IcpKind::TelecomLicence,
        subject: well_formed.then(|| {
            licence
                .number
                .splitn(3, '-')
                .take(2)
                .collect::<Vec<_>>()
                .join("-")
        }),
        number: licence.number,
        province: licence.province.filter(|code| code != "00"),
        year: licence.year,
        problems: licence.problem.into_iter().collect(),
        written: if licence.hybrid {
            vec!["hybrid"]
        } else {
            Vec::new()
        },
    }
}

/// A problem in the words of `filing.icp_problem`, which knows none of licences alone.
fn shown_as(problem: Problem) -> Problem {
    match problem {
        Problem::Irregular | Problem::Class => Problem::Grammar,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::shown::tests::{evidence, link, page};
    use super::*;
    use crate::evidence::Role;
    use crate::page::{Hidden, HiddenKind, Page, Region};

    fn facts(evidence: &Evidence) -> Facts {
        let mut facts = Facts::default();
        load(&DataFiles::built_in()).unwrap().facts(evidence, &mut facts);
        for fact in facts.iter() {
            let spec = PROVIDES.iter().find(|spec| spec.name == fact.name).unwrap();
            assert_eq!(fact.value.kind(), spec.kind, "{}", fact.name);
        }
        facts
    }

    fn home(page: Page) -> Facts {
        facts(&evidence(vec![(Role::Home, page)]))
    }

    fn footer(text: &str) -> Facts {
        home(page(&[(Region::Main, "商品列表"), (Region::Footer, text)]))
    }

    #[test]
    fn a_plain_footer_gives_every_fact() {
        let mut shop = page(&[(
            Region::Footer,
            "© 2020 京ICP备10046444号-1 京公网安备11000002000001号",
        )]);
        shop.links = vec![
            link(
                Region::Footer,
                "京ICP备10046444号-1",
                "https://beian.miit.gov.cn/",
            ),
            link(
                Region::Footer,
                "京公网安备11000002000001号",
                "https://beian.mps.gov.cn/#/query/webSearch?code=11000002000001",
            ),
        ];
        let facts = home(shop);
        assert_eq!(facts.is("filing.icp_shown"), Some(true));
        assert_eq!(facts.text("filing.icp_number"), Some("京ICP备10046444号-1"));
        assert_eq!(facts.text("filing.icp_problem"), Some("none"));
        assert_eq!(facts.text("filing.icp_kind"), Some("filing"));
        assert_eq!(facts.get("filing.icp_year").unwrap().value, 2010.into());
        assert_eq!(facts.text("filing.icp_province"), Some("11"));
        assert_eq!(facts.get("filing.icp_subjects").unwrap().value, 1.into());
        assert_eq!(facts.text("filing.icp_link"), Some("official"));
        assert_eq!(facts.is("filing.icp_hidden"), Some(false));
        assert_eq!(
            facts.text("filing.police_number"),
            Some("京公网安备11000002000001号")
        );
        assert_eq!(facts.text("filing.police_problem"), Some("none"));
        assert_eq!(facts.text("filing.police_link"), Some("official"));
        let at = facts.get("filing.icp_number").unwrap().at.as_ref().unwrap();
        assert_eq!(at.place, "footer");
        assert!(at.snippet.contains("京ICP备10046444号-1"));
    }

    #[test]
    fn the_problem_is_named() {
        for (text, problem, kind) in [
            ("京ICP备10046444号", "none", "filing"),
            ("川ICP备09150084号", "province", "filing"),
            ("萌ICP备20231033号", "parody", "other"),
            ("京ICP备12345678号", "placeholder", "filing"),
            ("鲁ICP备1101XXXX号-10", "masked", "filing"),
            ("京ICP备1004644号", "grammar", "filing"),
            ("贵ICP备36325334号-6", "year", "filing"),
            ("蒙ICP备15004932号-1", "template", "filing"),
            ("粤B2-20090059-5", "none", "telecom_licence"),
            ("蜀B2-20090059-5", "province", "telecom_licence"),
            ("京ICP证030173号", "none", "permit"),
            ("闽ICP备2026014225号-3X", "none", "mini_program"),
            ("京ICP备10046444号 川ICP备09150084号", "province", "filing"),
        ] {
            let facts = footer(text);
            assert_eq!(facts.is("filing.icp_shown"), Some(true), "{text}");
            assert_eq!(facts.text("filing.icp_problem"), Some(problem), "{text}");
            assert_eq!(facts.text("filing.icp_kind"), Some(kind), "{text}");
            let alone = !text.contains(' ');
            let malformed = facts.get("filing.icp_number").unwrap().firmness == Firmness::Malformed;
            assert_eq!(malformed, alone && problem != "none", "{text}");
        }
        assert_eq!(
            footer("滬icp備16027065號")
                .get("filing.icp_number")
                .unwrap()
                .detail
                .as_deref(),
            Some("written: lower_case, traditional")
        );
    }

    #[test]
    fn a_number_that_an_article_quotes_is_not_the_sites_own() {
        let prose = "骗子网站的页脚往往写着别人的备案号，例如某某网站写的京ICP备10046444号，其实查不到，消费者要自己去核对，不要轻信页面上的文字。".repeat(4);
        let article = page(&[
            (Region::Main, &prose),
            (Region::Main, &prose),
            (Region::Main, "京ICP备10046444号"),
        ]);
        assert_eq!(home(article.clone()).is("filing.icp_shown"), Some(false));
        let mut linked = article;
        linked.links.push(link(
            Region::Main,
            "京ICP备10046444号",
            "https://beian.miit.gov.cn/",
        ));
        assert_eq!(home(linked).is("filing.icp_shown"), Some(true));
        let about = evidence(vec![
            (Role::Home, page(&[(Region::Main, "商品")])),
            (Role::About, page(&[(Region::Main, &prose)])),
        ]);
        assert_eq!(facts(&about).is("filing.icp_shown"), Some(true));
    }

    #[test]
    fn numbers_do_not_join_across_blocks() {
        let split = page(&[(Region::Footer, "京ICP备1004"), (Region::Footer, "6444号")]);
        assert_eq!(home(split).is("filing.icp_shown"), Some(false));
    }

    #[test]
    fn the_links_host_decides() {
        for (text, href, kind) in [
            ("京ICP备10046444号", "https://beian.miit.gov.cn/", "official"),
            ("京ICP备10046444号", "http://www.miitbeian.gov.cn/", "dated"),
            (
                "京ICP备10046444号",
                "https://beian.miit.gov.cn.example.net/",
                "lookalike",
            ),
            ("京ICP备10046444号", "https://github.com/", "other"),
            ("京ICP备10046444号", "#", "none"),
            ("工信部备案", "https://beian.miit.gov.cn/", "official"),
            ("首页", "https://beian.miit.gov.cn/", "none"),
        ] {
            let mut shop = page(&[(Region::Footer, "工信部备案 京ICP备10046444号")]);
            shop.links.push(link(Region::Footer, text, href));
            assert_eq!(home(shop).text("filing.icp_link"), Some(kind), "{text} {href}");
        }
        assert_eq!(footer("京ICP备10046444号").text("filing.icp_link"), Some("none"));
    }

    #[test]
    fn a_hidden_number_is_noted_and_not_shown() {
        let mut shop = page(&[(Region::Footer, "版权所有")]);
        shop.hidden.push(Hidden {
            kind: HiddenKind::Comment,
            text: "京ICP备10046444号".into(),
        });
        let facts = home(shop.clone());
        assert_eq!(
            (facts.is("filing.icp_hidden"), facts.is("filing.icp_shown")),
            (Some(true), Some(false))
        );
        assert_eq!(
            facts.get("filing.icp_hidden").unwrap().at.as_ref().unwrap().place,
            "comment"
        );
        shop.blocks[0].text = "京ICP备10046444号".into();
        assert_eq!(home(shop).is("filing.icp_hidden"), Some(false));
    }

    #[test]
    fn several_subjects_are_counted() {
        for (text, subjects) in [
            ("京ICP备10046444号-1 京ICP备10046444号-2", 1),
            ("京ICP备10046444号 粤ICP备08130115号", 2),
            ("京ICP证030173号 京ICP备10046444号", 1),
            ("川ICP备09150084号", 0),
        ] {
            assert_eq!(
                footer(text).get("filing.icp_subjects").unwrap().value,
                subjects.into(),
                "{text}"
            );
        }
    }

    #[test]
    fn police_numbers_are_checked_against_their_link() {
        for (href, problem, kind) in [
            (
                "http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=11000002000001",
                "none",
                "official",
            ),
            (
                "http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=33010602009975",
                "link_differs",
                "official",
            ),
            (
                "https://beian.mps.gov.example/?code=11000002000001",
                "none",
                "lookalike",
            ),
            ("https://shop.example.com/", "none", "other"),
        ] {
            let mut shop = page(&[(Region::Footer, "京公网安备11000002000001号")]);
            shop.links
                .push(link(Region::Footer, "京公网安备 11000002000001号", href));
            let facts = home(shop);
            assert_eq!(facts.text("filing.police_problem"), Some(problem), "{href}");
            assert_eq!(facts.text("filing.police_link"), Some(kind), "{href}");
        }
        let old = footer("京公网安备110105000655号");
        assert!(old.get("filing.police_number").unwrap().detail.is_some());
        assert_eq!(
            footer("蜀公网安备51010602000097号").text("filing.police_problem"),
            Some("province")
        );
    }

    #[test]
    fn nothing_is_denied_of_a_page_that_was_not_read() {
        let facts = facts(&evidence(vec![]));
        assert!(facts.is_empty());
        for spec in PROVIDES {
            assert_eq!(
                facts.absence(spec.name).unwrap().reason,
                "not_crawled",
                "{}",
                spec.name
            );
        }
        let facts = home(page(&[(Region::Footer, "版权所有")]));
        assert_eq!(facts.is("filing.police_shown"), Some(false));
        assert!(facts.absence("filing.icp_problem").is_none() && facts.get("filing.icp_problem").is_none());
    }
}
