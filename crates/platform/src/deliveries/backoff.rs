//! How long to wait before a further attempt.

use crypto::Random;

use crate::fault::Result;

/// The first wait, in milliseconds.
const FIRST: i64 = 1000;
/// The longest one: 10 minutes, of which 185 attempts make up a day.
const LONGEST: i64 = 600_000;

/// Milliseconds until the next attempt after `attempts` that failed: twice as long each time, of
/// which half is left to chance, so that what failed together is not tried together.
pub(super) fn delay(attempts: u32, random: &dyn Random) -> Result<i64> {
    let longest = FIRST << attempts.min(16);
    let longest = longest.min(LONGEST);
    let mut bytes = [0; 4];
    random.fill(&mut bytes)?;
    let chance = i64::from(u32::from_le_bytes(bytes)) % (longest / 2);
    Ok(longest / 2 + chance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SeededRandom;

    #[test]
    fn waits_double_up_to_ten_minutes() {
        let random = SeededRandom::new(7);
        for (attempts, least) in [
            (0, 500),
            (1, 1000),
            (5, 16_000),
            (10, 300_000),
            (185, 300_000),
        ] {
            for _ in 0..100 {
                let Ok(delay) = delay(attempts, &random) else {
                    panic!("seeded randomness does not fail")
                };
                assert!((least..2 * least).contains(&delay), "{attempts}: {delay}");
            }
        }
    }
}
