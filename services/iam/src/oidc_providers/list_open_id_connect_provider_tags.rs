//! `iam:ListOpenIDConnectProviderTags`: shows the tags of an OpenID Connect provider.

use api::iam::{ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse};
use platform::{Ctx, Result};

use crate::oidc_providers::record::OidcProviderRecord;
use crate::page::Wanted;
use crate::tagging;

pub(crate) async fn list_open_id_connect_provider_tags(
    ctx: &Ctx,
    req: ListOpenIDConnectProviderTagsRequest,
) -> Result<ListOpenIDConnectProviderTagsResponse> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tagging::list(ctx, target, "iam:ListOpenIDConnectProviderTags", &wanted).await?;
    Ok(ListOpenIDConnectProviderTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
