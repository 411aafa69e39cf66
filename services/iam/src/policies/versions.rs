//! The versions of managed policies.

use api::iam::{LimitExceededException, NoSuchEntityException, PolicyVersion};
use platform::Result;
use policy::limits::{MANAGED_CHARACTERS, significant_length};
use wire::{Fault, Timestamp};

use crate::inline_policies;
use crate::percent::percent_encoded;
use crate::policies::managed::Managed;

/// A version of a managed policy, whoever manages it.
pub(crate) struct Version {
    /// 1 of `v1`.
    pub(crate) number: u32,
    /// `v1`.
    pub(crate) id: String,
    /// The JSON text.
    pub(crate) document: String,
    /// Whether it is the one that counts.
    pub(crate) is_default: bool,
    /// When it was made.
    pub(crate) created: Timestamp,
}

impl Version {
    /// Whether it has this number.
    pub(crate) fn is(&self, number: u32) -> bool {
        self.number == number
    }

    /// The version as lists show it: without its document.
    pub(crate) fn listed(&self) -> PolicyVersion {
        PolicyVersion {
            document: None,
            version_id: Some(self.id.clone()),
            is_default_version: Some(self.is_default),
            create_date: Some(self.created),
        }
    }

    /// The version with its document.
    pub(crate) fn described(&self) -> Result<PolicyVersion> {
        let document = percent_encoded(&self.document)?;
        Ok(PolicyVersion {
            document: Some(document),
            ..self.listed()
        })
    }
}

/// The version of this id, or AWS's answer that there is none.
pub(crate) fn named(policy: &Managed, id: &str) -> Result<Version> {
    let mut versions = policy.versions().into_iter();
    let found = versions.find(|version| version.id == id);
    found.ok_or_else(|| absent(&policy.arn(), id).into())
}

/// AWS's answer that there is no version of this id, or no such policy.
pub(crate) fn absent(arn: &str, id: &str) -> Fault {
    let message = format!("Policy {arn} version {id} does not exist or is not attachable.");
    NoSuchEntityException::new(message)
}

/// Refuses a document that cannot be a version: malformed, of the language's older version, or
/// longer than "IAM and AWS STS quotas" allow, which do not count white space.
pub(crate) fn check_document(document: &str) -> Result<()> {
    inline_policies::check_document(document, policy::Version::V2012)?;
    if significant_length(document) > MANAGED_CHARACTERS {
        let message = format!("Cannot exceed quota for PolicySize: {MANAGED_CHARACTERS}");
        return Err(LimitExceededException::new(message).into());
    }
    Ok(())
}
