//! Notifications of log files ("Configuring Amazon SNS notifications for CloudTrail", AWS CloudTrail
//! user guide). The policy of the topic decides about CloudTrail, which acts for the trail.

use api::sns::{Publish, PublishInput};
use platform::{Ctx, Error, Result, is_account};
use serde::Serialize;
use wire::{Common, Entries, Fault, Protocol};

use crate::encryption::PRINCIPAL;
use crate::refusals;
use crate::trail::TrailRecord;

/// What a topic hears when a trail is set to it, which readers of notifications know and skip.
const VALIDATION: &str = "CloudTrail validation message.";

/// Refuses a topic that is not well named, and FIFO topics. `named` is a name or an ARN.
pub(crate) fn check(ctx: &Ctx, named: &str) -> Result<(), Fault> {
    let name = match named.contains(':') {
        false => named,
        true => {
            let parts: Vec<&str> = named.splitn(6, ':').collect();
            let ["arn", split, "sns", region, account, name] = parts.as_slice() else {
                return Err(refusals::bad_topic());
            };
            if *split != platform::partition(region) || !is_account(account) {
                return Err(refusals::bad_topic());
            }
            if *region != ctx.region {
                return Err(refusals::not_built("An SNS topic in another Region"));
            }
            *name
        }
    };
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match (1..=256).contains(&name.len()) && name.bytes().all(is_known) {
        true => Ok(()),
        false => Err(refusals::bad_topic()),
    }
}

/// Refuses the trail's topic unless CloudTrail may publish to it, and does not tell one that is
/// closed from one that is not there.
pub(crate) async fn validate(ctx: &Ctx, trail: &TrailRecord) -> Result<()> {
    let Some(topic) = trail.topic_arn() else {
        return Ok(());
    };
    match publish(ctx, (trail, topic), VALIDATION.to_owned()).await {
        Err(Error::Fault(fault)) if fault.as_common() == Some(Common::InternalFailure) => {
            Err(fault.into())
        }
        Err(Error::Fault(_)) => Err(refusals::closed_topic().into()),
        published => published,
    }
}

/// Tells the trail's topic, if it has one, of files that lie in the bucket, each by itself. What
/// fails is not told later: the trail's status says why.
pub(crate) async fn tell(ctx: &Ctx, trail: &mut TrailRecord, keys: &[String]) -> Result<()> {
    let Some(topic) = trail.topic_arn() else {
        return Ok(());
    };
    for key in keys {
        let message = Notification {
            bucket: &trail.bucket,
            keys: [key],
        };
        let message = serde_json::to_string(&message).map_err(Error::internal)?;
        match publish(ctx, (trail, topic.clone()), message).await {
            Ok(()) => {
                trail.notified_millis = Some(ctx.now.millis);
                trail.notify_error = None;
            }
            Err(Error::Fault(fault)) => {
                let code = fault.code(Protocol::Query);
                tracing::warn!(code, trail = trail.arn(), "a topic is not told of a file");
                trail.notify_error = Some(code.to_owned());
            }
            Err(internal) => return Err(internal),
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Notification<'a> {
    #[serde(rename = "s3Bucket")]
    bucket: &'a str,
    #[serde(rename = "s3ObjectKey")]
    keys: [&'a str; 1],
}

async fn publish(ctx: &Ctx, (trail, topic): (&TrailRecord, String), message: String) -> Result<()> {
    let request = PublishInput {
        topic_arn: Some(topic),
        target_arn: None,
        phone_number: None,
        message,
        subject: None,
        message_structure: None,
        message_attributes: Entries::default(),
        message_deduplication_id: None,
        message_group_id: None,
    };
    let call = ctx.as_service(PRINCIPAL).source(&trail.arn());
    call.call::<Publish>(request).await?;
    Ok(())
}
