//! `DryRun`: everything is checked, nothing is done.

use api::kms::{DryRunModifierType, DryRunOperationException};
use platform::{Result, validation};
use wire::Fault;

/// Whether and how a request is a dry run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DryRun {
    No,
    Yes,
    /// Not even a ciphertext is looked at.
    IgnoringCiphertext,
}

impl DryRun {
    /// Reads `DryRun` and `DryRunModifiers`.
    pub(crate) fn new(dry_run: bool, modifiers: &[DryRunModifierType]) -> Result<Self> {
        match (dry_run, modifiers) {
            (false, []) => Ok(Self::No),
            (true, []) => Ok(Self::Yes),
            (true, [..]) => Ok(Self::IgnoringCiphertext),
            (false, [..]) => Err(validation(
                "DryRunModifiers can only be specified when DryRun is true.",
            )),
        }
    }

    /// Ends a dry run whose checks have all passed.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        match self {
            Self::No => Ok(()),
            Self::Yes | Self::IgnoringCiphertext => Err(DryRunOperationException::new(
                "The request would have succeeded, but the DryRun option is set.",
            )),
        }
    }
}
