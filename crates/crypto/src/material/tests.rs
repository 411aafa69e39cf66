use proptest::prelude::*;

use super::*;
use crate::keyring::Keyring;
use crate::random::testing::{Broken, Seeded};

/// The kinds that are made in a moment.
pub(super) const QUICK: [MaterialSpec; 17] = [
    MaterialSpec::Symmetric,
    MaterialSpec::Hmac224,
    MaterialSpec::Hmac256,
    MaterialSpec::Hmac384,
    MaterialSpec::Hmac512,
    MaterialSpec::EccNistP256,
    MaterialSpec::EccNistP384,
    MaterialSpec::EccNistP521,
    MaterialSpec::EccSecgP256k1,
    MaterialSpec::EccNistEdwards25519,
    MaterialSpec::MlDsa44,
    MaterialSpec::MlDsa65,
    MaterialSpec::MlDsa87,
    MaterialSpec::MlKem512,
    MaterialSpec::MlKem768,
    MaterialSpec::MlKem1024,
    MaterialSpec::Sm2,
];

const RAW: [SigningAlgorithm; 12] = [
    SigningAlgorithm::RsaPss(Hash::Sha256),
    SigningAlgorithm::RsaPss(Hash::Sha384),
    SigningAlgorithm::RsaPss(Hash::Sha512),
    SigningAlgorithm::RsaPkcs1(Hash::Sha256),
    SigningAlgorithm::RsaPkcs1(Hash::Sha384),
    SigningAlgorithm::RsaPkcs1(Hash::Sha512),
    SigningAlgorithm::Ecdsa(Hash::Sha256),
    SigningAlgorithm::Ecdsa(Hash::Sha384),
    SigningAlgorithm::Ecdsa(Hash::Sha512),
    SigningAlgorithm::Ed25519,
    SigningAlgorithm::MlDsa,
    SigningAlgorithm::Sm2Dsa,
];

pub(super) fn make(spec: MaterialSpec, seed: u64) -> KeyMaterial {
    KeyMaterial::generate(spec, &Seeded::new(seed)).unwrap()
}

#[test]
fn wrapping_round_trips_and_is_bound_to_its_place() {
    let random = Seeded::new(1);
    let keyring = Keyring::generate(&random).unwrap();
    let key = keyring.record_key("111122223333", "kms");
    for spec in QUICK.into_iter().chain([MaterialSpec::Rsa2048]) {
        let material = make(spec, 7);
        let wrapped = material.wrap(&key, b"key-1", &random).unwrap();
        let again = KeyMaterial::unwrap(&key, b"key-1", &wrapped).unwrap();
        assert_eq!(again.spec(), spec);
        assert_eq!(again.id("key-1"), material.id("key-1"));
        assert_eq!(again.public_key(), material.public_key());
        assert_eq!(material.public_key().is_ok(), spec.is_asymmetric());
        assert!(KeyMaterial::unwrap(&key, b"key-2", &wrapped).is_err());
        let other = keyring.record_key("111122223333", "ssm");
        assert!(KeyMaterial::unwrap(&other, b"key-1", &wrapped).is_err());
    }
    for not_material in [
        &b"\x01............"[..],
        b"",
        b"\x00",
        b"\xff",
        b"\x06\x30\x00",
    ] {
        let sealed = key.seal(b"key-1", not_material, &random).unwrap();
        assert!(KeyMaterial::unwrap(&key, b"key-1", &sealed).is_err());
    }
}

/// Material of one kind is not taken for another, whatever the byte in front says.
#[test]
fn material_reads_as_its_own_kind_alone() {
    let alike = [
        // The seed of one parameter set is a seed of the others, and 32 bytes are 32 bytes.
        &[
            MaterialSpec::MlDsa44,
            MaterialSpec::MlDsa65,
            MaterialSpec::MlDsa87,
        ][..],
        // A key of one hash is a key of another whose block it fits in.
        &[
            MaterialSpec::Hmac224,
            MaterialSpec::Hmac256,
            MaterialSpec::Hmac384,
            MaterialSpec::Hmac512,
        ],
        &[
            MaterialSpec::MlKem512,
            MaterialSpec::MlKem768,
            MaterialSpec::MlKem1024,
        ],
    ];
    for made in QUICK.into_iter().chain([MaterialSpec::Rsa2048]) {
        let stored = make(made, 3).stored().unwrap();
        for read in MaterialSpec::ALL {
            let same_length = matches!(stored.len(), 32 | 64);
            let are_alike = alike
                .iter()
                .any(|set| set.contains(&made) && set.contains(&read));
            let reads = KeyMaterial::parse(read, &stored).is_ok();
            assert!(
                !reads || read == made || are_alike || same_length,
                "{made:?} {read:?}"
            );
            assert!(reads || read != made, "{made:?}");
        }
    }
}

