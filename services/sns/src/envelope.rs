//! What endpoints are sent that do not ask for raw messages ("Parsing Amazon SNS message formats"),
//! and what of it is signed.

use api::sns::MessageAttributeValue;
use serde_json::{Map, Value, json};
use wire::{Entries, Timestamp};

use crate::signing_key::Signature;

/// A message, before it is signed.
pub(crate) struct Envelope<'a> {
    /// `Notification`, `SubscriptionConfirmation` or `UnsubscribeConfirmation`
    pub(crate) kind: &'a str,
    pub(crate) message_id: &'a str,
    pub(crate) topic_arn: &'a str,
    pub(crate) subject: Option<&'a str>,
    pub(crate) message: &'a str,
    /// `2026-01-01T00:00:00.000Z`
    pub(crate) timestamp: &'a str,
    pub(crate) sequence_number: Option<&'a str>,
    /// What the endpoint can confirm with: the token, and the link that carries it.
    pub(crate) offer: Option<(&'a str, &'a str)>,
}

impl Envelope<'_> {
    /// What is signed ("Verifying the signatures of Amazon SNS messages"): names and values of some
    /// members in the order of their names, each on a line.
    pub(crate) fn to_sign(&self) -> String {
        let (token, link) = self.offer.unzip();
        let is_notification = self.kind == "Notification";
        let members = [
            ("Message", Some(self.message)),
            ("MessageId", Some(self.message_id)),
            ("Subject", self.subject.filter(|_| is_notification)),
            ("SubscribeURL", link),
            ("Timestamp", Some(self.timestamp)),
            ("Token", token),
            ("TopicArn", Some(self.topic_arn)),
            ("Type", Some(self.kind)),
        ];
        let mut text = String::new();
        for (name, value) in members {
            if let Some(value) = value {
                text.extend([name, "\n", value, "\n"]);
            }
        }
        text
    }

    /// The message, signed. `base` is where its links lead, `unsubscribe` one of them.
    pub(crate) fn text(
        &self,
        signature: &Signature,
        base: &str,
        unsubscribe: Option<&str>,
        attributes: &Entries<MessageAttributeValue>,
    ) -> String {
        let certificate = signature.certificate_url(base);
        let (token, link) = self.offer.unzip();
        let members = [
            ("Type", Some(self.kind)),
            ("MessageId", Some(self.message_id)),
            ("SequenceNumber", self.sequence_number),
            ("Token", token),
            ("TopicArn", Some(self.topic_arn)),
            ("Subject", self.subject),
            ("Message", Some(self.message)),
            ("SubscribeURL", link),
            ("Timestamp", Some(self.timestamp)),
            ("SignatureVersion", Some(signature.version)),
            ("Signature", Some(signature.base64.as_str())),
            ("SigningCertURL", Some(certificate.as_str())),
            ("UnsubscribeURL", unsubscribe),
        ];
        let mut lines = Vec::with_capacity(members.len() + 1);
        for (name, value) in members {
            if let Some(value) = value {
                lines.push(format!("  \"{name}\" : {}", Value::from(value)));
            }
        }
        if !attributes.is_empty() {
            lines.push(format!("  \"MessageAttributes\" : {}", shown(attributes)));
        }
        format!("{{\n{}\n}}", lines.join(",\n"))
    }
}

/// A time as messages say it, with milliseconds.
pub(crate) fn timestamp(now: Timestamp) -> String {
    let text = now.iso8601();
    match text.contains('.') {
        true => text,
        false => text.replace('Z', ".000Z"),
    }
}

/// The link that confirms a subscription. `base` is where it leads.
pub(crate) fn confirm_link(base: &str, topic_arn: &str, token: &str) -> String {
    format!("{base}/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}")
}

/// The link that ends a subscription.
pub(crate) fn unsubscribe_link(base: &str, subscription_arn: &str) -> String {
    format!("{base}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}")
}

fn shown(attributes: &Entries<MessageAttributeValue>) -> Value {
    let shown = attributes.iter().map(|(name, value)| {
        let text = value.string_value.clone();
        let bytes = value.binary_value.as_ref();
        let bytes = bytes.map(|bytes| wire::pem::base64(bytes));
        let value = json!({ "Type": value.data_type, "Value": text.or(bytes) });
        (name.clone(), value)
    });
    Value::Object(shown.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope<'a>(kind: &'a str, offer: Option<(&'a str, &'a str)>) -> Envelope<'a> {
        Envelope {
            kind,
            message_id: "i",
            topic_arn: "t",
            subject: Some("s"),
            message: "m",
            timestamp: "now",
            sequence_number: None,
            offer,
        }
    }

    #[test]
    fn what_is_signed_is_in_the_order_of_names() {
        let notification = envelope("Notification", None).to_sign();
        let expected = "Message\nm\nMessageId\ni\nSubject\ns\nTimestamp\nnow\nTopicArn\nt\nType\n\
            Notification\n";
        assert_eq!(notification, expected);
        let confirmation = envelope("SubscriptionConfirmation", Some(("k", "l"))).to_sign();
        let expected = "Message\nm\nMessageId\ni\nSubscribeURL\nl\nTimestamp\nnow\nToken\nk\n\
            TopicArn\nt\nType\nSubscriptionConfirmation\n";
        assert_eq!(confirmation, expected);
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(
            timestamp(Timestamp::from_secs(0)),
            "1970-01-01T00:00:00.000Z"
        );
    }
}
