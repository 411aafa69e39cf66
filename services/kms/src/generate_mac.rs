//! `kms:GenerateMac`: the HMAC of a message.

use api::kms::{GenerateMacRequest, GenerateMacResponse};
use platform::{Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::mac;

pub(crate) async fn generate_mac(
    ctx: &Ctx,
    req: GenerateMacRequest,
) -> Result<GenerateMacResponse> {
    let asked = mac::Asked {
        operation: "GenerateMac",
        action: "kms:GenerateMac",
        key_id: &req.key_id,
        algorithm: req.mac_algorithm,
        grant_tokens: &req.grant_tokens,
        dry_run: req.dry_run,
    };
    let key = mac::ready(ctx, asked).await?;
    let (_, material) = key.current(ctx)?;
    let mac = material.mac(&req.message).map_err(Error::internal)?;
    Ok(GenerateMacResponse {
        mac: Some(Zeroizing::new(mac)),
        mac_algorithm: Some(req.mac_algorithm),
        key_id: Some(key.arn().to_owned()),
    })
}
