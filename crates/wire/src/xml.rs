//! Writing XML: the answers and errors of query services.

use zeroize::Zeroizing;

use crate::buffer::Buffer;
use crate::coercion;
use crate::fault::Fault;
use crate::shape::{Kind, List, Map, Member, OperationTable, Protocol, Shape, TimestampFormat};
use crate::value::Value;

/// The answer `<OpResponse><OpResult>..</OpResult><ResponseMetadata>..</OpResponse>`.
pub fn encode(
    namespace: Option<&str>,
    operation: &OperationTable,
    output: &Value,
    request_id: &str,
) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    let response = format!("{}Response", operation.name);
    writer.open_root(&response, namespace);
    if let Some(wrapper) = operation.result_wrapper {
        writer.element(wrapper, operation.output, TimestampFormat::Default, output);
    } else {
        writer.members(operation.output, output);
    }
    writer.open("ResponseMetadata");
    writer.text_element("RequestId", request_id);
    writer.close("ResponseMetadata");
    writer.close(&response);
    writer.finish()
}

/// The answer `<ErrorResponse><Error>..</Error><RequestId>..</RequestId></ErrorResponse>`.
pub fn encode_fault(
    namespace: Option<&str>,
    fault: &Fault,
    request_id: &str,
) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    writer.open_root("ErrorResponse", namespace);
    writer.open("Error");
    let side = if fault.is_sender_fault() {
        "Sender"
    } else {
        "Receiver"
    };
    writer.text_element("Type", side);
    writer.text_element("Code", fault.code(Protocol::Query));
    if let Some(message) = fault.message() {
        // Whatever the model calls it, on the wire it is `Message`.
        writer.text_element("Message", message);
    }
    for (member, value) in fault.members() {
        let name = if member.is_message() {
            "Message"
        } else {
            member.wire_name
        };
        writer.member(name, member, value);
    }
    writer.close("Error");
    writer.text_element("RequestId", request_id);
    writer.close("ErrorResponse");
    writer.finish()
}

/// Writes XML elements, front to back. Names are taken as they are: they come from tables.
#[derive(Default)]
pub struct Writer {
    out: Buffer,
}

impl Writer {
    /// Nothing written yet.
    pub fn new() -> Self {
        Self {
            out: Buffer::with_capacity(1024),
        }
    }

    /// The document.
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        self.out.into_bytes()
    }

    /// `<name xmlns="namespace">`
    pub fn open_root(&mut self, name: &str, namespace: Option<&str>) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        if let Some(namespace) = namespace {
            self.attribute("xmlns", namespace);
        }
        self.out.push(b'>');
    }

    /// `<name>`
    pub fn open(&mut self, name: &str) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        self.out.push(b'>');
    }

    /// `</name>`
    pub fn close(&mut self, name: &str) {
        self.out.extend(b"</");
        self.out.extend(name.as_bytes());
        self.out.push(b'>');
    }

    /// `<name>text</name>`
    pub fn text_element(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    /// Text between elements, escaped.
    pub fn text(&mut self, text: &str) {
        self.escaped(text, |character| match character {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            // A reader turns a bare one into a line feed (XML 1.0, 2.11).
            '\r' => Some("&#xD;"),
            other => replacement(other),
        });
    }

    /// ` name="value"` in an element that was begun.
    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(b' ');
        self.out.extend(name.as_bytes());
        self.out.extend(b"=\"");
        self.escaped(value, |character| match character {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            // A reader turns bare ones into spaces (XML 1.0, 3.3.3).
            '\t' => Some("&#x9;"),
            '\n' => Some("&#xA;"),
            '\r' => Some("&#xD;"),
            other => replacement(other),
        });
        self.out.push(b'"');
    }

    fn escaped(&mut self, text: &str, escape: impl Fn(char) -> Option<&'static str>) {
        let mut start = 0;
        for (at, character) in text.char_indices() {
            if let Some(escaped) = escape(character) {
                self.out
                    .extend(text.get(start..at).unwrap_or_default().as_bytes());
                self.out.extend(escaped.as_bytes());
                start = at + character.len_utf8();
            }
        }
        self.out
            .extend(text.get(start..).unwrap_or_default().as_bytes());
    }

    /// One member of a structure: one element, or one per entry where it is flattened.
    fn member(&mut self, name: &str, member: &Member, value: &Value) {
        match (&member.shape.kind, value) {
            (Kind::List(list), Value::List(items)) if member.flattened || list.flattened => {
                for item in items {
                    self.element(name, list.member, TimestampFormat::Default, item);
                }
            }
            (Kind::Map(map), Value::Map(entries)) if member.flattened || map.flattened => {
                for (key, value) in entries {
                    self.entry(name, map, key, value);
                }
            }
            _ => self.element(name, member.shape, member.timestamp, value),
        }
    }

    fn element(&mut self, name: &str, shape: &Shape, format: TimestampFormat, value: &Value) {
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        self.attributes(shape, value);
        self.out.push(b'>');
        self.content(shape, format, value);
        self.close(name);
    }

    /// The members of a structure that are written as attributes.
    fn attributes(&mut self, shape: &Shape, value: &Value) {
        let Value::Structure(values) = value else {
            return;
        };
        for (member, value) in shape.members().iter().zip(values) {
            if let (true, Some(Value::String(text))) = (member.xml_attribute, value) {
                self.attribute(member.wire_name, text);
            }
        }
    }

    fn content(&mut self, shape: &Shape, format: TimestampFormat, value: &Value) {
        match (&shape.kind, value) {
            (_, Value::Boolean(value)) => self.text(if *value { "true" } else { "false" }),
            (_, Value::Integer(number)) => self.text(&number.to_string()),
            (kind, Value::Double(number)) => self.text(&double(kind, *number)),
            (_, Value::String(text) | Value::Document(text)) => self.text(text),
            (_, Value::Blob(bytes)) => self.out.extend_base64(bytes),
            (Kind::Timestamp(own), Value::Timestamp(time)) => {
                self.text(&time.format(format.or(*own)));
            }
            (Kind::List(list), Value::List(items)) => self.list(list, items),
            (Kind::Map(map), Value::Map(entries)) => {
                for (key, value) in entries {
                    self.entry("entry", map, key, value);
                }
            }
            _ => self.members(shape, value),
        }
    }

    fn list(&mut self, list: &List, items: &[Value]) {
        for item in items {
            self.element(
                list.member_name,
                list.member,
                TimestampFormat::Default,
                item,
            );
        }
    }

    fn entry(&mut self, name: &str, map: &Map, key: &str, value: &Value) {
        self.open(name);
        self.text_element(map.key_name, key);
        self.element(map.value_name, map.value, TimestampFormat::Default, value);
        self.close(name);
    }

    fn members(&mut self, shape: &Shape, value: &Value) {
        let Value::Structure(values) = value else {
            return;
        };
        for (member, value) in shape.members().iter().zip(values) {
            if let (false, Some(value)) = (member.xml_attribute, value) {
                self.member(member.wire_name, member, value);
            }
        }
    }
}

