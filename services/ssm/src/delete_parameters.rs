//! `ssm:DeleteParameters`: deletes several parameters.

use api::ssm::{DeleteParametersRequest, DeleteParametersResult};
use platform::{Ctx, Result};

use crate::deleting;

pub(crate) async fn delete_parameters(
    ctx: &Ctx,
    req: DeleteParametersRequest,
) -> Result<DeleteParametersResult> {
    let (mut deleted, mut invalid) = (Vec::new(), Vec::new());
    for name in req.names {
        let is_deleted = deleting::delete(ctx, "ssm:DeleteParameters", &name).await?;
        match is_deleted {
            true => deleted.push(name),
            false => invalid.push(name),
        }
    }
    Ok(DeleteParametersResult {
        deleted_parameters: Some(deleted),
        invalid_parameters: Some(invalid),
    })
}
