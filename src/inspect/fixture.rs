//! Fixture: small evidence for tests of inspectors, written line by line instead of as HTML.
//!
//! Each line is `kind text`: `title`, `footer`, `nav`, `header`, `dialog` and names of elements give visible text; `a PATH TEXT` a link,
//! `footer-a` one in the footer, `form METHOD ACTION FIELD…`, `img ALT`, `script`, `comment`, `noscript`, `resource`, `meta NAME CONTENT`,
//! `role CODE` the page's role, `cookie VALUE`. All sites are invented. It is compiled for tests only.

use std::sync::LazyLock;

use jiff::Timestamp;

use super::reading::Reader;
use super::{DataFiles, Inspector, Inspectors};
use crate::evidence::{Evidence, Gap, GapReason, Profile, Role, SeenPage};
use crate::facts::{FactSpec, Facts};
use crate::page::{Block, Field, Form, Hidden, HiddenKind, Image, Link, Meta, Page, Region};
use crate::target::Target;

/// Reads all facts of a site of these pages, the first being its home.
pub(crate) fn facts(host: &str, pages: &[&str]) -> Facts {
    read(&evidence(host, pages))
}

/// Reads all facts of some evidence.
pub(crate) fn read(evidence: &Evidence) -> Facts {
    static ALL: LazyLock<Inspectors> = LazyLock::new(|| Inspectors::load(&DataFiles::built_in()).unwrap());
    ALL.facts(evidence)
}

/// Lets one inspector alone read some evidence.
pub(crate) fn alone(inspector: &dyn Inspector, evidence: &Evidence, facts: &mut Facts) {
    static READER: LazyLock<Reader> = LazyLock::new(|| Reader::load(&DataFiles::built_in()).unwrap());
    inspector.facts(&READER.read(evidence), facts);
}

/// Lets one inspector alone read some evidence, and holds it to the facts it says it can state.
pub(crate) fn checked(inspector: &dyn Inspector, provides: &[FactSpec], evidence: &Evidence) -> Facts {
    let mut facts = Facts::default();
    alone(inspector, evidence, &mut facts);
    for fact in facts.iter() {
        let spec = provides.iter().find(|spec| spec.name == fact.name).unwrap();
        assert_eq!(fact.value.kind(), spec.kind, "{}", fact.name);
    }
    facts
}

/// Evidence of a site of these pages, the first being its home.
pub(crate) fn evidence(host: &str, pages: &[&str]) -> Evidence {
    let target = Target::parse(&format!("https://{host}/"), true).unwrap();
    let mut evidence = Evidence::new(target, Timestamp::UNIX_EPOCH, Profile::Full);
    evidence.pages = pages
        .iter()
        .enumerate()
        .map(|(index, text)| seen(host, index, text))
        .collect();
    evidence
}

/// Evidence of a site whose home page could not be read.
pub(crate) fn unread(host: &str, reason: GapReason) -> Evidence {
    let mut evidence = evidence(host, &[]);
    evidence
        .gaps
        .push(Gap::new(reason, "test", format!("https://{host}/")));
    evidence
}

/// A page that answered well at this address.
pub(crate) fn page_at(url: String, role: Role, fetched_at: Timestamp, page: Option<Page>) -> SeenPage {
    SeenPage {
        url: url.clone(),
        final_url: url,
        role,
        hops: Vec::new(),
        status: 200,
        headers: Vec::new(),
        address: None,
        tls: None,
        body_sha256: String::new(),
        body_bytes: 0,
        truncated: false,
        encoding: None,
        fetched_at,
        page,
        picture: None,
    }
}

fn seen(host: &str, index: usize, text: &str) -> SeenPage {
    let path = if index == 0 {
        String::new()
    } else {
        format!("page{index}")
    };
    let url = format!("https://{host}/{path}");
    let role = if index == 0 { Role::Home } else { Role::Other };
    let mut seen = page_at(url, role, Timestamp::UNIX_EPOCH, None);
    let mut page = Page::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        add(&mut seen, &mut page, kind, rest);
    }
    seen.page = Some(page);
    seen
}

fn add(seen: &mut SeenPage, page: &mut Page, kind: &str, rest: &str) {
    let (first, tail) = rest.split_once(' ').unwrap_or((rest, ""));
    let region = match kind {
        "footer" | "footer-a" => Region::Footer,
        "nav" => Region::Nav,
        "header" => Region::Header,
        "dialog" => Region::Dialog,
        _ => Region::Main,
    };
    match kind {
        "title" => rest.clone_into(&mut page.title),
        "role" => seen.role = serde_json::from_value(rest.into()).unwrap(),
        "cookie" => seen.headers.push(("set-cookie".into(), rest.into())),
        "a" | "footer-a" => {
            let base = url::Url::parse(&seen.final_url).unwrap();
            let url = (!first.starts_with('#')).then(|| base.join(first).unwrap().to_string());
            page.links.push(Link {
                href: first.into(),
                url,
                text: tail.into(),
                region,
                visible: true,
            });
            block(page, tail, region, "a");
        }
        "form" => {
            let mut words = tail.split(' ');
            let action = words.next().unwrap_or_default().to_owned();
            let field = |name: &str| Field {
                name: name.into(),
                kind: "text".into(),
                hint: String::new(),
            };
            page.forms.push(Form {
                action,
                method: first.into(),
                fields: words.map(field).collect(),
            });
        }
        "img" => page.images.push(Image {
            url: "/a.png".into(),
            alt: rest.into(),
            title: String::new(),
            region,
        }),
        "script" => page.hidden.push(Hidden {
            kind: HiddenKind::Script,
            text: rest.into(),
        }),
        "comment" => page.hidden.push(Hidden {
            kind: HiddenKind::Comment,
            text: rest.into(),
        }),
        "noscript" => page.hidden.push(Hidden {
            kind: HiddenKind::Noscript,
            text: rest.into(),
        }),
        "resource" => page.resources.push(rest.into()),
        "meta" => page.metas.push(Meta {
            name: first.into(),
            content: tail.into(),
        }),
        _ => block(
            page,
            rest,
            region,
            if region == Region::Main { kind } else { "div" },
        ),
    }
}

fn block(page: &mut Page, text: &str, region: Region, tag: &str) {
    if !text.is_empty() {
        page.blocks.push(Block {
            text: text.into(),
            region,
            tag: tag.to_owned().into(),
        });
    }
}

/// A shop that sells a card for ten yuan and says nothing else; tests add to it.
pub(crate) const PLAIN_SHOP: &str = "
    title 星河数卡
    nav 首页
    a /order-list 我的订单
    h2 商品列表
    li 视频会员月卡
    li ¥19.80
    a /buy/1 立即购买
    a /buy/2 立即购买
    footer © 星河数卡
";
