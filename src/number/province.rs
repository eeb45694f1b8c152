//! Provinces and the letters that stand for them on filings, licences and police numbers.
//!
//! The table is data (`data/provinces.toml`); this file only looks things up in it. It does not guess: a letter that
//! no register uses is nobody's.

use serde::Deserialize;

/// One province.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Province {
    /// First two digits of GB/T 2260.
    pub code: String,
    /// Name, in Chinese.
    pub name: String,
    /// Letter on ICP filings and permits.
    pub icp: char,
    /// Letters on telecom licences and 文网文; more than one where the right one is not known.
    pub licence: String,
    /// Letter on police numbers.
    pub police: char,
}

/// All provinces.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provinces {
    province: Vec<Province>,
}

impl Provinces {
    /// The province of a letter on an ICP filing.
    pub fn by_icp(&self, letter: char) -> Option<&Province> {
        self.province.iter().find(|province| province.icp == letter)
    }

    /// The province of a letter on a telecom or culture licence.
    pub fn by_licence(&self, letter: char) -> Option<&Province> {
        self.province
            .iter()
            .find(|province| province.licence.contains(letter))
    }

    /// The province of a letter on a police number.
    pub fn by_police(&self, letter: char) -> Option<&Province> {
        self.province.iter().find(|province| province.police == letter)
    }

    /// The province of a two-digit code.
    pub fn by_code(&self, code: &str) -> Option<&Province> {
        self.province.iter().find(|province| province.code == code)
    }

    /// Whether any register uses the letter.
    pub fn knows(&self, letter: char) -> bool {
        self.by_icp(letter)
            .or_else(|| self.by_licence(letter))
            .or_else(|| self.by_police(letter))
            .is_some()
    }
}

#[cfg(test)]
mod tests {
    use crate::number::tests::tables;

    #[test]
    fn every_province_stands_once() {
        let provinces = tables().provinces;
        let letters: std::collections::BTreeSet<char> =
            provinces.province.iter().map(|row| row.icp).collect();
        let codes: std::collections::BTreeSet<&str> =
            provinces.province.iter().map(|row| row.code.as_str()).collect();
        assert_eq!((letters.len(), codes.len()), (31, 31));
        assert!(
            provinces
                .province
                .iter()
                .all(|row| !row.licence.is_empty() && row.code.len() == 2)
        );
    }

    #[test]
    fn four_provinces_have_different_letters_on_different_papers() {
        let provinces = tables().provinces;
        for (code, icp, licence, police) in [
            ("51", '蜀', '川', '川'),
            ("52", '黔', '黔', '贵'),
            ("53", '滇', '滇', '滇'),
            ("62", '陇', '甘', '甘'),
        ] {
            let of = |found: Option<&super::Province>| found.map(|province| province.code.clone());
            assert_eq!(of(provinces.by_icp(icp)).as_deref(), Some(code));
            assert_eq!(of(provinces.by_licence(licence)).as_deref(), Some(code));
            assert_eq!(of(provinces.by_police(police)).as_deref(), Some(code));
        }
        for letter in ['川', '贵', '云', '甘', '港', '澳', '台', '萌'] {
            assert_eq!(provinces.by_icp(letter), None, "{letter}");
        }
        assert!(provinces.knows('贵') && !provinces.knows('港'));
    }
}
