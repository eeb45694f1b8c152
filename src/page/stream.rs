//! The one pass: text through the tokenizer into the reader.

use std::borrow::Cow;

use encoding_rs::Encoding;
use url::Url;

use super::Page;
use super::reader::Reader;
use super::tokens::{self, Sink as _};

/// Longest text that is read, in bytes: a 2 MiB body of Chinese in GBK is 3 MiB of UTF-8.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Reads text as a page; `base` is its final address. Its links are written in UTF-8; see [`read_as`].
pub fn read(text: &str, base: &Url) -> Page {
    read_as(text, base, encoding_rs::UTF_8.name())
}

/// Reads text that was decoded from this encoding (WHATWG label) as a page: letters in the queries of its links are
/// written in it, as browsers do. An encoding that is not known counts as UTF-8.
pub fn read_as(text: &str, base: &Url, encoding: &str) -> Page {
    let within = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text);
    let unix = with_line_feeds(within);
    let mut reader = Reader::default();
    if within.len() < text.len() {
        reader.cut("bytes");
    }
    tokens::run(&unix, &mut reader);
    let encoding = Encoding::for_label(encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    reader.finish(base, encoding)
}

/// Line ends of other systems as single line feeds.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('\r') {
        out.push_str(head);
        out.push('\n');
        rest = tail.strip_prefix('\n').unwrap_or(tail);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{HiddenKind, Region};

    fn page(html: &str) -> Page {
        read(html, &Url::parse("https://shop.example.cn/a/").unwrap())
    }

    fn blocks(html: &str) -> Vec<String> {
        page(html).blocks.into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn numbers_never_join_across_blocks_and_inline_tags_join() {
        for (html, expected) in [
            ("<p>12</p><p>34</p>", vec!["12", "34"]),
            ("12<br>34", vec!["12", "34"]),
            ("<tr><td>1<td>2<tr><td>3</table>", vec!["1", "2", "3"]),
            ("<ul><li>1<li>2<ul><li>3</ul>4</ul>", vec!["1", "2", "3", "4"]),
            (
                "<select><option>1<option selected>2</select>3",
                vec!["1", "2", "3"],
            ),
            ("¥<b>19</b><i>.80</i> <span>元</span>", vec!["¥19.80 元"]),
            ("<button>1</button><button>2</button>", vec!["1", "2"]),
            ("<textarea>条款 &amp; 1</textarea>2", vec!["条款 & 1", "2"]),
            ("1<input>2", vec!["1", "2"]),
            // Links of a menu in one line are words of their own; text around a link goes on.
            (
                "<a href=/>首页</a><a href=/b>点卡</a><b><a href=/c>商品</a></b>",
                vec!["首页 点卡 商品"],
            ),
            ("请<a href=/>点</a>卡", vec!["请点卡"]),
        ] {
            assert_eq!(blocks(html), expected, "{html}");
        }
    }

    #[test]
    fn entities_are_decoded_and_controls_become_blanks() {
        assert_eq!(blocks("&#20140;ICP&#22791;1&nbsp;2&copy;"), ["京ICP备1 2©"]);
        assert_eq!(blocks("a\u{0}b\u{1}c&#1;d\u{200b}e"), ["a b c d\u{200b}e"]);
    }

    #[test]
    fn hidden_text_is_kept_apart_with_its_reason() {
        for (html, kind, text) in [
            ("<!-- 川B2-1 -->", HiddenKind::Comment, "川B2-1"),
            ("<script>var a = '1'</script>", HiddenKind::Script, "var a = '1'"),
            (
                "<script type='text/html'><b>{{d}}</b></script>",
                HiddenKind::Template,
                "<b>{{d}}</b>",
            ),
            (
                "<script type=text/x-template>t</script>",
                HiddenKind::Template,
                "t",
            ),
            ("<template><p>t</p></template>", HiddenKind::Template, "t"),
            ("<noscript><p>js</p></noscript>", HiddenKind::Noscript, "js"),
            ("<div hidden>x<b>y</b></div>", HiddenKind::Element, "xy"),
            (
                "<div style='color:red; DISPLAY : none !important'>x</div>",
                HiddenKind::Element,
                "x",
            ),
            ("<div style=visibility:hidden>x</div>", HiddenKind::Element, "x"),
            (
                "<div style='position:absolute;left:-9999px'>x</div>",
                HiddenKind::Element,
                "x",
            ),
            (
                "<div style='TOP: -5000px; position: fixed'>x</div>",
                HiddenKind::Element,
                "x",
            ),
            ("<input type=hidden value=x>", HiddenKind::Element, "x"),
        ] {
            let page = page(&format!("<p>前</p>{html}<p>后</p>"));
            let seen: Vec<_> = page.blocks.iter().map(|block| block.text.as_str()).collect();
            assert_eq!(seen, ["前", "后"], "{html}");
            let hidden: Vec<_> = page
                .hidden
                .iter()
                .map(|hidden| (hidden.kind, hidden.text.as_str()))
                .collect();
            assert_eq!(hidden, [(kind, text)], "{html}");
        }
        let drawn = page("<style>p{}</style><svg><style>p{}</style><title>t</title><text>字</text></svg>");
        assert_eq!(
            (drawn.text().as_str(), drawn.title.as_str(), drawn.hidden.len()),
            ("字\n", "", 0)
        );
    }

    #[test]
    fn an_unclosed_hidden_element_ends_with_its_parent() {
        assert_eq!(
            blocks("<div><p style=display:none>a<div style='display:none'>b</div></div>c"),
            ["c"]
        );
        assert_eq!(blocks("<ul><li style=display:none>a<li>b</ul>c"), ["b", "c"]);
        assert_eq!(blocks("<p style=display:none>a<p>b"), ["b"]);
        assert_eq!(blocks("<div><span style=display:none>a</div>b"), ["b"]);
        assert_eq!(blocks("<div style=display:none><b>a</div></b>b"), ["b"]);
    }

    #[test]
    fn a_stray_end_tag_in_a_cell_ends_nothing_outside() {
        let page = page("<div class=footer><table><tr><td>a</div></td><td>b</td></tr></table>c</div>d");
        let regions: Vec<_> = page
            .blocks
            .iter()
            .map(|block| (block.text.as_str(), block.region))
            .collect();
        let footer = Region::Footer;
        assert_eq!(
            regions,
            [("a", footer), ("b", footer), ("c", footer), ("d", Region::Main)]
        );
    }

    #[test]
    fn regions_follow_elements_and_class_words() {
        use Region::{Dialog, Footer, Header, Main, Nav};
        let page = page(
            "<header>h<nav>n</nav></header><main>m<article>x<footer>af</footer></article>\
             <div class=card-footer>cf</div></main><div id=footer>f<nav>fn</nav></div><div class='modal fade'>d</div>",
        );
        let seen: Vec<_> = page
            .blocks
            .iter()
            .map(|block| (block.text.as_str(), block.region))
            .collect();
        assert_eq!(
            seen,
            [
                ("h", Header),
                ("n", Nav),
                ("m", Main),
                ("x", Main),
                ("af", Main),
                ("cf", Main),
                ("f", Footer),
                ("fn", Footer),
                ("d", Dialog)
            ]
        );
    }

    #[test]
    fn a_wrapper_around_everything_is_no_region_and_pages_that_hide_until_loaded_are_read() {
        let long = "长".repeat(300);
        let page = page(&format!(
            "<body style='display:none'><div class=layout-header-fixed><p>{long}<p>{long}<p>底<div v-cloak style=display:none>尾</div>"
        ));
        let seen: Vec<_> = page.blocks.iter().map(|block| block.region).collect();
        assert_eq!(seen, [Region::Main, Region::Main, Region::Footer, Region::Footer]);
    }

    #[test]
    fn without_a_marked_footer_the_last_short_blocks_are_it() {
        let long = "长".repeat(200);
        let page = page(&format!(
            "<p>{long}</p><p>{long}</p><p>a</p><p><a href=/x>b</a></p>"
        ));
        let seen: Vec<_> = page.blocks.iter().map(|block| block.region).collect();
        assert_eq!(seen, [Region::Main, Region::Main, Region::Footer, Region::Footer]);
        assert_eq!(page.links[0].region, Region::Footer);
    }

    #[test]
    fn links_have_text_region_and_address() {
        let page = page(
            "<a href=' /a '>甲<b>乙</b></a><a href=b><img alt=图 src=i.png><s hidden>隐</s></a><nav><a href='#x'>c</a></nav>\
             <div hidden><a href=/h>h</a></div><a href=javascript:;>j<a href=/k>k<div>l</div>",
        );
        let seen: Vec<_> = page
            .links
            .iter()
            .map(|link| {
                (
                    link.href.as_str(),
                    link.url.as_deref().unwrap_or("-"),
                    link.text.as_str(),
                    link.visible,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("/a", "https://shop.example.cn/a", "甲乙", true),
                ("b", "https://shop.example.cn/a/b", "图", true),
                ("#x", "-", "c", true),
                ("/h", "https://shop.example.cn/h", "h", false),
                ("javascript:;", "-", "j", true),
                ("/k", "https://shop.example.cn/k", "k l", true),
            ]
        );
        assert_eq!(page.links[2].region, Region::Nav);
        assert_eq!(page.images[0].url, "https://shop.example.cn/a/i.png");
    }

    #[test]
    fn forms_fields_metas_frames_and_resources_are_read() {
        let page = page(
            "<body><head><html lang=zh-CN><title> 星河\n点卡 </title><base href='/b/'><meta name=Keywords content=k>\
             <meta property=og:title content=o><meta http-equiv=refresh content='0;url=x'>\
             <link rel='shortcut icon' href=f.ico><link rel=stylesheet href=s.css><link rel=alternate href=no>\
             <script src=s.js></script></head>\
             <form action=/buy method=POST><input name=gid type=hidden value=1><input name=mail placeholder=邮箱>\
             <select name=pay><option>支付</select><button>买</button><input type=submit value=下单></form>\
             <input name=loose><iframe src=//f.example/x>no</iframe>",
        );
        assert_eq!(
            (page.title.as_str(), page.lang.as_deref()),
            ("星河 点卡", Some("zh-CN"))
        );
        let metas: Vec<_> = page
            .metas
            .iter()
            .map(|meta| (meta.name.as_str(), meta.content.as_str()))
            .collect();
        assert_eq!(
            metas,
            [("keywords", "k"), ("og:title", "o"), ("refresh", "0;url=x")]
        );
        assert_eq!(page.refresh.as_deref(), Some("https://shop.example.cn/b/x"));
        assert_eq!(page.resources.len(), 3);
        assert_eq!(page.frames, ["https://f.example/x"]);
        let fields = |at: usize| -> Vec<String> {
            page.forms[at]
                .fields
                .iter()
                .map(|f| format!("{} {} {}", f.name, f.kind, f.hint))
                .collect()
        };
        assert_eq!(
            fields(0),
            [
                "gid hidden ",
                "mail text 邮箱",
                "pay select ",
                " submit ",
                " submit 下单"
            ]
        );
        assert_eq!(
            (page.forms[0].action.as_str(), page.forms[0].method.as_str()),
            ("https://shop.example.cn/buy", "post")
        );
        assert_eq!(
            (page.forms[1].method.as_str(), fields(1)),
            ("", vec!["loose text ".to_owned()])
        );
    }

    #[test]
    fn json_is_found_in_its_scripts() {
        let page = page(
            r#"<script type="application/ld+json">{"@type":"Store"}</script><script type=application/json>[1]</script>
               <script>var config = {"a":1};</script>"#,
        );
        let names: Vec<_> = page.json.iter().map(|json| json.name.as_str()).collect();
        assert_eq!(names, ["ld+json", "json", "config"]);
    }

    #[test]
    fn a_tag_that_never_ends_is_left_behind() {
        use std::fmt::Write as _;
        let mut html = String::from("<p>前</p><x");
        for n in 0..300_000 {
            write!(html, " a{n}").unwrap();
        }
        html.push_str("><p>后</p>");
        let page = page(&html);
        assert_eq!(page.text(), "前\n后\n");
        assert_eq!(page.cut, ["attributes"]);
    }

    #[test]
    fn a_long_comment_stays_a_comment() {
        let page = page(&format!(
            "<p>前</p><!-- {} <p>中</p> --><p>后</p>",
            "a ' ".repeat(20_000)
        ));
        assert_eq!(page.text(), "前\n后\n");
        assert_eq!(page.hidden[0].kind, HiddenKind::Comment);
    }

    #[test]
    fn deep_nesting_and_floods_end_with_what_was_met_named() {
        let deep = format!("{}深{}<p>后", "<div>".repeat(100_000), "</div>".repeat(100_000));
        let deep = page(&deep);
        assert_eq!(
            (deep.text().as_str(), deep.cut),
            ("深\n后\n", vec!["depth".to_owned()])
        );
        assert!(page(&"<p>x".repeat(100_000)).cut.contains(&"blocks".to_owned()));
        assert!(
            page(&"<a href=/x>x</a>".repeat(30_000))
                .cut
                .contains(&"links".to_owned())
        );
        assert!(
            page(&"<!--abc-->".repeat(100_000))
                .cut
                .contains(&"hidden".to_owned())
        );
        assert!(page(&"字".repeat(2_000_000)).cut.contains(&"bytes".to_owned()));
        let stray = format!("{}{}", "<b>".repeat(300), "</i></b></x></div>".repeat(50_000));
        assert!(page(&stray).blocks.is_empty());
    }

    fn soup() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        let piece = prop_oneof![
            "</?(p|div|a|table|tr|td|li|ul|b|form|script|style|title|textarea|select|option|svg|template|noscript|footer|x)",
            " (href|class|style|hidden|type|src|name|content|action)=?['\"]?(/a|display:none|footer|x|hidden)?['\"]?",
            "/?>",
            "<!--|-->|<!|<\\?|&#?[0-9a-z]{0,4};?|\\]\\]>",
            "[ -~]{0,6}",
            "\\PC{0,4}",
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_reads_back_from_json(html in soup()) {
            let page = page(&html);
            let stored = serde_json::to_string(&page).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<Page>(&stored).unwrap(), page);
        }

        #[test]
        fn never_panics_on_any_bytes(bytes: Vec<u8>) {
            let decoded = crate::page::decode(&bytes, None);
            let page = page(&decoded.text);
            proptest::prop_assert!(page.blocks.iter().all(|block| !block.text.is_empty()));
        }

        #[test]
        fn blocks_are_folded_and_trimmed(html in soup()) {
            for block in page(&html).blocks {
                proptest::prop_assert_eq!(super::super::fold::folded(&block.text, usize::MAX), block.text);
            }
        }
    }
}
