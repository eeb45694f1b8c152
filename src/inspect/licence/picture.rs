//! States whether a licence is spoken of, and whether only pictures stand for it.

use url::Url;

use super::super::shown::Piece;
use super::Licence;
use crate::evidence::Evidence;
use crate::facts::{Facts, Firmness, Place};
use crate::page::Region;
use crate::text::Normal;

/// Longest block that is a heading or a link rather than running text, in characters.
const HEADING_CHARS: usize = 30;
/// Most places told.
const MAX_PLACES: usize = 9;

impl Licence {
    /// Runs after the numbers: a picture stands for the licence only when `licence.shown` was not stated.
    pub(super) fn state_words(&self, evidence: &Evidence, pieces: &[Piece<'_>], facts: &mut Facts) {
        let named: Vec<(&Piece<'_>, Place)> = pieces
            .iter()
            .filter_map(|piece| Some((piece, self.word_in(piece)?)))
            .collect();
        if named.is_empty() {
            return;
        }
        let pictures = if facts.is("licence.shown") == Some(true) {
            Vec::new()
        } else {
            self.pictures(evidence, &named)
        };
        if !pictures.is_empty() {
            facts.say("licence.picture_only", true, Firmness::WellFormed, pictures);
        }
        let places = named
            .into_iter()
            .map(|(_, place)| place)
            .take(MAX_PLACES)
            .collect();
        facts.say("licence.named", true, Firmness::WellFormed, places);
    }

    /// Where a word for a licence stands in a piece, written plainly or with decorations between its letters.
    fn word_in(&self, piece: &Piece<'_>) -> Option<Place> {
        if !self.may_name(piece.normal.raw()) {
            return None;
        }
        let within = |form: &Normal| {
            let found = self.words.licence_words.iter().filter_map(|word| {
                let at = form.text().find(word.as_str())?;
                Some(at..at + word.len())
            });
            found
                .min_by_key(|range| range.start)
                .map(|range| piece.place_in(form, range))
        };
        within(&piece.normal).or_else(|| within(&piece.normal.joined()))
    }

    /// Where words for a licence stand with a picture: its own text, a link that leads to one, or a heading on a page
    /// about the shop that has pictures in its main part. Nothing when the words also stand in running text.
    fn pictures(&self, evidence: &Evidence, named: &[(&Piece<'_>, Place)]) -> Vec<Place> {
        let with_pictures: Vec<bool> = evidence
            .readable()
            .map(|(_, page)| page.images.iter().any(|image| image.region == Region::Main))
            .collect();
        let mut places = Vec::new();
        for (piece, place) in named {
            let short = piece.normal.text().chars().count() <= HEADING_CHARS;
            if piece.is_block() && !short && piece.region != Region::Footer {
                return Vec::new();
            }
            let heading =
                piece.is_block() && piece.is_about() && with_pictures.get(piece.page) == Some(&true);
            let linked = || {
                piece
                    .link
                    .is_some_and(|link| self.leads_to_picture(link.url.as_deref()))
            };
            if heading || piece.image.is_some() || linked() {
                places.push(place.clone());
            }
        }
        places
    }

    fn leads_to_picture(&self, url: Option<&str>) -> bool {
        let url = url.and_then(|url| Url::parse(url).ok());
        let path = url.map(|url| url.path().to_ascii_lowercase()).unwrap_or_default();
        self.words
            .picture_endings
            .iter()
            .any(|ending| path.ends_with(ending.as_str()))
    }
}
