//! Values that threads do not share.
//!
//! A word that every call writes, such as a count, travels from processor to processor with each
//! write, together with all that lies beside it. So a thread has its own, and who wants to know the
//! sum looks at all of them.

use std::array;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many threads have a value for themselves; more of them share.
const THREADS: usize = 32;

/// One value for each thread.
pub struct PerThread<T> {
    values: [Alone<T>; THREADS],
}

/// On lines of the processors' caches that it has for itself, and those are fetched in pairs.
#[repr(align(128))]
pub(crate) struct Alone<T>(pub(crate) T);

static THREADS_SO_FAR: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static NUMBER: usize = THREADS_SO_FAR.fetch_add(1, Ordering::Relaxed) % THREADS;
}

impl<T> PerThread<T> {
    /// Values that `make` makes.
    pub fn new(mut make: impl FnMut() -> T) -> Self {
        Self {
            values: array::from_fn(|_| Alone(make())),
        }
    }

    /// The value of the thread that asks. Others may read it, and some may write it too.
    pub fn own(&self) -> &T {
        let number = NUMBER.with(|number| *number);
        let Alone(value) = self.values.get(number).unwrap_or(&self.values[0]);
        value
    }

    /// The values of all threads.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.values.iter().map(|Alone(value)| value)
    }
}

impl<T: Default> Default for PerThread<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn a_thread_keeps_its_value_and_others_have_another() {
        const AT_ONCE: usize = 4;
        let counts = PerThread::<AtomicUsize>::default();
        let begun = Barrier::new(AT_ONCE);
        let count = || {
            begun.wait();
            let own = counts.own();
            for _ in 0..1000 {
                assert!(ptr::eq(own, counts.own()));
                counts.own().fetch_add(1, Ordering::Relaxed);
            }
            ptr::from_ref(own).addr()
        };
        let places: Vec<usize> = thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(count)).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let sum: usize = counts.all().map(|it| it.load(Ordering::Relaxed)).sum();
        assert_eq!(sum, AT_ONCE * 1000);
        let mut places = places;
        places.sort_unstable();
        // Other tests may take numbers between those of these threads.
        places.dedup();
        assert!(places.len() > 1);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 128));
    }
}
