//! `kms:GenerateRandom`: random bytes.

use api::kms::{CustomKeyStoreNotFoundException, GenerateRandomRequest, GenerateRandomResponse};
use platform::{Ctx, Everything, Result, validation};
use zeroize::Zeroizing;

use crate::condition_keys::KeyConditions;
use crate::recipient;

pub(crate) async fn generate_random(
    ctx: &Ctx,
    req: GenerateRandomRequest,
) -> Result<GenerateRandomResponse> {
    let length = req.number_of_bytes.map(usize::try_from);
    let Some(Ok(length)) = length else {
        return Err(validation("NumberOfBytes is required."));
    };
    recipient::check(req.recipient.as_ref())?;
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let conditions = KeyConditions::without_key(ctx);
    ctx.authorize("kms:GenerateRandom", everything)
        .keys(&conditions)
        .decide()
        .await?;
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
