//! The system's source of randomness.

use std::collections::HashSet;

use crypto::Random as _;
use platform::SystemRandom;

#[test]
fn sec_c4_what_the_system_draws_does_not_repeat() {
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let mut bytes = [0; 16];
        SystemRandom.fill(&mut bytes).expect("randomness");
        assert!(seen.insert(bytes), "{bytes:02x?} repeats");
    }
    // No byte of a long draw is left out.
    let mut draws = [[0u8; 1000]; 8];
    draws
        .iter_mut()
        .for_each(|draw| SystemRandom.fill(draw).expect("randomness"));
    for place in 0..1000 {
        assert!(
            draws.iter().any(|draw| draw[place] != 0),
            "byte {place} is never drawn"
        );
    }
}
