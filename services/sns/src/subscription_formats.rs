//! Formats of subscriptions that are read and no longer written.

use std::collections::BTreeMap;

use platform::Derived;
use serde::{Deserialize, Serialize};
use store::{DecodeError, Migrate, OldFormat};

use crate::subscription::{Offer, Standing, SubscriptionRecord};

/// Before links led where the operator says: a subscription kept the host that its caller had named.
#[derive(Serialize, Deserialize)]
pub(crate) struct SubscriptionRecord1 {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) principal: String,
    pub(crate) protocol: String,
    pub(crate) endpoint: String,
    pub(crate) standing: Standing,
    pub(crate) offer: Option<Offer>,
    pub(crate) is_authenticated: bool,
    pub(crate) is_guarded: bool,
    pub(crate) base: String,
    pub(crate) settings: BTreeMap<String, String>,
}

impl OldFormat for SubscriptionRecord1 {
    const FORMAT: u8 = 1;
}

/// Before it was noted since when messages go to a subscription.
#[derive(Serialize, Deserialize)]
pub(crate) struct SubscriptionRecord2 {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) principal: String,
    pub(crate) protocol: String,
    pub(crate) endpoint: String,
    pub(crate) standing: Standing,
    pub(crate) offer: Option<Offer>,
    pub(crate) is_authenticated: bool,
    pub(crate) is_guarded: bool,
    pub(crate) settings: BTreeMap<String, String>,
}

impl OldFormat for SubscriptionRecord2 {
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

impl Migrate for SubscriptionRecord2 {
    type Previous = SubscriptionRecord1;

    fn migrate(previous: SubscriptionRecord1) -> Self {
        Self {
            id: previous.id,
            owner: previous.owner,
            principal: previous.principal,
            protocol: previous.protocol,
            endpoint: previous.endpoint,
            standing: previous.standing,
            offer: previous.offer,
            is_authenticated: previous.is_authenticated,
            is_guarded: previous.is_guarded,
            settings: previous.settings,
        }
    }
}

impl Migrate for SubscriptionRecord {
    type Previous = SubscriptionRecord2;

    fn migrate(previous: SubscriptionRecord2) -> Self {
        Self {
            id: previous.id,
            owner: previous.owner,
            principal: previous.principal,
            protocol: previous.protocol,
            endpoint: previous.endpoint,
            standing: previous.standing,
            since_millis: 0,
            offer: previous.offer,
            is_authenticated: previous.is_authenticated,
            is_guarded: previous.is_guarded,
            settings: previous.settings,
            compiled: Derived::default(),
        }
    }
}
