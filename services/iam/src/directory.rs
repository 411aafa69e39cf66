//! What the request pipeline and other services ask about callers, accounts and roles.

use std::sync::Arc;

use crypto::Keyring;
use platform::{
    Account, Accounts, Caller, CallerKind, Credential, Credentials, Founding, FoundingError, Held,
    Identities, MfaCode, NamedPolicy, OidcProvider, Policies, PortFuture, Result, Role,
    RootFeatures, SamlProvider, Used,
};
use store::Txn;

use crate::access_keys::record::{AccessKeyRecord, Owner};
use crate::account::{AccountRecord, HomeAccount};
use crate::mfa::guesses::Guesses;
use crate::roles::RoleRecord;
use crate::users::UserRecord;
use crate::{
    account, binding, founding, last_used, mfa, oidc_providers, saml_providers, unique_ids,
};

/// The longest access key id there is.
const MAX_ID_LENGTH: usize = 128;

/// Everything that IAM knows, out of the store.
///
/// It keeps nothing itself but how often codes were guessed: credentials and parsed policies stay
/// with the records that the store keeps in memory, so that a deactivated key and a changed policy
/// count at once.
pub struct IdentityDirectory {
    keyring: Arc<Keyring>,
    guesses: Guesses,
}

impl IdentityDirectory {
    /// Opens secrets of access keys with `keyring`.
    pub fn new(keyring: Arc<Keyring>) -> Self {
        Self {
            keyring,
            guesses: Guesses::default(),
        }
    }
}

impl Credentials for IdentityDirectory {
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
                && binding::user(txn, &key.account, name, user_id)
                    .await?
                    .is_none()
            {
                return Ok(None);
            }
            if is_closed(txn, &key.account).await? {
                return Ok(None);
            }
            key.credential(&self.keyring).map(Some)
        })
    }

    fn record_use<'a>(
        &'a self,
        txn: &'a mut Txn,
        id: &'a str,
        used: &'a Used,
    ) -> PortFuture<'a, ()> {
        Box::pin(last_used::record(txn, id, used))
    }

    fn lives<'a>(&'a self, txn: &'a mut Txn, caller: &'a Caller) -> PortFuture<'a, bool> {
        Box::pin(
            async move { Ok(!is_closed(txn, &caller.account).await? && lives(txn, caller).await?) },
        )
    }
}

impl Policies for IdentityDirectory {
    fn held<'a>(&'a self, txn: &'a mut Txn, caller: &'a Caller) -> PortFuture<'a, Held> {
        Box::pin(binding::held(txn, caller))
    }

    fn unique_id<'a>(
        &'a self,
        txn: &'a mut Txn,
        principal_arn: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        Box::pin(binding::unique_id(txn, principal_arn))
    }

    fn arn_of<'a>(
        &'a self,
        txn: &'a mut Txn,
        unique_id: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        Box::pin(unique_ids::arn(txn, unique_id))
    }

    fn managed<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
        policy_arn: &'a str,
    ) -> PortFuture<'a, Option<Arc<NamedPolicy>>> {
        Box::pin(binding::managed(txn, account, policy_arn))
    }
}

