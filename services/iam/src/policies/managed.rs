//! A managed policy, whoever manages it.

use std::sync::Arc;

use platform::{Ctx, Result};

use crate::attachments::name_of;
use crate::aws_managed::{self, AwsManaged};
use crate::policies::record::ManagedPolicyRecord;

/// A managed policy that the caller's account sees.
#[derive(Clone)]
pub(crate) enum Managed {
    /// One that AWS manages.
    Aws(&'static AwsManaged),
    /// One of the account.
    Own(Arc<ManagedPolicyRecord>),
}

impl Managed {
    /// The policy of this ARN, path included. Those of other accounts are not there.
    pub(crate) async fn find(ctx: &Ctx, arn: &str) -> Result<Option<Self>> {
        if let Some(found) = aws_managed::find(arn) {
            return Ok(Some(Self::Aws(found)));
        }
        let key = ManagedPolicyRecord::key(ctx.account(), name_of(arn));
        let found = ctx.get::<ManagedPolicyRecord>(&key).await?;
        Ok(found.filter(|found| found.arn() == arn).map(Self::Own))
    }

    /// The path.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Aws(found) => found.path,
            Self::Own(found) => &found.path,
        }
    }

    /// Whether AWS reserves it for service-linked roles: it tells them by their path.
    pub(crate) fn is_for_service_linked_roles(&self) -> bool {
        matches!(self, Self::Aws(_)) && self.path().starts_with("/aws-service-role/")
    }
}
