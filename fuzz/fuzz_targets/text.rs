//! Normal form of any text: positions map back, and what was normal stays as it is.

#![no_main]

use cardvet::text::Normal;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let normal = Normal::of(text);
    for form in [normal.lower(), normal.joined(), normal] {
        let ends: Vec<usize> = form
            .text()
            .char_indices()
            .map(|(at, _)| at)
            .chain([form.text().len()])
            .collect();
        for pair in ends.windows(2) {
            let range = pair[0]..pair[1];
            let original = form.original(range.clone());
            assert!(form.source().contains(original));
            assert!(form.snippet(range, 16).contains(original));
        }
        assert_eq!(
            form.original(0..form.text().len()).is_empty(),
            form.text().is_empty()
        );
    }
});
