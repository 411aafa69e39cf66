//! Where an event stands among all events of a group: by its time first, and by stream, batch and
//! place in the batch where several have the same time.

use serde::{Deserialize, Serialize};

/// Tells the streams of a group apart.
pub(crate) type Serial = u64;

/// How many digits a position has as text, as the ids of AWS's events do.
const DIGITS: usize = 56;

/// The position of an event, or of the gap in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Position {
    /// The event's time.
    pub(crate) millis: i64,
    /// Its stream.
    pub(crate) stream: Serial,
    /// The number of its batch in the stream.
    pub(crate) batch: u64,
    /// Its place in the batch, from 1.
    pub(crate) nth: u32,
}

/// Which way events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// The earliest first.
    Forward,
    /// The latest first.
    Backward,
}

impl Position {
    /// In front of everything at `millis` and later.
    pub(crate) fn before_time(millis: i64) -> Self {
        Self {
            millis: millis.max(0),
            stream: 0,
            batch: 0,
            nth: 0,
        }
    }

    /// Behind everything.
    pub(crate) const END: Self = Self {
        millis: i64::MAX,
        stream: u64::MAX,
        batch: u64::MAX,
        nth: u32::MAX,
    };

    /// The gap behind the event.
    pub(crate) fn next(self) -> Self {
        let nth = self.nth.saturating_add(1);
        Self { nth, ..self }
    }

    /// The position in the order of `direction`: the one that comes first is the lesser. Doing it
    /// twice changes nothing.
    pub(crate) fn ranked(self, direction: Direction) -> Self {
        match direction {
            Direction::Forward => self,
            Direction::Backward => Self {
                millis: !self.millis,
                stream: !self.stream,
                batch: !self.batch,
                nth: !self.nth,
            },
        }
    }

    /// The position as AWS writes ids of events: 56 digits.
    pub(crate) fn digits(self) -> String {
        let Self {
            millis,
            stream,
            batch,
            nth,
        } = self;
        format!("{millis:014}{stream:020}{batch:016}{nth:06}")
    }

    /// Reads [`digits`](Self::digits).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            millis: text.get(..14)?.parse().ok()?,
            stream: text.get(14..34)?.parse().ok()?,
            batch: text.get(34..50)?.parse().ok()?,
            nth: text.get(50..)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn positions() -> impl Strategy<Value = Position> {
        (0..4i64, 0..3u64, 0..3u64, 1..4u32).prop_map(|(millis, stream, batch, nth)| Position {
            millis,
            stream,
            batch,
            nth,
        })
    }

    proptest! {
        #[test]
        fn backward_is_the_other_way_round(one in positions(), two in positions()) {
            let back = |position: Position| position.ranked(Direction::Backward);
            prop_assert_eq!(one.cmp(&two), back(two).cmp(&back(one)));
            prop_assert_eq!(back(back(one)), one);
        }

        #[test]
        fn digits_are_read_back(one in positions(), stream in any::<u64>()) {
            let one = Position { stream, ..one };
            prop_assert_eq!(one.digits().len(), DIGITS);
            prop_assert_eq!(Position::parse(&one.digits()), Some(one));
        }
    }

    #[test]
    fn nothing_else_is_a_position() {
        let digits = Position::before_time(5).digits();
        for text in [
            "",
            "1",
            &digits[1..],
            &digits.replace('5', "x"),
            &"9".repeat(56),
        ] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }
}