#[test]
fn identifiers_are_stable_distinct_and_parse() {
    let (one, two) = (
        make(MaterialSpec::Symmetric, 2),
        make(MaterialSpec::Symmetric, 3),
    );
    let id = one.id("k").unwrap();
    assert_eq!(Ok(id), one.id("k"));
    assert_ne!(Ok(id), one.id("l"));
    assert_ne!(Ok(id), two.id("k"));
    let text = id.to_string();
    assert_eq!(text.len(), 64);
    assert_eq!(text.parse(), Ok(id));
    assert_eq!(
        text.to_uppercase().parse::<MaterialId>(),
        Err(NotAMaterialId)
    );
}

#[test]
fn without_randomness_there_is_no_material() {
    for spec in [
        MaterialSpec::Symmetric,
        MaterialSpec::Hmac256,
        MaterialSpec::EccNistEdwards25519,
        MaterialSpec::MlDsa44,
        MaterialSpec::MlKem512,
        MaterialSpec::Sm2,
    ] {
        let failed = KeyMaterial::generate(spec, &Broken).err();
        assert!(matches!(failed, Some(KeyError::Random(_))), "{spec:?}");
    }
    let key = make(MaterialSpec::MlDsa44, 1);
    let mu = Message::ExternalMu(&[0; 64]);
    let signed = key.sign(SigningAlgorithm::MlDsa, mu, &Broken);
    assert_eq!(signed, Err(KeyError::Library));
}

/// Each kind signs with its own algorithms, and verifies neither another message nor a changed
/// signature.
#[test]
fn every_kind_signs_with_its_own_algorithms() {
    let random = Seeded::new(4);
    let mut pairs = 0;
    for spec in QUICK.into_iter().chain([MaterialSpec::Rsa2048]) {
        let key = make(spec, 5);
        for algorithm in RAW {
            let message = Message::Raw(b"attack at dawn");
            match key.sign(algorithm, message, &random) {
                Ok(signature) => {
                    pairs += 1;
                    let verify = |message, signature: &[u8]| {
                        key.verify(algorithm, Message::Raw(message), signature)
                    };
                    assert_eq!(verify(b"attack at dawn", &signature), Ok(true));
                    assert_eq!(verify(b"attack at noon", &signature), Ok(false));
                    for at in [0, signature.len() / 2, signature.len() - 1] {
                        let mut changed = signature.clone();
                        changed[at] ^= 1;
                        assert_eq!(verify(b"attack at dawn", &changed), Ok(false));
                    }
                    assert_eq!(verify(b"attack at dawn", &[]), Ok(false));
                    let other = make(spec, 6);
                    let verified = other.verify(algorithm, message, &signature);
                    assert_eq!(verified, Ok(false), "{spec:?}");
                }
                Err(error) => {
                    assert_eq!(error, KeyError::Unsuitable, "{spec:?} {algorithm:?}");
                    assert_eq!(key.verify(algorithm, message, b"x"), Err(error));
                }
            }
        }
    }
    // RSA 6, four curves, Ed25519, three of ML-DSA, SM2.
    assert_eq!(pairs, 15);
}

