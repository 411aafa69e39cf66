//! Keys that AWS makes and not a caller: AWS managed keys, one a service in each account and
//! Region, made when the service first needs it; and AWS owned keys, which no account sees.

use platform::{AWS_ACCOUNT, Ctx, Derived, Resource as _, Result, ServiceEvent, access_denied};

use crate::alias::{Alias, AliasRecord};
use crate::key::{Key, KeyRecord, Manager, State};
use crate::key_id::{KeyId, arn};
use crate::kind::{Origin, Spec, Usage};
use crate::managed_policy::{Home, owned_policy};
use crate::managed_services::{ManagedService, SERVICES};
use crate::material::{Owner, WrappedMaterial};
use crate::rotation::{self, AutomaticRotation, DEFAULT_PERIOD_IN_DAYS};

/// What the aliases of keys that AWS makes begin with.
const PREFIX: &str = "alias/aws/";

impl ManagedService {
    fn of_alias(alias: &str) -> Option<&'static Self> {
        let name = alias.strip_prefix(PREFIX)?;
        SERVICES.iter().find(|service| service.name == name)
    }

    /// Whether this service makes the call on behalf of its caller.
    fn makes(&self, ctx: &Ctx) -> bool {
        let via = ctx.via_service().and_then(|via| via.split('.').next());
        via.is_some_and(|via| self.endpoints.contains(&via))
    }
}

/// The predefined aliases: those of all AWS managed keys, whether or not they exist.
pub(crate) fn predefined_aliases() -> impl Iterator<Item = String> {
    SERVICES
        .iter()
        .map(|service| format!("{PREFIX}{}", service.name))
}

/// How many AWS managed keys `account` has in `region`.
pub(crate) async fn count(ctx: &Ctx, account: &str, region: &str) -> Result<u64> {
    let mut count = 0;
    for name in predefined_aliases() {
        let place = AliasRecord::place(account, region, &name);
        count += u64::from(ctx.get::<AliasRecord>(&place).await?.is_some());
    }
    Ok(count)
}

/// Whether only service principals may find what `account` has.
pub(crate) fn is_out_of_sight(ctx: &Ctx, account: &str) -> bool {
    account == AWS_ACCOUNT && ctx.caller.service_name().is_none()
}

/// The key that this call is the first to use by the alias `name` of `account`, made now: an AWS
/// managed key for the service that calls, or an AWS owned key for the service principal that does.
pub(crate) async fn at_first_use(ctx: &Ctx, account: &str, name: &str) -> Result<Option<Key>> {
    let managed = ManagedService::of_alias(name);
    match managed.filter(|service| service.makes(ctx)) {
        Some(service) if is_own(ctx, account) => make_managed(ctx, service).await.map(Some),
        _ => Ok(None),
    }
}

/// Associates a predefined alias with a key that is made now, where a caller describes it
/// (DescribeKey, `KeyId`).
pub(crate) async fn at_description(ctx: &Ctx, key_id: &str) -> Result<()> {
    let name = match KeyId::parse(key_id) {
        Ok(KeyId::Alias(name)) => name,
        Ok(KeyId::AliasArn(place))
            if place.account == ctx.account() && place.region == ctx.region =>
        {
            place.name
        }
        _ => return Ok(()),
    };
    if let Some(service) = ManagedService::of_alias(name)
        && is_own(ctx, ctx.account())
        && Alias::find(ctx, ctx.account(), name).await?.is_none()
    {
        make_managed(ctx, service).await?;
    }
    Ok(())
}

/// The AWS owned key that a service principal calls by the alias of its name, made where it is not
/// there yet. A service principal belongs to no account: what it calls its own is AWS's.
pub(crate) async fn owned(ctx: &Ctx, name: &str) -> Result<Option<Key>> {
    let Some(label) = ctx.caller.service_name().and_then(label) else {
        return Ok(None);
    };
    let label = label
        .strip_suffix(&format!(".{}", ctx.region))
        .unwrap_or(label);
    if name.strip_prefix(PREFIX) != Some(label) {
        return Ok(None);
    }
    if let Some(alias) = Alias::find(ctx, AWS_ACCOUNT, name).await? {
        return Ok(Some(alias.key));
    }
    let principals = [
        format!("{label}.amazonaws.com"),
        format!("{label}.{}.amazonaws.com", ctx.region),
    ];
    let made = Made {
        account: AWS_ACCOUNT,
        service: label,
        description: format!("AWS owned key of {label}"),
        policy: owned_policy(&principals),
    };
    made.make(ctx).await.map(Some)
}

