//! `lambda:InvokeFunction`: runs a function, has it run some time soon, or says whether the caller
//! could have it run.
//!
//! It changes nothing itself, and waits for as long as the function runs: up to 15 minutes.

use std::sync::Arc;

use api::lambda::{
    InvalidRequestContentException, InvocationRequest, InvocationResponse, InvocationType, LogType,
    RequestTooLargeException,
};
use bytes::Bytes;
use platform::{Ctx, Result};
use serde::de::IgnoredAny;
use wire::Fault;
use zeroize::Zeroizing;

use crate::access::{self, Function};
use crate::function::{AliasRecord, VersionRecord};
use crate::names::{FunctionPlace, LATEST};
use crate::running::{Limits, Run, Running};
use crate::{concurrency, queued, refusals};

/// The largest event that a caller waits with, in bytes ("Lambda quotas", 6 MB).
const MOST_WAITING: usize = 6_291_456;
/// The largest event that is queued, in bytes ("Lambda quotas", 1 MB).
const MOST_QUEUED: usize = 1_048_576;
/// The longest `X-Amz-Client-Context`, in bytes of base64 (Invoke).
const LONGEST_CONTEXT: usize = 3583;
/// From so many bytes on an event is read where it holds up no other call.
const LARGE: usize = 256 * 1024;

pub(crate) async fn invoke(
    ctx: &Ctx,
    running: &Running,
    mut req: InvocationRequest,
) -> Result<InvocationResponse> {
    let (name, qualifier) = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = access::function(ctx, "lambda:InvokeFunction", name, qualifier).await?;
    let named = (&function.place, function.qualifier.as_deref());
    let version = chosen(ctx, named).await?;
    let version = version.ok_or_else(|| refusals::no_function(&function.arn()))?;
    let kind = req
        .invocation_type
        .unwrap_or(InvocationType::RequestResponse);
    if req.durable_execution_name.is_some() {
        return Err(refusals::unsupported("durable executions").into());
    }
    if req.tenant_id.is_some() {
        return Err(refusals::unsupported("the isolation of tenants").into());
    }
    note(ctx, &function, (&version, kind));
    let payload = event(ctx, kind, req.payload.take()).await?;
    let client_context = client_context(req.client_context.as_deref())?;
    if kind == InvocationType::DryRun {
        return Ok(answered(204));
    }
    let runner = running.runner()?;
    if kind == InvocationType::Event {
        queued::stage(ctx, &function, payload).await?;
        return Ok(answered(202));
    }
    let executed_version = Some(version.version.clone());
    let run = Run {
        limits: limits(ctx, &function).await?,
        invoked_arn: function.arn(),
        place: function.place.clone(),
        version,
        request_id: ctx.request_id.clone(),
        payload,
        client_context,
    };
    ctx.rest();
    let outcome = runner.run(run).await?;
    let shows_log = req.log_type == Some(LogType::Tail);
    Ok(InvocationResponse {
        function_error: outcome.is_error.then(|| "Unhandled".to_owned()),
        log_result: shows_log.then(|| wire::pem::base64(&outcome.log_tail)),
        payload: Some(Zeroizing::new(outcome.payload.to_vec())),
        executed_version,
        ..answered(200)
    })
}

/// What the call's event says beside the request (data events of Invoke on record).
fn note(ctx: &Ctx, function: &Function, (version, kind): (&VersionRecord, InvocationType)) {
    ctx.note_parameter("functionName", function.arn());
    if kind == InvocationType::RequestResponse {
        ctx.note_text("customerEniId", "");
    }
    let version = format!("{}:{}", function.place.arn(), version.version);
    ctx.note_text("functionVersion", version);
}

fn answered(status: i32) -> InvocationResponse {
    InvocationResponse {
        status_code: Some(status),
        ..InvocationResponse::default()
    }
}

