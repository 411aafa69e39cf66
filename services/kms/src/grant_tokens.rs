//! Grant tokens: each leads to a grant, and is good for nothing without it.
//!
//! Grants count from the moment at which CreateGrant is answered, so a token adds nothing to what
//! its grant allows. A token of a grant that has ended is therefore no error; one that was never
//! issued is.

use api::kms::InvalidGrantTokenException;
use platform::{Ctx, Error, Result};
use wire::{Fault, marker};

use crate::grant::GrantRecord;

/// The purpose of the key that seals tokens.
const PURPOSE: &str = "kms-grant-token";

/// The grant that a token stands for.
pub(crate) struct GrantToken {
    pub(crate) account: String,
    pub(crate) key_id: String,
    pub(crate) grant_id: String,
}

impl GrantToken {
    /// Opens a token of the call's region.
    pub(crate) fn open(ctx: &Ctx, token: &str) -> Result<Self, Fault> {
        Self::read(ctx, token).ok_or_else(InvalidGrantTokenException::bare)
    }

    fn read(ctx: &Ctx, token: &str) -> Option<Self> {
        let sealed = marker::decode(token)?;
        // The holder of a token need not be of the key's account.
        let key = ctx.keyring().record_key("", PURPOSE);
        let opened = key.open(ctx.region.as_bytes(), &sealed).ok()?;
        let mut parts = str::from_utf8(&opened).ok()?.split('\n').map(str::to_owned);
        Some(Self {
            account: parts.next()?,
            key_id: parts.next()?,
            grant_id: parts.next()?,
        })
    }
}

/// A token of the grant `id`, which stands beside `grant` or is itself; each is different.
pub(crate) fn seal(ctx: &Ctx, grant: &GrantRecord, id: &str) -> Result<String> {
    let key = ctx.keyring().record_key("", PURPOSE);
    let content = [grant.account.as_str(), &grant.key_id, id].join("\n");
    let sealed = key.seal(grant.region.as_bytes(), content.as_bytes(), ctx.random());
    Ok(marker::encode(&sealed.map_err(Error::internal)?))
}

/// Refuses tokens that were not issued here, for this region.
pub(crate) fn check(ctx: &Ctx, tokens: &[String]) -> Result<(), Fault> {
    for token in tokens {
        GrantToken::open(ctx, token)?;
    }
    Ok(())
}
