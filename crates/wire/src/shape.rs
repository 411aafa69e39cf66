//! The tables that describe an AWS service: what `xtask codegen` writes into `api` and what
//! codecs, validation and the pipeline read. Everything is `'static` and plain data.

use std::sync::OnceLock;

use regex::Regex;

/// One AWS service, as its API model describes it.
pub struct ServiceTable {
    /// The name in `aws <name>`, for example `secretsmanager`.
    pub name: &'static str,
    /// The model's `serviceId`, for example `Secrets Manager`.
    pub service_id: &'static str,
    /// The service in the SigV4 credential scope.
    pub signing_name: &'static str,
    /// The API version, `2014-11-01`.
    pub api_version: &'static str,
    /// The prefix of `X-Amz-Target` for JSON services, for example `TrentService`.
    pub target_prefix: Option<&'static str>,
    /// The namespace of XML answers.
    pub xml_namespace: Option<&'static str>,
    /// The protocols answered, the model's own first. A JSON service lists `RpcV2Cbor` too.
    pub protocols: &'static [Protocol],
    /// The operations built here, sorted by name.
    pub operations: &'static [&'static OperationTable],
    /// The names of the model's other operations, sorted.
    pub unbuilt: &'static [&'static str],
    /// What this service's CloudTrail events have that others do not.
    pub recording: Recording,
}

/// What the CloudTrail events of a service have that those of others do not.
#[derive(Clone, Copy)]
pub struct Recording {
    /// `apiVersion`, as the service writes it there.
    pub api_version: Option<&'static str>,
    /// The member of `responseElements` that names the resource that was changed, even where the
    /// answer does not, with a part of that resource's ARN: `keyId`, `:key/`.
    pub changed: Option<(&'static str, &'static str)>,
    /// The operations whose events are data events: on what is in a resource, not on the resource.
    pub data: &'static [&'static str],
    /// `awsRegion` of a service that is in no Region; that of others is where they were called.
    pub region: Option<&'static str>,
    /// Whether events say which key exchange their connection began with.
    pub key_exchange: bool,
    /// Whether events of calls that succeed say at which endpoint they were served.
    pub serving_details: bool,
}

impl Recording {
    /// Nothing of its own.
    pub const PLAIN: Self = Self {
        api_version: None,
        changed: None,
        data: &[],
        region: None,
        key_exchange: false,
        serving_details: false,
    };

    /// Whether calls of the operation called `name` are data events (CloudTrail user guide, "Logging
    /// data events"): trails deliver them if they are asked to, and the event history has none.
    pub fn is_data(&self, name: &str) -> bool {
        self.data.contains(&name)
    }
}

impl ServiceTable {
    /// The table of the operation called `name`, if it is built.
    pub fn operation(&self, name: &str) -> Option<&'static OperationTable> {
        let found = self
            .operations
            .binary_search_by(|operation| operation.name.cmp(name))
            .ok()?;
        self.operations.get(found).copied()
    }

    /// Whether AWS has an operation of this name, built here or not.
    pub fn has_operation(&self, name: &str) -> bool {
        self.operation(name).is_some() || self.unbuilt.binary_search(&name).is_ok()
    }

    /// The source of this service's CloudTrail events, for example `kms.amazonaws.com`.
    pub fn event_source(&self) -> String {
        self.event_source_pieces().concat()
    }

    /// The same in pieces, for whoever writes it.
    pub fn event_source_pieces(&self) -> [&'static str; 2] {
        [self.signing_name, ".amazonaws.com"]
    }
}

/// A protocol of the AWS wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `application/x-amz-json-1.0`
    Json10,
    /// `application/x-amz-json-1.1`
    Json11,
    /// Smithy RPC v2 CBOR: `POST /service/<Name>/operation/<Operation>`
    RpcV2Cbor,
    /// Form-encoded requests, XML answers.
    Query,
    /// AWS `restJson1`: methods, paths and headers say most, JSON documents the rest.
    RestJson,
}

impl Protocol {
    /// Whether errors and texts of this protocol follow the conventions of the query services
    /// (`AccessDenied`) rather than those of the JSON services (`AccessDeniedException`).
    pub fn is_query(self) -> bool {
        matches!(self, Self::Query)
    }

    /// Whether methods and paths tell its operations apart.
    pub fn is_rest(self) -> bool {
        matches!(self, Self::RestJson)
    }
}

