//! `secretsmanager:UpdateSecret`: changes what a secret is like, and makes a new version if it gets
//! a value.

use api::secretsmanager::{UpdateSecretRequest, UpdateSecretResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::secret::{CURRENT, SecretRecord};
use crate::value::{self, SecretValue};
use crate::{cross_account, encryption, links, owning, refusals, replication, versions};

pub(crate) async fn update_secret(
    ctx: &Ctx,
    mut req: UpdateSecretRequest,
) -> Result<UpdateSecretResponse> {
    let mut keys = Vec::new();
    keys.extend(req.description.clone().map(|it| ("description", it)));
    keys.extend(req.kms_key_id.clone().map(|it| ("kmskeyid", it)));
    keys.extend(req.r#type.clone().map(|it| ("type", it)));
    let asked = Asked {
        keys,
        ..Asked::default()
    };
    let action = "secretsmanager:UpdateSecret";
    let secret = access::live(ctx, action, &req.secret_id, asked).await?;
    owning::check(ctx, &secret)?;
    let has_value = req.secret_string.is_some() || req.secret_binary.is_some();
    if has_value || req.description.is_some() || req.kms_key_id.is_none() {
        // A replica has nothing of its own but its key ("Promote a replica secret to a standalone
        // secret").
        secret.check_is_primary()?;
    }
    let (place, mut draft) = (&secret.place, secret.draft(ctx));
    if has_value {
        links::check_takes_values(ctx, &secret).await?;
    }
    if req.kms_key_id.is_some() && links::is_replica(ctx, (place, &secret)).await? {
        cross_account::check_key(req.kms_key_id.as_deref())?;
    }
    if req.r#type.as_deref().is_some_and(|it| !it.is_empty()) {
        return Err(refusals::invalid("Managed external secrets are not supported.").into());
    }
    let value = SecretValue::asked(req.secret_string.take(), req.secret_binary.take())?;
    if let Some(description) = req.description.take() {
        draft.description = Some(description).filter(|it| !it.is_empty());
    }
    if let Some(key_id) = req.kms_key_id.as_deref() {
        draft.key_id = SecretRecord::key_named(Some(key_id));
        if draft.key_id != secret.key_id {
            if let Some(key_id) = &draft.key_id {
                encryption::try_key(ctx, &secret.arn(), key_id).await?;
            }
            versions::encrypt_again(ctx, place, &mut draft).await?;
        }
    }
    let mut version_id = None;
    if let Some(value) = &value {
        let id = value::version_id(req.client_request_token.as_deref())?;
        if !versions::repeats(ctx, (place, &secret), (&id, value)).await? {
            let labels = [CURRENT.to_owned()];
            versions::add(ctx, (place, &mut draft), (&id, value), &labels).await?;
        }
        version_id = Some(id);
    }
    replication::store(ctx, place, draft).await?;
    Ok(UpdateSecretResponse {
        arn: Some(secret.arn()),
        name: Some(place.name.clone()),
        version_id,
    })
}
