//! Targets of rules. What a target cannot do here is refused when it is put.

use api::events::{DeadLetterConfig, HttpParameters, RetryPolicy, SqsParameters, Target};
use platform::Retries;
use serde::{Deserialize, Serialize};
use wire::{Entries, Fault};

use crate::input::Input;
use crate::names::BusPlace;
use crate::queues::Queue;
use crate::topics::Topic;
use crate::{functions, refusals};

/// The most targets of a rule ("Targets per rule", EventBridge quotas).
pub(crate) const MOST: usize = 5;
/// The most targets of one request (EventBridge API reference, PutTargets).
pub(crate) const MOST_AT_ONCE: usize = 10;

/// The most path values, headers and query parameters of `HttpParameters`, as of a connection
/// (ConnectionHttpParameters), and the most bytes of a path value, as of an endpoint
/// (CreateApiDestination): the API reference names none for a target.
const MOST_OF_HTTP: usize = 100;
const MOST_OF_PATH: usize = 2048;

/// A target.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetRecord {
    /// The id within the rule.
    pub(crate) id: String,
    /// The ARN.
    pub(crate) arn: String,
    /// The ARN of the role that it is called with.
    pub(crate) role: Option<String>,
    /// What it gets of an event.
    pub(crate) input: Input,
    /// What a request of an API destination carries beside.
    pub(crate) http: Option<HttpRecord>,
    /// How often and how long deliveries are tried, where the target says so.
    pub(crate) retries: Option<(Option<u32>, Option<u32>)>,
    /// `SqsParameters`: the message group.
    pub(crate) group: Option<String>,
    /// The ARN of the queue for events that it does not take.
    pub(crate) dead_letters: Option<String>,
}

/// `HttpParameters`
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HttpRecord {
    /// What stands for each `*` of the path.
    pub(crate) path: Vec<String>,
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    /// Names and values.
    pub(crate) query: Vec<(String, String)>,
}

