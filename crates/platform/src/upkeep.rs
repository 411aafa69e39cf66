//! What a service does by itself, for no caller: a key rotates because its day has come, a key is
//! deleted because its waiting period is over.
//!
//! Such work has transactions of its own, so it holds whether or not the call that found it
//! overdue succeeds, and it goes on record as an event of the service, in the same commit.

use std::sync::{Arc, OnceLock, Weak};

use crypto::{Keyring, Random};
use store::journal::{Marked, Picker, Reader};
use store::{CommitError, Store, Txn};
use wire::Timestamp;
use wire::json::Writer;
use wire::shape::ServiceTable;

use crate::ctx::House;
use crate::databases::{Databases, NoDatabases};
use crate::fault::{Error, Result};
use crate::functions::{Functions, NoFunctions};
use crate::outbound::{NoOutbound, Outbound};
use crate::record::Payload;
use crate::{unhurried, way};

/// Who acts when AWS itself does (CloudTrail `userIdentity` element, `invokedBy`).
const AWS: &str = "AWS Internal";

/// What the work of services on their own records needs.
#[derive(Clone)]
pub struct Upkeep {
    pub(crate) store: Store,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) random: Arc<dyn Random>,
    /// Whether policies decide.
    pub(crate) enforce: bool,
    /// What calls share, for calls that no request makes. It holds this in turn.
    pub(crate) house: Weak<House>,
    pub(crate) outbound: Arc<OnceLock<Arc<dyn Outbound>>>,
    pub(crate) functions: Arc<OnceLock<Arc<dyn Functions>>>,
    pub(crate) databases: Arc<OnceLock<Arc<dyn Databases>>>,
}

/// An event that no call caused (CloudTrail, "Non-API events": `AwsServiceEvent`).
pub struct ServiceEvent<'a> {
    /// The service that acted.
    pub service: &'static ServiceTable,
    /// What it did: `RotateKey`.
    pub name: &'a str,
    /// Where.
    pub region: &'a str,
    /// Whose resource it is.
    pub account: &'a str,
    /// The resource's type, `AWS::KMS::Key`, and its ARN.
    pub resource: (&'a str, &'a str),
    /// `responseElements`; null where there are none.
    pub response: &'a [(&'a str, &'a str)],
    /// `serviceEventDetails`; absent where there are none.
    pub details: &'a [(&'a str, &'a str)],
    /// For a service that acts under its own name; none where AWS does.
    pub own: Option<OwnEvent<'a>>,
}

/// What an event says where a service acts under its own name: that of its endpoint stands for
/// `AWS Internal`, and no resources are listed. Secrets Manager's rotations are such events.
#[derive(Clone, Copy)]
pub struct OwnEvent<'a> {
    /// `additionalEventData`: what it is about.
    pub about: (&'a str, &'a str),
    /// `requestID`: which of the service's undertakings it is about.
    pub request_id: &'a str,
    /// `errorMessage`, without anything secret; none where nothing failed.
    pub error: Option<&'a str>,
}

impl Upkeep {
    /// Begins a transaction.
    pub fn begin(&self) -> Txn {
        self.store.begin()
    }

    /// The keys that everything at rest is sealed with.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The source of randomness.
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// The way to others, for jobs alone: a handler must not wait for somebody else's server.
    pub fn outbound(&self) -> &dyn Outbound {
        match self.outbound.get() {
            Some(outbound) => &**outbound,
            None => &NoOutbound,
        }
    }

    /// Whoever runs functions.
    pub fn functions(&self) -> &dyn Functions {
        match self.functions.get() {
            Some(functions) => &**functions,
            None => &NoFunctions,
        }
    }

    /// The way to databases, for jobs alone, as [`Upkeep::outbound`].
    pub fn databases(&self) -> &dyn Databases {
        match self.databases.get() {
            Some(databases) => &**databases,
            None => &NoDatabases,
        }
    }

    /// Reads the journal from event `seq` on.
    pub fn journal_reader(&self, seq: u64) -> Reader {
        self.store.journal_reader(seq)
    }

    /// The number of the last event of the journal, 0 if there is none.
    pub fn journal_head(&self) -> u64 {
        self.store.journal_head().seq
    }

    /// Where those events of the journal lie, from event `seq` on, that are not management events
    /// which read; `at_most` so many of them.
    pub fn journal_marked(&self, seq: u64, at_most: usize) -> Marked {
        self.store.journal_marked(seq, at_most)
    }

    /// Reads single events of the journal.
    pub fn journal_picker(&self) -> Picker {
        self.store.journal_picker()
    }

