//! Members in headers: scalars as texts, lists with commas between their items.

use http::HeaderMap;

use crate::coercion;
use crate::fault::Fault;
use crate::limits;
use crate::shape::{Kind, Member, Shape, TimestampFormat};
use crate::value::Value;

/// The member in its header, if that is there.
pub(super) fn read(member: &Member, headers: &HeaderMap) -> Result<Option<Value>, Fault> {
    let mut texts = Vec::new();
    for value in headers.get_all(member.wire_name) {
        texts.push(text(value)?);
    }
    if let Kind::List(list) = &member.shape.kind {
        return match texts.as_slice() {
            [] => Ok(None),
            [""] => Ok(Some(Value::List(Vec::new()))),
            texts => items(&texts.join(","), list.member).map(|items| Some(Value::List(items))),
        };
    }
    match texts.as_slice() {
        [] => Ok(None),
        [text] => coercion::scalar(text, member.shape).map(Some),
        // Which of two counts would be up to the reader.
        _ => Err(limits::duplicate()),
    }
}

/// The headers whose names begin with the member's, as a map.
pub(super) fn read_prefixed(member: &Member, headers: &HeaderMap) -> Result<Option<Value>, Fault> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for name in headers.keys() {
        let Some(key) = name.as_str().strip_prefix(member.wire_name) else {
            continue;
        };
        let values: Result<Vec<_>, _> = headers.get_all(name).iter().map(text).collect();
        entries.push((key.to_owned(), Value::string(values?.join(","))));
    }
    entries.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    Ok((!entries.is_empty()).then_some(Value::Map(entries)))
}

/// The member as the text of its header; nothing for an empty list, which no header can tell from
/// a list of an empty text.
pub(super) fn write(member: &Member, value: &Value) -> Option<String> {
    match (&member.shape.kind, value) {
        (Kind::List(list), Value::List(items)) => {
            let item = |item| written(list.member, TimestampFormat::Default, item).map(quoted);
            let items: Option<Vec<_>> = items.iter().map(item).collect();
            items
                .filter(|items| !items.is_empty())
                .map(|items| items.join(", "))
        }
        (_, value) => written(member.shape, member.timestamp, value),
    }
}

fn text(value: &http::HeaderValue) -> Result<&str, Fault> {
    str::from_utf8(value.as_bytes())
        .map(str::trim)
        .map_err(|_| coercion::malformed())
}

/// The items of a list. A comma within quotes, and the one after the weekday of a date, part none.
fn items(text: &str, shape: &Shape) -> Result<Vec<Value>, Fault> {
    let is_date = match shape.kind {
        Kind::Timestamp(format) => format.or(TimestampFormat::Rfc822) == TimestampFormat::Rfc822,
        _ => false,
    };
    let mut items = Vec::new();
    let mut rest = text;
    loop {
        let (item, after) = first(rest, is_date)?;
        items.push(coercion::scalar(&item, shape)?);
        match after {
            Some(after) => rest = after,
            None => return Ok(items),
        }
    }
}

/// The first item, without its quotes, and what follows its comma.
fn first(text: &str, is_date: bool) -> Result<(String, Option<&str>), Fault> {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('"') {
        return quoted_item(inner);
    }
    let mut commas = text.match_indices(',').map(|(at, _)| at);
    let comma = if is_date {
        commas.nth(1)
    } else {
        commas.next()
    };
    let (item, after) = match comma {
        Some(at) => (text.get(..at), text.get(at + 1..)),
        None => (Some(text), None),
    };
    Ok((item.unwrap_or_default().trim().to_owned(), after))
}

fn quoted_item(inner: &str) -> Result<(String, Option<&str>), Fault> {
    let mut item = String::new();
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => item.extend(letters.next().map(|(_, escaped)| escaped)),
            '"' => {
                let after = inner.get(at + 1..).unwrap_or_default().trim_start();
                return match after.strip_prefix(',') {
                    Some(after) => Ok((item, Some(after))),
                    None if after.is_empty() => Ok((item, None)),
                    None => Err(coercion::malformed()),
                };
            }
            other => item.push(other),
        }
    }
    Err(coercion::malformed())
}

/// A scalar as text.
fn written(shape: &Shape, format: TimestampFormat, value: &Value) -> Option<String> {
    Some(match (&shape.kind, value) {
        (_, Value::String(text)) => text.to_string(),
        (_, Value::Boolean(truth)) => truth.to_string(),
        (_, Value::Integer(number)) => number.to_string(),
        (_, Value::Double(number)) => match coercion::special_double_text(*number) {
            Some(text) => text.to_owned(),
            None => number.to_string(),
        },
        (Kind::Timestamp(own), Value::Timestamp(time)) => {
            time.format(format.or(*own).or(TimestampFormat::Rfc822))
        }
        (_, Value::Blob(bytes)) => crate::pem::base64(bytes),
        _ => return None,
    })
}

/// An item of a list, in quotes where it has what would end it. Dates are the exception: their
/// comma is always there.
fn quoted(text: String) -> String {
    let is_date = text.ends_with(" GMT") && text.matches(',').count() == 1;
    if is_date || !text.contains([',', '"']) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
