//! The ciphertext blob of a symmetric KMS key.
//!
//! ```text
//! format (1) || account (12 digits) || region length (1) || region || key id length (1) || key id
//! || material id (32) || nonce (16) || commitment (32) || body length (4) || body
//! ```
//!
//! The body is AES-256-GCM ciphertext and tag under a key derived from the material and the
//! nonce. All before the body is the header: it names the key, so that Decrypt needs no `KeyId`,
//! and it is authenticated together with the encryption context. The context's pairs are sorted by
//! their UTF-8 bytes and length-prefixed, so that equal maps and only those are equal.

use crate::aead::TAG_LEN;
use crate::envelope::{COMMITMENT_LEN, MessageKey, NONCE_LEN, SealFailure};
use crate::material::{KeyMaterial, MaterialId};
use crate::random::{self, Random};
use crate::secret::SecretBytes;

const FORMAT: u8 = 1;
const LABEL: &[u8] = b"strongroom kms ciphertext v1";
const ACCOUNT_LEN: usize = 12;
const MAX_REGION_LEN: usize = 32;

/// The key that made a ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Twelve digits.
    pub account: &'a str,
    /// For example `eu-central-1`.
    pub region: &'a str,
    /// A UUID, or `mrk-` and 32 hex digits for a multi-Region key.
    pub key_id: &'a str,
    /// Which of the key's materials.
    pub material_id: MaterialId,
}

/// A ciphertext blob that is well formed; whether it is authentic, [`decrypt`](Self::decrypt) says.
#[derive(Clone, Copy)]
pub struct Ciphertext<'a> {
    origin: Origin<'a>,
    header: &'a [u8],
    nonce: &'a [u8; NONCE_LEN],
    commitment: &'a [u8; COMMITMENT_LEN],
    body: &'a [u8],
}

/// Encrypts `plaintext` under `material`, bound to `context`.
///
/// The context is a map: keys are unique, order is irrelevant.
pub fn encrypt(
    material: &KeyMaterial,
    origin: &Origin<'_>,
    context: &[(String, String)],
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, SealFailure> {
    let nonce = random::array(random)?;
    let key = material.kdf().ok_or(SealFailure::Cipher)?;
    let message = MessageKey::derive(key, LABEL, &nonce)?;
    let body_len = plaintext.len() + TAG_LEN;
    let mut out = header(origin, &nonce, &message.commitment, body_len)?;
    let header_len = out.len();
    out.resize(header_len + body_len, 0);
    let (header, body) = out
        .split_at_mut_checked(header_len)
        .ok_or(SealFailure::Cipher)?;
    if context.is_empty() {
        message.seal(header, plaintext, body)?;
    } else {
        message.seal(&with_context(header, context), plaintext, body)?;
    }
    Ok(out)
}

/// Reads a blob. Total: `None` for whatever [`encrypt`] cannot have written.
pub fn parse(blob: &[u8]) -> Option<Ciphertext<'_>> {
    let rest = blob.strip_prefix(&[FORMAT])?;
    let (account, rest) = rest.split_first_chunk::<ACCOUNT_LEN>()?;
    let (region, rest) = short_text(rest)?;
    let (key_id, rest) = short_text(rest)?;
    let (material_id, rest) = rest.split_first_chunk()?;
    let (nonce, rest) = rest.split_first_chunk()?;
    let (commitment, rest) = rest.split_first_chunk()?;
    let (body_len, body) = rest.split_first_chunk()?;
    if u32::from_be_bytes(*body_len) as usize != body.len() || body.len() < TAG_LEN {
        return None;
    }
    let (header, _) = blob.split_at_checked(blob.len() - body.len())?;
    let account = str::from_utf8(account).ok()?;
    let origin = Origin {
        account,
        region,
        key_id,
        material_id: MaterialId(*material_id),
    };
    origin.is_well_formed().then_some(Ciphertext {
        origin,
        header,
        nonce,
        commitment,
        body,
    })
}

impl<'a> Ciphertext<'a> {
    /// The key that the blob names. Not authentic until [`decrypt`](Self::decrypt) succeeds.
    pub fn origin(&self) -> &Origin<'a> {
        &self.origin
    }

    /// Decrypts. `None` if material, context or any bit is not what the blob was made with.
    pub fn decrypt(
        &self,
        material: &KeyMaterial,
        context: &[(String, String)],
    ) -> Option<SecretBytes> {
        let message = MessageKey::derive(material.kdf()?, LABEL, self.nonce).ok()?;
        if !message.is_committed_by(self.commitment) {
            return None;
        }
        let opened = if context.is_empty() {
            message.open(self.header, self.body)
        } else {
            message.open(&with_context(self.header, context), self.body)
        };
        opened.ok().map(SecretBytes::from)
    }
}

impl Origin<'_> {
    fn is_well_formed(&self) -> bool {
        let region_byte =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        self.account.len() == ACCOUNT_LEN
            && self.account.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=MAX_REGION_LEN).contains(&self.region.len())
            && self.region.bytes().all(region_byte)
            && is_key_id(self.key_id.as_bytes())
    }
}

fn is_key_id(id: &[u8]) -> bool {
    let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if let Some(digits) = id.strip_prefix(b"mrk-") {
        return digits.len() == 32 && digits.iter().all(hex);
    }
    let hyphen = |position: usize| matches!(position, 8 | 13 | 18 | 23);
    id.len() == 36
        && id
            .iter()
            .enumerate()
            .all(|(at, b)| if hyphen(at) { *b == b'-' } else { hex(b) })
}

fn header(
    origin: &Origin<'_>,
    nonce: &[u8; NONCE_LEN],
    commitment: &[u8; COMMITMENT_LEN],
    body_len: usize,
) -> Result<Vec<u8>, SealFailure> {
    if !origin.is_well_formed() {
        return Err(SealFailure::TooLong);
    }
    let region_len = u8::try_from(origin.region.len()).map_err(|_| SealFailure::TooLong)?;
    let key_id_len = u8::try_from(origin.key_id.len()).map_err(|_| SealFailure::TooLong)?;
    let body_len_field = u32::try_from(body_len).map_err(|_| SealFailure::TooLong)?;
    let mut out = Vec::with_capacity(200 + body_len);
    out.push(FORMAT);
    out.extend_from_slice(origin.account.as_bytes());
    out.push(region_len);
    out.extend_from_slice(origin.region.as_bytes());
    out.push(key_id_len);
    out.extend_from_slice(origin.key_id.as_bytes());
    out.extend_from_slice(&origin.material_id.0);
    out.extend_from_slice(nonce);
    out.extend_from_slice(commitment);
    out.extend_from_slice(&body_len_field.to_be_bytes());
    Ok(out)
}

/// The associated data for a context that is not empty: `header || canonical context`.
fn with_context(header: &[u8], context: &[(String, String)]) -> Vec<u8> {
    let mut pairs: Vec<_> = context.iter().collect();
    pairs.sort_unstable();
    let text: usize = pairs
        .iter()
        .map(|(key, value)| key.len() + value.len() + 16)
        .sum();
    let mut aad = Vec::with_capacity(header.len() + text);
    aad.extend_from_slice(header);
    for (key, value) in pairs {
        for text in [key, value] {
            aad.extend_from_slice(&(text.len() as u64).to_be_bytes());
            aad.extend_from_slice(text.as_bytes());
        }
    }
    aad
}

fn short_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests;
