//! `kms:GenerateDataKeyPair`: a data key pair, its private key in clear and encrypted.

use api::kms::{GenerateDataKeyPairRequest, GenerateDataKeyPairResponse};
use platform::{Ctx, Result};
use zeroize::Zeroizing;

use crate::{data_key_pair, recipient};

pub(crate) async fn generate_data_key_pair(
    ctx: &Ctx,
    req: GenerateDataKeyPairRequest,
) -> Result<GenerateDataKeyPairResponse> {
    recipient::check(req.recipient.as_ref())?;
    let asked = data_key_pair::Asked {
        operation: "GenerateDataKeyPair",
        action: "kms:GenerateDataKeyPair",
        key_id: req.key_id,
        spec: req.key_pair_spec,
        encryption_context: req.encryption_context,
        grant_tokens: req.grant_tokens,
        dry_run: req.dry_run,
    };
    let generated = data_key_pair::generate(ctx, asked).await?;
    let material_id = generated.encrypted.material_id;
    Ok(GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: Some(generated.encrypted.blob),
        private_key_plaintext: Some(generated.pair.private_key),
        public_key: Some(Zeroizing::new(generated.pair.public_key)),
        key_id: Some(generated.key_arn),
        key_pair_spec: Some(req.key_pair_spec),
        ciphertext_for_recipient: None,
        key_material_id: material_id.map(|id| id.to_string()),
    })
}
