//! What each operation says to policies: calls, and the condition keys that come of them.

/// A condition key and its values. More than one makes it a set.
pub(crate) type Expected = &'static [(&'static str, &'static [&'static str])];

/// An operation, the key that it is called with, its input, and the keys that come of the input.
/// What stands in angle brackets in input or values comes from the stage.
pub(crate) struct Case(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) Expected,
);

const SYMMETRIC: &str = "SYMMETRIC_DEFAULT ENCRYPT_DECRYPT";
const SIGNING: &str = "ECC_NIST_P256 SIGN_VERIFY";
const AGREEING: &str = "ECC_NIST_P256 KEY_AGREEMENT";
const MACS: &str = "HMAC_256 GENERATE_VERIFY_MAC";
const ENCAPSULATING: &str = "ML_KEM_768 ENCAPSULATE_DECAPSULATE";

const IMPORTED: &str = "SYMMETRIC_DEFAULT ENCRYPT_DECRYPT EXTERNAL";
const MULTI_REGION: &str = "SYMMETRIC_DEFAULT ENCRYPT_DECRYPT MULTI_REGION";

const BY_ALIAS: (&str, &[&str]) = ("kms:RequestAlias", &["alias/used"]);
const ENCRYPTING: Expected = &[
    BY_ALIAS,
    ("kms:EncryptionAlgorithm", &["SYMMETRIC_DEFAULT"]),
    ("kms:EncryptionContext:Dept", &["IT"]),
    ("kms:EncryptionContextKeys", &["Dept", "More"]),
];
const DECRYPTING: Expected = &[
    ("kms:EncryptionAlgorithm", &["SYMMETRIC_DEFAULT"]),
    ("kms:EncryptionContext:Dept", &["IT"]),
    ("kms:EncryptionContextKeys", &["Dept", "More"]),
];
const PAIRING: Expected = &[
    BY_ALIAS,
    ("kms:DataKeyPairSpec", &["ECC_NIST_P256"]),
    ("kms:EncryptionAlgorithm", &["SYMMETRIC_DEFAULT"]),
    ("kms:EncryptionContext:Dept", &["IT"]),
    ("kms:EncryptionContextKeys", &["Dept", "More"]),
];
const REENCRYPTING: Expected = &[
    ("kms:EncryptionAlgorithm", &["SYMMETRIC_DEFAULT"]),
    ("kms:EncryptionContext:Dept", &["IT"]),
    ("kms:EncryptionContextKeys", &["Dept", "More"]),
    ("kms:ReEncryptOnSameKey", &["true"]),
];
const SIGNED: Expected = &[
    BY_ALIAS,
    ("kms:MessageType", &["RAW"]),
    ("kms:SigningAlgorithm", &["ECDSA_SHA_256"]),
];
const MACED: Expected = &[BY_ALIAS, ("kms:MacAlgorithm", &["HMAC_SHA_256"])];
const ENCAPSULATED: Expected = &[BY_ALIAS, ("kms:EncapsulationAlgorithm", &["ML_KEM"])];

