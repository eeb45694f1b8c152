//! Words for a licence: where they stand, and whether the site speaks of its own.
//!
//! Takes pieces and the words of `data/licences.toml`; gives every [`Word`], since a picture may stand at any of them,
//! and states `licence.named` of those by which the site speaks of itself: in footer, head and menu of any site, on pages
//! about the shop, and elsewhere where they pass the subject test of [`Reading`]. "Check the seller's licence before you
//! pay" names none, nor does a heading that a program's skin prints on every site.

use std::ops::Range;

use super::super::shown::{Lazy, Piece};
use super::Licence;
use crate::facts::{Facts, Firmness, Place, kept};
use crate::inspect::reading::Reading;
use crate::page::Region;
use crate::text::Normal;

/// Longest text of a heading, link or picture that names a licence by itself, in characters.
const TITLE_CHARS: usize = 16;

/// A word for a licence in a piece of text, the first one there.
#[derive(Debug)]
pub(super) struct Word<'p, 'a> {
    pub(super) piece: &'p Piece<'a>,
    pub(super) place: Place,
    /// Whether the site speaks of its own licence.
    own: bool,
}

impl Licence {
    /// Words for a licence, plain or with decorations between their letters, in page order.
    pub(super) fn words_in<'p, 'a>(
        &self,
        reading: &Reading<'_>,
        pieces: &'p [Piece<'a>],
    ) -> Vec<Word<'p, 'a>> {
        pieces
            .iter()
            .filter_map(|piece| self.word_in(reading, piece))
            .collect()
    }

    fn word_in<'p, 'a>(&self, reading: &Reading<'_>, piece: &'p Piece<'a>) -> Option<Word<'p, 'a>> {
        if !self.may_name(&piece.normal) {
            return None;
        }
        let joined = piece.normal.joined();
        // One look for all words: most texts hold but a letter of one.
        if !self.named_by.are_in(&joined) {
            return None;
        }
        let text = joined.text();
        let words = self.words.licence_words.iter();
        let (start, length) = words
            .filter_map(|word| Some((text.find(word.as_str())?, word.len())))
            .min()?;
        let range = start..start + length;
        if self.is_of_another_word(text, &range) {
            return None;
        }
        Some(Word {
            piece,
            own: is_own(reading, piece, text, range.clone()),
            place: piece.place_in(&joined, range),
        })
    }

    /// Whether a letter stands in a text that every word for a licence holds: a cheap look before the text is normalised.
    /// Where it is already, its letters tell more. Those of the joined form are among them, since these words are Han.
    fn may_name(&self, text: &Lazy<'_>) -> bool {
        let lettered = |normal: &Normal| self.named_by.may_be_in(normal);
        text.ready().is_none_or(lettered) && self.named_letters.is_match(text.raw())
    }

    /// Whether a range is part of a longer word that means something else.
    fn is_of_another_word(&self, text: &str, range: &Range<usize>) -> bool {
        self.words.not_licence_words.iter().any(|word| {
            let mut places = text.match_indices(word.as_str());
            places.any(|(from, found)| from < range.end && range.start < from + found.len())
        })
    }
}

/// States `licence.named` when one of the words is the site's own.
pub(super) fn state(words: &[Word<'_, '_>], facts: &mut Facts) {
    let own = words.iter().filter(|word| word.own);
    let places = kept(own.map(|word| word.place.clone()));
    if !places.is_empty() {
        facts.say("licence.named", true, Firmness::WellFormed, places);
    }
}

/// Whether the site speaks of itself in a stretch of a piece's joined text.
fn is_own(reading: &Reading<'_>, piece: &Piece<'_>, text: &str, range: Range<usize>) -> bool {
    if reading.marks().is_residue_at(text, &range) {
        return false;
    }
    match piece.region {
        Region::Footer | Region::Header | Region::Nav => true,
        _ => passes(reading, piece, range),
    }
}

/// The subject test; a short heading, link or picture text that is nothing else needs no more than its page.
fn passes(reading: &Reading<'_>, piece: &Piece<'_>, range: Range<usize>) -> bool {
    let Some(page) = reading.pages.get(piece.page) else {
        return false;
    };
    let short = piece.normal.text().chars().count() <= TITLE_CHARS;
    if short && (piece.is_about() || !piece.is_block()) {
        return piece.is_about() || reading.speaks(page);
    }
    let mut lines = page.lines.iter();
    let line =
        lines.find(|line| line.region == piece.region && line.joined.source() == piece.normal.source());
    line.is_some_and(|line| reading.is_own_at(page, line, range))
}
