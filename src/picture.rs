//! Picture: what a machine can tell of a picture without guessing: format, size, a perceptual hash, and QR codes.
//!
//! Takes the bytes of a JPEG, PNG, GIF (first frame) or WebP, gives an [`evidence::Picture`](crate::evidence::Picture).
//! Letters in pictures are not read. Work and memory are bounded on any bytes ([`MAX_PIXELS`], [`MAX_MEMORY`], a count of
//! steps for the search of codes), and a panic of a foreign decoder ends as "could not be read".
//!
//! The hash is dHash ("Kind of Like That", N. Krawetz, hackerfactor.com, 2013): the picture in grey, laid over white
//! where it is transparent, is averaged down to 9 × 8 fields; row by row, from the highest bit on, a bit is set when a
//! field is brighter than the one to its right, here by more than two shades of 256, since paper is even and noise would
//! toss the coin. Grey is `(2126 R + 7152 G + 722 B) / 10000` (BT.709), everything in whole
//! numbers, so that a decoded picture has the same hash on every machine. Copies of a picture that were resized or
//! compressed again differ in a few bits; a picture of one colour hashes to zero and says nothing.

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use image::{
    DynamicImage, GenericImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Luma, Rgba,
};

use crate::evidence::Picture;

/// Largest picture that is decoded, in pixels.
pub const MAX_PIXELS: u64 = 20_000_000;
/// Most memory that a decoded picture may take, in bytes. Decoders need a small multiple of it while they work.
pub const MAX_MEMORY: u64 = 64 << 20;
/// Most texts of codes that are kept of one picture.
pub const MAX_CODES: usize = 4;
/// Longest text of a code that is kept, in bytes.
pub const MAX_CODE_BYTES: usize = 2 << 10;

/// Longest sides to which a picture is brought before codes are looked for; the second when the first shows none.
const CODE_SIDES: [usize; 2] = [1024, 2048];
/// How often each pixel may be touched while codes are looked for. A plain picture takes about ten; the search for groups of
/// corner marks is quadratic, and a picture full of such marks would keep it busy for minutes.
const CODE_STEPS: u64 = 40;
/// What a copy of the whole picture costs, in steps a pixel: one for so many.
const COPY_SHARE: u64 = 16;

/// Fields of the hash in a row, of which neighbours are compared.
const HASH_COLUMNS: usize = 9;
/// Rows of the hash.
const HASH_ROWS: usize = 8;
/// By how much a field must be brighter than the next, in shades times 256.
const HASH_MARGIN: u64 = 2 << 8;

/// Reads a picture; nothing when the bytes do not begin like one. What cannot be decoded within the bounds has no hash,
/// and no size when not even that could be read.
pub fn read(bytes: &[u8]) -> Option<Picture> {
    let (format, name) = format(bytes)?;
    let unread = Picture {
        format: name.to_owned(),
        ..Picture::default()
    };
    // The decoders and the code reader are fuzzed by their authors and by us, but they index and calculate: their slip on
    // a stranger's bytes must not take the whole look with it.
    let decoded = quietly(|| decode(bytes, format)).flatten();
    let Some((width, height, image)) = decoded else {
        return Some(unread);
    };
    let grey = image.map(Grey::of).filter(|grey| !grey.pixels.is_empty());
    Some(Picture {
        width,
        height,
        hash: grey.as_ref().map(|grey| format!("{:016x}", grey.hash())),
        codes: grey.as_ref().map(codes).unwrap_or_default(),
        ..unread
    })
}

/// Whether bytes begin like a picture that [`read`] reads.
pub fn is_picture(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

/// What a piece of foreign code gives; nothing when it panics.
fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The format by the first bytes.
fn format(bytes: &[u8]) -> Option<(ImageFormat, &'static str)> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        Some((ImageFormat::Jpeg, "jpeg"))
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some((ImageFormat::Png, "png"))
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some((ImageFormat::Gif, "gif"))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some((ImageFormat::WebP, "webp"))
    } else {
        None
    }
}

