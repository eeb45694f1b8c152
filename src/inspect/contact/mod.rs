//! Contact: by what ways the site says it can be reached.
//!
//! Reads `data/contact.toml` and `data/areas.toml`. Numbers are read from single lines and from links, never joined across blocks. On articles
//! and forums only headers, footers and overlays count, since their text names other people's numbers; on articles also a line
//! in which the author names himself. Values that shop programs ship with are noted as placeholders and are no channel. Only what a site publishes as its
//! own contact is kept.

mod areas;
mod spoken;

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use serde::Deserialize;

use self::areas::Areas;
use self::spoken::{RawSpoken, Spoken};
use super::reading::{Kind as PageKind, Line, PageReading, Reading, place_of, places};
use super::{DataError, DataFiles, WordInspector};
use crate::evidence::Role;
use crate::facts::Fakeability::Trivial;
use crate::facts::Kind::{Bool, List};
use crate::facts::{FactSpec, Facts, Firmness, Place, kept};
use crate::lexicon::{Group, Lexicon, Part, join_all};
use crate::page::Region;
use crate::text::{Letters, Normal, Pattern as TextPattern};

const FILE: &str = "contact.toml";
/// Most contacts that are kept of one page.
const MAX_FOUND: usize = 200;
/// How many digits a QQ number that is written in groups can have: more are a phone's, fewer a price's.
const GROUPED_QQ: RangeInclusive<usize> = 7..=10;
/// Most of a line that is quoted where no exact place is known, in characters.
const QUOTE_CHARS: usize = 60;
/// Group of phrases that state hours.
const HOURS: &str = "hours";
const CHAT: [&str; 4] = ["qq", "qq_group", "wechat", "telegram"];
const FIRM: [&str; 5] = ["phone", "landline", "hotline", "email", "address"];

/// What this inspector can state.
pub const FACTS: &[FactSpec] = &[
    FactSpec::new(
        "contact.channels",
        List,
        Trivial,
        "ways of contact shown: qq, qq_group, wechat, telegram, phone, landline, hotline, email, address, online_chat; empty when the home page was read and none is shown; placeholders do not count",
    ),
    FactSpec::new(
        "contact.any",
        Bool,
        Trivial,
        "any way of contact is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.chat_only",
        Bool,
        Trivial,
        "a chat account (QQ, group, WeChat, Telegram) is shown and no phone, landline, hotline, e-mail or address; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.phone",
        Bool,
        Trivial,
        "a mobile, landline or hotline number is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.address",
        Bool,
        Trivial,
        "a postal address is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.email",
        Bool,
        Trivial,
        "an e-mail address is shown; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.placeholder",
        Bool,
        Trivial,
        "a contact that shop programs ship with is shown (QQ 123456789, demo@demo.com); unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.qq",
        List,
        Trivial,
        "QQ numbers shown, sorted; empty when none",
    ),
    FactSpec::new(
        "contact.wechat",
        List,
        Trivial,
        "WeChat accounts shown, sorted; empty when none; placeholders do not count",
    ),
    FactSpec::new(
        "contact.telegram",
        List,
        Trivial,
        "Telegram accounts shown, sorted, lower case; empty when none",
    ),
    FactSpec::new(
        "contact.qq_groups",
        List,
        Trivial,
        "QQ groups shown, sorted: their numbers, or the keys of links to join them; empty when none",
    ),
    FactSpec::new(
        "contact.masked",
        Bool,
        Trivial,
        "a contact with signs replaced by stars is shown (加q:56793.***6); unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.landline_provinces",
        List,
        Trivial,
        "codes of the provinces (two digits of GB/T 2260) that the area codes of landlines shown belong to; empty when none",
    ),
    FactSpec::new(
        "contact.address_provinces",
        List,
        Trivial,
        "codes of the provinces that postal addresses shown name; empty when none; Hong Kong, Macau, Taiwan and foreign countries have none",
    ),
    FactSpec::new(
        "contact.hours",
        Bool,
        Trivial,
        "service hours or a time to answer are stated; unsaid when the home page was not read",
    ),
    FactSpec::new(
        "contact.moved_domains",
        Bool,
        Trivial,
        "announces changing domains or addresses to find the site again; unsaid when the home page was not read",
    ),
];