impl Identities for IdentityDirectory {
    fn role<'a>(
        &'a self,
        txn: &'a mut Txn,
        role_arn: &'a str,
    ) -> PortFuture<'a, Option<Arc<Role>>> {
        Box::pin(async move {
            let Some(role) = binding::role_of_arn(txn, role_arn).await? else {
                return Ok(None);
            };
            role.assumable().map(Some)
        })
    }

    fn outbound_federation<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        Box::pin(account::settings::issuer(txn, account))
    }

    fn root_features<'a>(
        &'a self,
        txn: &'a mut Txn,
        organization_id: &'a str,
    ) -> PortFuture<'a, RootFeatures> {
        Box::pin(account::root_access::features(txn, organization_id))
    }

    fn verify_mfa<'a>(
        &'a self,
        txn: &'a mut Txn,
        caller: &'a Caller,
        device: MfaCode<'a>,
    ) -> PortFuture<'a, bool> {
        Box::pin(mfa::enabled::verify(
            txn,
            (&self.keyring, &self.guesses),
            caller,
            device,
        ))
    }

    fn oidc_provider<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
        url: &'a str,
    ) -> PortFuture<'a, Option<OidcProvider>> {
        Box::pin(oidc_providers::record::provider(txn, account, url))
    }

    fn saml_provider<'a>(
        &'a self,
        txn: &'a mut Txn,
        provider_arn: &'a str,
    ) -> PortFuture<'a, Option<SamlProvider>> {
        Box::pin(saml_providers::record::provider(txn, provider_arn))
    }

    fn account_of_key<'a>(
        &'a self,
        txn: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<String>> {
        Box::pin(async move {
            let key = txn
                .get::<AccessKeyRecord>(&AccessKeyRecord::key(access_key_id))
                .await?;
            Ok(key.map(|key| key.account.clone()))
        })
    }
}

impl Accounts for IdentityDirectory {
    fn found<'a>(
        &'a self,
        txn: &'a mut Txn,
        founding: Founding<'a>,
    ) -> PortFuture<'a, Result<String, FoundingError>> {
        Box::pin(founding::found(txn, founding))
    }

    fn account<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<Account>> {
        Box::pin(async move {
            let found = txn
                .get::<AccountRecord>(&AccountRecord::key(account))
                .await?;
            Ok(found.map(|found| found.shown()))
        })
    }

    fn is_closed<'a>(&'a self, txn: &'a mut Txn, account: &'a str) -> PortFuture<'a, bool> {
        Box::pin(is_closed(txn, account))
    }

    fn is_home<'a>(&'a self, txn: &'a mut Txn, account: &'a str) -> PortFuture<'a, bool> {
        Box::pin(async move {
            let home = txn.get::<HomeAccount>(&HomeAccount::key()).await?;
            Ok(home.is_some_and(|home| home.account == account))
        })
    }

    fn close<'a>(&'a self, txn: &'a mut Txn, account: &'a str) -> PortFuture<'a, ()> {
        Box::pin(founding::close(txn, account))
    }
}

async fn is_closed(txn: &mut Txn, account: &str) -> Result<bool> {
    let found = txn
        .get::<AccountRecord>(&AccountRecord::key(account))
        .await?;
    Ok(found.is_some_and(|found| found.closed))
}

