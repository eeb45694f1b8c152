//! What one sample answers to a path: pages, statuses, headers and bytes, settled when the sample is loaded.
//!
//! Takes the files of a sample's folder with its `[server]` and `[[page]]` tables; gives an [`Answer`] for every
//! path. Sources are UTF-8; a sample that names another charset is transcoded here, so that what goes over the
//! wire is really in it. Knows nothing of sockets.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Bytes;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;

/// The `[server]` table of `sample.toml`: how the whole site behaves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ServerSettings {
    /// Status of every answer without one of its own; 200 when absent.
    status: Option<u16>,
    /// Charset that text is transcoded to; UTF-8 when absent.
    charset: Option<String>,
    /// `Content-Type` of HTML pages; names the charset in use when absent.
    content_type: Option<String>,
    /// Body of `/robots.txt`; an unknown path like any other when absent.
    robots: Option<String>,
    not_found: NotFound,
    /// The page shown for unknown paths.
    not_found_file: Option<String>,
    /// Further headers of every answer.
    headers: BTreeMap<String, String>,
    /// `Set-Cookie` headers of every answer.
    cookies: Vec<String>,
}

/// What an unknown path gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NotFound {
    /// Status 404.
    #[default]
    Hard,
    /// The site's usual status, as if the page were there.
    Soft,
    /// A redirect to the root.
    Home,
}

/// A `[[page]]` table: a path that does not follow from a file's name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageEntry {
    /// Path and query, exactly as asked for.
    path: String,
    file: String,
    status: Option<u16>,
    content_type: Option<String>,
    /// Further headers of this answer.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// `Set-Cookie` headers of this answer.
    #[serde(default)]
    cookies: Vec<String>,
}

/// One HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
}

/// Everything that a sample answers.
#[derive(Debug, Clone)]
pub(super) struct Site {
    answers: BTreeMap<String, Answer>,
    missing: Answer,
}

impl Site {
    /// Settles all answers. The error says what does not fit, to be shown with the sample's id.
    ///
    /// A file named in a page table or as the missing page is served only there; any other `x.html` is `/x`,
    /// `index.html` the root of its folder, and other files keep their name.
    pub(super) fn new(
        files: BTreeMap<String, &[u8]>,
        server: &ServerSettings,
        pages: &[PageEntry],
    ) -> Result<Self, String> {
        let kitchen = Kitchen { files, server };
        let placed: BTreeSet<&str> = pages
            .iter()
            .map(|page| page.file.as_str())
            .chain(server.not_found_file.as_deref())
            .collect();
        let mut answers = BTreeMap::new();
        for name in kitchen
            .files
            .keys()
            .filter(|name| !placed.contains(name.as_str()))
        {
            answers.insert(path_of(name), kitchen.answer(name, None, None)?);
        }
        if let Some(robots) = &server.robots {
            let headers = kitchen.headers("text/plain")?;
            let body = Bytes::from(robots.clone().into_bytes());
            answers.insert(
                "/robots.txt".to_owned(),
                Answer {
                    status: StatusCode::OK,
                    headers,
                    body,
                },
            );
        }
        for page in pages {
            let mut answer = kitchen.answer(&page.file, page.status, page.content_type.as_deref())?;
            answer
                .headers
                .extend(extra_headers(&page.headers, &page.cookies)?);
            answers.insert(page.path.clone(), answer);
        }
        Ok(Self {
            answers,
            missing: kitchen.missing()?,
        })
    }

    /// The answer to a path with its query: exactly that, else the path alone, else the missing page.
    pub(super) fn answer(&self, path_and_query: &str) -> &Answer {
        let path = path_and_query.split('?').next().unwrap_or_default();
        self.answers
            .get(path_and_query)
            .or_else(|| self.answers.get(path))
            .unwrap_or(&self.missing)
    }

    /// The paths that have an answer of their own, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.answers.keys().map(String::as_str)
    }
}

/// What answers are made from.
struct Kitchen<'a> {
    files: BTreeMap<String, &'a [u8]>,
    server: &'a ServerSettings,
}

