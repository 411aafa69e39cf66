//! The signature itself.

use aws_lc_rs::digest;

use super::RequestHead;
use super::canonical::{Parts, PathStyle, canonical_request};
use super::encoding::{digest_from_hex, digest_hex, from_hex};
use super::error::{Mismatch, SignatureError};
use super::instant;
use super::key::VerifyingKey;
use super::presented::{Form, Presented};

const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The last line of a canonical request.
#[derive(Debug)]
pub(super) enum Payload {
    /// The body is not covered.
    Unsigned,
    /// The digest of the body, in hexadecimal.
    Digest([u8; 64]),
}

impl Payload {
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Unsigned => UNSIGNED_PAYLOAD.as_bytes(),
            Self::Digest(digest) => digest,
        }
    }
}

impl Presented<'_> {
    /// Tests the signature over `head` and `body` with the key of `access_key_id`. It says
    /// nothing about time, scope or headers that are not covered: that is
    /// [`Presented::check`], which must succeed too.
    ///
    /// # Errors
    ///
    /// `Mismatch` if the key gives another signature, or is a key for the other algorithm;
    /// `ContentDigest..` if `x-amz-content-sha256` is not what the body has.
    pub fn verify(
        &self,
        head: &RequestHead<'_>,
        body: &[u8],
        key: &VerifyingKey<'_>,
    ) -> Result<(), SignatureError> {
        self.verify_with(head, body, key, PathStyle::of_service(&self.service))
    }

    pub(super) fn verify_with(
        &self,
        head: &RequestHead<'_>,
        body: &[u8],
        key: &VerifyingKey<'_>,
        path_style: PathStyle,
    ) -> Result<(), SignatureError> {
        let payload = self.payload(body)?;
        let parts = Parts {
            signed_headers: &self.signed_headers,
            form: self.form,
            payload: payload.as_bytes(),
            path_style,
        };
        let canonical_request = canonical_request(head, &parts);
        let string_to_sign = self.string_to_sign(&canonical_request);
        if self.accepts(&string_to_sign, key) {
            return Ok(());
        }
        Err(SignatureError::Mismatch(Box::new(Mismatch {
            canonical_request: String::from_utf8_lossy(&canonical_request).into_owned(),
            string_to_sign: String::from_utf8_lossy(&string_to_sign).into_owned(),
        })))
    }

    /// The string to sign (IAM User Guide, "Create a signed AWS API request", step 3).
    pub(super) fn string_to_sign(&self, canonical_request: &[u8]) -> Vec<u8> {
        let signed_at = instant::basic(self.signed_at);
        let digest = sha256_hex(canonical_request);
        let mut text = Vec::with_capacity(128 + self.scope.len());
        text.extend_from_slice(self.algorithm.name().as_bytes());
        text.push(b'\n');
        text.extend_from_slice(signed_at.as_bytes());
        text.push(b'\n');
        text.extend_from_slice(self.scope.as_bytes());
        text.push(b'\n');
        text.extend_from_slice(&digest);
        text
    }

    fn accepts(&self, string_to_sign: &[u8], key: &VerifyingKey<'_>) -> bool {
        use super::presented::Algorithm::{V4, V4a};

        match (self.algorithm, key) {
            (V4, VerifyingKey::V4(key)) => digest_from_hex(&self.signature)
                .is_some_and(|signature| key.verifies(string_to_sign, &signature)),
            (V4a, VerifyingKey::V4a(key)) => from_hex(&self.signature)
                .is_some_and(|signature| key.verifies(string_to_sign, &signature)),
            (V4, VerifyingKey::V4a(_)) | (V4a, VerifyingKey::V4(_)) => false,
        }
    }

    /// The last line of the canonical request. Outside S3 it is always the body's digest: a
    /// header can only repeat that.
    pub(super) fn payload(&self, body: &[u8]) -> Result<Payload, SignatureError> {
        let is_s3 = self.service == "s3";
        let Some(declared) = self.content_sha256.as_deref() else {
            return match self.form {
                Form::Header if is_s3 => Err(SignatureError::ContentDigestAbsent),
                Form::Query { .. } if is_s3 => Ok(Payload::Unsigned),
                Form::Header | Form::Query { .. } => Ok(Payload::Digest(sha256_hex(body))),
            };
        };
        if declared == UNSIGNED_PAYLOAD && is_s3 {
            return Ok(Payload::Unsigned);
        }
        if digest_from_hex(declared).is_none() {
            return Err(SignatureError::ContentDigestUnsupported);
        }
        let computed = sha256_hex(body);
        if declared.as_bytes() != computed {
            return Err(SignatureError::ContentDigestMismatch);
        }
        Ok(Payload::Digest(computed))
    }
}

fn sha256_hex(bytes: &[u8]) -> [u8; 64] {
    digest_hex(digest::digest(&digest::SHA256, bytes).as_ref())
}