/// Whether the user or role behind temporary credentials is still the same.
async fn lives(txn: &mut Txn, caller: &Caller) -> Result<bool> {
    Ok(match &caller.kind {
        CallerKind::Root | CallerKind::Anonymous | CallerKind::Service { .. } => true,
        CallerKind::User { name } => {
            let user = binding::user(txn, &caller.account, name, &caller.user_id).await?;
            user.is_some()
        }
        CallerKind::Role { name, .. } => {
            let role = txn
                .get::<RoleRecord>(&RoleRecord::key(&caller.account, name))
                .await?;
            role.is_some_and(|role| role.role_id == caller.unique_id())
        }
        CallerKind::FederatedUser {
            founder_arn,
            founder_id,
            ..
        } => match founder_arn.rsplit_once('/') {
            None => true,
            Some((_, name)) => {
                let key = UserRecord::key(&caller.account, name);
                let user = txn.get::<UserRecord>(&key).await?;
                user.is_some_and(|user| user.user_id == *founder_id)
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crypto::Random;
    use platform::{SeededRandom, Session, SessionPolicies};
    use store::{Config, Place, Store};
    use wire::Timestamp;

    use super::*;
    use crate::access_keys::record::Draft;
    use crate::permissions::Permissions;

    const ACCOUNT: &str = "111122223333";

    fn alice(user_id: &str, document: &str) -> UserRecord {
        let mut permissions = Permissions::default();
        permissions.put_inline("p".to_owned(), document.to_owned());
        UserRecord {
            account: ACCOUNT.to_owned(),
            name: "Alice".to_owned(),
            path: "/".to_owned(),
            user_id: user_id.to_owned(),
            created_millis: 0,
            tags: Vec::new(),
            permissions,
            access_keys: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// A store with `user` and a key of the user with the id `owner`.
    async fn fixture(user: UserRecord, owner: &str) -> (Store, IdentityDirectory) {
        let random = Arc::new(SeededRandom::new(1));
        let keyring = Arc::new(Keyring::generate(&*random).unwrap());
        let draft = Draft {
            id: "AKIAALICE".to_owned(),
            account: ACCOUNT.to_owned(),
            owner: Owner::user(&alice(owner, "")),
            now: Timestamp::from_secs(0),
        };
        let key = AccessKeyRecord::new(draft, "secret", &keyring, &*random).unwrap();
        let (keys, random) = (Arc::clone(&keyring), random as Arc<dyn Random>);
        let store = Store::open(Config::new(Place::Memory), keys, random)
            .await
            .unwrap();
        let mut txn = store.begin();
        txn.put(UserRecord::key(ACCOUNT, &user.name), user);
        txn.put(AccessKeyRecord::key(&key.id), key);
        store.commit(txn, None).await.unwrap();
        (store, IdentityDirectory::new(keyring))
    }

    const ALLOW: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    /// How many policies a caller has, or `None` for a failure.
    async fn policies_of(
        store: &Store,
        directory: &IdentityDirectory,
        user_id: &str,
    ) -> Option<usize> {
        let caller = Caller {
            account: ACCOUNT.to_owned(),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/Alice"),
            user_id: user_id.to_owned(),
            kind: CallerKind::User {
                name: "Alice".to_owned(),
            },
            access_key_id: "AKIAALICE".to_owned(),
            session: None,
        };
        let held = directory.held(&mut store.begin(), &caller).await;
        held.ok().map(|held| held.identity.len())
    }

    async fn finds(store: &Store, directory: &IdentityDirectory) -> bool {
        matches!(
            directory.find(&mut store.begin(), "AKIAALICE").await,
            Ok(Some(_))
        )
    }

    #[tokio::test]
    async fn a_user_is_who_has_the_unique_id_not_the_name() {
        let (store, directory) = fixture(alice("AIDA2", ALLOW), "AIDA2").await;
        assert!(finds(&store, &directory).await);
        assert_eq!(policies_of(&store, &directory, "AIDA2").await, Some(1));
        assert_eq!(policies_of(&store, &directory, "AIDA1").await, Some(0));
        let (store, directory) = fixture(alice("AIDA2", ALLOW), "AIDA1").await;
        assert!(!finds(&store, &directory).await);
    }

    #[tokio::test]
    async fn sec_s7_a_session_policy_that_is_gone_denies_everything() {
        let (store, directory) = fixture(alice("AIDA1", ALLOW), "AIDA1").await;
        let mut caller = Caller::root(ACCOUNT, "ASIAROOT");
        let policies = SessionPolicies {
            inline: Some(ALLOW.to_owned()),
            arns: vec![format!("arn:aws:iam::{ACCOUNT}:policy/gone")],
        };
        caller.session = Some(Arc::new(Session {
            policies: Some(policies),
            ..Session::default()
        }));
        let held = directory.held(&mut store.begin(), &caller).await;
        let held = held.unwrap_or_else(|_| panic!("held"));
        let mut effects = held.session.iter().flat_map(|one| one.policy.statements());
        assert!(effects.any(|statement| statement.effect() == policy::Effect::Deny));
    }

    #[tokio::test]
    async fn a_stored_policy_that_is_not_understood_fails_the_call() {
        let (store, directory) = fixture(alice("AIDA1", "{"), "AIDA1").await;
        assert_eq!(policies_of(&store, &directory, "AIDA1").await, None);
    }
}
