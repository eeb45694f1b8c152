//! Product endpoints of shop programs: which program draws a home page by script, and what its script asks for.
//!
//! Takes a home page and `data/endpoints.toml`, gives addresses below the same host; values of later ones come from
//! earlier answers. It fetches nothing, and knows no shape of an answer beyond the paths that the data name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::data::{DataError, DataFiles};
use crate::evidence::SeenPage;
use crate::page::{HiddenKind, Page};

const FILE: &str = "endpoints.toml";
/// Longest value that is put into an address, in characters; ids are short.
const MAX_VALUE: usize = 64;
/// Most values of one answer that are looked at.
const MAX_VALUES: usize = 200;
/// Where a page's number and a value stand in a path.
const PAGE: &str = "{page}";
const VALUE: &str = "{value}";

/// Part of a page to which a mark is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Resource,
    Script,
    Noscript,
    Comment,
    Json,
    Path,
    Worded,
    Meta,
    Title,
    Cookie,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    part: Part,
    weight: u32,
    texts: Vec<String>,
}

/// One request for each value of an earlier answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Each {
    of: String,
    value: String,
    at_most: usize,
}

/// One kind of request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    pub(super) name: Option<String>,
    path: String,
    #[serde(default = "one")]
    pub(super) pages: usize,
    list: Option<String>,
    full: Option<usize>,
    each: Option<Each>,
}

/// A program and what its pages ask for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    pub(super) id: String,
    marks: Vec<Mark>,
    #[serde(default)]
    unless: Vec<Mark>,
    #[serde(rename = "ask")]
    pub(super) asks: Vec<Ask>,
}

/// The programs that are known.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoints {
    needed: u32,
    share: usize,
    program: Vec<Program>,
}

fn one() -> usize {
    1
}

impl Endpoints {
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: Self = data.read(FILE)?;
        if file.share == 0 || file.needed == 0 {
            return Err(DataFiles::bad(FILE, "`share` and `needed` must be at least 1"));
        }
        for program in &file.program {
            for ask in &program.asks {
                if let Some(problem) = ask.problem(program) {
                    return Err(DataFiles::bad(
                        FILE,
                        format!("{}: {}: {problem}", program.id, ask.path),
                    ));
                }
            }
        }
        Ok(file)
    }

    /// Most requests for data in a budget of so many pages.
    pub(super) fn share_of(&self, max_pages: usize) -> usize {
        max_pages / self.share
    }

    /// The program that draws this home page; of several the one with most weight, then the first.
    pub(super) fn of(&self, seen: &SeenPage, page: &Page) -> Option<&Program> {
        let shown = Shown::of(seen, page);
        let weighed = self.program.iter().enumerate().filter_map(|(place, program)| {
            let weight = program.weight(&shown);
            let drawn = !program.unless.iter().any(|mark| mark.stands(&shown));
            (weight >= self.needed && drawn).then_some((weight, std::cmp::Reverse(place), program))
        });
        weighed
            .max_by_key(|(weight, place, _)| (*weight, *place))
            .map(|(_, _, program)| program)
    }
}

impl Program {
    fn weight(&self, shown: &Shown) -> u32 {
        let found = self.marks.iter().filter(|mark| mark.stands(shown));
        found.map(|mark| mark.weight).sum()
    }
}

impl Mark {
    fn stands(&self, shown: &Shown) -> bool {
        let texts = shown.0.get(&self.part).into_iter().flatten();
        texts
            .into_iter()
            .any(|text| self.texts.iter().any(|wanted| text.contains(wanted.as_str())))
    }
}

/// The texts of a page by their part, lower case.
#[derive(Debug, Default)]
struct Shown(BTreeMap<Part, Vec<String>>);

impl Shown {
    fn of(seen: &SeenPage, page: &Page) -> Self {
        let mut shown = Self::default();
        for address in &page.resources {
            shown.add(Part::Resource, address);
        }
        for hidden in &page.hidden {
            match hidden.kind {
                HiddenKind::Script => shown.add(Part::Script, &hidden.text),
                HiddenKind::Noscript => shown.add(Part::Noscript, &hidden.text),
                HiddenKind::Comment => shown.add(Part::Comment, &hidden.text),
                HiddenKind::Template | HiddenKind::Element => {}
            }
        }
        for json in &page.json {
            shown.add(Part::Json, &json.name);
        }
        let here = Url::parse(&seen.final_url).ok();
        let links = page.links.iter();
        let links = links.filter_map(|link| Some((Url::parse(link.url.as_deref()?).ok()?, link)));
        for (url, link) in
            links.filter(|(url, _)| here.as_ref().is_some_and(|here| here.host() == url.host()))
        {
            shown.add(Part::Path, url.as_str());
            if link.visible && !link.text.is_empty() {
                shown.add(Part::Worded, url.as_str());
            }
        }
        for meta in &page.metas {
            shown.add(Part::Meta, &format!("{}={}", meta.name, meta.content));
        }
        shown.add(Part::Title, &page.title);
        for (_, value) in seen.headers.iter().filter(|(name, _)| name == "set-cookie") {
            shown.add(Part::Cookie, value.split('=').next().unwrap_or_default());
        }
        shown
    }

