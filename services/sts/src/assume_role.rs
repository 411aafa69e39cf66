//! `sts:AssumeRole`: temporary credentials of a role that trusts the caller.

use api::sts::{AssumeRoleRequest, AssumeRoleResponse};
use platform::{CallerKind, Ctx, Error, Result, Session, validation};
use wire::{Common, Fault};

use crate::issuing::hand_out;
use crate::packed;
use crate::role::{self, Asked, Target};
use crate::second_factor;
use crate::session_policies;
use crate::session_tags::SessionTags;

pub(crate) async fn assume_role(
    ctx: &Ctx,
    request: AssumeRoleRequest,
) -> Result<AssumeRoleResponse> {
    if ctx.enforces() && ctx.caller.kind == CallerKind::Root {
        let message = "Roles may not be assumed by root accounts.";
        return Err(Fault::common(Common::AccessDenied, message).into());
    }
    check(&request)?;
    let (serial, code) = (&request.serial_number, &request.token_code);
    let second_factor = second_factor::proved(ctx, serial.as_deref(), code.as_deref()).await?;
    let calling = ctx.caller.session.as_deref();
    let transitive = request.transitive_tag_keys;
    let tags = SessionTags::read(request.tags, transitive.clone(), calling)?;
    let source_identity = source_identity(ctx, &request.role_arn, request.source_identity)?;
    let target = Target::find(ctx, request.role_arn).await?;
    let asked = Asked {
        action: "sts:AssumeRole",
        session_name: &request.role_session_name,
        external_id: request.external_id.as_deref(),
        source_identity: source_identity.as_deref(),
        tags: &tags,
        transitive: &transitive,
        second_factor,
        provider_keys: &[],
        principal: None,
    };
    let role = role::require(role::permit(ctx, target, &asked).await?)?;

    // A role may be assumed in the words of its own account alone from here on: what is refused
    // below tells of the role only to who may assume it.
    let seconds = role::length(&role, request.duration_seconds, calling.is_some())?;
    let policies =
        session_policies::read(ctx, &role.account, request.policy, request.policy_arns).await?;
    let packed_policy_size = packed::percentage(policies.as_ref(), &tags.all)?;
    let is_role = matches!(ctx.caller.kind, CallerKind::Role { .. });
    let session = Session {
        policies,
        tags: tags.all,
        transitive_tag_keys: tags.transitive,
        source_identity: source_identity.clone(),
        chained: is_role,
        ..Session::default()
    };
    let caller = role::caller(ctx, &role, &request.role_session_name, seconds, session);
    let assumed_role_user = Some(role::assumed(&caller));
    let handed = hand_out(ctx, caller, request.minimum_session_token_size)?;
    Ok(AssumeRoleResponse {
        credentials: Some(handed.credentials),
        assumed_role_user,
        packed_policy_size,
        source_identity,
        session_token_utilization: Some(handed.utilization),
        session_token_size: Some(handed.size),
    })
}

/// Whether a text has the form of an ARN, be it of a role or not.
fn is_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (scheme, partition, service, _region, _account) = (next(), next(), next(), next(), next());
    let resource = next();
    scheme == "arn"
        && [partition, service, resource]
            .iter()
            .all(|part| !part.is_empty())
}

/// What can be refused without looking at the role.
fn check(request: &AssumeRoleRequest) -> Result<()> {
    if !is_arn(&request.role_arn) {
        return Err(validation(format!("{} is invalid", request.role_arn)));
    }
    // Context assertions are sealed by AWS for AWS: nobody else could have made one.
    if let Some(context) = request.provided_contexts.first() {
        let provider = context.provider_arn.as_deref().unwrap_or_default();
        let message = format!("The context provider {provider} is not known.");
        return Err(validation(message));
    }
    match &request.source_identity {
        Some(identity) if identity.to_ascii_lowercase().starts_with("aws:") => Err(validation(
            "The source identity must not begin with aws:, which is reserved.",
        )),
        _ => Ok(()),
    }
}

/// The source identity of the new session: that of the calling session, which nobody can change,
/// or else the one that is asked for.
fn source_identity(ctx: &Ctx, role_arn: &str, asked: Option<String>) -> Result<Option<String>> {
    let calling = ctx.caller.session.as_deref();
    let Some(kept) = calling.and_then(|session| session.source_identity.as_ref()) else {
        return Ok(asked);
    };
    match asked {
        Some(other) if other != *kept => Err(changed_identity(ctx, role_arn)),
        _ => Ok(Some(kept.clone())),
    }
}

fn changed_identity(ctx: &Ctx, role_arn: &str) -> Error {
    platform::access_denied(&ctx.caller.arn, "sts:SetSourceIdentity", role_arn, "")
}
