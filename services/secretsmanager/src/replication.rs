//! Replicas: secrets in other Regions that say what their primary secret says ("Replicate AWS
//! Secrets Manager secrets across Regions", user guide).
//!
//! All Regions are one store, so a replica follows in the commit of each change: there is no time
//! in which it is `InProgress`. Values are encrypted again by the KMS of the replica's Region, with
//! the permissions of whoever makes the change. What fails stands in the replica's status, and
//! is tried again with the next change: the primary secret does not wait for its replicas.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::secretsmanager::ReplicaRegionType;
use platform::{Ctx, Derived, Error, Result, ServiceEvent, partition};
use wire::Fault;

use crate::access::Secret;
use crate::links::LinkRecord;
use crate::names::Place;
use crate::secret::{Content, Replica, SecretRecord, Version, VersionRecord};
use crate::{cross_account, deletion, encryption, order, refusals, rotation, versions};

/// The replica says what its primary secret says.
const IN_SYNC: &str = "InSync";
/// It does not, or there is none.
const FAILED: &str = "Failed";

/// Stages a secret as `draft` has it, and in its replicas, of the same account and of another, what
/// changed. For a replica, its primary
/// secret learns of the key.
pub(crate) async fn store(ctx: &Ctx, place: &Place, mut draft: SecretRecord) -> Result<()> {
    if let Some(primary) = draft.primary(place) {
        note_key(ctx, &primary, (place, &draft)).await?;
    }
    for at in 0..draft.replicas.len() {
        follow(ctx, (place, &mut draft), at, false).await?;
    }
    cross_account::follow(ctx, (place, &draft)).await?;
    ctx.put(place.key(), draft).await;
    Ok(())
}

/// Refuses Regions that a secret cannot be replicated to: its own, those of another partition, those
/// that are not there, and one that is named twice.
pub(crate) fn check_regions(
    ctx: &Ctx,
    place: &Place,
    asked: &[ReplicaRegionType],
) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for replica in asked {
        let region = replica.region.as_deref().unwrap_or_default();
        let is_apart = region != place.region && partition(region) == partition(&place.region);
        if !is_apart || !ctx.serves_region(region) || !seen.insert(region) {
            return Err(refusals::invalid("Invalid replica region."));
        }
    }
    Ok(())
}

/// The Regions that a request names, for decisions.
pub(crate) fn regions(asked: &[ReplicaRegionType]) -> Vec<String> {
    let regions = asked.iter().filter_map(|replica| replica.region.clone());
    regions.collect()
}

/// Adds the replicas that a request asks for to `draft`, or tries again to make one, or to bring it up to date.
pub(crate) async fn add(
    ctx: &Ctx,
    (place, draft): (&Place, &mut SecretRecord),
    asked: &[ReplicaRegionType],
    force: bool,
) -> Result<()> {
    for asked in asked {
        let region = asked.region.as_deref().unwrap_or_default();
        let known = draft.replicas.iter().position(|it| it.region == region);
        let at = known.unwrap_or(draft.replicas.len());
        let replica = Replica {
            region: region.to_owned(),
            key_id: SecretRecord::key_named(asked.kms_key_id.as_deref()),
            status: String::new(),
            message: None,
        };
        match draft.replicas.get_mut(at) {
            Some(known) => *known = replica,
            None => draft.replicas.push(replica),
        }
        draft.primary_region = Some(place.region.clone());
        follow(ctx, (place, draft), at, force).await?;
    }
    Ok(())
}

/// Takes a replica away, from `draft` and from its Region.
pub(crate) async fn remove(
    ctx: &Ctx,
    (place, draft): (&Place, &mut SecretRecord),
    region: &str,
) -> Result<()> {
    let there = place.in_region(region);
    if let Some(replica) = ctx.get::<SecretRecord>(&there.key()).await?
        && is_replica_of((&there, &replica), (place, draft))
    {
        deletion::delete(ctx, &Secret::new(there, replica)).await?;
    }
    forget(draft, region);
    Ok(())
}

/// Takes a replica off the list of its primary secret. One without replicas is like any other.
pub(crate) fn forget(primary: &mut SecretRecord, region: &str) {
    primary.replicas.retain(|replica| replica.region != region);
    if primary.replicas.is_empty() {
        primary.primary_region = None;
    }
}

