//! Condition keys of KMS come from the request as it is carried out and from the key's record,
//! never from what a caller calls them.

use platform::testing::Answer;

use crate::house::{ACCOUNT, Kms, REGION, Value, arn, json, statement};

/// The condition keys of KMS (AWS KMS developer guide), and of services that call, that no member of an Encrypt request may
/// set, with a value that this call and this key do not have.
const KEYS: &[(&str, &str)] = &[
    ("kms:BypassPolicyLockoutSafetyCheck", "true"),
    ("kms:CallerAccount", "444455556666"),
    ("kms:CustomerMasterKeySpec", "RSA_2048"),
    ("kms:CustomerMasterKeyUsage", "SIGN_VERIFY"),
    ("kms:DataKeyPairSpec", "RSA_2048"),
    ("kms:EncapsulationAlgorithm", "ML_KEM"),
    ("kms:EncryptionContext:claim", "spoofed"),
    ("kms:ExpirationModel", "KEY_MATERIAL_EXPIRES"),
    ("kms:GrantConstraintType", "EncryptionContextEquals"),
    ("kms:GrantIsForAWSResource", "true"),
    ("kms:GrantOperations", "Decrypt"),
    ("kms:GranteePrincipal", "spoofed"),
    ("kms:KeyAgreementAlgorithm", "ECDH"),
    ("kms:KeyOrigin", "EXTERNAL"),
    ("kms:KeySpec", "RSA_2048"),
    ("kms:KeyUsage", "SIGN_VERIFY"),
    ("kms:MacAlgorithm", "HMAC_SHA_256"),
    ("kms:MessageType", "RAW"),
    ("kms:MultiRegion", "true"),
    ("kms:MultiRegionKeyType", "PRIMARY"),
    ("kms:PrimaryRegion", "spoofed"),
    ("kms:ReEncryptOnSameKey", "true"),
    ("kms:RecipientAttestation:ImageSha384", "spoofed"),
    ("kms:RecipientAttestation:PCR0", "spoofed"),
    ("kms:ReplicaRegion", "spoofed"),
    ("kms:RequestAlias", "alias/spoofed"),
    ("kms:ResourceAliases", "alias/spoofed"),
    ("kms:RetiringPrincipal", "spoofed"),
    ("kms:RotationPeriodInDays", "90"),
    ("kms:ScheduleKeyDeletionPendingWindowInDays", "7"),
    ("kms:SigningAlgorithm", "ECDSA_SHA_256"),
    ("kms:ValidTo", "spoofed"),
    ("kms:ViaService", "s3.eu-west-2.amazonaws.com"),
    ("aws:CalledVia", "s3.amazonaws.com"),
    ("aws:CalledViaFirst", "s3.amazonaws.com"),
    ("aws:CalledViaLast", "s3.amazonaws.com"),
    ("aws:PrincipalIsAWSService", "true"),
    ("aws:PrincipalServiceName", "s3.amazonaws.com"),
    ("aws:PrincipalServiceNamesList", "s3.amazonaws.com"),
    ("aws:SourceAccount", ACCOUNT),
    ("aws:SourceArn", "arn:aws:s3:::spoofed"),
    ("aws:SourceOrgID", "o-spoofed"),
    ("aws:ViaAWSService", "true"),
    ("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256"),
    ("kms:WrappingKeySpec", "RSA_2048"),
];

/// Encrypts as mallory, who may only if `key` has `value`, and claims it wherever a claim fits.
async fn encrypt_claiming(kms: &Kms, key_id: &str, (key, value): (&str, &str)) -> Answer {
    let condition = json!({ "ForAnyValue:StringEquals": { key: value } });
    let allowing = json!({
        "Effect": "Allow",
        "Action": "kms:Encrypt",
        "Resource": "*",
        "Condition": condition,
    });
    kms.harness.user("mallory", &[&statement(&allowing)]);
    let name = key.trim_start_matches("kms:").trim_start_matches("aws:");
    // A context may hold any name; `kms:EncryptionContext:<name>` alone shows what it holds.
    let context = json!({ key: value, name: value });
    let mut input = json!({ "KeyId": key_id, "Plaintext": "eA==", "EncryptionContext": context });
    for member in [key, name, &key.to_lowercase(), &lower_camel(name)] {
        input[member] = json!(value);
    }
    let (plain, escaped) = (name.replace(':', "-"), key.replace(':', "%3A"));
    let mut request = http::Request::post(format!("/?{escaped}={value}&{plain}={value}"))
        .header("host", "localhost")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "TrentService.Encrypt");
    for prefix in [
        "",
        "kms-",
        "x-kms-",
        "x-amz-",
        "x-amz-kms-",
        "aws-kms-",
        "x-strongroom-",
    ] {
        request = request.header(format!("{prefix}{plain}"), value);
    }
    let body = input.to_string().into_bytes();
    kms.harness.send(REGION, "mallory", request, body).await
}

fn lower_camel(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_lowercase())
}

#[tokio::test]
async fn sec_i2_no_header_and_no_parameter_sets_a_condition_key_of_kms() {
    let kms = Kms::new().await;
    let key_id = kms.key().await;
    for claim in KEYS {
        let answer = encrypt_claiming(&kms, &key_id, *claim).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("AccessDeniedException"),
            "{claim:?}: {}",
            answer.text
        );
    }
}

/// The same request passes where the condition is what the key and the call really have.
#[tokio::test]
async fn what_kms_knows_sets_its_condition_keys() {
    let kms = Kms::new().await;
    let key_id = kms.key().await;
    let input: Value = json!({ "AliasName": "alias/x", "TargetKeyId": key_id });
    kms.ok("root", "CreateAlias", input).await;
    for truth in [
        ("kms:CallerAccount", ACCOUNT),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        ("kms:KeyOrigin", "AWS_KMS"),
        ("kms:MultiRegion", "false"),
        ("kms:ResourceAliases", "alias/x"),
    ] {
        let answer = encrypt_claiming(&kms, &arn(&key_id), truth).await;
        assert_eq!(answer.status, 200, "{truth:?}: {}", answer.text);
    }
}
