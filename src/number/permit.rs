//! Other permits that sites show: culture (文网文), payment, audiovisual, publishing.
//!
//! Recognises that such a number stands there. It does not check it further: none of them has a check digit, and
//! a shop that resells codes needs none of them.

use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use crate::text::Normal;

/// A kind of permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permit {
    /// 信息网络传播视听节目许可证.
    Audiovisual,
    /// 网络文化经营许可证.
    Culture,
    /// 支付业务许可证.
    Payment,
    /// 网络出版服务许可证, 出版物经营许可证.
    Publishing,
}

impl Permit {
    /// The code used in facts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Audiovisual => "audiovisual",
            Self::Culture => "culture",
            Self::Payment => "payment",
            Self::Publishing => "publishing",
        }
    }
}

static FORMS: LazyLock<[(Permit, Regex); 4]> = LazyLock::new(|| {
    let form = |permit, pattern: &str| {
        (
            permit,
            Regex::new(pattern).expect("a fixed pattern, compiled by every test"),
        )
    };
    [
        form(
            Permit::Culture,
            r"\p{Han}?网文[〔\[(【]20[0-9]{2}[〕\])】] ?[0-9]{3,5}(?:-[0-9]{3})? ?号?",
        ),
        form(Permit::Payment, r"(?-u:\b)Z2[0-9]{12}(?-u:\b)"),
        form(Permit::Audiovisual, r"许可证[^0-9]{0,12}(?:[0-9]{7})(?-u:\b)"),
        form(
            Permit::Publishing,
            r"(?:网出证|新出网证) ?[(〔]\p{Han}[)〕] ?字?第? ?[0-9]+ ?号|新出发[\p{Han}]{1,4}字?第[\p{Han}A-Z0-9-]{1,8}号|批字第[\p{Han}A-Z0-9-]{1,8}号",
        ),
    ]
});

/// Every permit number in a text, by kind. Bare seven-digit numbers count as audiovisual permits only where one of
/// `audiovisual_words` stands in the text.
pub fn find(text: &Normal, audiovisual_words: &[String]) -> Vec<Found<Permit>> {
    let speaks_of_video = audiovisual_words
        .iter()
        .any(|word| text.text().contains(word.as_str()));
    FORMS
        .iter()
        .filter(|(permit, _)| *permit != Permit::Audiovisual || speaks_of_video)
        .flat_map(|(permit, form)| {
            form.find_iter(text.text()).map(|found| Found {
                number: *permit,
                range: found.range(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_recognised() {
        for (text, permits) in [
            ("京网文〔2020〕1039-165号", vec![Permit::Culture]),
            ("网络文化经营许可证 浙网文[2018]2411-151号", vec![Permit::Culture]),
            ("京网文（2016）6588-901号", vec![Permit::Culture]),
            ("文网文[2009]024号", vec![Permit::Culture]),
            ("支付业务许可证Z2015044000015", vec![Permit::Payment]),
            ("信息网络传播视听节目许可证：0110516", vec![Permit::Audiovisual]),
            ("（总）网出证（京）字第049号", vec![Permit::Publishing]),
            ("新出网证(京)字150号", vec![Permit::Publishing]),
            ("新出发京批字第直0673号", vec![Permit::Publishing]),
            ("苏批字第A-243号", vec![Permit::Publishing]),
            ("经营许可证：1234567", vec![]),
            ("AZ2015044000015", vec![]),
            ("", vec![]),
        ] {
            let found: Vec<Permit> = find(&Normal::of(text), &["视听".to_owned()])
                .iter()
                .map(|found| found.number)
                .collect();
            assert_eq!(found, permits, "{text}");
        }
    }
}
