//! Messages for one recipient: CMS `EnvelopedData` (RFC 5652, section 6) in the form that AWS KMS
//! answers attested callers with. The content is encrypted with AES-256 in CBC mode under a key of
//! its own, and that key with RSAES-OAEP (RFC 8017, RFC 3560), SHA-256 in the encoding and in MGF1.

use aws_lc_rs::cipher::{
    AES_256, AES_256_KEY_LEN, DecryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::der::element;
use crate::material::{KeyError, tagged};
use crate::random::Random;

/// The lengths of RSA keys that answers are encrypted for, in bits.
const SIZES: [usize; 3] = [2048, 3072, 4096];
/// The block of AES, to whose multiple the content is padded.
const BLOCK: usize = 16;

/// `id-envelopedData`, with tag and length.
const ENVELOPED_DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03";
/// `id-data`.
const DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
/// `aes256-CBC`.
const AES_256_CBC: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2A";
/// `id-RSAES-OAEP` with its parameters: SHA-256, MGF1 with SHA-256, no label (RFC 4055).
const RSAES_OAEP_SHA_256: &[u8] = b"\x30\x3C\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x07\x30\x2F\
    \xA0\x0F\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
    \xA1\x1C\x30\x1A\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x08\
    \x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00";
/// The version of an envelope, and of a recipient named by its key: 2.
const VERSION: &[u8] = b"\x02\x01\x02";
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// The implicit tag 0: of `subjectKeyIdentifier`, a primitive one.
const IDENTIFIER: u8 = 0x80;
/// Where an element of indefinite length begins and ends (X.690, section 8.1.3.6). AWS writes the
/// outer elements so, and its SDK for enclaves reads no others.
const OPEN_SEQUENCE: &[u8] = b"\x30\x80";
const OPEN_CONTENT: &[u8] = b"\xA0\x80";
const END: &[u8] = b"\x00\x00";

/// The RSA key that answers are encrypted for.
pub struct RecipientKey {
    key: OaepPublicEncryptingKey,
    /// Names the key to whoever has several: the digest of its `SubjectPublicKeyInfo`.
    identifier: [u8; 32],
}

impl RecipientKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280, DER) of an RSA key of 2048, 3072 or 4096 bits.
    pub fn parse(spki: &[u8]) -> Result<Self, KeyError> {
        let Some((SEQUENCE, _, [])) = element(spki) else {
            return Err(KeyError::PublicKey);
        };
        let key = PublicEncryptingKey::from_der(spki).map_err(|_| KeyError::PublicKey)?;
        if !SIZES.contains(&key.key_size_bits()) {
            return Err(KeyError::PublicKey);
        }
        let key = OaepPublicEncryptingKey::new(key)?;
        let identifier = digest(&SHA256, spki).as_ref().try_into();
        let identifier = identifier.map_err(|_| KeyError::Library)?;
        Ok(Self { key, identifier })
    }

    /// Encrypts `content` for the owner of the key. Initialization vector and OAEP seed are the
    /// library's.
    pub fn seal(&self, content: &[u8], random: &dyn Random) -> Result<Vec<u8>, KeyError> {
        let mut content_key = Zeroizing::new([0; AES_256_KEY_LEN]);
        random.fill(&mut *content_key)?;
        let (iv, encrypted) = encrypt(&*content_key, content)?;
        let mut wrapped = vec![0; self.key.ciphertext_size()];
        let algorithm = &OAEP_SHA256_MGF1SHA256;
        self.key
            .encrypt(algorithm, &*content_key, &mut wrapped, None)?;

        let identifier = tagged(IDENTIFIER, &self.identifier);
        let wrapped = tagged(OCTET_STRING, &wrapped);
        let parts = [VERSION, &identifier, RSAES_OAEP_SHA_256, &wrapped];
        let recipients = tagged(SET, &tagged(SEQUENCE, &parts.concat()));
        let iv = tagged(OCTET_STRING, &iv);
        let algorithm = tagged(SEQUENCE, &[AES_256_CBC, &iv].concat());
        let encrypted = tagged(OCTET_STRING, &encrypted);
        let begin = [OPEN_SEQUENCE, ENVELOPED_DATA, OPEN_CONTENT, OPEN_SEQUENCE].concat();
        let content = [OPEN_SEQUENCE, DATA, &algorithm, OPEN_CONTENT, &encrypted].concat();
        Ok([&begin, VERSION, &recipients, &content, &END.repeat(5)].concat())
    }
}

/// The initialization vector and the ciphertext.
fn encrypt(key: &[u8], content: &[u8]) -> Result<([u8; BLOCK], Vec<u8>), KeyError> {
    let key = UnboundCipherKey::new(&AES_256, key)?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key)?;
    // Room for the padding: the plaintext must not be left behind in a place that was too small.
    let mut bytes = Vec::with_capacity(content.len() + BLOCK);
    bytes.extend_from_slice(content);
    match key.encrypt(&mut bytes) {
        Ok(DecryptionContext::Iv128(iv)) => Ok((*iv.as_ref(), bytes)),
        Ok(_) | Err(_) => {
            bytes.zeroize();
            Err(KeyError::Library)
        }
    }
}

#[cfg(test)]
mod tests;
