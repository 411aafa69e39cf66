//! `cloudtrail:UpdateTrail`: changes what the request names; the rest stays as it is.

use api::cloudtrail::{UpdateTrailRequest, UpdateTrailResponse};
use platform::{Ctx, Result};

use crate::settings::Settings;
use crate::trail::TrailRecord;
use crate::{organization, refusals, trail};

pub(crate) async fn update_trail(
    ctx: &Ctx,
    req: UpdateTrailRequest,
) -> Result<UpdateTrailResponse> {
    let mut trail = trail::at_home(ctx, "cloudtrail:UpdateTrail", &req.name).await?;
    if let Some(is_wanted) = req.is_organization_trail {
        convert(ctx, &mut trail, is_wanted).await?;
    }
    let settings = Settings {
        bucket: req.s3_bucket_name,
        prefix: req.s3_key_prefix,
        topic: req.sns_topic_name,
        has_global_events: req.include_global_service_events,
        is_multi_region: req.is_multi_region_trail,
        is_validated: req.enable_log_file_validation,
        log_group: req.cloud_watch_logs_log_group_arn,
        log_role: req.cloud_watch_logs_role_arn,
        kms_key: req.kms_key_id,
        is_recursive: req.recursive_logging,
    };
    settings.apply(ctx, &mut trail).await?;
    let shown = trail.shown();
    trail.put(ctx).await;
    Ok(UpdateTrailResponse {
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

/// Makes a trail that of the organization or of the account alone, which the management account
/// may do and nobody else. Its files go elsewhere from then on, so chains of digests end.
async fn convert(ctx: &Ctx, trail: &mut TrailRecord, is_wanted: bool) -> Result<()> {
    if is_wanted == trail.organization.is_some() {
        return Ok(());
    }
    if trail.account != ctx.account() {
        return Err(refusals::not_management_account().into());
    }
    trail.digests.clear();
    trail.organization = match is_wanted {
        true => {
            let (owner, id) = organization::owner(ctx).await?;
            if owner != trail.account {
                return Err(refusals::not_management_account().into());
            }
            Some(id)
        }
        false => None,
    };
    Ok(())
}
