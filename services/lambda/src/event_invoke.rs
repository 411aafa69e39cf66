//! How events for a function are handled: how often and how long one is tried, and who hears how it
//! went ("Configuring error handling settings for Lambda asynchronous invocations").

use std::sync::Arc;

use api::lambda::{
    DestinationConfig, FunctionEventInvokeConfig, OnFailure, OnSuccess, ResourceNotFoundException,
};
use platform::{Ctx, Result};
use wire::{Fault, Timestamp};

use crate::access::{self, Function, With};
use crate::function::{AliasRecord, EventInvokeRecord, FunctionRecord, VersionRecord};
use crate::names::{Asked, FunctionPlace, LATEST, is_alias};
use crate::refusals;

/// What of a function a request names, if the caller may do this to it.
pub(crate) async fn asked(
    ctx: &Ctx,
    action: &'static str,
    (name, qualifier): (&str, Option<&str>),
) -> Result<(Asked, Option<Arc<FunctionRecord>>)> {
    let asked = match Asked::of(ctx, name, qualifier) {
        Ok(asked) => asked,
        Err(bad) => {
            access::everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    let found = access::decide(ctx, action, &asked, With::default()).await?;
    Ok((asked, found))
}

/// The same, where a version or alias of that name has to be there.
pub(crate) async fn target(
    ctx: &Ctx,
    action: &'static str,
    named: (&str, Option<&str>),
) -> Result<Function> {
    let (asked, found) = asked(ctx, action, named).await?;
    let record = found.ok_or_else(no_function)?;
    let function = Function::found(asked, record);
    let qualifier = function.qualifier.as_deref().unwrap_or(LATEST);
    let is_there = match is_alias(qualifier) {
        true => AliasRecord::get(ctx, &function.place, qualifier)
            .await?
            .is_some(),
        false => VersionRecord::get(ctx, &function.place, qualifier)
            .await?
            .is_some(),
    };
    match is_there {
        true => Ok(function),
        false => Err(no_function().into()),
    }
}

/// Sets the destinations that a request names; an empty one is none.
pub(crate) async fn set_destinations(
    ctx: &Ctx,
    place: &FunctionPlace,
    record: &mut EventInvokeRecord,
    config: DestinationConfig,
) -> Result<()> {
    let whole = written(&config);
    if let Some(on) = config.on_success {
        let found = on.destination.filter(|arn| !arn.is_empty());
        record.on_success = checked(ctx, place, found, &whole).await?;
    }
    if let Some(on) = config.on_failure {
        let found = on.destination.filter(|arn| !arn.is_empty());
        record.on_failure = checked(ctx, place, found, &whole).await?;
    }
    Ok(())
}

async fn checked(
    ctx: &Ctx,
    place: &FunctionPlace,
    arn: Option<String>,
    whole: &str,
) -> Result<Option<String>> {
    let Some(arn) = arn else {
        return Ok(None);
    };
    match arn.split(':').nth(2) {
        Some("lambda") => check_function(ctx, place, &arn).await?,
        Some("sqs" | "sns") if !arn.ends_with(".fifo") => {}
        Some("events") => {}
        Some("s3") => {
            return Err(refusals::unsupported("destinations in Amazon S3").into());
        }
        _ => {
            let text = format!("The provided destination config {whole} is invalid.");
            return Err(refusals::invalid(text).into());
        }
    }
    Ok(Some(arn))
}

async fn check_function(ctx: &Ctx, place: &FunctionPlace, arn: &str) -> Result<()> {
    let asked = Asked::of(ctx, arn, None)?;
    if asked.place == *place {
        return Err(refusals::invalid(
            "You can't specify the function as a destination for itself.",
        )
        .into());
    }
    // Whether another account has such a function is not told.
    let is_here = asked.place.account == place.account;
    match is_here && FunctionRecord::get(ctx, &asked.place).await?.is_none() {
        true => Err(refusals::invalid(format!("The destination ARN {arn} is invalid.")).into()),
        false => Ok(()),
    }
}

/// A configuration in the words of Lambda's refusals.
fn written(config: &DestinationConfig) -> String {
    let part = |name: &str, on: Option<&Option<String>>| match on {
        None => "null".to_owned(),
        Some(arn) => format!("{name}(destination={})", arn.as_deref().unwrap_or("null")),
    };
    let success = config.on_success.as_ref().map(|on| &on.destination);
    let failure = config.on_failure.as_ref().map(|on| &on.destination);
    let (success, failure) = (part("OnSuccess", success), part("OnFailure", failure));
    format!("DestinationConfig(onSuccess={success}, onFailure={failure})")
}

impl EventInvokeRecord {
    /// The configuration as answers show it.
    pub(crate) fn shown(&self, place: &FunctionPlace) -> FunctionEventInvokeConfig {
        let number = |number: Option<u32>| number.and_then(|it| i32::try_from(it).ok());
        FunctionEventInvokeConfig {
            last_modified: Some(Timestamp {
                millis: self.modified_millis,
            }),
            function_arn: Some(place.qualified(Some(&self.qualifier))),
            maximum_retry_attempts: number(self.retries),
            maximum_event_age_in_seconds: number(self.age_seconds),
            destination_config: Some(DestinationConfig {
                on_success: Some(OnSuccess {
                    destination: self.on_success.clone(),
                }),
                on_failure: Some(OnFailure {
                    destination: self.on_failure.clone(),
                }),
            }),
        }
    }
}

/// No function, version or alias that could be configured.
pub(crate) fn no_function() -> Fault {
    ResourceNotFoundException::new("The function doesn't exist.")
}

/// Nothing is configured of what the request names.
pub(crate) fn no_config(asked: &Asked) -> Fault {
    let qualifier = asked.qualifier.as_deref().unwrap_or(LATEST);
    let arn = asked.place.qualified(Some(qualifier));
    ResourceNotFoundException::new(format!(
        "The function {arn} doesn't have an EventInvokeConfig"
    ))
}

/// Whether no destination is given, be it to take one away.
pub(crate) fn is_empty(config: Option<&DestinationConfig>) -> bool {
    config.is_none_or(|config| config.on_success.is_none() && config.on_failure.is_none())
}

/// Refuses a request that says nothing.
pub(crate) fn check_members(is_empty: bool) -> Result<(), Fault> {
    match is_empty {
        false => Ok(()),
        true => Err(refusals::invalid(
            "You must specify at least one of error handling or destination setting.",
        )),
    }
}
