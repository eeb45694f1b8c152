//! Line: the goods and prices that one line of text names.
//!
//! "视频会员周卡 ¥8.00", "Q币100个 95元,话费100元 98元", "100 Q币 面值 ¥100 特价 ¥60 库存 8888", "价格:¥50(官方 100元)".
//! Takes a line in the joined form; gives items, of which a line that is only a price has one without a name. Of several
//! prices the lowest that is paid counts; prices of others, fees and face values are none. It does not look at other lines.

use std::ops::Range;

use super::amount::{Amount, Label, Signs, Unit};
use super::kinds::{Face, Kinds};
use crate::text::Normal;

/// Goods with a price in a line.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub(super) struct Item {
    /// Byte range of the name; empty when the line names none.
    pub(super) name: Range<usize>,
    /// Byte range of name and price.
    pub(super) whole: Range<usize>,
    /// The price.
    pub(super) price: f64,
    /// Whether the price is in yuan.
    pub(super) yuan: bool,
    /// Whether it is the lower end of a range, or "from".
    pub(super) range: bool,
    /// Whether it is the price of one piece.
    pub(super) each: bool,
    /// Whether the price could be part of a name ("提货券 100元").
    pub(super) soft: bool,
    /// Whether only its two decimals say that the price is one.
    pub(super) bare: bool,
    /// Face value, where the line names it.
    pub(super) face: Option<f64>,
    /// Pieces in stock.
    pub(super) stock: Option<f64>,
    /// Pieces sold.
    pub(super) sold: Option<f64>,
}

/// What a line says.
#[derive(Debug, Default)]
pub(super) struct LineRead {
    /// Goods with prices, in order.
    pub(super) items: Vec<Item>,
    /// Face value of a line without price.
    pub(super) face: Option<f64>,
    /// Stock of a line without price.
    pub(super) stock: Option<f64>,
    /// Sales of a line without price.
    pub(super) sold: Option<f64>,
}

/// Reads one line.
pub(super) fn read(line: &Normal, signs: &Signs, kinds: &Kinds) -> LineRead {
    let text = line.text();
    let mut amounts = signs.amounts(text).peekable();
    if amounts.peek().is_none() {
        return LineRead::default();
    }
    let faces = kinds.faces(text, line.letters());
    let mut walk = Walk {
        text,
        signs,
        kinds,
        faces: &faces,
        done: LineRead::default(),
        open: None,
        name: None,
        end: 0,
    };
    for amount in amounts {
        walk.step(&amount);
    }
    walk.finish()
}

/// Goods whose price is being read.
#[derive(Debug)]
struct Open {
    item: Item,
    /// The lowest price, …
    least: Option<f64>,
    /// … and the lowest of those that a word says are paid.
    least_paid: Option<f64>,
    last_end: usize,
}

impl Open {
    fn price(&mut self, value: f64, paid: bool) {
        let lower = |least: Option<f64>| Some(least.map_or(value, |least| least.min(value)));
        self.least = lower(self.least);
        if paid {
            self.least_paid = lower(self.least_paid);
        }
    }
}

/// State of the way along a line.
struct Walk<'a> {
    text: &'a str,
    signs: &'a Signs,
    kinds: &'a Kinds,
    faces: &'a [Face],
    done: LineRead,
    open: Option<Open>,
    /// A name that stands before a counter or a face value: its price is still to come.
    name: Option<Range<usize>>,
    /// Where what was read ends.
    end: usize,
}

