//! Which delivery is next: queues in memory, a few words for each delivery. What is lost of it with
//! the program is read from the records at the next start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::Random;
use store::Key;
use tokio::sync::Notify;
use wire::Timestamp;

use crate::fault::Result;

/// The most deliveries under way at once.
const MOST: usize = 256;
/// The most of one queue without order. Of one account there are never more than there is room
/// left: whoever's receivers hang, others have their turn.
const MOST_OF_QUEUE: usize = 8;

/// How much of one account may wait before nothing may be added to it: receivers that do not answer
/// fill neither the disk nor the memory of all (decision 18).
const MOST_WAITING: Waiting = Waiting {
    count: 1_000_000,
    bytes: 512 << 20,
};

/// What a delivery is known by: a number that grows with time, and chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeliveryId(u64, u64);

impl DeliveryId {
    /// 32 hexadecimal digits.
    pub(crate) fn text(self) -> String {
        format!("{:016x}{:016x}", self.0, self.1)
    }

    /// Where its records are: with none of the accounts, since a start looks for all of them.
    pub(crate) fn key(self) -> Key {
        Key::new("", "", [self.text()])
    }

    /// The delivery whose records are at `key`.
    pub(crate) fn of(key: &Key) -> Option<Self> {
        let (high, low) = key.parts().next()?.split_at_checked(16)?;
        let number = |digits| u64::from_str_radix(digits, 16).ok();
        Some(Self(number(high)?, number(low)?))
    }
}

/// A delivery with its place in the agenda.
#[derive(Clone)]
pub(crate) struct Scheduled {
    pub(crate) account: Arc<str>,
    /// With the account in it: no two share a queue.
    pub(crate) queue: Arc<str>,
    pub(crate) ordered: bool,
    pub(crate) due_millis: i64,
    /// Those of its payload.
    pub(crate) bytes: u32,
    pub(crate) id: DeliveryId,
}

/// What became of deliveries since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// Delivered.
    pub done: u64,
    /// Attempts that failed and are followed by another one.
    pub retried: u64,
    /// Given up, and handed to where given up deliveries go, if anywhere.
    pub given_up: u64,
    /// Given up, and refused there.
    pub dropped: u64,
    /// Waiting now, or under way.
    pub waiting: u64,
}

/// Deliveries that wait or are under way, and the bytes of their payloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

/// All deliveries by queue, and what is due when.
#[derive(Default)]
pub(crate) struct Agenda {
    state: Mutex<State>,
    /// Rings when something is due earlier than before.
    pub(crate) wake: Notify,
    last: AtomicU64,
    pub(crate) counted: Counted,
}

#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) done: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) given_up: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

#[derive(Default)]
struct State {
    queues: BTreeMap<Arc<str>, Queue>,
    /// The accounts with anything waiting or under way.
    accounts: BTreeMap<Arc<str>, Account>,
    under_way: usize,
    waiting: u64,
    /// How often something was taken.
    taken: u64,
    /// What may wait of an account, where a test says so.
    most: Option<Waiting>,
}

#[derive(Default)]
struct Account {
    /// The queues that something may be taken from, by the time from which on.
    turns: BTreeSet<(i64, Arc<str>)>,
    under_way: usize,
    waiting: Waiting,
    /// When something was taken last, counted in what was taken.
    served: u64,
}

#[derive(Default)]
struct Queue {
    account: Arc<str>,
    ordered: bool,
    /// In a queue with order, when the first one is due; the others wait for it.
    not_before: i64,
    /// By the time when they are due, which in a queue with order is 0 for all.
    /// With the bytes of their payloads.
    waiting: BTreeMap<(i64, DeliveryId), u32>,
    under_way: usize,
    /// What stands in `turns`.
    turn: Option<i64>,
}

