//! Tells a site that speaks of its own licence from one that writes about licences.
//!
//! `picture` finds every place with a word for a licence, since a picture may stand at any of them; here `licence.named` is
//! narrowed to the places where the site speaks of itself: footer, head and menu of any site, pages about the shop, and
//! elsewhere what passes the subject test of [`Reading`]. "Check the seller's licence before you pay" names none.

use std::ops::Range;

use super::super::shown::Piece;
use super::Licence;
use crate::facts::{Facts, Firmness, Place};
use crate::inspect::reading::Reading;
use crate::page::Region;

/// Longest text of a heading, link or picture that names a licence by itself, in characters.
const TITLE_CHARS: usize = 16;
/// Most places told.
const MAX_PLACES: usize = 9;

impl Licence {
    /// Says `licence.named` again, of the site's own words only; takes it back when there are none.
    pub(super) fn narrow_named(&self, reading: &Reading<'_>, pieces: &[Piece<'_>], facts: &mut Facts) {
        if facts.is("licence.named") != Some(true) {
            return;
        }
        let own = pieces.iter().filter_map(|piece| self.own_words(reading, piece));
        let places: Vec<Place> = own.take(MAX_PLACES).collect();
        if places.is_empty() {
            facts.forget("licence.named");
        } else {
            facts.say("licence.named", true, Firmness::WellFormed, places);
        }
    }

    /// Whether a letter stands in a text that every word for a licence holds: a cheap look before the text is normalised.
    pub(super) fn may_name(&self, text: &str) -> bool {
        self.words
            .licence_letters
            .chars()
            .any(|letter| text.contains(letter))
    }

    /// Where the site's own words for a licence stand in a piece.
    fn own_words(&self, reading: &Reading<'_>, piece: &Piece<'_>) -> Option<Place> {
        if !self.may_name(piece.normal.raw()) {
            return None;
        }
        let joined = piece.normal.joined();
        let text = joined.text();
        let words = self.words.licence_words.iter();
        let at = words
            .filter_map(|word| Some((text.find(word.as_str())?, word.len())))
            .min()?;
        let range = at.0..at.0 + at.1;
        let inside = |word: &String| {
            let mut places = text.match_indices(word.as_str());
            places.any(|(from, found)| from < range.end && range.start < from + found.len())
        };
        if self.words.not_licence_words.iter().any(inside) {
            return None;
        }
        let own = match piece.region {
            Region::Footer | Region::Header | Region::Nav => true,
            _ => is_own(reading, piece, range.clone()),
        };
        own.then(|| piece.place_in(&joined, range))
    }
}

/// The subject test; a short heading, link or picture text that is nothing else needs no more than its page.
fn is_own(reading: &Reading<'_>, piece: &Piece<'_>, range: Range<usize>) -> bool {
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
