//! Bodies as trees in which only differences that a reader notices are left.

use minicbor::Decoder;
use minicbor::data::Type;
use quick_xml::events::Event;
use serde_json::{Map, Value as Json, json};
use wire::Timestamp;

/// A JSON body: without nulls and namespaces, numbers and times as doubles.
pub(crate) fn json(body: &[u8]) -> Json {
    plain(serde_json::from_slice(body).unwrap())
}

/// A CBOR body as JSON, with blobs as texts.
pub(crate) fn cbor(body: &[u8]) -> Json {
    if body.is_empty() {
        return Json::Null;
    }
    let mut decoder = Decoder::new(body);
    let tree = cbor_value(&mut decoder);
    assert_eq!(decoder.position(), body.len(), "trailing bytes");
    plain(tree)
}

/// An XML body as nested arrays `[name, text, children]`.
pub(crate) fn xml(body: &str) -> Json {
    let mut reader = quick_xml::Reader::from_str(body);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => open.push(Element::new(tag.name().as_ref())),
            Event::Empty(tag) => {
                let child = Element::new(tag.name().as_ref()).finish();
                open.last_mut().unwrap().children.push(child);
            }
            Event::End(_) => {
                let child = open.pop().unwrap().finish();
                open.last_mut().unwrap().children.push(child);
            }
            Event::Text(text) => {
                open.last_mut().unwrap().text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let reference = format!("&{};", &*reference);
                open.last_mut().unwrap().text.push_str(&reference);
            }
            Event::Eof => break,
            other => panic!("unexpected in an answer: {other:?}"),
        }
    }
    assert_eq!(open.len(), 1, "an element is not closed");
    let mut root = open.pop().unwrap();
    assert_eq!(root.children.len(), 1, "one root");
    root.children.pop().unwrap()
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Json>,
}

impl Element {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    fn finish(mut self) -> Json {
        // The recorded answers leave the metadata out.
        self.children.retain(|child| child[0] != "ResponseMetadata");
        if self.children.iter().all(is_entry) {
            // The entries of a map have no order.
            self.children.sort_by_key(Json::to_string);
        }
        // Members have no order, elements of the same name do.
        self.children.sort_by_key(|child| child[0].to_string());
        let text = match Timestamp::parse(self.text.trim()) {
            Some(time) => time.epoch_seconds(),
            None => self.text.trim().to_owned(),
        };
        json!([self.name, text, self.children])
    }
}

fn is_entry(element: &Json) -> bool {
    let children = element[2].as_array().unwrap();
    children.len() == 2 && children[0][0] != children[1][0]
}

fn cbor_value(decoder: &mut Decoder<'_>) -> Json {
    match decoder.datatype().unwrap() {
        Type::Null | Type::Undefined => {
            decoder.skip().unwrap();
            Json::Null
        }
        Type::Bool => json!(decoder.bool().unwrap()),
        Type::F16 => special(decoder.f16().unwrap().into()),
        Type::F32 => special(decoder.f32().unwrap().into()),
        Type::F64 => special(decoder.f64().unwrap()),
        Type::Tag => {
            assert_eq!(decoder.tag().unwrap().as_u64(), 1);
            cbor_value(decoder)
        }
        Type::Bytes => json!(String::from_utf8_lossy(decoder.bytes().unwrap())),
        Type::String => json!(decoder.str().unwrap()),
        Type::StringIndef => {
            let chunks: Result<String, _> = decoder.str_iter().unwrap().collect();
            json!(chunks.unwrap())
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.array().unwrap();
            let mut items = Vec::new();
            while more(decoder, length, items.len()) {
                items.push(cbor_value(decoder));
            }
            Json::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map().unwrap();
            let mut entries = Map::new();
            while more(decoder, length, entries.len()) {
                let key = decoder.str().unwrap().to_owned();
                entries.insert(key, cbor_value(decoder));
            }
            Json::Object(entries)
        }
        _ => json!(decoder.i64().unwrap()),
    }
}

fn more(decoder: &mut Decoder<'_>, length: Option<u64>, done: usize) -> bool {
    match length {
        Some(length) => length > done as u64,
        None => {
            let ends = decoder.datatype().unwrap() == Type::Break;
            if ends {
                decoder.set_position(decoder.position() + 1);
            }
            !ends
        }
    }
}

fn special(number: f64) -> Json {
    if number.is_nan() {
        json!("NaN")
    } else if number.is_infinite() {
        json!(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        })
    } else {
        json!(number)
    }
}

fn plain(tree: Json) -> Json {
    match tree {
        Json::Number(number) => json!(number.as_f64().unwrap()),
        Json::String(text) => match Timestamp::parse_iso8601(&text) {
            Some(time) => json!(time.millis as f64 / 1000.0),
            None => Json::String(text),
        },
        Json::Array(items) => items.into_iter().map(plain).collect(),
        Json::Object(entries) => entries
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| match value {
                Json::String(text) if key == "__type" => {
                    let name = text.rsplit('#').next().unwrap().to_owned();
                    (key, Json::String(name))
                }
                other => (key, plain(other)),
            })
            .collect(),
        other => other,
    }
}
