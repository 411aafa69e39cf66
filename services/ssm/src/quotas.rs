//! The quotas of Parameter Store ("AWS Systems Manager endpoints and quotas", General Reference).
//!
//! Codes that AWS does not document are `L-` and the CRC-32 of the quota's name, which a test holds
//! them to, so that they stay what they are.
//!
//! Reading parameters has 40 calls a second, of all three operations together. An account that sets
//! `/ssm/parameter-store/high-throughput-enabled` has a rate for each of them instead ("Parameter
//! Store throughput").

use platform::{Ctx, Quota, QuotaKind, QuotaTable, Result};

/// The standard parameters of an account.
pub(crate) const STANDARD: &str = "L-43BD43F3";
/// The advanced parameters of an account.
pub(crate) const ADVANCED: &str = "L-FCD4B925";

/// The calls that read parameters, together.
const READING: &str = "L-C91CCE7C";
/// The calls that read parameters, together, where they have higher rates each: as many as these.
const HIGHER: f64 = 10_000.0 + 1_000.0 + 100.0;

/// Stages whether the account's calls that read parameters have the higher rates.
pub(crate) async fn set_high_throughput(ctx: &Ctx, is_high: bool) -> Result<()> {
    let known = QUOTAS.quota(READING).map_or(HIGHER, |quota| quota.default);
    let rate = if is_high { HIGHER } else { known };
    ctx.change_quota(&QUOTAS, READING, rate).await
}

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
        rate(
            READING,
            "Throughput of GetParameter, GetParameters and GetParametersByPath in transactions per second",
            40.0,
            &["GetParameter", "GetParameters", "GetParametersByPath"],
        ),
        rate(
            "L-1EE75975",
            "Higher throughput of GetParameter in transactions per second",
            10_000.0,
            &["GetParameter"],
        ),
        rate(
            "L-93924E5C",
            "Higher throughput of GetParameters in transactions per second",
            1_000.0,
            &["GetParameters"],
        ),
        rate(
            "L-3DF385AE",
            "Higher throughput of GetParametersByPath in transactions per second",
            100.0,
            &["GetParametersByPath"],
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
