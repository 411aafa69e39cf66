use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::EcdsaKeyPair;
use proptest::prelude::*;
use std::sync::LazyLock;

use super::super::algorithm::Hash;
use super::super::ec::Curve;
use super::super::{Message, SigningAlgorithm};
use super::*;
use crate::keyring::Keyring;
use crate::random::testing::Seeded;

const ALGORITHMS: [WrappingAlgorithm; 5] = WrappingAlgorithm::ALL;

/// A token and its public key, for an algorithm; all of one RSA key, since they take long to make,
/// or of one SM2 key.
struct Wrapper {
    token: ImportToken,
    key: RsaKey,
    sm2: Sm2Key,
}

static PKCS8: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = RsaKey::generate(KeySize::Rsa2048).unwrap();
    key.pkcs8().unwrap().to_vec()
});

fn wrapper(algorithm: WrappingAlgorithm) -> Wrapper {
    let key = RsaKey::parse_any(&PKCS8).unwrap();
    let sm2 = Sm2Key::parse(&[8; 32]).unwrap();
    let pkcs8 = match algorithm {
        WrappingAlgorithm::Sm2 => sm2.pkcs8().to_vec(),
        _ => PKCS8.clone(),
    };
    let token = ImportToken {
        algorithm,
        valid_to_millis: 5,
        pkcs8: SecretBytes::new(pkcs8),
    };
    Wrapper { token, key, sm2 }
}

impl Wrapper {
    fn wrap(&self, material: &[u8]) -> Vec<u8> {
        match self.token.algorithm {
            WrappingAlgorithm::Oaep(hash) => self.key.encrypt(hash, material).unwrap(),
            WrappingAlgorithm::AesKeyWrap(hash) => self.wrap_with(hash, &[4; 32], material),
            WrappingAlgorithm::Sm2 => self.sm2.encrypt(material, &Seeded::new(6)).unwrap(),
        }
    }

    fn wrap_with(&self, hash: OaepHash, aes: &[u8], material: &[u8]) -> Vec<u8> {
        let wrapped_key = self.key.encrypt(hash, aes).unwrap();
        let cipher = if aes.len() == 16 { &AES_128 } else { &AES_256 };
        let Ok(kek) = AesKek::new(cipher, aes) else {
            return [wrapped_key.as_slice(), &[0; 40]].concat();
        };
        let mut wrapped = vec![0; material.len() + 16];
        let wrapped = kek.wrap_with_padding(material, &mut wrapped).unwrap();
        [wrapped_key.as_slice(), wrapped].concat()
    }

    fn import(&self, spec: MaterialSpec, material: &[u8]) -> Result<KeyMaterial, ImportError> {
        self.token.unwrap(spec, &self.wrap(material))
    }
}

fn aes_wrapper() -> Wrapper {
    wrapper(WrappingAlgorithm::AesKeyWrap(OaepHash::Sha256))
}

fn ec_pkcs8(curve: Curve) -> Vec<u8> {
    let pair = EcdsaKeyPair::generate(curve.signing()).unwrap();
    pair.to_pkcs8v1().unwrap().as_ref().to_vec()
}

fn rsa_pkcs8(size: KeySize) -> Vec<u8> {
    let pair = KeyPair::generate(size).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    der.as_ref().to_vec()
}

#[test]
fn tokens_open_where_they_were_sealed_and_nowhere_else() {
    let random = Seeded::new(1);
    let keyring = Keyring::generate(&random).unwrap();
    let key = keyring.purpose_key("import");
    for algorithm in ALGORITHMS {
        let wrapper = wrapper(algorithm);
        let sealed = wrapper.token.seal(&key, b"arn", &random).unwrap();
        let opened = ImportToken::open(&key, b"arn", &sealed).unwrap();
        assert_eq!(opened.valid_to_millis(), 5);
        assert_eq!(opened.algorithm, algorithm);
        let wrapped = wrapper.wrap(&ec_pkcs8(Curve::P256));
        assert!(opened.unwrap(MaterialSpec::EccNistP256, &wrapped).is_ok());

        assert!(ImportToken::open(&key, b"other arn", &sealed).is_err());
        for other in [
            keyring.purpose_key("other"),
            keyring.record_key("", "import"),
            keyring.session_key(),
        ] {
            assert!(ImportToken::open(&other, b"arn", &sealed).is_err());
        }
    }
    for plaintext in [
        &b""[..],
        b"\x01",
        b"\x01\x00........",
        b"\x01\x06........",
        b"\x02\x01........",
    ] {
        let sealed = key.seal(b"arn", plaintext, &random).unwrap();
        assert!(ImportToken::open(&key, b"arn", &sealed).is_err());
    }
}

