//! Principals in the policies of resources: kept by unique id, shown by ARN.
//!
//! A user or role that is deleted and made again under its name is somebody else, whom an old
//! policy must not trust ("AWS JSON policy elements: Principal", IAM user guide). So a service that
//! stores a policy stores what [`Ctx::bind_principals`] gives, and shows what
//! [`Ctx::show_principals`] makes of that.
//!
//! Identities are the same in all Regions, and their own ARNs are in the partition `aws`. In a Region
//! of another partition policies name them as AWS's policies there do, `arn:aws-cn:iam::..`: that
//! is who they are, and how they are shown there.

use std::collections::BTreeMap;

use policy::{NamedPrincipal, Policy};

use crate::ctx::Ctx;
use crate::fault::Result;
use crate::regions::partition;

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
                    Bound::To(kept) | Bound::ByName(kept) => drop(ids.insert(arn.clone(), kept)),
                    Bound::ToNobody => return Ok(Err(UnknownPrincipal(arn.clone()))),
                },
                NamedPrincipal::UniqueId(id) if self.arn_behind(id).await?.is_none() => {
                    return Ok(Err(UnknownPrincipal(id.clone())));
                }
                _ => {}
            }
        }
        Ok(Ok(policy::rename_principals(document, |name| {
            ids.get(name).filter(|kept| *kept != name).cloned()
        })))
    }

    /// The same for services that keep a document in a form of its own, [`policy::canonical`], with
    /// the ARN of an account where it is named by its number.
    pub async fn bind_canonical(
        &self,
        document: &str,
        policy: &Policy,
    ) -> Result<std::result::Result<String, UnknownPrincipal>> {
        let root = |account: &str| format!("arn:{}:iam::{account}:root", partition(&self.region));
        let document = policy::rename_principals(&policy::canonical(document), |name| {
            is_account_id(name).then(|| root(name))
        });
        self.bind_principals(&document, policy).await
    }

    /// A document as it is shown: with the present ARNs of the users and roles that it names by
    /// unique id. The id of one that is gone stays.
    pub async fn show_principals(&self, document: &str) -> Result<String> {
        let mut arns = BTreeMap::new();
        for name in policy::named_principals(document) {
            // An account stands in the document as it was put.
            let is_account = name.ends_with(":root") || is_account_id(&name);
            if !is_account {
                let shown = self.show_principal(&name).await?;
                arns.insert(name, shown);
            }
        }
        Ok(policy::rename_principals(document, |name| {
            arns.get(name).filter(|shown| *shown != name).cloned()
        }))
    }

    /// The form in which one principal is kept: a user or role by its unique id, an account by its
    /// number, any other as it is. Unknown is what is no ARN of a principal, and whoever of an
    /// account of this installation does not exist.
    pub async fn bind_principal(
        &self,
        arn: &str,
    ) -> Result<std::result::Result<String, UnknownPrincipal>> {
        let unknown = || UnknownPrincipal(arn.to_owned());
        let named = NamedPrincipal::of_arn(arn);
        match named {
            Some(NamedPrincipal::Account(account)) => Ok(Ok(account)),
            Some(NamedPrincipal::Arn(arn)) => Ok(match self.bind(&arn).await? {
                Bound::To(kept) | Bound::ByName(kept) => Ok(kept),
                Bound::ToNobody => Err(unknown()),
            }),
            _ => Ok(Err(unknown())),
        }
    }

    /// How a principal that [`bind_principal`](Self::bind_principal) gave is shown: by its present
    /// ARN. The id of one that is gone stays.
    pub async fn show_principal(&self, kept: &str) -> Result<String> {
        let partition = partition(&self.region);
        if is_account_id(kept) {
            return Ok(format!("arn:{partition}:iam::{kept}:root"));
        }
        let is_id = kept.starts_with("AIDA") || kept.starts_with("AROA");
        let known = match is_id {
            true => self.arn_behind(kept).await?,
            false => None,
        };
        let known = known.as_deref().unwrap_or(kept);
        Ok(in_other_partition(known, (OWN, partition)).unwrap_or_else(|| known.to_owned()))
    }

    async fn bind(&self, arn: &str) -> Result<Bound> {
        let own = in_other_partition(arn, (partition(&self.region), OWN));
        let arn = own.as_deref().unwrap_or(arn);
        if !arn.contains(":iam::") {
            // A session has no existence of its own to check.
            return Ok(Bound::ByName(arn.to_owned()));
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
            Bound::ByName(arn.to_owned())
        })
    }

    /// The ARN of the user or role with this unique id, if it still exists.
    async fn arn_behind(&self, id: &str) -> Result<Option<String>> {
        let (directory, mut txn) = self.directory().await;
        directory.arn_of(&mut txn, id).await
    }
}

/// The partition of the ARNs that identities have.
const OWN: &str = "aws";

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The ARN of an identity or session of the partition `from`, as the partition `to` has it; none for
/// any other text.
fn in_other_partition(arn: &str, (from, to): (&str, &str)) -> Option<String> {
    let rest = arn.strip_prefix("arn:")?.strip_prefix(from)?;
    let is_identity = [":iam::", ":sts::"].iter().any(|of| rest.starts_with(of));
    is_identity.then(|| format!("arn:{to}{rest}"))
}

/// What the ARN of a principal stands for.
enum Bound {
    /// The user or role with this unique id.
    To(String),
    /// A session, or somebody of an account elsewhere.
    ByName(String),
    /// Nobody.
    ToNobody,
}
