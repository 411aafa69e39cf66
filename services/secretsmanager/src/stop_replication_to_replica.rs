//! `secretsmanager:StopReplicationToReplica`: makes a replica a secret of its own.

use api::secretsmanager::{StopReplicationToReplicaRequest, StopReplicationToReplicaResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::secret::SecretRecord;
use crate::{refusals, replication};

pub(crate) async fn stop_replication_to_replica(
    ctx: &Ctx,
    req: StopReplicationToReplicaRequest,
) -> Result<StopReplicationToReplicaResponse> {
    let action = "secretsmanager:StopReplicationToReplica";
    let secret = access::live(ctx, action, &req.secret_id, Asked::default()).await?;
    let place = &secret.place;
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
