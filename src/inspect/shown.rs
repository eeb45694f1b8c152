//! Shown: the pieces of visible text on the pages that were read, and where a site speaks of itself.
//!
//! Takes the evidence, gives [`Piece`]s in page order: blocks, then link texts, then picture texts. A piece is
//! *own*, that is, what stands there is the site's own particulars, when it stands in the footer, header or navigation, on
//! a page about the shop (about, contact, licence), or on the home page while that is no article, forum or manual. A number in the
//! running text of an article is a number it writes about. It looks for nothing itself. Text is put into its normal
//! form when somebody asks for it, since most pieces can be told at a glance to hold nothing.

use std::cell::OnceCell;
use std::ops::{Deref, Range};

use url::Url;

use crate::evidence::{Evidence, GapReason, Role, SeenPage};
use crate::facts::{FactSpec, Facts, Firmness, Place};
use crate::inspect::reading::PageReading;
use crate::lexicon::Part;
use crate::number::Problem;
use crate::page::{Block, HiddenKind, Image, Link, Page, Region};
use crate::text::Normal;

/// From so many characters on a block of the main text is a paragraph, …
const PARAGRAPH_CHARS: usize = 40;
/// … and from so many characters in paragraphs on a page is an article.
const ARTICLE_CHARS: usize = 300;
/// A home page with fewer visible characters is a shell when the crawl says so.
const SHELL_CHARS: usize = 40;
/// How many blocks ahead of the last link's the next one's is looked for.
const NEXT_BLOCKS: usize = 32;

/// A text whose normal form is made when it is first asked for.
#[derive(Debug)]
pub(super) struct Lazy<'a> {
    source: &'a str,
    normal: OnceCell<Normal>,
}

impl<'a> Lazy<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            normal: OnceCell::new(),
        }
    }

    /// The text as it stood on the page.
    pub(super) fn raw(&self) -> &'a str {
        self.source
    }

    /// The normal form, if somebody has asked for it before.
    pub(super) fn ready(&self) -> Option<&Normal> {
        self.normal.get()
    }

    /// Takes the normal form that somebody else has made of the same text.
    fn take(&self, normal: &Normal) {
        self.normal.get_or_init(|| normal.clone());
    }
}

impl Deref for Lazy<'_> {
    type Target = Normal;

    fn deref(&self) -> &Normal {
        self.normal.get_or_init(|| Normal::of(self.source))
    }
}

/// A piece of visible text.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// Place of the page among the readable ones.
    pub(super) page: usize,
    /// The page's address.
    pub(super) url: &'a str,
    /// What the page is for.
    pub(super) role: Role,
    /// Part of the page.
    pub(super) region: Region,
    /// The text.
    pub(super) normal: Lazy<'a>,
    /// Whether digits, or what may hide digits, stand in it; without these there is no number in it.
    pub(super) numeric: bool,
    /// The text of the block before, when it stands in the same part of the page.
    pub(super) before: Option<&'a str>,
    /// Whether the site speaks of itself there.
    pub(super) own: bool,
    /// Whether the page is an article.
    pub(super) article: bool,
    /// The link whose text it is.
    pub(super) link: Option<&'a Link>,
    /// The picture whose text it is.
    pub(super) image: Option<&'a Image>,
    /// Where that link leads when it leaves the host. Few do, so the address is kept apart.
    away: OnceCell<Option<Box<Url>>>,
}

impl Piece<'_> {
    /// Where a part of the piece stands, with some text around it.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        self.place_in(&self.normal, range)
    }

    /// The same for a range in another form of the piece's text.
    pub(super) fn place_in(&self, form: &Normal, range: Range<usize>) -> Place {
        let name = if self.image.is_some() {
            "image"
        } else {
            self.region.name()
        };
        Place::new(self.url, name, form.snippet(range, 16))
    }

    /// Whether the page is about the shop.
    pub(super) fn is_about(&self) -> bool {
        matches!(self.role, Role::About | Role::Contact | Role::Licence)
    }

    /// Where the link whose text it is leads, when that is off the page's host: taken apart once, for several ask.
    pub(super) fn leaving(&self) -> Option<&Url> {
        let url = self.link?.url.as_deref()?;
        let parsed = || leaves(self.url, url).then(|| Url::parse(url).ok().map(Box::new))?;
        self.away.get_or_init(parsed).as_deref()
    }

    /// Whether it is a block rather than the text of a link or picture.
    pub(super) fn is_block(&self) -> bool {
        self.link.is_none() && self.image.is_none()
    }
}