impl Agenda {
    /// The id of a delivery that is staged at `now`. It is greater than that of all that this
    /// program staged before.
    pub(crate) fn next_id(&self, now: Timestamp, random: &dyn Random) -> Result<DeliveryId> {
        let mut chance = [0; 8];
        random.fill(&mut chance)?;
        // A million a millisecond, until the year 2500.
        let earliest = u64::try_from(now.millis).unwrap_or_default() << 20;
        let next = |last: u64| Some(earliest.max(last + 1));
        let order = Ordering::Relaxed;
        let last = self.last.fetch_update(order, order, next);
        let last = last.unwrap_or_else(|last| last);
        Ok(DeliveryId(
            earliest.max(last + 1),
            u64::from_le_bytes(chance),
        ))
    }

    /// Adds deliveries that were committed.
    pub(crate) fn add(&self, scheduled: Vec<Scheduled>) {
        if scheduled.is_empty() {
            return;
        }
        let mut state = self.state();
        for one in scheduled {
            state.add(&one);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Whether less waits of an account than `percent` of what may.
    pub(crate) fn has_room(&self, account: &str, percent: u64) -> bool {
        let state = self.state();
        let Some(account) = state.accounts.get(account) else {
            return true;
        };
        let (waiting, most) = (account.waiting, state.most.unwrap_or(MOST_WAITING));
        let is_below = |waiting: u64, most: u64| waiting < most / 100 * percent;
        is_below(waiting.count, most.count) && is_below(waiting.bytes, most.bytes)
    }

    /// Lets no more wait of an account than `most`.
    pub(crate) fn limit(&self, most: Waiting) {
        self.state().most = Some(most);
    }

    /// Takes a delivery that is due at `now`, if there is one and not too much is under way.
    pub(crate) fn take(self: &Arc<Self>, now: Timestamp) -> Option<Taken> {
        let scheduled = self.state().take(now.millis)?;
        let agenda = Arc::clone(self);
        Some(Taken {
            agenda,
            scheduled,
            fate: Fate::Again(now.millis.saturating_add(AFTER_A_BREAK)),
        })
    }

    /// When the next delivery is due that may be taken.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let state = self.state();
        let next = state.with_room().filter_map(|(_, account)| account.due());
        next.min()
    }

    /// What became of deliveries.
    pub(crate) fn counts(&self) -> DeliveryCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        DeliveryCounts {
            done: read(&self.counted.done),
            retried: read(&self.counted.retried),
            given_up: read(&self.counted.given_up),
            dropped: read(&self.counted.dropped),
            waiting: self.state().waiting,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds until a delivery is tried again whose attempt broke off.
const AFTER_A_BREAK: i64 = 60_000;

/// A delivery under way. However its attempt ends, it does not get lost.
pub(crate) struct Taken {
    agenda: Arc<Agenda>,
    scheduled: Scheduled,
    fate: Fate,
}

#[derive(Clone, Copy)]
enum Fate {
    Gone,
    Again(i64),
}

impl Taken {
    pub(crate) fn id(&self) -> DeliveryId {
        self.scheduled.id
    }

    /// It needs no further attempt.
    pub(crate) fn gone(mut self) {
        self.fate = Fate::Gone;
    }

    /// The next attempt is due then.
    pub(crate) fn again(mut self, due_millis: i64) {
        self.fate = Fate::Again(due_millis);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.agenda.state().give_back(&self.scheduled, self.fate);
        self.agenda.wake.notify_one();
    }
}

impl State {
    fn add(&mut self, new: &Scheduled) {
        let queue = self.queues.entry(Arc::clone(&new.queue)).or_default();
        queue.account = Arc::clone(&new.account);
        queue.ordered = new.ordered;
        if queue.insert(new.due_millis, (new.id, new.bytes)) {
            self.waiting += 1;
            let account = self.accounts.entry(Arc::clone(&new.account)).or_default();
            account.waiting.count += 1;
            account.waiting.bytes += u64::from(new.bytes);
        }
        self.set_turn(&new.queue);
    }

    /// The accounts of which more may be under way.
    fn with_room(&self) -> impl Iterator<Item = (&Arc<str>, &Account)> {
        let left = MOST.saturating_sub(self.under_way);
        let accounts = self.accounts.iter();
        accounts.filter(move |(_, account)| account.under_way < left)
    }

    /// Takes from the account that has the least under way, and of those from the one that waits
    /// for the longest.
    fn take(&mut self, now_millis: i64) -> Option<Scheduled> {
        let due = self.with_room();
        let due = due.filter(|(_, account)| account.due().is_some_and(|due| due <= now_millis));
        let (id, account) = due.min_by_key(|(_, account)| (account.under_way, account.served))?;
        let (id, (_, name)) = (Arc::clone(id), account.turns.first()?);
        let name = Arc::clone(name);
        let queue = self.queues.get_mut(&name)?;
        let ((due_millis, delivery), bytes) = queue.waiting.pop_first()?;
        let ordered = queue.ordered;
        queue.under_way += 1;
        self.under_way += 1;
        self.taken += 1;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.under_way += 1;
            account.served = self.taken;
        }
        self.set_turn(&name);
        Some(Scheduled {
            account: id,
            queue: name,
            ordered,
            due_millis,
            bytes,
            id: delivery,
        })
    }

    fn give_back(&mut self, taken: &Scheduled, fate: Fate) {
        self.under_way -= 1;
        if let Some(account) = self.accounts.get_mut(&taken.account) {
            account.under_way -= 1;
            if matches!(fate, Fate::Gone) {
                account.waiting.count -= 1;
                account.waiting.bytes -= u64::from(taken.bytes);
            }
        }
        let Some(queue) = self.queues.get_mut(&taken.queue) else {
            return;
        };
        queue.under_way -= 1;
        match fate {
            Fate::Gone => self.waiting -= 1,
            Fate::Again(due_millis) => {
                queue.insert(due_millis, (taken.id, taken.bytes));
            }
        }
        self.set_turn(&taken.queue);
    }

    /// Brings `turns` in line with a queue that changed, and forgets a queue that has nothing and an
    /// account without any.
    fn set_turn(&mut self, name: &Arc<str>) {
        let Some(queue) = self.queues.get_mut(name) else {
            return;
        };
        let account = self.accounts.entry(Arc::clone(&queue.account)).or_default();
        let turn = queue.next_turn();
        if turn != queue.turn {
            if let Some(old) = queue.turn {
                account.turns.remove(&(old, Arc::clone(name)));
            }
            if let Some(new) = turn {
                account.turns.insert((new, Arc::clone(name)));
            }
            queue.turn = turn;
        }
        let is_idle = account.turns.is_empty() && account.under_way == 0;
        if is_idle {
            self.accounts.remove(&queue.account);
        }
        if queue.waiting.is_empty() && queue.under_way == 0 {
            self.queues.remove(name);
        }
    }
}

impl Account {
    /// From when on something may be taken.
    fn due(&self) -> Option<i64> {
        self.turns.first().map(|(due, _)| *due)
    }
}

impl Queue {
    /// Whether it was not there yet.
    fn insert(&mut self, due_millis: i64, (id, bytes): (DeliveryId, u32)) -> bool {
        let mut place = (due_millis, id);
        if self.ordered {
            self.not_before = self.not_before.max(due_millis);
            place = (0, id);
        }
        self.waiting.insert(place, bytes).is_none()
    }

    /// From when on something may be taken; none if there is nothing, or enough is under way.
    fn next_turn(&self) -> Option<i64> {
        let most = if self.ordered { 1 } else { MOST_OF_QUEUE };
        let first = self.waiting.first_key_value();
        let ((due_millis, _), _) = first.filter(|_| self.under_way < most)?;
        Some(match self.ordered {
            true => self.not_before,
            false => *due_millis,
        })
    }
}

mod hastening;
#[cfg(test)]
mod tests;
