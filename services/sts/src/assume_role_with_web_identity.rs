//! `sts:AssumeRoleWithWebIdentity`: temporary credentials of a role for whom an OpenID Connect
//! provider vouches. The call carries no signature.

use api::sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse};
use platform::{Ctx, Result, Session, Vouched, validation};
use policy::{Principal, PrincipalKind};

use crate::issuing::hand_out;
use crate::role::{self, Asked, Target};
use crate::session_tags::SessionTags;
use crate::web_identity::{self, Identity};
use crate::{packed, session_policies};

/// The claims that stay with the session ("Available keys for AWS web identity federation").
const STAY: [&str; 4] = [":amr", ":aud", ":oaud", ":sub"];

pub(crate) async fn assume_role_with_web_identity(
    ctx: &Ctx,
    request: AssumeRoleWithWebIdentityRequest,
) -> Result<AssumeRoleWithWebIdentityResponse> {
    if let Some(provider) = &request.provider_id {
        // OAuth 2.0 access tokens are opaque: only their issuers' own services can tell them.
        let message = format!("The identity provider {provider} is not supported.");
        return Err(validation(message));
    }
    let target = Target::find(ctx, request.role_arn).await?;
    let account = target.named_account().to_owned();
    let identity = web_identity::verify(ctx, &account, &request.web_identity_token).await?;
    vouch(ctx, account, &identity);
    let tags = SessionTags::of(identity.tags.clone(), identity.transitive.clone(), None)?;
    let asked = Asked {
        action: "sts:AssumeRoleWithWebIdentity",
        session_name: &request.role_session_name,
        external_id: None,
        source_identity: identity.source_identity.as_deref(),
        tags: &tags,
        transitive: &identity.transitive,
        second_factor: false,
        provider_keys: &identity.keys,
        principal: Some(principal(&identity)),
    };
    let role = role::require(role::permit(ctx, target, &asked).await?)?;
    let seconds = role::length(&role, request.duration_seconds, false)?;
    let policies =
        session_policies::read(ctx, &role.account, request.policy, request.policy_arns).await?;
    let packed_policy_size = packed::percentage(policies.as_ref(), &tags.all)?;
    let session = Session {
        policies,
        tags: tags.all,
        transitive_tag_keys: tags.transitive,
        source_identity: identity.source_identity.clone(),
        provider: Some(identity.provider.arn.clone()),
        provider_keys: staying(&identity.keys),
        ..Session::default()
    };
    let caller = role::caller(ctx, &role, &request.role_session_name, seconds, session);
    let assumed_role_user = Some(role::assumed(&caller));
    let handed = hand_out(ctx, caller, request.minimum_session_token_size)?;
    Ok(AssumeRoleWithWebIdentityResponse {
        credentials: Some(handed.credentials),
        subject_from_web_identity_token: Some(identity.subject),
        assumed_role_user,
        packed_policy_size,
        provider: Some(identity.issuer),
        audience: Some(identity.audience),
        source_identity: identity.source_identity,
        session_token_utilization: Some(handed.utilization),
        session_token_size: Some(handed.size),
    })
}

fn principal(identity: &Identity) -> Principal<'_> {
    Principal {
        arn: "",
        account: "",
        user_id: "",
        kind: PrincipalKind::Federated {
            provider: &identity.provider.arn,
        },
    }
}

fn vouch(ctx: &Ctx, account: String, identity: &Identity) {
    let (provider, subject) = (&identity.provider.arn, &identity.subject);
    ctx.vouch(Vouched {
        kind: "WebIdentityUser",
        principal_id: format!("{provider}:{}:{subject}", identity.audience),
        user_name: subject.clone(),
        provider: provider.clone(),
        account,
    });
}

fn staying(keys: &[(String, Vec<String>)]) -> Vec<(String, Vec<String>)> {
    let stays = |name: &str| STAY.iter().any(|end| name.ends_with(end));
    let keys = keys.iter().filter(|(name, _)| stays(name));
    keys.cloned().collect()
}
