//! Which rules of a bus get to see an event, and whether archives keep it.

use api::events::RuleState;
use patterns::Event;
use platform::Result;
use serde::{Deserialize, Serialize};

use crate::names::BusPlace;
use crate::rules::RulesRecord;

/// Whom an event is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Audience {
    /// Every rule whose pattern matches.
    Everyone,
    /// Rules whose pattern matches and that ask for all management events: the event tells of a call
    /// that read something ("Receiving read-only management events", EventBridge user guide).
    AllManagementEvents,
    /// A replay: those of these rules, by ARN, whose pattern matches; every rule if none is named.
    Replay(Vec<String>),
    /// The rule of this name, whose schedule says that it is time.
    Schedule(String),
}

impl Audience {
    /// The names of the rules of a bus that take an event with these fields.
    pub(crate) fn rules<'a>(
        &self,
        all: &'a RulesRecord,
        bus: &BusPlace,
        fields: &Event,
    ) -> Result<Vec<&'a String>> {
        if let Self::Schedule(name) = self {
            let own = all.rules.get_key_value(name);
            let own = own.filter(|(_, rule)| rule.is_enabled());
            return Ok(own.map(|(name, _)| name).into_iter().collect());
        }
        let asks_for_all = |name: &String| {
            let state = RuleState::EnabledWithAllCloudtrailManagementEvents.as_str();
            all.rules.get(name).is_some_and(|rule| rule.state == state)
        };
        let takes = |name: &&String| match self {
            Self::AllManagementEvents => asks_for_all(name),
            Self::Replay(only) => only.is_empty() || only.contains(&bus.rule_arn(name)),
            Self::Everyone | Self::Schedule(_) => true,
        };
        let matching = all.compiled()?.matching(fields);
        Ok(matching.into_iter().filter(takes).collect())
    }

    /// Whether the archives of a bus keep the event. What an archive replays, none keeps again; to
    /// the bus on which a schedule stands, nothing is put; and calls that read are for those rules
    /// alone that ask for them, and for the buses to which these send them.
    pub(crate) fn is_archived(&self) -> bool {
        *self == Self::Everyone
    }

    /// Whom the event is for on the bus to which a rule sends it.
    pub(crate) fn beyond(&self) -> Self {
        match self {
            Self::Replay(_) => Self::Replay(Vec::new()),
            Self::Everyone | Self::AllManagementEvents | Self::Schedule(_) => Self::Everyone,
        }
    }
}