impl Kitchen<'_> {
    fn answer(&self, file: &str, status: Option<u16>, content_type: Option<&str>) -> Result<Answer, String> {
        let raw = self
            .files
            .get(file)
            .ok_or_else(|| format!("file `{file}` is not there"))?;
        let named = match content_type {
            Some(named) => named.to_owned(),
            None => self.content_type(file),
        };
        let body = if named.starts_with("text/") {
            self.transcoded(file, raw)?
        } else {
            raw.to_vec()
        };
        Ok(Answer {
            status: status_code(status.or(self.server.status).unwrap_or(200))?,
            headers: self.headers(&named)?,
            body: Bytes::from(body),
        })
    }

    fn missing(&self) -> Result<Answer, String> {
        let status = match self.server.not_found {
            NotFound::Hard => Some(404),
            NotFound::Soft => None,
            NotFound::Home => {
                let mut headers = self.headers("text/html")?;
                headers.push((LOCATION, HeaderValue::from_static("/")));
                let (status, body) = (StatusCode::FOUND, Bytes::new());
                return Ok(Answer {
                    status,
                    headers,
                    body,
                });
            }
        };
        if let Some(file) = &self.server.not_found_file {
            return self.answer(file, status, None);
        }
        Ok(Answer {
            status: status_code(status.or(self.server.status).unwrap_or(200))?,
            headers: self.headers("text/html")?,
            body: Bytes::from_static(
                b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>",
            ),
        })
    }

    fn content_type(&self, file: &str) -> String {
        let html = || {
            let charset = self.server.charset.as_deref().unwrap_or("utf-8");
            self.server
                .content_type
                .clone()
                .unwrap_or_else(|| format!("text/html; charset={charset}"))
        };
        match file.rsplit('.').next().unwrap_or_default() {
            "html" | "htm" => html(),
            "json" => "application/json".to_owned(),
            "xml" => "application/xml".to_owned(),
            "js" => "text/javascript".to_owned(),
            "png" => "image/png".to_owned(),
            "jpg" => "image/jpeg".to_owned(),
            _ => "application/octet-stream".to_owned(),
        }
    }

    fn transcoded(&self, file: &str, raw: &[u8]) -> Result<Vec<u8>, String> {
        let Some(label) = self.server.charset.as_deref() else {
            return Ok(raw.to_vec());
        };
        let charset = encoding_rs::Encoding::for_label(label.as_bytes())
            .ok_or_else(|| format!("charset `{label}` is not known"))?;
        let text =
            std::str::from_utf8(raw).map_err(|error| format!("file `{file}` is not UTF-8: {error}"))?;
        let (bytes, _, lost) = charset.encode(text);
        if lost {
            return Err(format!("file `{file}` has characters that {label} lacks"));
        }
        Ok(bytes.into_owned())
    }

    fn headers(&self, content_type: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
        let mut headers = vec![header("content-type", content_type)?];
        headers.extend(extra_headers(&self.server.headers, &self.server.cookies)?);
        Ok(headers)
    }
}

/// Headers and cookies as the tables name them.
fn extra_headers(
    headers: &BTreeMap<String, String>,
    cookies: &[String],
) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let own = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let cookies = cookies.iter().map(|cookie| ("set-cookie", cookie.as_str()));
    own.chain(cookies)
        .map(|(name, value)| header(name, value))
        .collect()
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let bad = |what: &dyn std::fmt::Display| format!("header `{name}: {value}`: {what}");
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| bad(&error))?;
    Ok((header, HeaderValue::from_str(value).map_err(|error| bad(&error))?))
}

fn status_code(number: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(number).map_err(|error| format!("status {number}: {error}"))
}

