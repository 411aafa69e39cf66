//! The request pipeline, and everything a service may see.
//!
//! A service gets a [`Ctx`] and typed requests, and gives back typed responses. It never sees
//! bytes of the wire or the disk, never reads the clock, and reaches a resource's contents only
//! through [`Authorized`]. `pipeline.rs` is the whole way of one request, read top to bottom.
//!
//! This is the only crate that reads the clock, randomness and the environment.

mod acting;
mod activity;
mod answer;
mod authorization_message;
mod authorize;
mod buckets;
mod bus_events;
mod caller;
mod clock;
mod conditions;
mod ctx;
pub mod databases;
mod deliveries;
mod derived;
pub mod environment;
mod event_history;
mod fault;
mod functions;
mod identify;
mod journal_keeping;
mod lines;
mod logged;
mod noted;
mod outbound;
mod own_work;
mod pass_role;
mod pipeline;
mod ports;
mod principals;
mod quotas;
mod randomness;
mod record;
mod regions;
mod reported;
mod resource;
mod restrictions;
mod room;
mod route;
mod second_region;
mod service;
mod service_call;
mod session;
pub mod testing;
mod told;
mod unhurried;
mod upkeep;
mod usage;
mod waiting;
mod way;
mod withheld;
mod witness;
mod workers;

pub use activity::{Activity, LastCall, LastUse};
pub use answer::{Served, USUAL_BODY};
pub use authorize::{Access, Authorized, Grants};
pub use buckets::{BucketObject, Buckets, NoBuckets, PutFailure, PutFuture};
pub use bus_events::{BusEvent, EmittedEvent};
pub use caller::{AWS_ACCOUNT, Caller, CallerKind, is_account};
pub use clock::{Clock, FixedClock, ShiftedClock, Stopwatch, SystemClock};
pub use conditions::{ConditionKeys, NoKeys};
pub use ctx::{Connection, Ctx, TlsSession, Vouched};
pub use deliveries::{
    Deliverer, Delivery, DeliveryCounts, DeliveryFuture, DeliveryRunner, Exhausted, Failure,
    GivenUp, NewDelivery, Outcome, Retries,
};
pub use derived::Derived;
pub use event_history::{
    EventHistory, HISTORY_MILLIS, HistoryEvent, HistoryKey, HistoryPage, HistoryQuery,
    HistorySearch,
};
pub use fault::{Error, Result, access_denied, validation};
pub use functions::{
    FunctionAnswer, FunctionCaller, FunctionFailure, FunctionFuture, Functions, NoFunctions,
};
pub use journal_keeping::JournalKeeping;
pub use logged::{LoggedCalls, Selects, Trails, Whose};
pub use outbound::{
    NoOutbound, Outbound, OutboundFailure, OutboundFuture, OutboundRequest, OutboundResponse,
};
pub use own_work::OwnWork;
pub use pass_role::Passing;
pub use pipeline::{AuthMode, Body, BodyError, Pipeline, PipelineParts};
pub use ports::{
    Account, Accounts, Credential, Credentials, Directory, Founding, FoundingError, Held,
    Identities, KeySetError, KeySetFuture, KeySets, Membership, MfaCode, NamedPolicy, NoKeySets,
    NoOrganizations, OidcProvider, Organizations, Policies, PortFuture, Role, RootFeatures,
    SamlProvider, ServiceAccess,
};
pub use principals::UnknownPrincipal;
pub use quotas::{AppliedQuotas, Draw, Elsewhere, Quota, QuotaKind, QuotaTable, Regional};
pub use randomness::{SeededRandom, SystemRandom};
pub use regions::{Regions, is_region, partition};
pub use reported::{ReportAbout, Reported, ReportedAccount, Unreportable};
pub use resource::{Everything, Resource, ResourcePolicy};
pub use service::{FoundResource, Handle, Service};
pub use service_call::{RoleSession, ServiceCall};
pub use session::{Issued, Session, SessionPolicies};
pub use told::{tell, told};
pub use unhurried::yield_to_others;
pub use upkeep::{OwnEvent, ServiceEvent, Upkeep};
pub use usage::{UsageWriter, Used};
pub use withheld::Withheld;
pub use witness::Witness;
