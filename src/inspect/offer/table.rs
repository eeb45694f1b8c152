//! Table: goods in a table whose head names its columns.
//!
//! Cells come as lines in page order without their rows, so a table is read by counting: a run of head cells, then body
//! cells whose number is a multiple of it. A bare "95" below "售价" is a price here. Tables without a head, or with cells
//! missing, are left to `shelf`.

use super::Words;
use super::amount::{Amount, Label, Unit};
use super::goods::{Name, Offer, Quote, Source};
use super::line::{Item, trimmed};
use super::shelf::spot_of;
use crate::inspect::reading::{Line, PageReading};

/// Most columns of a table that is read.
const MAX_COLUMNS: usize = 12;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Price,
    /// The price for members, or one of unclear meaning.
    Member,
    Face,
    Stock,
    Sold,
    Other,
}

/// The offers of the table whose head begins at this line, each with the line of its price, and the line behind the table.
pub(super) fn offers<'a>(
    lines: &[&'a Line],
    at: usize,
    page: &'a PageReading<'_>,
    words: &'a Words,
) -> Option<(Vec<(Offer<'a>, usize)>, usize)> {
    let run = |from: usize, tag: &str| lines.iter().skip(from).take_while(|line| line.tag == tag).count();
    let heads = lines
        .iter()
        .skip(at)
        .take(MAX_COLUMNS + 1)
        .take_while(|line| line.tag == "th");
    let head = match heads.count() {
        0 => plain_head(lines, at, words)?,
        heads => heads,
    };
    if !(2..=MAX_COLUMNS).contains(&head) {
        return None;
    }
    let heads = lines.iter().skip(at).take(head);
    let mut columns: Vec<Column> = heads.map(|line| column(line, words)).collect();
    if !columns.contains(&Column::Price)
        && let Some(member) = columns.iter_mut().find(|column| **column == Column::Member)
    {
        *member = Column::Price;
    }
    let body = run(at + head, "td");
    let has = |column: Column| columns.contains(&column);
    if body == 0 || !has(Column::Price) || !has(Column::Name) {
        return None;
    }
    let cells = lines.get(at + head..at + head + body)?;
    let price = columns.iter().position(|column| *column == Column::Price)?;
    // A column of buttons often has an empty head, which is no line.
    let fits = |width: &usize| {
        body % width == 0 && cells.chunks_exact(*width).all(|row| is_price(row, price, words))
    };
    let width = [head, head + 1].into_iter().find(fits);
    let width = width.or_else(|| (body % head == 0).then_some(head))?;
    let rows = cells.chunks_exact(width).enumerate();
    let offers = rows.filter_map(|(index, row)| {
        let line = at + head + index * width + price;
        Some((offer(row, &columns, page, words)?, line))
    });
    Some((offers.collect(), at + head + body))
}

/// Whether the cell of a row's price holds a number.
fn is_price(row: &[&Line], price: usize, words: &Words) -> bool {
    row.get(price)
        .is_some_and(|line| amounts(line, words).next().is_some())
}

/// The amounts of a cell; most cells are told by their letters to hold none.
fn amounts<'l>(line: &'l Line, words: &'l Words) -> impl Iterator<Item = Amount> + 'l {
    let digits = line.joined.letters().digits() > 0;
    let amounts = digits.then(|| words.signs.amounts(line.joined.text()));
    amounts.into_iter().flatten()
}

/// Number of cells in a head that is written in ordinary cells: the first of their run, all named as columns are.
fn plain_head(lines: &[&Line], at: usize, words: &Words) -> Option<usize> {
    let is_cell = |line: &&&Line| line.tag == "td";
    let inside = at
        .checked_sub(1)
        .and_then(|before| lines.get(before))
        .is_some_and(|line| line.tag == "td");
    if inside {
        return None;
    }
    let named = |line: &&&Line| {
        let text = line.joined.text();
        !text.bytes().any(|byte| byte.is_ascii_digit()) && !words.lines.is_name(text)
    };
    let head = lines
        .iter()
        .skip(at)
        .take(MAX_COLUMNS)
        .filter(is_cell)
        .take_while(named)
        .count();
    (head > 1).then_some(head)
}

fn offer<'a>(
    row: &[&'a Line],
    columns: &[Column],
    page: &'a PageReading<'_>,
    words: &'a Words,
) -> Option<Offer<'a>> {
    let cell = |column: Column| {
        let index = columns.iter().position(|other| *other == column)?;
        row.get(index).copied()
    };
    let number = |column: Column| amounts(cell(column)?, words).find(|amount| amount.label != Label::Other);
    let (name, price) = (cell(Column::Name)?, number(Column::Price)?);
    let text = name.joined.text();
    if name.told || name.comment || !words.lines.is_name(text) {
        return None;
    }
    // "视频会员周卡 已售 203 件"
    let (mut stock, mut sold) = (None, None);
    for amount in amounts(name, words) {
        match amount.label {
            Label::Stock => stock = stock.or(Some(amount.value)),
            Label::Sold => sold = sold.or(Some(amount.value)),
            _ => {}
        }
    }
    let counter = |column: Column| number(column).map(|amount| amount.value);
    let face = number(Column::Face).filter(|face| face.unit != Unit::Foreign);
    let item = Item {
        price: price.value,
        yuan: price.unit != Unit::Foreign,
        range: price.from,
        each: price.each,
        face: face.map(|face| face.value),
        stock: counter(Column::Stock).or(stock),
        sold: counter(Column::Sold).or(sold),
        ..Item::default()
    };
    let shown = Quote::Line(name, trimmed(text, 0..text.len()));
    let price_line = cell(Column::Price)?;
    let written = Quote::Text(price_line.joined.source().into());
    let spot = spot_of(page, price_line, shown.clone(), Some(written));
    let read = Name::of(words, text.into(), name.joined.letters());
    let mut offer = Offer::new(read, shown, &item, spot);
    offer.source = Source::Table;
    Some(offer)
}

fn column(line: &Line, words: &Words) -> Column {
    let (text, lists) = (line.joined.text(), &words.lines.words);
    let has = |list: &[String]| list.iter().any(|word| text.contains(word.as_str()));
    if has(&lists.member_columns) {
        return Column::Member;
    }
    // A column of others' prices may name its own kind too ("官网价格"), and "商品价格" is no name.
    if has(&lists.before_columns) && !has(&lists.face_columns) {
        Column::Other
    } else if has(&lists.face_columns) {
        Column::Face
    } else if has(&lists.price_columns) {
        Column::Price
    } else if has(&lists.stock_columns) {
        Column::Stock
    } else if has(&lists.sold_columns) {
        Column::Sold
    } else if has(&lists.name_columns) {
        Column::Name
    } else {
        Column::Other
    }
}
