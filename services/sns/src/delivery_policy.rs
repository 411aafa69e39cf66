//! How web servers are tried again ("Creating an HTTP/S delivery policy", "Amazon SNS message delivery
//! retries").

use std::time::Duration;

use platform::Retries;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest that all attempts take, in seconds.
const MOST_AGE: u32 = 3600;
/// The content type of messages where a policy does not say another.
const CONTENT_TYPE: &str = "text/plain; charset=UTF-8";
/// The content types that a policy may name.
const CONTENT_TYPES: &[&str] = &[
    "application/atom+xml",
    "application/json",
    "application/octet-stream",
    "application/soap+xml",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "application/xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
];

/// How a web server is tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RetryPlan {
    /// The least and the longest wait, in seconds.
    min: u32,
    max: u32,
    /// The most attempts after the first one, and how many of them come at once, after the least
    /// wait, and after the longest.
    most: u32,
    at_once: u32,
    at_min: u32,
    at_max: u32,
    /// How waits grow between.
    growth: Growth,
    /// The most attempts in a second.
    pub(crate) most_a_second: Option<u32>,
    pub(crate) content_type: String,
}

/// How waits grow from the least to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Growth {
    Linear,
    Arithmetic,
    Geometric,
    Exponential,
}

impl Default for RetryPlan {
    fn default() -> Self {
        Self {
            min: 20,
            max: 20,
            most: 3,
            at_once: 0,
            at_min: 0,
            at_max: 0,
            growth: Growth::Linear,
            most_a_second: None,
            content_type: CONTENT_TYPE.to_owned(),
        }
    }
}

impl RetryPlan {
    /// What the policies of a topic and a subscription come to. They were checked when they were set.
    pub(crate) fn of(topic: Option<&str>, own: Option<&str>) -> Self {
        let object = |text: Option<&str>| {
            let parsed = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
            parsed.unwrap_or_default()
        };
        let (topic, own) = (object(topic), object(own));
        let topic = topic.get("http").cloned().unwrap_or_default();
        let is_fixed = topic.get("disableSubscriptionOverrides") == Some(&Value::Bool(true));
        let own = if is_fixed { Value::Null } else { own };
        let part = |name: &str, default: &str| {
            let part = own.get(name).or_else(|| topic.get(default));
            part.filter(|part| part.is_object()).cloned()
        };
        let mut plan = Self::default();
        if let Some(retries) = part("healthyRetryPolicy", "defaultHealthyRetryPolicy") {
            plan.read(&retries);
        }
        let throttle = part("throttlePolicy", "defaultThrottlePolicy");
        plan.most_a_second = throttle.and_then(|part| whole(&part, "maxReceivesPerSecond"));
        let request = part("requestPolicy", "defaultRequestPolicy");
        let named =
            request.and_then(|part| Some(part.get("headerContentType")?.as_str()?.to_owned()));
        plan.content_type = named.unwrap_or(plan.content_type);
        plan
    }

    fn read(&mut self, retries: &Value) {
        let number = |name: &str, default: u32| whole(retries, name).unwrap_or(default);
        self.min = number("minDelayTarget", self.min);
        self.max = number("maxDelayTarget", self.max);
        self.most = number("numRetries", self.most);
        self.at_once = number("numNoDelayRetries", 0);
        self.at_min = number("numMinDelayRetries", 0);
        self.at_max = number("numMaxDelayRetries", 0);
        self.growth = match retries.get("backoffFunction").and_then(Value::as_str) {
            Some("arithmetic") => Growth::Arithmetic,
            Some("geometric") => Growth::Geometric,
            Some("exponential") => Growth::Exponential,
            _ => Growth::Linear,
        };
    }

    /// How long a delivery is tried.
    pub(crate) fn retries(&self) -> Retries {
        Retries {
            most: self.most,
            most_age_secs: MOST_AGE,
        }
    }

    /// How long to wait before the attempt after `attempts` that failed before the last one.
    pub(crate) fn wait(&self, attempts: u32) -> Duration {
        let growing = self
            .most
            .saturating_sub(self.at_once + self.at_min + self.at_max);
        let (min, max) = (f64::from(self.min), f64::from(self.max));
        let seconds = if attempts < self.at_once {
            0.0
        } else if attempts < self.at_once + self.at_min {
            min
        } else if attempts >= self.at_once + self.at_min + growing {
            max
        } else {
            let step = f64::from(attempts - self.at_once - self.at_min);
            let last = f64::from(growing.saturating_sub(1).max(1));
            let part = step / last;
            match self.growth {
                Growth::Linear => min + (max - min) * part,
                Growth::Arithmetic => {
                    min + (max - min) * step * (step + 1.0) / (last * (last + 1.0))
                }
                Growth::Geometric => min * (max / min).powf(part),
                Growth::Exponential => {
                    min + (max - min) * (step.exp2() - 1.0) / (last.exp2() - 1.0)
                }
            }
        };
        Duration::from_secs_f64(seconds.clamp(0.0, f64::from(MOST_AGE)))
    }

