//! `kms:CreateKey`: makes a key.

use std::borrow::Cow;
use std::sync::Arc;

use api::kms::{
    CreateKey, CreateKeyRequest, CreateKeyResponse, KeySpec, KeyUsageType, OriginType,
    UnsupportedOperationException,
};
use platform::{ConditionKeys, Ctx, Derived, Everything, Resource, Result, validation};
use policy::Values;
use wire::{Operation as _, Value};

use crate::condition_keys::boolean;
use crate::default_policy::default_policy;
use crate::key::{Family, Key, KeyRecord, Manager, State};
use crate::key_id::arn;
use crate::kind::{Origin, Spec, Usage};
use crate::material::Owner;
use crate::metadata::metadata;
use crate::pinned::Pinned;
use crate::tags;
use crate::{key_count, key_policy};

pub(crate) async fn create_key(ctx: &Ctx, req: CreateKeyRequest) -> Result<CreateKeyResponse> {
    make(ctx, req, Pinned::default()).await
}

/// A key's kind has two names, of which callers give one. Both are on record ("CreateKey", AWS KMS
/// developer guide).
pub(crate) fn on_record(request: &mut Value) {
    let members = CreateKey::TABLE.input.members();
    let place = |name: &str| members.iter().position(|member| member.name == name);
    let (Some(new), Some(old)) = (place("KeySpec"), place("CustomerMasterKeySpec")) else {
        return;
    };
    let spec = [new, old].into_iter().find_map(|at| request.member(at));
    let spec = spec
        .cloned()
        .unwrap_or_else(|| Value::string(KeySpec::SymmetricDefault.as_str()));
    if let Value::Structure(values) = request {
        for (at, value) in values.iter_mut().enumerate() {
            if at == new || at == old {
                *value = Some(spec.clone());
            }
        }
    }
}

/// Makes a key, of which some things may be given.
pub(crate) async fn make(
    ctx: &Ctx,
    mut req: CreateKeyRequest,
    pinned: Pinned,
) -> Result<CreateKeyResponse> {
    let kind = Kind::of(&req)?;
    let tags = tags::from_request(std::mem::take(&mut req.tags))?;
    authorize(ctx, &req, &kind, &tags).await?;
    let made = kind.check_supported(ctx, &req)?;

    let parsed = match req.policy.as_deref() {
        Some(text) => Some(key_policy::parse(ctx, text).await?),
        None => None,
    };
    if let (Some(text), Some(policy)) = (&mut req.policy, &parsed) {
        *text = key_policy::bound(ctx, text, policy).await?;
    }
    let key = Key::new(Arc::new(
        new_record(ctx, &mut req, (made, &pinned), tags).await?,
    ))?;
    if parsed.is_some() && !req.bypass_policy_lockout_safety_check {
        key_policy::check_lockout(ctx, &key, &key.record.policy).await?;
    }
    key_count::check(ctx, &key.record).await?;
    ctx.involve(&key);
    let record = Arc::unwrap_or_clone(key.record);
    let key_metadata = Some(metadata(&record));
    ctx.put(
        KeyRecord::place(&record.account, &record.region, &record.id),
        record,
    )
    .await;
    Ok(CreateKeyResponse { key_metadata })
}

/// What kind of key is asked for, after defaults.
struct Kind {
    spec: KeySpec,
    usage: KeyUsageType,
    origin: OriginType,
}

impl Kind {
    fn of(req: &CreateKeyRequest) -> Result<Self> {
        let spec = match (req.key_spec, req.customer_master_key_spec) {
            (Some(_), Some(_)) => {
                return Err(validation(
                    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
                     CustomerMasterKeySpec is deprecated.",
                ));
            }
            (Some(spec), None) => spec,
            (None, Some(old)) => KeySpec::parse(old.as_str()).unwrap_or(KeySpec::SymmetricDefault),
            (None, None) => KeySpec::SymmetricDefault,
        };
        let usage = match (req.key_usage, spec) {
            (Some(usage), _) => usage,
            (None, KeySpec::SymmetricDefault) => KeyUsageType::EncryptDecrypt,
            (None, _) => {
                return Err(validation(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric \
                     encryption keys.",
                ));
            }
        };
        if !is_usable(spec, usage) {
            let (usage, spec) = (usage.as_str(), spec.as_str());
            let text = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
            return Err(validation(text));
        }
        Ok(Self {
            spec,
            usage,
            origin: req.origin.unwrap_or(OriginType::AwsKms),
        })
    }

    /// What is to be made. Refuses the kinds of keys that this version cannot honour, and those
    /// that AWS does not have where the call is.
    fn check_supported(&self, ctx: &Ctx, req: &CreateKeyRequest) -> Result<Made> {
        let spec = Spec::of(self.spec).filter(|spec| is_made_in(*spec, &ctx.region));
        let origin = match self.origin {
            OriginType::AwsKms => Some(Origin::AwsKms),
            OriginType::External => Some(Origin::External),
            OriginType::AwsCloudhsm | OriginType::ExternalKeyStore => None,
        };
        let unsupported = if origin.is_none() {
            format!("Origin {} is not supported.", self.origin.as_str())
        } else if req.custom_key_store_id.is_some() || req.xks_key_id.is_some() {
            "Custom key stores are not supported.".to_owned()
        } else if origin == Some(Origin::External) && spec.is_some_and(|it| !it.is_importable()) {
            format!(
                "Origin EXTERNAL with KeySpec {} is not supported.",
                self.spec.as_str()
            )
        } else if let (Some(spec), Some(origin)) = (spec, origin) {
            let usage = Usage::of(self.usage);
            return Ok(Made {
                spec,
                usage,
                origin,
            });
        } else {
            format!("KeySpec {} is not supported.", self.spec.as_str())
        };
        Err(UnsupportedOperationException::new(unsupported).into())
    }
}

