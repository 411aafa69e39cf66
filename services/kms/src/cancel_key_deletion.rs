//! `kms:CancelKeyDeletion`: keeps a key that was to be deleted. It stays disabled until somebody
//! enables it, or imports the material that it lacks.

use api::kms::{CancelKeyDeletionRequest, CancelKeyDeletionResponse, KMSInvalidStateException};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::key::{State, change};
use crate::lookup::Found;
use crate::{access, deletion};

pub(crate) async fn cancel_key_deletion(
    ctx: &Ctx,
    req: CancelKeyDeletionRequest,
) -> Result<CancelKeyDeletionResponse> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:CancelKeyDeletion", found, &request).await?;
    let is_pending = matches!(
        key.record.state,
        State::PendingDeletion { .. } | State::PendingReplicaDeletion { .. }
    );
    if !is_pending {
        let text = format!("{} is not pending deletion.", key.record.arn);
        return Err(KMSInvalidStateException::new(text).into());
    }
    let state = match key.record.lacks_material() {
        true => State::PendingImport,
        false => State::Disabled,
    };
    change(ctx, &key, |record| record.state = state).await;
    deletion::cancel(ctx, &key.record).await;
    Ok(CancelKeyDeletionResponse {
        key_id: Some(key.record.arn.clone()),
    })
}
