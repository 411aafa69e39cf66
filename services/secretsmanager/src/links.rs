//! What ties a secret to one of another account, and what of that others may see and do ("Replicate
//! AWS Secrets Manager secrets across accounts", user guide).
//!
//! Each of the two secrets has a record of its own, which stays where the other account ends the
//! replication: its owner ends it for themselves.

use std::sync::Arc;

use api::secretsmanager::{
    CrossAccountPrimaryType, CrossAccountReplicaEntry, DescribeSecretResponse, StatusType,
};
use platform::{Ctx, Error, Result, partition};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Fault;

use crate::access::Secret;
use crate::names::Place;
use crate::refusals;
use crate::secret::SecretRecord;

/// The policy of replicas that Secrets Manager makes.
pub(crate) const POLICY_NAME: &str = "cross-account-replication";

/// A secret's tie to one of another account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    /// Which of the two this secret is.
    pub(crate) side: Side,
    /// The ARN of the other one.
    pub(crate) other: String,
    /// The role that replicates, where it is not whoever changes the primary secret.
    pub(crate) role: Option<String>,
    pub(crate) status: Status,
    /// Why it failed.
    pub(crate) message: Option<String>,
}

/// Which of two secrets one is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Side {
    Primary,
    Replica,
}

/// How far a replica is (StatusType).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    /// The primary account has not agreed yet.
    Pending,
    InSync,
    Failed,
    /// The other account ended it.
    Detached,
}

impl Record for LinkRecord {
    const TABLE: &'static str = "secretsmanager.links";
    const SERVICE: &'static str = "secretsmanager";
}

impl LinkRecord {
    fn key(place: &Place, secret: &SecretRecord) -> Key {
        place.key().with(&secret.suffix)
    }

    /// The tie of a secret, if it has one.
    pub(crate) async fn of(
        ctx: &Ctx,
        (place, secret): (&Place, &SecretRecord),
    ) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(place, secret)).await
    }

    /// Stages the tie of a secret.
    pub(crate) async fn put(self, ctx: &Ctx, (place, secret): (&Place, &SecretRecord)) {
        ctx.put(Self::key(place, secret), self).await;
    }

    /// Stages that a secret has none.
    pub(crate) async fn delete(ctx: &Ctx, (place, secret): (&Place, &SecretRecord)) {
        ctx.delete::<Self>(&Self::key(place, secret)).await;
    }

    /// Notes how a replication ended.
    pub(crate) fn note(&mut self, status: Status, message: Option<String>) {
        self.status = status;
        self.message = message;
    }
}

impl Status {
    fn shown(self) -> StatusType {
        match self {
            Self::Pending => StatusType::Pending,
            Self::InSync => StatusType::InSync,
            Self::Failed => StatusType::Failed,
            Self::Detached => StatusType::Detached,
        }
    }
}

/// The status in answers.
pub(crate) fn status(link: &LinkRecord) -> StatusType {
    link.status.shown()
}

/// Shows the tie of a secret with everything else about it.
pub(crate) async fn describe(
    ctx: &Ctx,
    secret: &Secret,
    shown: &mut DescribeSecretResponse,
) -> Result<()> {
    let Some(link) = LinkRecord::of(ctx, (&secret.place, secret)).await? else {
        return Ok(());
    };
    let (other, status) = (Some(link.other.clone()), Some(link.status.shown()));
    let status_message = link.message.clone();
    match link.side {
        Side::Replica => {
            shown.cross_account_primary = Some(CrossAccountPrimaryType {
                primary_secret_arn: other,
                replication_status: status,
                status_message,
            });
        }
        Side::Primary => {
            shown.cross_account_replicas = Some(vec![CrossAccountReplicaEntry {
                replica_secret_arn: other,
                replication_role_arn: link.role.clone(),
                replication_status: status,
                status_message,
            }]);
        }
    }
    Ok(())
}

