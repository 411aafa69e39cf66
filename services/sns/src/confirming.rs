//! Asking an endpoint whether it wants messages, and what it answers with: a token that only it was
//! sent.

use crypto::sha256;
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::Topic;
use crate::delivering::Parcel;
use crate::delivery_policy::RetryPlan;
use crate::encryption::Kept;
use crate::envelope::{self, Envelope};
use crate::names::SubscriptionPlace;
use crate::signing_key;
use crate::subscription::{OFFER_MILLIS, Offer, SubscriptionRecord};

/// How many bytes of a token are random.
const RANDOM: usize = 48;

/// What an endpoint is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// Whether it wants messages.
    Subscription,
    /// Whether it wants messages again, after somebody ended the subscription.
    Unsubscription,
}

impl Confirmation {
    fn kind(self) -> &'static str {
        match self {
            Self::Subscription => "SubscriptionConfirmation",
            Self::Unsubscription => "UnsubscribeConfirmation",
        }
    }

    fn message(self, place: &SubscriptionPlace) -> String {
        let link = "visit the SubscribeURL included in this message.";
        match self {
            Self::Subscription => format!(
                "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, {link}",
                place.topic.arn()
            ),
            Self::Unsubscription => format!(
                "You have chosen to deactivate subscription {}.\nTo cancel this operation and \
                 restore the subscription, {link}",
                place.arn()
            ),
        }
    }
}

/// Notes a new token in the record, and stages the message that carries it.
pub(crate) async fn ask(
    ctx: &Ctx,
    topic: &Topic,
    (place, record): (&SubscriptionPlace, &mut SubscriptionRecord),
    what: Confirmation,
) -> Result<()> {
    let token = new_token(ctx, &place.id)?;
    record.offer = Some(Offer {
        token: sha256(token.as_bytes()),
        until_millis: ctx.now.millis + OFFER_MILLIS,
    });
    let (message_id, topic_arn) = (ctx.new_uuid()?, place.topic.arn());
    let link = envelope::confirm_link(ctx.public_url(), &topic_arn, &token);
    let envelope = Envelope {
        kind: what.kind(),
        message_id: &message_id,
        topic_arn: &topic_arn,
        subject: None,
        message: &what.message(place),
        timestamp: &envelope::timestamp(ctx.now),
        sequence_number: None,
        offer: Some((&token, &link)),
    };
    let signature = signing_key::sign(ctx, envelope.to_sign(), topic.is_version_2()).await?;
    let text = envelope.text(&signature, ctx.public_url(), None, &Entries::default());
    let parcel = Parcel {
        subscription_arn: place.arn(),
        kind: what.kind().to_owned(),
        is_raw: false,
        // Who has not agreed to anything is not called as often as whoever subscribes likes.
        to: record.to(RetryPlan::default),
        dead_letters: None,
        body: Kept::Plain(text),
        attributes: Vec::new(),
        deduplication: None,
        group: None,
        message_id,
        topic_arn,
    };
    parcel.stage(ctx, &record.owner, false).await
}

/// A token: the subscription's id, then what nobody can guess, in hexadecimal digits.
fn new_token(ctx: &Ctx, id: &str) -> Result<String> {
    let random: [u8; RANDOM] = ctx.random_bytes()?;
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}{digits}", id.replace('-', "")))
}

/// The id of the subscription that a token is for; none for what is no token.
pub(crate) fn subscription_of(token: &str) -> Option<String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_token = token.len() == 32 + 2 * RANDOM && token.bytes().all(is_digit);
    let id = token.get(..32).filter(|_| is_token)?;
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts: Option<Vec<&str>> = parts.into_iter().map(|part| id.get(part)).collect();
    Some(parts?.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_subscription() {
        let id = "0123456789abcdef0123456789abcdef";
        let token = format!("{id}{}", "7".repeat(2 * RANDOM));
        let found = subscription_of(&token);
        assert_eq!(
            found.as_deref(),
            Some("01234567-89ab-cdef-0123-456789abcdef")
        );
        for bad in ["", id, &token[1..], &token.replace('7', "X")] {
            assert_eq!(subscription_of(bad), None, "{bad}");
        }
    }
}
