//! What GenerateMac and VerifyMac have in common: the key, ready to use.

use api::kms::MacAlgorithmSpec;
use platform::{Ctx, Result};

use crate::algorithm::Algorithm;
use crate::condition_keys::RequestKeys;
use crate::dry_run::DryRun;
use crate::lookup::Found;
use crate::ready_key::ReadyKey;
use crate::{access, grant_tokens};

/// What both operations are asked.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static str,
    pub(crate) action: &'static str,
    pub(crate) key_id: &'a str,
    pub(crate) algorithm: MacAlgorithmSpec,
    pub(crate) grant_tokens: &'a [String],
    pub(crate) dry_run: bool,
}

/// The key, once everything is checked; a dry run ends here.
pub(crate) async fn ready(ctx: &Ctx, asked: Asked<'_>) -> Result<ReadyKey> {
    let dry_run = DryRun::new(asked.dry_run, &[])?;
    grant_tokens::check(ctx, asked.grant_tokens)?;
    let found = Found::any(ctx, asked.key_id).await?;
    let request = RequestKeys {
        mac: Some(asked.algorithm),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, asked.action, found, &request).await?;
    let key = ReadyKey::new(key, asked.operation, Algorithm::Mac(asked.algorithm))?;
    dry_run.finish()?;
    Ok(key)
}
