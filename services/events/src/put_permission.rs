//! `events:PutPermission`: lets other accounts put events on a bus, by one statement of its policy
//! or by a whole policy.

use api::events::PutPermissionRequest;
use platform::{AppliedQuotas, Ctx, Result, partition};
use policy::{Policy, PolicyKind};
use serde_json::{Value, json};
use wire::Empty;

use crate::bus::BusRecord;
use crate::names::BusPlace;
use crate::quotas::{POLICY_SIZE, QUOTAS};
use crate::{access, permissions, refusals};

pub(crate) async fn put_permission(ctx: &Ctx, req: PutPermissionRequest) -> Result<Empty> {
    access::everything(ctx, "events:PutPermission").await?;
    let place = BusPlace::asked(ctx, req.event_bus_name.as_deref())?;
    let mut record = BusRecord::clone(&*BusRecord::existing(ctx, &place).await?);
    let document = match &req.policy {
        Some(policy) => policy.clone(),
        None => {
            let statement = statement(&req, &place)?;
            let with = permissions::with(record.policy.as_deref(), statement);
            policy::canonical(&with.to_string())
        }
    };
    if document.len() > most_bytes(ctx).await? {
        return Err(refusals::policy_too_long().into());
    }
    let parsed = Policy::parse(&document, PolicyKind::Resource).map_err(|malformed| {
        let detail = malformed.detail();
        refusals::invalid(format!("Parameter Policy is not valid. Reason: {detail}"))
    })?;
    let kept = ctx.bind_principals(&document, &parsed).await?;
    let kept = kept.map_err(|unknown| {
        let message = format!(
            "Parameter Policy is not valid. Reason: Invalid principal: {}",
            unknown.0
        );
        refusals::invalid(message)
    })?;
    record.policy = Some(kept);
    record.put(ctx, &place).await;
    Ok(Empty)
}

/// The longest policy of a bus of the caller's.
async fn most_bytes(ctx: &Ctx) -> Result<usize> {
    let applied = AppliedQuotas::place(ctx.account(), &ctx.region, QUOTAS.service_code);
    let applied = ctx.get::<AppliedQuotas>(&applied).await?;
    let value = applied.and_then(|applied| applied.value(POLICY_SIZE.code));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a quota is a number of bytes; what is more than fits counts as the most that does"
    )]
    let bytes = value.unwrap_or(POLICY_SIZE.default) as usize;
    Ok(bytes)
}

fn needed<'r>(name: &str, given: Option<&'r String>) -> Result<&'r String> {
    let missing = || refusals::invalid(format!("Parameter(s) {name} must be specified."));
    Ok(given.ok_or_else(missing)?)
}

/// The statement that a request without a policy means.
fn statement(req: &PutPermissionRequest, place: &BusPlace) -> Result<Value> {
    let action = needed("Action", req.action.as_ref())?;
    let principal = needed("Principal", req.principal.as_ref())?;
    let id = needed("StatementId", req.statement_id.as_ref())?;
    if action != "events:PutEvents" {
        let message = "Provided value in parameter 'action' is not supported.";
        return Err(refusals::invalid(message).into());
    }
    let principal = match principal.as_str() {
        "*" => json!("*"),
        account => {
            let partition = partition(&place.region);
            json!({ "AWS": format!("arn:{partition}:iam::{account}:root") })
        }
    };
    let mut statement = json!({
        "Sid": id, "Effect": "Allow", "Principal": principal, "Action": action,
        "Resource": place.arn(),
    });
    if let Some(condition) = &req.condition {
        if condition.r#type != "StringEquals" || condition.key != "aws:PrincipalOrgID" {
            let message = "Parameter Condition is not valid. Reason: only StringEquals of \
                           aws:PrincipalOrgID is supported.";
            return Err(refusals::invalid(message).into());
        }
        let condition = json!({ "StringEquals": { "aws:PrincipalOrgID": condition.value } });
        if let Some(members) = statement.as_object_mut() {
            members.insert("Condition".to_owned(), condition);
        }
    }
    Ok(statement)
}