/// What a target is.
pub(crate) enum Kind<'a> {
    /// A bus.
    Bus(BusPlace),
    /// An API destination of this name.
    ApiDestination(&'a str),
    /// A log group of this name.
    LogGroup(&'a str),
    /// A queue of Amazon SQS.
    Queue(Queue<'a>),
    /// A topic of Amazon SNS.
    Topic(Topic<'a>),
    /// A function of Lambda.
    Function,
}

impl TargetRecord {
    /// Checks what a request gives.
    pub(crate) fn of(target: Target, own: &BusPlace) -> Result<Self, Fault> {
        let kind = Kind::of(&target.arn)?;
        let parts: Vec<&str> = target.arn.splitn(6, ':').collect();
        if parts.get(3).is_some_and(|region| *region != own.region) {
            return Err(refusals::unsupported("targets in another Region"));
        }
        if let Some(member) = unsupported(&target) {
            return Err(refusals::unsupported(member));
        }
        let is_foreign = parts.get(4).is_some_and(|account| *account != own.account);
        match kind {
            Kind::Bus(place) if place == *own => return Err(refusals::target_is_source()),
            Kind::Bus(_) if Input::of(&target)? != Input::Event => {
                return Err(refusals::bus_input(&target.id));
            }
            Kind::Bus(_) => {}
            // Its policy has to let the role in ("Sending events to a service in a different
            // account", EventBridge user guide).
            Kind::Queue(_) | Kind::Topic(_) | Kind::Function
                if is_foreign && target.role_arn.is_some() => {}
            _ if is_foreign => return Err(refusals::foreign_target(&target.arn)),
            Kind::ApiDestination(_) if target.role_arn.is_none() => {
                return Err(refusals::role_required(&target.arn));
            }
            Kind::LogGroup(_) if target.input_path.is_some() || target.input.is_some() => {
                return Err(refusals::log_input(&target.id));
            }
            Kind::ApiDestination(_)
            | Kind::LogGroup(_)
            | Kind::Queue(_)
            | Kind::Topic(_)
            | Kind::Function => {}
        }
        check_parameters(&target, &kind)?;
        let dead_letters = Queue::for_dead_letters(target.dead_letter_config.as_ref(), own)?;
        Ok(Self {
            dead_letters,
            input: Input::of(&target)?,
            group: target.sqs_parameters.and_then(|sqs| sqs.message_group_id),
            id: target.id,
            arn: target.arn,
            role: target.role_arn,
            http: target.http_parameters.map(HttpRecord::of),
            retries: target.retry_policy.as_ref().map(retries),
        })
    }

    /// The target as AWS shows it.
    pub(crate) fn shown(&self) -> Target {
        let mut shown = blank(&self.id, &self.arn);
        self.input.show(&mut shown);
        shown.role_arn.clone_from(&self.role);
        shown.http_parameters = self.http.as_ref().map(HttpRecord::shown);
        shown.sqs_parameters = self.group.as_ref().map(|group| SqsParameters {
            message_group_id: Some(group.clone()),
        });
        shown.dead_letter_config = self.dead_letters.as_ref().map(|arn| DeadLetterConfig {
            arn: Some(arn.clone()),
        });
        shown.retry_policy = self.retries.map(|(attempts, age)| RetryPolicy {
            maximum_retry_attempts: attempts.and_then(|most| i32::try_from(most).ok()),
            maximum_event_age_in_seconds: age.and_then(|most| i32::try_from(most).ok()),
        });
        shown
    }

    /// How long deliveries to it are tried.
    pub(crate) fn tried(&self) -> Retries {
        let (attempts, age) = self.retries.unwrap_or_default();
        let default = Retries::default();
        Retries {
            most: attempts.unwrap_or(default.most),
            most_age_secs: age.unwrap_or(default.most_age_secs),
        }
    }
}

impl<'a> Kind<'a> {
    /// What the target of this ARN is.
    pub(crate) fn of(arn: &'a str) -> Result<Self, Fault> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, region, account, resource] = parts.as_slice() else {
            return Err(refusals::bad_target_arn());
        };
        if region.is_empty() || account.len() != 12 || resource.is_empty() {
            return Err(refusals::bad_target_arn());
        }
        if let Some(place) = BusPlace::of_arn(arn) {
            return Ok(Self::Bus(place));
        }
        let kind = match *service {
            "events" => {
                let path = resource.strip_prefix("api-destination/");
                let name = path.and_then(|path| path.split('/').next());
                name.map(Self::ApiDestination)
            }
            "logs" => {
                let name = resource.strip_prefix("log-group:");
                name.map(|name| Self::LogGroup(name.strip_suffix(":*").unwrap_or(name)))
            }
            "lambda" => functions::is_arn(arn).then_some(Self::Function),
            "sns" => Topic::of_arn(arn).map(Self::Topic),
            "sqs" => Queue::of_arn(arn).map(Self::Queue),
            _ => return Err(refusals::no_such_kind_of_target(service)),
        };
        kind.ok_or_else(refusals::bad_target_arn)
    }
}

impl HttpRecord {
    fn of(given: HttpParameters) -> Self {
        Self {
            path: given.path_parameter_values.unwrap_or_default(),
            headers: given.header_parameters.map(|all| all.0).unwrap_or_default(),
            query: given
                .query_string_parameters
                .map(|all| all.0)
                .unwrap_or_default(),
        }
    }

    fn shown(&self) -> HttpParameters {
        HttpParameters {
            path_parameter_values: Some(self.path.clone()),
            header_parameters: Some(Entries(self.headers.clone())),
            query_string_parameters: Some(Entries(self.query.clone())),
        }
    }
}

/// A target with no more than these.
pub(crate) fn blank(id: &str, arn: &str) -> Target {
    Target {
        id: id.to_owned(),
        arn: arn.to_owned(),
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

fn retries(given: &RetryPolicy) -> (Option<u32>, Option<u32>) {
    let number = |given: Option<i32>| given.and_then(|given| u32::try_from(given).ok());
    let age = number(given.maximum_event_age_in_seconds);
    (number(given.maximum_retry_attempts), age)
}

/// Refuses parameters of another kind of target, and a FIFO queue without its own.
fn check_parameters(target: &Target, kind: &Kind<'_>) -> Result<(), Fault> {
    let group = target.sqs_parameters.as_ref();
    let group = group.map(|sqs| sqs.message_group_id.as_deref().unwrap_or_default());
    match kind {
        Kind::Queue(queue) if queue.is_fifo() && group.is_none_or(str::is_empty) => {
            return Err(refusals::group_required(&target.id));
        }
        Kind::Queue(_) => {}
        // No target says which group of such a topic its events are in.
        Kind::Topic(topic) if topic.is_fifo() => return Err(refusals::fifo_topic()),
        _ if group.is_some() => return Err(refusals::not_its("SqsParameters", &target.id)),
        _ => {}
    }
    if target.http_parameters.is_some() && !matches!(kind, Kind::ApiDestination(_)) {
        return Err(refusals::not_its("HttpParameters", &target.id));
    }
    target.http_parameters.as_ref().map_or(Ok(()), check_http)
}

fn check_http(given: &HttpParameters) -> Result<(), Fault> {
    let path = given.path_parameter_values.as_deref().unwrap_or_default();
    let size = |all: &Option<Entries<String>>| all.as_ref().map_or(0, |all| all.0.len());
    let sizes = [
        ("PathParameterValues", path.len()),
        ("HeaderParameters", size(&given.header_parameters)),
        (
            "QueryStringParameters",
            size(&given.query_string_parameters),
        ),
    ];
    if let Some((member, _)) = sizes.into_iter().find(|(_, size)| *size > MOST_OF_HTTP) {
        return Err(refusals::too_many_http(member, MOST_OF_HTTP));
    }
    match path.iter().any(|value| value.len() > MOST_OF_PATH) {
        true => Err(refusals::long_path_value(MOST_OF_PATH)),
        false => Ok(()),
    }
}

/// The first member that no target here has a use for.
fn unsupported(target: &Target) -> Option<&'static str> {
    let given = [
        ("KinesisParameters", target.kinesis_parameters.is_some()),
        (
            "RunCommandParameters",
            target.run_command_parameters.is_some(),
        ),
        ("EcsParameters", target.ecs_parameters.is_some()),
        ("BatchParameters", target.batch_parameters.is_some()),
        (
            "RedshiftDataParameters",
            target.redshift_data_parameters.is_some(),
        ),
        (
            "SageMakerPipelineParameters",
            target.sage_maker_pipeline_parameters.is_some(),
        ),
        ("AppSyncParameters", target.app_sync_parameters.is_some()),
    ];
    let found = given.into_iter().find(|(_, is_given)| *is_given);
    found.map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A target is part of the record of all rules of a bus, and goes into each of its deliveries.
    #[test]
    fn sec_w2_http_parameters_have_an_end() {
        let entries = |count: usize| {
            let all = (0..count).map(|index| (format!("x-{index}"), "v".to_owned()));
            Some(Entries(all.collect()))
        };
        let of = |path: Option<Vec<String>>, headers: usize, query: usize| HttpParameters {
            path_parameter_values: path,
            header_parameters: entries(headers),
            query_string_parameters: entries(query),
        };
        let path = |count: usize, bytes: usize| Some(vec!["p".repeat(bytes); count]);
        assert!(check_http(&of(path(100, 2048), 100, 100)).is_ok());
        for (given, member) in [
            (of(path(101, 1), 0, 0), "PathParameterValues"),
            (of(path(1, 2049), 0, 0), "PathParameterValues"),
            (of(None, 101, 0), "HeaderParameters"),
            (of(None, 0, 101), "QueryStringParameters"),
        ] {
            let refused = check_http(&given).expect_err(member);
            let message = refused.message().unwrap_or_default();
            assert!(message.contains(member), "{message}");
        }
    }
}
