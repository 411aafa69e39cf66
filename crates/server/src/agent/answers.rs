//! What the servers say, as the agent says it.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use wire::Timestamp;
use wire::json::Writer;
use zeroize::Zeroizing;

use super::question::Question;
use crate::client::{CallError, Client, SECRETS_MANAGER, SSM, json_body};

/// Room for a call, which holds names alone.
const ROOM: usize = 16 * 1024;

/// Where values come from.
pub struct Sources {
    /// Asked for secrets.
    pub secrets: Client,
    /// Asked for parameters.
    pub parameters: Client,
}

/// An answer with a value, in JSON; wiped when nobody holds it any more.
pub(super) struct Value(Zeroizing<Vec<u8>>);

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The status of the answer.
    pub(super) status: u16,
    /// AWS's code, or one of the agent's own.
    pub(super) code: String,
    /// AWS's text.
    pub(super) message: String,
    /// Whether the same call may succeed a moment later.
    pub(super) is_transient: bool,
}

impl Sources {
    /// Asks the server.
    pub(super) async fn ask(&self, question: &Question) -> Result<Value, Problem> {
        let (client, api, operation, input) = match question {
            Question::Secret {
                id,
                version_id,
                version_stage,
            } => {
                let input = [
                    ("SecretId", Some(id)),
                    ("VersionId", version_id.as_ref()),
                    ("VersionStage", version_stage.as_ref()),
                ];
                let given = input.into_iter();
                let given = given.filter_map(|(name, value)| {
                    Some((name.to_owned(), Json::from(value?.as_str())))
                });
                let input = Json::Object(given.collect());
                (&self.secrets, SECRETS_MANAGER, "GetSecretValue", input)
            }
            Question::Parameter {
                name,
                with_decryption,
            } => {
                let input = json!({ "Name": name, "WithDecryption": with_decryption });
                (&self.parameters, SSM, "GetParameter", input)
            }
        };
        let body = json_body(&input, ROOM).map_err(|error| Problem::of(&error))?;
        let answer = client.call(api, operation, body).await;
        let answer = answer.map_err(|error| {
            tracing::debug!(operation, %error, "a call failed");
            Problem::of(&error)
        })?;
        let written = match question {
            Question::Secret { .. } => secret(&answer),
            Question::Parameter { .. } => parameter(&answer),
        };
        written.map(Value).ok_or_else(Problem::internal)
    }
}

impl Value {
    #[cfg(test)]
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Problem {
    fn of(error: &CallError) -> Self {
        let (status, code, message) = match error {
            CallError::Refused {
                status,
                code,
                message,
            } => (*status, code.as_str(), message.as_str()),
            CallError::Late(_) => (504, "TimeoutError", "Timeout"),
            CallError::Unreachable(_) => (502, "ConnectionError", "Read Error"),
            CallError::Credentials(_) => return Self::internal(),
        };
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            is_transient: error.is_transient(),
        }
    }

    fn internal() -> Self {
        Self {
            status: 500,
            code: "InternalFailure".to_owned(),
            message: String::new(),
            is_transient: false,
        }
    }

    /// The answer, in JSON as AWS's services write it.
    pub(super) fn body(&self) -> String {
        match self.message.is_empty() {
            true => json!({ "__type": self.code }).to_string(),
            false => json!({ "__type": self.code, "message": self.message }).to_string(),
        }
    }
}

/// Values are borrowed from the answer as the JSON that they are.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Secret<'a> {
    #[serde(borrow, rename = "ARN")]
    arn: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    version_id: Option<&'a RawValue>,
    #[serde(borrow)]
    secret_string: Option<&'a RawValue>,
    #[serde(borrow)]
    secret_binary: Option<&'a RawValue>,
    #[serde(borrow)]
    version_stages: Option<&'a RawValue>,
    created_date: Option<f64>,
}

/// As the agent of AWS writes it: the answer of GetSecretValue, with the date as a text.
fn secret(answer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let secret: Secret<'_> = serde_json::from_slice(answer).ok()?;
    let mut writer = Writer::with_capacity(answer.len() + 64);
    writer.begin_object();
    for (name, value) in [
        ("ARN", secret.arn),
        ("Name", secret.name),
        ("VersionId", secret.version_id),
        ("SecretString", secret.secret_string),
        ("SecretBinary", secret.secret_binary),
        ("VersionStages", secret.version_stages),
    ] {
        if let Some(value) = value {
            writer.key(name);
            writer.raw(value.get());
        }
    }
    if let Some(date) = secret.created_date {
        writer.key("CreatedDate");
        let time = Timestamp::from_epoch_seconds(date)?;
        writer.string(&time.epoch_seconds());
    }
    writer.end_object();
    Some(writer.finish())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(borrow)]
    parameter: Parameter<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter<'a> {
    #[serde(borrow, rename = "ARN")]
    arn: Option<&'a RawValue>,
    #[serde(borrow)]
    data_type: Option<&'a RawValue>,
    last_modified_date: Option<f64>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    selector: Option<&'a RawValue>,
    #[serde(borrow)]
    source_result: Option<&'a RawValue>,
    #[serde(borrow)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

