//! What comes with imported key material: tokens, private keys in PKCS #8, and wrapped material.
//!
//! No token opens but the genuine one. What is taken for a key is one: it wraps for storage and
//! comes back as the same material, with a public key if it has one.
#![no_main]

use std::sync::LazyLock;

use crypto::{
    ImportToken, KeyMaterial, Keyring, MaterialSpec, OaepHash, Random, RandomFailure, RecordKey,
    WrappingAlgorithm, WrappingSpec,
};
use libfuzzer_sys::fuzz_target;

const PLACE: &[u8] = b"arn:aws:kms:eu-west-2:111122223333:key/1234abcd";

struct Sevens;

impl Random for Sevens {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailure> {
        out.fill(7);
        Ok(())
    }
}

struct Genuine {
    key: RecordKey,
    token: Vec<u8>,
    opened: ImportToken,
    sm2: ImportToken,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let keyring = Keyring::generate(&Sevens).unwrap_or_else(|_| panic!("no keyring"));
    let key = keyring.purpose_key("fuzz");
    let algorithm = WrappingAlgorithm::AesKeyWrap(OaepHash::Sha256);
    let made = ImportToken::generate((WrappingSpec::Rsa2048, algorithm), 1, &Sevens);
    let (opened, _) = made.unwrap_or_else(|_| panic!("no wrapping key"));
    let token = opened.seal(&key, PLACE, &Sevens);
    let token = token.unwrap_or_else(|_| panic!("no token"));
    let made = ImportToken::generate((WrappingSpec::Sm2, WrappingAlgorithm::Sm2), 1, &Sevens);
    let (sm2, _) = made.unwrap_or_else(|_| panic!("no wrapping key"));
    Genuine {
        key,
        token,
        opened,
        sm2,
    }
});

fuzz_target!(|input: &[u8]| {
    let Some(([which, spec], input)) = input.split_first_chunk() else {
        return;
    };
    let spec = MaterialSpec::ALL[usize::from(*spec) % MaterialSpec::ALL.len()];
    match which % 3 {
        0 => opens(input),
        1 => reads(spec, input),
        _ => unwraps(spec, input),
    }
});

fn opens(input: &[u8]) {
    let Genuine { key, token, .. } = &*GENUINE;
    assert!(ImportToken::open(key, PLACE, token).is_ok());
    for tried in [input.to_vec(), changed(token, input)] {
        let opened = ImportToken::open(key, PLACE, &tried);
        assert_eq!(opened.is_ok(), tried == *token);
    }
}

fn reads(spec: MaterialSpec, input: &[u8]) {
    let Ok(material) = KeyMaterial::import(spec, input) else {
        return;
    };
    assert_eq!(material.public_key().is_ok(), spec.is_asymmetric());
    let key = &GENUINE.key;
    let stored = material.wrap(key, PLACE, &Sevens);
    let stored = stored.unwrap_or_else(|_| panic!("it does not wrap"));
    let again = KeyMaterial::unwrap(key, PLACE, &stored);
    let again = again.unwrap_or_else(|_| panic!("it does not come back"));
    assert_eq!(again.id("k"), material.id("k"));
}

fn unwraps(spec: MaterialSpec, input: &[u8]) {
    assert!(GENUINE.opened.unwrap(spec, input).is_err());
    assert!(GENUINE.sm2.unwrap(spec, input).is_err());
}

/// `genuine` with the changes that `input` spells: three bytes each, a place and a difference. What
/// is left over is how much is cut off the end.
fn changed(genuine: &[u8], input: &[u8]) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    let (changes, cut) = input.as_chunks::<3>();
    for [high, low, difference] in changes {
        let place = usize::from(u16::from_be_bytes([*high, *low])) % bytes.len();
        bytes[place] ^= difference;
    }
    let cut = cut.first().map_or(0, |cut| usize::from(*cut));
    bytes.truncate(bytes.len().saturating_sub(cut));
    bytes
}
