//! The second factor that a request shows: `SerialNumber` and `TokenCode`.

use platform::{Ctx, Error, MfaCode, Result};
use wire::{Common, Fault};

/// Whether the request proves a second factor. One that is shown and does not hold refuses the
/// call.
pub(crate) async fn proved(ctx: &Ctx, serial: Option<&str>, code: Option<&str>) -> Result<bool> {
    let (serial, code) = match (serial, code) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => {
            return Err(refused(
                "must provide both MFA serial number and one time pass code.",
            ));
        }
    };
    let now = ctx.now;
    let (directory, mut txn) = ctx.directory().await;
    let device = MfaCode { serial, code, now };
    if directory.verify_mfa(&mut txn, &ctx.caller, device).await? {
        return Ok(true);
    }
    // Which of the two is wrong is nobody's business.
    Err(refused("with invalid MFA one time pass code."))
}

fn refused(why: &str) -> Error {
    let separator = if why.starts_with("with") { "" } else { "," };
    let message = format!("MultiFactorAuthentication failed{separator} {why}");
    Error::Fault(Fault::common(Common::AccessDenied, message))
}
