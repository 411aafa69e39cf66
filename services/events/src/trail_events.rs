//! Calls on record as events of the default bus ("AWS service events delivered via AWS CloudTrail",
//! EventBridge user guide): those that a trail logs, where somebody listens.
//!
//! The journal is read from a durable place on, and that place moves in the commit that routes what
//! was read. Where nobody could want anything, nothing is read at all; and where nobody wants calls
//! that read, only the others are, which the journal has marked.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem;
use platform::{Ctx, Error, LoggedCalls, OwnWork, Result, Trails, Upkeep, Whose};
use serde::{Deserialize, Serialize};
use store::journal::{Entry, Marked, Picker, Place, Reader};
use store::{Key, Record};
use wire::Timestamp;

use crate::audience::Audience;
use crate::entry::{Incoming, Made};
use crate::listening::{Listening, Wants};
use crate::names::{BusPlace, DEFAULT};
use crate::routing;
use crate::sources::PRINCIPAL;

/// The most events of the journal in one go, and the most of them that are routed in one commit.
const READ: usize = 20_000;
const ROUTED: usize = 200;
/// How often it is read before others have their turn.
const ROUNDS: usize = 10;
/// An event of this size cannot be put on a bus ("Events from AWS services").
const MOST_BYTES: usize = 256 * 1024;
/// How many events may be passed over before that is noted on disk.
const PASSED_OVER: u64 = 100_000;

/// How far the journal is read.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct JournalPlace {
    /// The number of the event that comes next.
    pub(crate) next: u64,
}

impl Record for JournalPlace {
    const TABLE: &'static str = "events.journal_place";
    const SERVICE: &'static str = "events";
}

impl JournalPlace {
    fn place() -> Key {
        Key::new("", "", ["cloudtrail"])
    }
}

/// The first event of the journal that somebody who listens may have yet to hear of; none where
/// nobody listens to calls, or no trail logs any.
pub async fn first_unrouted(upkeep: &Upkeep, trails: &dyn Trails) -> Result<Option<u64>> {
    let mut txn = upkeep.begin();
    if Listening::all(&mut txn).await?.is_empty() || trails.logging(&mut txn).await?.is_empty() {
        return Ok(None);
    }
    let place = txn.get::<JournalPlace>(&JournalPlace::place()).await?;
    Ok(place.map(|place| place.next))
}

/// What reads the journal.
pub(crate) struct Follower {
    trails: Arc<dyn Trails>,
    /// The event that comes next, once it is known.
    next: Option<u64>,
    /// The same as it is on disk.
    noted: u64,
    /// Whether somebody listened the last time.
    is_followed: bool,
    /// For those who want all events, and where it is not known which are marked.
    reader: Option<Reader>,
    /// For those who want marked ones.
    picker: Option<Picker>,
}

/// Which events are wanted.
#[derive(Default)]
struct Wanted {
    logged: Vec<LoggedCalls>,
    /// Default buses by account and Region, and what is wanted there.
    listening: BTreeMap<(String, String), Wants>,
    /// Whether management events that read are wanted anywhere.
    reads: bool,
    /// The organizations of accounts.
    organizations: BTreeMap<String, String>,
}

/// An event that is wanted.
struct Picked {
    json: String,
    id: String,
    source: String,
    detail_type: &'static str,
    account: String,
    region: String,
    time: Timestamp,
    /// Whether it is for rules alone that ask for calls that read.
    is_special: bool,
}

/// The members of an event that say whose it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    #[serde(borrow)]
    recipient_account_id: Cow<'a, str>,
    #[serde(borrow)]
    aws_region: Cow<'a, str>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow, rename = "eventID")]
    event_id: Cow<'a, str>,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow, default)]
    user_identity: Identity<'a>,
    read_only: bool,
    management_event: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    arn: Cow<'a, str>,
    #[serde(borrow, default)]
    invoked_by: Cow<'a, str>,
}

impl Head<'_> {
    /// Whether a service read something of its own accord, or used data, as it does for a delivery:
    /// it assumes the role of a target, opens the key of a log group, sends to a queue. Put on a bus,
    /// each such call would lead to others, without end.
    fn is_of_a_service(&self) -> bool {
        let changes_things = self.management_event && !self.read_only;
        !changes_things && self.user_identity.is_of_a_service()
    }
}

impl Identity<'_> {
    /// Whether a service acts, in a session of a role perhaps. What others do for a session of
    /// EventBridge's, such as opening the key of a queue, names them and not EventBridge; but its
    /// sessions have the ids of events as names.
    fn is_of_a_service(&self) -> bool {
        let is_of_a_delivery = || {
            let session = self.arn.rsplit('/').next().unwrap_or_default();
            self.kind == "AssumedRole" && !self.invoked_by.is_empty() && is_event_id(session)
        };
        self.kind == "AWSService" || self.invoked_by == PRINCIPAL || is_of_a_delivery()
    }
}

