//! Where events come from that nobody puts: schedules, what services tell of by themselves, calls
//! that a trail logs. One loop attends to all of them.

use std::sync::Arc;
use std::time::Duration;

use platform::{OwnWork, Result, Trails};
use wire::Timestamp;

use crate::expiry::Expiry;
use crate::trail_events::Follower;
use crate::{emitted, scheduled};

/// The service principal that EventBridge acts as.
pub(crate) const PRINCIPAL: &str = "events.amazonaws.com";

/// How long a schedule that was just made may stay unseen; none is due before a minute has begun.
const LOOK_MILLIS: i64 = 1000;
/// The longest time without a look at anything.
const LONGEST: Duration = Duration::from_secs(60);

/// What attends to the sources of events.
pub struct Sources {
    work: OwnWork,
    follower: Follower,
    expiry: Expiry,
    /// When the next rule is due, in seconds since 1970, as far as is known.
    next_due: Option<i64>,
    looked_millis: i64,
}

impl Sources {
    /// Nothing happens before [`go`](Self::go).
    pub fn new(work: OwnWork, trails: Arc<dyn Trails>) -> Self {
        Self {
            work,
            follower: Follower::new(trails),
            expiry: Expiry::default(),
            next_due: None,
            looked_millis: 0,
        }
    }

    /// Attends to all that is there now. What cannot be done is done the next time; the first error
    /// is returned when all others had their turn.
    pub async fn go(&mut self) -> Result<()> {
        let now = self.work.now();
        let schedules = self.schedules(now).await;
        let emitted = emitted::route(&self.work).await;
        let calls = self.follower.go(&self.work).await;
        let expiry = self.expiry.go(&self.work, now).await;
        schedules.and(emitted).and(calls).and(expiry)
    }

    /// How long nothing is due by the clock alone.
    pub fn rest(&self) -> Duration {
        let due = self.next_due.map(|due| due * 1000 - self.work.now().millis);
        let due = due.map(|millis| u64::try_from(millis).unwrap_or_default());
        due.map_or(LONGEST, |millis| Duration::from_millis(millis).min(LONGEST))
    }

    /// Waits until there is something on record that was not looked at.
    pub async fn wait(&mut self) {
        self.follower.wait(&self.work).await;
    }

    async fn schedules(&mut self, now: Timestamp) -> Result<()> {
        let is_due = self.next_due.is_some_and(|due| due <= now.secs());
        if is_due || (now.millis - self.looked_millis).abs() >= LOOK_MILLIS {
            self.looked_millis = now.millis;
            self.next_due = scheduled::fire(&self.work, now).await?;
        }
        Ok(())
    }
}
