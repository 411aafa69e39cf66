//! Where the marked events lie, so that who wants no others need not read the journal to find them.
//!
//! Only of what this process wrote, and only of the last so many. INVARIANT: a mark is here before
//! the head says that its event is durable, and none at or after the floor is ever left out.

use std::collections::VecDeque;

use super::{Head, Place};

/// The most marks that are kept; the oldest go first.
const MOST: usize = 1 << 16;

/// What is known of marked events from some event on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// These are all of them before event `behind`, in their order. `behind` is never beyond what is
    /// durable, and before its end only where there are more than were asked for.
    Known {
        /// Where they lie, for a [`Picker`](super::Picker).
        places: Vec<Place>,
        /// The event from which to ask next.
        behind: u64,
    },
    /// Events so old may be marked or not: they have to be read.
    Unknown {
        /// The first event from which on marks are known.
        known_from: u64,
    },
}

/// The marks of a journal.
pub(crate) struct Marks {
    /// The first event of which it is known whether it is marked.
    floor: u64,
    places: VecDeque<Place>,
    most: usize,
}

impl Marks {
    /// Of a journal whose last event is `head`: of the next ones it is known.
    pub(crate) fn behind(head: Head) -> Self {
        Self {
            floor: head.seq + 1,
            places: VecDeque::new(),
            most: MOST,
        }
    }

    /// Notes marked events, in their order, all of them newer than those noted before.
    pub(crate) fn note(&mut self, marked: impl IntoIterator<Item = Place>) {
        self.places.extend(marked);
        let excess = self.places.len().saturating_sub(self.most);
        if let Some(last) = self.places.drain(..excess).next_back() {
            self.floor = last.seq + 1;
        }
    }

    /// What is known from event `from` on up to the durable `head`; no more than `at_most` places.
    pub(crate) fn from(&self, from: u64, head: Head, at_most: usize) -> Marked {
        if from < self.floor {
            let known_from = self.floor;
            return Marked::Unknown { known_from };
        }
        let begin = self.places.partition_point(|place| place.seq < from);
        let durable = self.places.range(begin..);
        let mut durable = durable.take_while(|place| place.seq <= head.seq);
        let places: Vec<Place> = durable.by_ref().take(at_most).copied().collect();
        let behind = match (durable.next(), places.last()) {
            (Some(_), Some(last)) => last.seq + 1,
            (Some(_), None) => from,
            (None, _) => from.max(head.seq + 1),
        };
        Marked::Known { places, behind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: u64) -> Head {
        let hash = [0; 32];
        Head { seq, hash }
    }

    fn marks(floor: u64, most: usize, marked: &[u64]) -> Marks {
        let mut marks = Marks::behind(head(floor - 1));
        marks.most = most;
        marks.note(marked.iter().map(|seq| Place::new(*seq, 1, 0)));
        marks
    }

    fn known(marked: &[u64], behind: u64) -> Marked {
        let places = marked.iter().map(|seq| Place::new(*seq, 1, 0)).collect();
        Marked::Known { places, behind }
    }

    #[test]
    fn marks_are_told_in_order_up_to_the_head() {
        let marks = marks(5, 10, &[7, 8, 12]);
        assert_eq!(
            marks.from(4, head(12), 9),
            Marked::Unknown { known_from: 5 }
        );
        assert_eq!(marks.from(5, head(20), 9), known(&[7, 8, 12], 21));
        assert_eq!(marks.from(8, head(20), 9), known(&[8, 12], 21));
        assert_eq!(marks.from(5, head(20), 2), known(&[7, 8], 9));
        assert_eq!(marks.from(5, head(20), 3), known(&[7, 8, 12], 21));
        assert_eq!(marks.from(5, head(20), 0), known(&[], 5));
        assert_eq!(marks.from(13, head(20), 9), known(&[], 21));
        // What is not durable yet is no news, and nobody is sent back.
        assert_eq!(marks.from(5, head(11), 9), known(&[7, 8], 12));
        assert_eq!(marks.from(13, head(11), 9), known(&[], 13));
    }

    #[test]
    fn who_lags_behind_what_is_kept_has_to_read() {
        let mut marks = marks(1, 3, &[2, 4, 6]);
        assert_eq!(marks.from(1, head(9), 9), known(&[2, 4, 6], 10));
        marks.note([8, 9].map(|seq| Place::new(seq, 1, 0)));
        assert_eq!(marks.from(4, head(9), 9), Marked::Unknown { known_from: 5 });
        assert_eq!(marks.from(5, head(9), 9), known(&[6, 8, 9], 10));
    }
}
