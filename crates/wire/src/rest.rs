//! What the REST protocols share: which operation a method and a path are for, and the members of
//! requests and answers that stand outside the body (Smithy, "HTTP binding traits").

mod header;
mod template;

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::codec::Request;
use crate::coercion;
use crate::fault::Fault;
use crate::limits;
use crate::query::{split_pair, unescape, unescape_as};
use crate::shape::{Kind, Location, Map, Member, OperationTable, Shape};
use crate::value::Value;

/// Parameters of one query string at most; AWS's largest, the keys of tags to remove, are 50.
const MAX_PARAMETERS: usize = 1000;

/// The operation that a request is for, by its method, its path as sent and its query string. Where
/// several fit, the one that leaves the least to labels.
pub fn operation(
    operations: &'static [&'static OperationTable],
    (method, path, query): (&str, &str, &str),
) -> Option<&'static OperationTable> {
    let fitting = operations.iter().filter_map(|operation| {
        let http = operation.http.as_ref()?;
        let is_method = http.method == method;
        let fit = is_method.then(|| template::fit(http.uri, path, query))?;
        Some((fit?, *operation))
    });
    let best = fitting.max_by_key(|(fit, _)| *fit);
    best.map(|(_, operation)| operation)
}

/// Reads the members of a request that stand outside its body into their places in `values`.
pub(crate) fn decode(
    operation: &OperationTable,
    request: &Request<'_>,
    values: &mut [Option<Value>],
) -> Result<(), Fault> {
    let template = operation.http.map_or("", |http| http.uri);
    let labels = template::labels(template, request.path).unwrap_or_default();
    let parameters = parameters(request.query)?;
    for (member, value) in operation.input.members().iter().zip(values) {
        match member.location {
            Location::Label => *value = label(member, &labels)?,
            Location::Query => *value = parameter(member, &parameters)?,
            Location::Header => *value = header::read(member, request.headers)?,
            Location::Headers => *value = header::read_prefixed(member, request.headers)?,
            Location::Document | Location::Payload | Location::Status => {}
        }
    }
    Ok(())
}

/// The headers that members of `shape` become in an answer or an error, with lower-case names.
pub(crate) fn headers(shape: &Shape, values: &[Option<Value>]) -> Vec<(Cow<'static, str>, String)> {
    let mut headers = Vec::new();
    for (member, value) in shape.members().iter().zip(values) {
        let Some(value) = value else { continue };
        match (member.location, value) {
            (Location::Header, value) => {
                let text = header::write(member, value);
                headers.extend(text.map(|text| (member.wire_name.into(), text)));
            }
            (Location::Headers, Value::Map(entries)) => {
                for (key, value) in entries {
                    let name = [member.wire_name, &key.to_ascii_lowercase()].concat();
                    let text = value.as_str().unwrap_or_default();
                    headers.push((name.into(), text.to_owned()));
                }
            }
            _ => {}
        }
    }
    headers
}

fn label(member: &Member, labels: &[(&str, Cow<'_, str>)]) -> Result<Option<Value>, Fault> {
    let mut found = labels.iter().filter(|(name, _)| *name == member.wire_name);
    let Some((_, text)) = found.next() else {
        return Ok(None);
    };
    let text = unescape_as(text.as_bytes(), b'+')?;
    coercion::scalar(&text, member.shape).map(Some)
}

/// The parameters of a query string, decoded, in their order.
type Parameters<'a> = Vec<(Cow<'a, str>, Zeroizing<String>)>;

fn parameters(query: &str) -> Result<Parameters<'_>, Fault> {
    let mut found = Vec::new();
    for pair in query.as_bytes().split(|byte| *byte == b'&') {
        if pair.is_empty() {
            continue;
        }
        if found.len() == MAX_PARAMETERS {
            return Err(coercion::refused("Too many parameters"));
        }
        let (name, value) = split_pair(pair);
        let value = Zeroizing::new(unescape(value)?.into_owned());
        found.push((unescape(name)?, value));
    }
    Ok(found)
}

fn parameter(member: &Member, parameters: &Parameters<'_>) -> Result<Option<Value>, Fault> {
    if let Kind::Map(map) = &member.shape.kind {
        return all(map, parameters);
    }
    let named = parameters
        .iter()
        .filter(|(name, _)| name == member.wire_name);
    let mut texts = named.map(|(_, text)| text.as_str());
    if let Kind::List(list) = &member.shape.kind {
        let items = texts.map(|text| coercion::scalar(text, list.member));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        return Ok((!items.is_empty()).then_some(Value::List(items)));
    }
    match (texts.next(), texts.next()) {
        (None, _) => Ok(None),
        (Some(text), None) => coercion::scalar(text, member.shape).map(Some),
        (Some(_), Some(_)) => Err(limits::duplicate()),
    }
}

/// All parameters, those of other members included (Smithy, "httpQueryParams trait").
fn all(map: &Map, parameters: &Parameters<'_>) -> Result<Option<Value>, Fault> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for (name, text) in parameters {
        let known = entries.iter_mut().find(|(known, _)| known == name);
        match (&map.value.kind, known) {
            (Kind::List(list), Some((_, Value::List(items)))) => {
                items.push(coercion::scalar(text, list.member)?);
            }
            (Kind::List(list), _) => {
                let first = coercion::scalar(text, list.member)?;
                entries.push((name.to_string(), Value::List(vec![first])));
            }
            (_, Some(_)) => return Err(limits::duplicate()),
            (_, None) => entries.push((name.to_string(), coercion::scalar(text, map.value)?)),
        }
    }
    Ok((!entries.is_empty()).then_some(Value::Map(entries)))
}
