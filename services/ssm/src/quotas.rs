//! The quotas of Parameter Store ("AWS Systems Manager endpoints and quotas", General Reference).
//!
//! Codes that AWS does not document are `L-` and the CRC-32 of the quota's name, which a test holds
//! them to, so that they stay what they are. Calls are not limited: AWS's default of 40 calls a
//! second protects what it shares among its customers, and is raised by a setting.

use platform::{Quota, QuotaKind, QuotaTable};

/// The standard parameters of an account.
pub(crate) const STANDARD: &str = "L-43BD43F3";
/// The advanced parameters of an account.
pub(crate) const ADVANCED: &str = "L-FCD4B925";

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "ssm",
    service_name: "AWS Systems Manager",
    exceeded: "Rate exceeded",
    quotas: &[
        count(
            ADVANCED,
            "Advanced parameters",
            "The advanced parameters that an account may have in a region.",
            100_000.0,
        ),
        count(
            STANDARD,
            "Standard parameters",
            "The standard parameters that an account may have in a region.",
            10_000.0,
        ),
    ],
    draws: &[],
    elsewhere: &[],
};

const fn count(
    code: &'static str,
    name: &'static str,
    description: &'static str,
    default: f64,
) -> Quota {
    Quota {
        code,
        name,
        description,
        kind: QuotaKind::Count,
        operations: &[],
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
