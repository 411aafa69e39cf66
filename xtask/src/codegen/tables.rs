//! Writes the `static` tables of one service.

use std::fmt::Write as _;

use super::model::{Input, OnRecord, Operation, Overrides, Reference, Shape};
use super::names;

/// The tables of `input`: the service, its operations, errors, shapes and patterns.
pub(crate) fn write(input: &Input<'_>) -> String {
    let mut out = String::new();
    service(input, &mut out);
    for (name, table) in input.built() {
        operation(input, name, table, &mut out);
    }
    for (name, _) in input.called() {
        let _ = write!(
            out,
            "\nimpl wire::Callable for {name} {{\nconst SERVICE: &'static ServiceTable = &SERVICE;\n}}\n",
        );
    }
    let roots = [input.inputs(), input.outputs(), input.errors()].concat();
    let shapes = input.reachable(roots);
    errors(input, &mut out);
    out.push_str("\nmod shapes {\n    use wire::shape::*;\n");
    for name in &shapes {
        if let Some(table) = input.model.shapes.get(*name) {
            shape(input, name, table, &mut out);
        }
    }
    out.push_str("}\n");
    out
}

fn service(input: &Input<'_>, out: &mut String) {
    let metadata = &input.model.metadata;
    let mut protocols = Vec::new();
    for protocol in &metadata.protocols {
        match (protocol.as_str(), metadata.json_version.as_deref()) {
            ("json", Some("1.0")) => protocols.push("Protocol::Json10"),
            ("json", _) => protocols.push("Protocol::Json11"),
            ("query", _) => protocols.push("Protocol::Query"),
            ("smithy-rpc-v2-cbor", _) => protocols.push("Protocol::RpcV2Cbor"),
            ("rest-json", _) => protocols.push("Protocol::RestJson"),
            _ => {}
        }
    }
    let is_json = protocols
        .iter()
        .any(|protocol| protocol.starts_with("Protocol::Json"));
    if is_json && !protocols.contains(&"Protocol::RpcV2Cbor") {
        protocols.push("Protocol::RpcV2Cbor");
    }
    let built: Vec<&str> = input.built().map(|(name, _)| name).collect();
    let unbuilt = input
        .model
        .operations
        .keys()
        .filter(|name| !built.contains(&name.as_str()));
    let unbuilt: Vec<_> = unbuilt.map(|name| format!("{name:?}")).collect();
    let tables: Vec<_> = built.iter().map(|name| format!("{name}::TABLE")).collect();
    let signing_name = metadata
        .signing_name
        .as_ref()
        .unwrap_or(&metadata.endpoint_prefix);
    let _ = write!(
        out,
        "/// The service.\npub static SERVICE: ServiceTable = ServiceTable {{ name: {:?}, service_id: {:?}, \
         signing_name: {:?}, api_version: {:?}, target_prefix: {:?}, xml_namespace: {:?}, \
         protocols: &[{}], operations: &[{}], unbuilt: &[{}], recording: {} }};\n",
        input.service.name,
        metadata.service_id,
        signing_name,
        metadata.api_version,
        metadata.target_prefix,
        metadata.xml_namespace,
        protocols.join(", "),
        tables.join(", "),
        unbuilt.join(", "),
        recording(&input.overrides),
    );
}

fn recording(overrides: &Overrides) -> String {
    let mut own = String::new();
    if overrides.event_api_version.is_some() {
        let _ = write!(own, "api_version: {:?}, ", overrides.event_api_version);
    }
    if overrides.changed.is_some() {
        let _ = write!(own, "changed: {:?}, ", overrides.changed);
    }
    if !overrides.data.is_empty() {
        let _ = write!(own, "data: &{:?}, ", overrides.data);
    }
    if overrides.event_region.is_some() {
        let _ = write!(own, "region: {:?}, ", overrides.event_region);
    }
    if overrides.key_exchange {
        own.push_str("key_exchange: true, ");
    }
    if overrides.serving_details {
        own.push_str("serving_details: true, ");
    }
    match own.is_empty() {
        true => "Recording::PLAIN".to_owned(),
        false => format!("Recording {{ {own}..Recording::PLAIN }}"),
    }
}

