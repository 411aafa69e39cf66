//! The record of a request to make an account.

use std::sync::Arc;

use api::organizations::{CreateAccountFailureReason, CreateAccountState, CreateAccountStatus};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::organization::record::OrganizationRecord;

/// A request to make an account, which ended with the call that made it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CreateAccountRecord {
    /// `car-..`
    pub(super) id: String,
    /// The name that was asked for.
    pub(super) account_name: String,
    /// The number of the account; none if the e-mail address was taken.
    pub(super) account: Option<String>,
    /// When it was asked for, in milliseconds since 1970.
    pub(super) requested_millis: i64,
}

impl Record for CreateAccountRecord {
    const TABLE: &'static str = "organizations.create-account-requests";
    const SERVICE: &'static str = "organizations";
}

impl CreateAccountRecord {
    fn key(organization: &OrganizationRecord, id: &str) -> Key {
        let parts = [organization.id.as_str(), id];
        Key::new(&organization.management_account, "", parts)
    }

    /// The request of this id.
    pub(super) async fn find(
        ctx: &Ctx,
        organization: &OrganizationRecord,
        id: &str,
    ) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(organization, id)).await
    }

    /// All requests of an organization.
    pub(super) async fn all(
        ctx: &Ctx,
        organization: &OrganizationRecord,
    ) -> Result<Vec<Arc<Self>>> {
        let parts = [organization.id.as_str()];
        let prefix = Key::new(&organization.management_account, "", parts);
        let rows = ctx.scan_all::<Self>(&prefix).await?;
        Ok(rows.into_iter().map(|(_, record)| record).collect())
    }

    /// Stages it.
    pub(super) async fn put(self, ctx: &Ctx, organization: &OrganizationRecord) {
        ctx.put(Self::key(organization, &self.id), self).await;
    }

    /// The state it ended in.
    pub(super) fn state(&self) -> CreateAccountState {
        if self.account.is_some() {
            CreateAccountState::Succeeded
        } else {
            CreateAccountState::Failed
        }
    }

    /// The request as AWS shows it.
    pub(super) fn shown(&self) -> CreateAccountStatus {
        let at = Timestamp {
            millis: self.requested_millis,
        };
        let failed = self.account.is_none();
        CreateAccountStatus {
            id: Some(self.id.clone()),
            account_name: Some(self.account_name.clone().into()),
            state: Some(self.state()),
            requested_timestamp: Some(at),
            completed_timestamp: Some(at),
            account_id: self.account.clone(),
            gov_cloud_account_id: None,
            failure_reason: failed.then_some(CreateAccountFailureReason::EmailAlreadyExists),
        }
    }
}
