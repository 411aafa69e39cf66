//! The record of the delegation policy.

use std::sync::Arc;

use api::organizations::{ResourcePolicy, ResourcePolicySummary};
use platform::{Ctx, Derived, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::organization::record::OrganizationRecord;

/// The resource policy of an organization, by which it lets members manage policies.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ResourcePolicyRecord {
    /// `rp-..`
    pub(crate) id: String,
    /// The JSON text. The users and roles of this installation that it names are kept by their
    /// unique ids.
    pub(crate) content: String,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

impl Record for ResourcePolicyRecord {
    const TABLE: &'static str = "organizations.resource-policies";
    const SERVICE: &'static str = "organizations";
}

impl ResourcePolicyRecord {
    /// Where the policy of the organization is.
    pub(crate) fn key(organization: &OrganizationRecord) -> Key {
        let parts = [organization.id.as_str()];
        Key::new(&organization.management_account, "", parts)
    }

    /// The policy of the organization, parsed.
    pub(crate) async fn get(
        ctx: &Ctx,
        organization: &OrganizationRecord,
    ) -> Result<Option<Arc<Self>>> {
        let found: Option<Arc<Self>> = ctx.get(&Self::key(organization)).await?;
        if let Some(found) = &found {
            found.parsed()?;
        }
        Ok(found)
    }

    /// The policy, parsed once.
    pub(crate) fn parsed(&self) -> Result<&Policy> {
        self.parsed.get_or_make(|| {
            Policy::parse(&self.content, PolicyKind::Resource).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored policy is malformed: {detail}"))
            })
        })
    }

    /// The policy as AWS shows it.
    pub(crate) async fn shown(
        &self,
        ctx: &Ctx,
        organization: &OrganizationRecord,
    ) -> Result<ResourcePolicy> {
        Ok(ResourcePolicy {
            resource_policy_summary: Some(ResourcePolicySummary {
                id: Some(self.id.clone()),
                arn: Some(organization.arn(&self.id)),
            }),
            content: Some(ctx.show_principals(&self.content).await?),
        })
    }
}
