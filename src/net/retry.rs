//! When to ask again: `Retry-After` and the statuses that pass by themselves. Pure.
//!
//! It does not wait and does not count tries; `visit` does.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;

/// Whether a status may be gone at the next try (RFC 9110, RFC 6585).
pub(super) fn passing(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// How long `Retry-After` asks to wait: whole seconds or an HTTP-date, RFC 9110 10.2.3. A date that has passed is no wait.
pub(super) fn wait(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are simply "too long".
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let until = date(value)?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// An HTTP-date in its three forms: IMF-fixdate, RFC 850, asctime.
fn date(value: &str) -> Option<Timestamp> {
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    if let Ok(zoned) = parser.parse_zoned(value) {
        return Some(zoned.timestamp());
    }
    let civil = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| strtime::parse(form, value).ok()?.to_datetime().ok());
    civil
        .and_then(|at: DateTime| at.to_zoned(TimeZone::UTC).ok())
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_dates() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        let seconds = |count| Some(Duration::from_secs(count));
        for (value, expected) in [
            ("0", seconds(0)),
            (" 7 ", seconds(7)),
            ("99999999999999999999999", seconds(u64::from(u32::MAX))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", seconds(7)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", seconds(7)),
            ("Sun Nov  6 08:49:37 1994", seconds(7)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", seconds(0)),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
        ] {
            assert_eq!(wait(value, now), expected, "{value}");
        }
    }
}