#[test]
fn codes_of_algorithms_stay() {
    let codes: Vec<_> = ALGORITHMS.iter().map(|known| known.code()).collect();
    assert_eq!(codes, [1, 2, 3, 4, 5]);
    assert_eq!(
        WrappingAlgorithm::of_code(1),
        Some(WrappingAlgorithm::Oaep(OaepHash::Sha1))
    );
    assert_eq!(WrappingAlgorithm::of_code(0), None);
    assert_eq!(WrappingAlgorithm::of_code(6), None);
}

#[test]
fn a_generated_token_unwraps_what_its_public_key_wrapped() {
    let algorithm = WrappingAlgorithm::Oaep(OaepHash::Sha256);
    let made = ImportToken::generate((WrappingSpec::Rsa3072, algorithm), 9, &Seeded::new(1));
    let (token, public_key) = made.unwrap();
    let key = RsaKey::parse_any(token.pkcs8.expose()).unwrap();
    assert_eq!(key.public_key(), Ok(public_key));
    assert_eq!(key.modulus_len(), 384);
    let wrapped = key.encrypt(OaepHash::Sha256, &[3; 32]).unwrap();
    assert!(token.unwrap(MaterialSpec::Symmetric, &wrapped).is_ok());
}

#[test]
fn keys_of_sm2_wrap_alone_with_sm2() {
    let random = Seeded::new(1);
    for spec in [
        WrappingSpec::Rsa2048,
        WrappingSpec::Rsa3072,
        WrappingSpec::Rsa4096,
        WrappingSpec::Sm2,
    ] {
        for algorithm in ALGORITHMS {
            let is_one = (
                spec == WrappingSpec::Sm2,
                algorithm == WrappingAlgorithm::Sm2,
            );
            if is_one.0 != is_one.1 {
                let made = ImportToken::generate((spec, algorithm), 9, &random);
                assert_eq!(made.err(), Some(KeyError::Unsuitable));
            }
        }
    }
    let asked = (WrappingSpec::Sm2, WrappingAlgorithm::Sm2);
    let (token, public_key) = ImportToken::generate(asked, 9, &random).unwrap();
    let key = Sm2Key::from_pkcs8(token.pkcs8.expose()).unwrap();
    assert_eq!(key.public_key(), public_key);
    let (other, _) = ImportToken::generate(asked, 9, &random).unwrap();
    let pkcs8 = rsa_pkcs8(KeySize::Rsa4096);
    let wrapped = key.encrypt(&pkcs8, &random).unwrap();
    assert!(token.unwrap(MaterialSpec::Rsa4096, &wrapped).is_ok());
    let refused = other.unwrap(MaterialSpec::Rsa4096, &wrapped).err();
    assert_eq!(refused, Some(ImportError::Undecryptable));
    let unfit = token.unwrap(MaterialSpec::Rsa3072, &wrapped).err();
    assert_eq!(unfit, Some(ImportError::Unfit));
}

/// What comes in is the key that went out: it signs what the original verifies.
#[test]
fn private_keys_of_every_kind_come_in() {
    for (curve, spec, hash) in [
        (Curve::P256, MaterialSpec::EccNistP256, Hash::Sha256),
        (Curve::P384, MaterialSpec::EccNistP384, Hash::Sha384),
        (Curve::P521, MaterialSpec::EccNistP521, Hash::Sha512),
        (Curve::P256k1, MaterialSpec::EccSecgP256k1, Hash::Sha256),
    ] {
        let pkcs8 = ec_pkcs8(curve);
        let original = EcKey::parse(curve, &pkcs8).unwrap();
        let imported = aes_wrapper().import(spec, &pkcs8).unwrap();
        let (algorithm, message) = (SigningAlgorithm::Ecdsa(hash), Message::Raw(b"m"));
        let signature = imported.sign(algorithm, message, &Seeded::new(1)).unwrap();
        assert_eq!(original.verify(algorithm, message, &signature), Ok(true));
    }
    let original = Ed25519Key::parse(&[5; 32]).unwrap();
    let pkcs8 = original.pkcs8().unwrap();
    let imported = aes_wrapper().import(MaterialSpec::EccNistEdwards25519, &pkcs8);
    assert_eq!(imported.unwrap().public_key(), original.public_key());
    let pkcs8 = rsa_pkcs8(KeySize::Rsa3072);
    let original = RsaKey::parse_any(&pkcs8).unwrap();
    let imported = aes_wrapper().import(MaterialSpec::Rsa3072, &pkcs8).unwrap();
    assert_eq!(imported.public_key(), original.public_key());
}

