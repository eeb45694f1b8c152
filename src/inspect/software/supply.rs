//! Supply: the systems (社区, 货源) that such shops draw their goods from, as far as a page gives them away.
//!
//! Takes lines and pieces; gives the code of the first system of `data/software.toml` that is named in a title, meta,
//! header, navigation or footer, or whose addresses the page uses. Their interfaces need a login, so none is asked.

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::FILE;
use super::fingerprints::{Part, Piece};
use crate::facts::Place;
use crate::inspect::reading::{Line, Reading, place_of};
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{Part as LinePart, joined};
use crate::number::Signs;
use crate::page::Region;

/// One supply system.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Supply {
    id: String,
    words: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

/// All supply systems, ready to be looked for.
#[derive(Debug)]
pub(super) struct Supplies {
    list: Vec<Supply>,
    words: Marks,
    paths: Marks,
    /// Letters of the words.
    signs: Signs,
}

/// Parts of a page whose addresses are those that it uses.
const PARTS: [Part; 4] = [Part::Link, Part::Path, Part::Script, Part::Form];

/// Texts with the systems they stand for.
#[derive(Debug)]
struct Marks {
    texts: AhoCorasick,
    owners: Vec<usize>,
}

impl Supplies {
    pub(super) fn of(list: Vec<Supply>) -> Result<Self, DataError> {
        let words = Marks::of(
            list.iter()
                .map(|supply| supply.words.iter().map(|word| joined(word)).collect()),
        )?;
        let paths = Marks::of(list.iter().map(|supply| supply.paths.clone()))?;
        let bad = |err| DataFiles::bad(FILE, err);
        let all = list.iter().flat_map(|supply| &supply.words);
        let all: Vec<String> = all.map(|word| joined(word)).collect();
        Ok(Self {
            signs: Signs::of_either_case(&all).map_err(bad)?,
            list,
            words,
            paths,
        })
    }

    /// The addresses of all systems, each with each part that it may stand in.
    pub(super) fn marks(&self) -> Vec<(Part, &str)> {
        let paths = self.list.iter().flat_map(|supply| &supply.paths);
        paths
            .flat_map(|path| PARTS.map(|part| (part, path.as_str())))
            .collect()
    }

    /// The first system that is seen, in the order of the file, and where. `likely` are the numbers of all pieces that may
    /// hold one of the [`marks`](Self::marks), in page order.
    pub(super) fn find(
        &self,
        reading: &Reading<'_>,
        pieces: &[Piece<'_>],
        likely: &[usize],
    ) -> Option<(&str, Place)> {
        let named = reading
            .pages
            .iter()
            .filter(|page| page.kind.may_offer())
            .flat_map(|page| page.lines.iter().map(move |line| (page, line)))
            .filter(|(_, line)| is_bound(line) && self.signs.may_be_in(&line.joined))
            .filter_map(|(page, line)| {
                let owner = self.words.first(line.joined.text())?;
                Some((owner, place_of(page, line, line.joined.source())))
            });
        let used = likely
            .iter()
            .filter_map(|number| pieces.get(*number))
            .filter(|piece| PARTS.contains(&piece.part))
            .filter_map(|piece| Some((self.paths.first(&piece.shown)?, piece.place())));
        let (owner, place) = named.chain(used).min_by_key(|(owner, _)| *owner)?;
        Some((self.list.get(owner)?.id.as_str(), place))
    }
}

impl Marks {
    fn of(lists: impl Iterator<Item = Vec<String>>) -> Result<Self, DataError> {
        let (mut texts, mut owners) = (Vec::new(), Vec::new());
        for (owner, list) in lists.enumerate() {
            owners.extend(list.iter().map(|_| owner));
            texts.extend(list);
        }
        let texts = AhoCorasick::builder().ascii_case_insensitive(true).build(texts);
        let texts = texts.map_err(|err| DataFiles::bad(FILE, err))?;
        Ok(Self { texts, owners })
    }

    /// The first system in the order of the file whose mark stands in a text.
    fn first(&self, text: &str) -> Option<usize> {
        let hits = self.texts.find_overlapping_iter(text);
        hits.filter_map(|hit| self.owners.get(hit.pattern().as_usize()).copied())
            .min()
    }
}

/// Whether a line is where systems leave their names: in running text anybody may write of them.
fn is_bound(line: &Line) -> bool {
    matches!(line.part, LinePart::Title | LinePart::Meta)
        || matches!(line.region, Region::Footer | Region::Header | Region::Nav)
}
