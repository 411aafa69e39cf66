//! `iam:GetServerCertificate`: shows a certificate with its issuers, and never its private key.

use api::iam::{GetServerCertificateRequest, GetServerCertificateResponse, ServerCertificate};
use platform::{Ctx, Result};

use crate::server_certificates::record::ServerCertificateRecord;
use crate::tagging;
use crate::target::require;

pub(crate) async fn get_server_certificate(
    ctx: &Ctx,
    req: GetServerCertificateRequest,
) -> Result<GetServerCertificateResponse> {
    let target = ServerCertificateRecord::target(ctx, req.server_certificate_name).await?;
    let found = require(target.permit(ctx, "iam:GetServerCertificate").await?)?;
    Ok(GetServerCertificateResponse {
        server_certificate: Some(ServerCertificate {
            server_certificate_metadata: Some(found.metadata()),
            certificate_body: Some(found.body.clone()),
            certificate_chain: found.chain.clone(),
            tags: tagging::sorted_or_none(&found.tags),
        }),
    })
}
