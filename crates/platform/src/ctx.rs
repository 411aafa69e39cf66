//! What a handler may see and touch.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crypto::{Keyring, Random};
use store::{Cursor, Key, Page, Record, Txn};
use wire::Timestamp;

use crate::authorize::Access;
use crate::caller::Caller;
use crate::fault::{Error, Result};
use crate::ports::{Directory, Membership, Organizations, Policies};
use crate::resource::Resource;
use crate::session::{self, Issued};
use crate::witness::Witness;
use crate::workers::Workers;

/// One call, seen by its handler: who calls, when, where, and the transaction it runs in.
pub struct Ctx {
    /// The time, taken once when the call arrived.
    pub now: Timestamp,
    /// Who calls.
    pub caller: Arc<Caller>,
    /// The region, from the credential scope.
    pub region: String,
    /// The id that the answer carries.
    pub request_id: String,
    /// Where the call came from.
    pub connection: Connection,
    pub(crate) house: Arc<House>,
    pub(crate) enforce: bool,
    txn: tokio::sync::Mutex<Txn>,
    decisions: AtomicU32,
    resources: Mutex<Vec<Involved>>,
}

/// What the connection and the headers tell about a call.
#[derive(Clone, Default)]
pub struct Connection {
    /// The peer's address.
    pub peer: Option<IpAddr>,
    /// Whether the call came over TLS.
    pub secure: bool,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Referer` header.
    pub referer: Option<String>,
}

/// What all calls share.
pub(crate) struct House {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) organizations: Arc<dyn Organizations>,
    pub(crate) workers: Workers,
    /// Set by tests alone.
    pub(crate) witness: OnceLock<Arc<dyn Witness>>,
}

impl House {
    pub(crate) fn policies(&self) -> &dyn Policies {
        &*self.directory
    }
}

/// A resource that the call touched, for the journal.
pub(crate) struct Involved {
    pub(crate) arn: String,
    pub(crate) account: String,
    pub(crate) kind: &'static str,
}

/// Everything a `Ctx` is made of that differs from call to call.
pub(crate) struct Call {
    pub(crate) now: Timestamp,
    pub(crate) caller: Arc<Caller>,
    pub(crate) region: String,
    pub(crate) request_id: String,
    pub(crate) connection: Connection,
    pub(crate) enforce: bool,
}

impl Ctx {
    pub(crate) fn new(call: Call, house: Arc<House>, txn: Txn) -> Self {
        Self {
            now: call.now,
            caller: call.caller,
            region: call.region,
            request_id: call.request_id,
            connection: call.connection,
            enforce: call.enforce,
            house,
            txn: tokio::sync::Mutex::new(txn),
            decisions: AtomicU32::new(0),
            resources: Mutex::new(Vec::new()),
        }
    }

    /// The caller's account.
    pub fn account(&self) -> &str {
        &self.caller.account
    }

    /// Begins a decision: may the caller perform `action` on `resource`?
    pub fn authorize<'a, R: Resource>(
        &'a self,
        action: &'static str,
        resource: R,
    ) -> Access<'a, R> {
        Access::new(self, action, resource)
    }

    /// Says that an operation needs no permission at all, which AWS documents for very few.
    pub fn needs_no_permission(&self) {
        self.count_decision();
        if let Some(witness) = self.house.witness.get() {
            witness.needs_none();
        }
    }

    /// The record at `key`.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<Arc<R>>> {
        Ok(self.txn.lock().await.get(key).await?)
    }

    /// Up to `limit` records below `prefix`, beginning behind `after`.
    pub async fn scan<R: Record>(
        &self,
        prefix: &Key,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<R>> {
        Ok(self.txn.lock().await.scan(prefix, after, limit).await?)
    }

    /// All records below `prefix`.
    pub async fn scan_all<R: Record>(&self, prefix: &Key) -> Result<Vec<(Key, Arc<R>)>> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = self.scan::<R>(prefix, after.as_ref(), 1000).await?;
            rows.extend(page.rows);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(rows),
            }
        }
    }

    /// Stages a write. Nothing is written unless the handler succeeds.
    pub async fn put<R: Record>(&self, key: Key, record: R) {
        self.txn.lock().await.put(key, record);
    }

    /// Stages a deletion.
    pub async fn delete<R: Record>(&self, key: &Key) {
        self.txn.lock().await.delete::<R>(key);
    }

    /// Runs `read` over the call's transaction; ports take it this way.
    pub(crate) async fn txn(&self) -> tokio::sync::MutexGuard<'_, Txn> {
        self.txn.lock().await
    }

    /// The source of randomness.
    pub fn random(&self) -> &dyn Random {
        &*self.house.random
    }

    /// Random bytes.
    pub fn random_bytes<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.random().fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Does work that keeps a processor busy for more than half a millisecond, without keeping
    /// other calls from going on. It gets the source of randomness.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Random) -> T + Send + 'static,
    ) -> Result<T> {
        let random = Arc::clone(&self.house.random);
        self.house.workers.run(move || work(&*random)).await
    }

    /// A random UUID, version 4.
    pub fn new_uuid(&self) -> Result<String> {
        Ok(crate::way::uuid(self.random_bytes()?))
    }

    /// The keys that everything at rest is sealed with.
    pub fn keyring(&self) -> &Keyring {
        &self.house.keyring
    }

    pub(crate) fn count_decision(&self) {
        self.decisions.fetch_add(1, Ordering::Relaxed);
    }

    /// The unique id of the user or role of this ARN, if it exists.
    pub async fn unique_id(&self, principal_arn: &str) -> Result<Option<String>> {
        let mut txn = self.txn().await;
        let policies = self.house.policies();
        policies.unique_id(&mut txn, principal_arn).await
    }

    /// Whether the user or role of this ARN exists.
    pub async fn principal_exists(&self, principal_arn: &str) -> Result<bool> {
        Ok(self.unique_id(principal_arn).await?.is_some())
    }

    /// Issues temporary credentials for `caller`, whose access key id is drawn here.
    pub fn issue(&self, caller: Caller) -> Result<Issued> {
        session::issue(caller, self.keyring(), self.random())
    }

    /// Whoever keeps identities, with the call's transaction to ask in.
    pub async fn directory(&self) -> (&dyn Directory, tokio::sync::MutexGuard<'_, Txn>) {
        (&*self.house.directory, self.txn.lock().await)
    }

    /// The place of `account` in an organization, if it has one.
    pub async fn membership(&self, account: &str) -> Result<Option<Arc<Membership>>> {
        let mut txn = self.txn().await;
        self.house.organizations.membership(&mut txn, account).await
    }

    /// Puts a resource on the call's record. Decisions do so themselves; this is for resources
    /// that the call creates.
    pub fn involve(&self, resource: &impl Resource) {
        let Some(kind) = resource.audit_type() else {
            return;
        };
        let mut resources = self
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let arn = resource.arn();
        if !resources.iter().any(|known| known.arn == arn) {
            let (arn, account) = (arn.into_owned(), resource.account().to_owned());
            resources.push(Involved { arn, account, kind });
        }
    }

    /// Ends the call: its transaction, how many decisions it asked, and what it touched.
    pub(crate) fn finish(self) -> (Txn, u32, Vec<Involved>) {
        let resources = self
            .resources
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (
            self.txn.into_inner(),
            self.decisions.into_inner(),
            resources,
        )
    }
}

impl Error {
    /// For code that looks something up which its own records promise to exist.
    pub fn dangling(what: &str) -> Self {
        Self::internal(format!("a record points to {what}, which does not exist"))
    }
}
