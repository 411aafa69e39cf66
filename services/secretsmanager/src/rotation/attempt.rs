//! An attempt to carry a rotation out: one step after the other, each noted when it is done.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Failure, GivenUp, Outcome, Result, Upkeep,
};
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::steps::{Errand, Step, StepFailure};
use super::told::{Event, Told};
use super::{PRINCIPAL, Progress, Rotation, calendar};
use crate::labels;
use crate::names::Place;
use crate::secret::{CURRENT, PENDING, SecretRecord};

/// The most rotations under way at once.
const MOST: usize = 16;
/// How long one waits while so many are.
const UNTIL_ROOM: Duration = Duration::from_secs(1);
/// How long a failed rotation waits at least, times two for each failure before.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// How often a note is made again where somebody else commits first.
const CONFLICTS: usize = 64;

/// Carries rotations out.
#[derive(Default)]
pub(crate) struct Rotations {
    under_way: AtomicUsize,
}

/// A rotation that was begun.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) place: Place,
    pub(super) suffix: String,
    /// The id of the version that it makes.
    pub(super) token: String,
}

impl Deliverer for Rotations {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(_room) = Room::take(&self.under_way) else {
                return Ok(Outcome::NotYet(UNTIL_ROOM));
            };
            let work: Work = delivery.read()?;
            match work.carry_out(ctx.upkeep()).await? {
                None => Ok(Outcome::Done),
                Some(StepFailure(message)) => {
                    let wait = FIRST_WAIT * (1 << delivery.attempts.min(10));
                    Ok(Outcome::Retry(Failure {
                        retry_after: Some(wait),
                        ..Failure::new("RotationFailed", message)
                    }))
                }
            }
        })
    }

    /// Leaves the version where it is: it is tried again in the next window.
    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        _: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        Box::pin(async move {
            let work: Work = delivery.read()?;
            work.end(ctx.upkeep()).await
        })
    }
}

impl Work {
    /// Does what is left of the rotation. A failure may be tried again; none where it succeeded, or
    /// where there is nothing to be done any more.
    async fn carry_out(&self, upkeep: &Upkeep) -> Result<Option<StepFailure>> {
        self.note(upkeep, |secret, _| {
            let is_started = progress(secret).is_some_and(|it| it.is_started);
            with_progress(secret, |it| it.is_started = true);
            (!is_started).then_some((Event::Started, None))
        })
        .await?;
        loop {
            let Some(secret) = self.find(upkeep).await? else {
                return Ok(None);
            };
            let Some(progress) = progress(&secret) else {
                return Ok(None);
            };
            if secret.deletion.is_some() {
                self.end(upkeep).await?;
                return Ok(None);
            }
            let step = if progress.is_test {
                Step::Test
            } else {
                progress.step
            };
            let errand = Errand {
                place: &self.place,
                secret: &secret,
                token: &self.token,
                rotation_token: &progress.rotation_token,
                step,
            };
            let done = errand.run(upkeep).await?;
            if progress.is_test {
                self.end_test(upkeep, done.err()).await?;
                return Ok(None);
            }
            if let Err(failure) = done {
                return self.fail(upkeep, failure).await.map(Some);
            }
            match step.next() {
                Some(next) => {
                    self.note(upkeep, |secret, _| {
                        with_progress(secret, |it| it.step = next);
                        None
                    })
                    .await?;
                }
                None => return self.finish(upkeep).await,
            }
        }
    }

    /// Notes that the rotation succeeded, if the labels are as they should be then.
    async fn finish(&self, upkeep: &Upkeep) -> Result<Option<StepFailure>> {
        let Some(secret) = self.find(upkeep).await? else {
            return Ok(None);
        };
        if secret.labelled(CURRENT) != Some(&self.token) || secret.pending().is_some() {
            let token = &self.token;
            let text = format!(
                "The rotation function didn't leave the secret with AWSCURRENT attached to version \
                 {token} and AWSPENDING attached to the same version or to none"
            );
            return self.fail(upkeep, StepFailure(text)).await.map(Some);
        }
        self.note(upkeep, |secret, now| {
            if let Some(rotation) = &mut secret.rotation {
                rotation.progress = None;
                rotation.last_millis = Some(now.millis);
                rotation.schedule_after(now);
            }
            Some((Event::Succeeded, None))
        })
        .await?;
        Ok(None)
    }

