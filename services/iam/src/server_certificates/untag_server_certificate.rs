//! `iam:UntagServerCertificate`: takes tags away from a server certificate.

use api::iam::UntagServerCertificateRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::server_certificates::record::ServerCertificateRecord;
use crate::tagging;

pub(crate) async fn untag_server_certificate(
    ctx: &Ctx,
    req: UntagServerCertificateRequest,
) -> Result<Empty> {
    let target = ServerCertificateRecord::target(ctx, req.server_certificate_name).await?;
    tagging::untag(ctx, target, "iam:UntagServerCertificate", &req.tag_keys).await?;
    Ok(Empty)
}
