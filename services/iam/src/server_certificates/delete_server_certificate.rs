//! `iam:DeleteServerCertificate`: deletes a certificate with its private key.

use api::iam::DeleteServerCertificateRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::server_certificates::record::ServerCertificateRecord;
use crate::target::require;

pub(crate) async fn delete_server_certificate(
    ctx: &Ctx,
    req: DeleteServerCertificateRequest,
) -> Result<Empty> {
    let target = ServerCertificateRecord::target(ctx, req.server_certificate_name).await?;
    let found = require(target.permit(ctx, "iam:DeleteServerCertificate").await?)?;
    let key = ServerCertificateRecord::key(&found.account, &found.name);
    ctx.delete::<ServerCertificateRecord>(&key).await;
    Ok(Empty)
}
