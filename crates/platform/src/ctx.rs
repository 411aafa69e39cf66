//! What a handler may see and touch.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crypto::attestation::Roots;
use crypto::{Keyring, Random};
use policy::{Decision, Request};
use store::{Cursor, Key, Page, Record, Txn};
use wire::Timestamp;

use crate::activity::{Activity, ActivityIndex};
use crate::authorization_message::{self, Refused};
use crate::authorize::Access;
use crate::buckets::{Buckets, NoBuckets};
use crate::caller::Caller;
use crate::clock::Clock;
use crate::deliveries::{Agenda, Scheduled};
use crate::event_history::{EventHistory, HistoryPage, HistoryQuery};
use crate::fault::{Error, Result};
use crate::lines::{Lines, Standing};
use crate::noted::Additional;
use crate::ports::{Directory, KeySets, Membership, Organizations, Policies, ServiceAccess};
use crate::quotas::Quotas;
use crate::regions::Regions;
use crate::reported::{ReportAbout, Reported, Unreportable};
use crate::resource::Resource;
use crate::room::Rooms;
use crate::service::{Finder, Service};
use crate::service_call::{NestedEvent, Through};
use crate::session::{self, Issued, Sessions};
use crate::upkeep::Upkeep;
use crate::usage::{Usage, Used};
use crate::waiting::{Claim, Claims, Serials};
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
    pub connection: Arc<Connection>,
    pub(crate) house: Arc<House>,
    pub(crate) enforce: bool,
    pub(crate) through: Through,
    txn: tokio::sync::Mutex<Txn>,
    decisions: AtomicU32,
    resources: Mutex<Vec<Involved>>,
    vouched: Mutex<Option<Vouched>>,
    /// Whether quotas have other values once the call has committed.
    pub(crate) changes_quotas: AtomicBool,
    pub(crate) additional: Mutex<Vec<Additional>>,
    pub(crate) said: Mutex<Option<(&'static str, String)>>,
    nested: Mutex<Vec<NestedEvent>>,
    pub(crate) claims: Mutex<Vec<Claim>>,
    pub(crate) standing: Standing,
    deliveries: Mutex<Vec<Scheduled>>,
}

/// Whom an identity provider vouches for, in a call that carries no signature. It is what the
/// call's record says of the caller (CloudTrail `userIdentity` element).
#[derive(Clone)]
pub struct Vouched {
    /// `WebIdentityUser` or `SAMLUser`.
    pub kind: &'static str,
    /// Who it is, together with the provider.
    pub principal_id: String,
    /// The subject.
    pub user_name: String,
    /// The provider.
    pub provider: String,
    /// The account of the role.
    pub account: String,
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
    /// The `Host` header.
    pub host: Option<String>,
    /// What the connection agreed on; none without TLS, and where somebody before the server ended
    /// it.
    pub tls: Option<TlsSession>,
}

/// What a TLS connection agreed on. The listener puts it into the extensions of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsSession {
    /// `TLSv1.3`
    pub version: &'static str,
    /// `TLS_AES_128_GCM_SHA256`
    pub cipher_suite: &'static str,
    /// The key exchange: `X25519MLKEM768`, `secp256r1`.
    pub key_exchange: Option<&'static str>,
}