/// Whether a text has the form of an event's id: `17793124-05d4-b198-2fde-7ededc63b103`
fn is_event_id(text: &str) -> bool {
    let is_part = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_part)
}

impl Follower {
    pub(crate) fn new(trails: Arc<dyn Trails>) -> Self {
        Self {
            trails,
            next: None,
            noted: 0,
            is_followed: false,
            reader: None,
            picker: None,
        }
    }

    /// Waits until the journal has an event that was not read.
    pub(crate) async fn wait(&mut self, work: &OwnWork) {
        let next = self.next.unwrap_or(1);
        work.upkeep().journal_reader(next).wait().await;
    }

    /// Routes what is new.
    pub(crate) async fn go(&mut self, work: &OwnWork) -> Result<()> {
        for _ in 0..ROUNDS {
            let head = work.upkeep().journal_head();
            let next = self.next(work, head).await?;
            if next > head {
                return Ok(());
            }
            let wanted = self.wanted(work).await?;
            if wanted.listening.is_empty() {
                (self.is_followed, self.reader, self.picker) = (false, None, None);
                return self.pass(work, head + 1).await;
            }
            if !self.is_followed {
                // What was passed over before somebody listened is not for them, even after a kill.
                self.note(work, next).await?;
                self.is_followed = true;
            }
            let marked = work.upkeep().journal_marked(next, ROUTED);
            let (picked, behind) = match marked {
                Marked::Known { places, behind } if !wanted.reads => {
                    let picked = self.pick(work, wanted, places).await?;
                    (picked, behind)
                }
                _ => self.read(work, wanted, next).await?,
            };
            if !self.route(work, picked, behind).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What is wanted of the events at `places`.
    async fn pick(
        &mut self,
        work: &OwnWork,
        wanted: Wanted,
        places: Vec<Place>,
    ) -> Result<Vec<Picked>> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let picker = self.picker.take();
        let mut picker = picker.unwrap_or_else(|| work.upkeep().journal_picker());
        let picking = move || {
            let picked = pick(&mut picker, &wanted, &places);
            picked.map(|picked| (picker, picked))
        };
        let (picker, picked) = work.upkeep().blocking(picking).await??;
        self.picker = Some(picker);
        Ok(picked)
    }

    /// What is wanted of all events from `next` on, and the event behind them.
    async fn read(
        &mut self,
        work: &OwnWork,
        wanted: Wanted,
        next: u64,
    ) -> Result<(Vec<Picked>, u64)> {
        let reader = self.reader.take();
        let reader = reader.filter(|reader| reader.position() == next);
        let reader = reader.unwrap_or_else(|| work.upkeep().journal_reader(next));
        let reading = work.upkeep().blocking(move || read(reader, &wanted));
        let (reader, picked) = reading.await??;
        let behind = reader.position();
        self.reader = Some(reader);
        Ok((picked, behind))
    }

    /// The event that comes next: that of the last commit, the next one of a journal that nobody has
    /// read yet, or the first one of a journal that began anew.
    async fn next(&mut self, work: &OwnWork, head: u64) -> Result<u64> {
        if let Some(next) = self.next.filter(|next| *next <= head + 1) {
            return Ok(next);
        }
        let mut txn = work.upkeep().begin();
        let known = txn.get::<JournalPlace>(&JournalPlace::place()).await?;
        if let Some(known) = known.filter(|known| known.next <= head + 1) {
            (self.next, self.noted) = (Some(known.next), known.next);
            return Ok(known.next);
        }
        let next = if self.next.is_some() { 1 } else { head + 1 };
        self.next = Some(next);
        self.note(work, next).await?;
        Ok(next)
    }

    async fn wanted(&self, work: &OwnWork) -> Result<Wanted> {
        let mut txn = work.upkeep().begin();
        let mut listening = Listening::all(&mut txn).await?;
        if listening.is_empty() {
            return Ok(Wanted::default());
        }
        let logged = self.trails.logging(&mut txn).await?;
        let organizations = organizations(work, &logged, listening.keys()).await?;
        listening.retain(|(account, region), _| {
            let organization = organizations.get(account).map(String::as_str);
            let place = (account.as_str(), region.as_str());
            let may_have = |logged: &LoggedCalls| logged.may_have(place, organization);
            logged.iter().any(may_have)
        });
        let reads = listening.values().any(|wants| wants.reads.is_some());
        Ok(Wanted {
            logged,
            listening,
            reads,
            organizations,
        })
    }

    /// Passes over all before `next`. After a kill some of it is looked at again.
    async fn pass(&mut self, work: &OwnWork, next: u64) -> Result<()> {
        self.next = Some(next);
        if next - self.noted.min(next) >= PASSED_OVER {
            self.note(work, next).await?;
        }
        Ok(())
    }

    /// Notes on disk which event comes next.
    async fn note(&mut self, work: &OwnWork, next: u64) -> Result<()> {
        let ctx = work.begin(PRINCIPAL, "")?;
        ctx.put(JournalPlace::place(), JournalPlace { next }).await;
        if work.commit(ctx).await? {
            self.noted = next;
        }
        Ok(())
    }

    /// Routes events, and notes that everything before `behind` is done. False where somebody else
    /// committed first: it is done again then.
    async fn route(&mut self, work: &OwnWork, picked: Vec<Picked>, behind: u64) -> Result<bool> {
        if picked.is_empty() {
            self.pass(work, behind).await?;
            return Ok(true);
        }
        let mut by_region: BTreeMap<String, Vec<Picked>> = BTreeMap::new();
        for event in picked {
            let region = event.region.clone();
            by_region.entry(region).or_default().push(event);
        }
        let mut parts = Vec::new();
        for (region, events) in &by_region {
            parts.extend(events.chunks(ROUTED).map(|events| (region, events)));
        }
        let last = parts.len().saturating_sub(1);
        for (index, (region, events)) in parts.into_iter().enumerate() {
            let ctx = work.begin(PRINCIPAL, region)?;
            for event in events {
                route_one(&ctx, event).await?;
            }
            if index == last {
                let place = JournalPlace { next: behind };
                ctx.put(JournalPlace::place(), place).await;
            }
            if !work.commit(ctx).await? {
                return Ok(false);
            }
        }
        (self.next, self.noted) = (Some(behind), behind);
        Ok(true)
    }
}

/// The organizations of accounts, if trails of organizations are among those that log.
async fn organizations(
    work: &OwnWork,
    logged: &[LoggedCalls],
    places: impl Iterator<Item = &(String, String)>,
) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let is_whole = |logged: &LoggedCalls| matches!(logged.whose, Whose::Organization(_));
    if !logged.iter().any(is_whole) {
        return Ok(found);
    }
    let ctx = work.begin(PRINCIPAL, "")?;
    for (account, _) in places {
        if let Some(membership) = ctx.membership(account).await? {
            found.insert(account.clone(), membership.organization_id.to_string());
        }
    }
    Ok(found)
}

