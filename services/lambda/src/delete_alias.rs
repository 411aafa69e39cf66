//! `lambda:DeleteAlias`: deletes an alias, with its policy and what is configured of its events. One
//! that is not there is deleted already.

use api::lambda::DeleteAliasRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::function::{AliasRecord, EventInvokeRecord, PolicyRecord};
use crate::{access, alias};

pub(crate) async fn delete_alias(ctx: &Ctx, req: DeleteAliasRequest) -> Result<Empty> {
    let function = access::function(ctx, "lambda:DeleteAlias", &req.function_name, None).await?;
    alias::check_name(&req.name)?;
    let key = AliasRecord::key(&function.place, &req.name);
    ctx.delete::<AliasRecord>(&key).await;
    ctx.delete::<PolicyRecord>(&key).await;
    ctx.delete::<EventInvokeRecord>(&key).await;
    Ok(Empty)
}
