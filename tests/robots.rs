//! robots.txt as Google's public suite has it (the cases of `robotstxt`, in our own words), plus crawl-delay.

use cardvet::net::robots::{PRODUCT, Rules};

/// Whether a path may be asked for by us.
fn ours(text: impl AsRef<[u8]>, path: &str) -> bool {
    by(text, "FooBot", path)
}

fn by(text: impl AsRef<[u8]>, product: &str, path: &str) -> bool {
    Rules::parse(text.as_ref(), product).allows_path(path)
}

#[test]
fn nothing_said_is_nothing_forbidden() {
    for text in [
        "",
        "\n\n",
        "# nothing\n",
        "User-agent: FooBot\nDisallow:\n",
        "User-agent: *\nDisallow:",
    ] {
        assert!(ours(text, "/"), "{text}");
        assert!(ours(text, "/x"), "{text}");
    }
}

#[test]
fn lines_need_a_known_key() {
    for (text, expected) in [
        ("user-agent: FooBot\ndisallow: /\n", false),
        ("foo: FooBot\nbar: /\n", true),
        // A blank in place of the colon is taken for one.
        ("user-agent FooBot\ndisallow /\n", false),
        ("user-agent FooBot\ndisallow / x\n", true),
    ] {
        assert_eq!(ours(text, "/x/y"), expected, "{text}");
    }
}

#[test]
fn groups_share_rules_and_unite() {
    let text = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\ndisallow: /\n\
                allow: /y/\n\n\nallow: /w/\nuser-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n";
    for (product, path, expected) in [
        ("FooBot", "/x/b", true),
        ("FooBot", "/z/d", true),
        ("FooBot", "/y/c", false),
        ("BarBot", "/y/c", true),
        ("BarBot", "/w/a", true),
        ("BarBot", "/z/d", false),
        ("BazBot", "/z/d", true),
        // What stands before any agent is nobody's.
        ("FooBot", "/foo/bar/", false),
        ("BarBot", "/foo/bar/", false),
        ("BazBot", "/foo/bar/", false),
    ] {
        assert_eq!(by(text, product, path), expected, "{product} {path}");
    }
}

#[test]
fn other_lines_do_not_end_a_group() {
    for line in [
        "Sitemap: https://foo.test/sitemap",
        "Invalid-Unknown-Line: unknown",
    ] {
        let text = format!("User-agent: BarBot\n{line}\nUser-agent: *\nDisallow: /\n");
        assert!(!ours(&text, "/"), "{line}");
        assert!(!by(&text, "BarBot", "/"), "{line}");
    }
}

#[test]
fn keys_do_not_care_about_case_and_paths_do() {
    for text in [
        "USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n",
        "user-agent: foobot\nallow: /x/\ndisallow: /\n",
    ] {
        assert!(ours(text, "/x/y"), "{text}");
        assert!(!ours(text, "/a/b"), "{text}");
        assert!(!ours(text, "/X/y"), "{text}");
    }
}

#[test]
fn only_the_product_token_of_an_agent_counts() {
    for (agent, product, expected) in [
        ("FooBot", "FooBot", false),
        ("FOO BAR", "foo", false),
        ("foo bar", "FOO", false),
        ("FooBot/2.1 (+http://x.test)", "FooBot", false),
        ("foobot", "FooBot", false),
        ("FooBot-News", "FooBot", true),
        ("Foo", "FooBot", true),
        ("FooBotX", "FooBot", true),
        ("cardvet/0.1", PRODUCT, false),
        ("CardVet", PRODUCT, false),
        ("cardvet2", PRODUCT, false),
        ("*", PRODUCT, false),
        ("* baz", PRODUCT, false),
        ("*baz", PRODUCT, true),
    ] {
        let text = format!("User-agent: {agent}\nDisallow: /\n");
        assert_eq!(by(&text, product, "/x"), expected, "{agent} for {product}");
    }
}

#[test]
fn a_group_of_our_own_sets_the_others_aside() {
    let both = "user-agent: *\ndisallow: /\nuser-agent: FooBot\nallow: /\n";
    assert!(ours(both, "/x"));
    assert!(!by(both, "BarBot", "/x"));
    // Also when it says nothing.
    assert!(ours(
        "user-agent: FooBot\n\nuser-agent: BarBot\ndisallow: /x\nuser-agent: *\ndisallow: /\n",
        "/y"
    ));
    assert!(ours(
        "user-agent: *\ndisallow: /\nuser-agent: FooBot\nsitemap: /x\n",
        "/y"
    ));
}

