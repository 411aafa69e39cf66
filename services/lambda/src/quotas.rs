//! The quotas of AWS Lambda ("AWS Lambda endpoints and quotas", General Reference) that this program
//! minds.

use api::lambda::TooManyRequestsException;
use platform::{Quota, QuotaKind, QuotaTable};
use wire::{Fault, Value};
use zeroize::Zeroizing;

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "lambda",
    service_name: "AWS Lambda",
    exceeded: "Rate exceeded",
    quotas: &[STORAGE, CONCURRENCY, FUNCTION, POLICY, CONTROL],
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

/// "Lambda API requests" (developer guide): the calls of GetFunction and of GetPolicy, each by itself,
/// and of all other operations but Invoke together. None can be raised.
const FUNCTION: Quota = rate(
    "L-37540937",
    "Rate of GetFunction API requests",
    100.0,
    &["GetFunction"],
);
const POLICY: Quota = rate(
    "L-4273958C",
    "Rate of GetPolicy API requests",
    15.0,
    &["GetPolicy"],
);
const CONTROL: Quota = rate(
    "L-B2AA0F47",
    "Rate of control plane API requests",
    15.0,
    REMAINDER,
);

/// Every operation but Invoke, GetFunction and GetPolicy.
const REMAINDER: &[&str] = &[
    "AddLayerVersionPermission",
    "AddPermission",
    "CreateAlias",
    "CreateFunction",
    "DeleteAlias",
    "DeleteFunction",
    "DeleteFunctionConcurrency",
    "DeleteFunctionEventInvokeConfig",
    "DeleteLayerVersion",
    "GetAccountSettings",
    "GetAlias",
    "GetFunctionCodeSigningConfig",
    "GetFunctionConcurrency",
    "GetFunctionConfiguration",
    "GetFunctionEventInvokeConfig",
    "GetFunctionRecursionConfig",
    "GetLayerVersion",
    "GetLayerVersionByArn",
    "GetLayerVersionPolicy",
    "GetRuntimeManagementConfig",
    "InvokeAsync",
    "ListAliases",
    "ListFunctionEventInvokeConfigs",
    "ListFunctions",
    "ListLayerVersions",
    "ListLayers",
    "ListTags",
    "ListVersionsByFunction",
    "PublishLayerVersion",
    "PublishVersion",
    "PutFunctionConcurrency",
    "PutFunctionEventInvokeConfig",
    "PutFunctionRecursionConfig",
    "PutRuntimeManagementConfig",
    "RemoveLayerVersionPermission",
    "RemovePermission",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "UpdateFunctionEventInvokeConfig",
];

/// What a call over a rate is answered with. It says who was too fast: the caller, not a function.
pub(crate) fn exceeded() -> Fault {
    let text = |text: &str| Some(Value::String(Zeroizing::new(text.to_owned())));
    TooManyRequestsException::new("Rate exceeded").with_members(vec![
        None,
        text("User"),
        None,
        text("CallerRateLimitExceeded"),
    ])
}

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

const fn rate(
    code: &'static str,
    name: &'static str,
    default: f64,
    operations: &'static [&'static str],
) -> Quota {
    Quota {
        code,
        name,
        description: "The calls that an account may make in a region in each second.",
        kind: QuotaKind::Rate,
        operations,
        default,
        regional: &[],
        adjustable: false,
        usage_resource: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_but_invoke_counts_once() {
        let rates = [FUNCTION, POLICY, CONTROL];
        let counted = |name: &str| {
            let of = |quota: &Quota| {
                quota
                    .operations
                    .iter()
                    .filter(|known| **known == name)
                    .count()
            };
            rates.iter().map(of).sum::<usize>()
        };
        for operation in api::lambda::SERVICE.operations {
            let expected = usize::from(operation.name != "Invoke");
            assert_eq!(counted(operation.name), expected, "{}", operation.name);
        }
    }
}