fn operation(input: &Input<'_>, name: &str, operation: &Operation, out: &mut String) {
    let shape = |reference: &Option<Reference>| match reference {
        Some(reference) => format!("&shapes::{}", shape_static(input, &reference.shape)),
        None => "&wire::typed::EMPTY".to_owned(),
    };
    let ty = |reference: &Option<Reference>| match reference {
        Some(reference) => names::type_name(&reference.shape),
        None => "wire::Empty".to_owned(),
    };
    let errors: Vec<_> = operation
        .errors
        .iter()
        .map(|error| format!("&errors::{}", upper(&error.shape)))
        .collect();
    let wrapper = operation
        .output
        .as_ref()
        .and_then(|output| output.result_wrapper.as_ref());
    let http = http(input, name, operation);
    let event_name = input.overrides.event_names.get(name);
    let event_name = event_name.map_or(name, String::as_str);
    let read_only = is_read_only(name, &input.overrides);
    let is_in = |names: &[String]| names.iter().any(|known| known == name);
    let overrides = &input.overrides;
    let answer_on_record = match read_only {
        true => is_in(&overrides.answer_on_record),
        false => !is_in(&overrides.answer_off_record),
    };
    let is_unlisted =
        overrides.resources_in_data_events_only || is_in(&overrides.resources_unlisted);
    let lists_resources = is_in(&overrides.data) || !is_unlisted;
    let unsigned = is_in(&overrides.unsigned) || operation.authtype.as_deref() == Some("none");
    let _ = write!(
        out,
        "\n/// The operation `{name}`.\npub struct {name};\nimpl Operation for {name} {{\n\
         type Input = {};\ntype Output = {};\nconst TABLE: &'static OperationTable = &OperationTable {{ \
         name: {name:?}, event_name: {event_name:?}, http: {http}, input: {}, output: {}, \
         result_wrapper: {wrapper:?}, errors: &[{}], \
         read_only: {read_only}, answer_on_record: {answer_on_record}, lists_resources: {lists_resources}, \
         unsigned: {unsigned} }};\n}}\n",
        ty(&operation.input),
        ty(&operation.output),
        shape(&operation.input),
        shape(&operation.output),
        errors.join(", "),
    );
}

/// How the operation is called in the REST protocols, if its service speaks one.
fn http(input: &Input<'_>, name: &str, operation: &Operation) -> String {
    let Some(http) = operation.http.as_ref().filter(|_| input.is_rest()) else {
        return "None".to_owned();
    };
    let media_type = input.overrides.media_types.get(name);
    let media_type = media_type.map_or("application/octet-stream", String::as_str);
    format!(
        "Some(Http {{ method: {:?}, uri: {:?}, status: {}, media_type: {media_type:?} }})",
        http.method,
        http.request_uri,
        http.response_code.unwrap_or(200),
    )
}

fn is_read_only(name: &str, overrides: &Overrides) -> bool {
    let is_among = |names: &[String]| names.iter().any(|known| known == name);
    let mut prefixes = ["Get", "List", "Describe"].iter();
    let is_so_named = prefixes.any(|prefix| name.starts_with(prefix));
    is_so_named && !is_among(&overrides.not_read_only) || is_among(&overrides.read_only)
}

fn errors(input: &Input<'_>, out: &mut String) {
    if input.errors().is_empty() {
        return;
    }
    out.push_str("\nmod errors {\n    use super::shapes;\n    use wire::shape::ErrorShape;\n");
    for name in input.errors() {
        let Some(shape) = input.model.shapes.get(name) else {
            continue;
        };
        let modeled = shape.error.as_ref().and_then(|error| error.code.as_ref());
        let code = input.overrides.error_codes.get(name).or(modeled);
        let code = code.map_or(name, String::as_str);
        let status = shape
            .error
            .as_ref()
            .and_then(|error| error.http_status_code);
        let status = status.unwrap_or(if shape.fault { 500 } else { 400 });
        let _ = write!(
            out,
            "pub(super) static {}: ErrorShape = ErrorShape {{ name: {name:?}, code: {code:?}, \
             status: {status}, sender_fault: {}, shape: &shapes::{} }};\n",
            upper(name),
            status < 500,
            shape_static(input, name),
        );
    }
    out.push_str("}\n");
}

