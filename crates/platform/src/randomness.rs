//! Randomness: the system's, and a seeded sequence for tests.

use std::sync::Mutex;

use aws_lc_rs::{digest, rand};
use crypto::{Random, RandomFailure};

/// The cryptographically secure generator of the crypto library.
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that draws randomness"
    )]
    fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        rand::fill(dest).map_err(|_| RandomFailure)
    }
}

/// A sequence that only its seed decides. For tests: whoever knows the seed knows every byte.
pub struct SeededRandom {
    state: Mutex<([u8; 32], u64)>,
}

impl SeededRandom {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        let mut start = [0; 32];
        start
            .iter_mut()
            .zip(seed.to_be_bytes())
            .for_each(|(place, byte)| *place = byte);
        Self {
            state: Mutex::new((start, 0)),
        }
    }
}

impl Random for SeededRandom {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        let mut state = self.state.lock().map_err(|_| RandomFailure)?;
        for chunk in dest.chunks_mut(32) {
            state.1 += 1;
            let mut hash = digest::Context::new(&digest::SHA256);
            hash.update(&state.0);
            hash.update(&state.1.to_be_bytes());
            chunk
                .iter_mut()
                .zip(hash.finish().as_ref())
                .for_each(|(place, byte)| *place = *byte);
        }
        Ok(())
    }
}
