//! `strongroom iam explain` and `strongroom account`: signed calls to a running server, which alone
//! can open its data. They are authorized and on record like all calls.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use ::http::{HeaderMap, HeaderValue};
use platform::{Clock as _, SystemClock, environment};
use serde_json::{Value, json};
use wire::sigv4::{Signer, SigningKey, scope_date};

use super::print;
use crate::cli::EndpointOptions;
use crate::exit::Failure;
use crate::settings;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const ANSWER_LIMIT: u64 = 16 * 1024 * 1024;
/// The service in the credential scope.
const SERVICE: &str = "strongroom";

/// Prints a decision, what decided, and what every policy says; or the encoded message of a
/// refusal.
pub(super) fn explain(
    endpoint: &EndpointOptions,
    (principal, action, resource): (&str, &str, &str),
    context: &[String],
    encoded: bool,
) -> Result<(), Failure> {
    let input = json!({
        "Principal": principal, "Action": action, "Resource": resource,
        "Context": context_keys(context)?,
    });
    let answer = call(endpoint, "ExplainDecision", &input)?;
    if !encoded {
        return print(explanation(&answer).as_bytes());
    }
    let message = text(&answer, "EncodedMessage");
    if message.is_empty() {
        let said = "the call would be allowed: only a refusal has an encoded message";
        return Err(Failure::failed(said.to_owned()));
    }
    print(format!("{message}\n").as_bytes())
}

/// The condition keys of `KEY=VALUE` arguments.
fn context_keys(context: &[String]) -> Result<Vec<Value>, Failure> {
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    for entry in context {
        let (key, value) = entry.split_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "`{entry}` is no condition key with a value: write KEY=VALUE"
            ))
        })?;
        match keys.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) => values.push(value.to_owned()),
            None => keys.push((key.to_owned(), vec![value.to_owned()])),
        }
    }
    let keys = keys.into_iter();
    Ok(keys
        .map(|(name, values)| json!({ "Name": name, "Values": values }))
        .collect())
}

/// A decision in words.
fn explanation(answer: &Value) -> String {
    let mut lines = format!("{}: {}\n", text(answer, "Decision"), text(answer, "Reason"));
    for policy in list(answer, "Policies") {
        lines.push_str(&format!(
            "  {} {}: {}\n",
            text(policy, "Layer"),
            text(policy, "Policy"),
            text(policy, "Says")
        ));
    }
    let missing: Vec<&str> = list(answer, "MissingKeys")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if !missing.is_empty() {
        lines.push_str(&format!(
            "not given with --context: {}\n",
            missing.join(", ")
        ));
    }
    lines
}

/// Prints the accounts, one a line.
pub(super) fn list_accounts(endpoint: &EndpointOptions) -> Result<(), Failure> {
    let answer = call(endpoint, "ListAccounts", &json!({}))?;
    let mut lines = String::new();
    for account in list(&answer, "Accounts") {
        let columns = ["AccountId", "Status", "Name", "Email"].map(|name| text(account, name));
        lines.push_str(columns.join("\t").trim_end());
        lines.push('\n');
    }
    print(lines.as_bytes())
}

/// Makes an account and prints its root access key.
pub(super) fn create_account(
    endpoint: &EndpointOptions,
    name: Option<String>,
    email: Option<String>,
) -> Result<(), Failure> {
    let mut input = serde_json::Map::new();
    for (member, value) in [("Name", name), ("Email", email)] {
        input.extend(value.map(|value| (member.to_owned(), Value::String(value))));
    }
    let answer = call(endpoint, "CreateAccount", &Value::Object(input))?;
    let lines = format!(
        "# account {}\nexport AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n",
        text(&answer, "AccountId"),
        text(&answer, "AccessKeyId"),
        text(&answer, "SecretAccessKey"),
    );
    print(lines.as_bytes())
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    let list = value.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// Calls an operation with the credentials of the environment.
fn call(endpoint: &EndpointOptions, operation: &str, input: &Value) -> Result<Value, Failure> {
    let (address, region) = settings::endpoint(endpoint)?;
    let region = region.unwrap_or_else(|| "us-east-1".to_owned());
    let body = input.to_string();
    let headers = sign(address, &region, operation, body.as_bytes())?;
    let answer = fetch(address, &headers, &body).map_err(|error| {
        Failure::unavailable(format!(
            "no server answers at {address}: {error}; start one with `strongroom serve`, or name \
             another place with --listen"
        ))
    })?;
    let malformed = || {
        Failure::unavailable(format!(
            "what listens at {address} does not answer as Strongroom over plain HTTP does"
        ))
    };
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(malformed)?;
    let value: Value = serde_json::from_str(body).map_err(|_| malformed())?;
    if head.split(' ').nth(1) == Some("200") {
        return Ok(value);
    }
    let code = text(&value, "__type")
        .rsplit('#')
        .next()
        .unwrap_or_default()
        .to_owned();
    let message = [text(&value, "message"), text(&value, "Message")].concat();
    let message = message.lines().next().unwrap_or_default();
    let said = format!("the server refused: {code}: {message}");
    Err(match code.as_str() {
        "AccessDeniedException" | "UnrecognizedClientException" | "InvalidSignatureException" => {
            Failure::denied(said)
        }
        "NoSuchEntity" | "NoSuchEntityException" => Failure::not_found(said),
        _ => Failure::failed(said),
    })
}

fn sign(
    address: SocketAddr,
    region: &str,
    operation: &str,
    body: &[u8],
) -> Result<HeaderMap, Failure> {
    let variable = |name: &str| {
        environment::variable(name).ok_or_else(|| {
            Failure::usage(format!(
                "set AWS credentials in the environment: {name} is missing"
            ))
        })
    };
    let (id, secret) = (
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
    );
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: &str| {
        let value = HeaderValue::try_from(value)
            .map_err(|_| Failure::usage(format!("the value of {name} cannot stand in a header")))?;
        headers.insert(name, value);
        Ok::<_, Failure>(())
    };
    set("host", &address.to_string())?;
    set("content-type", "application/x-amz-json-1.1")?;
    set("x-amz-target", &format!("Strongroom.{operation}"))?;
    if let Some(token) = environment::variable("AWS_SESSION_TOKEN") {
        set("x-amz-security-token", &token)?;
    }
    let now = SystemClock.now();
    let key = SigningKey::derive(&secret, &scope_date(now), region, SERVICE);
    let signer = Signer {
        access_key_id: &id,
        key: &key,
        region,
        service: SERVICE,
        now,
    };
    signer.sign("POST", ("/", ""), &mut headers, body);
    Ok(headers)
}

fn fetch(address: SocketAddr, headers: &HeaderMap, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request = b"POST / HTTP/1.1\r\nconnection: close\r\n".to_vec();
    for (name, value) in headers {
        request.extend_from_slice(name.as_str().as_bytes());
        request.extend_from_slice(b": ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
    stream.write_all(&request)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_LIMIT).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
