//! Discount: reads what part of the face value a shop asks for goods that are sold at face value elsewhere.
//!
//! Takes lines of the site's own offers; gives ratios of price and face value with their places: "5折话费", "半价Q币",
//! "100元话费 50元", "Q币100个 售价55", a line of goods followed by a line that is only a price, "充100得200". Knows no
//! exchange rates and reads no unit prices.

use std::cell::OnceCell;

use aho_corasick::AhoCorasick;
use regex::RegexSet;
use serde::Deserialize;

use super::FILE;
use crate::facts::Place;
use crate::inspect::offer::ratio;
use crate::inspect::reading::{Line, PageReading, Reading, place_of};
use crate::inspect::{DataError, DataFiles};
use crate::lexicon::{Part, automaton, join_all};
use crate::text::{Normal, Pattern};

#[derive(Debug, Deserialize)]
struct LureFile {
    discount: Raw,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    goods: Vec<String>,
    deep_ratio: f64,
    least_ratio: f64,
    half_words: Vec<String>,
    numerals: String,
    percent: String,
    pairs: Vec<String>,
    face_line: String,
    price_line: String,
    price_line_within: usize,
    not_near: Vec<String>,
    not_between: Vec<String>,
}

/// One offer below face value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer<'r> {
    /// Price over face value.
    pub(super) ratio: f64,
    page: &'r PageReading<'r>,
    line: &'r Line,
}

impl Offer<'_> {
    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        place_of(self.page, self.line, self.line.joined.source())
    }
}

/// Reads discounts.
#[derive(Debug)]
pub(super) struct Discounts {
    raw: Raw,
    goods: AhoCorasick,
    /// The words of goods as a pattern, which knows their letters.
    goods_letters: Pattern,
    half_words: AhoCorasick,
    half_letters: Pattern,
    not_near: AhoCorasick,
    not_between: AhoCorasick,
    percent: Pattern,
    pairs: Vec<Pattern>,
    /// All pairs in one, for one look at a line.
    all_pairs: RegexSet,
    face_line: Pattern,
    price_line: Pattern,
}

