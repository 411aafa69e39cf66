//! `secretsmanager:GetSecretValue`: the only place where a value leaves this service.

use api::secretsmanager::{GetSecretValueRequest, GetSecretValueResponse};
use platform::{Ctx, Result};
use wire::{Fault, Timestamp};

use crate::access::{self, Asked, Secret};
use crate::refusals;
use crate::secret::{CURRENT, Version};
use crate::value::SecretValue;
use crate::versions;

pub(crate) async fn get_secret_value(
    ctx: &Ctx,
    req: GetSecretValueRequest,
) -> Result<GetSecretValueResponse> {
    let stage = match (&req.version_id, &req.version_stage) {
        (None, None) => Some(CURRENT),
        (_, stage) => stage.as_deref(),
    };
    let mut keys = Vec::new();
    keys.extend(req.version_id.clone().map(|it| ("versionid", it)));
    keys.extend(stage.map(|it| ("versionstage", it.to_owned())));
    let asked = Asked {
        keys,
        ..Asked::default()
    };
    let action = "secretsmanager:GetSecretValue";
    let secret = access::live(ctx, action, &req.secret_id, asked).await?;
    if secret.has_default_key() && secret.place.account != ctx.account() {
        return Err(refusals::wrong_state(
            "You can't access a secret from a different AWS account if you encrypt the secret with \
             the default KMS service key.",
        )
        .into());
    }
    let version = choose(&secret, req.version_id.as_deref(), stage)?;
    let value = versions::open(ctx, (&secret.place, &secret), &version.id).await?;
    let (text, binary) = match value {
        SecretValue::Text(text) => (Some(text), None),
        SecretValue::Binary(binary) => (None, Some(binary)),
    };
    let labels = secret.labels_of(&version.id);
    Ok(GetSecretValueResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
        version_id: Some(version.id.clone()),
        secret_binary: binary,
        secret_string: text,
        version_stages: Some(labels).filter(|labels| !labels.is_empty()),
        created_date: Some(Timestamp {
            millis: version.created_millis,
        }),
    })
}

/// The version of this id, with this label.
fn choose<'s>(
    secret: &'s Secret,
    id: Option<&str>,
    stage: Option<&str>,
) -> Result<&'s Version, Fault> {
    if let Some(id) = id {
        let version = said(secret, id).ok_or_else(|| refusals::no_version(id))?;
        return match stage {
            Some(stage) if secret.labelled(stage) != Some(id) => Err(refusals::wrong_state(
                "You provided a VersionStage that is not associated to the provided VersionId.",
            )),
            _ => Ok(version),
        };
    }
    let stage = stage.unwrap_or(CURRENT);
    let found = secret.labelled(stage).and_then(|id| said(secret, id));
    found.ok_or_else(|| refusals::no_label(stage))
}

/// The version of this id, if it says anything.
fn said<'s>(secret: &'s Secret, id: &str) -> Option<&'s Version> {
    secret.content_of(id)?;
    secret.version(id)
}
