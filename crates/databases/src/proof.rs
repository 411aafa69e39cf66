//! What passwords are turned into before they go anywhere: proofs that one is known, and verifiers.

use std::num::NonZeroU32;

use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// How many iterations a salted password takes: what PostgreSQL makes verifiers with.
pub(crate) const ITERATIONS: u32 = 4096;
/// How many are made for a server that asks for more: a fraction of a second of one thread.
const MOST_ITERATIONS: u32 = 1_000_000;

/// The keys of SCRAM-SHA-256 (RFC 5802, section 3; RFC 7677).
pub(crate) struct ScramKeys {
    client: Zeroizing<[u8; 32]>,
    server: Zeroizing<[u8; 32]>,
}

impl ScramKeys {
    /// Derives them, off the threads that serve. Fails if a server asks for no iterations or an absurd
    /// number of them.
    pub(crate) async fn derive(
        password: &str,
        salt: &[u8],
        iterations: u32,
    ) -> Result<Self, Failure> {
        let password = Zeroizing::new(password.to_owned());
        let salt = salt.to_vec();
        let work = move || Self::compute(&password, &salt, iterations);
        let computed = tokio::task::spawn_blocking(work).await;
        computed.unwrap_or(Err(Failure::Unreachable))
    }

    fn compute(password: &str, salt: &[u8], iterations: u32) -> Result<Self, Failure> {
        let bounded = (1..=MOST_ITERATIONS).contains(&iterations);
        let iterations = NonZeroU32::new(iterations).filter(|_| bounded);
        let iterations = iterations.ok_or(Failure::Garbled)?;
        let mut salted = Zeroizing::new([0; 32]);
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::derive(
            algorithm,
            iterations,
            salt,
            password.as_bytes(),
            &mut *salted,
        );
        Ok(Self {
            client: Zeroizing::new(mac(&*salted, b"Client Key")),
            server: Zeroizing::new(mac(&*salted, b"Server Key")),
        })
    }

    /// `ClientProof` for the messages exchanged so far.
    pub(crate) fn client_proof(&self, messages: &str) -> [u8; 32] {
        let signature = mac(&crypto::sha256(&*self.client), messages.as_bytes());
        let mut proof = *self.client;
        mix(&mut proof, &signature);
        proof
    }

    /// `ServerSignature`: what only a server that has the verifier knows.
    pub(crate) fn server_signature(&self, messages: &str) -> [u8; 32] {
        mac(&*self.server, messages.as_bytes())
    }

    /// What PostgreSQL keeps in `pg_authid.rolpassword`.
    pub(crate) fn verifier(&self, salt: &[u8]) -> String {
        let stored = crypto::sha256(&*self.client);
        format!(
            "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
            encode(salt),
            encode(&stored),
            encode(&*self.server)
        )
    }
}

/// What PostgreSQL keeps of a password where it is to be hashed with MD5.
pub(crate) fn postgres_md5(username: &str, password: &str) -> String {
    format!(
        "md5{}",
        md5_hex(&[password.as_bytes(), username.as_bytes()])
    )
}

/// The answer to PostgreSQL's `AuthenticationMD5Password`.
pub(crate) fn postgres_md5_proof(username: &str, password: &str, salt: [u8; 4]) -> String {
    let kept = md5_hex(&[password.as_bytes(), username.as_bytes()]);
    format!("md5{}", md5_hex(&[kept.as_bytes(), &salt]))
}

/// The answer of `mysql_native_password`.
pub(crate) fn mysql_native(password: &str, nonce: &[u8]) -> Vec<u8> {
    let algorithm = &digest::SHA1_FOR_LEGACY_USE_ONLY;
    let once = digest::digest(algorithm, password.as_bytes());
    let twice = digest::digest(algorithm, once.as_ref());
    let salted = [nonce, twice.as_ref()].concat();
    let mut proof = digest::digest(algorithm, &salted).as_ref().to_vec();
    mix(&mut proof, once.as_ref());
    proof
}

/// The first answer of `caching_sha2_password`.
pub(crate) fn mysql_sha2(password: &str, nonce: &[u8]) -> Vec<u8> {
    let once = crypto::sha256(password.as_bytes());
    let twice = crypto::sha256(&once);
    let mut proof = crypto::sha256(&[&twice[..], nonce].concat()).to_vec();
    mix(&mut proof, &once);
    proof
}

