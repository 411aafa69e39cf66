//! Import tokens: what GetParametersForImport hands out with a public key, and ImportKeyMaterial
//! takes back with what was wrapped under it.
//!
//! A token holds the private half, sealed under a key of its own purpose and bound to the ARN of
//! the KMS key. It is good for 24 hours and, until then, for any number of imports.

use api::kms::{
    AlgorithmSpec, ExpiredImportTokenException, InvalidImportTokenException,
    UnsupportedOperationException, WrappingKeySpec,
};
use crypto::{ImportToken, OaepHash, WrappingAlgorithm, WrappingSpec};
use platform::{Ctx, Error, Result};
use wire::{Fault, Timestamp};
use zeroize::Zeroizing;

use crate::key::KeyRecord;
use crate::kind::Spec;

/// The purpose of the key that seals tokens.
const PURPOSE: &str = "kms-import-token";
const SECONDS_VALID: i64 = 86_400;

/// How material is to be wrapped.
#[derive(Clone, Copy)]
pub(crate) struct Wrapping {
    spec: WrappingSpec,
    algorithm: WrappingAlgorithm,
}

/// A token with its public key.
pub(crate) struct Issued {
    pub(crate) token: Vec<u8>,
    /// `SubjectPublicKeyInfo` in DER.
    pub(crate) public_key: Vec<u8>,
    pub(crate) valid_to: Timestamp,
}

impl Wrapping {
    /// What is asked for the material of `key`. Refuses what AWS does not wrap such material with
    /// ("Select a wrapping algorithm"), and what it does not have where the key is.
    pub(crate) fn new(
        (algorithm, spec): (AlgorithmSpec, WrappingKeySpec),
        key: &KeyRecord,
    ) -> Result<Self, Fault> {
        let wrapping = Self {
            spec: wrapping_spec(spec, &key.region)?,
            algorithm: wrapping_algorithm(algorithm, &key.region)?,
        };
        if wrapping.suits(key.spec, &key.region) {
            return Ok(wrapping);
        }
        Err(UnsupportedOperationException::new(format!(
            "WrappingAlgorithm {} with WrappingKeySpec {} cannot be used with KeySpec {}.",
            algorithm.as_str(),
            spec.as_str(),
            key.spec.shown().as_str()
        )))
    }

    /// Private RSA keys are too long for RSAES-OAEP, and one of P-521 is too long for the shortest
    /// key; what is no private key needs no AES key beside, and China's regions have none. There
    /// private keys may be wrapped under an SM2 key, and those of RSA have to be.
    fn suits(self, spec: Spec, region: &str) -> bool {
        let is_rsa = matches!(spec, Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096);
        let is_under_sm2 = self.spec == WrappingSpec::Sm2;
        match self.algorithm {
            WrappingAlgorithm::Oaep(_) => {
                let is_too_short = self.spec == WrappingSpec::Rsa2048 && spec == Spec::EccNistP521;
                !is_rsa && !is_too_short && !is_under_sm2
            }
            WrappingAlgorithm::AesKeyWrap(_) => {
                spec.is_asymmetric() && !is_china(region) && !is_under_sm2
            }
            WrappingAlgorithm::Sm2 => spec.is_asymmetric() && is_under_sm2,
        }
    }
}

fn is_china(region: &str) -> bool {
    region.starts_with("cn-")
}

fn wrapping_spec(asked: WrappingKeySpec, region: &str) -> Result<WrappingSpec, Fault> {
    match asked {
        WrappingKeySpec::Rsa2048 => Ok(WrappingSpec::Rsa2048),
        WrappingKeySpec::Rsa3072 => Ok(WrappingSpec::Rsa3072),
        WrappingKeySpec::Rsa4096 => Ok(WrappingSpec::Rsa4096),
        WrappingKeySpec::Sm2 if is_china(region) => Ok(WrappingSpec::Sm2),
        WrappingKeySpec::Sm2 => Err(UnsupportedOperationException::new(
            "WrappingKeySpec SM2 is not supported.",
        )),
    }
}

fn wrapping_algorithm(asked: AlgorithmSpec, region: &str) -> Result<WrappingAlgorithm, Fault> {
    match asked {
        AlgorithmSpec::RsaesOaepSha1 => Ok(WrappingAlgorithm::Oaep(OaepHash::Sha1)),
        AlgorithmSpec::RsaesOaepSha256 => Ok(WrappingAlgorithm::Oaep(OaepHash::Sha256)),
        AlgorithmSpec::RsaAesKeyWrapSha1 => Ok(WrappingAlgorithm::AesKeyWrap(OaepHash::Sha1)),
        AlgorithmSpec::RsaAesKeyWrapSha256 => Ok(WrappingAlgorithm::AesKeyWrap(OaepHash::Sha256)),
        AlgorithmSpec::Sm2pke if is_china(region) => Ok(WrappingAlgorithm::Sm2),
        // AWS has not supported RSAES_PKCS1_V1_5 since October 2023.
        AlgorithmSpec::RsaesPkcs1V15 | AlgorithmSpec::Sm2pke => {
            let text = format!("WrappingAlgorithm {} is not supported.", asked.as_str());
            Err(UnsupportedOperationException::new(text))
        }
    }
}

/// Makes a wrapping key for `key`.
pub(crate) async fn issue(ctx: &Ctx, key: &KeyRecord, wrapping: Wrapping) -> Result<Issued> {
    let valid_to = ctx.now.plus_secs(SECONDS_VALID);
    let Wrapping { spec, algorithm } = wrapping;
    let generated = ctx
        .blocking(move |random| ImportToken::generate((spec, algorithm), valid_to.millis, random))
        .await?;
    let (token, public_key) = generated.map_err(Error::internal)?;
    let sealing = ctx.keyring().purpose_key(PURPOSE);
    let token = token.seal(&sealing, key.arn.as_bytes(), ctx.random());
    Ok(Issued {
        token: token.map_err(Error::internal)?,
        public_key,
        valid_to,
    })
}

/// Opens a token that was issued for `key` and is still valid.
pub(crate) fn open(
    ctx: &Ctx,
    key: &KeyRecord,
    token: &Zeroizing<Vec<u8>>,
) -> Result<ImportToken, Fault> {
    let sealing = ctx.keyring().purpose_key(PURPOSE);
    let token = ImportToken::open(&sealing, key.arn.as_bytes(), token)
        .map_err(|_| InvalidImportTokenException::bare())?;
    match token.valid_to_millis() > ctx.now.millis {
        true => Ok(token),
        false => Err(ExpiredImportTokenException::bare()),
    }
}