impl Walk<'_> {
    fn step(&mut self, amount: &Amount) {
        let named = self.faces.iter().any(|face| within(&amount.digits, &face.digits));
        if named && matches!(amount.label, Label::None | Label::Other | Label::Before) {
            return;
        }
        // "15元面值 ¥14.70": the word belongs to the number before it.
        let before = self.text.get(..amount.range.start).unwrap_or_default().trim_end();
        let taken = self.faces.iter().any(|face| {
            let behind = before.get(face.digits.end..);
            behind.is_some_and(|behind| behind.chars().count() <= 1)
        });
        match (amount.label, amount.money) {
            (Label::Face, true) if taken => self.price(amount),
            (Label::Stock, _) => self.count(
                amount,
                |item, value| item.stock = Some(value),
                |done, value| done.stock = Some(value),
            ),
            (Label::Sold, _) => self.count(
                amount,
                |item, value| item.sold = Some(value),
                |done, value| done.sold = Some(value),
            ),
            (Label::Face, true) => {
                let yuan = amount.unit != Unit::Foreign;
                let face = yuan.then_some(amount.value);
                self.count(amount, |item, _| item.face = face, |done, _| done.face = face);
            }
            (Label::Before, true) => self.keep_name(amount),
            (Label::Other, true) => {
                self.close();
                self.name = None;
                self.end = amount.range.end;
            }
            (Label::Now | Label::None, true) => self.price(amount),
            (_, false) => {}
        }
    }

    /// A number that belongs to the goods and is no price.
    fn count(&mut self, amount: &Amount, item: impl Fn(&mut Item, f64), line: impl Fn(&mut LineRead, f64)) {
        let fresh = has_letters(self.between(amount));
        if let Some(open) = self.open.as_mut().filter(|_| !fresh) {
            item(&mut open.item, amount.value);
            self.end = amount.range.end;
            return;
        }
        self.close();
        self.keep_name(amount);
        line(&mut self.done, amount.value);
    }

    /// Remembers the name that ends where this number's label begins.
    fn keep_name(&mut self, amount: &Amount) {
        let lead = self.end..amount.range.start;
        if has_letters(self.between(amount)) {
            self.close();
            self.name = Some(lead);
        }
        self.end = self.end.max(amount.range.end);
    }

    fn between(&self, amount: &Amount) -> &str {
        self.text.get(self.end..amount.range.start).unwrap_or_default()
    }

    fn price(&mut self, amount: &Amount) {
        let lead = self.end..amount.range.start;
        let between = self.between(amount);
        let paid = amount.label == Label::Now;
        let is_range = self.signs.is_range(between);
        let new_name = has_letters(between);
        if !new_name && let Some(open) = &mut self.open {
            let part_of_name = !paid || !open.item.yuan;
            if open.item.soft && !amount.soft && !is_range && part_of_name {
                // "提货券 100元 ¥88", "礼品卡 HKD 100 ¥96": the first amount was part of the name.
                open.item.name.end = amount.range.start;
                open.item.yuan = amount.unit != Unit::Foreign;
                (open.least, open.least_paid) = (None, None);
            }
            open.item.range |= is_range || amount.from;
            open.item.each |= amount.each;
            open.item.soft &= amount.soft;
            open.item.whole.end = amount.range.end;
            open.price(amount.value, paid);
            open.last_end = amount.range.end;
            self.end = amount.range.end;
            return;
        }
        self.close();
        let kept = self.name.take();
        let name = if new_name {
            lead
        } else {
            kept.unwrap_or(lead.start..lead.start)
        };
        let whole = name.start.min(amount.range.start)..amount.range.end;
        let item = Item {
            name,
            whole,
            yuan: amount.unit != Unit::Foreign,
            range: amount.from,
            each: amount.each,
            soft: amount.soft,
            bare: amount.bare,
            face: self.done.face.take(),
            stock: self.done.stock.take(),
            sold: self.done.sold.take(),
            ..Item::default()
        };
        let open = self.open.insert(Open {
            item,
            least: None,
            least_paid: None,
            last_end: amount.range.end,
        });
        open.price(amount.value, paid);
        self.end = amount.range.end;
    }

    /// Ends the goods that are open.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let mut item = open.item;
        item.price = open.least_paid.or(open.least).unwrap_or_default();
        item.name = self.goods_of(item.name);
        item.face = self.face_in(&item.name).or(item.face);
        self.done.items.push(item);
    }

    fn finish(mut self) -> LineRead {
        let tail = self.open.as_ref().map(|open| open.last_end);
        self.close();
        if let ([item], Some(tail)) = (self.done.items.as_mut_slice(), tail)
            && item.name.is_empty()
        {
            // "¥8.00 视频会员周卡": the name behind its price.
            let rest = self.text.get(tail..).unwrap_or_default();
            let stop = rest.find(|c| is_stop(c) || c == '¥').unwrap_or(rest.len());
            let behind = trimmed(self.text, tail..tail + stop);
            let text = self.text.get(behind.clone()).unwrap_or_default();
            if !text.is_empty() && self.kinds.of_name(text).is_some() {
                item.face = self
                    .faces
                    .iter()
                    .find(|face| within(&face.digits, &behind))
                    .map(|face| face.yuan)
                    .or(item.face);
                item.whole.end = item.whole.end.max(behind.end);
                item.name = behind;
            }
        }
        self.done
    }

    fn face_in(&self, name: &Range<usize>) -> Option<f64> {
        let face = self.faces.iter().find(|face| within(&face.digits, name));
        face.map(|face| face.yuan)
    }

    /// The part of what stands before a price that names the goods: the last phrase, or the last with a word of goods.
    fn goods_of(&self, lead: Range<usize>) -> Range<usize> {
        let text = self.text.get(lead.clone()).unwrap_or_default();
        let mut start = 0;
        let mut best = None;
        for (at, c) in text.char_indices().filter(|(_, c)| is_stop(*c) || is_pause(*c)) {
            let after = at + c.len_utf8();
            let rest = text.get(after..).unwrap_or_default();
            if !has_letters(rest) {
                break;
            }
            if is_stop(c) {
                start = after;
            }
            if self.kinds.of_name(rest).is_some() {
                best = Some(after);
            }
        }
        let start = best.unwrap_or(start).max(start);
        trimmed(self.text, lead.start + start..lead.end)
    }
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// A range without the signs and blanks at its ends.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    let sign = |c: char| {
        !(c.is_alphanumeric() || matches!(c, '(' | ')' | '[' | ']' | '【' | '】' | '《' | '》' | '+'))
    };
    let rest = part.trim_start_matches(sign);
    let start = range.start + part.len() - rest.len();
    let rest = rest.trim_end_matches(|c: char| sign(c) || matches!(c, '(' | '[' | '【' | '《'));
    start..start + rest.len()
}

/// Whether a stretch holds letters enough to be a name.
pub(super) fn has_letters(text: &str) -> bool {
    text.chars().filter(|c| is_letter(*c)).nth(1).is_some()
}

/// Whether it is a letter of any script. Nearly all are Han letters of the main block, which need no table.
pub(super) fn is_letter(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fa5}') || c.is_alphabetic()
}

/// Ends a sentence, or a cell drawn in text.
fn is_stop(c: char) -> bool {
    matches!(c, '。' | '!' | '?' | ';' | '|' | '丨' | '\n')
}

/// Parts phrases, but stands within names too.
fn is_pause(c: char) -> bool {
    matches!(c, ',' | '、' | ':' | '/')
}
