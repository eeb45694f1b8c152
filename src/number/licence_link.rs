//! Electronic licence links (`zzlz.gsxt.gov.cn/businessCheck/verifKey.do?showType=p&serial=…&signData=…`), fully decoded.
//!
//! Takes an address whose host was found to be the register's, gives what it says of itself: the credit code (twice), the
//! time it was made, and whether its signature is one. The key of the signature is on no page, so that it fits is not
//! known here. Nothing is opened.
//!
//! Two forms of `serial` are known: `<code>-SAIC_SHOW_100000<code><milliseconds>`, and that of 2019, which names no code:
//! `<32 digits>-SAIC_SHOW_<6 digits><yyyyMMddHHmmssSSS>`.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use url::Url;

use super::link::{LicenceSerial, licence_serial};
use super::province::Provinces;
use super::uscc::Uscc;

/// Links with a code in them were first made in 2018 (milliseconds since 1970).
const FIRST_MS: i64 = 1_514_764_800_000;
/// Longest signature parameter that is decoded, in bytes.
const MAX_SIGNATURE: usize = 512;
/// Longest integer of an elliptic-curve signature over 256 bits, in bytes: a sign byte may come first.
const MAX_INTEGER: usize = 33;
/// Chinese time.
const CHINA: Offset = Offset::constant(8);

/// Padding is often cut off when such links are copied.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What the `serial` of a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serial {
    /// The present form, which names a credit code twice.
    Coded(LicenceSerial),
    /// The form of 2019: when it was made, milliseconds since 1970; it names no code.
    Dated(i64),
    /// There is one, of neither form.
    Unreadable,
    /// There is none: the link leads to the display's front page.
    Missing,
}

/// How a licence link fails. Ordered as the checks are made; the first that fails is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkFault {
    /// Its host imitates the register's.
    Host,
    /// Its `serial` is of no known form, or there is none.
    Grammar,
    /// The two codes in it differ.
    CodesDiffer,
    /// The code in it fails its checks.
    Code,
    /// It was made before there were such links, or after it was seen.
    Time,
    /// Its signature does not decode.
    Signature,
    /// The text beside it shows another code.
    TextDiffers,
}

impl LinkFault {
    /// The code used in facts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Grammar => "grammar",
            Self::CodesDiffer => "codes_differ",
            Self::Code => "code",
            Self::Time => "time",
            Self::Signature => "signature",
            Self::TextDiffers => "text_differs",
        }
    }
}

/// What a licence link says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceLink {
    /// Its serial.
    pub serial: Serial,
    /// Whether `signData` is base64 of a DER pair of integers.
    pub signed: bool,
}

impl LicenceLink {
    /// Reads an address; whose host it is was asked elsewhere.
    pub fn read(url: &Url) -> Self {
        Self {
            serial: serial_of(url),
            signed: parameter(url, "signData").is_some_and(|data| is_signature(&data)),
        }
    }

    /// Whether it leads to one licence.
    pub fn names_one(&self) -> bool {
        self.serial != Serial::Missing
    }

    /// The credit code it names, the first of the two.
    pub fn code(&self) -> Option<&str> {
        match &self.serial {
            Serial::Coded(serial) => Some(&serial.head),
            _ => None,
        }
    }

    /// The day it was made, in Chinese time, `YYYY-MM-DD`.
    pub fn day(&self) -> Option<String> {
        let at = Timestamp::from_millisecond(self.made_ms()?).ok()?;
        Some(CHINA.to_datetime(at).date().to_string())
    }

    /// The first thing in it that fails by itself; `seen_ms` is when it was seen, milliseconds since 1970.
    pub fn fault(&self, provinces: &Provinces, seen_ms: i64) -> Option<LinkFault> {
        let made = match &self.serial {
            Serial::Coded(serial) if serial.head != serial.middle => return Some(LinkFault::CodesDiffer),
            Serial::Coded(serial) if !Uscc::read(&serial.head, provinces).is_well_formed() => {
                return Some(LinkFault::Code);
            }
            Serial::Coded(serial) => serial.made_ms,
            Serial::Dated(made_ms) => *made_ms,
            Serial::Unreadable | Serial::Missing => return Some(LinkFault::Grammar),
        };
        if !(FIRST_MS..=seen_ms).contains(&made) {
            return Some(LinkFault::Time);
        }
        (!self.signed).then_some(LinkFault::Signature)
    }

