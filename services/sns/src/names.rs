//! Names and ARNs of topics and subscriptions.

use platform::{Ctx, is_account, partition};
use store::Key;
use wire::Fault;

use crate::refusals;

/// What the names of FIFO topics end with.
const FIFO: &str = ".fifo";

/// Where a topic is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicPlace {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

impl TopicPlace {
    /// The caller's topic of this name.
    pub(crate) fn own(ctx: &Ctx, name: &str) -> Self {
        Self {
            account: ctx.account().to_owned(),
            region: ctx.region.clone(),
            name: name.to_owned(),
        }
    }

    /// The topic of this ARN, in the call's Region.
    pub(crate) fn asked(ctx: &Ctx, arn: &str) -> Result<Self, Fault> {
        if let Some(few) = refusals::few_elements("TopicArn", arn) {
            return Err(few);
        }
        let found = Self::of_arn(arn).filter(|place| place.region == ctx.region);
        found.ok_or_else(|| refusals::bad("TopicArn"))
    }

    /// The topic of this ARN.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (head, split, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
        let is_topic = head == "arn"
            && service == "sns"
            && split == partition(region)
            && is_account(account)
            && is_name(name);
        is_topic.then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        let Self {
            account,
            region,
            name,
        } = self;
        format!("arn:{}:sns:{region}:{account}:{name}", partition(region))
    }

    /// Whether its name is that of a FIFO topic, as those of all FIFO topics are.
    pub(crate) fn is_fifo(&self) -> bool {
        self.name.ends_with(FIFO)
    }

    /// Where its record is, and below that its subscriptions.
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, [self.name.as_str()])
    }
}

/// Where a subscription is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubscriptionPlace {
    pub(crate) topic: TopicPlace,
    pub(crate) id: String,
}

impl SubscriptionPlace {
    /// The subscription of this ARN, in the call's Region.
    pub(crate) fn asked(ctx: &Ctx, arn: &str) -> Result<Self, Fault> {
        if let Some(few) = refusals::few_elements("SubscriptionArn", arn) {
            return Err(few);
        }
        let found = Self::of_arn(arn).filter(|place| place.topic.region == ctx.region);
        found.ok_or_else(|| refusals::bad("SubscriptionArn"))
    }

    /// The subscription of this ARN.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let (topic, id) = arn.rsplit_once(':')?;
        let topic = TopicPlace::of_arn(topic).filter(|_| !id.is_empty())?;
        Some(Self {
            topic,
            id: id.to_owned(),
        })
    }

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        format!("{}:{}", self.topic.arn(), self.id)
    }

    /// Where its record is.
    pub(crate) fn key(&self) -> Key {
        self.topic.key().with(&self.id)
    }
}

/// Checks the name of a topic that is to be made (CreateTopic, `Name`).
pub(crate) fn check_name(name: &str, is_fifo: bool) -> Result<(), Fault> {
    match is_name(name) && name.ends_with(FIFO) == is_fifo {
        true => Ok(()),
        false if is_fifo => Err(refusals::invalid(
            "Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only \
             uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be \
             between 1 and 256 characters long.",
        )),
        false => Err(refusals::invalid("Invalid parameter: Topic Name")),
    }
}

fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(FIFO).unwrap_or(name);
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !stem.is_empty() && name.len() <= 256 && stem.bytes().all(is_letter)
}
