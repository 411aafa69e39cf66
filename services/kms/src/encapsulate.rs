//! `kms:Encapsulate`: a new shared secret, in clear and encapsulated.

use api::kms::{EncapsulateRequest, EncapsulateResponse};
use platform::{Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::dry_run::DryRun;
use crate::encapsulation;

pub(crate) async fn encapsulate(ctx: &Ctx, req: EncapsulateRequest) -> Result<EncapsulateResponse> {
    let dry_run = DryRun::new(req.dry_run, &[])?;
    let asked = encapsulation::Asked {
        operation: "Encapsulate",
        action: "kms:Encapsulate",
        key_id: &req.key_id,
        algorithm: req.encapsulation_algorithm,
        grant_tokens: &req.grant_tokens,
    };
    let key = encapsulation::ready(ctx, asked).await?;
    dry_run.finish()?;

    let work = key.work(ctx, |material, _| material.encapsulate());
    let made = work.await?.map_err(Error::internal)?;
    Ok(EncapsulateResponse {
        key_id: Some(key.arn().to_owned()),
        shared_secret: Some(Zeroizing::new(made.shared_secret.expose().clone())),
        shared_secret_ciphertext_blob: Some(Zeroizing::new(made.ciphertext)),
        encapsulation_algorithm: Some(req.encapsulation_algorithm),
    })
}
