//! Calls that line up for a record that they all change, instead of getting in each other's way.
//!
//! A call runs as it comes. Whoever has met a conflict waits until it is its turn for what it met the
//! conflict over, and keeps the turn until its commit is over; a handler that knows beforehand lines
//! up at once ([`Ctx::line_up`]). That is for order and speed alone, since the store refuses whoever
//! comes second. A call has one turn at most and never waits while it has one, so that no two calls
//! wait for each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::journal::Call;
use store::{Contested, Key, Record};
use tokio::sync::OwnedMutexGuard;

use crate::ctx::Ctx;

/// How many lines there may be before those are forgotten in which nobody stands.
const MANY: usize = 1024;

/// Who waits for what.
#[derive(Default)]
pub(crate) struct Lines(Mutex<HashMap<Contested, Arc<tokio::sync::Mutex<()>>>>);

/// The turn of a call and of those that it makes, if it has one; and that it is under way.
#[derive(Clone, Default)]
pub(crate) struct Standing(Arc<Held>);

#[derive(Default)]
struct Held {
    turn: Mutex<Option<Turn>>,
    call: Mutex<Option<Call>>,
}

/// It ends when it is dropped, and the next in line has it.
struct Turn {
    over: Contested,
    _turn: OwnedMutexGuard<()>,
}

impl Lines {
    /// Waits for a turn, in the order of arrival.
    async fn turn(&self, over: Contested) -> Turn {
        let line = self.line(&over);
        Turn {
            over,
            _turn: line.lock_owned().await,
        }
    }

    fn line(&self, over: &Contested) -> Arc<tokio::sync::Mutex<()>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= MANY {
            lines.retain(|_, line| Arc::strong_count(line) > 1);
        }
        Arc::clone(lines.entry(over.clone()).or_default())
    }
}

impl Standing {
    /// Of a call that is under way.
    pub(crate) fn of(call: Call) -> Self {
        Self(Arc::new(Held {
            turn: Mutex::default(),
            call: Mutex::new(Some(call)),
        }))
    }

    /// After a conflict: has the turn for what it was over, and no other.
    pub(crate) async fn again(&self, lines: &Lines, over: Contested) {
        if self.turn().as_ref().is_some_and(|turn| turn.over == over) {
            return;
        }
        self.leave();
        let turn = lines.turn(over).await;
        *self.turn() = Some(turn);
    }

    /// Lets the next in line go on.
    pub(crate) fn leave(&self) {
        *self.turn() = None;
    }

    /// Says that nothing will be appended for a while, and lets the next in line go on.
    pub(crate) fn rest(&self) {
        self.leave();
        *self.0.call.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn has_turn(&self) -> bool {
        self.turn().is_some()
    }

    fn turn(&self) -> MutexGuard<'_, Option<Turn>> {
        self.0.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ctx {
    /// Says that this call is about to wait for something that may take long. Nobody waits in line
    /// meanwhile for what it had its turn for.
    pub fn rest(&self) {
        self.standing.rest();
    }

    /// Waits until no other call that lined up for the record at `key` is under way, before this one
    /// reads the record; those after it wait until its commit is over. For records that every call of
    /// an operation changes. A call that stands in a line already does not wait.
    pub async fn line_up<R: Record>(&self, key: &Key) {
        if self.standing.has_turn() {
            return;
        }
        let over = self.txn().await.contested::<R>(key);
        self.standing.again(&self.house.lines, over).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many things to stand in line for.
    async fn contested(count: usize) -> Vec<Contested> {
        let harness = crate::testing::Harness::new(Vec::new()).await;
        let txn = harness.pipeline.store().begin();
        let keys = (0..count).map(|number| Key::new("1", "r", [number.to_string()]));
        keys.map(|key| txn.contested::<Note>(&key)).collect()
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Note;

    impl Record for Note {
        const TABLE: &'static str = "test.notes";
        const SERVICE: &'static str = "test";
    }

    #[tokio::test]
    async fn turns_are_taken_in_the_order_of_arrival() {
        let [over, another] = contested(2).await.try_into().unwrap();
        let lines = Arc::new(Lines::default());
        let standing = Standing::default();
        standing.again(&lines, over.clone()).await;
        let ended = Arc::new(Mutex::new(Vec::new()));
        let mut others = Vec::new();
        for number in 0..3 {
            let (lines, over, ended) = (Arc::clone(&lines), over.clone(), Arc::clone(&ended));
            others.push(tokio::spawn(async move {
                let own = Standing::default();
                own.again(&lines, over).await;
                ended.lock().unwrap().push(number);
                tokio::task::yield_now().await;
            }));
            tokio::task::yield_now().await;
        }
        assert!(ended.lock().unwrap().is_empty());
        // Who has the turn already keeps it.
        standing.again(&lines, over.clone()).await;
        assert!(ended.lock().unwrap().is_empty());
        // Who waits for another lets go of it first.
        standing.again(&lines, another).await;
        for other in others {
            other.await.unwrap();
        }
        assert_eq!(*ended.lock().unwrap(), [0, 1, 2]);
    }

    #[tokio::test]
    async fn lines_in_which_nobody_stands_are_forgotten() {
        let (lines, many) = (Lines::default(), contested(2 * MANY).await);
        let kept = lines.turn(many[0].clone()).await;
        for over in &many[1..] {
            drop(lines.turn(over.clone()).await);
        }
        let known = lines.0.lock().unwrap();
        assert!(known.len() <= MANY);
        assert!(known.contains_key(&kept.over));
    }
}
