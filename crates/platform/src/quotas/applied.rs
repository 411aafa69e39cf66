//! The values that were changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// The quotas of one service whose values differ from AWS's defaults, in one account and region.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AppliedQuotas {
    /// By quota code.
    pub values: BTreeMap<String, f64>,
}

impl Record for AppliedQuotas {
    const TABLE: &'static str = "servicequotas.applied";
    const SERVICE: &'static str = "servicequotas";
}

impl AppliedQuotas {
    /// Where the record of a service's quotas stands.
    pub fn place(account: &str, region: &str, service_code: &str) -> Key {
        Key::new(account, region, [service_code])
    }

    /// The value of the quota with this code, if it was changed.
    pub fn value(&self, code: &str) -> Option<f64> {
        self.values.get(code).copied()
    }
}
