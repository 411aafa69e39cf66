//! Parameters and answers as events show them: members that the tables hide are dropped or masked.

use std::borrow::Cow;

use wire::json::Writer;
use wire::shape::{Kind, Member, Shape, Unset};
use wire::{Timestamp, Value};
use zeroize::Zeroizing;

/// The most bytes of parameters that go on record (CloudTrail record contents).
const MAX_PARAMETERS: usize = 100 * 1024;

/// The visible members of a request as JSON text, with those that have a value although nobody gave
/// it, or `null` where there are none. Text grows when it is escaped: without a bound, a request
/// could be too large for the journal.
pub(crate) fn parameters(shape: &Shape, value: &Value) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::new();
    write_whole(&mut writer, shape, value);
    let written = writer.finish();
    if written.len() > MAX_PARAMETERS {
        return Zeroizing::new(br#"{"omitted":true}"#.to_vec());
    }
    written
}

/// The visible members of an answer, and one more where an event has it.
pub(super) fn write_answer(
    out: &mut Writer,
    shape: &Shape,
    value: &Value,
    further: Option<(&str, &str)>,
) {
    let (Some((name, text)), Value::Structure(values)) = (further, value) else {
        return write_whole(out, shape, value);
    };
    out.begin_object();
    write_members(out, shape.members(), values);
    out.key(name);
    out.string(text);
    out.end_object();
}

/// Parameters or an answer: `null`, if nothing of it is shown.
fn write_whole(out: &mut Writer, shape: &Shape, value: &Value) {
    if let Value::Structure(values) = value {
        let mut members = shape.members().iter().zip(values);
        if !members.any(|(member, value)| is_shown(member, value.as_ref())) {
            return out.null();
        }
    }
    write(out, shape, value);
}

fn write(out: &mut Writer, shape: &Shape, value: &Value) {
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Structure(values)) => {
            out.begin_object();
            write_members(out, structure.members, values);
            out.end_object();
        }
        (Kind::List(list), Value::List(items)) => {
            out.begin_array();
            for item in items {
                write(out, list.member, item);
            }
            out.end_array();
        }
        (Kind::Map(map), Value::Map(entries)) => {
            out.begin_object();
            for (key, value) in entries {
                out.key(key);
                write(out, map.value, value);
            }
            out.end_object();
        }
        (_, Value::Timestamp(time)) => {
            out.string(&Timestamp::from_secs(time.secs()).iso8601());
        }
        (_, Value::Blob(_)) => out.null(),
        _ if shape.sensitive => out.null(),
        (_, Value::Double(number)) => write_number(out, shape, *number, value),
        _ => wire::json::write(out, shape, value),
    }
}

/// `10`, not `10.0` ("Logging Service Quotas API calls with CloudTrail", Service Quotas user guide).
fn write_number(out: &mut Writer, shape: &Shape, number: f64, value: &Value) {
    /// Whole numbers up to here have one form.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || number.abs() > EXACT {
        return wire::json::write(out, shape, value);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole, and small enough"
    )]
    out.integer(number as i64);
}

fn write_members(out: &mut Writer, members: &[Member], values: &[Option<Value>]) {
    for (member, value) in members.iter().zip(values) {
        if !is_shown(member, value.as_ref()) {
            continue;
        }
        write_name(out, member.name);
        match (value, member.mask, member.unset) {
            (Some(_), Some(mask), _) => out.raw_bytes(mask.as_bytes()),
            (Some(value), None, _) => write(out, member.shape, value),
            (None, _, Some(Unset::Text(text))) => out.string(text),
            (None, _, Some(Unset::Boolean(truth))) => out.boolean(truth),
            (None, _, Some(Unset::Structure)) => {
                out.begin_object();
                out.end_object();
            }
            (None, _, None) => out.null(),
        }
    }
}

fn is_shown(member: &Member, value: Option<&Value>) -> bool {
    match value {
        Some(_) => member.mask.is_some() || !(member.hidden || member.shape.sensitive),
        None => member.unset.is_some(),
    }
}

/// A member's name as events spell it: `KeyId` -> `keyId`, `AWSAccountId` -> `aWSAccountId` (events of
/// CreateKey on record).
pub(super) fn spelled(name: &str) -> Cow<'_, str> {
    if name == ARN {
        return Cow::Borrowed("arn");
    }
    let mut text = name.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Cow::Owned(text)
}

/// The name as the key of what comes next. Every event has some: it makes no text of its own.
fn write_name(out: &mut Writer, name: &'static str) {
    if name == ARN {
        out.name("arn");
    } else {
        out.uncapitalized(name);
    }
}

/// Secrets Manager's events spell it `arn` since February 2024 ("CloudTrail entries", user guide).
const ARN: &str = "ARN";
