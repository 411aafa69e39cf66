//! The attributes of a queue that callers set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::Fault;

use crate::refusals;

/// The longest message, in bytes ("Message quotas", developer guide).
pub(crate) const LARGEST: i64 = 1 << 20;

/// What was set, by the attribute's name; defaults are not kept.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings(BTreeMap<String, String>);

/// Attributes that are numbers: the least, the greatest, and the default (CreateQueue).
const NUMBERS: &[(&str, i64, i64, i64)] = &[
    ("DelaySeconds", 0, 900, 0),
    ("KmsDataKeyReusePeriodSeconds", 60, 86_400, 300),
    ("MaximumMessageSize", 1024, LARGEST, LARGEST),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("VisibilityTimeout", 0, 43_200, 30),
];

/// Attributes that are one of a few words, the first of which is the default, and whether they are
/// for FIFO queues alone.
const WORDS: &[(&str, &[&str], bool)] = &[
    ("ContentBasedDeduplication", &["false", "true"], true),
    ("DeduplicationScope", &["queue", "messageGroup"], true),
    ("FifoQueue", &["false", "true"], true),
    (
        "FifoThroughputLimit",
        &["perQueue", "perMessageGroupId"],
        true,
    ),
    ("SqsManagedSseEnabled", &["true", "false"], false),
];

/// Attributes that are texts, and go where they are set to nothing.
const TEXTS: &[&str] = &[
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "RedrivePolicy",
];

impl Settings {
    /// The settings of a new queue. Says nothing yet of what policies hold.
    pub(crate) fn new(given: &[(String, String)]) -> Result<Self, Fault> {
        let mut settings = Self::default();
        settings.set(given)?;
        Ok(settings)
    }

    /// Changes the settings of a queue that there is.
    pub(crate) fn change(&mut self, given: &[(String, String)]) -> Result<(), Fault> {
        let was = self.is_fifo();
        if was && given.contains(&("FifoQueue".to_owned(), "false".to_owned())) {
            let reason = "Modifying queue type is not supported.";
            return Err(refusals::bad_attribute_because("FifoQueue", reason));
        }
        self.set(given)?;
        match self.is_fifo() == was {
            true => Ok(()),
            false => Err(refusals::unknown_attribute("FifoQueue")),
        }
    }

    fn set(&mut self, given: &[(String, String)]) -> Result<(), Fault> {
        for (name, value) in given {
            check(name, value)?;
            match value.is_empty() {
                true => drop(self.0.remove(name)),
                false => drop(self.0.insert(name.clone(), value.clone())),
            }
        }
        self.check_type()?;
        self.check_encryption(given)
    }

    fn check_type(&self) -> Result<(), Fault> {
        let is_fifo = self.is_fifo();
        for (name, _, is_for_fifo) in WORDS {
            if self.0.contains_key(*name) && *is_for_fifo && !is_fifo {
                return Err(refusals::unknown_attribute(name));
            }
        }
        let is_fast = self.word("FifoThroughputLimit") == "perMessageGroupId";
        match is_fast && self.word("DeduplicationScope") != "messageGroup" {
            true => Err(refusals::bad_attribute_because(
                "FifoThroughputLimit",
                "The value perMessageGroupId is allowed only when the value for \
                 DeduplicationScope is messageGroup.",
            )),
            false => Ok(()),
        }
    }

    /// A queue is encrypted in one way at a time; the last one that is asked for counts.
    fn check_encryption(&mut self, given: &[(String, String)]) -> Result<(), Fault> {
        let given = |name: &str| given.iter().find(|(known, _)| known == name);
        let key = given("KmsMasterKeyId").is_some_and(|(_, key)| !key.is_empty());
        let managed = given("SqsManagedSseEnabled").is_some_and(|(_, value)| value == "true");
        match (key, managed) {
            (true, true) => {
                return Err(refusals::two_encryptions());
            }
            (true, false) => drop(self.0.remove("SqsManagedSseEnabled")),
            (false, true) => drop(self.0.remove("KmsMasterKeyId")),
            (false, false) => {}
        }
        Ok(())
    }

    /// What was set of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a text, or takes it away.
    pub(crate) fn put(&mut self, name: &str, value: Option<String>) {
        match value {
            Some(value) => drop(self.0.insert(name.to_owned(), value)),
            None => drop(self.0.remove(name)),
        }
    }

    /// A number, set or by default.
    pub(crate) fn number(&self, name: &str) -> i64 {
        let set = self.get(name).and_then(|value| value.parse().ok());
        let mut numbers = NUMBERS.iter();
        let default = numbers.find(|(known, ..)| *known == name);
        set.or(default.map(|(.., default)| *default))
            .unwrap_or_default()
    }

    /// A number of seconds, in milliseconds.
    pub(crate) fn millis(&self, name: &str) -> i64 {
        self.number(name).saturating_mul(1000)
    }

    /// A word, set or by default.
    pub(crate) fn word(&self, name: &str) -> &str {
        let mut words = WORDS.iter();
        let default = words.find(|(known, ..)| *known == name);
        let default = default.and_then(|(_, words, _)| words.first().copied());
        self.get(name).or(default).unwrap_or_default()
    }

    /// Whether it is a FIFO queue.
    pub(crate) fn is_fifo(&self) -> bool {
        self.word("FifoQueue") == "true"
    }

