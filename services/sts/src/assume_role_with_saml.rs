//! `sts:AssumeRoleWithSAML`: temporary credentials of a role for whom a SAML 2.0 provider vouches.
//! The call carries no signature.

use api::sts::{AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse};
use platform::{Ctx, Result, Role, Session, Vouched};
use policy::{Principal, PrincipalKind};

use crate::issuing::hand_out;
use crate::role::{self, Asked, Target};
use crate::saml_identity::{self, Identity};
use crate::session_tags::SessionTags;
use crate::{packed, session_policies};

const ACTION: &str = "sts:AssumeRoleWithSAML";

/// The condition keys that stay with the session ("Available keys for SAML-based AWS STS
/// federation").
const STAY: [&str; 3] = ["saml:namequalifier", "saml:sub", "saml:sub_type"];

pub(crate) async fn assume_role_with_saml(
    ctx: &Ctx,
    request: AssumeRoleWithSAMLRequest,
) -> Result<AssumeRoleWithSAMLResponse> {
    let (provider, response) = (&request.principal_arn, &request.saml_assertion);
    let identity = saml_identity::verify(ctx, provider, response).await?;
    vouch(ctx, &identity);
    let is_listed = identity.claims.roles(&request.role_arn, provider);
    let target = Target::find(ctx, request.role_arn).await?;
    // Whom another account's provider vouches for is not whom this account's does.
    if !is_listed || target.named_account() != identity.account {
        return Err(role::not_vouched_for(ACTION));
    }
    let claims = &identity.claims;
    let tags = SessionTags::of(claims.tags.clone(), claims.transitive.clone(), None)?;
    let permitted = role::permit(ctx, target, &asked(&identity, &tags)).await?;
    let role = role::require(permitted)?;
    let seconds = seconds(ctx, &role, request.duration_seconds, &identity)?;
    let policies =
        session_policies::read(ctx, &role.account, request.policy, request.policy_arns).await?;
    let packed_policy_size = packed::percentage(policies.as_ref(), &tags.all)?;
    let session = Session {
        policies,
        tags: tags.all,
        transitive_tag_keys: tags.transitive,
        source_identity: claims.source_identity.clone(),
        provider: Some(identity.provider.clone()),
        provider_keys: staying(&identity.keys),
        ..Session::default()
    };
    let caller = role::caller(ctx, &role, &claims.session_name, seconds, session);
    let assumed_role_user = Some(role::assumed(&caller));
    let handed = hand_out(ctx, caller, request.minimum_session_token_size)?;
    Ok(AssumeRoleWithSAMLResponse {
        credentials: Some(handed.credentials),
        assumed_role_user,
        packed_policy_size,
        subject: Some(identity.subject),
        subject_type: Some(identity.subject_type),
        issuer: Some(identity.issuer),
        audience: Some(identity.recipient),
        name_qualifier: Some(identity.name_qualifier),
        source_identity: identity.claims.source_identity,
        session_token_utilization: Some(handed.utilization),
        session_token_size: Some(handed.size),
    })
}

fn asked<'a>(identity: &'a Identity, tags: &'a SessionTags) -> Asked<'a> {
    Asked {
        action: ACTION,
        session_name: &identity.claims.session_name,
        external_id: None,
        source_identity: identity.claims.source_identity.as_deref(),
        tags,
        transitive: &identity.claims.transitive,
        second_factor: false,
        provider_keys: &identity.keys,
        principal: Some(Principal {
            arn: "",
            account: "",
            user_id: "",
            kind: PrincipalKind::Federated {
                provider: &identity.provider,
            },
        }),
    }
}

/// The length of the session, in seconds: what is asked for, and no longer than the provider says
/// ("Configure SAML assertions for the authentication response").
fn seconds(ctx: &Ctx, role: &Role, asked: Option<i32>, identity: &Identity) -> Result<i32> {
    let asked = role::length(role, asked, false)?;
    let shortest = identity.claims.session_seconds.unwrap_or(asked).min(asked);
    let Some(ends) = identity.session_ends else {
        return Ok(shortest);
    };
    let left = (ends.millis - ctx.now.whole_secs().millis) / 1000;
    Ok(i32::try_from(left).unwrap_or(i32::MAX).min(shortest))
}

fn vouch(ctx: &Ctx, identity: &Identity) {
    let (qualifier, subject) = (&identity.name_qualifier, &identity.subject);
    ctx.vouch(Vouched {
        kind: "SAMLUser",
        principal_id: format!("{qualifier}:{subject}"),
        user_name: subject.clone(),
        provider: qualifier.clone(),
        account: identity.account.clone(),
    });
}

fn staying(keys: &[(String, Vec<String>)]) -> Vec<(String, Vec<String>)> {
    let keys = keys
        .iter()
        .filter(|(name, _)| STAY.contains(&name.as_str()));
    keys.cloned().collect()
}
