//! The quotas of Secrets Manager ("AWS Secrets Manager endpoints and quotas", General Reference).
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
    quotas: &[Quota {
        code: SECRETS,
        name: "Secrets",
        description: "The secrets that an account may have in a region.",
        kind: QuotaKind::Count,
        operations: &[],
        default: 500_000.0,
        regional: &[],
        adjustable: false,
        usage_resource: None,
    }],
    draws: &[],
    elsewhere: &[],
};

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