    /// The KMS key, as it was named, if there is one.
    pub(crate) fn kms_key(&self) -> Option<&str> {
        self.get("KmsMasterKeyId")
    }

    /// All attributes that a caller sees, but the policy.
    pub(crate) fn shown(&self) -> BTreeMap<String, String> {
        let mut shown = BTreeMap::new();
        for (name, ..) in NUMBERS {
            shown.insert((*name).to_owned(), self.number(name).to_string());
        }
        for (name, _, is_for_fifo) in WORDS {
            if !is_for_fifo || self.is_fifo() {
                shown.insert((*name).to_owned(), self.word(name).to_owned());
            }
        }
        if self.kms_key().is_some() {
            shown.insert("SqsManagedSseEnabled".to_owned(), "false".to_owned());
        } else {
            shown.remove("KmsDataKeyReusePeriodSeconds");
        }
        for name in TEXTS {
            if let Some(value) = self.get(name).filter(|_| *name != "Policy") {
                shown.insert((*name).to_owned(), value.to_owned());
            }
        }
        shown
    }

    /// The first attribute of `given` that differs from what the queue has (CreateQueue). The
    /// policy is compared by who can read it.
    pub(crate) fn first_difference<'a>(
        &self,
        given: &'a [(String, String)],
        policy: Option<&str>,
    ) -> Option<&'a str> {
        let shown = self.shown();
        let differs = |(name, value): &&(String, String)| {
            let has = match name.as_str() {
                "Policy" => policy,
                _ => shown.get(name).map(String::as_str),
            };
            !is_same(has.unwrap_or_default(), value)
        };
        given.iter().find(differs).map(|(name, _)| name.as_str())
    }
}

/// Whether two values mean the same: JSON is compared as such.
fn is_same(one: &str, other: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || parsed(one).is_some() && parsed(one) == parsed(other)
}

/// Checks one attribute by itself.
fn check(name: &str, value: &str) -> Result<(), Fault> {
    if let Some((_, least, greatest, _)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
        let number = value.parse::<i64>().ok();
        return match number.is_some_and(|number| (*least..=*greatest).contains(&number)) {
            true => Ok(()),
            false => Err(refusals::bad_attribute(name)),
        };
    }
    if let Some((_, words, _)) = WORDS.iter().find(|(known, ..)| *known == name) {
        return match words.contains(&value) && (name, value) != ("FifoQueue", "false") {
            true => Ok(()),
            false => Err(refusals::unknown_or_bad(name, words.contains(&value))),
        };
    }
    match TEXTS.contains(&name) {
        true => Ok(()),
        false => Err(refusals::unknown_attribute(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        given.iter().map(owned).collect()
    }

    #[test]
    fn numbers_have_bounds_and_defaults() {
        for (name, least, greatest, default) in NUMBERS {
            assert_eq!(Settings::default().number(name), *default);
            for (number, is_good) in [
                (*least, true),
                (*greatest, true),
                (least - 1, false),
                (greatest + 1, false),
            ] {
                let given = pairs(&[(name, &number.to_string())]);
                assert_eq!(Settings::new(&given).is_ok(), is_good, "{name} {number}");
            }
            assert!(Settings::new(&pairs(&[(name, "x")])).is_err());
        }
    }

    #[test]
    fn a_queue_is_of_one_type_for_ever() {
        let fifo = pairs(&[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]);
        let mut settings = Settings::new(&fifo).ok().expect("settings");
        assert!(settings.is_fifo());
        assert!(settings.change(&pairs(&[("DelaySeconds", "3")])).is_ok());
        assert!(Settings::new(&fifo[1..]).is_err(), "for FIFO queues alone");
        let mut standard = Settings::default();
        assert!(standard.change(&fifo[..1]).is_err());
        assert!(Settings::new(&pairs(&[("FifoQueue", "false")])).is_err());
    }

    #[test]
    fn encryption_is_of_one_kind() {
        let both = pairs(&[("KmsMasterKeyId", "k"), ("SqsManagedSseEnabled", "true")]);
        assert!(Settings::new(&both).is_err());
        let mut settings = Settings::new(&both[..1]).ok().expect("settings");
        assert_eq!(settings.shown()["SqsManagedSseEnabled"], "false");
        assert_eq!(settings.shown()["KmsDataKeyReusePeriodSeconds"], "300");
        assert!(settings.change(&both[1..]).is_ok());
        assert_eq!(settings.kms_key(), None);
        assert_eq!(settings.shown()["SqsManagedSseEnabled"], "true");
    }

    #[test]
    fn what_differs_is_named() {
        let settings = Settings::new(&pairs(&[("DelaySeconds", "3")]))
            .ok()
            .expect("settings");
        let differs = |given: &[(&str, &str)]| {
            let given = pairs(given);
            settings.first_difference(&given, None).map(str::to_owned)
        };
        assert_eq!(differs(&[]), None);
        assert_eq!(
            differs(&[("DelaySeconds", "3"), ("VisibilityTimeout", "30")]),
            None
        );
        let other = differs(&[("DelaySeconds", "3"), ("VisibilityTimeout", "31")]);
        assert_eq!(other.as_deref(), Some("VisibilityTimeout"));
        assert!(is_same("{\"a\": 1}", "{\"a\":1}"));
        assert!(!is_same("{\"a\": 1}", "{\"a\":2}"));
    }
}
