//! What a decision is about.

use std::borrow::Cow;

use policy::{Policy, ResourceRule};

/// Something that policies protect.
pub trait Resource: Send + Sync {
    /// The ARN, or `*`.
    fn arn(&self) -> Cow<'_, str>;

    /// The account that owns it.
    fn account(&self) -> &str;

    /// The Region where it is; none for what is in no Region of its own, or in that of the call.
    /// `aws:RequestedRegion` is that Region, since an operation that reaches into a second one needs
    /// permission there.
    fn region(&self) -> Option<&str> {
        None
    }

    /// How a refusal names it: by its ARN, except where AWS says less.
    fn shown(&self) -> Cow<'_, str> {
        self.arn()
    }

    /// The type as CloudTrail writes it, for example `AWS::KMS::Key`; none keeps it off the
    /// event's list of resources. With an empty one it is there by its ARN, without a type.
    fn audit_type(&self) -> Option<&'static str> {
        None
    }

    /// The policy attached to it.
    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        None
    }

    /// Whether resource control policies apply; they do but to few actions (AWS Organizations user
    /// guide, "Resource control policies").
    fn is_under_resource_control(&self) -> bool {
        true
    }

    /// The value of its tag `key`, for `aws:ResourceTag/key`. Tag keys in policies do not
    /// distinguish case.
    fn tag(&self, _key: &str) -> Option<&str> {
        None
    }
}

/// A resource-based policy.
pub struct ResourcePolicy<'a> {
    /// The name for explanations.
    pub name: &'a str,
    /// The policy, parsed.
    pub policy: &'a Policy,
    /// How it combines with identity-based policies.
    pub rule: ResourceRule,
}

/// Stands for everything of an account: operations that name no resource ask about `*`.
pub struct Everything {
    /// The account.
    pub account: String,
}

impl Resource for Everything {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed("*")
    }

    fn account(&self) -> &str {
        &self.account
    }
}
