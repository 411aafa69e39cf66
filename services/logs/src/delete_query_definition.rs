//! `logs:DeleteQueryDefinition`: deletes a saved query.

use api::logs::{DeleteQueryDefinitionRequest, DeleteQueryDefinitionResponse};
use platform::{Ctx, Result};

use crate::query_definition::QueryDefinitionRecord;
use crate::{access, refusals};

pub(crate) async fn delete_query_definition(
    ctx: &Ctx,
    req: DeleteQueryDefinitionRequest,
) -> Result<DeleteQueryDefinitionResponse> {
    access::everything(ctx, "logs:DeleteQueryDefinition").await?;
    let known = QueryDefinitionRecord::find(ctx, &req.query_definition_id).await?;
    let known = known.ok_or_else(refusals::no_query_definition)?;
    known.delete(ctx).await;
    Ok(DeleteQueryDefinitionResponse {
        success: Some(true),
    })
}
