//! `kms:CreateKey`: makes a key.

use std::borrow::Cow;
use std::sync::Arc;

use api::kms::{
    CreateKeyRequest, CreateKeyResponse, KeySpec, KeyUsageType, OriginType,
    UnsupportedOperationException,
};
use platform::{ConditionKeys, Ctx, Derived, Everything, Resource, Result, validation};
use policy::Values;

use crate::condition_keys::boolean;
use crate::default_policy::default_policy;
use crate::key::{Key, KeyRecord, Manager, State};
use crate::key_id::arn;
use crate::key_policy;
use crate::kind::{Origin, Spec, Usage};
use crate::material::{Owner, WrappedMaterial};
use crate::metadata::metadata;
use crate::tags;

pub(crate) async fn create_key(ctx: &Ctx, mut req: CreateKeyRequest) -> Result<CreateKeyResponse> {
    let kind = Kind::of(&req)?;
    let tags = tags::from_request(std::mem::take(&mut req.tags))?;
    authorize(ctx, &req, &kind, &tags).await?;
    let made = kind.check_supported(ctx, &req)?;

    let parsed = req.policy.as_deref().map(key_policy::parse).transpose()?;
    if let (Some(text), Some(policy)) = (&mut req.policy, &parsed) {
        *text = key_policy::bound(ctx, text, policy).await?;
    }
    let key = Key::new(Arc::new(new_record(ctx, &mut req, made, tags).await?))?;
    if let Some(policy) = &parsed
        && !req.bypass_policy_lockout_safety_check
    {
        key_policy::check_lockout(ctx, &key, policy).await?;
    }
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
        let unsupported = if self.origin != OriginType::AwsKms {
            format!("Origin {} is not supported.", self.origin.as_str())
        } else if req.multi_region {
            "Multi-Region keys are not supported.".to_owned()
        } else if req.custom_key_store_id.is_some() || req.xks_key_id.is_some() {
            "Custom key stores are not supported.".to_owned()
        } else if let Some(spec) = spec {
            let usage = Usage::of(self.usage);
            return Ok(Made { spec, usage });
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
}

/// AWS has no ML-KEM keys in its Chinese regions (CreateKey, `KeySpec`).
pub(crate) fn is_made_in(spec: Spec, region: &str) -> bool {
    let is_ml_kem = !spec.encapsulation_algorithms().is_empty();
    !(is_ml_kem && region.starts_with("cn-"))
}

/// What material of `spec` can be used for.
fn is_usable(spec: KeySpec, usage: KeyUsageType) -> bool {
    match Spec::of(spec) {
        Some(spec) => spec.usages().contains(&Usage::of(usage)),
        // SM2.
        None => matches!(
            usage,
            KeyUsageType::EncryptDecrypt | KeyUsageType::SignVerify | KeyUsageType::KeyAgreement
        ),
    }
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

/// The record of a new, enabled key with fresh material.
async fn new_record(
    ctx: &Ctx,
    req: &mut CreateKeyRequest,
    Made { spec, usage }: Made,
    tags: Vec<(String, String)>,
) -> Result<KeyRecord> {
    let (account, region, id) = (ctx.account(), ctx.region.as_str(), ctx.new_uuid()?);
    let arn = arn(region, account, &format!("key/{id}"));
    let owner = Owner {
        account,
        key_id: &id,
        arn: &arn,
    };
    let materials = vec![WrappedMaterial::generate(ctx, spec, &owner).await?];
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
        origin: Origin::AwsKms,
        manager: Manager::Customer,
        family: None,
        state: State::Enabled,
        policy,
        tags,
        aliases: Vec::new(),
        materials,
        rotation: None,
        on_demand_since_millis: None,
        parsed_policy: Derived::default(),
    })
}
