//! `logs:CreateLogGroup`: makes a log group.

use api::logs::CreateLogGroupRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::group::{self, Class, GroupRecord};
use crate::quotas::{GROUPS, QUOTAS};
use crate::{encryption, refusals, tags};

/// What DescribeLogGroups shows for the class that only delivers, whose retention nobody sets.
const DELIVERY_DAYS: u32 = 2;

pub(crate) async fn create_log_group(ctx: &Ctx, req: CreateLogGroupRequest) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let new_tags = req.tags.0;
    let known = access::new_group(ctx, &target, &new_tags).await?;
    let begins = req.log_group_name.get(..4);
    if begins.is_some_and(|begins| begins.eq_ignore_ascii_case("aws/")) {
        return Err(refusals::reserved_name().into());
    }
    if known.is_some() {
        return Err(refusals::group_exists().into());
    }
    check_room(ctx, &target).await?;
    tags::check(&new_tags)?;
    let arn = group::arn(&ctx.region, &target.account, &target.name);
    let data_key = match &req.kms_key_id {
        None => None,
        Some(key) => Some(encryption::generate(ctx, &arn, key).await?),
    };
    let class = req.log_group_class.map_or(Class::Standard, Class::from);
    let mut record = GroupRecord {
        id: ctx.new_uuid()?,
        account: target.account,
        region: ctx.region.clone(),
        name: target.name,
        arn,
        created_millis: ctx.now.millis,
        class,
        retention_in_days: (class == Class::Delivery).then_some(DELIVERY_DAYS),
        is_protected: req.deletion_protection_enabled,
        tags: Vec::new(),
        is_encrypted: data_key.is_some(),
        data_keys: data_key.into_iter().collect(),
    };
    record.merge_tags(new_tags)?;
    crate::retention::schedule(ctx, &record).await;
    record.put(ctx).await;
    Ok(Empty)
}

async fn check_room(ctx: &Ctx, target: &Target) -> Result<()> {
    let place = (&*target.account, &*ctx.region);
    let quota = ctx.count_quota_in(place, &QUOTAS, GROUPS).await?;
    let all = GroupRecord::all(&target.account, &ctx.region);
    match ctx.has_room::<GroupRecord>(all, quota).await? {
        true => Ok(()),
        false => Err(refusals::limit_exceeded().into()),
    }
}
