//! `kms:RevokeGrant`: ends a grant, by whoever policies let do so.

use api::kms::{NotFoundException, RevokeGrantRequest};
use platform::{Ctx, Result};
use wire::{Empty, Fault};

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::grant::{OfKey, check_id};
use crate::lookup::Found;

pub(crate) async fn revoke_grant(ctx: &Ctx, req: RevokeGrantRequest) -> Result<Empty> {
    let dry_run = DryRun::new(req.dry_run, &[])?;
    let found = Found::by_id(ctx, &req.key_id).await?;
    let key =
        access::authorize(ctx, "kms:RevokeGrant", found, &RequestKeys::about_grants()).await?;
    check_id(&req.grant_id)?;
    let grant = OfKey::new(&key.record).find(ctx, &req.grant_id).await?;
    let grant = grant.ok_or_else(|| unknown(&req.grant_id))?;
    dry_run.finish()?;
    grant.remove(ctx).await?;
    Ok(Empty)
}

/// The answer to the id of a grant that the key does not have.
pub(crate) fn unknown(grant_id: &str) -> Fault {
    NotFoundException::new(format!("Grant ID {grant_id} not found"))
}
