//! A bucket of calls: the generic cell rate algorithm on one word.
//!
//! What is kept is the time at which the bucket will be full again. A call moves it on by what one
//! call takes to refill, unless it would then be further away than a whole bucket takes. The rate
//! is an argument, since it changes while the bucket is in use, and so is the time, which the
//! pipeline takes once a call: a limiter with a clock and a rate of its own would have to be thrown
//! away, and with it what was taken, whenever a quota is raised.

use std::sync::atomic::{AtomicU64, Ordering};

const SECOND: f64 = 1e9;

/// The nanosecond, since the epoch, at which it is full again.
#[derive(Default)]
pub(crate) struct Bucket(AtomicU64);

impl Bucket {
    /// Takes one call out of the bucket at `now`, if it is in there. A bucket holds the calls of one
    /// second, and one call at least: AWS's quotas are of one-second intervals, those below one
    /// call a second of as many seconds as one call takes.
    pub(crate) fn take(&self, now: u64, rate: f64) -> bool {
        if rate.is_nan() || rate <= 0.0 {
            return false;
        }
        let refill = SECOND / rate;
        let (step, most) = (whole(refill), whole((SECOND - refill).max(0.0)));
        let taken = |full: u64| {
            let full = full.max(now);
            (full - now <= most).then(|| full.saturating_add(step))
        };
        let order = Ordering::Relaxed;
        self.0.fetch_update(order, order, taken).is_ok()
    }

    /// Whether nothing is missing at `now`.
    pub(crate) fn is_full(&self, now: u64) -> bool {
        self.0.load(Ordering::Relaxed) <= now
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "casts of floats saturate, and a nanosecond is no matter"
)]
fn whole(nanos: f64) -> u64 {
    nanos as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: u64 = 1_767_225_600_000_000_000;
    const MILLI: u64 = 1_000_000;

    fn taken(bucket: &Bucket, now: u64, rate: f64, tries: usize) -> usize {
        (0..tries).filter(|_| bucket.take(now, rate)).count()
    }

    #[test]
    fn a_second_of_calls_at_once_and_then_as_they_come_back() {
        let bucket = Bucket::default();
        assert_eq!(taken(&bucket, START, 5.0, 100), 5);
        assert_eq!(taken(&bucket, START + 199 * MILLI, 5.0, 100), 0);
        assert_eq!(taken(&bucket, START + 200 * MILLI, 5.0, 100), 1);
        assert_eq!(taken(&bucket, START + 800 * MILLI, 5.0, 100), 3);
        assert!(!bucket.is_full(START + 1799 * MILLI));
        assert!(bucket.is_full(START + 1800 * MILLI));
        assert_eq!(taken(&bucket, START + 9000 * MILLI, 5.0, 100), 5);
    }

    #[test]
    fn less_than_one_call_a_second() {
        let bucket = Bucket::default();
        assert_eq!(taken(&bucket, START, 0.1, 9), 1);
        assert_eq!(taken(&bucket, START + 9_999 * MILLI, 0.1, 9), 0);
        assert_eq!(taken(&bucket, START + 10_000 * MILLI, 0.1, 9), 1);
    }

    #[test]
    fn a_raised_rate_counts_at_once() {
        let bucket = Bucket::default();
        assert_eq!(taken(&bucket, START, 5.0, 9), 5);
        assert_eq!(taken(&bucket, START, 10.0, 9), 0, "what is taken is taken");
        assert_eq!(taken(&bucket, START + 100 * MILLI, 10.0, 9), 1);
        assert_eq!(taken(&bucket, START, 0.0, 9), 0);
    }

    #[test]
    fn threads_share_what_there_is() {
        let bucket = Bucket::default();
        let taken = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(|| taken(&bucket, START, 1000.0, 500)));
            let counts = threads.map(|thread| thread.join().unwrap());
            counts.iter().sum::<usize>()
        });
        assert_eq!(taken, 1000);
    }

    proptest! {
        #[test]
        fn never_more_than_rate_and_burst_in_any_window(
            rate in prop_oneof![Just(0.1), Just(0.5), 0.2..40.0f64],
            pauses in prop::collection::vec(0..700u64, 1..200),
        ) {
            let bucket = Bucket::default();
            let mut now = START;
            let mut taken = Vec::new();
            for pause in pauses {
                now += pause * MILLI;
                if bucket.take(now, rate) {
                    taken.push(now);
                }
            }
            for (first, begin) in taken.iter().enumerate() {
                for (last, end) in taken.iter().enumerate().skip(first) {
                    let seconds = (end - begin) as f64 / SECOND;
                    let most = rate * seconds + rate.max(1.0) + 1e-6;
                    prop_assert!((last - first + 1) as f64 <= most);
                }
            }
        }

        #[test]
        fn whoever_keeps_to_the_rate_is_never_refused(rate in 1..2000u32) {
            let bucket = Bucket::default();
            let pause = whole((SECOND / f64::from(rate)).ceil());
            let mut now = START;
            for _ in 0..500 {
                prop_assert!(bucket.take(now, f64::from(rate)));
                now += pause;
            }
        }
    }
}
