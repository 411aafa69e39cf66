//! `sts:GetSessionToken`: temporary credentials of the calling user itself, with a second factor if
//! it shows one.

use std::sync::Arc;

use api::sts::{GetSessionTokenRequest, GetSessionTokenResponse};
use platform::{Caller, CallerKind, Ctx, Result, Session};

use crate::issuing::{self, hand_out};
use crate::second_factor;

/// The default for users: 12 hours, in seconds.
const DEFAULT: i32 = 43_200;
/// What a root user gets at most: one hour.
const MOST_OF_ROOT: i32 = 3600;

pub(crate) async fn get_session_token(
    ctx: &Ctx,
    request: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse> {
    // Policies do not control authentication ("Permissions for GetSessionToken", IAM user guide).
    // Temporary credentials were refused before: nothing is minted from what will end.
    ctx.needs_no_permission();
    let (serial, code) = (&request.serial_number, &request.token_code);
    let proved = second_factor::proved(ctx, serial.as_deref(), code.as_deref()).await?;
    let now = ctx.now.whole_secs().millis;
    let asked = request.duration_seconds;
    let seconds = match ctx.caller.kind {
        CallerKind::Root => asked.unwrap_or(MOST_OF_ROOT).min(MOST_OF_ROOT),
        _ => asked.unwrap_or(DEFAULT),
    };
    let caller = Caller {
        session: Some(Arc::new(Session {
            issued_millis: now,
            expires_millis: issuing::end(ctx.now, seconds),
            mfa_millis: proved.then_some(now),
            ..Session::default()
        })),
        ..Caller::clone(&ctx.caller)
    };
    let handed = hand_out(ctx, caller, request.minimum_session_token_size)?;
    Ok(GetSessionTokenResponse {
        credentials: Some(handed.credentials),
        session_token_utilization: Some(handed.utilization),
        session_token_size: Some(handed.size),
    })
}
