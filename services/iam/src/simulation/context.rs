//! The context of a simulated request: the entries of the request, and what follows from the
//! caller and the resource.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use api::iam::{ContextEntry, ContextKeyTypeEnum, InvalidInputException};
use platform::Result;
use policy::{Conditions, Values};

/// Keys in lower case, with their values.
#[derive(Default)]
pub(crate) struct Context {
    given: BTreeMap<String, Vec<String>>,
    derived: BTreeMap<String, Vec<String>>,
    missing: Mutex<Vec<String>>,
}

impl Context {
    /// The context of these entries.
    pub(crate) fn of(entries: Vec<ContextEntry>) -> Result<Self> {
        let mut context = Self::default();
        for entry in entries {
            let (Some(name), Some(values), Some(kind)) = (
                entry.context_key_name,
                entry.context_key_values,
                entry.context_key_type,
            ) else {
                let message = "A context entry needs ContextKeyName, ContextKeyValues and \
                               ContextKeyType.";
                return Err(InvalidInputException::new(message).into());
            };
            if let Some(value) = values.iter().find(|value| !is_of(kind, value)) {
                let kind = kind.as_str();
                let message =
                    format!("Invalid value for context key {name}: {value} is not of type {kind}.");
                return Err(InvalidInputException::new(message).into());
            }
            context.given.insert(name.to_ascii_lowercase(), values);
        }
        Ok(context)
    }

    /// Adds a key that the request gives.
    pub(crate) fn give(&mut self, key: &str, values: Vec<String>) {
        self.given.insert(key.to_ascii_lowercase(), values);
    }

    /// Adds what the simulation itself knows; entries of the request go before.
    pub(crate) fn derive(&mut self, key: &str, value: &str) {
        let key = key.to_ascii_lowercase();
        self.derived.insert(key, vec![value.to_owned()]);
    }

    /// The bytes of all values that the request gives.
    pub(crate) fn size(&self) -> usize {
        self.given.values().flatten().map(String::len).sum()
    }

    /// The keys that were asked for and are not there, since the last time.
    pub(crate) fn take_missing(&self) -> Vec<String> {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *missing)
    }
}

impl Conditions for Context {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let found = self.given.get(key).or_else(|| self.derived.get(key));
        if found.is_none() {
            let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
            if !missing.iter().any(|known| known == key) {
                missing.push(key.to_owned());
            }
        }
        match found?.as_slice() {
            [one] => Some(Values::from(one.as_str())),
            several => Some(Values::Many(several)),
        }
    }
}

fn is_of(kind: ContextKeyTypeEnum, value: &str) -> bool {
    use ContextKeyTypeEnum as Kind;
    match kind {
        Kind::Numeric | Kind::NumericList => value.parse::<f64>().is_ok_and(f64::is_finite),
        Kind::Boolean | Kind::BooleanList => {
            value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
        }
        Kind::Ip | Kind::IpList => {
            let address = value.split('/').next().unwrap_or_default();
            address.parse::<IpAddr>().is_ok()
        }
        Kind::String
        | Kind::StringList
        | Kind::Binary
        | Kind::BinaryList
        | Kind::Date
        | Kind::DateList => true,
    }
}
