//! `iam:UploadSigningCertificate`: gives a user, by default the caller, an X.509 certificate.

use api::iam::{
    DuplicateCertificateException, InvalidCertificateException, LimitExceededException,
    MalformedCertificateException, UploadSigningCertificateRequest,
    UploadSigningCertificateResponse,
};
use platform::{Ctx, Result};
use store::Key;

use crate::credentials::{CredentialsRecord, Holding};
use crate::signing_certificates::record::{QUOTA, UserCertificate};
use crate::users::subject::Subject;
use crate::{ids, x509};

pub(crate) async fn upload_signing_certificate(
    ctx: &Ctx,
    req: UploadSigningCertificateRequest,
) -> Result<UploadSigningCertificateResponse> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:UploadSigningCertificate").await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let parsed = x509::one_certificate(&req.certificate_body).map_err(|_| {
        let body = &req.certificate_body;
        MalformedCertificateException::new(format!("Certificate {body} is malformed."))
    })?;
    if !parsed.is_valid_at(ctx.now) {
        let message = "The certificate is expired or not yet valid.";
        return Err(InvalidCertificateException::new(message).into());
    }
    if is_known(ctx, &parsed.der).await? {
        let message = "The same certificate is associated with an IAM user in the account.";
        return Err(DuplicateCertificateException::new(message).into());
    }
    if holding.record.certificates.len() >= QUOTA {
        let message = format!("Cannot exceed quota for CertificatesPerUser: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }

    let now_millis = ctx.now.whole_secs().millis;
    let certificate = UserCertificate {
        id: ids::long_id("CERT", ctx.random())?,
        body: req.certificate_body,
        der: parsed.der,
        active: true,
        uploaded_millis: now_millis,
        changed_millis: now_millis,
    };
    let shown = certificate.shown(holding.user_name());
    holding.record.certificates.push(certificate);
    holding.record.put(ctx).await;
    Ok(UploadSigningCertificateResponse {
        certificate: Some(shown),
    })
}

/// Whether anybody of the account has the certificate.
async fn is_known(ctx: &Ctx, der: &[u8]) -> Result<bool> {
    let prefix = Key::new(ctx.account(), "", std::iter::empty::<String>());
    let rows = ctx.scan_all::<CredentialsRecord>(&prefix).await?;
    let mut known = rows.iter().flat_map(|(_, held)| &held.certificates);
    Ok(known.any(|known| known.der == der))
}
