//! The quotas of EventBridge ("Amazon EventBridge quotas", user guide), as far as they can be raised:
//! the rate of PutEvents, for other operations AWS names none, and the size of a bus's policy.
//!
//! Where AWS's code is not known, it is `L-` and the CRC-32 of the quota's name, which a test holds it
//! to, so that it stays what it is.

use platform::{Quota, QuotaKind, QuotaTable, Regional};

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "events",
    service_name: "Amazon EventBridge (CloudWatch Events)",
    exceeded: "Rate exceeded",
    quotas: &[PUT_EVENTS, POLICY_SIZE],
    draws: &[],
    elsewhere: &[],
};

/// The policy of a bus, which is counted in bytes.
pub(crate) const POLICY_SIZE: Quota = Quota {
    code: "L-FC354966",
    name: "Event bus policy size",
    description: "Maximum policy size, in characters. This policy size increases each time you grant \
                  access to another account. You can see your current policy and its size by using \
                  the DescribeEventBus API.",
    kind: QuotaKind::Count,
    operations: &[],
    default: 10_240.0,
    regional: &[],
    adjustable: true,
    usage_resource: None,
};

const PUT_EVENTS: Quota = Quota {
    code: "L-5D064BC6",
    name: "PutEvents throttle limit in transactions per second",
    description: "The calls of PutEvents that an account may make in a region in each second.",
    kind: QuotaKind::Rate,
    operations: &["PutEvents"],
    default: 600.0,
    regional: &[
        Regional {
            regions: &["us-east-1", "us-west-2", "eu-west-1"],
            default: 10_000.0,
        },
        Regional {
            regions: &["us-east-2", "eu-central-1"],
            default: 2_400.0,
        },
        Regional {
            regions: &[
                "us-west-1",
                "ap-northeast-1",
                "ap-southeast-1",
                "ap-southeast-2",
                "eu-west-2",
            ],
            default: 1_200.0,
        },
        Regional {
            regions: &[
                "af-south-1",
                "ap-northeast-3",
                "ap-southeast-3",
                "eu-south-1",
            ],
            default: 400.0,
        },
    ],
    adjustable: true,
    usage_resource: None,
};

#[cfg(test)]
mod tests {
    use super::{POLICY_SIZE, QUOTAS};

    #[test]
    fn codes_follow_from_the_name() {
        let known_of_aws = [POLICY_SIZE.code];
        for quota in QUOTAS.quotas {
            let follows = quota.code == format!("L-{:08X}", crc_32(quota.name));
            assert!(
                follows != known_of_aws.contains(&quota.code),
                "{}",
                quota.name
            );
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