/// All pieces of all pages that were read, with the normal forms that the lines there have.
pub(super) fn pieces<'e>(pages: &[PageReading<'e>]) -> Vec<Piece<'e>> {
    let mut all = Vec::new();
    for (index, page) in pages.iter().enumerate() {
        let mut pieces = of_reading(index, page);
        if all.is_empty() {
            all = pieces;
        } else {
            all.append(&mut pieces);
        }
    }
    all
}

fn of_reading<'e>(index: usize, page: &PageReading<'e>) -> Vec<Piece<'e>> {
    let pieces = of_page(index, page.seen, page.page, !page.kind.may_offer());
    let lines = page.lines.iter().filter(|line| line.part == Part::Text);
    let mut lines = lines.peekable();
    // Both are in the order of the blocks; some blocks have no line.
    let (blocks, others) = pieces.split_at(page.page.blocks.len().min(pieces.len()));
    for piece in blocks {
        if let Some(line) = lines.next_if(|line| line.plain.source() == piece.normal.raw()) {
            piece.normal.take(&line.plain);
        }
    }
    take_of_blocks(others, blocks);
    pieces
}

/// Gives links the normal forms of blocks with the same text: most links are all that their block holds, and both are in
/// page order.
fn take_of_blocks(links: &[Piece<'_>], blocks: &[Piece<'_>]) {
    let mut from = 0;
    for piece in links.iter().filter(|piece| piece.link.is_some()) {
        let ahead = blocks.get(from..).unwrap_or_default().iter().take(NEXT_BLOCKS);
        let mut same = ahead
            .enumerate()
            .filter(|(_, block)| block.normal.raw() == piece.normal.raw());
        let Some((at, block)) = same.next() else { continue };
        if let Some(normal) = block.normal.ready() {
            piece.normal.take(normal);
        }
        from += at;
    }
}

/// `tells`: whether the page is known by other signs to speak of others.
fn of_page<'a>(index: usize, seen: &'a SeenPage, page: &'a Page, tells: bool) -> Vec<Piece<'a>> {
    let article = tells || is_article(page);
    let piece = |text: &'a str, region: Region| Piece {
        page: index,
        url: &seen.final_url,
        role: seen.role,
        region,
        normal: Lazy::new(text),
        numeric: is_numeric(text),
        before: None,
        own: is_own(seen.role, region, article),
        article,
        link: None,
        image: None,
        away: OnceCell::new(),
    };
    let before = std::iter::once(None).chain(page.blocks.iter().map(Some));
    let blocks = page.blocks.iter().zip(before).map(|(block, before)| Piece {
        before: before
            .filter(|before| before.region == block.region)
            .map(|before| before.text.as_str()),
        ..piece(&block.text, block.region)
    });
    let links = page
        .links
        .iter()
        .filter(|link| link.visible && !link.text.is_empty());
    let links = links.map(|link| Piece {
        link: Some(link),
        ..piece(&link.text, link.region)
    });
    let images = page
        .images
        .iter()
        .flat_map(|image| [(image, &image.alt), (image, &image.title)]);
    let images = images.filter(|(_, text)| !text.is_empty());
    let images = images.map(|(image, text)| Piece {
        image: Some(image),
        ..piece(text, image.region)
    });
    let mut pieces = Vec::with_capacity(page.blocks.len() + page.links.len() + page.images.len());
    pieces.extend(blocks);
    pieces.extend(links);
    pieces.extend(images);
    pieces
}

