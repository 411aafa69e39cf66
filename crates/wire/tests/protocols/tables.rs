//! The cases and their shapes, as the tables that codegen would write.

use std::path::PathBuf;

use serde_json::Value as Json;
use wire::codec::Request;
use wire::shape::{
    ErrorShape, Http, Kind, List, Location, Map, Member, OperationTable, Protocol, Range,
    ServiceTable, Shape, Structure, Text, TimestampFormat,
};

/// How deep shapes are unrolled where they contain themselves; the deepest case has seven.
const DEPTH: usize = 8;

/// The suites of one file, or `None` where the cases are not at hand.
pub(crate) fn suites(direction: &str, file: &str) -> Option<Vec<Json>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let relative = format!("shared/data/protocols/{direction}/{file}.json");
    let path = here
        .ancestors()
        .map(|folder| folder.join(&relative))
        .find(|path| path.exists());
    let Some(path) = path else {
        println!("skipped: the protocol cases {relative} are not here");
        return None;
    };
    let text = std::fs::read_to_string(path).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// A request that has a body and nothing else.
pub(crate) fn request(body: &[u8]) -> Request<'_> {
    Request {
        path: "/",
        query: "",
        headers: Box::leak(Box::default()),
        body,
    }
}

pub(crate) fn service() -> ServiceTable {
    ServiceTable {
        name: "cases",
        service_id: "Cases",
        signing_name: "cases",
        api_version: "2020-01-08",
        target_prefix: None,
        xml_namespace: Some("https://example.com/"),
        protocols: &[],
        operations: &[],
        unbuilt: &[],
        recording: wire::Recording::PLAIN,
    }
}

/// The operation of one case.
pub(crate) fn operation(suite: &Json, case: &Json, protocol: Protocol) -> OperationTable {
    let given = &case["given"];
    let name = leak(given["name"].as_str().unwrap());
    let result = given.get("output").map(|_| leak(&format!("{name}Result")));
    OperationTable {
        name,
        event_name: name,
        http: Some(http(given)),
        input: structure(suite, given.get("input")),
        output: structure(suite, given.get("output")),
        result_wrapper: result.filter(|_| protocol.is_query()),
        errors: &[],
        read_only: false,
        answer_on_record: true,
        lists_resources: true,
        unsigned: false,
    }
}

fn http(given: &Json) -> Http {
    let model = &given["http"];
    Http {
        method: leak(model["method"].as_str().unwrap_or("POST")),
        uri: leak(model["requestUri"].as_str().unwrap_or("/")),
        status: model["responseCode"]
            .as_u64()
            .map_or(200, |code| code.try_into().unwrap()),
        media_type: "application/octet-stream",
    }
}

/// The error that a case is answered with.
pub(crate) fn error(suite: &Json, case: &Json) -> &'static ErrorShape {
    let reference = &case["given"]["errors"][0];
    let name = leak(reference["shape"].as_str().unwrap());
    let model = &suite["shapes"][name]["error"];
    let status = case["response"]["status_code"].as_u64().unwrap();
    Box::leak(Box::new(ErrorShape {
        name,
        code: model["code"].as_str().map_or(name, leak),
        status: u16::try_from(status).unwrap(),
        sender_fault: model["senderFault"].as_bool().unwrap_or(status < 500),
        shape: structure(suite, Some(reference)),
    }))
}

fn structure(suite: &Json, reference: Option<&Json>) -> &'static Shape {
    match reference {
        Some(reference) => {
            let name = reference["shape"].as_str().unwrap();
            shape(&suite["shapes"], name, &mut Vec::new())
        }
        None => leak_shape(
            "Unit",
            Kind::Structure(Structure {
                members: &[],
                union: false,
            }),
        ),
    }
}

fn shape(shapes: &Json, name: &str, outer: &mut Vec<String>) -> &'static Shape {
    let model = &shapes[name];
    outer.push(name.to_owned());
    let kind = match model["type"].as_str().unwrap() {
        "boolean" => Kind::Boolean,
        "integer" => Kind::Integer(Range::ANY),
        "long" => Kind::Long(Range::ANY),
        "float" => Kind::Float(Range::ANY),
        "double" => Kind::Double(Range::ANY),
        "blob" => Kind::Blob(Range::ANY),
        "timestamp" => Kind::Timestamp(format(model)),
        "string" => Kind::String(Text {
            length: Range::ANY,
            pattern: None,
            values: &[],
        }),
        "list" | "map" => container(shapes, model, outer),
        "structure" if model["document"] == true => Kind::Document,
        "structure" => Kind::Structure(Structure {
            members: members(shapes, model, outer),
            union: model["union"] == true,
        }),
        other => panic!("a shape of type {other}"),
    };
    outer.pop();
    leak_shape(name, kind)
}

fn container(shapes: &Json, model: &Json, outer: &mut Vec<String>) -> Kind {
    match model["type"].as_str() {
        Some("list") => Kind::List(List {
            member: inner(shapes, &model["member"], outer),
            member_name: model["member"]["locationName"]
                .as_str()
                .map_or("member", leak),
            flattened: model["flattened"] == true,
            length: Range::ANY,
        }),
        _ => Kind::Map(Map {
            key: inner(shapes, &model["key"], outer),
            value: inner(shapes, &model["value"], outer),
            key_name: model["key"]["locationName"].as_str().map_or("key", leak),
            value_name: model["value"]["locationName"]
                .as_str()
                .map_or("value", leak),
            flattened: model["flattened"] == true,
            length: Range::ANY,
        }),
    }
}

fn inner(shapes: &Json, reference: &Json, outer: &mut Vec<String>) -> &'static Shape {
    shape(shapes, reference["shape"].as_str().unwrap(), outer)
}

fn members(shapes: &Json, model: &Json, outer: &mut Vec<String>) -> &'static [Member] {
    let members = model["members"].as_object().unwrap();
    let kept = if outer.len() > DEPTH {
        0
    } else {
        members.len()
    };
    let members: Vec<Member> = members
        .iter()
        .take(kept)
        .map(|(name, member)| {
            let mut table = Member::new(leak(name), inner(shapes, member, outer));
            if let Some(wire_name) = member["locationName"].as_str() {
                table.wire_name = leak(wire_name);
            }
            table.location = location(model, name);
            if matches!(table.location, Location::Header | Location::Headers) {
                table.wire_name = leak(&table.wire_name.to_ascii_lowercase());
            }
            table.flattened = member["flattened"] == true;
            table.timestamp = format(member);
            table
        })
        .collect();
    Box::leak(members.into_boxed_slice())
}

fn location(owner: &Json, name: &str) -> Location {
    if owner["payload"] == *name {
        return Location::Payload;
    }
    match owner["members"][name]["location"].as_str() {
        None => Location::Document,
        Some("uri") => Location::Label,
        Some("querystring") => Location::Query,
        Some("header") => Location::Header,
        Some("headers") => Location::Headers,
        Some("statusCode") => Location::Status,
        Some(other) => panic!("a member in {other}"),
    }
}

fn format(model: &Json) -> TimestampFormat {
    match model["timestampFormat"].as_str() {
        None => TimestampFormat::Default,
        Some("iso8601") => TimestampFormat::Iso8601,
        Some("rfc822") => TimestampFormat::Rfc822,
        Some("unixTimestamp") => TimestampFormat::UnixTimestamp,
        Some(other) => panic!("a timestamp as {other}"),
    }
}

fn leak_shape(name: &str, kind: Kind) -> &'static Shape {
    Box::leak(Box::new(Shape {
        name: leak(name),
        kind,
        sensitive: false,
    }))
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
