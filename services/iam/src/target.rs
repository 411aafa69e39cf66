//! What an operation is about: a group, role or other thing that a request names. Whether it exists
//! shows only behind [`Authorized`].

use std::borrow::Cow;
use std::sync::Arc;

use api::iam::NoSuchEntityException;
use platform::{Authorized, ConditionKeys, Ctx, Resource, Result};
use policy::Values;
use store::Record;

use crate::tags;

/// A kind of thing that IAM keeps under a name.
pub(crate) trait Entity: Record + Clone {
    /// What refusals and errors call it, for example `role`.
    const KIND: &'static str;

    /// The ARN of the thing of this name, at a path.
    fn arn_at(account: &str, path: &str, name: &str) -> String;

    /// The ARN.
    fn arn(&self) -> String;

    /// Keys and values.
    fn tags(&self) -> &[(String, String)];

    /// The ARN of its permissions boundary.
    fn boundary(&self) -> Option<&str> {
        None
    }

    /// How a refusal calls the thing of this name.
    fn shown(name: &str) -> String {
        format!("{} {name}", Self::KIND)
    }

    /// AWS's answer that there is none of this name.
    fn absent(name: &str) -> wire::Fault {
        let kind = Self::KIND;
        NoSuchEntityException::new(format!("The {kind} with name {name} cannot be found."))
    }
}

/// A thing by its name, before it is known whether the caller may touch it.
pub(crate) struct Target<T> {
    account: String,
    name: String,
    found: Option<Arc<T>>,
}

impl<T: Entity> Target<T> {
    /// The thing of this name in the caller's account, as it was found.
    pub(crate) fn new(ctx: &Ctx, name: String, found: Option<Arc<T>>) -> Self {
        Self {
            account: ctx.account().to_owned(),
            name,
            found,
        }
    }

    /// Decides whether the caller may perform `action` on it.
    pub(crate) async fn permit(self, ctx: &Ctx, action: &'static str) -> Result<Authorized<Self>> {
        self.permit_with(ctx, action, &Asked::default()).await
    }

    /// Decides with what the request says beside the name.
    pub(crate) async fn permit_with(
        self,
        ctx: &Ctx,
        action: &'static str,
        asked: &Asked<'_>,
    ) -> Result<Authorized<Self>> {
        let keys = EntityKeys::of(self.found.clone(), asked);
        let access = ctx.authorize(action, self).keys(&keys);
        access
            .request_tags(asked.tags)
            .tag_keys(asked.tag_keys)
            .decide()
            .await
    }
}

/// What a request says beside the name, for condition keys.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// `iam:PolicyARN`: the managed policy that is attached or detached.
    pub(crate) policy_arn: Option<&'a str>,
    /// `iam:PermissionsBoundary`: the boundary that is set; without it, the one that there is.
    pub(crate) boundary: Option<&'a str>,
    /// Further keys, in lower case with their values.
    pub(crate) others: &'a [(&'static str, &'a str)],
    /// The tags that the request gives.
    pub(crate) tags: &'a [(String, String)],
    /// The keys of tags that the request takes away.
    pub(crate) tag_keys: &'a [String],
}

/// The thing, or AWS's answer that there is none.
pub(crate) fn require<T: Entity>(permitted: Authorized<Target<T>>) -> Result<Arc<T>> {
    require_or(permitted, T::absent)
}

/// The same where an operation has an answer of its own.
pub(crate) fn require_or<T: Entity>(
    permitted: Authorized<Target<T>>,
    absent: impl FnOnce(&str) -> wire::Fault,
) -> Result<Arc<T>> {
    let Target { name, found, .. } = permitted.into_inner();
    found.ok_or_else(|| absent(&name).into())
}

impl<T: Entity> Resource for Target<T> {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Owned(match &self.found {
            Some(found) => found.arn(),
            None => T::arn_at(&self.account, "/", &self.name),
        })
    }

    fn account(&self) -> &str {
        &self.account
    }

    /// AWS names existing things without their path, which also keeps it from telling which exist.
    fn shown(&self) -> Cow<'_, str> {
        Cow::Owned(T::shown(&self.name))
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tags::value(self.found.as_ref()?.tags(), key)
    }
}

/// IAM's own condition keys ("Actions, resources, and condition keys for AWS IAM").
pub(crate) struct EntityKeys<'a, T> {
    found: Option<Arc<T>>,
    asked: Asked<'a>,
}

impl<'a, T: Entity> EntityKeys<'a, T> {
    /// The keys of one request about a thing.
    pub(crate) fn of(found: Option<Arc<T>>, asked: &Asked<'a>) -> Self {
        Self {
            found,
            asked: *asked,
        }
    }
}

impl<T: Entity> ConditionKeys for EntityKeys<'_, T> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let key = key.strip_prefix("iam:")?;
        let found = self.found.as_ref();
        match key {
            "policyarn" => self.asked.policy_arn.map(Values::from),
            "permissionsboundary" => {
                let held = found.and_then(|found| found.boundary());
                self.asked.boundary.or(held).map(Values::from)
            }
            _ => match key.strip_prefix("resourcetag/") {
                Some(name) => tags::value(found?.tags(), name).map(Values::from),
                None => {
                    let mut others = self.asked.others.iter();
                    let (_, value) = others.find(|(known, _)| *known == key)?;
                    Some(Values::from(*value))
                }
            },
        }
    }
}

/// The place of something that does not exist yet, or of everything below a path: named in refusals
/// by its ARN.
pub(crate) struct Place {
    account: String,
    arn: String,
}

impl Place {
    /// The place of this ARN in the caller's account.
    pub(crate) fn new(ctx: &Ctx, arn: String) -> Self {
        Self {
            account: ctx.account().to_owned(),
            arn,
        }
    }
}

impl Resource for Place {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }
}
