//! A bounded map whose reads write nothing: what was read since the hand of the clock last passed
//! gets a second chance, and what was not makes room.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

/// Values by hash, so many at most.
pub(crate) struct Clock<V> {
    capacity: NonZeroUsize,
    /// Where in the ring each hash is.
    places: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
    ring: Vec<Slot<V>>,
    /// The slot that is looked at next for room.
    hand: usize,
}

struct Slot<V> {
    hash: u64,
    value: V,
    /// Whether it was read since the hand last passed. Written where it changes alone: readers on
    /// many processors then share the line that it is on.
    is_used: AtomicBool,
}

/// Passes on what is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl<V> Clock<V> {
    pub(crate) fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity,
            places: HashMap::default(),
            ring: Vec::new(),
            hand: 0,
        }
    }

    pub(crate) fn get(&self, hash: u64) -> Option<&V> {
        let slot = self.ring.get(*self.places.get(&hash)?)?;
        if !slot.is_used.load(Ordering::Relaxed) {
            slot.is_used.store(true, Ordering::Relaxed);
        }
        Some(&slot.value)
    }

    /// Puts a value in, in place of one with the same hash, or of one that nobody has read lately
    /// where there is no room. It has its own second chance once it is read.
    pub(crate) fn put(&mut self, hash: u64, value: V) {
        self.place(hash, value);
    }

    /// The same for a value that is the next to go, unless it is read before.
    pub(crate) fn put_behind(&mut self, hash: u64, value: V) {
        self.hand = self.place(hash, value);
    }

    /// Where it is put.
    fn place(&mut self, hash: u64, value: V) -> usize {
        let slot = Slot {
            hash,
            value,
            is_used: AtomicBool::new(false),
        };
        let place = match self.places.get(&hash) {
            Some(place) => *place,
            None if self.ring.len() < self.capacity.get() => {
                let place = self.ring.len();
                self.places.insert(hash, place);
                self.ring.push(slot);
                return place;
            }
            None => self.make_room(),
        };
        if let Some(old) = self.ring.get_mut(place) {
            self.places.remove(&old.hash);
            self.places.insert(hash, place);
            *old = slot;
        }
        place
    }

    pub(crate) fn remove(&mut self, hash: u64) {
        let Some(place) = self.places.remove(&hash) else {
            return;
        };
        self.ring.swap_remove(place);
        if let Some(moved) = self.ring.get(place) {
            self.places.insert(moved.hash, place);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.ring.clear();
    }

    /// The place of the next one that was not read since the hand last passed. The hand goes round
    /// once at most before it meets one, as it takes away what it passes.
    fn make_room(&mut self) -> usize {
        loop {
            let place = self.hand;
            self.hand = match self.ring.get(place + 1) {
                Some(_) => place + 1,
                None => 0,
            };
            match self.ring.get_mut(place).map(|slot| slot.is_used.get_mut()) {
                Some(is_used @ true) => *is_used = false,
                _ => return place,
            }
        }
    }
}

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const ROOM: usize = 8;

    fn clock(capacity: usize) -> Clock<u32> {
        Clock::new(NonZeroUsize::new(capacity).unwrap())
    }

    #[derive(Debug, Clone)]
    enum Step {
        Get(u64),
        Put(u64, u32),
        Remove(u64),
        Clear,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        // Twice as many as there is room for.
        let hash = 0..2 * ROOM as u64;
        let step = prop_oneof![
            8 => hash.clone().prop_map(Step::Get),
            8 => (hash.clone(), any::<u32>()).prop_map(|(hash, value)| Step::Put(hash, value)),
            3 => hash.prop_map(Step::Remove),
            1 => Just(Step::Clear),
        ];
        prop::collection::vec(step, 0..200)
    }

    proptest! {
        /// It may have forgotten something where there was no room, and nothing else; what it has
        /// is what was last put in.
        #[test]
        fn holds_what_was_put_in_last(steps in steps()) {
            let (mut clock, mut model) = (clock(ROOM), BTreeMap::new());
            for step in steps {
                match step {
                    Step::Get(hash) => {
                        let (held, expected) = (clock.get(hash), model.get(&hash));
                        prop_assert_eq!(held, expected);
                    }
                    Step::Put(hash, value) => {
                        let was_full = !model.contains_key(&hash) && model.len() == ROOM;
                        clock.put(hash, value);
                        model.insert(hash, value);
                        let before = model.len();
                        model.retain(|hash, _| clock.places.contains_key(hash));
                        prop_assert_eq!(before - model.len(), usize::from(was_full));
                        prop_assert!(model.contains_key(&hash));
                    }
                    Step::Remove(hash) => {
                        clock.remove(hash);
                        model.remove(&hash);
                    }
                    Step::Clear => {
                        clock.clear();
                        model.clear();
                    }
                }
                prop_assert_eq!(clock.ring.len(), model.len());
                prop_assert_eq!(clock.places.len(), model.len());
            }
        }
    }

    #[test]
    fn what_is_read_stays_and_what_is_not_goes() {
        let mut clock = clock(ROOM);
        for hash in 0..ROOM as u64 {
            clock.put(hash, 0);
        }
        let read = [1, 2, 5];
        for other in 100..200 {
            for hash in read {
                assert_eq!(clock.get(hash), Some(&0), "{hash} before {other}");
            }
            clock.put(other, 1);
            assert_eq!(clock.ring.len(), ROOM);
        }
        for hash in 0..ROOM as u64 {
            assert_eq!(clock.get(hash).is_some(), read.contains(&hash), "{hash}");
        }
    }

    #[test]
    fn what_is_no_longer_read_goes_too() {
        let mut clock = clock(ROOM);
        clock.put(1, 0);
        assert!(clock.get(1).is_some());
        for other in 100..100 + 3 * ROOM as u64 {
            clock.put(other, 1);
        }
        assert!(clock.get(1).is_none());
    }

    #[test]
    fn where_all_was_read_one_goes_all_the_same() {
        let mut clock = clock(ROOM);
        for (hash, count) in (0..100).zip(1..) {
            clock.put(hash, 0);
            assert!(clock.get(hash).is_some());
            assert_eq!(clock.ring.len(), ROOM.min(count));
        }
    }
}
