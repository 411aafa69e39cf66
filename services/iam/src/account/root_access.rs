//! Centralized root access: what an organization's management account may do in the place of its
//! members' root users ("Centrally manage root access for member accounts", IAM user guide).

use api::iam::{
    AccountNotManagementOrDelegatedAdministratorException, CallerIsNotManagementAccountException,
    FeatureType, OrganizationNotFoundException, OrganizationNotInAllFeaturesModeException,
    ServiceAccessNotEnabledException,
};
use platform::{Ctx, Result, RootFeatures};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};

/// What an organization has enabled.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct RootFeaturesRecord {
    credentials_management: bool,
    sessions: bool,
}

impl Record for RootFeaturesRecord {
    const TABLE: &'static str = "iam.root-features";
    const SERVICE: &'static str = "iam";
}

impl RootFeaturesRecord {
    fn key(organization_id: &str) -> Key {
        Key::new("", "", [organization_id])
    }
}

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    /// The management account alone.
    Management,
    /// A delegated administrator for IAM too.
    Delegated,
}

/// The organization whose features the caller manages.
pub(crate) struct Managed {
    /// `o-..`.
    pub(crate) organization_id: String,
    /// What is enabled.
    pub(crate) features: RootFeatures,
}

impl Managed {
    /// The organization that the caller's account manages, or AWS's reason why there is none.
    pub(crate) async fn by_caller(ctx: &Ctx, manager: Manager) -> Result<Self> {
        let account = ctx.account();
        let Some(member) = ctx.membership(account).await? else {
            let message = "The account is not a member of an organization.";
            return Err(OrganizationNotFoundException::new(message).into());
        };
        let management = &member.management_account;
        let access = ctx.service_access(management, "iam.amazonaws.com").await?;
        if account != management {
            let mut delegated = access.delegated_administrators.iter();
            if !delegated.any(|delegated| delegated == account) {
                let message = "The account is neither the management account nor a delegated \
                               administrator for IAM.";
                let fault = AccountNotManagementOrDelegatedAdministratorException::new(message);
                return Err(fault.into());
            }
            if manager == Manager::Management {
                let message = "The account is not the management account of its organization.";
                return Err(CallerIsNotManagementAccountException::new(message).into());
            }
        }
        if !access.all_features {
            let message = "The organization does not have all features enabled.";
            return Err(OrganizationNotInAllFeaturesModeException::new(message).into());
        }
        if !access.trusted {
            let message = "Trusted access is not enabled for IAM in Organizations.";
            return Err(ServiceAccessNotEnabledException::new(message).into());
        }
        let organization_id = member.organization_id.clone();
        let key = RootFeaturesRecord::key(&organization_id);
        let found = ctx.get::<RootFeaturesRecord>(&key).await?;
        let features = shown(found.as_deref());
        Ok(Self {
            organization_id,
            features,
        })
    }

    /// Stages a change, and gives the organization with what is enabled then.
    pub(crate) async fn change(
        mut self,
        ctx: &Ctx,
        change: impl FnOnce(&mut RootFeatures),
    ) -> (Option<String>, Option<Vec<FeatureType>>) {
        change(&mut self.features);
        let record = RootFeaturesRecord {
            credentials_management: self.features.credentials_management,
            sessions: self.features.sessions,
        };
        let key = RootFeaturesRecord::key(&self.organization_id);
        ctx.put(key, record).await;
        self.described()
    }

    /// The organization and what is enabled, as AWS shows them.
    pub(crate) fn described(self) -> (Option<String>, Option<Vec<FeatureType>>) {
        let known = [
            (
                self.features.credentials_management,
                FeatureType::RootCredentialsManagement,
            ),
            (self.features.sessions, FeatureType::RootSessions),
        ];
        let enabled = known.into_iter().filter(|(enabled, _)| *enabled);
        let enabled = enabled.map(|(_, feature)| feature).collect();
        (Some(self.organization_id), Some(enabled))
    }
}

/// What the organization with this id has enabled.
pub(crate) async fn features(txn: &mut Txn, organization_id: &str) -> Result<RootFeatures> {
    let key = RootFeaturesRecord::key(organization_id);
    let found = txn.get::<RootFeaturesRecord>(&key).await?;
    Ok(shown(found.as_deref()))
}

fn shown(record: Option<&RootFeaturesRecord>) -> RootFeatures {
    record.map_or_else(RootFeatures::default, |record| RootFeatures {
        credentials_management: record.credentials_management,
        sessions: record.sessions,
    })
}
