//! `iam:UpdateSigningCertificate`: lets a certificate be used, or not.

use api::iam::UpdateSigningCertificateRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::credentials::Holding;
use crate::signing_certificates::record::absent;
use crate::ssh_keys::record::is_active;
use crate::users::subject::Subject;

pub(crate) async fn update_signing_certificate(
    ctx: &Ctx,
    req: UpdateSigningCertificateRequest,
) -> Result<Empty> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:UpdateSigningCertificate").await?;
    let active = is_active(&req.status)?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let mut known = holding.record.certificates.iter_mut();
    let known = known.find(|known| known.id == req.certificate_id);
    let known = known.ok_or_else(|| absent(&req.certificate_id))?;
    if known.active != active {
        known.active = active;
        known.changed_millis = ctx.now.whole_secs().millis;
        holding.record.put(ctx).await;
    }
    Ok(Empty)
}