#[derive(Debug, Deserialize)]
struct ContactFile {
    pattern: Vec<RawPattern>,
    placeholders: BTreeMap<String, Vec<String>>,
    others: Others,
    masked: Masked,
    spoken: RawSpoken,
    own: Own,
    group: Vec<Group>,
}

/// What an author says beside his own contact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    words: Vec<String>,
}

/// Contacts with signs replaced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Masked {
    pattern: String,
    not_beside: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPattern {
    channel: String,
    #[serde(rename = "in")]
    within: Within,
    pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Within {
    Text,
    Link,
    Image,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Others {
    email_hosts: Vec<String>,
    not_before: Vec<String>,
}

#[derive(Debug)]
struct Pattern {
    channel: String,
    regex: TextPattern,
}

/// Patterns of one kind of text, ordered so that few need be asked: most texts have few digits, and most contacts many.
#[derive(Debug)]
struct Patterns {
    list: Vec<Pattern>,
    /// By number of digits of a text the patterns for which these are enough; the last one for all numbers from there on.
    enough: Vec<Vec<usize>>,
}

impl Patterns {
    fn of(list: Vec<Pattern>) -> Self {
        let most = list.iter().map(|pattern| pattern.regex.least_digits()).max();
        let fitting = |digits: u32| {
            let all = list.iter().enumerate();
            let fit = all.filter(|(_, pattern)| pattern.regex.least_digits() <= digits);
            fit.map(|(number, _)| number).collect()
        };
        Self {
            enough: (0..=most.unwrap_or_default()).map(fitting).collect(),
            list,
        }
    }

    /// Those that may hold in a text with these letters, in order of the file.
    fn likely(&self, letters: Letters) -> impl Iterator<Item = &Pattern> {
        let digits = usize::try_from(letters.digits()).unwrap_or(usize::MAX);
        let enough = self.enough.get(digits).or(self.enough.last());
        let patterns = enough.into_iter().flatten();
        patterns
            .filter_map(|number| self.list.get(*number))
            .filter(move |pattern| pattern.regex.may_hold(&letters))
    }
}

/// Reads contacts.
#[derive(Debug)]
pub struct Contact {
    in_texts: Patterns,
    in_images: Patterns,
    in_links: Patterns,
    placeholders: BTreeMap<String, Vec<String>>,
    others: Others,
    masked: TextPattern,
    not_masked: Vec<String>,
    spoken: Spoken,
    own: Vec<String>,
    /// The patterns of hours: without one of them in a line there are no hours in it.
    hours: Vec<TextPattern>,
    areas: Areas,
    words: Lexicon,
}

/// One contact as read.
#[derive(Debug)]
struct Found<'c> {
    channel: &'c str,
    value: String,
    /// Whether the value is the account, not just a word or address that says there is one.
    named: bool,
    place: Place,
}

impl WordInspector for Contact {
    fn load(data: &DataFiles) -> Result<Self, DataError> {
        let mut file: ContactFile = data.read(FILE)?;
        join_all(&mut file.own.words);
        let compile = |text: &String| TextPattern::new(text).map_err(|err| DataFiles::bad(FILE, err));
        let of = |within: Within| {
            let of = file.pattern.iter().filter(|raw| raw.within == within);
            let ready = of.map(|raw| {
                Ok(Pattern {
                    channel: raw.channel.clone(),
                    regex: compile(&raw.pattern)?,
                })
            });
            ready
                .collect::<Result<Vec<Pattern>, DataError>>()
                .map(Patterns::of)
        };
        let hours = file.group.iter().filter(|group| group.id == HOURS);
        if hours.clone().any(|group| !group.words.is_empty()) {
            return Err(DataFiles::bad(FILE, "hours are known by patterns only"));
        }
        Ok(Self {
            in_texts: of(Within::Text)?,
            in_images: of(Within::Image)?,
            in_links: of(Within::Link)?,
            hours: hours
                .flat_map(|group| &group.patterns)
                .map(compile)
                .collect::<Result<_, _>>()?,
            placeholders: file.placeholders,
            others: file.others,
            masked: compile(&file.masked.pattern)?,
            not_masked: file.masked.not_beside,
            spoken: Spoken::new(&file.spoken),
            own: file.own.words,
            areas: Areas::load(data)?,
            words: Lexicon::load(data, FILE)?,
        })
    }

    fn read(&self, reading: &Reading<'_>, facts: &mut Facts) {
        let found: Vec<Found<'_>> = reading.pages.iter().flat_map(|page| self.on_page(page)).collect();
        let (fillers, real): (Vec<Found<'_>>, Vec<Found<'_>>) =
            found.into_iter().partition(|found| self.is_placeholder(found));
        let of = |channels: &[&str]| -> Vec<Place> {
            let of = real.iter().filter(|found| channels.contains(&found.channel));
            kept(of.map(|found| found.place.clone()))
        };
        let seen = Firmness::WellFormed;
        let codes: Vec<(String, Place)> = real
            .iter()
            .map(|found| (found.channel.to_owned(), found.place.clone()))
            .collect();
        reading.say_list(facts, "contact.channels", seen, &codes);
        reading.say_seen(
            facts,
            "contact.any",
            seen,
            kept(real.iter().map(|found| found.place.clone())),
        );
        let chat_only = if of(&FIRM).is_empty() {
            of(&CHAT)
        } else {
            Vec::new()
        };
        if reading.may_deny() {
            reading.say_seen(facts, "contact.chat_only", seen, chat_only);
        } else {
            reading.silent(facts, "contact.chat_only");
        }
        reading.say_seen(
            facts,
            "contact.phone",
            seen,
            of(&["phone", "landline", "hotline"]),
        );
        reading.say_seen(facts, "contact.address", seen, of(&["address"]));
        reading.say_seen(facts, "contact.email", seen, of(&["email"]));
        reading.say_seen(
            facts,
            "contact.placeholder",
            seen,
            kept(fillers.into_iter().map(|found| found.place)),
        );
        for (name, channel) in [
            ("contact.qq", "qq"),
            ("contact.wechat", "wechat"),
            ("contact.telegram", "telegram"),
            ("contact.qq_groups", "qq_group"),
        ] {
            reading.say_list(facts, name, seen, &accounts(&real, channel));
        }
        let landlines = of_provinces(&real, "landline", |value| self.areas.of_landline(value));
        reading.say_list(facts, "contact.landline_provinces", seen, &landlines);
        let addresses = of_provinces(&real, "address", |value| self.areas.of_address(value));
        reading.say_list(facts, "contact.address_provinces", seen, &addresses);
        reading.say_seen(facts, "contact.masked", seen, self.masked(reading));
        let words = reading.own(&self.words);
        let mut hours = places(&words, HOURS);
        if hours.is_empty() {
            hours.extend(self.footer_hours(reading));
        }
        reading.say_seen(facts, "contact.hours", seen, hours);
        reading.say_seen(facts, "contact.moved_domains", seen, places(&words, "moved"));
    }
}

impl Contact {
    fn on_page(&self, page: &PageReading<'_>) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        for line in &page.lines {
            if may_hold(page, line) || self.is_authors(page, line) {
                self.in_line(page, line, &mut found);
            }
        }
        found.extend(self.in_links(page));
        found
    }

    fn in_line<'c>(&'c self, page: &PageReading<'_>, line: &Line, found: &mut Vec<Found<'c>>) {
        let (patterns, form) = match line.part {
            Part::Image => (&self.in_images, &line.joined),
            _ => (&self.in_texts, &line.lower),
        };
        let spoken = self.spoken.read(form);
        let letters = spoken.as_deref().map_or(*form.letters(), Letters::of);
        let text = spoken.as_deref().unwrap_or(form.text());
        for pattern in patterns.likely(letters) {
            let room = MAX_FOUND.saturating_sub(found.len());
            // To say that there is none costs less than to catch one.
            if room == 0 || !pattern.regex.is_match(text) {
                continue;
            }
            for caught in pattern.regex.captures_iter(text).take(room) {
                let Some(hit) = caught.name("v").or_else(|| caught.get(0)) else {
                    continue;
                };
                let Some(value) = account(&pattern.channel, hit.as_str()) else {
                    continue;
                };
                let head = text.get(..hit.start()).unwrap_or_default();
                let exact = spoken.is_none().then(|| hit.range());
                let residue = exact
                    .as_ref()
                    .is_some_and(|range| is_residue(line, form, range.clone()));
                if residue || self.belongs_elsewhere(head) || taken(found, &pattern.channel, &value) {
                    continue;
                }
                let whole = || {
                    text.char_indices()
                        .nth(QUOTE_CHARS)
                        .map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
                };
                let snippet = exact.map_or_else(whole, |range| form.snippet(range, 12));
                found.push(Found {
                    channel: &pattern.channel,
                    value,
                    named: caught.name("v").is_some(),
                    place: place_of(page, line, snippet),
                });
            }
        }
    }

    /// Whether the author of an article names himself in this line of it.
    fn is_authors(&self, page: &PageReading<'_>, line: &Line) -> bool {
        let told = line.told || line.comment || line.part != Part::Text;
        matches!(page.kind, PageKind::Article | PageKind::Advice)
            && !told
            && self
                .own
                .iter()
                .any(|word| line.joined.text().contains(word.as_str()))
    }

    fn in_links(&self, page: &PageReading<'_>) -> Vec<Found<'_>> {
        let own = |region: Region| page.kind.may_offer() || region != Region::Main;
        let links = page
            .page
            .links
            .iter()
            .filter(|link| link.visible && own(link.region));
        let addresses = links
            .map(|link| ("link", link.href.as_str()))
            .chain(page.page.resources.iter().map(|url| ("script", url.as_str())))
            .chain(page.page.frames.iter().map(|url| ("frame", url.as_str())));
        let mut found = Vec::new();
        for (place, address) in addresses {
            let letters = Letters::of(address);
            for pattern in self.in_links.likely(letters) {
                let Some(caught) = pattern.regex.captures(address) else {
                    continue;
                };
                let value = caught.name("v").map_or("", |value| value.as_str());
                let place = Place::new(&page.seen.final_url, place, address);
                found.push(Found {
                    channel: &pattern.channel,
                    value: value.to_owned(),
                    named: !value.is_empty(),
                    place,
                });
            }
        }
        found
    }

    /// Contacts with signs replaced, except the names of buyers in feeds of orders.
    fn masked(&self, reading: &Reading<'_>) -> Vec<Place> {
        let mut found = Vec::new();
        for page in &reading.pages {
            let speaks = reading.speaks(page);
            for line in page
                .lines
                .iter()
                .filter(|line| self.masked.may_be_in(&line.lower))
            {
                let own = speaks || line.region != Region::Main;
                let text = line.lower.text();
                if !own || !may_hold(page, line) || !text.contains("**") {
                    continue;
                }
                if self.not_masked.iter().any(|word| text.contains(word.as_str())) {
                    continue;
                }
                let hit = self.masked.find(text);
                found.extend(hit.map(|hit| place_of(page, line, line.lower.snippet(hit.range(), 12))));
            }
        }
        found
    }

    /// Hours in a footer. Words of complaint beside them ("投诉邮箱") make no advice of a line of contacts.
    fn footer_hours(&self, reading: &Reading<'_>) -> Option<Place> {
        let lines = reading
            .pages
            .iter()
            .flat_map(|page| page.lines.iter().map(move |line| (page, line)));
        let mut footers = lines.filter(|(page, line)| line.region == Region::Footer && may_hold(page, line));
        footers.find_map(|(page, line)| {
            let shows =
                |hours: &TextPattern| hours.may_be_in(&line.joined) && hours.is_match(line.joined.text());
            if !self.hours.iter().any(shows) {
                return None;
            }
            let hits = self.words.find(line.joined.text(), line.part);
            let hit = hits.into_iter().find(|hit| hit.id == HOURS)?;
            Some(place_of(page, line, line.joined.snippet(hit.range, 12)))
        })
    }

    /// Whether the words just before a number make it something else.
    fn belongs_elsewhere(&self, head: &str) -> bool {
        let from = head.char_indices().rev().take(8).last().map_or(0, |(at, _)| at);
        let near = head.get(from..).unwrap_or_default();
        self.others
            .not_before
            .iter()
            .any(|word| near.contains(word.as_str()))
    }

    fn is_placeholder(&self, found: &Found<'_>) -> bool {
        let plain: String = found
            .value
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')'))
            .collect();
        if found.channel == "email" {
            let host = found.value.rsplit('@').next().unwrap_or_default();
            if self
                .others
                .email_hosts
                .iter()
                .any(|other| host.eq_ignore_ascii_case(other))
            {
                return true;
            }
        }
        self.placeholders.get(found.channel).is_some_and(|list| {
            list.iter()
                .any(|value| value.eq_ignore_ascii_case(&plain) || value.eq_ignore_ascii_case(&found.value))
        })
    }
}

