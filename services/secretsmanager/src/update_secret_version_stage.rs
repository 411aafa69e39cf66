//! `secretsmanager:UpdateSecretVersionStage`: moves a staging label, attaches it or takes it away.

use api::secretsmanager::{UpdateSecretVersionStageRequest, UpdateSecretVersionStageResponse};
use platform::{Ctx, Result};
use wire::Fault;

use crate::access::{self, Asked, Secret};
use crate::secret::CURRENT;
use crate::{labels, refusals, replication};

pub(crate) async fn update_secret_version_stage(
    ctx: &Ctx,
    req: UpdateSecretVersionStageRequest,
) -> Result<UpdateSecretVersionStageResponse> {
    let asked = Asked {
        keys: vec![("versionstage", req.version_stage.clone())],
        ..Asked::default()
    };
    let action = "secretsmanager:UpdateSecretVersionStage";
    let secret = access::valued(ctx, action, &req.secret_id, asked).await?;
    check(&secret, &req)?;
    let mut draft = secret.draft(ctx);
    match &req.move_to_version_id {
        Some(version) => labels::attach(&mut draft, &req.version_stage, version)?,
        None => labels::detach(&mut draft, &req.version_stage),
    }
    replication::store(ctx, &secret.place, draft).await?;
    Ok(UpdateSecretVersionStageResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
    })
}

/// Refuses to take a label from another version than the caller knows of.
fn check(secret: &Secret, req: &UpdateSecretVersionStageRequest) -> Result<(), Fault> {
    let label = &req.version_stage;
    let (from, to) = (&req.remove_from_version_id, &req.move_to_version_id);
    for id in [from, to].into_iter().flatten() {
        if secret.version(id).is_none() {
            return Err(refusals::no_version(id));
        }
    }
    // The current version can always be read.
    if let Some(to) = to.as_ref().filter(|_| label == CURRENT)
        && secret.content_of(to).is_none()
    {
        return Err(refusals::no_version(to));
    }
    let holder = secret.labelled(label);
    match (from, to) {
        (None, None) => Err(refusals::invalid(
            "You must specify RemoveFromVersionId, MoveToVersionId, or both.",
        )),
        (Some(_), None) if label == CURRENT => Err(refusals::invalid(
            "You can only move staging label AWSCURRENT to a different secret version. It can\u{2019}t \
             be completely removed.",
        )),
        (Some(from), _) if holder != Some(from) => Err(refusals::invalid(format!(
            "The staging label {label} isn't currently attached to version {from}, so you can't \
             remove it from that version."
        ))),
        (None, Some(to)) => match holder.filter(|holder| holder != to) {
            Some(holder) => Err(refusals::invalid(format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {label} is \
                 currently attached to version {holder}, so you must explicitly reference that \
                 version in RemoveFromVersionId."
            ))),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
