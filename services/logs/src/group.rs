//! Log groups, as the store keeps them.

use api::logs::LogGroupClass;
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::refusals;

/// What the store keeps of a log group.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GroupRecord {
    /// Drawn anew for each group: one that takes the name of a deleted group finds nothing of it.
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// Without `:*` at its end.
    pub(crate) arn: String,
    pub(crate) created_millis: i64,
    pub(crate) class: Class,
    /// None where events are kept for ever.
    pub(crate) retention_in_days: Option<u32>,
    pub(crate) is_protected: bool,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    /// One for each association with a KMS key, the first to the last: events name theirs by its
    /// position.
    pub(crate) data_keys: Vec<WrappedDataKey>,
    /// Whether the last of the data keys encrypts what comes in now.
    pub(crate) is_encrypted: bool,
}

/// A data key as KMS keeps it from everybody.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WrappedDataKey {
    /// The ARN of the KMS key.
    pub(crate) kms_key: String,
    /// The data key's ciphertext.
    pub(crate) blob: Vec<u8>,
}

/// The class of a log group.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Class {
    Standard,
    InfrequentAccess,
    Delivery,
    Essentials,
}

impl Record for GroupRecord {
    const TABLE: &'static str = "logs.groups";
    const SERVICE: &'static str = "logs";
}

impl GroupRecord {
    /// Where the group of this name stands.
    pub(crate) fn place(account: &str, region: &str, name: &str) -> Key {
        Key::new(account, region, [name])
    }

    /// Where the groups of an account in a Region stand.
    pub(crate) fn all(account: &str, region: &str) -> Key {
        Key::new(account, region, [] as [&str; 0])
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx) {
        let place = Self::place(&self.account, &self.region, &self.name);
        ctx.put(place, self).await;
    }

    /// The data key that encrypts what comes in now, with its position.
    pub(crate) fn current_data_key(&self) -> Option<(usize, &WrappedDataKey)> {
        let last = self.data_keys.iter().enumerate().next_back();
        last.filter(|_| self.is_encrypted)
    }

    /// Before this time, in milliseconds, events have expired at `now`.
    pub(crate) fn expired_before(&self, now_millis: i64) -> Option<i64> {
        let days = self.retention_in_days?;
        Some(now_millis - i64::from(days) * DAY_MILLIS)
    }

    /// Refuses what AWS does for log groups of the standard class alone ("Log classes").
    pub(crate) fn check_standard(&self) -> Result<()> {
        match self.class {
            Class::Standard => Ok(()),
            _ => Err(refusals::not_standard().into()),
        }
    }

    /// Refuses what AWS does for no log group of the class that only delivers.
    pub(crate) fn check_not_delivery(&self) -> Result<()> {
        match self.class {
            Class::Delivery => Err(refusals::delivery_class().into()),
            _ => Ok(()),
        }
    }
}

/// Milliseconds of a day.
pub(crate) const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// The ARN of a log group, as tags and KMS know it.
pub(crate) fn arn(region: &str, account: &str, name: &str) -> String {
    let partition = platform::partition(region);
    format!("arn:{partition}:logs:{region}:{account}:log-group:{name}")
}

impl From<LogGroupClass> for Class {
    fn from(class: LogGroupClass) -> Self {
        match class {
            LogGroupClass::Standard => Self::Standard,
            LogGroupClass::InfrequentAccess => Self::InfrequentAccess,
            LogGroupClass::Delivery => Self::Delivery,
            LogGroupClass::Essentials => Self::Essentials,
        }
    }
}

impl From<Class> for LogGroupClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Standard => Self::Standard,
            Class::InfrequentAccess => Self::InfrequentAccess,
            Class::Delivery => Self::Delivery,
            Class::Essentials => Self::Essentials,
        }
    }
}
