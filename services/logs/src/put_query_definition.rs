//! `logs:PutQueryDefinition`: saves a query, or replaces a saved one.

use api::logs::{PutQueryDefinitionRequest, PutQueryDefinitionResponse};
use platform::{Ctx, Result};

use crate::query_definition::{Parameter, QueryDefinitionRecord};
use crate::{access, query, refusals};

/// The most saved queries of an account and Region (CloudWatch Logs quotas, "Query definitions").
const MOST: usize = 1000;
/// The most log groups of a saved query, as of a query.
const MOST_GROUPS: usize = 50;

pub(crate) async fn put_query_definition(
    ctx: &Ctx,
    req: PutQueryDefinitionRequest,
) -> Result<PutQueryDefinitionResponse> {
    access::everything(ctx, "logs:PutQueryDefinition").await?;
    query::check_language(req.query_language)?;
    if req.log_group_names.len() > MOST_GROUPS {
        let text = format!("A query can search at most {MOST_GROUPS} log groups.");
        return Err(refusals::invalid(text).into());
    }
    let id = match &req.query_definition_id {
        Some(id) => {
            let known = QueryDefinitionRecord::find(ctx, id).await?;
            known.ok_or_else(refusals::no_query_definition)?.id
        }
        None => {
            let known = QueryDefinitionRecord::all(ctx).await?;
            let token = req.client_token.as_ref();
            let same = |known: &&QueryDefinitionRecord| {
                token.is_some() && known.client_token.as_ref() == token
            };
            if let Some(made) = known.iter().find(same) {
                return Ok(answer(&made.id));
            }
            if known.len() >= MOST {
                return Err(refusals::limit_exceeded().into());
            }
            ctx.new_uuid()?
        }
    };
    let answer = answer(&id);
    let parameters = req.parameters.into_iter().map(|parameter| Parameter {
        name: parameter.name,
        default_value: parameter.default_value,
        description: parameter.description,
    });
    let definition = QueryDefinitionRecord {
        id,
        name: req.name,
        text: req.query_string,
        groups: req.log_group_names,
        modified_millis: ctx.now.millis,
        client_token: req.client_token,
        parameters: parameters.collect(),
    };
    definition.put(ctx).await;
    Ok(answer)
}

fn answer(id: &str) -> PutQueryDefinitionResponse {
    PutQueryDefinitionResponse {
        query_definition_id: Some(id.to_owned()),
    }
}
