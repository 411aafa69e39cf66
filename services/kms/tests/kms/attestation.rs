//! `Recipient`: answers that only an attested enclave or instance can read.

use crate::enclave::{Document, Enclave, IMAGE, recipient};
use crate::house::{
    ACCOUNT, Kms, Value, arn, base64, bytes, delegation, granting, json, key_policy, statement,
    text,
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn last(kms: &Kms) -> Value {
    let mut reader = kms.harness.pipeline.store().journal_reader(1);
    let mut last = None;
    while let Some(entry) = reader.next().expect("a journal in memory") {
        last = Some(entry.payload);
    }
    serde_json::from_slice(&last.expect("an event")).expect("JSON")
}

/// A call with `recipient` beside the rest of the input.
fn attested(mut input: Value, recipient: &Value) -> Value {
    input["Recipient"] = recipient.clone();
    input
}

#[tokio::test]
async fn every_operation_answers_under_the_key_of_the_document() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let to = enclave.recipient();
    let key = kms.key().await;
    let blob = kms.encrypt(&key, b"a secret", json!({})).await;
    let opened = |answer: &Value| enclave.open(&bytes(&answer["CiphertextForRecipient"]));

    let input = attested(json!({ "CiphertextBlob": blob }), &to);
    let answer = kms.ok("root", "Decrypt", input).await;
    assert_eq!(opened(&answer), b"a secret");
    let expected = json!({
        "KeyId": arn(&key),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "CiphertextForRecipient": answer["CiphertextForRecipient"],
    });
    assert_eq!(answer, expected);

    let input = attested(json!({ "KeyId": key, "KeySpec": "AES_256" }), &to);
    let answer = kms.ok("root", "GenerateDataKey", input).await;
    let again = json!({ "CiphertextBlob": answer["CiphertextBlob"] });
    let plain = kms.ok("root", "Decrypt", again).await;
    assert_eq!(opened(&answer), bytes(&plain["Plaintext"]));
    assert_eq!(answer.get("Plaintext"), None);
    assert_eq!(answer.get("KeyMaterialId"), None);

    let input = attested(json!({ "KeyId": key, "KeyPairSpec": "RSA_4096" }), &to);
    let answer = kms.ok("root", "GenerateDataKeyPair", input).await;
    let again = json!({ "CiphertextBlob": answer["PrivateKeyCiphertextBlob"] });
    let plain = kms.ok("root", "Decrypt", again).await;
    assert_eq!(opened(&answer), bytes(&plain["Plaintext"]));
    assert_eq!(answer.get("PrivateKeyPlaintext"), None);
    assert!(answer.get("PublicKey").is_some());

    let input = attested(json!({ "NumberOfBytes": 1024 }), &to);
    let answer = kms.ok("root", "GenerateRandom", input).await;
    assert_eq!(opened(&answer).len(), 1024);
    assert_eq!(answer.as_object().map(serde_json::Map::len), Some(1));

    let key = kms.key_of("ECC_NIST_P384", "KEY_AGREEMENT").await;
    let peer = base64(&kms.public_key(&key).await);
    let input = json!({ "KeyId": key, "PublicKey": peer, "KeyAgreementAlgorithm": "ECDH" });
    let plain = kms.ok("root", "DeriveSharedSecret", input.clone()).await;
    let answer = kms
        .ok("root", "DeriveSharedSecret", attested(input, &to))
        .await;
    assert_eq!(opened(&answer), bytes(&plain["SharedSecret"]));
    assert_eq!(answer.get("SharedSecret"), None);
}

