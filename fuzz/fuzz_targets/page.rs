//! Pages: any bytes are decoded and read, within the bounds that the page names.

#![no_main]

use cardvet::page;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let base = url::Url::parse("https://shop.example.com/a/b").expect("an address");
    let decoded = page::decode(bytes, None);
    let read = page::read(&decoded.text, &base);
    assert!(read.blocks.iter().all(|block| !block.text.trim().is_empty()));
    for kind in [
        "text/html; charset=gbk",
        "text/html; charset=utf-16le",
        "text/html; charset=x",
    ] {
        let _text = page::decode(bytes, Some(kind));
    }
});
