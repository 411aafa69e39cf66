//! Step 7: the CloudTrail event of a call, built from the same values that the call was decided
//! on, without any member that the tables hide.

mod identity;

use std::borrow::Cow;
use std::net::IpAddr;

use wire::json::Writer;
use wire::shape::{Kind, OperationTable, ServiceTable, Shape};
use wire::{Fault, Protocol, Timestamp, Value};
use zeroize::Zeroizing;

use crate::caller::{Caller, CallerKind};
use crate::ctx::{Additional, Connection, Involved, Said, Traces};
use crate::service_call::Through;
use crate::way::derived_id;

use identity::{provided_identity, session_context, unknown_identity};

/// The parts of an event that are known before the handler runs.
pub(crate) struct Draft<'a> {
    pub(crate) service: &'static ServiceTable,
    pub(crate) operation: &'static OperationTable,
    pub(crate) protocol: Protocol,
    pub(crate) caller: &'a Caller,
    pub(crate) region: &'a str,
    pub(crate) connection: &'a Connection,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    pub(crate) event_id: &'a str,
    /// `requestParameters` as JSON.
    pub(crate) parameters: &'a str,
    /// What is known of a service that calls.
    pub(crate) through: &'a Through,
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

/// The most bytes of parameters that go on record (CloudTrail record contents).
const MAX_PARAMETERS: usize = 100 * 1024;
/// The most bytes of an error's text that go on record.
const MAX_ERROR_MESSAGE: usize = 1024;

/// The visible members of `value` as JSON text, or `null` where there are none. Text grows when
/// it is escaped: without a bound, a request could be too large for the journal.
pub(crate) fn visible(shape: &Shape, value: &Value) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    write_visible(&mut writer, shape, value);
    let written = writer.finish();
    if written.len() > MAX_PARAMETERS {
        return Zeroizing::new(br#"{"omitted":true}"#.to_vec());
    }
    written
}

/// CloudTrail spells members in lower camel case and leaves out an empty structure.
fn write_visible(out: &mut Writer, shape: &Shape, value: &Value) {
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Structure(values)) => {
            let members = structure.members.iter().zip(values);
            let mut shown = members
                .filter(|(member, _)| !member.hidden && !member.shape.sensitive)
                .filter_map(|(member, value)| Some((member, value.as_ref()?)))
                .peekable();
            if shown.peek().is_none() {
                return out.null();
            }
            out.begin_object();
            for (member, value) in shown {
                key(out, member.name);
                write_visible(out, member.shape, value);
            }
            out.end_object();
        }
        (Kind::List(list), Value::List(items)) => {
            out.begin_array();
            items
                .iter()
                .for_each(|item| write_visible(out, list.member, item));
            out.end_array();
        }
        (Kind::Map(map), Value::Map(entries)) => {
            out.begin_object();
            for (key, value) in entries {
                out.key(key);
                write_visible(out, map.value, value);
            }
            out.end_object();
        }
        (_, Value::Timestamp(time)) => out.string(&time.iso8601()),
        (_, Value::Blob(_)) => out.null(),
        _ if shape.sensitive => out.null(),
        _ => wire::json::write(out, shape, value),
    }
}

/// `KeyId` -> `keyId`
fn key(out: &mut Writer, name: &str) {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) if first.is_ascii_uppercase() => {
            let mut text = String::with_capacity(name.len());
            text.push(first.to_ascii_lowercase());
            text.push_str(letters.as_str());
            out.key(&text);
        }
        _ => out.key(name),
    }
}

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
fn text(out: &mut Writer, key: &str, text: &str) {
    out.key(key);
    out.string(text);
}

