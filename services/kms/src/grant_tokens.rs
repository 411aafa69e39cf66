//! Grant tokens: none is ever issued before grants exist, so none can be valid.

use api::kms::InvalidGrantTokenException;
use wire::Fault;

/// Refuses tokens that no grant issued.
pub(crate) fn check(tokens: &[String]) -> Result<(), Fault> {
    if tokens.is_empty() {
        Ok(())
    } else {
        Err(InvalidGrantTokenException::bare())
    }
}
