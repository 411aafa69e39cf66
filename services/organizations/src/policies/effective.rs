//! Inheritance of management policies: `@@assign`, `@@append`, `@@remove` and what a parent lets its
//! children do ("Understanding management policy inheritance" and "Inheritance operators",
//! Organizations user guide).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

const ASSIGN: &str = "@@assign";
const APPEND: &str = "@@append";
const REMOVE: &str = "@@remove";
const ALLOWED: &str = "@@operators_allowed_for_child_policies";
const ALL: &str = "@@all";
const NONE: &str = "@@none";
/// Deeper documents than AWS has any use for are refused.
const MAX_DEPTH: usize = 32;

/// Whether a document is an object whose values are all set by operators.
pub(super) fn is_sound(document: &str) -> bool {
    match serde_json::from_str(document) {
        Ok(Value::Object(members)) => !members.is_empty() && is_sound_node(&members, 0),
        _ => false,
    }
}

fn is_sound_node(members: &Map<String, Value>, depth: usize) -> bool {
    let sets = [ASSIGN, APPEND, REMOVE]
        .iter()
        .any(|operator| members.contains_key(*operator));
    depth < MAX_DEPTH
        && members.iter().all(|(name, value)| match name.as_str() {
            ASSIGN => !value.is_object() && !value.is_null(),
            APPEND | REMOVE => value.is_array() || value.is_string(),
            ALLOWED => is_sound_allowance(value),
            name if name.starts_with("@@") => false,
            _ => !sets && matches!(value, Value::Object(inner) if is_sound_node(inner, depth + 1)),
        })
}

fn is_sound_allowance(value: &Value) -> bool {
    let known = [ALL, NONE, ASSIGN, APPEND, REMOVE];
    let named = |one: &Value| one.as_str().is_some_and(|name| known.contains(&name));
    match value {
        Value::Array(names) => !names.is_empty() && names.iter().all(named),
        _ => false,
    }
}

/// What the levels so far come to.
#[derive(Default)]
pub(super) struct Merged {
    root: Node,
}

/// A value, or values below names.
#[derive(Clone, Default)]
struct Node {
    value: Option<Value>,
    below: BTreeMap<String, Self>,
    /// The operators that lower levels may use here and below; none names them all.
    allowed: Option<BTreeSet<String>>,
}

impl Merged {
    /// Adds the policies of the next level down. They do not restrict each other: what they let
    /// their children do counts from the level below on.
    pub(super) fn add_level(&mut self, documents: &[String]) {
        let above = self.root.clone();
        for document in documents {
            if let Ok(Value::Object(members)) = serde_json::from_str(document) {
                self.root.add(&members, Some(&above), None);
            }
        }
    }

    /// The policy without operators, as JSON.
    pub(super) fn text(&self) -> String {
        self.root
            .shown()
            .unwrap_or_else(|| Value::Object(Map::new()))
            .to_string()
    }
}

impl Node {
    /// Applies one policy. `above` is this node as the levels above left it, `limits` what the
    /// nearest node above it allows.
    fn add(
        &mut self,
        members: &Map<String, Value>,
        above: Option<&Self>,
        limits: Option<&BTreeSet<String>>,
    ) {
        let limits = above.and_then(|above| above.allowed.as_ref()).or(limits);
        let may = |operator: &str| limits.is_none_or(|limits| limits.contains(operator));
        for (name, value) in members {
            match name.as_str() {
                ASSIGN if may(ASSIGN) => self.value = Some(value.clone()),
                APPEND if may(APPEND) => self.append(value),
                REMOVE if may(REMOVE) => self.remove(value),
                ALLOWED => self.restrict(value, limits),
                name if name.starts_with("@@") => {}
                name => {
                    if let Value::Object(inner) = value {
                        let above = above.and_then(|above| above.below.get(name));
                        let below = self.below.entry(name.to_owned()).or_default();
                        below.add(inner, above, limits);
                    }
                }
            }
        }
    }

    fn append(&mut self, value: &Value) {
        let mut all = self.value.take().map(list).unwrap_or_default();
        for one in list(value.clone()) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        self.value = Some(Value::Array(all));
    }

    fn remove(&mut self, value: &Value) {
        let gone = list(value.clone());
        if let Some(value) = self.value.take() {
            let mut left = list(value);
            left.retain(|one| !gone.contains(one));
            self.value = Some(Value::Array(left));
        }
    }

