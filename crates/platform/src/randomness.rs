//! Randomness: the system's, and a seeded sequence for tests.

use std::cell::RefCell;
use std::sync::Mutex;

use aws_lc_rs::{digest, rand};
use crypto::{Random, RandomFailure};
use zeroize::{Zeroize as _, Zeroizing};

/// The cryptographically secure generator of the crypto library.
///
/// Small requests are served from a block drawn ahead, one per thread: ids and nonces are many,
/// and most of the cost of a draw does not depend on its size. What was handed out is wiped from
/// the block at once.
pub struct SystemRandom;

/// How much is drawn ahead, in bytes.
const BLOCK: usize = 1024;
/// Requests up to this size come from the block.
const SMALL: usize = 64;

thread_local! {
    static AHEAD: RefCell<Ahead> = RefCell::new(Ahead { block: Zeroizing::new([0; BLOCK]), used: BLOCK });
}

struct Ahead {
    block: Zeroizing<[u8; BLOCK]>,
    used: usize,
}

impl Random for SystemRandom {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        if dest.len() > SMALL {
            return draw(dest);
        }
        AHEAD.with_borrow_mut(|ahead| ahead.fill(dest))
    }
}

impl Ahead {
    fn fill(&mut self, dest: &mut [u8]) -> Result<(), RandomFailure> {
        if BLOCK - self.used < dest.len() {
            draw(self.block.as_mut())?;
            self.used = 0;
        }
        let unused = self
            .block
            .get_mut(self.used..)
            .and_then(|rest| rest.get_mut(..dest.len()));
        let unused = unused.ok_or(RandomFailure)?;
        dest.copy_from_slice(unused);
        unused.zeroize();
        self.used += dest.len();
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that draws randomness"
)]
fn draw(dest: &mut [u8]) -> Result<(), RandomFailure> {
    rand::fill(dest).map_err(|_| RandomFailure)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_is_handed_out_twice() {
        let mut seen = BTreeSet::new();
        for length in [16, 32, 63, 64, 65, 16].into_iter().cycle().take(6000) {
            let mut bytes = vec![0; length];
            SystemRandom.fill(&mut bytes).unwrap();
            assert!(seen.insert(bytes[..16].to_vec()));
        }
    }

    #[test]
    fn what_was_handed_out_is_wiped() {
        let mut bytes = [0; 48];
        SystemRandom.fill(&mut bytes).unwrap();
        AHEAD.with_borrow(|ahead| assert!(ahead.block[..ahead.used].iter().all(|byte| *byte == 0)));
    }

    #[test]
    fn a_seed_decides_everything() {
        let draw = |seed| {
            let mut bytes = [0; 100];
            SeededRandom::new(seed).fill(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