/// One operation.
pub struct OperationTable {
    /// The name, for example `Decrypt`.
    pub name: &'static str,
    /// The name in CloudTrail, which for some services holds a version of the API:
    /// `CreateFunction20150331`.
    pub event_name: &'static str,
    /// How the REST protocols call it.
    pub http: Option<Http>,
    /// The input structure; an operation without input has one without members.
    pub input: &'static Shape,
    /// The output structure; an operation without output has one without members.
    pub output: &'static Shape,
    /// The element around the result of a query answer, for example `GetUserResult`.
    pub result_wrapper: Option<&'static str>,
    /// The modeled errors.
    pub errors: &'static [&'static ErrorShape],
    /// Whether CloudTrail calls it read-only.
    pub read_only: bool,
    /// Whether its answer goes on record: that of nearly all that changes something, and of what issues
    /// credentials.
    pub answer_on_record: bool,
    /// Whether its events list the resources of the call.
    pub lists_resources: bool,
    /// Whether it may come without a signature: what it needs to know of the caller is in its
    /// parameters.
    pub unsigned: bool,
}

/// How an operation is called in the REST protocols (Smithy, "HTTP binding traits").
#[derive(Clone, Copy)]
pub struct Http {
    /// `GET`, `POST` and so on.
    pub method: &'static str,
    /// The path, and the parameters that tell operations on one path apart:
    /// `/2018-10-31/layers/{LayerName}/versions`, `/2018-10-31/layers?find=LayerVersion`. A label
    /// stands for one segment, one with a plus (`{Key+}`) for one or more.
    pub uri: &'static str,
    /// The status of an answer.
    pub status: u16,
    /// The media type of an answer whose body is a blob or a text.
    pub media_type: &'static str,
}

/// One modeled error.
pub struct ErrorShape {
    /// The shape's name, for example `NoSuchEntityException`.
    pub name: &'static str,
    /// The code on the wire, for example `NoSuchEntity`.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Whether the sender is at fault (`Sender`) or the service (`Receiver`).
    pub sender_fault: bool,
    /// The structure with its members.
    pub shape: &'static Shape,
}

/// One shape of the model.
pub struct Shape {
    /// The model's name for it; validation texts do not show it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether its value must never be shown: validation hides it, the journal drops it.
    pub sensitive: bool,
}

impl Shape {
    /// The members, if this is a structure.
    pub fn members(&self) -> &'static [Member] {
        match &self.kind {
            Kind::Structure(structure) => structure.members,
            _ => &[],
        }
    }

    /// Whether this stands for no structure at all, as in an operation without output. The
    /// answer to such an operation has no body, where an empty structure is written as `{}`.
    pub fn is_unit(&self) -> bool {
        matches!(self.name, "" | "Unit") && self.members().is_empty()
    }
}

/// What a shape is, with its constraints.
pub enum Kind {
    /// `true` or `false`
    Boolean,
    /// A 32-bit integer.
    Integer(Range),
    /// A 64-bit integer.
    Long(Range),
    /// A 32-bit floating point number.
    Float(Range),
    /// A 64-bit floating point number.
    Double(Range),
    /// Text; lengths are in characters.
    String(Text),
    /// Bytes; lengths are in bytes.
    Blob(Range),
    /// A point in time.
    Timestamp(TimestampFormat),
    /// A list.
    List(List),
    /// A map with text keys.
    Map(Map),
    /// A structure, or a union, which has exactly one member set.
    Structure(Structure),
    /// A free-form document.
    Document,
}

/// Inclusive bounds of a number, or of a length.
#[derive(Clone, Copy)]
pub struct Range {
    /// The least value allowed.
    pub min: Option<i64>,
    /// The greatest value allowed.
    pub max: Option<i64>,
}

impl Range {
    /// No bound at all.
    pub const ANY: Self = Self {
        min: None,
        max: None,
    };
}

/// The constraints of a text.
pub struct Text {
    /// Bounds of the length in characters.
    pub length: Range,
    /// The pattern, which must match the whole text.
    pub pattern: Option<&'static Pattern>,
    /// The values of an enum, in the order in which AWS prints them; empty where any text goes.
    pub values: &'static [&'static str],
}

/// A regular expression of the model, compiled when first needed.
pub struct Pattern {
    /// As AWS writes it, for error texts.
    pub source: &'static str,
    /// In the syntax of the `regex` crate; empty where that crate cannot express it.
    pub translated: &'static str,
    /// What the service says of a text that does not match, where it has words of its own.
    pub sentence: Option<&'static str>,
    /// The compiled form.
    pub compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that compiles on first use.
    pub const fn new(source: &'static str, translated: &'static str) -> Self {
        Self {
            source,
            translated,
            sentence: None,
            compiled: OnceLock::new(),
        }
    }

