//! The way of one request, from bytes to bytes, in eight steps.

mod outfit;

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use crypto::attestation::Roots;
use crypto::{Keyring, Random};
use http::request::Parts;
use store::{CommitError, Events, Store, Txn};
use wire::codec;
use wire::shape::OperationTable;
use wire::sigv4::{self, Presented, SignatureError};
use wire::{Common, Fault, Protocol, Timestamp, Value};

use crate::activity::ActivityIndex;
use crate::answer::{self, Context, Served};
use crate::caller::CallerKind;
use crate::clock::Clock;
use crate::ctx::{Call, Ctx, House, Traces};
use crate::deliveries::{DeliveryRunner, Waiting};
use crate::event_history::EventHistory;
use crate::fault::{self, Error};
use crate::identify::{self, Gate, Identity};
use crate::journal_keeping::JournalKeeping;
use crate::lines::{Lines, Standing};
use crate::own_work::OwnWork;
use crate::ports::{Directory, KeySets, Organizations};
use crate::quotas::Quotas;
use crate::record::{self, Draft, Ending};
use crate::restrictions;
use crate::room::Rooms;
use crate::route::{self, Nowhere, Route};
use crate::service::Service;
use crate::service_call::{NestedEvent, Through};
use crate::session::Sessions;
use crate::upkeep::Upkeep;
use crate::usage::UsageWriter;
use crate::waiting::Serials;
use crate::way::Way;
use crate::withheld::{Ended, Kept, Withheld};
use crate::workers::Workers;

/// Whether callers must prove who they are and what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// Signatures and policies decide. The default.
    Enforce,
    /// Every call is allowed. For development only.
    Off,
}

/// What a pipeline is made of.
pub struct PipelineParts {
    /// The services, each with its table.
    pub services: Vec<Service>,
    /// Where state and journal live.
    pub store: Store,
    /// What everything at rest is sealed with.
    pub keyring: Arc<Keyring>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub random: Arc<dyn Random>,
    /// Who keeps identities: access keys, users, roles, accounts and their policies.
    pub directory: Arc<dyn Directory>,
    /// Who keeps organizations.
    pub organizations: Arc<dyn Organizations>,
    /// Where the keys of OpenID Connect issuers come from.
    pub key_sets: Arc<dyn KeySets>,
    /// Whose word about enclaves and instances counts.
    pub attestation_roots: Arc<Roots>,
    /// Whether anything is checked.
    pub auth: AuthMode,
}

/// Serves requests.
pub struct Pipeline {
    store: Store,
    clock: Arc<dyn Clock>,
    auth: AuthMode,
    house: Arc<House>,
}

/// A body being read.
pub type Body = Result<Bytes, BodyError>;

/// Why a body could not be read.
pub enum BodyError {
    /// It is larger than a request may be.
    TooLarge,
    /// The connection broke, or stood still for too long.
    Broken,
}

/// How often a call runs because others committed first. Those that met the same conflict go one after
/// the other ([`Lines`]), so that a call loses to newcomers alone, and to one in two of them.
const ATTEMPTS: usize = 64;

/// A call that is identified and decoded.
struct Ready<'a> {
    route: &'a Route<'a>,
    operation: &'static OperationTable,
    identity: Identity,
    arrived: Arrived<'a>,
    /// Until the call runs for the first time.
    value: Value,
}

/// Who says to have signed a request, if anybody.
type Claimed<'a> = Result<Option<Presented<'a>>, SignatureError>;

/// A request as it arrived, to be read once more where its call has to run again.
struct Arrived<'a> {
    parts: &'a Parts,
    body: Bytes,
}

impl Arrived<'_> {
    fn decode(
        &self,
        route: &Route<'_>,
        operation: &'static OperationTable,
    ) -> Result<Value, Fault> {
        let request = codec::Request {
            path: self.parts.uri.path(),
            query: self.parts.uri.query().unwrap_or_default(),
            headers: &self.parts.headers,
            body: route.parameters(self.parts, &self.body),
        };
        codec::decode(route.protocol, operation, &request)
    }
}

