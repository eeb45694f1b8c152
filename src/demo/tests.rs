//! The labels and contents of the samples, checked without a network.

use std::collections::BTreeSet;

use regex::Regex;
use url::Url;

use super::*;

fn samples() -> Samples {
    Samples::built_in().expect("the embedded samples load")
}

/// The page at a path as text, decoded when it is not UTF-8.
fn text(sample: &Sample, path: &str) -> String {
    let body = &sample.site.answer(path).body;
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(body).0.into_owned(),
    }
}

/// Every page of a sample with an address of its own, as (path, text).
fn texts(sample: &Sample) -> Vec<(String, String)> {
    let pages = sample
        .paths()
        .filter(|path| path.rsplit('.').next() != Some("png"));
    pages.map(|path| (path.to_owned(), text(sample, path))).collect()
}

#[test]
fn every_sample_is_labelled_in_both_languages() {
    for sample in samples().iter() {
        let causes = sample.causes.iter().flat_map(|cause| [&cause.zh, &cause.en]);
        let labels = [&sample.title.zh, &sample.title.en, &sample.why.zh, &sample.why.en];
        for text in labels.into_iter().chain(causes) {
            assert!(!text.trim().is_empty(), "{}", sample.id);
        }
        for zh in [&sample.title.zh, &sample.why.zh] {
            assert!(
                zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                "{}: {zh}",
                sample.id
            );
        }
        assert_eq!(sample.host.rsplit('.').next(), Some("test"), "{}", sample.id);
        for grade in sample.also_ok.iter().chain([&sample.grade]) {
            assert!(GRADES.contains(&grade.as_str()), "{}: {grade}", sample.id);
        }
        for cause in &sample.causes {
            assert!(
                CAUSE_GROUPS.contains(&cause.group.as_str()),
                "{}: {}",
                sample.id,
                cause.group
            );
        }
    }
}

#[test]
fn there_are_enough_samples_and_no_host_stands_twice() {
    let samples = samples();
    let ids: Vec<&str> = samples.iter().map(|sample| sample.id.as_str()).collect();
    let hosts: BTreeSet<&str> = samples.iter().map(|sample| sample.host.as_str()).collect();
    assert!(ids.is_sorted());
    assert_eq!(hosts.len(), ids.len());
    assert!(ids.len() >= 20, "{}", ids.len());
    assert!(samples.iter().filter(|sample| sample.innocent).count() >= 9);
}

#[test]
fn a_grade_has_causes_enough_to_carry_it() {
    for sample in samples().iter() {
        let groups: BTreeSet<&str> = sample.causes.iter().map(|cause| cause.group.as_str()).collect();
        let decisive = sample.causes.iter().any(|cause| cause.decisive);
        let serious = |grade: &String| grade == "high" || grade == "critical";
        if serious(&sample.grade) {
            assert!(
                decisive || (sample.causes.len() >= 3 && groups.len() >= 2),
                "{}",
                sample.id
            );
        } else {
            assert!(
                !decisive,
                "{}: a decisive cause does not leave {}",
                sample.id, sample.grade
            );
        }
        if sample.innocent {
            assert!(
                !serious(&sample.grade) && !sample.also_ok.iter().any(serious),
                "{}",
                sample.id
            );
        } else if sample.grade == "guarded" {
            assert_eq!(
                sample.causes.len(),
                1,
                "{}: guarded and doubtful means one weak cause",
                sample.id
            );
        }
    }
}

#[test]
fn only_a_listed_channel_may_be_low() {
    #[derive(Deserialize)]
    struct Channels {
        brand: Vec<Brand>,
    }
    #[derive(Deserialize)]
    struct Brand {
        domains: Vec<String>,
    }
    let samples = samples();
    let listed: Channels = toml::from_str(samples.channels()).expect("channels.toml reads");
    for sample in samples.iter() {
        let on_list = listed
            .brand
            .iter()
            .flat_map(|brand| &brand.domains)
            .any(|domain| sample.host == *domain || sample.host.ends_with(&format!(".{domain}")));
        assert_eq!(sample.allows("low"), on_list, "{}", sample.id);
    }
}

