//! `kms:GenerateDataKeyWithoutPlaintext`: a data key, encrypted only.

use api::kms::{GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse};
use platform::{Ctx, Result};

use crate::data_key;

pub(crate) async fn generate_data_key_without_plaintext(
    ctx: &Ctx,
    req: GenerateDataKeyWithoutPlaintextRequest,
) -> Result<GenerateDataKeyWithoutPlaintextResponse> {
    let asked = data_key::Asked {
        action: "kms:GenerateDataKeyWithoutPlaintext",
        key_id: req.key_id,
        spec: req.key_spec,
        number_of_bytes: req.number_of_bytes,
        encryption_context: req.encryption_context,
        grant_tokens: req.grant_tokens,
        dry_run: req.dry_run,
        recipient: None,
    };
    let data_key = data_key::generate(ctx, asked).await?;
    Ok(GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(data_key.encrypted.blob),
        key_id: Some(data_key.key_arn),
        key_material_id: data_key.encrypted.material_id.map(|id| id.to_string()),
    })
}
