//! How often one core does what KMS does, with the cryptographic library alone: the measure of
//! `cargo xtask bench kms`. Prints a line for each sort of work: its name, and times a second of
//! processor time.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement takes its own time"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, ML_DSA_65_SIGNING, PqdsaKeyPair,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa::KeySize};

/// What is signed: as long as the messages of the bench.
const MESSAGE: [u8; 32] = *b"0123456789abcdef0123456789abcdef";
const AT_LEAST: Duration = Duration::from_secs(1);

#[expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement: it prints, and a failure ends it"
)]
fn main() {
    let random = SystemRandom::new();

    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    println!(
        "RSA_2048 {}",
        per_second(|| {
            let mut signature = [0; 256];
            rsa.sign(&RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signature)
                .unwrap();
            black_box(signature);
        })
    );
    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    println!(
        "ECC_NIST_P256 {}",
        per_second(|| {
            black_box(p256.sign(&random, &MESSAGE).unwrap());
        })
    );
    let ed25519 = Ed25519KeyPair::generate().unwrap();
    println!(
        "ECC_NIST_EDWARDS25519 {}",
        per_second(|| {
            black_box(ed25519.sign(&MESSAGE));
        })
    );
    let ml_dsa = PqdsaKeyPair::generate(&ML_DSA_65_SIGNING).unwrap();
    println!(
        "ML_DSA_65 {}",
        per_second(|| {
            let mut signature = vec![0; ML_DSA_65_SIGNING.signature_len()];
            ml_dsa.sign(&MESSAGE, &mut signature).unwrap();
            black_box(signature);
        })
    );
    let mac = hmac::Key::generate(hmac::HMAC_SHA256, &random).unwrap();
    println!(
        "HMAC_256 {}",
        per_second(|| {
            black_box(hmac::sign(&mac, &MESSAGE));
        })
    );
}

/// How often `work` is done in a second.
fn per_second(work: impl Fn()) -> f64 {
    let (began, mut done) = (Instant::now(), 0_u32);
    while began.elapsed() < AT_LEAST {
        for _ in 0..16 {
            work();
        }
        done += 16;
    }
    f64::from(done) / began.elapsed().as_secs_f64()
}