async fn route_one(ctx: &Ctx, event: &Picked) -> Result<()> {
    let bus = BusPlace {
        account: event.account.clone(),
        region: event.region.clone(),
        name: DEFAULT.to_owned(),
    };
    let made = Made {
        id: event.id.clone(),
        source: &event.source,
        detail_type: event.detail_type,
        account: &event.account,
        region: &event.region,
        time: event.time,
        resources: &[],
        detail: &event.json,
    };
    let audience = match event.is_special {
        true => Audience::AllManagementEvents,
        false => Audience::Everyone,
    };
    match Incoming::made(made, bus, audience) {
        Ok(event) => routing::route(ctx, &event).await,
        // Nested more deeply than an event may be: no bus takes it.
        Err(_) => Ok(()),
    }
}

/// Reads on, and picks what is wanted.
fn read(mut reader: Reader, wanted: &Wanted) -> Result<(Reader, Vec<Picked>)> {
    // Calls on data that read are for everybody who listens.
    let changes = memmem::Finder::new(b"\"readOnly\":false");
    let data = memmem::Finder::new(b"\"managementEvent\":false");
    let mut picked = Vec::new();
    for _ in 0..READ {
        if picked.len() >= ROUTED {
            break;
        }
        let Some(entry) = reader.next().map_err(Error::internal)? else {
            break;
        };
        let says = |finder: &memmem::Finder<'_>| finder.find(&entry.payload).is_some();
        if wanted.reads || says(&changes) || says(&data) {
            picked.extend(wanted.pick(&entry));
        }
    }
    Ok((reader, picked))
}

/// Picks what is wanted of the events at `places`.
fn pick(picker: &mut Picker, wanted: &Wanted, places: &[Place]) -> Result<Vec<Picked>> {
    let mut picked = Vec::new();
    for place in places {
        let entry = picker.pick(*place, place.seq).map_err(Error::internal)?;
        picked.extend(entry.and_then(|entry| wanted.pick(&entry)));
    }
    Ok(picked)
}