impl Draft<'_> {
    /// The events of the call: the caller's own first, then one for each other account whose
    /// resource was touched (CloudTrail user guide, "Example sharedEventID").
    pub(crate) fn events(&self, ending: &Ending<'_>, traces: &Traces) -> Vec<Zeroizing<Vec<u8>>> {
        let owners = self.owners(ending, traces);
        if owners.is_empty() {
            return vec![self.event(ending, traces, &Recipient::Caller { shared: None })];
        }
        let shared = derived_id(self.event_id, "");
        let mut events = Vec::with_capacity(1 + owners.len());
        let own = Recipient::Caller {
            shared: Some(&shared),
        };
        events.push(self.event(ending, traces, &own));
        for account in owners {
            let event_id = derived_id(self.event_id, account);
            let owner = Recipient::Owner {
                account,
                event_id: &event_id,
                shared: &shared,
            };
            events.push(self.event(ending, traces, &owner));
        }
        events
    }

    /// The other accounts that learn of the call. Who is refused fills nobody else's trail.
    fn owners<'t>(&self, ending: &Ending<'_>, traces: &'t Traces) -> Vec<&'t str> {
        let is_foreign = self.caller.service_name().is_none() && !self.caller.account.is_empty();
        if !is_foreign || matches!(ending, Ending::Failed(fault) if self.is_refusal(fault)) {
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
        fault.code(self.protocol).starts_with("AccessDenied")
    }

    /// The event as JSON (CloudTrail record contents, event version 1.11).
    fn event(
        &self,
        ending: &Ending<'_>,
        traces: &Traces,
        recipient: &Recipient<'_>,
    ) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::with_capacity(1536 + self.parameters.len());
        out.begin_object();
        text(&mut out, "eventVersion", "1.11");
        match &traces.vouched {
            _ if matches!(recipient, Recipient::Owner { .. }) => self.foreign_identity(&mut out),
            Some(vouched) => provided_identity(&mut out, vouched),
            None if self.caller.kind == CallerKind::Anonymous => unknown_identity(&mut out),
            None => self.identity(&mut out),
        }
        text(
            &mut out,
            "eventTime",
            &Timestamp::from_secs(self.now.secs()).iso8601(),
        );
        text(&mut out, "eventSource", &self.service.event_source());
        text(&mut out, "eventName", self.operation.name);
        text(&mut out, "awsRegion", self.region);
        let (address, agent) = self.client();
        text(&mut out, "sourceIPAddress", &address);
        text(&mut out, "userAgent", agent);
        self.ending(&mut out, ending);
        additional(&mut out, &traces.additional);
        text(&mut out, "requestID", self.request_id);
        let (account, event_id, shared) = match recipient {
            Recipient::Caller { shared } => (self.recipient(traces), self.event_id, *shared),
            Recipient::Owner {
                account,
                event_id,
                shared,
            } => (*account, *event_id, Some(*shared)),
        };
        text(&mut out, "eventID", event_id);
        out.key("readOnly");
        out.boolean(self.operation.read_only);
        touched(&mut out, &traces.resources);
        text(&mut out, "eventType", "AwsApiCall");
        out.key("managementEvent");
        out.boolean(true);
        text(&mut out, "recipientAccountId", account);
        if let Some(shared) = shared {
            text(&mut out, "sharedEventID", shared);
        }
        text(&mut out, "eventCategory", "Management");
        self.tls(&mut out);
        out.end_object();
        out.finish()
    }

    /// What the connection of a call from outside agreed on.
    fn tls(&self, out: &mut Writer) {
        let Some(tls) = self.connection.tls else {
            return;
        };
        out.key("tlsDetails");
        out.begin_object();
        text(out, "tlsVersion", tls.version);
        text(out, "cipherSuite", tls.cipher_suite);
        if let Some(host) = &self.connection.host {
            text(out, "clientProvidedHostHeader", host);
        }
        out.end_object();
    }

    /// What the owner of a resource learns of a caller of another account.
    fn foreign_identity(&self, out: &mut Writer) {
        out.key("userIdentity");
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
        out.key("userIdentity");
        out.begin_object();
        text(out, "type", caller.identity_type());
        if let Some(service) = caller.service_name() {
            text(out, "invokedBy", service);
            return out.end_object();
        }
        text(out, "principalId", &caller.user_id);
        text(out, "arn", &caller.arn);
        text(out, "accountId", &caller.account);
        text(out, "accessKeyId", &caller.access_key_id);
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

    fn ending(&self, out: &mut Writer, ending: &Ending<'_>) {
        if let Ending::Failed(fault) = ending {
            let code = match fault.code(self.protocol) {
                // CloudTrail has one name for a refusal, whatever the protocol calls it.
                "AccessDeniedException" => "AccessDenied",
                code => code,
            };
            text(out, "errorCode", code);
            if let Some(message) = fault.recorded_message() {
                let end = message.floor_char_boundary(MAX_ERROR_MESSAGE);
                let shown = message.get(..end).unwrap_or_default();
                text(out, "errorMessage", shown);
            }
        }
        out.key("requestParameters");
        out.raw(self.parameters);
        out.key("responseElements");
        match ending {
            Ending::Succeeded(output) if self.operation.answer_on_record => {
                write_visible(out, self.operation.output, output);
            }
            Ending::Succeeded(_) | Ending::Failed(_) => out.null(),
        }
    }
}

fn additional(out: &mut Writer, objects: &[Additional]) {
    if objects.is_empty() {
        return;
    }
    out.key("additionalEventData");
    out.begin_object();
    for object in objects {
        match &object.said {
            Said::Text(said) => text(out, object.name, said),
            Said::Object(members) => {
                out.key(object.name);
                out.begin_object();
                for (key, value) in members {
                    text(out, key, value);
                }
                out.end_object();
            }
        }
    }
    out.end_object();
}

fn touched(out: &mut Writer, resources: &[Involved]) {
    if resources.is_empty() {
        return;
    }
    out.key("resources");
    out.begin_array();
    for resource in resources {
        out.begin_object();
        text(out, "accountId", &resource.account);
        text(out, "type", resource.kind);
        text(out, "ARN", &resource.arn);
        out.end_object();
    }
    out.end_array();
}