    /// Does work that blocks, off the threads that serve.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Error::internal)
    }

    /// The same, for work by the thousand events that nobody waits for: its thread gives way to all
    /// others. On a machine that serves all it can, it stands nearly still.
    pub async fn unhurried<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        unhurried::run(work).await
    }

    /// Leaves nothing on disk of records that were deleted or replaced before. It rewrites the
    /// whole database, so work that deletes much asks for it once.
    pub async fn erase(&self) -> Result<()> {
        self.store.erase().await.map_err(Error::internal)
    }

    /// The time, for work that takes longer than a moment.
    pub fn time(&self) -> Result<Timestamp> {
        Ok(self.house()?.clock.now())
    }

    /// Commits a part of some work whose last part carries the event. False where somebody else
    /// committed first: nothing was done then.
    pub async fn commit_part(&self, txn: Txn) -> Result<bool> {
        match self.store.commit(txn, None).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Commits `txn` and `event` together, at `now`. False where somebody else committed first:
    /// nothing was done then, and whoever cares looks again.
    pub async fn commit(&self, txn: Txn, event: &ServiceEvent<'_>, now: Timestamp) -> Result<bool> {
        self.commit_all(txn, std::slice::from_ref(event), now).await
    }

    /// The same, for work that goes on record as several events.
    pub async fn commit_all(
        &self,
        txn: Txn,
        events: &[ServiceEvent<'_>],
        now: Timestamp,
    ) -> Result<bool> {
        let mut written = Vec::with_capacity(events.len());
        for event in events {
            let mut id = [0; 16];
            self.random.fill(&mut id)?;
            written.push(event.payload(&way::uuid(id), now).at(now));
        }
        match self.store.commit(txn, written).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    }
}

impl ServiceEvent<'_> {
    /// The event as JSON (CloudTrail record contents, event version 1.11).
    pub(crate) fn payload(&self, event_id: &str, now: Timestamp) -> Payload {
        let source = self.service.event_source();
        let actor = self.own.map_or(AWS, |_| &source);
        let mut out = Writer::with_capacity(1024);
        out.begin_object();
        pair(&mut out, ("eventVersion", "1.11"));
        let identity = [("accountId", self.account), ("invokedBy", actor)];
        object(&mut out, "userIdentity", &identity);
        pair(&mut out, ("eventTime", &now.whole_secs().iso8601()));
        pair(&mut out, ("eventSource", &source));
        pair(&mut out, ("eventName", self.name));
        let region = self.service.recording.region.unwrap_or(self.region);
        pair(&mut out, ("awsRegion", region));
        pair(&mut out, ("sourceIPAddress", actor));
        pair(&mut out, ("userAgent", actor));
        if let Some(error) = self.own.and_then(|own| own.error) {
            pair(&mut out, ("errorMessage", error));
        }
        out.key("requestParameters");
        out.null();
        if self.response.is_empty() {
            out.key("responseElements");
            out.null();
        } else {
            object(&mut out, "responseElements", self.response);
        }
        self.told_by_itself(&mut out);
        pair(&mut out, ("eventID", event_id));
        out.key("readOnly");
        out.boolean(false);
        if self.own.is_none() {
            self.touched(&mut out);
        }
        pair(&mut out, ("eventType", "AwsServiceEvent"));
        out.key("managementEvent");
        out.boolean(true);
        pair(&mut out, ("recipientAccountId", self.account));
        if !self.details.is_empty() {
            object(&mut out, "serviceEventDetails", self.details);
        }
        pair(&mut out, ("eventCategory", "Management"));
        out.end_object();
        Payload::new(out.finish(), false)
    }

    fn told_by_itself(&self, out: &mut Writer) {
        if let Some(own) = self.own {
            object(out, "additionalEventData", &[own.about]);
            pair(out, ("requestID", own.request_id));
        }
    }

    fn touched(&self, out: &mut Writer) {
        let (kind, arn) = self.resource;
        out.key("resources");
        out.begin_array();
        out.begin_object();
        for member in [("accountId", self.account), ("type", kind), ("ARN", arn)] {
            pair(out, member);
        }
        out.end_object();
        out.end_array();
    }
}

fn object(out: &mut Writer, key: &str, members: &[(&str, &str)]) {
    out.key(key);
    out.begin_object();
    members.iter().for_each(|member| pair(out, *member));
    out.end_object();
}

fn pair(out: &mut Writer, (key, value): (&str, &str)) {
    out.key(key);
    out.string(value);
}
