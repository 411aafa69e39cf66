//! A managed policy, whoever manages it.

use std::sync::Arc;

use api::iam::Policy;
use platform::{Ctx, NamedPolicy, Result};
use wire::Timestamp;

use crate::attachments::name_of;
use crate::aws_managed::{self, AwsManaged};
use crate::policies::record::{ManagedPolicyRecord, PolicyUse};
use crate::policies::versions::Version;
use crate::tags;

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

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        match self {
            Self::Aws(found) => found.arn(),
            Self::Own(found) => found.arn(),
        }
    }

    /// The path.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Aws(found) => found.path,
            Self::Own(found) => &found.path,
        }
    }

    /// The default version, parsed.
    pub(crate) fn policy(&self) -> Result<Arc<NamedPolicy>> {
        match self {
            Self::Aws(found) => found.policy(),
            Self::Own(found) => found.policy(),
        }
    }

    /// Whether AWS reserves it for service-linked roles: it tells them by their path.
    pub(crate) fn is_for_service_linked_roles(&self) -> bool {
        matches!(self, Self::Aws(_)) && self.path().starts_with("/aws-service-role/")
    }

    /// The versions, oldest first. Of AWS's policies the one that counts is here.
    pub(crate) fn versions(&self) -> Vec<Version> {
        match self {
            Self::Aws(found) => vec![Version {
                number: found.version_number(),
                id: found.version.to_owned(),
                document: found.document.to_owned(),
                is_default: true,
                created: found.updated,
            }],
            Self::Own(found) => {
                let versions = found.versions.iter().map(|version| Version {
                    number: version.number,
                    id: format!("v{}", version.number),
                    document: version.document.clone(),
                    is_default: version.number == found.default_version,
                    created: Timestamp {
                        millis: version.created_millis,
                    },
                });
                versions.collect()
            }
        }
    }

    /// The policy as lists show it: with neither description nor tags.
    pub(crate) async fn listed(&self, ctx: &Ctx) -> Result<Policy> {
        let used = PolicyUse::of(ctx, &self.arn()).await?;
        let shown = match self {
            Self::Aws(found) => Policy {
                policy_name: Some(found.name.to_owned()),
                policy_id: Some(found.policy_id.to_owned()),
                default_version_id: Some(found.version.to_owned()),
                create_date: Some(found.created),
                update_date: Some(found.updated),
                ..Policy::default()
            },
            Self::Own(found) => Policy {
                policy_name: Some(found.name.clone()),
                policy_id: Some(found.policy_id.clone()),
                default_version_id: Some(format!("v{}", found.default_version)),
                create_date: Some(Timestamp {
                    millis: found.created_millis,
                }),
                update_date: Some(Timestamp {
                    millis: found.updated_millis,
                }),
                ..Policy::default()
            },
        };
        Ok(Policy {
            arn: Some(self.arn()),
            path: Some(self.path().to_owned()),
            attachment_count: Some(used.attachments.cast_signed()),
            permissions_boundary_usage_count: Some(used.boundaries.cast_signed()),
            is_attachable: Some(true),
            ..shown
        })
    }

    /// The policy with everything that may be shown.
    pub(crate) async fn described(&self, ctx: &Ctx) -> Result<Policy> {
        let (description, tags) = match self {
            Self::Aws(found) => (found.description, [].as_slice()),
            Self::Own(found) => (found.description.as_str(), found.tags.as_slice()),
        };
        Ok(Policy {
            description: (!description.is_empty()).then(|| description.to_owned()),
            tags: Some(tags::shown(tags)),
            ..self.listed(ctx).await?
        })
    }
}
