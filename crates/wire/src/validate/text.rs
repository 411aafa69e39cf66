//! How validation shows paths, values and sets of constraints.

use super::constraint::Constraint;
use super::{Elements, Path};
use crate::shape::{Kind, Shape};
use crate::value::Value;

/// `tags.1.member.key`: names with a small first letter, places in lists counted from 1.
pub(super) fn path(path: &Path<'_>) -> String {
    let mut text = String::new();
    append_path(&mut text, path);
    text
}

fn append_path(text: &mut String, path: &Path<'_>) {
    let (outer, step) = match path {
        Path::Root => return,
        Path::Member(outer, name) => (*outer, lower_first(name)),
        Path::Item(outer, place) => (*outer, format!("{place}.member")),
        Path::Entry(outer, key) => (*outer, format!("{key}.member")),
    };
    append_path(text, outer);
    if !text.is_empty() {
        text.push('.');
    }
    text.push_str(&step);
}

/// Where a member stands among others in a hash map of Java, which has 16 places at first.
pub(super) fn bucket(name: &str) -> u32 {
    place(&lower_first(name), 16)
}

/// The values of an enumeration in the order of a hash set of Java, which it leaves a quarter empty.
pub(super) fn hashed(values: &[&'static str]) -> Vec<&'static str> {
    let places = (values.len() * 4 / 3 + 1).next_power_of_two().max(16);
    let places = u32::try_from(places).unwrap_or(u32::MAX);
    let mut hashed = values.to_vec();
    hashed.sort_by_key(|value| place(value, places));
    hashed
}

fn place(text: &str, places: u32) -> u32 {
    let hash = text.encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(u32::from(unit))
    });
    (hash ^ (hash >> 16)) % places
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// All constraints of the elements, keys or values of a container as one.
pub(super) fn together(what: &str, shape: &Shape, elements: Elements) -> String {
    let mut constraints: Vec<String> = Constraint::of(shape).map(|one| one.text()).collect();
    let present = match elements {
        Elements::Plain => false,
        Elements::Present => true,
        Elements::PresentOf(name) => name == shape.name,
    };
    if present {
        constraints.push("Member must not be null".to_owned());
    }
    format!(
        "{what} must satisfy constraint: [{}]",
        constraints.join(", ")
    )
}

/// The value in quotation marks, or `None` where it must not be shown: it is sensitive, or holds
/// a structure, of which most services show no content.
pub(super) fn quoted(shape: &Shape, value: &Value, structures: bool) -> Option<String> {
    let mut text = String::from("'");
    append(&mut text, shape, value, structures)?;
    text.push('\'');
    Some(text)
}

/// As Java prints the value, which is what AWS's texts show.
fn append(text: &mut String, shape: &Shape, value: &Value, structures: bool) -> Option<()> {
    if shape.sensitive {
        return None;
    }
    match (&shape.kind, value) {
        (_, Value::Boolean(value)) => text.push_str(&value.to_string()),
        (_, Value::Integer(number)) => text.push_str(&number.to_string()),
        (_, Value::Double(number)) => text.push_str(&format!("{number:?}")),
        (_, Value::String(value)) => text.push_str(value),
        (_, Value::Blob(bytes)) => {
            let length = bytes.len();
            text.push_str(&format!(
                "java.nio.HeapByteBuffer[pos=0 lim={length} cap={length}]"
            ));
        }
        (_, Value::Timestamp(time)) => text.push_str(&time.iso8601()),
        (Kind::List(list), Value::List(items)) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                append(text, list.member, item, structures)?;
            }
            text.push(']');
        }
        (Kind::Map(map), Value::Map(entries)) if !map.key.sensitive => {
            text.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                text.push_str(key);
                text.push('=');
                append(text, map.value, value, structures)?;
            }
            text.push('}');
        }
        (Kind::Structure(structure), Value::Structure(values)) if structures => {
            text.push_str(shape.name);
            for (index, member) in structure.members.iter().enumerate() {
                text.push_str(if index == 0 { "(" } else { ", " });
                text.push_str(&lower_first(member.name));
                text.push('=');
                match values.get(index).and_then(Option::as_ref) {
                    Some(value) => append(text, member.shape, value, structures)?,
                    None => text.push_str("null"),
                }
            }
            text.push(')');
        }
        _ => return None,
    }
    Some(())
}
