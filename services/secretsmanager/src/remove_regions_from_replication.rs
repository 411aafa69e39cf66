//! `secretsmanager:RemoveRegionsFromReplication`: deletes replicas of a secret, at once.

use api::secretsmanager::{
    RemoveRegionsFromReplicationRequest, RemoveRegionsFromReplicationResponse,
};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{describing, replication};

pub(crate) async fn remove_regions_from_replication(
    ctx: &Ctx,
    req: RemoveRegionsFromReplicationRequest,
) -> Result<RemoveRegionsFromReplicationResponse> {
    let action = "secretsmanager:RemoveRegionsFromReplication";
    let secret = access::writable(ctx, action, &req.secret_id, Asked::default()).await?;
    let place = &secret.place;
    let mut draft = secret.draft(ctx);
    for region in &req.remove_replica_regions {
        replication::remove(ctx, (place, &mut draft), region).await?;
    }
    let shown = (place, &draft);
    let accessed = describing::accessed(ctx, describing::arns(shown)).await?;
    let replication_status = Some(describing::replicas(shown, &accessed));
    ctx.put(place.key(), draft).await;
    Ok(RemoveRegionsFromReplicationResponse {
        arn: Some(secret.arn()),
        replication_status,
    })
}
