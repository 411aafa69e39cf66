//! `Recipient`: answers encrypted for an attested enclave, which this version does not make.

use api::kms::{RecipientInfo, UnsupportedOperationException};
use wire::Fault;

/// Refuses a request for an attested recipient: answering it in clear would betray it.
pub(crate) fn check(recipient: Option<&RecipientInfo>) -> Result<(), Fault> {
    match recipient {
        None => Ok(()),
        Some(_) => Err(UnsupportedOperationException::new(
            "The Recipient parameter (attestation of AWS Nitro enclaves) is not supported.",
        )),
    }
}
