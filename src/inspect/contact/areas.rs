//! Areas: which province a landline's area code or a postal address belongs to, by `data/areas.toml`.
//!
//! Takes numbers and addresses as contacts show them; gives province codes (first two digits of GB/T 2260). Hong Kong,
//! Macau, Taiwan and foreign numbers and addresses have none. It checks no street and no house number.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use crate::inspect::{DataError, DataFiles};
use crate::lexicon::automaton;

const FILE: &str = "areas.toml";
/// A province stands among the first letters of an address; further behind stand streets named for other places.
const HEAD_CHARS: usize = 14;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaFile {
    elsewhere: Vec<String>,
    province: Vec<Province>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Province {
    code: String,
    names: Vec<String>,
    areas: Vec<String>,
    cities: Vec<String>,
}

/// Area codes and names of places, ready for use.
#[derive(Debug)]
pub(super) struct Areas {
    by_area: BTreeMap<String, String>,
    places: AhoCorasick,
    /// Province of every place; nothing for places abroad.
    owners: Vec<Option<String>>,
}

impl Areas {
    /// Reads the file.
    pub(super) fn load(data: &DataFiles) -> Result<Self, DataError> {
        let file: AreaFile = data.read(FILE)?;
        let mut by_area = BTreeMap::new();
        let mut owners = vec![None; file.elsewhere.len()];
        let mut names = file.elsewhere;
        for province in file.province {
            for area in province.areas {
                if let Some(other) = by_area.insert(area.clone(), province.code.clone()) {
                    return Err(DataFiles::bad(FILE, format!("{area} stands at {other}, too")));
                }
            }
            for name in province.names.into_iter().chain(province.cities) {
                names.push(name);
                owners.push(Some(province.code.clone()));
            }
        }
        Ok(Self {
            by_area,
            places: automaton(&names).map_err(|err| DataFiles::bad(FILE, err))?,
            owners,
        })
    }

    /// The province of a landline by its area code: `0571-55550123`, `(010) 5555 0123`.
    pub(super) fn of_landline(&self, number: &str) -> Option<&str> {
        let area: String = number.trim_start_matches(['(', ' ']).chars().take(4).collect();
        // "02-2508-1234" is Taipei: its area code ends before a third digit.
        if !area.chars().take(3).all(|c| c.is_ascii_digit()) {
            return None;
        }
        let three: String = area.chars().take(3).collect();
        let found = self.by_area.get(&area).or_else(|| self.by_area.get(&three));
        found.map(String::as_str)
    }

    /// The province that an address names first, itself or by one of its cities.
    pub(super) fn of_address(&self, address: &str) -> Option<&str> {
        let plain: String = address.chars().filter(|c| *c != ' ').collect();
        let head: String = plain.chars().take(HEAD_CHARS).collect();
        let first = self
            .places
            .find_overlapping_iter(&head)
            .min_by_key(|hit| (hit.start(), std::cmp::Reverse(hit.end())))?;
        self.owners.get(first.pattern().as_usize())?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn areas() -> Areas {
        Areas::load(&DataFiles::built_in()).unwrap()
    }

    #[test]
    fn area_codes_name_their_province() {
        let areas = areas();
        for (number, expected) in [
            ("010-55550123", Some("11")),
            ("(021) 5555 0123", Some("31")),
            ("0571-55550123", Some("33")),
            ("0755 55550123", Some("44")),
            ("0898-55550123", Some("46")),
            ("0991-5550123", Some("65")),
            ("0733-5550123", Some("43")),
            ("02-2508-1234", None),
            ("0400-1234567", None),
            ("", None),
        ] {
            assert_eq!(areas.of_landline(number), expected, "{number}");
        }
        assert!(areas.by_area.len() > 320);
    }

    #[test]
    fn addresses_name_their_province_by_itself_or_by_a_city() {
        let areas = areas();
        for (address, expected) in [
            ("浙江省杭州市西湖区文三路88号", Some("33")),
            ("杭州市滨江区江南大道100号", Some("33")),
            ("北京市朝阳区建国路1号", Some("11")),
            ("上海市浦东新区南京路5号", Some("31")),
            ("青海省海南藏族自治州共和县1号", Some("63")),
            ("公司地址 内蒙古呼和浩特市新城区1号", Some("15")),
            ("吉林省吉林市1号", Some("22")),
            ("香港九龙弥敦道580号12楼", None),
            ("台北市中正区重庆南路1段1号", None),
            ("unit 12, 88 king street, london", None),
        ] {
            assert_eq!(areas.of_address(address), expected, "{address}");
        }
    }

    #[test]
    fn every_province_has_area_codes_and_two_digits() {
        let file: AreaFile = DataFiles::built_in().read(FILE).unwrap();
        assert_eq!(file.province.len(), 31);
        for province in file.province {
            assert!(province.code.len() == 2 && !province.areas.is_empty() && !province.names.is_empty());
            assert!(province.areas.iter().all(|area| area.starts_with('0')));
        }
    }
}
