//! Managed policies: those of the account, and those that AWS manages.

pub(crate) mod record;

pub(crate) use record::{ManagedPolicyRecord, PolicyUse};
