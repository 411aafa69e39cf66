//! `secretsmanager:ReplicateSecretToRegions`: makes replicas of a secret in other Regions, or tries
//! again what failed.

use api::secretsmanager::{ReplicateSecretToRegionsRequest, ReplicateSecretToRegionsResponse};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::{describing, replication};

pub(crate) async fn replicate_secret_to_regions(
    ctx: &Ctx,
    req: ReplicateSecretToRegionsRequest,
) -> Result<ReplicateSecretToRegionsResponse> {
    let force = req.force_overwrite_replica_secret;
    let regions = replication::regions(&req.add_replica_regions);
    let asked = Asked {
        keys: vec![("forceoverwritereplicasecret", force.to_string())],
        regions: &regions,
        ..Asked::default()
    };
    let action = "secretsmanager:ReplicateSecretToRegions";
    let secret = access::valued(ctx, action, &req.secret_id, asked).await?;
    let place = &secret.place;
    replication::check_regions(ctx, place, &req.add_replica_regions)?;
    let mut draft = secret.draft(ctx);
    replication::add(ctx, (place, &mut draft), &req.add_replica_regions, force).await?;
    let shown = (place, &draft);
    let accessed = describing::accessed(ctx, describing::arns(shown)).await?;
    let replication_status = Some(describing::replicas(shown, &accessed));
    ctx.put(place.key(), draft).await;
    Ok(ReplicateSecretToRegionsResponse {
        arn: Some(secret.arn()),
        replication_status,
    })
}