#[test]
fn the_longest_rule_wins_and_allow_wins_a_tie() {
    for (rules, path, expected) in [
        ("disallow: /x/page.html\nallow: /x/", "/x/page.html", false),
        ("allow: /x/page.html\ndisallow: /x/", "/x/page.html", true),
        ("allow: /x/page.html\ndisallow: /x/", "/x/", false),
        ("disallow:\nallow:", "/x/page.html", true),
        ("disallow: /\nallow: /", "/x/page.html", true),
        ("disallow: /x\nallow: /x/", "/x", false),
        ("disallow: /x\nallow: /x/", "/x/", true),
        (
            "disallow: /x/page.html\nallow: /x/page.html",
            "/x/page.html",
            true,
        ),
        ("allow: /page\ndisallow: /*.html", "/page.html", false),
        ("allow: /page\ndisallow: /*.html", "/page", true),
        ("allow: /x/page.\ndisallow: /*.html", "/x/page.html", true),
        ("allow: /x/page.\ndisallow: /*.html", "/x/y.html", false),
        ("disallow: /x/\nallow: /", "/x/y", false),
        ("allow: /p\ndisallow: /", "/page", true),
        ("allow: /folder\ndisallow: /folder", "/folder/page", true),
        ("allow: /$\ndisallow: /", "/", true),
        ("allow: /$\ndisallow: /", "/page.html", false),
    ] {
        assert_eq!(
            ours(format!("user-agent: FooBot\n{rules}\n"), path),
            expected,
            "{rules} on {path}"
        );
    }
}

#[test]
fn escapes_and_letters_outside_ascii_are_one() {
    for (rule, path, expected) in [
        (
            "/foo/bar?qux=taz&baz=http://foo.bar?tar&par",
            "/foo/bar?qux=taz&baz=http://foo.bar?tar&par",
            true,
        ),
        ("/foo/bar/ツ", "/foo/bar/%E3%83%84", true),
        ("/foo/bar/ツ", "/foo/bar/ツ", true),
        ("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84", true),
        ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", true),
        ("/foo/bar/%E3%83%84", "/foo/bar/ツ", true),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz", true),
        ("/foo/bar/%62%61%7A", "/foo/bar/%62%61%7A", true),
        ("/foo/bar/baz", "/foo/bar/%62%61%7a", true),
        ("/a%2Fb", "/a/b", false),
        ("/a%3cd", "/a%3Cd", true),
        ("/100%", "/100%", true),
        ("/卡密", "/%E5%8D%A1%E5%AF%86?id=1", true),
    ] {
        let text = format!("User-agent: FooBot\nDisallow: /\nAllow: {rule}\n");
        assert_eq!(ours(&text, path), expected, "{rule} on {path}");
    }
    // A rule in GBK bytes meets an address with the same bytes escaped.
    assert!(!ours(b"User-agent: *\nDisallow: /\xbf\xa8\n", "/%BF%A8/x"));
}

#[test]
fn stars_and_ends_are_special() {
    for (rule, path, closed) in [
        ("/foo/bar/quz", "/foo/bar/quz", true),
        ("/foo/*/quz", "/foo/bar/quz", true),
        ("/foo/*/quz", "/foo//quz", true),
        ("/foo/*/quz", "/foo/quz", false),
        ("/*quz", "/foo/quz", true),
        ("*.php", "/x.php", true),
        ("/foo/bar$", "/foo/bar", true),
        ("/foo/bar$", "/foo/bar/qux", false),
        ("/foo/bar$", "/foo/bar/", false),
        ("/foo/bar # comment", "/foo/bar", true),
        ("/foo/bar# comment", "/foo/bar/x", true),
        ("/*?", "/buy?id=1", true),
        ("/*?", "/buy", false),
    ] {
        assert_eq!(
            !ours(format!("User-agent: FooBot\nDisallow: {rule}\n"), path),
            closed,
            "{rule} on {path}"
        );
    }
}

