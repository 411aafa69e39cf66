//! How often one core does what KMS does, with the cryptographic library alone: the measure of
//! `cargo xtask bench kms`. Takes a sort of key, prints times a second of processor time.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement takes its own time"
)]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, ML_DSA_65_SIGNING, PqdsaKeyPair,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa::KeySize};

/// What is signed: as long as the messages of the bench.
const MESSAGE: [u8; 32] = *b"0123456789abcdef0123456789abcdef";
const AT_LEAST: Duration = Duration::from_millis(500);

#[expect(clippy::print_stdout, reason = "a measurement prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let sort = std::env::args().nth(1).unwrap_or_default();
    println!("{}", rate(&sort)?);
    Ok(())
}

/// How often a second of processor time a sort of work is done.
fn rate(sort: &str) -> Result<f64, Box<dyn Error>> {
    let random = SystemRandom::new();
    let rate = match sort {
        "RSA_2048" => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048)?;
            per_second(|| {
                let mut signature = [0; 256];
                key.sign(&RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signature)?;
                black_box(signature);
                Ok(())
            })
        }
        "ECC_NIST_P256" => {
            let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
            per_second(|| {
                black_box(key.sign(&random, &MESSAGE)?);
                Ok(())
            })
        }
        "ECC_NIST_EDWARDS25519" => {
            let key = Ed25519KeyPair::generate()?;
            per_second(|| {
                black_box(key.sign(&MESSAGE));
                Ok(())
            })
        }
        "ML_DSA_65" => {
            let key = PqdsaKeyPair::generate(&ML_DSA_65_SIGNING)?;
            per_second(|| {
                let mut signature = vec![0; ML_DSA_65_SIGNING.signature_len()];
                key.sign(&MESSAGE, &mut signature)?;
                black_box(signature);
                Ok(())
            })
        }
        "HMAC_256" => {
            let key = hmac::Key::generate(hmac::HMAC_SHA256, &random)?;
            per_second(|| {
                black_box(hmac::sign(&key, &MESSAGE));
                Ok(())
            })
        }
        _ => return Err(format!("no key spec to measure: {sort:?}").into()),
    };
    Ok(rate?)
}

/// How often `work` is done in a second.
fn per_second(work: impl Fn() -> Result<(), Unspecified>) -> Result<f64, Unspecified> {
    let (began, mut done) = (Instant::now(), 0_u32);
    while began.elapsed() < AT_LEAST {
        for _ in 0..16 {
            work()?;
        }
        done += 16;
    }
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}
