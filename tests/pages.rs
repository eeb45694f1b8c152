//! The reader against `scraper`, a full HTML parser, on well-formed pages, torn ones (`tests/pages/`) and pages of fragments:
//! same title, links, metas and visible text.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

use cardvet::page;
use proptest::prelude::*;
use scraper::{ElementRef, Html, Node, Selector};
use url::Url;

/// Well-formed pages in the shapes of common shop programs.
const PAGES: [(&str, &str); 5] = [
    (
        "server-rendered shop",
        r#"<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>星河点卡 | 首页</title>
        <style>.a{color:red}</style><script>var a = "<p>不算</p>";</script></head><body>
        <header><a href="/">首页</a> <a href="/order-search">查询订单</a></header>
        <main><h2>公告</h2><p>自动发货，<b>售出</b>不退。</p>
        <div class="goods"><a href="/buy/1"><h3>测试月卡</h3><span>¥</span><b>19.80</b></a><p>库存 12</p></div>
        <table><thead><tr><th>名称</th><th>价格</th></tr></thead><tbody><tr><td>甲</td><td>1.50</td></tr></tbody></table>
        </main><footer>Copyright &copy; 2026 星河 <a href="https://beian.miit.gov.cn/">京ICP备&#x31;&#50;号</a></footer>
        </body></html>"#,
    ),
    (
        "body before head",
        "<html><body><head><title>页名 | 店名</title></head><p>购买</p><a href='./?mod=help&amp;a=1'>帮助</a></body></html>",
    ),
    (
        "unclosed paragraphs, items, cells and options",
        "<title>t</title><p>一<p>二<ul><li>三<li>四<ul><li>五</ul><li>六</ul><table><tr><td>七<td>八<tr><td>九</table>\
         <select><option>十<option>百</select><dl><dt>千<dd>万</dl>",
    ),
    (
        "comments, templates and forms",
        r#"<title>表单</title><!-- <a href="/no">川B2-1</a> --><template><a href="/t">{{d}}</a></template>
        <script type="text/html"><p>{{d.name}}</p></script>
        <form action="/create-order"><label>邮箱</label><input name="mail"><textarea>须知 &lt;1&gt;</textarea>
        <button>下单</button></form><p>1 &amp; 2&nbsp;3</p><a name="x">无链接</a><a href="">空</a>"#,
    ),
    (
        "inline tags and odd nesting",
        "<title>t</title><div><p>甲<b>乙<i>丙</b>丁</i></p><span>¥<b>1</b>9<sup>.8</sup></span><br>戊<hr>己</div>\
         <a href=/a><img src=i.png alt=图></a><a href=/b>庚<em>辛</em></a>",
    ),
];

#[test]
fn the_reader_sees_what_a_full_parser_sees() {
    for (name, html) in PAGES {
        let ours = page::read(html, &Url::parse("https://shop.example.cn/").unwrap());
        let tree = Html::parse_document(html);
        assert_eq!(ours.title, first_title(&tree), "{name}");
        let hrefs: Vec<&str> = ours
            .links
            .iter()
            .filter(|link| link.visible)
            .map(|link| link.href.as_str())
            .collect();
        assert_eq!(hrefs, tree_hrefs(&tree), "{name}");
        let squeezed: String = ours.text().split_whitespace().collect();
        assert_eq!(squeezed, tree_text(tree.root_element()), "{name}");
    }
}

/// What both readers are asked of a page.
#[derive(Debug, PartialEq)]
struct Seen {
    title: String,
    hrefs: Vec<String>,
    metas: Vec<(String, String)>,
    text: String,
}

impl Seen {
    /// As our reader has it.
    fn ours(html: &str) -> Self {
        let page = page::read(html, &Url::parse("https://shop.example.cn/").unwrap());
        let visible = page.links.iter().filter(|link| link.visible);
        let metas = page.metas.iter();
        Self {
            title: page.title.clone(),
            hrefs: visible.map(|link| link.href.clone()).collect(),
            metas: metas
                .map(|meta| (meta.name.clone(), meta.content.clone()))
                .collect(),
            text: squeezed(&page.text()),
        }
    }

    /// As the tree has it.
    fn tree(tree: &Html) -> Self {
        let metas = Selector::parse("meta[name]").unwrap();
        let metas = tree.select(&metas).filter(|meta| !in_template(meta));
        let attribute = |meta: ElementRef<'_>, name| meta.attr(name).unwrap_or_default().trim().to_owned();
        Self {
            title: squeezed_title(tree),
            hrefs: tree_hrefs(tree)
                .into_iter()
                .map(|href| href.trim().to_owned())
                .collect(),
            metas: metas
                .map(|meta| (attribute(meta, "name").to_lowercase(), attribute(meta, "content")))
                .filter(|(name, _)| !name.is_empty())
                .collect(),
            text: tree_text(tree.root_element()),
        }
    }

