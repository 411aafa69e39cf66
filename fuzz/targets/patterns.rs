//! Event patterns: a pattern on the first line, an event in the rest.
//!
//! The oracle: a set of patterns decides as the pattern by itself does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use patterns::{Event, Pattern, RuleSet};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let (pattern, event) = text.split_once('\n').unwrap_or((text, "{}"));
    let (Ok(pattern), Ok(event)) = (Pattern::parse(pattern), Event::parse(event)) else {
        return;
    };
    let set = RuleSet::new([((), &pattern)]);
    assert_eq!(!set.matching(&event).is_empty(), pattern.matches(&event));
});
