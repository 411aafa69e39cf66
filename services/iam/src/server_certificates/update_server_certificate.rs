//! `iam:UpdateServerCertificate`: gives a certificate another name or path.

use api::iam::{EntityAlreadyExistsException, UpdateServerCertificateRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::server_certificates::record::{ServerCertificateRecord, arn_of};
use crate::tagging::Tagged;
use crate::target::{Place, require};

const ACTION: &str = "iam:UpdateServerCertificate";

pub(crate) async fn update_server_certificate(
    ctx: &Ctx,
    req: UpdateServerCertificateRequest,
) -> Result<Empty> {
    let target = ServerCertificateRecord::target(ctx, req.server_certificate_name).await?;
    let found = require(target.permit(ctx, ACTION).await?)?;
    let mut certificate = ServerCertificateRecord::clone(&found);
    certificate.name = req.new_server_certificate_name.unwrap_or(certificate.name);
    certificate.path = req.new_path.unwrap_or(certificate.path);
    // Both the old and the new name have to be the caller's to change.
    let arn = arn_of(ctx.account(), &certificate.path, &certificate.name);
    ctx.authorize(ACTION, Place::new(ctx, arn)).decide().await?;

    if !certificate.name.eq_ignore_ascii_case(&found.name) {
        let key = ServerCertificateRecord::key(ctx.account(), &certificate.name);
        if ctx.get::<ServerCertificateRecord>(&key).await?.is_some() {
            let name = &certificate.name;
            let message = format!("The Server Certificate with name {name} already exists.");
            return Err(EntityAlreadyExistsException::new(message).into());
        }
        let old = ServerCertificateRecord::key(ctx.account(), &found.name);
        ctx.delete::<ServerCertificateRecord>(&old).await;
    }
    certificate.put(ctx).await;
    Ok(Empty)
}