    /// Where the two rightly differ, by rule: a tree takes text and elements that stand between the rows of a table out
    /// in front of it, and a link that is torn by a block is opened again inside it. Our reader leaves everything in the
    /// order of the page and has every link once.
    fn in_any_order(mut self) -> Self {
        self.hrefs.sort();
        self.hrefs.dedup();
        self.metas.sort();
        let mut letters: Vec<char> = self.text.chars().collect();
        letters.sort_unstable();
        self.text = letters.into_iter().collect();
        self
    }
}

/// Text without white space and what is shown as such.
fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect()
}

fn squeezed_title(tree: &Html) -> String {
    let titles = Selector::parse("title").unwrap();
    let outside = |title: &ElementRef<'_>| !in_template(title) && !in_drawing(title);
    let texts = tree
        .select(&titles)
        .filter(outside)
        .map(|title| title.text().collect::<String>());
    let mut folded = texts.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    folded.find(|title| !title.is_empty()).unwrap_or_default()
}

fn in_drawing(element: &ElementRef<'_>) -> bool {
    let mut outer = element.ancestors().filter_map(ElementRef::wrap);
    outer.any(|outer| matches!(outer.value().name(), "svg" | "math"))
}

#[test]
fn torn_pages_are_read_as_a_full_parser_reads_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 12);
    for file in files {
        let html = std::fs::read_to_string(&file).unwrap();
        let tree = Seen::tree(&Html::parse_document(&html));
        assert_eq!(
            Seen::ours(&html).in_any_order(),
            tree.in_any_order(),
            "{}",
            file.display()
        );
    }
}

/// A page of fragments, each torn in its own way.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        "[<& ]{0,2}[一二三a1]{1,3}",
        "<(p|div|li|b|i|span|h2|dd|center)( class=[a-c])?>[四五六]{0,2}",
        "</(p|div|li|b|span|ul|h2|x)>",
        "<a href=(/x|'/y&amp;z'|\"/w\") href=/no>链[甲乙]</a>",
        "<table><tr>(<td>[七八]{1,2}){1,3}(</table>|<tr><td>九</table>)",
        "<ul>(<li>[丙丁]){1,3}</ul>",
        "<!--(a|<p>|-)?(-->|--!>)|<!DOCTYPE x>|<\\?pi>|<!\\[CDATA\\[x\\]\\]>",
        "<(script|style)>(a<b|<!--x-->|</p>)?</(script|style)>?",
        "<textarea>[子丑<&]{1,3}</textarea>",
        "<title>[寅卯]{1,2}</title>|<meta name=[k-m] content='[辰巳]'>",
        "&(amp|lt;|nbsp|copy|#20140|#x4eac;|bogus;|notit;)",
        "<(br|hr|img alt=x)/?>|\\x00|</body>|<body>|<head>|</head>|</html>",
        "<(select><option>午<option>未</select|button>申</button|em>酉</em)>",
    ];
    prop::collection::vec(fragment, 0..16).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn fragments_are_read_as_a_full_parser_reads_them(html in fragments()) {
        let tree = Seen::tree(&Html::parse_document(&html));
        prop_assert_eq!(Seen::ours(&html).in_any_order(), tree.in_any_order(), "{}", html);
    }
}

#[test]
fn pages_cut_anywhere_are_read_and_read_back() {
    let base = Url::parse("https://shop.example.cn/").unwrap();
    for (name, html) in PAGES {
        for cut in 0..html.len() {
            let decoded = page::decode(
                html.as_bytes().get(..cut).unwrap_or_default(),
                Some("text/html; charset=utf-8"),
            );
            let page = page::read(&decoded.text, &base);
            let stored = serde_json::to_vec(&page).unwrap();
            assert_eq!(
                serde_json::from_slice::<page::Page>(&stored).unwrap(),
                page,
                "{name} cut at {cut}"
            );
            assert!(html.starts_with(&decoded.text), "{name} cut at {cut}");
        }
    }
}

fn first_title(tree: &Html) -> String {
    let titles = Selector::parse("title").unwrap();
    let title: String = tree.select(&titles).next().unwrap().text().collect();
    title.trim().to_owned()
}

fn tree_hrefs(tree: &Html) -> Vec<&str> {
    let links = Selector::parse("a[href]").unwrap();
    tree.select(&links)
        .filter(|link| !in_template(link))
        .filter_map(|link| link.attr("href"))
        .collect()
}

fn in_template(element: &ElementRef<'_>) -> bool {
    let mut outer = element.ancestors().filter_map(ElementRef::wrap);
    outer.any(|outer| outer.value().name() == "template")
}

/// Visible text of a tree without any white space.
fn tree_text(element: ElementRef<'_>) -> String {
    if matches!(
        element.value().name(),
        "script" | "style" | "template" | "noscript" | "title" | "iframe" | "noembed" | "noframes"
    ) {
        return String::new();
    }
    let children = element.children().map(|child| match child.value() {
        Node::Text(text) => squeezed(text),
        _ => ElementRef::wrap(child).map(tree_text).unwrap_or_default(),
    });
    children.collect()
}
