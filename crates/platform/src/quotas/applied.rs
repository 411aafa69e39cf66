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

#[cfg(test)]
mod tests {
    use super::*;

    /// Format 1. It decodes for ever.
    const APPLIED_1: [u8; 11] = [1, 1, b'L', 0, 0, 0, 0, 0, 0, 0x14, 0x40];

    #[test]
    fn applied_quotas_of_format_1_decode() {
        let record = AppliedQuotas {
            values: BTreeMap::from([("L".to_owned(), 5.0)]),
        };
        assert_eq!(postcard::to_stdvec(&record).expect("bytes"), APPLIED_1);
        let decoded: AppliedQuotas = postcard::from_bytes(&APPLIED_1).expect("a sample");
        assert_eq!(decoded.values, record.values);
    }
}
