//! Fingerprints: the marks of shop programs, ready to be weighed against the pieces of a site's pages.
//!
//! Takes `data/software.toml`; gives the program a site runs, its themes and its version. Every mark is bound to a
//! part of the page, and every part has one automaton of its own, so a piece is searched once and only for what may
//! stand there. It knows no page and states no fact.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::FILE;
use super::gathered::{Gathered, Heads};
use crate::facts::Place;
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{join_all, joined};

/// Which part of a page a mark is bound to; the meanings stand at the head of `data/software.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    Footer,
    Link,
    Path,
    Resource,
    Script,
    Variable,
    Json,
    Answer,
    Cookie,
    Header,
    Meta,
    Title,
    Text,
    Form,
    Field,
    Noscript,
    Comment,
}

impl Part {
    /// The name used in places.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Footer => "footer",
            Self::Link | Self::Path => "link",
            Self::Resource => "resource",
            Self::Script | Self::Variable => "script",
            Self::Json => "json",
            Self::Answer => "answer",
            Self::Cookie => "cookie",
            Self::Header => "header",
            Self::Meta => "meta",
            Self::Title => "title",
            Self::Text => "main",
            Self::Form | Self::Field => "form",
            Self::Noscript => "noscript",
            Self::Comment => "comment",
        }
    }
}

/// One piece of a page that a mark can stand in.
#[derive(Debug)]
pub(super) struct Piece<'e> {
    pub(super) part: Part,
    pub(super) shown: Cow<'e, str>,
    pub(super) url: &'e str,
}

impl Piece<'_> {
    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place::new(self.url, self.part.place(), &self.shown)
    }
}

/// The part of `software.toml` that is about programs.
#[derive(Debug)]
pub(super) struct Programs {
    /// Sum of weights that names a program.
    pub(super) needed: u32,
    /// Most that hints add up to.
    pub(super) hints_at_most: u32,
    pub(super) program: Vec<Program>,
    pub(super) theme: Vec<Theme>,
}

/// A shop program: what it calls itself and what gives it away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    id: String,
    names: Vec<String>,
    /// Names that are ordinary words; these count only as a whole title.
    #[serde(default)]
    plain_names: Vec<String>,
    #[serde(default)]
    excludes: Vec<String>,
    #[serde(default)]
    version: Vec<Version>,
    marks: Vec<Mark>,
}

/// A theme, skin or fork; its marks speak for the program that it implies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Theme {
    id: String,
    implies: String,
    marks: Vec<Mark>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    part: Part,
    pattern: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    part: Part,
    weight: u32,
    texts: Vec<String>,
}

/// What a text of an automaton stands for.
#[derive(Debug, Clone, Copy)]
struct Owner {
    program: usize,
    theme: Option<usize>,
    weight: u32,
    /// A digit must follow (`/buy/#`).
    numbered: bool,
}

/// The marks of one part.
#[derive(Debug)]
struct Marks {
    texts: AhoCorasick,
    owners: Vec<Owner>,
}

/// All programs with their marks.
#[derive(Debug)]
pub(super) struct Fingerprints {
    file: Programs,
    versions: Vec<Vec<(Part, Regex)>>,
    parts: BTreeMap<Part, Marks>,
    /// How the marks of each part begin: only pieces that hold one of these are searched.
    heads: BTreeMap<Part, Heads>,
}

/// A program as it was recognised.
#[derive(Debug)]
pub(super) struct Recognised<'f> {
    pub(super) id: &'f str,
    /// Whether the program is a shop's.
    pub(super) shop: bool,
    /// Where its marks stand, the strongest first.
    pub(super) places: Vec<Place>,
    /// Its themes, each with a place.
    pub(super) themes: Vec<(String, Place)>,
    pub(super) version: Option<(String, Place)>,
}

/// What speaks for one program.
#[derive(Debug, Default)]
struct Case {
    strong: u32,
    hints: u32,
    places: Vec<(Reverse<u32>, Place)>,
    themes: Vec<(String, Place)>,
}