    /// Notes that this attempt failed. The next one begins with the first step.
    async fn fail(&self, upkeep: &Upkeep, failure: StepFailure) -> Result<StepFailure> {
        self.note(upkeep, |secret, _| {
            with_progress(secret, |it| {
                it.step = Step::Create;
                it.is_started = false;
            });
            Some((Event::Failed, Some(failure.0.clone())))
        })
        .await?;
        Ok(failure)
    }

    /// Notes how a test ended, and takes its version away.
    async fn end_test(&self, upkeep: &Upkeep, failure: Option<StepFailure>) -> Result<()> {
        let failure = failure.map(|failure| failure.0);
        self.note(upkeep, |secret, _| {
            if secret.labelled(PENDING) == Some(&self.token) {
                labels::detach(secret, PENDING);
            }
            if let Some(rotation) = &mut secret.rotation {
                rotation.progress = None;
            }
            let event = if failure.is_none() {
                Event::Succeeded
            } else {
                Event::Failed
            };
            Some((event, failure.clone()))
        })
        .await
    }

    /// Notes that nobody works on the rotation any more, and plans the next one.
    async fn end(&self, upkeep: &Upkeep) -> Result<()> {
        self.note(upkeep, |secret, now| {
            if let Some(rotation) = &mut secret.rotation {
                rotation.progress = None;
                rotation.schedule_after(now);
            }
            None
        })
        .await
    }

    /// The secret, if this rotation is still under way.
    async fn find(&self, upkeep: &Upkeep) -> Result<Option<SecretRecord>> {
        let now = upkeep.time()?;
        let mut txn = upkeep.begin();
        let found = txn.get::<SecretRecord>(&self.place.key()).await?;
        let found = found.filter(|found| self.is_meant(found) && !found.is_gone(now));
        Ok(found.map(|found| SecretRecord::clone(&found)))
    }

    fn is_meant(&self, secret: &SecretRecord) -> bool {
        let token = progress(secret).map(|it| it.token.as_str());
        secret.suffix == self.suffix && token == Some(&self.token)
    }

    /// Changes the secret, if this rotation is still under way, and puts on record what `apply`
    /// says. It is applied again where somebody else commits first.
    async fn note(
        &self,
        upkeep: &Upkeep,
        apply: impl Fn(&mut SecretRecord, Timestamp) -> Option<(Event, Option<String>)>,
    ) -> Result<()> {
        for _ in 0..CONFLICTS {
            let now = upkeep.time()?;
            let ctx = upkeep.ctx(PRINCIPAL, &self.place.region, now)?;
            let found = SecretRecord::get(&ctx, &self.place).await?;
            let Some(known) = found.filter(|found| self.is_meant(found)) else {
                return Ok(());
            };
            let mut draft = SecretRecord::clone(&known);
            let said = apply(&mut draft, now);
            let told = said.map(|(event, error)| {
                // As it was before: a test is none any more when it is over.
                let told = Told::about((&self.place, &known), &self.token, event);
                match error {
                    Some(error) => told.because(error),
                    None => told,
                }
            });
            calendar::follow(&ctx, (&self.place, &draft), known.rotation.as_ref()).await?;
            ctx.put(self.place.key(), draft).await;
            let events: Vec<_> = told.iter().map(Told::event).collect();
            if upkeep.commit_ctx(ctx, &events).await? {
                return Ok(());
            }
        }
        Err(Error::internal("others always commit first"))
    }
}

fn progress(secret: &SecretRecord) -> Option<&Progress> {
    secret.rotation.as_ref()?.progress.as_ref()
}

fn with_progress(secret: &mut SecretRecord, change: impl FnOnce(&mut Progress)) {
    let rotation: Option<&mut Rotation> = secret.rotation.as_mut();
    if let Some(progress) = rotation.and_then(|rotation| rotation.progress.as_mut()) {
        change(progress);
    }
}

/// One of those under way.
struct Room<'a>(&'a AtomicUsize);

impl<'a> Room<'a> {
    fn take(under_way: &'a AtomicUsize) -> Option<Self> {
        let room = Self(under_way);
        // Dropping it gives back what was taken too much.
        (under_way.fetch_add(1, Ordering::Relaxed) < MOST).then_some(room)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