fn shape(input: &Input<'_>, name: &str, shape: &Shape, out: &mut String) {
    if let Some(pattern) = &shape.pattern {
        let translated = names::pattern(pattern);
        let made = match input.overrides.sentences.get(pattern) {
            Some(words) => format!("saying({pattern:?}, {translated:?}, {words:?})"),
            None => format!("new({pattern:?}, {translated:?})"),
        };
        let _ = write!(
            out,
            "static {}: Pattern = Pattern::{made};\n",
            pattern_name(input, name)
        );
    }
    let kind = kind(input, name, shape);
    let _ = write!(
        out,
        "pub(super) static {}: Shape = Shape {{ name: {name:?}, kind: {kind}, sensitive: {} }};\n",
        shape_static(input, name),
        shape.sensitive,
    );
}

/// The name of a shape's static. Shapes may differ in capitals alone: the later ones are marked.
fn shape_static(input: &Input<'_>, name: &str) -> String {
    let mut others = input.model.shapes.keys();
    match others.any(|other| other.as_str() < name && other.eq_ignore_ascii_case(name)) {
        true => format!("{}_", upper(name)),
        false => upper(name),
    }
}

/// The name of a shape's pattern, beside all names of shapes.
fn pattern_name(input: &Input<'_>, name: &str) -> String {
    let shape = shape_static(input, name);
    match input.model.shapes.contains_key(&format!("{name}Pattern")) {
        true => format!("{shape}_REGEX"),
        false => format!("{shape}_PATTERN"),
    }
}

fn kind(input: &Input<'_>, name: &str, shape: &Shape) -> String {
    let range = range(shape);
    match shape.kind.as_str() {
        "boolean" => "Kind::Boolean".to_owned(),
        "integer" => format!("Kind::Integer({range})"),
        "long" => format!("Kind::Long({range})"),
        "float" => format!("Kind::Float({range})"),
        "double" => format!("Kind::Double({range})"),
        "blob" => format!("Kind::Blob({range})"),
        "timestamp" => {
            format!(
                "Kind::Timestamp({})",
                timestamp(shape.timestamp_format.as_deref())
            )
        }
        "string" => {
            let pattern = match shape.pattern {
                Some(_) => format!("Some(&{})", pattern_name(input, name)),
                None => "None".to_owned(),
            };
            let values = input
                .overrides
                .enum_order
                .get(name)
                .unwrap_or(&shape.values);
            format!(
                "Kind::String(Text {{ length: {range}, pattern: {pattern}, values: &{values:?} }})"
            )
        }
        "list" => {
            let member = shape.member.as_ref();
            let member_shape =
                member.map_or_else(String::new, |member| shape_static(input, &member.shape));
            let member_name = member.and_then(|member| member.location_name.as_deref());
            let member_name = member_name.unwrap_or("member");
            format!(
                "Kind::List(List {{ member: &{member_shape}, member_name: {member_name:?}, \
                 flattened: {}, length: {range} }})",
                shape.flattened,
            )
        }
        "map" => {
            let of = |reference: &Option<Reference>, default: &str| {
                let reference = reference.as_ref();
                let shape =
                    reference.map_or(String::new(), |found| shape_static(input, &found.shape));
                let name = reference.and_then(|found| found.location_name.clone());
                (shape, name.unwrap_or_else(|| default.to_owned()))
            };
            let (key, key_name) = of(&shape.key, "key");
            let (value, value_name) = of(&shape.value, "value");
            format!(
                "Kind::Map(Map {{ key: &{key}, value: &{value}, key_name: {key_name:?}, \
                 value_name: {value_name:?}, flattened: {}, length: {range} }})",
                shape.flattened,
            )
        }
        _ if shape.document => "Kind::Document".to_owned(),
        _ => {
            let members: Vec<_> = shape
                .members
                .iter()
                .map(|found| member(input, (name, shape), found))
                .collect();
            format!(
                "Kind::Structure(Structure {{ members: &[{}], union: {} }})",
                members.join(", "),
                shape.union,
            )
        }
    }
}