impl Pipeline {
    /// Puts the parts together.
    pub fn new(parts: PipelineParts) -> Self {
        let PipelineParts {
            services,
            store,
            keyring,
            clock,
            random,
            directory,
            organizations,
            key_sets,
            attestation_roots,
            auth,
        } = parts;
        let mut services = services;
        let finders = services
            .iter_mut()
            .filter_map(|service| service.finder.take());
        let finders = finders.collect();
        let uses = services.iter().flat_map(Service::uses).collect();
        let draws = services.iter().filter_map(|service| service.draws.as_ref());
        let quotas = Quotas::new(draws.map(|draws| draws.table).collect());
        let house = Arc::new_cyclic(|house| House {
            services,
            sessions: Sessions::new(&keyring),
            upkeep: Upkeep {
                store: store.clone(),
                keyring: Arc::clone(&keyring),
                random: Arc::clone(&random),
                outbound: Arc::default(),
                functions: Arc::default(),
                databases: Arc::default(),
                enforce: auth == AuthMode::Enforce,
                house: Weak::clone(house),
            },
            keyring,
            random,
            deliveries: Arc::default(),
            directory,
            organizations,
            key_sets,
            attestation_roots,
            activity: ActivityIndex::new(store.clone(), uses),
            history: EventHistory::new(store.clone()),
            finders,
            workers: Workers::new(),
            regions: OnceLock::new(),
            public_url: OnceLock::new(),
            buckets: OnceLock::new(),
            witness: OnceLock::new(),
            usage: Arc::default(),
            quotas,
            rooms: Rooms::default(),
            clock: Arc::clone(&clock),
            claims: Arc::default(),
            lines: Lines::default(),
            serials: Serials::default(),
        });
        Self {
            store,
            clock,
            auth,
            house,
        }
    }

    /// The services that are served.
    pub fn services(&self) -> &[Service] {
        &self.house.services
    }