/// Whether digits, or characters that hide digits, stand in a text as it was written.
pub(super) fn is_numeric(text: &str) -> bool {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'0'..=b'9' | b'x' | b'X' | b'*' | b'?' | b'#' => return true,
            0..=0x7f => at += 1,
            // Han letters of U+4000 to U+9FFF: nearly all that a page shows, and none of them hides a digit.
            0xe4..=0xe9 => at += 3,
            _ => {
                let letter = text.get(at..).and_then(|rest| rest.chars().next());
                if letter.is_some_and(is_numeric_letter) {
                    return true;
                }
                at += letter.map_or(1, char::len_utf8);
            }
        }
    }
    false
}

fn is_numeric_letter(c: char) -> bool {
    matches!(c, '×' | '●' | '○' | '■' | '□' | 'ｘ' | 'Ｘ' | '＊' | '？' | '＃') || c.is_numeric()
}

fn is_own(role: Role, region: Region, article: bool) -> bool {
    match region {
        Region::Footer | Region::Header | Region::Nav => true,
        Region::Title => false,
        Region::Main | Region::Dialog => match role {
            Role::About | Role::Contact | Role::Licence => true,
            Role::Home | Role::Saved => !article,
            _ => false,
        },
    }
}

fn is_article(page: &Page) -> bool {
    // What has fewer bytes has fewer characters.
    let long = |block: &&Block| block.region == Region::Main && block.text.len() >= PARAGRAPH_CHARS;
    let main = page.blocks.iter().filter(long);
    let paragraphs = main
        .map(|block| block.text.chars().count())
        .filter(|chars| *chars >= PARAGRAPH_CHARS);
    paragraphs.sum::<usize>() >= ARTICLE_CHARS
}

/// Whether a link leads away from the host of its page: a cheap look before its address is taken apart, since most do not.
pub(super) fn leaves(page: &str, link: &str) -> bool {
    let here = origin(page);
    let Some(rest) = link.strip_prefix(here) else {
        return true;
    };
    // An address that begins as the page's is of the same host when that ends there.
    let same = rest.is_empty() || rest.starts_with(['/', '?', '#']);
    !same || (host_start(here) == 0 && here != origin(link))
}

/// Scheme, host and port of an address, as written.
pub(super) fn origin(url: &str) -> &str {
    let host = host_start(url);
    let rest = url.get(host..).unwrap_or_default();
    let ends = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let end = ends.unwrap_or(rest.len());
    url.get(..host + end).unwrap_or(url)
}

/// Where the host begins in an address; at its very beginning when it has no scheme.
fn host_start(url: &str) -> usize {
    let scheme = url.as_bytes().windows(3).position(|bytes| bytes == b"://");
    scheme.map_or(0, |at| at + 3)
}

/// Whether the home page was really read to its end; if not, a gap's code and what happened.
pub(super) fn home_was_read(evidence: &Evidence) -> Result<(), (String, String)> {
    let gap = || {
        evidence.home_gap().map(|gap| {
            (
                gap.reason.code().to_owned(),
                format!("{}: {}", gap.what, gap.detail),
            )
        })
    };
    let because = |reason: GapReason, detail: &str| (reason.code().to_owned(), detail.to_owned());
    let Some((seen, page)) = evidence.home() else {
        return Err(gap().unwrap_or_else(|| because(GapReason::NotCrawled, "the home page was not read")));
    };
    let chars = shown_chars(page);
    let shell = evidence
        .gaps
        .iter()
        .find(|gap| gap.reason == GapReason::EmptyJsApp);
    if chars == 0 || (chars < SHELL_CHARS && shell.is_some()) {
        let detail = shell.map_or("the home page shows no text", |gap| gap.detail.as_str());
        return Err(because(
            GapReason::EmptyJsApp,
            &format!("{}: {detail}", seen.final_url),
        ));
    }
    if seen.truncated
        || page
            .cut
            .iter()
            .any(|cut| matches!(cut.as_str(), "blocks" | "bytes" | "depth"))
    {
        return Err(because(
            GapReason::Truncated,
            &format!("{}: the end of the page is missing", seen.final_url),
        ));
    }
    Ok(())
}

