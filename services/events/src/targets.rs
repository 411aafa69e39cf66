//! Targets of rules. What a target cannot do here is refused when it is put.

use api::events::Target;
use serde::{Deserialize, Serialize};
use wire::Fault;

use crate::names::BusPlace;
use crate::refusals;

/// The most targets of a rule ("Targets per rule", EventBridge quotas).
pub(crate) const MOST: usize = 5;
/// The most targets of one request (EventBridge API reference, PutTargets).
pub(crate) const MOST_AT_ONCE: usize = 10;

/// A target: another bus.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetRecord {
    /// The id within the rule.
    pub(crate) id: String,
    /// The ARN of the bus.
    pub(crate) arn: String,
}

impl TargetRecord {
    /// Checks what a request gives.
    pub(crate) fn of(target: Target, own: &BusPlace) -> Result<Self, Fault> {
        let parts: Vec<&str> = target.arn.splitn(6, ':').collect();
        let [arn, _, service, ..] = parts.as_slice() else {
            return Err(refusals::bad_target_arn());
        };
        if *arn != "arn" || parts.len() < 6 {
            return Err(refusals::bad_target_arn());
        }
        let Some(place) = BusPlace::of_arn(&target.arn) else {
            return Err(refusals::no_such_kind_of_target(service));
        };
        if place == *own {
            return Err(refusals::target_is_source());
        }
        if place.region != own.region {
            return Err(refusals::unsupported("targets in another Region"));
        }
        if let Some(member) = unsupported(&target) {
            return Err(refusals::unsupported(member));
        }
        Ok(Self {
            id: target.id,
            arn: target.arn,
        })
    }

    /// The target as AWS shows it.
    pub(crate) fn shown(&self) -> Target {
        Target {
            id: self.id.clone(),
            arn: self.arn.clone(),
            role_arn: None,
            input: None,
            input_path: None,
            input_transformer: None,
            kinesis_parameters: None,
            run_command_parameters: None,
            ecs_parameters: None,
            batch_parameters: None,
            sqs_parameters: None,
            http_parameters: None,
            redshift_data_parameters: None,
            sage_maker_pipeline_parameters: None,
            dead_letter_config: None,
            retry_policy: None,
            app_sync_parameters: None,
        }
    }
}

/// The first member that a bus as a target has no use for.
fn unsupported(target: &Target) -> Option<&'static str> {
    let given = [
        ("RoleArn", target.role_arn.is_some()),
        ("Input", target.input.is_some()),
        ("InputPath", target.input_path.is_some()),
        ("InputTransformer", target.input_transformer.is_some()),
        ("KinesisParameters", target.kinesis_parameters.is_some()),
        (
            "RunCommandParameters",
            target.run_command_parameters.is_some(),
        ),
        ("EcsParameters", target.ecs_parameters.is_some()),
        ("BatchParameters", target.batch_parameters.is_some()),
        ("SqsParameters", target.sqs_parameters.is_some()),
        ("HttpParameters", target.http_parameters.is_some()),
        (
            "RedshiftDataParameters",
            target.redshift_data_parameters.is_some(),
        ),
        (
            "SageMakerPipelineParameters",
            target.sage_maker_pipeline_parameters.is_some(),
        ),
        ("DeadLetterConfig", target.dead_letter_config.is_some()),
        ("RetryPolicy", target.retry_policy.is_some()),
        ("AppSyncParameters", target.app_sync_parameters.is_some()),
    ];
    let found = given.into_iter().find(|(_, is_given)| *is_given);
    found.map(|(name, _)| name)
}
