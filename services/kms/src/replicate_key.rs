//! `kms:ReplicateKey`: makes a replica of a multi-Region primary key in another Region.
//!
//! Everything happens in one commit: the replica with its material, and what all keys of the family
//! say about each other. So there is no time in which the replica is `Creating` (decision 12).

use std::borrow::Cow;
use std::sync::Arc;

use api::kms::{
    self, AlreadyExistsException, CreateKeyResponse, MultiRegionKeyType, ReplicateKeyRequest,
    ReplicateKeyResponse, Tag, UnsupportedOperationException,
};
use platform::{Authorized, ConditionKeys, Ctx, Derived, Resource, Result};
use policy::Values;

use crate::condition_keys::{RequestKeys, boolean};
use crate::create_key::is_made_in;
use crate::default_policy::default_policy;
use crate::key::{Family, Key, KeyRecord, State};
use crate::key_id::partition;
use crate::kind::Origin;
use crate::lookup::Found;
use crate::material::{Made, Owner, WrappedMaterial};
use crate::metadata::metadata;
use crate::{access, deletion, family, key_count, key_policy, tags};

pub(crate) async fn replicate_key(
    ctx: &Ctx,
    mut req: ReplicateKeyRequest,
) -> Result<ReplicateKeyResponse> {
    let tags = tags::from_request(std::mem::take(&mut req.tags))?;
    let primary = authorize(ctx, &req, &tags).await?;
    primary.check_enabled()?;
    primary.record.check_is_primary()?;
    check_region(ctx, &primary, &req.replica_region)?;
    let primary = deletion::settled(ctx, primary).await?;
    let family = primary.record.check_is_primary()?;
    if family.regions().any(|region| region == req.replica_region) {
        let arn = primary.record.arn_in(&req.replica_region);
        return Err(AlreadyExistsException::new(format!("{arn} already exists.")).into());
    }

    let parsed = match req.policy.as_deref() {
        Some(text) => Some(key_policy::parse(ctx, text).await?),
        None => None,
    };
    if let (Some(text), Some(policy)) = (&mut req.policy, &parsed) {
        *text = key_policy::bound(ctx, text, policy).await?;
    }
    let family = family.with_replica(&req.replica_region);
    let replica = new_record(ctx, &mut req, &primary, family, tags).await?;
    let replica = Key::new(Arc::new(replica))?;
    if parsed.is_some() && !req.bypass_policy_lockout_safety_check {
        key_policy::check_lockout(ctx, &replica, &replica.record.policy).await?;
    }
    join(ctx, &primary, &replica.record).await?;
    key_count::check(ctx, &replica.record).await?;
    record_creation(ctx, &replica)?;
    answer(ctx, &replica.record).await
}

/// Permission to replicate the primary key, and to create a key in the replica's Region.
async fn authorize(
    ctx: &Ctx,
    req: &ReplicateKeyRequest,
    tags: &[(String, String)],
) -> Result<Authorized<Key>> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys {
        replica_region: Some(&req.replica_region),
        ..RequestKeys::default()
    };
    let primary = access::authorize(ctx, "kms:ReplicateKey", found, &request).await?;

    let conditions = ReplicaConditions {
        ctx,
        req,
        primary: &primary.record,
    };
    let new_key = |arn: String| NewReplica {
        arn,
        account: ctx.account().to_owned(),
        region: req.replica_region.clone(),
    };
    let access = ctx.authorize("kms:CreateKey", new_key("*".to_owned()));
    let access = access.keys(&conditions).request_tags(tags);
    access.decide().await?;
    if !tags.is_empty() {
        let arn = primary.record.arn_in(&req.replica_region);
        let access = ctx.authorize("kms:TagResource", new_key(arn));
        let access = access.keys(&conditions).request_tags(tags);
        access.decide().await?;
    }
    Ok(primary)
}

/// Refuses Regions that the key cannot be replicated into: those of another partition, those
/// without such keys, and those that are not there at all.
fn check_region(ctx: &Ctx, primary: &Key, region: &str) -> Result<()> {
    let record = &primary.record;
    let refused = if partition(region) != partition(&record.region) {
        format!("{region} is not a Region of the same partition.")
    } else if !ctx.serves_region(region) {
        format!("{region} is not a Region where AWS KMS is available.")
    } else if !is_made_in(record.spec, region) {
        let spec = record.spec.shown();
        format!("KeySpec {} is not supported in {region}.", spec.as_str())
    } else {
        return Ok(());
    };
    Err(UnsupportedOperationException::new(refused).into())
}

/// A replica that is not there yet.
struct NewReplica {
    arn: String,
    account: String,
    region: String,
}

impl Resource for NewReplica {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn region(&self) -> Option<&str> {
        Some(&self.region)
    }
}

/// The condition keys of CreateKey, as it takes place in the replica's Region.
struct ReplicaConditions<'a> {
    ctx: &'a Ctx,
    req: &'a ReplicateKeyRequest,
    primary: &'a KeyRecord,
}