/// Characters that a page shows outside white space, counted no further than where it is no shell.
fn shown_chars(page: &Page) -> usize {
    let chars = page.blocks.iter().flat_map(|block| block.text.chars());
    let shown = chars.filter(|c| !c.is_whitespace());
    shown.take(SHELL_CHARS).count()
}

/// Where something stands in text that does not show. Only texts that `may_hold` it are read, since scripts are long and
/// hardly ever do; `find` gives the places in the normal form.
pub(super) fn hidden(
    evidence: &Evidence,
    may_hold: impl Fn(&str) -> bool,
    find: impl Fn(&Normal) -> Vec<Range<usize>>,
) -> Vec<Place> {
    let mut places = Vec::new();
    for (seen, page) in evidence.readable() {
        for hidden in page.hidden.iter().filter(|hidden| may_hold(&hidden.text)) {
            let text = Normal::of(&hidden.text);
            let found = find(&text).into_iter();
            places.extend(
                found.map(|range| {
                    Place::new(&seen.final_url, hidden_name(hidden.kind), text.snippet(range, 16))
                }),
            );
        }
    }
    places
}

fn hidden_name(kind: HiddenKind) -> &'static str {
    match kind {
        HiddenKind::Comment => "comment",
        HiddenKind::Script => "script",
        HiddenKind::Template => "template",
        HiddenKind::Noscript => "noscript",
        HiddenKind::Element => "hidden",
    }
}

/// States a yes-or-no fact as `false` when nothing was stated; only for sites whose home page was read.
pub(super) fn deny(facts: &mut Facts, name: &str) {
    if facts.get(name).is_none() {
        facts.say(name, false, Firmness::WellFormed, Vec::new());
    }
}

/// How firmly a number stands by its form alone.
pub(super) fn firmness(well_formed: bool) -> Firmness {
    if well_formed {
        Firmness::WellFormed
    } else {
        Firmness::Malformed
    }
}

/// The first of those with the worst problem; the first of all when none has any.
pub(super) fn worst<T>(list: &[T], problem: impl Fn(&T) -> Option<Problem>) -> Option<&T> {
    let worst = list.iter().map(&problem).max()?;
    list.iter().find(|thing| problem(thing) == worst)
}

