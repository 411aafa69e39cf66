//! Step 7: the CloudTrail event of a call, built from the same values that the call was decided
//! on, without any member that the tables hide.

mod identity;
mod visible;

use std::borrow::Cow;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use store::Event;
use wire::json::{Members, Writer};
use wire::shape::{Kind, OperationTable, ServiceTable};
use wire::{Common, Fault, Protocol, Timestamp, Value};
use zeroize::Zeroizing;

use crate::caller::{Caller, CallerKind};
use crate::ctx::{Connection, Involved, Traces};
use crate::noted::{Additional, Said};
use crate::service_call::Through;
use crate::told;
use crate::way::derived_id;

use identity::{provided_identity, session_context, unknown_identity};
use visible::write_answer;

pub(crate) use visible::parameters;

/// The parts of an event that are known before the handler runs.
pub(crate) struct Draft<'a> {
    pub(crate) service: &'static ServiceTable,
    pub(crate) operation: &'static OperationTable,
    pub(crate) caller: &'a Caller,
    pub(crate) region: &'a str,
    pub(crate) connection: &'a Connection,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    pub(crate) event_id: &'a str,
    /// `requestParameters` as JSON.
    pub(crate) parameters: &'a [u8],
    /// What is known of a service that calls.
    pub(crate) through: &'a Through,
}

/// An event, made: what the journal gets.
pub(crate) struct Payload {
    pub(crate) json: Zeroizing<Vec<u8>>,
    /// Whether it tells of more than a management event that reads, of which few want to hear.
    is_marked: bool,
}

impl Payload {
    /// An event; `reads` if it says `"readOnly":true` of a management event.
    pub(crate) fn new(json: Zeroizing<Vec<u8>>, reads: bool) -> Self {
        Self {
            json,
            is_marked: !reads,
        }
    }

    /// The event for the journal, of what happened at `now`.
    pub(crate) fn at(mut self, now: Timestamp) -> Event {
        Event {
            now_millis: u64::try_from(now.millis).unwrap_or_default(),
            payload: std::mem::take(&mut *self.json),
            is_marked: self.is_marked,
        }
    }
}