/// The size, and the picture itself when it keeps the bounds and its data hold together.
fn decode(bytes: &[u8], format: ImageFormat) -> Option<(u32, u32, Option<DynamicImage>)> {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let fits = u64::from(width) * u64::from(height) <= MAX_PIXELS && decoder.total_bytes() <= MAX_MEMORY;
    let image = fits.then(|| DynamicImage::from_decoder(decoder).ok()).flatten();
    Some((width, height, image))
}

/// A picture in shades of grey, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    fn of(image: DynamicImage) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let pixels = match image {
            DynamicImage::ImageLuma8(image) => image.into_raw(),
            DynamicImage::ImageRgb8(image) => image.pixels().map(|pixel| shade(pixel.0)).collect(),
            image if image.color().has_alpha() => image
                .into_rgba8()
                .pixels()
                .map(|pixel| over_white(*pixel))
                .collect(),
            image => image.into_rgb8().pixels().map(|pixel| shade(pixel.0)).collect(),
        };
        Self {
            width,
            height,
            pixels,
        }
    }

    /// The mean shade of a part of the picture, times 256; the part is cut to the picture.
    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> u64 {
        let (mut sum, mut count) = (0_u64, 0_u64);
        for row in self
            .pixels
            .chunks_exact(self.width)
            .take(rows.end)
            .skip(rows.start)
        {
            for pixel in row.iter().take(columns.end).skip(columns.start) {
                sum += u64::from(*pixel);
                count += 1;
            }
        }
        (sum << 8) / count.max(1)
    }

    fn hash(&self) -> u64 {
        let mut hash = 0;
        for y in 0..HASH_ROWS {
            let rows = field(y, HASH_ROWS, self.height);
            let means: Vec<u64> = (0..HASH_COLUMNS)
                .map(|x| self.mean(field(x, HASH_COLUMNS, self.width), rows.clone()))
                .collect();
            for (left, right) in means.iter().zip(means.iter().skip(1)) {
                hash = hash << 1 | u64::from(*left > right + HASH_MARGIN);
            }
        }
        hash
    }

    /// The picture with the same whole number of pixels averaged into one each way, so that no side is longer than this.
    fn shrunk(&self, side: usize) -> Self {
        let step = self.width.max(self.height).div_ceil(side).max(1);
        if step == 1 {
            return self.clone();
        }
        let (width, height) = (self.width.div_ceil(step), self.height.div_ceil(step));
        let mut pixels = Vec::with_capacity(width * height);
        for rows in self.pixels.chunks(self.width * step) {
            let mut sums = vec![(0_u32, 0_u32); width];
            for row in rows.chunks_exact(self.width) {
                for (part, (sum, count)) in row.chunks(step).zip(&mut sums) {
                    *sum += part.iter().map(|pixel| u32::from(*pixel)).sum::<u32>();
                    *count += u32::try_from(part.len()).unwrap_or(u32::MAX);
                }
            }
            let mean = |(sum, count): (u32, u32)| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX);
            pixels.extend(sums.into_iter().map(mean));
        }
        Self {
            width,
            height,
            pixels,
        }
    }
}

/// One of so many equal fields of a length; at least one pixel, also when there are fewer pixels than fields.
fn field(index: usize, fields: usize, length: usize) -> std::ops::Range<usize> {
    let start = index * length / fields;
    start..((index + 1) * length / fields).max(start + 1)
}