/// The version that runs for a qualifier: of an alias with two, chance chooses by their weights
/// ("Weighted aliases").
pub(crate) async fn chosen(
    ctx: &Ctx,
    (place, qualifier): (&FunctionPlace, Option<&str>),
) -> Result<Option<Arc<VersionRecord>>> {
    let qualifier = qualifier.unwrap_or(LATEST);
    let alias = ctx.get::<AliasRecord>(&place.key().with(qualifier)).await?;
    let Some(alias) = alias else {
        return VersionRecord::get(ctx, place, qualifier).await;
    };
    if let Some((version, weight)) = &alias.additional {
        let drawn = f64::from(u32::from_le_bytes(ctx.random_bytes()?));
        if drawn < weight * f64::from(u32::MAX) {
            return VersionRecord::get(ctx, place, version).await;
        }
    }
    VersionRecord::get(ctx, place, &alias.version).await
}

/// How many may run at once of the function, and in its account.
pub(crate) async fn limits(ctx: &Ctx, function: &Function) -> Result<Limits> {
    let place = &function.place;
    Ok(Limits {
        reserved: function.reserved_concurrency,
        account: concurrency::limit(ctx, &place.account, &place.region).await?,
    })
}

/// The event, once it is one: JSON, and an empty object where there is none.
async fn event(
    ctx: &Ctx,
    kind: InvocationType,
    payload: Option<Zeroizing<Vec<u8>>>,
) -> Result<Bytes> {
    let payload = payload.unwrap_or_default();
    let (most, named) = match kind {
        InvocationType::Event => (MOST_QUEUED, "Event"),
        InvocationType::DryRun | InvocationType::RequestResponse => {
            (MOST_WAITING, "RequestResponse")
        }
    };
    if payload.len() > most {
        let text = format!(
            "{} byte payload is too large for the {named} invocation type (limit {most} bytes)",
            payload.len()
        );
        return Err(RequestTooLargeException::new(text).into());
    }
    read(ctx, payload).await
}

/// An event of a size that it may have: JSON, and an empty object where there is none.
pub(crate) async fn read(ctx: &Ctx, payload: Zeroizing<Vec<u8>>) -> Result<Bytes> {
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    let payload = Bytes::from_owner(payload);
    let read = match payload.len() > LARGE {
        false => check(&payload),
        true => {
            let payload = payload.clone();
            ctx.blocking(move |_| check(&payload)).await?
        }
    };
    read?;
    Ok(payload)
}

fn check(payload: &[u8]) -> Result<(), Fault> {
    let refused = |because: &dyn std::fmt::Display| {
        InvalidRequestContentException::new(format!(
            "Could not parse request body into json: Could not parse payload into json: {because}"
        ))
    };
    let text = str::from_utf8(payload).map_err(|error| refused(&error))?;
    let read = serde_json::from_str::<IgnoredAny>(text);
    read.map(drop).map_err(|error| refused(&error))
}

/// The client's context, decoded: a JSON object.
fn client_context(given: Option<&str>) -> Result<Option<String>, Fault> {
    let refused = || {
        InvalidRequestContentException::new(
            "Client context must be a valid Base64-encoded JSON object.",
        )
    };
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return Ok(None);
    };
    if given.len() > LONGEST_CONTEXT {
        return Err(refused());
    }
    let decoded = wire::pem::decoded(given).ok_or_else(refused)?;
    let text = String::from_utf8(decoded).map_err(|_| refused())?;
    let read = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
    read.map(|_| Some(text)).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_any_json_and_nothing_else() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for good in ["{}", "1", "null", "\"\"", " [1] ", &deep] {
            assert!(check(good.as_bytes()).is_ok(), "{good:.20}");
        }
        for bad in [
            &b"{"[..],
            b"",
            b"x",
            b"{}{}",
            b"\"\xFF\"",
            b"{'a':1}",
            b"01",
        ] {
            let fault = check(bad).unwrap_err();
            let text = fault.message().unwrap_or_default();
            assert!(
                text.starts_with("Could not parse request body into json: "),
                "{text}"
            );
        }
    }

    #[test]
    fn client_contexts_are_objects_in_base64() {
        let read = |text: &str| client_context(Some(text)).ok().flatten();
        assert_eq!(read("eyJhIjoxfQ=="), Some(r#"{"a":1}"#.to_owned()));
        for bad in ["WzFd", "x", "e30", &"e30=".repeat(1000)] {
            assert!(client_context(Some(bad)).is_err(), "{bad:.20}");
        }
        assert_eq!(client_context(None).ok(), Some(None));
    }
}