    /// The plan as `EffectiveDeliveryPolicy` of a subscription shows it.
    pub(crate) fn shown(&self) -> String {
        text(&ShownSubscription {
            healthy_retry_policy: self.shown_retries(),
            sickly_retry_policy: None,
            throttle_policy: self.shown_throttle(),
            request_policy: self.shown_request(),
            guaranteed: false,
        })
    }

    /// The plan as `EffectiveDeliveryPolicy` of a topic shows it.
    pub(crate) fn shown_of_topic(&self, is_fixed: bool) -> String {
        text(&ShownTopic {
            http: ShownHttp {
                default_healthy_retry_policy: self.shown_retries(),
                disable_subscription_overrides: is_fixed,
                default_throttle_policy: self.shown_throttle(),
                default_request_policy: self.shown_request(),
            },
        })
    }

    fn shown_retries(&self) -> ShownRetries {
        ShownRetries {
            min_delay_target: self.min,
            max_delay_target: self.max,
            num_retries: self.most,
            num_max_delay_retries: self.at_max,
            num_no_delay_retries: self.at_once,
            num_min_delay_retries: self.at_min,
            backoff_function: match self.growth {
                Growth::Linear => "linear",
                Growth::Arithmetic => "arithmetic",
                Growth::Geometric => "geometric",
                Growth::Exponential => "exponential",
            },
        }
    }

    fn shown_throttle(&self) -> Option<ShownThrottle> {
        let most = self.most_a_second?;
        Some(ShownThrottle {
            max_receives_per_second: most,
        })
    }

    fn shown_request(&self) -> ShownRequest<'_> {
        ShownRequest {
            header_content_type: &self.content_type,
        }
    }
}

/// Plans as they are shown, their members in AWS's order.
#[derive(Serialize)]
struct ShownTopic<'a> {
    http: ShownHttp<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownHttp<'a> {
    default_healthy_retry_policy: ShownRetries,
    disable_subscription_overrides: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_throttle_policy: Option<ShownThrottle>,
    default_request_policy: ShownRequest<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownSubscription<'a> {
    healthy_retry_policy: ShownRetries,
    sickly_retry_policy: Option<()>,
    throttle_policy: Option<ShownThrottle>,
    request_policy: ShownRequest<'a>,
    guaranteed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownRetries {
    min_delay_target: u32,
    max_delay_target: u32,
    num_retries: u32,
    num_max_delay_retries: u32,
    num_no_delay_retries: u32,
    num_min_delay_retries: u32,
    backoff_function: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownThrottle {
    max_receives_per_second: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownRequest<'a> {
    header_content_type: &'a str,
}

fn text(shown: &impl Serialize) -> String {
    serde_json::to_string(shown).unwrap_or_default()
}

fn whole(object: &Value, name: &str) -> Option<u32> {
    u32::try_from(object.get(name)?.as_u64()?).ok()
}

/// Checks the delivery policy of a subscription; the error says what is wrong.
pub(crate) fn check_own(text: &str) -> Result<(), String> {
    let names = ["healthyRetryPolicy", "throttlePolicy", "requestPolicy"];
    let policy = object(text)?;
    known(
        &policy,
        &[
            "sicklyRetryPolicy",
            "guaranteed",
            names[0],
            names[1],
            names[2],
        ],
    )?;
    check_parts(&policy, names)
}

/// Checks the delivery policy of a topic; the error says what is wrong.
pub(crate) fn check_of_topic(text: &str) -> Result<(), String> {
    let policy = object(text)?;
    known(&policy, &["http"])?;
    let http = policy.get("http").and_then(Value::as_object);
    let http = http.ok_or_else(|| "http must be an object".to_owned())?;
    let names = [
        "defaultHealthyRetryPolicy",
        "defaultThrottlePolicy",
        "defaultRequestPolicy",
    ];
    let fixed = "disableSubscriptionOverrides";
    known(
        http,
        &[
            "defaultSicklyRetryPolicy",
            fixed,
            names[0],
            names[1],
            names[2],
        ],
    )?;
    if http.get(fixed).is_some_and(|value| !value.is_boolean()) {
        return Err(format!("{fixed} must be a boolean"));
    }
    check_parts(http, names)
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|_| "failed to parse JSON.".to_owned())
}

fn known(policy: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    match policy.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(format!("unrecognized field \"{name}\"")),
        None => Ok(()),
    }
}

fn check_parts(policy: &Map<String, Value>, names: [&str; 3]) -> Result<(), String> {
    let [retries, throttle, request] = names;
    let part = |name: &str| policy.get(name).filter(|part| !part.is_null());
    if let Some(part) = part(retries) {
        check_retries(part).map_err(|reason| format!("{retries}.{reason}"))?;
    }
    if let Some(part) = part(throttle) {
        let most = part
            .get("maxReceivesPerSecond")
            .filter(|most| !most.is_null());
        if most.is_some_and(|most| most.as_u64().unwrap_or_default() == 0) {
            return Err(format!(
                "{throttle}.maxReceivesPerSecond must be greater than 0"
            ));
        }
    }
    let Some(part) = part(request) else {
        return Ok(());
    };
    let named = part.get("headerContentType").and_then(Value::as_str);
    let media = named
        .and_then(|named| named.split(';').next())
        .map(str::trim);
    match media.is_some_and(|media| CONTENT_TYPES.contains(&media)) {
        true => Ok(()),
        false => Err(format!("{request}.headerContentType is not supported")),
    }
}