/// The password, encrypted for a server that has shown its key (PEM) and sent `nonce`:
/// `caching_sha2_password` without TLS.
pub(crate) fn mysql_encrypted(
    password: &str,
    nonce: &[u8],
    key: &[u8],
) -> Result<Vec<u8>, Failure> {
    let mut plain = Zeroizing::new([password.as_bytes(), b"\0"].concat());
    for (byte, mask) in plain.iter_mut().zip(nonce.iter().cycle()) {
        *byte ^= mask;
    }
    let key = PublicEncryptingKey::from_der(&from_pem(key)?).map_err(|_| Failure::Garbled)?;
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| Failure::Garbled)?;
    let mut sealed = vec![0; key.ciphertext_size()];
    let length = key
        .encrypt(&OAEP_SHA1_MGF1SHA1, &plain, &mut sealed, None)
        .map_err(|_| Failure::Garbled)?
        .len();
    sealed.truncate(length);
    Ok(sealed)
}

/// SHA-256 in lower-case hexadecimal digits: what Redis keeps of a password.
pub(crate) fn redis_hash(password: &str) -> String {
    hex(&crypto::sha256(password.as_bytes()))
}

/// Base64 (RFC 4648, section 4).
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    STANDARD.decode(text).map_err(|_| Failure::Garbled)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    tag.as_ref().first_chunk().copied().unwrap_or_default()
}

fn mix(bytes: &mut [u8], mask: &[u8]) {
    for (byte, mask) in bytes.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

fn md5_hex(parts: &[&[u8]]) -> String {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn from_pem(text: &[u8]) -> Result<Vec<u8>, Failure> {
    let text = std::str::from_utf8(text).map_err(|_| Failure::Garbled)?;
    let (_, body) = text
        .split_once("-----BEGIN PUBLIC KEY-----")
        .ok_or(Failure::Garbled)?;
    let (body, _) = body.split_once("-----END").ok_or(Failure::Garbled)?;
    decode(&body.split_ascii_whitespace().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7677, section 3.
    #[test]
    fn scram_is_that_of_the_rfc() {
        let salt = decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("a salt");
        let keys = ScramKeys::compute("pencil", &salt, 4096).expect("keys");
        let messages = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
            r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
            s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
            c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let proof = encode(&keys.client_proof(messages));
        assert_eq!(proof, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let signature = encode(&keys.server_signature(messages));
        assert_eq!(signature, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn a_server_cannot_ask_for_any_amount_of_work() {
        for iterations in [0, MOST_ITERATIONS + 1, u32::MAX] {
            let keys = ScramKeys::compute("pencil", b"salt", iterations);
            assert_eq!(keys.err(), Some(Failure::Garbled));
        }
    }

    /// What `SELECT PASSWORD('mypass')` answers (MySQL 5.7 reference manual, "Password Hashing in
    /// MySQL") is the hash of the hash, which a server compares a proof with.
    #[test]
    fn a_native_proof_holds_for_what_the_server_keeps() {
        let nonce = b"01234567890123456789";
        let proof = mysql_native("mypass", nonce);
        let kept = "6c8989366eaf75bb670ad8ea7a7fc1176a95cef4";
        let kept: Vec<u8> = (0..20)
            .map(|at| u8::from_str_radix(&kept[2 * at..2 * at + 2], 16).expect("hex"))
            .collect();
        let algorithm = &digest::SHA1_FOR_LEGACY_USE_ONLY;
        let mut once = digest::digest(algorithm, &[&nonce[..], &kept].concat())
            .as_ref()
            .to_vec();
        mix(&mut once, &proof);
        assert_eq!(digest::digest(algorithm, &once).as_ref(), kept);
    }

    #[test]
    fn md5_is_over_password_and_user() {
        // md5("" "") of two empty texts is the hash of nothing (RFC 1321).
        assert_eq!(postgres_md5("", ""), "md5d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(
            postgres_md5("c", "ab"),
            "md5900150983cd24fb0d6963f7d28e17f72"
        );
        assert_eq!(postgres_md5_proof("c", "ab", *b"salt").len(), 35);
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        for key in [
            &b""[..],
            b"\xff",
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            b"-----BEGIN PUBLIC KEY-----\n*\n-----END",
        ] {
            let sealed = mysql_encrypted("geheim", b"nonce", key);
            assert_eq!(sealed.err(), Some(Failure::Garbled));
        }
    }
}