/// Operations and inputs. Where an operation takes an alias it is called with one.
pub(crate) const CASES: &[Case] = &[
    Case(
        "CancelKeyDeletion",
        "SYMMETRIC_DEFAULT DELETED",
        r#"{"KeyId":"<key>"}"#,
        &[],
    ),
    Case(
        "CreateGrant",
        SYMMETRIC,
        r#"{"KeyId":"<key>","GranteePrincipal":"<root>","RetiringPrincipal":"<user>",
            "Operations":["Decrypt","Encrypt"],
            "Constraints":{"EncryptionContextSubset":{"Dept":"IT","More":"x"}}}"#,
        &[
            ("kms:EncryptionContext:Dept", &["IT"]),
            ("kms:EncryptionContextKeys", &["Dept", "More"]),
            ("kms:GrantConstraintType", &["EncryptionContextSubset"]),
            ("kms:GrantIsForAWSResource", &["false"]),
            ("kms:GrantOperations", &["Decrypt", "Encrypt"]),
            ("kms:GranteePrincipal", &["<root>"]),
            ("kms:RetiringPrincipal", &["<user>"]),
        ],
    ),
    Case(
        "CreateGrant",
        SYMMETRIC,
        r#"{"KeyId":"<key>","GranteeServicePrincipal":"ec2.amazonaws.com",
            "RetiringServicePrincipal":"lambda.amazonaws.com","Operations":["Decrypt"],
            "Constraints":{"SourceArn":"arn:aws:ec2:eu-west-2:111122223333:instance/*"}}"#,
        &[
            (
                "kms:GrantConstraintSourceArn",
                &["arn:aws:ec2:eu-west-2:111122223333:instance/*"],
            ),
            ("kms:GrantConstraintType", &["SourceArn"]),
            ("kms:GrantIsForAWSResource", &["false"]),
            ("kms:GrantOperations", &["Decrypt"]),
            ("kms:GranteeServicePrincipal", &["ec2.amazonaws.com"]),
            ("kms:RetiringServicePrincipal", &["lambda.amazonaws.com"]),
        ],
    ),
    Case(
        "CreateKey",
        SYMMETRIC,
        r#"{"BypassPolicyLockoutSafetyCheck":true,"KeySpec":"HMAC_384",
            "KeyUsage":"GENERATE_VERIFY_MAC","Tags":[{"TagKey":"New","TagValue":"v"},
            {"TagKey":"Newer","TagValue":"w"}]}"#,
        &[
            ("aws:RequestTag/New", &["v"]),
            ("aws:TagKeys", &["New", "Newer"]),
            ("kms:BypassPolicyLockoutSafetyCheck", &["true"]),
            ("kms:KeyOrigin", &["AWS_KMS"]),
            ("kms:KeySpec", &["HMAC_384"]),
            ("kms:KeyUsage", &["GENERATE_VERIFY_MAC"]),
            ("kms:MultiRegion", &["false"]),
        ],
    ),
    Case(
        "CreateKey",
        SYMMETRIC,
        r#"{"MultiRegion":true,"Origin":"EXTERNAL"}"#,
        &[
            ("kms:BypassPolicyLockoutSafetyCheck", &["false"]),
            ("kms:KeyOrigin", &["EXTERNAL"]),
            ("kms:KeySpec", &["SYMMETRIC_DEFAULT"]),
            ("kms:KeyUsage", &["ENCRYPT_DECRYPT"]),
            ("kms:MultiRegion", &["true"]),
            ("kms:MultiRegionKeyType", &["PRIMARY"]),
        ],
    ),
    Case(
        "Decapsulate",
        ENCAPSULATING,
        r#"{"KeyId":"alias/used","EncapsulationAlgorithm":"ML_KEM","SharedSecretCiphertextBlob":"<made>"}"#,
        ENCAPSULATED,
    ),
    Case(
        "Decrypt",
        SYMMETRIC,
        r#"{"CiphertextBlob":"<made>","EncryptionContext":{"Dept":"IT","More":"x"}}"#,
        DECRYPTING,
    ),
    Case(
        "Decrypt",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","CiphertextBlob":"<made>",
            "EncryptionContext":{"Dept":"IT","More":"x"}}"#,
        ENCRYPTING,
    ),
    Case(
        "Decrypt",
        SYMMETRIC,
        r#"{"CiphertextBlob":"<made>","EncryptionContext":{"Dept":"IT","More":"x"},
            "Recipient":<enclave>}"#,
        DECRYPTING,
    ),
    Case(
        "DeleteImportedKeyMaterial",
        IMPORTED,
        r#"{"KeyId":"<key>"}"#,
        &[],
    ),
    Case("DescribeKey", MULTI_REGION, r#"{"KeyId":"<key>"}"#, &[]),
    Case(
        "DeriveSharedSecret",
        AGREEING,
        r#"{"KeyId":"alias/used","KeyAgreementAlgorithm":"ECDH","PublicKey":"<made>",
            "Recipient":<instance>}"#,
        &[BY_ALIAS, ("kms:KeyAgreementAlgorithm", &["ECDH"])],
    ),
    Case(
        "DeriveSharedSecret",
        AGREEING,
        r#"{"KeyId":"alias/used","KeyAgreementAlgorithm":"ECDH","PublicKey":"<made>"}"#,
        &[BY_ALIAS, ("kms:KeyAgreementAlgorithm", &["ECDH"])],
    ),
    Case(
        "DescribeKey",
        SYMMETRIC,
        r#"{"KeyId":"alias/used"}"#,
        &[BY_ALIAS],
    ),
    Case("DescribeKey", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case(
        "DisableKey",
        SYMMETRIC,
        r#"{"KeyId":"<key>"}"#,
        &[("kms:TrailingDaysWithoutKeyUsage", &["3"])],
    ),
    Case("DisableKeyRotation", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case("EnableKey", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case(
        "EnableKeyRotation",
        SYMMETRIC,
        r#"{"KeyId":"<key>"}"#,
        &[("kms:RotationPeriodInDays", &["365"])],
    ),
    Case(
        "EnableKeyRotation",
        SYMMETRIC,
        r#"{"KeyId":"<key>","RotationPeriodInDays":90}"#,
        &[("kms:RotationPeriodInDays", &["90"])],
    ),
    Case(
        "Encapsulate",
        ENCAPSULATING,
        r#"{"KeyId":"alias/used","EncapsulationAlgorithm":"ML_KEM"}"#,
        ENCAPSULATED,
    ),
    Case(
        "Encrypt",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","Plaintext":"eA==","EncryptionContext":{"Dept":"IT","More":"x"}}"#,
        ENCRYPTING,
    ),
    Case(
        "Encrypt",
        SYMMETRIC,
        r#"{"KeyId":"<key>","Plaintext":"eA=="}"#,
        &[("kms:EncryptionAlgorithm", &["SYMMETRIC_DEFAULT"])],
    ),
    Case(
        "GenerateDataKey",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","KeySpec":"AES_256","EncryptionContext":{"Dept":"IT","More":"x"}}"#,
        ENCRYPTING,
    ),
    Case(
        "GenerateDataKeyPair",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","KeyPairSpec":"ECC_NIST_P256",
            "EncryptionContext":{"Dept":"IT","More":"x"}}"#,
        PAIRING,
    ),
    Case(
        "GenerateDataKeyPairWithoutPlaintext",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","KeyPairSpec":"ECC_NIST_P256",
            "EncryptionContext":{"Dept":"IT","More":"x"}}"#,
        PAIRING,
    ),
    Case(
        "GenerateDataKeyWithoutPlaintext",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","KeySpec":"AES_256","EncryptionContext":{"Dept":"IT","More":"x"}}"#,
        ENCRYPTING,
    ),
    Case(
        "GenerateMac",
        MACS,
        r#"{"KeyId":"alias/used","MacAlgorithm":"HMAC_SHA_256","Message":"eA=="}"#,
        MACED,
    ),
    Case(
        "GenerateDataKey",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","KeySpec":"AES_256","EncryptionContext":{"Dept":"IT","More":"x"},
            "Recipient":<enclave>}"#,
        ENCRYPTING,
    ),
    Case(
        "GenerateDataKeyPair",
        SYMMETRIC,
        r#"{"KeyId":"alias/used","KeyPairSpec":"ECC_NIST_P256",
            "EncryptionContext":{"Dept":"IT","More":"x"},"Recipient":<enclave>}"#,
        PAIRING,
    ),
    Case(
        "GenerateRandom",
        SYMMETRIC,
        r#"{"NumberOfBytes":1,"Recipient":<instance>}"#,
        &[],
    ),
    Case(
        "GetParametersForImport",
        IMPORTED,
        r#"{"KeyId":"<key>","WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"RSA_3072"}"#,
        &[
            ("kms:WrappingAlgorithm", &["RSAES_OAEP_SHA_256"]),
            ("kms:WrappingKeySpec", &["RSA_3072"]),
        ],
    ),
    Case(
        "ImportKeyMaterial",
        IMPORTED,
        r#"{"KeyId":"<key>","ImportToken":"<token>","EncryptedKeyMaterial":"<wrapped>",
            "ValidTo":1770000000}"#,
        &[
            ("kms:ExpirationModel", &["KEY_MATERIAL_EXPIRES"]),
            ("kms:ValidTo", &["2026-02-02T02:40:00Z"]),
        ],
    ),
    Case(
        "ImportKeyMaterial",
        IMPORTED,
        r#"{"KeyId":"<key>","ImportToken":"<token>","EncryptedKeyMaterial":"<wrapped>",
            "ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE"}"#,
        &[("kms:ExpirationModel", &["KEY_MATERIAL_DOES_NOT_EXPIRE"])],
    ),
    Case("GenerateRandom", SYMMETRIC, r#"{"NumberOfBytes":1}"#, &[]),
    Case("GetKeyLastUsage", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case("GetKeyPolicy", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case(
        "GetKeyRotationStatus",
        SYMMETRIC,
        r#"{"KeyId":"<key>"}"#,
        &[],
    ),
    Case(
        "GetPublicKey",
        SIGNING,
        r#"{"KeyId":"alias/used"}"#,
        &[BY_ALIAS],
    ),
    Case("ListAliases", SYMMETRIC, "{}", &[]),
    Case(
        "ListGrants",
        SYMMETRIC,
        r#"{"KeyId":"<key>"}"#,
        &[("kms:GrantIsForAWSResource", &["false"])],
    ),
    Case("ListKeyPolicies", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case("ListKeyRotations", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case("ListKeys", SYMMETRIC, "{}", &[]),
    Case("ListResourceTags", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case(
        "ListRetirableGrants",
        SYMMETRIC,
        r#"{"RetiringPrincipal":"<root>"}"#,
        &[],
    ),
    Case(
        "PutKeyPolicy",
        SYMMETRIC,
        r#"{"KeyId":"<key>","Policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"<probe>\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}}"}"#,
        &[("kms:BypassPolicyLockoutSafetyCheck", &["false"])],
    ),
    Case(
        "ReEncryptFrom",
        SYMMETRIC,
        r#"{"CiphertextBlob":"<made>","DestinationKeyId":"<key>",
            "SourceEncryptionContext":{"Dept":"IT","More":"x"}}"#,
        REENCRYPTING,
    ),
    Case(
        "ReEncryptTo",
        SYMMETRIC,
        r#"{"CiphertextBlob":"<made>","DestinationKeyId":"<key>",
            "SourceEncryptionContext":{"Dept":"IT","More":"x"},
            "DestinationEncryptionContext":{"Dept":"IT","More":"y"}}"#,
        REENCRYPTING,
    ),
    Case(
        "ReplicateKey",
        MULTI_REGION,
        r#"{"KeyId":"<key>","ReplicaRegion":"ap-southeast-2"}"#,
        &[("kms:ReplicaRegion", &["ap-southeast-2"])],
    ),
    Case(
        "UpdatePrimaryRegion",
        MULTI_REGION,
        r#"{"KeyId":"<key>","PrimaryRegion":"us-east-1"}"#,
        &[("kms:PrimaryRegion", &["us-east-1"])],
    ),
    Case(
        "RetireGrant",
        SYMMETRIC,
        r#"{"KeyId":"<arn>","GrantId":"<grant>"}"#,
        &[
            ("kms:EncryptionContext:Dept", &["IT"]),
            ("kms:EncryptionContextKeys", &["Dept"]),
            ("kms:GrantConstraintType", &["EncryptionContextEquals"]),
        ],
    ),
    Case(
        "RevokeGrant",
        SYMMETRIC,
        r#"{"KeyId":"<key>","GrantId":"<grant>"}"#,
        &[("kms:GrantIsForAWSResource", &["false"])],
    ),
    Case("RotateKeyOnDemand", SYMMETRIC, r#"{"KeyId":"<key>"}"#, &[]),
    Case(
        "ScheduleKeyDeletion",
        SYMMETRIC,
        r#"{"KeyId":"<key>"}"#,
        &[
            ("kms:ScheduleKeyDeletionPendingWindowInDays", &["30"]),
            ("kms:TrailingDaysWithoutKeyUsage", &["3"]),
        ],
    ),
    Case(
        "Sign",
        SIGNING,
        r#"{"KeyId":"alias/used","SigningAlgorithm":"ECDSA_SHA_256","Message":"eA=="}"#,
        SIGNED,
    ),
    Case(
        "TagResource",
        SYMMETRIC,
        r#"{"KeyId":"<key>","Tags":[{"TagKey":"New","TagValue":"v"},
            {"TagKey":"Newer","TagValue":"w"}]}"#,
        &[
            ("aws:RequestTag/New", &["v"]),
            ("aws:TagKeys", &["New", "Newer"]),
        ],
    ),
    Case(
        "UntagResource",
        SYMMETRIC,
        r#"{"KeyId":"<key>","TagKeys":["Dept"]}"#,
        &[("aws:TagKeys", &["Dept"])],
    ),
    Case(
        "UpdateKeyDescription",
        SYMMETRIC,
        r#"{"KeyId":"<key>","Description":"d"}"#,
        &[],
    ),
    Case(
        "Verify",
        SIGNING,
        r#"{"KeyId":"alias/used","SigningAlgorithm":"ECDSA_SHA_256","Message":"eA==",
            "Signature":"<made>"}"#,
        SIGNED,
    ),
    Case(
        "VerifyMac",
        MACS,
        r#"{"KeyId":"alias/used","MacAlgorithm":"HMAC_SHA_256","Message":"eA==","Mac":"<made>"}"#,
        MACED,
    ),
];
