//! What binds an account: the policies of every level from the root down to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use platform::{Derived, Error, Membership, NamedPolicy, Result};
use policy::{Policy, PolicyKind};

use crate::organization::record::{Control, OrganizationRecord};
use crate::policies::managed;

/// The type of service control policies.
pub(crate) const SERVICE_CONTROL: &str = "SERVICE_CONTROL_POLICY";
/// The type of resource control policies.
pub(crate) const RESOURCE_CONTROL: &str = "RESOURCE_CONTROL_POLICY";

impl OrganizationRecord {
    /// The place of `account`, made once for each version of the record.
    pub(crate) fn membership(&self, account: &str) -> Result<Option<Arc<Membership>>> {
        let make = || Ok::<_, Error>(Mutex::new(BTreeMap::new()));
        let known = self.memberships.get_or_make(make)?;
        let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(account) {
            return Ok(Some(Arc::clone(found)));
        }
        let Some(member) = self.accounts.get(account) else {
            return Ok(None);
        };
        let made = Arc::new(Membership {
            organization_id: self.id.clone(),
            management_account: self.management_account.clone(),
            path: self.path(&member.parent),
            scps: self.levels(account, SERVICE_CONTROL)?,
            rcps: self.levels(account, RESOURCE_CONTROL)?,
        });
        known().insert(account.to_owned(), Arc::clone(&made));
        Ok(Some(made))
    }

    /// One list of policies a level, down to an account, a unit or the root. Neither kind binds the management account.
    pub(crate) fn levels(&self, account: &str, kind: &str) -> Result<Vec<Vec<Arc<NamedPolicy>>>> {
        if account == self.management_account || !self.policy_types.contains(kind) {
            return Ok(Vec::new());
        }
        let levels = self.line(account).into_iter();
        levels.map(|level| self.attached(&level, kind)).collect()
    }

    fn attached(&self, target: &str, kind: &str) -> Result<Vec<Arc<NamedPolicy>>> {
        let attached = self.attachments.get(target).into_iter().flatten();
        let of_kind = attached.filter(|one| one.kind == kind);
        of_kind.map(|one| self.control(&one.policy_id)).collect()
    }

    /// The parsed document. One that is not understood today fails the call: leaving it out could
    /// leave out a denial.
    fn control(&self, policy_id: &str) -> Result<Arc<NamedPolicy>> {
        if let Some(managed) = managed::of_id(policy_id) {
            return managed.parsed();
        }
        let control = self.controls.get(policy_id);
        let control = control.ok_or_else(|| Error::dangling("an attached policy"))?;
        let kind = control.kind.to_ascii_lowercase();
        let name = self.arn_of("policy", &format!("{kind}/{policy_id}"));
        control.parsed(&name)
    }
}

impl Control {
    /// A policy that becomes attached.
    pub(crate) fn new(kind: &str, document: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            document: document.to_owned(),
            parsed: Derived::default(),
        }
    }

    fn parsed(&self, name: &str) -> Result<Arc<NamedPolicy>> {
        let make = || parse(name, &self.kind, &self.document);
        self.parsed.get_or_make(make).cloned()
    }
}

/// Parses a control policy that was accepted when it was stored.
pub(crate) fn parse(name: &str, kind: &str, document: &str) -> Result<Arc<NamedPolicy>> {
    let kind = match kind {
        RESOURCE_CONTROL => PolicyKind::ResourceControl,
        _ => PolicyKind::ServiceControl,
    };
    let policy = Policy::parse(document, kind).map_err(|malformed| {
        let detail = malformed.detail();
        Error::internal(format!("a stored policy is malformed: {detail}"))
    })?;
    let name = name.to_owned();
    Ok(Arc::new(NamedPolicy { name, policy }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::record::{MemberAccount, Unit};

    /// A root with a unit, and an account in each beside the management account.
    fn organization() -> OrganizationRecord {
        let mut made = OrganizationRecord::new("o-1", "r-1", "000000000000");
        made.policy_types.insert(SERVICE_CONTROL.to_owned());
        let unit = Unit {
            name: "unit".to_owned(),
            parent: "r-1".to_owned(),
        };
        made.add_unit("ou-1", unit);
        for (number, parent) in [
            ("000000000000", "r-1"),
            ("111111111111", "r-1"),
            ("222222222222", "ou-1"),
        ] {
            let account = MemberAccount {
                parent: parent.to_owned(),
                invited: false,
                joined_millis: 0,
                closed_millis: None,
            };
            made.add_account(number, account);
        }
        made
    }

    fn place(organization: &OrganizationRecord, account: &str) -> Option<Arc<Membership>> {
        organization.membership(account).unwrap_or_default()
    }

    #[test]
    fn an_account_has_a_path_and_a_list_of_policies_for_each_level() {
        let organization = organization();
        let found = place(&organization, "222222222222").unwrap();
        assert_eq!(found.path, "o-1/r-1/ou-1/");
        let counts: Vec<usize> = found.scps.iter().map(Vec::len).collect();
        // The root was there before the type was enabled here.
        assert_eq!(counts, [0, 1, 1]);
        assert!(found.rcps.is_empty());
        let management = place(&organization, "000000000000").unwrap();
        assert_eq!(
            (management.path.as_str(), management.scps.len()),
            ("o-1/r-1/", 0)
        );
        assert!(place(&organization, "333333333333").is_none());
    }

    #[test]
    fn a_place_is_made_once_for_each_version_of_the_organization() {
        let organization = organization();
        let first = place(&organization, "111111111111").unwrap();
        let second = place(&organization, "111111111111").unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        let mut changed = organization.clone();
        changed.attachments.remove("111111111111");
        let third = place(&changed, "111111111111").unwrap();
        assert_eq!(third.scps.last().map(Vec::len), Some(0));
    }

    #[test]
    fn a_policy_that_is_lost_or_not_understood_fails_the_call() {
        let mut organization = organization();
        let attached = organization.attachments.entry("111111111111".to_owned());
        attached
            .or_default()
            .push(crate::organization::record::Attachment {
                policy_id: "p-1".to_owned(),
                kind: SERVICE_CONTROL.to_owned(),
            });
        assert!(organization.clone().membership("111111111111").is_err());
        let broken = Control::new(SERVICE_CONTROL, "{}");
        organization.controls.insert("p-1".to_owned(), broken);
        assert!(organization.membership("111111111111").is_err());
    }
}
