//! `kms:DeriveSharedSecret`: the raw ECDH secret of a key and a peer's public key.

use api::kms::{DeriveSharedSecretRequest, DeriveSharedSecretResponse};
use crypto::KeyError;
use platform::{Ctx, Error, Result, validation};

use crate::algorithm::Algorithm;
use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::lookup::Found;
use crate::ready_key::ReadyKey;
use crate::recipient::{self, Recipient};
use crate::{access, grant_tokens};

pub(crate) async fn derive_shared_secret(
    ctx: &Ctx,
    req: DeriveSharedSecretRequest,
) -> Result<DeriveSharedSecretResponse> {
    let asked = req.key_agreement_algorithm;
    let dry_run = DryRun::new(req.dry_run, &[])?;
    grant_tokens::check(ctx, &req.grant_tokens)?;
    let recipient = Recipient::of(ctx, req.recipient).await?;
    let recipient = recipient.as_ref();

    let found = Found::any(ctx, &req.key_id).await?;
    let request = RequestKeys {
        key_agreement: Some(asked),
        recipient,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:DeriveSharedSecret", found, &request).await?;
    let key = ReadyKey::new(key, "DeriveSharedSecret", Algorithm::KeyAgreement(asked))?;

    // Whether the public key is one is part of what a dry run checks.
    let public_key = req.public_key;
    let work = key.work(ctx, move |material, _| material.agree(&public_key));
    let secret = match work.await? {
        Ok(secret) => secret,
        Err(KeyError::PublicKey) => {
            // It says no more (recordings of AWS).
            return Err(validation(""));
        }
        Err(error) => return Err(Error::internal(error)),
    };
    dry_run.finish()?;
    let carried = recipient::carry(ctx, recipient, Some(secret))?;
    Ok(DeriveSharedSecretResponse {
        key_id: Some(key.arn().to_owned()),
        shared_secret: carried.plaintext,
        ciphertext_for_recipient: carried.for_recipient,
        key_agreement_algorithm: Some(asked),
        key_origin: Some(key.record().origin.shown()),
    })
}
