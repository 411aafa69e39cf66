//! An API destination as a target: an HTTPS request with the credentials of a connection ("API
//! destinations as targets", EventBridge user guide).

use std::sync::Arc;
use std::time::Duration;

use patterns::Json;
use platform::{Ctx, Failure, OutboundFailure, OutboundRequest, OutboundResponse, Outcome, Result};
use store::Key;
use wire::Timestamp;
use wire::pem::base64;

use crate::access::Thing;
use crate::api_destination::ApiDestinationRecord;
use crate::connection::{ConnectionRecord, Parameter, Parameters};
use crate::connection_secrets;
use crate::credentials::Login;
use crate::deliverer::{EVENTS, Targets};
use crate::dispatch::Dispatch;
use crate::json_path::JsonPath;

/// Sends the event.
pub(crate) async fn deliver(
    ctx: &Ctx,
    dispatch: &Dispatch,
    name: &str,
    targets: &Targets,
) -> Result<Outcome> {
    let account = dispatch.account();
    let place = ApiDestinationRecord::place(account, &ctx.region, name);
    let found = ctx.get::<ApiDestinationRecord>(&place).await?;
    let arn = &dispatch.target.arn;
    let Some(destination) = found.filter(|found| found.arn(account, &ctx.region) == *arn) else {
        return Ok(no_resource("The API destination does not exist."));
    };
    if let Err(left) = targets.rates.take(arn, destination.rate, ctx.now) {
        return Ok(Outcome::NotYet(Duration::from_millis(left)));
    }
    by_role(ctx, dispatch).await?;
    let arn = &destination.connection_arn;
    let connection = arn.split('/').nth(1).unwrap_or_default();
    let place = Key::new(account, &ctx.region, [connection]);
    let found = ctx.get::<ConnectionRecord>(&place).await?;
    let Some(connection) = found.filter(|found| found.arn(account, &ctx.region) == *arn) else {
        return Ok(no_resource("The connection does not exist."));
    };
    if connection.state != "AUTHORIZED" {
        let failure = Failure::new("NO_PERMISSIONS", "The connection is not authorized.");
        return Ok(match connection.state.as_str() {
            "AUTHORIZING" => Outcome::Retry(failure),
            _ => Outcome::GiveUp(failure),
        });
    }
    let credentials = match connection_secrets::read(ctx, account, &connection).await? {
        Ok(credentials) => credentials,
        Err(outcome) => return Ok(outcome),
    };
    let header = match &credentials.login {
        login @ Login::ClientCredentials { .. } => {
            let login = (connection.revision, login);
            match targets.tokens.get(ctx, arn, login).await {
                Ok(token) => ("authorization".to_owned(), format!("Bearer {}", **token)),
                Err(outcome) => return Ok(outcome),
            }
        }
        Login::Basic { username, password } => {
            let pair = format!("{username}:{}", password.expose());
            (
                "authorization".to_owned(),
                format!("Basic {}", base64(pair.as_bytes())),
            )
        }
        Login::ApiKey { name, value } => (name.clone(), value.expose().to_owned()),
    };
    let request = {
        let (dispatch, destination) = (dispatch.clone(), Arc::clone(&destination));
        let make = move || request(&dispatch, &destination, &credentials.http, header);
        // To follow paths through a large event holds up other calls.
        ctx.in_background(make).await??
    };
    let answer = match ctx.upkeep().outbound().send(request).await {
        Ok(answer) => answer,
        Err(failure) => return Ok(unreached(failure, "API destination")),
    };
    if answer.status == 401 {
        targets.tokens.forget(arn, &connection);
    }
    Ok(answered(&answer, "API destination", ctx.now))
}

/// A session of the target's role must be allowed to invoke the API destination.
async fn by_role(ctx: &Ctx, dispatch: &Dispatch) -> Result<()> {
    let role = dispatch.target.role.as_deref().unwrap_or_default();
    let session = (role, dispatch.event_id.as_str());
    let session = ctx.as_role(EVENTS, session, &dispatch.rule_arn).await?;
    let thing = Thing {
        arn: dispatch.target.arn.clone(),
        account: dispatch.account().to_owned(),
        tags: Vec::new(),
        creator: None,
    };
    let call = ctx.in_session(&session);
    call.permits("events:InvokeApiDestination", thing, &platform::NoKeys)
        .await?;
    Ok(())
}

fn no_resource(message: &str) -> Outcome {
    Outcome::GiveUp(Failure::new("NO_RESOURCE", message))
}

