//! What callers hand to keys: signatures, ciphertexts, public keys. An input is taken as it is, and
//! as a list of changes to a genuine one: no change may leave a signature that verifies or a
//! ciphertext that opens.
#![no_main]

use std::sync::LazyLock;

use crypto::{
    Hash, KeyMaterial, MaterialSpec, Message, OaepHash, Random, RandomFailure, SigningAlgorithm,
};
use libfuzzer_sys::fuzz_target;

const MESSAGE: Message<'_> = Message::Raw(b"attack at dawn");

struct Sevens;

impl Random for Sevens {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailure> {
        out.fill(7);
        Ok(())
    }
}

/// A key that signs, how, and a signature of [`MESSAGE`].
struct Signer {
    key: KeyMaterial,
    algorithm: SigningAlgorithm,
    signature: Vec<u8>,
}

static SIGNERS: LazyLock<Vec<Signer>> = LazyLock::new(|| {
    let signers = [
        (
            MaterialSpec::Rsa2048,
            SigningAlgorithm::RsaPss(Hash::Sha256),
        ),
        (
            MaterialSpec::EccNistP256,
            SigningAlgorithm::Ecdsa(Hash::Sha256),
        ),
        (
            MaterialSpec::EccNistP521,
            SigningAlgorithm::Ecdsa(Hash::Sha512),
        ),
        (MaterialSpec::EccNistEdwards25519, SigningAlgorithm::Ed25519),
        (MaterialSpec::MlDsa44, SigningAlgorithm::MlDsa),
    ];
    let signer = |(spec, algorithm)| {
        let key = make(spec);
        let signature = key
            .sign(algorithm, MESSAGE, &Sevens)
            .unwrap_or_else(|_| panic!("no signature"));
        Signer {
            key,
            algorithm,
            signature,
        }
    };
    signers.map(signer).into()
});

static RSA: LazyLock<(KeyMaterial, Vec<u8>)> = LazyLock::new(|| {
    let key = make(MaterialSpec::Rsa2048);
    let ciphertext = key
        .encrypt_oaep(OaepHash::Sha256, b"secret")
        .unwrap_or_else(|_| panic!("no ciphertext"));
    (key, ciphertext)
});

static AGREEING: LazyLock<(KeyMaterial, Vec<u8>)> = LazyLock::new(|| {
    let key = make(MaterialSpec::EccNistP256);
    let public = key.public_key().unwrap_or_else(|_| panic!("no public key"));
    (key, public)
});

static ML_KEM: LazyLock<(KeyMaterial, Vec<u8>)> = LazyLock::new(|| {
    let key = make(MaterialSpec::MlKem512);
    let made = key
        .encapsulate()
        .unwrap_or_else(|_| panic!("no shared secret"));
    (key, made.ciphertext)
});

fuzz_target!(|input: &[u8]| {
    let Some((which, input)) = input.split_first() else {
        return;
    };
    match usize::from(*which) % (SIGNERS.len() + 3) {
        0 => decrypts(input),
        1 => agrees(input),
        2 => decapsulates(input),
        signer => verifies(&SIGNERS[signer - 3], input),
    }
});

fn verifies(signer: &Signer, input: &[u8]) {
    let genuine = &signer.signature;
    for signature in [input.to_vec(), changed(genuine, input)] {
        let verified = signer.key.verify(signer.algorithm, MESSAGE, &signature);
        assert_eq!(verified, Ok(signature == *genuine));
    }
}

fn decrypts(input: &[u8]) {
    let (key, genuine) = &*RSA;
    for ciphertext in [input.to_vec(), changed(genuine, input)] {
        let opened = key
            .decrypt_oaep(OaepHash::Sha256, &ciphertext)
            .unwrap_or_else(|_| panic!("a ciphertext fails otherwise"));
        assert_eq!(opened.is_some(), ciphertext == *genuine);
    }
}

fn agrees(input: &[u8]) {
    let (key, genuine) = &*AGREEING;
    assert!(key.agree(genuine).is_ok());
    for public in [input.to_vec(), changed(genuine, input)] {
        if let Ok(secret) = key.agree(&public) {
            assert_eq!(secret.len(), 32);
        }
    }
}

fn decapsulates(input: &[u8]) {
    let (key, genuine) = &*ML_KEM;
    for ciphertext in [input.to_vec(), changed(genuine, input)] {
        let opened = key.decapsulate(&ciphertext);
        assert_eq!(opened.is_ok(), ciphertext.len() == genuine.len());
    }
}

fn make(spec: MaterialSpec) -> KeyMaterial {
    KeyMaterial::generate(spec, &Sevens).unwrap_or_else(|_| panic!("no key"))
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
