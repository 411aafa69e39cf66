//! `secretsmanager:RestoreSecret`: takes a deletion back.

use api::secretsmanager::{RestoreSecretRequest, RestoreSecretResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::deletion;
use crate::told::{Event, Told};

pub(crate) async fn restore_secret(
    ctx: &Ctx,
    req: RestoreSecretRequest,
) -> Result<RestoreSecretResponse> {
    let action = "secretsmanager:RestoreSecret";
    let secret = access::any(ctx, action, &req.secret_id, Asked::default()).await?;
    secret.check_is_primary()?;
    if secret.deletion.is_some() {
        let mut draft = secret.draft(ctx);
        draft.deletion = None;
        Told::about((&secret.place, &secret)).note(ctx, Event::Cancel)?;
        deletion::cancel(ctx, &secret.place).await;
        ctx.put(secret.place.key(), draft).await;
    }
    Ok(RestoreSecretResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
    })
}
