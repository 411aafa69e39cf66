//! Topics of Amazon SNS as targets. The policy of the topic decides about EventBridge, or that of the
//! target's role.

use api::sns::{Publish, PublishInput};
use platform::{Ctx, Outcome, Result, is_account};
use wire::Entries;

use crate::dispatch::Dispatch;

/// A topic by its ARN.
#[derive(Clone, Copy)]
pub(crate) struct Topic<'a> {
    name: &'a str,
}

impl<'a> Topic<'a> {
    /// The topic of this ARN.
    pub(crate) fn of_arn(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "sns", _, account, name]
                if is_account(account) && is_name(name.strip_suffix(".fifo").unwrap_or(name)) =>
            {
                Some(Self { name })
            }
            _ => None,
        }
    }

    /// Whether messages need a group.
    pub(crate) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }
}

/// Publishes the event to the topic.
pub(crate) async fn deliver(ctx: &Ctx, dispatch: &Dispatch) -> Result<Outcome> {
    let request = PublishInput {
        topic_arn: Some(dispatch.target.arn.clone()),
        target_arn: None,
        phone_number: None,
        message: dispatch.input_apart(ctx).await?,
        subject: None,
        message_structure: None,
        message_attributes: Entries::default(),
        message_deduplication_id: None,
        message_group_id: None,
    };
    dispatch.call::<Publish>(ctx, request).await?;
    Ok(Outcome::Done)
}

/// CreateTopic, `Name`
fn is_name(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=256).contains(&name.len()) && name.bytes().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_known_by_its_arn() {
        let is_fifo = |arn: &str| Topic::of_arn(arn).map(|topic| topic.is_fifo());
        let arn = "arn:aws:sns:eu-west-2:111122223333:t_1";
        assert_eq!(is_fifo(arn), Some(false));
        assert_eq!(is_fifo(&format!("{arn}.fifo")), Some(true));
        for other in [
            "arn:aws:sns:eu-west-2:1:t",
            "arn:aws:sqs:eu-west-2:111122223333:t",
            "arn:aws:sns:eu-west-2:111122223333:",
            "arn:aws:sns:eu-west-2:111122223333:.fifo",
            "arn:aws:sns:eu-west-2:111122223333:t:6b0e",
        ] {
            assert_eq!(is_fifo(other), None, "{other}");
        }
    }
}
