//! The quotas of KMS ("Request quotas" and "Resource quotas", AWS KMS developer guide).
//!
//! Cryptographic operations share a request rate a kind of key. Which kind a call is for, its
//! algorithm says, and an algorithm fits one kind alone: nothing has to be looked up before a call
//! is throttled, and a bucket tells nobody which keys there are. A call with an algorithm that its
//! key does not have counts all the same, as every call does that fails or is a dry run.
//!
//! AWS documents the codes of but some quotas. The others are `L-` and the CRC-32 of the quota's
//! name, which a test holds them to, so that they stay what they are.

use platform::{Draw, Elsewhere, Quota, QuotaKind, QuotaTable, Regional};

/// Keys in an account and region.
pub(crate) const KEYS: &str = "L-C2F1777E";
/// Aliases of a key.
pub(crate) const ALIASES_PER_KEY: &str = "L-340F62FB";
/// Grants of a key.
pub(crate) const GRANTS_PER_KEY: &str = "L-D594A657";
/// On-demand rotations of a key.
pub(crate) const ON_DEMAND_ROTATIONS_PER_KEY: &str = "L-0E66C9C0";
/// Bytes of a key policy.
pub(crate) const KEY_POLICY_BYTES: &str = "L-C67A47F9";

const SYMMETRIC: &str = "L-6E3AF000";
const RSA: &str = "L-2AC98190";
const ECC: &str = "L-DC14942D";
const ML_DSA: &str = "L-432F38A9";
const CREATE_KEY: &str = "L-32B67F4A";
const UPDATE_PRIMARY_REGION: &str = "L-43705D73";
const ML_KEM: &str = "L-75EEF5E2";

/// All quotas.
pub(crate) static QUOTAS: QuotaTable = QuotaTable {
    service_code: "kms",
    service_name: "AWS Key Management Service (AWS KMS)",
    exceeded: "You have exceeded the rate at which you may call KMS. Reduce the frequency of your \
               calls.",
    quotas: ALL,
    draws: DRAWS,
    elsewhere: ELSEWHERE,
};

/// ReplicateKey creates the replica, after a dry run of that; UpdatePrimaryRegion takes place in
/// both regions.
const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        operation: "ReplicateKey",
        member: "ReplicaRegion",
        quota: CREATE_KEY,
        calls: 2,
    },
    Elsewhere {
        operation: "UpdatePrimaryRegion",
        member: "PrimaryRegion",
        quota: UPDATE_PRIMARY_REGION,
        calls: 1,
    },
];

