//! Events that are appended together.

use std::ops::Deref;

use super::Event;

/// Events in their order, in one write and nothing between them. Most calls have one, for which there
/// is no list to allocate.
pub struct Events(Held);

enum Held {
    One(Event),
    Any(Vec<Event>),
}

impl Events {
    /// Appends another one.
    pub fn push(&mut self, event: Event) {
        match &mut self.0 {
            Held::Any(events) if events.capacity() == 0 => self.0 = Held::One(event),
            Held::Any(events) => events.push(event),
            Held::One(_) => {
                let mut events = std::mem::take(self).into_vec();
                events.push(event);
                self.0 = Held::Any(events);
            }
        }
    }

    /// All of them in a list.
    pub fn into_vec(self) -> Vec<Event> {
        match self.0 {
            Held::One(event) => vec![event],
            Held::Any(events) => events,
        }
    }
}

impl Default for Events {
    fn default() -> Self {
        Self(Held::Any(Vec::new()))
    }
}

impl From<Vec<Event>> for Events {
    fn from(events: Vec<Event>) -> Self {
        Self(Held::Any(events))
    }
}

impl Deref for Events {
    type Target = [Event];

    fn deref(&self) -> &[Event] {
        match &self.0 {
            Held::One(event) => std::slice::from_ref(event),
            Held::Any(events) => events,
        }
    }
}

impl IntoIterator for Events {
    type Item = Event;
    type IntoIter = std::vec::IntoIter<Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: u64) -> Event {
        Event {
            now_millis: number,
            payload: Vec::new(),
            is_marked: false,
        }
    }

    #[test]
    fn events_keep_their_order_however_many() {
        for count in 0..5 {
            for listed in 0..=count {
                let mut events = Events::from((0..listed).map(event).collect::<Vec<_>>());
                (listed..count).for_each(|number| events.push(event(number)));
                let numbers: Vec<u64> = events.iter().map(|event| event.now_millis).collect();
                assert!(numbers.iter().copied().eq(0..count));
                let listed = events.into_iter().map(|event| event.now_millis);
                assert!(listed.eq(0..count));
            }
        }
    }
}
