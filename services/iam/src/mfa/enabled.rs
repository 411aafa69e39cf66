//! Devices as their users have them.

use api::iam::{InvalidAuthenticationCodeException, NoSuchEntityException, User};
use crypto::Keyring;
use platform::{Caller, CallerKind, Ctx, MfaCode, Result};
use serde::{Deserialize, Serialize};
use store::Txn;

use crate::credentials::{CredentialsRecord, Holding};
use crate::mfa::guesses::Guesses;
use crate::mfa::record::{MfaOwner, VirtualMfaRecord};
use crate::target::Entity;
use crate::users::UserRecord;
use crate::users::subject::Subject;

/// The most devices of a user ("IAM and AWS STS quotas").
pub(crate) const QUOTA: usize = 8;

/// A device that is enabled for a user.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EnabledDevice {
    /// The serial number.
    pub(crate) serial: String,
    /// When it was enabled, in milliseconds since 1970.
    pub(crate) enabled_millis: i64,
}

/// Whom an operation on an enabled device is about.
///
/// The API has no name for the root user where a name is required. A root user names itself by its
/// account number, unless a user is called that.
pub(crate) async fn subject(ctx: &Ctx, name: Option<String>) -> Result<Subject> {
    let is_root = ctx.caller.kind == CallerKind::Root;
    if let Some(name) = name.filter(|name| !(is_root && name == ctx.account())) {
        return Subject::named(ctx, name).await;
    }
    if is_root {
        let named = UserRecord::key(ctx.account(), ctx.account());
        if ctx.get::<UserRecord>(&named).await?.is_some() {
            return Subject::named(ctx, ctx.account().to_owned()).await;
        }
    }
    Subject::named_or_caller(ctx, None).await
}

/// The device of this serial number, if it is enabled for this holder.
pub(crate) async fn require(
    ctx: &Ctx,
    holding: &Holding,
    serial: &str,
) -> Result<(EnabledDevice, VirtualMfaRecord)> {
    let mut enabled = holding.record.mfa.iter();
    let enabled = enabled.find(|enabled| enabled.serial == serial);
    let found = VirtualMfaRecord::find(ctx, serial).await?;
    match (enabled, found) {
        (Some(enabled), Some(device)) => Ok((enabled.clone(), VirtualMfaRecord::clone(&device))),
        (_, None) => Err(VirtualMfaRecord::absent(serial).into()),
        (None, Some(_)) => Err(NoSuchEntityException::new("MFA Device invalid for user.").into()),
    }
}

/// AWS's answer that codes are wrong.
pub(crate) fn wrong_code() -> platform::Error {
    InvalidAuthenticationCodeException::new("Authentication code for device is not valid.").into()
}

/// Whether a code is the present one of a device of the caller. Counts it as used. After too many
/// wrong ones none is right for a while.
pub(crate) async fn verify(
    txn: &mut Txn,
    (keyring, guesses): (&Keyring, &Guesses),
    caller: &Caller,
    device: MfaCode<'_>,
) -> Result<bool> {
    let holder = match &caller.kind {
        CallerKind::Root => &caller.account,
        CallerKind::User { .. } => &caller.user_id,
        _ => return Ok(false),
    };
    let key = CredentialsRecord::key(&caller.account, holder);
    let held = txn.get::<CredentialsRecord>(&key).await?;
    let is_enabled = |held: &CredentialsRecord| {
        let mut serials = held.mfa.iter().map(|enabled| &enabled.serial);
        serials.any(|serial| serial == device.serial)
    };
    let key = VirtualMfaRecord::key_of_serial(&caller.account, device.serial);
    let (true, Some(key)) = (held.is_some_and(|held| is_enabled(&held)), key) else {
        return Ok(false);
    };
    let found = txn.get::<VirtualMfaRecord>(&key).await?;
    let owned = found.filter(|found| {
        let owner = found.owner.as_ref().map(|owner| &owner.holder);
        found.arn() == device.serial && owner == Some(holder)
    });
    let Some(owned) = owned else {
        return Ok(false);
    };
    if !guesses.admit(device.serial, device.now) {
        return Ok(false);
    }
    let mut used = VirtualMfaRecord::clone(&owned);
    if !used.accept(keyring, device.code, device.now)? {
        return Ok(false);
    }
    guesses.forget(device.serial);
    txn.put(key, used);
    Ok(true)
}

/// Whom a device is enabled for, as `ListVirtualMFADevices` shows it.
pub(crate) fn shown_owner(account: &str, owner: &MfaOwner, users: &[User]) -> Option<User> {
    if owner.holder == account {
        return Some(User {
            user_id: Some(account.to_owned()),
            arn: Some(format!("arn:aws:iam::{account}:root")),
            ..User::default()
        });
    }
    let mut users = users.iter();
    let user = users.find(|user| user.user_id.as_ref() == Some(&owner.holder))?;
    Some(User {
        path: user.path.clone(),
        user_name: user.user_name.clone(),
        user_id: user.user_id.clone(),
        arn: user.arn.clone(),
        create_date: user.create_date,
        ..User::default()
    })
}