#[test]
fn a_digest_and_its_message_are_the_same() {
    let random = Seeded::new(8);
    for (spec, algorithm, hash) in [
        (
            MaterialSpec::Rsa2048,
            SigningAlgorithm::RsaPss(Hash::Sha384),
            Hash::Sha384,
        ),
        (
            MaterialSpec::Rsa2048,
            SigningAlgorithm::RsaPkcs1(Hash::Sha512),
            Hash::Sha512,
        ),
        (
            MaterialSpec::EccNistP256,
            SigningAlgorithm::Ecdsa(Hash::Sha256),
            Hash::Sha256,
        ),
        (
            MaterialSpec::EccSecgP256k1,
            SigningAlgorithm::Ecdsa(Hash::Sha256),
            Hash::Sha256,
        ),
        (
            MaterialSpec::EccNistP521,
            SigningAlgorithm::Ecdsa(Hash::Sha512),
            Hash::Sha512,
        ),
    ] {
        let key = make(spec, 9);
        let raw = Message::Raw(b"abc");
        let digest = hash.of(raw).unwrap();
        let digest = Message::Digest(digest.as_ref());
        for (signed, verified) in [(raw, digest), (digest, raw)] {
            let signature = key.sign(algorithm, signed, &random).unwrap();
            assert_eq!(key.verify(algorithm, verified, &signature), Ok(true));
        }
        let short = Message::Digest(&[0; 20]);
        assert_eq!(key.sign(algorithm, short, &random), Err(KeyError::Length));
        assert_eq!(
            key.verify(algorithm, short, &[0; 64]),
            Err(KeyError::Length)
        );
        let mu = Message::ExternalMu(&[0; 64]);
        assert_eq!(key.sign(algorithm, mu, &random), Err(KeyError::Unsuitable));
    }
}

/// `mu` by FIPS 204, algorithms 2 and 7: what the library signs from the message, the other crate
/// verifies from `mu`, and the other way round.
#[test]
fn sec_c2_ml_dsa_signs_a_message_and_its_mu_alike() {
    let random = Seeded::new(10);
    for spec in [
        MaterialSpec::MlDsa44,
        MaterialSpec::MlDsa65,
        MaterialSpec::MlDsa87,
    ] {
        let key = make(spec, 11);
        let public = key.public_key().unwrap();
        // What stands before the key in its SPKI: three headers, the identifier, no unused bits.
        let public = &public[22..];
        let mu = match spec {
            MaterialSpec::MlDsa44 => mu_of::<::ml_dsa::MlDsa44>(public),
            MaterialSpec::MlDsa65 => mu_of::<::ml_dsa::MlDsa65>(public),
            _ => mu_of::<::ml_dsa::MlDsa87>(public),
        };
        let (raw, mu) = (Message::Raw(b"a message"), Message::ExternalMu(&mu));
        for (signed, verified) in [(raw, mu), (mu, raw), (mu, mu)] {
            let signature = key.sign(SigningAlgorithm::MlDsa, signed, &random).unwrap();
            let verify = |message| key.verify(SigningAlgorithm::MlDsa, message, &signature);
            assert_eq!(verify(verified), Ok(true), "{spec:?}");
            assert_eq!(verify(Message::ExternalMu(&[1; 64])), Ok(false));
            assert_eq!(verify(Message::ExternalMu(&[1; 63])), Err(KeyError::Length));
        }
        let twice = [(); 2].map(|()| key.sign(SigningAlgorithm::MlDsa, mu, &random).unwrap());
        assert_ne!(twice[0], twice[1], "signatures are hedged");
        let digest = key.sign(SigningAlgorithm::MlDsa, Message::Digest(&[0; 64]), &random);
        assert_eq!(digest, Err(KeyError::Unsuitable));
    }
}

/// The `mu` of `b"a message"` under a public key.
fn mu_of<P: ::ml_dsa::MlDsaParams>(public: &[u8]) -> [u8; 64] {
    use ::ml_dsa::signature::digest::Update;
    fn message(hash: &mut impl Update) -> Result<(), ::ml_dsa::Error> {
        hash.update(b"a message");
        Ok(())
    }
    let key = ::ml_dsa::VerifyingKey::<P>::decode(public.try_into().unwrap());
    key.compute_mu(message, &[]).unwrap().into()
}

