//! Imported key material in AWS's Chinese regions, where private keys may come under an SM2 key and
//! those of RSA have to.

use sm2::elliptic_curve::Group as _;
use sm2::elliptic_curve::point::AffineCoordinates as _;
use sm2::{NonZeroScalar, ProjectivePoint, PublicKey};
use sm3::{Digest as _, Sm3};

use crate::house::{Kms, Value, base64, bytes, json, text};
use crate::import::{Parameters, import_input};
use crate::import_kinds::material;

const CHINA: &str = "cn-north-1";

/// The bytes of a coordinate, and of an SM3 digest.
const LENGTH: usize = 32;

/// SM2 encryption (GB/T 32918.4) as its text says, in the DER of GM/T 0009: the point's
/// coordinates, the hash, the masked plaintext.
pub(crate) fn encrypt(public_key: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let point = &public_key[public_key.len() - 1 - 2 * LENGTH..];
    let public = PublicKey::from_sec1_bytes(point).expect("a point");
    let number = NonZeroScalar::from_repr([0x5a; LENGTH].into());
    let number = number.into_option().expect("a number below the order");
    let sent = ProjectivePoint::mul_by_generator(number.as_ref()).to_affine();
    let shared = (public.to_projective() * number.as_ref()).to_affine();
    let (x, y) = (shared.x(), shared.y());
    let mut masked = plaintext.to_vec();
    for (counter, chunk) in (1_u32..).zip(masked.chunks_mut(LENGTH)) {
        let stream = Sm3::digest([&x[..], &y[..], &counter.to_be_bytes()].concat());
        for (byte, mask) in chunk.iter_mut().zip(stream) {
            *byte ^= mask;
        }
    }
    let hash = Sm3::digest([&x[..], plaintext, &y[..]].concat());
    let parts = [
        integer(&sent.x()),
        integer(&sent.y()),
        tagged(0x04, &hash),
        tagged(0x04, &masked),
    ];
    tagged(0x30, &parts.concat())
}

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[zeros..];
    match number.first() {
        Some(first) if *first < 0x80 => tagged(0x02, number),
        _ => tagged(0x02, &[&[0], number].concat()),
    }
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = match content.len() {
        0..0x80 => vec![content.len().to_le_bytes()[0]],
        _ => {
            let count = u8::try_from(length.len() - zeros).expect("few bytes");
            [&[0x80 | count], &length[zeros..]].concat()
        }
    };
    [&[tag], length.as_slice(), content].concat()
}

