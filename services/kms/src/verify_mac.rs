//! `kms:VerifyMac`: says whether an HMAC is that of a message.

use api::kms::{KMSInvalidMacException, VerifyMacRequest, VerifyMacResponse};
use platform::{Ctx, Error, Result};

use crate::mac;

pub(crate) async fn verify_mac(ctx: &Ctx, req: VerifyMacRequest) -> Result<VerifyMacResponse> {
    let asked = mac::Asked {
        operation: "VerifyMac",
        action: "kms:VerifyMac",
        key_id: &req.key_id,
        algorithm: req.mac_algorithm,
        grant_tokens: &req.grant_tokens,
        dry_run: req.dry_run,
    };
    let key = mac::ready(ctx, asked).await?;
    let (_, material) = key.current(ctx)?;
    let verified = material.verify_mac(&req.message, &req.mac);
    if !verified.map_err(Error::internal)? {
        return Err(KMSInvalidMacException::bare().into());
    }
    Ok(VerifyMacResponse {
        key_id: Some(key.arn().to_owned()),
        mac_valid: Some(true),
        mac_algorithm: Some(req.mac_algorithm),
    })
}