#[test]
fn oaep_takes_as_much_as_rfc_8017_allows() {
    let key = make(MaterialSpec::Rsa2048, 1);
    for (hash, most) in [(OaepHash::Sha1, 214), (OaepHash::Sha256, 190)] {
        for length in [0, 1, most] {
            let plaintext = vec![7; length];
            let sealed = key.encrypt_oaep(hash, &plaintext).unwrap();
            assert_eq!(sealed.len(), 256);
            let opened = key.decrypt_oaep(hash, &sealed).unwrap();
            assert_eq!(opened.map(|opened| opened.to_vec()), Some(plaintext));
        }
        let long = key.encrypt_oaep(hash, &vec![7; most + 1]);
        assert_eq!(long, Err(KeyError::Length));
    }
    let sealed = key.encrypt_oaep(OaepHash::Sha1, b"x").unwrap();
    let wrong_hash = key.decrypt_oaep(OaepHash::Sha256, &sealed).unwrap();
    assert!(wrong_hash.is_none());
    for garbage in [&sealed[1..], &[0; 256], &[0xff; 256], &[1; 257], &[]] {
        assert!(key.decrypt_oaep(OaepHash::Sha1, garbage).unwrap().is_none());
    }
}

#[test]
fn data_key_pairs_come_of_every_kind_that_kms_makes() {
    let random = Seeded::new(12);
    for spec in QUICK.into_iter().chain([MaterialSpec::Rsa2048]) {
        match DataKeyPair::generate(spec, &random) {
            Ok(pair) => {
                assert_eq!(pair.private_key[0], 0x30);
                assert_eq!(pair.public_key[0], 0x30);
                if let Shape::MlKem(set) = Shape::of(spec) {
                    // SEQUENCE { 0, SEQUENCE { oid }, OCTET STRING { [0] seed } }
                    assert_eq!(pair.private_key.len(), 86);
                    let seed = &pair.private_key[22..];
                    let again = MlKemKey::parse(set, seed).unwrap();
                    assert_eq!(again.public_key(), pair.public_key);
                }
                // Importing takes keys of this curve alone.
                let imported = KeyMaterial::from_sm2_pkcs8(&pair.private_key).ok();
                let imported = imported.map(|key| (key.spec(), key.public_key()));
                let is_sm2 = spec == MaterialSpec::Sm2;
                assert_eq!(imported, is_sm2.then_some((spec, Ok(pair.public_key))));
            }
            Err(error) => {
                assert_eq!(error, KeyError::Unsuitable);
                let is_ml_dsa = matches!(Shape::of(spec), Shape::MlDsa(_));
                assert!(is_ml_dsa || !spec.is_asymmetric(), "{spec:?}");
            }
        }
    }
}

/// The nonce of an ECDSA signature never repeats, or two signatures give the key away.
#[test]
fn sec_c6_ecdsa_nonces_do_not_repeat() {
    let random = Seeded::new(13);
    let key = make(MaterialSpec::EccNistP256, 1);
    let algorithm = SigningAlgorithm::Ecdsa(Hash::Sha256);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20_000 {
        let signature = key.sign(algorithm, Message::Raw(b"same"), &random).unwrap();
        let length = usize::from(signature[3]);
        assert!(seen.insert(signature[4..4 + length].to_vec()));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        code in 0..MaterialSpec::ALL.len(),
    ) {
        let _ = KeyMaterial::parse(MaterialSpec::ALL[code], &bytes);
        let key = make(MaterialSpec::EccNistP256, 1);
        prop_assert_eq!(key.agree(&bytes), Err(KeyError::PublicKey));
        let algorithm = SigningAlgorithm::Ecdsa(Hash::Sha256);
        prop_assert_eq!(key.verify(algorithm, Message::Raw(b"x"), &bytes), Ok(false));
    }

    #[test]
    fn macs_verify_whole_and_unchanged(
        message in prop::collection::vec(any::<u8>(), 0..100),
        at in any::<prop::sample::Index>(),
    ) {
        for (spec, length) in [
            (MaterialSpec::Hmac224, 28),
            (MaterialSpec::Hmac256, 32),
            (MaterialSpec::Hmac384, 48),
            (MaterialSpec::Hmac512, 64),
        ] {
            let key = make(spec, 1);
            let mac = key.mac(&message).unwrap();
            prop_assert_eq!(mac.len(), length);
            prop_assert_eq!(key.verify_mac(&message, &mac), Ok(true));
            prop_assert_eq!(key.verify_mac(&message, &mac[..length - 1]), Ok(false));
            let mut changed = mac.clone();
            changed[at.index(length)] ^= 0x80;
            prop_assert_eq!(key.verify_mac(&message, &changed), Ok(false));
            prop_assert_eq!(make(spec, 2).verify_mac(&message, &mac), Ok(false));
        }
    }
}
