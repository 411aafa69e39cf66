//! Dead letters: where messages go that were received too often, and which queues may send them
//! ("Using dead-letter queues in Amazon SQS", developer guide).

use platform::{Ctx, Result};
use serde::Deserialize;
use serde_json::Value;
use wire::Fault;

use crate::names::QueuePlace;
use crate::queue::QueueRecord;
use crate::refusals;
use crate::settings::Settings;

/// How often a message may be received at most, as far as it can be set.
const MOST_RECEIVES: i64 = 1000;
/// How many queues `byQueue` names at most.
const MOST_SOURCES: usize = 10;

/// `RedrivePolicy`
pub(crate) struct Redrive {
    pub(crate) target: QueuePlace,
    pub(crate) most_receives: u32,
}

impl Redrive {
    /// What a queue has set.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        Self::parse(settings.get("RedrivePolicy")?).ok()
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        let bad = |reason: &str| refusals::bad_value("RedrivePolicy", text, reason);
        let parsed = serde_json::from_str::<Value>(text).ok();
        let members = parsed.as_ref().and_then(Value::as_object);
        let members = members.ok_or_else(|| bad("Redrive policy is not a valid JSON map."))?;
        let missing = |name: &str| {
            bad(&format!(
                "Redrive policy does not contain mandatory attribute: {name}."
            ))
        };
        let most = members.get("maxReceiveCount");
        let most = most.ok_or_else(|| missing("maxReceiveCount"))?;
        let arn = members.get("deadLetterTargetArn").and_then(Value::as_str);
        let arn = arn.ok_or_else(|| missing("deadLetterTargetArn"))?;
        // Numbers come as such and as texts.
        let count = most
            .as_i64()
            .or_else(|| most.as_str().and_then(|text| text.parse().ok()));
        let count = count.filter(|count| (1..=MOST_RECEIVES).contains(count));
        let count = count.and_then(|count| u32::try_from(count).ok());
        let most_receives = count.ok_or_else(|| {
            bad(&format!(
                "Invalid value for maxReceiveCount: {most}, valid values are from 1 to 1000 both \
                 inclusive."
            ))
        })?;
        let target = QueuePlace::of_arn(arn);
        let target = target.ok_or_else(|| bad("Invalid value for deadLetterTargetArn."))?;
        Ok(Self {
            target,
            most_receives,
        })
    }
}

/// `RedriveAllowPolicy`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Allowing {
    redrive_permission: Permission,
    source_queue_arns: Option<Vec<String>>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
enum Permission {
    AllowAll,
    DenyAll,
    ByQueue,
}

impl Allowing {
    fn parse(text: &str) -> Result<Self, Fault> {
        let bad = || refusals::bad_attribute("RedriveAllowPolicy");
        let parsed: Self = serde_json::from_str(text).map_err(|_| bad())?;
        let sources = parsed.source_queue_arns.as_deref();
        let is_good = match parsed.redrive_permission {
            Permission::ByQueue => {
                sources.is_some_and(|arns| !arns.is_empty() && arns.len() <= MOST_SOURCES)
            }
            Permission::AllowAll | Permission::DenyAll => sources.is_none(),
        };
        match is_good {
            true => Ok(parsed),
            false => Err(bad()),
        }
    }

    fn admits(&self, arn: &str) -> bool {
        match self.redrive_permission {
            Permission::AllowAll => true,
            Permission::DenyAll => false,
            Permission::ByQueue => {
                let mut arns = self.source_queue_arns.iter().flatten();
                arns.any(|known| known == arn)
            }
        }
    }
}

/// Checks what a queue at `place` is given of both policies.
pub(crate) async fn check(ctx: &Ctx, place: &QueuePlace, settings: &Settings) -> Result<()> {
    if let Some(text) = settings.get("RedriveAllowPolicy") {
        Allowing::parse(text)?;
    }
    let Some(text) = settings.get("RedrivePolicy") else {
        return Ok(());
    };
    let bad = |reason: &str| refusals::bad_value("RedrivePolicy", text, reason);
    let target = Redrive::parse(text)?.target;
    if target.account != place.account {
        let reason = "Dead-letter target owner should be same as the source.";
        return Err(bad(reason).into());
    }
    if target.region != place.region {
        let reason = "Dead-letter target must be in same region as the source.";
        return Err(bad(reason).into());
    }
    let Some(found) = QueueRecord::get(ctx, &target).await? else {
        return Err(bad("Dead letter target does not exist.").into());
    };
    if found.settings.is_fifo() != settings.is_fifo() {
        let reason = "Dead-letter queue must be same type of queue as the source.";
        return Err(bad(reason).into());
    }
    let allowing = found.settings.get("RedriveAllowPolicy");
    let allowing = allowing.map(Allowing::parse).transpose()?;
    if allowing.is_some_and(|allowing| !allowing.admits(&place.arn())) {
        let reason =
            "The dead-letter queue's redrive allow policy does not permit the source queue.";
        return Err(bad(reason).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redrive_policies_are_read() {
        let with = |count: &str| {
            let arn = "arn:aws:sqs:us-east-1:111122223333:dead";
            let text = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{count}}}"#);
            Redrive::parse(&text)
                .map(|redrive| redrive.most_receives)
                .ok()
        };
        assert_eq!(with("3"), Some(3));
        assert_eq!(with("\"1000\""), Some(1000));
        for bad in ["0", "1001", "\"x\"", "null", "1.5"] {
            assert_eq!(with(bad), None, "{bad}");
        }
        for bad in ["", "[]", "{}", r#"{"maxReceiveCount":1}"#] {
            assert!(Redrive::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn allow_policies_name_queues_or_do_not() {
        let admits = |text: &str| Allowing::parse(text).ok().map(|found| found.admits("a"));
        assert_eq!(admits(r#"{"redrivePermission":"allowAll"}"#), Some(true));
        assert_eq!(admits(r#"{"redrivePermission":"denyAll"}"#), Some(false));
        let by = |arns: &str| {
            admits(&format!(
                r#"{{"redrivePermission":"byQueue","sourceQueueArns":{arns}}}"#
            ))
        };
        assert_eq!(by(r#"["b","a"]"#), Some(true));
        assert_eq!(by(r#"["b"]"#), Some(false));
        assert_eq!(by("[]"), None);
        assert_eq!(admits(r#"{"redrivePermission":"byQueue"}"#), None);
        assert_eq!(admits(r#"{"redrivePermission":"x"}"#), None);
    }
}
