//! What a user, or the root user, has beside access keys to prove who it is: a password, second
//! factors, keys and certificates. One record holds it, under the unique id of its holder, so that
//! a rename changes nothing and a later user of the same name inherits nothing.

use std::sync::Arc;

use platform::{Authorized, CallerKind, Ctx, Result, validation};
use serde::{Deserialize, Serialize};
use store::{DecodeError, Key, Migrate, OldFormat, Record};

use crate::login_profiles::record::LoginProfileState;
use crate::mfa::enabled::EnabledDevice;
use crate::service_credentials::record::ServiceCredential;
use crate::signing_certificates::record::{UserCertificate, UserCertificateV1};
use crate::ssh_keys::record::SshKey;
use crate::users::UserRecord;
use crate::users::subject::{self, Subject};

/// The credentials of one holder.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct CredentialsRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The unique id of the user, or the account number for the root user.
    pub(crate) holder: String,
    /// The password.
    pub(crate) login: Option<LoginProfileState>,
    /// The second factors, the first enabled first.
    pub(crate) mfa: Vec<EnabledDevice>,
    /// The SSH public keys.
    pub(crate) ssh_keys: Vec<SshKey>,
    /// The signing certificates.
    pub(crate) certificates: Vec<UserCertificate>,
    /// The credentials for one service each.
    pub(crate) services: Vec<ServiceCredential>,
}

impl Record for CredentialsRecord {
    const TABLE: &'static str = "iam.user-credentials";
    const SERVICE: &'static str = "iam";
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> std::result::Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

/// Credentials whose certificates do not know when their status changed.
#[derive(Serialize, Deserialize)]
pub(crate) struct CredentialsRecordV1 {
    account: String,
    holder: String,
    login: Option<LoginProfileState>,
    mfa: Vec<EnabledDevice>,
    ssh_keys: Vec<SshKey>,
    certificates: Vec<UserCertificateV1>,
    services: Vec<ServiceCredential>,
}

impl OldFormat for CredentialsRecordV1 {
    const FORMAT: u8 = 1;
}

impl Migrate for CredentialsRecord {
    type Previous = CredentialsRecordV1;

    fn migrate(previous: CredentialsRecordV1) -> Self {
        let certificates = previous.certificates.into_iter();
        Self {
            account: previous.account,
            holder: previous.holder,
            login: previous.login,
            mfa: previous.mfa,
            ssh_keys: previous.ssh_keys,
            certificates: certificates.map(UserCertificate::from).collect(),
            services: previous.services,
        }
    }
}

impl CredentialsRecord {
    /// Where the credentials of this holder are.
    pub(crate) fn key(account: &str, holder: &str) -> Key {
        Key::new(account, "", [holder])
    }

    /// Stages this version. Of a holder without credentials nothing stays.
    pub(crate) async fn put(self, ctx: &Ctx) {
        let key = Self::key(&self.account, &self.holder);
        let count = self.mfa.len() + self.ssh_keys.len() + self.certificates.len();
        if self.login.is_none() && count + self.services.len() == 0 {
            ctx.delete::<Self>(&key).await;
        } else {
            ctx.put(key, self).await;
        }
    }
}

/// A holder that the caller may act on, with its credentials.
pub(crate) struct Holding {
    /// The user; none stands for the root user.
    pub(crate) user: Option<Arc<UserRecord>>,
    /// The credentials.
    pub(crate) record: CredentialsRecord,
}

impl Holding {
    /// The credentials of whom the caller may act on, or AWS's answer that there is nobody.
    pub(crate) async fn of(ctx: &Ctx, permitted: Authorized<Subject>) -> Result<Self> {
        let user = subject::user_or_root(permitted)?;
        let holder = user.as_ref().map_or(ctx.account(), |user| &user.user_id);
        let key = CredentialsRecord::key(ctx.account(), holder);
        let found = ctx.get::<CredentialsRecord>(&key).await?;
        let record = found.map_or_else(
            || CredentialsRecord {
                account: ctx.account().to_owned(),
                holder: holder.to_owned(),
                ..CredentialsRecord::default()
            },
            |found| CredentialsRecord::clone(&found),
        );
        Ok(Self { user, record })
    }

    /// The user's name; the root user has none.
    pub(crate) fn user_name(&self) -> Option<String> {
        self.user.as_ref().map(|user| user.name.clone())
    }
}

/// The user of this name, or the caller. A root user may mean itself by naming nobody only in a
/// session that a management account began for it (`sts:AssumeRoot`).
pub(crate) async fn named_or_member_root(ctx: &Ctx, name: Option<String>) -> Result<Subject> {
    let plain_root = ctx.caller.kind == CallerKind::Root && ctx.caller.session.is_none();
    if name.is_none() && plain_root {
        let message = "Must specify userName when calling with non-User credentials";
        return Err(validation(message));
    }
    Subject::named_or_caller(ctx, name).await
}

/// What of the user's credentials keeps it from being deleted, as AWS's `DeleteConflict` names it.
pub(crate) async fn conflict(ctx: &Ctx, user: &UserRecord) -> Result<Option<&'static str>> {
    let key = CredentialsRecord::key(&user.account, &user.user_id);
    let Some(held) = ctx.get::<CredentialsRecord>(&key).await? else {
        return Ok(None);
    };
    Ok(if held.login.is_some() {
        Some("Cannot delete entity, must delete login profile first.")
    } else if !held.mfa.is_empty() {
        Some("Cannot delete entity, must delete MFA device first.")
    } else if !held.certificates.is_empty() {
        Some("Cannot delete entity, must delete certificates first.")
    } else if !held.ssh_keys.is_empty() || !held.services.is_empty() {
        Some("Cannot delete entity, must remove referenced objects first.")
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use store::record::{decode, encode};

    use super::*;

    impl Record for CredentialsRecordV1 {
        const TABLE: &'static str = <CredentialsRecord as Record>::TABLE;
        const SERVICE: &'static str = <CredentialsRecord as Record>::SERVICE;
    }

    #[test]
    fn credentials_of_format_1_keep_everything() {
        let text = str::to_owned;
        let old = CredentialsRecordV1 {
            account: text("111122223333"),
            holder: text("AIDAAAAAAAAAAAAAAAAAA"),
            login: None,
            mfa: vec![EnabledDevice {
                serial: text("arn:aws:iam::111122223333:mfa/phone"),
                enabled_millis: 5,
            }],
            ssh_keys: Vec::new(),
            certificates: vec![UserCertificateV1 {
                id: text("CERT"),
                body: text("body"),
                der: vec![1, 2],
                active: false,
                uploaded_millis: 7,
            }],
            services: Vec::new(),
        };
        let key = CredentialsRecord::key("111122223333", "AIDAAAAAAAAAAAAAAAAAA");
        let bytes = encode(&key, &old).unwrap();
        let (found, new) = decode::<CredentialsRecord>(&bytes).unwrap();
        assert!(found == key && new.login.is_none());
        assert_eq!(&*new.account, "111122223333");
        assert_eq!(&*new.holder, "AIDAAAAAAAAAAAAAAAAAA");
        assert_eq!(new.mfa.len(), 1);
        assert_eq!(new.mfa[0].serial, "arn:aws:iam::111122223333:mfa/phone");
        let known = &new.certificates[0];
        assert_eq!((&*known.id, &*known.body), ("CERT", "body"));
        assert_eq!((&*known.der, known.active), (&[1, 2][..], false));
        assert_eq!((known.uploaded_millis, known.changed_millis), (7, 7));
        assert!(new.ssh_keys.is_empty() && new.services.is_empty());
    }
}