impl Wanted {
    fn pick(&self, entry: &Entry) -> Option<Picked> {
        let payload = entry.payload.as_slice();
        if payload.len() > MOST_BYTES {
            return None;
        }
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        let time = Timestamp { millis };
        let head: Head<'_> = serde_json::from_slice(payload).ok()?;
        let detail_type = match &*head.event_type {
            "AwsApiCall" => "AWS API Call via CloudTrail",
            "AwsServiceEvent" => "AWS Service Event via CloudTrail",
            _ => return None,
        };
        let (account, region) = (&*head.recipient_account_id, &*head.aws_region);
        let place = (account.to_owned(), region.to_owned());
        let wants = self.listening.get(&place)?;
        let is_special = head.management_event && head.read_only;
        let since = if is_special { wants.reads? } else { wants.all };
        // What was recorded before somebody listened is not for them, also where it is read again.
        if entry.seq < since || head.is_of_a_service() {
            return None;
        }
        let organization = self.organizations.get(account).map(String::as_str);
        let mut logged = self.logged.iter();
        logged.find(|logged| {
            logged.may_have((account, region), organization) && (logged.selects)(entry.seq, payload)
        })?;
        let service = head.event_source.strip_suffix(".amazonaws.com")?;
        let (account, region) = place;
        Some(Picked {
            id: head.event_id.to_string(),
            source: format!("aws.{service}"),
            detail_type,
            account,
            region,
            time,
            is_special,
            json: String::from_utf8(platform::told(payload).into_owned()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: (&str, &str) = ("111122223333", "us-east-1");

    /// Whether a call goes to rules that ask for all.
    fn picked(
        identity: &serde_json::Value,
        source: &str,
        (read_only, is_data): (bool, bool),
    ) -> bool {
        let logged = LoggedCalls {
            whose: Whose::Account(PLACE.0.to_owned()),
            region: None,
            selects: Arc::new(|_, _| true),
        };
        let wants = Wants {
            all: 1,
            reads: Some(1),
        };
        let wanted = Wanted {
            logged: vec![logged],
            listening: [((PLACE.0.to_owned(), PLACE.1.to_owned()), wants)].into(),
            reads: true,
            organizations: BTreeMap::new(),
        };
        let event = serde_json::json!({
            "userIdentity": identity,
            "eventSource": source, "awsRegion": PLACE.1, "recipientAccountId": PLACE.0,
            "eventID": "1", "eventType": "AwsApiCall", "readOnly": read_only,
            "managementEvent": !is_data,
        });
        let entry = Entry {
            seq: 1,
            commit_seq: 0,
            now_millis: 0,
            payload: event.to_string().into_bytes(),
        };
        wanted.pick(&entry).is_some()
    }

    fn session(name: &str, invoked_by: Option<&str>) -> serde_json::Value {
        let arn = format!("arn:aws:sts::111122223333:assumed-role/r/{name}");
        match invoked_by {
            Some(by) => serde_json::json!({ "type": "AssumedRole", "arn": arn, "invokedBy": by }),
            None => serde_json::json!({ "type": "AssumedRole", "arn": arn }),
        }
    }

    const READ: (bool, bool) = (true, false);
    const CHANGE: (bool, bool) = (false, false);

    /// A rule that asks for all calls, and whose target has a role or an encrypted log group, would
    /// set itself off.
    #[test]
    fn sec_w2_what_services_read_by_themselves_goes_to_no_rule() {
        let service =
            serde_json::json!({ "type": "AWSService", "invokedBy": "events.amazonaws.com" });
        for source in ["sts.amazonaws.com", "kms.amazonaws.com"] {
            assert!(!picked(&service, source, READ), "{source}");
            assert!(picked(&service, source, CHANGE), "{source}");
            assert!(picked(&session("s", None), source, READ), "{source}");
        }
    }

    /// So would one that asks for calls on data, and whose target is a queue.
    #[test]
    fn sec_w2_what_services_do_with_data_goes_to_no_rule() {
        const ID: &str = "17793124-05d4-b198-2fde-7ededc63b103";
        let service = |by| serde_json::json!({ "type": "AWSService", "invokedBy": by });
        let events = session(ID, Some("events.amazonaws.com"));
        let user = session("s", Some("sns.amazonaws.com"));
        for data in [(false, true), (true, true)] {
            for source in [
                "sqs.amazonaws.com",
                "sns.amazonaws.com",
                "logs.amazonaws.com",
            ] {
                assert!(
                    !picked(&service("events.amazonaws.com"), source, data),
                    "{source}"
                );
                assert!(
                    !picked(&service("sns.amazonaws.com"), source, data),
                    "{source}"
                );
                assert!(!picked(&events, source, data), "{source}");
                assert!(picked(&user, source, data), "{source}");
                assert!(picked(&session("s", None), source, data), "{source}");
                assert!(picked(&session(ID, None), source, data), "{source}");
            }
        }
        // The key of a queue that EventBridge sends to in a session.
        let queue = session(ID, Some("sqs.amazonaws.com"));
        assert!(!picked(&queue, "kms.amazonaws.com", READ));
        assert!(picked(&queue, "kms.amazonaws.com", CHANGE));
        let queue = session("s", Some("sqs.amazonaws.com"));
        assert!(picked(&queue, "kms.amazonaws.com", READ));
    }
}