/// What becomes of a delivery whose receiver answered with this status: 401, 407, 409, 429 and 5xx are
/// tried again ("API destinations as targets", "How EventBridge retries").
pub(crate) fn answered(answer: &OutboundResponse, who: &str, now: Timestamp) -> Outcome {
    if answer.is_success() {
        return Outcome::Done;
    }
    let status = answer.status;
    let message = format!("The {who} answered with status {status}.");
    let mut failure = Failure::new("ERROR_FROM_TARGET", message);
    if !matches!(status, 401 | 407 | 409 | 429 | 500..) {
        return Outcome::GiveUp(failure);
    }
    let after = answer.header_value("retry-after");
    failure.retry_after = after.and_then(|after| pause(after.trim(), now));
    Outcome::Retry(failure)
}

/// What `Retry-After` asks for: a number of seconds, or the time until a date (RFC 9110, 10.2.3).
fn pause(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let millis = Timestamp::parse_rfc822(text)?
        .millis
        .saturating_sub(now.millis);
    Some(Duration::from_millis(
        u64::try_from(millis).unwrap_or_default(),
    ))
}

/// What becomes of a delivery whose receiver did not answer.
pub(crate) fn unreached(failure: OutboundFailure, who: &str) -> Outcome {
    let code = match failure {
        OutboundFailure::TimedOut => "TIMEOUT",
        OutboundFailure::Malformed | OutboundFailure::Plain => "INVALID_PARAMETER",
        _ => "CONNECTION_FAILURE",
    };
    let told = Failure::new(code, format!("The {who} could not be called: {failure}."));
    match failure.is_final() {
        true => Outcome::GiveUp(told),
        false => Outcome::Retry(told),
    }
}

/// The request. Where target and connection name the same, the connection counts.
fn request(
    dispatch: &Dispatch,
    destination: &ApiDestinationRecord,
    own_http: &Parameters,
    (name, value): (String, String),
) -> Result<OutboundRequest> {
    let given = dispatch.target.http.clone().unwrap_or_default();
    let values = Dynamic::of(&dispatch.event);
    let mut path = given
        .path
        .iter()
        .map(|value| percent(&values.of_text(value)));
    let mut url = String::new();
    for (index, piece) in destination.endpoint.split('*').enumerate() {
        if index > 0 {
            url.push_str(&path.next().unwrap_or_default());
        }
        url.push_str(piece);
    }
    let mut query = Vec::new();
    for (key, value) in &given.query {
        set(&mut query, key, &values.of_text(value));
    }
    for own in &own_http.query {
        set(&mut query, &own.key, own.value.expose());
    }
    let mut headers = vec![
        (
            "content-type".to_owned(),
            "application/json; charset=utf-8".to_owned(),
        ),
        (
            "user-agent".to_owned(),
            "Amazon/EventBridge/ApiDestinations".to_owned(),
        ),
    ];
    for (key, value) in &given.headers {
        set(&mut headers, key, &values.of_text(value));
    }
    for own in &own_http.headers {
        set(&mut headers, &own.key, own.value.expose());
    }
    set(&mut headers, &name, &value);
    let body = match destination.method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => String::new(),
        _ => with_members(dispatch.input()?, &own_http.body),
    };
    let url = with_query(&url, &query);
    let mut request = OutboundRequest::new(&destination.method, &url, body);
    request.headers = headers;
    Ok(request)
}

/// Values that may be paths into the event.
struct Dynamic<'a> {
    text: &'a str,
    event: Option<Json<'a>>,
}

impl<'a> Dynamic<'a> {
    fn of(text: &'a str) -> Self {
        let event = Json::parse(text).ok();
        Self { text, event }
    }

    fn of_text(&self, value: &str) -> String {
        let path = value
            .starts_with("$.")
            .then(|| JsonPath::parse(value))
            .flatten();
        let (Some(path), Some(event)) = (path, &self.event) else {
            return value.to_owned();
        };
        let found = path.find(event, self.text).unwrap_or_default();
        let text = Json::parse(&found).ok();
        let text = text.and_then(|json| json.text().map(str::to_owned));
        text.unwrap_or(found)
    }
}

/// Sets a header or query parameter; names of headers do not distinguish case, and few parameters do.
pub(crate) fn set(all: &mut Vec<(String, String)>, name: &str, value: &str) {
    all.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    all.push((name.to_owned(), value.to_owned()));
}

/// A URL with further parameters.
pub(crate) fn with_query(url: &str, query: &[(String, String)]) -> String {
    let mut url = url.to_owned();
    for (name, value) in query {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&format!("{}={}", percent(name), percent(value)));
    }
    url
}

/// Everything but unreserved characters as `%XX` (RFC 3986, section 2.3).
pub(crate) fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A JSON object with the connection's members; any other body stays as it is.
fn with_members(body: String, members: &[Parameter]) -> String {
    if members.is_empty() {
        return body;
    }
    let parsed: Result<serde_json::Map<_, _>, _> = serde_json::from_str(&body);
    let Ok(mut object) = parsed else {
        return body;
    };
    for own in members {
        object.insert(own.key.clone(), own.value.expose().into());
    }
    serde_json::Value::Object(object).to_string()
}
