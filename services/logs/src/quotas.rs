//! The quotas of CloudWatch Logs ("CloudWatch Logs quotas", user guide).
//!
//! AWS documents the codes of those that can be raised. The others are `L-` and the CRC-32 of the
//! quota's name, which a test holds them to, so that they stay what they are. Rates of operations
//! that AWS names no quota for are not limited.

use platform::{Quota, QuotaKind, QuotaTable, Regional};

/// The log groups of an account.
pub(crate) const GROUPS: &str = "L-C7B9AAAB";

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "logs",
    service_name: "Amazon CloudWatch Logs",
    exceeded: "Rate exceeded",
    quotas: ALL,
    draws: &[],
    elsewhere: &[],
};

#[rustfmt::skip]
const ALL: &[Quota] = &[
    rate("L-A98C54C5", "AssociateKmsKey throttle limit in transactions per second", 5.0, &["AssociateKmsKey"]),
    raised("L-D2832119", "CreateLogGroup throttle limit in transactions per second", 10.0, &["CreateLogGroup"]),
    raised("L-76507CEF", "CreateLogStream throttle limit in transactions per second", 50.0, &["CreateLogStream"]),
    rate("L-51C8C7AE", "DeleteDestination throttle limit in transactions per second", 5.0, &["DeleteDestination"]),
    raised("L-07A912D5", "DeleteLogGroup throttle limit in transactions per second", 10.0, &["DeleteLogGroup"]),
    raised("L-C029A21C", "DeleteLogStream throttle limit in transactions per second", 15.0, &["DeleteLogStream"]),
    rate("L-85135DDB", "DeleteMetricFilter throttle limit in transactions per second", 5.0, &["DeleteMetricFilter"]),
    rate("L-8AAB2BFF", "DeleteRetentionPolicy throttle limit in transactions per second", 5.0, &["DeleteRetentionPolicy"]),
    rate("L-813CABAC", "DeleteSubscriptionFilter throttle limit in transactions per second", 5.0, &["DeleteSubscriptionFilter"]),
    rate("L-82C346B9", "DescribeDestinations throttle limit in transactions per second", 5.0, &["DescribeDestinations"]),
    raised("L-4284EEDE", "DescribeLogGroups throttle limit in transactions per second", 10.0, &["DescribeLogGroups"]),
    raised("L-3F243AD0", "DescribeLogStreams throttle limit in transactions per second", 25.0, &["DescribeLogStreams"]),
    rate("L-F0A83C17", "DescribeMetricFilters throttle limit in transactions per second", 5.0, &["DescribeMetricFilters"]),
    rate("L-8A5E92E6", "DescribeSubscriptionFilters throttle limit in transactions per second", 5.0, &["DescribeSubscriptionFilters"]),
    FILTER_LOG_EVENTS,
    GET_LOG_EVENTS,
    rate("L-05433BFC", "GetQueryResults throttle limit in transactions per second", 10.0, &["GetQueryResults"]),
    rate("L-080BCD64", "ListTagsForResource throttle limit in transactions per second", 5.0, &["ListTagsForResource"]),
    rate("L-8E8A6A79", "ListTagsLogGroup throttle limit in transactions per second", 5.0, &["ListTagsLogGroup"]),
    rate("L-2D65C914", "PutDestination throttle limit in transactions per second", 5.0, &["PutDestination"]),
    rate("L-9AA0377A", "PutDestinationPolicy throttle limit in transactions per second", 5.0, &["PutDestinationPolicy"]),
    raised("L-7E1FAE88", "PutLogEvents throttle limit in transactions per second", 5000.0, &["PutLogEvents"]),
    rate("L-AEDBAA47", "PutMetricFilter throttle limit in transactions per second", 5.0, &["PutMetricFilter"]),
    rate("L-B0E057B8", "PutRetentionPolicy throttle limit in transactions per second", 5.0, &["PutRetentionPolicy"]),
    rate("L-966D9E31", "PutSubscriptionFilter throttle limit in transactions per second", 5.0, &["PutSubscriptionFilter"]),
    rate("L-6A09C155", "StartQuery throttle limit in transactions per second", 10.0, &["StartQuery"]),
    rate("L-B1D1351A", "TagLogGroup throttle limit in transactions per second", 5.0, &["TagLogGroup"]),
    rate("L-53C5BE07", "TagResource throttle limit in transactions per second", 5.0, &["TagResource"]),
    rate("L-F1DEE560", "TestMetricFilter throttle limit in transactions per second", 5.0, &["TestMetricFilter"]),
    rate("L-3DF1F2A6", "UntagLogGroup throttle limit in transactions per second", 5.0, &["UntagLogGroup"]),
    rate("L-DFE579BB", "UntagResource throttle limit in transactions per second", 5.0, &["UntagResource"]),
    count("L-C7B9AAAB", "Log groups", "The log groups that an account may have.", 1000000.0, true),
    count("L-281E06DE", "Metrics filters per log group", "The metric filters that a log group may have.", 100.0, false),
    count("L-4FBE4B9D", "Resource policies", "The resource policies that an account may have in a region.", 10.0, false),
    count("L-76FB7B46", "Subscription filters per log group", "The subscription filters that a log group may have.", 2.0, false),
];

const FILTER_LOG_EVENTS: Quota = Quota {
    regional: &[
        Regional {
            regions: &["us-east-1"],
            default: 25.0,
        },
        Regional {
            regions: &[
                "ap-northeast-3",
                "ap-southeast-3",
                "ca-west-1",
                "eu-central-1",
                "il-central-1",
            ],
            default: 5.0,
        },
    ],
    ..rate(
        "L-BA597330",
        "FilterLogEvents throttle limit in transactions per second",
        10.0,
        &["FilterLogEvents"],
    )
};

const GET_LOG_EVENTS: Quota = Quota {
    regional: &[
        Regional {
            regions: &["eu-west-3"],
            default: 30.0,
        },
        Regional {
            regions: &[
                "us-west-2",
                "ap-northeast-3",
                "ap-southeast-3",
                "ca-west-1",
                "eu-central-1",
                "eu-west-1",
                "il-central-1",
            ],
            default: 10.0,
        },
    ],
    ..rate(
        "L-D610295A",
        "GetLogEvents throttle limit in transactions per second",
        25.0,
        &["GetLogEvents"],
    )
};

/// A request rate.
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

/// A request rate that can be raised.
const fn raised(
    code: &'static str,
    name: &'static str,
    default: f64,
    operations: &'static [&'static str],
) -> Quota {
    Quota {
        adjustable: true,
        ..rate(code, name, default, operations)
    }
}

/// How many there may be.
const fn count(
    code: &'static str,
    name: &'static str,
    description: &'static str,
    default: f64,
    adjustable: bool,
) -> Quota {
    Quota {
        description,
        kind: QuotaKind::Count,
        adjustable,
        ..rate(code, name, default, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::QUOTAS;

    /// Those that AWS documents.
    const DOCUMENTED: &[&str] = &[
        "L-D2832119",
        "L-76507CEF",
        "L-07A912D5",
        "L-C029A21C",
        "L-4284EEDE",
        "L-3F243AD0",
        "L-7E1FAE88",
        "L-C7B9AAAB",
    ];

    #[test]
    fn codes_follow_from_the_name_where_aws_documents_none() {
        for quota in QUOTAS.quotas {
            let is_documented = DOCUMENTED.contains(&quota.code);
            let own = format!("L-{:08X}", crc_32(quota.name));
            assert!(is_documented || quota.code == own, "{}: {own}", quota.name);
            assert_eq!(is_documented, quota.adjustable, "{}", quota.name);
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
