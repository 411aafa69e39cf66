//! Passwords. Only hashes are kept, inside a sealed record.

use api::iam::{LoginProfile, NoSuchEntityException, PasswordPolicyViolationException};
use crypto::PasswordHash;
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use wire::Timestamp;
use zeroize::Zeroizing;

use crate::account::AccountRecord;
use crate::credentials::Holding;
use crate::password_policy::record::{MAX_REMEMBERED, PasswordPolicyRecord};

/// A user's password.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LoginProfileState {
    /// When the user was first given a password, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// When the password was last changed, in milliseconds since 1970.
    pub(crate) changed_millis: i64,
    /// Whether it has to be changed at the next sign-in.
    pub(crate) reset_required: bool,
    /// The Argon2id hash of the password; empty where there is none yet.
    hash: Vec<u8>,
    /// The hashes of passwords before it, the latest first.
    previous: Vec<Vec<u8>>,
}

impl LoginProfileState {
    /// A profile without a password: that of a root user who has yet to choose one.
    pub(crate) fn without_password(ctx: &Ctx) -> Self {
        let now = ctx.now.whole_secs().millis;
        Self {
            created_millis: now,
            changed_millis: now,
            reset_required: true,
            hash: Vec::new(),
            previous: Vec::new(),
        }
    }

    /// Takes a new password, if the account's policy allows it.
    pub(crate) async fn set_password(
        &mut self,
        ctx: &Ctx,
        password: Zeroizing<String>,
    ) -> Result<()> {
        let policy = PasswordPolicyRecord::of_caller(ctx).await?;
        let account = AccountRecord::of_caller(ctx).await?;
        let violation = match &policy {
            Some(policy) => policy.violation(&password),
            None => PasswordPolicyRecord::default_violation(&password, &account),
        };
        if let Some(message) = violation {
            return Err(PasswordPolicyViolationException::new(message).into());
        }
        let remembered = policy.map_or(0, |policy| policy.remembered());
        let mut salt = Zeroizing::new([0; 32]);
        ctx.random().fill(&mut *salt)?;
        let (hash, previous) = (self.hash.clone(), self.previous.clone());
        let known: Vec<Vec<u8>> = std::iter::once(hash)
            .chain(previous)
            .take(remembered)
            .collect();
        let hashed = ctx.blocking(move |_| {
            let is_known = |hash: Vec<u8>| PasswordHash::from_bytes(hash).is_of(&password);
            if known.into_iter().any(is_known) {
                return None;
            }
            Some(PasswordHash::salted(&password, &salt).map(|hash| hash.to_bytes()))
        });
        let Some(hashed) = hashed.await? else {
            let message = "Password has been used before, please choose another one.";
            return Err(PasswordPolicyViolationException::new(message).into());
        };
        let before = std::mem::replace(&mut self.hash, hashed.map_err(Error::internal)?);
        if !before.is_empty() {
            self.previous.insert(0, before);
            self.previous.truncate(MAX_REMEMBERED);
        }
        self.changed_millis = ctx.now.whole_secs().millis;
        Ok(())
    }

    /// Whether a password was chosen yet.
    pub(crate) fn has_password(&self) -> bool {
        !self.hash.is_empty()
    }

    /// Whether this is the password.
    pub(crate) async fn is_password(&self, ctx: &Ctx, password: Zeroizing<String>) -> Result<bool> {
        let hash = PasswordHash::from_bytes(self.hash.clone());
        ctx.blocking(move |_| hash.is_of(&password)).await
    }

    /// The profile as AWS shows it.
    pub(crate) fn shown(&self, user_name: Option<String>) -> LoginProfile {
        LoginProfile {
            user_name,
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
            password_reset_required: Some(self.reset_required),
        }
    }
}

/// The profile, or AWS's answer that there is none.
pub(crate) fn require(holding: &Holding) -> Result<LoginProfileState> {
    holding.record.login.clone().ok_or_else(|| {
        let name = holding.user_name().unwrap_or_else(|| "root".to_owned());
        let message = format!("Login Profile for User {name} cannot be found.");
        NoSuchEntityException::new(message).into()
    })
}
