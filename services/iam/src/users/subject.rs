//! Whom an operation is about: the user that a request names, or the caller.

use std::borrow::Cow;
use std::sync::Arc;

use api::iam::NoSuchEntityException;
use platform::{Authorized, CallerKind, Ctx, NamedPolicy, Resource, Result, validation};

use crate::account::AccountRecord;
use crate::tags;
use crate::target::{Asked, Entity, EntityKeys};
use crate::users::record::{self, UserRecord};

/// A user or the root user, before it is known whether the caller may touch it. Whether the user
/// exists shows only behind [`Authorized`].
pub(crate) struct Subject {
    account: String,
    who: Who,
}

enum Who {
    Root,
    /// The name as it was asked for, and the user if there is one.
    User(String, Option<Arc<UserRecord>>),
}

/// Who holds access keys.
pub(crate) enum Holder {
    /// The root user, in the record of its account.
    Root(Arc<AccountRecord>),
    /// A user.
    User(Arc<UserRecord>),
}

impl Subject {
    /// The user of this name in the caller's account.
    pub(crate) async fn named(ctx: &Ctx, name: String) -> Result<Self> {
        let found = ctx.get(&UserRecord::key(ctx.account(), &name)).await?;
        Ok(Self {
            account: ctx.account().to_owned(),
            who: Who::User(name, found),
        })
    }

    /// The user of this name, or the caller where no name is given.
    pub(crate) async fn named_or_caller(ctx: &Ctx, name: Option<String>) -> Result<Self> {
        if let Some(name) = name {
            return Self::named(ctx, name).await;
        }
        match &ctx.caller.kind {
            CallerKind::Root => Ok(Self {
                account: ctx.account().to_owned(),
                who: Who::Root,
            }),
            CallerKind::User { name } => Self::named(ctx, name.clone()).await,
            CallerKind::Anonymous
            | CallerKind::Role { .. }
            | CallerKind::FederatedUser { .. }
            | CallerKind::Service { .. } => Err(validation(
                "Must specify userName when calling with non-User credentials",
            )),
        }
    }

    /// Decides whether the caller may perform `action` on this user.
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
        let keys = EntityKeys::of(self.found().cloned(), asked);
        let access = ctx.authorize(action, self).keys(&keys);
        access
            .request_tags(asked.tags)
            .tag_keys(asked.tag_keys)
            .decide()
            .await
    }

    /// Decides as if the caller also had a policy that the account gives to all of its users.
    pub(crate) async fn permit_given(
        self,
        ctx: &Ctx,
        action: &'static str,
        given: Option<Arc<NamedPolicy>>,
    ) -> Result<Authorized<Self>> {
        let keys = EntityKeys::of(self.found().cloned(), &Asked::default());
        let access = ctx.authorize(action, self).keys(&keys);
        access.given(given).decide().await
    }

    /// The path of the user; for looking ahead to another decision, not for showing.
    pub(crate) fn path(&self) -> Option<&str> {
        self.found().map(|user| user.path.as_str())
    }

    fn found(&self) -> Option<&Arc<UserRecord>> {
        match &self.who {
            Who::Root => None,
            Who::User(_, found) => found.as_ref(),
        }
    }
}

/// The user, or AWS's answer that there is none. `None` stands for the root user.
pub(crate) fn user_or_root(permitted: Authorized<Subject>) -> Result<Option<Arc<UserRecord>>> {
    match permitted.into_inner().who {
        Who::Root => Ok(None),
        Who::User(_, Some(user)) => Ok(Some(user)),
        Who::User(name, None) => Err(no_such_user(&name)),
    }
}

/// The user, or AWS's answer that there is none.
pub(crate) fn user(permitted: Authorized<Subject>) -> Result<Arc<UserRecord>> {
    user_or_root(permitted)?.ok_or_else(|| no_such_user("root"))
}

/// Who holds the access keys that an operation is about.
pub(crate) async fn holder(ctx: &Ctx, permitted: Authorized<Subject>) -> Result<Holder> {
    Ok(match user_or_root(permitted)? {
        Some(user) => Holder::User(user),
        None => Holder::Root(AccountRecord::of_caller(ctx).await?),
    })
}

impl Holder {
    /// The ids of the access keys.
    pub(crate) fn access_keys(&self) -> &[String] {
        match self {
            Self::Root(account) => &account.root_access_keys,
            Self::User(user) => &user.access_keys,
        }
    }

    /// Fails unless the holder has the key. Whether anybody else has it does not show.
    pub(crate) fn require(&self, access_key_id: &str) -> Result<()> {
        if self
            .access_keys()
            .iter()
            .any(|known| known == access_key_id)
        {
            return Ok(());
        }
        let message = format!("The Access Key with id {access_key_id} cannot be found.");
        Err(NoSuchEntityException::new(message).into())
    }

    /// Stages a new list of access keys.
    pub(crate) async fn put_access_keys(&self, ctx: &Ctx, ids: Vec<String>) {
        match self {
            Self::Root(account) => {
                AccountRecord {
                    root_access_keys: ids,
                    ..AccountRecord::clone(account)
                }
                .put(ctx)
                .await;
            }
            Self::User(user) => {
                UserRecord {
                    access_keys: ids,
                    ..UserRecord::clone(user)
                }
                .put(ctx)
                .await;
            }
        }
    }
}

impl Resource for Subject {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Owned(match &self.who {
            Who::Root => format!("arn:aws:iam::{}:root", self.account),
            Who::User(_, Some(user)) => user.arn(),
            Who::User(name, None) => record::arn(&self.account, "/", name),
        })
    }

    fn account(&self) -> &str {
        &self.account
    }

    /// AWS names existing users without their path, which also keeps it from telling which exist.
    fn shown(&self) -> Cow<'_, str> {
        match &self.who {
            Who::Root => self.arn(),
            Who::User(name, _) => Cow::Owned(format!("user {name}")),
        }
    }

    fn tag(&self, key: &str) -> Option<&str> {
        tags::value(&self.found()?.tags, key)
    }
}

fn no_such_user(name: &str) -> platform::Error {
    UserRecord::absent(name).into()
}
