//! What callers hand to SM2 keys: signatures, ciphertexts, public keys of peers, and private keys to
//! import. An input is taken as it is, and as a list of changes to a genuine one: no change may leave
//! a signature that verifies or a ciphertext that opens.
#![no_main]

use std::sync::LazyLock;

use crypto::{
    DataKeyPair, KeyError, KeyMaterial, MaterialSpec, Message, Random, RandomFailure,
    SigningAlgorithm,
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

struct Genuine {
    key: KeyMaterial,
    signature: Vec<u8>,
    ciphertext: Vec<u8>,
    public_key: Vec<u8>,
    private_key: Vec<u8>,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let made = || -> Result<Genuine, KeyError> {
        let key = KeyMaterial::generate(MaterialSpec::Sm2, &Sevens)?;
        let pair = DataKeyPair::generate(MaterialSpec::Sm2, &Sevens)?;
        Ok(Genuine {
            signature: key.sign(SigningAlgorithm::Sm2Dsa, MESSAGE, &Sevens)?,
            ciphertext: key.encrypt_sm2(b"secret", &Sevens)?,
            public_key: pair.public_key,
            private_key: pair.private_key.to_vec(),
            key,
        })
    };
    made().unwrap_or_else(|_| panic!("no key"))
});

fuzz_target!(|input: &[u8]| {
    let Some((which, input)) = input.split_first() else {
        return;
    };
    let (genuine, check): (&[u8], fn(&[u8])) = match which % 4 {
        0 => (&GENUINE.signature, verify),
        1 => (&GENUINE.ciphertext, decrypt),
        2 => (&GENUINE.public_key, agree),
        _ => (&GENUINE.private_key, import),
    };
    check(input);
    check(&changed(genuine, input));
});

fn verify(signature: &[u8]) {
    let verified = GENUINE
        .key
        .verify(SigningAlgorithm::Sm2Dsa, MESSAGE, signature);
    assert_eq!(verified, Ok(signature == GENUINE.signature));
}

fn decrypt(ciphertext: &[u8]) {
    let opened = GENUINE.key.decrypt_sm2(ciphertext);
    let opened = opened.unwrap_or_else(|_| panic!("a ciphertext fails otherwise"));
    assert_eq!(opened.is_some(), ciphertext == GENUINE.ciphertext);
}

fn agree(public_key: &[u8]) {
    match GENUINE.key.agree(public_key) {
        Ok(secret) => assert_eq!((secret.len(), public_key.len()), (32, 91)),
        Err(error) => {
            assert_eq!(error, KeyError::PublicKey);
            assert!(public_key != GENUINE.public_key);
        }
    }
}

/// What reads is a key that works.
fn import(pkcs8: &[u8]) {
    match KeyMaterial::from_sm2_pkcs8(pkcs8) {
        Ok(key) => {
            let signed = key.sign(SigningAlgorithm::Sm2Dsa, MESSAGE, &Sevens);
            assert!(signed.is_ok() && key.public_key().is_ok());
        }
        Err(error) => {
            assert_eq!(error, KeyError::Unsuitable);
            assert!(pkcs8 != GENUINE.private_key);
        }
    }
}

/// `genuine` with the changes that `input` spells: two bytes each, a place and a difference. The
/// last odd byte, if there is one, is how much is cut off the end.
fn changed(genuine: &[u8], input: &[u8]) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    let (changes, cut) = input.as_chunks::<2>();
    for [place, difference] in changes {
        let place = usize::from(*place) % bytes.len();
        bytes[place] ^= difference;
    }
    let cut = cut.first().map_or(0, |cut| usize::from(*cut));
    bytes.truncate(bytes.len().saturating_sub(cut));
    bytes
}
