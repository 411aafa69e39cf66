//! What is written is read back the same, and no bytes do more than be refused.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::shape::{Kind, Map, Shape, Structure};
use wire::{Timestamp, Value, cbor, json, query, validate};

use crate::tables::{NODE, node};

/// A value that proptest can show.
#[derive(Clone)]
struct Shown(Value);

impl std::fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = json::encode(&NODE, &self.0);
        formatter.write_str(&String::from_utf8_lossy(&json))
    }
}

type Members = Vec<(&'static str, Shown)>;

fn build(members: &Members) -> Shown {
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| (*name, value.0.clone()))
        .collect();
    Shown(node(&members))
}

fn list(items: Vec<Shown>) -> Shown {
    Shown(Value::List(items.into_iter().map(|item| item.0).collect()))
}

fn text() -> impl Strategy<Value = Shown> {
    any::<String>().prop_map(|text| Shown(Value::string(text)))
}

fn time() -> impl Strategy<Value = Shown> {
    (-62_135_596_800_000..=253_402_300_799_999_i64)
        .prop_map(|millis| Shown(Value::Timestamp(Timestamp { millis })))
}

fn strings() -> impl Strategy<Value = Shown> {
    vec(text(), 0..4).prop_map(list)
}

fn scalars() -> impl Strategy<Value = Members> {
    let number = any::<f64>().prop_filter("not equal to itself", |number| !number.is_nan());
    let short = any::<f32>().prop_filter("not equal to itself", |number| !number.is_nan());
    let values = (
        any::<bool>().prop_map(|value| ("Boolean", Shown(Value::Boolean(value)))),
        any::<i32>().prop_map(|value| ("Integer", Shown(Value::Integer(value.into())))),
        any::<i64>().prop_map(|value| ("Long", Shown(Value::Integer(value)))),
        number.prop_map(|value| ("Double", Shown(Value::Double(value)))),
        short.prop_map(|value| ("Float", Shown(Value::Double(value.into())))),
        text().prop_map(|value| ("String", value)),
        vec(any::<u8>(), 0..40).prop_map(|value| ("Blob", Shown(Value::blob(value)))),
        time().prop_map(|value| ("Time", value)),
        time().prop_map(|value| ("Date", value)),
    );
    let values = values.prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i]);
    values.prop_flat_map(|values| proptest::sample::subsequence(values, 0..=9))
}

fn map(value: impl Strategy<Value = Shown>) -> impl Strategy<Value = Shown> {
    proptest::collection::hash_map(any::<String>(), value, 0..4).prop_map(|entries| {
        let entries = entries.into_iter().map(|(key, value)| (key, value.0));
        Shown(Value::Map(entries.collect()))
    })
}

/// Any value of the shape, but for documents.
fn any_node() -> impl Strategy<Value = Shown> {
    let leaf = scalars().prop_map(|members| build(&members));
    leaf.prop_recursive(4, 24, 4, |inner| {
        let containers = (
            strings().prop_map(|value| ("Strings", value)),
            strings().prop_map(|value| ("Flat", value)),
            vec(strings(), 0..3).prop_map(|value| ("Lists", list(value))),
            vec(inner.clone(), 0..3).prop_map(|value| ("Nodes", list(value))),
            map(text()).prop_map(|value| ("Map", value)),
            map(inner.clone()).prop_map(|value| ("NodeMap", value)),
            inner.prop_map(|value| ("Child", value)),
        );
        (scalars(), containers).prop_map(|(mut members, (a, b, c, d, e, f, g))| {
            members.extend([a, b, c, d, e, f, g]);
            build(&members)
        })
    })
}

