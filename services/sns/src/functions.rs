//! Functions of Lambda as endpoints ("Fanout Amazon SNS notifications to Lambda functions", developer
//! guide). The function's policy decides about Amazon SNS and the topic.

use bytes::Bytes;
use platform::{Ctx, Error, Failure, FunctionCaller, Outcome, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::delivering::{Parcel, SNS};

/// The most characters of a function's name, and of a version or alias (Invoke, `FunctionName` and
/// `Qualifier`).
const MOST_OF_NAME: usize = 64;
const MOST_OF_QUALIFIER: usize = 128;

/// The account of the function, version or alias of this ARN.
pub(crate) fn account(arn: &str) -> Option<&str> {
    let parts: Vec<_> = arn.split(':').collect();
    let [
        "arn",
        split,
        "lambda",
        region,
        account,
        "function",
        name,
        rest @ ..,
    ] = parts.as_slice()
    else {
        return None;
    };
    let is_qualified = match rest {
        [] => true,
        [qualifier] => *qualifier == "$LATEST" || is_name(qualifier, MOST_OF_QUALIFIER),
        _ => false,
    };
    let is_there = !region.is_empty() && *split == platform::partition(region);
    let is_function = is_qualified && is_name(name, MOST_OF_NAME);
    (is_there && is_function && platform::is_account(account)).then_some(*account)
}

/// Has the function get the message some time soon.
pub(crate) async fn deliver(ctx: &Ctx, parcel: &Parcel, function: &str) -> Result<Outcome> {
    let account = parcel.topic_arn.split(':').nth(4).unwrap_or_default();
    let caller = FunctionCaller {
        function: function.to_owned(),
        service: SNS.to_owned(),
        source_arn: parcel.topic_arn.clone(),
        source_account: account.to_owned(),
    };
    let text = parcel.body.open(ctx, &parcel.topic_arn)?;
    let event = event(&parcel.subscription_arn, &text)?;
    let upkeep = ctx.upkeep();
    let queued = upkeep.functions().queue(upkeep, &caller, event).await;
    Ok(match queued {
        Ok(()) => Outcome::Done,
        Err(refused) => {
            let failure = Failure::new(&refused.code, &refused.text);
            match refused.is_transient {
                true => Outcome::Retry(failure),
                false => Outcome::GiveUp(failure),
            }
        }
    })
}

/// The message in an envelope as a function gets it.
fn event(subscription_arn: &str, envelope: &str) -> Result<Bytes> {
    let event = Event {
        records: [Record {
            event_source: "aws:sns",
            event_version: "1.0",
            event_subscription_arn: subscription_arn,
            sns: serde_json::from_str(envelope).map_err(Error::internal)?,
        }],
    };
    let event = serde_json::to_vec(&event).map_err(Error::internal)?;
    Ok(Bytes::from(event))
}

fn is_name(text: &str, most: usize) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=most).contains(&text.len()) && text.bytes().all(is_known)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'a> {
    event_source: &'a str,
    event_version: &'a str,
    event_subscription_arn: &'a str,
    sns: Message,
}

/// An envelope, with the members that functions know under other names.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    #[serde(rename = "Type")]
    kind: String,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    topic_arn: String,
    subject: Option<String>,
    message: String,
    #[serde(
        rename(deserialize = "SubscribeURL", serialize = "SubscribeUrl"),
        skip_serializing_if = "Option::is_none"
    )]
    subscribe_url: Option<String>,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename(deserialize = "SigningCertURL", serialize = "SigningCertUrl"))]
    signing_cert_url: String,
    #[serde(
        rename(deserialize = "UnsubscribeURL", serialize = "UnsubscribeUrl"),
        skip_serializing_if = "Option::is_none"
    )]
    unsubscribe_url: Option<String>,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_known_by_its_arn() {
        let arn = "arn:aws:lambda:eu-west-2:111122223333:function:f-1";
        for qualifier in ["", ":7", ":live", ":$LATEST"] {
            let arn = format!("{arn}{qualifier}");
            assert_eq!(account(&arn), Some("111122223333"), "{arn}");
        }
        for other in [
            "arn:aws-cn:lambda:eu-west-2:111122223333:function:f",
            "arn:aws:lambda:eu-west-2:1:function:f",
            "arn:aws:lambda::111122223333:function:f",
            "arn:aws:lambda:eu-west-2:111122223333:layer:f",
            "arn:aws:lambda:eu-west-2:111122223333:function:",
            "arn:aws:lambda:eu-west-2:111122223333:function:f:1:2",
            "arn:aws:sqs:eu-west-2:111122223333:function:f",
        ] {
            assert_eq!(account(other), None, "{other}");
        }
    }
}