/// Brings the replica at this place of the list up to `draft`, and notes there how that went.
async fn follow(
    ctx: &Ctx,
    (place, draft): (&Place, &mut SecretRecord),
    at: usize,
    force: bool,
) -> Result<()> {
    let Some(replica) = draft.replicas.get(at).cloned() else {
        return Ok(());
    };
    note_event(ctx, (place, draft), &replica.region, "ReplicationStarted")?;
    let failure = match bring_up(ctx, (place, draft), &replica, force).await {
        Ok(()) => None,
        Err(Error::Fault(fault)) => Some(fault.message().unwrap_or_default().to_owned()),
        Err(error) => return Err(error),
    };
    let (event, status) = match failure {
        None => ("ReplicationSucceeded", IN_SYNC),
        Some(_) => ("ReplicationFailed", FAILED),
    };
    note_event(ctx, (place, draft), &replica.region, event)?;
    if let Some(noted) = draft.replicas.get_mut(at) {
        status.clone_into(&mut noted.status);
        noted.message = Some(message(failure.as_deref()));
    }
    Ok(())
}

/// What a status says beside what it is: a replica that follows says so too.
pub(crate) fn message(failure: Option<&str>) -> String {
    match failure {
        None => "Replication succeeded".to_owned(),
        Some(text) => format!("Replication failed: {text}"),
    }
}