    /// How large a request's body may be, in bytes.
    pub fn body_limit(&self, parts: &Parts) -> usize {
        let route = route::route(self.services(), parts, None, None);
        let larger = route.ok().and_then(|route| route.largest_body());
        larger.unwrap_or(answer::USUAL_BODY)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where state and journal live.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the jobs of services work with.
    pub fn upkeep(&self) -> Upkeep {
        self.house.upkeep.clone()
    }

    /// What works beside the calls.
    pub(crate) fn workers(&self) -> &Workers {
        &self.house.workers
    }

    /// Lets no more deliveries of an account wait than these.
    pub(crate) fn limit_deliveries(&self, most: Waiting) {
        self.house.deliveries.limit(most);
    }

    /// What makes the deliveries that calls stage. One at a time may run.
    pub fn deliveries(&self) -> DeliveryRunner {
        DeliveryRunner {
            upkeep: self.upkeep(),
            clock: Arc::clone(&self.clock),
        }
    }

    /// What services do by themselves as in a handler.
    pub fn own_work(&self) -> OwnWork {
        OwnWork {
            upkeep: self.upkeep(),
            clock: Arc::clone(&self.clock),
        }
    }

    /// Reads into the event history what is new in the journal, so that no call waits for it.
    pub async fn catch_up_history(&self) -> fault::Result<()> {
        self.house.history.catch_up(self.clock.now()).await
    }

    /// What packs and deletes segments of the journal.
    pub fn journal_keeping(&self) -> JournalKeeping {
        JournalKeeping::new(self.store.clone())
    }

    /// What puts the last uses of access keys on disk.
    pub fn usage_writer(&self) -> UsageWriter {
        UsageWriter {
            usage: Arc::clone(&self.house.usage),
            store: self.store.clone(),
            directory: Arc::clone(&self.house.directory),
        }
    }

    /// Serves one request and waits until it is on record. `peer` and `secure` come from the
    /// connection, the body is read only once a service is found for it.
    pub async fn serve(
        &self,
        parts: &Parts,
        peer: Option<IpAddr>,
        secure: bool,
        body: impl Future<Output = Body>,
    ) -> Served {
        let mut withheld = self.begin(parts, peer, secure, body).await;
        // Where that fails, a refusal stands in the answer's place.
        let _ = withheld.recorded().await;
        withheld.served
    }

    /// Serves one request up to its answer, whose record may be on its way still. The request is not
    /// needed any more then: what it took is given back while it is warm, not after the disk.
    pub async fn begin(
        &self,
        parts: &Parts,
        peer: Option<IpAddr>,
        secure: bool,
        body: impl Future<Output = Body>,
    ) -> Withheld {
        match self.auth {
            AuthMode::Enforce if !route::may_be_unsigned(parts) => {
                self.steps(parts, (peer, secure), None, body).await
            }
            // Only its version tells which service an unsigned form is for: the body comes first.
            AuthMode::Enforce | AuthMode::Off => {
                let read = body.await;
                let form = read.as_ref().ok().cloned();
                let body = std::future::ready(read);
                self.steps(parts, (peer, secure), form.as_deref(), body)
                    .await
            }
        }
    }

    /// All eight steps. `form` is the body where it may say which service it is for.
    async fn steps(
        &self,
        parts: &Parts,
        (peer, secure): (Option<IpAddr>, bool),
        form: Option<&[u8]>,
        body: impl Future<Output = Body>,
    ) -> Withheld {
        let now = self.clock.now();
        let Ok(way) = Way::begin(&*self.house.random, now, parts, (peer, secure)) else {
            let served = Served::nowhere(Protocol::Json11, &answer::internal(), "");
            return Withheld::nowhere(served);
        };

        // 1 route
        let presented = sigv4::presented(&identify::head(parts));
        let signed_for = presented.as_ref().ok().and_then(Option::as_ref);
        let signed_for = signed_for.map(|presented| &*presented.service);
        let route = match route::route(self.services(), parts, signed_for, form) {
            Ok(route) => route,
            Err(nowhere) => {
                let Nowhere { protocol, fault } = nowhere;
                return Withheld::nowhere(Served::nowhere(protocol, &fault, &way.request_id));
            }
        };

        // 2 to 7
        let (mut operation, mut txn) = (None, Some(self.store.begin()));
        let asked = (parts, &presented);
        let ready = self.ready((&way, &route), asked, body, (&mut operation, &mut txn));
        let ended = match ready.await {
            Ok(mut ready) => self.handle(&mut ready, &way, &mut txn).await,
            Err(ended) => ended,
        };

        // 8 encode
        ended.withheld(Context::new(&route, operation, way.request_id))
    }

    /// Steps 2 to 5, in a transaction. `reached` becomes the operation once the request is known to be
    /// for one.
    async fn ready<'a>(
        &self,
        (way, route): (&Way, &'a Route<'a>),
        (parts, presented): (&'a Parts, &Claimed<'_>),
        body: impl Future<Output = Body>,
        (reached, txn): (&mut Option<&'static OperationTable>, &mut Option<Txn>),
    ) -> Result<Ready<'a>, Ended> {
        // 2 read
        let body = body.await;
        let body = body.map_err(|error| answer::unreadable(&error, route))?;

        // 3 identify
        let is_signed = !matches!(presented, Ok(None));
        let unsigned = !is_signed && route.operation(&body).is_ok_and(|named| named.unsigned);
        let txn = txn.get_or_insert_with(|| self.store.begin());
        let mut identity = match self.auth {
            AuthMode::Off => identify::assume(&self.house.sessions, presented),
            AuthMode::Enforce if unsigned => identify::nobody(parts),
            AuthMode::Enforce => {
                let service = route.service.table.signing_name;
                let gate = Gate {
                    directory: &*self.house.directory,
                    sessions: &self.house.sessions,
                    service,
                    now: way.now,
                };
                identify::identify(&gate, txn, parts, &body, presented)
                    .await
                    .map_err(answer::fault)?
            }
        };

        if !is_signed {
            let parameters = route.parameters(parts, &body);
            let linked = route.service.linked_region(parameters);
            identity.region = linked.unwrap_or(identity.region);
        }
        self.check_region(route, &identity.region)?;
        self.note_use(&identity, route, way);

        // 4 decode
        let operation = route.operation(&body)?;
        *reached = Some(operation);
        let arrived = Arrived { parts, body };
        let value = arrived.decode(route, operation);

        // 5 validate
        let value = value.and_then(|value| {
            route.service.validate(operation, &value)?;
            Ok(value)
        });

        let value = value.and_then(|value| self.unrestricted(&identity, route, operation, value));

        match value {
            Ok(value) => Ok(Ready {
                route,
                operation,
                identity,
                arrived,
                value,
            }),
            Err(refused) => {
                let draft = way.draft(route, operation, &identity, b"null");
                let refused = Error::Fault(refused);
                let standing = Standing::default();
                Err(self.refused(refused, &draft, Traces::default(), (way, &standing)))
            }
        }
    }