/// Characters that XML 1.0 cannot hold, not even escaped: a document with one in it is read by
/// nobody, so they become U+FFFD.
fn replacement(character: char) -> Option<&'static str> {
    match character {
        '\t' | '\n' => None,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Some("\u{fffd}"),
        _ => None,
    }
}

fn double(kind: &Kind, number: f64) -> String {
    if let Some(text) = coercion::special_double_text(number) {
        return text.to_owned();
    }
    match kind {
        Kind::Float(_) => {
            #[expect(clippy::cast_possible_truncation, reason = "the shape has 32 bits")]
            let short = number as f32;
            format!("{short:?}")
        }
        _ => format!("{number:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Common;

    fn text(text: &str) -> String {
        let mut writer = Writer::new();
        writer.text(text);
        String::from_utf8(writer.finish().to_vec()).unwrap()
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(text("a<b>&\"c\"'"), "a&lt;b&gt;&amp;&quot;c&quot;'");
        assert_eq!(text("1\r\n\t2"), "1&#xD;\n\t2");
        assert_eq!(text("\0x\u{1f}\u{fffe}"), "\u{fffd}x\u{fffd}\u{fffd}");
        assert_eq!(text("ключ \u{1f511}"), "ключ \u{1f511}");
        assert_eq!(text("]]>"), "]]&gt;");
    }

    #[test]
    fn attributes_keep_their_white_space() {
        let mut writer = Writer::new();
        writer.open_root("a", Some("x\ty\n\"<"));
        assert_eq!(&**writer.finish(), b"<a xmlns=\"x&#x9;y&#xA;&quot;&lt;\">");
    }

    #[test]
    fn a_fault_names_the_side_at_fault() {
        let namespace = Some("https://iam.amazonaws.com/doc/2010-05-08/");
        let fault = Fault::common(Common::AccessDenied, "User: a & b");
        assert_eq!(
            String::from_utf8(encode_fault(namespace, &fault, "id-1").to_vec()).unwrap(),
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>\
             <Type>Sender</Type><Code>AccessDenied</Code><Message>User: a &amp; b</Message></Error>\
             <RequestId>id-1</RequestId></ErrorResponse>"
        );
        let fault = Fault::common_bare(Common::InternalFailure);
        let body = String::from_utf8(encode_fault(None, &fault, "id-2").to_vec()).unwrap();
        assert!(
            body.starts_with("<ErrorResponse><Error><Type>Receiver</Type>"),
            "{body}"
        );
    }
}