#[tokio::test]
async fn a_key_policy_lets_one_image_decrypt() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let mut allowed = granting("alice", &["kms:Decrypt"]);
    allowed["Condition"] =
        json!({ "StringEquals": { "kms:RecipientAttestation:ImageSha384": hex(&IMAGE) } });
    // What the account's own policies may allow must not count.
    let mut others = delegation(ACCOUNT);
    others["Principal"] = json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") });
    others["Condition"] = json!({ "ArnNotLike": { "aws:PrincipalArn": "*:user/alice" } });
    kms.harness.user("alice", &[]);
    let key = kms.key_under(&key_policy(&[allowed, others])).await;
    let blob = kms.encrypt(&key, b"a secret", json!({})).await;
    let input = json!({ "CiphertextBlob": blob });

    let answer = kms
        .ok(
            "alice",
            "Decrypt",
            attested(input.clone(), &enclave.recipient()),
        )
        .await;
    assert_eq!(
        enclave.open(&bytes(&answer["CiphertextForRecipient"])),
        b"a secret"
    );
    assert_eq!(
        kms.code("alice", "Decrypt", input.clone()).await,
        "AccessDeniedException"
    );
    let mut other = enclave.says();
    other.registers[0].1[47] ^= 1;
    // The register of another platform is not the image's.
    let mut instance = enclave.instance_says();
    instance.registers[0].1 = IMAGE.to_vec();
    for document in [other, instance] {
        let input = attested(input.clone(), &recipient(&enclave.sign(&document)));
        assert_eq!(
            kms.code("alice", "Decrypt", input).await,
            "AccessDeniedException"
        );
        assert_eq!(last(&kms).get("additionalEventData"), None);
    }
}

#[tokio::test]
async fn conditions_see_every_register_of_the_platform_that_attests() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let (own, instance) = (enclave.says(), enclave.instance_says());
    for (key, value, document, is_allowed) in [
        ("PCR0", hex(&IMAGE), &own, true),
        ("pcr3", hex(&[3; 48]), &own, true),
        ("PCR15", hex(&[15; 48]), &own, true),
        ("PCR15", hex(&[15; 48]).to_uppercase(), &own, false),
        ("PCR16", hex(&[16; 48]), &own, false),
        ("PCR03", hex(&[3; 48]), &own, false),
        ("NitroTPMPCR3", hex(&[3; 48]), &own, false),
        ("ImageSha384", hex(&[3; 48]), &own, false),
        ("NitroTPMPCR4", hex(&[4; 48]), &instance, true),
        ("NitroTPMPCR23", hex(&[23; 48]), &instance, true),
        ("PCR4", hex(&[4; 48]), &instance, false),
        ("ImageSha384", hex(&[0; 48]), &instance, false),
    ] {
        let policy = statement(&json!({
            "Effect": "Allow",
            "Action": "kms:GenerateRandom",
            "Resource": "*",
            "Condition": { "StringEquals": { format!("kms:RecipientAttestation:{key}"): value } },
        }));
        kms.harness.user("alice", &[&policy]);
        let input = json!({ "NumberOfBytes": 1 });
        let asked = attested(input.clone(), &recipient(&enclave.sign(document)));
        let answer = kms.call("alice", "GenerateRandom", asked).await;
        let expected = (!is_allowed).then_some("AccessDeniedException");
        assert_eq!(answer.code.as_deref(), expected, "{key}");
        let code = kms.code("alice", "GenerateRandom", input).await;
        assert_eq!(code, "AccessDeniedException");
    }
}

#[tokio::test]
async fn a_policy_may_refuse_whoever_does_not_attest() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let denied = statement(&json!({
        "Effect": "Deny",
        "Action": "kms:GenerateRandom",
        "Resource": "*",
        "Condition": { "Null": { "kms:RecipientAttestation:PCR0": "true" } },
    }));
    let allowed = crate::house::allow("kms:GenerateRandom", "*");
    kms.harness.user("alice", &[&allowed, &denied]);
    let input = json!({ "NumberOfBytes": 1 });
    let code = kms.code("alice", "GenerateRandom", input.clone()).await;
    assert_eq!(code, "AccessDeniedException");
    kms.ok(
        "alice",
        "GenerateRandom",
        attested(input, &enclave.recipient()),
    )
    .await;
}

