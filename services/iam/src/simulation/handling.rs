//! `ResourceHandlingOption`: which resources a simulated start of an EC2 instance must name.

use api::iam::InvalidInputException;
use platform::Result;

/// The scenarios, with the types of resource that each needs (IAM API reference,
/// `SimulateCustomPolicy`).
const SCENARIOS: [(&str, &[&str]); 6] = [
    (
        "EC2-Classic-InstanceStore",
        &["instance", "image", "security-group"],
    ),
    (
        "EC2-Classic-EBS",
        &["instance", "image", "security-group", "volume"],
    ),
    (
        "EC2-VPC-InstanceStore",
        &["instance", "image", "security-group", "network-interface"],
    ),
    (
        "EC2-VPC-InstanceStore-Subnet",
        &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "subnet",
        ],
    ),
    (
        "EC2-VPC-EBS",
        &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "volume",
        ],
    ),
    (
        "EC2-VPC-EBS-Subnet",
        &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "subnet",
            "volume",
        ],
    ),
];

/// Refuses a scenario that nobody knows or that lacks a resource.
pub(crate) fn check(option: Option<&str>, resources: &[String]) -> Result<()> {
    let Some(option) = option else {
        return Ok(());
    };
    let found = SCENARIOS.iter().find(|(name, _)| *name == option);
    let Some((_, needed)) = found else {
        let message = format!("Invalid ResourceHandlingOption: {option}.");
        return Err(InvalidInputException::new(message).into());
    };
    let named = |kind: &str| {
        resources.iter().any(|arn| {
            let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
            arn.starts_with("arn:aws:ec2:") && resource.split('/').next() == Some(kind)
        })
    };
    match needed.iter().find(|kind| !named(kind)) {
        None => Ok(()),
        Some(kind) => {
            let message = format!("The resource type {kind} is required for {option}.");
            Err(InvalidInputException::new(message).into())
        }
    }
}
