//! `iam:ListSAMLProviderTags`: shows the tags of a SAML provider.

use api::iam::{ListSAMLProviderTagsRequest, ListSAMLProviderTagsResponse};
use platform::{Ctx, Result};

use crate::page::Wanted;
use crate::saml_providers::record::SamlProviderRecord;
use crate::tagging;

pub(crate) async fn list_saml_provider_tags(
    ctx: &Ctx,
    req: ListSAMLProviderTagsRequest,
) -> Result<ListSAMLProviderTagsResponse> {
    let target = SamlProviderRecord::target(ctx, req.saml_provider_arn).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tagging::list(ctx, target, "iam:ListSAMLProviderTags", &wanted).await?;
    Ok(ListSAMLProviderTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
