//! `kms:Verify`: says whether a signature is one of a message.

use api::kms::{KMSInvalidSignatureException, MessageType, VerifyRequest, VerifyResponse};
use platform::{Ctx, Error, Result};

use crate::algorithm::Algorithm;
use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::lookup::Found;
use crate::ready_key::ReadyKey;
use crate::signed_message::SignedMessage;
use crate::{access, grant_tokens};

pub(crate) async fn verify(ctx: &Ctx, req: VerifyRequest) -> Result<VerifyResponse> {
    let asked = req.signing_algorithm;
    let kind = req.message_type.unwrap_or(MessageType::Raw);
    let dry_run = DryRun::new(req.dry_run, &[])?;
    grant_tokens::check(ctx, &req.grant_tokens)?;

    let found = Found::any(ctx, &req.key_id).await?;
    let request = RequestKeys {
        signing: Some((asked, kind)),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:Verify", found, &request).await?;
    let key = ReadyKey::new(key, "Verify", Algorithm::Signing(asked))?;
    let message = SignedMessage::new(key.record().spec, asked, kind, req.message)?;
    dry_run.finish()?;

    let signature = req.signature;
    let work = key.work(ctx, move |material, _| {
        material.verify(message.algorithm, message.message(), &signature)
    });
    if !work.await?.map_err(Error::internal)? {
        return Err(KMSInvalidSignatureException::bare().into());
    }
    Ok(VerifyResponse {
        key_id: Some(key.arn().to_owned()),
        signature_valid: Some(true),
        signing_algorithm: Some(asked),
    })
}
