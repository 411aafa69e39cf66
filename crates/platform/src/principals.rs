//! Principals in the policies of resources: kept by unique id, shown by ARN.
//!
//! A user or role that is deleted and made again under its name is somebody else, whom an old
//! policy must not trust ("AWS JSON policy elements: Principal", IAM user guide). So a service that
//! stores a policy stores what [`Ctx::bind_principals`] gives, and shows what
//! [`Ctx::show_principals`] makes of that.

use std::collections::BTreeMap;

use policy::{NamedPrincipal, Policy};

use crate::ctx::Ctx;
use crate::fault::Result;

/// A principal that a new policy names and that does not exist; the text as in the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPrincipal(pub String);

impl Ctx {
    /// The form in which `document`, parsed as `policy`, is kept: the same bytes, with the unique
    /// ids of the users and roles that it names by ARN.
    ///
    /// Users and roles of the accounts of this installation must exist; about those of other
    /// accounts nothing is known, and their names stay.
    pub async fn bind_principals(
        &self,
        document: &str,
        policy: &Policy,
    ) -> Result<std::result::Result<String, UnknownPrincipal>> {
        let mut ids = BTreeMap::new();
        for principal in policy.principals() {
            match principal {
                NamedPrincipal::Arn(arn) => match self.bind(arn).await? {
                    Bound::To(id) => drop(ids.insert(arn.clone(), id)),
                    Bound::ByName => {}
                    Bound::ToNobody => return Ok(Err(UnknownPrincipal(arn.clone()))),
                },
                NamedPrincipal::UniqueId(id) if self.arn_behind(id).await?.is_none() => {
                    return Ok(Err(UnknownPrincipal(id.clone())));
                }
                _ => {}
            }
        }
        if ids.is_empty() {
            return Ok(Ok(document.to_owned()));
        }
        Ok(Ok(policy::rename_principals(document, |name| {
            ids.get(name).cloned()
        })))
    }

    /// A document as it is shown: with the present ARNs of the users and roles that it names by
    /// unique id. The id of one that is gone stays.
    pub async fn show_principals(&self, document: &str) -> Result<String> {
        let mut arns = BTreeMap::new();
        for id in policy::named_principals(document) {
            let is_id = id.starts_with("AIDA") || id.starts_with("AROA");
            if is_id && let Some(arn) = self.arn_behind(&id).await? {
                arns.insert(id, arn);
            }
        }
        if arns.is_empty() {
            return Ok(document.to_owned());
        }
        Ok(policy::rename_principals(document, |name| {
            arns.get(name).cloned()
        }))
    }

    async fn bind(&self, arn: &str) -> Result<Bound> {
        if !arn.contains(":iam::") {
            // A session has no existence of its own to check.
            return Ok(Bound::ByName);
        }
        let account = arn.split(':').nth(4).unwrap_or_default();
        let (directory, mut txn) = self.directory().await;
        if let Some(id) = directory.unique_id(&mut txn, arn).await? {
            return Ok(Bound::To(id));
        }
        let is_here =
            account == self.account() || directory.account(&mut txn, account).await?.is_some();
        Ok(if is_here {
            Bound::ToNobody
        } else {
            Bound::ByName
        })
    }

    /// The ARN of the user or role with this unique id, if it still exists.
    async fn arn_behind(&self, id: &str) -> Result<Option<String>> {
        let (directory, mut txn) = self.directory().await;
        directory.arn_of(&mut txn, id).await
    }
}

/// What the ARN of a principal stands for.
enum Bound {
    /// The user or role with this unique id.
    To(String),
    /// A session, or somebody of an account elsewhere.
    ByName,
    /// Nobody.
    ToNobody,
}