    /// Refuses calls for Regions that are not answered for. Nothing of such a call goes on record:
    /// it reached no endpoint.
    fn check_region(&self, route: &Route<'_>, region: &str) -> Result<(), Fault> {
        let served = self.house.regions();
        if route.service.is_global() || served.contains(region) {
            return Ok(());
        }
        Err(answer::no_endpoint(
            route.service.table.signing_name,
            region,
        ))
    }

    /// Remembers when and for what an access key or a role was used last. Keys of sessions end too
    /// soon for anybody to ask.
    fn note_use(&self, identity: &Identity, route: &Route<'_>, way: &Way) {
        let (caller, service) = (&identity.caller, route.service.table.signing_name);
        let id = match (&caller.kind, &caller.session) {
            (CallerKind::Role { .. }, _) => caller.unique_id(),
            (CallerKind::Root | CallerKind::User { .. }, None) => &caller.access_key_id,
            _ => return,
        };
        let usage = &self.house.usage;
        usage.note(id, service, &identity.region, way.now);
    }

    /// Steps 6 and 7: runs the operation, within the quotas, until it commits without conflict, and
    /// puts it on record.
    async fn handle(&self, ready: &mut Ready<'_>, way: &Way, txn: &mut Option<Txn>) -> Ended {
        let Ready {
            route,
            operation,
            identity,
            arrived,
            value,
        } = ready;
        let operation = *operation;
        let parameters = route.service.recorded(operation, value);
        let parameters = record::parameters(operation.input, &parameters);
        let draft = way.draft(route, operation, identity, &parameters);
        let (account, region) = (&identity.caller.account, &identity.region);
        let who = (account.as_str(), region.as_str(), way.now);
        let standing = Standing::of(self.store.call());
        let taken = self.house.take(route.service, (operation, value), who);
        if let Err(exceeded) = taken.await {
            return self.refused(exceeded, &draft, Traces::default(), (way, &standing));
        }
        let mut value = Some(std::mem::replace(value, Value::Structure(Vec::new())));
        for _ in 0..ATTEMPTS {
            // Any call may meet a conflict and run again: what is read-only to CloudTrail may use up
            // a code of a second factor, or be the first use of a key.
            let input = match value.take() {
                Some(value) => value,
                None => match arrived.decode(route, operation) {
                    Ok(value) => value,
                    Err(fault) => return fault.into(),
                },
            };
            let txn = txn.take().unwrap_or_else(|| self.store.begin());
            let ctx = self.ctx(way, identity, txn, standing.clone());
            let outcome = route.service.run(operation, &ctx, input).await;
            let (staged, decisions, mut traces) = ctx.finish();
            let outcome = tripwire(outcome, decisions, operation.name);
            let output = match outcome {
                Ok(output) => output,
                Err(error) => return self.refused(error, &draft, traces, (way, &standing)),
            };
            let mut events = Events::default();
            let nested = std::mem::take(&mut traces.nested).into_iter();
            nested.for_each(|nested| events.push(way.event(nested.kept())));
            let own = |event| events.push(way.event(event));
            draft.each_event(&Ending::Succeeded(&output), &traces, own);
            if !staged.has_writes() {
                let sent = self.store.hand_over(events);
                let kept = Kept::new(&standing, traces.claims);
                return Ended::recorded(Ok(output), sent, kept, way);
            }
            // In a box: most calls only read, and have no room for this.
            match Box::pin(self.store.commit(staged, events)).await {
                Ok(()) => {
                    let staged = std::mem::take(&mut traces.deliveries);
                    self.house.deliveries.add(staged);
                    if traces.changes_quotas {
                        let (account, region) = (&identity.caller.account, &identity.region);
                        self.house.quotas.changed(account, region);
                    }
                    return Ended::durable(output);
                }
                Err(CommitError::Conflict(over)) => {
                    // What it claimed is for others while it waits.
                    drop(traces);
                    Box::pin(standing.again(&self.house.lines, over)).await;
                }
                Err(error) => return answer::unavailable(&error, &way.request_id).into(),
            }
        }
        let contended = Error::Fault(Fault::common(Common::Throttling, "Rate exceeded"));
        self.refused(contended, &draft, Traces::default(), (way, &standing))
    }

