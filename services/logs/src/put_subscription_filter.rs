//! `logs:PutSubscriptionFilter`: sends the events of a log group on as they come in, or changes
//! which and where.

use api::logs::{Distribution, PutSubscriptionFilterRequest};
use platform::{Ctx, Error, Result};
use wire::Empty;

use crate::access::{self, Group, Tagging, Target};
use crate::destination::DestinationPlace;
use crate::filter::Filter;
use crate::put_destination::pass;
use crate::subscription_filter::SubscriptionFilterRecord;
use crate::{deliveries, functions, refusals};

/// The most filters of a group (PutSubscriptionFilter).
const MOST_FILTERS: usize = 2;

const ACTION: &str = "logs:PutSubscriptionFilter";

pub(crate) async fn put_subscription_filter(
    ctx: &Ctx,
    req: PutSubscriptionFilterRequest,
) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, ACTION, &target).await?;
    group.check_standard()?;
    Filter::parse(&req.filter_pattern)?;
    check_supported(&req)?;
    check_destination(ctx, &group, &req).await?;
    let known = SubscriptionFilterRecord::find(ctx, &group, &req.filter_name).await?;
    if known.is_none() {
        check_room(ctx, &group).await?;
    }
    let distribution = req.distribution.unwrap_or(Distribution::ByLogStream);
    let filter = SubscriptionFilterRecord {
        name: req.filter_name,
        group: group.name.clone(),
        pattern: req.filter_pattern,
        destination_arn: req.destination_arn,
        role_arn: req.role_arn,
        distribution: distribution.as_str().to_owned(),
        created_millis: known.map_or(ctx.now.millis, |known| known.created_millis),
    };
    // Whether a function may be run is known already.
    if !functions::is_of(&group, &filter.destination_arn) {
        deliveries::stage_control(ctx, &group, &filter.name).await?;
    }
    filter.put(ctx, &group).await;
    Ok(Empty)
}

async fn check_room(ctx: &Ctx, group: &Group) -> Result<()> {
    let filters = SubscriptionFilterRecord::of_group(ctx, group).await?;
    match filters.len() < MOST_FILTERS {
        true => Ok(()),
        false => Err(refusals::limit_exceeded().into()),
    }
}

/// Refuses what would be stored and never take effect.
fn check_supported(req: &PutSubscriptionFilterRequest) -> Result<()> {
    if req.apply_on_transformed_logs {
        let text = "applyOnTransformedLogs is valid only for log groups that have a transformer.";
        return Err(refusals::invalid(text).into());
    }
    let criteria = req.field_selection_criteria.as_deref().unwrap_or_default();
    if !criteria.is_empty() || !req.emit_system_fields.is_empty() {
        let text = "System fields are those of centralized logs, of which this log group has none.";
        return Err(refusals::invalid(text).into());
    }
    Ok(())
}

async fn check_destination(
    ctx: &Ctx,
    group: &Group,
    req: &PutSubscriptionFilterRequest,
) -> Result<()> {
    let arn = &req.destination_arn;
    let vendor = refusals::vendor(arn);
    match (vendor, &req.role_arn) {
        ("logs", _) => check_logical(ctx, req).await,
        ("lambda", Some(_)) => Err(refusals::needless_role(vendor).into()),
        ("lambda", None) => check_function(ctx, group, arn).await,
        (_, None) => Err(refusals::missing_role(vendor).into()),
        ("kinesis", Some(_)) => Err(refusals::no_kinesis_stream().into()),
        ("firehose", Some(_)) => Err(refusals::no_firehose().into()),
        (_, Some(_)) => {
            let operation = "PutSubscriptionFilter";
            Err(refusals::unusable_vendor(operation, "destinationArn", vendor).into())
        }
    }
}

/// A function has to be there, of the group's account, and its policy has to let the service in.
async fn check_function(ctx: &Ctx, group: &Group, arn: &str) -> Result<()> {
    let owner = arn.split(':').nth(4);
    if owner.is_some_and(|owner| platform::is_account(owner) && owner != group.account) {
        return Err(refusals::foreign_function().into());
    }
    if !functions::is_of(group, arn) {
        return Err(refusals::no_function().into());
    }
    match functions::caller(ctx, group, arn).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_transient => Err(Error::internal(failure)),
        Err(_) => Err(refusals::no_function().into()),
    }
}

/// A destination decides itself who may send to it, also from other accounts.
async fn check_logical(ctx: &Ctx, req: &PutSubscriptionFilterRequest) -> Result<()> {
    let place = DestinationPlace::of_arn(ctx, &req.destination_arn);
    let place = place.ok_or_else(|| refusals::invalid("Invalid destinationArn."))?;
    let found = place.reach(ctx, ACTION, Tagging::Shows).await?;
    let found = found.ok_or_else(refusals::no_destination)?;
    match &req.role_arn {
        Some(role) => pass(ctx, role).await,
        None if found.is_for_organizations() => {
            let text = "Role ARN is required when creating subscription filter against \
                        destination with Organization access policy";
            Err(refusals::invalid(text).into())
        }
        None => Ok(()),
    }
}