/// The same key is the same material, whatever its file says beside.
#[test]
fn the_optional_public_key_makes_no_other_material() {
    // PKCS#8 of one P-256 key: OpenSSL writes the public key into it, this one leaves it out.
    let whole = EcKey::generate(Curve::P256).unwrap().pkcs8().unwrap();
    let scalar = &whole[36..68];
    let inner = [&[0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20][..], scalar].concat();
    let algorithm = der::algorithm_of_private(&whole).unwrap();
    let short = [
        &der::tagged(0x02, &[0])[..],
        &der::tagged(0x30, algorithm),
        &der::tagged(0x04, &inner),
    ]
    .concat();
    let short = der::tagged(0x30, &short);
    assert!(short.len() < whole.len());
    let import = |pkcs8: &[u8]| {
        aes_wrapper()
            .import(MaterialSpec::EccNistP256, pkcs8)
            .unwrap()
    };
    assert_eq!(import(&short).id("k"), import(&whole).id("k"));
}

/// A key of RSA, and the same one with its primes the other way round and a longer exponent.
#[test]
fn the_order_of_primes_makes_no_other_material() {
    let (file, swapped) = (
        include_bytes!("rsa_2048.der"),
        include_bytes!("rsa_2048_swapped.der"),
    );
    assert_ne!(file[..], swapped[..]);
    let import = |pkcs8: &[u8]| {
        let imported = aes_wrapper().import(MaterialSpec::Rsa2048, pkcs8);
        imported.unwrap().id("k").unwrap()
    };
    assert!(import(file) == import(swapped));
    assert!(import(file) != import(&PKCS8));
}

#[test]
fn bytes_of_the_wrong_length_are_no_symmetric_and_no_hmac_key() {
    for (spec, lengths) in [
        (MaterialSpec::Symmetric, 32..=32),
        (MaterialSpec::Hmac224, 28..=64),
        (MaterialSpec::Hmac256, 32..=64),
        (MaterialSpec::Hmac384, 48..=128),
        (MaterialSpec::Hmac512, 64..=128),
    ] {
        let wrapper = wrapper(WrappingAlgorithm::Oaep(OaepHash::Sha256));
        let random = Seeded::new(1);
        let key = Keyring::generate(&random).unwrap().purpose_key("k");
        for length in [
            0, 1, 16, 27, 28, 31, 32, 33, 47, 48, 63, 64, 65, 127, 128, 129,
        ] {
            let bytes = vec![7; length];
            let imported = wrapper.import(spec, &bytes);
            match imported {
                Ok(material) => {
                    assert!(lengths.contains(&length), "{spec:?} {length}");
                    let stored = material.wrap(&key, b"", &random).unwrap();
                    let again = KeyMaterial::unwrap(&key, b"", &stored).unwrap();
                    assert_eq!(again.id("k"), material.id("k"));
                }
                Err(error) => {
                    assert!(!lengths.contains(&length), "{spec:?} {length}");
                    assert_eq!(error, ImportError::Unfit);
                }
            }
        }
    }
}

#[test]
fn keys_of_another_kind_are_refused() {
    let keys = [
        (MaterialSpec::EccNistP256, ec_pkcs8(Curve::P256)),
        (MaterialSpec::EccNistP384, ec_pkcs8(Curve::P384)),
        (MaterialSpec::EccSecgP256k1, ec_pkcs8(Curve::P256k1)),
        (
            MaterialSpec::EccNistEdwards25519,
            Ed25519Key::parse(&[5; 32])
                .unwrap()
                .pkcs8()
                .unwrap()
                .to_vec(),
        ),
        (MaterialSpec::Rsa2048, PKCS8.clone()),
    ];
    let wrapper = aes_wrapper();
    for (made, pkcs8) in &keys {
        let asymmetric = MaterialSpec::ALL.into_iter();
        for read in asymmetric.filter(|spec| spec.is_asymmetric()) {
            let imported = wrapper.import(read, pkcs8);
            assert_eq!(imported.is_ok(), *made == read, "{made:?} {read:?}");
        }
        let followed = [pkcs8.as_slice(), &[0]].concat();
        let imported = wrapper.import(*made, &followed).err();
        assert_eq!(imported, Some(ImportError::Unfit), "{made:?}");
    }
    // A seed is not how such keys are imported, and no key at all is none.
    for bytes in [&[0x30, 0][..], &[5; 32], &[0x30, 3, 2, 1, 0]] {
        for spec in [
            MaterialSpec::EccNistEdwards25519,
            MaterialSpec::EccNistP256,
            MaterialSpec::Rsa2048,
        ] {
            assert_eq!(wrapper.import(spec, bytes).err(), Some(ImportError::Unfit));
        }
    }
}