    /// A child may allow less than it was allowed, never more.
    fn restrict(&mut self, value: &Value, limits: Option<&BTreeSet<String>>) {
        let names: Vec<&str> = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let every = [ASSIGN, APPEND, REMOVE];
        let named = every
            .iter()
            .filter(|operator| names.contains(&ALL) || names.contains(operator));
        let named: BTreeSet<String> = named.map(|operator| (*operator).to_owned()).collect();
        self.allowed = Some(match limits {
            None => named,
            Some(limits) => named.intersection(limits).cloned().collect(),
        });
    }

    fn shown(&self) -> Option<Value> {
        if let Some(value) = &self.value {
            return Some(value.clone());
        }
        let below = self.below.iter();
        let shown: Map<String, Value> = below
            .filter_map(|(name, node)| Some((name.clone(), node.shown()?)))
            .collect();
        (!shown.is_empty()).then_some(Value::Object(shown))
    }
}

/// The values of a field that may have several.
fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        single => vec![single],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(levels: &[&[&str]]) -> Value {
        let mut merged = Merged::default();
        for level in levels {
            let documents: Vec<String> = level.iter().map(|text| (*text).to_owned()).collect();
            assert!(documents.iter().all(|document| is_sound(document)));
            merged.add_level(&documents);
        }
        serde_json::from_str(&merged.text()).unwrap()
    }

    const ROOT: &str = r#"{"tags":{"center":{"tag_key":{"@@assign":"Center"},
        "tag_value":{"@@assign":["100","200"]}}}}"#;

    #[test]
    fn children_assign_append_and_remove() {
        let check = |child: &str, expected: &str| {
            let child = format!(r#"{{"tags":{{"center":{{"tag_value":{child}}}}}}}"#);
            let found = merge(&[&[ROOT], &[&child]]);
            let expected: Value = serde_json::from_str(expected).unwrap();
            assert_eq!(found["tags"]["center"]["tag_value"], expected, "{child}");
            assert_eq!(found["tags"]["center"]["tag_key"], "Center");
        };
        check(r#"{"@@assign":["300"]}"#, r#"["300"]"#);
        check(r#"{"@@append":["300","100"]}"#, r#"["100","200","300"]"#);
        check(r#"{"@@remove":["100"]}"#, r#"["200"]"#);
    }

    #[test]
    fn what_a_parent_does_not_allow_counts_for_nothing() {
        for (allowed, expected) in [
            (r#"["@@none"]"#, r#"["100"]"#),
            (r#"["@@append"]"#, r#"["100","300"]"#),
            (r#"["@@all"]"#, r#"["2","300"]"#),
        ] {
            let root = format!(
                r#"{{"tags":{{"a":{{"tag_value":{{"@@assign":["100"],
                "@@operators_allowed_for_child_policies":{allowed}}}}}}}}}"#
            );
            let assign = r#"{"tags":{"a":{"tag_value":{"@@assign":["2"],
                "@@operators_allowed_for_child_policies":["@@all"]}}}}"#;
            let append = r#"{"tags":{"a":{"tag_value":{"@@append":["300"]}}}}"#;
            let found = merge(&[&[&root], &[assign], &[append]]);
            let expected: Value = serde_json::from_str(expected).unwrap();
            assert_eq!(found["tags"]["a"]["tag_value"], expected, "{allowed}");
        }
    }

    #[test]
    fn a_restriction_reaches_everything_below_and_only_lower_levels() {
        let root = r#"{"tags":{"@@operators_allowed_for_child_policies":["@@none"],
            "a":{"tag_key":{"@@assign":"A"}}}}"#;
        let other = r#"{"tags":{"b":{"tag_key":{"@@assign":"B"}}}}"#;
        let found = merge(&[
            &[root, other],
            &[r#"{"tags":{"c":{"tag_key":{"@@assign":"C"}}}}"#],
        ]);
        assert_eq!(
            found.to_string(),
            r#"{"tags":{"a":{"tag_key":"A"},"b":{"tag_key":"B"}}}"#
        );
    }

    #[test]
    fn documents_without_operators_or_with_unknown_ones_are_refused() {
        for document in [
            "",
            "[]",
            "{}",
            r#"{"tags":"x"}"#,
            r#"{"tags":{"a":{"tag_key":"A"}}}"#,
            r#"{"tags":{"a":{"@@set":"A"}}}"#,
            r#"{"tags":{"a":{"@@assign":"A","b":{"@@assign":"c"}}}}"#,
            r#"{"tags":{"a":{"@@append":1}}}"#,
            r#"{"tags":{"@@operators_allowed_for_child_policies":["@@some"]}}"#,
        ] {
            assert!(!is_sound(document), "{document}");
        }
        let deep = format!("{}{}", r#"{"a":"#.repeat(200), "1");
        assert!(!is_sound(&deep));
    }
}
