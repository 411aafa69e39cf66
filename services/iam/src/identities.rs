//! What the request pipeline asks about callers.

use std::sync::Arc;

use crypto::Keyring;
use platform::{
    Caller, CallerKind, Credential, Credentials, IdentityPolicy, Policies, PortFuture, Result,
};
use store::Txn;

use crate::access_key::{AccessKeyRecord, Owner};
use crate::user::UserRecord;

/// The longest access key id there is.
const MAX_ID_LENGTH: usize = 128;

/// Access keys and policies, out of the store.
///
/// It keeps nothing itself: credentials and parsed policies stay with the records that the store
/// keeps in memory, so that a deactivated key and a changed policy count at once.
pub struct Identities {
    keyring: Arc<Keyring>,
}

impl Identities {
    /// Opens secrets of access keys with `keyring`.
    pub fn new(keyring: Arc<Keyring>) -> Self {
        Self { keyring }
    }
}

impl Credentials for Identities {
    fn find<'a>(
        &'a self,
        txn: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<Arc<Credential>>> {
        Box::pin(async move {
            if access_key_id.is_empty() || access_key_id.len() > MAX_ID_LENGTH {
                return Ok(None);
            }
            let key = txn
                .get::<AccessKeyRecord>(&AccessKeyRecord::key(access_key_id))
                .await?;
            let Some(key) = key.filter(|key| key.active) else {
                return Ok(None);
            };
            if let Owner::User { name, user_id, .. } = &key.owner
                && user(txn, &key.account, name, user_id).await?.is_none()
            {
                return Ok(None);
            }
            key.credential(&self.keyring).map(Some)
        })
    }
}

impl Policies for Identities {
    fn identity<'a>(
        &'a self,
        txn: &'a mut Txn,
        caller: &'a Caller,
    ) -> PortFuture<'a, Arc<[IdentityPolicy]>> {
        Box::pin(policies(txn, caller))
    }
}

async fn policies(txn: &mut Txn, caller: &Caller) -> Result<Arc<[IdentityPolicy]>> {
    let CallerKind::User { name } = &caller.kind else {
        return Ok(Arc::new([]));
    };
    match user(txn, &caller.account, name, &caller.user_id).await? {
        Some(user) => user.identity_policies(),
        None => Ok(Arc::new([])),
    }
}

/// The user, if it is still the one with this unique id: one that was made later under the same
/// name inherits nothing.
async fn user(
    txn: &mut Txn,
    account: &str,
    name: &str,
    user_id: &str,
) -> Result<Option<Arc<UserRecord>>> {
    let found = txn
        .get::<UserRecord>(&UserRecord::key(account, name))
        .await?;
    Ok(found.filter(|user| user.user_id == user_id))
}
