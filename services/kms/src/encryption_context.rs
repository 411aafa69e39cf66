//! The encryption context: pairs that are authenticated with a ciphertext and not part of it.

use api::kms::EncryptionAlgorithmSpec;
use platform::{Result, validation};
use wire::Entries;

/// How long all keys and values together may be, in bytes.
const MAX_LENGTH: usize = 8192;

/// An encryption context of acceptable size. A key occurs once; the order says nothing.
pub(crate) struct EncryptionContext(Entries<String>);

impl EncryptionContext {
    /// Checks the size, and that `algorithm` authenticates a context at all.
    pub(crate) fn new(
        entries: Entries<String>,
        algorithm: EncryptionAlgorithmSpec,
    ) -> Result<Self> {
        let is_symmetric = algorithm == EncryptionAlgorithmSpec::SymmetricDefault;
        if !is_symmetric && !entries.is_empty() {
            return Err(validation(
                "EncryptionContext is not supported when encrypting/decrypting with asymmetric \
                 CMKs.",
            ));
        }
        let length: usize = entries
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        if length > MAX_LENGTH {
            return Err(validation(format!(
                "The encryption context exceeds the maximum length of {MAX_LENGTH}."
            )));
        }
        Ok(Self(entries))
    }

    /// The pairs, in the order of the request.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}