#[rustfmt::skip]
const ALL: &[Quota] = &[
    SYMMETRIC_OPERATIONS,
    RSA_OPERATIONS,
    operation(ECC, "Cryptographic operations (ECC and SM2) request rate", 1000.0, &["DeriveSharedSecret"]),
    operation(ML_DSA, "Cryptographic operations (ML-DSA) request rate", 1000.0, &[]),
    // AWS has not documented a rate for ML-KEM keys yet; this is that of the other key pairs.
    operation(ML_KEM, "Cryptographic operations (ML-KEM) request rate", 1000.0, &["Decapsulate", "Encapsulate"]),
    operation("L-635264CC", "CancelKeyDeletion request rate", 5.0, &["CancelKeyDeletion"]),
    operation("L-705B9E79", "ConnectCustomKeyStore request rate", 5.0, &["ConnectCustomKeyStore"]),
    operation("L-F7504F73", "CreateAlias request rate", 5.0, &["CreateAlias"]),
    operation("L-08932E37", "CreateCustomKeyStore request rate", 5.0, &["CreateCustomKeyStore"]),
    operation("L-0428A42E", "CreateGrant request rate", 50.0, &["CreateGrant"]),
    operation(CREATE_KEY, "CreateKey request rate", 5.0, &["CreateKey"]),
    operation("L-1F75ADD1", "DeleteAlias request rate", 15.0, &["DeleteAlias"]),
    operation("L-E99520CB", "DeleteCustomKeyStore request rate", 5.0, &["DeleteCustomKeyStore"]),
    operation("L-1233BF9B", "DeleteImportedKeyMaterial request rate", 15.0, &["DeleteImportedKeyMaterial"]),
    operation("L-E20AA94C", "DescribeCustomKeyStores request rate", 5.0, &["DescribeCustomKeyStores"]),
    operation("L-FAE8F084", "DescribeKey request rate", 2000.0, &["DescribeKey"]),
    operation("L-6B8C93BD", "DisableKey request rate", 5.0, &["DisableKey"]),
    operation("L-CE1DB614", "DisableKeyRotation request rate", 5.0, &["DisableKeyRotation"]),
    operation("L-9F1FCF6D", "DisconnectCustomKeyStore request rate", 5.0, &["DisconnectCustomKeyStore"]),
    operation("L-BD96F100", "EnableKey request rate", 5.0, &["EnableKey"]),
    operation("L-BE799B67", "EnableKeyRotation request rate", 15.0, &["EnableKeyRotation"]),
    operation("L-0C5F651B", "GetKeyLastUsage request rate", 5.0, &["GetKeyLastUsage"]),
    operation("L-70BAD39D", "GetKeyPolicy request rate", 1000.0, &["GetKeyPolicy"]),
    operation("L-109E5F57", "GetKeyRotationStatus request rate", 1000.0, &["GetKeyRotationStatus"]),
    operation("L-3A476C46", "GetParametersForImport request rate", 1.0, &["GetParametersForImport"]),
    operation("L-6FB268E8", "GetPublicKey request rate", 2000.0, &["GetPublicKey"]),
    operation("L-DF7074FE", "ImportKeyMaterial request rate", 15.0, &["ImportKeyMaterial"]),
    operation("L-78B3D3F4", "ListAliases request rate", 500.0, &["ListAliases"]),
    operation("L-668FD09D", "ListGrants request rate", 100.0, &["ListGrants"]),
    operation("L-D291C80F", "ListKeyPolicies request rate", 100.0, &["ListKeyPolicies"]),
    operation("L-129864EA", "ListKeys request rate", 500.0, &["ListKeys"]),
    operation("L-F616095D", "ListKeyRotations request rate", 100.0, &["ListKeyRotations"]),
    operation("L-DF04366C", "ListResourceTags request rate", 2000.0, &["ListResourceTags"]),
    operation("L-EFF5FC17", "ListRetirableGrants request rate", 100.0, &["ListRetirableGrants"]),
    operation("L-99967766", "PutKeyPolicy request rate", 15.0, &["PutKeyPolicy"]),
    operation("L-F9DAC9C1", "ReplicateKey request rate", 5.0, &["ReplicateKey"]),
    operation("L-B22FD6D7", "RetireGrant request rate", 50.0, &["RetireGrant"]),
    operation("L-72385C40", "RevokeGrant request rate", 50.0, &["RevokeGrant"]),
    operation("L-C786004B", "RotateKeyOnDemand request rate", 5.0, &["RotateKeyOnDemand"]),
    operation("L-2BD5DF68", "ScheduleKeyDeletion request rate", 15.0, &["ScheduleKeyDeletion"]),
    operation("L-3DC40C16", "TagResource request rate", 10.0, &["TagResource"]),
    operation("L-20EDA058", "UntagResource request rate", 5.0, &["UntagResource"]),
    operation("L-0B13D935", "UpdateAlias request rate", 5.0, &["UpdateAlias"]),
    operation("L-21D65F3A", "UpdateCustomKeyStore request rate", 5.0, &["UpdateCustomKeyStore"]),
    operation("L-48438061", "UpdateKeyDescription request rate", 5.0, &["UpdateKeyDescription"]),
    operation(UPDATE_PRIMARY_REGION, "UpdatePrimaryRegion request rate", 5.0, &["UpdatePrimaryRegion"]),
    pair("L-D2EEB5E0", "GenerateDataKeyPair (ECC_NIST_P256) request rate", 100.0),
    pair("L-16B46EF0", "GenerateDataKeyPair (ECC_NIST_P384) request rate", 100.0),
    pair("L-1D966DA0", "GenerateDataKeyPair (ECC_NIST_P521) request rate", 100.0),
    pair("L-4B7435E4", "GenerateDataKeyPair (ECC_SECG_P256K1) request rate", 100.0),
    pair("L-6267E936", "GenerateDataKeyPair (ECC_NIST_EDWARDS25519) request rate", 100.0),
    in_china(pair("L-A89EE7FB", "GenerateDataKeyPair (RSA_2048) request rate", 20.0), &[china(1.0)]),
    in_china(pair("L-090B98FE", "GenerateDataKeyPair (RSA_3072) request rate", 4.0), &[china(0.5)]),
    in_china(pair("L-42DB0152", "GenerateDataKeyPair (RSA_4096) request rate", 1.0), &[china(0.1)]),
    pair("L-A3DADD95", "GenerateDataKeyPair (SM2 — China Regions only) request rate", 25.0),
    // Of these AWS has documented none either; they are those of elliptic curves.
    pair("L-4113B55E", "GenerateDataKeyPair (ML_KEM_512) request rate", 100.0),
    pair("L-0FD9A0FA", "GenerateDataKeyPair (ML_KEM_768) request rate", 100.0),
    pair("L-F209A2C3", "GenerateDataKeyPair (ML_KEM_1024) request rate", 100.0),
    count(KEYS, "Customer Master Keys (CMKs)", "The customer managed keys in an account and region.", 100_000.0),
    count(ALIASES_PER_KEY, "Aliases per CMK", "The aliases of a customer managed key.", 50.0),
    count(GRANTS_PER_KEY, "Grants per CMK", "The grants of a customer managed key.", 50_000.0),
    count("L-F33DCFEB", "Custom Key Stores", "The custom key stores in an account and region.", 10.0),
    count(KEY_POLICY_BYTES, "Key policy document size", "The bytes of a key policy.", 32_768.0),
    fixed(count(ON_DEMAND_ROTATIONS_PER_KEY, "On-demand rotations per CMK", "The on-demand rotations of a customer managed key.", 25.0)),
];

