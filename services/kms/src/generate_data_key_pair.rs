//! `kms:GenerateDataKeyPair`: a data key pair, its private key in clear and encrypted.

use api::kms::{GenerateDataKeyPairRequest, GenerateDataKeyPairResponse};
use platform::{Ctx, Result};
use zeroize::Zeroizing;

use crate::data_key_pair;
use crate::recipient::{self, Recipient};

pub(crate) async fn generate_data_key_pair(
    ctx: &Ctx,
    req: GenerateDataKeyPairRequest,
) -> Result<GenerateDataKeyPairResponse> {
    let recipient = Recipient::of(ctx, req.recipient).await?;
    let recipient = recipient.as_ref();
    let asked = data_key_pair::Asked {
        operation: "GenerateDataKeyPair",
        action: "kms:GenerateDataKeyPair",
        key_id: req.key_id,
        spec: req.key_pair_spec,
        encryption_context: req.encryption_context,
        grant_tokens: req.grant_tokens,
        dry_run: req.dry_run,
        recipient,
    };
    let generated = data_key_pair::generate(ctx, asked).await?;
    let carried = recipient::carry(ctx, recipient, Some(generated.pair.private_key))?;
    let material_id = generated.encrypted.material_id;
    Ok(GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: Some(generated.encrypted.blob),
        private_key_plaintext: carried.plaintext,
        public_key: Some(Zeroizing::new(generated.pair.public_key)),
        key_id: Some(generated.key_arn),
        key_pair_spec: Some(req.key_pair_spec),
        ciphertext_for_recipient: carried.for_recipient,
        key_material_id: material_id.map(|id| id.to_string()),
    })
}