/// Notes that the account of `other` ended the replication.
pub(crate) async fn detach(ctx: &Ctx, secret: (&Place, &SecretRecord), other: &str) -> Result<()> {
    let known = LinkRecord::of(ctx, secret).await?;
    if let Some(known) = known.filter(|known| known.other == other) {
        let mut link = LinkRecord::clone(&known);
        link.note(Status::Detached, None);
        link.put(ctx, secret).await;
    }
    Ok(())
}

/// Whether a secret is the replica of another account's.
pub(crate) async fn is_replica(ctx: &Ctx, secret: (&Place, &SecretRecord)) -> Result<bool> {
    let link = LinkRecord::of(ctx, secret).await?;
    Ok(link.is_some_and(|link| link.side == Side::Replica))
}

/// Refuses to change what a replica says, or to replicate it.
pub(crate) async fn check_takes_values(ctx: &Ctx, secret: &Secret) -> Result<()> {
    match is_replica(ctx, (&secret.place, secret)).await? {
        true => Err(refusals::invalid(
            "Operation not permitted on a cross-account replica secret. Call must be made on the \
             primary secret.",
        )
        .into()),
        false => Ok(()),
    }
}

/// Refuses to delete a secret before its owner has ended the replication (DeleteSecret).
pub(crate) async fn check_has_none(ctx: &Ctx, secret: &Secret) -> Result<()> {
    let Some(link) = LinkRecord::of(ctx, (&secret.place, secret)).await? else {
        return Ok(());
    };
    let (arn, other) = (secret.arn(), &link.other);
    let text = match link.side {
        Side::Primary => {
            format!(
                "You can't delete secret {arn} that still has cross-account replicas [{other}]."
            )
        }
        Side::Replica => format!(
            "You can't delete secret {arn} that is still a cross-account replica of {other}."
        ),
    };
    Err(refusals::invalid(text).into())
}

/// The policy that Secrets Manager attaches to a replica: the primary account may make it follow
/// its secret.
pub(crate) async fn managed_policy(
    ctx: &Ctx,
    (place, secret): (&Place, &SecretRecord),
) -> Result<Option<String>> {
    let link = LinkRecord::of(ctx, (place, secret)).await?;
    let link = link.filter(|link| link.side == Side::Replica);
    Ok(link.and_then(|link| {
        let account = link.other.split(':').nth(4)?;
        let (partition, arn) = (partition(&place.region), place.arn(&secret.suffix));
        Some(format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"AllowCrossAccountReplication","Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{account}:root"}},"Action":"secretsmanager:AcceptCrossAccountReplication","Resource":"{arn}"}}]}}"#
        ))
    }))
}

/// All policies of a replica in one; none where Secrets Manager attached none.
pub(crate) async fn policies(
    ctx: &Ctx,
    (place, secret): (&Place, &SecretRecord),
) -> Result<Option<Policy>> {
    let Some(managed) = managed_policy(ctx, (place, secret)).await? else {
        return Ok(None);
    };
    let parse = |text: &str| {
        let parsed = Policy::parse(text, PolicyKind::Resource);
        parsed.map_err(|malformed| {
            Error::internal(format!(
                "a stored policy is malformed: {}",
                malformed.detail()
            ))
        })
    };
    let managed = parse(&managed)?;
    Ok(Some(match &secret.policy {
        Some(own) => parse(own)?.and(managed),
        None => managed,
    }))
}

/// The place of a secret of another account that an ARN names whole.
pub(crate) fn other_account(place: &Place, arn: &str) -> Result<(Place, String), Fault> {
    let named = crate::names::of_arn(arn);
    let whole = named.and_then(|(other, suffix)| Some((other, suffix?)));
    let there =
        whole.filter(|(other, _)| other.account != place.account && other.region == place.region);
    there.ok_or_else(|| {
        refusals::invalid(
            "The ARN must be that of a secret in another account, in the same Region and \
             partition.",
        )
    })
}