/// The path that a file's name stands for.
fn path_of(file: &str) -> String {
    match file.strip_suffix(".html") {
        Some("index") => "/".to_owned(),
        Some(stem) => match stem.strip_suffix("/index") {
            Some(folder) => format!("/{folder}/"),
            None => format!("/{stem}"),
        },
        None => format!("/{file}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(settings: &str) -> Result<Site, String> {
        #[derive(Deserialize)]
        struct Tables {
            #[serde(default)]
            server: ServerSettings,
            #[serde(default)]
            page: Vec<PageEntry>,
        }
        let files: [(&str, &[u8]); 4] = [
            ("index.html", "首页".as_bytes()),
            ("buy/1.html", "商品".as_bytes()),
            ("query.html", "查单".as_bytes()),
            ("gone.html", "没有".as_bytes()),
        ];
        let files = files
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), bytes))
            .collect();
        let tables: Tables = toml::from_str(settings).expect("the test's own tables");
        Site::new(files, &tables.server, &tables.page)
    }

    fn check(settings: &str, path: &str, status: u16, body: &str) {
        let site = site(settings).expect("a servable site");
        let answer = site.answer(path);
        assert_eq!(
            (answer.status.as_u16(), String::from_utf8_lossy(&answer.body)),
            (status, body.into()),
            "{path}"
        );
    }

    #[test]
    fn names_become_paths_and_queries_are_told_apart() {
        let routed = "[[page]]\npath = '/?mod=query'\nfile = 'query.html'";
        check(routed, "/", 200, "首页");
        check(routed, "/?mod=query", 200, "查单");
        check(routed, "/?mod=other", 200, "首页");
        check(routed, "/buy/1", 200, "商品");
        check("", "/query", 200, "查单");
        check(
            routed,
            "/query",
            404,
            "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>",
        );
    }

    #[test]
    fn missing_pages_are_hard_soft_or_as_the_whole_site() {
        check("[server]\nnot_found_file = 'gone.html'", "/x", 404, "没有");
        check(
            "[server]\nnot_found = 'soft'\nnot_found_file = 'gone.html'",
            "/robots.txt",
            200,
            "没有",
        );
        check(
            "[server]\nstatus = 502\nnot_found = 'soft'\nnot_found_file = 'gone.html'",
            "/",
            502,
            "首页",
        );
        check(
            "[server]\nrobots = 'User-agent: *'",
            "/robots.txt",
            200,
            "User-agent: *",
        );
        check(
            "[[page]]\npath = '/a'\nfile = 'gone.html'\nstatus = 410",
            "/a",
            410,
            "没有",
        );
    }

    #[test]
    fn missing_pages_may_lead_home_and_pages_may_set_cookies_of_their_own() {
        let site = site("[server]\nnot_found = 'home'\ncookies = ['a=1', 'b=2']\n[[page]]\npath = '/c'\nfile = 'query.html'\ncookies = ['c=3']\nheaders = { 'X-Own' = 'y' }")
            .expect("a servable site");
        let missing = site.answer("/x");
        let of = |answer: &Answer, name: &str| {
            let found = answer.headers.iter().filter(|(header, _)| header == name);
            found
                .map(|(_, value)| value.to_str().expect("plain text").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (missing.status.as_u16(), of(missing, "location")),
            (302, vec!["/".to_owned()])
        );
        assert_eq!(of(site.answer("/"), "set-cookie"), ["a=1", "b=2"]);
        assert_eq!(of(site.answer("/c"), "set-cookie"), ["a=1", "b=2", "c=3"]);
        assert_eq!(of(site.answer("/c"), "x-own"), ["y"]);
    }

    #[test]
    fn another_charset_is_really_sent() {
        let site = site("[server]\ncharset = 'gb18030'").expect("a servable site");
        let answer = site.answer("/");
        assert_eq!(answer.body.as_ref(), b"\xca\xd7\xd2\xb3");
        assert_eq!(answer.headers[0].1, "text/html; charset=gb18030");
    }

    #[test]
    fn what_cannot_be_served_is_refused_with_its_reason() {
        for (settings, reason) in [
            ("[server]\ncharset = 'klingon'", "charset `klingon` is not known"),
            (
                "[server]\ncharset = 'windows-1252'",
                "file `buy/1.html` has characters that windows-1252 lacks",
            ),
            (
                "[server]\nheaders = { 'a b' = 'c' }",
                "header `a b: c`: invalid HTTP header name",
            ),
            ("[server]\nstatus = 42", "status 42: invalid status code"),
            (
                "[[page]]\npath = '/a'\nfile = 'no.html'",
                "file `no.html` is not there",
            ),
        ] {
            assert_eq!(site(settings).err().as_deref(), Some(reason));
        }
    }
}
