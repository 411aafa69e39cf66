//! The quotas of AWS Lambda ("AWS Lambda endpoints and quotas", General Reference) that can be raised
//! and that this program minds.

use platform::{Quota, QuotaKind, QuotaTable};

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "lambda",
    service_name: "AWS Lambda",
    exceeded: "Rate exceeded",
    quotas: &[STORAGE, CONCURRENCY],
    draws: &[],
    elsewhere: &[],
};

/// The storage for code, in GB.
pub(crate) const STORAGE: Quota = Quota {
    description: "The storage that deployment packages and layers may take in a region, in gigabytes.",
    ..count("L-2ACBD22F", "Function and layer storage", 75.0)
};

/// How many invocations may run at once.
pub(crate) const CONCURRENCY: Quota = Quota {
    description: "The events that functions of an account may process at once in a region.",
    ..count("L-B99A9384", "Concurrent executions", 1000.0)
};

const fn count(code: &'static str, name: &'static str, default: f64) -> Quota {
    Quota {
        code,
        name,
        description: "",
        kind: QuotaKind::Count,
        operations: &[],
        default,
        regional: &[],
        adjustable: true,
        usage_resource: None,
    }
}
