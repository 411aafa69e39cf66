//! API destinations: HTTPS endpoints that rules call through a connection.

use std::sync::Arc;

use api::events::{ApiDestinationHttpMethod, ApiDestinationState};
use platform::{Ctx, Result, partition};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::access;
use crate::connection::{self, ConnectionRecord};
use crate::refusals::{self, invalid};

/// How many calls a second an API destination gets where it does not say (EventBridge API reference,
/// CreateApiDestination).
pub(crate) const USUAL_RATE: i32 = 300;

/// What the store keeps of an API destination.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ApiDestinationRecord {
    /// The name.
    pub(crate) name: String,
    /// Distinguishes it from an earlier one of its name.
    pub(crate) id: String,
    /// The description.
    pub(crate) description: Option<String>,
    /// The ARN of the connection.
    pub(crate) connection_arn: String,
    /// The URL, with a `*` for each path parameter.
    pub(crate) endpoint: String,
    /// `POST` and so on.
    pub(crate) method: String,
    /// The most calls a second.
    pub(crate) rate: i32,
    /// When it was made.
    pub(crate) created_millis: i64,
    /// When it was last changed.
    pub(crate) modified_millis: i64,
}

impl Record for ApiDestinationRecord {
    const TABLE: &'static str = "events.api-destinations";
    const SERVICE: &'static str = "events";
}

impl ApiDestinationRecord {
    /// Where the one of this name is.
    pub(crate) fn place(account: &str, region: &str, name: &str) -> Key {
        Key::new(account, region, [name])
    }

    /// Where the caller's one of this name is.
    pub(crate) fn key(ctx: &Ctx, name: &str) -> Key {
        Self::place(ctx.account(), &ctx.region, name)
    }

    /// The caller's one of this name, or AWS's error.
    pub(crate) async fn existing(ctx: &Ctx, name: &str) -> Result<Arc<Self>> {
        let found = ctx.get::<Self>(&Self::key(ctx, name)).await?;
        Ok(found.ok_or_else(|| refusals::no_api_destination(name))?)
    }

    /// Decides about the caller's one of this name, whether or not it exists.
    pub(crate) async fn permit(ctx: &Ctx, action: &'static str, name: &str) -> Result<()> {
        let found = ctx.get::<Self>(&Self::key(ctx, name)).await?;
        let (account, region) = (ctx.account(), &ctx.region);
        let partition = partition(region);
        let arn = format!("arn:{partition}:events:{region}:{account}:api-destination/{name}");
        let id = found.as_ref().map(|found| found.id.as_str());
        access::identified(ctx, action, &arn, id).await
    }

    /// Decides about the connection of the caller's destination of this name. Of a destination that
    /// is not there it asks as well, so that a refusal says nothing of it.
    pub(crate) async fn permit_its_connection(
        ctx: &Ctx,
        action: &'static str,
        name: &str,
    ) -> Result<()> {
        let found = ctx.get::<Self>(&Self::key(ctx, name)).await?;
        let used = found.as_ref();
        let used = used.and_then(|found| connection::name_in(ctx, &found.connection_arn));
        ConnectionRecord::permit(ctx, action, used.unwrap_or(name)).await
    }

    /// The ARN.
    pub(crate) fn arn(&self, account: &str, region: &str) -> String {
        let (partition, name, id) = (partition(region), &self.name, &self.id);
        format!("arn:{partition}:events:{region}:{account}:api-destination/{name}/{id}")
    }

    /// The method as AWS shows it.
    pub(crate) fn shown_method(&self) -> Option<ApiDestinationHttpMethod> {
        ApiDestinationHttpMethod::parse(&self.method)
    }

    /// `ACTIVE` where its connection can be used.
    pub(crate) async fn shown_state(&self, ctx: &Ctx) -> Result<Option<ApiDestinationState>> {
        let is_usable = match connection::name_in(ctx, &self.connection_arn) {
            Some(name) => {
                let found = ctx
                    .get::<ConnectionRecord>(&ConnectionRecord::key(ctx, name))
                    .await?;
                found.is_some_and(|found| found.state == "AUTHORIZED")
            }
            None => false,
        };
        Ok(Some(match is_usable {
            true => ApiDestinationState::Active,
            false => ApiDestinationState::Inactive,
        }))
    }
}

/// Checks an endpoint: HTTPS, and a host.
pub(crate) fn check_endpoint(endpoint: &str) -> Result<()> {
    let rest = endpoint.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains(['*', '@']) {
        return Err(invalid(
            "Parameter InvocationEndpoint is not valid. Reason: it must be an HTTPS URL.",
        )
        .into());
    }
    Ok(())
}

/// Decides about the connection that a request names, whether or not it exists.
pub(crate) async fn permit_connection(ctx: &Ctx, action: &'static str, arn: &str) -> Result<()> {
    match connection::name_in(ctx, arn) {
        Some(name) => ConnectionRecord::permit(ctx, action, name).await,
        None => Ok(()),
    }
}

/// The connection of this ARN must be the caller's.
pub(crate) async fn check_connection(ctx: &Ctx, arn: &str) -> Result<()> {
    let Some(name) = connection::name_in(ctx, arn) else {
        return Err(invalid("Parameter ConnectionArn is not valid.").into());
    };
    let found = ConnectionRecord::existing(ctx, name).await?;
    match found.arn(ctx.account(), &ctx.region) == arn {
        true => Ok(()),
        false => Err(refusals::no_connection(name).into()),
    }
}
