//! `kms:ScheduleKeyDeletion`: ends a key's use at once and its existence after a waiting period.

use api::kms::{KeyState, ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse};
use platform::{Authorized, Ctx, Result, validation};

use crate::condition_keys::RequestKeys;
use crate::get_key_last_usage::days_without_use;
use crate::key::{Family, Key, State, change};
use crate::lookup::Found;
use crate::{access, deletion};

const DEFAULT_DAYS: i32 = 30;

pub(crate) async fn schedule_key_deletion(
    ctx: &Ctx,
    req: ScheduleKeyDeletionRequest,
) -> Result<ScheduleKeyDeletionResponse> {
    let days = req.pending_window_in_days.unwrap_or(DEFAULT_DAYS);
    if !(7..=30).contains(&days) {
        return Err(validation("PendingWindowInDays must be between 7 and 30"));
    }
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys {
        pending_window_in_days: Some(days),
        days_without_use: days_without_use(ctx, &found).await?,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:ScheduleKeyDeletion", found, &request).await?;
    key.check_not_pending_deletion()?;

    let key = deletion::settled(ctx, key).await?;
    if key
        .record
        .check_is_primary()
        .is_ok_and(Family::has_replicas)
    {
        return Ok(wait_for_replicas(ctx, &key, days).await);
    }

    let at = deletion::window_end(ctx.now, days);
    let state = State::PendingDeletion {
        at_millis: at.millis,
    };
    change(ctx, &key, |record| record.state = state).await;
    deletion::schedule(ctx, &key.record, at).await;
    Ok(ScheduleKeyDeletionResponse {
        key_id: Some(key.record.arn.clone()),
        deletion_date: Some(at),
        key_state: Some(KeyState::PendingDeletion),
        pending_window_in_days: Some(days),
    })
}

/// The window of a primary key begins when the last of its replicas is gone.
async fn wait_for_replicas(
    ctx: &Ctx,
    key: &Authorized<Key>,
    days: i32,
) -> ScheduleKeyDeletionResponse {
    let state = State::PendingReplicaDeletion {
        window_in_days: days,
    };
    change(ctx, key, |record| record.state = state).await;
    ScheduleKeyDeletionResponse {
        key_id: Some(key.record.arn.clone()),
        deletion_date: None,
        key_state: Some(KeyState::PendingReplicaDeletion),
        pending_window_in_days: Some(days),
    }
}
