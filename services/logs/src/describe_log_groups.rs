//! `logs:DescribeLogGroups`: shows the log groups of the account, in the order of their names.

use api::logs::{DescribeLogGroupsRequest, DescribeLogGroupsResponse, LogGroup, LogGroupClass};
use platform::{Ctx, Result};

use crate::access::{self, Target};
use crate::group::{Class, GroupRecord};
use crate::metric_filter::MetricFilterRecord;
use crate::stream::StreamRecord;
use crate::{names, refusals};

pub(crate) async fn describe_log_groups(
    ctx: &Ctx,
    req: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse> {
    access::groups(ctx, "logs:DescribeLogGroups").await?;
    check(&req)?;
    let wanted = req.log_group_identifiers.iter();
    let wanted: Option<Vec<Target>> = wanted
        .map(|identifier| match identifier.starts_with("arn:") {
            true => Target::of_arn(ctx, identifier),
            false => Some(Target::named(ctx, identifier)),
        })
        .collect();
    let wanted = wanted.ok_or_else(|| refusals::invalid("Invalid ARN format"))?;
    let all = GroupRecord::all(ctx.account(), &ctx.region);
    let rows = ctx.scan_all::<GroupRecord>(&all).await?;
    let pattern = req.log_group_name_pattern.as_deref();
    let listed = rows.into_iter().map(|(_, group)| group);
    let listed = listed.filter(|group| {
        let prefix = req.log_group_name_prefix.as_deref();
        let names = wanted.is_empty()
            || wanted
                .iter()
                .any(|wanted| wanted.name == group.name && wanted.account == group.account);
        prefix.is_none_or(|prefix| group.name.starts_with(prefix))
            && pattern.is_none_or(|pattern| group.name.contains(pattern))
            && req
                .log_group_class
                .is_none_or(|class| is_of_class(group.class, class))
            && names
    });
    let (page, next_token) = names::page(
        listed.collect(),
        |group| group.name.clone(),
        req.next_token.as_deref(),
        req.limit,
    )?;
    let mut log_groups = Vec::with_capacity(page.len());
    for group in page {
        log_groups.push(shown(ctx, &group, pattern.is_some()).await?);
    }
    Ok(DescribeLogGroupsResponse {
        log_groups: Some(log_groups),
        next_token,
    })
}

fn check(req: &DescribeLogGroupsRequest) -> Result<()> {
    let by_name = req.log_group_name_prefix.is_some() || req.log_group_name_pattern.is_some();
    if req.log_group_name_prefix.is_some() && req.log_group_name_pattern.is_some() {
        let text = "LogGroup name prefix and LogGroup name pattern are mutually exclusive \
                    parameters.";
        return Err(refusals::invalid(text).into());
    }
    if !req.log_group_identifiers.is_empty() && (by_name || req.log_group_class.is_some()) {
        let text = "logGroupIdentifiers cannot be combined with other filters.";
        return Err(refusals::invalid(text).into());
    }
    // No account is linked here to any other, so these would be shown nothing.
    if !req.include_linked_accounts && !req.account_identifiers.is_empty() {
        let text = "accountIdentifiers requires includeLinkedAccounts to be true.";
        return Err(refusals::invalid(text).into());
    }
    Ok(())
}

/// The infrequent access class and its successor are shown together (DescribeLogGroups,
/// `logGroupClass`).
pub(crate) fn is_of_class(class: Class, wanted: LogGroupClass) -> bool {
    let is_cheap = |class| matches!(class, Class::InfrequentAccess | Class::Essentials);
    let wanted = Class::from(wanted);
    class == wanted || (is_cheap(class) && is_cheap(wanted))
}

/// A group as answers show it; in brief where it was looked for by a part of its name.
async fn shown(ctx: &Ctx, group: &GroupRecord, in_brief: bool) -> Result<LogGroup> {
    let brief = LogGroup {
        log_group_name: Some(group.name.clone()),
        creation_time: Some(group.created_millis),
        arn: Some(format!("{}:*", group.arn)),
        ..LogGroup::default()
    };
    if in_brief {
        return Ok(brief);
    }
    let streams = StreamRecord::all(&group.account, &group.region, &group.id);
    let streams = ctx.scan_all::<StreamRecord>(&streams).await?;
    let bytes: u64 = streams.iter().map(|(_, stream)| stream.bytes).sum();
    let filters = MetricFilterRecord::of_group(ctx, group).await?;
    let data_key = group.current_data_key();
    Ok(LogGroup {
        retention_in_days: group
            .retention_in_days
            .and_then(|days| i32::try_from(days).ok()),
        metric_filter_count: i32::try_from(filters.len()).ok(),
        stored_bytes: i64::try_from(bytes).ok(),
        kms_key_id: data_key.map(|(_, key)| key.kms_key.clone()),
        log_group_class: Some(group.class.into()),
        log_group_arn: Some(group.arn.clone()),
        deletion_protection_enabled: Some(group.is_protected),
        ..brief
    })
}