/// Accounts of one channel.
fn accounts(real: &[Found<'_>], channel: &str) -> Vec<(String, Place)> {
    let of = real
        .iter()
        .filter(|found| found.channel == channel && found.named);
    of.map(|found| {
        let account = if channel == "telegram" {
            found.value.to_lowercase()
        } else {
            found.value.clone()
        };
        (account, found.place.clone())
    })
    .collect()
}

/// Provinces that the contacts of one channel name.
fn of_provinces<'a>(
    real: &[Found<'_>],
    channel: &str,
    province: impl Fn(&str) -> Option<&'a str>,
) -> Vec<(String, Place)> {
    real.iter()
        .filter(|found| found.channel == channel)
        .filter_map(|found| Some((province(&found.value)?.to_owned(), found.place.clone())))
        .collect()
}

/// Whether a line can hold the site's own contact.
fn may_hold(page: &PageReading<'_>, line: &Line) -> bool {
    let shown = matches!(line.part, Part::Text | Part::Image) || (line.part == Part::Title);
    let own_page = matches!(
        page.seen.role,
        Role::Contact | Role::About | Role::Licence | Role::Terms
    );
    shown && !line.told && !line.comment && (page.kind.may_offer() || own_page || line.region != Region::Main)
}

/// What an account is kept as; nothing when digits in groups are no QQ number.
fn account(channel: &str, shown: &str) -> Option<String> {
    let shown = shown.trim();
    if channel != "qq" || !shown.contains(' ') {
        return Some(shown.to_owned());
    }
    let digits: String = shown.split_whitespace().collect();
    GROUPED_QQ.contains(&digits.len()).then_some(digits)
}

/// Whether a place in a form of a line is part of what every site with its program shows.
fn is_residue(line: &Line, form: &Normal, range: Range<usize>) -> bool {
    if line.residue.is_empty() {
        return false;
    }
    let Some(hit) = form.source_range(range) else {
        return false;
    };
    let mut pieces = line
        .residue
        .iter()
        .filter_map(|(piece, _)| line.joined.source_range(piece.clone()));
    pieces.any(|piece| piece.start < hit.end && hit.start < piece.end)
}

/// Whether this very number was read in the same line as another channel already.
fn taken(found: &[Found<'_>], channel: &str, value: &str) -> bool {
    found.iter().any(|other| {
        other.value == value && (other.channel == channel || (channel == "qq" && other.channel == "qq_group"))
    })
}

#[cfg(test)]
mod tests;