fn member(input: &Input<'_>, (owner_name, owner): (&str, &Shape), reference: &Reference) -> String {
    let mut set = String::new();
    if owner.required.contains(&reference.name) {
        set.push_str("required: true, ");
    }
    let is_header = matches!(reference.location.as_deref(), Some("header" | "headers"));
    let location = location(input, (owner_name, owner), reference);
    if let Some(name) = &reference.location_name {
        let name = match location.is_some() && is_header {
            true => name.to_ascii_lowercase(),
            false => name.clone(),
        };
        let _ = write!(set, "wire_name: {name:?}, ");
    }
    if let Some(location) = location {
        let _ = write!(set, "location: Location::{location}, ");
    }
    on_record(input, owner_name, reference, &mut set);
    if reference.timestamp_format.is_some() {
        let _ = write!(
            set,
            "timestamp: {}, ",
            timestamp(reference.timestamp_format.as_deref())
        );
    }
    if reference.flattened {
        set.push_str("flattened: true, ");
    }
    if reference.xml_attribute {
        set.push_str("xml_attribute: true, ");
    }
    let shape = shape_static(input, &reference.shape);
    let plain = format!("Member::new({:?}, &{shape})", reference.name);
    if set.is_empty() {
        plain
    } else {
        format!("Member {{ {set}..{plain} }}")
    }
}

/// Where the REST protocols put a member, if that is not in the document.
fn location(
    input: &Input<'_>,
    (owner_name, owner): (&str, &Shape),
    reference: &Reference,
) -> Option<&'static str> {
    if !input.is_bound(owner_name) {
        return None;
    }
    if owner.payload.as_ref() == Some(&reference.name) {
        return Some("Payload");
    }
    match reference.location.as_deref()? {
        "uri" => Some("Label"),
        "querystring" => Some("Query"),
        "header" => Some("Header"),
        "headers" => Some("Headers"),
        "statusCode" => Some("Status"),
        _ => None,
    }
}

/// What the journal shows of a member: nothing, a mask, or a value that nobody gave.
fn on_record(input: &Input<'_>, owner: &str, reference: &Reference, set: &mut String) {
    let overrides = &input.overrides;
    let target = input.model.shapes.get(&reference.shape);
    let full_name = format!("{owner}.{}", reference.name);
    let mut masks = overrides.masked.iter();
    let mask = masks
        .find(|(_, members)| members.contains(&reference.name) || members.contains(&full_name));
    let hidden = target.is_some_and(|target| target.sensitive || target.kind == "blob")
        || overrides.hidden.contains(&reference.name);
    if hidden || mask.is_some() {
        set.push_str("hidden: true, ");
    }
    if let Some((mask, _)) = mask {
        let json = match mask.starts_with(['[', '{']) {
            true => mask.clone(),
            false => format!("{mask:?}"),
        };
        let _ = write!(set, "mask: Some({json:?}), ");
    }
    match overrides.unset.get(&full_name) {
        Some(OnRecord::Text(text)) => {
            let _ = write!(set, "unset: Some(Unset::Text({text:?})), ");
        }
        Some(OnRecord::Boolean(truth)) => {
            let _ = write!(set, "unset: Some(Unset::Boolean({truth})), ");
        }
        Some(OnRecord::Structure(members)) if members.is_empty() => {
            set.push_str("unset: Some(Unset::Structure), ");
        }
        Some(OnRecord::Structure(_)) | None => {}
    }
}

fn timestamp(format: Option<&str>) -> &'static str {
    match format {
        Some("iso8601") => "TimestampFormat::Iso8601",
        Some("rfc822") => "TimestampFormat::Rfc822",
        Some("unixTimestamp") => "TimestampFormat::UnixTimestamp",
        _ => "TimestampFormat::Default",
    }
}

fn range(shape: &Shape) -> String {
    let bound = |bound: Option<f64>| match bound {
        Some(bound) => format!("Some({bound:.0})"),
        None => "None".to_owned(),
    };
    match (shape.min, shape.max) {
        (None, None) => "Range::ANY".to_owned(),
        (min, max) => format!("Range {{ min: {}, max: {} }}", bound(min), bound(max)),
    }
}

fn upper(name: &str) -> String {
    names::snake(name).to_ascii_uppercase()
}

/// The name of the static for the error `name`.
pub(crate) fn error_static(name: &str) -> String {
    format!("errors::{}", upper(name))
}