#[test]
fn index_html_stands_for_its_folder() {
    let text = "User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n";
    for (path, expected) in [
        ("/allowed-slash/index.htm", false),
        ("/allowed-slash/index.html", true),
        ("/allowed-slash/", true),
        ("/allowed-slash/x", false),
        ("/anyother-url", false),
    ] {
        assert_eq!(ours(text, path), expected, "{path}");
    }
}

#[test]
fn lines_end_by_cr_lf_or_both() {
    for end in ["\n", "\r", "\r\n", "\n\r", "\n\n"] {
        let text = [
            "User-Agent: foo",
            "Allow: /some/path",
            "User-Agent: bar",
            "",
            "",
            "Disallow: /",
        ]
        .join(end);
        assert!(by(&text, "foo", "/x"), "{end:?}");
        assert!(!by(&text, "bar", "/x"), "{end:?}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped_and_a_broken_one_costs_its_line() {
    let rules = "User-Agent: foo\nAllow: /AnyValue\nDisallow: /\n";
    let with = |mark: &[u8]| [mark, rules.as_bytes()].concat();
    assert!(!by(with(b"\xef\xbb\xbf"), "foo", "/x"));
    assert!(by(with(b"\xef\xbb\xbf"), "foo", "/AnyValue"));
    assert!(!by(with(b"\xef\xbb"), "foo", "/x"));
    assert!(!by(with(b"\xef"), "foo", "/x"));
    // The agent line is lost, so the rules are nobody's.
    assert!(by(with(b"\xef\xbb\xbf\xef\xbb\xbf"), "foo", "/x"));
    assert!(by(with(b"\xef\x11\xbf"), "foo", "/x"));
}

#[test]
fn overlong_lines_are_cut_and_do_no_harm() {
    let long = "/x/".to_owned() + &"a".repeat(40_000);
    let text = format!("user-agent: FooBot\ndisallow: {long}/qux\nallow: /y\ndisallow: /y/z\n");
    // Both ends of the cut: the rule still begins as it did.
    assert!(ours(&text, "/fux"));
    assert!(!ours(&text, &format!("{long}/fux")));
    assert!(!ours(&text, "/y/z"));
}

#[test]
fn the_file_itself_may_always_be_asked_for() {
    assert!(ours("User-agent: *\nDisallow: /\n", "/robots.txt"));
    assert!(!ours("User-agent: *\nDisallow: /\n", "/robots.txt?x"));
}

#[test]
fn html_in_place_of_rules_is_no_rule() {
    let page = "<!DOCTYPE html>\n<html><body>\nDisallow: /\n<p>404</p></body></html>";
    assert!(ours(page, "/x"));
}

#[test]
fn crawl_delay_is_read_from_the_group_that_concerns_us() {
    for (text, expected) in [
        ("User-agent: *\nCrawl-delay: 5", Some(5.0)),
        ("User-agent: *\nCrawl-delay: 0.5\nDisallow: /x", Some(0.5)),
        (
            "User-agent: *\nCrawl-delay: 5\nUser-agent: FooBot\nCrawl-delay: 2",
            Some(2.0),
        ),
        (
            "User-agent: BarBot\nCrawl-delay: 5\nUser-agent: *\nDisallow: /x",
            None,
        ),
        ("Crawl-delay: 5\nUser-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: nan", None),
        ("User-agent: *\nCrawl-delay: 1e400", None),
        ("User-agent: *\nCrawl-delay: 99999999999", Some(3600.0)),
    ] {
        let delay = Rules::parse(text.as_bytes(), "FooBot")
            .crawl_delay
            .map(|delay| delay.as_secs_f64());
        assert_eq!(delay, expected, "{text}");
    }
    // It ends the list of agents above it, as its authors mean it.
    assert!(ours(
        "User-agent: *\nCrawl-delay: 5\nUser-agent: BarBot\nDisallow: /",
        "/x"
    ));
}

#[test]
fn many_rules_and_long_paths_stay_quick() {
    let text = "User-agent: *\n".to_owned() + &"Disallow: /*a*a*a*a*a*a*a*b$\n".repeat(15_000);
    let rules = Rules::parse(text.as_bytes(), "FooBot");
    // Alike rules are one.
    assert_eq!(rules.len(), 1);
    assert!(rules.allows_path(&format!("/{}", "a".repeat(100_000))));
}