/// BT.709.
fn shade([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 2126 * u32::from(red) + 7152 * u32::from(green) + 722 * u32::from(blue);
    u8::try_from(sum / 10_000).unwrap_or(u8::MAX)
}

fn over_white(pixel: Rgba<u8>) -> u8 {
    let [red, green, blue, alpha] = pixel.0;
    let (shade, alpha) = (u32::from(shade([red, green, blue])), u32::from(alpha));
    u8::try_from((shade * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

/// Texts of the QR codes in a picture, each once, in the order they were found.
fn codes(grey: &Grey) -> Vec<String> {
    let longest = grey.width.max(grey.height);
    let mut found = Vec::new();
    for (index, side) in CODE_SIDES.into_iter().enumerate() {
        let larger_than_before =
            index == 0 || CODE_SIDES.get(index - 1).is_some_and(|before| longest > *before);
        if found.is_empty() && larger_than_before {
            let small = grey.shrunk(side);
            found = quietly(|| codes_in(&small)).unwrap_or_default();
        }
    }
    found
}

fn codes_in(grey: &Grey) -> Vec<String> {
    let Some(canvas) = Canvas::of(grey) else {
        return Vec::new();
    };
    let mut prepared = rqrr::PreparedImage::prepare(canvas);
    let mut texts: Vec<String> = Vec::new();
    for grid in prepared.detect_grids() {
        let mut bytes = Vec::new();
        if texts.len() < MAX_CODES && grid.decode_to(&mut bytes).is_ok() && !bytes.is_empty() {
            let text = capped(&String::from_utf8_lossy(&bytes));
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    texts
}

fn capped(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_CODE_BYTES);
    text.get(..end).unwrap_or_default().to_owned()
}

/// The picture as the code reader works on it, which counts its steps and ends the search when they are spent.
struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<Luma<u8>>,
    steps_left: Rc<Cell<u64>>,
}

impl Canvas {
    fn of(grey: &Grey) -> Option<Self> {
        let pixels: Vec<Luma<u8>> = grey.pixels.iter().map(|pixel| Luma([*pixel])).collect();
        let size = u64::try_from(pixels.len()).ok()?;
        Some(Self {
            width: u32::try_from(grey.width).ok()?,
            height: u32::try_from(grey.height).ok()?,
            pixels,
            steps_left: Rc::new(Cell::new(size * CODE_STEPS)),
        })
    }

    fn spend(&self, steps: u64) {
        match self.steps_left.get().checked_sub(steps) {
            Some(left) => self.steps_left.set(left),
            // The one way out of foreign code that has no budget of its own; it is no panic and prints nothing.
            None => resume_unwind(Box::new("steps are spent")),
        }
    }

    fn place(&self, x: u32, y: u32) -> usize {
        y as usize * self.width as usize + x as usize
    }
}

impl Clone for Canvas {
    fn clone(&self) -> Self {
        self.spend(u64::try_from(self.pixels.len()).unwrap_or(u64::MAX) / COPY_SHARE);
        Self {
            pixels: self.pixels.clone(),
            steps_left: Rc::clone(&self.steps_left),
            ..*self
        }
    }
}

impl GenericImageView for Canvas {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.spend(1);
        self.pixels
            .get(self.place(x, y))
            .copied()
            .unwrap_or(Luma([u8::MAX]))
    }
}

impl GenericImage for Canvas {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        let place = self.place(x, y);
        // Never asked for by the code reader; the trait wants it.
        self.pixels
            .get_mut(place)
            .expect("inside the picture, as the trait demands")
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let place = self.place(x, y);
        if let Some(old) = self.pixels.get_mut(place) {
            *old = pixel;
        }
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, RgbaImage};

    use super::*;

    /// Made with a code writer of its own: a sheet with a frame, and codes on it.
    const LICENCE: &[u8] = include_bytes!("../tests/pictures/licence.png");
    const TWO_CODES: &[u8] = include_bytes!("../tests/pictures/two_codes.png");
    const PLAIN: &[u8] = include_bytes!("../tests/pictures/plain.png");
    const LONG_TEXT: &[u8] = include_bytes!("../tests/pictures/long_text.png");
    const LINK: &str = "https://zzlz.gsxt.gov.cn/businessCheck/verifKey.do?showType=p&serial=91330106673959654P-SAIC_SHOW_10000091330106673959654P1710919400712&signData=MEUCIQ";

    fn saved_as(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    fn bits_apart(one: &Picture, other: &Picture) -> u32 {
        let bits = |picture: &Picture| u64::from_str_radix(picture.hash.as_deref().unwrap(), 16).unwrap();
        (bits(one) ^ bits(other)).count_ones()
    }

    #[test]
    fn codes_are_read_from_every_format() {
        let image = image::load_from_memory(LICENCE).unwrap();
        for (format, name) in [
            (ImageFormat::Png, "png"),
            (ImageFormat::Jpeg, "jpeg"),
            (ImageFormat::Gif, "gif"),
            (ImageFormat::WebP, "webp"),
        ] {
            let image = if format == ImageFormat::Jpeg {
                image.clone()
            } else {
                DynamicImage::ImageRgba8(image.to_rgba8())
            };
            let picture = read(&saved_as(&image, format)).unwrap();
            assert_eq!(
                (picture.format.as_str(), picture.width, picture.height),
                (name, 560, 400)
            );
            assert_eq!(picture.codes, [LINK], "{name}");
            assert!(bits_apart(&picture, &read(LICENCE).unwrap()) <= 4, "{name}");
        }
    }

    #[test]
    fn several_codes_are_read_and_a_long_text_is_cut() {
        let mut codes = read(TWO_CODES).unwrap().codes;
        codes.sort();
        assert_eq!(codes, ["https://shop.example.com/app", "营业执照"]);
        assert_eq!(read(PLAIN).unwrap().codes, Vec::<String>::new());
        let long = read(LONG_TEXT).unwrap().codes;
        assert_eq!(long.len(), 1);
        assert!(
            long[0].starts_with("长文长文") && (MAX_CODE_BYTES - 3..=MAX_CODE_BYTES).contains(&long[0].len())
        );
    }

    #[test]
    fn the_hash_is_what_its_formula_says() {
        // Nine columns that grow darker to the right, then brighter: every comparison is known.
        let falling = GrayImage::from_fn(9, 8, |x, _| Luma([u8::try_from(200 - 20 * x).unwrap()]));
        let rising = GrayImage::from_fn(9, 8, |x, _| Luma([u8::try_from(20 * x).unwrap()]));
        let upper = GrayImage::from_fn(90, 80, |x, y| {
            let x = u8::try_from(x).unwrap();
            Luma([if y < 10 { 200 - x } else { x }])
        });
        let flat = GrayImage::from_pixel(3, 1, Luma([7]));
        for (image, hash) in [
            (falling, "ffffffffffffffff"),
            (rising, "0000000000000000"),
            (upper, "ff00000000000000"),
            (flat, "0000000000000000"),
        ] {
            let bytes = saved_as(&DynamicImage::ImageLuma8(image), ImageFormat::Png);
            assert_eq!(read(&bytes).unwrap().hash.as_deref(), Some(hash));
        }
    }

    #[test]
    fn a_copy_made_smaller_hashes_nearly_the_same_and_another_picture_does_not() {
        let small = image::load_from_memory(LICENCE).unwrap().thumbnail(280, 200);
        let small = read(&saved_as(&small, ImageFormat::Jpeg)).unwrap();
        assert!(bits_apart(&small, &read(LICENCE).unwrap()) <= 6);
        assert!(bits_apart(&read(LICENCE).unwrap(), &read(TWO_CODES).unwrap()) >= 10);
    }

    #[test]
    fn what_is_transparent_is_white() {
        // A code drawn in black on nothing: without the white under it, all would be black.
        let image = image::load_from_memory(LICENCE).unwrap().to_luma8();
        let on_nothing = RgbaImage::from_fn(image.width(), image.height(), |x, y| {
            let dark = image.get_pixel(x, y).0[0] < 100;
            Rgba([0, 0, 0, if dark { 255 } else { 0 }])
        });
        let bytes = saved_as(&DynamicImage::ImageRgba8(on_nothing), ImageFormat::Png);
        assert_eq!(read(&bytes).unwrap().codes, [LINK]);
    }

    #[test]
    fn a_code_in_a_huge_picture_is_found_in_a_smaller_copy() {
        let code = image::load_from_memory(LICENCE)
            .unwrap()
            .crop_imm(330, 30, 220, 220);
        let code = code
            .resize_exact(660, 660, image::imageops::FilterType::Nearest)
            .to_luma8();
        let mut sheet = GrayImage::from_pixel(2600, 1800, Luma([245]));
        sheet.copy_from(&code, 1700, 200).unwrap();
        let bytes = saved_as(&DynamicImage::ImageLuma8(sheet), ImageFormat::Png);
        assert_eq!(read(&bytes).unwrap().codes, [LINK]);
    }

    #[test]
    fn a_bomb_is_told_by_its_size_and_left_closed() {
        // A small file that says it is fifty million pixels large.
        let (width, height) = (10_000_u16, 5_000_u16);
        let mut bytes = saved_as(&DynamicImage::ImageRgba8(RgbaImage::new(4, 4)), ImageFormat::Gif);
        bytes[6..8].copy_from_slice(&width.to_le_bytes());
        bytes[8..10].copy_from_slice(&height.to_le_bytes());
        let picture = read(&bytes).unwrap();
        assert_eq!(
            (picture.width, picture.height),
            (u32::from(width), u32::from(height))
        );
        assert_eq!((picture.hash, picture.codes.len()), (None, 0));
    }

    #[test]
    fn a_picture_full_of_corner_marks_ends_the_search() {
        // A carpet of corner marks, which any two more may belong to.
        let mark = [
            0b000_0000,
            0b011_1110,
            0b010_0010,
            0b010_0010,
            0b010_0010,
            0b011_1110,
            0b000_0000_u8,
        ];
        let carpet = GrayImage::from_fn(360, 360, |x, y| {
            let (x, y) = (x % 9, y % 9);
            let row = mark.get(y as usize).filter(|_| x < 7).copied().unwrap_or(0x7f);
            Luma([if row >> (6 - x.min(6)) & 1 == 1 || x >= 7 {
                255
            } else {
                0
            }])
        });
        let grey = Grey::of(DynamicImage::ImageLuma8(carpet));
        assert!(quietly(|| codes_in(&grey)).is_none(), "the steps were spent");
        assert_eq!(codes(&grey), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_picture_is_none_and_what_is_broken_has_no_hash() {
        for bytes in [
            &b""[..],
            b"<html>",
            b"BM\0\0",
            b"RIFF\x04\0\0\0WAVE",
            b"\xff\xd8",
            b"GIF8",
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        for (bytes, format) in [
            (&b"\xff\xd8\xff\xe0"[..], "jpeg"),
            (b"\x89PNG\r\n\x1a\n", "png"),
            (b"GIF89a\xff\xff\xff\xff\0\0\0", "gif"),
            (b"RIFF\xff\xff\xff\xffWEBPVP8X", "webp"),
        ] {
            let picture = read(bytes).unwrap();
            assert_eq!((picture.format.as_str(), picture.hash), (format, None));
        }
        let cut = read(&LICENCE[..LICENCE.len() / 2]).unwrap();
        assert_eq!((cut.width, cut.hash), (560, None));
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn spoilt_pictures_are_read_without_panic(
            which in 0..4_usize,
            changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..12),
            end in proptest::prelude::any::<proptest::sample::Index>(),
        ) {
            static SMALL: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
                let image = image::load_from_memory(LICENCE).unwrap().thumbnail(96, 96);
                let rgba = DynamicImage::ImageRgba8(image.to_rgba8());
                let jpeg = saved_as(&image, ImageFormat::Jpeg);
                let others = [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP];
                std::iter::once(jpeg).chain(others.map(|format| saved_as(&rgba, format))).collect()
            });
            let mut bytes = SMALL[which].clone();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(end.index(bytes.len() * 2).max(16));
            if let Some(picture) = read(&bytes) {
                proptest::prop_assert!(picture.codes.len() <= MAX_CODES);
            }
        }
    }
}
