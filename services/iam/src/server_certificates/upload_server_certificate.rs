//! `iam:UploadServerCertificate`: keeps a certificate with its private key and its issuers.

use api::iam::{
    EntityAlreadyExistsException, LimitExceededException, UploadServerCertificateRequest,
    UploadServerCertificateResponse,
};
use platform::{Ctx, Result};

use crate::ids::{Prefix, unique_id};
use crate::server_certificates::record::{QUOTA, ServerCertificateRecord, arn_of, checked, sealed};
use crate::tagging::{self, Tagged};
use crate::tags;

pub(crate) async fn upload_server_certificate(
    ctx: &Ctx,
    req: UploadServerCertificateRequest,
) -> Result<UploadServerCertificateResponse> {
    let (path, name) = (
        req.path.unwrap_or_else(|| "/".to_owned()),
        req.server_certificate_name,
    );
    let tags = tags::pairs(req.tags);
    let arn = arn_of(ctx.account(), &path, &name);
    let actions = ("iam:UploadServerCertificate", "iam:TagServerCertificate");
    tagging::permit_new(ctx, &arn, actions, &tags).await?;

    // AWS keeps certificates without the white space around them. Terraform compares what it reads
    // with its own trimmed text, and would replace the certificate on every run.
    let body = req.certificate_body.trim().to_owned();
    let chain = req.certificate_chain.map(|chain| chain.trim().to_owned());
    let key = req.private_key;
    let parsed = checked(ctx.now, &body, &key, chain.as_deref())?;
    check_room(ctx, &name).await?;
    let id = unique_id(Prefix::ServerCertificate, ctx.random())?;
    let certificate = ServerCertificateRecord {
        account: ctx.account().to_owned(),
        name,
        path,
        sealed_key: sealed(ctx, &id, &key)?,
        id,
        body,
        chain,
        uploaded_millis: ctx.now.whole_secs().millis,
        expires_millis: parsed.not_after_millis,
        tags,
    };
    let response = UploadServerCertificateResponse {
        server_certificate_metadata: Some(certificate.metadata()),
        tags: tagging::sorted(&certificate.tags),
    };
    certificate.put(ctx).await;
    Ok(response)
}

/// A name has one certificate, and an account so many.
async fn check_room(ctx: &Ctx, name: &str) -> Result<()> {
    let rows = ctx
        .scan_all::<ServerCertificateRecord>(&ServerCertificateRecord::prefix(ctx.account()))
        .await?;
    let mut names = rows.iter().map(|(_, known)| &known.name);
    if names.any(|known| known.eq_ignore_ascii_case(name)) {
        let message = format!("The Server Certificate with name {name} already exists.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    if rows.len() >= QUOTA {
        let message = format!("Cannot exceed quota for ServerCertificatesPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    Ok(())
}
