//! Tokens of connections with OAuth client credentials (RFC 6749, section 4.4).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use platform::{
    Ctx, Failure, NewDelivery, OutboundRequest, OutboundResponse, Outcome, Result, Retries,
};
use serde::Deserialize;
use store::Key;
use wire::Timestamp;
use zeroize::Zeroizing;

use crate::connection::{Auth, ConnectionRecord};
use crate::connection_secrets;
use crate::credentials::Login;
use crate::dispatch::Payload;
use crate::refusals::invalid;
use crate::webhook::{self, percent};

/// How long a connection may be authorizing, and how often that is tried.
const RETRIES: Retries = Retries {
    most: 5,
    most_age_secs: 300,
};
/// How long a token is used whose end nobody tells, in seconds.
const USUAL_LIFE: i64 = 300;
/// How long before its end a token is replaced, in seconds.
const MARGIN: i64 = 30;

/// Tokens that were fetched, by ARN and revision of their connections.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<BTreeMap<(String, u64), Token>>);

/// A token and when it is to be replaced, in seconds since 1970.
type Token = (Arc<Zeroizing<String>>, i64);

/// How many tokens are remembered.
const MANY: usize = 10_000;

impl Tokens {
    /// The token of a connection, fetched if need be.
    pub(crate) async fn get(
        &self,
        ctx: &Ctx,
        arn: &str,
        (revision, login): (u64, &Login),
    ) -> Result<Arc<Zeroizing<String>>, Outcome> {
        let key = (arn.to_owned(), revision);
        {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((token, end)) = known.get(&key)
                && *end > ctx.now.secs()
            {
                return Ok(Arc::clone(token));
            }
        }
        let (token, end) = fetch(ctx, login).await?;
        let token = Arc::new(token);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY {
            known.clear();
        }
        known.insert(key, (Arc::clone(&token), end));
        Ok(token)
    }

    /// Forgets a token that somebody refused.
    pub(crate) fn forget(&self, arn: &str, record: &ConnectionRecord) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&(arn.to_owned(), record.revision));
    }
}

/// Checks where tokens come from: HTTPS, and a host.
pub(crate) fn check_endpoint(endpoint: &str) -> Result<()> {
    let rest = endpoint.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains(['*', '@']) {
        let message =
            "Parameter AuthorizationEndpoint is not valid. Reason: it must be an HTTPS URL.";
        return Err(invalid(message).into());
    }
    Ok(())
}

/// Makes a connection that was made or changed ready: at once where it needs no token, by a delivery
/// otherwise.
pub(crate) async fn begin(ctx: &Ctx, record: &mut ConnectionRecord) -> Result<()> {
    record.revision += 1;
    record.reason = None;
    if !matches!(record.auth, Auth::ClientCredentials { .. }) {
        record.state = "AUTHORIZED".to_owned();
        record.authorized_millis = ctx.now.millis;
        return Ok(());
    }
    record.state = "AUTHORIZING".to_owned();
    let payload = Payload::Authorization(record.name.clone(), record.id.clone(), record.revision);
    ctx.stage_delivery(NewDelivery {
        service: &api::events::SERVICE,
        account: ctx.account().to_owned(),
        queue: record.arn(ctx.account(), &ctx.region),
        ordered: true,
        retries: RETRIES,
        payload: payload.encode()?,
    })
    .await
}

/// Fetches a first token, which makes the connection `AUTHORIZED`.
pub(crate) async fn authorize(
    ctx: &Ctx,
    account: &str,
    connection: (&str, &str, u64),
) -> Result<Outcome> {
    let Some((key, mut record)) = find(ctx, account, connection).await? else {
        return Ok(Outcome::Done);
    };
    let credentials = match connection_secrets::read(ctx, account, &record).await? {
        Ok(credentials) => credentials,
        Err(outcome) => return Ok(outcome),
    };
    if let Err(outcome) = fetch(ctx, &credentials.login).await {
        return Ok(outcome);
    }
    record.state = "AUTHORIZED".to_owned();
    record.authorized_millis = ctx.now.millis;
    ctx.put(key, record).await;
    Ok(Outcome::Done)
}

/// Makes a connection `DEAUTHORIZED` that gets no token.
pub(crate) async fn refuse(
    ctx: &Ctx,
    account: &str,
    connection: (&str, &str, u64),
    failure: &Failure,
) -> Result<()> {
    if let Some((key, mut record)) = find(ctx, account, connection).await? {
        record.state = "DEAUTHORIZED".to_owned();
        record.reason = Some(format!("Failed to authorize: {}", failure.message));
        ctx.put(key, record).await;
    }
    Ok(())
}

/// The connection, if it is still what was to be authorized.
async fn find(
    ctx: &Ctx,
    account: &str,
    (name, id, revision): (&str, &str, u64),
) -> Result<Option<(Key, ConnectionRecord)>> {
    let key = Key::new(account, &ctx.region, [name]);
    let found = ctx.get::<ConnectionRecord>(&key).await?;
    let found = found.filter(|found| found.id == id && found.revision == revision);
    Ok(found.map(|found| (key, ConnectionRecord::clone(&found))))
}

/// A token and when it ends, in seconds since 1970.
async fn fetch(ctx: &Ctx, login: &Login) -> Result<(Zeroizing<String>, i64), Outcome> {
    let Some(request) = request(login) else {
        let failure = Failure::new("INVALID_PARAMETER", "The connection needs no token.");
        return Err(Outcome::GiveUp(failure));
    };
    let answered = ctx.upkeep().outbound().send(request).await;
    let answer =
        answered.map_err(|failure| webhook::unreached(failure, "authorization endpoint"))?;
    if !answer.is_success() {
        return Err(webhook::answered(
            &answer,
            "authorization endpoint",
            ctx.now,
        ));
    }
    read(&answer, ctx.now).ok_or_else(|| {
        let message = "The authorization endpoint answered without a token.";
        Outcome::GiveUp(Failure::new("ERROR_FROM_TARGET", message))
    })
}

fn request(login: &Login) -> Option<OutboundRequest> {
    let Login::ClientCredentials {
        client_id,
        client_secret,
        endpoint,
        method,
        http,
    } = login
    else {
        return None;
    };
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("client_secret", client_secret.expose()),
    ];
    for own in &http.body {
        form.retain(|(name, _)| *name != own.key);
        form.push((own.key.as_str(), own.value.expose()));
    }
    let form: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    let form = form.join("&");
    let mut query: Vec<(String, String)> = Vec::new();
    for own in &http.query {
        query.push((own.key.clone(), own.value.expose().to_owned()));
    }
    let (mut url, mut body) = (webhook::with_query(endpoint, &query), form);
    if method == "GET" {
        url = format!("{url}{}{body}", if url.contains('?') { '&' } else { '?' });
        body = String::new();
    }
    let mut request = OutboundRequest::new(method, &url, body);
    let mut headers = vec![(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    for own in &http.headers {
        webhook::set(&mut headers, &own.key, own.value.expose());
    }
    request.headers = headers;
    Some(request)
}

/// RFC 6749, section 5.1.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<i64>,
}

fn read(answer: &OutboundResponse, now: Timestamp) -> Option<(Zeroizing<String>, i64)> {
    let granted: Granted = serde_json::from_slice(&answer.body).ok()?;
    let token = Zeroizing::new(granted.access_token);
    let is_sendable = !token.is_empty() && token.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    let life = granted.expires_in.unwrap_or(USUAL_LIFE);
    let end = now.secs().saturating_add(life.saturating_sub(MARGIN));
    is_sendable.then_some((token, end))
}
