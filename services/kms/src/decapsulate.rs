//! `kms:Decapsulate`: recovers a shared secret. A ciphertext of another key gives pseudo-random
//! bytes and no error (FIPS 203, implicit rejection); only its length can be wrong.

use api::kms::{DecapsulateRequest, DecapsulateResponse, InvalidCiphertextException};
use crypto::KeyError;
use platform::{Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::dry_run::DryRun;
use crate::encapsulation;

pub(crate) async fn decapsulate(ctx: &Ctx, req: DecapsulateRequest) -> Result<DecapsulateResponse> {
    let dry_run = DryRun::new(req.dry_run, &[])?;
    let asked = encapsulation::Asked {
        operation: "Decapsulate",
        action: "kms:Decapsulate",
        key_id: &req.key_id,
        algorithm: req.encapsulation_algorithm,
        grant_tokens: &req.grant_tokens,
    };
    let key = encapsulation::ready(ctx, asked).await?;

    // The length of the ciphertext is part of what a dry run checks.
    let ciphertext = req.shared_secret_ciphertext_blob;
    let work = key.work(ctx, move |material, _| material.decapsulate(&ciphertext));
    let secret = match work.await? {
        Ok(secret) => secret,
        Err(KeyError::Length) => return Err(InvalidCiphertextException::bare().into()),
        Err(error) => return Err(Error::internal(error)),
    };
    dry_run.finish()?;
    Ok(DecapsulateResponse {
        key_id: Some(key.arn().to_owned()),
        shared_secret: Some(Zeroizing::new(secret.expose().clone())),
        encapsulation_algorithm: Some(req.encapsulation_algorithm),
    })
}