    fn made_ms(&self) -> Option<i64> {
        match &self.serial {
            Serial::Coded(serial) => Some(serial.made_ms),
            Serial::Dated(made_ms) => Some(*made_ms),
            Serial::Unreadable | Serial::Missing => None,
        }
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(known, value)| known.eq_ignore_ascii_case(name) && !value.is_empty())?;
    Some(value.into_owned())
}

fn serial_of(url: &Url) -> Serial {
    let Some(serial) = parameter(url, "serial") else {
        return Serial::Missing;
    };
    if let Some(coded) = licence_serial(url) {
        return Serial::Coded(coded);
    }
    dated(&serial).map_or(Serial::Unreadable, Serial::Dated)
}

/// The form of 2019: the last 17 digits are a time, in Chinese time.
fn dated(serial: &str) -> Option<i64> {
    let (head, tail) = serial.split_once("-SAIC_SHOW_")?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if head.len() != 32 || tail.len() != 23 || !digits(head) || !digits(tail) {
        return None;
    }
    let part = |from: usize, to: usize| tail.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize| i8::try_from(part(from, from + 2)?).ok();
    let nanosecond = i32::from(part(20, 23)?) * 1_000_000;
    let made = DateTime::new(
        part(6, 10)?,
        small(10)?,
        small(12)?,
        small(14)?,
        small(16)?,
        small(18)?,
        nanosecond,
    );
    Some(CHINA.to_timestamp(made.ok()?).ok()?.as_millisecond())
}

/// Whether a parameter is base64 of a DER sequence of two integers. A `+` comes out of an address as a blank.
fn is_signature(data: &str) -> bool {
    if data.len() > MAX_SIGNATURE {
        return false;
    }
    let data = data
        .trim_end_matches(['\r', '\n'])
        .replace("%20", "+")
        .replace(' ', "+");
    LENIENT.decode(data).is_ok_and(|bytes| is_pair(&bytes))
}

fn is_pair(bytes: &[u8]) -> bool {
    let Some((&[0x30, length], rest)) = bytes.split_first_chunk::<2>() else {
        return false;
    };
    usize::from(length) == rest.len() && integer(rest).and_then(integer).is_some_and(<[u8]>::is_empty)
}

