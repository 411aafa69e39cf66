//! `secretsmanager:DisassociateCrossAccountReplica`: ends the replication of a secret to another
//! account. The replica stays what it is until its owner ends it, too.

use api::secretsmanager::{
    DisassociateCrossAccountReplicaRequest, DisassociateCrossAccountReplicaResponse,
    ResourceNotFoundException,
};
use platform::{Ctx, Result};

use crate::access::{self, Asked};
use crate::cross_account;
use crate::links::{self, LinkRecord, Side};

pub(crate) async fn disassociate_cross_account_replica(
    ctx: &Ctx,
    req: DisassociateCrossAccountReplicaRequest,
) -> Result<DisassociateCrossAccountReplicaResponse> {
    let action = "secretsmanager:DisassociateCrossAccountReplica";
    let primary = access::valued(ctx, action, &req.secret_id, Asked::default()).await?;
    let ends = (&primary.place, &*primary);
    let other = req.cross_account_replica_arn;
    links::other_account(&primary.place, &other)?;
    let known = LinkRecord::of(ctx, ends).await?;
    let is_known = |link: &LinkRecord| link.side == Side::Primary && link.other == other;
    if !known.is_some_and(|link| is_known(&link)) {
        let text = format!(
            "{other} isn't a cross-account replica of {}.",
            primary.arn()
        );
        return Err(ResourceNotFoundException::new(text).into());
    }
    if let Some((there, replica)) = cross_account::find(ctx, &other).await? {
        links::detach(ctx, (&there, &replica), &primary.arn()).await?;
    }
    LinkRecord::delete(ctx, ends).await;
    Ok(DisassociateCrossAccountReplicaResponse {
        arn: Some(primary.arn()),
        cross_account_replica_arn: Some(other),
    })
}
