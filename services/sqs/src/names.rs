//! Names, URLs and ARNs of queues.

use platform::{Ctx, is_account, partition};
use store::Key;
use wire::Fault;

use crate::refusals;

/// What the names of FIFO queues end with.
const FIFO: &str = ".fifo";

/// Where a queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueuePlace {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

impl QueuePlace {
    /// The caller's queue of this name.
    pub(crate) fn own(ctx: &Ctx, name: &str) -> Self {
        Self::of_account(ctx, ctx.account(), name)
    }

    /// The queue of this name that `account` has in the call's Region.
    pub(crate) fn of_account(ctx: &Ctx, account: &str, name: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: ctx.region.clone(),
            name: name.to_owned(),
        }
    }

    /// The queue of this URL, whatever the endpoint is called: account and name are the last two
    /// segments of the path ("Queue and message identifiers", developer guide).
    pub(crate) fn of_url(ctx: &Ctx, url: &str) -> Result<Self, Fault> {
        let bad = || refusals::bad_address(url);
        let (_, rest) = url.split_once("://").ok_or_else(bad)?;
        let mut segments = rest.rsplit('/');
        let (name, account) = (segments.next(), segments.next());
        let (name, account) = name.zip(account).ok_or_else(bad)?;
        match is_account(account) && !name.is_empty() && segments.next().is_some() {
            true => Ok(Self::of_account(ctx, account, name)),
            false => Err(bad()),
        }
    }

    /// The queue of this ARN.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (head, split, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
        let is_queue = head == "arn"
            && service == "sqs"
            && split == partition(region)
            && is_account(account)
            && is_name(name);
        is_queue.then(|| Self {
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
        format!("arn:{}:sqs:{region}:{account}:{name}", partition(region))
    }

    /// The URL, at the endpoint that the caller speaks to. Nobody but the caller is answered with it:
    /// whoever names another host in its own call misleads itself.
    pub(crate) fn url(&self, ctx: &Ctx) -> String {
        let scheme = match ctx.connection.secure {
            true => "https",
            false => "http",
        };
        let own = format!("sqs.{}.amazonaws.com", self.region);
        let host = ctx.connection.host.as_deref().unwrap_or(&own);
        format!("{scheme}://{host}/{}/{}", self.account, self.name)
    }

    /// Where its record is.
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, [self.name.as_str()])
    }
}

/// Checks the name of a queue that is to be made.
pub(crate) fn check_name(name: &str, is_fifo: bool) -> Result<(), Fault> {
    let message = match is_fifo {
        true => {
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or \
             underscores, must end with .fifo suffix and be 1 to 80 in length."
        }
        false => {
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        }
    };
    match is_name(name) && name.ends_with(FIFO) == is_fifo {
        true => Ok(()),
        false => Err(refusals::invalid(message)),
    }
}

fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(FIFO).unwrap_or(name);
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !stem.is_empty() && name.len() <= 80 && stem.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_documented() {
        for (name, is_fifo, is_good) in [
            ("a", false, true),
            ("A-b_9", false, true),
            ("", false, false),
            ("a.b", false, false),
            ("a.fifo", false, false),
            ("a.fifo", true, true),
            (".fifo", true, false),
            ("a", true, false),
            (&"a".repeat(80), false, true),
            (&"a".repeat(81), false, false),
            ("ä", false, false),
        ] {
            assert_eq!(check_name(name, is_fifo).is_ok(), is_good, "{name}");
        }
    }

    #[test]
    fn an_arn_names_a_queue_or_nothing() {
        let arn = "arn:aws:sqs:eu-west-1:111122223333:orders.fifo";
        let place = QueuePlace::of_arn(arn);
        assert_eq!(place.as_ref().map(QueuePlace::arn).as_deref(), Some(arn));
        for other in [
            "orders",
            "arn:aws:sns:eu-west-1:111122223333:orders",
            "arn:aws-cn:sqs:eu-west-1:111122223333:orders",
            "arn:aws:sqs:eu-west-1:1:orders",
            "arn:aws:sqs:eu-west-1:111122223333:",
            "arn:aws:sqs:eu-west-1:111122223333:a:b",
        ] {
            assert_eq!(QueuePlace::of_arn(other), None, "{other}");
        }
    }
}
