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

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// All constraints of the elements, keys or values of a container as one.
pub(super) fn together(what: &str, shape: &Shape, elements: Elements) -> String {
    let mut constraints: Vec<String> = Constraint::of(shape).map(|one| one.text()).collect();
    if elements == Elements::Present {
        constraints.push("Member must not be null".to_owned());
    }
    format!(
        "{what} must satisfy constraint: [{}]",
        constraints.join(", ")
    )
}

/// The value in quotation marks, or `None` where it must not be shown: it is sensitive, or holds
/// a structure, of which AWS shows no content.
pub(super) fn quoted(shape: &Shape, value: &Value) -> Option<String> {
    let mut text = String::from("'");
    append(&mut text, shape, value)?;
    text.push('\'');
    Some(text)
}

/// As Java prints the value, which is what AWS's texts show.
fn append(text: &mut String, shape: &Shape, value: &Value) -> Option<()> {
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
                append(text, list.member, item)?;
            }
            text.push(']');
        }
        (Kind::Map(map), Value::Map(entries)) if !map.key.sensitive => {
            text.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                text.push_str(key);
                text.push('=');
                append(text, map.value, value)?;
            }
            text.push('}');
        }
        _ => return None,
    }
    Some(())
}
