//! Web archives, MHTML and notes of saved pages.

#![no_main]

use cardvet::saved::{MAX_BODY, address, mhtml, warc};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(answers) = warc::open(bytes) {
        assert!(answers.flatten().all(|answer| answer.body.len() <= MAX_BODY));
    }
    assert_eq!(mhtml::read(bytes).is_ok(), mhtml::read(bytes).is_ok());
    let _addresses = (
        address::written(bytes),
        address::claimed(bytes),
        mhtml::is_mhtml(bytes),
    );
});