/// Refuses what no policy of a key of AWS allows, whatever is decided: with authorization off
/// everything is.
pub(crate) fn check_action(ctx: &Ctx, action: &str, key: &Key) -> Result<()> {
    const ALLOWED: [&str; 10] = [
        "kms:Describe",
        "kms:Get",
        "kms:List",
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt",
        "kms:GenerateDataKey",
        "kms:CreateGrant",
        "kms:RevokeGrant",
        "kms:RetireGrant",
    ];
    let is_allowed = ALLOWED.iter().any(|allowed| action.starts_with(allowed));
    if key.record.manager == Manager::Customer || is_allowed {
        return Ok(());
    }
    let because = format!("because no resource-based policy allows the {action} action");
    Err(access_denied(&ctx.caller.arn, action, &key.arn(), &because))
}

fn label(principal: &str) -> Option<&str> {
    principal.strip_suffix(".amazonaws.com")
}

fn is_own(ctx: &Ctx, account: &str) -> bool {
    account == ctx.account() && !account.is_empty()
}

async fn make_managed(ctx: &Ctx, service: &ManagedService) -> Result<Key> {
    let protects = service.protects;
    let home = Home {
        account: ctx.account(),
        region: &ctx.region,
    };
    let made = Made {
        account: ctx.account(),
        service: service.name,
        description: format!(
            "Default key that protects my {protects} when no other key is defined"
        ),
        policy: service.policy(&home),
    };
    made.make(ctx).await
}

/// A key that AWS makes.
struct Made<'a> {
    account: &'a str,
    service: &'a str,
    description: String,
    policy: String,
}

impl Made<'_> {
    /// Stages the key with its alias and its rotation, and puts it on record. Two calls at once
    /// have both seen that there is none: one of them runs again and finds it.
    async fn make(self, ctx: &Ctx) -> Result<Key> {
        let (account, region) = (self.account, ctx.region.as_str());
        let name = format!("{PREFIX}{}", self.service);
        let record = self.record(ctx, &name).await?;
        let alias = AliasRecord {
            name: name.clone(),
            key_id: record.id.clone(),
            created_millis: ctx.now.millis,
            updated_millis: ctx.now.millis,
        };
        ctx.put(AliasRecord::place(account, region, &name), alias)
            .await;
        rotation::put_schedule(ctx, &record).await;
        ctx.put(
            KeyRecord::place(account, region, &record.id),
            record.clone(),
        )
        .await;
        let event = ServiceEvent {
            service: &api::kms::SERVICE,
            name: "CreateKey",
            region,
            account,
            resource: ("AWS::KMS::Key", &record.arn),
            response: &[],
            details: &[("keyId", &record.id), ("aliasName", &name)],
            own: None,
        };
        ctx.note_service_event(&event)?;
        Key::new(record.into())
    }

    async fn record(self, ctx: &Ctx, alias: &str) -> Result<KeyRecord> {
        let (account, region, id) = (self.account, ctx.region.as_str(), ctx.new_uuid()?);
        let arn = arn(region, account, &format!("key/{id}"));
        let spec = Spec::SymmetricDefault;
        let owner = Owner {
            account,
            key_id: &id,
            arn: &arn,
        };
        let materials = vec![WrappedMaterial::generate(ctx, spec, &owner).await?];
        Ok(KeyRecord {
            account: account.to_owned(),
            region: region.to_owned(),
            id,
            arn,
            created_millis: ctx.now.millis,
            description: self.description,
            spec,
            usage: Usage::EncryptDecrypt,
            origin: Origin::AwsKms,
            manager: Manager::Service(self.service.to_owned()),
            family: None,
            state: State::Enabled,
            policy: self.policy,
            tags: Vec::new(),
            aliases: vec![alias.to_owned()],
            materials,
            // Every year, and nobody can change that ("Rotate AWS KMS keys").
            rotation: Some(AutomaticRotation::beginning(
                ctx.now,
                DEFAULT_PERIOD_IN_DAYS,
            )),
            on_demand_since_millis: None,
            parsed_policy: Derived::default(),
        })
    }
}
