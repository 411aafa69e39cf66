//! `iam:ListServerCertificates`: shows the certificates below a path, without their texts.

use api::iam::{ListServerCertificatesRequest, ListServerCertificatesResponse};
use platform::{Ctx, Result};

use crate::page::{Wanted, page};
use crate::server_certificates::record::{ServerCertificateRecord, arn_of};
use crate::target::Place;

pub(crate) async fn list_server_certificates(
    ctx: &Ctx,
    req: ListServerCertificatesRequest,
) -> Result<ListServerCertificatesResponse> {
    let prefix = req.path_prefix.unwrap_or_else(|| "/".to_owned());
    let below = Place::new(ctx, arn_of(ctx.account(), &prefix, ""));
    let list = ctx.authorize("iam:ListServerCertificates", below);
    list.decide().await?;
    let rows = ctx
        .scan_all::<ServerCertificateRecord>(&ServerCertificateRecord::prefix(ctx.account()))
        .await?;
    let found = rows.into_iter().map(|(_, found)| found);
    let found = found.filter(|found| found.path.starts_with(&prefix));
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(found.collect(), |found| &found.name, &wanted);
    let listed = paged.items.iter().map(|found| found.metadata());
    Ok(ListServerCertificatesResponse {
        server_certificate_metadata_list: Some(listed.collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