    /// Records a failed call; the caller's answer is the failure, or that it cannot be recorded.
    fn refused(
        &self,
        error: Error,
        draft: &Draft<'_>,
        mut traces: Traces,
        (way, standing): (&Way, &Standing),
    ) -> Ended {
        let refused = answer::fault(error);
        let mut events = Events::default();
        let nested = std::mem::take(&mut traces.nested);
        let nested = nested.into_iter().filter_map(NestedEvent::dropped);
        nested.for_each(|payload| events.push(way.event(payload)));
        let own = |event| events.push(way.event(event));
        draft.each_event(&Ending::Failed(&refused), &traces, own);
        let sent = self.store.hand_over(events);
        Ended::recorded(Err(refused), sent, Kept::new(standing, traces.claims), way)
    }

    /// Refuses what the caller's credentials cannot be used for at all.
    fn unrestricted(
        &self,
        identity: &Identity,
        route: &Route<'_>,
        operation: &OperationTable,
        value: Value,
    ) -> Result<Value, Fault> {
        if self.auth == AuthMode::Enforce {
            let service = route.service.table.signing_name;
            restrictions::check(&identity.caller, service, operation.name)?;
        }
        Ok(value)
    }

    fn ctx(&self, way: &Way, identity: &Identity, txn: Txn, standing: Standing) -> Ctx {
        let call = Call {
            now: way.now,
            caller: Arc::clone(&identity.caller),
            region: identity.region.clone(),
            request_id: way.request_id.clone(),
            connection: Arc::clone(&way.connection),
            enforce: self.auth == AuthMode::Enforce,
            through: Through::default(),
            standing,
        };
        Ctx::new(call, Arc::clone(&self.house), txn)
    }
}

/// A handler that succeeds without having asked a single decision is a mistake: nothing of what
/// it did counts.
pub(crate) fn tripwire(
    outcome: Result<Value, Error>,
    decisions: u32,
    operation: &str,
) -> Result<Value, Error> {
    match outcome {
        Ok(_) if decisions == 0 => Err(Error::internal(format!(
            "`{operation}` succeeded without asking a decision"
        ))),
        outcome => outcome,
    }
}
