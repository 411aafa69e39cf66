//! `kms:GenerateDataKey`: a data key, in clear and encrypted.

use api::kms::{GenerateDataKeyRequest, GenerateDataKeyResponse};
use platform::{Ctx, Result};

use crate::data_key;
use crate::recipient::{self, Recipient};

pub(crate) async fn generate_data_key(
    ctx: &Ctx,
    req: GenerateDataKeyRequest,
) -> Result<GenerateDataKeyResponse> {
    let recipient = Recipient::of(ctx, req.recipient).await?;
    let recipient = recipient.as_ref();
    let asked = data_key::Asked {
        action: "kms:GenerateDataKey",
        key_id: req.key_id,
        spec: req.key_spec,
        number_of_bytes: req.number_of_bytes,
        encryption_context: req.encryption_context,
        grant_tokens: req.grant_tokens,
        dry_run: req.dry_run,
        recipient,
    };
    let data_key = data_key::generate(ctx, asked).await?;
    let carried = recipient::carry(ctx, recipient, Some(data_key.plaintext))?;
    let material_id = data_key.encrypted.material_id.map(|id| id.to_string());
    Ok(GenerateDataKeyResponse {
        ciphertext_blob: Some(data_key.encrypted.blob),
        plaintext: carried.plaintext,
        key_id: Some(data_key.key_arn),
        ciphertext_for_recipient: carried.for_recipient,
        key_material_id: material_id.filter(|_| recipient.is_none()),
    })
}
