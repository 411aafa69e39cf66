//! `cloudtrail:CreateTrail`: names a bucket for log files. It logs once it is started.

use api::cloudtrail::{CreateTrailRequest, CreateTrailResponse};
use platform::{Ctx, Result};

use crate::selectors::Selectors;
use crate::settings::Settings;
use crate::trail::{TrailRecord, TrailResource};
use crate::{names, organization, refusals, tags};

/// The most trails of a Region.
const MOST: usize = 5;

pub(crate) async fn create_trail(
    ctx: &Ctx,
    req: CreateTrailRequest,
) -> Result<CreateTrailResponse> {
    names::check_trail(&req.name)?;
    let tags = tags::asked(&req.tags_list);
    authorize(ctx, &req.name, &tags).await?;
    let tags = tags::checked(&req.tags_list)?;
    let (account, organization) = match req.is_organization_trail {
        true => {
            let (owner, id) = organization::owner(ctx).await?;
            (owner, Some(id))
        }
        false => (ctx.account().to_owned(), None),
    };
    let mut trail = new(ctx, account, req.name);
    trail.organization = organization;
    trail.tags = tags;
    let settings = Settings {
        bucket: Some(req.s3_bucket_name),
        prefix: req.s3_key_prefix,
        topic: req.sns_topic_name,
        has_global_events: req.include_global_service_events,
        is_multi_region: Some(req.is_multi_region_trail),
        is_validated: Some(req.enable_log_file_validation),
        log_group: req.cloud_watch_logs_log_group_arn,
        log_role: req.cloud_watch_logs_role_arn,
        kms_key: req.kms_key_id,
        is_recursive: req.recursive_logging,
    };
    check_room(ctx, &trail).await?;
    settings.apply(ctx, &mut trail).await?;
    let shown = trail.shown();
    trail.put(ctx).await;
    Ok(CreateTrailResponse {
        name: shown.name,
        s3_bucket_name: shown.s3_bucket_name,
        s3_key_prefix: shown.s3_key_prefix,
        sns_topic_name: shown.sns_topic_name,
        sns_topic_arn: shown.sns_topic_arn,
        include_global_service_events: shown.include_global_service_events,
        is_multi_region_trail: shown.is_multi_region_trail,
        trail_arn: shown.trail_arn,
        log_file_validation_enabled: shown.log_file_validation_enabled,
        cloud_watch_logs_log_group_arn: shown.cloud_watch_logs_log_group_arn,
        cloud_watch_logs_role_arn: shown.cloud_watch_logs_role_arn,
        kms_key_id: shown.kms_key_id,
        is_organization_trail: shown.is_organization_trail,
        recursive_logging: shown.recursive_logging,
    })
}

/// Decides about the trail, and about its tags if it gets some.
async fn authorize(ctx: &Ctx, name: &str, tags: &[(String, String)]) -> Result<()> {
    let resource = || TrailResource::new(ctx, ctx.account(), name);
    let access = ctx.authorize("cloudtrail:CreateTrail", resource());
    access.request_tags(tags).decide().await?;
    if !tags.is_empty() {
        let access = ctx.authorize("cloudtrail:AddTags", resource());
        access.request_tags(tags).decide().await?;
    }
    Ok(())
}

/// Refuses a second trail of the same name, and more than a Region may have.
async fn check_room(ctx: &Ctx, trail: &TrailRecord) -> Result<()> {
    let known = TrailRecord::all(ctx, &trail.account).await?;
    let here = known.iter().filter(|known| known.region == trail.region);
    if here.clone().any(|known| known.name == trail.name) {
        return Err(refusals::trail_exists(&trail.name, &trail.account).into());
    }
    if here.count() >= MOST {
        return Err(refusals::too_many_trails(&trail.account, &trail.region).into());
    }
    Ok(())
}

fn new(ctx: &Ctx, account: String, name: String) -> TrailRecord {
    TrailRecord {
        account,
        region: ctx.region.clone(),
        name,
        bucket: String::new(),
        prefix: None,
        is_multi_region: false,
        has_global_events: true,
        is_validated: false,
        start_millis: None,
        stop_millis: None,
        ranges: Vec::new(),
        delivered_millis: None,
        digest_millis: None,
        error: None,
        digests: Vec::new(),
        selectors: Selectors::default(),
        insights: Vec::new(),
        tags: Vec::new(),
        kms_key: None,
        log_group: None,
        topic: None,
        organization: None,
        is_recursive: true,
        logged_millis: None,
        log_error: None,
        notified_millis: None,
        notify_error: None,
        logging_from: 0,
        earlier: Vec::new(),
    }
}
