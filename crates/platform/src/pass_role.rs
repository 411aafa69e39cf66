//! Handing a role to a service (`iam:PassRole`).

use std::borrow::Cow;
use std::sync::Arc;

use policy::Values;

use crate::conditions::ConditionKeys;
use crate::ctx::Ctx;
use crate::fault::Result;
use crate::ports::Role;
use crate::resource::Resource;

/// What a role is handed over for.
#[derive(Clone, Copy)]
pub struct Passing<'a> {
    /// `iam:PassedToService`: the service principal that gets the role, for example
    /// `lambda.amazonaws.com`.
    pub service: &'a str,
    /// `iam:AssociatedResourceArn`: the resource that will use the role, where the service gives
    /// it.
    pub resource: Option<&'a str>,
}

impl Ctx {
    /// Decides whether the caller may hand the role of this ARN over ("Grant a user permissions to
    /// pass a role to an AWS service"), and gives the role if it exists in the caller's account.
    /// The error is AWS's `AccessDenied`, whether or not there is such a role.
    pub async fn pass_role(
        &self,
        role_arn: &str,
        passing: Passing<'_>,
    ) -> Result<Option<Arc<Role>>> {
        let found = {
            let (directory, mut txn) = self.directory().await;
            directory.role(&mut txn, role_arn).await?
        };
        let found = found.filter(|role| role.account == self.account());
        let passed = PassedRole {
            arn: role_arn.to_owned(),
            account: self.account().to_owned(),
            found,
        };
        let keys = PassingKeys {
            passing,
            found: passed.found.clone(),
        };
        let access = self.authorize("iam:PassRole", passed).keys(&keys);
        Ok(access.decide().await?.into_inner().found)
    }
}

struct PassedRole {
    arn: String,
    account: String,
    found: Option<Arc<Role>>,
}

impl Resource for PassedRole {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tag(self.found.as_deref()?, key)
    }
}

struct PassingKeys<'a> {
    passing: Passing<'a>,
    found: Option<Arc<Role>>,
}

impl ConditionKeys for PassingKeys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key.strip_prefix("iam:")? {
            "passedtoservice" => Some(self.passing.service.into()),
            "associatedresourcearn" => self.passing.resource.map(Values::from),
            key => {
                let name = key.strip_prefix("resourcetag/")?;
                tag(self.found.as_deref()?, name).map(Values::from)
            }
        }
    }
}

/// Tag keys do not distinguish case.
fn tag<'a>(role: &'a Role, key: &str) -> Option<&'a str> {
    let wanted = key.to_lowercase();
    let mut tags = role.tags.iter();
    let (_, value) = tags.find(|(known, _)| known.to_lowercase() == wanted)?;
    Some(value)
}
