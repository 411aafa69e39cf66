//! `ssm:GetParameter`: one parameter, or one version of it.

use api::ssm::{GetParameterRequest, GetParameterResult};
use platform::{Ctx, Result};

use crate::reading;

pub(crate) async fn get_parameter(
    ctx: &Ctx,
    req: GetParameterRequest,
) -> Result<GetParameterResult> {
    let found = reading::read(ctx, "ssm:GetParameter", &req.name, req.with_decryption).await?;
    Ok(GetParameterResult {
        parameter: Some(found),
    })
}