    fn add(&mut self, part: Part, text: &str) {
        self.0.entry(part).or_default().push(text.to_lowercase());
    }
}

impl Ask {
    fn problem(&self, program: &Program) -> Option<String> {
        if self.pages == 0 || (self.pages > 1) != self.path.contains(PAGE) {
            return Some(format!("`pages` over 1 goes with `{PAGE}`"));
        }
        if self.pages > 1 && (self.list.is_none() || self.full.is_none()) {
            return Some("`pages` need `list` and `full`".to_owned());
        }
        if self.each.is_some() != self.path.contains(VALUE) {
            return Some(format!("`each` goes with `{VALUE}`"));
        }
        let each = self.each.as_ref()?;
        let before = program.asks.iter().take_while(|ask| ask.path != self.path);
        let known = before
            .filter_map(|ask| ask.name.as_ref())
            .any(|name| *name == each.of);
        (!known).then(|| format!("no earlier ask is named `{}`", each.of))
    }

    /// The values to ask with: those of the named earlier answers, or once without any.
    pub(super) fn values(&self, answers: &[(String, Value)]) -> Vec<Option<String>> {
        let Some(each) = &self.each else {
            return vec![None];
        };
        let mut found: Vec<Option<String>> = Vec::new();
        for (_, answer) in answers.iter().filter(|(name, _)| *name == each.of) {
            for value in pick(answer, &each.value).into_iter().filter_map(as_value) {
                if !found.iter().any(|known| known.as_ref() == Some(&value)) {
                    found.push(Some(value));
                }
            }
        }
        found.truncate(each.at_most);
        found
    }

    /// The address on the host of `home`; nothing when the path would leave it.
    pub(super) fn address(&self, home: &Url, value: Option<&str>, page: usize) -> Option<Url> {
        let encoded: String =
            url::form_urlencoded::byte_serialize(value.unwrap_or_default().as_bytes()).collect();
        let path = self
            .path
            .replace(PAGE, &page.to_string())
            .replace(VALUE, &encoded);
        let url = home.join(&path).ok()?;
        (url.origin() == home.origin()).then_some(url)
    }

    /// Whether an answer was full, so that a next page makes sense.
    pub(super) fn is_full(&self, answer: &Value) -> bool {
        let list = self.list.as_deref().and_then(|path| answer.pointer(path));
        let entries = list.and_then(Value::as_array).map_or(0, Vec::len);
        self.full.is_some_and(|full| entries >= full)
    }
}

/// What stands at a path into a value; `*` stands for every entry of a list or object.
fn pick<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut at = vec![value];
    for step in path.split('/').skip(1) {
        at = at
            .into_iter()
            .flat_map(|value| entries(value, step))
            .take(MAX_VALUES)
            .collect();
    }
    at
}