impl ConditionKeys for ReplicaConditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let primary = self.primary;
        match key.strip_prefix("kms:")? {
            "calleraccount" => Some(self.ctx.account().into()),
            "keyspec" | "customermasterkeyspec" => Some(primary.spec.shown().as_str().into()),
            "keyusage" | "customermasterkeyusage" => Some(primary.usage.shown().as_str().into()),
            "keyorigin" => Some(primary.origin.shown().as_str().into()),
            "multiregion" => Some(boolean(true)),
            "multiregionkeytype" => Some(MultiRegionKeyType::Replica.as_str().into()),
            "bypasspolicylockoutsafetycheck" => {
                Some(boolean(self.req.bypass_policy_lockout_safety_check))
            }
            _ => None,
        }
    }
}

/// The record of the replica: what the family shares, and beside it what every new key has.
async fn new_record(
    ctx: &Ctx,
    req: &mut ReplicateKeyRequest,
    primary: &Key,
    family: Family,
    tags: Vec<(String, String)>,
) -> Result<KeyRecord> {
    let (primary, region) = (&primary.record, req.replica_region.as_str());
    let arn = primary.arn_in(region);
    let (materials, state) = contents(ctx, primary, &arn).await?;
    let policy = req.policy.take();
    let mut replica = KeyRecord {
        account: primary.account.clone(),
        region: region.to_owned(),
        id: primary.id.clone(),
        arn,
        created_millis: ctx.now.millis,
        description: req.description.take().unwrap_or_default(),
        spec: primary.spec,
        usage: primary.usage,
        origin: primary.origin,
        manager: primary.manager.clone(),
        family: Some(family),
        state,
        policy: policy.unwrap_or_else(|| default_policy(region, &primary.account)),
        tags,
        aliases: Vec::new(),
        materials,
        rotation: primary.rotation,
        on_demand_since_millis: primary.on_demand_since_millis,
        parsed_policy: Derived::default(),
    };
    replica.set_waiting(Made::ForRotationOnceEverywhere);
    Ok(replica)
}

/// What a replica begins with: all materials that its primary key ever had. Imported material is
/// not copied: the replica knows which it is, and the same has to be imported there, too.
async fn contents(
    ctx: &Ctx,
    primary: &Arc<KeyRecord>,
    arn: &str,
) -> Result<(Vec<WrappedMaterial>, State)> {
    match primary.origin {
        Origin::AwsKms => {}
        Origin::External => {
            let known = primary.materials.iter().map(WrappedMaterial::to_import);
            return Ok((known.collect(), State::PendingImport));
        }
        Origin::AwsCloudHsm | Origin::ExternalKeyStore => {
            let origin = primary.origin.shown();
            let text = format!("Keys of origin {} cannot be replicated.", origin.as_str());
            return Err(UnsupportedOperationException::new(text).into());
        }
    }
    let (primary, upkeep, arn) = (Arc::clone(primary), ctx.upkeep().clone(), arn.to_owned());
    let copied = ctx.blocking(move |_| {
        let owner = Owner {
            arn: &arn,
            ..primary.owner()
        };
        let copy = |known: &WrappedMaterial| known.for_owner(&upkeep, &primary.owner(), &owner);
        primary.materials.iter().map(copy).collect::<Result<_>>()
    });
    Ok((copied.await??, State::Enabled))
}

/// Stages the replica, and in the records of all related keys that it is there.
async fn join(ctx: &Ctx, primary: &Authorized<Key>, replica: &KeyRecord) -> Result<()> {
    let mut related = family::relatives(ctx, &primary.record).await?;
    related.push(Arc::clone(&primary.record));
    for known in related {
        let mut record = KeyRecord::clone(&known);
        record.family.clone_from(&replica.family);
        record.set_waiting(Made::ForRotationOnceEverywhere);
        let place = KeyRecord::place(&record.account, &record.region, &record.id);
        ctx.put(place, record).await;
    }
    let place = KeyRecord::place(&replica.account, &replica.region, &replica.id);
    // Read before it is written: two calls at once cannot both make it.
    if ctx.get::<KeyRecord>(&place).await?.is_some() {
        let text = format!("{} already exists.", replica.arn);
        return Err(AlreadyExistsException::new(text).into());
    }
    ctx.put(place, replica.clone()).await;
    Ok(())
}

/// In the replica's Region, a key is created.
fn record_creation(ctx: &Ctx, replica: &Key) -> Result<()> {
    let record = &replica.record;
    let parameters = [
        ("keySpec", record.spec.shown().as_str()),
        ("keyUsage", record.usage.shown().as_str()),
        ("origin", record.origin.shown().as_str()),
        ("description", &record.description),
    ];
    let created = CreateKeyResponse {
        key_metadata: Some(metadata(record)),
    };
    ctx.record_elsewhere::<kms::CreateKey>(&kms::SERVICE, replica, &parameters, created)
}

async fn answer(ctx: &Ctx, replica: &KeyRecord) -> Result<ReplicateKeyResponse> {
    let tag = |(key, value): &(String, String)| Tag {
        tag_key: key.clone(),
        tag_value: value.clone(),
    };
    Ok(ReplicateKeyResponse {
        replica_key_metadata: Some(metadata(replica)),
        replica_policy: Some(ctx.show_principals(&replica.policy).await?),
        replica_tags: Some(replica.tags.iter().map(tag).collect()),
    })
}
