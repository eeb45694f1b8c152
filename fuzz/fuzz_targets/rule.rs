//! Rule files: any text either compiles or is refused with its reasons, and what compiles can judge.

#![no_main]

use std::collections::BTreeMap;

use cardvet::facts::Facts;
use cardvet::rules::RuleSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let files = BTreeMap::from([("filing/x.toml".to_owned(), text.to_owned())]);
    if let Ok(rules) = RuleSet::load(&files, &cardvet::inspect::catalogue()) {
        assert_eq!(
            rules.judge(&Facts::default(), "platform").len(),
            rules.rules().len()
        );
    }
});
