//! `kms:GenerateRandom`: random bytes.

use api::kms::{CustomKeyStoreNotFoundException, GenerateRandomRequest, GenerateRandomResponse};
use platform::{Ctx, Result, validation};
use zeroize::Zeroizing;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::recipient::{self, Recipient};

pub(crate) async fn generate_random(
    ctx: &Ctx,
    req: GenerateRandomRequest,
) -> Result<GenerateRandomResponse> {
    let length = req.number_of_bytes.map(usize::try_from);
    let Some(Ok(length)) = length else {
        return Err(validation("NumberOfBytes is required."));
    };
    let recipient = Recipient::of(ctx, req.recipient).await?;
    let recipient = recipient.as_ref();
    let request = RequestKeys {
        recipient,
        ..RequestKeys::default()
    };
    access::authorize_request(ctx, "kms:GenerateRandom", &request).await?;
    if req.custom_key_store_id.is_some() {
        return Err(CustomKeyStoreNotFoundException::bare().into());
    }
    let mut plaintext = Zeroizing::new(vec![0; length]);
    ctx.random().fill(&mut plaintext)?;
    let carried = recipient::carry(ctx, recipient, Some(plaintext))?;
    Ok(GenerateRandomResponse {
        plaintext: carried.plaintext,
        ciphertext_for_recipient: carried.for_recipient,
    })
}
