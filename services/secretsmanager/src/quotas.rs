//! The quotas of Secrets Manager ("AWS Secrets Manager endpoints and quotas", General Reference).
//! Calls count in the account of who makes them, whoever has the secret.
//!
//! Codes that AWS does not document are `L-` and the CRC-32 of the quota's name, which a test holds
//! them to, so that they stay what they are.

use platform::{Quota, QuotaKind, QuotaTable};

/// The secrets of an account in a Region.
pub(crate) const SECRETS: &str = "L-048F4288";

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "secretsmanager",
    service_name: "AWS Secrets Manager",
    exceeded: "Rate exceeded",
    quotas: ALL,
    draws: &[],
    elsewhere: &[],
};

#[rustfmt::skip]
const ALL: &[Quota] = &[
    Quota {
        description: "The secrets that an account may have in a region.",
        kind: QuotaKind::Count,
        ..rate(SECRETS, "Secrets", 500_000.0, &[])
    },
    rate("L-DA6D6B4D", "Combined rate of DeleteResourcePolicy, GetResourcePolicy, PutResourcePolicy, and ValidateResourcePolicy API requests", 50.0, &["DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy", "ValidateResourcePolicy"]),
    rate("L-2B5D8737", "Combined rate of PutSecretValue, RemoveRegionsFromReplication, ReplicateSecretToRegion, StopReplicationToReplica, UpdateSecret, and UpdateSecretVersionStage API requests", 50.0, &["PutSecretValue", "RemoveRegionsFromReplication", "ReplicateSecretToRegions", "StopReplicationToReplica", "UpdateSecret", "UpdateSecretVersionStage"]),
    rate("L-ABA220A2", "Combined rate of RestoreSecret API requests", 50.0, &["RestoreSecret"]),
    rate("L-C2398229", "Combined rate of RotateSecret and CancelRotateSecret API requests", 50.0, &["CancelRotateSecret", "RotateSecret"]),
    rate("L-1AB62AFB", "Combined rate of TagResource and UntagResource API requests", 50.0, &["TagResource", "UntagResource"]),
    rate("L-91A8478F", "Rate of BatchGetSecretValue API requests", 100.0, &["BatchGetSecretValue"]),
    rate("L-7C964141", "Rate of CreateSecret API requests", 50.0, &["CreateSecret"]),
    rate("L-3BDECF51", "Rate of DeleteSecret API requests", 50.0, &["DeleteSecret"]),
    rate("L-A28A3CC5", "Rate of DescribeSecret API requests", 40_000.0, &["DescribeSecret"]),
    rate("L-04135DB1", "Rate of GetRandomPassword API requests", 50.0, &["GetRandomPassword"]),
    rate("L-AD5051D5", "Rate of GetSecretValue API requests", 10_000.0, &["GetSecretValue"]),
    rate("L-7BD966AD", "Rate of ListSecretVersionIds API requests", 50.0, &["ListSecretVersionIds"]),
    rate("L-E356099E", "Rate of ListSecrets API requests", 100.0, &["ListSecrets"]),
];

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
    use super::QUOTAS;

    #[test]
    fn codes_follow_from_the_name() {
        for quota in QUOTAS.quotas {
            assert_eq!(quota.code, format!("L-{:08X}", crc_32(quota.name)));
        }
    }

    fn crc_32(text: &str) -> u32 {
        let step = |crc: u32| {
            if crc & 1 == 0 {
                crc >> 1
            } else {
                crc >> 1 ^ 0xEDB8_8320
            }
        };
        let byte = |crc, byte: u8| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc));
        !text.bytes().fold(!0, byte)
    }
}
