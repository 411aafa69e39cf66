//! `ssm:GetParameters`: several parameters by their names.

use api::ssm::{GetParametersRequest, GetParametersResult};
use platform::{Ctx, Error, Result};
use wire::Protocol;

use crate::reading;

pub(crate) async fn get_parameters(
    ctx: &Ctx,
    req: GetParametersRequest,
) -> Result<GetParametersResult> {
    let (mut names, mut found, mut invalid) = (req.names, Vec::new(), Vec::new());
    names.sort();
    names.dedup();
    for name in names {
        match reading::read(ctx, "ssm:GetParameters", &name, req.with_decryption).await {
            Ok(parameter) => found.push(parameter),
            Err(error) if is_missing(&error) => invalid.push(name),
            Err(error) => return Err(error),
        }
    }
    Ok(GetParametersResult {
        parameters: Some(found),
        invalid_parameters: Some(invalid),
    })
}

fn is_missing(error: &Error) -> bool {
    let Error::Fault(fault) = error else {
        return false;
    };
    let code = fault.code(Protocol::Json11);
    matches!(code, "ParameterNotFound" | "ParameterVersionNotFound")
}
