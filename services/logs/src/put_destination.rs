//! `logs:PutDestination`: makes a destination of log events, or replaces its target and role.

use api::logs::{PutDestinationRequest, PutDestinationResponse};
use platform::{Ctx, Passing, Result};

use crate::access::Tagging;
use crate::destination::{DestinationPlace, DestinationRecord};
use crate::{refusals, tags, webhook};

/// To whom the role is passed.
pub(crate) const PRINCIPAL: &str = "logs.amazonaws.com";

pub(crate) async fn put_destination(
    ctx: &Ctx,
    req: PutDestinationRequest,
) -> Result<PutDestinationResponse> {
    let place = DestinationPlace::named(ctx, &req.destination_name);
    let new_tags = req.tags.0;
    let asked = Tagging::Gives(&new_tags);
    let known = place.reach(ctx, "logs:PutDestination", asked).await?;
    if !new_tags.is_empty() {
        place.reach(ctx, "logs:TagResource", asked).await?;
    }
    pass(ctx, &req.role_arn).await?;
    check(ctx, &req.target_arn)?;
    tags::check(&new_tags)?;
    let mut record = match known.as_deref() {
        Some(known) => DestinationRecord::clone(known),
        None => DestinationRecord {
            name: place.name,
            account: place.account,
            region: ctx.region.clone(),
            target_arn: String::new(),
            role_arn: String::new(),
            access_policy: None,
            created_millis: ctx.now.millis,
            tags: Vec::new(),
        },
    };
    record.target_arn = req.target_arn;
    record.role_arn = req.role_arn;
    tags::merge(&mut record.tags, new_tags)?;
    let destination = Some(record.shown(ctx).await?);
    record.put(ctx).await;
    Ok(PutDestinationResponse { destination })
}

/// Decides whether the caller may hand this role to the service, and refuses one that there is not.
pub(crate) async fn pass(ctx: &Ctx, role_arn: &str) -> Result<()> {
    let parts: Vec<_> = role_arn.splitn(6, ':').collect();
    let is_role =
        matches!(parts.as_slice(), ["arn", _, "iam", "", _, role] if role.starts_with("role/"));
    if !is_role {
        return Err(refusals::invalid("The specified roleArn is not the ARN of a role.").into());
    }
    let passing = Passing {
        service: PRINCIPAL,
        resource: None,
    };
    match ctx.pass_role(role_arn, passing).await? {
        Some(_) => Ok(()),
        None => Err(refusals::invalid("The specified role does not exist.").into()),
    }
}

fn check(ctx: &Ctx, target_arn: &str) -> Result<()> {
    if webhook::url(target_arn, ctx.account(), &ctx.region).is_some() {
        return Ok(());
    }
    Err(match refusals::vendor(target_arn) {
        "kinesis" => refusals::no_kinesis_stream(),
        "firehose" => refusals::no_firehose(),
        vendor => refusals::unusable_vendor("PutDestination", "targetArn", vendor),
    }
    .into())
}
