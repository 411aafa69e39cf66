//! `kms:Sign`: signs a message or its digest.

use api::kms::{MessageType, SignRequest, SignResponse};
use platform::{Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::lookup::Found;
use crate::ready_key::ReadyKey;
use crate::signed_message::SignedMessage;
use crate::{access, grant_tokens};

pub(crate) async fn sign(ctx: &Ctx, req: SignRequest) -> Result<SignResponse> {
    let asked = req.signing_algorithm;
    let kind = req.message_type.unwrap_or(MessageType::Raw);
    let dry_run = DryRun::new(req.dry_run, &[])?;
    grant_tokens::check(ctx, &req.grant_tokens)?;

    let found = Found::any(ctx, &req.key_id).await?;
    let request = RequestKeys {
        signing: Some((asked, kind)),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:Sign", found, &request).await?;
    let key = ReadyKey::new(key, "Sign", Algorithm::Signing(asked))?;
    let message = SignedMessage::new(key.record().spec, asked, kind, req.message)?;
    dry_run.finish()?;

    let work = key.work(ctx, move |material, random| {
        material.sign(message.algorithm, message.message(), random)
    });
    let signature = work.await?.map_err(Error::internal)?;
    Ok(SignResponse {
        key_id: Some(key.arn().to_owned()),
        signature: Some(Zeroizing::new(signature)),
        signing_algorithm: Some(asked),
    })
}