const SYMMETRIC_OPERATIONS: Quota = Quota {
    regional: &[
        Regional {
            regions: &[
                "us-east-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-northeast-1",
                "eu-central-1",
                "eu-west-2",
            ],
            default: 20_000.0,
        },
        Regional {
            regions: &["us-east-1", "us-west-2", "eu-west-1"],
            default: 100_000.0,
        },
    ],
    usage_resource: Some("CryptographicOperationsSymmetric"),
    ..operation(
        SYMMETRIC,
        "Cryptographic operations (symmetric) request rate",
        10_000.0,
        &[
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "GenerateRandom",
            "VerifyMac",
        ],
    )
};

const RSA_OPERATIONS: Quota = Quota {
    usage_resource: Some("CryptographicOperationsRsa"),
    ..operation(
        RSA,
        "Cryptographic operations (RSA) request rate",
        1000.0,
        &[],
    )
};

/// Encryption algorithms and the quotas of the keys that have them.
const ENCRYPTION: &[(&str, &str)] = &[
    ("SYMMETRIC_DEFAULT", SYMMETRIC),
    ("RSAES", RSA),
    ("SM2PKE", ECC),
];

/// Signing algorithms, the same.
const SIGNING: &[(&str, &str)] = &[
    ("RSASSA", RSA),
    ("ECDSA", ECC),
    ("ED25519", ECC),
    ("SM2DSA", ECC),
    ("ML_DSA", ML_DSA),
];

/// What pairs of data keys are made of.
const PAIRS: &[(&str, &str)] = &[
    ("ECC_NIST_P256", "L-D2EEB5E0"),
    ("ECC_NIST_P384", "L-16B46EF0"),
    ("ECC_NIST_P521", "L-1D966DA0"),
    ("ECC_SECG_P256K1", "L-4B7435E4"),
    ("ECC_NIST_EDWARDS25519", "L-6267E936"),
    ("RSA_2048", "L-A89EE7FB"),
    ("RSA_3072", "L-090B98FE"),
    ("RSA_4096", "L-42DB0152"),
    ("SM2", "L-A3DADD95"),
    ("ML_KEM_512", "L-4113B55E"),
    ("ML_KEM_768", "L-0FD9A0FA"),
    ("ML_KEM_1024", "L-F209A2C3"),
];

const DRAWS: &[Draw] = &[
    encryption("Decrypt", "EncryptionAlgorithm"),
    encryption("Encrypt", "EncryptionAlgorithm"),
    encryption("ReEncrypt", "SourceEncryptionAlgorithm"),
    encryption("ReEncrypt", "DestinationEncryptionAlgorithm"),
    by("Sign", "SigningAlgorithm", SIGNING),
    by("Verify", "SigningAlgorithm", SIGNING),
    by("GenerateDataKeyPair", "KeyPairSpec", PAIRS),
    by("GenerateDataKeyPairWithoutPlaintext", "KeyPairSpec", PAIRS),
];

/// A request rate of these operations, or of what `DRAWS` says.
const fn operation(
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
        adjustable: true,
        usage_resource: None,
    }
}

const fn pair(code: &'static str, name: &'static str, default: f64) -> Quota {
    operation(code, name, default, &[])
}

const fn in_china(quota: Quota, regional: &'static [Regional]) -> Quota {
    Quota { regional, ..quota }
}

const fn china(default: f64) -> Regional {
    Regional {
        regions: &["cn-north-1", "cn-northwest-1"],
        default,
    }
}

const fn count(
    code: &'static str,
    name: &'static str,
    description: &'static str,
    default: f64,
) -> Quota {
    Quota {
        description,
        kind: QuotaKind::Count,
        ..operation(code, name, default, &[])
    }
}