/// What all calls share. It stands apart from the count of its references, which every call writes.
#[repr(align(128))]
pub(crate) struct House {
    /// The services that are served, for calls between them too.
    pub(crate) services: Vec<Service>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) upkeep: Upkeep,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) organizations: Arc<dyn Organizations>,
    pub(crate) key_sets: Arc<dyn KeySets>,
    pub(crate) attestation_roots: Arc<Roots>,
    /// Who called what, read from the journal when asked for.
    pub(crate) activity: ActivityIndex,
    /// What happened in an account and Region, read from the journal when asked for.
    pub(crate) history: EventHistory,
    /// Finds the resource behind an ARN, one a service.
    pub(crate) finders: Vec<Finder>,
    pub(crate) workers: Workers,
    /// The Regions that are answered for; all of AWS's, if nothing was said.
    pub(crate) regions: OnceLock<Regions>,
    /// Where links lead that others are given.
    pub(crate) public_url: OnceLock<String>,
    /// Where files go that services deliver; nowhere, if nothing was said.
    pub(crate) buckets: OnceLock<Arc<dyn Buckets>>,
    /// Set by tests alone.
    pub(crate) witness: OnceLock<Arc<dyn Witness>>,
    pub(crate) usage: Arc<Usage>,
    pub(crate) quotas: Quotas,
    pub(crate) rooms: Rooms,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) claims: Arc<Claims>,
    pub(crate) lines: Lines,
    pub(crate) serials: Serials,
    pub(crate) sessions: Sessions,
    pub(crate) deliveries: Arc<Agenda>,
}

impl House {
    pub(crate) fn policies(&self) -> &dyn Policies {
        &*self.directory
    }

    pub(crate) fn regions(&self) -> &Regions {
        self.regions.get_or_init(Regions::default)
    }
}

/// A resource that the call touched, for the journal.
pub(crate) struct Involved {
    pub(crate) arn: String,
    pub(crate) account: String,
    pub(crate) kind: &'static str,
}

