//! How long a destination is left alone after a failure.

use std::time::Duration;

use crypto::Random;

/// The first wait, in milliseconds, before it is varied.
const FIRST: u64 = 1_000;
/// The longest wait.
const LONGEST: u64 = 60_000;
/// The longest that a destination may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// Doubles after each failure.
#[derive(Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait: between half and the whole of what has doubled, or what the destination asks
    /// for if that is longer.
    pub(super) fn next(&mut self, random: &dyn Random, asked: Option<Duration>) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(16));
        let whole = doubled.min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let mut bytes = [0; 8];
        // Without randomness all wait alike, which is no harm to a single server.
        let _ = random.fill(&mut bytes);
        let wait = Duration::from_millis(whole / 2 + u64::from_le_bytes(bytes) % (whole / 2 + 1));
        wait.max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }

    /// Begins anew. Whether there were failures.
    pub(super) fn reset(&mut self) -> bool {
        std::mem::take(&mut self.failures) > 0
    }
}

#[cfg(test)]
mod tests {
    use platform::SeededRandom;

    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_vary() {
        let random = SeededRandom::new(1);
        let mut backoff = Backoff::default();
        let mut seen = Vec::new();
        for whole in [1, 2, 4, 8, 16, 32, 60, 60, 60].map(Duration::from_secs) {
            let wait = backoff.next(&random, None);
            assert!(wait >= whole / 2 && wait <= whole, "{wait:?} of {whole:?}");
            seen.push(wait);
        }
        seen.dedup();
        assert_eq!(seen.len(), 9, "they vary");
        for _ in 0..100 {
            backoff.next(&random, None);
        }
        assert!(backoff.reset() && !backoff.reset());
        assert!(backoff.next(&random, None) <= Duration::from_secs(1));
    }

    #[test]
    fn destinations_may_ask_for_more_within_reason() {
        let random = SeededRandom::new(1);
        let ask = |seconds| {
            let asked = Some(Duration::from_secs(seconds));
            Backoff::default().next(&random, asked)
        };
        assert!(ask(0) >= Duration::from_millis(500));
        assert_eq!(ask(7), Duration::from_secs(7));
        assert_eq!(ask(1_000_000), LONGEST_ASKED);
    }
}
