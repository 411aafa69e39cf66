//! Topics.

use std::collections::BTreeMap;
use std::sync::Arc;

use platform::{Ctx, Derived, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Record;
use wire::Fault;

use crate::names::TopicPlace;
use crate::{delivery_policy, permissions, refusals};

/// What the store keeps of a topic.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TopicRecord {
    pub(crate) name: String,
    /// What was set, by the attribute's name. Users and roles that the policy names are kept by
    /// their unique ids.
    pub(crate) settings: BTreeMap<String, String>,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

impl Record for TopicRecord {
    const TABLE: &'static str = "sns.topics";
    const SERVICE: &'static str = "sns";
}

/// The longest message of a topic by default, and at most (SetTopicAttributes).
const USUAL_SIZE: usize = 262_144;
const LARGEST_SIZE: usize = 1 << 20;
/// The longest policy, in bytes ("Amazon SNS quotas").
const MOST_POLICY: usize = 30_720;
/// The longest name of a key: an ARN (KMS, `KeyId`).
const LONGEST_KEY_ID: usize = 2048;
/// The longest name that a topic is shown by.
const LONGEST_DISPLAY: usize = 100;

impl TopicRecord {
    /// A topic on which nothing is set.
    pub(crate) fn new(place: &TopicPlace) -> Self {
        Self {
            name: place.name.clone(),
            settings: BTreeMap::new(),
            tags: Vec::new(),
            parsed: Derived::default(),
        }
    }

    /// The topic, if there is one.
    pub(crate) async fn get(ctx: &Ctx, place: &TopicPlace) -> Result<Option<Arc<Self>>> {
        ctx.get(&place.key()).await
    }

    /// Sets an attribute. FIFO topics are made, not changed.
    pub(crate) async fn set(&mut self, ctx: &Ctx, name: &str, value: &str) -> Result<()> {
        check(name, value, self.is_fifo())?;
        let kept = match name {
            "Policy" => kept_policy(ctx, value).await?,
            _ => value.to_owned(),
        };
        match kept.is_empty() {
            true => drop(self.settings.remove(name)),
            false => drop(self.settings.insert(name.to_owned(), kept)),
        }
        Ok(())
    }

    /// Whether it is a FIFO topic.
    pub(crate) fn is_fifo(&self) -> bool {
        self.has("FifoTopic")
    }

    /// Whether an attribute is `true`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.settings.get(name).is_some_and(|value| value == "true")
    }

    /// The longest message, in bytes.
    pub(crate) fn largest(&self) -> usize {
        let set = self.settings.get("MaximumMessageSize");
        let set = set.and_then(|value| value.parse().ok());
        set.unwrap_or(USUAL_SIZE)
    }

    /// The policy that was set, parsed once.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>> {
        let Some(text) = self.settings.get("Policy") else {
            return Ok(None);
        };
        let parsed = self.parsed.get_or_make(|| {
            Policy::parse(text, PolicyKind::Resource).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored policy is malformed: {detail}"))
            })
        });
        parsed.map(Some)
    }

    /// Whether messages are signed over SHA-256.
    pub(crate) fn is_version_2(&self) -> bool {
        let version = self.settings.get("SignatureVersion");
        version.is_some_and(|version| version == "2")
    }

    /// Whether it takes messages that not every endpoint does.
    pub(crate) fn takes_large(&self) -> bool {
        self.largest() > USUAL_SIZE
    }

    /// The policy in the form that it is kept in: that which every topic has, if none was set.
    pub(crate) fn kept_policy(&self, place: &TopicPlace) -> String {
        let own = self.settings.get("Policy");
        own.cloned().unwrap_or_else(|| default_policy(place))
    }

    /// The policy as AWS shows it: that which every topic has, if none was set.
    pub(crate) async fn shown_policy(&self, ctx: &Ctx, place: &TopicPlace) -> Result<String> {
        match self.settings.get("Policy") {
            Some(policy) => ctx.show_principals(policy).await,
            None => Ok(default_policy(place)),
        }
    }
}

/// What every topic says at first. It lets nobody in: no caller has an `AWS:SourceOwner`.
pub(crate) fn default_policy(place: &TopicPlace) -> String {
    let actions = permissions::ACTIONS.map(|action| format!("SNS:{action}"));
    let document = json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions,
            "Resource": place.arn(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": place.account } },
        }],
    });
    policy::canonical(&document.to_string())
}

/// The form in which a policy is kept.
pub(crate) async fn kept_policy(ctx: &Ctx, document: &str) -> Result<String> {
    let bad = || refusals::invalid("Invalid parameter: Policy Error: null");
    if document.len() > MOST_POLICY {
        return Err(bad().into());
    }
    let parsed = Policy::parse(document, PolicyKind::Resource).map_err(|_| bad())?;
    permissions::check_scope(document)?;
    let kept = ctx.bind_canonical(document, &parsed).await?;
    let kept = kept.map_err(|_| {
        refusals::invalid("Invalid parameter: Policy statement principal: PrincipalNotFound")
    })?;
    Ok(kept)
}

fn check(name: &str, value: &str, is_fifo: bool) -> Result<(), Fault> {
    let is_word = matches!(value, "true" | "false");
    let size = value.parse::<usize>().ok();
    let is_good = match name {
        "Policy" => !value.is_empty(),
        "DisplayName" => value.chars().count() <= LONGEST_DISPLAY,
        "ContentBasedDeduplication" => is_fifo && is_word,
        "FifoThroughputScope" => is_fifo && matches!(value, "Topic" | "MessageGroup"),
        "MaximumMessageSize" => size.is_some_and(|size| (1024..=LARGEST_SIZE).contains(&size)),
        "TracingConfig" if value == "PassThrough" => true,
        "TracingConfig" if value == "Active" && !is_fifo => {
            return Err(refusals::unsupported("active tracing"));
        }
        "KmsMasterKeyId" => value.len() <= LONGEST_KEY_ID,
        "SignatureVersion" => matches!(value, "1" | "2"),
        "DeliveryPolicy" if value.is_empty() => true,
        "DeliveryPolicy" => {
            let checked = delivery_policy::check_of_topic(value);
            return checked.map_err(|reason| refusals::bad(&format!("DeliveryPolicy: {reason}")));
        }
        "TracingConfig" => false,
        "ArchivePolicy" => return Err(refusals::unsupported("message archives")),
        // Which part of deliveries is logged, if any is: that takes a role.
        _ if is_feedback(name) && name.ends_with("SampleRate") => {
            value.is_empty() || size.is_some_and(|percent| percent <= 100)
        }
        _ if is_feedback(name) => {
            return Err(refusals::unsupported("delivery status logging"));
        }
        _ => return Err(refusals::bad("AttributeName")),
    };
    match is_good {
        true => Ok(()),
        false => Err(refusals::bad(&format!("Attributes {name}"))),
    }
}

/// Whether an attribute is about the status of deliveries: a kind of endpoint, then what is logged.
fn is_feedback(name: &str) -> bool {
    let kinds = ["HTTP", "Firehose", "Lambda", "Application", "SQS"];
    let rest = kinds.iter().find_map(|kind| name.strip_prefix(kind));
    let whats = [
        "SuccessFeedbackRoleArn",
        "SuccessFeedbackSampleRate",
        "FailureFeedbackRoleArn",
    ];
    rest.is_some_and(|rest| whats.contains(&rest))
}
