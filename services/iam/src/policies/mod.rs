//! Managed policies: those of the account, and those that AWS manages.

mod managed;
pub(crate) mod record;

pub(crate) use managed::Managed;
pub(crate) use record::{ManagedPolicyRecord, PolicyUse};
