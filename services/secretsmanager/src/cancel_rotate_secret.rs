//! `secretsmanager:CancelRotateSecret`: turns rotation off, and ends the one that is under way.

use api::secretsmanager::{CancelRotateSecretRequest, CancelRotateSecretResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{refusals, rotation};

/// The version that a rotation made stays, with its label: whoever cancels knows what became of
/// the database.
pub(crate) async fn cancel_rotate_secret(
    ctx: &Ctx,
    req: CancelRotateSecretRequest,
) -> Result<CancelRotateSecretResponse> {
    let action = "secretsmanager:CancelRotateSecret";
    let secret = access::valued(ctx, action, &req.secret_id, Asked::default()).await?;
    let place = &secret.place;
    let mut draft = secret.draft(ctx);
    let Some(rotation) = &mut draft.rotation else {
        return Err(refusals::wrong_state(
            "You can't cancel rotation for a secret that has never been configured for rotation.",
        )
        .into());
    };
    rotation.enabled = false;
    rotation.next = None;
    let ended = rotation.progress.take();
    if let Some(managed) = rotation.managed.take() {
        managed.take_down(ctx).await?;
    }
    let before = secret.rotation.as_ref();
    rotation::follow_schedule(ctx, (place, &draft), before).await?;
    ctx.put(place.key(), draft).await;
    Ok(CancelRotateSecretResponse {
        arn: Some(secret.arn()),
        name: Some(place.name.clone()),
        version_id: ended.map(|ended| ended.token),
    })
}
