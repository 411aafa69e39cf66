//! Catalogue files: JSON with `sources`, texts by a short name, and `parameters`, each with its
//! `name`, `value` and the name of its `source`, and if they are known with `region` (without it, it
//! is the same in every Region), `type`, `data_type`, `version` and `modified` (seconds since 1970).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::names::{self, PUBLIC};
use crate::parameter::{Kind, ParameterRecord, Tier, Version};
use crate::secret::Content;

/// The most bytes of a value (PutParameter, `Value`).
const MOST_IN_VALUE: usize = 8 * 1024;

/// A public parameter of a Region.
#[derive(Clone)]
pub(super) struct Public {
    /// None for all Regions.
    pub(super) region: Option<String>,
    pub(super) value: String,
    pub(super) kind: Kind,
    pub(super) data_type: String,
    pub(super) version: i64,
    pub(super) modified_millis: i64,
}

impl Public {
    pub(super) fn is_in(&self, region: &str) -> bool {
        self.region.as_deref().is_none_or(|own| own == region)
    }

    /// It as a parameter, of which this is the only version.
    pub(super) fn record(&self, name: &str) -> ParameterRecord {
        let current = Version {
            number: self.version,
            kind: self.kind,
            tier: Tier::Standard,
            content: Content::Plain(self.value.clone()),
            key_id: None,
            data_type: self.data_type.clone(),
            description: None,
            allowed_pattern: None,
            modified_millis: self.modified_millis,
            modified_by: String::new(),
        };
        ParameterRecord {
            name: name.to_owned(),
            id: String::new(),
            oldest: current.number,
            current,
            labels: Vec::new(),
            tags: Vec::new(),
            clauses: Vec::new(),
            sharing: None,
            parsed: platform::Derived::default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sources: BTreeMap<String, String>,
    parameters: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    value: String,
    source: String,
    region: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    data_type: Option<String>,
    version: Option<i64>,
    modified: Option<f64>,
}

/// The parameters of a file with their names. The error is for people.
pub(super) fn read(text: &str) -> Result<Vec<(String, Public)>, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let sources = file.sources;
    let entries = file.parameters.into_iter();
    entries
        .map(|entry| {
            let name = entry.name.clone();
            public(entry, &sources).map_err(|what| format!("`{name}`: {what}"))
        })
        .collect()
}

fn public(entry: Entry, sources: &BTreeMap<String, String>) -> Result<(String, Public), String> {
    let name = entry.name;
    if !name.starts_with(PUBLIC) || !names::is_name(&name) {
        return Err(format!("the name is none of a parameter below {PUBLIC}"));
    }
    let source = sources.get(&entry.source);
    if source.is_none_or(|source| source.trim().is_empty()) {
        let source = entry.source;
        return Err(format!(
            "`sources` does not say what its source `{source}` is"
        ));
    }
    if entry.value.is_empty() || entry.value.len() > MOST_IN_VALUE {
        return Err(format!("the value has not from 1 to {MOST_IN_VALUE} bytes"));
    }
    let kind = match entry.kind.as_deref() {
        None | Some("String") => Kind::String,
        Some("StringList") => Kind::StringList,
        Some(other) => return Err(format!("no public parameter has the type `{other}`")),
    };
    let version = entry.version.unwrap_or(1);
    if version < 1 {
        return Err(format!("there is no version {version}"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "AWS writes times in seconds with decimals"
    )]
    let modified_millis = (entry.modified.unwrap_or_default() * 1000.0) as i64;
    let public = Public {
        region: entry.region,
        value: entry.value,
        kind,
        data_type: entry.data_type.unwrap_or_else(|| "text".to_owned()),
        version,
        modified_millis,
    };
    Ok((name, public))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_no_public_parameter_with_a_source_is_refused() {
        let file = |entry: &str| {
            let text =
                format!(r#"{{"sources":{{"x":"a page","empty":" "}},"parameters":[{entry}]}}"#);
            read(&text).map(|entries| entries.len())
        };
        assert_eq!(
            file(r#"{"name":"/aws/service/a","value":"1","source":"x","version":2}"#),
            Ok(1)
        );
        for entry in [
            r#"{"name":"/aws/service/a","value":"1"}"#,
            r#"{"name":"/aws/service/a","value":"1","source":"y"}"#,
            r#"{"name":"/aws/service/a","value":"1","source":"empty"}"#,
            r#"{"name":"/aws/service/a","value":"","source":"x"}"#,
            r#"{"name":"/aws/service/","value":"1","source":"x"}"#,
            r#"{"name":"/aws/other/a","value":"1","source":"x"}"#,
            r#"{"name":"/myapp/a","value":"1","source":"x"}"#,
            r#"{"name":"/aws/service/a","value":"1","source":"x","type":"SecureString"}"#,
            r#"{"name":"/aws/service/a","value":"1","source":"x","version":0}"#,
            r#"{"name":"/aws/service/a","value":"1","source":"x","colour":"red"}"#,
        ] {
            assert!(file(entry).is_err(), "{entry}");
        }
        assert!(read("[]").is_err());
    }
}