/// Both check characters of a credit code (GB 32100, GB 11714), by the weights as printed in the standards.
fn credit_code_holds(code: &str) -> bool {
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let letters: Vec<char> = code.chars().collect();
    let value = |c: &char| {
        "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .find(*c)
            .expect("a letter of credit codes")
    };
    let sum: usize = letters
        .iter()
        .zip(WEIGHTS)
        .map(|(c, weight)| value(c) * weight)
        .sum();
    let organisation = &letters[8..16];
    let inner: u32 = organisation
        .iter()
        .zip([3, 7, 9, 10, 5, 8, 4, 2])
        .map(|(c, weight)| c.to_digit(36).expect("a letter of credit codes") * weight)
        .sum();
    let check = ['0', 'X', '9', '8', '7', '6', '5', '4', '3', '2', '1'][(inner % 11) as usize];
    (sum + value(&letters[17])).is_multiple_of(31) && letters[16] == check
}

#[test]
fn credit_codes_hold_except_where_the_sample_says_otherwise() {
    assert!(credit_code_holds("91330106673959654P") && !credit_code_holds("91110000123456789X"));
    let shape = Regex::new(r"\b[59][12]\d{6}[0-9A-HJ-NP-RTUW-Y]{10}\b").unwrap();
    let mut seen = BTreeSet::new();
    for sample in samples().iter() {
        for (path, text) in texts(sample) {
            for code in shape.find_iter(&text) {
                seen.insert(code.as_str().to_owned());
                let bad = !credit_code_holds(code.as_str());
                assert!(
                    !bad || sample.id == "copied-licence",
                    "{}{path}: {}",
                    sample.id,
                    code.as_str()
                );
            }
        }
    }
    assert_eq!(seen.iter().filter(|code| !credit_code_holds(code)).count(), 1);
    assert!(seen.len() >= 9, "{seen:?}");
}

#[test]
fn police_numbers_agree_with_their_province_and_link() {
    let shape = Regex::new(r#"code=(\d{14})"[^>]*>(\p{Han})公网安备\s*(\d{14})号"#).unwrap();
    let mut agreeing = 0;
    for sample in samples().iter() {
        let home = text(sample, "/");
        let Some(found) = shape.captures(&home) else {
            continue;
        };
        let province = ["沪31", "苏32", "浙33", "粤44", "川51"]
            .into_iter()
            .find(|row| row.starts_with(&found[2]));
        let agrees = found[1] == found[3]
            && province.is_some_and(|row| found[3].starts_with(row.trim_start_matches(&found[2])));
        assert_eq!(
            agrees,
            sample.id != "patchwork-footer",
            "{}: {}",
            sample.id,
            &found[0]
        );
        agreeing += usize::from(agrees);
    }
    assert!(agreeing >= 6, "{agreeing}");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let anchor = Regex::new(r#"<a [^>]*href="([^"]+)""#).unwrap();
    // Registration and sub-site pages of the shop programs, which no visitor of ours opens.
    let outside = |path: &str| path.starts_with("/user/");
    let mut broken = Vec::new();
    for sample in samples()
        .iter()
        .filter(|sample| sample.site.answer("/no-such-page").status == 404)
    {
        for (path, text) in texts(sample).iter().filter(|(path, _)| path != "/robots.txt") {
            let page = Url::parse(&format!("http://{}{path}", sample.host)).unwrap();
            // A template mark is not a link before its script has run.
            for link in anchor.captures_iter(text).filter(|link| !link[1].contains("{{")) {
                let to = page.join(&link[1].replace("&amp;", "&")).unwrap();
                if to.host_str() != Some(&sample.host)
                    || !to.scheme().starts_with("http")
                    || outside(to.path())
                {
                    continue;
                }
                let path_and_query = &to[url::Position::BeforePath..url::Position::AfterQuery];
                let answer = sample.site.answer(path_and_query);
                if answer.status != 200 {
                    broken.push(format!("{}: {path} links to {path_and_query}", sample.id));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_shapes_that_readers_must_survive_are_there() {
    let samples = samples();
    let home = |id: &str| text(samples.get(id).expect(id), "/");
    assert!(
        home("small-honest").contains("浙ＩＣＰ备２０２３"),
        "full-width filing number"
    );
    assert!(
        home("small-honest").find("<body>") < home("small-honest").find("<head>"),
        "body before head"
    );
    assert!(
        home("licence-picture").contains("&#34560;ICP&#22791;"),
        "entities in the filing number"
    );
    let hidden = home("xiaohei-kameng");
    let (visible, rest) = hidden.split_once("<!--").expect("a comment");
    assert!(
        rest.contains("统一社会信用代码") && !visible.contains("信用代码"),
        "licence only in a comment"
    );
    assert!(!home("js-shell").contains("灵犀"), "a shell without text");
    assert!(home("hongkong-big5").contains("<meta charset=\"big5\">"), "Big5");
    assert!(
        home("zfaka-shop").contains("{{d.name}}"),
        "template marks that are no goods"
    );
}
