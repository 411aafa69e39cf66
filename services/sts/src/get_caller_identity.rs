//! `sts:GetCallerIdentity`: says who signed the request.

use api::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};
use platform::{CallerKind, Ctx, Result};
use wire::{Common, Fault};

pub(crate) async fn get_caller_identity(
    ctx: &Ctx,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse> {
    // AWS answers it even against an explicit denial: the same facts would stand in the refusal
    // (STS API reference, GetCallerIdentity).
    ctx.needs_no_permission();
    let caller = &ctx.caller;
    if caller.kind == CallerKind::Anonymous {
        let message = "Request is missing Authentication Token";
        return Err(Fault::common(Common::MissingAuthenticationToken, message).into());
    }
    Ok(GetCallerIdentityResponse {
        user_id: Some(caller.user_id.clone()),
        account: Some(caller.account.clone()),
        arn: Some(caller.arn.clone()),
    })
}
