//! An event, taken apart into its fields.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::json::{Json, Kind, SyntaxError};
use crate::matcher::Scalar;
use crate::number::Number;

/// An event as patterns see it: values by the path to them. Lists leave no trace in paths, so that
/// a field may have several values.
pub struct Event {
    pub(crate) fields: HashMap<Box<str>, Vec<Leaf>>,
}

/// A value of a field, and the elements of lists that it is in, outermost first: number of the list
/// within the event, number of the element within the list.
pub(crate) struct Leaf {
    pub(crate) value: Scalar,
    pub(crate) elements: Box<[(u32, u32)]>,
}

/// A text that is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// No JSON.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// JSON, but no object.
    #[error("event must be a JSON object")]
    NoObject,
}

impl Event {
    /// Reads the JSON text of an event.
    pub fn parse(text: &str) -> Result<Self, EventError> {
        Self::of(&Json::parse(text)?)
    }

    /// The event that `json` is.
    pub fn of(json: &Json<'_>) -> Result<Self, EventError> {
        if !matches!(json.kind, Kind::Object(_)) {
            return Err(EventError::NoObject);
        }
        let mut taking = TakingApart::default();
        taking.value(json);
        Ok(Self {
            fields: taking.fields,
        })
    }

    /// The values of a field.
    pub(crate) fn leaves(&self, path: &str) -> &[Leaf] {
        self.fields.get(path).map_or(&[], Vec::as_slice)
    }
}

#[derive(Default)]
struct TakingApart {
    path: String,
    elements: Vec<(u32, u32)>,
    lists: u32,
    fields: HashMap<Box<str>, Vec<Leaf>>,
}

impl TakingApart {
    fn value(&mut self, json: &Json<'_>) {
        match &json.kind {
            Kind::Object(members) => {
                for (name, value) in members {
                    let length = self.path.len();
                    if length > 0 {
                        self.path.push('.');
                    }
                    self.path.push_str(name);
                    self.value(value);
                    self.path.truncate(length);
                }
            }
            Kind::List(items) => {
                let list = self.lists;
                self.lists += 1;
                for (element, item) in (0..).zip(items) {
                    self.elements.push((list, element));
                    self.value(item);
                    self.elements.pop();
                }
            }
            Kind::Null => self.leaf(Scalar::Plain("null".into(), None)),
            Kind::Bool(true) => self.leaf(Scalar::Plain("true".into(), None)),
            Kind::Bool(false) => self.leaf(Scalar::Plain("false".into(), None)),
            Kind::Number(text) => {
                self.leaf(Scalar::Plain((*text).into(), Number::parse(text)));
            }
            Kind::Text(text) => self.leaf(Scalar::Text(text.as_ref().into(), OnceLock::new())),
        }
    }

    fn leaf(&mut self, value: Scalar) {
        let elements = self.elements.as_slice().into();
        let leaf = Leaf { value, elements };
        match self.fields.get_mut(self.path.as_str()) {
            Some(leaves) => leaves.push(leaf),
            None => {
                self.fields.insert(self.path.as_str().into(), vec![leaf]);
            }
        }
    }
}
