//! Text being gathered: visible text into blocks, hidden text by its reason, both under limits.
//!
//! It is told where a block ends and what holds for each piece; it knows no tags.

use std::collections::BTreeSet;

use super::fold::Folded;
use super::{Block, Hidden, HiddenKind, Region, TagName};

// Limits: each is several times what the largest honest shop page needs, and together they bound memory.
/// Blocks kept.
const MAX_BLOCKS: usize = 20_000;
/// Longest block, in bytes; a longer run of text goes on in the next.
const MAX_BLOCK: usize = 16 * 1024;
/// Longest hidden piece, in bytes: enough to know a program by its script.
const MAX_HIDDEN: usize = 16 * 1024;
/// Hidden pieces kept.
const MAX_HIDDEN_PIECES: usize = 5_000;
/// Hidden text kept in all, in bytes.
const MAX_HIDDEN_TOTAL: usize = 512 * 1024;

/// Text of a page so far.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) blocks: Vec<Block>,
    pub(super) hidden: Vec<Hidden>,
    /// Limits that were met.
    pub(super) cut: BTreeSet<&'static str>,
    visible: Folded,
    /// Region and tag of the block that is open.
    block: (Region, TagName),
    unseen: Folded,
    unseen_kind: Option<HiddenKind>,
    hidden_total: usize,
}

impl Texts {
    /// Adds a piece that shows, in this region; `tag` names the block element around it.
    pub(super) fn visible(&mut self, text: &str, region: Region, tag: impl Fn() -> &'static str) {
        let mut rest = text;
        while !rest.is_empty() {
            let begins = self.visible.is_empty();
            // One step over the limit at a time: a run without boundaries goes on in the next block.
            let room = MAX_BLOCK.saturating_sub(self.visible.len()).max(8);
            let (piece, after) = rest
                .split_at_checked(rest.floor_char_boundary(room))
                .unwrap_or((rest, ""));
            self.visible.push(piece, usize::MAX);
            // Blanks between tags begin no block.
            if begins && !self.visible.is_empty() {
                self.block = (region, tag().into());
            }
            rest = after;
            if self.visible.len() >= MAX_BLOCK {
                self.end_visible();
            }
        }
    }

    /// Keeps what follows apart from what stands in the open block.
    pub(super) fn gap(&mut self) {
        self.visible.push(" ", usize::MAX);
    }

    /// Adds a piece that does not show.
    pub(super) fn hidden(&mut self, kind: HiddenKind, text: &str) {
        if self.unseen_kind != Some(kind) {
            self.end_hidden();
        }
        self.unseen_kind = Some(kind);
        if !self.unseen.push(text, MAX_HIDDEN) {
            self.cut.insert("hidden");
        }
    }

    /// Ends the block that is open.
    pub(super) fn end_block(&mut self) {
        self.end_visible();
        self.end_hidden();
    }

    fn end_visible(&mut self) {
        let text = self.visible.take();
        if text.is_empty() {
            return;
        }
        if self.blocks.len() >= MAX_BLOCKS {
            self.cut.insert("blocks");
            return;
        }
        let (region, tag) = std::mem::take(&mut self.block);
        self.blocks.push(Block { text, region, tag });
    }

    fn end_hidden(&mut self) {
        let text = self.unseen.take();
        if let Some(kind) = self.unseen_kind.take() {
            self.keep_hidden(kind, &text);
        }
    }

    /// Keeps a whole hidden piece as it stands: a comment, a script.
    pub(super) fn keep_hidden(&mut self, kind: HiddenKind, text: &str) {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c < ' ');
        if text.is_empty() {
            return;
        }
        let room = MAX_HIDDEN.min(MAX_HIDDEN_TOTAL.saturating_sub(self.hidden_total));
        if self.hidden.len() >= MAX_HIDDEN_PIECES || room == 0 {
            self.cut.insert("hidden");
            return;
        }
        if text.len() > room {
            self.cut.insert("hidden");
        }
        let kept = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
        self.hidden_total += kept.len();
        let odd = |c: char| c < ' ' && !matches!(c, '\n' | '\t');
        let text = if kept.bytes().any(|byte| odd(char::from(byte))) {
            kept.replace(odd, " ")
        } else {
            kept.to_owned()
        };
        self.hidden.push(Hidden { kind, text });
    }
}