fn entries<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match (value, step) {
        (Value::Array(list), "*") => list.iter().take(MAX_VALUES).collect(),
        (Value::Object(map), "*") => map.values().take(MAX_VALUES).collect(),
        (Value::Object(map), name) => map.get(name).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A short text or whole number as it goes into an address.
fn as_value(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text.chars().count() <= MAX_VALUE).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn endpoints() -> Endpoints {
        Endpoints::load(&DataFiles::built_in()).unwrap()
    }

    fn recognised(html: &str, cookie: &str) -> Option<String> {
        let home = Url::parse("https://shop.example.cn/").unwrap();
        let page = crate::page::read(html, &home);
        let mut seen = super::super::tests::answered(&home, html);
        seen.headers
            .push(("set-cookie".into(), format!("{cookie}=1; path=/")));
        endpoints().of(&seen, &page).map(|program| program.id.clone())
    }

    #[test]
    fn programs_are_known_by_what_a_plain_fetch_of_their_home_page_shows() {
        for (html, cookie, expected) in [
            (
                "<noscript>kamifaka-frontend needs scripts</noscript><div id=app></div>",
                "x",
                Some("kamifaka"),
            ),
            (
                "<link rel=modulepreload href=/assets/vendor-vue-i18n-1a.js><div id=app></div>",
                "x",
                Some("dujiao_next"),
            ),
            (
                "<script src='/assets/user/controller/index/index.js?v=3.5.1'></script>",
                "x",
                Some("acg_faka"),
            ),
            ("<a href=/user/index/query>查</a>", "ACG-SHOP", Some("acg_faka")),
            ("<a href=/user/index/query>查</a>", "x", None),
            // Goods that are links in the page are there already; links without words show none.
            (
                "<a href=/user/index/query>查</a><a href=/item/8>Q币</a>",
                "ACG-SHOP",
                None,
            ),
            (
                "<a href=/user/index/query>查</a><a href=/item/8></a>",
                "ACG-SHOP",
                Some("acg_faka"),
            ),
            (
                "<script src='./assets/js/main.js?ver=2045'></script><script>var hashsalt=1</script>",
                "x",
                Some("caihong"),
            ),
            (
                "<script src='assets/js/main.js'></script><script>hashsalt=1</script><link rel=stylesheet href='assets/faka/a.css'>",
                "x",
                None,
            ),
            (
                "<meta name=keywords content='资料空白,ZFAKA'><script src=/res/layui/layui.js></script>",
                "x",
                Some("zfaka"),
            ),
            (
                "<script type=module src=/web/assets/index-9c.js></script>",
                "x",
                Some("qs_faka"),
            ),
            (
                "<script src='./assets/js/main.js'></script><a href='./?mod=query'>查</a><a href='?mod=buy&tid=1'>卡</a>",
                "x",
                None,
            ),
            ("<title>LinLinQi · 数字商品</title>", "x", Some("linlinqi")),
            (
                "<p>本店不用 kamifaka、hashsalt= 和 /user/api/index/data</p>",
                "x",
                None,
            ),
        ] {
            assert_eq!(recognised(html, cookie).as_deref(), expected, "{html}");
        }
    }

    #[test]
    fn every_program_here_is_one_that_the_reading_knows() {
        let software: toml::Table = DataFiles::built_in().read("software.toml").unwrap();
        let known: Vec<&str> = software["program"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|program| program["id"].as_str())
            .collect();
        for program in endpoints().program {
            assert!(known.contains(&program.id.as_str()), "{}", program.id);
        }
    }

    #[test]
    fn addresses_stay_on_the_host_and_values_are_encoded() {
        let home = Url::parse("https://shop.example.cn/a/index.php?mod=x").unwrap();
        let ask = |path: &str| Ask {
            name: None,
            path: path.to_owned(),
            pages: 1,
            list: None,
            full: None,
            each: None,
        };
        for (path, value, expected) in [
            ("/api?p={page}", None, Some("https://shop.example.cn/api?p=2")),
            (
                "ajax.php?cid={value}",
                Some("3"),
                Some("https://shop.example.cn/a/ajax.php?cid=3"),
            ),
            (
                "/x?v={value}",
                Some("1&act=pay#/../"),
                Some("https://shop.example.cn/x?v=1%26act%3Dpay%23%2F..%2F"),
            ),
            ("//evil.example/x", None, None),
            ("https://evil.example/x", None, None),
        ] {
            let url = ask(path).address(&home, value, 2).map(String::from);
            assert_eq!(url.as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn values_are_short_texts_and_whole_numbers_each_once() {
        let answer = json!({ "data": [{ "cid": 3 }, { "cid": "a b" }, { "cid": 3 }, { "cid": -1 }, { "cid": 1.5 },
            { "cid": "" }, { "cid": "x".repeat(65) }, { "cid": [1] }, {}, 7, { "cid": 9 }] });
        let program = &endpoints()
            .program
            .into_iter()
            .find(|program| program.id == "caihong")
            .unwrap();
        let answers = [
            ("classes".to_owned(), answer),
            ("other".to_owned(), json!({ "data": [{ "cid": 5 }] })),
        ];
        let values: Vec<_> = program.asks[1].values(&answers).into_iter().flatten().collect();
        assert_eq!(values, ["3", "a b", "9"]);
        assert!(program.asks[1].values(&[]).is_empty());
        assert_eq!(program.asks[0].values(&[]), [None]);
    }

    #[test]
    fn loose_data_are_refused() {
        let head = "needed = 4\nshare = 3\n[[program]]\nid = 'x'\nmarks = []\n[[program.ask]]\n";
        for text in [
            "path = '/a?p={page}'",
            "path = '/a'\npages = 2",
            "path = '/a?p={page}'\npages = 2",
            "path = '/a?v={value}'",
            "path = '/a?v={value}'\neach = { of = 'y', value = '/id', at_most = 1 }",
            "path = '/a'\nmethod = 'POST'",
        ] {
            let refused = Endpoints::load(&DataFiles::built_in().with(FILE, format!("{head}{text}")));
            assert!(matches!(refused, Err(DataError::Bad { .. })), "{text}");
        }
    }
}
