//! What Encapsulate and Decapsulate have in common: the key, ready to use.

use api::kms::EncapsulationAlgorithmSpec;
use platform::{Ctx, Result};

use crate::algorithm::Algorithm;
use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::ready_key::ReadyKey;
use crate::{access, grant_tokens};

/// What both operations are asked.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static str,
    pub(crate) action: &'static str,
    pub(crate) key_id: &'a str,
    pub(crate) algorithm: EncapsulationAlgorithmSpec,
    pub(crate) grant_tokens: &'a [String],
}

/// The key, once everything about it is checked.
pub(crate) async fn ready(ctx: &Ctx, asked: Asked<'_>) -> Result<ReadyKey> {
    grant_tokens::check(ctx, asked.grant_tokens)?;
    let found = Found::any(ctx, asked.key_id).await?;
    let request = RequestKeys {
        encapsulation: Some(asked.algorithm),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, asked.action, found, &request).await?;
    let algorithm = Algorithm::Encapsulation(asked.algorithm);
    ReadyKey::new(key, asked.operation, algorithm)
}
