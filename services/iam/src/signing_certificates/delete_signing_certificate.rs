//! `iam:DeleteSigningCertificate`: takes a certificate from its user, by default the caller.

use api::iam::DeleteSigningCertificateRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::signing_certificates::record::absent;
use crate::users::subject::Subject;

pub(crate) async fn delete_signing_certificate(
    ctx: &Ctx,
    req: DeleteSigningCertificateRequest,
) -> Result<Empty> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:DeleteSigningCertificate").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let count = holding.record.certificates.len();
    let id = req.certificate_id;
    holding.record.certificates.retain(|known| known.id != id);
    if holding.record.certificates.len() == count {
        return Err(absent(&id));
    }
    holding.record.put(ctx).await;
    Ok(Empty)
}
