//! Pictures: what a machine can tell of one without guessing.
//!
//! Takes the bytes of an answer, gives its format; it decodes nothing yet.

use crate::evidence::Picture;

/// First bytes by format.
const FORMATS: [(&[u8], &str); 3] = [(b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"), (b"GIF8", "gif")];

/// Reads a picture; nothing when the bytes are none.
pub fn read(bytes: &[u8]) -> Option<Picture> {
    let known = FORMATS.iter().find(|(head, _)| bytes.starts_with(head));
    let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    let format = known
        .map(|(_, format)| *format)
        .or_else(|| webp.then_some("webp"))?;
    Some(Picture {
        format: format.to_owned(),
        ..Picture::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_format() {
        let format = |bytes: &[u8]| read(bytes).map(|picture| picture.format);
        assert_eq!(format(b"\x89PNG\r\n").as_deref(), Some("png"));
        assert_eq!(format(b"RIFF\0\0\0\0WEBPVP8 ").as_deref(), Some("webp"));
        assert_eq!(format(b"RIFF\0\0\0\0WAVE"), None);
        assert_eq!(format(b"<html>"), None);
    }
}
