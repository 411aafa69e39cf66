//! `secretsmanager:PutSecretValue`: makes a new version of a secret.

use api::secretsmanager::{PutSecretValueRequest, PutSecretValueResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::secret::CURRENT;
use crate::value::{self, SecretValue};
use crate::{refusals, replication, rotation, versions};

pub(crate) async fn put_secret_value(
    ctx: &Ctx,
    req: PutSecretValueRequest,
) -> Result<PutSecretValueResponse> {
    let action = "secretsmanager:PutSecretValue";
    let secret = access::valued(ctx, action, &req.secret_id, Asked::default()).await?;
    let value = SecretValue::asked(req.secret_string, req.secret_binary)?;
    let value = value.ok_or_else(|| {
        refusals::wrong_state("You must provide either SecretString or SecretBinary.")
    })?;
    let id = value::version_id(req.client_request_token.as_deref())?;
    if let Some(token) = &req.rotation_token {
        rotation::check_token(&secret, &id, token)?;
    }
    let place = &secret.place;
    let mut labels = req.version_stages;
    if labels.is_empty() || (secret.versions.is_empty() && !labels.iter().any(|it| it == CURRENT)) {
        labels.push(CURRENT.to_owned());
    }
    let shown = match versions::repeats(ctx, (place, &secret), (&id, &value)).await? {
        true => secret.labels_of(&id),
        false => {
            let mut draft = secret.draft(ctx);
            versions::add(ctx, (place, &mut draft), (&id, &value), &labels).await?;
            let shown = draft.labels_of(&id);
            replication::store(ctx, place, draft).await?;
            shown
        }
    };
    Ok(PutSecretValueResponse {
        arn: Some(secret.arn()),
        name: Some(place.name.clone()),
        version_id: Some(id),
        version_stages: Some(shown).filter(|shown| !shown.is_empty()),
    })
}
