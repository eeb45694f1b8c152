//! Pictures: any bytes, within bounds.

#![no_main]

use cardvet::picture;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(picture) = picture::read(bytes) {
        assert!(picture.codes.len() <= picture::MAX_CODES);
        assert!(
            picture
                .codes
                .iter()
                .all(|code| code.len() <= picture::MAX_CODE_BYTES)
        );
    }
});
