//! `cloudtrail:GetTrailStatus`: shows whether a trail logs, and what it delivered.

use api::cloudtrail::{GetTrailStatusRequest, GetTrailStatusResponse};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::trail;

pub(crate) async fn get_trail_status(
    ctx: &Ctx,
    req: GetTrailStatusRequest,
) -> Result<GetTrailStatusResponse> {
    let trail = trail::find(ctx, "cloudtrail:GetTrailStatus", &req.name).await?;
    let time = |millis: Option<i64>| millis.map(|millis| Timestamp { millis });
    let text = |millis| time(millis).map(|time| time.whole_secs().iso8601());
    // Texts of what never happened are empty (recordings of AWS).
    let tried = |millis| Some(text(millis).unwrap_or_default());
    Ok(GetTrailStatusResponse {
        is_logging: Some(trail.is_logging()),
        latest_delivery_error: trail.error.clone(),
        latest_delivery_time: time(trail.delivered_millis),
        start_logging_time: time(trail.start_millis),
        stop_logging_time: time(trail.stop_millis),
        latest_cloud_watch_logs_delivery_time: time(trail.logged_millis),
        latest_cloud_watch_logs_delivery_error: trail.log_error.clone(),
        latest_notification_time: time(trail.notified_millis),
        latest_notification_error: trail.notify_error.clone(),
        latest_digest_delivery_time: time(trail.digest_millis),
        latest_delivery_attempt_time: tried(trail.delivered_millis),
        latest_delivery_attempt_succeeded: tried(trail.delivered_millis),
        latest_notification_attempt_time: tried(trail.notified_millis),
        latest_notification_attempt_succeeded: tried(trail.notified_millis),
        time_logging_started: tried(trail.start_millis),
        time_logging_stopped: tried(trail.stop_millis),
        ..GetTrailStatusResponse::default()
    })
}
