//! `cloudtrail:CreateTrail`: names a bucket for log files. It logs once it is started.

use api::cloudtrail::{CreateTrailRequest, CreateTrailResponse};
use platform::{Ctx, Result};

use crate::trail::{self, TrailRecord};
use crate::{names, refusals};

/// The most trails of a Region.
const MOST: usize = 5;

pub(crate) async fn create_trail(
    ctx: &Ctx,
    req: CreateTrailRequest,
) -> Result<CreateTrailResponse> {
    names::check_trail(&req.name)?;
    trail::authorize(ctx, "cloudtrail:CreateTrail", &req.name).await?;
    check(&req)?;
    let known = TrailRecord::all(ctx).await?;
    let here = known.iter().filter(|trail| trail.region == ctx.region);
    if here.clone().any(|trail| trail.name == req.name) {
        return Err(refusals::trail_exists(&req.name, ctx.account()).into());
    }
    if here.count() >= MOST {
        return Err(refusals::too_many_trails(ctx.account()).into());
    }
    if !ctx.buckets().exists(&req.s3_bucket_name) {
        return Err(refusals::no_bucket(&req.s3_bucket_name).into());
    }
    let trail = TrailRecord {
        account: ctx.account().to_owned(),
        region: ctx.region.clone(),
        name: req.name,
        bucket: req.s3_bucket_name,
        prefix: req.s3_key_prefix.filter(|prefix| !prefix.is_empty()),
        is_multi_region: req.is_multi_region_trail,
        has_global_events: req.include_global_service_events.unwrap_or(true),
        is_validated: req.enable_log_file_validation,
        start_millis: None,
        stop_millis: None,
        ranges: Vec::new(),
        delivered_millis: None,
        digest_millis: None,
        error: None,
        digests: Vec::new(),
    };
    let shown = trail.shown();
    trail.put(ctx).await;
    Ok(CreateTrailResponse {
        name: shown.name,
        s3_bucket_name: shown.s3_bucket_name,
        s3_key_prefix: shown.s3_key_prefix,
        include_global_service_events: shown.include_global_service_events,
        is_multi_region_trail: shown.is_multi_region_trail,
        trail_arn: shown.trail_arn,
        log_file_validation_enabled: shown.log_file_validation_enabled,
        is_organization_trail: shown.is_organization_trail,
        recursive_logging: shown.recursive_logging,
        ..CreateTrailResponse::default()
    })
}

/// Refuses what is not well formed, and what this program does not do.
fn check(req: &CreateTrailRequest) -> Result<()> {
    names::check_bucket(&req.s3_bucket_name)?;
    if let Some(prefix) = req.s3_key_prefix.as_deref().filter(|it| !it.is_empty()) {
        names::check_prefix(prefix)?;
    }
    if req.is_multi_region_trail && req.include_global_service_events == Some(false) {
        return Err(refusals::multi_region_without_global().into());
    }
    for (is_asked, what) in [
        (req.sns_topic_name.is_some(), "SnsTopicName"),
        (
            req.cloud_watch_logs_log_group_arn.is_some(),
            "CloudWatchLogsLogGroupArn",
        ),
        (
            req.cloud_watch_logs_role_arn.is_some(),
            "CloudWatchLogsRoleArn",
        ),
        (req.kms_key_id.is_some(), "KmsKeyId"),
        (req.is_organization_trail, "IsOrganizationTrail"),
        (!req.tags_list.is_empty(), "TagsList"),
        (req.recursive_logging == Some(false), "RecursiveLogging"),
    ] {
        if is_asked {
            return Err(refusals::not_built(what).into());
        }
    }
    Ok(())
}
