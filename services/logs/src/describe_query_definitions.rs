//! `logs:DescribeQueryDefinitions`: lists saved queries.

use api::logs::{DescribeQueryDefinitionsRequest, DescribeQueryDefinitionsResponse, QueryLanguage};
use platform::{Ctx, Result};

use crate::query_definition::QueryDefinitionRecord;
use crate::{access, names};

/// The most saved queries of a page (DescribeQueryDefinitions, `maxResults`).
const MOST: usize = 1000;

pub(crate) async fn describe_query_definitions(
    ctx: &Ctx,
    req: DescribeQueryDefinitionsRequest,
) -> Result<DescribeQueryDefinitionsResponse> {
    access::everything(ctx, "logs:DescribeQueryDefinitions").await?;
    let prefix = req.query_definition_name_prefix.as_deref();
    let is_spoken = |wanted| wanted == QueryLanguage::Cwli;
    let mut known = QueryDefinitionRecord::all(ctx).await?;
    known.retain(|known| {
        prefix.is_none_or(|prefix| known.name.starts_with(prefix))
            && req.query_language.is_none_or(is_spoken)
    });
    let (page, next_token) = names::page_of(
        known,
        |known| format!("{}\n{}", known.name, known.id),
        req.next_token.as_deref(),
        (req.max_results, MOST),
    )?;
    let shown = page.into_iter().map(QueryDefinitionRecord::shown);
    Ok(DescribeQueryDefinitionsResponse {
        query_definitions: Some(shown.collect()),
        next_token,
    })
}
