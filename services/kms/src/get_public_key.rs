//! `kms:GetPublicKey`: the public key of a key pair, for use outside.

use api::kms::{CustomerMasterKeySpec, GetPublicKeyRequest, GetPublicKeyResponse};
use platform::{Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::metadata::Algorithms;
use crate::ready_key::ReadyKey;
use crate::{access, grant_tokens};

pub(crate) async fn get_public_key(
    ctx: &Ctx,
    req: GetPublicKeyRequest,
) -> Result<GetPublicKeyResponse> {
    grant_tokens::check(ctx, &req.grant_tokens)?;
    let found = Found::any(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:GetPublicKey", found, &request).await?;
    let key = ReadyKey::with_public_key(key)?;

    let work = key.work(ctx, |material, _| material.public_key());
    let public_key = work.await?.map_err(Error::internal)?;
    let record = key.record();
    let algorithms = Algorithms::of(record);
    Ok(GetPublicKeyResponse {
        key_id: Some(record.arn.clone()),
        public_key: Some(Zeroizing::new(public_key)),
        customer_master_key_spec: CustomerMasterKeySpec::parse(record.spec.shown().as_str()),
        key_spec: Some(record.spec.shown()),
        key_usage: Some(record.usage.shown()),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        key_agreement_algorithms: algorithms.key_agreement,
        encapsulation_algorithms: algorithms.encapsulation,
    })
}
