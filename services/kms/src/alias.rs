//! Aliases: names for keys, unique within an account and region.

use std::borrow::Cow;

use api::kms::{InvalidAliasNameException, LimitExceededException, NotFoundException};
use platform::{Authorized, Ctx, Resource, Result, validation};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record};
use wire::Fault;
use wire::shape::ErrorShape;

use crate::key::{Key, KeyRecord, change};
use crate::key_id::arn;
use crate::quotas::{ALIASES_PER_KEY, QUOTAS};

/// What the store keeps of an alias. The key's record lists it too, and both change together.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AliasRecord {
    /// With `alias/`.
    pub(crate) name: String,
    pub(crate) key_id: String,
    pub(crate) created_millis: i64,
    pub(crate) updated_millis: i64,
}

impl Record for AliasRecord {
    const TABLE: &'static str = "kms.aliases";
    const SERVICE: &'static str = "kms";
}

impl AliasRecord {
    /// Where the record of the alias `name` stands.
    pub(crate) fn place(account: &str, region: &str, name: &str) -> RecordKey {
        RecordKey::new(account, region, [name])
    }
}

/// An alias with the key it points to.
pub(crate) struct Alias {
    pub(crate) record: AliasRecord,
    pub(crate) key: Key,
}

impl Alias {
    /// The alias `name`, if it and its key exist.
    pub(crate) async fn find(ctx: &Ctx, account: &str, name: &str) -> Result<Option<Self>> {
        let place = AliasRecord::place(account, &ctx.region, name);
        let Some(record) = ctx.get::<AliasRecord>(&place).await? else {
            return Ok(None);
        };
        let key = Key::get(ctx, account, &ctx.region, &record.key_id).await?;
        Ok(key.map(|key| Self {
            record: AliasRecord::clone(&record),
            key,
        }))
    }

    /// The alias `name` of the caller's account; a `NotFoundException` if there is none.
    pub(crate) async fn require(ctx: &Ctx, name: &str) -> Result<Self> {
        let alias = Self::find(ctx, ctx.account(), name).await?;
        alias.ok_or_else(|| {
            let arn = arn(&ctx.region, ctx.account(), name);
            NotFoundException::new(format!("Alias {arn} is not found.")).into()
        })
    }
}

/// An alias as the resource of a decision. It has no policy of its own.
pub(crate) struct AliasResource {
    pub(crate) arn: String,
    account: String,
}

impl AliasResource {
    /// The alias `name` of the caller's account, whether or not it exists.
    pub(crate) fn own(ctx: &Ctx, name: &str) -> Self {
        let account = ctx.account().to_owned();
        Self {
            arn: arn(&ctx.region, &account, name),
            account,
        }
    }
}

impl Resource for AliasResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        // "CreateAlias", AWS KMS developer guide: an alias goes as the key that it stands for.
        Some("AWS::KMS::Key")
    }
}

/// Checks the name of an alias that is to be made, moved or deleted.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let Some(rest) = name.strip_prefix("alias/") else {
        return Err(validation(
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ));
    };
    if rest.starts_with("aws/") {
        return Err(not_authorized().into());
    }
    // The model's pattern lets colons through; names of aliases have none.
    if rest.is_empty() || rest.contains(':') {
        return Err(InvalidAliasNameException::new(
            "Alias contains invalid characters for an alias",
        )
        .into());
    }
    Ok(())
}

/// Lists the alias `name` in the record of a key, within the key's quota.
pub(crate) async fn attach(ctx: &Ctx, key: &Authorized<Key>, name: &str) -> Result<()> {
    let quota = ctx.count_quota(&key.record.account, &QUOTAS, ALIASES_PER_KEY);
    let quota = quota.await?;
    if key.record.aliases.len() as u64 >= quota {
        return Err(LimitExceededException::new(format!(
            "{} already has {quota} aliases, which is the maximum.",
            key.record.arn
        ))
        .into());
    }
    change(ctx, key, |record| insert(record, name)).await;
    Ok(())
}

/// Takes the alias `name` off the record of a key.
pub(crate) async fn detach(ctx: &Ctx, key: &Authorized<Key>, name: &str) {
    change(ctx, key, |record| {
        record.aliases.retain(|known| known != name);
    })
    .await;
}

fn insert(record: &mut KeyRecord, name: &str) {
    if let Err(position) = record
        .aliases
        .binary_search_by(|known| known.as_str().cmp(name))
    {
        record.aliases.insert(position, name.to_owned());
    }
}

/// AWS's answer to touching a reserved alias. The API model does not list it.
fn not_authorized() -> Fault {
    static SHAPE: ErrorShape = ErrorShape {
        name: "NotAuthorizedException",
        code: "NotAuthorizedException",
        status: 400,
        sender_fault: true,
        shape: &wire::typed::EMPTY,
    };
    Fault::modeled(&SHAPE, None)
}