/// As the Lambda extension writes it: the answer of GetParameter as the SDK for Go has it, with the
/// date in ISO 8601 and `null` for what is not there.
fn parameter(answer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let Answer { parameter } = serde_json::from_slice(answer).ok()?;
    let mut writer = Writer::with_capacity(answer.len() + 256);
    writer.begin_object();
    writer.key("Parameter");
    writer.begin_object();
    let mut member = |name: &str, value: Option<&RawValue>| {
        writer.key(name);
        writer.raw(value.map_or("null", RawValue::get));
    };
    let time = parameter
        .last_modified_date
        .map(Timestamp::from_epoch_seconds);
    let time = time.map(|time| serde_json::value::to_raw_value(&time?.iso8601()).ok());
    member("ARN", parameter.arn);
    member("DataType", parameter.data_type);
    member("LastModifiedDate", time.flatten().as_deref());
    member("Name", parameter.name);
    member("Selector", parameter.selector);
    member("SourceResult", parameter.source_result);
    member("Type", parameter.r#type);
    member("Value", parameter.value);
    member("Version", parameter.version);
    writer.end_object();
    writer.key("ResultMetadata");
    writer.begin_object();
    writer.end_object();
    writer.end_object();
    Some(writer.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Option<Zeroizing<Vec<u8>>>) -> String {
        String::from_utf8(bytes.unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_secret_is_written_as_the_agent_writes_it() {
        let answer = br#"{"Name":"n","ARN":"a","CreatedDate":1.569534789046E9,"VersionStages":["AWSCURRENT"],
            "VersionId":"v","SecretString":"{\"k\":\"\u00e9\"}","Unknown":1}"#;
        let expected = r#"{"ARN":"a","Name":"n","VersionId":"v","SecretString":"{\"k\":\"\u00e9\"}","VersionStages":["AWSCURRENT"],"CreatedDate":"1569534789.046"}"#;
        assert_eq!(text(secret(answer)), expected);
        let binary = br#"{"Name":"n","SecretBinary":"AAE="}"#;
        assert_eq!(
            text(secret(binary)),
            r#"{"Name":"n","SecretBinary":"AAE="}"#
        );
        assert!(secret(b"[]").is_none() && secret(b"<html>").is_none());
    }

    #[test]
    fn a_parameter_is_written_as_the_extension_writes_it() {
        let answer = br#"{"Parameter":{"Name":"/a","Type":"String","Value":"x\"y","Version":2,
            "LastModifiedDate":1530018761.888,"ARN":"arn","DataType":"text"}}"#;
        let expected = r#"{"Parameter":{"ARN":"arn","DataType":"text","LastModifiedDate":"2018-06-26T13:12:41.888Z","Name":"/a","Selector":null,"SourceResult":null,"Type":"String","Value":"x\"y","Version":2},"ResultMetadata":{}}"#;
        assert_eq!(text(parameter(answer)), expected);
        assert!(parameter(b"{}").is_none());
    }

    #[test]
    fn problems_are_written_as_aws_writes_errors() {
        let refused = CallError::Refused {
            status: 400,
            code: "ResourceNotFoundException".to_owned(),
            message: "can't \"find\"".to_owned(),
        };
        let problem = Problem::of(&refused);
        let body = r#"{"__type":"ResourceNotFoundException","message":"can't \"find\""}"#;
        assert_eq!((problem.status, problem.body()), (400, body.to_owned()));
        assert!(!problem.is_transient);
        let nobody = Problem::of(&CallError::Unreachable("x".to_owned()));
        assert_eq!((nobody.status, nobody.is_transient), (502, true));
        let late = Problem::of(&CallError::Late("x".to_owned()));
        assert_eq!((late.status, late.is_transient), (504, true));
        let keyless = Problem::of(&CallError::Credentials("x".to_owned()));
        assert_eq!(keyless.body(), r#"{"__type":"InternalFailure"}"#);
    }
}
