//! Formats of rules and their targets that are read and no longer written.

use std::collections::BTreeMap;

use platform::Derived;
use serde::{Deserialize, Serialize};
use store::{DecodeError, Migrate, OldFormat};

use crate::input::Input;
use crate::rules::{RuleRecord, RulesRecord};
use crate::targets::{HttpRecord, TargetRecord};

/// Rules as they were when targets were buses, log groups and API destinations.
#[derive(Deserialize)]
pub(crate) struct RulesRecord2 {
    rules: BTreeMap<String, RuleRecord2>,
}

#[derive(Deserialize)]
struct RuleRecord2 {
    pattern: Option<String>,
    schedule: Option<String>,
    state: String,
    description: Option<String>,
    creator: String,
    tags: Vec<(String, String)>,
    targets: Vec<TargetRecord2>,
    role: Option<String>,
}

/// A target without message group and dead-letter queue.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TargetRecord2 {
    id: String,
    arn: String,
    role: Option<String>,
    input: Input,
    http: Option<HttpRecord>,
    retries: Option<(Option<u32>, Option<u32>)>,
}

/// Rules as they were when targets were buses alone.
#[derive(Deserialize)]
pub(crate) struct RulesRecord1 {
    rules: BTreeMap<String, RuleRecord1>,
}

#[derive(Deserialize)]
struct RuleRecord1 {
    pattern: Option<String>,
    schedule: Option<String>,
    state: String,
    description: Option<String>,
    creator: String,
    tags: Vec<(String, String)>,
    /// Ids and ARNs.
    targets: Vec<(String, String)>,
}

impl OldFormat for RulesRecord1 {
    const FORMAT: u8 = 1;
}

impl OldFormat for RulesRecord2 {
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Migrate for RulesRecord2 {
    type Previous = RulesRecord1;

    fn migrate(previous: RulesRecord1) -> Self {
        let rules = previous.rules.into_iter().map(|(name, rule)| {
            let targets = rule.targets.into_iter();
            let rule = RuleRecord2 {
                pattern: rule.pattern,
                schedule: rule.schedule,
                state: rule.state,
                description: rule.description,
                creator: rule.creator,
                tags: rule.tags,
                targets: targets.map(TargetRecord2::bus).collect(),
                role: None,
            };
            (name, rule)
        });
        Self {
            rules: rules.collect(),
        }
    }
}

impl Migrate for RulesRecord {
    type Previous = RulesRecord2;

    fn migrate(previous: RulesRecord2) -> Self {
        let rules = previous.rules.into_iter().map(|(name, rule)| {
            let targets = rule.targets.into_iter();
            let rule = RuleRecord {
                pattern: rule.pattern,
                schedule: rule.schedule,
                state: rule.state,
                description: rule.description,
                creator: rule.creator,
                tags: rule.tags,
                targets: targets.map(TargetRecord::from).collect(),
                role: rule.role,
            };
            (name, rule)
        });
        Self {
            rules: rules.collect(),
            compiled: Derived::default(),
        }
    }
}

impl TargetRecord2 {
    fn bus((id, arn): (String, String)) -> Self {
        Self {
            id,
            arn,
            role: None,
            input: Input::Event,
            http: None,
            retries: None,
        }
    }
}

impl From<TargetRecord2> for TargetRecord {
    fn from(old: TargetRecord2) -> Self {
        Self {
            id: old.id,
            arn: old.arn,
            role: old.role,
            input: old.input,
            http: old.http,
            retries: old.retries,
            group: None,
            dead_letters: None,
        }
    }
}
