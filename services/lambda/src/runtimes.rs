//! Runtimes ("Lambda runtimes", Lambda developer guide).

use wire::{Common, Fault};

use crate::refusals;

/// Those that functions can have here, newest first.
const SUPPORTED: [&str; 12] = [
    "nodejs24.x",
    "nodejs22.x",
    "nodejs20.x",
    "nodejs18.x",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.9",
    "provided.al2023",
    "provided.al2",
];
/// Those that AWS no longer makes functions with.
const DEPRECATED: [&str; 22] = [
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "go1.x",
    "java8",
    "ruby2.7",
    "provided",
];
/// Those that AWS has and this program does not.
const ELSEWHERE: [&str; 11] = [
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "dotnet8",
    "dotnet10",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
];

/// Refuses a layer that says that it is for a runtime which never was.
pub(crate) fn check_layer(runtimes: &[String]) -> Result<(), Fault> {
    let known = || {
        SUPPORTED
            .iter()
            .chain(&ELSEWHERE)
            .chain(&DEPRECATED)
            .copied()
    };
    if runtimes
        .iter()
        .all(|runtime| known().any(|one| one == runtime))
    {
        return Ok(());
    }
    let all: Vec<_> = SUPPORTED.iter().chain(&ELSEWHERE).copied().collect();
    Err(Fault::common(
        Common::Validation,
        format!(
            "1 validation error detected: Value '[{}]' at 'compatibleRuntimes' failed to satisfy \
             constraint: Member must satisfy enum value set: [{}]",
            runtimes.join(", "),
            all.join(", ")
        ),
    ))
}

/// Refuses what no function can be made with.
pub(crate) fn check(runtime: &str) -> Result<(), Fault> {
    if SUPPORTED.contains(&runtime) {
        return Ok(());
    }
    if ELSEWHERE.contains(&runtime) {
        return Err(refusals::unsupported(&format!("the runtime {runtime}")));
    }
    if DEPRECATED.contains(&runtime) {
        return Err(refusals::invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS \
             Lambda functions. We recommend you use a supported runtime while creating or updating \
             functions."
        )));
    }
    let all: Vec<_> = SUPPORTED.iter().chain(&ELSEWHERE).copied().collect();
    Err(refusals::invalid(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value \
         set: [{}] or be a valid ARN",
        all.join(", ")
    )))
}

/// Whether versions can be published with SnapStart.
pub(crate) fn has_snap_start(runtime: &str) -> bool {
    matches!(runtime, "python3.12" | "python3.13" | "python3.14")
}

/// The ARN of the version of a runtime. There is one of each, and it follows from the name.
pub(crate) fn version_arn(partition: &str, region: &str, runtime: &str) -> String {
    let hash = crypto::sha256(runtime.as_bytes());
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("arn:{partition}:lambda:{region}::runtime:{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runtime_is_of_one_kind() {
        for runtime in SUPPORTED {
            assert!(check(runtime).is_ok(), "{runtime}");
            assert!(!DEPRECATED.contains(&runtime) && !ELSEWHERE.contains(&runtime));
        }
        for runtime in DEPRECATED
            .iter()
            .chain(&ELSEWHERE)
            .chain(&["python9", "", "custom"])
        {
            assert!(check(runtime).is_err(), "{runtime}");
        }
    }
}