impl Discounts {
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut raw = data.read::<LureFile>(FILE)?.discount;
        let regex = |text: &String| Pattern::new(text).map_err(|err| DataFiles::bad(FILE, err));
        let percent = regex(&raw.percent)?;
        let (face_line, price_line) = (regex(&raw.face_line)?, regex(&raw.price_line)?);
        let pairs = raw.pairs.iter().map(regex).collect::<Result<_, _>>()?;
        let all_pairs = RegexSet::new(&raw.pairs).map_err(|err| DataFiles::bad(FILE, err))?;
        for list in [
            &mut raw.goods,
            &mut raw.half_words,
            &mut raw.not_near,
            &mut raw.not_between,
        ] {
            join_all(list);
        }
        let words = |list: &[String]| automaton(list).map_err(|err| DataFiles::bad(FILE, err));
        let letters = |list: &[String]| {
            let list: Vec<String> = list.iter().map(|word| regex::escape(word)).collect();
            regex(&list.join("|"))
        };
        Ok(Self {
            goods: words(&raw.goods)?,
            goods_letters: letters(&raw.goods)?,
            half_words: words(&raw.half_words)?,
            half_letters: letters(&raw.half_words)?,
            not_near: words(&raw.not_near)?,
            not_between: words(&raw.not_between)?,
            raw,
            percent,
            pairs,
            all_pairs,
            face_line,
            price_line,
        })
    }

    /// Ratio up to which a discount is deep.
    pub(super) fn deep_ratio(&self) -> f64 {
        self.raw.deep_ratio
    }

    /// All offers in the site's own lines, in page order.
    pub(super) fn in_reading<'r>(&self, reading: &'r Reading<'_>) -> Vec<Offer<'r>> {
        let mut offers = Vec::new();
        for page in reading
            .pages
            .iter()
            .filter(|page| reading.speaks(page) && !reading.shows_order(page))
        {
            // The same line may be asked about for itself and for those above it.
            let known = vec![OnceCell::new(); page.lines.len()];
            let counts = |(at, line): (usize, &Line)| {
                let count = || self.counts(reading, page, line);
                known.get(at).is_some_and(|known| *known.get_or_init(count))
            };
            for (index, line) in page.lines.iter().enumerate() {
                let pairs = self.pairs.iter().any(|pair| pair.may_be_in(&line.lower));
                let percentages =
                    self.percent.may_be_in(&line.joined) || self.half_letters.may_be_in(&line.joined);
                // Goods alone say nothing: a discount or numbers stand beside them.
                let named = (pairs || percentages) && self.has_goods(&line.joined);
                if !named && !self.face_line.may_be_in(&line.lower) {
                    continue;
                }
                let mut ratios = Vec::new();
                if named && percentages {
                    self.percentages(&line.joined, &mut ratios);
                }
                if !(named && pairs && self.pairs_in(line, &mut ratios)) {
                    let next = page.lines.iter().enumerate().skip(index + 1);
                    let next = next.filter(|next| counts(*next)).map(|(_, line)| line);
                    ratios.extend(self.across_lines(line, next));
                }
                ratios.retain(|ratio| *ratio >= self.raw.least_ratio && *ratio <= 1.0);
                // Most lines hold nothing of the kind, so whose words they are is asked last.
                if !ratios.is_empty() && counts((index, line)) {
                    offers.extend(ratios.into_iter().map(|ratio| Offer { ratio, page, line }));
                }
            }
        }
        offers
    }

    /// Whether a line can hold an offer of the site: a price tag, or words of its own about such goods.
    fn counts(&self, reading: &Reading<'_>, page: &PageReading<'_>, line: &Line) -> bool {
        if !matches!(line.part, Part::Text | Part::Title | Part::Image) {
            return false;
        }
        let text = line.joined.text();
        let may = self.goods_letters.may_be_in(&line.joined);
        // Of several goods the first of the list is asked about.
        let goods = may.then(|| self.goods.find_overlapping_iter(text));
        let goods = goods
            .into_iter()
            .flatten()
            .min_by_key(|hit| (hit.pattern().as_usize(), hit.start()));
        let range = goods.map_or(0..text.len(), |hit| hit.range());
        reading.is_own_at(page, line, range)
    }

    /// Adds the ratios of face values and prices that stand together in a line; says whether there were any.
    fn pairs_in(&self, line: &Line, ratios: &mut Vec<f64>) -> bool {
        let text = line.lower.text();
        let before = ratios.len();
        let pairs = self.all_pairs.matches(text).into_iter();
        let pairs = pairs.filter_map(|number| self.pairs.get(number));
        for caught in pairs.flat_map(|pair| pair.captures_iter(text)) {
            if self.is_something_else(text, &caught) {
                continue;
            }
            ratios.extend(ratio(number(&caught, "price"), number(&caught, "face")));
        }
        ratios.len() > before
    }

    /// Whether the second number is a stock, a fee or a gift: "骏卡100元 库存：60".
    fn is_something_else(&self, text: &str, caught: &regex::Captures<'_>) -> bool {
        let (Some(face), Some(price)) = (caught.name("face"), caught.name("price")) else {
            return false;
        };
        let between = face.end().min(price.end())..price.start().max(face.start());
        let between = text.get(between).unwrap_or_default();
        self.not_between.is_match(between)
    }

    /// "5折话费", "半价Q币": a discount in a clause that names the goods.
    fn percentages(&self, line: &Normal, ratios: &mut Vec<f64>) {
        let clauses = line.text().split(['。', '!', '?', ';', ',']);
        for clause in clauses
            .filter(|clause| self.goods.is_match(clause))
            .filter(|clause| !self.not_near.is_match(clause))
        {
            if self.half_words.is_match(clause) {
                ratios.push(0.5);
            }
            ratios.extend(
                self.percent
                    .captures_iter(clause)
                    .filter_map(|caught| self.tenths(caught.name("n")?.as_str())),
            );
        }
    }

    /// A line of goods with their face value, followed by a line that is only a price.
    fn across_lines<'l>(&self, line: &Line, next: impl Iterator<Item = &'l Line>) -> Option<f64> {
        let text = line.lower.text();
        if !self.face_line.may_be_in(&line.lower) || !self.face_line.is_match(text) {
            return None;
        }
        let price = next.take(self.raw.price_line_within).find_map(|line| {
            let text = line.lower.text().trim();
            let price = self.price_line.may_be_in(&line.lower) && self.price_line.is_match(text);
            price.then_some(text)
        })?;
        let caught = self.face_line.captures(text)?;
        let face = number(&caught, "face").or_else(|| number(&caught, "face2"));
        let caught = self.price_line.captures(price)?;
        let shown = ["price", "decimal", "whole"]
            .into_iter()
            .find_map(|name| number(&caught, name));
        ratio(shown, face)
    }

    /// The ratio that a discount in tenths names: `5` and `五` 0.5, `85` and `八五` 0.85, `9.5` 0.95.
    fn tenths(&self, text: &str) -> Option<f64> {
        if let Ok(value) = text.parse::<f64>() {
            let value = if value > 10.0 { value / 100.0 } else { value / 10.0 };
            return (value > 0.0 && value < 1.0).then_some(value);
        }
        let numeral = |c: char| self.raw.numerals.chars().position(|digit| digit == c);
        let digits: Vec<u32> = text
            .chars()
            .filter_map(|c| u32::try_from(numeral(c)? + 1).ok())
            .collect();
        match digits.as_slice() {
            [one] => Some(f64::from(*one) / 10.0),
            [one, two] => Some(f64::from(one * 10 + two) / 100.0),
            _ => None,
        }
    }

    /// Whether a line names such goods.
    fn has_goods(&self, line: &Normal) -> bool {
        self.goods_letters.may_be_in(line) && self.goods.is_match(line.text())
    }
}

fn number(caught: &regex::Captures<'_>, name: &str) -> Option<f64> {
    caught.name(name)?.as_str().parse().ok()
}
