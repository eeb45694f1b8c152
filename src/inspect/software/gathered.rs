//! Gathered: the pieces of each part as one text, so that one pass tells which of them are worth a search.
//!
//! A page has hundreds of short pieces and hardly a mark in them. Takes pieces and the heads of what is looked for, in
//! lower case; gives the numbers of the pieces in which a head stands. Whether a whole mark does is for others to find.

use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind};

use super::fingerprints::{Part, Piece};

/// Bytes of a mark that are its head: a few tell enough, and many marks share one.
const HEAD_BYTES: usize = 6;

/// The pieces of all parts.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// By number of the part.
    parts: Vec<Bundle>,
}

/// The pieces of one part.
#[derive(Debug, Default)]
struct Bundle {
    /// Their texts in lower case, a line each.
    text: String,
    /// Where each ends in that text, and its number among all pieces.
    ends: Vec<(usize, usize)>,
}

impl Gathered {
    pub(super) fn of(pieces: &[Piece<'_>]) -> Self {
        // How many pieces and bytes each part has, so that none is moved while it grows.
        let mut sizes: Vec<(usize, usize)> = Vec::new();
        for piece in pieces {
            let part = piece.part as usize;
            if sizes.len() <= part {
                sizes.resize(part + 1, (0, 0));
            }
            if let Some((count, bytes)) = sizes.get_mut(part) {
                *count += 1;
                *bytes += piece.shown.len() + 1;
            }
        }
        let empty = |(count, bytes)| Bundle {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(count),
        };
        let mut parts: Vec<Bundle> = sizes.into_iter().map(empty).collect();
        for (number, piece) in pieces.iter().enumerate() {
            let part = piece.part as usize;
            if let Some(bundle) = parts.get_mut(part) {
                bundle.text.push_str(&piece.shown);
                bundle.text.push('\n');
                bundle.ends.push((bundle.text.len(), number));
            }
        }
        for bundle in &mut parts {
            bundle.text.make_ascii_lowercase();
        }
        Self { parts }
    }

    /// Numbers of the pieces of a part in which one of some heads stands, ascending.
    pub(super) fn with(&self, part: Part, heads: &Heads) -> Vec<usize> {
        let mut found = Vec::new();
        let Some(bundle) = self.parts.get(part as usize) else {
            return found;
        };
        let mut from = 0;
        while let Some(hit) = heads.0.find(Input::new(&bundle.text).range(from..)) {
            let piece = bundle.ends.partition_point(|(end, _)| *end <= hit.start());
            let Some((end, number)) = bundle.ends.get(piece) else {
                break;
            };
            found.push(*number);
            from = *end;
        }
        found
    }
}

/// The heads of some marks, in lower case.
#[derive(Debug)]
pub(super) struct Heads(AhoCorasick);

impl Heads {
    pub(super) fn of(marks: &[String]) -> Result<Self, BuildError> {
        let head = |mark: &String| {
            let bytes = mark.bytes().take(HEAD_BYTES);
            bytes.map(|byte| byte.to_ascii_lowercase()).collect::<Vec<u8>>()
        };
        let mut heads: Vec<Vec<u8>> = marks.iter().map(head).collect();
        heads.sort_unstable();
        heads.dedup();
        // Any will do, and the leftmost is looked for faster.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(heads);
        automaton.map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_with_a_head_are_told_by_number() {
        let piece = |part: Part, shown: &'static str| Piece {
            part,
            shown: shown.into(),
            url: "",
        };
        let pieces = [
            piece(Part::Path, "/BUY/12 /buy/13"),
            piece(Part::Link, "/buy/"),
            piece(Part::Path, "/bu"),
            piece(Part::Path, ""),
            piece(Part::Path, "x/开通分站"),
        ];
        let heads = Heads::of(&["/buy/#".to_owned(), "开通分站".to_owned()]).unwrap();
        let gathered = Gathered::of(&pieces);
        assert_eq!(gathered.with(Part::Path, &heads), [4]);
        let heads = Heads::of(&["/buy/".to_owned(), "开通分站".to_owned()]).unwrap();
        assert_eq!(gathered.with(Part::Path, &heads), [0, 4]);
        assert_eq!(gathered.with(Part::Link, &heads), [1]);
        assert_eq!(gathered.with(Part::Comment, &heads), [0_usize; 0]);
    }
}
