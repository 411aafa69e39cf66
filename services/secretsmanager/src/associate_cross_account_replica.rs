//! `secretsmanager:AssociateCrossAccountReplica`: lets a secret of another account follow one of the
//! caller's.

use api::secretsmanager::{
    AssociateCrossAccountReplicaRequest, AssociateCrossAccountReplicaResponse,
    LimitExceededException, ReplicaRestrictionType,
};
use platform::{Ctx, Passing, Result, partition};
use wire::Fault;

use crate::access::{self, Asked, Secret};
use crate::links::{self, LinkRecord, Side, Status};
use crate::names::Place;
use crate::secret::CURRENT;
use crate::{cross_account, refusals};

pub(crate) async fn associate_cross_account_replica(
    ctx: &Ctx,
    req: AssociateCrossAccountReplicaRequest,
) -> Result<AssociateCrossAccountReplicaResponse> {
    let primary = authorize(ctx, &req).await?;
    let place = &primary.place;
    check_account(ctx, place)?;
    links::other_account(place, &req.cross_account_replica_arn)?;
    let replica = access::accepting(ctx, &req.cross_account_replica_arn).await?;
    check_follows(ctx, &replica, &primary).await?;
    let known = LinkRecord::of(ctx, (place, &primary)).await?;
    if known.is_some_and(|known| known.other != replica.arn()) {
        let text = "You can't associate more than 1 cross-account replica with a secret.";
        return Err(LimitExceededException::new(text).into());
    }
    if req.replica_restriction != Some(ReplicaRestrictionType::NoRestriction) {
        check_organization(ctx, place, &replica.place).await?;
    }
    let (here, there) = ((place, &*primary), (&replica.place, &*replica));
    cross_account::try_keys(ctx, here, there).await?;
    let link = LinkRecord {
        side: Side::Primary,
        other: replica.arn(),
        role: req.replication_role_arn,
        status: Status::Pending,
        message: None,
    };
    let link = cross_account::replicate(ctx, here, there, link).await?;
    Ok(AssociateCrossAccountReplicaResponse {
        arn: Some(primary.arn()),
        replication_status: Some(links::status(&link)),
        cross_account_replica_arn: Some(link.other),
    })
}

/// Permission to hand the value on, and to let a role do it.
async fn authorize(ctx: &Ctx, req: &AssociateCrossAccountReplicaRequest) -> Result<Secret> {
    let (action, id) = (
        "secretsmanager:AssociateCrossAccountReplica",
        &req.secret_id,
    );
    let primary = access::valued(ctx, action, id, Asked::default()).await?;
    let reading = Asked {
        keys: vec![("versionstage", CURRENT.to_owned())],
        ..Asked::default()
    };
    access::live(ctx, "secretsmanager:GetSecretValue", id, reading).await?;
    if let Some(role) = &req.replication_role_arn {
        let start = format!(
            "arn:{}:iam::{}:role/",
            partition(&ctx.region),
            ctx.account()
        );
        if !role.starts_with(&start) {
            return Err(refusals::invalid("The ReplicationRoleARN is invalid.").into());
        }
        let arn = primary.arn();
        let passing = Passing {
            service: cross_account::PRINCIPAL,
            resource: Some(&arn),
        };
        if ctx.pass_role(role, passing).await?.is_none() {
            let text = format!("The replication role {role} doesn't exist in this account.");
            return Err(refusals::invalid(text).into());
        }
    }
    Ok(primary)
}

/// The account of the primary secret calls.
fn check_account(ctx: &Ctx, place: &Place) -> Result<(), Fault> {
    match place.account == ctx.account() {
        true => Ok(()),
        false => Err(refusals::wrong_state(
            "You must call this operation from the account that owns the primary secret.",
        )),
    }
}

/// The replica was made for this secret.
async fn check_follows(ctx: &Ctx, replica: &Secret, primary: &Secret) -> Result<()> {
    let link = LinkRecord::of(ctx, (&replica.place, replica)).await?;
    let link = link.filter(|link| link.side == Side::Replica);
    match link.is_some_and(|link| link.other == primary.arn()) {
        true => Ok(()),
        false => {
            let (replica, primary) = (replica.arn(), primary.arn());
            let text = format!("{replica} isn't a cross-account replica secret of {primary}.");
            Err(refusals::wrong_state(text).into())
        }
    }
}

/// Both accounts are in one organization.
async fn check_organization(ctx: &Ctx, primary: &Place, replica: &Place) -> Result<()> {
    let own = ctx.membership(&primary.account).await?;
    let other = ctx.membership(&replica.account).await?;
    let is_one = own
        .zip(other)
        .is_some_and(|(own, other)| own.organization_id == other.organization_id);
    match is_one {
        true => Ok(()),
        false => Err(refusals::wrong_state(
            "The replica account isn't in the same organization as the primary account.",
        )
        .into()),
    }
}