/// How a call ended.
pub(crate) enum Ending<'a> {
    Succeeded(&'a Value),
    Failed(&'a Fault),
}

/// Whose trail gets an event.
enum Recipient<'a> {
    /// The caller's.
    Caller { shared: Option<&'a str> },
    /// That of the owner of a resource, as an event of its own.
    Owner {
        account: &'a str,
        event_id: &'a str,
        shared: &'a str,
    },
}

const EVENT_BUS: &str = "AWS::Events::EventBus";

/// The most bytes of an error's text that go on record.
const MAX_ERROR_MESSAGE: usize = 1024;

/// What events without their parameters seldom are longer than. Blocks of up to 1 KiB are the quickest
/// to get.
const USUAL_LEN: usize = 896;

/// An address as text; of an IPv6 address that stands for an IPv4 one, the latter.
fn address(peer: IpAddr) -> String {
    match peer.to_canonical() {
        // Most callers have one, and the formatting machinery takes its time.
        IpAddr::V4(address) => {
            let mut text = String::with_capacity(15);
            for (place, octet) in address.octets().into_iter().enumerate() {
                if place > 0 {
                    text.push('.');
                }
                push_decimal(&mut text, octet);
            }
            text
        }
        IpAddr::V6(address) => address.to_string(),
    }
}

fn push_decimal(text: &mut String, octet: u8) {
    if octet >= 100 {
        text.push(char::from(b'0' + octet / 100));
    }
    if octet >= 10 {
        text.push(char::from(b'0' + octet / 10 % 10));
    }
    text.push(char::from(b'0' + octet % 10));
}

/// Writes a text member.
fn text(out: &mut Writer, key: &'static str, text: &str) {
    out.name(key);
    out.string(text);
}

impl Draft<'_> {
    /// The events of the call: the caller's own first, then one for each other account whose
    /// resource was touched (CloudTrail user guide, "Example sharedEventID").
    pub(crate) fn events(&self, ending: &Ending<'_>, traces: &Traces) -> Vec<Payload> {
        let mut events = Vec::new();
        self.each_event(ending, traces, |event| events.push(event));
        events
    }

    /// The same, one after the other: most calls have one.
    pub(crate) fn each_event(
        &self,
        ending: &Ending<'_>,
        traces: &Traces,
        mut take: impl FnMut(Payload),
    ) {
        let owners = self.owners(ending, traces);
        if owners.is_empty() {
            return take(self.event(ending, traces, &Recipient::Caller { shared: None }));
        }
        let shared = derived_id(self.event_id, "");
        let own = Recipient::Caller {
            shared: Some(&shared),
        };
        take(self.event(ending, traces, &own));
        for account in owners {
            let event_id = derived_id(self.event_id, account);
            let owner = Recipient::Owner {
                account,
                event_id: &event_id,
                shared: &shared,
            };
            take(self.event(ending, traces, &owner));
        }
    }

    /// The other accounts that learn of the call. Who is refused fills nobody else's trail.
    fn owners<'t>(&self, ending: &Ending<'_>, traces: &'t Traces) -> Vec<&'t str> {
        let is_foreign = self.caller.service_name().is_none() && !self.caller.account.is_empty();
        let is_hidden = |fault: &Fault| fault.is_early() || self.is_refusal(fault);
        if !is_foreign || matches!(ending, Ending::Failed(fault) if is_hidden(fault)) {
            return Vec::new();
        }
        let mut owners: Vec<&str> = Vec::new();
        for Involved { account, .. } in &traces.resources {
            if *account != self.caller.account && !owners.contains(&account.as_str()) {
                owners.push(account);
            }
        }
        owners
    }

    fn is_refusal(&self, fault: &Fault) -> bool {
        self.error_code(fault) == "AccessDenied"
    }

    /// A refusal says what was refused, not with which parameters: events of denied calls have none
    /// ("Example CloudTrail log entries", AWS Directory Service Data). Of a call without a signature
    /// they are all that is known ("AssumeRoleWithWebIdentity", IAM user guide).
    fn hides_parameters(&self, fault: &Fault) -> bool {
        if fault.is_early() {
            return true;
        }
        let is_decision = match fault.as_common() {
            Some(common) => common == Common::AccessDenied,
            // What Amazon SNS calls it; other errors of that name tell of a service's own rules.
            None => fault.shape_name(Protocol::Json11) == "AuthorizationErrorException",
        };
        is_decision && !self.operation.unsigned
    }

    /// The event as JSON (CloudTrail record contents, event version 1.11).
    fn event(&self, ending: &Ending<'_>, traces: &Traces, recipient: &Recipient<'_>) -> Payload {
        let mut out = Writer::with_capacity(USUAL_LEN + self.parameters.len());
        out.begin_object();
        out.run(r#""eventVersion":"1.11""#);
        match &traces.vouched {
            _ if matches!(recipient, Recipient::Owner { .. }) => self.foreign_identity(&mut out),
            Some(vouched) => provided_identity(&mut out, vouched),
            None if self.caller.kind == CallerKind::Anonymous => unknown_identity(&mut out),
            None => self.identity(&mut out),
        }
        self.call(&mut out);
        self.ending(&mut out, ending, traces);
        self.additional(&mut out, ending, &traces.additional);
        out.run(r#""requestID":"#);
        out.string(self.request_id);
        let (account, event_id, shared) = match recipient {
            Recipient::Caller { shared } => (self.recipient(traces), self.event_id, *shared),
            Recipient::Owner {
                account,
                event_id,
                shared,
            } => (*account, *event_id, Some(*shared)),
        };
        out.run(r#""eventID":"#);
        out.string(event_id);
        out.run(match self.operation.read_only {
            true => r#""readOnly":true"#,
            false => r#""readOnly":false"#,
        });
        let is_data = self.service.recording.is_data(self.operation.name);
        let resources = match ending {
            Ending::Failed(fault) if fault.is_early() => &[][..],
            _ => &traces.resources,
        };
        if self.operation.lists_resources {
            touched(&mut out, r#""resources":["#, resources);
        }
        out.run(r#""eventType":"AwsApiCall""#);
        if let Some(version) = self.service.recording.api_version {
            text(&mut out, "apiVersion", version);
        }
        out.run(match is_data {
            true => r#""managementEvent":false,"recipientAccountId":"#,
            false => r#""managementEvent":true,"recipientAccountId":"#,
        });
        out.string(account);
        if let Some(shared) = shared {
            text(&mut out, "sharedEventID", shared);
        }
        out.run(match is_data {
            true => r#""eventCategory":"Data""#,
            false => r#""eventCategory":"Management""#,
        });
        self.tls(&mut out);
        if !self.operation.lists_resources {
            touched(&mut out, told::BEGIN, resources);
        }
        out.end_object();
        Payload::new(out.finish(), self.operation.read_only && !is_data)
    }

    /// When, where and by what the operation was called.
    fn call(&self, out: &mut Writer) {
        let recording = &self.service.recording;
        out.run(r#""eventTime":"#);
        out.string(&Timestamp::from_secs(self.now.secs()).iso8601());
        out.run(r#""eventSource":"#);
        out.joined(&self.service.event_source_pieces());
        out.run(r#""eventName":"#);
        out.string(self.operation.event_name);
        out.run(r#""awsRegion":"#);
        out.string(recording.region.unwrap_or(self.region));
        let (address, agent) = self.client();
        out.run(r#""sourceIPAddress":"#);
        out.string(&address);
        out.run(r#""userAgent":"#);
        out.string(agent);
    }

    /// What the connection of a call from outside agreed on.
    fn tls(&self, out: &mut Writer) {
        let Some(tls) = self.connection.tls else {
            return;
        };
        out.name("tlsDetails");
        out.begin_object();
        text(out, "tlsVersion", tls.version);
        text(out, "cipherSuite", tls.cipher_suite);
        if let Some(host) = &self.connection.host {
            text(out, "clientProvidedHostHeader", host);
        }
        if let Some(agreed) = tls
            .key_exchange
            .filter(|_| self.service.recording.key_exchange)
        {
            text(out, "keyExchange", agreed);
        }
        out.end_object();
    }

    fn additional(&self, out: &mut Writer, ending: &Ending<'_>, objects: &[Additional]) {
        let has_succeeded = matches!(ending, Ending::Succeeded(_));
        let is_served = has_succeeded && self.service.recording.serving_details;
        if objects.is_empty() && !is_served {
            return;
        }
        out.name("additionalEventData");
        out.begin_object();
        if is_served {
            self.serving_details(out);
        }
        for object in objects {
            match &object.said {
                Said::Text(said) => text(out, object.name, said),
                Said::Object(members) => {
                    out.key(object.name);
                    out.begin_object();
                    for (key, value) in members {
                        out.key(key);
                        out.string(value);
                    }
                    out.end_object();
                }
            }
        }
        out.end_object();
    }

    /// Where a call of STS was served ("Logging IAM and AWS STS API calls with AWS CloudTrail", IAM user
    /// guide). The request's longer id names, as far as events on record show, the partition by a number,
    /// the Region, the time in milliseconds and the kind of endpoint, and ends with eight letters and
    /// digits.
    fn serving_details(&self, out: &mut Writer) {
        let is_global = self.connection.host.as_deref() == Some("sts.amazonaws.com");
        let (letter, endpoint) = match is_global {
            true => ("G", "global"),
            false => ("R", "regional"),
        };
        let own: String = self
            .request_id
            .chars()
            .filter(|it| *it != '-')
            .take(8)
            .collect();
        let (region, millis) = (self.region, self.now.millis);
        let id = format!("1:{region}:S:{millis}:{letter}:{own}");
        text(out, "ExtendedRequestId", &STANDARD.encode(id));
        out.name("RequestDetails");
        out.begin_object();
        text(out, "awsServingRegion", self.region);
        text(out, "endpointType", endpoint);
        out.end_object();
    }

    /// What the owner of a resource learns of a caller of another account.
    fn foreign_identity(&self, out: &mut Writer) {
        out.name("userIdentity");
        out.begin_object();
        text(out, "type", "AWSAccount");
        text(out, "principalId", &self.caller.user_id);
        text(out, "accountId", &self.caller.account);
        if let Some(service) = &self.through.service {
            text(out, "invokedBy", service);
        }
        out.end_object();
    }

    /// Where the call came from, and what called: for a service both are its name.
    fn client(&self) -> (Cow<'_, str>, &str) {
        if let Some(service) = &self.through.service {
            return (Cow::Borrowed(service), service);
        }
        let Connection {
            peer, user_agent, ..
        } = self.connection;
        let peer = peer.map_or_else(String::new, address);
        (Cow::Owned(peer), user_agent.as_deref().unwrap_or_default())
    }

    /// The account whose trail gets the event: of a service that acts for itself, that of the
    /// resource.
    fn recipient<'a>(&'a self, traces: &'a Traces) -> &'a str {
        if let Some(vouched) = &traces.vouched {
            return &vouched.account;
        }
        if self.caller.service_name().is_none() {
            return &self.caller.account;
        }
        let touched = traces.resources.first().map(|resource| &resource.account);
        let account = touched.or(self.through.source.account.as_ref());
        account.map_or("", String::as_str)
    }

    fn identity(&self, out: &mut Writer) {
        let caller = self.caller;
        out.run(r#""userIdentity":{"type":"#);
        out.string(caller.identity_type());
        if let Some(service) = caller.service_name() {
            text(out, "invokedBy", service);
            return out.end_object();
        }
        out.run(r#""principalId":"#);
        out.string(&caller.user_id);
        out.run(r#""arn":"#);
        out.string(&caller.arn);
        out.run(r#""accountId":"#);
        out.string(&caller.account);
        out.run(r#""accessKeyId":"#);
        out.string(&caller.access_key_id);
        if let CallerKind::User { name } = &caller.kind {
            text(out, "userName", name);
        }
        if let Some(session) = &caller.session {
            session_context(out, caller, session);
        }
        if let Some(service) = &self.through.service {
            text(out, "invokedBy", service);
        }
        out.end_object();
    }

    fn ending(&self, out: &mut Writer, ending: &Ending<'_>, traces: &Traces) {
        if let Ending::Failed(fault) = ending {
            text(out, "errorCode", self.error_code(fault));
            if let Some(message) = fault.recorded_message() {
                let end = message.floor_char_boundary(MAX_ERROR_MESSAGE);
                let shown = message.get(..end).unwrap_or_default();
                text(out, "errorMessage", shown);
            }
        }
        out.run(r#""requestParameters":"#);
        match ending {
            Ending::Failed(fault) if self.hides_parameters(fault) => out.null(),
            _ => match &traces.said {
                Some((name, said)) => self.parameters_with(out, name, said),
                None => out.raw_bytes(self.parameters),
            },
        }
        out.run(r#""responseElements":"#);
        match ending {
            Ending::Succeeded(output) if self.operation.answer_on_record => {
                write_answer(out, self.operation.output, output, self.changed(traces));
            }
            Ending::Succeeded(_) | Ending::Failed(_) => out.null(),
        }
    }

    /// The parameters, one of which is said in other words.
    fn parameters_with(&self, out: &mut Writer, name: &str, said: &str) {
        let parameters = str::from_utf8(self.parameters).unwrap_or("null");
        out.begin_object();
        for (known, value) in Members::of(parameters) {
            out.key(known);
            match known == name {
                true => out.string(said),
                false => out.raw_bytes(value.as_bytes()),
            }
        }
        out.end_object();
    }

    /// CloudTrail names an error as the service's own code does: IAM's `NoSuchEntityException`,
    /// which callers know as `NoSuchEntity`. It has one name for a refusal.
    fn error_code(&self, fault: &Fault) -> &'static str {
        match fault.shape_name(Protocol::Json11) {
            "AccessDeniedException" | "AuthorizationErrorException" => "AccessDenied",
            code => code,
        }
    }

    /// The member that names what the call changed, where the answer itself does not: it has no
    /// such member, and none that describes a resource.
    fn changed<'t>(&self, traces: &'t Traces) -> Option<(&'static str, &'t str)> {
        let (name, part_of_arn) = self.service.recording.changed?;
        let mut members = self.operation.output.members().iter();
        let is_named = members.any(|member| {
            visible::spelled(member.name) == name || matches!(member.shape.kind, Kind::Structure(_))
        });
        if is_named || self.operation.read_only {
            return None;
        }
        // An alias that moves has touched the key it had before, and a key that becomes the primary
        // one of its family the one that it is elsewhere.
        let region = format!(":{}:", self.region);
        let mut touched = traces.resources.iter().rev();
        let changed = touched
            .find(|touched| touched.arn.contains(part_of_arn) && touched.arn.contains(&region));
        changed.map(|changed| (name, changed.arn.as_str()))
    }
}

/// Writes the list of resources, which `begin` begins.
fn touched(out: &mut Writer, begin: &'static str, resources: &[Involved]) {
    if resources.is_empty() {
        return;
    }
    out.run(begin);
    for resource in resources {
        out.begin_object();
        // Events of PutEvents on record do not say whose the bus is.
        if resource.kind != EVENT_BUS {
            out.run(r#""accountId":"#);
            out.string(&resource.account);
        }
        if !resource.kind.is_empty() {
            out.run(r#""type":"#);
            out.string(resource.kind);
        }
        out.run(r#""ARN":"#);
        out.string(&resource.arn);
        out.end_object();
    }
    out.end_array();
}
