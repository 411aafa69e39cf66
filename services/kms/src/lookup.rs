//! From the `KeyId` of a request to a key, or to the fact that there is none.

use std::borrow::Cow;

use api::kms::{InvalidArnException, NotFoundException};
use platform::{Ctx, Resource, Result};
use wire::Fault;

use crate::alias::Alias;
use crate::key::Key;
use crate::key_id::{KeyId, Place, arn};
use crate::managed_key;

/// What a `KeyId` led to. Whether the caller may learn it, `access` decides.
pub(crate) enum Found {
    /// A key.
    Here(Key),
    /// No key. In a box: keys are what calls lead to, and what stands for none of them is larger.
    Absent(Box<Absent>),
}

/// A key that does not exist, or must look as if it did not.
pub(crate) struct Absent {
    pub(crate) arn: String,
    pub(crate) account: String,
    /// What a caller hears who could use the key if it existed.
    pub(crate) fault: Fault,
}

impl Resource for Absent {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::KMS::Key")
    }

    fn region(&self) -> Option<&str> {
        self.arn.split(':').nth(3)
    }
}

impl Found {
    /// A key of any account by key id, key ARN, alias name or alias ARN, for the operations that
    /// take them all.
    pub(crate) async fn any(ctx: &Ctx, key_id: &str) -> Result<Self> {
        match KeyId::parse(key_id)? {
            KeyId::Key(id) => Self::key(ctx, ctx.account(), id).await,
            KeyId::Alias(name) => Box::pin(Self::alias(ctx, ctx.account(), name)).await,
            KeyId::KeyArn(place) => {
                check_region(ctx, &place)?;
                Self::key(ctx, place.account, place.name).await
            }
            KeyId::AliasArn(place) => {
                check_region(ctx, &place)?;
                Box::pin(Self::alias(ctx, place.account, place.name)).await
            }
        }
    }

    /// A key of the caller's account by key id or key ARN, for the operations that take only
    /// these. Another account's key counts as absent.
    pub(crate) async fn own(ctx: &Ctx, key_id: &str) -> Result<Self> {
        match KeyId::parse(key_id)? {
            KeyId::KeyArn(place) if place.account != ctx.account() => {
                check_region(ctx, &place)?;
                Ok(Self::Absent(absent_key(ctx, place.account, place.name)))
            }
            _ => Self::by_id(ctx, key_id).await,
        }
    }

    /// A key of any account by key id or key ARN, for the operations that take only these.
    pub(crate) async fn by_id(ctx: &Ctx, key_id: &str) -> Result<Self> {
        match KeyId::parse(key_id)? {
            KeyId::Key(id) => Self::key(ctx, ctx.account(), id).await,
            KeyId::KeyArn(place) => {
                check_region(ctx, &place)?;
                Self::key(ctx, place.account, place.name).await
            }
            KeyId::Alias(_) | KeyId::AliasArn(_) => {
                let text = "Key Aliases are not supported for this operation.";
                Err(InvalidArnException::new(text).into())
            }
        }
    }

    /// The key with this id in the call's region.
    pub(crate) async fn key(ctx: &Ctx, account: &str, id: &str) -> Result<Self> {
        if managed_key::is_out_of_sight(ctx, account) {
            return Ok(Self::Absent(absent_key(ctx, account, id)));
        }
        match Key::get(ctx, account, &ctx.region, id).await? {
            Some(key) => Ok(Self::Here(key)),
            None => Ok(Self::Absent(absent_key(ctx, account, id))),
        }
    }

    async fn alias(ctx: &Ctx, account: &str, name: &str) -> Result<Self> {
        if managed_key::is_out_of_sight(ctx, account) {
            return Ok(Self::Absent(absent_alias(ctx, account, name)));
        }
        let key = match Alias::find(ctx, account, name).await? {
            Some(alias) => Some(alias.key),
            // In boxes: such keys are made once, and every call would have room for it.
            None if account.is_empty() => Box::pin(managed_key::owned(ctx, name)).await?,
            None => Box::pin(managed_key::at_first_use(ctx, account, name)).await?,
        };
        Ok(match key {
            Some(mut key) => {
                key.alias = Some(name.to_owned());
                Self::Here(key)
            }
            None => Self::Absent(absent_alias(ctx, account, name)),
        })
    }
}

/// The key of this ARN, in whatever region it is, with its policy: for explanations.
pub(crate) async fn by_arn(ctx: &Ctx, arn: &str) -> Result<Option<Box<dyn Resource>>> {
    let Ok(KeyId::KeyArn(place)) = KeyId::parse(arn) else {
        return Ok(None);
    };
    let found = Key::get(ctx, place.account, place.region, place.name).await?;
    Ok(found.map(|key| Box::new(key) as Box<dyn Resource>))
}

/// What stands for a key that refuses a caller of another account: the same as if there were none,
/// under the name that the caller used.
pub(crate) fn hidden(ctx: &Ctx, key: &Key) -> Box<Absent> {
    match &key.alias {
        Some(name) => absent_alias(ctx, &key.record.account, name),
        None => absent_key(ctx, &key.record.account, &key.record.id),
    }
}

fn absent_key(ctx: &Ctx, account: &str, id: &str) -> Box<Absent> {
    let arn = arn(&ctx.region, account, &format!("key/{id}"));
    let fault = NotFoundException::new(format!("Key '{arn}' does not exist"));
    Box::new(Absent {
        arn,
        account: account.to_owned(),
        fault,
    })
}

fn absent_alias(ctx: &Ctx, account: &str, name: &str) -> Box<Absent> {
    let arn = arn(&ctx.region, account, name);
    // Events on record have no parameters.
    let fault = NotFoundException::new(format!("Alias {arn} is not found.")).early();
    Box::new(Absent {
        arn,
        account: account.to_owned(),
        fault,
    })
}

/// Refuses an ARN of another region than the call's.
pub(crate) fn check_region(ctx: &Ctx, place: &Place<'_>) -> Result<(), Fault> {
    if place.region == ctx.region {
        return Ok(());
    }
    Err(NotFoundException::new(format!(
        "Invalid arn {}",
        place.region
    )))
}
