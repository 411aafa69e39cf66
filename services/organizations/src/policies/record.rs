//! The record of a policy.

use std::sync::Arc;

use api::organizations::{Policy, PolicySummary, PolicyType};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::organization::record::OrganizationRecord;
use crate::policies::managed::{self, Managed};

/// A policy of any type.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PolicyRecord {
    /// `p-..`
    pub(crate) id: String,
    /// The type, as `SERVICE_CONTROL_POLICY`.
    pub(crate) kind: String,
    /// The name, unique among the policies of a type.
    pub(crate) name: String,
    /// The description.
    pub(crate) description: String,
    /// The JSON text, as it was given.
    pub(crate) content: String,
    /// When it was last changed, in milliseconds since 1970.
    pub(crate) updated_millis: i64,
}

impl Record for PolicyRecord {
    const TABLE: &'static str = "organizations.policies";
    const SERVICE: &'static str = "organizations";
}

impl PolicyRecord {
    /// Where the policy of this id is.
    pub(crate) fn key(organization: &OrganizationRecord, id: &str) -> Key {
        let parts = [organization.id.as_str(), id];
        Key::new(&organization.management_account, "", parts)
    }

    /// The policy of this id, be it AWS's.
    pub(crate) async fn find(
        ctx: &Ctx,
        organization: &OrganizationRecord,
        id: &str,
    ) -> Result<Option<Arc<Self>>> {
        match managed::of_id(id) {
            Some(managed) if organization.all_features => Ok(Some(Arc::new(Self::of(managed)))),
            _ => ctx.get(&Self::key(organization, id)).await,
        }
    }

    /// All policies of the organization but AWS's.
    pub(crate) async fn all(
        ctx: &Ctx,
        organization: &OrganizationRecord,
    ) -> Result<Vec<Arc<Self>>> {
        let parts = [organization.id.as_str()];
        let prefix = Key::new(&organization.management_account, "", parts);
        let rows = ctx.scan_all::<Self>(&prefix).await?;
        Ok(rows.into_iter().map(|(_, policy)| policy).collect())
    }

    /// AWS's policy as a record.
    pub(crate) fn of(managed: &Managed) -> Self {
        Self {
            id: managed.id.to_owned(),
            kind: managed.kind.to_owned(),
            name: managed.name.to_owned(),
            description: managed.description.to_owned(),
            content: managed.content.to_owned(),
            updated_millis: 0,
        }
    }

    /// Stages this version.
    pub(crate) async fn put(self, ctx: &Ctx, organization: &OrganizationRecord) {
        ctx.put(Self::key(organization, &self.id), self).await;
    }

    /// The ARN.
    pub(crate) fn arn(&self, organization: &OrganizationRecord) -> String {
        match managed::of_id(&self.id) {
            Some(managed) => managed.arn(),
            None => {
                let kind = self.kind.to_ascii_lowercase();
                organization.arn_of("policy", &format!("{kind}/{}", self.id))
            }
        }
    }

    /// The policy without its document, as AWS shows it.
    pub(crate) fn summary(&self, organization: &OrganizationRecord) -> PolicySummary {
        PolicySummary {
            id: Some(self.id.clone()),
            arn: Some(self.arn(organization)),
            name: Some(self.name.clone()),
            description: Some(self.description.clone()),
            r#type: PolicyType::parse(&self.kind),
            aws_managed: Some(managed::of_id(&self.id).is_some()),
        }
    }

    /// The policy as AWS shows it.
    pub(crate) fn shown(&self, organization: &OrganizationRecord) -> Policy {
        Policy {
            policy_summary: Some(self.summary(organization)),
            content: Some(self.content.clone()),
        }
    }
}