    /// A pattern with the service's own words for a text that does not match.
    pub const fn saying(
        source: &'static str,
        translated: &'static str,
        sentence: &'static str,
    ) -> Self {
        Self {
            source,
            translated,
            sentence: Some(sentence),
            compiled: OnceLock::new(),
        }
    }

    /// Whether the whole of `text` matches. A pattern that the regex crate cannot express
    /// matches everything: the operation itself then has to be strict.
    pub fn matches(&self, text: &str) -> bool {
        let compile = || match self.translated {
            "" => None,
            translated => Regex::new(&format!(r"\A(?:{translated})\z")).ok(),
        };
        self.compiled
            .get_or_init(compile)
            .as_ref()
            .is_none_or(|regex| regex.is_match(text))
    }
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// Whatever the protocol does by default: a JSON number, CBOR tag 1, ISO 8601 for query.
    Default,
    /// `2015-08-30T12:36:00Z`
    Iso8601,
    /// `Sun, 30 Aug 2015 12:36:00 GMT`
    Rfc822,
    /// `1440938160`
    UnixTimestamp,
}

impl TimestampFormat {
    /// This format, or where it leaves the choice open, `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Default => other,
            chosen => chosen,
        }
    }
}

/// A list shape.
pub struct List {
    /// The shape of each member.
    pub member: &'static Shape,
    /// The name of a member in query and XML, `member` unless the model says otherwise.
    pub member_name: &'static str,
    /// Whether the list has no element of its own.
    pub flattened: bool,
    /// Bounds of the number of members.
    pub length: Range,
}

/// A map shape.
pub struct Map {
    /// The shape of the keys, a text.
    pub key: &'static Shape,
    /// The shape of the values.
    pub value: &'static Shape,
    /// The name of a key in query and XML, `key` unless the model says otherwise.
    pub key_name: &'static str,
    /// The name of a value in query and XML, `value` unless the model says otherwise.
    pub value_name: &'static str,
    /// Whether the map has no element of its own.
    pub flattened: bool,
    /// Bounds of the number of entries.
    pub length: Range,
}

/// A structure shape.
pub struct Structure {
    /// The members, in the order of the model. `Value::Structure` has the same order.
    pub members: &'static [Member],
    /// Whether exactly one member must be set.
    pub union: bool,
}

/// What AWS puts on record of a parameter that the caller left out: the value it then has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unset {
    /// A text.
    Text(&'static str),
    /// A truth value.
    Boolean(bool),
    /// A structure of which nothing is shown.
    Structure,
}

/// Where the REST protocols put a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// Within the document that the body is.
    Document,
    /// In a label of the path.
    Label,
    /// In parameters of the query; a map takes all of them.
    Query,
    /// In a header. The wire name is in lower case.
    Header,
    /// In the headers whose names begin with the wire name, which is in lower case.
    Headers,
    /// In the status of an answer.
    Status,
    /// The body is the member.
    Payload,
}

/// One member of a structure.
pub struct Member {
    /// The member's name.
    pub name: &'static str,
    /// Its name on the wire: the model's `locationName`, or its name.
    pub wire_name: &'static str,
    /// Its shape.
    pub shape: &'static Shape,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is never shown in the journal (sensitive, or dropped by an override).
    pub hidden: bool,
    /// What the journal shows in place of a hidden member that is set, as JSON; nothing, if there is no
    /// mask.
    pub mask: Option<&'static str>,
    /// What the journal shows where the member is not set.
    pub unset: Option<Unset>,
    /// How a timestamp is written here, where the member overrides its shape.
    pub timestamp: TimestampFormat,
    /// Whether a list or map is flattened here, where the member overrides its shape.
    pub flattened: bool,
    /// Whether XML writes it as an attribute.
    pub xml_attribute: bool,
    /// Where the REST protocols put it, if it is a member of a request, an answer or an error.
    pub location: Location,
}

impl Member {
    /// A member with nothing special about it; codegen sets what differs.
    pub const fn new(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            wire_name: name,
            shape,
            required: false,
            hidden: false,
            mask: None,
            unset: None,
            timestamp: TimestampFormat::Default,
            flattened: false,
            xml_attribute: false,
            location: Location::Document,
        }
    }

    /// Whether this member of an error is its text: models name it `message` or `Message`.
    pub fn is_message(&self) -> bool {
        self.name.eq_ignore_ascii_case("message")
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_that_cannot_be_expressed_matches_everything() {
        for text in ["", "a", "a-b"] {
            assert!(Pattern::new("a(?!b)", "").matches(text), "{text}");
        }
        let plain = Pattern::new("a+", "a+");
        assert!(plain.matches("aa") && !plain.matches("") && !plain.matches("ab"));
    }
}
