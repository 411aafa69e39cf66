//! The quotas of CloudTrail ("Quotas in AWS CloudTrail", AWS CloudTrail user guide). None of them
//! can be raised.
//!
//! AWS documents no codes; these are `L-` and the CRC-32 of the quota's name, which a test holds
//! them to, so that they stay what they are.

use platform::{Quota, QuotaKind, QuotaTable};

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    elsewhere: &[],
    service_code: "cloudtrail",
    service_name: "AWS CloudTrail",
    exceeded: "Rate exceeded",
    quotas: &[rate(
        "L-31D877C2",
        "LookupEvents transactions per second",
        "The calls of LookupEvents a second, in an account and region.",
        2.0,
        &["LookupEvents"],
    )],
    draws: &[],
};

const fn rate(
    code: &'static str,
    name: &'static str,
    description: &'static str,
    default: f64,
    operations: &'static [&'static str],
) -> Quota {
    Quota {
        code,
        name,
        description,
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
