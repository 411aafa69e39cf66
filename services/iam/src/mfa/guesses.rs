//! How many codes of a device were tried. Six digits resist guessing only while few are tried (RFC
//! 4226, section 7.3), and whoever stole an access key may ask as fast as the server answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use wire::Timestamp;

/// The most codes that are looked at within [`PERIOD_MILLIS`]. At this rate, with three codes that
/// count at a time, a guess comes true after four years on average.
const MOST: u32 = 10;
/// One hour, in milliseconds.
const PERIOD_MILLIS: i64 = 60 * 60 * 1000;
/// How many devices may be known before those are forgotten whose hour is over.
const MANY: usize = 1024;

/// The codes of each device that were tried in vain.
///
/// It lives in memory: a refused call writes nothing. Only who holds a device adds to its count,
/// so nobody locks out another user, and there is no more to remember than there are devices.
#[derive(Default)]
pub(crate) struct Guesses {
    /// By serial number: when the hour began, in milliseconds since 1970, and how many.
    tried: Mutex<BTreeMap<String, (i64, u32)>>,
}

impl Guesses {
    /// Counts one more code of a device; false if it must not be looked at.
    pub(crate) fn admit(&self, serial: &str, now: Timestamp) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = |began: i64| now.millis.saturating_sub(began) < PERIOD_MILLIS;
        if tried.len() >= MANY {
            tried.retain(|_, (began, _)| lasts(*began));
        }
        let entry = tried.entry(serial.to_owned()).or_insert((now.millis, 0));
        if !lasts(entry.0) {
            *entry = (now.millis, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        entry.1 <= MOST
    }

    /// Forgets what was tried: a code was right.
    pub(crate) fn forget(&self, serial: &str) {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.remove(serial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_whose_hour_is_over_are_forgotten() {
        let guesses = Guesses::default();
        for index in 0..MANY {
            assert!(guesses.admit(&index.to_string(), Timestamp::from_secs(0)));
        }
        assert!(guesses.admit("later", Timestamp::from_secs(3600)));
        assert_eq!(guesses.tried.lock().unwrap().len(), 1);
    }
}