/// A key of P-256 whose curve is spelled out (`openssl genpkey`, `ec_param_enc:explicit`).
#[test]
fn curves_without_a_name_are_refused() {
    let pkcs8 = include_bytes!("p256_explicit.der");
    assert!(EcKey::parse(Curve::P256, pkcs8).is_ok());
    let imported = aes_wrapper().import(MaterialSpec::EccNistP256, pkcs8);
    assert_eq!(imported.err(), Some(ImportError::Unfit));
}

/// A key of 2048 bits, one factor of which is no prime; all else fits, and the library reads it.
#[test]
fn sec_c2_rsa_keys_whose_factors_are_no_primes_are_refused() {
    let spec = MaterialSpec::Rsa2048;
    let pkcs8 = include_bytes!("rsa_composite_factor.der");
    assert!(RsaKey::parse(KeySize::Rsa2048, pkcs8).is_ok());
    assert!(aes_wrapper().import(spec, &PKCS8).is_ok());
    let imported = aes_wrapper().import(spec, pkcs8);
    assert_eq!(imported.err(), Some(ImportError::Unfit));
    let given = KeyMaterial::of_bytes(spec, pkcs8);
    assert_eq!(given.err(), Some(KeyError::Unsuitable));
}

#[test]
fn scalars_out_of_range_are_refused() {
    let whole = ec_pkcs8(Curve::P256);
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: [u8; 32] = crate::hex::decode(order.as_bytes()).unwrap();
    for scalar in [[0; 32], order, [0xff; 32]] {
        let mut broken = whole.clone();
        broken[36..68].copy_from_slice(&scalar);
        let imported = aes_wrapper().import(MaterialSpec::EccNistP256, &broken);
        assert_eq!(imported.err(), Some(ImportError::Unfit));
    }
    // Nor does a public key come in that is another's.
    let mut broken = whole;
    broken[67] ^= 1;
    let imported = aes_wrapper().import(MaterialSpec::EccNistP256, &broken);
    assert_eq!(imported.err(), Some(ImportError::Unfit));
}

#[test]
fn aes_keys_of_128_and_256_bits_wrap() {
    let wrapper = aes_wrapper();
    let pkcs8 = ec_pkcs8(Curve::P256);
    for (length, wraps) in [(16, true), (32, true), (24, false), (8, false), (0, false)] {
        let wrapped = wrapper.wrap_with(OaepHash::Sha256, &vec![6; length], &pkcs8);
        let imported = wrapper.token.unwrap(MaterialSpec::EccNistP256, &wrapped);
        let expected = (!wraps).then_some(ImportError::Undecryptable);
        assert_eq!(imported.err(), expected, "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// No change to what is wrapped leaves it wrapped, and none is a failure inside.
    #[test]
    fn changed_wrapping_does_not_unwrap(
        which in 0..ALGORITHMS.len(), place in any::<prop::sample::Index>(), flip in 1..=255_u8,
    ) {
        let wrapper = wrapper(ALGORITHMS[which]);
        let mut wrapped = wrapper.wrap(&[7; 32]);
        let place = place.index(wrapped.len());
        wrapped[place] ^= flip;
        let imported = wrapper.token.unwrap(MaterialSpec::Symmetric, &wrapped);
        prop_assert_eq!(imported.err(), Some(ImportError::Undecryptable));
        wrapped.truncate(place);
        let imported = wrapper.token.unwrap(MaterialSpec::Symmetric, &wrapped);
        prop_assert_eq!(imported.err(), Some(ImportError::Undecryptable));
    }

    /// What another algorithm wrapped does not unwrap.
    #[test]
    fn algorithms_do_not_mix(one in 0..ALGORITHMS.len(), two in 0..ALGORITHMS.len()) {
        prop_assume!(one != two);
        let wrapped = wrapper(ALGORITHMS[one]).wrap(&[7; 32]);
        let imported = wrapper(ALGORITHMS[two]).token.unwrap(MaterialSpec::Symmetric, &wrapped);
        prop_assert_eq!(imported.err(), Some(ImportError::Undecryptable));
    }

    /// Whatever a private key is changed to, it is refused or is a key of the kind.
    #[test]
    fn changed_private_keys_are_no_failure(
        place in any::<prop::sample::Index>(), flip in 1..=255_u8,
    ) {
        let mut pkcs8 = ec_pkcs8(Curve::P256);
        let place = place.index(pkcs8.len());
        pkcs8[place] ^= flip;
        if let Ok(material) = KeyMaterial::import(MaterialSpec::EccNistP256, &pkcs8) {
            let public = material.public_key().unwrap();
            prop_assert_eq!(public.len(), 91);
        }
    }
}