impl Fingerprints {
    /// Builds the automata; refuses themes and exclusions of programs that are not there. `others` are marks that somebody
    /// else looks for among the likely pieces.
    pub(super) fn of(mut file: Programs, others: &[(Part, &str)]) -> Result<Self, DataError> {
        let ids: Vec<String> = file.program.iter().map(|program| program.id.clone()).collect();
        let known = |id: &str| {
            let place = ids.iter().position(|other| other == id);
            place.ok_or_else(|| DataFiles::bad(FILE, format!("there is no program `{id}`")))
        };
        let mut marks = Vec::new();
        for (index, program) in file.program.iter_mut().enumerate() {
            join_all(&mut program.names);
            join_all(&mut program.plain_names);
            marks.extend(program.marks.iter().map(|mark| (index, None, mark)));
            program.excludes.iter().try_for_each(|id| known(id).map(drop))?;
        }
        for (index, theme) in file.theme.iter().enumerate() {
            let program = known(&theme.implies)?;
            marks.extend(theme.marks.iter().map(|mark| (program, Some(index), mark)));
        }
        let parts = automata(&marks)?;
        let heads = heads(&marks, others)?;
        let compile = |version: &Version| {
            let regex = RegexBuilder::new(&version.pattern).case_insensitive(true).build();
            regex
                .map(|regex| (version.part, regex))
                .map_err(|err| DataFiles::bad(FILE, err))
        };
        let versions = file.program.iter();
        let versions = versions
            .map(|program| program.version.iter().map(compile).collect())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            file,
            versions,
            parts,
            heads,
        })
    }

    /// The program that the pieces speak for most, if for any enough. Of those with enough, one that another
    /// excludes is left out; of equals the first in the file wins.
    pub(super) fn recognise(&self, pieces: &[Piece<'_>], likely: &[usize]) -> Option<Recognised<'_>> {
        let cases = self.weigh(pieces, likely);
        let enough: Vec<(usize, u32)> = cases
            .iter()
            .enumerate()
            .map(|(index, case)| (index, case.sum(self.file.hints_at_most)))
            .filter(|(_, sum)| *sum >= self.file.needed)
            .collect();
        let excluded = |index: usize| {
            let id = self.file.program.get(index).map(|program| &program.id);
            let mut others = enough
                .iter()
                .filter_map(|(other, _)| self.file.program.get(*other));
            others.any(|other| id.is_some_and(|id| other.excludes.contains(id)))
        };
        let left = enough.iter().filter(|(index, _)| !excluded(*index));
        let (index, _) = *left.max_by_key(|(index, sum)| (*sum, Reverse(*index)))?;
        let mut case = cases.into_iter().nth(index)?;
        case.places.sort_by_key(|(weight, _)| *weight);
        Some(Recognised {
            id: &self.file.program.get(index)?.id,
            // "A shop outranks its gateway": only shops exclude others.
            shop: !self.file.program.get(index)?.excludes.is_empty(),
            places: case.places.into_iter().map(|(_, place)| place).collect(),
            themes: case.themes,
            version: self.version(index, pieces),
        })
    }

    /// Numbers of the pieces that may hold a mark, or one of the others, in page order whatever their part.
    pub(super) fn likely(&self, pieces: &[Piece<'_>]) -> Vec<usize> {
        let gathered = Gathered::of(pieces);
        let likely = self.heads.iter();
        let likely = likely.flat_map(|(part, heads)| gathered.with(*part, heads));
        let mut likely: Vec<usize> = likely.collect();
        likely.sort_unstable();
        likely
    }

    /// What speaks for every program: the weights of the different marks seen, each counted once.
    fn weigh(&self, pieces: &[Piece<'_>], likely: &[usize]) -> Vec<Case> {
        let mut cases: Vec<Case> = self.file.program.iter().map(|_| Case::default()).collect();
        let mut seen: BTreeSet<(Part, usize)> = BTreeSet::new();
        for piece in likely.iter().filter_map(|number| pieces.get(*number)) {
            let Some(marks) = self.parts.get(&piece.part) else {
                continue;
            };
            for hit in marks.texts.find_overlapping_iter(piece.shown.as_ref()) {
                let id = hit.pattern().as_usize();
                let Some(owner) = marks.owners.get(id) else {
                    continue;
                };
                let behind = piece.shown.as_bytes().get(hit.end());
                if owner.numbered && !behind.is_some_and(u8::is_ascii_digit) || !seen.insert((piece.part, id))
                {
                    continue;
                }
                if let Some(case) = cases.get_mut(owner.program) {
                    let theme = owner.theme.and_then(|theme| self.file.theme.get(theme));
                    case.add(owner.weight, piece.place(), theme);
                }
            }
        }
        cases
    }

    /// The version that the first fitting piece of the right part shows.
    fn version(&self, program: usize, pieces: &[Piece<'_>]) -> Option<(String, Place)> {
        self.versions.get(program)?.iter().find_map(|(part, regex)| {
            pieces
                .iter()
                .filter(|piece| piece.part == *part)
                .find_map(|piece| {
                    let found = regex.captures(&piece.shown)?.get(1)?.as_str();
                    Some((found.to_owned(), piece.place()))
                })
        })
    }

    /// The name that a program gives an unnamed shop, if a title is one or has one among its parts.
    pub(super) fn default_name<'t>(&self, title: &'t str) -> Option<&'t str> {
        let whole = title.trim();
        // The first try is for names that have a sign of parting inside: "acg-faka".
        if self.is_name(whole, |program| &program.names)
            || self.is_name(whole, |program| &program.plain_names)
        {
            return Some(whole);
        }
        let mut parts = title.split(['|', '_', '-', '–', '—', '－']).map(str::trim);
        parts.find(|part| self.is_name(part, |program| &program.names))
    }

    fn is_name(&self, text: &str, names: impl Fn(&Program) -> &Vec<String>) -> bool {
        let text = joined(text);
        let mut all = self.file.program.iter().flat_map(names);
        !text.is_empty() && all.any(|name| *name == text)
    }
}

impl Case {
    fn add(&mut self, weight: u32, place: Place, theme: Option<&Theme>) {
        if let Some(theme) = theme {
            self.themes.push((theme.id.clone(), place.clone()));
        }
        *(if weight > 1 {
            &mut self.strong
        } else {
            &mut self.hints
        }) += weight;
        self.places.push((Reverse(weight), place));
    }

    /// Hints alone are nothing, and together count at most `hints`.
    fn sum(&self, hints: u32) -> u32 {
        if self.strong == 0 {
            return 0;
        }
        self.strong + self.hints.min(hints)
    }
}

/// How the marks of every part begin.
fn heads(
    marks: &[(usize, Option<usize>, &Mark)],
    others: &[(Part, &str)],
) -> Result<BTreeMap<Part, Heads>, DataError> {
    let mut lists: BTreeMap<Part, Vec<String>> = BTreeMap::new();
    for (_, _, mark) in marks {
        let texts = mark.texts.iter();
        let plain = texts.map(|text| text.strip_suffix('#').unwrap_or(text).to_owned());
        lists.entry(mark.part).or_default().extend(plain);
    }
    for (part, text) in others {
        lists.entry(*part).or_default().push((*text).to_owned());
    }
    let lists = lists.into_iter();
    let build = |texts: &[String]| Heads::of(texts).map_err(|err| DataFiles::bad(FILE, err));
    lists.map(|(part, texts)| Ok((part, build(&texts)?))).collect()
}

/// One automaton for every part that has marks.
fn automata(marks: &[(usize, Option<usize>, &Mark)]) -> Result<BTreeMap<Part, Marks>, DataError> {
    let mut lists: BTreeMap<Part, (Vec<String>, Vec<Owner>)> = BTreeMap::new();
    for (program, theme, mark) in marks {
        let (texts, owners) = lists.entry(mark.part).or_default();
        for text in &mark.texts {
            let plain = text.strip_suffix('#');
            texts.push(plain.unwrap_or(text).to_owned());
            owners.push(Owner {
                program: *program,
                theme: *theme,
                weight: mark.weight,
                numbered: plain.is_some(),
            });
        }
    }
    let build = |(part, (texts, owners)): (Part, (Vec<String>, Vec<Owner>))| {
        if texts.iter().any(String::is_empty) {
            return Err(DataFiles::bad(FILE, "a mark has an empty text"));
        }
        let texts = AhoCorasick::builder().ascii_case_insensitive(true).build(texts);
        let texts = texts.map_err(|err| DataFiles::bad(FILE, err))?;
        Ok((part, Marks { texts, owners }))
    };
    lists.into_iter().map(build).collect()
}