#[tokio::test]
async fn what_a_document_says_is_on_record() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let key = kms.key().await;
    let input = json!({ "KeyId": key, "KeySpec": "AES_256" });
    kms.ok(
        "root",
        "GenerateDataKey",
        attested(input.clone(), &enclave.recipient()),
    )
    .await;
    let event = last(&kms);
    assert_eq!(
        event["requestParameters"],
        json!({ "keyId": key, "keySpec": "AES_256" })
    );
    let expected = json!({ "recipient": {
        "attestationDocumentModuleId": "i-0-enc1",
        "attestationDocumentEnclaveImageDigest": base64(&IMAGE),
        "attestationDocumentEnclavePCR1": base64(&[1; 48]),
        "attestationDocumentEnclavePCR2": base64(&[2; 48]),
        "attestationDocumentEnclavePCR3": base64(&[3; 48]),
        "attestationDocumentEnclavePCR4": base64(&[4; 48]),
        "attestationDocumentEnclavePCR8": base64(&[8; 48]),
    }});
    assert_eq!(without_material(event), expected);

    let mut instance = enclave.instance_says();
    instance
        .registers
        .retain(|(index, _)| ![8, 9].contains(index));
    let to = recipient(&enclave.sign(&instance));
    kms.ok(
        "root",
        "GenerateRandom",
        attested(json!({ "NumberOfBytes": 1 }), &to),
    )
    .await;
    let event = last(&kms);
    let expected = json!({ "recipient": {
        "attestationDocumentModuleId": "i-0-enc1",
        "attestationDocumentNitroTPMPCR4": base64(&[4; 48]),
        "attestationDocumentNitroTPMPCR7": base64(&[7; 48]),
        "attestationDocumentNitroTPMPCR16": base64(&[16; 48]),
        "attestationDocumentNitroTPMPCR23": base64(&[23; 48]),
    }});
    assert_eq!(without_material(event), expected);
    kms.ok("root", "GenerateDataKey", input).await;
    assert_eq!(without_material(last(&kms)), json!({}));
}

#[tokio::test]
async fn a_dry_run_checks_the_document_too() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let key = kms.key().await;
    let input = json!({ "KeyId": key, "KeySpec": "AES_256", "DryRun": true });
    let good = attested(input.clone(), &enclave.recipient());
    let code = kms.code("root", "GenerateDataKey", good).await;
    assert_eq!(code, "DryRunOperationException");
    let bad = attested(input, &recipient(b"a document"));
    let code = kms.code("root", "GenerateDataKey", bad).await;
    assert_eq!(code, "ValidationException");
}

/// The text of the refusal of a document.
async fn refused(kms: &Kms, to: &Value) -> String {
    let input = attested(json!({ "NumberOfBytes": 1 }), to);
    let (code, message) = kms.fails("root", "GenerateRandom", input).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(last(kms).get("additionalEventData"), None);
    message
}

async fn refused_as(kms: &Kms, document: &[u8], why: &str) {
    let expected = format!("The attestation document is not valid: {why}.");
    assert_eq!(refused(kms, &recipient(document)).await, expected);
}

#[tokio::test]
async fn documents_that_do_not_hold_are_refused() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let says = enclave.says();
    let whole = enclave.sign(&says);
    let form = "it is not a COSE_Sign1 structure signed with ES384";
    refused_as(&kms, b"x", form).await;
    refused_as(&kms, &whole[1..], form).await;
    refused_as(&kms, &[&whole[..], &[0]].concat(), form).await;
    let mut forged = whole.clone();
    *forged.last_mut().expect("a byte") ^= 1;
    refused_as(&kms, &forged, "its signature does not hold").await;
    let stranger = Enclave::new();
    let untrusted = "its certificates do not begin with a trusted root";
    refused_as(&kms, &stranger.sign(&says), untrusted).await;
    let (none, many) = (Vec::new(), vec![(0, vec![1; 48]); 2]);
    for registers in [none, many, vec![(32, vec![1; 48])], vec![(0, vec![1; 20])]] {
        let document = enclave.sign(&Document {
            registers,
            ..says.clone()
        });
        refused_as(&kms, &document, "a field is repeated or has no valid value").await;
    }
    let field = "registers";
    let document = enclave.sign(&Document {
        field,
        ..says.clone()
    });
    refused_as(&kms, &document, "it has an unknown field").await;
    for (public_key, why) in [
        (None, "it has no public key"),
        (
            Some(b"key".to_vec()),
            "its public key is not an RSA key of 2048, 3072 or 4096 bits",
        ),
    ] {
        let document = enclave.sign(&Document {
            public_key,
            ..says.clone()
        });
        refused_as(&kms, &document, why).await;
    }
    let algorithm = json!({ "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256" });
    let document = json!({ "AttestationDocument": base64(&whole) });
    for incomplete in [json!({}), algorithm, document] {
        let message = refused(&kms, &incomplete).await;
        assert!(message.contains("must specify both"), "{message}");
    }
    let mut other = enclave.recipient();
    other["KeyEncryptionAlgorithm"] = json!("RSAES_OAEP_SHA_1");
    let message = refused(&kms, &other).await;
    assert!(
        message.contains("recipient.keyEncryptionAlgorithm"),
        "{message}"
    );
}

