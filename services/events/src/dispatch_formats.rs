//! Payloads of deliveries that are read and no longer written.

use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::dispatch::{Dispatch, Payload};
use crate::encryption::Text;
use crate::fan_out::FanOut;
use crate::rules_formats::TargetRecord2;

/// For targets without message group and dead-letter queue.
#[derive(Serialize, Deserialize)]
pub(crate) enum PayloadV1 {
    Event(Box<DispatchV1>),
    Authorization(String, String, u64),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct DispatchV1 {
    rule_arn: String,
    rule_name: String,
    bus: (String, String, String),
    event_id: String,
    source: String,
    detail_type: String,
    event: String,
    audience: Audience,
    taken_millis: i64,
    target: TargetRecord2,
}

impl PayloadV1 {
    pub(crate) const FORMAT: u8 = 1;
}

impl From<PayloadV1> for Payload {
    fn from(old: PayloadV1) -> Self {
        match old {
            PayloadV1::Authorization(name, id, revision) => Self::Authorization(name, id, revision),
            PayloadV1::Event(old) => Self::Event(Box::new(Dispatch {
                rule_arn: old.rule_arn,
                rule_name: old.rule_name,
                bus: old.bus,
                event_id: old.event_id,
                source: old.source,
                detail_type: old.detail_type,
                event: Text::Plain(old.event),
                audience: old.audience,
                taken_millis: old.taken_millis,
                target: old.target.into(),
            })),
        }
    }
}

/// For buses without keys.
#[derive(Serialize, Deserialize)]
pub(crate) enum PayloadV2 {
    Event(Box<Dispatch>),
    Authorization(String, String, u64),
    FanOut(Box<FanOut<String>>),
}

impl PayloadV2 {
    pub(crate) const FORMAT: u8 = 2;
}

impl From<PayloadV2> for Payload {
    fn from(old: PayloadV2) -> Self {
        match old {
            PayloadV2::Authorization(name, id, revision) => Self::Authorization(name, id, revision),
            PayloadV2::Event(old) => Self::Event(Box::new(old.kept())),
            PayloadV2::FanOut(old) => Self::FanOut(Box::new(old.kept())),
        }
    }
}
