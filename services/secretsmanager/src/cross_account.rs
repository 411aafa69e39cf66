//! Replication to another account: the current value of the primary secret, and nothing else. What
//! the replica is like, who may read it and under which key it lies is its owner's business ("What
//! Secrets Manager replicates", user guide).
//!
//! As in other Regions, a replica follows in the commit of each change.

use std::sync::Arc;

use platform::{Ctx, Error, Result, partition};
use wire::Fault;

use crate::encryption::{self, Bound};
use crate::labels;
use crate::links::{LinkRecord, Side, Status};
use crate::names::{self, Place};
use crate::refusals;
use crate::replication;
use crate::secret::{CURRENT, Content, DEFAULT_KEY, SecretRecord, Version, VersionRecord};
use crate::versions;

/// As which Secrets Manager assumes roles.
pub(crate) const PRINCIPAL: &str = "secretsmanager.amazonaws.com";
/// What the sessions are called.
const SESSION: &str = "secretsmanager-cross-account-replication";

/// Brings the replica of a secret up to `draft`, if it has one that follows.
pub(crate) async fn follow(ctx: &Ctx, (place, draft): (&Place, &SecretRecord)) -> Result<()> {
    let Some(link) = LinkRecord::of(ctx, (place, draft)).await? else {
        return Ok(());
    };
    if link.side == Side::Replica || link.status == Status::Detached {
        return Ok(());
    }
    let Some((there, replica)) = find(ctx, &link.other).await? else {
        return Err(Error::dangling("a cross-account replica"));
    };
    let is_the_same = replica.labelled(CURRENT) == draft.labelled(CURRENT);
    if is_the_same && link.status == Status::InSync {
        return Ok(());
    }
    replicate(
        ctx,
        (place, draft),
        (&there, &replica),
        LinkRecord::clone(&link),
    )
    .await?;
    Ok(())
}

/// Brings a replica up to `primary`, and notes on both sides how that went.
pub(crate) async fn replicate(
    ctx: &Ctx,
    (place, primary): (&Place, &SecretRecord),
    (there, replica): (&Place, &SecretRecord),
    mut link: LinkRecord,
) -> Result<LinkRecord> {
    let role = link.role.as_deref();
    let mut draft = replica.clone();
    let copied = copy(ctx, (place, primary), (there, &mut draft), role).await;
    let failure = match copied {
        Ok(()) => {
            ctx.put(there.key(), draft).await;
            None
        }
        Err(Error::Fault(fault)) => Some(fault.message().unwrap_or_default().to_owned()),
        Err(error) => return Err(error),
    };
    let status = match failure {
        None => Status::InSync,
        Some(_) => Status::Failed,
    };
    let message = Some(replication::message(failure.as_deref()));
    link.note(status, message.clone());
    link.clone().put(ctx, (place, primary)).await;
    if let Some(known) = LinkRecord::of(ctx, (there, replica)).await? {
        let mut known = LinkRecord::clone(&known);
        known.note(status, message);
        known.put(ctx, (there, replica)).await;
    }
    Ok(link)
}

/// Finds out whether the caller could replicate the current value.
pub(crate) async fn try_keys(
    ctx: &Ctx,
    (place, primary): (&Place, &SecretRecord),
    (there, replica): (&Place, &SecretRecord),
) -> Result<()> {
    let id = primary.labelled(CURRENT);
    let (from, to) = (place.arn(&primary.suffix), there.arn(&replica.suffix));
    let version_id = id.unwrap_or("RequestToValidateKeyAccess");
    let sealed = match id {
        Some(id) => Some(versions::sealed(ctx, (place, primary), id).await?),
        None => None,
    };
    let (from, to) = (
        bound(place, &from, version_id),
        bound(there, &to, version_id),
    );
    let from = sealed.as_deref().map(|sealed| (from, sealed));
    encryption::try_carry(ctx, from, (to, &key_arn(there, replica))).await
}

/// The secret of this whole ARN, in any account.
pub(crate) async fn find(ctx: &Ctx, arn: &str) -> Result<Option<(Place, Arc<SecretRecord>)>> {
    let Some((place, Some(suffix))) = names::of_arn(arn) else {
        return Ok(None);
    };
    let found = SecretRecord::get(ctx, &place).await?;
    let found = found.filter(|found| found.suffix == suffix);
    Ok(found.map(|found| (place, found)))
}

/// The key of a replica must be one that another account can use.
pub(crate) fn check_key(key_id: Option<&str>) -> Result<(), Fault> {
    let is_default = |key: &str| key == DEFAULT_KEY || key.ends_with(":alias/aws/secretsmanager");
    match key_id.filter(|key| !key.is_empty() && !is_default(key)) {
        Some(_) => Ok(()),
        None => Err(refusals::invalid(
            "You must specify a customer managed KMS key for a cross-account replica secret.",
        )),
    }
}

/// Makes the current version of the primary secret that of the replica, too.
async fn copy(
    ctx: &Ctx,
    (place, primary): (&Place, &SecretRecord),
    (there, replica): (&Place, &mut SecretRecord),
    role: Option<&str>,
) -> Result<()> {
    let current = primary.labelled(CURRENT);
    let Some(id) = current.filter(|id| primary.content_of(id) == Some(*id)) else {
        return Ok(());
    };
    if replica.version(id).is_none() {
        let sealed = carried(ctx, (place, primary), (there, replica), (id, role)).await?;
        ctx.put(replica.version_key(there, id), sealed).await;
        replica.versions.push(Version {
            id: id.to_owned(),
            created_millis: ctx.now.millis,
            key_id: replica.key_id.clone(),
            content: Content::Own,
        });
    }
    if replica.labelled(CURRENT) != Some(id) {
        labels::attach(replica, CURRENT, id)?;
        replica.changed_millis = ctx.now.millis;
    }
    versions::take_away_old(ctx, there, replica).await?;
    Ok(())
}

/// What a version says, encrypted for the replica.
async fn carried(
    ctx: &Ctx,
    (place, primary): (&Place, &SecretRecord),
    (there, replica): (&Place, &SecretRecord),
    (id, role): (&str, Option<&str>),
) -> Result<VersionRecord> {
    let (from, to) = (place.arn(&primary.suffix), there.arn(&replica.suffix));
    let sealed = versions::sealed(ctx, (place, primary), id).await?;
    let session = match role {
        Some(role) => Some(ctx.as_role(PRINCIPAL, (role, SESSION), &from).await?),
        None => None,
    };
    let from = (bound(place, &from, id), &*sealed);
    let to = (bound(there, &to, id), &*key_arn(there, replica));
    encryption::carry(ctx, session.as_ref(), from, to).await
}

fn bound<'a>(place: &'a Place, arn: &'a str, version_id: &'a str) -> Bound<'a> {
    Bound {
        region: &place.region,
        arn,
        version_id,
    }
}

/// The key of a secret as other accounts name it.
fn key_arn(place: &Place, secret: &SecretRecord) -> String {
    let key = secret.key_id.as_deref().unwrap_or(DEFAULT_KEY);
    if key.starts_with("arn:") {
        return key.to_owned();
    }
    let kind = if key.starts_with("alias/") {
        ""
    } else {
        "key/"
    };
    let Place {
        account, region, ..
    } = place;
    format!(
        "arn:{}:kms:{region}:{account}:{kind}{key}",
        partition(region)
    )
}
