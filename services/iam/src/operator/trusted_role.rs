//! A role as a resource: its trust policy decides who may assume it.

use std::borrow::Cow;
use std::sync::Arc;

use platform::{Ctx, Resource, ResourcePolicy, Result, Role};
use policy::ResourceRule;

use crate::binding;
use crate::tags;

/// The role of this ARN, with its trust policy: for explanations.
pub(crate) async fn by_arn(ctx: &Ctx, arn: &str) -> Result<Option<Box<dyn Resource>>> {
    let found = {
        let (_, mut txn) = ctx.directory().await;
        binding::role_of_arn(&mut txn, arn).await?
    };
    let role = found.map(|role| role.assumable()).transpose()?;
    Ok(role.map(|role| Box::new(TrustedRole(role)) as Box<dyn Resource>))
}

struct TrustedRole(Arc<Role>);

impl Resource for TrustedRole {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.arn)
    }

    fn account(&self) -> &str {
        &self.0.account
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        Some(ResourcePolicy {
            name: &self.0.arn,
            policy: &self.0.trust,
            rule: ResourceRule::Trust,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tags::value(&self.0.tags, key)
    }
}
