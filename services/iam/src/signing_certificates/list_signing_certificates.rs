//! `iam:ListSigningCertificates`: shows the certificates of a user, by default the caller.

use api::iam::{ListSigningCertificatesRequest, ListSigningCertificatesResponse};
use platform::{Ctx, Result};

use crate::credentials::Holding;
use crate::page::{Wanted, page};
use crate::users::subject::Subject;

pub(crate) async fn list_signing_certificates(
    ctx: &Ctx,
    req: ListSigningCertificatesRequest,
) -> Result<ListSigningCertificatesResponse> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:ListSigningCertificates").await?;
    let holding = Holding::of(ctx, permitted).await?;
    let name = holding.user_name();
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(holding.record.certificates, |known| &known.id, &wanted);
    let shown = paged.items.iter().map(|known| known.shown(name.clone()));
    Ok(ListSigningCertificatesResponse {
        certificates: Some(shown.collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