/// The form that a client sends for a value.
fn form(shape: &Shape, value: &Value, path: &str, flattened: bool, out: &mut Vec<String>) {
    let mut pair = |text: &str| out.push(format!("{path}={}", escape(text)));
    match (&shape.kind, value) {
        (_, Value::Boolean(value)) => pair(&value.to_string()),
        (_, Value::Integer(value)) => pair(&value.to_string()),
        (_, Value::Double(value)) if value.is_infinite() => {
            pair(if *value > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            });
        }
        (_, Value::Double(value)) => pair(&format!("{value:?}")),
        (_, Value::String(text)) => pair(text),
        (_, Value::Blob(_)) => {
            let quoted = String::from_utf8(json::encode(shape, value).to_vec()).unwrap();
            pair(quoted.trim_matches('"'));
        }
        (_, Value::Timestamp(time)) => pair(&time.iso8601()),
        (Kind::List(list), Value::List(items)) => {
            if items.is_empty() {
                pair("");
            }
            let step = if flattened { "" } else { ".member" };
            for (index, item) in items.iter().enumerate() {
                form(
                    list.member,
                    item,
                    &format!("{path}{step}.{}", index + 1),
                    false,
                    out,
                );
            }
        }
        (Kind::Map(map), Value::Map(entries)) => map_form(map, entries, path, flattened, out),
        (Kind::Structure(structure), Value::Structure(values)) => {
            structure_form(structure, values, path, out);
        }
        _ => panic!("no form for this kind"),
    }
}

fn structure_form(
    structure: &Structure,
    values: &[Option<Value>],
    path: &str,
    out: &mut Vec<String>,
) {
    let before = out.len();
    for (member, value) in structure.members.iter().zip(values) {
        if let Some(value) = value {
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", member.wire_name);
            form(member.shape, value, &path, member.flattened, out);
        }
    }
    if out.len() == before && !path.is_empty() {
        out.push(format!("{path}="));
    }
}

fn map_form(
    map: &Map,
    entries: &[(String, Value)],
    path: &str,
    flattened: bool,
    out: &mut Vec<String>,
) {
    let step = if flattened { "" } else { ".entry" };
    for (index, (key, value)) in entries.iter().enumerate() {
        let path = format!("{path}{step}.{}", index + 1);
        out.push(format!("{path}.key={}", escape(key)));
        form(map.value, value, &format!("{path}.value"), false, out);
    }
    if entries.is_empty() {
        out.push(format!("{path}="));
    }
}

fn escape(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        other => format!("%{other:02x}"),
    };
    text.bytes().map(escape).collect()
}

fn read_all(bytes: &[u8]) {
    let values = [
        json::decode(&NODE, bytes),
        cbor::decode(&NODE, bytes),
        query::decode(&NODE, bytes),
    ];
    for value in values.into_iter().flatten() {
        let _ = validate::validate(&NODE, &value);
        let _ = (json::encode(&NODE, &value), cbor::encode(&NODE, &value));
    }
}

proptest! {
    #[test]
    fn json_is_read_back(Shown(value) in any_node()) {
        let bytes = json::encode(&NODE, &value);
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
        prop_assert!(json::decode(&NODE, &bytes).is_ok_and(|read| read == value));
    }

    #[test]
    fn cbor_is_read_back(Shown(value) in any_node()) {
        let bytes = cbor::encode(&NODE, &value);
        prop_assert!(cbor::decode(&NODE, &bytes).is_ok_and(|read| read == value));
    }

    #[test]
    fn a_form_is_read_as_what_it_was_made_from(Shown(value) in any_node()) {
        let mut pairs = Vec::new();
        form(&NODE, &value, "", false, &mut pairs);
        pairs.reverse();
        prop_assert!(query::decode(&NODE, pairs.join("&").as_bytes()).is_ok_and(|read| read == value));
    }

    #[test]
    fn xml_text_is_read_back(text: String) {
        let mut writer = wire::xml::Writer::new();
        writer.text_element("a", &text);
        let document = String::from_utf8(writer.finish().to_vec()).unwrap();
        let inner = document.strip_prefix("<a>").unwrap().strip_suffix("</a>").unwrap();
        let forbidden = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
        let expected: String = text.chars().map(|c| if forbidden(c) { '\u{fffd}' } else { c }).collect();
        prop_assert!(!inner.contains(['<', '>', '\r']));
        prop_assert_eq!(quick_xml::escape::unescape(inner).unwrap(), expected);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn any_near_miss_is_read_or_refused(
        Shown(value) in any_node(),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut pairs = Vec::new();
        form(&NODE, &value, "", false, &mut pairs);
        let written = [json::encode(&NODE, &value).to_vec(), cbor::encode(&NODE, &value).to_vec(), pairs.join("&").into_bytes()];
        for mut bytes in written {
            for (index, byte) in flips.iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
                let at = index.index(bytes.len());
                bytes[at] = *byte;
            }
            read_all(&bytes);
            bytes.truncate(end.index(bytes.len() + 1));
            read_all(&bytes);
        }
    }
}
