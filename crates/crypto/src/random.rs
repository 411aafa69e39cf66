//! Where randomness comes from: always from the caller.

/// A source of cryptographically secure random bytes.
///
/// The platform implements it with the system's source; tests seed it.
pub trait Random: Send + Sync {
    /// Fills `dest` with random bytes, or fails leaving its content unspecified.
    fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure>;
}

/// The random source failed. Nothing that needs a key or nonce can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the random source failed")]
pub struct RandomFailure;

/// Draws `N` random bytes that are no secret: nonces and salts.
pub(crate) fn array<const N: usize>(random: &dyn Random) -> Result<[u8; N], RandomFailure> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod testing {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{Random, RandomFailure};

    /// A repeatable source for tests: a hash counter.
    pub(crate) struct Seeded(AtomicU64);

    impl Seeded {
        pub(crate) fn new(seed: u64) -> Self {
            Self(AtomicU64::new(seed << 32))
        }
    }

    impl Random for Seeded {
        fn fill(&self, dest: &mut [u8]) -> Result<(), RandomFailure> {
            for chunk in dest.chunks_mut(32) {
                let counter = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                let block = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &counter);
                chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
            }
            Ok(())
        }
    }

    /// A source that always fails.
    pub(crate) struct Broken;

    impl Random for Broken {
        fn fill(&self, _dest: &mut [u8]) -> Result<(), RandomFailure> {
            Err(RandomFailure)
        }
    }
}
