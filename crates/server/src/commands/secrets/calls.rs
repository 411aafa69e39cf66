//! Secrets, by calls to Secrets Manager.

use crypto::{Random as _, Secret};
use platform::SystemRandom;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::pem;
use zeroize::Zeroizing;

use crate::client::{CallError, Client, SECRETS_MANAGER, json_body};

/// Room for what a call has beside a value.
const ROOM: usize = 16 * 1024;

/// What a secret says.
pub(in crate::commands) enum Content {
    /// `SecretString`
    Text(Secret<String>),
    /// `SecretBinary`
    Binary(Secret<Vec<u8>>),
}

impl Content {
    /// Whether both say the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one.ct_eq(other.expose().as_bytes()),
            (Self::Binary(one), Self::Binary(other)) => one.ct_eq(other.expose()),
            _ => false,
        }
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.expose().as_bytes(),
            Self::Binary(binary) => binary.expose(),
        }
    }
}

/// A secret as it is answered.
pub(in crate::commands) struct Found {
    /// The name, whatever it was asked by.
    pub(in crate::commands) name: String,
    /// What its current version says.
    pub(in crate::commands) content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    name: String,
    secret_string: Option<String>,
    secret_binary: Option<String>,
}

/// What the secret of this name or ARN says now.
pub(in crate::commands) async fn value(client: &Client, id: &str) -> Result<Found, CallError> {
    let input = json_body(&json!({ "SecretId": id }), ROOM)?;
    let answer = client
        .call_patiently(SECRETS_MANAGER, "GetSecretValue", input)
        .await?;
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| malformed())?;
    let binary = answer.secret_binary.map(Zeroizing::new);
    let binary = binary.map(|text| pem::decoded(&text).ok_or_else(malformed));
    let content = match (answer.secret_string, binary.transpose()?) {
        (Some(text), _) => Content::Text(Secret::new(text)),
        (None, Some(bytes)) => Content::Binary(Secret::new(bytes)),
        (None, None) => return Err(malformed()),
    };
    Ok(Found {
        name: answer.name,
        content,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    secret_list: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
}

/// The names of all secrets that begin with `beginning`, sorted.
pub(super) async fn names(client: &Client, beginning: &str) -> Result<Vec<String>, CallError> {
    let (mut names, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut input = json!({ "MaxResults": 100 });
        let mut set = |member: &str, value: Value| {
            if let Some(members) = input.as_object_mut() {
                members.insert(member.to_owned(), value);
            }
        };
        // What begins with `!` would be a filter for all others.
        if !beginning.is_empty() && !beginning.starts_with('!') {
            set("Filters", json!([{ "Key": "name", "Values": [beginning] }]));
        }
        if let Some(token) = token.take() {
            set("NextToken", token.into());
        }
        let input = json_body(&input, ROOM)?;
        let answer = client
            .call_patiently(SECRETS_MANAGER, "ListSecrets", input)
            .await?;
        let page: Page = serde_json::from_slice(&answer).map_err(|_| malformed())?;
        let found = page.secret_list.into_iter().map(|listed| listed.name);
        names.extend(found.filter(|name| name.starts_with(beginning)));
        match page.next_token {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    names.sort();
    Ok(names)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<&'a str>,
    client_request_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_string: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_binary: Option<&'a str>,
}

/// Makes a secret, under this KMS key if one is named.
pub(super) async fn create(
    client: &Client,
    (name, key_id): (&str, Option<&str>),
    content: &Content,
) -> Result<(), CallError> {
    let place = (Some(name), None, key_id);
    write(client, "CreateSecret", place, content).await
}

/// Makes a version of a secret, its current one.
pub(super) async fn put(client: &Client, name: &str, content: &Content) -> Result<(), CallError> {
    let place = (None, Some(name), None);
    write(client, "PutSecretValue", place, content).await
}

async fn write(
    client: &Client,
    operation: &str,
    (name, secret_id, kms_key_id): (Option<&str>, Option<&str>, Option<&str>),
    content: &Content,
) -> Result<(), CallError> {
    let token = token()?;
    let binary;
    let (secret_string, secret_binary) = match content {
        Content::Text(text) => (Some(text.expose().as_str()), None),
        Content::Binary(bytes) => {
            binary = Zeroizing::new(pem::base64(bytes.expose()));
            (None, Some(binary.as_str()))
        }
    };
    let input = Write {
        name,
        secret_id,
        kms_key_id,
        client_request_token: &token,
        secret_string,
        secret_binary,
    };
    let room = ROOM + 6 * content.bytes().len();
    let input = json_body(&input, room)?;
    let answer = client
        .call_patiently(SECRETS_MANAGER, operation, input)
        .await;
    answer.map(|_| ())
}

/// By which the server knows a call that is made again.
fn token() -> Result<String, CallError> {
    let mut bytes = [0; 16];
    let drawn = SystemRandom.fill(&mut bytes);
    drawn.map_err(|error| CallError::Unreachable(format!("no randomness: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn malformed() -> CallError {
    CallError::Unreachable("the server's answer is malformed".to_owned())
}
