//! The signature itself.

use std::borrow::Cow;

use aws_lc_rs::digest;

use super::RequestHead;
use super::canonical::{Parts, PathStyle, canonical_request};
use super::encoding::{from_hex, hex};
use super::error::{Mismatch, SignatureError};
use super::instant;
use super::key::VerifyingKey;
use super::presented::{Form, Presented};

const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

impl Presented {
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
        let parts = Parts {
            signed_headers: &self.signed_headers,
            form: self.form,
            payload: &self.payload(body)?,
            path_style,
        };
        let canonical_request = canonical_request(head, &parts);
        let string_to_sign = self.string_to_sign(&canonical_request);
        if self.accepts(&string_to_sign, key) {
            return Ok(());
        }
        Err(SignatureError::Mismatch(Box::new(Mismatch {
            canonical_request: String::from_utf8_lossy(&canonical_request).into_owned(),
            string_to_sign,
        })))
    }

    /// The string to sign (IAM User Guide, "Create a signed AWS API request", step 3).
    pub(super) fn string_to_sign(&self, canonical_request: &[u8]) -> String {
        let (signed_at, digest) = (
            instant::basic(self.signed_at),
            sha256_hex(canonical_request),
        );
        [self.algorithm.name(), &signed_at, &self.scope, &digest].join("\n")
    }

    fn accepts(&self, string_to_sign: &str, key: &VerifyingKey<'_>) -> bool {
        use super::presented::Algorithm::{V4, V4a};

        let Some(signature) = from_hex(&self.signature) else {
            return false;
        };
        match (self.algorithm, key) {
            (V4, VerifyingKey::V4(key)) => key.verifies(string_to_sign.as_bytes(), &signature),
            (V4a, VerifyingKey::V4a(key)) => key.verifies(string_to_sign.as_bytes(), &signature),
            (V4, VerifyingKey::V4a(_)) | (V4a, VerifyingKey::V4(_)) => false,
        }
    }

    /// The last line of the canonical request. Outside S3 it is always the body's digest: a
    /// header can only repeat that.
    pub(super) fn payload(&self, body: &[u8]) -> Result<Cow<'static, str>, SignatureError> {
        let is_s3 = self.service == "s3";
        let Some(declared) = self.content_sha256.as_deref() else {
            return match self.form {
                Form::Header if is_s3 => Err(SignatureError::ContentDigestAbsent),
                Form::Query { .. } if is_s3 => Ok(Cow::Borrowed(UNSIGNED_PAYLOAD)),
                Form::Header | Form::Query { .. } => Ok(Cow::Owned(sha256_hex(body))),
            };
        };
        if declared == UNSIGNED_PAYLOAD && is_s3 {
            return Ok(Cow::Borrowed(UNSIGNED_PAYLOAD));
        }
        if declared.len() != 64 || from_hex(declared).is_none() {
            return Err(SignatureError::ContentDigestUnsupported);
        }
        let computed = sha256_hex(body);
        if declared != computed {
            return Err(SignatureError::ContentDigestMismatch);
        }
        Ok(Cow::Owned(computed))
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}
