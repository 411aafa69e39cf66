//! `secretsmanager:StopReplicationToReplica`: makes a replica a secret of its own.

use api::secretsmanager::{StopReplicationToReplicaRequest, StopReplicationToReplicaResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked, Secret};
use crate::links::{self, LinkRecord};
use crate::secret::SecretRecord;
use crate::{cross_account, refusals, replication};

pub(crate) async fn stop_replication_to_replica(
    ctx: &Ctx,
    req: StopReplicationToReplicaRequest,
) -> Result<StopReplicationToReplicaResponse> {
    let action = "secretsmanager:StopReplicationToReplica";
    let secret = access::live(ctx, action, &req.secret_id, Asked::default()).await?;
    let place = &secret.place;
    if links::is_replica(ctx, (place, &secret)).await? {
        return stop_cross_account(ctx, &secret).await;
    }
    let primary = secret.primary(place).ok_or_else(refusals::is_no_replica)?;
    if let Some(known) = ctx.get::<SecretRecord>(&primary.key()).await? {
        let mut draft = SecretRecord::clone(&known);
        replication::forget(&mut draft, &place.region);
        ctx.put(primary.key(), draft).await;
    }
    let mut draft = secret.draft(ctx);
    draft.primary_region = None;
    ctx.put(place.key(), draft).await;
    Ok(StopReplicationToReplicaResponse {
        arn: Some(secret.arn()),
    })
}

/// Ends it for the replica's account. The primary's learns of it and ends it for itself.
async fn stop_cross_account(
    ctx: &Ctx,
    secret: &Secret,
) -> Result<StopReplicationToReplicaResponse> {
    // The policy that Secrets Manager attached goes as well.
    let asked = Asked {
        keys: vec![("policyname", links::POLICY_NAME.to_owned())],
        ..Asked::default()
    };
    let (action, arn) = ("secretsmanager:DeleteResourcePolicy", secret.arn());
    access::live(ctx, action, &arn, asked).await?;
    let ends = (&secret.place, &**secret);
    if let Some(link) = LinkRecord::of(ctx, ends).await?
        && let Some((there, primary)) = cross_account::find(ctx, &link.other).await?
    {
        links::detach(ctx, (&there, &primary), &arn).await?;
    }
    LinkRecord::delete(ctx, ends).await;
    ctx.put(secret.place.key(), secret.draft(ctx)).await;
    Ok(StopReplicationToReplicaResponse { arn: Some(arn) })
}
