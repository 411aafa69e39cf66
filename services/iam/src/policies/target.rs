//! The managed policy that an operation is about.

use std::borrow::Cow;
use std::sync::Arc;

use api::iam::InvalidInputException;
use platform::{Authorized, Ctx, Resource, Result};
use wire::{Common, Fault};

use crate::attachments::check_form;
use crate::policies::managed::Managed;
use crate::policies::record::{self, ManagedPolicyRecord};
use crate::tags;
use crate::target::{Asked, Entity, EntityKeys};

/// A managed policy, before it is known whether the caller may touch it.
///
/// Decisions are asked of the caller's account, also about policies of AWS and of other accounts:
/// the latter are not there, whether they exist or not.
pub(crate) struct PolicyTarget {
    account: String,
    arn: String,
    shown: String,
    found: Option<Managed>,
}

impl PolicyTarget {
    /// The policy of this ARN.
    pub(crate) async fn named(ctx: &Ctx, arn: String) -> Result<Self> {
        check_form(&arn)?;
        Ok(Self {
            account: ctx.account().to_owned(),
            shown: format!("policy {arn}"),
            found: Managed::find(ctx, &arn).await?,
            arn,
        })
    }

    /// One that does not exist yet. Refusals call it by its name alone.
    pub(crate) fn new(ctx: &Ctx, path: &str, name: &str) -> Self {
        Self {
            account: ctx.account().to_owned(),
            arn: record::arn(ctx.account(), path, name),
            shown: format!("policy {name}"),
            found: None,
        }
    }

    /// All policies below a path.
    pub(crate) fn below(ctx: &Ctx, path_prefix: &str) -> Self {
        Self {
            account: ctx.account().to_owned(),
            arn: record::arn(ctx.account(), path_prefix, ""),
            shown: format!("policy path {path_prefix}"),
            found: None,
        }
    }

    /// Decides whether the caller may perform `action` on it.
    pub(crate) async fn permit(self, ctx: &Ctx, action: &'static str) -> Result<Authorized<Self>> {
        self.permit_with(ctx, action, &Asked::default()).await
    }

    /// Decides with what the request says beside the ARN.
    pub(crate) async fn permit_with(
        self,
        ctx: &Ctx,
        action: &'static str,
        asked: &Asked<'_>,
    ) -> Result<Authorized<Self>> {
        let keys = EntityKeys::of(self.own().cloned(), asked);
        let access = ctx.authorize(action, self).keys(&keys);
        access
            .request_tags(asked.tags)
            .tag_keys(asked.tag_keys)
            .decide()
            .await
    }

    fn own(&self) -> Option<&Arc<ManagedPolicyRecord>> {
        match &self.found {
            Some(Managed::Own(own)) => Some(own),
            _ => None,
        }
    }
}

/// The policy, or AWS's answer that there is none.
pub(crate) fn require(permitted: Authorized<PolicyTarget>) -> Result<Managed> {
    require_or(permitted, ManagedPolicyRecord::absent)
}

/// The same where an operation has an answer of its own.
pub(crate) fn require_or(
    permitted: Authorized<PolicyTarget>,
    absent: impl FnOnce(&str) -> Fault,
) -> Result<Managed> {
    let PolicyTarget { arn, found, .. } = permitted.into_inner();
    found.ok_or_else(|| absent(&arn).into())
}

/// The policy as one that the account may change.
pub(crate) fn require_own(permitted: Authorized<PolicyTarget>) -> Result<Arc<ManagedPolicyRecord>> {
    require_own_or(permitted, ManagedPolicyRecord::absent)
}

/// The same where an operation has an answer of its own.
pub(crate) fn require_own_or(
    permitted: Authorized<PolicyTarget>,
    absent: impl FnOnce(&str) -> Fault,
) -> Result<Arc<ManagedPolicyRecord>> {
    let PolicyTarget {
        account,
        arn,
        found,
        ..
    } = permitted.into_inner();
    match found {
        Some(Managed::Own(own)) => Ok(own),
        None if arn.starts_with(&record::arn(&account, "/", "")) => Err(absent(&arn).into()),
        _ => {
            let message = "Policy is outside your own account.";
            Err(Fault::common(Common::AccessDenied, message).into())
        }
    }
}

/// The policy as one that can have tags, which those that AWS manages cannot.
pub(crate) fn require_taggable(
    permitted: Authorized<PolicyTarget>,
) -> Result<Arc<ManagedPolicyRecord>> {
    match require(permitted)? {
        Managed::Own(own) => Ok(own),
        Managed::Aws(_) => {
            let message = "Tags not supported for policies in this domain";
            Err(InvalidInputException::new(message).into())
        }
    }
}

impl Resource for PolicyTarget {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn shown(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.shown)
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tags::value(&self.own()?.tags, key)
    }
}