const fn fixed(quota: Quota) -> Quota {
    Quota {
        adjustable: false,
        ..quota
    }
}

const fn encryption(operation: &'static str, member: &'static str) -> Draw {
    Draw {
        absent: "SYMMETRIC_DEFAULT",
        ..by(operation, member, ENCRYPTION)
    }
}

const fn by(
    operation: &'static str,
    member: &'static str,
    quotas: &'static [(&'static str, &'static str)],
) -> Draw {
    Draw {
        operation,
        member,
        quotas,
        absent: "",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use api::kms;
    use wire::shape::Kind;

    use super::*;

    /// The codes that AWS's documentation, or answers of Service Quotas in public, show.
    const DOCUMENTED: &[&str] = &[
        "L-635264CC",
        "L-705B9E79",
        "L-F7504F73",
        "L-08932E37",
        "L-0428A42E",
        "L-32B67F4A",
        "L-1F75ADD1",
        "L-E99520CB",
        "L-1233BF9B",
        "L-E20AA94C",
        "L-FAE8F084",
        "L-6B8C93BD",
        "L-CE1DB614",
        "L-9F1FCF6D",
        "L-BD96F100",
        "L-BE799B67",
        "L-D2EEB5E0",
        "L-16B46EF0",
        "L-1D966DA0",
        "L-6E3AF000",
        "L-2AC98190",
        "L-DC14942D",
        "L-C2F1777E",
        "L-340F62FB",
        "L-D594A657",
        "L-F33DCFEB",
        "L-0E66C9C0",
    ];

    #[test]
    fn codes_are_documented_or_follow_from_the_name() {
        let codes: BTreeSet<_> = ALL.iter().map(|quota| quota.code).collect();
        assert_eq!(codes.len(), ALL.len());
        for code in DOCUMENTED {
            assert!(codes.contains(code), "{code}");
        }
        for quota in ALL {
            let derived = format!("L-{:08X}", crc_32(quota.name));
            let is_known = DOCUMENTED.contains(&quota.code);
            assert!(is_known || quota.code == derived, "{}", quota.name);
        }
    }

    /// ISO/IEC 8802-3, as in ZIP files.
    fn crc_32(text: &str) -> u32 {
        let step = |crc: u32| {
            if crc & 1 == 0 {
                crc >> 1
            } else {
                crc >> 1 ^ 0xEDB8_8320
            }
        };
        let byte = |crc, byte: u8| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc));
        !text.bytes().fold(u32::MAX, byte)
    }

    #[test]
    fn every_operation_counts_against_a_rate() {
        let drawn = DRAWS.iter().map(|draw| draw.operation);
        let named = ALL.iter().flat_map(|quota| quota.operations).copied();
        let named: BTreeSet<_> = named.chain(drawn).collect();
        for operation in kms::SERVICE.operations {
            assert!(named.contains(operation.name), "{}", operation.name);
        }
        let built = kms::SERVICE
            .operations
            .iter()
            .map(|operation| operation.name);
        let known: BTreeSet<_> = built.chain(kms::SERVICE.unbuilt.iter().copied()).collect();
        for operation in named {
            assert!(known.contains(operation), "{operation}");
        }
    }

    #[test]
    fn what_counts_elsewhere_is_known() {
        for elsewhere in ELSEWHERE {
            let operation = kms::SERVICE.operation(elsewhere.operation);
            let mut members = operation.expect("an operation").input.members().iter();
            assert!(members.any(|member| member.name == elsewhere.member));
            assert!(QUOTAS.quota(elsewhere.quota).is_some());
        }
    }

    #[test]
    fn every_algorithm_has_its_quota() {
        for draw in DRAWS {
            let operation = kms::SERVICE
                .operation(draw.operation)
                .expect(draw.operation);
            let mut members = operation.input.members().iter();
            let member = members.find(|known| known.name == draw.member);
            let Kind::String(text) = &member.expect(draw.member).shape.kind else {
                panic!("{} is no text", draw.member);
            };
            assert!(!text.values.is_empty(), "{}", draw.member);
            for value in text
                .values
                .iter()
                .chain([&draw.absent].into_iter().filter(|text| !text.is_empty()))
            {
                let fits: Vec<_> = draw
                    .quotas
                    .iter()
                    .filter(|(begins, _)| value.starts_with(begins))
                    .collect();
                assert_eq!(fits.len(), 1, "{value}");
                assert!(QUOTAS.quota(fits[0].1).is_some(), "{value}");
            }
        }
    }
}
