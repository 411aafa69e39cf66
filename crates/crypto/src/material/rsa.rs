//! RSA keys: RSASSA-PSS, RSASSA-PKCS1-v1_5 and RSAES-OAEP (RFC 8017).
//!
//! Private key operations are blinded and in constant time in the library. Whatever is wrong with
//! an OAEP ciphertext, the answer is the same.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm,
    OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaParameters, UnparsedPublicKey,
};
use zeroize::Zeroizing;

use super::algorithm::{Hash, KeyError, Message, OaepHash, SigningAlgorithm};

/// An RSA key pair.
pub(super) struct RsaKey {
    pair: KeyPair,
    /// The same key as the library wants it for decryption; made when first needed.
    decrypting: OnceLock<Option<OaepPrivateDecryptingKey>>,
}

impl RsaKey {
    pub(super) fn generate(size: KeySize) -> Result<Self, KeyError> {
        Ok(Self::of(KeyPair::generate(size)?))
    }

    /// Reads a PKCS#8 key of exactly this size.
    pub(super) fn parse(size: KeySize, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = KeyPair::from_pkcs8(pkcs8)?;
        if pair.public_modulus_len() != size.len() {
            return Err(KeyError::Unsuitable);
        }
        Ok(Self::of(pair))
    }

    /// Reads a PKCS#8 key of exactly this size that somebody brings. The library does not look
    /// whether the factors are prime. If they are not, the private key undoes nothing that the
    /// public one does, and what is encrypted would be lost: so it is tried.
    pub(super) fn import(size: KeySize, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let key = Self::parse(size, pkcs8)?;
        let algorithm = SigningAlgorithm::RsaPkcs1(Hash::Sha256);
        let message = Message::Raw(b"a pairwise consistency test");
        let signature = key.sign(algorithm, message);
        let signature = signature.map_err(|_| KeyError::Unsuitable)?;
        match key.verify(algorithm, message, &signature)? {
            true => Ok(key),
            false => Err(KeyError::Unsuitable),
        }
    }

    /// Reads a PKCS#8 key of any size.
    pub(super) fn parse_any(pkcs8: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::of(KeyPair::from_pkcs8(pkcs8)?))
    }

    /// The bytes of the modulus, as many as a ciphertext has.
    pub(super) fn modulus_len(&self) -> usize {
        self.pair.public_modulus_len()
    }

    fn of(pair: KeyPair) -> Self {
        Self {
            pair,
            decrypting: OnceLock::new(),
        }
    }

    pub(super) fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der()?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    pub(super) fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        Ok(der.as_ref().to_vec())
    }

    pub(super) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        let (hash, encoding) = encoding(algorithm)?;
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let digest = hash.of(message)?;
        self.pair.sign_digest(encoding, &digest, &mut signature)?;
        Ok(signature)
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        verify(
            self.pair.public_key().as_ref(),
            algorithm,
            message,
            signature,
        )
    }

    pub(super) fn encrypt(&self, hash: OaepHash, plaintext: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = PublicEncryptingKey::from_der(&self.public_key()?)?;
        let key = OaepPublicEncryptingKey::new(key)?;
        if plaintext.len() > key.max_plaintext_size(oaep(hash)) {
            return Err(KeyError::Length);
        }
        let mut ciphertext = vec![0; key.ciphertext_size()];
        let length = key
            .encrypt(oaep(hash), plaintext, &mut ciphertext, None)?
            .len();
        ciphertext.truncate(length);
        Ok(ciphertext)
    }

    /// `None` for whatever [`encrypt`](Self::encrypt) cannot have made.
    pub(super) fn decrypt(
        &self,
        hash: OaepHash,
        ciphertext: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        let made = || OaepPrivateDecryptingKey::new(self.decrypting().ok()?).ok();
        let key = self.decrypting.get_or_init(made);
        let key = key.as_ref().ok_or(KeyError::Library)?;
        let mut plaintext = Zeroizing::new(vec![0; key.min_output_size()]);
        let opened = key.decrypt(oaep(hash), ciphertext, &mut plaintext, None);
        let Ok(length) = opened.map(|opened| opened.len()) else {
            return Ok(None);
        };
        plaintext.truncate(length);
        Ok(Some(plaintext))
    }

    fn decrypting(&self) -> Result<PrivateDecryptingKey, KeyError> {
        Ok(PrivateDecryptingKey::from_pkcs8(&self.pkcs8()?)?)
    }
}

/// Checks a signature by the public key `public` (RFC 8017 or SPKI, DER).
pub(super) fn verify(
    public: &[u8],
    algorithm: SigningAlgorithm,
    message: Message<'_>,
    signature: &[u8],
) -> Result<bool, KeyError> {
    let (hash, parameters) = parameters(algorithm)?;
    let digest = hash.of(message)?;
    let key = UnparsedPublicKey::new(parameters, public);
    Ok(key.verify_digest(&digest, signature).is_ok())
}

fn oaep(hash: OaepHash) -> &'static OaepAlgorithm {
    match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
    }
}

/// How the library signs; the salt of PSS is as long as the digest.
fn encoding(algorithm: SigningAlgorithm) -> Result<(Hash, &'static dyn RsaEncoding), KeyError> {
    use SigningAlgorithm::{RsaPkcs1, RsaPss};
    Ok(match algorithm {
        RsaPss(hash @ Hash::Sha256) => (hash, &RSA_PSS_SHA256),
        RsaPss(hash @ Hash::Sha384) => (hash, &RSA_PSS_SHA384),
        RsaPss(hash @ Hash::Sha512) => (hash, &RSA_PSS_SHA512),
        RsaPkcs1(hash @ Hash::Sha256) => (hash, &RSA_PKCS1_SHA256),
        RsaPkcs1(hash @ Hash::Sha384) => (hash, &RSA_PKCS1_SHA384),
        RsaPkcs1(hash @ Hash::Sha512) => (hash, &RSA_PKCS1_SHA512),
        _ => return Err(KeyError::Unsuitable),
    })
}

/// How the library verifies; another salt length than the digest's is refused.
fn parameters(algorithm: SigningAlgorithm) -> Result<(Hash, &'static RsaParameters), KeyError> {
    use SigningAlgorithm::{RsaPkcs1, RsaPss};
    Ok(match algorithm {
        RsaPss(hash @ Hash::Sha256) => (hash, &RSA_PSS_2048_8192_SHA256),
        RsaPss(hash @ Hash::Sha384) => (hash, &RSA_PSS_2048_8192_SHA384),
        RsaPss(hash @ Hash::Sha512) => (hash, &RSA_PSS_2048_8192_SHA512),
        RsaPkcs1(hash @ Hash::Sha256) => (hash, &RSA_PKCS1_2048_8192_SHA256),
        RsaPkcs1(hash @ Hash::Sha384) => (hash, &RSA_PKCS1_2048_8192_SHA384),
        RsaPkcs1(hash @ Hash::Sha512) => (hash, &RSA_PKCS1_2048_8192_SHA512),
        _ => return Err(KeyError::Unsuitable),
    })
}
