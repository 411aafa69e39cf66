//! `kms:GenerateRandom`: random bytes.

use api::kms::{CustomKeyStoreNotFoundException, GenerateRandomRequest, GenerateRandomResponse};
use platform::{Ctx, Result, validation};
use zeroize::Zeroizing;

use crate::{access, recipient};

pub(crate) async fn generate_random(
    ctx: &Ctx,
    req: GenerateRandomRequest,
) -> Result<GenerateRandomResponse> {
    let length = req.number_of_bytes.map(usize::try_from);
    let Some(Ok(length)) = length else {
        return Err(validation("NumberOfBytes is required."));
    };
    recipient::check(req.recipient.as_ref())?;
    access::authorize_account(ctx, "kms:GenerateRandom").await?;
    if req.custom_key_store_id.is_some() {
        return Err(CustomKeyStoreNotFoundException::bare().into());
    }
    let mut plaintext = Zeroizing::new(vec![0; length]);
    ctx.random().fill(&mut plaintext)?;
    Ok(GenerateRandomResponse {
        plaintext: Some(plaintext),
        ciphertext_for_recipient: None,
    })
}
