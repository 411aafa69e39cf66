//! `kms:GenerateDataKeyPairWithoutPlaintext`: a data key pair, its private key encrypted only.

use api::kms::{
    GenerateDataKeyPairWithoutPlaintextRequest, GenerateDataKeyPairWithoutPlaintextResponse,
};
use platform::{Ctx, Result};
use zeroize::Zeroizing;

use crate::data_key_pair;

pub(crate) async fn generate_data_key_pair_without_plaintext(
    ctx: &Ctx,
    req: GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<GenerateDataKeyPairWithoutPlaintextResponse> {
    let asked = data_key_pair::Asked {
        operation: "GenerateDataKeyPairWithoutPlaintext",
        action: "kms:GenerateDataKeyPairWithoutPlaintext",
        key_id: req.key_id,
        spec: req.key_pair_spec,
        encryption_context: req.encryption_context,
        grant_tokens: req.grant_tokens,
        dry_run: req.dry_run,
        recipient: None,
    };
    let generated = data_key_pair::generate(ctx, asked).await?;
    let material_id = generated.encrypted.material_id;
    Ok(GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: Some(generated.encrypted.blob),
        public_key: Some(Zeroizing::new(generated.pair.public_key)),
        key_id: Some(generated.key_arn),
        key_pair_spec: Some(req.key_pair_spec),
        key_material_id: material_id.map(|id| id.to_string()),
    })
}