#[tokio::test]
async fn documents_count_for_five_minutes_and_certificates_for_as_long_as_they_say() {
    const MINUTES: i64 = 60_000;
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let says = enclave.says();
    for (millis, is_fresh) in [
        (-5 * MINUTES - 1, false),
        (-5 * MINUTES, true),
        (5 * MINUTES, true),
        (5 * MINUTES + 1, false),
    ] {
        let millis = says.millis + millis;
        let document = enclave.sign(&Document {
            millis,
            ..says.clone()
        });
        let input = attested(json!({ "NumberOfBytes": 1 }), &recipient(&document));
        let answer = kms.call("root", "GenerateRandom", input).await;
        assert_eq!(answer.status == 200, is_fresh, "{}", answer.text);
    }
    let two_years = 2 * 366 * 24 * 3600;
    kms.harness.clock.advance(two_years);
    let millis = says.millis + two_years * 1000;
    let document = enclave.sign(&Document { millis, ..says });
    refused_as(&kms, &document, "one of its certificates is not valid now").await;
}

/// Whoever names no root trusts nobody.
#[tokio::test]
async fn without_roots_every_document_is_refused() {
    let enclave = Enclave::new();
    let kms = Kms::new().await;
    let untrusted = "its certificates do not begin with a trusted root";
    refused_as(&kms, &enclave.sign(&enclave.says()), untrusted).await;
}

/// A document that is refused tells nothing of keys, and neither does one that is believed.
#[tokio::test]
async fn attested_callers_learn_no_more_than_others() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let key = kms.key().await;
    kms.harness.user("alice", &[]);
    let mut told = Vec::new();
    for id in [arn(&key), arn(crate::house::NO_KEY)] {
        for to in [enclave.recipient(), recipient(b"x")] {
            let input = json!({ "KeyId": id, "KeySpec": "AES_256" });
            let (code, message) = kms
                .fails("alice", "GenerateDataKey", attested(input, &to))
                .await;
            told.push((code, message.replace(&id, "")));
        }
    }
    assert_eq!(told[1], told[3]);
    assert_eq!(told[0].0, "AccessDeniedException");
    assert_eq!(told[0], told[2]);
}

/// Each bit of a document, one at a time: none is believed, and none is too much.
#[tokio::test]
async fn every_bit_of_a_document_counts() {
    let enclave = Enclave::new();
    let kms = enclave.kms().await;
    let whole = enclave.sign(&enclave.says());
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        let message = refused(&kms, &recipient(&changed)).await;
        assert!(
            message.starts_with("The attestation document is not valid"),
            "{message}"
        );
    }
    let input = attested(json!({ "NumberOfBytes": 1 }), &recipient(&whole));
    let answer = kms.ok("root", "GenerateRandom", input).await;
    assert!(!text(&answer["CiphertextForRecipient"]).is_empty());
}

/// What is on record beside request and answer, but for the material, which differs.
fn without_material(mut event: Value) -> Value {
    let mut said = event["additionalEventData"].take();
    if let Some(said) = said.as_object_mut() {
        said.remove("keyMaterialId");
    }
    said
}