/// Skips one DER integer of the size that signatures have.
fn integer(bytes: &[u8]) -> Option<&[u8]> {
    let (&[0x02, length], rest) = bytes.split_first_chunk::<2>()? else {
        return None;
    };
    let length = usize::from(length);
    (1..=MAX_INTEGER)
        .contains(&length)
        .then(|| rest.get(length..))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::tests::tables;

    /// A made-up signature of the right form.
    const SIGNATURE: &str =
        "MEQCIDru52Fe818w5JtILhXK51AHIB4SYXsP7afhZHeW/wIrAiA7jtAqgqF1kw8jN803lMUiCABtaxrwwMvWJWWKrCyfqg==";
    const CODE: &str = "91330106673959654P";
    /// The end of 2026.
    const SEEN: i64 = 1_795_000_000_000;

    fn read(query: &str) -> LicenceLink {
        let address = format!("https://zzlz.gsxt.gov.cn/businessCheck/verifKey.do?{query}");
        LicenceLink::read(&Url::parse(&address).unwrap())
    }

    fn coded(head: &str, middle: &str, ms: i64) -> LicenceLink {
        read(&format!(
            "showType=p&serial={head}-SAIC_SHOW_100000{middle}{ms}&signData={SIGNATURE}"
        ))
    }

    #[test]
    fn both_forms_say_when_they_were_made() {
        let new = coded(CODE, CODE, 1_710_919_400_712);
        assert_eq!(
            (new.code(), new.day().as_deref()),
            (Some(CODE), Some("2024-03-20"))
        );
        assert_eq!(new.fault(&tables().provinces, SEEN), None);
        let old = read(&format!(
            "serial=11000020190617181155000003571695-SAIC_SHOW_10002020190618113213545&signData={SIGNATURE}"
        ));
        assert_eq!((old.code(), old.day().as_deref()), (None, Some("2019-06-18")));
        assert_eq!(old.fault(&tables().provinces, SEEN), None);
        // In Chinese time the day begins eight hours earlier.
        assert_eq!(
            coded(CODE, CODE, 1_710_950_400_000).day().as_deref(),
            Some("2024-03-21")
        );
    }

    #[test]
    fn the_first_thing_that_fails_is_told() {
        use LinkFault as F;
        let other = "91110000802100433B";
        for (link, fault) in [
            (coded(CODE, other, 1_710_919_400_712), F::CodesDiffer),
            (
                coded("91330106673959655P", "91330106673959655P", 1_710_919_400_712),
                F::Code,
            ),
            (coded(CODE, CODE, 1_210_919_400_712), F::Time),
            (coded(CODE, CODE, 1_895_000_000_000), F::Time),
            (read("showType=p"), F::Grammar),
            (read("serial="), F::Grammar),
            (read("serial=123456"), F::Grammar),
            (
                read("serial=11000020190617181155000003571695-SAIC_SHOW_10002020191318113213545"),
                F::Grammar,
            ),
            (
                read("serial=11000020190617181155000003571695-SAIC_SHOW_10002020170618113213545"),
                F::Time,
            ),
            (
                read(&format!("serial={CODE}-SAIC_SHOW_100000{CODE}1710919400712")),
                F::Signature,
            ),
            (
                read(&format!(
                    "serial={CODE}-SAIC_SHOW_100000{CODE}1710919400712&signData=abc"
                )),
                F::Signature,
            ),
        ] {
            assert_eq!(link.fault(&tables().provinces, SEEN), Some(fault), "{link:?}");
        }
    }

    #[test]
    fn a_signature_is_read_however_the_plus_was_carried() {
        // 0x30 0x08, two integers of two bytes: fb ef and be fb, so that the base64 holds a plus.
        let data = LENIENT.encode([0x30, 8, 2, 2, 0x0f, 0xbe, 2, 2, 0xfb, 0xef]);
        assert!(data.contains('+') || data.contains('/'), "{data}");
        let plus = LENIENT.encode([0x30, 8, 2, 2, 0x3e, 0xfb, 2, 2, 0x3e, 0x3e]);
        for (data, signed) in [
            (data.clone(), true),
            (data.replace('=', ""), true),
            (plus.replace('+', " "), true),
            (plus.replace('+', "%20"), true),
            (SIGNATURE.to_owned(), true),
            (SIGNATURE.get(..40).unwrap().to_owned(), false),
            ("A".repeat(9999), false),
            ("签名".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_signature(&data), signed, "{data}");
        }
        let carried = read(&format!("signData={}", plus.replace('+', "%2B")));
        assert!(carried.signed && read(&format!("signData={plus}")).signed);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(serial in "(\\PC|[0-9]|-SAIC_SHOW_|91330106673959654P){0,40}", sign in "[A-Za-z0-9+/= %]{0,100}") {
            let mut url = Url::parse("https://zzlz.gsxt.gov.cn/").unwrap();
            url.query_pairs_mut().append_pair("serial", &serial).append_pair("signData", &sign);
            let link = LicenceLink::read(&url);
            let fault = link.fault(&tables().provinces, SEEN);
            proptest::prop_assert!(fault.is_some() || link.day().is_some());
        }

        #[test]
        fn any_pair_of_integers_is_a_signature(one in proptest::collection::vec(0u8..=255, 1..=33), two in proptest::collection::vec(0u8..=255, 1..=33)) {
            let part = |bytes: &[u8]| [&[2, u8::try_from(bytes.len()).unwrap()], bytes].concat();
            let body = [part(&one), part(&two)].concat();
            let der = [&[0x30, u8::try_from(body.len()).unwrap()], body.as_slice()].concat();
            proptest::prop_assert!(is_signature(&LENIENT.encode(&der)));
            proptest::prop_assert!(!is_pair(&der[1..]));
        }
    }
}
