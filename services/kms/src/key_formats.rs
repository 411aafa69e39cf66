//! The formats of key records that are read and no longer written.

use platform::Derived;
use serde::{Deserialize, Serialize};
use store::{DecodeError, Migrate, OldFormat};

use crate::key::{KeyRecord, Manager, State};
use crate::kind::{Origin, Spec, Usage};
use crate::material::{WrappedMaterialV1, WrappedMaterialV2};
use crate::rotation::AutomaticRotation;

/// Format 1: keys with one material, that never rotated.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyRecordV1 {
    account: String,
    region: String,
    id: String,
    arn: String,
    created_millis: i64,
    description: String,
    spec: Spec,
    usage: Usage,
    origin: Origin,
    state: State,
    policy: String,
    tags: Vec<(String, String)>,
    aliases: Vec<String>,
    materials: Vec<WrappedMaterialV1>,
}

impl OldFormat for KeyRecordV1 {
    const FORMAT: u8 = 1;
}

/// Format 2: customer managed keys of one Region, with material that was made here.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyRecordV2 {
    account: String,
    region: String,
    id: String,
    arn: String,
    created_millis: i64,
    description: String,
    spec: Spec,
    usage: Usage,
    origin: Origin,
    state: State,
    policy: String,
    tags: Vec<(String, String)>,
    aliases: Vec<String>,
    materials: Vec<WrappedMaterialV2>,
    rotation: Option<AutomaticRotation>,
    on_demand_since_millis: Option<i64>,
}

impl OldFormat for KeyRecordV2 {
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Migrate for KeyRecordV2 {
    type Previous = KeyRecordV1;

    fn migrate(previous: KeyRecordV1) -> Self {
        let materials = previous.materials.into_iter().map(Into::into);
        Self {
            account: previous.account,
            region: previous.region,
            id: previous.id,
            arn: previous.arn,
            created_millis: previous.created_millis,
            description: previous.description,
            spec: previous.spec,
            usage: previous.usage,
            origin: previous.origin,
            state: previous.state,
            policy: previous.policy,
            tags: previous.tags,
            aliases: previous.aliases,
            materials: materials.collect(),
            rotation: None,
            on_demand_since_millis: None,
        }
    }
}

impl Migrate for KeyRecord {
    type Previous = KeyRecordV2;

    fn migrate(previous: KeyRecordV2) -> Self {
        let materials = previous.materials.into_iter().map(Into::into);
        Self {
            account: previous.account,
            region: previous.region,
            id: previous.id,
            arn: previous.arn,
            created_millis: previous.created_millis,
            description: previous.description,
            spec: previous.spec,
            usage: previous.usage,
            origin: previous.origin,
            manager: Manager::Customer,
            family: None,
            state: previous.state,
            policy: previous.policy,
            tags: previous.tags,
            aliases: previous.aliases,
            materials: materials.collect(),
            rotation: previous.rotation,
            on_demand_since_millis: previous.on_demand_since_millis,
            parsed_policy: Derived::default(),
        }
    }
}
