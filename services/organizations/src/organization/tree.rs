//! The tree of an organization: who is in what, and how deep.

use crate::organization::record::{Attachment, MemberAccount, OrganizationRecord, Unit};
use crate::policies::managed;

/// How deep units may be below the root ("Quotas for AWS Organizations").
pub(crate) const MAX_DEPTH: usize = 5;

/// The most accounts of an organization: what AWS raises its default to, since nobody could be
/// asked to raise it here.
pub(crate) const MAX_ACCOUNTS: usize = 10_000;

impl OrganizationRecord {
    /// Whether `id` is the root or a unit.
    pub(crate) fn is_parent(&self, id: &str) -> bool {
        id == self.root_id || self.units.contains_key(id)
    }

    /// Whether policies can be attached to `id`.
    pub(crate) fn is_target(&self, id: &str) -> bool {
        self.is_parent(id) || self.accounts.contains_key(id)
    }

    /// The parent of an account or unit.
    pub(crate) fn parent(&self, id: &str) -> Option<&str> {
        let account = self.accounts.get(id).map(|account| account.parent.as_str());
        account.or_else(|| self.units.get(id).map(|unit| unit.parent.as_str()))
    }

    /// From the root down to `id`, both included.
    pub(crate) fn line(&self, id: &str) -> Vec<String> {
        let mut line = vec![id.to_owned()];
        let mut current = id;
        while let Some(parent) = self.parent(current) {
            line.push(parent.to_owned());
            current = parent;
        }
        line.reverse();
        line
    }

    /// `o-../r-../ou-../` down to `id`, which is included.
    pub(crate) fn path(&self, id: &str) -> String {
        format!("{}/{}/", self.id, self.line(id).join("/"))
    }

    /// The units whose parent is `id`.
    pub(crate) fn units_in<'a>(
        &'a self,
        id: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Unit)> {
        self.units.iter().filter(move |(_, unit)| unit.parent == id)
    }

    /// The accounts whose parent is `id`.
    pub(crate) fn accounts_in<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a String> {
        let accounts = self.accounts.iter();
        let inside = accounts.filter(move |(_, account)| account.parent == id);
        inside.map(|(number, _)| number)
    }

    /// Puts an account in, with the policies that everything has.
    pub(crate) fn add_account(&mut self, number: &str, account: MemberAccount) {
        self.accounts.insert(number.to_owned(), account);
        self.attach_defaults(number);
    }

    /// Takes an account out with all that was attached to it.
    pub(crate) fn remove_account(&mut self, number: &str) {
        self.accounts.remove(number);
        self.forget(number);
    }

    /// Puts a unit in, with the policies that everything has.
    pub(crate) fn add_unit(&mut self, id: &str, unit: Unit) {
        self.units.insert(id.to_owned(), unit);
        self.attach_defaults(id);
    }

    /// Takes a unit out with all that was attached to it.
    pub(crate) fn remove_unit(&mut self, id: &str) {
        self.units.remove(id);
        self.forget(id);
    }

    /// Everything that policies can be attached to.
    pub(crate) fn targets(&self) -> Vec<String> {
        let mut targets = vec![self.root_id.clone()];
        targets.extend(self.units.keys().cloned());
        targets.extend(self.accounts.keys().cloned());
        targets
    }

    /// Attaches AWS's policies of the enabled types.
    fn attach_defaults(&mut self, id: &str) {
        let kinds = self.policy_types.iter();
        let defaults = kinds.filter_map(|kind| managed::of_kind(kind));
        let attached = defaults.map(|managed| Attachment {
            policy_id: managed.id.to_owned(),
            kind: managed.kind.to_owned(),
        });
        let attached = attached.collect();
        self.attachments.insert(id.to_owned(), attached);
    }

    fn forget(&mut self, id: &str) {
        self.attachments.remove(id);
        self.tags.remove(id);
        self.drop_unattached();
    }

    /// Lets go of the documents of policies that bind nobody any more.
    pub(crate) fn drop_unattached(&mut self) {
        let attached = &self.attachments;
        self.controls.retain(|id, _| {
            let mut all = attached.values().flatten();
            all.any(|one| one.policy_id == *id)
        });
    }
}
