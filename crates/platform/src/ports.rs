//! What the pipeline needs to know from whoever keeps identities. `services/iam` implements both
//! ports; `server` wires them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crypto::Secret;
use policy::Policy;
use store::Txn;
use wire::sigv4::{SigV4aKey, SigningKey};

use crate::caller::Caller;
use crate::fault::Result;

/// A future that a port returns.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Access keys.
pub trait Credentials: Send + Sync {
    /// The credential behind `access_key_id`, if it exists and is active.
    fn find<'a>(
        &'a self,
        txn: &'a mut Txn,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Option<Arc<Credential>>>;
}

/// Policies of identities.
pub trait Policies: Send + Sync {
    /// The identity-based policies of `caller`, parsed. A root user has none.
    fn identity<'a>(
        &'a self,
        txn: &'a mut Txn,
        caller: &'a Caller,
    ) -> PortFuture<'a, Arc<[IdentityPolicy]>>;

    /// Whether the principal of this ARN, a user or role, exists. Services ask before they store
    /// a policy that names it; a name that somebody takes later must not inherit permissions.
    fn exists<'a>(&'a self, txn: &'a mut Txn, principal_arn: &'a str) -> PortFuture<'a, bool>;
}

/// One parsed identity-based policy.
pub struct IdentityPolicy {
    /// The name, or ARN of a managed policy, for explanations.
    pub name: String,
    /// The policy.
    pub policy: Policy,
}

/// An access key with whoever owns it. It remembers the signing keys it derived, so it should
/// live as long as the record it was made from.
pub struct Credential {
    /// Who signs with it.
    pub caller: Arc<Caller>,
    secret: Secret<String>,
    derived: Mutex<Derived>,
}

#[derive(Default)]
struct Derived {
    /// Scope (date, region, service) and key, the latest last. A client signs for few scopes.
    v4: Vec<([String; 3], Arc<SigningKey>)>,
    v4a: Option<Arc<SigV4aKey>>,
}

/// How many scopes a credential remembers.
const REMEMBERED_SCOPES: usize = 16;

impl Credential {
    /// The credential of `caller` with its secret access key.
    pub fn new(caller: Arc<Caller>, secret: Secret<String>) -> Self {
        Self {
            caller,
            secret,
            derived: Mutex::default(),
        }
    }

    /// The key that signs requests of one day, region and service.
    pub fn signing_key(&self, date: &str, region: &str, service: &str) -> Arc<SigningKey> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let scope = [date, region, service];
        if let Some((_, key)) = derived.v4.iter().find(|(known, _)| known == &scope) {
            return Arc::clone(key);
        }
        let key = Arc::new(SigningKey::derive(
            self.secret.expose(),
            date,
            region,
            service,
        ));
        if derived.v4.len() >= REMEMBERED_SCOPES {
            derived.v4.remove(0);
        }
        derived
            .v4
            .push((scope.map(str::to_owned), Arc::clone(&key)));
        key
    }

    /// The key that verifies this credential's SigV4A signatures.
    pub fn v4a_key(&self) -> Option<Arc<SigV4aKey>> {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if derived.v4a.is_none() {
            let key = SigV4aKey::derive(&self.caller.access_key_id, self.secret.expose());
            derived.v4a = Some(Arc::new(key?));
        }
        derived.v4a.clone()
    }
}
