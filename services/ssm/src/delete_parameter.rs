//! `ssm:DeleteParameter`: deletes a parameter with all of its versions.

use api::ssm::{DeleteParameterRequest, DeleteParameterResult};
use platform::{Ctx, Result};

use crate::{deleting, names, refusals};

pub(crate) async fn delete_parameter(
    ctx: &Ctx,
    req: DeleteParameterRequest,
) -> Result<DeleteParameterResult> {
    names::check_unreserved(&req.name)?;
    match deleting::delete(ctx, "ssm:DeleteParameter", &req.name).await? {
        true => Ok(DeleteParameterResult {}),
        false => Err(refusals::no_parameter().into()),
    }
}