async fn ok(kms: &Kms, operation: &str, input: Value) -> Value {
    let answer = kms.call_in(CHINA, "root", operation, input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.body
}

async fn external(kms: &Kms, spec: &str, usage: &str) -> String {
    let input = json!({ "Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage });
    text(&ok(kms, "CreateKey", input).await["KeyMetadata"]["KeyId"])
}

fn asking(key: &str, algorithm: &str, spec: &str) -> Value {
    json!({ "KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec })
}

/// Imports material as it is wrapped with `algorithm` under a key of `spec`.
async fn import(kms: &Kms, key: &str, (algorithm, spec): (&str, &str), material: &[u8]) {
    let answer = ok(kms, "GetParametersForImport", asking(key, algorithm, spec)).await;
    let parameters = Parameters::read(algorithm, &answer);
    let input = import_input(key, &parameters, material, &json!({}));
    ok(kms, "ImportKeyMaterial", input).await;
}

/// A private key on SM2's curve, which a data key pair has.
async fn sm2_pair(kms: &Kms) -> (Vec<u8>, Value) {
    let wrapping = ok(kms, "CreateKey", json!({})).await;
    let input = json!({ "KeyId": wrapping["KeyMetadata"]["KeyId"], "KeyPairSpec": "SM2" });
    let pair = ok(kms, "GenerateDataKeyPair", input).await;
    (
        bytes(&pair["PrivateKeyPlaintext"]),
        pair["PublicKey"].clone(),
    )
}

/// Each spec, a usage and a signing algorithm; and whether RSAES_OAEP wraps it as well.
const KINDS: [(&str, &str, bool); 8] = [
    ("RSA_2048", "RSASSA_PSS_SHA_256", false),
    ("RSA_4096", "RSASSA_PSS_SHA_512", false),
    ("ECC_NIST_P256", "ECDSA_SHA_256", true),
    ("ECC_NIST_P384", "ECDSA_SHA_384", true),
    ("ECC_NIST_P521", "ECDSA_SHA_512", true),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256", true),
    ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", true),
    ("SM2", "SM2DSA", true),
];

#[tokio::test]
async fn kms_25_private_keys_come_under_an_sm2_key_in_china() {
    let kms = Kms::new().await;
    let (sm2, public_key) = sm2_pair(&kms).await;
    for (spec, signing, takes_oaep) in KINDS {
        let material = match spec {
            "SM2" => sm2.clone(),
            _ => material(spec),
        };
        let key = external(&kms, spec, "SIGN_VERIFY").await;
        import(&kms, &key, ("SM2PKE", "SM2"), &material).await;
        // What comes in again, otherwise wrapped, is the same material.
        match takes_oaep {
            true => import(&kms, &key, ("RSAES_OAEP_SHA_256", "RSA_3072"), &material).await,
            false => {
                let input = asking(&key, "RSAES_OAEP_SHA_256", "RSA_3072");
                refused(&kms, CHINA, input).await;
            }
        }
        let input = json!({ "KeyId": key, "Message": "eA==", "SigningAlgorithm": signing });
        let signed = ok(&kms, "Sign", input.clone()).await;
        let mut input = input;
        input["Signature"] = signed["Signature"].clone();
        assert_eq!(ok(&kms, "Verify", input).await["SignatureValid"], true);
        if spec == "SM2" {
            let shown = ok(&kms, "GetPublicKey", json!({ "KeyId": key })).await;
            assert_eq!(shown["PublicKey"], public_key);
        }
    }
}

async fn refused(kms: &Kms, region: &str, input: Value) {
    let said = input.to_string();
    let operation = "GetParametersForImport";
    let answer = kms.call_in(region, "root", operation, input).await;
    let code = answer.code.as_deref();
    assert_eq!(code, Some("UnsupportedOperationException"), "{said}");
}

/// "Select a wrapping algorithm": SM2 is for private keys; an SM2 key wraps with no other
/// algorithm, and the algorithm with no other key.
#[tokio::test]
async fn kms_25_what_sm2_does_not_wrap_is_refused() {
    let kms = Kms::new().await;
    for (spec, usage) in [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ] {
        let key = external(&kms, spec, usage).await;
        refused(&kms, CHINA, asking(&key, "SM2PKE", "SM2")).await;
        let input = asking(&key, "RSAES_OAEP_SHA_256", "RSA_2048");
        ok(&kms, "GetParametersForImport", input).await;
    }
    for spec in ["SM2", "ECC_NIST_P256"] {
        let key = external(&kms, spec, "SIGN_VERIFY").await;
        for (algorithm, wrapping) in [
            ("SM2PKE", "RSA_2048"),
            ("SM2PKE", "RSA_4096"),
            ("RSAES_OAEP_SHA_1", "SM2"),
            ("RSAES_OAEP_SHA_256", "SM2"),
            ("RSA_AES_KEY_WRAP_SHA_256", "SM2"),
            ("RSA_AES_KEY_WRAP_SHA_256", "RSA_4096"),
            ("RSAES_PKCS1_V1_5", "SM2"),
        ] {
            refused(&kms, CHINA, asking(&key, algorithm, wrapping)).await;
        }
    }
}

#[tokio::test]
async fn kms_25_changed_ciphertexts_of_sm2_do_not_come_in() {
    let kms = Kms::new().await;
    let (sm2, _) = sm2_pair(&kms).await;
    let key = external(&kms, "SM2", "SIGN_VERIFY").await;
    let answer = ok(
        &kms,
        "GetParametersForImport",
        asking(&key, "SM2PKE", "SM2"),
    )
    .await;
    let parameters = Parameters::read("SM2PKE", &answer);
    let genuine = import_input(&key, &parameters, &sm2, &json!({}));
    let wrapped = bytes(&genuine["EncryptedKeyMaterial"]);
    for place in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[place] ^= 1;
        let mut input = genuine.clone();
        input["EncryptedKeyMaterial"] = json!(base64(&changed));
        let answer = kms.call_in(CHINA, "root", "ImportKeyMaterial", input).await;
        let code = answer.code.as_deref();
        assert_eq!(code, Some("InvalidCiphertextException"), "{place}");
    }
    let other = import_input(&key, &parameters, &material("ECC_NIST_P256"), &json!({}));
    let answer = kms.call_in(CHINA, "root", "ImportKeyMaterial", other).await;
    let code = answer.code.as_deref();
    assert_eq!(code, Some("IncorrectKeyMaterialException"));
    ok(&kms, "ImportKeyMaterial", genuine).await;
}
