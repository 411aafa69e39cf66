//! The quotas of Amazon SNS ("Amazon Simple Notification Service endpoints and quotas", General
//! Reference, and the API reference of each operation), as far as they are request rates that AWS
//! names. What is published is not limited: AWS counts messages, not calls, and what waits has an
//! end of its own.
//!
//! Codes are `L-` and the CRC-32 of the quota's name, which a test holds them to, so that they stay
//! what they are.

use platform::{Quota, QuotaKind, QuotaTable};

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "sns",
    service_name: "Amazon Simple Notification Service (Amazon SNS)",
    exceeded: "Rate exceeded",
    quotas: ALL,
    draws: &[],
    elsewhere: &[],
};

#[rustfmt::skip]
const ALL: &[Quota] = &[
    rate("L-B93F0099", "ListSubscriptions throttle limit in transactions per second", 30.0, &["ListSubscriptions"]),
    rate("L-3784AE2F", "ListSubscriptionsByTopic throttle limit in transactions per second", 30.0, &["ListSubscriptionsByTopic"]),
    rate("L-C307248D", "ListTopics throttle limit in transactions per second", 30.0, &["ListTopics"]),
    rate("L-E1612D24", "Subscribe throttle limit in transactions per second", 100.0, &["Subscribe"]),
    rate("L-E35F3B36", "Unsubscribe throttle limit in transactions per second", 100.0, &["Unsubscribe"]),
    rate("L-418F05B2", "Tagging actions in transactions per second", 10.0, &["ListTagsForResource", "TagResource", "UntagResource"]),
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