/// Brings a replica up to `primary`. A fault says what could not be done; the rest is staged.
async fn bring_up(
    ctx: &Ctx,
    (place, primary): (&Place, &SecretRecord),
    replica: &Replica,
    force: bool,
) -> Result<()> {
    let there = place.in_region(&replica.region);
    let found = deletion::present(ctx, &there).await?;
    let (known, in_the_way) = match found {
        Some(found) if is_replica_of((&there, &found), (place, primary)) => (Some(found), None),
        found => (None, found),
    };
    if let Some(other) = &in_the_way {
        let is_tied = LinkRecord::of(ctx, (&there, other)).await?.is_some();
        check_gives_way((&there, other), force && !is_tied)?;
    }
    let own = known.as_deref();
    let copies = Copies::make(ctx, (place, primary), (&there, own), replica).await?;
    if let (None, true, Some(failure)) = (own, copies.made.is_empty(), &copies.failure) {
        return Err(failure.clone().into());
    }
    let mut record = match own {
        Some(own) => own.clone(),
        None => new(ctx, (&there, primary)).await?,
    };
    // Last, since nothing can fail any more: no secret makes room for a replica that is not made.
    if let Some(other) = in_the_way {
        deletion::delete(ctx, &Secret::new(there.clone(), other)).await?;
    }
    let failure = copies.failure.clone();
    copies.stage(ctx, (&there, &mut record), primary).await;
    follow_metadata(ctx, (place, primary), (replica, &mut record));
    ctx.put(there.key(), record).await;
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Whether a secret is the replica of this one, and not just of the same name.
fn is_replica_of(
    (there, found): (&Place, &SecretRecord),
    (place, primary): (&Place, &SecretRecord),
) -> bool {
    found.suffix == primary.suffix && found.primary(there).as_ref() == Some(place)
}

/// Refuses to replace a secret of the same name: one that is not to be overwritten, one that is the
/// replica of another, and one that others are replicas of.
fn check_gives_way((there, other): (&Place, &SecretRecord), force: bool) -> Result<(), Fault> {
    let (name, region) = (&there.name, &there.region);
    if other.primary(there).is_some() {
        return Err(refusals::invalid(format!(
            "Secret name {name} is currently replicated to {region} with a different arn."
        )));
    }
    match force && other.replicas.is_empty() {
        true => Ok(()),
        false => Err(refusals::invalid(format!(
            "Secret name {name} already exists in region {region}."
        ))),
    }
}

/// A replica that is not there yet.
async fn new(ctx: &Ctx, (there, primary): (&Place, &SecretRecord)) -> Result<SecretRecord> {
    Ok(SecretRecord {
        number: order::enter(ctx, there).await?,
        versions: Vec::new(),
        labels: Vec::new(),
        created_millis: ctx.now.millis,
        deletion: None,
        // Secrets are rotated where their primary is.
        rotation: None,
        replicas: Vec::new(),
        parsed: Derived::default(),
        ..primary.clone()
    })
}

/// Everything but versions: whatever else fails, a policy that shuts somebody out does so
/// everywhere.
fn follow_metadata(
    ctx: &Ctx,
    (place, primary): (&Place, &SecretRecord),
    (replica, record): (&Replica, &mut SecretRecord),
) {
    record.description.clone_from(&primary.description);
    record.key_id.clone_from(&replica.key_id);
    record.tags.clone_from(&primary.tags);
    record.policy.clone_from(&primary.policy);
    record.parsed = Derived::default();
    record.changed_millis = ctx.now.millis;
    record.primary_region = Some(place.region.clone());
}

/// The versions that a replica lacks, encrypted in its Region.
struct Copies {
    made: Vec<(Version, VersionRecord)>,
    /// Why others are missing.
    failure: Option<Fault>,
}

impl Copies {
    /// Copies what the replica lacks of the versions that have labels: the others may be deleted at
    /// any time.
    async fn make(
        ctx: &Ctx,
        (place, primary): (&Place, &SecretRecord),
        (there, known): (&Place, Option<&SecretRecord>),
        replica: &Replica,
    ) -> Result<Self> {
        let (mut made, mut failure) = (Vec::new(), None);
        // What a rotation makes says nothing of its own as yet.
        let versions = primary.versions.iter();
        for version in versions.filter(|version| version.content == Content::Own) {
            let id = version.id.as_str();
            let there_already = known.and_then(|known| known.version(id));
            let is_as_asked = there_already.is_some_and(|it| it.key_id == replica.key_id);
            if is_as_asked || !primary.labels.iter().any(|(_, of)| of == id) {
                continue;
            }
            match copy(ctx, (place, primary), (there, replica), id).await {
                Ok(sealed) => made.push((
                    Version {
                        key_id: replica.key_id.clone(),
                        ..version.clone()
                    },
                    sealed,
                )),
                Err(Error::Fault(fault)) => failure = Some(fault),
                Err(error) => return Err(error),
            }
        }
        Ok(Self { made, failure })
    }

    /// Stages the copies, and takes away what the primary secret no longer has. Labels move
    /// when all versions are there: until then a replica says what it said.
    async fn stage(
        self,
        ctx: &Ctx,
        (there, record): (&Place, &mut SecretRecord),
        primary: &SecretRecord,
    ) {
        let is_whole = self.failure.is_none();
        for (version, sealed) in self.made {
            ctx.put(record.version_key(there, &version.id), sealed)
                .await;
            record.versions.retain(|known| known.id != version.id);
            record.versions.push(version);
        }
        if is_whole || record.labels.is_empty() {
            let labels = primary
                .labels
                .iter()
                .filter(|(_, id)| record.version(id).is_some());
            record.labels = labels.cloned().collect();
        }
        let labels = &record.labels;
        let stays = |version: &Version| {
            primary.version(&version.id).is_some() || labels.iter().any(|(_, id)| *id == version.id)
        };
        let (kept, gone): (Vec<_>, Vec<_>) = record.versions.drain(..).partition(stays);
        record.versions = kept;
        let order = |known: &Version| primary.versions.iter().position(|it| it.id == known.id);
        record.versions.sort_by_key(order);
        for version in gone {
            let key = record.version_key(there, &version.id);
            ctx.delete::<VersionRecord>(&key).await;
        }
    }
}

/// A version, opened in one Region and sealed in the other.
async fn copy(
    ctx: &Ctx,
    (place, primary): (&Place, &SecretRecord),
    (there, replica): (&Place, &Replica),
    id: &str,
) -> Result<VersionRecord> {
    let value = versions::open(ctx, (place, primary), id).await?;
    let arn = there.arn(&primary.suffix);
    let bound = encryption::Bound {
        region: &there.region,
        arn: &arn,
        version_id: id,
    };
    let key = rotation::key_for(ctx, primary, (&arn, replica.key_id.as_deref()));
    encryption::seal(ctx, bound, key, &value).await
}

/// Notes in a primary secret which key a replica has now.
async fn note_key(
    ctx: &Ctx,
    primary: &Place,
    (place, replica): (&Place, &SecretRecord),
) -> Result<()> {
    let known = ctx.get::<SecretRecord>(&primary.key()).await?;
    let known: Arc<SecretRecord> = known.ok_or_else(|| Error::dangling("a primary secret"))?;
    let mut draft = SecretRecord::clone(&known);
    let mut replicas = draft.replicas.iter_mut();
    if let Some(noted) = replicas.find(|it| it.region == place.region) {
        noted.key_id.clone_from(&replica.key_id);
        ctx.put(primary.key(), draft).await;
    }
    Ok(())
}

/// What CloudTrail knows of replication ("Log entries for replication", user guide).
fn note_event(
    ctx: &Ctx,
    (place, secret): (&Place, &SecretRecord),
    region: &str,
    name: &str,
) -> Result<()> {
    let arn = place.arn(&secret.suffix);
    ctx.note_service_event(&ServiceEvent {
        service: &api::secretsmanager::SERVICE,
        name,
        region: &place.region,
        account: &place.account,
        resource: ("AWS::SecretsManager::Secret", &arn),
        response: &[],
        details: &[("SecretId", &arn), ("ReplicaRegion", region)],
        own: None,
    })
}
