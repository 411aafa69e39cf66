//! `sts:GetFederationToken`: temporary credentials for somebody whom the calling user vouches for,
//! within what the user itself may do.

use std::borrow::Cow;
use std::sync::Arc;

use api::sts::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};
use platform::{Caller, CallerKind, Ctx, Resource, Result, Session};

use crate::issuing::{self, hand_out};
use crate::session_tags::SessionTags;
use crate::{packed, session_policies};

/// The default for users: 12 hours, in seconds.
const DEFAULT: i32 = 43_200;
/// What a root user gets at most: one hour.
const MOST_OF_ROOT: i32 = 3600;

pub(crate) async fn get_federation_token(
    ctx: &Ctx,
    request: GetFederationTokenRequest,
) -> Result<GetFederationTokenResponse> {
    let tags = SessionTags::read(request.tags, Vec::new(), None)?;
    let account = ctx.account();
    let user = Federated {
        account: account.to_owned(),
        arn: format!("arn:aws:sts::{account}:federated-user/{}", request.name),
    };
    let access = ctx.authorize("sts:GetFederationToken", user);
    let user = access.request_tags(&tags.passed).decide().await?;
    let user = user.into_inner();
    let arn = user.arn.clone();
    if !tags.passed.is_empty() {
        let access = ctx.authorize("sts:TagSession", user);
        access.request_tags(&tags.passed).decide().await?;
    }
    let policies =
        session_policies::read(ctx, account, request.policy, request.policy_arns).await?;
    let packed_policy_size = packed::percentage(policies.as_ref(), &tags.all)?;
    let asked = request.duration_seconds;
    let seconds = match ctx.caller.kind {
        CallerKind::Root => asked.unwrap_or(MOST_OF_ROOT).min(MOST_OF_ROOT),
        _ => asked.unwrap_or(DEFAULT),
    };
    let session = Session {
        issued_millis: ctx.now.whole_secs().millis,
        expires_millis: issuing::end(ctx.now, seconds),
        // Without policies the session has no permissions of its own.
        policies: Some(policies.unwrap_or_default()),
        tags: tags.all,
        ..Session::default()
    };
    let caller = Caller {
        account: account.to_owned(),
        arn,
        user_id: format!("{account}:{}", request.name),
        kind: CallerKind::FederatedUser {
            name: request.name,
            founder_arn: ctx.caller.arn.clone(),
            founder_id: ctx.caller.user_id.clone(),
        },
        access_key_id: String::new(),
        session: Some(Arc::new(session)),
    };
    let federated_user = Some(FederatedUser {
        federated_user_id: Some(caller.user_id.clone()),
        arn: Some(caller.arn.clone()),
    });
    let handed = hand_out(ctx, caller, request.minimum_session_token_size)?;
    Ok(GetFederationTokenResponse {
        credentials: Some(handed.credentials),
        federated_user,
        packed_policy_size,
        session_token_utilization: Some(handed.utilization),
        session_token_size: Some(handed.size),
    })
}

/// The session that is asked for, as a resource.
struct Federated {
    account: String,
    arn: String,
}

impl Resource for Federated {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }
}
