//! Judges the parts of one match: kind, subject, province, year, and everything that is wrong.

use super::reader::{Parts, Reader};
use super::{Icp, IcpKind, Problem};
use crate::number::filler;

/// First year in which filings were given.
const FIRST_FILING: i16 = 2005;
/// First year of ten-digit serials, and last of eight-digit ones save stragglers.
const FIRST_LONG: i16 = 2020;
/// First year in which permits were given.
const FIRST_PERMIT: i16 = 2000;

impl Reader<'_> {
    pub(super) fn judge(&self, parts: &Parts<'_>) -> Icp {
        let kind = kind_of(parts);
        let mut icp = Icp::wrong(kind, parts.shown, Problem::Grammar);
        let year = year_of(&parts.serial, parts.permit);
        icp.year = year;
        icp.problems = self.problems(parts, year);
        let province = parts
            .letter
            .and_then(|letter| self.tables.provinces.by_icp(letter));
        icp.province = province.map(|province| province.code.clone());
        let (Some(province), Some(permit)) = (province, parts.permit) else {
            return icp;
        };
        if icp.problems.is_empty() {
            let subject = format!(
                "{}ICP{}{}号",
                province.icp,
                if permit { '证' } else { '备' },
                parts.serial
            );
            icp.number.clone_from(&subject);
            if let Some(service) = parts.tail.service {
                icp.number = format!(
                    "{subject}-{service}{}",
                    parts.tail.suffix.map(String::from).unwrap_or_default()
                );
            }
            if self
                .tables
                .registries
                .template
                .iter()
                .any(|template| template.number == subject)
            {
                icp.problems.push(Problem::Template);
            }
            if !permit && parts.serial.len() == 8 && year.is_some_and(|year| year > FIRST_LONG) {
                icp.written.push("rare_length");
            }
            icp.subject = Some(subject);
        }
        icp
    }

    fn problems(&self, parts: &Parts<'_>, year: Option<i16>) -> Vec<Problem> {
        if filler::is_masked(&parts.serial) {
            return vec![Problem::Masked];
        }
        let mut problems = Vec::new();
        let foreign = parts
            .letter
            .is_some_and(|letter| self.tables.provinces.by_icp(letter).is_none());
        let filler = parts.serial.len() >= 8 && filler::is_filler(&parts.serial);
        // The year of filler digits means nothing.
        if !filler && year.is_some_and(|year| !self.year_is_possible(parts, year)) {
            problems.push(Problem::Year);
        }
        let grammar = parts.letter.is_none()
            || parts.permit.is_none()
            || year.is_none()
            || parts.tail.service.is_some_and(|n| n.starts_with('0'));
        let wrong = [
            (foreign, Problem::Province),
            (filler, Problem::Placeholder),
            (parts.tail.hidden, Problem::Masked),
            (grammar, Problem::Grammar),
        ];
        problems.extend(
            wrong
                .iter()
                .filter(|(holds, _)| *holds)
                .map(|(_, problem)| *problem),
        );
        problems
    }

    fn year_is_possible(&self, parts: &Parts<'_>, year: i16) -> bool {
        let first = match (parts.permit, parts.serial.len()) {
            (Some(true), _) => FIRST_PERMIT,
            (_, 10) => FIRST_LONG,
            _ => FIRST_FILING,
        };
        (first..=self.now).contains(&year)
    }
}

fn kind_of(parts: &Parts<'_>) -> IcpKind {
    match (parts.permit, parts.tail.suffix) {
        (_, Some('A')) => IcpKind::App,
        (_, Some('X')) => IcpKind::MiniProgram,
        (_, Some('K')) => IcpKind::QuickApp,
        (Some(true), _) => IcpKind::Permit,
        (Some(false), _) => IcpKind::Filing,
        (None, _) => IcpKind::Other,
    }
}

/// The year a serial begins with; nothing when its length is none that is given out.
fn year_of(serial: &str, permit: Option<bool>) -> Option<i16> {
    let head = |digits: usize| serial.get(..digits).and_then(|head| head.parse::<i16>().ok());
    match (serial.len(), permit) {
        (8, Some(true)) if serial.starts_with("20") => head(4),
        (6, Some(true)) | (8, _) => head(2).map(|year| 2000 + year),
        (10, Some(false) | None) if serial.starts_with("20") => head(4),
        _ => None,
    }
}
