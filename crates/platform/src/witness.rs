//! Watching which decisions calls ask.

/// Is told of every decision that a call asks, whatever the answer. Tests hold what operations ask
/// against AWS's service authorization reference with it; nothing else needs one.
pub trait Witness: Send + Sync {
    /// A call asks whether it may perform `action` on the resource of this ARN, or on `*`.
    fn asks(&self, action: &'static str, resource_arn: &str);

    /// A call says that it needs no permission.
    fn needs_none(&self);
}
