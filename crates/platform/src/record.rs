//! Step 7: the CloudTrail event of a call, built from the same values that the call was decided
//! on, without any member that the tables hide.

use std::borrow::Cow;
use std::net::IpAddr;

use wire::json::Writer;
use wire::shape::{Kind, OperationTable, ServiceTable, Shape};
use wire::{Fault, Protocol, Timestamp, Value};
use zeroize::Zeroizing;

use crate::caller::{Caller, CallerKind};
use crate::ctx::{Additional, Connection, Involved, Traces, Vouched};
use crate::service_call::Through;
use crate::session::Session;

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
    /// The event as JSON (CloudTrail record contents, event version 1.11).
    pub(crate) fn event(&self, ending: &Ending<'_>, traces: &Traces) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::with_capacity(1536 + self.parameters.len());
        out.begin_object();
        text(&mut out, "eventVersion", "1.11");
        match &traces.vouched {
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
        text(&mut out, "eventID", self.event_id);
        out.key("readOnly");
        out.boolean(self.operation.read_only);
        touched(&mut out, &traces.resources);
        text(&mut out, "eventType", "AwsApiCall");
        out.key("managementEvent");
        out.boolean(true);
        text(&mut out, "recipientAccountId", self.recipient(traces));
        text(&mut out, "eventCategory", "Management");
        out.end_object();
        out.finish()
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
            if let Some(message) = fault.message() {
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

/// The identity of a call without signature that an identity provider vouches for.
fn provided_identity(out: &mut Writer, vouched: &Vouched) {
    out.key("userIdentity");
    out.begin_object();
    text(out, "type", vouched.kind);
    text(out, "principalId", &vouched.principal_id);
    text(out, "userName", &vouched.user_name);
    text(out, "identityProvider", &vouched.provider);
    out.end_object();
}

/// The identity of a call that nobody vouches for.
fn unknown_identity(out: &mut Writer) {
    out.key("userIdentity");
    out.begin_object();
    text(out, "type", "Unknown");
    text(out, "principalId", "");
    out.end_object();
}

/// `sessionContext` (CloudTrail `userIdentity` element).
fn session_context(out: &mut Writer, caller: &Caller, session: &Session) {
    out.key("sessionContext");
    out.begin_object();
    if let CallerKind::Role { name, role_arn, .. } = &caller.kind {
        issuer(
            out,
            ("Role", name),
            (role_arn, caller.unique_id(), &caller.account),
        );
    }
    if let CallerKind::FederatedUser {
        founder_arn,
        founder_id,
        ..
    } = &caller.kind
    {
        let (kind, name) = match founder_arn.rsplit_once('/') {
            Some((_, name)) => ("IAMUser", name),
            None => ("Root", ""),
        };
        issuer(
            out,
            (kind, name),
            (founder_arn, founder_id, &caller.account),
        );
    }
    out.key("attributes");
    out.begin_object();
    let issued = Timestamp {
        millis: session.issued_millis,
    };
    text(out, "creationDate", &issued.whole_secs().iso8601());
    let has_mfa = session.mfa_millis.is_some();
    text(
        out,
        "mfaAuthenticated",
        if has_mfa { "true" } else { "false" },
    );
    out.end_object();
    if let Some(source_identity) = &session.source_identity {
        text(out, "sourceIdentity", source_identity);
    }
    out.end_object();
}

fn issuer(out: &mut Writer, (kind, name): (&str, &str), (arn, id, account): (&str, &str, &str)) {
    out.key("sessionIssuer");
    out.begin_object();
    text(out, "type", kind);
    text(out, "principalId", id);
    text(out, "arn", arn);
    text(out, "accountId", account);
    if !name.is_empty() {
        text(out, "userName", name);
    }
    out.end_object();
}

fn additional(out: &mut Writer, objects: &[Additional]) {
    if objects.is_empty() {
        return;
    }
    out.key("additionalEventData");
    out.begin_object();
    for object in objects {
        out.key(object.name);
        out.begin_object();
        for (key, value) in &object.members {
            text(out, key, value);
        }
        out.end_object();
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
