//! `iam:ListServerCertificateTags`: shows the tags of a server certificate.

use api::iam::{ListServerCertificateTagsRequest, ListServerCertificateTagsResponse};
use platform::{Ctx, Result};

use crate::page::Wanted;
use crate::server_certificates::record::ServerCertificateRecord;
use crate::tagging;

pub(crate) async fn list_server_certificate_tags(
    ctx: &Ctx,
    req: ListServerCertificateTagsRequest,
) -> Result<ListServerCertificateTagsResponse> {
    let target = ServerCertificateRecord::target(ctx, req.server_certificate_name).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tagging::list(ctx, target, "iam:ListServerCertificateTags", &wanted).await?;
    Ok(ListServerCertificateTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
