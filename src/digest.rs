//! Digests: SHA-256 as lower-case hex, of bytes and of named texts.
//!
//! One spelling for every hash that is kept, shown or compared. It knows nothing of what is hashed.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let halves = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16));
    bytes.iter().flat_map(halves).flatten().collect()
}

/// SHA-256 of bytes, hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 over names and texts in order of the names, hex. A NUL ends each part, so that nothing can move across.
pub fn of_texts(texts: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    for part in texts.iter().flat_map(|(name, text)| [name, text]) {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_lower_case_and_texts_do_not_run_together() {
        assert_eq!(hex(&[0, 0xab, 0x0f]), "00ab0f");
        assert_eq!(
            sha256(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let texts = |name: &str, text: &str| of_texts(&BTreeMap::from([(name.to_owned(), text.to_owned())]));
        assert_ne!(texts("ab", "c"), texts("a", "bc"));
    }
}
