//! `iam:TagServerCertificate`: gives tags to a server certificate.

use api::iam::TagServerCertificateRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::server_certificates::record::ServerCertificateRecord;
use crate::tagging;

pub(crate) async fn tag_server_certificate(
    ctx: &Ctx,
    req: TagServerCertificateRequest,
) -> Result<Empty> {
    let target = ServerCertificateRecord::target(ctx, req.server_certificate_name).await?;
    tagging::tag(ctx, target, "iam:TagServerCertificate", req.tags).await?;
    Ok(Empty)
}
