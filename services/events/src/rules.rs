//! Rules of a bus.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::events::{Rule, RuleState};
use patterns::{Pattern, RuleSet};
use platform::{Ctx, Derived, Error, Result};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Migrate as _, Record};

use crate::access::Thing;
use crate::listening::{Listener, Listening};
use crate::names::BusPlace;
use crate::refusals;
use crate::targets::TargetRecord;

/// What the store keeps of a bus's rules: all of them together, since every event asks for all.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct RulesRecord {
    /// By name.
    pub(crate) rules: BTreeMap<String, RuleRecord>,
    #[serde(skip)]
    pub(crate) compiled: Derived<RuleSet<String>>,
}

/// A rule.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct RuleRecord {
    /// The JSON text of the pattern.
    pub(crate) pattern: Option<String>,
    /// `rate(..)` or `cron(..)`.
    pub(crate) schedule: Option<String>,
    /// `ENABLED`, `DISABLED` or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    pub(crate) state: String,
    /// The description.
    pub(crate) description: Option<String>,
    /// The account that made it.
    pub(crate) creator: String,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    /// In the order in which they were added.
    pub(crate) targets: Vec<TargetRecord>,
    /// The ARN of the role that the rule has.
    pub(crate) role: Option<String>,
}

impl Record for RulesRecord {
    const TABLE: &'static str = "events.rules";
    const SERVICE: &'static str = "events";
    const FORMAT: u8 = 3;

    fn decode_older(format: u8, bytes: &[u8]) -> std::result::Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl RulesRecord {
    /// The rules of a bus, which may be none.
    pub(crate) async fn get(ctx: &Ctx, place: &BusPlace) -> Result<Arc<Self>> {
        Ok(ctx.get(&place.key()).await?.unwrap_or_default())
    }

    /// A copy to change.
    pub(crate) async fn draft(ctx: &Ctx, place: &BusPlace) -> Result<Self> {
        Ok(Self::clone(&*Self::get(ctx, place).await?))
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, place: &BusPlace) -> Result<()> {
        Listening::note(ctx, place, Listener::Rules, self.listens()).await?;
        if self.rules.is_empty() {
            ctx.delete::<Self>(&place.key()).await;
        } else {
            ctx.put(place.key(), self).await;
        }
        Ok(())
    }

    /// Whether any rule looks for events, and if so whether any looks for calls that read.
    fn listens(&self) -> Option<bool> {
        let all = RuleState::EnabledWithAllCloudtrailManagementEvents.as_str();
        let rules = self.rules.values();
        let rules = rules.filter(|rule| rule.is_enabled() && rule.pattern.is_some());
        rules
            .map(|rule| rule.state == all)
            .reduce(|one, other| one || other)
    }

    /// The rule of this name, or AWS's error.
    pub(crate) fn existing(&self, name: &str, place: &BusPlace) -> Result<&RuleRecord> {
        let found = self.rules.get(name);
        Ok(found.ok_or_else(|| refusals::no_rule(name, &place.name))?)
    }

    /// The same, to change.
    pub(crate) fn existing_mut(&mut self, name: &str, place: &BusPlace) -> Result<&mut RuleRecord> {
        let found = self.rules.get_mut(name);
        Ok(found.ok_or_else(|| refusals::no_rule(name, &place.name))?)
    }

    /// A rule, for decisions, whether or not it exists.
    pub(crate) async fn thing(ctx: &Ctx, place: &BusPlace, name: &str) -> Result<Thing> {
        let rules = Self::get(ctx, place).await?;
        let found = rules.rules.get(name);
        Ok(Thing {
            arn: place.rule_arn(name),
            account: place.account.clone(),
            tags: found.map(|rule| rule.tags.clone()).unwrap_or_default(),
            creator: found.map(|rule| rule.creator.clone()),
        })
    }

    /// The patterns of the rules that are enabled, compiled once.
    pub(crate) fn compiled(&self) -> Result<&RuleSet<String>> {
        self.compiled.get_or_make(|| {
            let enabled = self.rules.iter().filter(|(_, rule)| rule.is_enabled());
            let mut patterns = Vec::new();
            for (name, rule) in enabled {
                if let Some(text) = &rule.pattern {
                    let pattern = Pattern::parse(text).map_err(Error::internal)?;
                    patterns.push((name.clone(), pattern));
                }
            }
            let patterns = patterns
                .iter()
                .map(|(name, pattern)| (name.clone(), pattern));
            Ok(RuleSet::new(patterns))
        })
    }
}

/// The pattern of a text that is to become one of a rule or an archive.
pub(crate) fn new_pattern(text: &str) -> Result<Pattern> {
    let pattern = Pattern::parse(text).map_err(|error| refusals::bad_pattern(&error))?;
    match pattern.is_too_complex() {
        true => Err(refusals::too_complex().into()),
        false => Ok(pattern),
    }
}

impl RuleRecord {
    /// Whether events can match.
    pub(crate) fn is_enabled(&self) -> bool {
        self.state != RuleState::Disabled.as_str()
    }

    /// The rule as lists show it.
    pub(crate) fn shown(&self, name: &str, place: &BusPlace) -> Rule {
        Rule {
            name: Some(name.to_owned()),
            arn: Some(place.rule_arn(name)),
            event_pattern: self.pattern.clone(),
            state: RuleState::parse(&self.state),
            description: self.description.clone(),
            schedule_expression: self.schedule.clone(),
            role_arn: self.role.clone(),
            managed_by: None,
            event_bus_name: Some(place.name.clone()),
        }
    }
}
