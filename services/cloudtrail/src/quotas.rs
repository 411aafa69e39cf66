//! The quotas of CloudTrail ("Quotas in AWS CloudTrail", AWS CloudTrail user guide). None of them
//! can be raised. Operations that get, describe or list have 10 calls a second, LookupEvents 2, all
//! others 1, each by itself, as Service Quotas shows them.
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
    quotas: ALL,
    draws: &[],
};

#[rustfmt::skip]
const ALL: &[Quota] = &[
    rate("L-7BEF41D7", "Transactions per second (TPS) for the AddTags API", 1.0, &["AddTags"]),
    rate("L-39BB20C7", "Transactions per second (TPS) for the CreateTrail API", 1.0, &["CreateTrail"]),
    rate("L-255688E6", "Transactions per second (TPS) for the DeleteTrail API", 1.0, &["DeleteTrail"]),
    rate("L-22ADA699", "Transactions per second (TPS) for the DescribeTrails API", 10.0, &["DescribeTrails"]),
    rate("L-60E7A4A2", "Transactions per second (TPS) for the GetEventSelectors API", 10.0, &["GetEventSelectors"]),
    rate("L-52422114", "Transactions per second (TPS) for the GetInsightSelectors API", 10.0, &["GetInsightSelectors"]),
    rate("L-67072239", "Transactions per second (TPS) for the GetTrail API", 10.0, &["GetTrail"]),
    rate("L-81BEA80D", "Transactions per second (TPS) for the GetTrailStatus API", 10.0, &["GetTrailStatus"]),
    rate("L-DCC6B538", "Transactions per second (TPS) for the ListPublicKeys API", 10.0, &["ListPublicKeys"]),
    rate("L-9B0187D8", "Transactions per second (TPS) for the ListTags API", 10.0, &["ListTags"]),
    rate("L-9884106C", "Transactions per second (TPS) for the ListTrails API", 10.0, &["ListTrails"]),
    rate("L-03F4A6D2", "Transactions per second (TPS) for the LookupEvents API", 2.0, &["LookupEvents"]),
    rate("L-A2229B33", "Transactions per second (TPS) for the PutEventSelectors API", 1.0, &["PutEventSelectors"]),
    rate("L-8C7E75B7", "Transactions per second (TPS) for the PutInsightSelectors API", 1.0, &["PutInsightSelectors"]),
    rate("L-D0E5A2FE", "Transactions per second (TPS) for the RemoveTags API", 1.0, &["RemoveTags"]),
    rate("L-E31846A6", "Transactions per second (TPS) for the StartLogging API", 1.0, &["StartLogging"]),
    rate("L-D7AF858D", "Transactions per second (TPS) for the StopLogging API", 1.0, &["StopLogging"]),
    rate("L-63DB7652", "Transactions per second (TPS) for the UpdateTrail API", 1.0, &["UpdateTrail"]),
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
