//! `iam:ListSSHPublicKeys`: shows which SSH public keys a user has, by default the caller.

use api::iam::{ListSSHPublicKeysRequest, ListSSHPublicKeysResponse};
use platform::{Ctx, Result};

use crate::credentials::Holding;
use crate::page::{Wanted, page};
use crate::users::subject::Subject;

pub(crate) async fn list_ssh_public_keys(
    ctx: &Ctx,
    req: ListSSHPublicKeysRequest,
) -> Result<ListSSHPublicKeysResponse> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:ListSSHPublicKeys").await?;
    let holding = Holding::of(ctx, permitted).await?;
    let name = holding.user_name();
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(holding.record.ssh_keys, |key| &key.id, &wanted);
    let listed = paged.items.iter().map(|key| key.listed(name.clone()));
    Ok(ListSSHPublicKeysResponse {
        ssh_public_keys: Some(listed.collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
