//! `kms:RetireGrant`: ends a grant, by whoever the grant itself lets do so, or the key's account.

use std::borrow::Cow;
use std::sync::Arc;

use api::kms::{NotFoundException, RetireGrantRequest};
use platform::{Ctx, Error, Resource, Result, access_denied, validation};
use wire::{Empty, Fault};

use crate::access::FOREIGN;
use crate::condition_keys::{GrantKeys, KeyConditions, RequestKeys};
use crate::dry_run::DryRun;
use crate::grant::{GrantRecord, OfKey, check_id};
use crate::grant_tokens::GrantToken;
use crate::granted::RetiredGrant;
use crate::key::Key;
use crate::key_id::{KeyId, arn};
use crate::lookup::check_region;
use crate::revoke_grant::unknown;

const ACTION: &str = "kms:RetireGrant";

pub(crate) async fn retire_grant(ctx: &Ctx, req: RetireGrantRequest) -> Result<Empty> {
    let dry_run = DryRun::new(req.dry_run, &[])?;
    let named = Named::new(ctx, &req)?;
    let key = Key::get(ctx, &named.account, &ctx.region, &named.key_id).await?;
    let grant = match &key {
        Some(key) => OfKey::new(&key.record).find(ctx, &named.grant_id).await?,
        None => None,
    };
    authorize(ctx, &named, key.as_ref(), grant.as_deref()).await?;
    let Some(grant) = grant else {
        return Err(absent(&named, key.is_some()).into());
    };
    ctx.note_text("grantId", named.grant_id.as_str());
    dry_run.finish()?;
    grant.remove(ctx).await?;
    Ok(Empty)
}

/// The grant that a request names.
struct Named {
    account: String,
    key_id: String,
    grant_id: String,
    key_arn: String,
}

impl Named {
    fn new(ctx: &Ctx, req: &RetireGrantRequest) -> Result<Self> {
        let (account, key_id, grant_id) = match (&req.grant_token, &req.key_id, &req.grant_id) {
            (Some(token), None, None) => {
                let token = GrantToken::open(ctx, token)?;
                (token.account, token.key_id, token.grant_id)
            }
            (None, Some(key_id), Some(grant_id)) => {
                let (account, key_id) = place(ctx, key_id)?;
                (account, key_id, grant_id.clone())
            }
            _ => {
                return Err(validation(
                    "You must specify either a grant token, or a key ARN and a grant ID.",
                ));
            }
        };
        let key_arn = arn(&ctx.region, &account, &format!("key/{key_id}"));
        Ok(Self {
            account,
            key_id,
            grant_id,
            key_arn,
        })
    }
}

/// Account and id of the key that a request names.
fn place(ctx: &Ctx, key_id: &str) -> Result<(String, String)> {
    match KeyId::parse(key_id)? {
        KeyId::Key(id) => Ok((ctx.account().to_owned(), id.to_owned())),
        KeyId::KeyArn(place) => {
            check_region(ctx, &place)?;
            Ok((place.account.to_owned(), place.name.to_owned()))
        }
        KeyId::Alias(_) | KeyId::AliasArn(_) => {
            Err(NotFoundException::new(format!("Invalid keyId '{key_id}'")).into())
        }
    }
}

fn absent(named: &Named, has_key: bool) -> Fault {
    if !has_key {
        let text = format!("Key '{}' does not exist", named.key_arn);
        return NotFoundException::new(text);
    }
    let unknown = unknown(&named.grant_id);
    check_id(&named.grant_id).err().unwrap_or(unknown)
}

/// Decides by the grant and by the policies of callers. Key policies and resource control policies
/// have no say ("Retiring and revoking grants"). A refusal is the same whether the grant, or the
/// key, exists or not.
async fn authorize(
    ctx: &Ctx,
    named: &Named,
    key: Option<&Key>,
    grant: Option<&GrantRecord>,
) -> Result<()> {
    let request = RequestKeys {
        grant: grant.map(|grant| GrantKeys {
            terms: &grant.terms,
            request: None,
        }),
        ..RequestKeys::default()
    };
    let conditions = KeyConditions::new(ctx, key, &request);
    let (granted, resource) = (RetiredGrant(grant), Retirable::new(named, key));
    let access = ctx.authorize(ACTION, resource).keys(&conditions);
    match access.grants(&granted).decide().await {
        Ok(_) => Ok(()),
        Err(Error::Fault(_)) if named.account != ctx.account() => Err(access_denied(
            &ctx.caller.arn,
            ACTION,
            &named.key_arn,
            FOREIGN,
        )),
        Err(error) => Err(error),
    }
}

/// The key of a grant that is to be retired, whether it exists or not.
struct Retirable {
    arn: String,
    account: String,
    key: Option<Arc<crate::key::KeyRecord>>,
}

impl Retirable {
    fn new(named: &Named, key: Option<&Key>) -> Self {
        Self {
            arn: named.key_arn.clone(),
            account: named.account.clone(),
            key: key.map(|key| Arc::clone(&key.record)),
        }
    }
}

impl Resource for Retirable {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn audit_type(&self) -> Option<&'static str> {
        Some("AWS::KMS::Key")
    }

    fn is_under_resource_control(&self) -> bool {
        false
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let tags = &self.key.as_ref()?.tags;
        let mut tags = tags.iter();
        let found = tags.find(|(known, _)| known.to_lowercase() == key);
        found.map(|(_, value)| value.as_str())
    }
}
