//! Software: which shop program the site runs, what it left unset, and what its templates print everywhere.
//!
//! Reads `data/software.toml` (marks bound to parts of the page) and `data/residue.toml`. Each mark has a weight; a
//! program is named when its different marks together are enough. Neutral in itself: anyone may run these programs.
//! It asks for no page and tries no path.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::reading::{PageReading, Reading, place_of};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::{Cheap, Trivial};
use crate::facts::Kind::{Bool, List, Text};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::lexicon::{Part as LinePart, join_all, joined};
use crate::page::{HiddenKind, Region};

const FILE: &str = "software.toml";

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "software.name",
        Text,
        Cheap,
        "code of the shop program: dujiaoka, dujiao_next, acg_faka, kamifaka, zfaka, card_system, caihong, fakanet, qs_faka, epay, vmq, epusdt, …; unsaid when none is recognised",
    ),
    FactSpec::new(
        "software.version",
        Text,
        Trivial,
        "version the program shows; unsaid when it shows none",
    ),
    FactSpec::new(
        "software.default_name",
        Bool,
        Trivial,
        "the shop still bears its program's default name; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "software.residue",
        List,
        Trivial,
        "template residue seen: default_company, foreign_copyright, author_disclaimer, boilerplate_promise, licence_heading, unset_field, default_filing; empty when none",
    ),
    FactSpec::new(
        "software.supply_platform",
        Text,
        Cheap,
        "code of the supply system (社区, 货源) that the site names or links; unsaid when none is seen",
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Footer,
    Link,
    Path,
    Resource,
    Script,
    Cookie,
    Header,
    Meta,
    Title,
    Text,
    Form,
    Field,
    Noscript,
    Comment,
    Json,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SoftwareFile {
    needed: u32,
    hints_at_most: u32,
    program: Vec<Program>,
    supply: Vec<Supply>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    id: String,
    names: Vec<String>,
    version: Option<String>,
    marks: Vec<Mark>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    part: Part,
    weight: u32,
    texts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Supply {
    id: String,
    words: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

/// One piece of a page that a mark can stand in.
#[derive(Debug)]
struct Piece<'e> {
    part: Part,
    shown: &'e str,
    url: &'e str,
}

/// Which mark a text of the automaton belongs to.
#[derive(Debug, Clone, Copy)]
struct Owner {
    program: usize,
    part: Part,
    weight: u32,
}

/// Recognises shop programs.
#[derive(Debug)]
pub struct Software {
    file: SoftwareFile,
    versions: Vec<Option<Regex>>,
    /// All texts of all marks, whatever their case.
    marks: AhoCorasick,
    owners: Vec<Owner>,
}

impl WordInspector for Software {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut file: SoftwareFile = data.read(FILE)?;
        let compile = |text: &String| {
            let regex = RegexBuilder::new(text).case_insensitive(true).build();
            regex.map_err(|err| DataFiles::bad(FILE, err))
        };
        let versions = file
            .program
            .iter()
            .map(|program| program.version.as_ref().map(compile).transpose())
            .collect::<Result<_, _>>()?;
        let (mut texts, mut owners) = (Vec::new(), Vec::new());
        for (index, program) in file.program.iter_mut().enumerate() {
            join_all(&mut program.names);
            for mark in &program.marks {
                texts.extend(mark.texts.iter().cloned());
                owners.extend(mark.texts.iter().map(|_| Owner {
                    program: index,
                    part: mark.part,
                    weight: mark.weight,
                }));
            }
        }
        let marks = AhoCorasick::builder().ascii_case_insensitive(true).build(&texts);
        let marks = marks.map_err(|err| DataFiles::bad(FILE, err))?;
        for words in file.supply.iter_mut().map(|supply| &mut supply.words) {
            join_all(words);
        }
        Ok(Self {
            file,
            versions,
            marks,
            owners,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let pieces: Vec<Piece<'_>> = reading
            .pages
            .iter()
            .flat_map(|page| pieces_of(reading, page))
            .collect();
        self.say_program(&pieces, reading, facts);
        reading.say_seen(
            facts,
            "software.default_name",
            Firmness::WellFormed,
            self.default_name(reading).into_iter().collect(),
        );
        reading.say_list(facts, "software.residue", Firmness::WellFormed, &residue(reading));
        match self.supply(reading, &pieces) {
            Some((id, place)) => facts.say("software.supply_platform", id, Firmness::WellFormed, vec![place]),
            None => reading.silent(facts, "software.supply_platform"),
        }
    }
}

impl Software {
    fn say_program(&self, pieces: &[Piece<'_>], reading: &Reading<'_>, facts: &mut Facts) {
        let mut best: Option<(u32, usize, Vec<Place>)> = None;
        for (index, (sum, places)) in self.weigh(pieces).into_iter().enumerate() {
            if sum >= self.file.needed && best.as_ref().is_none_or(|(most, ..)| sum > *most) {
                best = Some((sum, index, places));
            }
        }
        let Some((_, index, places)) = best else {
            reading.silent(facts, "software.name");
            return reading.silent(facts, "software.version");
        };
        if let Some(program) = self.file.program.get(index) {
            facts.say("software.name", program.id.as_str(), Firmness::WellFormed, places);
        }
        let Some(regex) = self.versions.get(index).and_then(Option::as_ref) else {
            return;
        };
        let found = pieces
            .iter()
            .find_map(|piece| Some((regex.captures(piece.shown)?.get(1)?.as_str(), piece)));
        if let Some((version, piece)) = found {
            facts.say(
                "software.version",
                version,
                Firmness::WellFormed,
                vec![place(piece)],
            );
        }
    }

    /// For every program the sum of the weights of the different marks seen, hints capped, with their places, the strongest first.
    fn weigh(&self, pieces: &[Piece<'_>]) -> Vec<(u32, Vec<Place>)> {
        let mut sums = vec![(0, 0, Vec::new()); self.file.program.len()];
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for piece in pieces {
            for hit in self.marks.find_overlapping_iter(piece.shown) {
                let id = hit.pattern().as_usize();
                let Some(owner) = self.owners.get(id).filter(|owner| owner.part == piece.part) else {
                    continue;
                };
                if !seen.insert(id) {
                    continue;
                }
                let Some((sum, hints, places)) = sums.get_mut(owner.program) else {
                    continue;
                };
                *(if owner.weight > 1 { sum } else { hints }) += owner.weight;
                places.push((std::cmp::Reverse(owner.weight), place(piece)));
            }
        }
        let capped = |sum: u32, hints: u32| {
            sum + if sum > 0 {
                hints.min(self.file.hints_at_most)
            } else {
                0
            }
        };
        sums.into_iter()
            .map(|(sum, hints, mut places)| {
                places.sort_by_key(|(weight, _)| *weight);
                (
                    capped(sum, hints),
                    places.into_iter().map(|(_, place)| place).collect(),
                )
            })
            .collect()
    }

    /// The title or site name of the home page, when a part of it is a program's default name.
    fn default_name(&self, reading: &Reading<'_>) -> Option<Place> {
        let page = reading
            .pages
            .iter()
            .find(|page| matches!(page.seen.role, Role::Home | Role::Saved))?;
        let names = page
            .page
            .metas
            .iter()
            .filter(|meta| matches!(meta.name.as_str(), "og:site_name" | "application-name"));
        let titles = std::iter::once(("title", page.page.title.as_str()))
            .chain(names.map(|meta| ("meta", meta.content.as_str())));
        titles
            .filter(|(_, text)| {
                text.split(['|', '_', '-', '–', '—', '－'])
                    .any(|part| self.is_default(part))
            })
            .map(|(place, text)| Place::new(&page.seen.final_url, place, text))
            .next()
            .filter(|_| {
                !matches!(
                    page.kind,
                    super::reading::Kind::Documentation
                        | super::reading::Kind::Article
                        | super::reading::Kind::Advice
                )
            })
    }

    fn is_default(&self, segment: &str) -> bool {
        let text = joined(segment);
        self.file
            .program
            .iter()
            .flat_map(|program| &program.names)
            .any(|name| *name == text)
    }

    /// The first supply system that titles, metas, footers or addresses give away.
    fn supply<'s>(&'s self, reading: &Reading<'_>, pieces: &[Piece<'_>]) -> Option<(&'s str, Place)> {
        for supply in &self.file.supply {
            for page in reading.pages.iter().filter(|page| page.kind.may_offer()) {
                let bound = |part: LinePart, region: Region| {
                    matches!(part, LinePart::Title | LinePart::Meta)
                        || matches!(region, Region::Footer | Region::Header | Region::Nav)
                };
                let mut lines = page.lines.iter().filter(|line| bound(line.part, line.region));
                let named = |text: &str| supply.words.iter().any(|word| text.contains(word.as_str()));
                if let Some(line) = lines.find(|line| named(line.joined.text())) {
                    return Some((&supply.id, place_of(page, line, line.joined.source())));
                }
            }
            let address = |piece: &&Piece<'_>| {
                matches!(piece.part, Part::Link | Part::Path | Part::Script | Part::Form)
                    && holds_any(piece.shown, &supply.paths)
            };
            if let Some(piece) = pieces.iter().find(address) {
                return Some((&supply.id, place(piece)));
            }
        }
        None
    }
}

fn holds_any(address: &str, marks: &[String]) -> bool {
    let lower = address.to_ascii_lowercase();
    marks.iter().any(|mark| lower.contains(mark.as_str()))
}

fn place(piece: &Piece<'_>) -> Place {
    let name = match piece.part {
        Part::Footer => "footer",
        Part::Link | Part::Path => "link",
        Part::Resource => "resource",
        Part::Script => "script",
        Part::Cookie => "cookie",
        Part::Header => "header",
        Part::Meta => "meta",
        Part::Title => "title",
        Part::Text => "main",
        Part::Form | Part::Field => "form",
        Part::Noscript => "noscript",
        Part::Comment => "comment",
        Part::Json => "json",
    };
    Place::new(piece.url, name, piece.shown)
}

/// All pieces of a page that marks can stand in.
fn pieces_of<'e>(reading: &Reading<'e>, page: &PageReading<'e>) -> Vec<Piece<'e>> {
    let url = page.seen.final_url.as_str();
    let mut pieces = Vec::new();
    let mut add = |part: Part, shown: &'e str| {
        pieces.push(Piece { part, shown, url });
    };
    let tells = !page.kind.may_offer();
    let (seen, page) = (page.seen, page.page);
    add(Part::Path, url);
    // A page that tells of a program or explains one is not therefore made with it.
    if !tells {
        add(Part::Title, &page.title);
    }
    for block in &page.blocks {
        add(
            if block.region == Region::Footer {
                Part::Footer
            } else {
                Part::Text
            },
            &block.text,
        );
    }
    for link in &page.links {
        add(Part::Link, &link.href);
        if link.region == Region::Footer {
            add(Part::Footer, &link.href);
        }
        if link.url.as_deref().is_none_or(|url| is_inside(reading, url)) {
            add(Part::Path, &link.href);
        }
    }
    page.resources
        .iter()
        .for_each(|resource| add(Part::Resource, resource));
    for form in &page.forms {
        add(Part::Form, &form.action);
        form.fields.iter().for_each(|field| add(Part::Field, &field.name));
    }
    for meta in &page.metas {
        add(Part::Meta, &meta.name);
        add(Part::Meta, &meta.content);
    }
    for hidden in &page.hidden {
        match hidden.kind {
            HiddenKind::Script => add(Part::Script, &hidden.text),
            HiddenKind::Noscript => add(Part::Noscript, &hidden.text),
            HiddenKind::Comment => add(Part::Comment, &hidden.text),
            HiddenKind::Template | HiddenKind::Element => {}
        }
    }
    for (name, value) in &seen.headers {
        add(
            if name == "set-cookie" {
                Part::Cookie
            } else {
                Part::Header
            },
            value,
        );
    }
    for json in page.json.iter().filter(|json| json.name == "config") {
        json.value
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys)
            .for_each(|key| add(Part::Json, key));
    }
    pieces
}

