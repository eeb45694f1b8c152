//! Signposts: thin home pages that only send a browser elsewhere, by a refresh or by a script.
//!
//! Takes a page, gives the address it sends to. Scripts are not run: a redirect counts only when a page that shows
//! (nearly) nothing assigns a whole literal address to its location.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::plan::Plan;
use crate::evidence::SeenPage;
use crate::page::{HiddenKind, Page};

/// Longest scripts, in characters altogether, that are a signpost; programs are longer.
const SCRIPT_CHARS: usize = 4000;
/// Most links of a page that is sent on by script: with more it is a page of its own.
const MOST_LINKS: usize = 3;

/// `location.href = "…"`, `window.location.replace('…')`, `top.location = "…"`, to the end of the literal and of the
/// statement: what is put together from parts is not understood.
static SENDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)(?:^|[^\w$.'"]|\b(?:window|self|top|parent|document)\.)location(?:\.href)?\s*(?:=|\.(?:replace|assign)\s*\()\s*(?:"(?<double>[^"\\\r\n]{1,2000})"|'(?<single>[^'\\\r\n]{1,2000})')\s*(?:[;)}]|$)"#,
    )
    .expect("a constant pattern")
});

/// Where a thin page sends its visitor, if that is another page.
pub(super) fn sends_to(seen: &SeenPage, plan: &Plan) -> Option<Url> {
    let page = seen
        .page
        .as_ref()
        .filter(|page| page.visible_chars() < plan.thin_chars())?;
    let here = Url::parse(&seen.final_url).ok()?;
    let to = match page.refresh.as_deref() {
        Some(to) => Url::parse(to).ok()?,
        None => here.join(&by_script(page)?).ok()?,
    };
    let to = plan.canonical(&to);
    (matches!(to.scheme(), "http" | "https") && to != plan.canonical(&here)).then_some(to)
}

/// The literal address that a page's own short script sends to.
fn by_script(page: &Page) -> Option<String> {
    // A form or links are things to do here; a program that draws the page decides by itself where it goes.
    if page.links.len() > MOST_LINKS || !page.forms.is_empty() {
        return None;
    }
    let scripts: Vec<&str> = page
        .hidden
        .iter()
        .filter(|hidden| hidden.kind == HiddenKind::Script)
        .map(|hidden| hidden.text.as_str())
        .collect();
    if scripts.iter().map(|script| script.chars().count()).sum::<usize>() > SCRIPT_CHARS {
        return None;
    }
    scripts.into_iter().find_map(|script| {
        let found = SENDS.captures(script)?;
        let address = found.name("double").or_else(|| found.name("single"))?;
        Some(address.as_str().trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFiles;

    fn check(html: &str, expected: Option<&str>) {
        let plan = Plan::load(&DataFiles::built_in()).unwrap();
        let home = Url::parse("https://shop.example.cn/").unwrap();
        let seen = super::super::tests::answered(&home, html);
        let to = sends_to(&seen, &plan).map(String::from);
        assert_eq!(to.as_deref(), expected, "{html}");
    }

    #[test]
    fn thin_pages_send_on_by_refresh_or_by_a_literal_in_a_script() {
        let home = Some("https://shop.example.cn/home");
        for (html, expected) in [
            ("<meta http-equiv=refresh content='0;url=/home'>", home),
            ("<script>location.href = \"/home\"</script>", home),
            ("<script>window.location.href='/home';</script>", home),
            ("<script>window.location.replace('/home')</script>", home),
            ("<script>top.location = '/home'</script>", home),
            (
                "<script>if(1){self.location.assign(\"home\")}</script>请稍候",
                home,
            ),
            ("<script>\nlocation.href='/home'\nvar x = 1</script>", home),
            ("<script>location.href='/'+'home'</script>", None),
            ("<script>location.href=url</script>", None),
            ("<script>location.href='/'</script>", None),
            ("<script>location.href='javascript:x()'</script>", None),
            (
                "<script>var mylocation='/home'; a.location='/x'; 'location=\"/q\"'</script>",
                None,
            ),
            (
                "<script>location.href='/home'</script><form><input name=q></form>",
                None,
            ),
            (
                "<script>location.href='/home'</script><a href=/1>1</a><a href=/2>2</a><a href=/3>3</a><a href=/4>4</a>",
                None,
            ),
        ] {
            check(html, expected);
        }
        check(
            &format!("<script>location.href='/home'</script>{}", "字".repeat(300)),
            None,
        );
        check(
            &format!("<script>location.href='/home';{}</script>", "f();".repeat(2000)),
            None,
        );
    }
}