/// What CreateKey makes.
struct Made {
    spec: Spec,
    usage: Usage,
    origin: Origin,
}

/// AWS has SM2 keys in its Chinese regions alone, and no ML-KEM keys there (CreateKey, `KeySpec`).
pub(crate) fn is_made_in(spec: Spec, region: &str) -> bool {
    let is_china = matches!(region, "cn-north-1" | "cn-northwest-1");
    let is_ml_kem = !spec.encapsulation_algorithms().is_empty();
    match spec {
        Spec::Sm2 => is_china,
        _ => !(is_china && is_ml_kem),
    }
}

/// What material of `spec` can be used for.
fn is_usable(spec: KeySpec, usage: KeyUsageType) -> bool {
    Spec::of(spec).is_some_and(|spec| spec.usages().contains(&Usage::of(usage)))
}

/// A new key takes `kms:CreateKey`, and a new key with tags takes `kms:TagResource` too.
async fn authorize(
    ctx: &Ctx,
    req: &CreateKeyRequest,
    kind: &Kind,
    tags: &[(String, String)],
) -> Result<()> {
    let conditions = CreateConditions { ctx, req, kind };
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let access = ctx.authorize("kms:CreateKey", everything).keys(&conditions);
    access.request_tags(tags).decide().await?;
    if !tags.is_empty() {
        let account = ctx.account().to_owned();
        let any_key = AnyKey {
            arn: arn(&ctx.region, &account, "key/*"),
            account,
        };
        let access = ctx.authorize("kms:TagResource", any_key).keys(&conditions);
        access.request_tags(tags).decide().await?;
    }
    Ok(())
}

/// A key that does not have its id yet.
struct AnyKey {
    arn: String,
    account: String,
}

impl Resource for AnyKey {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }
}

struct CreateConditions<'a> {
    ctx: &'a Ctx,
    req: &'a CreateKeyRequest,
    kind: &'a Kind,
}

impl ConditionKeys for CreateConditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key.strip_prefix("kms:")? {
            "calleraccount" => Some(self.ctx.account().into()),
            "viaservice" => self.ctx.via_service().map(Values::from),
            "keyspec" | "customermasterkeyspec" => Some(self.kind.spec.as_str().into()),
            "keyusage" | "customermasterkeyusage" => Some(self.kind.usage.as_str().into()),
            "keyorigin" => Some(self.kind.origin.as_str().into()),
            "multiregion" => Some(boolean(self.req.multi_region)),
            "multiregionkeytype" if self.req.multi_region => Some("PRIMARY".into()),
            "bypasspolicylockoutsafetycheck" => {
                Some(boolean(self.req.bypass_policy_lockout_safety_check))
            }
            _ => None,
        }
    }
}

/// The id of a new key. That of a multi-Region key tells what it is ("Key identifiers").
fn new_id(ctx: &Ctx, multi_region: bool) -> Result<String> {
    let id = ctx.new_uuid()?;
    Ok(match multi_region {
        true => format!("mrk-{}", id.replace('-', "")),
        false => id,
    })
}

/// The record of a new key: enabled and with fresh material, or waiting for material.
async fn new_record(
    ctx: &Ctx,
    req: &mut CreateKeyRequest,
    (
        Made {
            spec,
            usage,
            origin,
        },
        pinned,
    ): (Made, &Pinned),
    tags: Vec<(String, String)>,
) -> Result<KeyRecord> {
    let (account, region) = (ctx.account(), ctx.region.as_str());
    let id = match pinned.id(ctx, req.multi_region).await? {
        Some(id) => id,
        None => new_id(ctx, req.multi_region)?,
    };
    let arn = arn(region, account, &format!("key/{id}"));
    let owner = Owner {
        account,
        key_id: &id,
        arn: &arn,
    };
    let (state, materials) = match origin {
        Origin::External => (State::PendingImport, Vec::new()),
        _ => {
            let material = pinned.material(ctx, spec, &owner).await?;
            (State::Enabled, vec![material])
        }
    };
    let policy = req
        .policy
        .take()
        .unwrap_or_else(|| default_policy(region, account));
    Ok(KeyRecord {
        account: account.to_owned(),
        region: region.to_owned(),
        id,
        arn,
        created_millis: ctx.now.millis,
        description: req.description.take().unwrap_or_default(),
        spec,
        usage,
        origin,
        manager: Manager::Customer,
        family: req.multi_region.then(|| Family::of_primary(region)),
        state,
        policy,
        tags,
        aliases: Vec::new(),
        materials,
        rotation: None,
        on_demand_since_millis: None,
        parsed_policy: Derived::default(),
    })
}