fn is_inside(reading: &Reading<'_>, url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| reading.evidence.site.holds(&url))
}

/// Template residue on all pages, one place a code and page.
fn residue(reading: &Reading<'_>) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for page in &reading.pages {
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for line in &page.lines {
            for (range, index) in &line.residue {
                let id = reading.marks().residue_id(*index);
                if !id.starts_with('_') && told.insert(*index) {
                    let place = place_of(page, line, line.joined.snippet(range.clone(), 12));
                    found.push((id.to_owned(), place));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::inspect::fixture::{PLAIN_SHOP, facts};

    #[test]
    fn programs_are_known_by_their_marks() {
        for (lines, expected) in [
            ("footer Powered by @独角数卡", Some("dujiaoka")),
            (
                "resource https://shop.example.com/assets/unicorn/css/a.css",
                Some("dujiaoka"),
            ),
            (
                "form post https://shop.example.com/create-order gid by_amount payway",
                Some("dujiaoka"),
            ),
            ("script setVar(\"_var_item\", {})", Some("acg_faka")),
            ("cookie ACG-SHOP=abc; path=/", Some("acg_faka")),
            (
                "noscript kamifaka-frontend doesn't work properly without JavaScript",
                Some("kamifaka"),
            ),
            ("meta keywords 资料空白,ZFAKA,发卡平台", Some("zfaka")),
            ("script var hashsalt=([]+{})[1]", Some("caihong")),
            (
                "a /?mod=buy&cid=1&tid=3 购买\na /?mod=query 查单",
                Some("caihong"),
            ),
            (
                "a /orderquery.htm 查询\na /tariff.htm 费率\na /qiye.htm 资质",
                Some("fakanet"),
            ),
            ("a /buy/3 购买", None),
            ("p 推荐开源程序 github.com/assimon/dujiaoka", None),
            ("footer 常用的开源程序有独角数卡、ZFAKA等", None),
            ("a /doc.html 文档\na /agreement.html 协议", None),
            ("a /statement.html 声明\na /qualification.html 资质", None),
        ] {
            let facts = facts("shop.example.com", &[&format!("{PLAIN_SHOP}\n{lines}")]);
            assert_eq!(facts.text("software.name"), expected, "{lines}");
        }
    }

    #[test]
    fn versions_default_names_residue_and_supply_systems_are_noted() {
        let page = PLAIN_SHOP.replace("title 星河数卡", "title ZFAKA平台");
        let page = format!(
            "{page}\nfooter ZFAKA 1.4.4\nfooter 我们保证所售商品均为正品\nmeta keywords 亿乐社区,货源"
        );
        let facts = facts("shop.example.com", &[&page]);
        assert_eq!(
            (facts.text("software.name"), facts.text("software.version")),
            (Some("zfaka"), Some("1.4.4"))
        );
        assert_eq!(facts.is("software.default_name"), Some(true));
        assert_eq!(facts.list("software.residue"), ["boilerplate_promise"]);
        assert_eq!(facts.text("software.supply_platform"), Some("yile"));
    }

    #[test]
    fn a_shop_of_its_own_has_no_program() {
        let facts = facts("shop.example.com", &[PLAIN_SHOP]);
        assert_eq!(
            (facts.get("software.name"), facts.is("software.default_name")),
            (None, Some(false))
        );
        assert!(facts.list("software.residue").is_empty());
    }
}
