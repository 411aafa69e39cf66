//! From a session to the members of an answer.

use api::sts::Credentials;
use platform::{Caller, Ctx, Issued, Result};
use wire::Timestamp;
use zeroize::Zeroizing;

/// Credentials with what an answer says of them.
pub(crate) struct Handed {
    /// The credentials.
    pub(crate) credentials: Credentials,
    /// `SessionTokenSize`, in bytes.
    pub(crate) size: i32,
    /// `SessionTokenUtilization`, in percent.
    pub(crate) utilization: i32,
}

/// Issues credentials for `caller`; `least` is `MinimumSessionTokenSize`.
pub(crate) fn hand_out(ctx: &Ctx, caller: Caller, least: Option<i32>) -> Result<Handed> {
    let least = least.and_then(|least| usize::try_from(least).ok());
    let issued = ctx.issue(caller, least.unwrap_or_default())?;
    let size = i32::try_from(issued.token_size()).unwrap_or(i32::MAX);
    let utilization = i32::try_from(issued.token_utilization()).unwrap_or(100);
    Ok(Handed {
        credentials: shown(issued),
        size,
        utilization,
    })
}

fn shown(issued: Issued) -> Credentials {
    // AWS ends sessions at whole seconds, and its SDKs read no fractions.
    Credentials {
        expiration: Some(issued.expiration.whole_secs()),
        secret_access_key: Some(Zeroizing::new(issued.secret_access_key.expose().clone())),
        session_token: Some(issued.session_token.expose().clone()),
        access_key_id: Some(issued.access_key_id),
    }
}

/// When a session that begins now and lasts for `seconds` ends, in milliseconds since 1970.
pub(crate) fn end(now: Timestamp, seconds: i32) -> i64 {
    let begin = now.whole_secs().millis;
    begin.saturating_add(i64::from(seconds).saturating_mul(1000))
}
