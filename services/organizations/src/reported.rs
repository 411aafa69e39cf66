//! The part of an organization that a report on the use of services is about.

use std::sync::Arc;

use platform::{NamedPolicy, ReportAbout, Reported, ReportedAccount, Result, Unreportable};
use store::Txn;

use crate::organization::membership::{SERVICE_CONTROL, parse};
use crate::organization::record::OrganizationRecord;
use crate::policies::managed;
use crate::policies::record::PolicyRecord;

/// What a report about an entity, or about a policy within an entity, covers
/// (`iam:GenerateOrganizationsAccessReport`).
pub(crate) async fn part(
    txn: &mut Txn,
    management_account: &str,
    about: ReportAbout<'_>,
) -> Result<Result<Reported, Unreportable>> {
    let key = OrganizationRecord::key(management_account);
    let Some(organization) = txn.get::<OrganizationRecord>(&key).await? else {
        return Ok(Err(Unreportable::UnknownPath));
    };
    if !organization.policy_types.contains(SERVICE_CONTROL) {
        return Ok(Err(Unreportable::ControlsDisabled));
    }
    let Some(id) = organization.at_path(about.path) else {
        return Ok(Err(Unreportable::UnknownPath));
    };
    if id == organization.management_account {
        // Nothing limits it, so a policy that is asked about is ignored.
        return Ok(Ok(Reported {
            levels: Vec::new(),
            accounts: vec![organization.reported_account(id)],
        }));
    }
    let Some(policy_id) = about.policy_id else {
        return Ok(Ok(Reported {
            levels: organization.levels(id, SERVICE_CONTROL)?,
            accounts: organization.reported_accounts(id, None),
        }));
    };
    let Some(policy) = service_control(txn, &organization, policy_id).await? else {
        return Ok(Err(Unreportable::UnknownPolicy));
    };
    Ok(Ok(Reported {
        levels: vec![vec![policy]],
        accounts: organization.reported_accounts(id, Some(policy_id)),
    }))
}

impl OrganizationRecord {
    /// The id of the root, unit or account of this path.
    fn at_path<'a>(&self, path: &'a str) -> Option<&'a str> {
        let path = path.trim_end_matches('/');
        let (_, id) = path.rsplit_once('/')?;
        (self.is_target(id) && self.path(id).trim_end_matches('/') == path).then_some(id)
    }

    /// The accounts at or below `id` that control policies limit: all, or those that one policy
    /// does.
    fn reported_accounts(&self, id: &str, policy_id: Option<&str>) -> Vec<ReportedAccount> {
        let binds = |level: &String| {
            let mut attached = self.attachments.get(level).into_iter().flatten();
            policy_id.is_none_or(|policy| attached.any(|one| one.policy_id == policy))
        };
        let members = self.accounts.keys();
        let members = members.filter(|account| **account != self.management_account);
        let inside = members.filter(|account| {
            let line = self.line(account);
            line.iter().any(|level| level == id) && line.iter().any(binds)
        });
        inside
            .map(|account| self.reported_account(account))
            .collect()
    }

    fn reported_account(&self, account: &str) -> ReportedAccount {
        ReportedAccount {
            id: account.to_owned(),
            path: self.path(account).trim_end_matches('/').to_owned(),
        }
    }
}

/// The service control policy of this id, attached or not.
async fn service_control(
    txn: &mut Txn,
    organization: &OrganizationRecord,
    id: &str,
) -> Result<Option<Arc<NamedPolicy>>> {
    if let Some(managed) = managed::of_id(id) {
        let is_control = managed.kind == SERVICE_CONTROL;
        return is_control.then(|| managed.parsed()).transpose();
    }
    let key = PolicyRecord::key(organization, id);
    let found = txn.get::<PolicyRecord>(&key).await?;
    let found = found.filter(|found| found.kind == SERVICE_CONTROL);
    let parsed = found.map(|found| {
        let name = found.arn(organization);
        parse(&name, &found.kind, &found.content)
    });
    parsed.transpose()
}
