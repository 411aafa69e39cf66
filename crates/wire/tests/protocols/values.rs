//! Values and the parameters of the cases, which are JSON with conventions: blobs are texts,
//! times are seconds, special doubles are names.

use serde_json::Value as Json;
use wire::shape::{Kind, Shape};
use wire::{Timestamp, Value};

/// The value that `json` stands for.
pub(crate) fn build(shape: &Shape, json: &Json) -> Value {
    match &shape.kind {
        Kind::Boolean => Value::Boolean(json.as_bool().unwrap()),
        Kind::Integer(_) | Kind::Long(_) => Value::Integer(json.as_i64().unwrap()),
        Kind::Float(_) | Kind::Double(_) => Value::Double(double(json)),
        Kind::String(_) => match json {
            Json::String(text) => Value::string(text.as_str()),
            // What the model calls a JSON value is a text on the wire.
            other => Value::string(other.to_string()),
        },
        Kind::Blob(_) => Value::blob(json.as_str().unwrap().as_bytes()),
        Kind::Timestamp(_) => {
            Value::Timestamp(Timestamp::from_epoch_seconds(json.as_f64().unwrap()).unwrap())
        }
        Kind::List(list) => {
            let items = json.as_array().unwrap().iter();
            Value::List(items.map(|item| build(list.member, item)).collect())
        }
        Kind::Map(map) => {
            let entries = json.as_object().unwrap().iter();
            let entry = |(key, value): (&String, &Json)| (key.clone(), build(map.value, value));
            Value::Map(entries.map(entry).collect())
        }
        Kind::Structure(structure) => {
            let member = |name| json.get(name).filter(|value| !value.is_null());
            let members = structure.members.iter();
            let values = members.map(|one| member(one.name).map(|json| build(one.shape, json)));
            Value::Structure(values.collect())
        }
        Kind::Document => Value::Document(json.to_string().into()),
    }
}

/// Whether `value` is what `json` stands for.
pub(crate) fn matches(shape: &Shape, value: &Value, json: &Json) -> bool {
    match (&shape.kind, value) {
        (_, Value::Double(number)) => {
            let expected = double(json);
            (number.is_nan() && expected.is_nan())
                || *number == expected
                || (matches!(shape.kind, Kind::Float(_))
                    && (number - expected).abs() <= f64::from(f32::EPSILON) * expected.abs())
        }
        (_, Value::String(text)) => match json {
            Json::String(expected) => **text == *expected,
            other => serde_json::from_str::<Json>(text).ok().as_ref() == Some(other),
        },
        (_, Value::Document(text)) => serde_json::from_str::<Json>(text).unwrap() == *json,
        (Kind::List(list), Value::List(items)) => {
            let expected = json.as_array().unwrap();
            let mut pairs = items.iter().zip(expected);
            items.len() == expected.len()
                && pairs.all(|(item, json)| matches(list.member, item, json))
        }
        (Kind::Map(map), Value::Map(entries)) => {
            let expected = json.as_object().unwrap();
            let same = |(key, value): &(String, Value)| {
                expected
                    .get(key)
                    .is_some_and(|json| matches(map.value, value, json))
            };
            entries.len() == expected.len() && entries.iter().all(same)
        }
        (Kind::Structure(structure), Value::Structure(values)) => {
            let expected = json.as_object().unwrap();
            let known = |name: &String| structure.members.iter().any(|one| one.name == name);
            let mut pairs = structure.members.iter().zip(values);
            structure.members.len() == values.len()
                && expected.keys().all(known)
                && pairs.all(|(member, value)| match (value, expected.get(member.name)) {
                    (None, None | Some(Json::Null)) => true,
                    (Some(value), Some(json)) => matches(member.shape, value, json),
                    _ => false,
                })
        }
        _ => build(shape, json) == *value,
    }
}

fn double(json: &Json) -> f64 {
    match json.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => json.as_f64().unwrap(),
    }
}