/// Says of every fact not known why it cannot be stated.
pub(super) fn cannot_say(facts: &mut Facts, specs: &[FactSpec], because: &(String, String)) {
    for spec in specs {
        facts.cannot_say(spec.name, because.0.as_str(), because.1.as_str());
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::evidence::{Gap, Profile};
    use crate::target::Target;

    /// A page with these blocks.
    pub(in crate::inspect) fn page(blocks: &[(Region, &str)]) -> Page {
        let block = |(region, text): &(Region, &str)| Block {
            text: (*text).to_owned(),
            region: *region,
            tag: "p".into(),
        };
        Page {
            blocks: blocks.iter().map(block).collect(),
            ..Page::default()
        }
    }

    /// A visible link.
    pub(in crate::inspect) fn link(region: Region, text: &str, href: &str) -> Link {
        Link {
            href: href.into(),
            url: Url::parse(href).ok().map(Into::into),
            text: text.into(),
            region,
            visible: true,
        }
    }

    /// Evidence of a look at the end of 2026 that read these pages.
    pub(in crate::inspect) fn evidence(pages: Vec<(Role, Page)>) -> Evidence {
        let target = Target::parse("https://shop.example.com/", false).unwrap();
        let captured_at = "2026-11-20T08:00:00Z".parse().unwrap();
        let mut evidence = Evidence::new(target, captured_at, Profile::Full);
        evidence.pages = pages
            .into_iter()
            .enumerate()
            .map(|(index, (role, page))| {
                let url = format!("https://shop.example.com/{index}");
                crate::inspect::fixture::page_at(url, role, captured_at, Some(page))
            })
            .collect();
        evidence
    }

    #[test]
    fn a_site_speaks_of_itself_in_its_footer_and_on_pages_about_it() {
        let prose = "这是一段很长的正文，讲的是怎样查询备案号码，以及为什么要查询，读者可以照着一步一步去做，不要着急。".repeat(4);
        let blocks = [
            (Region::Main, prose.as_str()),
            (Region::Main, prose.as_str()),
            (Region::Main, "号码"),
            (Region::Footer, "号码"),
        ];
        let read = |role: Role, blocks: &[(Region, &str)], tells: bool| -> Vec<bool> {
            let evidence = evidence(vec![(role, page(blocks))]);
            let (seen, page) = evidence.readable().next().unwrap();
            let pieces = of_page(0, seen, page, tells);
            pieces.iter().map(|piece| piece.own).collect()
        };
        let own = |role: Role, blocks: &[(Region, &str)]| read(role, blocks, false);
        assert_eq!(own(Role::Home, &blocks), [false, false, false, true]);
        assert_eq!(own(Role::Home, &blocks[2..]), [true, true]);
        assert_eq!(read(Role::Home, &blocks[2..], true), [false, true], "a thread");
        assert_eq!(own(Role::Announcement, &blocks[2..]), [false, true]);
        assert_eq!(own(Role::About, &blocks[1..]), [true, true, true]);
        assert_eq!(own(Role::Home, &[(Region::Title, "号码")]), [false]);
    }

    #[test]
    fn links_to_the_same_host_do_not_leave() {
        let page = "https://shop.example.com/a/b?c#d";
        for (link, leaves_it) in [
            ("https://shop.example.com/", false),
            ("https://shop.example.com?x=/", false),
            ("https://shop.example.com", false),
            ("http://shop.example.com/", true),
            ("https://shop.example.com.evil.example/", true),
            ("https://beian.miit.gov.cn/", true),
            ("", true),
        ] {
            assert_eq!(leaves(page, link), leaves_it, "{link}");
        }
    }

    #[test]
    fn digits_are_seen_at_a_glance() {
        for (text, numeric) in [
            ("商品列表", false),
            ("立即购买，秒到账！", false),
            ("京ICP备10046444号", true),
            ("京ICP备１００４号", true),
            ("京ICP备******号", true),
            ("京ICP备XXXX号", true),
            ("①②③", true),
            ("●●●", true),
            ("", false),
        ] {
            assert_eq!(is_numeric(text), numeric, "{text}");
        }
        for c in ('\0'..=char::MAX).filter(|c| !c.is_ascii()) {
            assert_eq!(
                is_numeric(c.encode_utf8(&mut [0; 4])),
                is_numeric_letter(c),
                "{c:?}"
            );
        }
    }

    #[test]
    fn a_home_page_that_was_not_read_has_a_reason() {
        let full = evidence(vec![(Role::Home, page(&[(Region::Main, "商品")]))]);
        assert_eq!(home_was_read(&full), Ok(()));
        let reason = |evidence: &Evidence| home_was_read(evidence).unwrap_err().0;
        assert_eq!(reason(&evidence(vec![])), "not_crawled");
        assert_eq!(reason(&evidence(vec![(Role::Home, page(&[]))])), "empty_js_app");
        let mut shell = full.clone();
        shell.gaps.push(Gap::new(
            GapReason::EmptyJsApp,
            "no text",
            "https://shop.example.com/",
        ));
        assert_eq!(reason(&shell), "empty_js_app");
        let mut refused = evidence(vec![]);
        refused.gaps.push(Gap::new(
            GapReason::BlockedByRobots,
            "robots",
            "https://shop.example.com/",
        ));
        assert_eq!(reason(&refused), "blocked_by_robots");
        let mut cut = full;
        cut.pages[0].truncated = true;
        assert_eq!(reason(&cut), "truncated");
    }
}
