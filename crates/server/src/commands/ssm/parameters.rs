//! Parameters below a path, by calls to Parameter Store.

use crypto::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::cli::PathOptions;
use crate::client::{CallError, Client, SSM, json_body};
use crate::exit::Failure;
use crate::values::Entry;

/// Room for a call with the longest value there is, 8 KiB, however it is escaped.
const ROOM: usize = 64 * 1024;

/// A path, and how far below it.
pub(in crate::commands) struct Scope {
    /// Begins with `/` and does not end with it; empty for all there is.
    path: String,
    one_level: bool,
}

impl Scope {
    /// Where `path`, `/myapp/prod` for example, leads.
    pub(in crate::commands) fn new(path: &str, options: PathOptions) -> Result<Self, Failure> {
        if !path.starts_with('/') {
            let said = format!("`{path}` is no path: it has to begin with `/`, like /myapp/prod");
            return Err(Failure::usage(said));
        }
        Ok(Self {
            path: path.trim_end_matches('/').to_owned(),
            one_level: options.one_level,
        })
    }

    /// The whole name of the parameter that `name` is below the path.
    pub(super) fn whole(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    fn relative(&self, whole: &str) -> String {
        let below = whole.strip_prefix(&self.path);
        below.unwrap_or(whole).trim_start_matches('/').to_owned()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    parameters: Vec<Parameter>,
    next_token: Option<String>,
}

/// A parameter as it is answered.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    /// The whole name.
    pub(super) name: String,
    /// `String`, `StringList` or `SecureString`.
    #[serde(rename = "Type")]
    pub(super) kind: String,
    /// The value, decrypted.
    pub(super) value: String,
    /// `text` and others.
    pub(super) data_type: Option<String>,
    /// From 1.
    pub(super) version: Option<i64>,
    /// In seconds since 1970.
    pub(super) last_modified_date: Option<f64>,
}

/// The parameters below a path, decrypted, in the order of their names.
pub(in crate::commands) async fn entries(
    client: &Client,
    scope: &Scope,
) -> Result<Vec<Entry>, CallError> {
    let path = if scope.path.is_empty() {
        "/"
    } else {
        &scope.path
    };
    let found = below(client, path, !scope.one_level).await?.into_iter();
    let mut entries: Vec<Entry> = found
        .map(|parameter| Entry {
            name: scope.relative(&parameter.name),
            value: Secret::new(parameter.value),
            kind: Some(parameter.kind),
        })
        .collect();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// The parameters below a path as they are answered.
pub(super) async fn below(
    client: &Client,
    path: &str,
    recursive: bool,
) -> Result<Vec<Parameter>, CallError> {
    let mut parameters = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut input = json!({
            "Path": path, "Recursive": recursive, "WithDecryption": true, "MaxResults": 10,
        });
        if let (Some(token), Some(members)) = (token.take(), input.as_object_mut()) {
            members.insert("NextToken".to_owned(), Value::String(token));
        }
        let answer = client
            .call_patiently(SSM, "GetParametersByPath", body(&input)?)
            .await?;
        let page: Page = serde_json::from_slice(&answer).map_err(|_| malformed())?;
        parameters.extend(page.parameters);
        match page.next_token {
            Some(next) => token = Some(next),
            None => return Ok(parameters),
        }
    }
}

/// A call of PutParameter.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Put<'a> {
    /// The whole name.
    pub(super) name: &'a str,
    /// The value.
    pub(super) value: &'a str,
    /// `String`, `StringList` or `SecureString`.
    #[serde(rename = "Type")]
    pub(super) kind: &'a str,
    /// The key of a secure string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key_id: Option<&'a str>,
    /// The tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tier: Option<&'a str>,
    /// Whether it is there already.
    pub(super) overwrite: bool,
}

/// Makes or changes a parameter.
pub(super) async fn put(client: &Client, put: &Put<'_>) -> Result<(), CallError> {
    let answer = client.call_patiently(SSM, "PutParameter", body(put)?).await;
    answer.map(|_| ())
}

/// What a parameter is, beside its value.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metadata {
    /// The key of a secure string.
    pub(super) key_id: Option<String>,
    /// The tier.
    pub(super) tier: Option<String>,
}

/// What is known of a parameter: whoever overwrites it must say these again, or AWS takes its own
/// defaults.
pub(super) async fn metadata(client: &Client, name: &str) -> Result<Metadata, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default)]
        parameters: Vec<Metadata>,
    }
    let filter = json!({ "Key": "Name", "Option": "Equals", "Values": [name] });
    let input = body(&json!({ "ParameterFilters": [filter] }))?;
    let answer = client
        .call_patiently(SSM, "DescribeParameters", input)
        .await?;
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| malformed())?;
    Ok(answer.parameters.into_iter().next().unwrap_or_default())
}

/// A call's JSON.
pub(super) fn body(input: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, CallError> {
    json_body(input, ROOM)
}

fn malformed() -> CallError {
    CallError::Unreachable("the server's answer is malformed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_their_path() {
        let scope = |path: &str| Scope::new(path, PathOptions::default()).unwrap();
        for path in ["/myapp/prod", "/myapp/prod/"] {
            assert_eq!(scope(path).relative("/myapp/prod/db/url"), "db/url");
            assert_eq!(scope(path).whole("db/url"), "/myapp/prod/db/url");
        }
        assert_eq!(scope("/").relative("/a/b"), "a/b");
        assert_eq!(scope("/").relative("alone"), "alone");
        assert_eq!(scope("/").whole("a"), "/a");
        assert!(Scope::new("myapp", PathOptions::default()).is_err());
    }
}