/// What a handler leaves for the call's record.
#[derive(Default)]
pub(crate) struct Traces {
    /// What the call touched.
    pub(crate) resources: Vec<Involved>,
    /// Who called, where no signature says so.
    pub(crate) vouched: Option<Vouched>,
    /// Whether it changes quotas.
    pub(crate) changes_quotas: bool,
    /// What the call's event says beside request and answer.
    pub(crate) additional: Vec<Additional>,
    /// A parameter that its event says in other words.
    pub(crate) said: Option<(&'static str, String)>,
    /// The calls to other services that it made, in their order.
    pub(crate) nested: Vec<NestedEvent>,
    /// What it has claimed, until all is over.
    pub(crate) claims: Vec<Claim>,
    /// What it staged to be delivered.
    pub(crate) deliveries: Vec<Scheduled>,
}

/// Everything a `Ctx` is made of that differs from call to call.
pub(crate) struct Call {
    pub(crate) now: Timestamp,
    pub(crate) caller: Arc<Caller>,
    pub(crate) region: String,
    pub(crate) request_id: String,
    pub(crate) connection: Arc<Connection>,
    pub(crate) enforce: bool,
    pub(crate) through: Through,
    /// Where it stands in line, whatever calls it makes.
    pub(crate) standing: Standing,
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
            through: call.through,
            house,
            txn: tokio::sync::Mutex::new(txn),
            decisions: AtomicU32::new(0),
            resources: Mutex::new(Vec::new()),
            vouched: Mutex::default(),
            changes_quotas: AtomicBool::default(),
            additional: Mutex::default(),
            said: Mutex::default(),
            nested: Mutex::default(),
            claims: Mutex::default(),
            standing: call.standing,
            deliveries: Mutex::default(),
        }
    }

    /// Notes who calls, where an identity provider says so instead of a signature.
    pub fn vouch(&self, vouched: Vouched) {
        let mut known = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(vouched);
    }

    /// The caller's account.
    pub fn account(&self) -> &str {
        &self.caller.account
    }

    /// Whether this program answers for `region`: nothing is made in another one.
    pub fn serves_region(&self, region: &str) -> bool {
        self.house.regions().contains(region)
    }

    /// Where this program is for others, `https://host:port`: what links lead to that go to somebody
    /// else than the caller. Its `Host` header is the caller's word alone, and would lead others
    /// wherever the caller likes.
    pub fn public_url(&self) -> &str {
        self.house
            .public_url
            .get()
            .map_or("http://localhost", String::as_str)
    }

    /// Whether policies decide; they do not with authorization off, where everyone may be root.
    pub fn enforces(&self) -> bool {
        self.enforce
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

    /// The records with these keys, in their order: those of a page, which are read in one go.
    pub async fn get_all<R: Record>(&self, keys: &[Key]) -> Result<Vec<Option<Arc<R>>>> {
        Ok(self.txn.lock().await.get_all(keys).await?)
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
        let mut page = self.scan(prefix, None, 1000).await?;
        let mut rows = page.rows;
        while let Some(after) = page.next {
            page = self.scan(prefix, Some(&after), 1000).await?;
            rows.append(&mut page.rows);
        }
        Ok(rows)
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

    /// The same for work that may take seconds, since callers say at length what is to be done: a
    /// query over events, patterns on a large one. It never takes up all processors.
    pub async fn in_background<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.house.workers.run_in_background(work).await
    }

    /// A random UUID, version 4.
    pub fn new_uuid(&self) -> Result<String> {
        Ok(crate::way::uuid(self.random_bytes()?))
    }

    /// The keys that everything at rest is sealed with.
    pub fn keyring(&self) -> &Keyring {
        &self.house.keyring
    }

    /// For work that is the service's own and that this call finds overdue. What is done there
    /// holds even if the call fails, and the call's transaction does not take part.
    pub fn upkeep(&self) -> &Upkeep {
        &self.house.upkeep
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

    /// Issues temporary credentials for `caller`, whose access key id is drawn here. The session
    /// token has at least `least` bytes.
    pub fn issue(&self, caller: Caller, least: usize) -> Result<Issued> {
        session::issue(caller, least, self.keyring(), self.random())
    }

    /// The account behind the id of an access key: of a temporary one, from the id itself. None
    /// where nobody has such a key.
    pub async fn account_of_key(&self, access_key_id: &str) -> Result<Option<String>> {
        let (directory, mut txn) = self.directory().await;
        match session::account_in(access_key_id) {
            None => directory.account_of_key(&mut txn, access_key_id).await,
            Some(account) => {
                let found = directory.account(&mut txn, &account).await?;
                Ok(found.map(|found| found.id))
            }
        }
    }

    /// The keys of OpenID Connect issuers.
    pub fn key_sets(&self) -> &dyn KeySets {
        &*self.house.key_sets
    }

    /// Whose word about enclaves and instances counts.
    pub fn attestation_roots(&self) -> Arc<Roots> {
        Arc::clone(&self.house.attestation_roots)
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

    /// The encoded authorization message of a request of `caller` that `decision` refused, for the
    /// account of who asks.
    pub fn encode_authorization_message(
        &self,
        caller: &Caller,
        request: &Request<'_>,
        decision: &Decision<'_>,
    ) -> Result<String> {
        let refused = Refused {
            action: request.action,
            resource: request.resource,
            conditions: request.conditions,
        };
        let document = authorization_message::document(caller, &refused, decision);
        authorization_message::encode(self, &document)
    }

    /// What an encoded authorization message of the caller's account says; none for any other
    /// text.
    pub fn decode_authorization_message(&self, message: &str) -> Option<String> {
        authorization_message::decode(self, message)
    }

    /// The resource of this ARN, whatever service keeps it, for explanations of decisions. Who asks
    /// must have permission to see its policy: none is checked here.
    pub async fn find_resource(&self, arn: &str) -> Result<Option<Box<dyn Resource>>> {
        for find in &self.house.finders {
            if let Some(found) = find(self, arn).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Reads who called what, up to the calls that were on record when this began.
    pub async fn activity<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Activity) -> T + Send + 'static,
    ) -> Result<T> {
        self.house.activity.read(read).await
    }

    /// The events of an account and Region that `query` describes, up to those that were on record
    /// when this began.
    pub async fn event_history(&self, query: HistoryQuery) -> Result<HistoryPage> {
        self.house.history.look_up(query, self.now).await
    }

    /// The number of the last event on record.
    pub fn last_event(&self) -> u64 {
        self.house.upkeep.store.journal_head().seq
    }

    /// Where files go that services deliver.
    pub fn buckets(&self) -> &dyn Buckets {
        match self.house.buckets.get() {
            Some(buckets) => &**buckets,
            None => &NoBuckets,
        }
    }

    /// How far the organization that `management_account` manages lets `service` in.
    pub async fn service_access(
        &self,
        management_account: &str,
        service: &str,
    ) -> Result<ServiceAccess> {
        let mut txn = self.txn().await;
        let organizations = &self.house.organizations;
        organizations
            .service_access(&mut txn, management_account, service)
            .await
    }

    /// The part of the organization that the caller's account manages which a report is about.
    pub async fn reported(&self, about: ReportAbout<'_>) -> Result<Result<Reported, Unreportable>> {
        let mut txn = self.txn().await;
        let organizations = &self.house.organizations;
        organizations
            .reported(&mut txn, self.account(), about)
            .await
    }

    /// The last use of an access key, or of a user or role by its unique id, as far as it is not
    /// on disk yet.
    pub fn recent_use(&self, id: &str) -> Option<Used> {
        self.house.usage.of(id)
    }

    /// Puts a resource on the call's record. Decisions do so themselves; this is for resources
    /// that the call creates.
    pub fn involve(&self, resource: &impl Resource) {
        let Some(kind) = resource.audit_type() else {
            return;
        };
        let resources = self.resources.lock();
        let mut resources = resources.unwrap_or_else(PoisonError::into_inner);
        let arn = resource.arn();
        if !resources.iter().any(|known| known.arn == arn) {
            let (arn, account) = (arn.into_owned(), resource.account().to_owned());
            if resources.capacity() == 0 {
                // Most calls touch one.
                *resources = Vec::with_capacity(1);
            }
            resources.push(Involved { arn, account, kind });
        }
    }

    /// Notes the events of a call to another service.
    pub(crate) fn note_nested(&self, events: impl IntoIterator<Item = NestedEvent>) {
        let mut nested = self.nested.lock().unwrap_or_else(PoisonError::into_inner);
        nested.extend(events);
    }

    /// Notes a delivery that is staged.
    pub(crate) fn note_delivery(&self, scheduled: Scheduled) {
        self.note_deliveries([scheduled]);
    }

    /// Notes the deliveries that a call to another service staged.
    pub(crate) fn note_deliveries(&self, scheduled: impl IntoIterator<Item = Scheduled>) {
        let known = self.deliveries.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        known.extend(scheduled);
    }

    /// Ends the call: its transaction, how many decisions it asked, and what goes on record.
    pub(crate) fn finish(self) -> (Txn, u32, Traces) {
        let resources = self.resources.into_inner();
        let vouched = self.vouched.into_inner();
        let deliveries = self.deliveries.into_inner();
        let (additional, nested) = (self.additional.into_inner(), self.nested.into_inner());
        let said = self.said.into_inner();
        let claims = self.claims.into_inner();
        let traces = Traces {
            resources: resources.unwrap_or_else(PoisonError::into_inner),
            vouched: vouched.unwrap_or_else(PoisonError::into_inner),
            changes_quotas: self.changes_quotas.into_inner(),
            additional: additional.unwrap_or_else(PoisonError::into_inner),
            said: said.unwrap_or_else(PoisonError::into_inner),
            nested: nested.unwrap_or_else(PoisonError::into_inner),
            claims: claims.unwrap_or_else(PoisonError::into_inner),
            deliveries: deliveries.unwrap_or_else(PoisonError::into_inner),
        };
        (self.txn.into_inner(), self.decisions.into_inner(), traces)
    }
}

impl Error {
    /// For code that looks something up which its own records promise to exist.
    pub fn dangling(what: &str) -> Self {
        Self::internal(format!("a record points to {what}, which does not exist"))
    }
}