fn check_retries(part: &Value) -> Result<(), String> {
    let Some(object) = part.as_object() else {
        return Err("must be an object".to_owned());
    };
    let limits = [
        ("minDelayTarget", 1, MOST_AGE),
        ("maxDelayTarget", 1, MOST_AGE),
        ("numRetries", 0, 100),
        ("numNoDelayRetries", 0, 100),
        ("numMinDelayRetries", 0, 100),
        ("numMaxDelayRetries", 0, 100),
    ];
    for (name, least, most) in limits {
        let given = object.get(name).filter(|given| !given.is_null());
        let fits = |given: &Value| {
            let number = given.as_u64().and_then(|number| u32::try_from(number).ok());
            number.is_some_and(|number| (least..=most).contains(&number))
        };
        if !given.is_none_or(fits) {
            return Err(format!("{name} must be between {least} and {most}"));
        }
    }
    let growth = object
        .get("backoffFunction")
        .filter(|growth| !growth.is_null());
    let names = ["linear", "arithmetic", "geometric", "exponential"];
    if !growth.is_none_or(|growth| growth.as_str().is_some_and(|name| names.contains(&name))) {
        return Err(format!(
            "backoffFunction must be one of {}",
            names.join(", ")
        ));
    }
    let mut plan = RetryPlan::default();
    plan.read(part);
    if plan.min > plan.max {
        return Err("minDelayTarget must be less than or equal to maxDelayTarget".to_owned());
    }
    match plan.at_once + plan.at_min + plan.at_max > plan.most {
        true => Err("numRetries must be at least the sum of the retries of all phases".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_three_retries_of_twenty_seconds() {
        let plan = RetryPlan::of(None, None);
        assert_eq!(plan.retries().most, 3);
        for attempts in 0..3 {
            assert_eq!(plan.wait(attempts), Duration::from_secs(20));
        }
    }

    #[test]
    fn waits_grow_through_the_phases() {
        let policy = |growth: &str| {
            format!(
                r#"{{"healthyRetryPolicy":{{"minDelayTarget":10,"maxDelayTarget":90,"numRetries":8,
                "numNoDelayRetries":1,"numMinDelayRetries":1,"numMaxDelayRetries":1,
                "backoffFunction":"{growth}"}}}}"#
            )
        };
        for growth in ["linear", "arithmetic", "geometric", "exponential"] {
            let text = policy(growth);
            assert_eq!(check_own(&text), Ok(()));
            let plan = RetryPlan::of(None, Some(&text));
            let waits: Vec<f64> = (0..8).map(|at| plan.wait(at).as_secs_f64()).collect();
            assert_eq!((waits[0], waits[1]), (0.0, 10.0), "{growth}");
            assert!(
                (waits[6] - 90.0).abs() < 1e-6 && (waits[7] - 90.0).abs() < 1e-6,
                "{growth}"
            );
            assert!(
                waits.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9),
                "{growth}: {waits:?}"
            );
        }
    }

    #[test]
    fn a_topic_may_keep_subscriptions_from_their_own() {
        let own = r#"{"healthyRetryPolicy":{"numRetries":9}}"#;
        let free = r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":5}}}"#;
        let fixed = r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":5},
            "disableSubscriptionOverrides":true}}"#;
        assert_eq!(check_of_topic(fixed), Ok(()));
        assert_eq!(RetryPlan::of(Some(free), Some(own)).most, 9);
        assert_eq!(RetryPlan::of(Some(free), None).most, 5);
        assert_eq!(RetryPlan::of(Some(fixed), Some(own)).most, 5);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for bad in [
            "x",
            "[]",
            r#"{"other":1}"#,
            r#"{"healthyRetryPolicy":{"numRetries":101}}"#,
            r#"{"healthyRetryPolicy":{"numRetries":-1}}"#,
            r#"{"healthyRetryPolicy":{"numRetries":1,"numNoDelayRetries":2}}"#,
            r#"{"healthyRetryPolicy":{"minDelayTarget":30}}"#,
            r#"{"healthyRetryPolicy":{"backoffFunction":"none"}}"#,
            r#"{"healthyRetryPolicy":7}"#,
            r#"{"throttlePolicy":{"maxReceivesPerSecond":0}}"#,
            r#"{"requestPolicy":{"headerContentType":"image/png"}}"#,
        ] {
            assert!(check_own(bad).is_err(), "{bad}");
        }
        assert!(check_of_topic(r#"{"healthyRetryPolicy":{}}"#).is_err());
        assert!(check_of_topic(r#"{"http":{"disableSubscriptionOverrides":1}}"#).is_err());
    }
}
